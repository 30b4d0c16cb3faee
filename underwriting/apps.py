from django.apps import AppConfig


class UnderwritingConfig(AppConfig):
    name = "underwriting"
    label = "underwriting"
    verbose_name = "新契约"

    def ready(self) -> None:
        from lifeops.cases.registry import register_line
        from underwriting.desk import LINE

        register_line(LINE)
