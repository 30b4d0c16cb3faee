"""A claim from the counter to the shelf, and the refusals on its way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid, Refused, Stale
from lifeops.cases.models import Case, Clock, broken_links
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.requests import perform_request
from lifeops.cases.states import State
from lifeops.documents.papers import issue, print_letter
from lifeops.policies.models import MedicalUsage, Payment, Policy
from lifeops.policies.services.locking import change_status
from tests.factories import accept, again, claim_inputs, handed_over, make_policy


def conclude(case, reviewer, **inputs):
    return perform(case, "conclude", actor=reviewer, opinion="事实清楚", **({"outcome": "PAY"} | inputs))


def test_medical_claim_is_paid_by_one_signature_within_the_reviewers_limit(cast):
    case = handed_over(cast)
    taken = take_next(cast.cl_reviewer, "claims")
    assert taken.pk == case.pk
    event = conclude(taken, cast.cl_reviewer)
    assert again(case).state == State.APPROVED
    # (12,000 − 8,000 − 1,000 免赔额) × 90 %
    assert Payment.objects.get(case_number=case.number).amount == Decimal("2700.00")
    assert event.data["route"].startswith("您的权限 5,000.00 元")
    usage = MedicalUsage.objects.get(case_number=case.number)
    assert (usage.deductible, usage.paid) == (Decimal("1000.00"), Decimal("2700.00"))


def test_second_claim_of_the_year_finds_the_deductible_used(cast):
    policy = make_policy(cast.county, cast.clerk)
    for _ in range(2):
        case = handed_over(cast, policy=policy)
        conclude(take_next(cast.cl_reviewer2, "claims"), cast.cl_reviewer2)
    assert Payment.objects.get(case_number=case.number).amount == Decimal("3600.00")


def test_larger_claim_goes_to_the_lowest_sufficient_signer_and_never_to_one_who_had_a_hand(cast):
    case = handed_over(cast, item="CL01")
    conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer)
    found = again(case)
    assert (found.state, found.required_grade) == (State.PENDING_APPROVAL, 3)
    assert take_next(cast.approver, "approval") is None
    with pytest.raises(Refused, match="3 级以上、权限涵盖本项目的批准岗"):
        perform(case, "take", actor=cast.approver)
    taken = take_next(cast.approver_high, "approval")
    perform(taken, "approve", actor=cast.approver_high, opinion="同意")
    assert again(case).state == State.APPROVED
    policy = Policy.objects.get(pk=case.policy_id)
    assert (policy.status, policy.termination, policy.hold_case) == ("terminated", "身故给付", "")
    assert policy.insured.died_on is not None


def test_from_the_counter_to_the_shelf(cast):
    case = handed_over(cast)
    conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer)
    today = timezone.localdate().isoformat()
    hand_over = {"how": "hand", "to": "测试客户", "signed_on": today}
    with pytest.raises(Refused, match="理赔决定通知书尚未打印"):
        perform(case, "release", actor=cast.issue, **hand_over)
    letter = issue(case=again(case), kind="claim_decision", actor=cast.issue, now=timezone.now())
    print_letter(letter=letter, actor=cast.issue, now=timezone.now())
    perform(case, "release", actor=cast.issue, **hand_over)
    payment = Payment.objects.get(case_number=case.number)
    with pytest.raises(Refused, match="机构主管"):
        move_money(case=again(case), payment=payment, act="release", actor=cast.issue, now=timezone.now())
    move_money(case=again(case), payment=payment, act="release", actor=cast.head, now=timezone.now())
    with pytest.raises(Invalid, match="款项未结清"):
        perform(case, "file", actor=cast.archive, box="b01", shelf="a3", reason="影像另存")
    move_money(case=again(case), payment=payment, act="settle", actor=cast.head, now=timezone.now(), reference="B001")
    perform(case, "file", actor=cast.archive, box="b01", shelf="a3", reason="影像另存")
    found = again(case)
    assert found.state == State.ARCHIVED and found.volume.place == "甲支公司 · A3 架 · B01 盒"
    assert broken_links(found) == []
    assert not Clock.objects.filter(case=found, stopped_at__isnull=True).exists()


def test_refused_claim_is_declined_with_its_letter_clock(cast):
    policy = make_policy(cast.county, cast.clerk, effective_on=timezone.localdate() - timezone.timedelta(days=25))
    case = handed_over(cast, policy=policy)
    taken = take_next(cast.cl_reviewer2, "claims")
    with pytest.raises(Invalid, match="责任核定未通过"):
        conclude(taken, cast.cl_reviewer2)
    conclude(taken, cast.cl_reviewer2, outcome="REFUSE", reason_code="C02")
    # 拒付 is lifted one grade: never by one signature
    assert again(case).state == State.PENDING_APPROVAL
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high)
    assert again(case).state == State.DECLINED
    assert Clock.objects.get(case=case, rule__code="CL_NOTIFY_REFUSE").stopped_at is None
    assert not Payment.objects.filter(case_number=case.number).exists()


def test_refusal_needs_reason_code_and_facts(cast):
    handed_over(cast)
    taken = take_next(cast.cl_reviewer2, "claims")
    with pytest.raises(Invalid) as caught:
        perform(taken, "conclude", actor=cast.cl_reviewer2, outcome="REFUSE")
    assert set(caught.value.errors) == {"reason_code", "opinion"}


def test_query_pauses_the_statutory_clock_and_the_case_comes_back_to_the_same_reviewer(cast):
    case = handed_over(cast)
    taken = take_next(cast.cl_reviewer, "claims")
    perform(taken, "issue_request", actor=cast.cl_reviewer, kind="query", addressee="customer", cause="医疗资料",
            contents=["CQ02"], blocking=True, due_days=10)
    found = again(case)
    assert found.state == State.WAITING
    letter = found.requests.get()
    clock = Clock.objects.get(case=case, rule__code="CL_DECIDE")
    assert not clock.paused
    perform_request(letter, "print_out", actor=cast.query)
    perform_request(letter, "deliver", actor=cast.query, how="面交", to="客户")
    clock.refresh_from_db()
    assert clock.paused and again(case).holder_party == "customer"
    with pytest.raises(Refused):
        perform_request(letter, "answer", actor=cast.other_query, reply="已补")
    perform_request(letter, "answer", actor=cast.query, reply="已补出院小结")
    perform_request(letter, "close", actor=cast.query)
    found = again(case)
    assert (found.state, found.assignee_id) == (State.IN_REVIEW, cast.cl_reviewer.pk)
    clock.refresh_from_db()
    assert not clock.paused


def test_one_cause_is_asked_once(cast):
    handed_over(cast)
    taken = take_next(cast.cl_reviewer, "claims")
    asked = {"kind": "query", "addressee": "customer", "cause": "医疗资料", "contents": ["CQ02"], "blocking": False, "due_days": 10}
    perform(taken, "issue_request", actor=cast.cl_reviewer, **asked)
    with pytest.raises(Invalid, match="一次性告知"):
        perform(taken, "issue_request", actor=cast.cl_reviewer, **asked)


def test_stale_page_is_told_what_changed(cast):
    case = handed_over(cast)
    taken = take_next(cast.cl_reviewer, "claims")
    seen = again(case).version
    perform(taken, "mark_complex", actor=cast.cl_reviewer, reason="需调查")
    with pytest.raises(Stale) as caught:
        perform(taken, "conclude", actor=cast.cl_reviewer, version=seen, outcome="PAY", opinion="x")
    assert [row["what"] for row in caught.value.differences] == ["列为复杂案件"]


def test_repeated_request_answers_with_the_first_result(cast):
    case = handed_over(cast)
    first = perform(case, "take", actor=cast.cl_reviewer, idempotency_key="k1")
    assert perform(case, "take", actor=cast.cl_reviewer, idempotency_key="k1").pk == first.pk


def test_reviewer_of_another_line_does_not_see_the_case(cast):
    from lifeops.cases.models import Case

    case = handed_over(cast)
    assert Case.objects.visible_to(cast.cl_reviewer).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(cast.underwriter).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(cast.other_clerk).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(cast.sysadmin).filter(pk=case.pk).exists()


def test_entry_with_errors_saves_nothing(cast):
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **claim_inputs(payee_account="12", discharged_on="2020-01-01"))
    assert set(caught.value.errors) == {"payee_account", "discharged_on"}
    assert again(case).record is None
    with pytest.raises(Refused, match="尚未录入"):
        perform(case, "complete_entry", actor=cast.entry)


def test_withdrawal_before_the_decision_releases_the_policy(cast):
    case = handed_over(cast, item="CL01")
    assert Policy.objects.get(pk=case.policy_id).hold_case == case.number
    with pytest.raises(Refused):
        perform(case, "withdraw", actor=cast.other_clerk, reason="客户撤回")
    perform(case, "withdraw", actor=cast.clerk, reason="客户撤回")
    assert again(case).state == State.WITHDRAWN
    assert Policy.objects.get(pk=case.policy_id).hold_case == ""


def test_the_book_refuses_what_has_ended_meanwhile_in_its_own_words(cast):
    case = handed_over(cast, item="CL01")
    conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer)
    taken = take_next(cast.approver_high, "approval")
    policy = Policy.objects.get(pk=case.policy_id)
    change_status(policy, "terminated", on=timezone.localdate(), cause="退保")
    with pytest.raises(Refused, match=r"已于 .* 终止（退保）"):
        perform(taken, "approve", actor=cast.approver_high)
    assert again(case).state == State.PENDING_APPROVAL
    assert not Payment.objects.filter(case_number=case.number).exists()


def test_withdrawal_closes_open_letters_and_says_which(cast):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "issue_request", actor=cast.cl_reviewer, kind="query", addressee="customer", cause="医疗资料",
            contents=["CQ02"], blocking=True, due_days=10)
    letter = case.requests.get()
    event = perform(case, "withdraw", actor=cast.clerk, reason="撤回")
    assert event.data["cancelled"] == [letter.number]
    assert letter.custody.order_by("-seq").first().party == "hq"


@pytest.mark.parametrize("who", [{"applicant_kind": "insured"}, {"applicant_kind": "beneficiary", "applicant": "insured"}])
def test_the_dead_do_not_claim(cast, who):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    given = who | ({"applicant": policy.insured} if "applicant" in who else {})
    with pytest.raises(Invalid) as refused:
        accept(cast, item="CL01", policy=policy, **given)
    assert "被保险人身故，不能作申请人" in refused.value.errors["applicant_kind"][0]
    assert not Case.objects.exists()
    assert accept(cast, item="CL05", applicant_kind="insured").item == "CL05"
