from django.apps import AppConfig
from django.conf import settings


class AdministrationConfig(AppConfig):
    name = "lifeops.administration"
    label = "administration"
    verbose_name = "运营管理"

    def ready(self) -> None:
        from lifeops.administration.catalogue import compile_catalogue

        compile_catalogue(settings.LOCALE_SOURCE, settings.LOCALE_PATHS[0])
