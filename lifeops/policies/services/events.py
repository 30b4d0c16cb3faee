"""保单事件: written with their cause by every change, and folded again to what the policy was on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet

from lifeops.org.models import User
from lifeops.org.statements import insert
from lifeops.policies.models import Coverage, CoverageState, EventKind, EventSource, Policy, PolicyEvent


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a change is made: by a case, by the day run, by a desk without a case, or to put right what was written."""

    source: str = EventSource.DESK
    case_number: str = ""
    actor: User | None = None

    @classmethod
    def of(cls, case_number: str = "", actor: User | None = None) -> Cause:
        return cls(source=EventSource.CASE if case_number else EventSource.DESK, case_number=case_number, actor=actor)


JOB = Cause(source=EventSource.JOB)


def record(
    policy: Policy, kind: str, *, on: date, cause: Cause, note: str = "", key: str = "", data: dict[str, Any] | None = None
) -> PolicyEvent:
    """Write an event; `data` as `PolicyEvent` says, amounts and days as text."""
    event = PolicyEvent(
        policy=policy, kind=kind, on=on, source=cause.source, case_number=cause.case_number, actor=cause.actor,
        note=note[:200], key=key, data=data or {},
    )
    insert(event)
    return event


#: What takes money out of the contract or changes what it is worth, by a case or by the day run.
MOVES_VALUE = (EventKind.LOAN, EventKind.LOAN_REPAID, EventKind.LOAN_RENEWED, EventKind.PREMIUM_ADVANCED, EventKind.COVERAGE)


def not_before_last_move(policy: Policy, day: date) -> date:
    """From when a change asked for on a day may hold: reckoned as of a day before a loan was lent or cover given up, it would
    pay once more what has been paid since."""
    last = policy.events.filter(kind__in=MOVES_VALUE).aggregate(last=Max("on"))["last"]
    return max(day, last) if last else day


def cover_data(cover: Coverage) -> dict[str, Any]:
    bonus = {"bonus_sum": f"{cover.bonus_sum:.2f}"} if cover.bonus_sum else {}
    return bonus | {
        "sum_assured": f"{cover.sum_assured:.2f}", "premium": f"{cover.premium:.2f}", "extra": f"{cover.extra:.2f}",
        "active": cover.active,
    }


def keep_covers(covers: Iterable[Coverage], *, since: date, case_number: str = "") -> dict[str, Any]:
    """Write what coverages are from a day on; returns the part of the event that says so."""
    rows = list(covers)
    CoverageState.objects.bulk_create(
        CoverageState(
            coverage=c, since=since, sum_assured=c.sum_assured, bonus_sum=c.bonus_sum, premium=c.premium, extra=c.extra,
            active=c.active, case_number=case_number,
        )
        for c in rows
    )
    return {str(c.pk): cover_data(c) for c in rows}


@dataclass
class Replayed:
    """What the events of a policy say of a day. Money by account; loans by key of the loan, principal still owed."""

    status: str = ""
    ending: str = ""
    paid_to: str | None = None
    coverages: dict[str, dict[str, Any]] = field(default_factory=dict)
    beneficiaries: list[dict[str, Any]] = field(default_factory=list)
    money: dict[str, Decimal] = field(default_factory=dict)
    loans: dict[str, Decimal] = field(default_factory=dict)


def replay(policy: Policy, day: date) -> Replayed:
    """Fold the events that hold on `day`, in the order they were written."""
    state = Replayed()
    for event in policy.events.filter(on__lte=day).order_by("pk"):
        data = event.data
        state.status, state.ending = data.get("status", state.status), data.get("ending", state.ending)
        state.paid_to = data.get("paid_to", state.paid_to)
        state.coverages |= data.get("coverages", {})
        state.beneficiaries = data.get("beneficiaries", state.beneficiaries)
        for entry in data.get("money", []):
            for account, amount in entry.items():
                state.money[account] = state.money.get(account, Decimal("0.00")) + Decimal(amount)
        for key, amount in data.get("loans", {}).items():
            state.loans[key] = Decimal(amount)
    state.money = {account: amount for account, amount in state.money.items() if amount}
    state.loans = {key: amount for key, amount in state.loans.items() if amount}
    return state


def events_until(policy: Policy, day: date) -> QuerySet[PolicyEvent]:
    return policy.events.filter(on__lte=day).select_related("actor").order_by("-on", "-pk")


def changed_since(policy: Policy, day: date) -> QuerySet[PolicyEvent]:
    """What has changed after `day`: events that hold from later days, oldest first."""
    return policy.events.filter(on__gt=day).select_related("actor").order_by("on", "pk")


__all__ = ["JOB", "Cause", "EventKind", "Replayed", "changed_since", "cover_data", "events_until", "keep_covers", "record", "replay"]
