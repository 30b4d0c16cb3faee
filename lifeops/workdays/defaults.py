"""The announced years out of `chinesecalendar`, into our table."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import Holiday, holidays, workdays

from lifeops.workdays.calendar import forget_calendar
from lifeops.workdays.models import CalendarDay

FIRST = date(2004, 1, 1)
NAMES = {
    Holiday.new_years_day.value: "元旦",
    Holiday.spring_festival.value: "春节",
    Holiday.tomb_sweeping_day.value: "清明节",
    Holiday.labour_day.value: "劳动节",
    Holiday.dragon_boat_festival.value: "端午节",
    Holiday.national_day.value: "国庆节",
    Holiday.mid_autumn_festival.value: "中秋节",
    Holiday.anti_fascist_70th_day.value: "抗战胜利70周年纪念日",
}


def load_defaults() -> int:
    """Add the days that are missing, 2004 to the library's last year; edited days stay. Returns how many were added."""
    end = date(max(day.year for day in holidays), 12, 31)
    known = set(CalendarDay.objects.order_by().values_list("day", flat=True))
    days = (FIRST + timedelta(days=n) for n in range((end - FIRST).days + 1))
    rows = [
        CalendarDay(day=day, is_workday=chinese_calendar.is_workday(day), name=name_of(day))
        for day in days
        if day not in known
    ]
    CalendarDay.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    forget_calendar()
    return len(rows)


def name_of(day: date) -> str:
    """节假日名称, with 调休上班 on make-up days; empty on plain days."""
    if day in workdays:
        return f"{NAMES.get(workdays[day], '')}调休上班"
    return NAMES.get(holidays[day], "") if day in holidays else ""
