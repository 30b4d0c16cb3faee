from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "lifeops.org"
    label = "org"
    verbose_name = "机构与岗位"
