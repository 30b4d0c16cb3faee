"""A death that is reported late: dividends and bonuses credited for the time after it are taken back, and what has left the contract of
them is taken off the benefit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lifeops.policies.models import Account, LedgerEntry, Policy, PolicyEvent, PolicyNotice
from lifeops.policies.rules.benefits import less_arrears
from lifeops.policies.rules.lines import ZERO, Calculation, Line
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.benefits import death_benefit_of
from lifeops.policies.services.claiming import death_standing
from lifeops.policies.services.credited_after import credited_after, taken_off, undone_lines
from lifeops.policies.services.dividend_choice import collect, collectable
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from tests.policies.conftest import EFFECTIVE, NOW
from tests.policies.dying import ended_by_claim
from tests.policies.test_dividend_options import now, on, sold

pytestmark = pytest.mark.django_db
D = Decimal
BENEFIT = D("300000.00")
#: Between the second and the third anniversary.
DIED = on(2) + timedelta(days=30)


@pytest.fixture
def said(rates):
    return partial(rates, "W31")



def deducted(policy: Policy, died: date = DIED) -> tuple[Decimal, list[Line]]:
    """What the benefit is reduced by, and the lines that say so."""
    stand = death_standing(now(policy), died)
    benefit = Calculation.of([Line(label="身故保险金", value=BENEFIT)])
    due = less_arrears(
        benefit=benefit, arrears=stand.arrears_open, debts=stand.owed.debts, event_on=died, reliefs=stand.owed.reliefs, undone=undone_lines(stand.undone)
    )
    assert due.amount == sum(line.value for line in due.lines if line.counts) <= BENEFIT
    return BENEFIT - due.amount, [line for line in due.lines if "红利" in line.label]


def claimed(policy: Policy, cast, day: date, died: date = DIED) -> Policy:
    before = deducted(policy, died)
    found = ended_by_claim(policy, cast, day, died)
    assert deducted(found, died) == before, "what was concluded can be read again"
    return found


def test_what_accumulated_after_the_death_is_taken_back_with_its_interest(issue, cast, said):
    said("cash", "0.01", 2027, 2031)
    said("interest", "0.03", 2027, 2031)
    policy = sold(issue, cast, paid=5)
    run_policy_day(on(4))
    # 3,000 and 3,090 by the death; 3,182.70 and 3,278.18 came after it, interest in them
    assert collectable(policy).accumulated == D("12550.88")
    off, lines = deducted(policy)
    assert off == 0 and [(line.label, line.value, line.counts) for line in lines] == [
        ("身故后记入的第 4 年度红利冲回", 3000, False), ("身故后记入的第 4 个周年日累积红利利息冲回", D("278.18"), False),
        ("身故后记入的第 3 年度红利冲回", 3000, False), ("身故后记入的第 3 个周年日累积红利利息冲回", D("182.70"), False),
    ]  # fmt: skip
    found = claimed(policy, cast, on(4) + timedelta(days=9))
    assert balances(found)[Account.PAYABLE] == D("-6090.00") and not collectable(found).accumulated
    assert balances(found)[Account.BONUS] == D("6090.00")
    event = PolicyEvent.objects.get(policy=policy, key=f"undo:dividend:4:{found.main.version.product_id}")
    assert (event.kind, event.source, event.case_number, event.actor) == ("dividend_undone", "case", "CL-1", cast.cl_reviewer)
    assert f"{DIED} 身故" in event.note and LedgerEntry.objects.get(key=event.key).on == on(4) + timedelta(days=9)


def test_what_was_collected_since_counts_as_the_oldest_and_the_rest_is_taken_off(issue, cast, said):
    said("cash", "0.01", 2027, 2029)
    policy = sold(issue, cast, paid=5)
    run_policy_day(on(3))
    collect(policy=policy, case_number="PS-1", amount=D(7500), actor=cast.ps_reviewer, day=on(3) + timedelta(days=2), now=NOW)
    off, lines = deducted(policy)
    assert (off, lines[-1].label, lines[-1].value) == (1500, "减：身故后派发、已领取或已抵交保费的红利", -1500)
    assert "第 3 年度红利 1,500.00" in lines[-1].formula
    found = claimed(policy, cast, on(3) + timedelta(days=9))
    money = balances(found)
    assert (money[Account.BENEFIT], money[Account.BONUS], money.get(Account.DIVIDEND, 0)) == (1500, 6000, 0)


@pytest.mark.parametrize(("collected", "off"), [(0, 0), (6000, 0), (9000, 3000)])
def test_in_cash(issue, cast, said, collected, off):
    said("cash", "0.01", 2027, 2029)
    policy = sold(issue, cast, option="cash", paid=5)
    run_policy_day(on(3))
    if collected:
        collect(policy=policy, case_number="PS-1", amount=D(collected), actor=cast.ps_reviewer, day=on(3) + timedelta(days=2), now=NOW)
    assert deducted(policy)[0] == off
    found = claimed(policy, cast, on(3) + timedelta(days=9))
    assert balances(found)[Account.BONUS] == 6000 and collectable(found).due == max(0, 6000 - collected)


def test_against_premiums_after_the_death_the_premium_goes_back(issue, cast, said):
    """Neither the premium was owed nor the dividend earned; what lies in 暂收 of it goes as well."""
    said("cash", "0.10", 2029, 2029)
    policy = sold(issue, cast, option="offset", paid=3)
    run_policy_day(on(3))
    premium = policy.main.premium
    assert now(policy).suspense == 30000 - premium
    before = balances(policy)[Account.PREMIUM]
    assert deducted(policy)[0] == 0
    found = claimed(policy, cast, on(3) + timedelta(days=9))
    money = balances(found)
    assert found.suspense == 0 and money[Account.PREMIUM] == before + premium and not money.get(Account.BONUS) and not money.get(Account.PAYABLE)


def test_against_a_premium_that_was_owed_by_the_death_it_is_taken_off(issue, cast, said):
    """The month's premium open at the death was paid by the dividend of the anniversary after it, as was the next, which was not owed."""
    said("cash", "0.02", 2027, 2027)
    policy, died = sold(issue, cast, option="offset", paid=11, mode="monthly"), on(1) - timedelta(days=10)
    month = policy.main.premium
    run_policy_day(died)
    assert now(policy).status == "grace" and deducted(policy, died)[0] == month
    run_policy_day(on(1) + timedelta(days=2))
    assert now(policy).suspense == 6000 - 2 * month
    off, lines = deducted(policy, died)
    assert off == month and f"第 1 年度红利 {month:,.2f}" in lines[-1].formula
    found = claimed(policy, cast, on(1) + timedelta(days=20), died)
    money = balances(found)
    assert found.suspense == 0 and money[Account.BENEFIT] == month and not money.get(Account.BONUS) and not money.get(Account.PAYABLE)


def test_bonus_sums_go_back_and_the_benefit_never_had_them(issue, cast, said):
    said("cash", "0.01", 2027, 2030)
    policy = sold(issue, cast, option="paid_up", paid=6)
    run_policy_day(on(2))
    then = now(policy).main.bonus_sum
    run_policy_day(on(4))
    assert now(policy).main.bonus_sum > then > 0
    [cover] = answering(now(policy), DIED)
    assert death_benefit_of(now(policy), cover, DIED, accident=False).calculation.amount == 300000 + then
    assert deducted(policy)[0] == 0
    found = claimed(policy, cast, on(4) + timedelta(days=9))
    assert found.main.bonus_sum == then and balances(found)[Account.BONUS] == 6000
    [cover] = answering(found, DIED)
    assert cover.bonus_sum == then


def test_what_was_earned_before_and_came_late_stays_without_the_interest_of_the_time_after(issue, cast, said):
    said("interest", "0.03", 2027, 2030)
    policy = sold(issue, cast, paid=4)
    late = on(3) + timedelta(days=20)
    run_policy_day(late - timedelta(days=1))
    said("cash", "0.01", 2028, 2029, at=timezone.make_aware(datetime.combine(late, time(10))))
    run_policy_day(late)
    # of the second year with a year's interest, and of the third
    assert collectable(policy).accumulated == 3000 + 90 + 3000
    assert [(one.what, one.amount) for one in credited_after(now(policy), DIED)] == [("第 3 年度红利", 3000), ("第 2 年度红利", 90)]
    found = claimed(policy, cast, late + timedelta(days=9))
    assert balances(found)[Account.PAYABLE] == -3000


def test_a_death_on_the_anniversary_itself_has_the_dividend_of_the_year(issue, cast, said):
    said("cash", "0.01", 2027, 2029)
    policy = sold(issue, cast, paid=5)
    run_policy_day(on(3))
    assert credited_after(now(policy), on(3)) == []
    assert [one.what for one in credited_after(now(policy), on(3) - timedelta(days=1))] == ["第 3 年度红利"]


def test_letters_of_what_is_taken_back_are_not_needed(issue, cast, said):
    said("cash", "0.01", 2027, 2029)
    policy = sold(issue, cast, paid=5)
    run_policy_day(on(3))
    claimed(policy, cast, on(3) + timedelta(days=9))
    rows = PolicyNotice.objects.filter(policy=policy, kind="dividend").order_by("about")
    assert [bool(row.dropped_on) for row in rows] == [False, False, True]


@given(
    option=st.sampled_from(["accumulate", "cash", "offset", "paid_up"]), taken=st.integers(0, 12000), years=st.integers(3, 4),
    died=st.integers(0, 700), rate=st.sampled_from(["0", "0.01", "0.04"]),
)  # fmt: skip
@settings(
    max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nobody_gains_or_loses_by_a_late_report(issue, cast, said, option, taken, years, died, rate):
    """Benefit and what is payable together are what they had been, had the death been reported on the day."""
    from django.db import transaction

    day, ended = on(1) + timedelta(days=died), on(years) + timedelta(days=9)
    with transaction.atomic():
        said("cash", rate, 2027, 2031)
        said("interest", "0.03", 2027, 2031)
        policy = sold(issue, cast, n=died % 40, option="" if option == "accumulate" else option, paid=8)
        run_policy_day(day)
        at_once = balances(policy)
        stood = -at_once.get(Account.PAYABLE, ZERO) - at_once.get(Account.DIVIDEND, ZERO)
        run_policy_day(on(years))
        there = collectable(policy).total
        if amount := min(D(taken), there):
            collect(policy=policy, case_number="PS-1", amount=amount, actor=cast.ps_reviewer, day=on(years) + timedelta(days=1), now=NOW)
        off = taken_off(credited_after(now(policy), day))
        found = claimed(policy, cast, ended, died=day)
        money = balances(found)
        if option in ("accumulate", "cash"):
            suspense = -at_once.get(Account.SUSPENSE, ZERO)
            assert suspense >= 0 and off == max(ZERO, amount - stood)
        assert not money.get(Account.DIVIDEND) and found.suspense == 0
        assert money.get(Account.BONUS, ZERO) == at_once.get(Account.BONUS, ZERO)
        transaction.set_rollback(True)


def test_a_policy_that_shares_in_nothing_is_not_asked(issue, cast, django_assert_num_queries):
    policy = issue("W30")
    receive_premium(policy=policy, amount=policy.main.premium, received_on=EFFECTIVE, reference="B", actor=cast.clerk, now=NOW)
    assert death_standing(now(policy), EFFECTIVE + timedelta(days=400)).undone == ()
