"""How the policy stood on the day of an event, and what a claim leaves in the book."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Party, Policy
from lifeops.policies.services.as_of import policy_as_of
from lifeops.policies.services.changing import reduce_cover
from lifeops.policies.services.claiming import (
    claim_death_terminate,
    death_standing,
    medical_used,
    record_medical_usage,
)
from lifeops.policies.services.events import keep_covers
from lifeops.policies.services.locking import change_status, hold
from tests.policies.conftest import EFFECTIVE

DUE = date(2027, 3, 3)
LATER = datetime(2027, 9, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def act(cast):
    return {"case_number": "86-CL-1", "actor": cast.cl_reviewer, "now": LATER}


def test_day_before_effect_is_not_covered(issue):
    found = death_standing(issue(), EFFECTIVE - timedelta(days=1))
    assert (found.covered, found.status_label) == (False, "未生效")


def test_paid_policy_is_covered_and_owes_nothing(issue):
    policy = issue()
    found = death_standing(policy, DUE)  # the due date itself is paid time
    assert (found.covered, found.in_grace, found.arrears) == (True, False, 0)
    assert found.premiums_paid == policy.premiums.get().amount


def test_grace_covers_less_the_open_premium_and_then_the_policy_is_suspended(issue):
    policy = issue("W30", "T20")
    first, last = DUE + timedelta(days=1), DUE + timedelta(days=60)
    for day in (first, last):
        found = death_standing(policy, day)
        assert (found.covered, found.in_grace, found.status_label) == (True, True, "宽限期")
        assert found.arrears == policy.premiums.get().amount
        assert found.grace_end == last
    lapsed = death_standing(policy, last + timedelta(days=1))
    assert (lapsed.covered, lapsed.status_label, lapsed.arrears) == (False, "效力中止", 0)


def test_the_open_premium_is_that_of_its_due_day(issue, cast):
    """A rider given up before it fell due is not owed for; a premium reduced after the death is owed in full."""
    policy = issue("W30", "T20")
    main, rider = (policy.coverages.get(is_rider=flag) for flag in (False, True))
    rider.active = False
    rider.save(update_fields=["active"])
    keep_covers([rider], since=DUE - timedelta(days=100))
    reduce_cover(
        policy=Policy.objects.get(pk=policy.pk), case_number="PS-1", cover=main, sum_assured=Decimal(100_000), premium=main.premium / 3,
        extra=main.extra, refund=Decimal(0), day=DUE + timedelta(days=30), actor=cast.clerk, now=LATER,
    )
    found = death_standing(Policy.objects.get(pk=policy.pk), DUE + timedelta(days=20))
    assert (found.in_grace, found.arrears) == (True, main.premium + main.extra)


def test_premium_paid_after_the_death_was_still_open_on_the_day(issue):
    policy = issue()
    amount = policy.premiums.get().amount
    policy.premiums.create(due_on=DUE, amount=amount, paid_on=date(2027, 4, 20))
    Policy.objects.filter(pk=policy.pk).update(paid_to=date(2028, 3, 3))
    policy = Policy.objects.get(pk=policy.pk)
    found = death_standing(policy, date(2027, 4, 1))
    assert (found.in_grace, found.arrears, found.premiums_paid) == (True, amount, amount)
    found = death_standing(policy, date(2027, 4, 20))
    assert (found.in_grace, found.premiums_paid) == (False, 2 * amount)


def test_waiting_period_and_suicide_years_end_on_their_last_day(issue):
    policy = issue()
    assert death_standing(policy, EFFECTIVE + timedelta(days=90)).in_waiting
    assert not death_standing(policy, EFFECTIVE + timedelta(days=91)).in_waiting
    policy.paid_to = None
    established = policy.established_on
    assert death_standing(policy, established.replace(year=2028)).within_suicide_years
    assert not death_standing(policy, established.replace(year=2028) + timedelta(days=1)).within_suicide_years


def test_reinstatement_starts_the_suicide_years_anew(issue):
    policy = issue()
    policy.paid_to, policy.reinstated_on = None, date(2028, 1, 5)
    found = death_standing(policy, date(2029, 1, 5))
    assert (found.suicide_since, found.within_suicide_years) == (date(2028, 1, 5), True)


def test_loans_count_as_they_stood_on_the_day(issue):
    policy = issue("W30")
    rows = (("2026-06-01", "2026-08-01"), ("2026-06-01", None), ("2026-09-01", None))
    for since, repaid in rows:
        policy.loans.create(principal=1000, rate=Decimal("0.05"), since=since, repaid_on=repaid)
    assert len(death_standing(policy, date(2026, 7, 1)).debts) == 2
    assert len(death_standing(policy, date(2026, 8, 1)).debts) == 1
    assert len(death_standing(policy, date(2026, 5, 31)).debts) == 0


def test_death_ends_the_contract_on_its_day_and_marks_the_insured(issue, act, insured):
    policy, died = issue("W30"), date(2027, 2, 1)
    loan = policy.loans.create(principal=1000, rate=Decimal("0.05"), since=date(2026, 6, 1))
    endorsement = claim_death_terminate(policy=policy, died_on=died, **act)
    found = Policy.objects.get(pk=policy.pk)
    assert (found.status, found.termination, found.terminated_on) == ("terminated", "身故给付", died)
    assert Party.objects.get(pk=insured.pk).died_on == died
    assert endorsement.changes == [{"label": "保单状态", "before": "有效", "after": "终止（身故给付）"}]
    loan.refresh_from_db()
    assert loan.repaid_on == date(2027, 9, 1)
    # the facts of the day stay what they were, so the decision can be read again later
    stood = death_standing(found, died)
    assert (stood.covered, stood.status_label, len(stood.debts)) == (True, "有效", 1)
    assert not death_standing(found, died + timedelta(days=1)).covered


def test_death_registered_late_overrides_what_was_noted_in_between(issue, act):
    policy = issue()
    change_status(policy, "lapsed", on=date(2027, 5, 3), cause="宽限期满未交费")
    claim_death_terminate(policy=policy, died_on=date(2027, 4, 1), **act)
    assert policy_as_of(policy, date(2027, 6, 1))["status_label"] == "终止"
    assert policy_as_of(policy, date(2027, 3, 31))["status_label"] == "有效"
    assert death_standing(policy, date(2027, 4, 1)).covered


@pytest.mark.parametrize(("died_on", "reason"), [(date(2027, 9, 2), "晚于今天"), (date(2027, 1, 2), "登记为 2027-01-01")])
def test_wrong_day_of_death_is_refused(issue, act, insured, died_on, reason):
    policy = issue()
    Party.objects.filter(pk=insured.pk).update(died_on=date(2027, 1, 1))
    policy = Policy.objects.get(pk=policy.pk)
    with pytest.raises(BookRefused, match=reason):
        claim_death_terminate(policy=policy, died_on=died_on, **act)
    assert Policy.objects.get(pk=policy.pk).status == "in_force"


def test_contract_ends_by_one_death_case_and_not_against_a_hold(issue, act):
    policy = issue()
    hold(policy, "86-CL-2")
    with pytest.raises(BookRefused, match="86-CL-2"):
        claim_death_terminate(policy=policy, died_on=date(2027, 1, 1), **act)
    claim_death_terminate(policy=policy, died_on=date(2027, 1, 1), **(act | {"case_number": "86-CL-2"}))
    with pytest.raises(BookRefused, match="终止"):
        claim_death_terminate(policy=policy, died_on=date(2027, 1, 1), **(act | {"case_number": "86-CL-2"}))


def use(cover, case: str, deductible: int, paid: int, year: int = 1):
    return record_medical_usage(
        coverage=cover, case_number=case, policy_year=year, deductible=Decimal(deductible), paid=Decimal(paid),
        day=date(2026, 7, 1),
    )


def test_usage_adds_up_per_policy_year(issue):
    cover = issue("M10").main
    assert medical_used(cover, 1) == (0, 0)
    use(cover, "C1", 600, 5000)
    use(cover, "C2", 400, 1000)
    use(cover, "C3", 1000, 10, year=2)
    assert medical_used(cover, 1) == (1000, 6000)
    assert medical_used(cover, 2) == (1000, 10)


def test_deductible_and_limit_of_the_year_are_used_once(issue):
    cover = issue("M10").main
    use(cover, "C1", 1000, 250000)
    with pytest.raises(BookRefused, match="免赔额已由其他案件使用"):
        use(cover, "C2", 1, 0)
    with pytest.raises(BookRefused, match="剩余限额不足"):
        use(cover, "C2", 0, 50001)
    with pytest.raises(BookRefused, match="已登记"):
        use(cover, "C1", 0, 1)
    use(cover, "C2", 0, 50000)
    assert medical_used(cover, 1) == (1000, 300000)


@pytest.mark.server
def test_database_keeps_one_usage_per_case_and_none_below_zero(issue):
    cover = issue("M10").main
    row = {"policy_year": 1, "used_on": date(2026, 7, 1), "deductible": 0, "paid": 1}
    cover.usage.create(case_number="C1", **row)
    with pytest.raises(IntegrityError, match="medical_usage_once"), transaction.atomic():
        cover.usage.create(case_number="C1", **row)
    with pytest.raises(IntegrityError, match="medical_usage_not_negative"), transaction.atomic():
        cover.usage.create(case_number="C2", **(row | {"paid": -1}))
