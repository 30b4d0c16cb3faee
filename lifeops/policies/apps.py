from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "lifeops.policies"
    label = "policies"
    verbose_name = "产品、客户与保单"
