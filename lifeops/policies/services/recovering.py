"""待追回款: what was paid out and was not due, who owes it back, and how it is settled: money that came in for it and waits as 暂收, known
by the reference of the bank. By two persons: the money may be somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils import timezone

from lifeops.org.models import Role, User
from lifeops.org.text import visible
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Account, DeclaredState, EventKind, LedgerLine, Policy, Recovery
from lifeops.policies.rules.lines import ZERO, money, yuan
from lifeops.policies.services.declaring import DECISION, decided, decision_refusals
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import balances, post
from lifeops.policies.services.locking import locked
from lifeops.policies.services.notices import refunded
from lifeops.policies.services.payments import FROZEN, OF_INSURED
from lifeops.policies.services.premiums import receipt_key

#: Who asks for it and who approves it, at the unit of the policy or above it.
SETTLERS = (Role.HEAD, Role.CL_REVIEWER, Role.MANAGER)
WHO = "保单所属机构的机构主管，或理赔审核岗、运营主管"


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


def _check(policy: Policy, reference: str, amount: Decimal) -> None:
    """BookInvalid at the field where the receipt cannot settle so much of a locked policy."""
    open_amount = balances(policy).get(Account.RECOVERABLE, ZERO)
    if open_amount <= 0:
        raise BookRefused("没有待追回的款项")
    if (frozen := policy.holds.filter(kind__in=FROZEN, lifted_on__isnull=True).first()) is not None:
        raise BookRefused(f"保单{frozen.get_kind_display()}中（{frozen.holder}），暂收款项不能动用，解除后办理")
    left = _left_of(policy, reference)
    if left is None:
        raise BookInvalid({"reference": "本保单没有此流水号的暂收款项；请在银行到账文件入账后登记"})
    most = min(open_amount, left)
    if amount != money(amount) or not 0 < amount <= most:
        raise BookInvalid({"amount": f"可登记至多 {yuan(most)} 元（待追回 {yuan(open_amount)} 元，该笔尚余 {yuan(left)} 元，暂收 {yuan(policy.suspense)} 元）"})


def _left_of(policy: Policy, reference: str) -> Decimal | None:
    """What of a receipt may still be there, in 元; None where it never came. What was refunded or paid premiums since does not say of
    which receipt it was: no more of one can be left than has stood as 暂收 at any time since it came."""
    lines = LedgerLine.objects.filter(entry__policy=policy, account=Account.SUSPENSE).order_by("entry_id")
    key, stood, came, least = receipt_key(reference), ZERO, ZERO, ZERO
    for of, amount in lines.values_list("entry__key", "amount"):
        stood -= amount
        if of == key:
            came, least = -amount, stood
        least = min(least, stood)
    if not came:
        return None
    used = (Decimal(event.data["amount"]) for event in policy.events.filter(kind=EventKind.RECOVERED, data__reference=reference))
    return min(came - sum(used, ZERO), least)


@transaction.atomic
def ask_recovery(*, policy: Policy, reference: str, amount: Decimal, reason: str, actor: User, now: datetime) -> Recovery:
    """登记追回: that a receipt which waits as 暂收 settles what is to come back, no more than there is of each. `reason`: who gave it back
    and why it is for this; it may be somebody else's money, so nothing moves before a second person has approved it. BookInvalid at the
    field, BookRefused for whoever may not."""
    if not may_settle(actor, policy):
        raise BookRefused(f"款项追回由{WHO}登记")
    found, reason, reference = locked(policy), visible(reason).strip(), visible(reference).strip()
    _check(found, reference, amount)
    if not reason:
        raise BookInvalid({"reason": "请填写由谁返还及依据"})
    if open_recovery(found) is not None:
        raise BookRefused("已登记的一笔追回待批准，请先由另一人批准或驳回")
    return Recovery.objects.create(policy=found, reference=reference, amount=amount, reason=reason[:100], requested_by=actor, requested_at=now)


def open_recovery(policy: Policy) -> Recovery | None:
    """What waits for its second person."""
    return policy.recoveries.filter(state=DeclaredState.OPEN).select_related("requested_by").first()


def last_refused(policy: Policy) -> Recovery | None:
    """What was asked for last and refused: the reason is for whoever asks again."""
    found = policy.recoveries.select_related("decided_by").first()
    return found if found is not None and found.state == DeclaredState.REFUSED else None


def recovery_refusals(row: Recovery, actor: User) -> list[str]:
    """Why this person may not decide on it; empty when the person may."""
    return decision_refusals(row, actor, may=partial(may_settle, policy=row.policy), who=WHO)


@transaction.atomic
def decide_recovery(*, row: Recovery, approve: bool, remark: str, actor: User, now: datetime) -> Recovery:
    """批准 or 驳回, by another than who asked; approved, the receipt settles it, if there still is what there was."""
    policy, day = locked(row.policy), timezone.localdate(now)
    found = decided(row, approve=approve, remark=remark, actor=actor, now=now, may=partial(may_settle, policy=policy), who=WHO)
    if approve:
        try:
            _check(policy, found.reference, found.amount)
        except BookInvalid as gone:
            raise BookRefused(*(f"登记之后账目有变动：{words}" for words in gone.errors.values())) from None
        _settle(policy, found, day, actor)
    found.save(update_fields=DECISION)
    return found


def _settle(policy: Policy, row: Recovery, day: date, actor: User) -> None:
    entry = post(policy, on=day, text="身故后领取款项追回", lines={Account.SUSPENSE: row.amount, Account.RECOVERABLE: -row.amount})
    refunded(policy, day)
    record(
        policy, EventKind.RECOVERED, on=day, cause=Cause.of("", actor),
        note=f"追回 {yuan(row.amount)} 元（{row.reference}）：{row.reason}；{row.requested_by} 登记",
        data={"money": [entry], "reference": row.reference, "amount": f"{row.amount:.2f}", "recovery": row.pk},
    )  # fmt: skip


__all__ = [
    "SETTLERS", "WHO", "Recoverable", "ask_recovery", "decide_recovery", "last_refused", "may_settle", "open_recovery", "recoverable", "recovery_refusals",
]  # fmt: skip
