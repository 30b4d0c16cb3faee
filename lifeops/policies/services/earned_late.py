"""晚批准的红利 of a contract that a death ends: what policy years that were over by the death brought, though its rate was approved after
it. A bonus, and cover that a dividend bought, belong to the death benefit as of the day of death; money is the policyholder's. Nothing counts
for the time after the death."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lifeops.policies.models import (
    Account,
    Coverage,
    DividendKind,
    DividendOption,
    EventKind,
    PayableKind,
    Policy,
    PolicyEvent,
)
from lifeops.policies.rules.alterations import paid_up_addition
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import ZERO, Line, yuan
from lifeops.policies.services import bonus_upon
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.crediting import (
    Credit,
    bonus_data,
    bonus_parts,
    dividend_of,
    in_order,
    interest_of,
    late_interest,
    open_credits,
    option_on,
    sharing,
)
from lifeops.policies.services.events import Cause, keep_covers, record
from lifeops.policies.services.ledger import post
from lifeops.policies.services.notices import tell_of_dividend
from lifeops.policies.services.terms import sex_of
from lifeops.policies.services.values import single_rate


@dataclass(frozen=True, kw_only=True)
class EarnedLate:
    """`bonus` in 元 by coverage: what is missing in its bonus sum of the day of death. `credited`: events of the day run since, `coming`:
    what is still to be credited, as the events will say it."""

    bonus: dict[int, Decimal] = field(default_factory=dict)
    credited: tuple[PolicyEvent, ...] = ()
    coming: tuple[PolicyEvent, ...] = ()


def earned_late(policy: Policy, day: date, covers: Sequence[Coverage]) -> EarnedLate:
    """`covers`: all coverages of the policy."""
    held = answering(policy, day, covers)
    credited = [e for e in policy.events.filter(kind=EventKind.DIVIDEND, on__gt=day).order_by("pk") if _is_earned(policy, e, day)]
    coming, bonus = list(_coming(policy, held, day)), dict[int, Decimal]()
    for event in (*credited, *coming):
        for cover in held:
            if part := bonus_upon.until(policy, event, str(cover.pk), day):
                bonus[cover.pk] = bonus.get(cover.pk, ZERO) + part
    return EarnedLate(bonus=bonus, credited=tuple(e for e in credited if e.data.get("bonus")), coming=tuple(coming))


def with_bonus(covers: Sequence[Coverage], late: EarnedLate) -> list[Coverage]:
    """Copies of coverages as they answer for a death, with what their bonus sums lack."""
    for cover in covers:
        cover.bonus_sum += late.bonus.get(cover.pk, ZERO)
    return list(covers)


def late_lines(policy: Policy, late: EarnedLate, day: date) -> list[Line]:
    """For the calculation: what has been counted, and what money comes to the policyholder beside it."""
    lines = []
    for event in (*late.credited, *late.coming):
        year, told = event.key.split(":")[1], event.data.get("told", "")
        how = f"{event.on} 批准" + (f"：{'；'.join(told.values()) if isinstance(told, dict) else told}" if told else "")
        if bonus := sum((bonus_upon.until(policy, event, str(c.pk), day) for c in policy.coverages.all()), ZERO):
            lines.append(Line(label=f"身故前第 {year} 年度红利保额，计入有效保险金额", formula=how, value=bonus, counts=False))
        elif event.pk is None and (amount := Decimal(event.data.get("amount", 0))):
            lines.append(Line(label=f"身故前第 {year} 年度红利，另付投保人", formula=how, value=amount, counts=False))
    return lines


def _is_earned(policy: Policy, event: PolicyEvent, day: date) -> bool:
    return anniversary(policy.effective_on, int(event.key.split(":")[1])) <= day


def _coming(policy: Policy, held: Sequence[Coverage], day: date) -> Iterator[PolicyEvent]:
    """In the order in which the day run would credit them; each sees those before it."""
    made: list[PolicyEvent] = []
    for credit in sorted(open_credits(policy, held, until=day), key=in_order):
        event = PolicyEvent(policy=policy, kind=EventKind.DIVIDEND, key=credit.key, on=credit.day)
        event.data = _told(policy, held, credit, day, made) | {"dividend_rate": credit.rate.pk}
        made.append(event)
        yield event


def _told(policy: Policy, held: Sequence[Coverage], credit: Credit, day: date, made: Sequence[PolicyEvent]) -> dict[str, object]:
    on = anniversary(policy.effective_on, credit.year)
    if credit.rate.kind == DividendKind.BONUS:
        parts = bonus_parts(policy, held, answering(policy, on), credit, until=day, more=made)
        return bonus_data(parts) | {"told": {str(p.cover.pk): p.told for p in parts}}
    if credit.rate.kind == DividendKind.INTEREST:
        amount, told = interest_of(policy, credit, on)
        return {"amount": f"{amount:.2f}", "told": told}
    amount, told = dividend_of(policy, answering(policy, on), credit, on)
    option = option_on(policy, held, on)
    if option == DividendOption.PAID_UP and amount:
        cover = sharing(held, credit.rate)[0]
        if (rate := single_rate(cover, sex_of(policy, cover), on)) is not None:
            bought = paid_up_addition(dividend=amount, rate=rate)
            words = f"{told}，红利 {yuan(amount)} 元交清增额（{bought.lines[0].formula}）"
            return {"amount": f"{amount:.2f}", "bonus": {str(cover.pk): f"{bought.amount:.2f}"}, "told": words}
    if option not in (DividendOption.CASH, DividendOption.OFFSET):
        amount += late_interest(policy, held, amount, credit, day)[0]
    return {"amount": f"{amount:.2f}", "told": told}


def book_earned_late(policy: Policy, day: date, covers: Sequence[Coverage], *, why: Cause) -> int:
    """What is still to be credited of a locked policy that a death has ended or is about to; returns how much it was. Money becomes
    payable to the policyholder, whatever way was chosen: no premium falls due any more."""
    coming, rows = earned_late(policy, day, covers).coming, {str(c.pk): c for c in policy.coverages.all()}
    for event in coming:
        year, amount, data = event.key.split(":")[1], Decimal(event.data.pop("amount", 0)), dict(event.data)
        bonus: dict[str, str] = data.get("bonus", {})
        where = {Account.PREMIUM: -amount} if bonus else {Account.PAYABLE: -amount}
        if amount or not bonus:
            data["money"] = [
                post(policy, on=event.on, text=f"身故前第 {year} 年度红利", key=f"{event.key}:{year}", kind="" if bonus else PayableKind.DIVIDEND,
                     lines={Account.BONUS: amount, **where})
            ]  # fmt: skip
        for key, added in bonus.items():
            rows[key].bonus_sum += Decimal(added)
            rows[key].save(update_fields=["bonus_sum"])
        if bonus:
            data["coverages"] = keep_covers([rows[key] for key in bonus], since=event.on)
        note = f"身故前第 {year} 年度红利" + (f"保额 {yuan(sum(map(Decimal, bonus.values()), ZERO))} 元" if bonus else f" {yuan(amount)} 元，应付投保人")
        record(policy, EventKind.DIVIDEND, on=event.on, cause=why, note=note, key=event.key, data=data)
        # of a policyholder who has outlived the insured
        if policy.policyholder_id != policy.insured_id and policy.policyholder.died_on is None and "money" in data and not event.key.startswith("interest:"):
            tell_of_dividend(policy, int(year), event.on)
    return len(coming)


__all__ = ["EarnedLate", "book_earned_late", "earned_late", "late_lines", "with_bonus"]
