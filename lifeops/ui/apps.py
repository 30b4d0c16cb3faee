from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "lifeops.ui"
    label = "ui"
    verbose_name = "界面"
