"""贷款 and 还款 on the book: ledger, papers, money that comes and goes, refusals on the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.policies.models import Endorsement, Payment
from lifeops.policies.services.holds import place_hold
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import open_loans, owed_at
from lifeops.policies.services.trial import try_value
from servicing.services import findings
from tests.factories import (
    accept,
    again,
    handed_over,
    lent_on,
    make_party,
)
from tests.servicing.test_contract_items import done, letter, single, straight
from tests.servicing.test_journey import approve, book, conclude, taken

# ── 贷款 ──


def test_a_loan_stands_in_the_ledger_and_its_agreement_tells_rate_and_term(cast):
    policy, today = single(cast), timezone.localdate()
    case = done(cast, handed_over(cast, item="PS09", policy=policy, asked="1000.00"))
    loan, found = policy.loans.get(), book(policy)
    assert (loan.principal, loan.since, loan.case_number, found.status) == (1000, today, case.number, "in_force")
    assert balances(found)["loan"] == 1000 == -balances(found)["payable"] and straight(found)
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.kind, payment.amount, payment.payee) == ("loan", 1000, policy.policyholder.name)
    told = letter(cast, case, "loan_agreement")
    assert (told["amount"], told["rate"], told["due_on"], told["consent"]) == ("1000.00", "5%", str(loan.due_on), "被保险人本人申请")
    assert told["account"] != payment.account and any(row["label"] == "可贷上限" for row in told["sums"])
    with pytest.raises(Refused, match="机构主管"):
        move_money(case=case, payment=payment, act="release", actor=cast.issue, now=timezone.now())
    for act, more in (("release", {}), ("settle", {"reference": "B1"})):
        move_money(case=again(case), payment=payment, act=act, actor=cast.head, now=timezone.now(), **more)
    assert "payable" not in balances(found) and balances(found)["paid"] == -1000


def test_a_freeze_after_the_decision_stops_the_money_and_before_it_the_case(cast):
    policy, today = single(cast), timezone.localdate()
    case = done(cast, handed_over(cast, item="PS09", policy=policy))
    place_hold(policy=policy, kind="court", holder="(2026)京01执1号", reason="协助执行", day=today, actor=cast.head)
    payment = Payment.objects.get(case_number=case.number)
    with pytest.raises(Refused, match="司法冻结中"):
        move_money(case=again(case), payment=payment, act="release", actor=cast.head, now=timezone.now())
    assert Payment.objects.get(pk=payment.pk).state == "ready"
    with pytest.raises(Invalid, match="保单司法冻结中，不能办理此项目"):
        handed_over(cast, item="PS09", policy=policy, asked="600.00")


@pytest.mark.parametrize("item", ["PS03", "PS09"])
def test_a_claim_in_hand_comes_first(cast, item):
    policy = single(cast)
    handed_over(cast, item=item, policy=policy)
    claim = accept(cast, item="CL01", policy=policy)
    case = taken(cast)
    with pytest.raises(Invalid, match="保单有未决理赔"):
        conclude(cast, case)
    perform(claim, "withdraw", actor=cast.clerk, reason="误报")
    conclude(cast, again(case))


def test_the_insured_of_a_contract_on_death_consents_in_writing(cast):
    policy = single(cast, policyholder=make_party(), relation="spouse")
    case = done(cast, handed_over(cast, item="PS09", policy=policy))
    assert f"被保险人 {timezone.localdate()} 书面同意" == letter(cast, case, "loan_agreement")["consent"]


def test_the_rate_of_a_loan_is_told_in_percent(cast, as_user):
    policy = lent_on(single(cast), cast)
    assert '<td class="number">5%</td>' in as_user(cast.clerk).get(f"/policies/{policy.number}/").content.decode()


def test_what_was_lent_meanwhile_leaves_less_room_at_the_signature(cast):
    policy = single(cast)
    today = timezone.localdate()
    room = try_value(policy=policy, kind="loan", day=today, today=today).amount
    handed_over(cast, item="PS09", policy=policy, asked=str(room))
    conclude(cast)
    policy.loans.create(principal=Decimal(500), rate=Decimal("0.05"), since=today - timedelta(days=1))
    held = take_next(cast.approver_high, "approval")
    with pytest.raises(Refused, match=r"可贷金额为 500\.00 至"):
        perform(held, "approve", actor=cast.approver_high)
    assert not Payment.objects.exists()


# ── 还款 ──


def test_interest_is_paid_first_and_the_rest_goes_on_costing(cast):
    """1,000 元 for 73 days at 5 %: 10 元 interest; of 300 元, 290 go to the principal."""
    policy = lent_on(single(cast), cast)
    case = done(cast, handed_over(cast, item="PS10", policy=policy, asked="300.00", payer="热心子女"))
    (loan,) = open_loans(book(policy))
    assert (loan.principal, loan.since) == (Decimal("710.00"), timezone.localdate()) and straight(book(policy))
    told = letter(cast, case, "repayment_receipt")
    assert [(row["label"], row["amount"]) for row in told["sums"]] == [("保单贷款利息", "10.00"), ("保单贷款本金", "290.00")]
    assert (told["rest"], told["payer"]) == ("710.00 元", "热心子女") and not Endorsement.objects.exists()


def test_what_is_too_much_waits_as_overpaid_and_what_waits_repays(cast):
    policy = lent_on(single(cast), cast)
    case = done(cast, handed_over(cast, item="PS10", policy=policy, asked="1200.00"))
    assert book(policy).suspense == Decimal("190.00") and "多于应还本息的部分" in letter(cast, case, "repayment_receipt")["remark"]
    lent_on(book(policy), cast, days=0, amount=600)
    done(cast, handed_over(cast, item="PS10", policy=book(policy), asked="150.00", paid_how="suspense", received_on="", reference=""))
    found = book(policy)
    assert (found.suspense, owed_at(open_loans(found), timezone.localdate())) == (Decimal("40.00"), Decimal("450.00")) and straight(found)
    # what was drawn from the book came in once
    assert [e.lines.filter(account="received").exists() for e in found.ledger.filter(text="贷款、垫交还款").order_by("pk")] == [True, False]


def test_money_of_one_reference_comes_in_once_whichever_way(cast, tmp_path):
    policy, today = lent_on(single(cast), cast), timezone.localdate()
    done(cast, handed_over(cast, item="PS10", policy=policy, asked="300.00", reference="K1"))
    file = tmp_path / "bank.csv"
    file.write_text(f"policy_number,amount,received_on,reference\n{policy.number},300.00,{today},K1\n", encoding="utf-8")
    call_command("receive_premiums", file)
    assert book(policy).suspense == 0
    with pytest.raises(Invalid, match="流水号 K1 已入账"):
        handed_over(cast, item="PS10", policy=book(policy), asked="300.00", reference="K1")


def test_a_repayment_may_come_from_anybody_and_while_a_claim_is_in_hand(cast):
    policy = lent_on(single(cast), cast)
    accept(cast, item="CL05", policy=policy)
    case = handed_over(cast, item="PS10", policy=policy, applicant=make_party(), applicant_kind="beneficiary")
    levels = {f.code: f.level for f in findings(case, case.record, timezone.now())}
    assert (levels["S03"], levels["S04"]) == ("warn", "pass")
    done(cast, case)


@pytest.mark.parametrize("asked", ["300.00", "60600.00"])
def test_money_that_only_the_case_says_came_in_is_signed_for_by_a_second_person(cast, asked):
    policy = lent_on(single(cast, sum_assured=3000000), cast, amount=60000)
    case = handed_over(cast, item="PS10", policy=policy, asked=asked)
    event = conclude(cast)
    assert event.to_state == State.PENDING_APPROVAL and balances(book(policy))["loan"] == 60000
    if asked == "300.00":
        assert "款项未经银行到账文件核对，须由另一人批准" in event.data["route"]
    with pytest.raises(Refused, match="批准岗"):
        perform(again(case), "approve", actor=cast.ps_reviewer)
    approve(cast)
    assert not again(case).current_decision().single
    assert owed_at(open_loans(book(policy)), timezone.localdate()) == Decimal("60600.00") - Decimal(asked)


@pytest.mark.parametrize(("amount", "alone"), [(1000, True), (60000, False)])
def test_money_of_the_banks_file_repays_on_one_signature_within_the_reviewers_limit(cast, tmp_path, amount, alone):
    policy, today = lent_on(single(cast, sum_assured=3000000), cast, amount=amount), timezone.localdate()
    file = tmp_path / "bank.csv"
    file.write_text(f"policy_number,amount,received_on,reference\n{policy.number},{amount},{today},K1\n", encoding="utf-8")
    call_command("receive_premiums", file)
    case = handed_over(cast, item="PS10", policy=book(policy), asked=str(amount), paid_how="suspense", received_on="", reference="")
    assert conclude(cast).to_state == (State.APPROVED if alone else State.PENDING_APPROVAL)
    assert again(case).current_decision().single is alone
