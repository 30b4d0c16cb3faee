"""待领款项: what waits on a policy and nobody has collected, for whom, and by which item it is had. For the policy's page and the
interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lifeops.policies.models import Account, PayableKind, Policy, PolicyStatus
from lifeops.policies.rules.life import PAYING
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.services.ledger import balances, waiting_by_kind
from lifeops.policies.services.payments import OF_INSURED

#: 暂收, which is no 应付 yet.
SUSPENSE = "suspense"
#: The item by which a kind is collected.
ITEMS = {
    PayableKind.SURVIVAL: "生存金领取", PayableKind.MATURITY: "满期金领取", PayableKind.VALUE: "满期金领取", PayableKind.DIVIDEND: "红利领取",
    PayableKind.LEFT: "溢缴退费", PayableKind.SUPPLEMENT: "身故理赔（补付）",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Uncollected:
    """`kind` of `PayableKind`, or "suspense"; the amount in 元; `whose` and `item` in words."""

    kind: str
    label: str
    amount: Decimal
    whose: str
    item: str


def uncollected(policy: Policy, day: date, sums: Mapping[str, Decimal] | None = None) -> list[Uncollected]:
    """By the end of a day; what a case has taken over is on its way and not told. `sums`: the balances of the day, where they have been read."""
    waits = waiting_by_kind(policy, day)
    found = [_told(policy, kind, str(kind.label), waits[kind], ITEMS[kind]) for kind in PayableKind if kind in waits]
    suspense = -(balances(policy, day) if sums is None else sums).get(Account.SUSPENSE, ZERO)
    if suspense > 0:
        found.append(_told(policy, SUSPENSE, "暂收款项", suspense, _use(policy)))
    return found


def _told(policy: Policy, kind: str, label: str, amount: Decimal, item: str) -> Uncollected:
    """With whose it is: of somebody who has died, his heirs'."""
    if kind == PayableKind.SUPPLEMENT:
        return Uncollected(kind=kind, label=label, amount=amount, whose="身故受益人；未指定的为被保险人的继承人", item=item)
    who, whose = (policy.insured, "被保险人") if kind in OF_INSURED else (policy.policyholder, "投保人")
    if who.died_on is None:
        return Uncollected(kind=kind, label=label, amount=amount, whose=whose, item=item)
    return Uncollected(kind=kind, label=label, amount=amount, whose=f"{whose}的继承人", item=_by_heirs(policy, item))


def _by_heirs(policy: Policy, item: str) -> str:
    """How heirs have it. While the contract goes on they take its place first, or the death benefit is claimed."""
    if policy.status == PolicyStatus.TERMINATED:
        return f"{item}（申请人身份：继承人）"
    return "先办身故理赔" if policy.insured.died_on else "先办投保人变更（申请人身份：继承人）"


def _use(policy: Policy) -> str:
    """What 暂收 is for as the policy stands now; the rest of it goes back."""
    if policy.status == PolicyStatus.LAPSED:
        return "用于复效；要退还的办溢缴退费"
    paying = policy.paid_to is not None and policy.status in PAYING and policy.status != PolicyStatus.WAIVED
    return "抵交到期保费；要退还的办溢缴退费" if paying else "溢缴退费"


__all__ = ["Uncollected", "uncollected"]
