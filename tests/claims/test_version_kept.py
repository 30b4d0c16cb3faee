"""出险日合同: the version of the contract in force on the day of the event stays with the case, whatever is changed later."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.calculation import calculate, facts_of
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.policies.models import Coverage, CoverageState, Policy, PolicySnapshot, ProductVersion
from lifeops.policies.services.changing import reduce_cover
from lifeops.policies.services.claiming import claim_death_terminate
from lifeops.policies.services.servicing import change_beneficiaries
from tests.archive.ways import approved
from tests.factories import again, handed_over, make_policy

pytestmark = pytest.mark.django_db


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def reduced(policy, cast, day, sum_assured):
    cover = Policy.objects.get(pk=policy.pk).main
    reduce_cover(
        policy=policy, case_number="PS-1", cover=cover, sum_assured=Decimal(sum_assured), premium=cover.premium, extra=cover.extra,
        refund=Decimal("1.00"), day=day, actor=cast.clerk, now=timezone.now(),
    )


def test_a_decided_claim_keeps_the_contract_of_the_day_of_the_event(cast):
    """The event was twenty days ago; since then the sum was reduced and a new version of the product came out."""
    policy = make_policy(cast.county, cast.clerk, beneficiaries=[{"name": "旧受益", "relation": "子女"}])
    reduced(policy, cast, ago(10), 200000)
    change_beneficiaries(
        policy=Policy.objects.get(pk=policy.pk), case_number="PS-2", beneficiaries=[{"name": "新受益", "relation": "配偶"}], day=ago(9),
        actor=cast.clerk, now=timezone.now(),
    )
    version = policy.main.version
    newer = ProductVersion.objects.get(pk=version.pk)
    newer.pk, newer.version, newer.sale_from = None, "2026", ago(15)
    newer.save()
    case = approved(cast, policy=policy)
    kept = PolicySnapshot.objects.get(case_number=case.number)
    (cover,) = kept.content["coverages"]
    assert (kept.day, kept.policy_id) == (case.record.event_on, policy.pk) == (ago(20), policy.pk)
    assert (cover["sum_assured"], cover["version"], cover["version_id"], cover["code"]) == ("300000.00", "2020", version.pk, "M10")
    assert (cover["pay_term"], cover["choices"]) == ("SINGLE", {})
    assert [b["name"] for b in kept.content["beneficiaries"]] == ["旧受益"] and kept.content["status"] == "in_force"
    # what is corrected afterwards, even from before the event, does not reach it
    reduced(policy, cast, ago(30), 100000)
    Coverage.objects.filter(policy=policy).update(version=newer)
    assert PolicySnapshot.objects.get(case_number=case.number).content == kept.content
    assert PolicySnapshot.objects.count() == 1


def test_a_refused_claim_keeps_it_too_and_an_undecided_one_does_not(cast):
    policy = make_policy(cast.county, cast.clerk)
    case = handed_over(cast, policy=policy)
    assert not PolicySnapshot.objects.exists()
    taken = take_next(cast.cl_reviewer2, "claims")
    perform(taken, "conclude", actor=cast.cl_reviewer2, outcome="REFUSE", reason_code="C02", opinion="不属保险责任")
    assert again(case).decided_at is None and not PolicySnapshot.objects.exists()
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert PolicySnapshot.objects.get().case_number == case.number


def death_due(cast, policy):
    case = again(handed_over(cast, item="CL01", policy=policy))
    return calculate(case, case.record).amount


def with_rider(cast, *, ends: date | None = None):
    """W30 over 300,000 with a term cover of 50,000 beside it."""
    policy = make_policy(cast.county, cast.clerk, product="W30")
    term = ProductVersion.objects.get(product__code="T20")
    since, last = policy.effective_on, ends or policy.effective_on.replace(year=policy.effective_on.year + 10)
    rider = Coverage.objects.create(
        policy=policy, version=term, is_rider=True, sum_assured=Decimal(50000), cover_term="10Y", pay_term="SINGLE", entry_age=40,
        premium=Decimal("700.00"), effective_on=since, expires_on=last,
    )
    CoverageState.objects.create(coverage=rider, since=since, sum_assured=rider.sum_assured, premium=rider.premium, extra=0, active=True)
    return policy, rider


def given_up(rider, day):
    rider.active = False
    rider.save(update_fields=["active"])
    CoverageState.objects.create(coverage=rider, since=day, sum_assured=rider.sum_assured, premium=rider.premium, extra=0, active=False)


@pytest.mark.parametrize(("reduced_on", "due"), [(19, "300000.00"), (20, "200000.00"), (21, "200000.00")])
def test_a_death_is_reckoned_by_the_sum_of_its_day(cast, reduced_on, due):
    """Reduced before the death the smaller sum is due; what was reduced after it is of no account."""
    policy = make_policy(cast.county, cast.clerk, product="W30")
    reduced(policy, cast, ago(reduced_on), 200000)
    assert death_due(cast, policy) == Decimal(due)


def test_drink_driving_is_excluded_where_the_terms_say_so(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    case = again(handed_over(cast, item="CL01", policy=policy, cause="drunk"))
    assert calculate(case, case.record).amount == 0
    version = policy.main.version
    for labels, due in ((["war", "nuclear"], 300000), (["酒后驾驶"], 0), ([], 0)):
        version.definition["exclusions"] = {"labels": labels}
        version.save()
        case = again(case)
        assert calculate(case, case.record).amount == due, labels


def test_a_rider_answers_while_it_was_held(cast):
    assert death_due(cast, with_rider(cast)[0]) == Decimal("350000.00")
    policy, rider = with_rider(cast)
    given_up(rider, ago(10))  # after the death
    assert death_due(cast, policy) == Decimal("350000.00")
    policy, rider = with_rider(cast)
    given_up(rider, ago(30))
    assert death_due(cast, policy) == Decimal("300000.00")
    assert death_due(cast, with_rider(cast, ends=ago(21))[0]) == Decimal("300000.00")
    assert death_due(cast, with_rider(cast, ends=ago(20))[0]) == Decimal("350000.00")  # its last day


def test_where_only_the_rider_answers_and_was_given_up_nothing_is_due(cast):
    policy = make_policy(cast.county, cast.clerk)  # reimburses hospital stays, on death it pays nothing
    term = ProductVersion.objects.get(product__code="T20")
    rider = Coverage.objects.create(
        policy=policy, version=term, is_rider=True, sum_assured=Decimal(50000), cover_term="10Y", pay_term="SINGLE", entry_age=40,
        premium=Decimal("700.00"), effective_on=policy.effective_on, expires_on=policy.effective_on + timedelta(days=3000),
    )
    case = handed_over(cast, item="CL01", policy=policy)
    assert calculate(again(case), case.record).amount == Decimal("50000.00")
    given_up(rider, ago(30))
    facts = facts_of(again(case), case.record)
    assert (facts.holds_cover, facts.covered) == (False, True)
    assert calculate(again(case), case.record).lines[0].formula == "保单没有对应责任"


def test_the_contract_that_ended_by_this_death_is_reckoned_as_before(cast):
    policy, _ = with_rider(cast)
    case = again(handed_over(cast, item="CL01", policy=policy))
    before = calculate(case, case.record).amount
    claim_death_terminate(policy=policy, case_number=case.number, died_on=ago(20), actor=cast.clerk, now=timezone.now())
    after = again(case)
    assert calculate(after, after.record).amount == before == Decimal("350000.00")


def test_the_case_shows_it(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    case = approved(cast, policy=policy)
    reduced(policy, cast, timezone.localdate(), 200000)
    client = as_user(cast.cl_reviewer)
    text = re.sub(r"<[^>]+>", "", client.get(reverse("cases:tab", args=[case.number, "record"])).content.decode())
    assert f"出险日（{case.record.event_on}）合同" in text and "基本保险金额 300,000.00 元" in text and "M10 安岳安心住院医疗保险（2020）" in text
    open_case = handed_over(cast)
    assert "合同" not in client.get(reverse("cases:tab", args=[open_case.number, "record"])).content.decode().split("领款")[-1]
