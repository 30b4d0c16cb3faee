"""Locks and marks that every change of the book shares."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Endorsement, Policy, PolicyStatus, StatusChange


def locked(policy: Policy, case_number: str = "") -> Policy:
    """The row as it is now, locked; refused when another case holds it."""
    found = Policy.objects.select_for_update(of=("self",), no_key=True).get(pk=policy.pk)
    if case_number and found.hold_case not in ("", case_number):
        raise BookRefused(f"保单已被案件 {found.hold_case} 挂起")
    return found


@transaction.atomic
def hold(policy: Policy, case_number: str) -> None:
    """挂起: while a case is in hand that may end the contract, no other changes it. Refused when another case holds it."""
    found = locked(policy, case_number)
    found.hold_case = case_number
    found.save(update_fields=["hold_case"])


def release_hold(policy: Policy, case_number: str) -> None:
    """解除挂起 by the case that set it. The hold of another case stays, without a word: every case that ends calls this."""
    Policy.objects.filter(pk=policy.pk, hold_case=case_number).update(hold_case="")


def still_there(policy: Policy) -> None:
    """Refused when the contract has ended."""
    if policy.status == PolicyStatus.TERMINATED:
        raise BookRefused(f"保单已于 {policy.terminated_on} 终止（{policy.termination}）")


#: Cause of the end by a paid death: cover holds to the end of that very day.
DEATH = "身故给付"


def status_on(policy: Policy, day: date) -> str:
    """Status on a day, "" before the policy took effect. What was written last about a day is what holds of it: a death
    registered late ends the contract on the day of death, whatever was noted in between."""
    change = policy.status_changes.filter(since__lte=day).order_by("-pk").first()
    return change.status if change else ""


def change_status(policy: Policy, status: str, *, on: date, cause: str, case_number: str = "") -> None:
    """Set the status of a locked policy and keep from when it holds."""
    policy.status = status
    if status == PolicyStatus.TERMINATED:
        policy.terminated_on, policy.termination = on, cause
    policy.save(update_fields=["status", "terminated_on", "termination"])
    StatusChange.objects.create(policy=policy, status=status, since=on, cause=cause, case_number=case_number)


def close_loans(policy: Policy, *, owed_on: date, closed_on: date) -> None:
    """Loans that a payout took into account are repaid by it."""
    policy.loans.filter(since__lte=owed_on, repaid_on__isnull=True).update(repaid_on=closed_on)


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
