"""The announced years out of `chinesecalendar`, into our table."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays

from lifeops.workdays.calendar import forget_calendar
from lifeops.workdays.models import CalendarDay

FIRST = 2019


def load_defaults() -> int:
    """Add the days that are missing; days that were edited stay. Returns how many were added."""
    last = max(day.year for day in holidays)
    known = set(CalendarDay.objects.values_list("day", flat=True))
    day, rows = date(FIRST, 1, 1), []
    while day.year <= last:
        if day not in known:
            off, name = chinese_calendar.get_holiday_detail(day)
            rows.append(CalendarDay(day=day, is_workday=chinese_calendar.is_workday(day), name=(name or "") if off else ""))
        day += timedelta(days=1)
    CalendarDay.objects.bulk_create(rows, batch_size=1000)
    forget_calendar()
    return len(rows)
