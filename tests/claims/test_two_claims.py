"""Two claims on one contract: a death is paid once, and what one claim has done to the contract holds for the other."""

from __future__ import annotations

import pytest
from django.utils import timezone

from claims.earlier import rescinded_by
from claims.models import Claim
from claims.services import letter_data
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.findings import evaluate_rules
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.documents.letters.schema import show_day
from lifeops.policies.models import Payment, Policy
from lifeops.policies.services.lending import open_loans, owed_at, repay
from lifeops.policies.services.locking import change_status
from tests.factories import again, handed_over, lent_on, make_policy

pytestmark = pytest.mark.django_db
REVIEW = {"opinion": "事实清楚"}


def concluded(cast, case, *, by: str = "cl_reviewer2", **inputs):
    taken, reviewer = again(case), getattr(cast, by)
    if taken.state == State.QUEUED:
        perform(taken, "take", actor=reviewer)
    perform(again(case), "conclude", actor=reviewer, **(REVIEW | {"outcome": "PAY"} | inputs))
    return again(case)


def sign(cast, case):
    if again(case).assignee_id != cast.approver_high.pk:
        perform(again(case), "take", actor=cast.approver_high)
    perform(again(case), "approve", actor=cast.approver_high, opinion="同意")
    return again(case)


@pytest.fixture
def twice(cast):
    """Two claims on one death, taken in one after the other: the first holds the contract, the second is concluded first."""
    policy = make_policy(cast.county, cast.clerk, product="W30")
    first = handed_over(cast, item="CL01", policy=policy)
    second = handed_over(cast, item="CL01", policy=Policy.objects.get(pk=policy.pk))
    return first, second


@pytest.mark.parametrize("outcome", [{}, {"outcome": "PART", "amount": "1000.00", "reason_code": "C08"}, {"outcome": "EX_GRATIA", "amount": "400000.00", "reason_code": "C09"}])
def test_what_was_concluded_before_another_claim_was_paid_is_not_paid_on_top(cast, twice, outcome):
    first, second = twice
    concluded(cast, second, **outcome)
    concluded(cast, first)
    assert sign(cast, first).state == State.APPROVED
    with pytest.raises(Refused, match=f"审核后案件 {first.number} 已给付"):
        sign(cast, second)
    assert [p.case_number for p in Payment.objects.all()] == [first.number]
    # sent back it is reckoned with what has been paid
    perform(again(second), "return_to_review", actor=cast.approver_high, reason="另案已给付")
    with pytest.raises(Invalid, match="应付金额为零"):
        concluded(cast, second)


@pytest.mark.parametrize("outcome", [{}, {"outcome": "PART", "amount": "1000.00", "reason_code": "C08"}, {"outcome": "EX_GRATIA", "amount": "400000.00", "reason_code": "C09"}])
def test_what_was_concluded_while_the_other_was_being_signed_is_not_paid_on_top(cast, twice, outcome):
    """The signature was begun before the conclusion, which did not see it: the days and minutes do not tell."""
    first, second = twice
    begun = timezone.now()
    concluded(cast, first)
    concluded(cast, second, **outcome)
    perform(again(first), "take", actor=cast.approver_high)
    perform(again(first), "approve", actor=cast.approver_high, opinion="同意", now=begun)
    with pytest.raises(Refused, match=f"审核后案件 {first.number} 已给付"):
        sign(cast, second)
    assert [p.case_number for p in Payment.objects.all()] == [first.number]


def test_what_is_paid_out_of_grace_beside_a_claim_that_was_paid_tells_it(cast, twice):
    """Nothing was due as of right, to either; who concluded knew of the first."""
    first, second = twice
    for case in twice:
        Claim.objects.filter(case=case).update(cause="suicide")
    grace = {"outcome": "EX_GRATIA", "amount": "1000.00", "reason_code": "C09"}
    concluded(cast, first, **grace)
    sign(cast, first)
    concluded(cast, second, **grace)
    assert ("前案已理算的身故给付", first.number, False) in [(row["label"], row["formula"], row["counts"]) for row in again(second).current_decision().lines]
    assert sign(cast, second).state == State.APPROVED and Payment.objects.count() == 2


@pytest.mark.parametrize("outcome", [{}, {"outcome": "PART", "amount": "1000.00", "reason_code": "C08"}, {"outcome": "EX_GRATIA", "amount": "400000.00", "reason_code": "C09"}])
def test_whatever_was_concluded_rests_on_what_is_due_at_the_signature(cast, outcome):
    """A loan was repaid in between: more is due than the examiner looked at."""
    policy = lent_on(make_policy(cast.county, cast.clerk, product="W30"), cast)
    case = handed_over(cast, item="CL01", policy=policy)
    concluded(cast, case, **outcome)
    today = timezone.localdate()
    repay(policy=policy, amount=owed_at(open_loans(policy), today), day=today, reference="R1", actor=cast.clerk, now=timezone.now())
    with pytest.raises(Refused, match="审核后应付金额有变化"):
        sign(cast, case)
    assert not Payment.objects.exists() and Policy.objects.get(pk=policy.pk).status == "in_force"


# ── rescinded by the other ──


@pytest.fixture
def stays(cast):
    """Two claims for two stays of one insured, both before anything was found out."""
    policy = make_policy(cast.county, cast.clerk)
    return handed_over(cast, policy=policy), handed_over(cast, policy=policy)


def rescind(cast, case, reason: str = "C10"):
    given = {"outcome": "RESCIND_NO_REFUND"} if reason == "C10" else {"outcome": "RESCIND_REFUND", "serious": True, "refund_to": "wait"}
    concluded(cast, case, **given, reason_code=reason, known_on=timezone.localdate().isoformat())
    return sign(cast, case)


def test_after_a_rescission_for_intent_nothing_before_it_is_paid(cast, stays):
    """保险法 16 ¶4; there is nothing left to be rescinded, and the refusal rests on it all the same."""
    one, other = stays
    rescind(cast, one)
    words = f"合同已由案件 {one.number} 解除（故意不如实告知），解除前发生的事故不承担给付"
    with pytest.raises(Invalid, match="解除前发生的事故不承担给付"):
        concluded(cast, other)
    assert {f.code: (f.level, f.message) for f in evaluate_rules(again(other), timezone.now())}["L08"] == ("warn", words)
    concluded(cast, other, outcome="REFUSE", reason_code="C10", opinion="病历与告知不符")
    assert sign(cast, other).state == State.DECLINED
    effect = letter_data("claim_refusal", again(other), again(other).current_decision())["contract_effect"]
    assert f"保险合同已于 {show_day(Policy.objects.get(pk=other.policy_id).terminated_on)} 终止" in effect
    assert not Payment.objects.exists()


def test_gross_negligence_bears_on_what_it_caused_only(cast, stays):
    """保险法 16 ¶5: the reviewer is told, and says which it is."""
    one, other = stays
    rescind(cast, one, "C05")
    found = {f.code: f for f in evaluate_rules(again(other), timezone.now())}["L08"]
    assert found.level == "warn" and "没有严重影响的才应给付" in found.message
    concluded(cast, other)
    assert Payment.objects.filter(case_number=other.number).exists()


@pytest.mark.parametrize("reason", ["C10", "C05"])
def test_what_was_concluded_before_the_rescission_is_not_paid_after_it(cast, reason):
    policy = make_policy(cast.county, cast.clerk)
    big = handed_over(cast, policy=policy, expenses=[{"category": "药品", "invoiced": "90000.00", "non_covered": "0", "over_limit": "0"}])
    small = handed_over(cast, policy=policy)
    assert concluded(cast, big, by="cl_reviewer").state == State.PENDING_APPROVAL
    rescind(cast, small, reason)
    with pytest.raises(Refused, match="审核后合同已由案件"):
        sign(cast, big)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("outcome", ["PAY", "PART"])
def test_what_was_concluded_while_the_rescission_was_being_signed_is_not_paid_either(cast, outcome):
    policy, begun = make_policy(cast.county, cast.clerk), timezone.now()
    big = handed_over(cast, policy=policy, expenses=[{"category": "药品", "invoiced": "90000.00", "non_covered": "0", "over_limit": "0"}])
    small = handed_over(cast, policy=policy)
    concluded(cast, small, outcome="RESCIND_NO_REFUND", reason_code="C10", known_on=timezone.localdate().isoformat())
    given = {"amount": "1000.00", "reason_code": "C08"} if outcome == "PART" else {}
    assert concluded(cast, big, by="cl_reviewer", outcome=outcome, **given).state == State.PENDING_APPROVAL
    perform(again(small), "take", actor=cast.approver_high)
    perform(again(small), "approve", actor=cast.approver_high, opinion="同意", now=begun)
    with pytest.raises(Refused, match="审核后合同已由案件"):
        sign(cast, big)
    assert not Payment.objects.exists()


def test_who_was_paid_before_the_rescission_was_rightly_paid(cast, stays):
    one, other = stays
    concluded(cast, other)
    rescind(cast, one)
    assert Payment.objects.filter(case_number=other.number).exists() and rescinded_by(again(other)) is None


def test_of_a_term_that_has_run_out_the_suicide_is_refused(cast):
    """No contract is left whose cash value could be refunded."""
    policy = make_policy(cast.county, cast.clerk, product="W30")
    case = handed_over(cast, item="CL01", policy=policy, cause="suicide")
    with pytest.raises(Invalid, match="请选择退还现金价值"):
        concluded(cast, case, outcome="REFUSE", reason_code="C04")
    change_status(Policy.objects.get(pk=policy.pk), "terminated", on=timezone.localdate(), cause="保险期间届满")
    with pytest.raises(Invalid, match="不能再解除或退还现金价值"):
        concluded(cast, case, outcome="REFUND_CV", reason_code="C04", refund_to="wait")
    concluded(cast, case, outcome="REFUSE", reason_code="C04")
    assert sign(cast, case).state == State.DECLINED
