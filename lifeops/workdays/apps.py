from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete, post_save


class WorkdaysConfig(AppConfig):
    name = "lifeops.workdays"
    label = "workdays"
    verbose_name = "工作日历"

    def ready(self) -> None:
        from lifeops.workdays import checks  # noqa: F401

        model = self.get_model("CalendarDay")
        for signal in (post_save, post_delete):
            signal.connect(table_changed, sender=model, dispatch_uid="workdays_table_changed")


def table_changed(**kwargs: Any) -> None:
    """Forget at once for this transaction, and again once others can see the change."""
    from lifeops.workdays.calendar import forget_calendar

    forget_calendar()
    transaction.on_commit(forget_calendar, using=kwargs["using"])
