from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "archive"
    label = "archive"
    verbose_name = "作业后"

    def ready(self) -> None:
        from archive.desk import DESK
        from lifeops.cases.registry import register_desk

        register_desk(DESK)
