"""PS33 公司解约: a contract suspended for two years is ended by the company, its cash value waits for the policyholder (保险法 37)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.services import precheck_specs
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.findings import evaluate_rules
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.documents.letters.schema import show_day
from lifeops.documents.papers import issue, offered
from lifeops.policies.models import Account, EventKind, Payment, Policy
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.locking import hold
from lifeops.policies.services.particulars import record_death
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.reinstating import last_day_to_apply
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.uncollected import uncollected
from servicing.services import summary
from tests.factories import (
    accept,
    again,
    handed_over,
    lapsed_policy,
    make_policy,
    overrides_at_counter,
    paid_in,
)
from tests.servicing.test_journey import conclude, taken

pytestmark = pytest.mark.django_db
D = Decimal


def long_lapsed(cast) -> Policy:
    """Suspended for more than two years, ten yearly premiums of which one was paid."""
    return lapsed_policy(cast, days=820)


def book(case: Case) -> Policy:
    return Policy.objects.get(pk=case.policy_id)


def sign(cast) -> None:
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")


def found(case: Case):
    return {f.code: f for f in evaluate_rules(again(case), timezone.now())}


def last_of(policy: Policy):
    return last_day_to_apply(policy, policy.main)


def test_after_two_years_the_company_ends_it_and_the_value_waits_for_the_policyholder(cast):
    policy, today = long_lapsed(cast), timezone.localdate()
    assert policy.events.filter(kind="window_over").exists()
    due = surrender_value(policy, today).amount
    case = handed_over(cast, item="PS33", policy=policy)
    assert (case.applicant, again(case).get_applicant_kind_display(), policy.status) == (None, "本公司", "lapsed")
    conclude(cast, taken(cast))
    waiting = again(case)
    # small as it is, it is signed by another, one grade above what the amount alone would need
    assert (waiting.state, waiting.required_grade) == (State.PENDING_APPROVAL, 2) and book(case).status == "lapsed"
    sign(cast)
    ended = book(case)
    assert (ended.status, ended.ending, ended.termination, ended.terminated_on) == ("terminated", "rescission", "公司解约", today)
    assert waiting.current_decision().amount == due > 0 and not Payment.objects.filter(case_number=case.number).exists()
    [row] = uncollected(ended, today)
    assert (row.amount, row.whose, row.item) == (due, "投保人", "溢缴退费")
    money = balances(ended)
    assert (money[Account.SURRENDER], money[Account.PAYABLE]) == (due, -due) and sum(money.values()) == 0


def test_what_it_leaves_is_collected_by_the_policyholder(cast):
    case = handed_over(cast, item="PS33")
    conclude(cast, taken(cast))
    sign(cast)
    due = again(case).current_decision().amount
    back = handed_over(cast, item="PS28", policy=book(case))
    conclude(cast, taken(cast))
    sign(cast)
    assert Payment.objects.get(case_number=back.number).amount == due


def test_debts_are_taken_off_the_value(cast):
    policy, today = long_lapsed(cast), timezone.localdate()
    policy.loans.create(principal=D(100), rate=D("0.05"), since=today - timedelta(days=73))
    gross = surrender_value(policy, today, debts=()).amount
    case = handed_over(cast, item="PS33", policy=policy)
    conclude(cast, taken(cast))
    sign(cast)
    assert again(case).current_decision().amount == gross - 101  # 100 × 5 % × 73 ÷ 365
    assert not book(case).loans.filter(repaid_on__isnull=True).exists()


def test_before_the_two_years_are_over_it_is_refused(cast):
    policy = lapsed_policy(cast)
    case = accept(cast, item="PS33", policy=policy)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, why_text="欠费")
    row = found(case)["S111"]
    assert (row.level, row.limit) == ("block", f"复效期限至 {last_of(policy)}")
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    with pytest.raises(Invalid, match="复效期限未满"):
        perform(case, "hand_over", actor=cast.clerk, overrides={})


def test_the_last_day_of_the_window_is_the_customers(cast):
    policy, today = long_lapsed(cast), timezone.localdate()
    Policy.objects.filter(pk=policy.pk).update(lapsed_on=today - timedelta(days=730))
    case = accept(cast, item="PS33", policy=Policy.objects.get(pk=policy.pk))
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, why_text="欠费")
    assert last_of(book(case)) >= today and found(case)["S111"].level == "block"


def test_a_contract_in_force_is_not_taken_in(cast):
    case = accept(cast, item="PS33", policy=make_policy(cast.county, cast.clerk, product="W30"))
    with pytest.raises(Invalid, match="保单状态不可办理此项目"):
        perform(case, "pass_precheck", actor=cast.clerk, overrides={})


def test_reinstated_meanwhile_it_is_not_signed(cast):
    policy = long_lapsed(cast)
    case = handed_over(cast, item="PS33", policy=policy)
    conclude(cast, taken(cast))
    Policy.objects.filter(pk=policy.pk).update(status="in_force", lapsed_on=None)
    with pytest.raises(Refused, match="合同没有中止"):
        sign(cast)
    assert again(case).state == State.PENDING_APPROVAL and book(case).status == "in_force"


def test_while_reinstatement_is_in_hand_it_waits(cast):
    policy = lapsed_policy(cast)
    asked = accept(cast, item="PS07", policy=paid_in(policy, cast))
    Policy.objects.filter(pk=policy.pk).update(lapsed_on=timezone.localdate() - timedelta(days=800))
    case = accept(cast, item="PS33", policy=Policy.objects.get(pk=policy.pk))
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, why_text="欠费")
    rows = found(case)
    assert (rows["S112"].level, rows["S112"].value) == ("block", asked.number) and rows["S02"].level == "block"
    assert rows["S114"].level == "warn"  # the money for it is there


def test_a_claim_in_hand_comes_first(cast):
    policy = long_lapsed(cast)
    accept(cast, item="CL01", policy=policy)
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    case = accept(cast, item="PS33", policy=Policy.objects.get(pk=policy.pk))
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, why_text="欠费")
    assert found(case)["S03"].level == "block"


def test_money_that_changed_the_debts_sends_it_back(cast):
    policy, today = long_lapsed(cast), timezone.localdate()
    loan = policy.loans.create(principal=D(100), rate=D("0.05"), since=today - timedelta(days=73))
    case = handed_over(cast, item="PS33", policy=policy)
    conclude(cast, taken(cast))
    type(loan).objects.filter(pk=loan.pk).update(repaid_on=today)
    with pytest.raises(Refused, match="审核后保单账目有变化"):
        sign(cast)
    assert book(case).status == "lapsed"


def test_a_value_that_moved_after_the_day_it_was_reckoned_on_sends_it_back(cast):
    """A loan renewed since: the sum is the same by chance, the day it rests on is gone."""
    case = handed_over(cast, item="PS33")
    conclude(cast, taken(cast))
    policy, tomorrow = book(case), timezone.localdate() + timedelta(days=1)
    record(policy, EventKind.LOAN_RENEWED, on=tomorrow, cause=Cause.of("PS-1", cast.ps_reviewer), note="贷款续期")
    with pytest.raises(Refused, match="审核后保单账目有变化"):
        sign(cast)
    assert book(case).status == "lapsed"


def test_withdrawn_or_refused_it_leaves_the_contract_suspended_and_free(cast):
    case = handed_over(cast, item="PS33")
    assert book(case).hold_case == case.number
    perform(again(case), "withdraw", actor=cast.clerk, reason="投保人要求复效")
    other = handed_over(cast, item="PS33")
    conclude(cast, taken(cast), outcome="REFUSE", reason_code="P20")
    sign(cast)
    assert again(other).state == State.DECLINED
    assert [(book(c).status, book(c).hold_case) for c in (case, other)] == [("lapsed", ""), ("lapsed", "")]
    assert [kind for kind, _ in offered(again(other))] == ["receipt", "flow_sheet"]  # nobody outside is told


@pytest.mark.parametrize(("item", "kind", "words"), [("PS33", "policyholder", "请选择“本公司”"), ("PS02", "company", "只用于公司解约"), ("CL05", "company", "只用于公司解约")])
def test_only_the_company_asks_for_it_and_for_nothing_else(cast, item, kind, words):
    with pytest.raises(Invalid) as caught:
        accept(cast, item=item, applicant_kind=kind)
    assert words in caught.value.errors["applicant_kind"][0] and not Case.objects.exists()


def test_the_counter_of_another_unit_neither_opens_nor_sees_it(cast, as_user):
    case = handed_over(cast, item="PS33")
    assert as_user(cast.other_clerk).get(reverse("cases:detail", args=[case.number])).status_code == 404
    assert as_user(cast.clerk).get(reverse("cases:detail", args=[case.number])).status_code == 200
    with pytest.raises(Refused):
        perform(again(case), "take", actor=cast.cl_reviewer)


def test_the_counter_page_fills_the_company_in(cast, as_user):
    policy = long_lapsed(cast)
    side = as_user(cast.clerk).post(reverse("intake:refresh"), {"item": "PS33", "channel": "counter", "policy_number": policy.number}).content.decode()
    assert '"applicant_kind": "company"' in side and "解约请示" in side


def test_the_policyholder_is_told_by_letter(cast):
    case = handed_over(cast, item="PS33", why_text="自 2024 年起中止，三次通知未复效")
    conclude(cast, taken(cast))
    sign(cast)
    told = issue(case=again(case), kind="rescission_notice", actor=cast.issue, now=timezone.now()).data
    assert told["addressee"] == case.policy.policyholder.name and "第三十七条" in told["articles"][0] and "三次通知" in told["facts"]
    assert D(told["total"]) == again(case).current_decision().amount and "溢缴退费" in told["refund_by"]


def test_who_keys_reviews_and_hands_out_sees_whose_contract_it_is(cast, as_user):
    policy = long_lapsed(cast)
    case = accept(cast, item="PS33", policy=policy)
    # the company has no document, and none is said to have been looked at
    precheck = {f.code: f.message for f in precheck_specs(again(case), timezone.now())}
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    # it is printed in the letter, where days are written out
    assert f"合同效力自 {show_day(policy.lapsed_on)} 起中止" in as_user(cast.entry).get(reverse("intake:entry", args=[case.number])).content.decode()
    done = handed_over(cast, item="PS33", policy=long_lapsed(cast))
    assert precheck["J06"] == found(done)["S05"].message == "本公司提出，没有申请人证件"
    assert dict(dict(summary(done, done.record))["解约"])["投保人"] == done.policy.policyholder.name
    conclude(cast, taken(cast))
    sign(cast)
    page = as_user(cast.issue).get(reverse("archive:release_case", args=[done.number]))
    assert page.context["release_form"].initial["to"] == done.policy.policyholder.name != done.subject_name
    record_death(party=done.policy.policyholder, died_on=timezone.localdate(), evidence="police", actor=cast.clerk, now=timezone.now())
    page = as_user(cast.issue).get(reverse("archive:release_case", args=[done.number]))
    assert page.context["release_form"].initial["to"] == ""  # one of the heirs


def test_of_a_policyholder_who_has_died_the_heirs_are_told(cast):
    case = handed_over(cast, item="PS33")
    record_death(
        party=case.policy.policyholder, died_on=timezone.localdate() - timedelta(days=9), evidence="police", actor=cast.clerk, now=timezone.now()
    )
    conclude(cast, taken(cast))
    sign(cast)
    told = issue(case=again(case), kind="rescission_notice", actor=cast.issue, now=timezone.now()).data
    assert told["addressee"] == f"{case.policy.policyholder.name}的继承人" and "以继承人身份办理溢缴退费" in told["refund_by"]


@pytest.mark.parametrize("told", ["before", "after"])
def test_of_who_died_under_cover_the_claim_comes_first(cast, told):
    """Rescinded, the contract could pay his beneficiaries no more; `told`: of the conclusion."""
    policy = long_lapsed(cast)
    case = handed_over(cast, item="PS33", policy=policy)

    def tell():
        died = policy.lapsed_on - timedelta(days=1)
        record_death(party=policy.insured, died_on=died, evidence="police", actor=cast.clerk, now=timezone.now())

    if told == "before":
        tell()
        with pytest.raises(Invalid, match="被保险人在效力中止前身故，先办身故理赔"):
            conclude(cast, taken(cast))
    else:
        conclude(cast, taken(cast))
        tell()
        with pytest.raises(Refused, match="被保险人在效力中止前身故，先办身故理赔"):
            sign(cast)
    assert book(case).status == "lapsed" and found(case)["S115"].level == "block"


def test_a_premium_that_comes_after_the_end_waits_as_well(cast):
    case = handed_over(cast, item="PS33")
    conclude(cast, taken(cast))
    sign(cast)
    today = timezone.localdate()
    receive_premium(policy=book(case), amount=D(500), received_on=today, reference="L1", actor=cast.clerk, now=timezone.now())
    run_policy_day(today)
    assert {row.kind for row in uncollected(book(case), today)} == {"left", "suspense"}


def test_held_by_another_case_it_is_not_signed(cast):
    policy = long_lapsed(cast)
    case = handed_over(cast, item="PS33", policy=policy)
    conclude(cast, taken(cast))
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    hold(Policy.objects.get(pk=policy.pk), "PS-OTHER")
    with pytest.raises(Refused, match="挂起"):
        sign(cast)
    assert book(case).status == "lapsed"
