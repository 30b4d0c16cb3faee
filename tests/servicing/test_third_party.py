"""Money of the policyholder to somebody else: a reason of the list, papers, an approver of senior grade (客户尽职调查办法 13, 14)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid, NotDone, Refused
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.documents.papers import issue, print_letter
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Payment
from lifeops.policies.services.ledger import balance
from lifeops.policies.services.payments import release_payment
from servicing.services import findings
from tests.factories import accept, again, invented, make_policy, overrides_at_counter, overrides_for

PAPERS = ("PAYEE_AUTH", "ID_PAYEE", "PAYEE_RELATION")
ACCOUNT = {"payee_bank": "虚构银行", "payee_account": "9900001234567890"}


def another(**fields):
    card = invented("x", born=date(1988, 3, 9), sequence=321)["x_id_number"]
    return {
        "why": "money", "payee_kind": "third", "payee": "测试配偶", **ACCOUNT, "third_reason": "no_account", "third_text": "",
        "payee_relation": "spouse", "payee_id_type": "resident", "payee_id_number": card,
    } | fields  # fmt: skip


def entered(cast, papers=PAPERS, sum_assured=1_000_000, item="PS02", **fields) -> Case:
    policy = make_policy(cast.county, cast.clerk, product="W30", sum_assured=sum_assured)
    case = accept(cast, item=item, policy=policy, more_papers=papers)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, **another(**fields))
    return again(case)


def level(case, code="S15"):
    fresh = again(case)
    return next((f.level, f.message) for f in findings(fresh, fresh.record, timezone.now()) if f.code == code)


def in_review(cast, case: Case) -> Case:
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    perform(case, "hand_over", actor=cast.clerk, overrides=overrides_for(case))
    take_next(cast.ps_reviewer, "servicing")
    return again(case)


def concluded(cast, case: Case) -> Case:
    perform(case, "conclude", actor=cast.ps_reviewer, outcome="APPROVE", opinion="委托真实，已核对证件")
    return again(case)


def test_a_large_refund_to_the_spouse_is_approved_by_a_senior_and_says_so(cast):
    case = concluded(cast, in_review(cast, entered(cast)))
    decision = case.current_decision()
    assert decision.amount >= 10_000 and (case.state, case.required_grade) == ("pending_approval", 3 if _has(3) else 4)
    assert take_next(cast.approver, "approval") is None  # 二级
    with pytest.raises(NotDone):
        perform(case, "approve", actor=cast.approver, opinion="同意")
    take_next(cast.approver_high, "approval")
    perform(case, "approve", actor=cast.approver_high, opinion="同意付给配偶")
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.payee, payment.approved_by, payment.created_by) == ("测试配偶", cast.approver_high, cast.ps_reviewer)
    assert payment.third_party_reason == "投保人没有可用的银行账户；收款人是投保人的配偶"
    letter = issue(case=again(case), kind="endorsement", actor=cast.issue, now=timezone.now())
    assert f"款项按投保人书面委托付至测试配偶账户（虚构银行，**** **** 7890）。付给他人的原因：{payment.third_party_reason}，由{cast.approver_high}批准。" in letter.data["remark"]
    with pytest.raises(BookRefused, match="付给他人的批准人不得放行"):
        release_payment(payment=payment, actor=cast.approver_high, now=timezone.now())
    assert balance(case.policy, Account.PAYABLE, case_number=case.number) == -payment.amount
    print_letter(letter=letter, actor=cast.issue, now=timezone.now())
    perform(case, "release", actor=cast.issue, how="hand", to="测试客户", signed_on=timezone.localdate().isoformat())
    move_money(case=again(case), payment=payment, act="release", actor=cast.head, now=timezone.now())
    move_money(case=again(case), payment=payment, act="settle", actor=cast.head, now=timezone.now(), reference="B1")
    assert balance(case.policy, Account.PAYABLE, case_number=case.number) == 0


def _has(grade: int) -> bool:
    from lifeops.org.models import AuthorityLimit

    return AuthorityLimit.objects.filter(role="approver", line="servicing", grade=grade).exists()


@pytest.mark.parametrize("change", [{"third_party_reason": "别的原因"}, {"approved_by": None}, {"payee": "李四"}])
def test_reason_and_approver_are_sealed(cast, change):
    case = concluded(cast, in_review(cast, entered(cast)))
    take_next(cast.approver_high, "approval")
    perform(case, "approve", actor=cast.approver_high, opinion="同意")
    payment = Payment.objects.get(case_number=case.number)
    Payment.objects.filter(pk=payment.pk).update(**change)
    with pytest.raises(BookRefused, match="与批准时不一致"):
        release_payment(payment=payment, actor=cast.head, now=timezone.now())


def test_a_small_one_needs_a_second_person_of_any_grade(cast):
    case = concluded(cast, in_review(cast, entered(cast, sum_assured=20_000)))
    assert "付给他人须由另一人批准" in case.events.get(step="conclude").data["route"]
    assert Decimal(0) < case.current_decision().amount < 10_000 and (case.state, case.required_grade) == ("pending_approval", 1)
    take_next(cast.approver, "approval")
    perform(case, "approve", actor=cast.approver, opinion="同意")
    assert Payment.objects.get(case_number=case.number).approved_by == cast.approver


@pytest.mark.parametrize("missing", PAPERS)
def test_without_a_paper_it_does_not_leave_the_branch(cast, missing):
    case = entered(cast, papers=[p for p in PAPERS if p != missing])
    assert level(case)[0] == "block" and "缺" in level(case)[1]
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    with pytest.raises((Invalid, Refused), match="收款人不是投保人本人，缺"):
        perform(case, "hand_over", actor=cast.clerk, overrides=overrides_for(case))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("third_reason", "", "请选择付给他人的原因"), ("payee_relation", "", "请选择收款人与投保人的关系"), ("payee_id_number", "", "请填写收款人证件号码"),
     ("payee_id_number", "990101198803091X", "18 位"), ("third_reason", "other", "请说明"), ("third_reason", "gift", "")],
)  # fmt: skip
def test_what_is_missing_is_said_at_its_field(cast, field, value, words):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    case = accept(cast, item="PS02", policy=policy)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **another(**{field: value}))
    at = "third_text" if value == "other" else field
    assert list(caught.value.errors) == [at] and words in caught.value.errors[at][0]


def test_own_and_other_do_not_mix(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    case = accept(cast, item="PS02", policy=policy)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    with pytest.raises(Invalid, match="款项只付至投保人"):
        perform(case, "save_record", actor=cast.entry, **another(payee_kind="own"))
    with pytest.raises(Invalid, match="是投保人本人"):
        perform(case, "save_record", actor=cast.entry, **another(payee=policy.policyholder.name))
    perform(case, "save_record", actor=cast.entry, **another(payee_kind="", payee=policy.policyholder.name))
    record = again(case).record
    assert (record.third_reason, record.payee_id_number, level(case)[0]) == ("", "", "pass")


def test_an_account_of_somebody_elses_is_refused_also_for_the_third(cast):
    from lifeops.policies.services.particulars import add_account
    from tests.factories import make_party

    add_account(party=make_party(name="代理钱"), bank="虚构银行", number="9900001234567890", actor=cast.entry, now=timezone.now())
    assert level(entered(cast), "A01") == ("block", "账户登记在他人名下，与收款人不一致")
