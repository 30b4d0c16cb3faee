"""PS28 溢缴退费: rules S101 to S103, what it comes to, what it does to the book, its paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.errors import refusal_of
from lifeops.policies.models import Policy
from lifeops.policies.rules.lines import ZERO, Calculation, yuan
from lifeops.policies.services.lending import open_loans, owed_at
from lifeops.policies.services.overpaid import Overpaid, overpaid, refund_lines, refund_overpaid
from lifeops.policies.services.recovering import recoverable
from servicing.models import ChangeRequest, ServicingDecision

ITEM = "PS28"


@dataclass(frozen=True, kw_only=True)
class RefundFacts:
    """What is asked for and what is there, in 元; `owed` on loans, `suspended` that the money could put the contract in force again,
    `to_recover` what was paid out after a death and is to come back."""

    asked: Decimal
    there: Overpaid
    owed: Decimal = ZERO
    suspended: bool = False
    to_recover: Decimal = ZERO


def refund_findings(f: RefundFacts) -> list[FindingSpec]:
    return [_enough(f), _needed(f), _others(f)]


def _enough(f: RefundFacts) -> FindingSpec:
    there, source = f.there, "民法典第985条"
    limit = f"{yuan(there.total)} 元" + (f"（暂收 {yuan(there.suspense)} 元，其中已到期的保险费 {yuan(there.bound)} 元）" if there.bound else "")
    if not there.total:
        return FindingSpec("S101", "block", "没有可以退还的款项", f"{yuan(f.asked)} 元", limit, source)
    over = f.asked > there.total
    words = "退费金额超过可退还的款项" if over else "退费金额不超过可退还的款项"
    return FindingSpec("S101", "block" if over else "pass", words, f"{yuan(f.asked)} 元", limit, source)


def _needed(f: RefundFacts) -> FindingSpec:
    """For what else the money could be used: the customer is asked."""
    uses = [
        words
        for words, there in (
            (f"到期未交的保险费 {yuan(f.there.open)} 元", f.there.open), ("复效应交的款项", f.suspended), (f"贷款、垫交本息 {yuan(f.owed)} 元", f.owed),
            (f"待追回的款项 {yuan(f.to_recover)} 元，到账如为返还，请先登记追回", f.to_recover),
        )
        if there
    ]  # fmt: skip
    words = "款项可用于下列用途，请向客户说明后办理" if uses else "没有应交、应还的款项"
    return FindingSpec("S102", "warn" if uses else "pass", words, "；".join(uses)[:100] or "无", "无应交、应还款项")


def _others(f: RefundFacts) -> FindingSpec:
    words = "另有已到期未领的款项，请一并告知" if f.there.others else "没有另行领取的款项"
    return FindingSpec("S103", "warn" if f.there.others else "pass", words, f"{yuan(f.there.others)} 元", "无")


def findings_of(case: Case, record: ChangeRequest, day: date) -> list[FindingSpec]:
    policy = case.contract
    return refund_findings(
        RefundFacts(
            asked=record.wanted, there=overpaid(policy, day), owed=owed_at(open_loans(policy), day), suspended=policy.status == "lapsed",
            to_recover=back.amount if (back := recoverable(policy, day)) else ZERO,
        )
    )


def due_of(case: Case, record: ChangeRequest, day: date) -> Calculation:
    return refund_lines(case.contract, record.wanted, day)


def compared(case: Case, record: ChangeRequest, day: date) -> list[tuple[str, str, str]]:
    """(label, before, after)."""
    there, amount = overpaid(case.contract, day), record.wanted
    left = min(amount, there.left)
    parts = (("合同终止余款", there.left, left), ("暂收款项", there.suspense, amount - left))
    rows = [(label, f"{yuan(held)} 元", f"{yuan(held - part)} 元") for label, held, part in parts if held and part <= held]
    return [*rows, ("应付金额", "—", f"{yuan(amount)} 元")]


def asked_rows(case: Case, record: ChangeRequest, day: date) -> list[tuple[str, str]]:
    rows = [("申请日", str(case.asked_on))]
    if case.decided_at is None:
        # decided, the case has taken from it
        rows.append(("可退还的款项", told(overpaid(case.contract, day))))
    return [*rows, ("退费金额", f"{yuan(record.wanted)} 元"), ("退费原因", record.why_text or "—")]


def told(there: Overpaid) -> str:
    """What there is and of what, in words."""
    parts = [f"{label} {yuan(amount)}" for label, amount in (("溢缴保险费", there.free), ("合同终止余款", there.left)) if amount]
    words = f"{yuan(there.total)} 元" + (f"（{'，'.join(parts)}）" if parts else "")
    return words + (f"；暂收中已到期的保险费 {yuan(there.bound)} 元不退" if there.bound else "")


def refused(policy: Policy, amount: Decimal, day: date) -> str:
    """Why so much cannot be refunded; "" where it can."""
    return refusal_of(lambda: refund_lines(policy, amount, day))


def done(*, policy: Policy, case_number: str, record: ChangeRequest, day: date, actor: User, now: datetime) -> Calculation:
    return refund_overpaid(policy=policy, case_number=case_number, amount=record.wanted, day=day, actor=actor, now=now)


def letter(record: ChangeRequest, decision: ServicingDecision, sums: list[dict[str, Any]], paid: str) -> dict[str, Any]:
    """退费通知书: to the policyholder, also where another is paid; `paid` says to whom and where."""
    return {"sums": sums, "total": decision.amount, "reason": record.why_text, "remark": paid}
