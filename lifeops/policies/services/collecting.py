"""生存金领取 and 满期金领取 (PS24, PS26): what the day run has made payable and nobody has collected. It belongs to no case until a
case takes it over."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Ending, EventKind, LedgerLine, Party, Policy
from lifeops.policies.rules.lines import ZERO, Calculation, Line, yuan
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.locking import locked
from lifeops.policies.services.payments import take_over, unpaid

#: By what the ledger knows a survival benefit that fell due, and what a case has taken over.
SURVIVAL, TAKEN = "survival:", "benefit_taken:"
#: 满期金 is the insured's; what else the end of the term leaves is the policyholder's.
MATURITY = f"{Ending.MATURITY.label}应付"


def entitled(policy: Policy, *, ended: bool) -> Party:
    """To whom it is paid: to the insured who lives to see it, the cash value of a suspended contract to the policyholder."""
    return policy.policyholder if ended and policy.ending == Ending.EXPIRY else policy.insured


def waiting(policy: Policy, *, ended: bool) -> Calculation:
    """What may be collected by whom is entitled, entry by entry; `ended` also what the end of the term made payable. Where
    policyholder and insured are one person, all that waits."""
    lines = LedgerLine.objects.filter(entry__policy=policy, entry__case_number="", account=Account.PAYABLE).order_by("entry_id")
    rows = list(lines.values_list("amount", "entry__on", "entry__text", "entry__key"))
    everything = ended and policy.policyholder_id == policy.insured_id
    of_insured = entitled(policy, ended=ended).pk == policy.insured_id
    gone, found = ZERO, []
    for amount, on, text, key in rows:
        insureds = key.startswith((SURVIVAL, TAKEN)) or (ended and text == MATURITY)
        if not everything and insureds != of_insured:
            continue
        if amount > 0:
            gone += amount
        else:
            found.append(Line(label=text, formula=f"{on} 起可以领取", value=-amount))
    kept = []
    for line in found:  # what has been collected was collected from the oldest on
        part = min(gone, line.value)
        gone -= part
        if line.value > part:
            kept.append(Line(label=line.label, formula=line.formula, value=line.value - part))
    due = Calculation.of(kept)
    room = max(ZERO, unpaid(policy, ""))
    if due.amount > room:
        return Calculation.of([*due.lines, Line(label="减：已在支付中", value=room - due.amount)])
    return due


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
    entries = take_over(found, case_number=case_number, amount=due.amount, what=what, on=day, key=f"{TAKEN}{case_number}")
    record(
        found, EventKind.PAYABLE, on=day, cause=Cause.of(case_number, actor), note=f"{what}领取 {yuan(due.amount)} 元", data={"money": entries}
    )
    return due


__all__ = ["collect_benefits", "entitled", "left_over", "waiting"]
