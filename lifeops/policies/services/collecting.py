"""生存金领取 and 满期金领取 (PS24, PS26): what the day run has made payable and nobody has collected. It belongs to no case until a
case takes it over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Ending, EventKind, LedgerLine, Party, PayableKind, Policy
from lifeops.policies.rules.lines import ZERO, Calculation, Line, yuan
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.locking import locked
from lifeops.policies.services.payments import OF_HOLDER, OF_INSURED, take_over, unpaid


def entitled(policy: Policy, *, ended: bool) -> Party:
    """To whom it is paid: to the insured who lives to see it, the cash value of a suspended contract to the policyholder."""
    return policy.policyholder if ended and policy.ending == Ending.EXPIRY else policy.insured


def kinds(policy: Policy, *, ended: bool) -> tuple[str, ...]:
    """What is paid with it: survival benefits, after the end of the term all that is of whom is entitled. Where policyholder and
    insured are one person, all that waits."""
    if not ended:
        return (PayableKind.SURVIVAL,)
    if policy.policyholder_id == policy.insured_id:
        return (*OF_INSURED, *OF_HOLDER)
    return OF_INSURED if entitled(policy, ended=ended).pk == policy.insured_id else OF_HOLDER


def lines_of(policy: Policy, wanted: Sequence[str], *, after: date = date.min) -> list[Line]:
    """What waits of some kinds, entry by entry, each line with its kind; what fell due `after` a day only. What has been taken was
    taken from the oldest on."""
    lines = LedgerLine.objects.filter(entry__policy=policy, entry__case_number="", entry__kind__in=wanted, account=Account.PAYABLE)
    rows = list(lines.order_by("entry_id").values_list("amount", "entry__on", "entry__text", "entry__kind", "entry__key"))
    gone, back, found = dict.fromkeys(wanted, ZERO), dict[str, Decimal](), []
    for amount, _, _, kind, key in rows:
        if key.startswith("undo:"):
            back[key.removeprefix("undo:")] = amount  # 冲回 is of its own entry
        else:
            gone[kind] += max(ZERO, amount)
    for amount, on, text, kind, key in rows:
        if amount < 0:
            there = -amount - back.get(key, ZERO)
            part = min(gone[kind], there)
            gone[kind] -= part
            # what a bank gave back had fallen due before it was collected, not on the day it came back
            if on > after and (after == date.min or not key.startswith("back:")):
                found.append(Line(label=text, formula=f"{on} 起可以领取", value=there - part, kind=kind))
    return [line for line in found if line.value]


def waiting(policy: Policy, *, ended: bool) -> Calculation:
    """What may be collected by whom is entitled, entry by entry; `ended` also what the end of the term made payable."""
    due = Calculation.of(lines_of(policy, kinds(policy, ended=ended)))
    room = max(ZERO, unpaid(policy, ""))
    if due.amount > room:
        return Calculation.of([*due.lines, Line(label="减：已在支付中", value=room - due.amount)])
    return due


def due_after(policy: Policy, day: date, *, ended: bool) -> Decimal:
    """What waits and fell due only after a day, as of a person who did not live to see it, in 元."""
    return sum((line.value for line in lines_of(policy, kinds(policy, ended=ended), after=day)), ZERO)


def left_over(policy: Policy) -> Decimal:
    """What waits for somebody else than whom is entitled to the end of the term, in 元."""
    return max(ZERO, unpaid(policy, "")) - waiting(policy, ended=True).amount


@transaction.atomic
def collect_benefits(*, policy: Policy, case_number: str, ended: bool, day: date, actor: User, now: datetime) -> Calculation:
    """All of it becomes payable by the case."""
    found = locked(policy, case_number)
    due = waiting(found, ended=ended)
    if due.amount <= 0:
        raise BookRefused("没有已到期、尚未领取的保险金")
    what = "满期款项" if ended else "生存金"
    amounts, room = dict[str, Decimal](), due.amount
    for line in due.lines:
        if line.kind and (part := min(room, line.value)):
            amounts[line.kind], room = amounts.get(line.kind, ZERO) + part, room - part
    entries = take_over(found, case_number=case_number, amounts=amounts, what=what, on=day, key=f"taken:{case_number}")
    record(
        found, EventKind.PAYABLE, on=day, cause=Cause.of(case_number, actor), note=f"{what}领取 {yuan(due.amount)} 元", data={"money": entries}
    )
    return due


__all__ = ["collect_benefits", "due_after", "entitled", "left_over", "waiting"]
