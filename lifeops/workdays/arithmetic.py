"""工作日 arithmetic, pure: exceptions to Monday–Friday and the years they are known for (convention C-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
#: Office hours of a working day: 3 + 4 = 7 hours.
HOURS = ((time(9, 0), time(12, 0)), (time(13, 30), time(17, 30)))


@dataclass(frozen=True)
class WorkCalendar:
    """`exceptions` maps days that differ from Monday–Friday; a year outside `years` is answered Monday–Friday.

    That is the conservative answer for a period that binds the insurer: a holiday not known yet only makes the true
    due day later. A make-up day at a weekend can make it earlier by that day, so a missing year is always an alarm.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_covered(self, year: int) -> bool:
        """True when every day of the year is in the table."""
        return year in self.years

    def missing_years(self, first: date, last: date) -> list[int]:
        """Years of the range that no table covers."""
        return [y for y in range(first.year, last.year + 1) if not self.is_covered(y)]

    def is_workday(self, day: date) -> bool:
        found = self.exceptions.get(day)
        return day.weekday() < 5 if found is None else found

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which itself is not counted (C-01); n = 0 gives `day`."""
        if n < 0:
            raise ValueError("n < 0")
        while n > 0:
            day += timedelta(days=1)
            if self.is_workday(day):
                n -= 1
        return day

    def workdays_between(self, first: date, last: date) -> int:
        """Working days d with first < d ≤ last (C-01); 0 when `last` is not after `first`."""
        return sum(self.is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))

    def next_workday(self, day: date) -> date:
        """`day` itself when it is a working day, else the first one after it."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Office hours of a day as aware moments; none on a rest day."""
        if not self.is_workday(day):
            return []
        return [(datetime.combine(day, a, CHINA), datetime.combine(day, b, CHINA)) for a, b in HOURS]

    def working_minutes(self, day: date) -> int:
        """Office minutes of a day: 420, or 0 on a rest day."""
        return sum(int((end - start).total_seconds()) // 60 for start, end in self.spans(day))

    def working_time(self, since: datetime, until: datetime) -> timedelta:
        """Office time between two moments."""
        total, day = timedelta(), since.astimezone(CHINA).date()
        last = until.astimezone(CHINA).date()
        while day <= last:
            for start, end in self.spans(day):
                total += max(timedelta(), min(end, until) - max(start, since))
            day += timedelta(days=1)
        return total

    def add_work_hours(self, moment: datetime, hours: int | Decimal) -> datetime:
        """The moment at which `hours` of office time have passed since `moment`; 0 gives `moment`."""
        left, day = timedelta(seconds=int(hours * 3600)), moment.astimezone(CHINA).date()
        if left < timedelta():
            raise ValueError("hours < 0")
        if not left:
            return moment
        while True:
            for start, end in self.spans(day):
                begin = max(start, moment)
                room = end - begin
                if room <= timedelta():
                    continue
                if left <= room:
                    return begin.astimezone(CHINA) + left
                left -= room
            day += timedelta(days=1)
