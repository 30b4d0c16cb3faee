"""One event cut into several claims is signed for as the whole (拆分案件不能降低签批级别)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.errors import Refused
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from tests.cases.threads import together
from tests.factories import again, handed_over, make_party, make_policy


def conclude(case, who, **inputs):
    return perform(case, "conclude", actor=who, opinion="事实清楚", **({"outcome": "PAY"} | inputs))


def claim(cast, policy, **fields):
    """A claim of 2,700 元 on a policy of which nothing is used yet."""
    case = handed_over(cast, policy=policy, **fields)
    return perform_take(case, cast.cl_reviewer)


def perform_take(case, who):
    perform(case, "take", actor=who)
    return again(case)


@pytest.fixture
def insured(db):
    return make_party(name="同一被保险人")


def policy(cast, insured):
    return make_policy(cast.county, cast.clerk, insured=insured)


def test_the_second_part_of_an_event_goes_to_a_signer_with_the_sum_in_the_words(cast, insured):
    first, second = claim(cast, policy(cast, insured)), claim(cast, policy(cast, insured))
    assert conclude(first, cast.cl_reviewer).data["route"] == "您的权限 5,000.00 元，本案 2,700.00 元，您可直接签批"
    event = conclude(second, cast.cl_reviewer)
    found = again(second)
    assert found.state == State.PENDING_APPROVAL and found.amount == Decimal("2700.00")
    assert event.data["route"].startswith("您的权限 5,000.00 元，本案 2,700.00 元，同一事故另有 1 件共 2,700.00 元，累计 5,400.00 元，")
    perform(take_next(cast.approver, "approval"), "approve", actor=cast.approver)
    assert again(second).state == State.APPROVED


@pytest.mark.parametrize("days", [0, 3])
def test_a_stay_that_overlaps_is_the_same_event_whatever_day_was_keyed(cast, insured, days):
    day = timezone.localdate() - timedelta(days=20)
    first = claim(cast, policy(cast, insured), discharged_on=(day + timedelta(days=5)).isoformat())
    conclude(first, cast.cl_reviewer)
    later = (day + timedelta(days=days)).isoformat()
    second = claim(cast, policy(cast, insured), event_on=later, admitted_on=later, discharged_on=(day + timedelta(days=9)).isoformat())
    conclude(second, cast.cl_reviewer)
    assert again(second).state == State.PENDING_APPROVAL


def test_another_event_and_another_person_stand_for_themselves(cast, insured):
    conclude(claim(cast, policy(cast, insured)), cast.cl_reviewer)
    day = (timezone.localdate() - timedelta(days=4)).isoformat()
    other_event = claim(cast, policy(cast, insured), event_on=day, admitted_on=day, discharged_on=day)
    conclude(other_event, cast.cl_reviewer)
    other_person = claim(cast, policy(cast, make_party()))
    conclude(other_person, cast.cl_reviewer)
    assert again(other_event).state == again(other_person).state == State.APPROVED


def test_a_withdrawn_and_a_refused_part_add_nothing(cast, insured):
    gone = claim(cast, policy(cast, insured))
    conclude(gone, cast.cl_reviewer, outcome="REFUSE", reason_code="C06")
    left = claim(cast, policy(cast, insured))
    conclude(left, cast.cl_reviewer, outcome="EX_GRATIA", amount="3000.00", reason_code="C09")
    perform(left, "withdraw", actor=cast.clerk, reason="客户撤回")
    case = claim(cast, policy(cast, insured))
    conclude(case, cast.cl_reviewer)
    assert again(case).state == State.APPROVED


def test_a_part_signed_meanwhile_counts_when_the_approver_signs(cast, insured):
    """The approver's limit is held against the event as it is at the signature, and the refusal says who can."""
    dear = {"expenses": [{"category": "手术", "invoiced": "250000.00", "non_covered": "0", "over_limit": "0"}], "social_insurance": "100000.00"}
    first, second = claim(cast, policy(cast, insured), **dear), claim(cast, policy(cast, insured), **dear)
    conclude(first, cast.cl_reviewer)
    waiting = perform_take(again(first), cast.approver)
    conclude(second, cast.cl_reviewer)
    assert again(second).required_grade == 3
    with pytest.raises(Refused, match=r"累计 26\.82 万元，需 3 级批准岗"):
        perform(waiting, "approve", actor=cast.approver)
    perform(waiting, "hand_back", actor=cast.approver, reason="额度不足")
    perform(perform_take(again(first), cast.approver_high), "approve", actor=cast.approver_high)
    assert again(first).state == State.APPROVED


def test_the_preview_says_the_same_on_the_page_and_over_the_interface(cast, insured, as_user):
    first, second = claim(cast, policy(cast, insured)), claim(cast, policy(cast, insured))
    conclude(first, cast.cl_reviewer)
    client, given = as_user(cast.cl_reviewer), {"outcome": "PAY", "opinion": "事实清楚"}
    assert "累计 5,400.00 元" in client.post(reverse("cases:preview", args=[second.number]), given).content.decode()
    told = client.post(f"/api/v1/cases/{second.number}/preview/", given, content_type="application/json").json()
    assert "累计 5,400.00 元" in told["route"] and told["alone"] is False


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_parts_concluded_at_once_are_not_both_signed_alone(transactional_cast):
    cast, insured = transactional_cast, make_party(name="同一被保险人")
    cases = [claim(cast, policy(cast, insured)), claim(cast, policy(cast, insured))]
    found = together(2, lambda n: conclude(cases[n], cast.cl_reviewer))
    assert [f for f in found if isinstance(f, Exception)] == []
    assert sorted(Case.objects.values_list("state", flat=True)) == [State.APPROVED, State.PENDING_APPROVAL]
