from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "lifeops.notices"
    label = "notices"
    verbose_name = "通知"
