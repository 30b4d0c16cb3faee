"""Issuing and delivering a policy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from stdnum.iso7064 import mod_11_10

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Coverage, Policy
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.locking import hold, locked, release_hold
from tests.policies.conftest import EFFECTIVE, cover, person, version

HEIRS = [
    {"name": "李四", "relation": "配偶", "order": 1, "share_pct": "60"},
    {"name": "张小明", "relation": "子女", "order": 1, "share_pct": "40"},
]


def test_issued_policy_is_whole(issue, insured):
    policy = issue("W30", "T20", case_number="C1", beneficiaries=HEIRS)
    assert policy.status == "in_force" and policy.paid_to == date(2027, 3, 3)
    assert policy.established_on == date(2026, 3, 2)  # the day of issue, one before it takes effect
    assert [c.version.product.code for c in policy.coverages.all()] == ["W30", "T20"]
    assert (policy.main.expires_on, policy.coverages.get(is_rider=True).expires_on) == (None, date(2046, 3, 2))
    assert policy.main.entry_age == 39
    first = policy.premiums.get()
    assert first.amount == sum(c.premium + c.extra for c in policy.coverages.all())
    assert (first.due_on, first.paid_on, first.kind) == (EFFECTIVE, EFFECTIVE, "first")
    assert [b.share_pct for b in policy.beneficiaries.all()] == [60, 40]
    assert [(s.status, s.since) for s in policy.status_changes.all()] == [("in_force", EFFECTIVE)]


@pytest.mark.parametrize(
    ("pay_mode", "paid_to"),
    [("annual", date(2027, 3, 3)), ("semiannual", date(2026, 9, 3)), ("quarterly", date(2026, 6, 3)),
     ("monthly", date(2026, 4, 3))],
)
def test_next_due_date_follows_the_pay_mode(issue, insured, pay_mode, paid_to):
    policy = issue(coverages=[cover("T20", insured, pay_mode=pay_mode)], pay_mode=pay_mode)
    assert policy.paid_to == paid_to


def test_single_premium_has_no_next_due_date(issue):
    assert issue("M10").paid_to is None


def test_policy_numbers_carry_a_check_digit_and_differ(issue):
    one, two = issue().number, issue().number
    assert one != two
    assert all(n.startswith("P860101012026") and mod_11_10.is_valid(n[1:]) for n in (one, two))


def test_case_issues_one_policy(issue):
    first = issue(case_number="C1")
    with pytest.raises(BookRefused, match=f"已出单，保单号 {first.number}"):
        issue(case_number="C1")
    assert Policy.objects.count() == 1


def test_policy_needs_exactly_one_main_cover(issue, insured):
    for covers in ([], [cover("T20", insured), cover("W30", insured)], [cover("T20", insured, is_rider=True)]):
        with pytest.raises(BookRefused, match="有且仅有一个主险"):
            issue(coverages=covers)


def test_policy_cannot_take_effect_before_it_was_applied_for(issue):
    with pytest.raises(BookRefused, match="早于投保日"):
        issue(effective_on=date(2026, 2, 28))


def test_the_dead_are_not_insured(issue, insured):
    insured.died_on = date(2026, 1, 1)
    insured.save()
    with pytest.raises(BookRefused, match="身故"):
        issue()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"name": "李四", "share_pct": 60}, {"name": "张小明", "share_pct": 30}], "合计为 90%"),
        ([{"name": "李四", "share_pct": 60}, {"name": "张小明"}], "全部填写或全部留空"),
        ([{"name": "李四", "share_pct": 150}, {"name": "张小明", "share_pct": -50}], "大于 0%"),
        ([{"name": " "}], "姓名"),
    ],
)
def test_wrong_beneficiaries_leave_no_policy_behind(issue, rows, reason):
    with pytest.raises(BookRefused, match=reason):
        issue(beneficiaries=rows)
    assert not Policy.objects.exists()


def test_cooling_off_runs_from_the_signature_to_a_working_day(issue):
    policy = issue()
    # 15 days from Friday 2026-03-06 end on Saturday the 21st: Monday the 23rd
    found = deliver_policy(policy=policy, signed_on=date(2026, 3, 6))
    assert found.cooling_off_end == date(2026, 3, 23)
    again = deliver_policy(policy=policy, signed_on=date(2026, 4, 6))
    assert (again.delivered_on, again.cooling_off_end) == (date(2026, 3, 6), date(2026, 3, 23))


def test_policy_cannot_be_delivered_before_it_was_applied_for(issue):
    with pytest.raises(BookRefused, match="签收日"):
        deliver_policy(policy=issue(), signed_on=date(2026, 2, 27))


def test_held_policy_answers_only_to_the_case_that_holds_it(issue):
    policy = issue()
    hold(policy, "C1")
    hold(policy, "C1")
    with pytest.raises(BookRefused, match="已被案件 C1 挂起"):
        hold(policy, "C2")
    release_hold(policy, "C2")
    with transaction.atomic():
        assert locked(policy, "C1").hold_case == "C1"
    release_hold(policy, "C1")
    hold(policy, "C2")
    assert Policy.objects.get(pk=policy.pk).hold_case == "C2"


@pytest.mark.server
@pytest.mark.parametrize(
    ("model", "change", "name"),
    [
        (Policy, {"status": "sleeping"}, "policy_status_known"),
        (Policy, {"status": "terminated"}, "policy_ended_on_a_day"),
        (Coverage, {"sum_assured": Decimal(0)}, "coverage_sum_positive"),
        (Coverage, {"premium": Decimal(-1)}, "coverage_premium_not_negative"),
        (Coverage, {"expires_on": date(2020, 1, 1)}, "coverage_ends_after_start"),
    ],
)
def test_database_refuses_what_no_policy_can_be(issue, model, change, name):
    issue()
    with pytest.raises(IntegrityError, match=name):
        model.objects.update(**change)


@pytest.mark.server
def test_premium_is_due_once_a_day(issue):
    policy = issue()
    with pytest.raises(IntegrityError, match="premium_due_once"):
        policy.premiums.create(due_on=EFFECTIVE, amount=1)


def test_insured_may_be_another_than_the_holder(issue):
    child = person("张小明", born=date(2018, 1, 1), sequence=3)
    policy = issue("W30", insured=child, policyholder=person("李四", sequence=200), relation="child")
    assert policy.main.entry_age == 8


def test_a_waiver_is_on_the_life_of_whoever_pays(issue, insured):
    """The payer is 35, the insured 39: by the payer's age it was priced, and by it the term runs."""
    payer = person("李交费", born=date(1990, 6, 1), sequence=122)
    waiver = {"version": version("R10"), "is_rider": True, "sum_assured": Decimal(10000), "cover_term": "9Y", "pay_term": "9Y", "premium": Decimal("60.00")}
    policy = issue(coverages=[cover("W30", insured), waiver], policyholder=payer, relation="spouse")
    assert [(c.version.product.code, c.entry_age) for c in policy.coverages.all()] == [("W30", 39), ("R10", 35)]
    unknown = person("王无日期", sequence=124, birth_date=None)
    with pytest.raises(BookRefused, match="投保人出生日期未登记"):
        issue(coverages=[cover("W30", insured), waiver], policyholder=unknown, relation="spouse")


def test_the_signature_is_an_event_of_the_case_that_brought_it(issue, cast):
    policy = deliver_policy(policy=issue(), signed_on=date(2026, 3, 5), case_number="NB-1", actor=cast.clerk)
    event = policy.events.get(kind="delivered")
    assert (event.source, event.case_number, event.actor, event.on) == ("case", "NB-1", cast.clerk, date(2026, 3, 5))
