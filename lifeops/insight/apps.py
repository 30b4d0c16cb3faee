from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "lifeops.insight"
    label = "insight"
    verbose_name = "运营看板"
