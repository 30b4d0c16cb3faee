"""W001: a year that begins within 60 days, or has begun, is not in the calendar table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError
from django.utils import timezone

from lifeops.workdays.arithmetic import WorkCalendar

NOTICE_DAYS = 60


def years_to_load(calendar: WorkCalendar, today: date) -> list[int]:
    """Years needed within 60 days that the table does not cover."""
    return calendar.missing_years(today, today + timedelta(days=NOTICE_DAYS))


@register(Tags.database)
def calendar_is_loaded(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Runs with `check --database default` and before `migrate`; silent while the table does not exist yet."""
    from lifeops.workdays.calendar import _load

    if "default" not in (databases or ()):
        return []
    try:
        calendar = _load()
    except DatabaseError:
        return []
    return [
        Warning(
            f"工作日历缺少 {year} 年，该年时效暂按周一至周五推算",
            hint="国务院公布放假安排后执行 manage.py load_calendar --csv 文件",
            id="workdays.W001",
        )
        for year in years_to_load(calendar, timezone.localdate())
    ]
