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


def hold(policy: Policy, case_number: str) -> None:
    """挂起: while a case is in hand that may end the contract, no other changes it."""
    with transaction.atomic():
        found = locked(policy, case_number)
        found.hold_case = case_number
        found.save(update_fields=["hold_case"])


def release_hold(policy: Policy, case_number: str) -> None:
    """解除挂起 by the case that set it; nothing happens when it is not held by that case."""
    Policy.objects.filter(pk=policy.pk, hold_case=case_number).update(hold_case="")


def change_status(policy: Policy, status: str, *, on: date, cause: str, case_number: str = "") -> None:
    """Set the status of a locked policy and keep from when it holds."""
    policy.status = status
    if status == PolicyStatus.TERMINATED:
        policy.terminated_on, policy.termination = on, cause
    policy.save(update_fields=["status", "terminated_on", "termination"])
    StatusChange.objects.create(policy=policy, status=status, since=on, cause=cause, case_number=case_number)


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
