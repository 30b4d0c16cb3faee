from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "lifeops.reference"
    verbose_name = "参考数据"
