"""红利冲回 at a death that was reported late: what the day run credited for anniversaries after the day of death was never earned, and
interest of the time after it neither. What stands is taken back; what has been paid out of it, or paid premiums that were owed, is
taken off the benefit. Dividends collected before count as the oldest. Premiums of due days from the death on were not owed: what
a dividend paid of them goes back by the premium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.policies.models import (
    Account,
    DividendKind,
    DividendRate,
    EventKind,
    NoticeKind,
    PayableKind,
    Policy,
    PolicyEvent,
)
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import ZERO, Line, yuan
from lifeops.policies.services import bonus_upon
from lifeops.policies.services.crediting import Credit, late_interest
from lifeops.policies.services.dividend_choice import collectable
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.late_end import late_end
from lifeops.policies.services.ledger import post
from lifeops.policies.services.terms import covers_with_products


@dataclass(frozen=True, kw_only=True)
class Undone:
    """One credit taken back, in 元: `amount` of money, of which `taken` had left the contract; `bonus` by coverage; `lines` of the
    ledger."""

    key: str
    what: str
    how: str
    amount: Decimal = ZERO
    taken: Decimal = ZERO
    bonus: dict[str, str] = field(default_factory=dict)
    lines: dict[str, Decimal] = field(default_factory=dict)


def credited_after(policy: Policy, day: date) -> list[Undone]:
    """Newest first. After the claim has been paid, as it was taken back then."""
    kept = list(policy.events.filter(kind=EventKind.DIVIDEND_UNDONE).order_by("pk"))
    if kept:
        return [_as_kept(event) for event in kept]
    there, found, end = collectable(policy), [], late_end(policy, day)
    left = {
        Account.DIVIDEND: there.accumulated + (end.dividends if end else ZERO), Account.PAYABLE: there.due,
        Account.SUSPENSE: policy.suspense + (end.suspense if end else ZERO),
        Account.PREMIUM: sum((p.amount for p in policy.premiums.filter(kind="renewal", due_on__gte=day, paid_on__gt=day, settled_by="paid")), ZERO),
    }  # fmt: skip
    for event in policy.events.filter(kind=EventKind.DIVIDEND, on__gt=day).order_by("-on", "-pk"):
        one = _undo(policy, event, day, left)
        if one.amount or one.bonus:
            found.append(one)
    return found


def _as_kept(event: PolicyEvent) -> Undone:
    data = event.data
    return Undone(key=data["undone"], what=data["what"], how=data["how"], amount=Decimal(data["amount"]), taken=Decimal(data["taken"]), bonus=data["bonus"])


def _undo(policy: Policy, event: PolicyEvent, day: date, left: dict[Account, Decimal]) -> Undone:
    kind, year = event.key.split(":")[0], int(event.key.split(":")[1])
    earned = anniversary(policy.effective_on, year) <= day
    entry: dict[str, str] = next((entry for entry in event.data.get("money", []) if entry), {})
    amount = Decimal(entry.get(Account.BONUS, 0))
    if earned:
        amount = _interest_since(policy, event, year, day)
    account = next((Account(code) for code in entry if code != Account.BONUS), Account.DIVIDEND)
    # premiums of the time after the death first: they were not owed; what is left in 暂收 is the customer's otherwise
    places = (Account.PREMIUM, Account.SUSPENSE) if account == Account.SUSPENSE else (account,)
    lines, open_amount = {Account.BONUS: -amount}, amount
    for place in places:
        part = min(open_amount, left[place])
        if account == Account.PREMIUM:
            part = open_amount  # more cover was bought with the money: it never left
        else:
            left[place] -= part
        lines[place], open_amount = part, open_amount - part
    lines[Account.BENEFIT] = open_amount
    what = {"bonus": f"第 {year} 年度红利保额", "interest": f"第 {year} 个周年日累积红利利息"}.get(kind, f"第 {year} 年度红利")
    bonus = _bonus_since(policy, event, day) if earned else dict(event.data.get("bonus", {}))
    how = f"{event.on} 记入" + (f"，其中 {day} 以后的部分" if earned else "") + (f"，增加红利保额 {yuan(sum(map(Decimal, bonus.values()), ZERO))} 元" if bonus else "")
    return Undone(key=event.key, what=what, how=how, amount=amount, taken=open_amount, bonus=bonus, lines={str(k): v for k, v in lines.items()})


def _bonus_since(policy: Policy, event: PolicyEvent, day: date) -> dict[str, str]:
    """Of a bonus that was earned and came late: the bonuses upon it for anniversaries after the day."""
    found = {}
    for cover in policy.coverages.filter(pk__in=event.data.get("bonus", {})).select_related("version__product"):
        if over := Decimal(event.data["bonus"][str(cover.pk)]) - bonus_upon.until(policy, event, str(cover.pk), day):
            found[str(cover.pk)] = f"{over:.2f}"
    return found


def _interest_since(policy: Policy, event: PolicyEvent, year: int, day: date) -> Decimal:
    """Of a dividend that was earned and came late: the interest it had for anniversaries after the day."""
    alone = event.data.get("before_late")
    rate = DividendRate.objects.filter(pk=event.data.get("dividend_rate"), kind=DividendKind.CASH).first()
    if alone is None or rate is None:
        return ZERO
    credit, covers = Credit(day=event.on, year=year, rate=rate), covers_with_products(policy)
    whole, until = (late_interest(policy, covers, Decimal(alone), credit, to)[0] for to in (event.on, day))
    return whole - until


def taken_off(undone: Sequence[Undone]) -> Decimal:
    """What the benefit is reduced by."""
    return sum((one.taken for one in undone), ZERO)


def undone_lines(undone: Sequence[Undone]) -> list[Line]:
    """For the calculation: each credit that is taken back, and what is taken off for those that have left the contract."""
    lines = [
        Line(label=f"身故后记入的{one.what}冲回", formula=one.how, value=one.amount or sum(map(Decimal, one.bonus.values()), ZERO), counts=False)
        for one in undone
    ]
    if taken := taken_off(undone):
        told = "、".join(f"{one.what} {yuan(one.taken)}" for one in undone if one.taken)
        lines.append(Line(label="减：身故后派发、已领取或已抵交保费的红利", formula=told, value=-taken))
    return lines


def undo_credits(policy: Policy, day: date, *, on: date, why: Cause) -> None:
    """Take back of a locked policy, by entries and by events of the claim; letters that were to tell of it are not needed. What was
    payable belonged to no case, nor does what is taken back of it."""
    undone = credited_after(policy, day)
    covers = {str(c.pk): c for c in policy.coverages.all()}
    for one in undone:
        kind = PayableKind.DIVIDEND if one.lines.get(Account.PAYABLE) else ""
        entry = post(policy, on=on, text=f"身故后{one.what}冲回", key=f"undo:{one.key}", kind=kind, lines=one.lines)
        for key, added in one.bonus.items():
            cover = covers[key]
            cover.bonus_sum = max(ZERO, cover.bonus_sum - Decimal(added))
            cover.save(update_fields=["bonus_sum"])
        data: dict[str, Any] = {
            "money": [entry], "undone": one.key, "what": one.what, "how": one.how, "amount": f"{one.amount:.2f}", "taken": f"{one.taken:.2f}",
            "bonus": one.bonus,
        }  # fmt: skip
        told = f"，其中 {yuan(one.taken)} 元从保险金中扣除" if one.taken else ""
        note = f"被保险人于 {day} 身故，冲回其后记入的{one.what}" + (f" {yuan(one.amount)} 元{told}" if one.amount else "")
        record(policy, EventKind.DIVIDEND_UNDONE, on=on, cause=why, note=note, key=f"undo:{one.key}", data=data)
    if undone:
        earned = [e.on for e in policy.events.filter(kind=EventKind.DIVIDEND, on__gt=day) if e.key not in {one.key for one in undone}]
        policy.notices_due.waiting().filter(kind=NoticeKind.DIVIDEND, about__gt=day).exclude(about__in=earned).update(dropped_on=on)


__all__ = ["Undone", "credited_after", "taken_off", "undo_credits", "undone_lines"]
