"""待追回款: what was paid out and was not due, who owes it back, and how it is settled: money that came in for it and waits as 暂收, known
by the reference of the bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from lifeops.org.models import Role, User
from lifeops.org.text import visible
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Account, EventKind, LedgerLine, Policy
from lifeops.policies.rules.lines import ZERO, money, yuan
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import balances, post
from lifeops.policies.services.locking import locked
from lifeops.policies.services.notices import refunded
from lifeops.policies.services.payments import OF_INSURED
from lifeops.policies.services.premiums import receipt_key

#: Who settles it, at the unit of the policy or above it.
SETTLERS = (Role.HEAD, Role.CL_REVIEWER, Role.MANAGER)


@dataclass(frozen=True, kw_only=True)
class Recoverable:
    """`amount` in 元 that is still to come back; `what` it was paid as and `whose` estate or person owes it, in words."""

    amount: Decimal
    what: str
    whose: str


def recoverable(policy: Policy, day: date, sums: Mapping[str, Decimal] | None = None) -> Recoverable | None:
    """By the end of a day; None where nothing is to come back. `sums`: the balances of the day, where they have been read."""
    amount = (balances(policy, day) if sums is None else sums).get(Account.RECOVERABLE, ZERO)
    if amount <= 0:
        return None
    rows = [e.data for e in policy.events.filter(kind=EventKind.BENEFIT_UNDONE, on__lte=day).order_by("-pk") if Decimal(e.data["taken"])]
    of_insured = any(row["kind"] in OF_INSURED for row in rows)
    return Recoverable(
        amount=amount, what="身故后领取的" + "、".join(row["what"] for row in rows),
        whose="被保险人的继承人，在所得遗产范围内" if of_insured else "投保人",
    )  # fmt: skip


def may_settle(actor: User, policy: Policy) -> bool:
    return actor.holds(*SETTLERS, path=policy.branch.path)


@transaction.atomic
def settle_recoverable(*, policy: Policy, reference: str, amount: Decimal, reason: str, day: date, actor: User) -> Policy:
    """追回: a receipt that waits as 暂收 settles what is to come back, no more than there is of each. `reason`: who gave it back and why it
    is for this. BookInvalid at the field, BookRefused for whoever may not."""
    if not may_settle(actor, policy):
        raise BookRefused("款项追回由保单所属机构的机构主管，或理赔审核岗、运营主管登记")
    found, reason, reference = locked(policy), visible(reason).strip(), visible(reference).strip()
    open_amount = balances(found).get(Account.RECOVERABLE, ZERO)
    if open_amount <= 0:
        raise BookRefused("没有待追回的款项")
    lines = LedgerLine.objects.filter(entry__policy=found, entry__key=receipt_key(reference), account=Account.SUSPENSE)
    came = -sum(lines.values_list("amount", flat=True), ZERO)
    if not came:
        raise BookInvalid({"reference": "本保单没有此流水号的暂收款项；请在银行到账文件入账后登记"})
    if not reason:
        raise BookInvalid({"reason": "请填写由谁返还及依据"})
    used = -sum((Decimal(e.data["amount"]) for e in found.events.filter(kind=EventKind.RECOVERED, data__reference=reference)), ZERO)
    most = min(open_amount, came + used, found.suspense)
    if amount != money(amount) or not 0 < amount <= most:
        raise BookInvalid({"amount": f"可登记至多 {yuan(most)} 元（待追回 {yuan(open_amount)} 元，该笔尚余 {yuan(came + used)} 元，暂收 {yuan(found.suspense)} 元）"})
    entry = post(found, on=day, text="身故后领取款项追回", lines={Account.SUSPENSE: amount, Account.RECOVERABLE: -amount})
    if not found.suspense:
        refunded(found, day)
    record(
        found, EventKind.RECOVERED, on=day, cause=Cause.of("", actor), note=f"追回 {yuan(amount)} 元（{reference}）：{reason}",
        data={"money": [entry], "reference": reference, "amount": f"{amount:.2f}"},
    )  # fmt: skip
    return found


__all__ = ["SETTLERS", "Recoverable", "may_settle", "recoverable", "settle_recoverable"]
