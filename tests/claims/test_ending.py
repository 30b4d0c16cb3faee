"""A claim that ends the contract without a benefit: what goes back, to whom, until when, and what it leaves in the book."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from claims.models import ClaimDecision
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.findings import evaluate_rules
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.documents.papers import issue, print_letter
from lifeops.policies.models import Account, Party, Payment, Policy
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import open_loans, owed_at, repay
from lifeops.policies.services.locking import change_status
from lifeops.policies.services.overpaid import overpaid
from lifeops.policies.services.servicing import premiums_paid, surrender_value
from lifeops.policies.services.uncollected import uncollected
from tests.factories import again, handed_over, lent_on, make_party, make_policy, yearly_policy

pytestmark = pytest.mark.django_db
D = Decimal
ACCOUNT = {"refund_bank": "虚构银行", "refund_account": "9900001234567891"}


def day(ago: int) -> str:
    return (timezone.localdate() - timedelta(days=ago)).isoformat()


def gross(**inputs):
    """因重大过失未如实告知, known ten days ago."""
    return {"outcome": "RESCIND_REFUND", "reason_code": "C05", "known_on": day(10), "serious": True} | inputs


def suicide(**inputs):
    return {"outcome": "REFUND_CV", "reason_code": "C04"} | inputs


def conclude(cast, case, **inputs):
    taken = again(case)
    if taken.state == State.QUEUED:
        perform(taken, "take", actor=cast.cl_reviewer2)
    return perform(again(case), "conclude", actor=cast.cl_reviewer2, opinion="病历与告知不符", **inputs)


def sign(cast, **more):
    return perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意", **more)


def refused(cast, case, **inputs) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        conclude(cast, case, **inputs)
    return caught.value.errors


def book(case) -> Policy:
    return Policy.objects.get(pk=case.policy_id)


def decision_of(case) -> ClaimDecision:
    return ClaimDecision.objects.get(case=case, superseded=False)


# ── 解除合同 ──


def test_gross_non_disclosure_ends_the_contract_and_the_premium_goes_back(cast):
    case = handed_over(cast)
    paid, holder = premiums_paid(case.policy), case.policy.policyholder.name
    case.record.__class__.objects.filter(case=case).update(payee=holder)
    conclude(cast, case, **gross(refund_payee=holder))
    waiting = again(case)
    # one grade above what the amount alone would need
    assert (waiting.state, waiting.required_grade) == (State.PENDING_APPROVAL, 2) and book(case).status == "in_force"
    sign(cast)
    policy, today = book(case), timezone.localdate()
    assert again(case).state == State.DECLINED
    assert (policy.status, policy.ending, policy.termination, policy.terminated_on) == ("terminated", "rescission", "公司解约", today)
    assert not policy.coverages.filter(active=True).exists() and policy.insured.died_on is None
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.kind, payment.amount, payment.payee, payment.account) == ("refund", paid, holder, "9900001234567890")
    found = balances(policy)
    assert (found[Account.SURRENDER], found[Account.PAYABLE]) == (paid, -paid) and sum(found.values()) == 0
    assert [row["label"] for row in decision_of(case).lines] == ["退还已交保险费"] and decision_of(case).seal_holds()


def test_intent_keeps_the_premium(cast):
    case = handed_over(cast, item="CL01")
    conclude(cast, case, outcome="RESCIND_NO_REFUND", reason_code="C10", known_on=day(0))
    sign(cast)
    policy = book(case)
    assert (policy.termination, policy.hold_case) == ("公司解约", "") and not Payment.objects.exists()
    assert decision_of(case).amount == 0 and Account.PAYABLE not in balances(policy)
    # he has died all the same
    assert policy.insured.died_on == timezone.localdate() - timedelta(days=20)


def test_who_is_said_to_have_died_and_has_not_is_alive_in_the_book(cast):
    case = handed_over(cast, item="CL01")
    conclude(cast, case, outcome="RESCIND_NO_REFUND", reason_code="C12")
    sign(cast)
    assert book(case).termination == "公司解约" and book(case).insured.died_on is None
    notice, refusal = (issue(case=again(case), kind=kind, actor=cast.issue, now=timezone.now()).data for kind in ("rescission_notice", "claim_refusal"))
    for words in (notice["effect"], refusal["contract_effect"]):
        assert "所称的保险事故没有发生" in words and "解除前发生" not in words


def test_an_age_outside_the_limits_gives_the_cash_value_of_the_day(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    due = surrender_value(policy, timezone.localdate()).amount
    case = handed_over(cast, item="CL01", policy=policy)
    conclude(cast, case, outcome="RESCIND_REFUND", reason_code="C11", known_on=day(3), refund_to="wait")
    sign(cast)
    assert decision_of(case).amount == due > 0


def test_debts_are_taken_off_the_premium_to_the_day_of_the_conclusion(cast):
    policy = lent_on(make_policy(cast.county, cast.clerk, product="W30"), cast)
    case = handed_over(cast, item="CL01", policy=policy)
    conclude(cast, case, **gross(refund_to="wait"))
    assert decision_of(case).amount == premiums_paid(policy) - 1010  # 1,000 × 5 % × 73 ÷ 365
    sign(cast)
    found = balances(book(case))
    assert found[Account.SURRENDER] == premiums_paid(policy) and found[Account.INTEREST] == -10
    assert not book(case).loans.filter(repaid_on__isnull=True).exists()


def test_a_loan_repaid_after_the_conclusion_sends_it_back(cast):
    policy = lent_on(make_policy(cast.county, cast.clerk, product="W30"), cast)
    case = handed_over(cast, item="CL01", policy=policy)
    conclude(cast, case, **gross(refund_to="wait"))
    today = timezone.localdate()
    repay(policy=policy, amount=owed_at(open_loans(policy), today), day=today, reference="R1", actor=cast.clerk, now=timezone.now())
    with pytest.raises(Refused, match="审核后保单账目有变化"):
        sign(cast)
    assert book(case).status == "in_force"


@pytest.mark.parametrize(("ago", "words"), [(31, "解除权已于"), (-1, "不能晚于今天"), (300, "订立合同时"), (None, "请填写知道解除事由之日")])
def test_the_right_is_there_for_thirty_days_from_when_the_company_knew(cast, ago, words):
    case = handed_over(cast)
    given = gross(refund_to="wait") | ({"known_on": day(ago)} if ago is not None else {"known_on": ""})
    assert words in refused(cast, case, **given)["known_on"][0]
    conclude(cast, case, **gross(refund_to="wait", known_on=day(30)))
    assert again(case).state == State.PENDING_APPROVAL


def test_two_years_after_the_establishment_it_is_gone(cast):
    today = timezone.localdate()
    old = handed_over(cast, item="CL01", policy=make_policy(cast.county, cast.clerk, product="W30", effective_on=add_years(today, -2) - timedelta(days=1)))
    assert "自合同成立" in refused(cast, old, **gross(refund_to="wait"))["known_on"][0]
    last = handed_over(cast, item="CL01", policy=make_policy(cast.county, cast.clerk, product="W30", effective_on=add_years(today, -2)))
    conclude(cast, last, **gross(refund_to="wait"))
    assert again(last).state == State.PENDING_APPROVAL


def test_nobody_signs_when_the_last_day_has_passed(cast):
    case = handed_over(cast)
    conclude(cast, case, **gross(refund_to="wait", known_on=day(30)))
    with pytest.raises(Refused, match="解除权已于"):
        sign(cast, now=timezone.now() + timedelta(days=1))
    assert book(case).status == "in_force" and again(case).state == State.PENDING_APPROVAL


def test_a_premium_taken_after_the_company_knew_gives_the_right_up(cast):
    case = handed_over(cast)
    case.policy.premiums.update(paid_on=timezone.localdate() - timedelta(days=5))
    assert "仍收取了保险费" in refused(cast, case, **gross(refund_to="wait"))["known_on"][0]


def test_without_influence_on_the_event_the_benefit_is_owed(cast):
    case = handed_over(cast)
    assert "仍应给付" in refused(cast, case, **gross(serious=False, refund_to="wait"))["serious"][0]


@pytest.mark.parametrize("code", ["C05", "C10", "C11"])
def test_refusing_for_non_disclosure_without_rescinding_is_not_offered(cast, code):
    case = handed_over(cast)
    assert "未解除合同" in refused(cast, case, outcome="REFUSE", reason_code=code)["reason_code"][0]
    assert again(case).state == State.IN_REVIEW


def test_the_ground_decides_what_goes_back(cast):
    case = handed_over(cast, item="CL01")
    assert "法定事由" in refused(cast, case, outcome="RESCIND_REFUND", reason_code="C10", known_on=day(1))["reason_code"][0]
    assert "法定事由" in refused(cast, case, outcome="REFUND_CV", reason_code="C08")["reason_code"][0]


# ── 退还现金价值 ──


@pytest.mark.shared_data
def test_suicide_gives_the_cash_value_of_the_day_of_death_to_the_heir(cast, sold):
    """A single premium of 50,000 is worth 995 per 1,000 on the first anniversary."""
    policy = sold("P212014", days_ago=385, cover_term="5Y", premium=D(50000))
    died = add_years(policy.effective_on, 1)
    case = handed_over(cast, item="CL01", policy=policy, event_on=died.isoformat(), cause="suicide")
    heir = case.applicant.name
    assert "请填写与死者的关系" in refused(cast, case, **suicide(refund_payee=heir))["refund_payee"][0]
    assert "请填写继承人" in refused(cast, case, **suicide(refund_payee=policy.policyholder.name, **ACCOUNT))["refund_payee"][0]
    conclude(cast, case, **suicide(refund_payee=heir, refund_relation="子女"))
    decision = decision_of(case)
    assert (decision.amount, decision.refund_account) == (D("49750.00"), "9900001234567890")
    assert again(case).required_grade == 3  # 50,000 would need the second; another than the policyholder is paid
    sign(cast)
    found, payment = book(case), Payment.objects.get(case_number=case.number)
    assert (found.termination, found.ending, found.terminated_on, found.insured.died_on) == ("身故退还现金价值", "claim", died, died)
    assert (payment.kind, payment.amount, payment.payee) == ("refund", D("49750.00"), heir)
    assert "已身故，付给其继承人（子女）" in payment.third_party_reason and payment.approved_by == cast.approver_high
    money = balances(found)
    assert (money[Account.SURRENDER], money[Account.PAYABLE]) == (D("49750.00"), D("-49750.00")) and sum(money.values()) == 0


@pytest.mark.parametrize("fields", [{"cause": "illness"}, {"cause": "suicide", "had_capacity": False}])
def test_what_is_no_excluded_suicide_is_not_refunded_as_one(cast, fields):
    case = handed_over(cast, item="CL01", **fields)
    assert "L05" in refused(cast, case, **suicide(refund_to="wait"))["reason_code"][0]


def test_suicide_after_two_years_is_paid(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", effective_on=add_years(timezone.localdate(), -3))
    case = handed_over(cast, item="CL01", policy=policy, cause="suicide")
    assert "L05" in refused(cast, case, **suicide(refund_to="wait"))["reason_code"][0]
    conclude(cast, case, outcome="PAY")
    assert decision_of(case).amount > 0


def test_an_intentional_crime_gives_the_value_where_two_years_premium_is_paid(cast):
    policy = yearly_policy(cast)  # three of ten premiums
    died = timezone.localdate() - timedelta(days=20)
    due = surrender_value(policy, died).amount
    case = handed_over(cast, item="CL01", policy=policy, cause="crime")
    assert "退还现金价值" in refused(cast, case, outcome="REFUSE", reason_code="C14")["reason_code"][0]
    conclude(cast, case, outcome="REFUND_CV", reason_code="C14", refund_to="wait")
    assert decision_of(case).amount == due > 0


def test_where_less_is_paid_there_is_nothing_and_the_claim_is_refused(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", pay_term="10Y", pay_mode="annual")
    case = handed_over(cast, item="CL01", policy=policy, cause="crime")
    assert "不足二年" in refused(cast, case, outcome="REFUND_CV", reason_code="C14", refund_to="wait")["reason_code"][0]
    conclude(cast, case, outcome="REFUSE", reason_code="C14")
    assert again(case).state == State.PENDING_APPROVAL


def test_who_has_killed_the_insured_receives_nothing(cast):
    """保险法 43, 司法解释三 16: the value is the insured's heirs', never the policyholder's."""
    killer, insured = make_party(name="投保人甲"), make_party(name="被保险人乙")
    policy = make_policy(cast.county, cast.clerk, product="W30", insured=insured, policyholder=killer, relation="spouse")
    case = handed_over(cast, item="CL01", policy=policy, cause="accident")
    killed = {"outcome": "REFUND_CV", "reason_code": "C15", "refund_relation": "子女"}
    assert "投保人除外" in refused(cast, case, **killed, refund_payee=killer.name, **ACCOUNT)["refund_payee"][0]
    assert "不属于投保人" in refused(cast, case, **killed, refund_to="wait")["refund_to"][0]
    # no document of that heir is kept
    assert "身份" in refused(cast, case, **killed, refund_payee="继承人丙", **ACCOUNT)["refund_payee"][0]
    conclude(cast, case, **killed, refund_payee=case.applicant.name, **ACCOUNT, known_on=day(400))
    assert decision_of(case).known_on is None  # of this ground no day counts
    sign(cast)
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.kind, payment.payee, payment.account) == ("claim", case.applicant.name, "9900001234567891")
    assert book(case).termination == "身故退还现金价值" and book(case).policyholder.died_on is None


# ── to whom ──


def test_a_living_policyholder_alone_is_paid(cast):
    holder = make_party(name="投保人甲")
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=holder, relation="spouse")
    case = handed_over(cast, item="CL01", policy=policy)
    assert "投保人 投保人甲 本人" in refused(cast, case, **gross(refund_payee="受益人乙", **ACCOUNT))["refund_payee"][0]
    assert "请填写账号" in refused(cast, case, **gross(refund_payee=holder.name, refund_bank="虚构银行"))["refund_account"][0]
    conclude(cast, case, **gross(refund_payee=holder.name, **ACCOUNT))
    sign(cast)
    assert Payment.objects.get(case_number=case.number).payee == holder.name


def test_what_nobody_gave_an_account_for_waits_for_the_policyholder(cast):
    case = handed_over(cast)
    paid = premiums_paid(case.policy)
    conclude(cast, case, **gross(refund_to="wait", refund_payee="某人", refund_account="12345678"))
    assert decision_of(case).refund_account == "" and decision_of(case).refund_payee == ""
    sign(cast)
    policy, today = book(case), timezone.localdate()
    assert not Payment.objects.filter(case_number=case.number).exists()
    [row] = uncollected(policy, today)
    assert (row.amount, row.item, overpaid(policy, today).left) == (paid, "溢缴退费", paid)


def test_a_contract_that_has_ended_is_not_ended_again(cast):
    case = handed_over(cast)
    change_status(Policy.objects.get(pk=case.policy_id), "terminated", on=timezone.localdate(), cause="退保")
    assert "终止（退保）" in refused(cast, case, **gross(refund_to="wait"))["outcome"][0]


# ── undone, and who may ──


@pytest.mark.parametrize("way", ["withdraw", "return_to_review", "disagree"])
def test_until_the_last_signature_the_book_is_as_it_was(cast, way):
    case = handed_over(cast, item="CL01")
    before = balances(book(case))
    conclude(cast, case, **gross(refund_to="wait"))
    if way == "withdraw":
        perform(again(case), "withdraw", actor=cast.clerk, reason="客户撤回")
    else:
        perform(take_next(cast.approver_high, "approval"), way, actor=cast.approver_high, reason="再核实")
    policy = book(case)
    assert (policy.status, balances(policy), policy.insured.died_on) == ("in_force", before, None)
    assert policy.hold_case == ("" if way == "withdraw" else case.number) and not Payment.objects.exists()


def test_neither_the_counter_nor_the_reviewer_nor_a_low_grade_ends_a_contract(cast):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer2)
    with pytest.raises(Refused):
        perform(again(case), "conclude", actor=cast.clerk, opinion="x", **gross(refund_to="wait"))
    conclude(cast, case, **gross(refund_to="wait"))
    for who in (cast.cl_reviewer2, cast.cl_reviewer):
        with pytest.raises(Refused):
            perform(again(case), "approve", actor=who, opinion="同意")
    assert book(case).status == "in_force"


def test_the_days_of_the_right_are_among_the_rules(cast):
    case = handed_over(cast)

    def found():
        return {f.code: f for f in evaluate_rules(again(case), timezone.now())}["L08"]

    assert (found().level, found().value) == ("pass", f"最迟 {add_years(case.policy.established_on, 2)}")
    conclude(cast, case, **gross(refund_to="wait", known_on=day(20)))
    assert (found().level, found().value) == ("warn", f"{day(20)} 知道，最迟 {day(-10)}")


def clocks(case):
    return [(c.due_at - timedelta(seconds=1)).astimezone(timezone.get_current_timezone()).date().isoformat() for c in case.clocks.filter(rule__code="CL_RESCIND", stopped_at=None)]


def test_the_clock_of_the_right_runs_from_when_the_company_knew_to_the_notice(cast):
    case = handed_over(cast)
    assert clocks(case) == []
    conclude(cast, case, **gross(refund_to="wait", known_on=day(20)))
    assert clocks(case) == [day(-10)]
    perform(take_next(cast.approver_high, "approval"), "return_to_review", actor=cast.approver_high, reason="再核实知悉日")
    assert clocks(case) == []
    conclude(cast, case, **gross(refund_to="wait", known_on=day(5)))
    assert clocks(case) == [day(-25)]
    sign(cast)
    assert clocks(case) == [day(-25)]  # decided is not yet told
    for kind in ("rescission_notice", "claim_refusal"):
        print_letter(letter=issue(case=again(case), kind=kind, actor=cast.issue, now=timezone.now()), actor=cast.issue, now=timezone.now())
    perform(again(case), "release", actor=cast.issue, how="hand", to="测试客户", signed_on=day(0))
    assert clocks(case) == []


def test_it_ends_with_the_two_years_at_the_latest_and_other_conclusions_have_none(cast):
    today = timezone.localdate()
    case = handed_over(cast, item="CL01", policy=make_policy(cast.county, cast.clerk, product="W30", effective_on=add_years(today, -2) + timedelta(days=4)))
    conclude(cast, case, **gross(refund_to="wait", known_on=day(3)))
    assert clocks(case) == [day(-4)]
    other = handed_over(cast)
    conclude(cast, other, outcome="REFUSE", reason_code="C08")
    assert clocks(other) == []


# ── letters ──


def test_the_policyholder_is_told_why_by_which_law_and_how_to_object(cast):
    case = handed_over(cast)
    holder = case.policy.policyholder
    conclude(cast, case, **gross(refund_payee=holder.name, **ACCOUNT))
    sign(cast)
    notice = issue(case=again(case), kind="rescission_notice", actor=cast.issue, now=timezone.now()).data
    assert notice["addressee"] == holder.name and "第十六条第五款" in notice["articles"][1] and notice["known_on"] == day(10)
    assert notice["facts"] == "病历与告知不符" and "9900001234567891" not in str(notice) and holder.name in notice["refund_by"]
    refusal = issue(case=again(case), kind="claim_refusal", actor=cast.issue, now=timezone.now()).data
    assert "到达投保人之日起解除" in refusal["contract_effect"] and D(refusal["refund"]) == decision_of(case).amount


def test_a_dead_policyholders_letter_goes_to_the_heirs(cast):
    case = handed_over(cast, item="CL01")
    conclude(cast, case, outcome="RESCIND_NO_REFUND", reason_code="C10", known_on=day(0))
    sign(cast)
    notice = issue(case=again(case), kind="rescission_notice", actor=cast.issue, now=timezone.now()).data
    assert notice["addressee"] == f"{case.policy.policyholder.name}的继承人" and "不退还保险费" in notice["refund_by"]
    assert Party.objects.get(pk=case.policy.policyholder_id).died_on is not None
