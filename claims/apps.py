from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "claims"
    label = "claims"
    verbose_name = "理赔"

    def ready(self) -> None:
        from claims.desk import LINE
        from lifeops.cases.registry import register_line
        from lifeops.policies.services.ended import on_settled

        register_line(LINE)
        on_settled("claims.supplement.found")
