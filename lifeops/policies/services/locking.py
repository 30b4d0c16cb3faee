"""Locks and marks that every change of the book shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from lifeops.org.models import User
from lifeops.org.statements import Question, read_one, within_transaction
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import (
    SUSPENSIONS,
    Account,
    Ending,
    Endorsement,
    EventKind,
    HoldKind,
    Policy,
    PolicyHold,
    PolicyStatus,
    StatusChange,
)
from lifeops.policies.rules.cash import Debt, interest
from lifeops.policies.rules.life import ENDING_OF, may_move
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.services.events import Cause, keep_covers, record


def locked(policy: Policy, case_number: str = "") -> Policy:
    """The row as it is now, locked; refused when another case holds it."""
    within_transaction()
    found = read_one(Policy, "id = %s FOR NO KEY UPDATE", [policy.pk])
    if found is None:
        raise Policy.DoesNotExist
    if case_number and found.hold_case not in ("", case_number):
        raise BookRefused(f"保单已被案件 {found.hold_case} 挂起")
    return found


@transaction.atomic
def hold(policy: Policy, case_number: str, *, reason: str = "在办案件", actor: User | None = None) -> None:
    """挂起: while a case is in hand that may end the contract, no other changes it. Refused when another case holds it."""
    found = locked(policy, case_number)
    if found.hold_case == case_number:
        return
    today = timezone.localdate()
    found.hold_case = case_number
    found.save(update_fields=["hold_case"])
    PolicyHold.objects.create(
        policy=found, kind=HoldKind.CASE, holder=case_number, reason=reason, placed_on=today, placed_by=actor
    )
    record(found, EventKind.HELD, on=today, cause=Cause.of(case_number, actor), note=f"{reason} {case_number}")


@transaction.atomic(savepoint=False)
def release_hold(policy: Policy, case_number: str) -> None:
    """解除挂起 by the case that set it. The hold of another case stays, without a word: every case that ends calls this."""
    # looked at first: most cases hold nothing, and only the case itself, whose row is locked, sets its number
    if not case_number or not _held_by.exists(policy.pk, case_number):
        return
    Policy.objects.filter(pk=policy.pk, hold_case=case_number).update(hold_case="")
    today = timezone.localdate()
    policy.holds.filter(kind=HoldKind.CASE, holder=case_number, lifted_on__isnull=True).update(
        lifted_on=today, lift_reason="案件办结"
    )
    record(policy, EventKind.HOLD_LIFTED, on=today, cause=Cause.of(case_number), note=f"案件 {case_number} 办结")


@Question(int, str)
def _held_by(policy: int, case_number: str) -> Any:
    return Policy.objects.filter(pk=policy, hold_case=case_number).order_by().values_list("pk")


def still_there(policy: Policy) -> None:
    """Refused when the contract has ended."""
    if policy.status == PolicyStatus.TERMINATED:
        raise BookRefused(f"保单已于 {policy.terminated_on} 终止（{policy.termination}）")


#: Causes of the end by a death, the benefit paid or the cash value refunded (保险法 43–45): cover holds to the end of that very day.
DEATH, DEATH_VALUE = "身故给付", "身故退还现金价值"
DEATHS = (DEATH, DEATH_VALUE)


def status_on(policy: Policy, day: date) -> str:
    """Status on a day, "" before the policy took effect. What was written last about a day is what holds of it: a death
    registered late ends the contract on the day of death, whatever was noted in between."""
    change = read_one(StatusChange, "policy_id = %s AND since <= %s ORDER BY id DESC LIMIT 1", [policy.pk, day])
    return change.status if change else ""


def change_status(
    policy: Policy, status: str, *, on: date, cause: str, case_number: str = "", why: Cause | None = None,
    data: dict[str, Any] | None = None, ending: str = "",
) -> None:
    """Set the status of a locked policy and keep from when it holds; refused where the machine (`rules.life.MOVES`) does
    not know the change. `cause` in words; `why` says whether case, job or correction; `data` goes into the event."""
    why = why or Cause.of(case_number)
    before, ended = policy.status, status == PolicyStatus.TERMINATED
    ending = (ending or ENDING_OF.get(cause, "other")) if ended else ""
    if not may_move(before, status, by=why.source, ending=ending):
        to = Ending(ending).label if ending else PolicyStatus(status).label
        raise BookRefused(f"保单状态为“{PolicyStatus(before).label}”，不能变更为“{to}”")
    policy.status, policy.ending = status, ending
    policy.terminated_on, policy.termination = (on, cause) if ended else (None, "")
    if status == PolicyStatus.LAPSED:
        policy.lapsed_on = on
    elif before == PolicyStatus.LAPSED and not ended:
        policy.lapsed_on = None
    policy.next_event_on = None if ended else min(policy.next_event_on or on, on)
    policy.save(update_fields=["status", "ending", "terminated_on", "termination", "lapsed_on", "next_event_on"])
    if before == PolicyStatus.LAPSED and status != PolicyStatus.LAPSED:
        # of a suspension that is over nobody is told
        policy.notices_due.waiting().filter(kind__in=SUSPENSIONS).update(dropped_on=on)
    StatusChange.objects.create(policy=policy, status=status, since=on, cause=cause, case_number=case_number)
    record(policy, EventKind.STATUS, on=on, cause=why, note=cause, data={"status": status, "ending": ending} | (data or {}))


def end_covers(policy: Policy, *, on: date, case_number: str = "") -> dict[str, Any]:
    """All coverages end with the contract; returns the part of the event that says so."""
    covers = list(policy.coverages.filter(active=True))
    policy.coverages.filter(active=True).update(active=False)
    for cover in covers:
        cover.active = False
    return keep_covers(covers, since=on, case_number=case_number)


@dataclass(frozen=True, kw_only=True)
class Closed:
    """Loans taken into account: lines of the ledger, principals that are gone, as the event keeps them."""

    lines: dict[str, Decimal]
    loans: dict[str, str]


def close_loans(policy: Policy, *, owed_on: date, closed_on: date) -> Closed:
    """Loans that a payout took into account are repaid by it, interest to `owed_on` (M-11)."""
    lines: dict[str, Decimal] = {}
    loans: dict[str, str] = {}
    for loan in policy.loans.filter(since__lte=owed_on, repaid_on__isnull=True):
        debt = Debt(label="", principal=loan.principal, rate=loan.rate, since=loan.since)
        account = Account.APL if loan.kind == "apl" else Account.LOAN
        lines[account] = lines.get(account, ZERO) - loan.principal
        lines[Account.INTEREST] = lines.get(Account.INTEREST, ZERO) - interest(debt, owed_on)
        loans[str(loan.pk)] = "0"
    policy.loans.filter(since__lte=owed_on, repaid_on__isnull=True).update(repaid_on=closed_on)
    return Closed(lines=lines, loans=loans)


def endorse(
    policy: Policy, *, case_number: str, title: str, changes: list[dict[str, str]], effective_on: date, actor: User,
    now: datetime,
) -> Endorsement:
    """Write the 批单 of a change."""
    serial = Endorsement.objects.filter(case_number=case_number).count() + 1
    return Endorsement.objects.create(
        policy=policy, number=f"{case_number}-E{serial}", case_number=case_number, title=title, changes=changes,
        effective_on=effective_on, made_by=actor, made_at=now,
    )
