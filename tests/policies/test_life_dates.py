"""Dates of a policy's life, row by row, to be checked by hand against a calendar (C-01, C-05, C-07, C-08; facts 3.5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lifeops.policies.rules.dates import (
    age_on,
    anniversary,
    cooling_off_end,
    due_date,
    grace_end,
    lapse_on,
    last_cover_day,
    policy_year,
    premium_standing,
    reinstatement_end,
)
from lifeops.policies.rules.life import LifeFacts, next_step
from tests.workdays.year_2026 import CALENDAR


def d(text: str) -> date:
    return date.fromisoformat(text)


def weekdays(day: date) -> bool:
    """Mondays to Fridays, but for the national days of 2026."""
    return day.weekday() < 5 and not date(2026, 10, 1) <= day <= date(2026, 10, 7)


# signed for; last day of 15 days; a rest day runs on to the next working day
COOLING_OFF = """
2026-01-01 2026-01-16
2026-01-02 2026-01-19
2026-01-03 2026-01-19
2026-01-04 2026-01-19
2026-01-05 2026-01-20
2026-01-16 2026-02-02
2026-01-17 2026-02-02
2026-01-31 2026-02-16
2026-02-13 2026-03-02
2026-02-14 2026-03-02
2026-02-15 2026-03-02
2026-02-16 2026-03-03
2026-03-31 2026-04-15
2026-04-30 2026-05-15
2026-05-01 2026-05-18
2026-06-12 2026-06-29
2026-06-15 2026-06-30
2026-07-31 2026-08-17
2026-08-31 2026-09-15
2026-09-15 2026-09-30
2026-09-16 2026-10-08
2026-09-17 2026-10-08
2026-09-22 2026-10-08
2026-09-23 2026-10-08
2026-09-24 2026-10-09
2026-12-16 2026-12-31
2026-12-17 2027-01-01
2028-02-14 2028-02-29
2028-02-15 2028-03-01
2027-02-14 2027-03-01
"""
# the same by the calendar of 2026: holidays are rest days, a Saturday or Sunday that is worked is none
COOLING_OFF_2026 = """
2025-12-17 2026-01-04
2025-12-20 2026-01-04
2026-01-30 2026-02-14
2026-01-31 2026-02-24
2026-02-08 2026-02-24
2026-02-13 2026-02-28
2026-02-14 2026-03-02
2026-03-20 2026-04-07
2026-04-16 2026-05-06
2026-04-24 2026-05-09
2026-04-25 2026-05-11
2026-06-04 2026-06-22
2026-09-05 2026-09-20
2026-09-10 2026-09-28
2026-09-16 2026-10-08
2026-09-25 2026-10-10
2026-09-26 2026-10-12
"""
# due; last day of 60 days' grace; first suspended day
GRACE = """
2026-01-01 2026-03-02 2026-03-03
2026-01-31 2026-04-01 2026-04-02
2026-02-28 2026-04-29 2026-04-30
2026-03-01 2026-04-30 2026-05-01
2026-03-03 2026-05-02 2026-05-03
2026-03-31 2026-05-30 2026-05-31
2026-04-01 2026-05-31 2026-06-01
2026-04-30 2026-06-29 2026-06-30
2026-05-31 2026-07-30 2026-07-31
2026-06-30 2026-08-29 2026-08-30
2026-07-01 2026-08-30 2026-08-31
2026-07-31 2026-09-29 2026-09-30
2026-08-31 2026-10-30 2026-10-31
2026-09-30 2026-11-29 2026-11-30
2026-10-31 2026-12-30 2026-12-31
2026-11-01 2026-12-31 2027-01-01
2026-11-02 2027-01-01 2027-01-02
2026-11-30 2027-01-29 2027-01-30
2026-12-31 2027-03-01 2027-03-02
2027-12-31 2028-02-29 2028-03-01
2028-01-01 2028-03-01 2028-03-02
2028-01-31 2028-03-31 2028-04-01
2028-02-28 2028-04-28 2028-04-29
2028-02-29 2028-04-29 2028-04-30
2027-02-28 2027-04-29 2027-04-30
"""
# suspended from; last day to apply for reinstatement
WINDOW = """
2026-03-02 2028-03-02
2026-03-03 2028-03-03
2026-03-04 2028-03-06
2026-03-05 2028-03-06
2026-03-06 2028-03-06
2024-02-29 2026-03-02
2024-02-28 2026-03-02
2024-03-01 2026-03-02
2024-03-02 2026-03-02
2024-10-01 2026-10-08
2024-10-05 2026-10-08
2024-10-07 2026-10-08
2024-10-08 2026-10-08
2024-10-09 2026-10-09
2024-10-10 2026-10-12
2026-02-28 2028-02-28
2026-12-31 2029-01-01
2027-01-01 2029-01-01
2027-05-03 2029-05-03
2028-02-29 2030-02-28
"""
# effective; anniversary number; its day
ANNIVERSARIES = """
2024-02-29 1 2025-02-28
2024-02-29 2 2026-02-28
2024-02-29 3 2027-02-28
2024-02-29 4 2028-02-29
2024-02-29 5 2029-02-28
2024-02-29 8 2032-02-29
2024-02-29 76 2100-02-28
2023-02-28 1 2024-02-28
2023-02-28 2 2025-02-28
2024-02-28 1 2025-02-28
2024-03-01 1 2025-03-01
2023-03-01 1 2024-03-01
2026-01-31 1 2027-01-31
2026-04-30 1 2027-04-30
2026-12-31 1 2027-12-31
2026-12-31 2 2028-12-31
2026-01-01 1 2027-01-01
2026-01-01 10 2036-01-01
2026-06-15 20 2046-06-15
2026-03-03 0 2026-03-03
"""
# effective; mode; instalment from 0; due
INSTALMENTS = """
2026-01-31 monthly 0 2026-01-31
2026-01-31 monthly 1 2026-02-28
2026-01-31 monthly 2 2026-03-31
2026-01-31 monthly 3 2026-04-30
2026-01-31 monthly 4 2026-05-31
2026-01-31 monthly 5 2026-06-30
2026-01-31 monthly 12 2027-01-31
2026-01-31 monthly 13 2027-02-28
2026-01-31 monthly 25 2028-02-29
2026-01-31 monthly 26 2028-03-31
2026-01-30 monthly 1 2026-02-28
2026-01-30 monthly 2 2026-03-30
2026-01-29 monthly 1 2026-02-28
2028-01-29 monthly 1 2028-02-29
2026-01-28 monthly 1 2026-02-28
2026-12-31 monthly 2 2027-02-28
2026-11-30 quarterly 1 2027-02-28
2026-11-30 quarterly 2 2027-05-30
2026-11-30 quarterly 3 2027-08-30
2026-11-30 quarterly 4 2027-11-30
2027-11-30 quarterly 1 2028-02-29
2026-08-31 quarterly 1 2026-11-30
2026-08-31 quarterly 2 2027-02-28
2026-08-31 semiannual 1 2027-02-28
2026-08-31 semiannual 2 2027-08-31
2027-08-31 semiannual 1 2028-02-29
2026-08-30 semiannual 1 2027-02-28
2026-08-29 semiannual 1 2027-02-28
2026-03-31 semiannual 1 2026-09-30
2024-02-29 annual 1 2025-02-28
2024-02-29 annual 4 2028-02-29
2026-10-31 monthly 1 2026-11-30
2026-05-31 monthly 1 2026-06-30
2026-07-31 monthly 1 2026-08-31
2026-12-15 monthly 1 2027-01-15
"""
# born; day; completed years
AGES = """
2008-05-17 2026-05-16 17
2008-05-17 2026-05-17 18
2008-05-17 2026-05-18 18
2018-05-17 2026-05-16 7
2018-05-17 2026-05-17 8
2016-05-17 2026-05-16 9
2016-05-17 2026-05-17 10
2008-02-29 2026-02-27 17
2008-02-29 2026-02-28 18
2008-02-29 2026-03-01 18
2008-02-29 2028-02-28 19
2008-02-29 2028-02-29 20
2000-02-29 2100-02-28 100
2000-01-01 2000-12-31 0
2000-01-01 2001-01-01 1
1999-12-31 2000-12-30 0
1999-12-31 2000-12-31 1
1966-06-30 2026-06-29 59
1966-06-30 2026-06-30 60
1966-06-30 2026-07-01 60
2026-03-03 2026-03-03 0
2026-03-04 2026-03-03 -1
2026-03-03 2027-03-02 0
2026-03-03 2027-03-03 1
1986-05-17 2026-03-03 39
"""
# effective; day; policy year
YEARS = """
2026-03-03 2026-03-03 1
2026-03-03 2027-03-02 1
2026-03-03 2027-03-03 2
2026-03-03 2028-03-02 2
2026-03-03 2028-03-03 3
2024-02-29 2025-02-27 1
2024-02-29 2025-02-28 2
2024-02-29 2026-02-27 2
2024-02-29 2026-02-28 3
2024-02-29 2028-02-28 4
2024-02-29 2028-02-29 5
2026-12-31 2027-12-30 1
2026-12-31 2027-12-31 2
2026-01-01 2026-12-31 1
2026-01-01 2027-01-01 2
"""
# effective; term; entry age; last day of cover
TERMS = """
2026-03-03 1Y 40 2027-03-02
2026-03-03 20Y 40 2046-03-02
2026-03-01 1Y 40 2027-02-28
2027-03-01 1Y 40 2028-02-29
2024-02-29 1Y 40 2025-02-27
2024-02-29 4Y 40 2028-02-28
2026-01-01 1Y 40 2026-12-31
2026-12-31 1Y 40 2027-12-30
2026-03-03 TO_70 40 2056-03-02
2026-03-03 TO_70 69 2027-03-02
2024-02-29 TO_70 40 2054-02-27
2026-05-31 10Y 30 2036-05-30
"""
# next due date; day; standing with 60 days of grace
STANDINGS = """
2026-03-03 2026-03-02 paid
2026-03-03 2026-03-03 paid
2026-03-03 2026-03-04 in_grace
2026-03-03 2026-05-02 in_grace
2026-03-03 2026-05-03 lapsed
2027-12-31 2028-01-01 in_grace
2027-12-31 2028-02-29 in_grace
2027-12-31 2028-03-01 lapsed
2028-02-29 2028-02-29 paid
2028-02-29 2028-03-01 in_grace
2028-02-29 2028-04-29 in_grace
2028-02-29 2028-04-30 lapsed
"""
# status; next due; written as receivable; what comes next and when, for a policy of 2026-03-03 in its second year
NEXT = """
in_force 2027-06-03 - due 2027-06-03
in_force 2027-06-03 open grace 2027-06-04
grace 2027-06-03 open grace_end 2027-08-03
apl 2027-06-03 open grace 2027-06-04
apl 2027-06-03 - due 2027-06-03
waived 2027-06-03 - due 2027-06-03
paid_up - - anniversary 2028-03-03
in_force - - anniversary 2028-03-03
lapsed 2027-06-03 - anniversary 2028-03-03
in_force 2028-03-03 - anniversary 2028-03-03
in_force 2028-03-04 - anniversary 2028-03-03
"""


def rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(line.split()) for line in table.strip().splitlines()]


TABLES = (COOLING_OFF, COOLING_OFF_2026, GRACE, WINDOW, ANNIVERSARIES, INSTALMENTS, AGES, YEARS, TERMS, STANDINGS, NEXT)


def test_there_are_two_hundred_rows_and_each_is_said_once():
    assert sum(len(rows(t)) for t in TABLES) >= 200
    assert all(len(set(rows(t))) == len(rows(t)) for t in TABLES)


@pytest.mark.parametrize(("signed", "last"), rows(COOLING_OFF))
def test_cooling_off(signed, last):
    assert cooling_off_end(d(signed), 15, weekdays) == d(last)


@pytest.mark.parametrize(("signed", "last"), rows(COOLING_OFF_2026))
def test_cooling_off_by_the_calendar_of_2026(signed, last):
    assert cooling_off_end(d(signed), 15, CALENDAR.is_workday) == d(last)


@pytest.mark.parametrize(("due", "last", "lapsed"), rows(GRACE))
def test_grace_and_suspension(due, last, lapsed):
    assert (grace_end(d(due), 60), lapse_on(d(due), 60)) == (d(last), d(lapsed))


@pytest.mark.parametrize(("lapsed", "last"), rows(WINDOW))
def test_reinstatement_window(lapsed, last):
    assert reinstatement_end(d(lapsed), weekdays) == d(last)


@pytest.mark.parametrize(("effective", "number", "day"), rows(ANNIVERSARIES))
def test_anniversaries(effective, number, day):
    assert anniversary(d(effective), int(number)) == d(day)


@pytest.mark.parametrize(("effective", "mode", "number", "day"), rows(INSTALMENTS))
def test_due_dates(effective, mode, number, day):
    assert due_date(d(effective), mode, int(number)) == d(day)


@pytest.mark.parametrize(("born", "day", "age"), rows(AGES))
def test_completed_years(born, day, age):
    assert age_on(d(born), d(day)) == int(age)


@pytest.mark.parametrize(("effective", "day", "year"), rows(YEARS))
def test_policy_years(effective, day, year):
    assert policy_year(d(effective), d(day)) == int(year)


@pytest.mark.parametrize(("effective", "term", "age", "last"), rows(TERMS))
def test_last_day_of_cover(effective, term, age, last):
    assert last_cover_day(d(effective), term, int(age)) == d(last)


@pytest.mark.parametrize(("due", "day", "state"), rows(STANDINGS))
def test_standing_of_the_premium(due, day, state):
    assert premium_standing(d(due), d(day), 60).state == state


@pytest.mark.parametrize(("status", "due", "written", "kind", "day"), rows(NEXT))
def test_what_comes_next(status, due, written, kind, day):
    paid_to = None if due == "-" else d(due)
    step = next_step(
        LifeFacts(
            status=status, effective_on=date(2026, 3, 3), grace_days=60, paid_to=paid_to,
            open_due=paid_to if written == "open" else None, years_done=1,
        )
    )
    assert step is not None and (step.kind, step.on) == (kind, d(day))


def test_nothing_comes_after_the_end():
    assert next_step(LifeFacts(status="terminated", effective_on=date(2026, 3, 3), grace_days=60)) is None


@pytest.mark.parametrize("gone", range(0, 400, 37))
def test_cover_of_a_year_and_its_anniversary_meet(gone):
    start = date(2024, 1, 15) + timedelta(days=gone)
    assert last_cover_day(start, "1Y", 30) == anniversary(start, 1) - timedelta(days=1)
