"""复效: what is to be paid in, on which day the money was there, and the act (保险法 37, 司法解释三第8条; facts M-07)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Coverage, EventKind, LedgerLine, Policy
from lifeops.policies.rules.alterations import reinstatement
from lifeops.policies.rules.dates import reinstatement_end
from lifeops.policies.rules.lines import DEBT, OVERDUE, ZERO, Calculation, yuan
from lifeops.policies.services.changing import arrears, covers_of, reinstate
from lifeops.policies.services.events import Cause, keep_covers, record
from lifeops.policies.services.lending import open_loans, owed_at, repay, value_at, value_tables
from lifeops.policies.services.locking import locked
from lifeops.policies.services.servicing import debts_of
from lifeops.policies.services.terms import reinstatement_rate, reinstatement_years
from lifeops.workdays.calendar import get_calendar


@dataclass(frozen=True, kw_only=True)
class Reinstatement:
    """`due` is what has to be paid in, its debts among the lines where they are settled with it. `paid_on` is the day from which
    what waits as 暂收 (`received`) has stayed at or above it, None where it does not reach it; `must_repay` that the debts have
    reached the value and may not stay."""

    due: Calculation
    received: Decimal
    owed: Decimal
    must_repay: bool
    apply_until: date
    paid_on: date | None = None

    @property
    def interest(self) -> Decimal:
        """On the overdue premiums."""
        return sum((line.value for line in self.due.lines if line.kind == OVERDUE), ZERO)

    @property
    def debts(self) -> Decimal:
        """Principal and interest of the loans that are settled with it."""
        return sum((line.value for line in self.due.lines if line.kind == DEBT), ZERO)

    @property
    def lacking(self) -> Decimal:
        return max(ZERO, self.due.amount - self.received)


def last_day_to_apply(policy: Policy, main: Coverage) -> date | None:
    """Two years from the suspension, longer where the terms say so; None for a policy that is not suspended."""
    if policy.lapsed_on is None:
        return None
    return reinstatement_end(policy.lapsed_on, get_calendar().is_workday, reinstatement_years(main.version))


def due_for_reinstatement(policy: Policy, day: date, *, with_debts: bool) -> Reinstatement:
    """What is to be paid in for the policy to be in force again on `day`: instalments due until then, interest on them until the
    money was there, with `with_debts` loans and their interest to that day."""
    covers = covers_of(policy)
    main = next((c for c in covers if not c.is_rider), None)
    last = last_day_to_apply(policy, main) if main else None
    if main is None or policy.lapsed_on is None or last is None:
        raise BookRefused(f"保单状态为“{policy.get_status_display()}”，不需复效")
    loans, missed = open_loans(policy), arrears(policy, day)
    owed = owed_at(loans, day)
    earliest = max([policy.lapsed_on, *(loan.since for loan in loans)])

    def on(paid: date) -> Calculation:
        return reinstatement(
            premiums=missed, rate=reinstatement_rate(main.version), day=paid, grace_days=main.version.grace_days,
            debts=debts_of(policy, paid) if with_debts else (),
        )

    common: dict[str, Any] = {
        "received": policy.suspense, "owed": owed, "apply_until": last,
        "must_repay": bool(loans) and owed >= value_at(value_tables(policy, covers), day),
    }
    for paid, least in _waiting(policy, earliest, day):
        if least >= on(paid).amount:
            return Reinstatement(due=on(paid), paid_on=paid, **common)
    return Reinstatement(due=on(day), **common)


def _waiting(policy: Policy, earliest: date, day: date) -> list[tuple[date, Decimal]]:
    """(day, the least that has waited as 暂收 since) for each day on which it changed, none before `earliest` or after `day`: money
    that was taken or returned again paid for nothing."""
    lines = LedgerLine.objects.filter(entry__policy=policy, account=Account.SUSPENSE, entry__on__lte=day)
    total, found = ZERO, dict[date, Decimal]()
    for on, amount in lines.order_by("entry__on").values_list("entry__on").annotate(total=Sum("amount")):
        total -= amount
        found[max(on, earliest)] = total
    least, since = policy.suspense, []
    for on, balance in reversed([(on, balance) for on, balance in found.items() if on <= day]):
        least = min(least, balance)
        since.append((on, least))
    return since[::-1]


@transaction.atomic
def reinstate_paid(
    *, policy: Policy, case_number: str, day: date, applied_on: date, with_debts: bool, actor: User, now: datetime,
    extra: Decimal = ZERO,
) -> tuple[Policy, Reinstatement]:
    """In force again from `day`, on which money and agreement are both there: what waits as 暂收 pays debts, arrears and
    interest. `extra` is a loading per instalment that was agreed to, due with the next one."""
    found = locked(policy, case_number)
    state = due_for_reinstatement(found, day, with_debts=with_debts)
    if state.paid_on is None:
        raise BookRefused(f"复效应交 {yuan(state.due.amount)} 元，暂收 {yuan(state.received)} 元，尚差 {yuan(state.lacking)} 元")
    if state.debts:
        repay(
            policy=found, amount=state.debts, day=state.paid_on, reference="", actor=actor, now=now, case_number=case_number, from_suspense=True
        )
    back = reinstate(
        policy=found, case_number=case_number, day=day, applied_on=applied_on, interest=state.interest, received=ZERO, reference="",
        actor=actor, now=now,
    )
    if extra > 0:
        _load(back, extra, day, case_number, actor)
    return back, state


def _load(policy: Policy, extra: Decimal, day: date, case_number: str, actor: User) -> None:
    main = next(c for c in covers_of(policy) if not c.is_rider)
    main.extra += extra
    main.save(update_fields=["extra"])
    record(
        policy, EventKind.COVERAGE, on=day, cause=Cause.of(case_number, actor), note=f"复效加费每期 {yuan(extra)} 元",
        data={"coverages": keep_covers([main], since=day, case_number=case_number)},
    )


__all__ = ["Reinstatement", "due_for_reinstatement", "last_day_to_apply", "reinstate_paid"]
