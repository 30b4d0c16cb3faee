"""Rates approved after a death for policy years that were over by it: the death benefit has what they bring, no more, whenever they came."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from lifeops.policies.models import Account, Policy, PolicyEvent
from lifeops.policies.rules.lines import ZERO, money
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.claiming import claim_death_terminate, death_standing
from lifeops.policies.services.dividend_choice import collectable
from lifeops.policies.services.earned_late import late_lines, with_bonus
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.life import run_policy_day
from tests.policies import test_dividend_options
from tests.policies.conftest import EFFECTIVE
from tests.policies.dying import ended_by_claim, noon, straight
from tests.policies.test_bonuses import sold
from tests.policies.test_dividend_options import now, on

pytestmark = pytest.mark.django_db
D = Decimal
DIED = on(2) + timedelta(days=30)


def at_death(policy: Policy, died: date = DIED) -> Decimal:
    """The bonus sum that the death benefit is reckoned with."""
    [cover] = with_bonus(answering(now(policy), died), death_standing(now(policy), died).late)
    return cover.bonus_sum


def claimed(policy: Policy, cast, day: date, died: date = DIED) -> Policy:
    before = at_death(policy, died)
    found = ended_by_claim(policy, cast, day, died)
    assert at_death(found, died) == before == found.main.bonus_sum, "what was concluded can be read again, and is what the coverage ends with"
    return found


@pytest.fixture
def basic(issue, cast, rates):
    """The first year's bonus came in time."""
    rates("A60", "bonus", "0.02", 2027, 2027)
    policy = sold(issue, cast)
    run_policy_day(on(2) + timedelta(days=20))
    return policy


@pytest.mark.parametrize("credited", [False, True])
def test_a_bonus_approved_after_the_death_and_before_the_claim_is_in_the_benefit(basic, cast, rates, credited):
    """Whether the day run has credited it, or the claim holds the policy by then. 67,470.90 × 2 % = 1,349.42; 68,820.32 × 2 % = 1,376.41."""
    assert basic.main.sum_assured == D("67470.90") and at_death(basic) == D("1349.42")
    approved = DIED + timedelta(days=50)
    rates("A60", "bonus", "0.02", 2028, 2028, noon(approved))
    if credited:
        run_policy_day(approved)
    assert at_death(basic) == D("1349.42") + D("1376.41")
    [line] = late_lines(now(basic), death_standing(now(basic), DIED).late, DIED)
    assert (line.label, line.value, line.counts) == ("身故前第 2 年度红利保额，计入有效保险金额", D("1376.41"), False) and str(approved) in line.formula
    found = claimed(basic, cast, approved + timedelta(days=9))
    assert PolicyEvent.objects.filter(policy=found, key=f"bonus:2:{found.main.version.product_id}").count() == 1


def test_a_year_that_was_not_over_brings_nothing(basic, cast, rates):
    rates("A60", "bonus", "0.02", 2028, 2029, noon(on(3) + timedelta(days=10)))
    run_policy_day(on(3) + timedelta(days=10))
    assert at_death(basic) == D("2725.83") < now(basic).main.bonus_sum
    claimed(basic, cast, on(3) + timedelta(days=20))


def test_what_comes_late_brings_no_bonus_for_the_time_after_the_death(issue, cast, rates):
    """The first year's rate is approved after the death, when two later years' have been credited: of those the second alone counts."""
    policy = sold(issue, cast)
    rates("A60", "bonus", "0.02", 2028, 2029)
    run_policy_day(on(3))
    rates("A60", "bonus", "0.01", 2027, 2027, noon(on(3) + timedelta(days=10)))
    run_policy_day(on(3) + timedelta(days=10))
    first = money(D("67470.90") * D("0.01"))
    assert at_death(policy) == first + money((D("67470.90") + first) * D("0.02"))
    claimed(policy, cast, on(3) + timedelta(days=20))


def test_after_the_claim_the_day_run_books_it_once(basic, cast, rates):
    found = claimed(basic, cast, DIED + timedelta(days=20))
    approved = DIED + timedelta(days=50)
    rates("A60", "bonus", "0.02", 2028, 2029, noon(approved))
    assert at_death(found) == D("2725.83")
    for _ in range(2):
        run_policy_day(approved + timedelta(days=1))
    found = now(found)
    assert (at_death(found), found.main.bonus_sum, found.next_event_on) == (D("2725.83"), D("2725.83"), None)
    [event] = PolicyEvent.objects.filter(policy=found, key__startswith="bonus:2:")
    assert (event.on, event.source) == (approved, "job") and "身故前第 2 年度红利保额 1,376.41 元" in event.note
    assert not PolicyEvent.objects.filter(policy=found, key__startswith="bonus:3:").exists()
    straight(found, DIED, approved + timedelta(days=1))


@pytest.mark.parametrize("option", ["", "cash", "offset"])
@pytest.mark.parametrize("before", [True, False])
def test_a_cash_dividend_is_the_policyholders(issue, cast, rates, option, before):
    """With interest to the death where it was left to accumulate; approved before the claim was paid, or after."""
    rates("W31", "interest", "0.03", 2027, 2030)
    policy = test_dividend_options.sold(issue, cast, option=option, paid=4)
    run_policy_day(DIED)
    approved = DIED + timedelta(days=50)

    def say() -> None:
        rates("W31", "cash", "0.01", 2027, 2027, noon(approved))

    def end() -> None:
        claim_death_terminate(policy=policy, case_number="CL-1", died_on=DIED, actor=cast.cl_reviewer, now=noon(approved + timedelta(days=9)))

    for act in (say, end) if before else (end, say):
        act()
    run_policy_day(approved + timedelta(days=10))
    found = now(policy)
    assert collectable(found).due == (3000 if option else 3090) == balances(found)[Account.BONUS] and found.suspense == 0
    straight(found, DIED, approved + timedelta(days=10))


def test_cover_bought_with_a_late_dividend_is_in_the_benefit(issue, cast, rates):
    policy = test_dividend_options.sold(issue, cast, option="paid_up", paid=4)
    run_policy_day(DIED)
    rates("W31", "cash", "0.01", 2027, 2027, noon(DIED + timedelta(days=50)))
    bought = at_death(policy)
    assert bought > 3000
    found = claimed(policy, cast, DIED + timedelta(days=60))
    assert found.main.bonus_sum == bought and balances(found)[Account.BONUS] == 3000 and not collectable(found).due


@given(
    late=st.tuples(*[st.integers(-300, 900)] * 3), died=st.integers(0, 900), ended=st.integers(1, 500), told=st.lists(st.integers(1, 2000), max_size=3),
    base=st.sampled_from(["effective", "basic"]),
)  # fmt: skip
@example(late=(700, 400, 30), died=500, ended=40, told=[], base="effective")
@example(late=(574, 532, 61), died=810, ended=1, told=[], base="effective")
@example(late=(-300, 100, 900), died=200, ended=10, told=[950], base="effective")
@settings(
    max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whenever_the_rates_come_the_benefit_is_what_it_had_been_in_time(issue, cast, rates, late, died, ended, told, base):
    """`late`: by how many days after its anniversary each year's rate is approved; `told`: days of other runs."""
    day = on(1) + timedelta(days=died)
    paid = day + timedelta(days=ended)
    with transaction.atomic():
        policy = sold(issue, cast, n=died % 40)
        approvals = {max(EFFECTIVE, on(year) + timedelta(days=days)): year for year, days in enumerate(late, start=1)}
        steps = sorted({*approvals, *(on(1) + timedelta(days=n) for n in told), paid})
        rate, missing = D("0.02"), {*range(1, 4)} - set(approvals.values())
        for step in steps:
            if step in approvals:
                rates("A60", "bonus", str(rate), 2026 + approvals[step], 2026 + approvals[step], noon(step), base=base)
            run_policy_day(step)
            if step == paid:
                claimed(policy, cast, paid, day)
        run_policy_day(steps[-1] + timedelta(days=1))
        whole = ZERO
        for year in range(1, 4):
            if on(year) <= day and year not in missing:
                whole += money((policy.main.sum_assured + (whole if base == "effective" else ZERO)) * rate)
        assert at_death(policy, day) == whole == now(policy).main.bonus_sum
        straight(now(policy), day, steps[-1] + timedelta(days=1))
        transaction.set_rollback(True)
