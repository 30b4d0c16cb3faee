"""PS33 公司解约 of a contract that has been suspended for two years without agreement (保险法 37): rules S111 to S115, what it comes to,
what it does to the book, its letter. The company asks itself; the policyholder collects what is left (PS28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifeops.cases.errors import Refused
from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.cases.states import UNDECIDED
from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy
from lifeops.policies.rules.lines import ZERO, Calculation, yuan
from lifeops.policies.services.changing import rescind
from lifeops.policies.services.events import not_before_last_move
from lifeops.policies.services.reinstating import last_day_to_apply
from lifeops.policies.services.rescinding import value_back
from servicing.models import ChangeRequest, ServicingDecision

ITEM = "PS33"
ARTICLE = "《中华人民共和国保险法》第三十七条：自合同效力中止之日起满二年双方未达成协议的，保险人有权解除合同，并应当按照合同约定退还保险单的现金价值。"
COLLECT = "应退还的款项列为待领款项，投保人可持本通知书、有效身份证件和本人账户到任一营业网点办理溢缴退费领取。"
HEIRS_COLLECT = "投保人已身故的，应退还的款项由其继承人持死亡证明、继承权证明、各继承人身份证件和本人账户，到任一营业网点以继承人身份办理溢缴退费领取。"


@dataclass(frozen=True, kw_only=True)
class RescissionFacts:
    """`last`: the last day to apply for 复效, None for a contract that is not suspended; `due` None where it cannot be reckoned; `died_on`
    of the insured."""

    lapsed_on: date | None
    last: date | None
    today: date
    reinstating: str = ""
    due: Decimal | None = None
    why_not: str = ""
    suspense: Decimal = ZERO
    died_on: date | None = None


def rescission_findings(f: RescissionFacts) -> list[FindingSpec]:
    return [_window(f), _agreeing(f), _refund(f), _paid_in(f), _covered(f)]


def _window(f: RescissionFacts) -> FindingSpec:
    if f.last is None:
        return FindingSpec("S111", "block", "合同没有中止，公司不能以此解约", "未中止", "中止满二年", "保险法第37条")
    over = f.today > f.last
    words = "中止满二年未复效，可以解除合同" if over else "复效期限未满，不能解除合同"
    return FindingSpec("S111", "pass" if over else "block", words, f"{f.lapsed_on} 中止", f"复效期限至 {f.last}", "保险法第37条")


def _agreeing(f: RescissionFacts) -> FindingSpec:
    words = "复效正在办理，不能解除合同" if f.reinstating else "没有在办的复效"
    return FindingSpec("S112", "block" if f.reinstating else "pass", words, f.reinstating or "无", "无在办复效", "保险法第37条")


def _refund(f: RescissionFacts) -> FindingSpec:
    if f.due is None:
        return FindingSpec("S113", "block", "不能计算应退还的现金价值", f.why_not[:100], "须能计算", "保险法第37条")
    words = "退还现金价值，列为投保人待领款项" if f.due else "没有可退还的现金价值"
    return FindingSpec("S113", "pass", words, f"{yuan(f.due)} 元", "现金价值减贷款、垫交本息", "保险法第37条")


def _paid_in(f: RescissionFacts) -> FindingSpec:
    words = "有暂收款项，请先与投保人核实是否要复效" if f.suspense else "没有暂收款项"
    return FindingSpec("S114", "warn" if f.suspense else "pass", words, f"{yuan(f.suspense)} 元", "无暂收款项")


def _covered(f: RescissionFacts) -> FindingSpec:
    """A contract that the company has ended pays no death benefit any more."""
    owed = f.died_on is not None and f.lapsed_on is not None and f.died_on < f.lapsed_on
    words = "被保险人在效力中止前身故，先办身故理赔" if owed else "没有登记在中止前的身故"
    return FindingSpec("S115", "block" if owed else "pass", words, str(f.died_on or "—"), f"不早于 {f.lapsed_on or '—'}", "保险法第37条")


def day_of(case: Case) -> date:
    """The day to which value and debts are reckoned: that of the conclusion, where there is one."""
    decision = case.current_decision()
    return timezone.localdate(decision.made_at) if decision is not None else timezone.localdate()


def due_of(case: Case) -> Calculation:
    return value_back(case.contract, day_of(case))


def findings_of(case: Case) -> list[FindingSpec]:
    policy, why_not, due = case.contract, "", None
    try:
        due = due_of(case).amount
    except BookRefused as error:
        why_not = str(error)
    open_cases = Case.objects.filter(policy=policy, item="PS07", state__in=UNDECIDED).order_by("pk").values_list("number", flat=True)
    main = policy.main
    return rescission_findings(RescissionFacts(
        lapsed_on=policy.lapsed_on, last=last_day_to_apply(policy, main) if main else None, today=timezone.localdate(),
        reinstating="、".join(open_cases[:3]), due=due, why_not=why_not, suspense=policy.suspense, died_on=policy.insured.died_on,
    ))  # fmt: skip


def asked_rows(case: Case, record: ChangeRequest) -> list[tuple[str, str]]:
    suspended = [("中止日", str(case.contract.lapsed_on or "—"))] if case.decided_at is None else []
    holder = case.contract.policyholder
    whose = f"{holder.name}{f'（{holder.died_on} 身故）' if holder.died_on else ''}"
    return [("投保人", whose), *suspended, ("解约理由", record.why_text), ("退还方式", "列为投保人待领款项，办溢缴退费领取")]


def done(*, policy: Policy, case_number: str, case: Case, decision: ServicingDecision, day: date, actor: User, now: datetime) -> None:
    """The contract ends on the day of the last signature; value and debts as concluded, refused where they have changed since."""
    due = value_back(policy, day)
    if due.amount != decision.amount or not_before_last_move(policy, day) != day:
        raise Refused([f"审核后保单账目有变化：现应退 {yuan(due.amount)} 元，结论为 {yuan(decision.amount)} 元，请退回审核"], who="审核人")
    rescind(
        policy=policy, case_number=case_number, day=timezone.localdate(now), owed_on=day, payable=due.amount, waits=True, actor=actor, now=now
    )


def letter(case: Case, decision: ServicingDecision, sums: list[dict[str, Any]]) -> dict[str, Any]:
    """解除合同通知书 (D13) to the policyholder."""
    policy = case.contract
    holder = policy.policyholder
    return {
        "addressee": f"{holder.name}的继承人" if holder.died_on else holder.name, "addressee_address": holder.address, "policy_number": policy.number, "product": policy.product_names,
        "holder": holder.name, "insured": policy.insured.name, "item": case.item_label, "decided_on": timezone.localdate(decision.signed_at),
        "facts": case.record.why_text, "articles": [ARTICLE], "reasons": [{"title": "合同效力中止满二年，双方未达成复效协议"}],
        "effect": "保险合同自本通知书到达之日起解除，本公司不再承担保险责任。", "sums": sums, "total": decision.amount,
        "refund_by": (HEIRS_COLLECT if holder.died_on else COLLECT) if decision.amount else "保险合同没有可以退还的现金价值。",
    }  # fmt: skip


__all__ = ["ITEM", "asked_rows", "day_of", "done", "due_of", "findings_of", "letter", "rescission_findings"]
