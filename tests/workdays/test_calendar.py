"""Working days are the State Council's: make-up days count, holidays do not, a missing year alarms and answers."""

from __future__ import annotations

import csv
import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeops.cases.timing import Limit, Segment, evaluate
from lifeops.workdays.arithmetic import CHINA, WorkCalendar
from lifeops.workdays.calendar import forget_calendar, get_calendar

#: 2026 around National Day: make-up Saturday 10-10, rest 10-01 to 10-07, make-up Sunday 09-20.
CALENDAR = WorkCalendar(
    exceptions={date(2026, 10, d): False for d in range(1, 8) if date(2026, 10, d).weekday() < 5}
    | {date(2026, 10, 10): True, date(2026, 9, 20): True},
    years=frozenset({2026}),
)


def at(day, hour=10):
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)


def test_start_day_is_not_counted_and_holidays_are_skipped():
    assert CALENDAR.add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert CALENDAR.add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)


def test_days_while_the_customer_holds_the_case_are_not_counted():
    start, given_out, back = at(date(2026, 6, 1)), at(date(2026, 6, 2)), at(date(2026, 6, 4))
    segments = [Segment("hq", start, given_out), Segment("customer", given_out, back), Segment("hq", back, None)]
    limit = Limit(5, "WD", frozenset({"customer"}))
    found = evaluate(limit, start, segments, CALENDAR, at(date(2026, 6, 5)))
    # 2 June counts, 3 and 4 June are the customer's; then 5, 8, 9, 10 June
    assert found.due_on == date(2026, 6, 10)
    assert found.used == 2
    assert sum(row.counted for row in found.rows) == found.used


def test_last_day_on_a_rest_day_stays_for_the_insurer_and_legally_rolls():
    found = evaluate(Limit(3, "ND"), at(date(2026, 6, 4)), [], CALENDAR, at(date(2026, 6, 4)))
    assert (found.due_on, found.legal_due_on) == (date(2026, 6, 7), date(2026, 6, 8))


def test_hours_run_in_office_hours_only():
    found = evaluate(Limit(8, "WH"), at(date(2026, 6, 5), 16), [], CALENDAR, at(date(2026, 6, 5), 16))
    # Friday 16:00 to 17:30, the rest on Monday
    assert found.due_at == datetime(2026, 6, 8, 17, 0, tzinfo=CHINA)


def oracle(amount, working, start, spans, off_party, now):
    """Another way to the same answer: list every day, strike out, take the n-th."""
    days = [start.date() + timedelta(days=n) for n in range(1, 900)]
    if working:
        days = [d for d in days if CALENDAR.is_workday(d)]
    for party, since, until in spans:
        if party == off_party:
            end = until or max(now, since)
            if end > start:
                low, high = max(since, start).date(), end.date()
                days = [d for d in days if not low < d <= high]
    return days[amount - 1]


def test_a_thousand_random_histories_agree_with_the_oracle():
    rng = random.Random(20261125)
    for _ in range(1000):
        start = at(date(2026, 9, 1) + timedelta(days=rng.randrange(40)), rng.randrange(24))
        moment, spans = start, []
        for _ in range(rng.randrange(1, 7)):
            until = moment + timedelta(hours=rng.randrange(1, 120))
            spans.append((rng.choice(["hq", "branch", "customer"]), moment, until))
            moment = until
        spans.append((rng.choice(["hq", "customer"]), moment, None))
        now = moment + timedelta(hours=rng.randrange(200))
        amount, working = rng.randrange(1, 31), rng.random() < 0.6
        found = evaluate(
            Limit(amount, "WD" if working else "ND", frozenset({"customer"})), start,
            [Segment(p, a, b) for p, a, b in spans], CALENDAR, now,
        )
        assert found.due_on == oracle(amount, working, start, spans, "customer", now)
        assert sum((r.counted for r in found.rows), Decimal(0)) == found.used


@settings(max_examples=100, deadline=None)
@given(amount=st.integers(1, 40), gap=st.integers(0, 30), length=st.integers(1, 20), working=st.booleans())
def test_a_pause_never_makes_the_deadline_earlier(amount, gap, length, working):
    start = at(date(2026, 7, 1))
    given_out = start + timedelta(days=gap)
    back = given_out + timedelta(days=length)
    limit = Limit(amount, "WD" if working else "ND", frozenset({"customer"}))
    without = evaluate(limit, start, [Segment("hq", start, None)], CALENDAR, back)
    segments = [Segment("hq", start, given_out), Segment("customer", given_out, back), Segment("hq", back, None)]
    assert evaluate(limit, start, segments, CALENDAR, back).due_on >= without.due_on


@pytest.mark.django_db
def test_missing_year_is_an_alarm_and_a_conservative_answer(caplog):
    forget_calendar()
    calendar = get_calendar()
    assert calendar.is_covered(2026) and not calendar.is_covered(2051)
    with caplog.at_level("WARNING"):
        assert calendar.add_workdays(date(2051, 1, 2), 1) == date(2051, 1, 3)
    assert "缺少 2051 年" in caplog.text


@pytest.mark.shared_data
@pytest.mark.django_db
def test_table_agrees_with_the_published_calendar(shared):
    forget_calendar()
    calendar = get_calendar()
    with (shared / "data" / "holidays.csv").open(encoding="utf-8") as rows:
        wrong = [
            row["date"] for row in csv.DictReader(rows)
            if row["date"] >= "2019" and calendar.is_workday(date.fromisoformat(row["date"])) != (row["is_workday"] == "1")
        ]
    assert wrong == []
