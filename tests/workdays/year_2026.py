"""The State Council's calendar of 2026 as a value, so that pure tests need no table."""

from __future__ import annotations

from datetime import date, timedelta

from lifeops.workdays.arithmetic import WorkCalendar

BLOCKS = [((1, 1), 3), ((2, 15), 9), ((4, 4), 3), ((5, 1), 5), ((6, 19), 3), ((9, 25), 3), ((10, 1), 7)]
MAKE_UP = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]
RESTS = [date(2026, *first) + timedelta(days=n) for first, length in BLOCKS for n in range(length)]
CALENDAR = WorkCalendar(
    exceptions=dict.fromkeys(RESTS, False) | {date(2026, month, day): True for month, day in MAKE_UP},
    years=frozenset({2026}),
)
