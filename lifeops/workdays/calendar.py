"""The calendar as the table says, cached per process; a missing year is an alarm and a conservative answer."""

from __future__ import annotations

import logging
import time
from calendar import isleap
from collections import Counter
from datetime import date

from lifeops.workdays.arithmetic import WorkCalendar

logger = logging.getLogger(__name__)
_SECONDS = 60.0
_held: tuple[float, WorkCalendar] | None = None
_alarmed: set[int] = set()


class AlarmedCalendar(WorkCalendar):
    """Says once per process and year that a year is missing."""

    def is_workday(self, day: date) -> bool:
        if day.year not in self.years and day.year not in _alarmed:
            _alarmed.add(day.year)
            logger.warning("工作日历缺少 %s 年，暂按周一至周五推算；请尽快装入", day.year)
        return super().is_workday(day)


def get_calendar() -> WorkCalendar:
    """The calendar in force; an edit in this process shows at once, one in another process within a minute."""
    global _held
    held = _held
    if held is None or time.monotonic() - held[0] > _SECONDS:
        held = _held = (time.monotonic(), _load())
    return held[1]


def forget_calendar() -> None:
    """Drop the cached calendar after a change of the table."""
    global _held
    _held = None


def _load() -> AlarmedCalendar:
    """A year counts as covered only when each of its days has a row: one single day entered silences no alarm."""
    from lifeops.workdays.models import CalendarDay

    exceptions: dict[date, bool] = {}
    days: Counter[int] = Counter()
    for day, works in CalendarDay.objects.order_by().values_list("day", "is_workday"):
        days[day.year] += 1
        if works != (day.weekday() < 5):
            exceptions[day] = works
    whole = frozenset(year for year, count in days.items() if count == 365 + isleap(year))
    return AlarmedCalendar(exceptions=exceptions, years=whole)
