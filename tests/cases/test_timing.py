"""Clocks: the conventions by example, what holds for every history, and 1,000 histories against a second reckoning."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeops.cases.timing import Limit, Segment, end_words, evaluate
from lifeops.workdays.arithmetic import CHINA, WorkCalendar
from tests.cases import clock_oracle
from tests.workdays.year_2026 import CALENDAR

CUSTOMER = frozenset({"customer"})
UNITS = ("ND", "WD", "WH")


def at(month, day, hour=10, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)


def story(*entries):
    """`story(("hq", moment), ("customer", moment))`: hand-overs to segments, the last one open."""
    ends = ([moment for _, moment in entries[1:]] + [None])[: len(entries)]
    return [Segment(party, since, until) for (party, since), until in zip(entries, ends, strict=True)]


def reckon(amount, unit, started, segments=(), now=None, pausing=CUSTOMER, **more):
    return evaluate(Limit(amount, unit, pausing), started, segments, CALENDAR, now or started, **more)


# Conventions by example ---------------------------------------------------------------------------------------------
def test_start_day_is_not_counted_and_the_period_ends_at_midnight_of_the_last_day():
    found = reckon(10, "ND", at(6, 1, 23, 59))
    assert found.due_on == date(2026, 6, 11)
    assert found.due_at == at(6, 12, 0)
    assert reckon(10, "ND", at(6, 1, 0, 0)).due_on == date(2026, 6, 11)
    assert end_words(found.due_at) == "2026-06-11 24:00"  # read as the last day, not as the one after it
    assert end_words(at(6, 12, 0, 1)) == "2026-06-12 00:01"


def test_the_day_is_the_day_in_china_whatever_zone_the_moment_is_stored_in():
    started = datetime(2026, 6, 1, 16, 30, tzinfo=UTC)  # 00:30 on 2 June in China
    assert reckon(1, "ND", started).due_on == date(2026, 6, 3)


@pytest.mark.parametrize(
    ("started", "amount", "due"),
    [
        (at(2, 13), 1, date(2026, 2, 14)),  # Friday before Spring Festival: the make-up Saturday works
        (at(2, 13), 2, date(2026, 2, 24)),  # then rest from 15 to 23 February
        (at(2, 13), 6, date(2026, 2, 28)),  # 24, 25, 26, 27 and the make-up Saturday 28
        (at(5, 8), 1, date(2026, 5, 9)),
        (at(9, 18), 1, date(2026, 9, 20)),  # Friday → make-up Sunday
        (at(9, 30), 3, date(2026, 10, 10)),
        (at(12, 31, year=2025), 1, date(2026, 1, 4)),
    ],
)
def test_working_days_follow_the_published_calendar(started, amount, due):
    assert reckon(amount, "WD", started).due_on == due


def test_last_day_on_a_rest_day_stays_for_the_insurer_and_legally_rolls():
    found = reckon(5, "ND", at(9, 28))
    assert found.due_on == date(2026, 10, 3)
    assert found.legal_due_on == date(2026, 10, 8)
    assert found.due_at == at(10, 4, 0)


def test_last_day_on_a_make_up_saturday_does_not_roll():
    found = reckon(9, "ND", at(10, 1))
    assert found.due_on == found.legal_due_on == date(2026, 10, 10)


def test_days_after_the_notice_up_to_the_return_are_not_counted():
    segments = story(("hq", at(6, 1)), ("customer", at(6, 2, 9)), ("hq", at(6, 4, 17)))
    found = reckon(5, "WD", at(6, 1), segments, at(6, 5))
    # 2 June counts (the notice came that day), 3 and 4 are the customer's, then 5, 8, 9, 10
    assert found.due_on == date(2026, 6, 10)
    assert [row.counted for row in found.rows] == [1, 0, 1]
    assert found.used == 2 and found.left == 3 and not found.paused


def test_papers_back_on_the_day_of_the_notice_stop_nothing():
    segments = story(("hq", at(6, 1)), ("customer", at(6, 2, 9)), ("hq", at(6, 2, 16)))
    assert reckon(5, "WD", at(6, 1), segments, at(6, 5)).due_on == date(2026, 6, 8)


def test_thirty_natural_days_pause_by_natural_days():
    segments = story(("hq", at(9, 1)), ("customer", at(9, 29)), ("hq", at(10, 9)))
    found = reckon(30, "ND", at(9, 1), segments, at(10, 9))
    assert found.due_on == date(2026, 10, 11)  # 1 October plus the ten days 30 September … 9 October


def test_two_pauses_that_touch_on_one_day_strike_it_once():
    entries = ("hq", at(6, 1)), ("customer", at(6, 2)), ("hq", at(6, 4, 9)), ("customer", at(6, 4, 15)), ("hq", at(6, 5))
    assert reckon(10, "ND", at(6, 1), story(*entries), at(6, 8)).due_on == date(2026, 6, 14)


def test_open_pause_counts_up_to_now_and_moves_the_due_day_with_it():
    segments = story(("hq", at(6, 1)), ("customer", at(6, 2)))
    early, late = (reckon(5, "ND", at(6, 1), segments, now) for now in (at(6, 4), at(6, 9)))
    assert early.paused and late.paused
    assert (early.due_on, late.due_on) == (date(2026, 6, 8), date(2026, 6, 13))
    assert early.used == late.used == 1
    assert late.rows[-1].until is None


def test_a_pause_after_the_due_day_excuses_nothing():
    segments = story(("hq", at(6, 1)), ("customer", at(6, 20)))
    assert reckon(5, "ND", at(6, 1), segments, at(6, 30)).due_on == date(2026, 6, 6)


def test_a_party_that_does_not_pause_holds_at_the_insurers_cost():
    segments = story(("hq", at(6, 1)), ("branch", at(6, 2)))
    found = reckon(5, "ND", at(6, 1), segments, at(6, 4))
    assert found.due_on == date(2026, 6, 6) and not found.paused and found.used == 3


def test_stopped_clock_stands_as_it_was_and_later_hands_do_not_move_it():
    segments = story(("hq", at(6, 1)), ("customer", at(6, 4)), ("hq", at(6, 30)))
    found = reckon(5, "ND", at(6, 1), segments, at(7, 15), stopped_at=at(6, 3))
    assert found.due_on == date(2026, 6, 6) and found.used == 2 and not found.paused
    assert [row.until for row in found.rows] == [at(6, 3)]


def test_clock_stopped_while_the_customer_holds_is_not_paused():
    segments = story(("hq", at(6, 1)), ("customer", at(6, 2)))
    assert not reckon(5, "ND", at(6, 1), segments, at(6, 9), stopped_at=at(6, 5)).paused


def test_a_past_moment_is_reckoned_as_it_looked_then():
    then = story(("hq", at(6, 1)), ("customer", at(6, 2)))
    since = story(("hq", at(6, 1)), ("customer", at(6, 2)), ("hq", at(6, 9)))
    assert reckon(5, "ND", at(6, 1), since, at(6, 4)) == reckon(5, "ND", at(6, 1), then, at(6, 4))


def test_time_that_no_segment_covers_runs_and_is_shown():
    found = reckon(5, "ND", at(6, 1), story(("hq", at(6, 3))), at(6, 5))
    assert [row.label for row in found.rows] == ["无交接记录", "hq"]
    assert found.used == 4


def test_warning_comes_in_the_morning_of_the_day_that_reaches_the_ratio():
    assert reckon(5, "WD", at(6, 1)).warn_at == at(6, 5, 9)
    assert reckon(10, "ND", at(6, 1), warn_ratio=Decimal("0.50")).warn_at == at(6, 6, 9)
    assert reckon(1, "WD", at(6, 1)).warn_at == at(6, 2, 9)
    assert reckon(10, "WH", at(6, 1, 9)).warn_at == at(6, 2, 10)


def test_hours_run_in_office_hours_only():
    assert reckon(8, "WH", at(6, 5, 16)).due_at == at(6, 8, 17)  # Friday 1½ h, Monday 6½ h
    assert reckon(7, "WH", at(9, 18, 17, 30)).due_at == at(9, 20, 17, 30)  # all of the make-up Sunday
    assert reckon(1, "WH", at(6, 6, 11)).due_at == at(6, 8, 10)  # begun on a Saturday
    assert reckon(2, "WH", at(6, 1, 11)).due_at == at(6, 1, 14, 30)  # over lunch


def test_hours_pause_by_the_minute():
    segments = story(("hq", at(6, 1, 9)), ("customer", at(6, 1, 10)), ("hq", at(6, 1, 14)))
    found = reckon(4, "WH", at(6, 1, 9), segments, at(6, 1, 15))
    assert found.due_at == at(6, 1, 17)
    assert [row.counted for row in found.rows] == [1, 0, 1]


def test_rows_say_in_chinese_what_was_counted_and_what_was_not():
    segments = story(("hq", at(9, 30)), ("customer", at(10, 9)), ("hq", at(10, 11)))
    first, second, third = reckon(5, "WD", at(9, 30), segments, at(10, 13)).rows
    assert first.text == "计 2 个工作日，另有 7 个休息日；起算当日不计"
    assert second.text == "由该方持有，不计时（1 个工作日，另有 1 个休息日）" and second.paused
    assert third.text == "计 2 个工作日"


@pytest.mark.parametrize(("amount", "unit"), [(0, "ND"), (-1, "WD"), (5, "XX")])
def test_a_limit_without_amount_or_known_unit_is_refused(amount, unit):
    with pytest.raises(ValueError):
        Limit(amount, unit)


def test_the_leap_day_is_a_day_like_any_other():
    """29 February 2028, a Tuesday of a year whose calendar is not published yet."""
    day = partial(at, year=2028)
    assert reckon(1, "ND", day(2, 28)).due_on == date(2028, 2, 29)
    assert reckon(30, "ND", day(2, 29)).due_on == date(2028, 3, 30)
    assert reckon(5, "WD", day(2, 29)).due_on == date(2028, 3, 7)  # 1, 2, 3, 6, 7 March
    assert reckon(60, "ND", day(1, 31)).due_on == date(2028, 3, 31)
    held = story(("hq", day(2, 25)), ("customer", day(2, 28)), ("hq", day(3, 1)))
    found = reckon(10, "ND", day(2, 25), held, day(3, 2))
    assert found.due_on == date(2028, 3, 8)  # 29 February and 1 March are the customer's
    assert [row.counted for row in found.rows] == [3, 0, 1]
    open_pause = reckon(10, "ND", day(2, 25), held[:1] + story(("customer", day(2, 28))), day(2, 29))
    assert open_pause.paused and open_pause.used == 3 and open_pause.due_on == date(2028, 3, 7)


# For every history --------------------------------------------------------------------------------------------------
@st.composite
def histories(draw):
    """Start, hand-overs in order from the start, and a now that may fall before the last of them."""
    start = at(1, 5, 0) + timedelta(minutes=draw(st.integers(0, 250 * 1440)))
    moment, entries = start, []
    for party in draw(st.lists(st.sampled_from(["hq", "branch", "customer"]), max_size=6)):
        entries.append((party, moment))
        moment += timedelta(minutes=draw(st.integers(0, 5 * 1440)))
    now = start + timedelta(minutes=draw(st.integers(0, 40 * 1440)))
    return start, entries, now


limits = st.tuples(st.integers(1, 40), st.sampled_from(UNITS))


@settings(max_examples=300, deadline=None)
@given(history=histories(), limit=limits)
def test_pausing_never_makes_a_deadline_earlier(history, limit):
    start, entries, now = history
    without = reckon(*limit, start, story(*entries), now, pausing=frozenset())
    one = reckon(*limit, start, story(*entries), now)
    two = reckon(*limit, start, story(*entries), now, pausing=CUSTOMER | {"branch"})
    assert without.due_at <= one.due_at <= two.due_at
    assert without.used >= one.used >= two.used


@settings(max_examples=300, deadline=None)
@given(history=histories(), limit=limits)
def test_without_pausing_parties_a_period_is_plain_addition(history, limit):
    start, entries, now = history
    amount, unit = limit
    found = reckon(amount, unit, start, story(*entries), now, pausing=frozenset())
    if unit == "ND":
        assert found.due_on == start.date() + timedelta(days=amount)
    elif unit == "WD":
        assert found.due_on == CALENDAR.add_workdays(start.date(), amount)
        assert found.used == CALENDAR.workdays_between(start.date(), now.date())
    else:
        assert found.due_at == CALENDAR.add_work_hours(start, amount)
    assert not found.paused


@settings(max_examples=300, deadline=None)
@given(history=histories(), limit=limits, more=st.integers(1, 20))
def test_a_longer_limit_is_due_later(history, limit, more):
    start, entries, now = history
    amount, unit = limit
    shorter = reckon(amount, unit, start, story(*entries), now)
    longer = reckon(amount + more, unit, start, story(*entries), now)
    assert shorter.due_at < longer.due_at and shorter.warn_at <= longer.warn_at
    assert shorter.used == longer.used


@settings(max_examples=300, deadline=None)
@given(history=histories(), limit=limits, stop=st.booleans())
def test_rows_touch_and_add_up_and_the_dates_are_in_order(history, limit, stop):
    start, entries, now = history
    found = reckon(*limit, start, story(*entries), now, stopped_at=now if stop else None)
    assert sum((row.counted for row in found.rows), Decimal(0)) == found.used
    assert all(row.counted == 0 for row in found.rows if row.paused)
    for row, following in zip(found.rows, found.rows[1:], strict=False):
        assert row.until == following.since
    if now > start:
        assert found.rows[0].since == start
        changes_hands_now = any(moment == now for _, moment in entries)
        assert found.rows[-1].until == (now if stop or changes_hands_now else None)
    assert start < found.warn_at <= found.due_at
    assert found.due_on <= found.legal_due_on and CALENDAR.is_workday(found.legal_due_on)


@settings(max_examples=200, deadline=None)
@given(history=histories(), limit=limits, length=st.integers(0, 30))
def test_the_later_the_papers_come_back_the_later_the_deadline(history, limit, length):
    start, _, now = history
    given_out = start + (now - start) / 2
    ends = [given_out + timedelta(hours=n) for n in (length, length + 20)]
    seen = ends[1] + timedelta(days=1)
    sooner, later = (
        reckon(*limit, start, story(("hq", start), ("customer", given_out), ("hq", end)), seen) for end in ends
    )
    assert sooner.due_at <= later.due_at


# Against a second reckoning -----------------------------------------------------------------------------------------
NEW_YEAR = at(1, 1, 0)


def minutes(moment):
    return int((moment - NEW_YEAR).total_seconds()) // 60


def moment_of(minute):
    """As the database gives it back: in UTC."""
    return (NEW_YEAR + timedelta(minutes=minute)).astimezone(UTC)


def random_history(rng):
    """A start near a holiday block and a ledger in minutes since New Year: some hand-overs within one day."""
    block = rng.choice(["0102", "0213", "0227", "0403", "0430", "0508", "0618", "0918", "0930", "1009"])
    start = (clock_oracle.ordinal(block) + rng.randrange(-1, 2)) * 1440 + rng.randrange(1440)
    ledger, minute = [], start - rng.choice([0, 0, 3000])
    for _ in range(rng.randrange(1, 8)):
        ledger.append((rng.choice(["hq", "branch", "customer", "customer", "agent"]), minute))
        minute += rng.choice([rng.randrange(1, 600), rng.randrange(1, 9000), 1440])
    end = max(start, minute + rng.choice([rng.randrange(-2000, 4000), 0]))
    return start, ledger, end


def test_a_thousand_random_histories_agree_with_the_second_reckoning():
    rng, differences, paused_histories = random.Random(20260101), [], 0
    for number in range(1000):
        start, ledger, end = random_history(rng)
        pausing = rng.choice([{"customer"}, {"customer", "agent"}, set()])
        unit, amount, stopped = rng.choice(["ND", "WD", "WD", "WH"]), rng.randrange(1, 31), rng.random() < 0.3
        segments = story(*[(party, moment_of(minute)) for party, minute in ledger])
        found = reckon(
            amount, unit, moment_of(start), segments, moment_of(end + 500 if stopped else end), frozenset(pausing),
            stopped_at=moment_of(end) if stopped else None,
        )
        if unit == "WH":
            due, used = clock_oracle.hours_answer(amount, ledger, pausing, start, end)
            expected = (moment_of(due), (Decimal(used) / 60).quantize(Decimal("0.01")))
            got = (found.due_at, found.used)
        else:
            due, rolled, used = clock_oracle.days_answer(amount, unit, ledger, pausing, start, end)
            days = [NEW_YEAR.date() + timedelta(days=n) for n in (due, rolled)]
            expected, got = (*days, Decimal(used)), (found.due_on, found.legal_due_on, found.used)
        paused_histories += any(row.paused for row in found.rows)
        if got != expected:
            differences.append((number, unit, amount, start, ledger, pausing, end, got, expected))
    assert differences == []
    assert paused_histories > 300  # the histories do exercise pauses


def test_the_second_reckonings_calendar_is_the_published_one():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [clock_oracle.works(n) for n in range(365)] == [CALENDAR.is_workday(day) for day in days]


def test_a_year_that_is_not_loaded_is_answered_monday_to_friday():
    found = evaluate(Limit(5, "WD"), at(12, 31), [], WorkCalendar(), at(12, 31))
    assert found.due_on == date(2027, 1, 7)
