"""PS28 溢缴退费: what pays for nothing goes back once, to the policyholder, whatever has become of the contract; and what else an
ended contract still owes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.policies.models import Payment, Policy
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.changing import rescind
from lifeops.policies.services.claiming import claim_death_terminate
from lifeops.policies.services.collecting import left_over, waiting
from lifeops.policies.services.holds import place_hold
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import open_loans, owed_at, repay
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.overpaid import Overpaid, overpaid
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender
from servicing.overpaid import RefundFacts, refund_findings
from servicing.services import changes_tab, findings, summary
from tests.factories import (
    accept,
    again,
    handed_over,
    lapsed_policy,
    lent_on,
    make_party,
    make_policy,
    overpaid_policy,
    surviving_policy,
    yearly_policy,
    years_ago,
)
from tests.servicing.test_contract_items import done, letter, straight
from tests.servicing.test_contract_rules import levels
from tests.servicing.test_journey import approve, book, conclude, to_the_shelf
from tests.servicing.test_third_party import PAPERS as OF_ANOTHER
from tests.servicing.test_third_party import another

pytestmark = pytest.mark.django_db
FREE = Overpaid(suspense=Decimal(500), bound=Decimal(0), left=Decimal(0), open=Decimal(0), others=Decimal(0))


def money_in(cast, policy: Policy, amount: str, reference: str = "R1", days: int = 0) -> Policy:
    day = timezone.localdate() - timedelta(days=days)
    receive_premium(policy=policy, amount=Decimal(amount), received_on=day, reference=reference, actor=cast.clerk, now=timezone.now())
    return book(policy)


def wrong(cast, policy: Policy, **fields: str) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        handed_over(cast, item="PS28", policy=policy, **fields)
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    policy.holds.filter(lifted_on__isnull=True).update(lifted_on=timezone.localdate())
    return caught.value.errors


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"asked": Decimal("500.01")}, {"S101": "block"}),
        ({"there": replace(FREE, suspense=Decimal(0))}, {"S101": "block"}),
        ({"there": replace(FREE, suspense=Decimal(900), bound=Decimal(400))}, {}),
        ({"there": replace(FREE, bound=Decimal(1))}, {"S101": "block"}),
        ({"there": replace(FREE, suspense=Decimal(0), left=Decimal(500))}, {}),
        ({"there": replace(FREE, open=Decimal(100))}, {"S102": "warn"}),
        ({"suspended": True}, {"S102": "warn"}),
        ({"owed": Decimal(10)}, {"S102": "warn"}),
        ({"to_recover": Decimal("0.01")}, {"S102": "warn"}),
        ({"there": replace(FREE, others=Decimal(3000))}, {"S103": "warn"}),
    ],
)
def test_what_stands_against_it(fields, expected):
    found = refund_findings(replace(RefundFacts(asked=Decimal(500), there=FREE), **fields))
    assert levels(found) == expected and all(row.value and row.limit and row.message for row in found)


def test_it_goes_from_the_counter_to_the_shelf_and_the_ledger_balances(cast):
    policy = overpaid_policy(cast)
    case = handed_over(cast, item="PS28", policy=policy)
    assert book(policy).hold_case == case.number and case.record.asked == 500
    told = dict(summary(case, case.record))
    assert dict(told["申请"])["可退还的款项"] == "500.00 元（溢缴保险费 500.00）"
    conclude(cast)
    assert again(case).state == State.PENDING_APPROVAL and book(policy).suspense == 500
    approve(cast)
    found = book(policy)
    assert (found.suspense, balances(found)["payable"], found.hold_case, found.status) == (0, -500, "", "in_force")
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.amount, payment.payee, payment.kind) == (500, policy.policyholder.name, "refund")
    rows = changes_tab(again(case), cast.ps_reviewer)["rows"]
    assert [(r["label"], r["before"], r["after"]) for r in rows] == [("暂收款项", "500.00 元", "0.00 元"), ("应付金额", "—", "500.00 元")]
    paper = letter(cast, case, "refund_notice")
    assert "暂收" not in str(paper)  # a word of the book
    assert (paper["total"], paper["reason"]) == ("500.00", "重复交费") and f"付至投保人{policy.policyholder.name}本人账户" in paper["remark"]
    ended = to_the_shelf(cast, case, "refund_notice")
    assert ended.state == State.ARCHIVED and straight(book(policy)) and balances(book(policy))["paid"] == -500
    assert not {"payable", "suspense"} & {*balances(book(policy))}


def test_a_part_may_be_left_and_nothing_goes_back_twice(cast):
    policy = overpaid_policy(cast)
    done(cast, handed_over(cast, item="PS28", policy=policy, asked="200.00"))
    assert book(policy).suspense == 300
    assert "可退还的款项为 300.00 元" in wrong(cast, book(policy), asked="300.01")["asked"][0]
    done(cast, handed_over(cast, item="PS28", policy=book(policy)))
    assert book(policy).suspense == 0 and sum(p.amount for p in Payment.objects.filter(policy=policy)) == 500
    assert "可退还的款项为 0.00 元" in wrong(cast, book(policy), asked="1.00")["asked"][0]


def test_a_second_case_waits_for_the_first(cast):
    policy = overpaid_policy(cast)
    first = handed_over(cast, item="PS28", policy=policy)
    with pytest.raises(Invalid, match="挂起"):
        handed_over(cast, item="PS28", policy=book(policy))
    done(cast, first)
    assert Payment.objects.filter(policy=policy).count() == 1


def test_an_instalment_that_has_fallen_due_is_no_overpayment(cast):
    """Its day came while the case held the policy: the day run has not been there, the money pays for it all the same."""
    policy = yearly_policy(cast)
    premium = policy.main.premium
    policy = money_in(cast, policy, f"{premium + 500:.2f}")
    Policy.objects.filter(pk=policy.pk).update(paid_to=timezone.localdate(), hold_case="")
    assert overpaid(book(policy), timezone.localdate()).total == 500
    case = handed_over(cast, item="PS28", policy=book(policy))
    assert case.record.asked == 500 and "已到期的保险费" in case.findings.get(stage="entry", code="S101").limit
    assert "可退还的款项为 500.00 元" in wrong(cast, book(policy), asked="500.01")["asked"][0]


def test_a_premium_due_between_acceptance_and_signature_is_not_paid_out(cast):
    policy = yearly_policy(cast)
    policy = money_in(cast, policy, f"{policy.main.premium:.2f}")
    case = handed_over(cast, item="PS28", policy=policy)
    conclude(cast)
    Policy.objects.filter(pk=policy.pk).update(paid_to=timezone.localdate(), next_event_on=timezone.localdate())
    run_policy_day(timezone.localdate())
    assert book(policy).suspense == policy.suspense  # held, the day run leaves it
    with pytest.raises(Refused, match="没有可以退还的款项"):
        approve(cast)
    perform(again(case), "withdraw", actor=cast.clerk, reason="客户撤回")
    run_policy_day(timezone.localdate())
    found = book(policy)
    assert found.suspense == 0 and found.premiums.filter(paid_on=timezone.localdate()).count() == 1 and straight(found)


def test_money_that_a_receipt_has_used_meanwhile_is_not_paid_out(cast, tmp_path):
    """In grace with too little waiting: it may go back, until more comes and the instalment is paid of both."""
    policy = make_policy(cast.county, cast.clerk, product="W30", pay_term="10Y", pay_mode="annual", effective_on=years_ago(1, 20))
    run_policy_day(timezone.localdate())
    policy = money_in(cast, policy, "300.00")
    case = handed_over(cast, item="PS28", policy=policy)
    assert (policy.status, case.findings.get(stage="entry", code="S102").level) == ("grace", "warn")
    conclude(cast)
    file = tmp_path / "bank.csv"
    file.write_text(
        f"policy_number,amount,received_on,reference\n{policy.number},{policy.main.premium - 300},{timezone.localdate()},F1\n", encoding="utf-8"
    )
    call_command("receive_premiums", file)
    assert (book(policy).status, book(policy).suspense) == ("in_force", 0)
    with pytest.raises(Refused, match="没有可以退还的款项"):
        approve(cast)
    assert not Payment.objects.filter(case_number=case.number).exists()


def test_what_repaid_a_loan_is_not_there_any_more(cast):
    policy = lent_on(overpaid_policy(cast), cast)
    case = handed_over(cast, item="PS28", policy=policy)
    assert "贷款、垫交本息 1,010.00 元" in case.findings.get(stage="entry", code="S102").value
    conclude(cast)
    repay(policy=book(policy), amount=Decimal("400.00"), day=timezone.localdate(), reference="", from_suspense=True, actor=cast.clerk, now=timezone.now())
    with pytest.raises(Refused, match="退费金额超过可退还的款项"):
        approve(cast)
    assert (book(policy).suspense, owed_at(open_loans(book(policy)), timezone.localdate())) == (100, 610)


def test_money_for_a_suspended_contract_goes_back_where_it_does_not_come_back(cast):
    policy = money_in(cast, lapsed_policy(cast), "100.00")
    case = handed_over(cast, item="PS28", policy=policy)
    assert case.findings.get(stage="entry", code="S102").value == "复效应交的款项"
    with pytest.raises(Invalid, match="挂起"):
        handed_over(cast, item="PS07", policy=book(policy))
    done(cast, case)
    assert (book(policy).suspense, book(policy).status) == (0, "lapsed")


# ── contracts that have ended ──


def test_money_that_came_after_the_end_goes_back(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    done(cast, handed_over(cast, item="PS02", policy=policy))
    policy = money_in(cast, policy, "888.00")
    assert (policy.status, policy.suspense) == ("terminated", 888)
    run_policy_day(timezone.localdate())
    case = done(cast, handed_over(cast, item="PS28", policy=book(policy)))
    assert Payment.objects.get(case_number=case.number).amount == 888 and straight(book(policy))
    assert (book(policy).status, book(policy).suspense) == ("terminated", 0)


def test_what_the_end_of_the_term_left_to_the_policyholder_goes_to_him(cast):
    """满期金 is the insured's (PS26); the overpaid 88 元 are the policyholder's, who is another."""
    policy = make_policy(
        cast.county, cast.clerk, product="E20", effective_on=years_ago(20, 10), sum_assured=10000, policyholder=make_party(), relation="spouse"
    )
    policy = money_in(cast, policy, "88.00", days=900)
    run_policy_day(timezone.localdate())
    assert (left_over(book(policy)), overpaid(book(policy), timezone.localdate()).total) == (88, 88)
    case = handed_over(cast, item="PS28", policy=book(policy))
    assert case.findings.get(stage="entry", code="S103").value == "10,000.00 元"
    done(cast, case)
    assert [(r["label"], r["amount"]) for r in letter(cast, case, "refund_notice")["sums"]] == [("合同终止余款", "88.00")]
    assert (left_over(book(policy)), waiting(book(policy), ended=True).amount) == (0, 10000)
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    maturity = done(cast, handed_over(cast, item="PS26", policy=book(policy), applicant=policy.insured, applicant_kind="insured"))
    assert Payment.objects.get(case_number=maturity.number).amount == 10000 and straight(book(policy))
    assert balances(book(policy))["payable"] == -10088


def test_what_was_repaid_too_much_at_a_death_goes_back_to_the_policyholder(cast):
    """Interest beyond the death was repaid: it is his, not the beneficiaries', and no claim pays it."""
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse")
    policy = lent_on(policy, cast)
    died_on = timezone.localdate() - timedelta(days=73)
    repay(policy=policy, amount=Decimal("1010.00"), day=timezone.localdate(), reference="K1", actor=cast.clerk, now=timezone.now())
    claim_death_terminate(policy=book(policy), case_number="CL-X", died_on=died_on, actor=cast.clerk, now=timezone.now())
    there = overpaid(book(policy), timezone.localdate())
    assert there.total == there.left > 0
    case = done(cast, handed_over(cast, item="PS28", policy=book(policy)))
    assert Payment.objects.get(case_number=case.number).amount == there.left and overpaid(book(policy), timezone.localdate()).total == 0


def test_a_rescission_keeps_nothing_of_what_was_overpaid(cast):
    """The article says what becomes of value and premium; what nobody owed is the policyholder's whatever it says."""
    policy = overpaid_policy(cast)
    rescind(policy=policy, case_number="PSX1", day=timezone.localdate(), payable=Decimal(0), actor=cast.ps_reviewer, now=timezone.now())
    case = done(cast, handed_over(cast, item="PS28", policy=book(policy)))
    assert Payment.objects.get(case_number=case.number).amount == 500 and straight(book(policy)) and balances(book(policy))["payable"] == -500


def test_survival_benefits_of_a_surrendered_contract_are_the_insureds_still(cast):
    policy = surviving_policy(cast, policyholder=make_party(), relation="spouse")
    surrender(policy=policy, case_number="PSX1", day=timezone.localdate(), actor=cast.ps_reviewer, now=timezone.now())
    assert (book(policy).status, overpaid(book(policy), timezone.localdate()).total) == ("terminated", 0)
    with pytest.raises(Invalid, match="申请人无权领取"):
        handed_over(cast, item="PS24", policy=book(policy))
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    policy.holds.update(lifted_on=timezone.localdate())
    case = done(cast, handed_over(cast, item="PS24", policy=book(policy), applicant=policy.insured, applicant_kind="insured"))
    assert (Payment.objects.get(case_number=case.number).amount, waiting(book(policy), ended=False).amount) == (6000, 0)


def test_of_a_matured_contract_survival_benefits_are_paid_by_one_item_only(cast):
    policy = surviving_policy(cast)
    ends = add_years(policy.effective_on, 3) + timedelta(days=200)
    policy.coverages.update(expires_on=ends)
    done(cast, handed_over(cast, item="PS24", policy=book(policy)))
    Policy.objects.filter(pk=policy.pk).update(hold_case="", next_event_on=timezone.localdate())
    run_policy_day(ends + timedelta(days=1))
    rest = waiting(book(policy), ended=True).amount
    assert (book(policy).status, rest) == ("terminated", 3000)
    case = done(cast, handed_over(cast, item="PS26", policy=book(policy)))
    assert Payment.objects.get(case_number=case.number).amount == rest and waiting(book(policy), ended=False).amount == 0
    with pytest.raises(Invalid, match="没有已到期、尚未领取的保险金"):
        handed_over(cast, item="PS24", policy=book(policy))


# ── who, to whom, and what stops it ──


def test_only_the_policyholder_asks_and_only_he_is_paid_without_a_reason(cast):
    policy = overpaid_policy(cast, policyholder=make_party(), relation="spouse")
    with pytest.raises(Invalid, match="申请人无权申请此项目"):
        handed_over(cast, item="PS28", policy=policy, applicant=policy.insured, applicant_kind="insured")
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    policy.holds.update(lifted_on=timezone.localdate())
    assert "款项只付至投保人" in wrong(cast, book(policy), payee="别人")["payee"][0]
    assert wrong(cast, book(policy), why_text="")["why_text"] == ["请填写退费原因（客户尽职调查办法第13条）"]
    assert "金额须大于零" in wrong(cast, book(policy), asked="0")["asked"][0]


def test_another_is_paid_by_the_rules_of_all_items(cast):
    policy, asked = overpaid_policy(cast), another()
    del asked["why"]
    with pytest.raises(Invalid, match="缺投保人签名的委托付款书、收款人证件、关系证明"):
        handed_over(cast, item="PS28", policy=policy, **asked)
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    policy.holds.update(lifted_on=timezone.localdate())
    case = handed_over(cast, item="PS28", policy=book(policy), more_papers=OF_ANOTHER, **asked)
    assert {f.code: f.level for f in findings(case, case.record, timezone.now())}["S15"] == "warn"
    done(cast, case)
    payment = Payment.objects.get(case_number=case.number)
    assert payment.payee == "测试配偶" and payment.third_party_reason and payment.approved_by is not None
    assert "付给他人的原因" in letter(cast, case, "refund_notice")["remark"]


def test_a_frozen_policy_pays_nothing_back(cast):
    policy = overpaid_policy(cast)
    place_hold(policy=policy, kind="court", holder="(2026)京01执1号", reason="协助执行", day=timezone.localdate(), actor=cast.head)
    with pytest.raises(Invalid, match="司法冻结中，不能办理此项目"):
        handed_over(cast, item="PS28", policy=policy)


def test_a_freeze_after_the_decision_stops_the_payment(cast):
    policy = overpaid_policy(cast)
    case = done(cast, handed_over(cast, item="PS28", policy=policy))
    place_hold(policy=policy, kind="court", holder="(2026)京01执1号", reason="协助执行", day=timezone.localdate(), actor=cast.head)
    with pytest.raises(Refused, match="司法冻结中"):
        move_money(case=again(case), payment=Payment.objects.get(case_number=case.number), act="release", actor=cast.head, now=timezone.now())


def test_refused_the_money_waits_on(cast):
    policy = overpaid_policy(cast)
    case = handed_over(cast, item="PS28", policy=policy)
    with pytest.raises(Invalid):
        conclude(cast, outcome="REFUSE", reason_code="P17")
    conclude(cast, outcome="REFUSE", reason_code="P05")
    with pytest.raises(Refused):
        perform(again(case), "approve", actor=cast.ps_reviewer, opinion="同意")
    approve(cast)
    assert (again(case).state, book(policy).suspense, book(policy).hold_case) == (State.DECLINED, 500, "")


def test_the_counter_takes_it_in_for_a_contract_that_has_ended(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    surrender(policy=policy, case_number="PSX1", day=timezone.localdate(), actor=cast.ps_reviewer, now=timezone.now())
    from intake.services import precheck_specs

    for item, expected in (("PS28", "pass"), ("PS24", "warn"), ("PS03", "block")):
        case = accept(cast, item=item, policy=book(policy))
        assert {s.code: s.level for s in precheck_specs(case, timezone.now())}["J03"] == expected
        Policy.objects.filter(pk=policy.pk).update(hold_case="")
