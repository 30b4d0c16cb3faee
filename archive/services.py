"""作业后's acts on a case: papers out, volume in, money moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from archive.models import Delivery, Leg, Volume
from archive.rules import Retention, gaps, retention
from lifeops.cases.errors import Invalid, Refused, book_words, whole
from lifeops.cases.models import Case
from lifeops.cases.perform import record
from lifeops.cases.screened import require_before_payment
from lifeops.documents.checklists import completeness
from lifeops.documents.letters import KINDS
from lifeops.documents.models import ChecklistRow, Received
from lifeops.org.models import Role, User
from lifeops.policies.models import Payment, PaymentState, Policy, PolicyStatus
from lifeops.policies.rules.dates import term_years
from lifeops.policies.services.payments import reissue_payment, release_payment, return_payment, settle_payment

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


def receipt_expected(case: Case) -> bool:
    """True when the customer signs for what the decision gives out (保险合同回执)."""
    if not case.item_spec.receipt:
        return False
    decision = case.current_decision()
    return decision is not None and decision.is_positive


def release_papers(
    *, case: Case, actor: User, now: datetime, how: str, to: str, courier_number: str, signed_on: date | None
) -> list[str]:
    """Write the hand-over and its first leg; returns the kinds of papers that went out. Refused while one of them is not
    printed."""
    missing = letters_unprinted(case)
    if missing:
        raise Refused([f"{'、'.join(missing)}尚未打印，请先出具并打印"], who=Role.ISSUE.label)
    delivery = Delivery.objects.create(
        case_id=case.pk, how=how, to=to, courier_number=courier_number, sent_at=now, signed_on=signed_on, by=actor,
        expects_receipt=receipt_expected(case),
    )
    kind = Leg.Kind.SENT if how == Delivery.How.MAIL else Leg.Kind.SIGNED
    Leg.objects.create(
        delivery=delivery, kind=kind, on=signed_on or timezone.localdate(now), who=to, courier_number=courier_number, by=actor, at=now
    )
    return list(letters_due(case))


def page_gaps(case: Case, filed: set[int] | None = None) -> list[str]:
    """What is missing from the volume in words: filed only with a reason. `filed` are the rows ticked as bound in."""
    back = given_back(case)
    found = gaps(completeness(case), filed or set(), back)
    last = case.deliveries.order_by("-pk").first()
    if last is not None and last.signed_on is None:
        found.append("邮寄件尚未登记客户签收")
    return found


def given_back(case: Case) -> set[int]:
    """Rows whose originals the customer has taken back."""
    return set(ChecklistRow.objects.filter(case_id=case.pk, given_back_at__isnull=False).values_list("pk", flat=True))


def unpaid(case: Case) -> list[str]:
    """Money that is not where the decision sends it, a return not reissued included: no reason files such a case."""
    rows = Payment.objects.filter(case_number=case.number).exclude(state__in=[PaymentState.SETTLED, PaymentState.CANCELLED])
    return [f"付款 {p.number} {p.get_state_display()}" for p in rows.filter(replaced_by__isnull=True)]


def letters_unprinted(case: Case) -> list[str]:
    """Papers the outcome owes the customer that have not been printed."""
    printed = set(case.letters.filter(copies__gt=0).values_list("kind", flat=True))
    return [KINDS[kind].title for kind in letters_due(case) if kind not in printed]


def contract_of(case: Case) -> Policy | None:
    """The policy the case is about, or the one it issued."""
    return case.policy or Policy.objects.filter(issued_by_case=case.number).first()


def retention_of(case: Case, day: date) -> Retention:
    """保管期限 of a case closed on `day`, by its contract."""
    policy = contract_of(case)
    if policy is None:
        return retention(closed_on=day, contract=False, contract_end=None, over_one_year=False)
    covers = list(policy.coverages.all())
    ends = [c.expires_on for c in covers]
    terms = [term_years(c.cover_term, c.entry_age) for c in covers]
    end = policy.terminated_on if policy.status == PolicyStatus.TERMINATED else None
    if end is None and ends and all(ends):
        end = max(e for e in ends if e)
    return retention(closed_on=day, contract=True, contract_end=end, over_one_year=any(t is None or t > 1 for t in terms))


def file_volume(
    *, case: Case, actor: User, now: datetime, box: str, shelf: str, reason: str, filed: list[int]
) -> Volume:
    """归档 to box and shelf, with the day until which it is kept; ticked papers are marked as bound in."""
    keep = retention_of(case, timezone.localdate(now))
    ChecklistRow.objects.filter(case_id=case.pk, pk__in=filed, given_back_at__isnull=True).exclude(
        received=Received.NONE
    ).update(filed=True)
    return Volume.objects.create(
        case_id=case.pk, number=f"{case.number}-V", branch=case.branch, box=box, shelf=shelf, filed_by=actor, filed_at=now,
        keep_until=keep.until, keep_rule=keep.words, gap_reason=reason,
    )


def money_refusals(payment: Payment, act: str, actor: User) -> list[str]:
    """Why this person may not take this act on a payment, from what is loaded: for buttons and for the act itself."""
    if not actor.holds(Role.HEAD, path=payment.branch.path):
        return ["付款由受理机构的机构主管办理"]
    if act == "release" and payment.created_by_id == actor.pk:
        return ["放行须由制单人以外的机构主管办理，本机构没有的请上级机构主管放行"]
    return []


def move_money(*, case: Case, payment: Payment, act: str, actor: User, now: datetime, **fields: Any) -> Payment:
    """放行, 到账, 退票, 重新制单 of a payment, each with an event on its case. Only the unit's 机构主管 moves money."""
    if not actor.holds(Role.HEAD, path=case.branch_path):
        raise Refused(["付款由受理机构的机构主管办理"], who=Role.HEAD.label)
    if payment.case_number != case.number:
        raise Refused(["付款指令不属于本案"])
    if act not in MONEY:
        raise Invalid({"act": ["没有这种办理"]})
    move, words = MONEY[act]
    # one transaction: money never moves without its event
    with whole(), book_words():
        if act == "release":
            require_before_payment(case, now)
        done = move(payment=payment, actor=actor, now=now, **fields)
        record(case, f"payment.{act}", words, actor=actor, now=now, reason=fields.get("reason", ""),
               data={"payment": done.number, "amount": done.amount})
    return done
