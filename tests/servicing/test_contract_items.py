"""减保, 复效 and 减额交清 on the book: amounts by hand, money that comes and goes, refusals on the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.documents.papers import issue
from lifeops.policies.models import Endorsement, Payment, Policy, Rate
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.holds import place_hold
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.lending import open_loans, owed_at
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.reinstating import due_for_reinstatement
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.terms import waiting_from
from servicing.models import ServicingDecision
from servicing.services import summary
from tests.factories import (
    accept,
    again,
    handed_over,
    lapsed_policy,
    lent_on,
    make_policy,
    paid_in,
    pay_premium,
    servicing_inputs,
    yearly_policy,
)
from tests.servicing.test_journey import approve, book, conclude, taken

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def single(cast, **fields) -> Policy:
    return make_policy(cast.county, cast.clerk, product="W30", **fields)


def done(cast, case, **inputs):
    """Concluded, and signed by a second person where the item asks for one."""
    conclude(cast, **inputs)
    if again(case).state == State.PENDING_APPROVAL:
        approve(cast)
    assert again(case).state == State.APPROVED
    return again(case)


def straight(policy: Policy) -> bool:
    return statement(policy, policy.effective_on, timezone.localdate()).balances and sum(balances(policy).values()) == 0


def letter(cast, case, kind: str) -> dict:
    return issue(case=again(case), kind=kind, actor=cast.issue, now=timezone.now()).data


# ── 复效 ──


def test_money_that_the_bank_brings_late_is_asked_for_and_its_day_ends_the_interest(cast, tmp_path):
    """Suspended for 39 days when the papers come: one premium, 5 % from the end of 宽限期 to the day the money was there."""
    policy, today = lapsed_policy(cast), timezone.localdate()
    case = handed_over(cast, item="PS07", policy=policy)
    assert case.findings.get(stage="entry", code="S74").level == "warn"
    with pytest.raises(Invalid, match="款项尚未收足，到账后方可同意复效"):
        conclude(cast)
    premium = policy.main.premium
    due = premium + cents(premium * Decimal("0.05") * 38 / 365)  # 40 days after the grace ended, less two
    file = tmp_path / "bank.csv"
    file.write_text(f"policy_number,amount,received_on,reference\n{policy.number},{due},{today - timedelta(days=2)},F1\n", encoding="utf-8")
    call_command("receive_premiums", file)
    done(cast, again(case)) if False else conclude(cast, again(case))
    decision = again(case).current_decision()
    assert decision.amount == due and [row["label"].partition(" ")[2] for row in decision.lines] == ["期保费", "期保费利息"]
    approve(cast)
    found = book(policy)
    assert (found.status, found.suspense, found.reinstated_on, found.lapsed_on) == ("in_force", 0, today, None)
    assert found.paid_to == add_years(policy.effective_on, 2) and found.hold_case == "" and straight(found)
    assert balances(found)["interest"] == premium - due
    run_policy_day(today + timedelta(days=1))
    assert book(policy).status == "in_force"
    told = letter(cast, case, "endorsement")
    assert (told["total"], told["direction"]) == (f"{due:.2f}", "已收金额") and "合同效力恢复" in told["closing"]
    assert Endorsement.objects.get(case_number=case.number).title == "复效"


def test_the_day_run_goes_on_from_where_the_policy_came_back(cast):
    policy = paid_in(lapsed_policy(cast), cast)
    case = handed_over(cast, item="PS07", policy=policy)
    assert dict(dict(summary(case, case.record))["申请"])["中止日"] == str(policy.lapsed_on)
    done(cast, case)
    assert "中止日" not in dict(dict(summary(again(case), case.record))["申请"])
    run_policy_day(add_years(policy.effective_on, 2) + timedelta(days=1))
    assert book(policy).status == "grace"
    run_policy_day(add_years(policy.effective_on, 2) + timedelta(days=61))
    assert book(policy).status == "lapsed" and straight(book(policy))


def test_the_waiting_period_runs_anew_where_the_terms_say_so(cast):
    policy = paid_in(lapsed_policy(cast), cast)
    done(cast, handed_over(cast, item="PS07", policy=policy))
    found, today = book(policy), timezone.localdate()
    cover = found.main
    assert waiting_from(cover, found.reinstated_on, today) == policy.effective_on
    cover.version.definition = {"waiting_period": {"from": "effective date or reinstatement"}}
    assert waiting_from(cover, found.reinstated_on, today) == today


def test_debts_are_settled_with_the_premium(cast):
    policy, today = yearly_policy(cast), timezone.localdate()
    lent_on(policy, cast, days=150, amount=600)
    run_policy_day(add_years(policy.effective_on, 3) + timedelta(days=61))
    # suspended by a day that is still to come: as if the premium had been due before
    policy = book(policy)
    assert policy.status == "lapsed"
    day = policy.lapsed_on + timedelta(days=10)
    state = due_for_reinstatement(policy, day, with_debts=True)
    alone = due_for_reinstatement(policy, day, with_debts=False)
    assert state.due.amount == alone.due.amount + owed_at(open_loans(policy), day) and state.paid_on is None
    receive_premium(policy=policy, amount=state.due.amount, received_on=day, reference="F", actor=cast.clerk, now=timezone.now())
    later = due_for_reinstatement(book(policy), day + timedelta(days=20), with_debts=True)
    assert (later.paid_on, later.due.amount, later.lacking) == (day, state.due.amount, 0)
    assert today < day


def test_agreed_to_on_condition_the_loading_is_due_with_the_next_premium(cast):
    policy = paid_in(lapsed_policy(cast), cast)
    health = [{"code": str(n), "answer": "是" if n == 5 else "否", "note": "2025 年高血压，服药" if n == 5 else ""} for n in range(1, 16)]
    case = handed_over(cast, item="PS07", policy=policy, health=health)
    assert case.findings.get(stage="entry", code="S73").level == "warn"
    rows = dict(summary(case, case.record))["健康与职业告知"]
    assert ("答“是”", "1 项") in rows and any("高血压" in text for _, text in rows)
    taken(cast)
    with pytest.raises(Invalid) as caught:
        conclude(cast, again(case), outcome="CONDITIONAL", reason_code="P10")
    assert set(caught.value.errors) == {"extra", "agreed_on"}
    conclude(cast, again(case), outcome="CONDITIONAL", reason_code="P10", extra="120.00", agreed_on=timezone.localdate().isoformat())
    approve(cast)
    found = book(policy)
    assert (found.status, found.main.extra) == ("in_force", Decimal("120.00"))
    assert "每期加收保险费 120.00 元" in letter(cast, case, "endorsement")["remark"]
    due = add_years(policy.effective_on, 2)
    run_policy_day(due)
    assert found.premiums.get(due_on=due).amount == policy.main.premium + 120
    assert "extra" not in _fields(cast, "PS02") and "extra" in _fields(cast, "PS07")


def test_a_loading_changed_after_the_conclusion_breaks_its_seal(cast):
    policy = paid_in(lapsed_policy(cast), cast)
    case = handed_over(cast, item="PS07", policy=policy)
    conclude(cast, outcome="CONDITIONAL", reason_code="P10", extra="120.00", agreed_on=timezone.localdate().isoformat())
    decision = again(case).current_decision()
    ServicingDecision.objects.filter(pk=decision.pk).update(extra=Decimal("1.00"))
    held = take_next(cast.approver, "approval")
    with pytest.raises(Refused, match="审核结论与提交时不一致"):
        perform(held, "approve", actor=cast.approver)
    assert book(policy).status == "lapsed"


def _fields(cast, item: str) -> set[str]:
    from servicing.decision_form import ServicingDecisionForm

    return set(ServicingDecisionForm(case=accept(cast, item=item), actor=cast.ps_reviewer).fields)


def test_after_thirty_days_of_silence_a_higher_risk_is_no_reason_any_more(cast):
    today = timezone.localdate()
    policy = paid_in(lapsed_policy(cast), cast)
    case = handed_over(cast, item="PS07", policy=policy, submitted_on=today - timedelta(days=31))
    assert case.findings.get(stage="entry", code="S76").level == "warn"
    with pytest.raises(Invalid) as caught:
        conclude(cast, outcome="REFUSE", reason_code="P10")
    assert "视为同意恢复效力" in caught.value.errors["reason_code"][0]
    conclude(cast, again(case), outcome="REFUSE", reason_code="P03")
    approve(cast)
    assert again(case).state == State.DECLINED and book(policy).status == "lapsed" and book(policy).suspense > 0


def test_two_years_after_the_suspension_nothing_is_agreed_to(cast):
    policy = lapsed_policy(cast, days=61 + 740)
    with pytest.raises(Invalid, match="已超过申请复效的期限"):
        handed_over(cast, item="PS07", policy=policy)


def test_money_taken_back_before_the_signature_sends_it_back(cast):
    policy = paid_in(lapsed_policy(cast), cast)
    case = handed_over(cast, item="PS07", policy=policy)
    conclude(cast)
    Policy.objects.filter(pk=policy.pk).update(suspense=0)
    held = take_next(cast.approver, "approval")
    with pytest.raises(Refused, match="款项尚未收足"):
        perform(held, "approve", actor=cast.approver)
    assert book(policy).status == "lapsed" and again(case).state == State.PENDING_APPROVAL


# ── 减额交清 ──


def test_the_value_buys_a_smaller_sum_and_no_premium_falls_due(cast):
    policy, today = yearly_policy(cast), timezone.localdate()
    value = surrender_value(policy, today).amount
    case = done(cast, handed_over(cast, item="PS08", policy=policy))
    found, decision = book(policy), again(case).current_decision()
    told = {row["label"]: Decimal(row["value"]) for row in decision.lines}
    assert found.status == "paid_up" and found.main.sum_assured == told["减额交清后基本保险金额"] > 0
    assert decision.amount == 0 and found.main.premium == 0 and value in told.values() and straight(found)
    run_policy_day(add_years(policy.effective_on, 4))
    assert book(policy).status == "paid_up" and not found.premiums.filter(paid_on__isnull=True).exists()
    told = dict(summary(again(case), again(case).record))
    assert "下期应交日" not in dict(told["申请"]) and dict(told["变更对照"])["下期应交日"].endswith("→ 不再交费")
    words = letter(cast, case, "endorsement")
    assert "减额交清后基本保险金额：" in words["remark"] and "不再交纳保险费" in words["closing"]


def test_a_sum_that_would_be_another_by_now_goes_back_to_the_reviewer(cast):
    policy = yearly_policy(cast)
    handed_over(cast, item="PS08", policy=policy)
    conclude(cast)
    rates = Rate.objects.filter(version=policy.main.version, kind="premium", pay_term="SINGLE")
    for rate in rates:
        rate.values = [value * 2 for value in rate.values]
    Rate.objects.bulk_update(rates, ["values"])
    held = take_next(cast.approver, "approval")
    with pytest.raises(Refused, match="现折算的保额与结论不同"):
        perform(held, "approve", actor=cast.approver)
    assert book(policy).status == "in_force"


def test_neither_a_reduction_nor_a_part_with_debts_unsettled(cast):
    policy = lent_on(yearly_policy(cast), cast, amount=600)
    for item in ("PS08", "PS03"):
        with pytest.raises(Invalid, match="有贷款或垫交未还，须先清偿"):
            handed_over(cast, item=item, policy=book(policy))
        Policy.objects.filter(pk=policy.pk).update(hold_case="")
        policy.holds.update(lifted_on=timezone.localdate())


def test_what_is_paid_already_is_not_reduced(cast):
    with pytest.raises(Invalid, match="保费已交清，不需减额交清"):
        handed_over(cast, item="PS08", policy=single(cast))


# ── 减保 ──


def test_a_third_less_pays_a_third_of_the_value_and_costs_a_third_less(cast):
    policy, today = yearly_policy(cast), timezone.localdate()
    value, premium = surrender_value(policy, today).amount, policy.main.premium
    case = done(cast, handed_over(cast, item="PS03", policy=policy, asked="100000.00"))
    found = book(policy)
    assert (found.main.sum_assured, found.main.premium) == (200000, cents(premium * 2 / 3))
    payment = Payment.objects.get(case_number=case.number)
    assert payment.amount == cents(value / 3) == -balances(found)["payable"] and payment.kind == "refund" and straight(found)
    # what is left is worth what the table says of the smaller sum
    assert abs(surrender_value(found, today).amount - value * 2 / 3) < Decimal("0.02")
    run_policy_day(found.paid_to)
    assert found.premiums.get(due_on=found.paid_to).amount == found.main.premium
    told = letter(cast, case, "endorsement")
    assert [row["entry"] for row in told["changes"]] == [f"{policy.main}保额", "每期保险费", "应付金额"] and told["direction"] == "应付金额"


def test_an_instalment_that_is_open_is_paid_first_and_a_debit_on_its_way_waited_for(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", pay_term="10Y", pay_mode="annual",
                         effective_on=add_years(timezone.localdate() - timedelta(days=20), -1))
    run_policy_day(timezone.localdate())
    with pytest.raises(Invalid, match="有到期未交的保费，请先交费"):
        handed_over(cast, item="PS03", policy=book(policy))
    release(policy)
    pay_premium(policy, cast, timezone.localdate())
    place_hold(policy=policy, kind="debit", holder="虚构银行", reason="划扣在途", day=timezone.localdate(), actor=cast.head)
    with pytest.raises(Invalid, match="保单保费划扣在途中"):
        handed_over(cast, item="PS03", policy=book(policy))


def release(policy: Policy) -> None:
    """As if the case before had ended."""
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    policy.holds.filter(kind="case").update(lifted_on=timezone.localdate())


def test_no_record_is_kept_of_more_than_there_is(cast):
    policy = single(cast)
    case = accept(cast, item="PS03", policy=policy)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    with pytest.raises(Invalid):
        perform(case, "save_record", actor=cast.entry, **servicing_inputs("PS03", policy, asked="300000.00"))
    assert again(case).record is None
