"""解除合同通知书, and what 拒绝给付通知书 says where the contract ends: grounds, articles, money, effect."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from claims.ending import holder_dead
from claims.grounds import GROUNDS, REFUND_CV
from claims.models import Claim, ClaimDecision, RefundTo
from lifeops.cases.models import Case
from lifeops.documents.letters.schema import show_day
from lifeops.policies.identity import mask_account
from lifeops.policies.models import PolicyStatus

REFUSED = "《中华人民共和国保险法》第二十四条：对不属于保险责任的，应当自作出核定之日起三日内发出拒绝给付保险金通知书，并说明理由。"
BY_NOTICE = "保险合同自《解除合同通知书》到达投保人之日起解除，解除前发生的本次事故不承担给付保险金的责任。"
RESCINDS = "保险合同自本通知书到达之日起解除，本公司对解除前发生的上述事故不承担给付保险金的责任。"
#: Of an accident that has not happened nothing is said as if it had.
FAKE_BY_NOTICE = "保险合同自《解除合同通知书》到达投保人之日起解除。所称的保险事故没有发生，不承担给付保险金的责任。"
FAKE_RESCINDS = "保险合同自本通知书到达之日起解除。所称的保险事故没有发生，本公司不承担给付保险金的责任。"


def refused_by_law(case: Case, decision: ClaimDecision) -> dict[str, Any]:
    """What the refusal rests on, and what becomes of the contract."""
    ground = GROUNDS[decision.reason_code] if decision.ends else None
    if ground is None:
        policy, rest = case.contract, "保险合同其他责任按合同约定执行"
        if policy.status == PolicyStatus.TERMINATED and policy.terminated_on:
            rest = f"保险合同已于 {show_day(policy.terminated_on)} 终止（{policy.termination}）"
        return {"articles": ["《中华人民共和国保险法》第二十四条"], "contract_effect": f"本次事故不承担给付责任，{rest}。"}
    effect = f"保险合同于 {show_day(case.record.event_on)} 终止，保险单的现金价值按合同约定退还。" if ground.outcome == REFUND_CV else FAKE_BY_NOTICE if ground.fake else BY_NOTICE
    data: dict[str, Any] = {"articles": [*ground.articles, REFUSED], "contract_effect": f"{effect}{refund_words(decision)}"}
    return data | ({"refund": decision.amount, "refund_label": f"退还{ground.gives}"} if decision.amount else {})


def refund_words(decision: ClaimDecision) -> str:
    """To whom the refund goes, and how it is had."""
    if not decision.amount:
        return ""
    if decision.refund_to == RefundTo.WAIT:
        return "应退还的款项列为待领款项，投保人或其继承人可持有效身份证件到任一营业网点办理溢缴退费领取。"
    return f"应退还的款项付至{decision.refund_payee}账户（{decision.refund_bank}，{mask_account(decision.refund_account)}）。"


def rescission(case: Case, record: Claim, decision: ClaimDecision) -> dict[str, Any]:
    """Content of 解除合同通知书 (D13): to the policyholder, where he has died to his heirs."""
    ground, holder = GROUNDS[decision.reason_code], case.contract.policyholder
    dead = holder_dead(case, ground)
    return {
        "addressee": f"{holder.name}的继承人" if dead else holder.name, "addressee_address": holder.address,
        "decided_on": timezone.localdate(decision.signed_at), "known_on": decision.known_on, "facts": decision.opinion,
        "articles": list(ground.articles), "reasons": [{"code": decision.reason_code, "title": decision.reason_label, "detail": ""}],
        "effect": FAKE_RESCINDS if ground.fake else RESCINDS,
        "sums": [
            {"label": row["label"], "formula": row["formula"], "amount": Decimal(row["value"])} for row in decision.lines if row.get("counts", True)
        ],
        "total": decision.amount, "refund_by": refund_words(decision) or "依照上述法律规定，不退还保险费。",
    }  # fmt: skip
