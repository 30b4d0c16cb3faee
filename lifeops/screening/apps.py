from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "lifeops.screening"
    label = "screening"
    verbose_name = "名单核查"
