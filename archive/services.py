"""作业后's acts: papers out, volume in, money released."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from archive.models import Delivery, Volume
from lifeops.cases.errors import Refused, book_words
from lifeops.cases.models import Case
from lifeops.cases.perform import record
from lifeops.documents.checklists import completeness
from lifeops.documents.letters import KINDS
from lifeops.org.models import Role, User
from lifeops.policies.models import Payment, PaymentState
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.payments import reissue_payment, release_payment, return_payment, settle_payment

#: 保管期限 after the end of the business, in years (保险法 87: contracts over one year ten, others five).
KEEP_YEARS = 10


MONEY: dict[str, tuple[Callable[..., Payment], str]] = {
    "release": (release_payment, "付款放行"),
    "settle": (settle_payment, "付款到账"),
    "return": (return_payment, "付款退票"),
    "reissue": (reissue_payment, "退票重新制单"),
}


def letters_due(case: Case) -> tuple[str, ...]:
    """Kinds of papers the outcome owes the customer."""
    decision = case.current_decision()
    return case.item_spec.letters_for(decision.spec) if decision else ()


def release_papers(
    *, case: Case, actor: User, now: datetime, how: str, to: str, courier_number: str, signed_on: date | None
) -> list[str]:
    """Write the hand-over; returns the kinds of papers that went out. Refused while one of them is not printed."""
    missing = letters_unprinted(case)
    if missing:
        raise Refused([f"{'、'.join(missing)}尚未打印，请先出具并打印"], who=Role.ISSUE.label)
    Delivery.objects.create(
        case_id=case.pk, how=how, to=to, courier_number=courier_number, sent_at=now, signed_on=signed_on, by=actor
    )
    return list(letters_due(case))


def page_gaps(case: Case) -> list[str]:
    """Papers whose pages are not all there: filed only with a reason."""
    return [
        f"{row.label}应扫 {row.expected} 页、实扫 {row.scanned} 页"
        for row in completeness(case)
        if row.received != "none" and row.expected != row.scanned
    ]


def unpaid(case: Case) -> list[str]:
    """Money that is not where the decision sends it, a return not reissued included: no reason files such a case."""
    rows = Payment.objects.filter(case_number=case.number).exclude(state__in=[PaymentState.SETTLED, PaymentState.CANCELLED])
    return [f"付款 {p.number} {p.get_state_display()}" for p in rows.filter(replaced_by__isnull=True)]


def letters_unprinted(case: Case) -> list[str]:
    """Papers the outcome owes the customer that have not been printed."""
    printed = set(case.letters.filter(copies__gt=0).values_list("kind", flat=True))
    return [KINDS[kind].title for kind in letters_due(case) if kind not in printed]


def file_volume(*, case: Case, actor: User, now: datetime, box: str, shelf: str, reason: str) -> Volume:
    """归档 to box and shelf, with the day until which it is kept."""
    return Volume.objects.create(
        case_id=case.pk, number=f"{case.number}-V", branch=case.branch, box=box.strip().upper(), shelf=shelf.strip().upper(),
        filed_by=actor, filed_at=now, keep_until=add_years(timezone.localdate(now), KEEP_YEARS), gap_reason=reason,
    )


def move_money(*, case: Case, payment: Payment, act: str, actor: User, now: datetime, **fields: Any) -> Payment:
    """放行, 到账, 退票, 重新制单 of a payment, each with an event on its case. Only the unit's 机构主管 moves money."""
    if not actor.holds(Role.HEAD, path=case.branch_path):
        raise Refused(["付款由受理机构的机构主管办理"], who=Role.HEAD.label)
    if payment.case_number != case.number:
        raise Refused(["付款指令不属于本案"])
    move, words = MONEY[act]
    # one transaction: money never moves without its event
    with transaction.atomic(), book_words():
        done = move(payment=payment, actor=actor, now=now, **fields)
        record(case, f"payment.{act}", words, actor=actor, now=now, data={"payment": done.number, "amount": done.amount})
    return done
