from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "lifeops.cases"
    label = "cases"
    verbose_name = "案件"

    def ready(self) -> None:
        from lifeops.cases import checks  # noqa: F401  system checks register on import
