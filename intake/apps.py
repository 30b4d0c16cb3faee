from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    label = "intake"
    verbose_name = "作业前"

    def ready(self) -> None:
        from intake.desk import DESK
        from lifeops.cases.registry import register_desk

        register_desk(DESK)
