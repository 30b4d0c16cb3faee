"""Who cleared a hit lets the case go on: another concludes it and another signs it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Refused
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.screened import judge_anywhere
from lifeops.cases.states import State
from lifeops.cases.tasks import screen_cases
from lifeops.org.models import Posting
from lifeops.policies.models import Payment
from lifeops.screening.models import Hit
from lifeops.screening.tasks import screen_customers
from tests.factories import again, handed_over, make_party, make_policy
from tests.screening.listing import in_force, row
from tests.screening.test_cases import judged, pay, taken


def cleared_before(cast, who, **fields):
    """A customer whose hit `who` cleared before there was a case, and a case of that customer."""
    party = make_party()
    policy = make_policy(cast.county, cast.clerk, insured=party)
    in_force(cast, row(party))
    screen_customers()
    judge_anywhere(hit=Hit.objects.get(), verdict="cleared", reason="出生地、照片均不同", actor=who, now=timezone.now())
    case = handed_over(cast, policy=policy, **fields)
    assert Hit.objects.get(case_number=case.number).decided_by == who
    return case


def test_who_cleared_the_customer_does_not_sign_the_case_that_goes_on_because_of_it(cast):
    case = taken(cleared_before(cast, cast.approver), cast.cl_reviewer)
    pay(case, cast.cl_reviewer, outcome="EX_GRATIA", amount="3000.00", reason_code="C01")
    assert again(case).required_grade <= cast.approver.grade_in("approver", case.branch_path)
    with pytest.raises(Refused, match="您排除过本案当事人的名单命中，结论与批准须由另一人作出"):
        perform(again(case), "take", actor=cast.approver)
    assert take_next(cast.approver, "approval") is None
    with pytest.raises(Refused, match="参与过本案，不能批准"):
        perform(again(case), "assign", actor=cast.manager, assignee=cast.approver.username, reason="改派")
    signing = take_next(cast.approver_high, "approval")
    assert signing == case
    perform(signing, "approve", actor=cast.approver_high, opinion="同意")
    assert again(case).state == State.APPROVED


def neither_takes_nor_concludes(cast, case, who) -> None:
    assert take_next(who, "claims") is None
    with pytest.raises(Refused, match="您排除过本案当事人的名单命中"):
        perform(again(case), "take", actor=who)
    perform(again(case), "assign", actor=cast.manager, assignee=who.username, reason="改派")
    with pytest.raises(Refused, match="您排除过本案当事人的名单命中"):
        pay(case, who)


def test_who_cleared_the_customer_does_not_conclude_either(cast):
    """One person with two posts would else let the customer through and sign alone."""
    Posting.objects.create(user=cast.cl_reviewer, role="approver", branch=cast.cl_reviewer.branch, grade=2, starts_on=date(2020, 1, 1))
    case = cleared_before(cast, type(cast.cl_reviewer).objects.get(pk=cast.cl_reviewer.pk))
    who = type(cast.cl_reviewer).objects.get(pk=cast.cl_reviewer.pk)
    neither_takes_nor_concludes(cast, case, who)
    assert take_next(cast.cl_reviewer2, "claims") is None
    perform(again(case), "assign", actor=cast.manager, assignee="cl_reviewer2", reason="改派")
    pay(case, cast.cl_reviewer2)
    assert again(case).state == State.APPROVED


def test_nor_when_the_post_that_cleared_is_over(cast):
    post = Posting.objects.create(user=cast.cl_reviewer, role="approver", branch=cast.cl_reviewer.branch, grade=2, starts_on=date(2020, 1, 1))
    case = cleared_before(cast, type(cast.cl_reviewer).objects.get(pk=cast.cl_reviewer.pk))
    post.ends_on = timezone.localdate() - timedelta(days=1)
    post.save()
    who = type(cast.cl_reviewer).objects.get(pk=cast.cl_reviewer.pk)
    neither_takes_nor_concludes(cast, case, who)


def test_who_judged_a_hit_while_a_signature_was_waited_for_is_not_offered_the_case(cast):
    party = make_party()
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    pay(case, cast.cl_reviewer, outcome="EX_GRATIA", amount="3000.00", reason_code="C01")
    in_force(cast, row(party))
    screen_cases()
    judged(cast, case, "confirmed", cast.approver, reason="证件、照片一致")
    assert take_next(cast.approver, "approval") is None


def test_who_signed_the_case_does_not_clear_what_stops_its_payment(cast):
    """A list that comes into force after the signature: another looks at it."""
    party = make_party()
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    pay(case, cast.cl_reviewer, outcome="EX_GRATIA", amount="3000.00", reason_code="C01")
    perform(take_next(cast.approver, "approval"), "approve", actor=cast.approver, opinion="同意")
    in_force(cast, row(party))
    screen_cases()
    assert Hit.objects.get(case_number=case.number).state == "open"
    with pytest.raises(Refused, match="您批准过本案，名单命中须由未经办、未批准本案的人处理"):
        judged(cast, case, "cleared", cast.approver, reason="出生地、照片均不同")
    judged(cast, case, "cleared", cast.approver_high, reason="出生地、照片均不同")
    assert Hit.objects.get(case_number=case.number).decided_by == cast.approver_high


@pytest.mark.parametrize("step", ["conclude", "approve"])
def test_what_was_cleared_of_the_customer_a_moment_ago_counts_for_the_case_at_once(cast, step):
    """No run has held the cases against the list yet: the step itself finds that the person has cleared the hit."""
    party, judge = make_party(), cast.approver
    if step == "conclude":
        Posting.objects.create(user=cast.cl_reviewer, role="approver", branch=cast.cl_reviewer.branch, grade=2, starts_on=date(2020, 1, 1))
        judge = type(cast.cl_reviewer).objects.get(pk=cast.cl_reviewer.pk)
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    if step == "approve":
        pay(case, cast.cl_reviewer, outcome="EX_GRATIA", amount="3000.00", reason_code="C01")
        assert take_next(judge, "approval") == case
    in_force(cast, row(party))
    screen_customers()
    judge_anywhere(hit=Hit.objects.get(case_number=""), verdict="cleared", reason="出生地、照片均不同", actor=judge, now=timezone.now())
    assert not Hit.objects.filter(case_number=case.number).exists()
    before = again(case).state
    with pytest.raises(Refused, match="您排除过本案当事人的名单命中"):
        if step == "conclude":
            pay(case, judge)
        else:
            perform(again(case), "approve", actor=judge, opinion="同意")
    assert again(case).state == before and Hit.objects.get(case_number=case.number).decided_by == judge


@pytest.mark.parametrize("who", ["approver", "cl_reviewer"])
def test_what_who_signed_or_concluded_clears_of_the_customer_does_not_let_the_payment_go(cast, who):
    """Carried over it would be his own word on his own case: it waits for another."""
    Posting.objects.create(user=cast.cl_reviewer, role="approver", branch=cast.cl_reviewer.branch, grade=2, starts_on=date(2020, 1, 1))
    party = make_party()
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    pay(case, cast.cl_reviewer, outcome="EX_GRATIA", amount="3000.00", reason_code="C01")
    perform(take_next(cast.approver, "approval"), "approve", actor=cast.approver, opinion="同意")
    in_force(cast, row(party))
    screen_customers()
    judge = type(cast.approver).objects.get(username=who)
    judge_anywhere(hit=Hit.objects.get(case_number=""), verdict="cleared", reason="出生地、照片均不同", actor=judge, now=timezone.now())
    payment, act = Payment.objects.get(case_number=case.number), {"act": "release", "actor": cast.head, "now": timezone.now()}
    with pytest.raises(Refused, match="款项暂不放行"):
        move_money(case=again(case), payment=payment, **act)
    assert Hit.objects.get(case_number=case.number).state == "open"
    judged(cast, case, "cleared", cast.manager, reason="出生地、照片均不同")
    assert move_money(case=again(case), payment=payment, **act).state == "released"
