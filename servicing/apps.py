from django.apps import AppConfig


class ServicingConfig(AppConfig):
    name = "servicing"
    label = "servicing"
    verbose_name = "保全"

    def ready(self) -> None:
        from lifeops.cases.registry import register_line
        from servicing.desk import LINE

        register_line(LINE)
