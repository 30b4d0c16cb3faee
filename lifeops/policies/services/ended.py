"""合同因身故终止之后: a rate approved for time before the death still brings its bonus. The day run books it; what the death benefit lacks by
then is found by who judged the claim (`on_settled`) and waits as 待补付."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, EventKind, PayableKind, Policy
from lifeops.policies.rules.lines import ZERO, yuan
from lifeops.policies.services.earned_late import book_earned_late
from lifeops.policies.services.events import JOB, Cause, record
from lifeops.policies.services.ledger import post, waiting_by_kind
from lifeops.policies.services.locking import DEATH, locked
from lifeops.policies.services.payments import take_over
from lifeops.policies.services.terms import covers_with_products

#: Dotted names of what is called with policy and day once a policy that a death has ended has been looked at.
_CALLED: list[str] = []


def on_settled(dotted: str) -> None:
    if dotted not in _CALLED:
        _CALLED.append(dotted)


def ended_by_death(policy: Policy) -> date | None:
    """The day of a death that a claim has been paid for."""
    return policy.terminated_on if policy.termination == DEATH else None


def settle_ended(policy: Policy, day: date) -> int:
    """The step of the day run for a locked policy that a death has ended; returns how many credits there were."""
    died = ended_by_death(policy)
    if died is None:
        return 0
    count = book_earned_late(policy, died, covers_with_products(policy), why=JOB)
    for dotted in _CALLED:
        import_string(dotted)(policy, day)
    policy.next_event_on = None
    policy.save(update_fields=["next_event_on"])
    return count


def owe_supplement(policy: Policy, *, amount: Decimal, day: date) -> None:
    """待补付 of a locked policy: what a death benefit that has been paid lacks, in 元, until a case takes it over."""
    entry = post(
        policy, on=day, text="身故保险金待补付", kind=PayableKind.SUPPLEMENT, lines={Account.BENEFIT: amount, Account.PAYABLE: -amount}
    )
    record(
        policy, EventKind.PAYABLE, on=day, cause=JOB, note=f"给付后批准的红利使身故保险金增加，待补付 {yuan(amount)} 元", data={"money": [entry]}
    )


@transaction.atomic
def take_supplement(*, policy: Policy, case_number: str, amount: Decimal, actor: User, now: datetime) -> None:
    """补付: what waits of it becomes payable by the case that pays `amount`; bonuses that nobody has booked yet are booked first. What the
    case does not pay of it is owed no more: the case has judged the whole."""
    found, day, why = locked(policy, case_number), timezone.localdate(now), Cause.of(case_number, actor)
    died = ended_by_death(found)
    if died is None:
        raise BookRefused("合同没有因身故给付而终止")
    book_earned_late(found, died, covers_with_products(found), why=why)
    waits = waiting_by_kind(found).get(PayableKind.SUPPLEMENT, ZERO)
    part = min(amount, waits)
    rest = waits - part
    if not waits:
        return
    entries, note = take_over(found, case_number=case_number, amounts={PayableKind.SUPPLEMENT: part}, what="身故保险金补付", on=day), ""
    if rest:
        note = f"，其余 {yuan(rest)} 元不予给付"
        entries.append(
            post(found, on=day, text="身故保险金补付：不予给付部分", kind=PayableKind.SUPPLEMENT, lines={Account.BENEFIT: -rest, Account.PAYABLE: rest})
        )
    record(found, EventKind.PAYABLE, on=day, cause=why, note=f"身故保险金补付 {yuan(part)} 元{note}", data={"money": entries})


__all__ = ["ended_by_death", "on_settled", "owe_supplement", "settle_ended", "take_supplement"]
