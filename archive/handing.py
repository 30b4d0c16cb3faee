"""资料去向: legs of a delivery, the receipt that comes back, originals given back to the customer."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from archive.models import Delivery, Leg, Receipt
from archive.rules import legs_after
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case, CaseEvent
from lifeops.cases.perform import lock, record
from lifeops.cases.states import AFTER, State
from lifeops.documents.models import ChecklistRow, Received
from lifeops.org.models import Role, User
from lifeops.policies.models import Policy
from lifeops.policies.services.issuing import deliver_policy


def last_leg(delivery: Delivery) -> Leg | None:
    return delivery.legs.order_by("-pk").first()


def leg_refusals(case: Case, actor: User) -> list[str]:
    if not actor.holds(Role.ISSUE, path=case.branch_path):
        return [f"需要本机构的{Role.ISSUE.label}"]
    return []


def add_leg(
    *, case: Case, kind: str, on: date, actor: User, now: datetime, who: str = "", courier_number: str = "", note: str = ""
) -> Leg:
    """The next leg of the case's latest delivery: 接收, 客户签收, 退件 or, after that, 寄出 again."""
    if reasons := leg_refusals(case, actor):
        raise Refused(reasons, who=Role.ISSUE.label)
    with transaction.atomic():
        lock(case.pk)
        delivery = Delivery.objects.select_for_update(of=("self",)).filter(case_id=case.pk).order_by("-pk").first()
        if delivery is None:
            raise Refused(["案件尚未发放"])
        last = last_leg(delivery)
        if kind not in legs_after(last.kind if last else ""):
            where = f"现为“{last.get_kind_display()}”" if last else "尚未寄出"
            raise Refused([f"寄送{where}，不能登记此环节"])
        check_day(on, last.on if last else None, now)
        if kind == Leg.Kind.SENT and not courier_number.strip():
            raise Invalid({"courier_number": ["重新寄出须登记快递单号"]})
        if kind == Leg.Kind.SIGNED and not who.strip():
            raise Invalid({"who": ["请填写签收人"]})
        if kind == Leg.Kind.BACK and not note.strip():
            raise Invalid({"note": ["请写明退件原因"]})
        leg = Leg.objects.create(
            delivery=delivery, kind=kind, on=on, who=who.strip(), courier_number=courier_number.strip(), note=note.strip(),
            by=actor, at=now,
        )
        if kind == Leg.Kind.SIGNED:
            delivery.signed_on, delivery.to = on, who.strip()
        elif kind == Leg.Kind.SENT:
            delivery.courier_number = courier_number.strip()
        delivery.save(update_fields=["signed_on", "to", "courier_number"])
        told = {"receiver": who, "tracking": courier_number, "on": str(on)}
        record(case, f"delivery.{kind}", f"资料{leg.get_kind_display()}", actor=actor, now=now, reason=note, data=told)
    return leg


def check_day(on: date, after: date | None, now: datetime) -> None:
    """Legs follow one another and none lies in the future."""
    if on > timezone.localdate(now):
        raise Invalid({"on": ["日期不能晚于今天"]})
    if after is not None and on < after:
        raise Invalid({"on": [f"日期不能早于上一环节（{after}）"]})


def take_receipt(*, case: Case, actor: User, now: datetime, signed_on: date, signer: str, reason: str) -> Receipt:
    """登记回执: 犹豫期 of the policy that the case issued counts from the day on which the customer signed.

    A mail whose signature nobody has registered yet is thereby signed for: the receipt proves it.
    """
    policy = Policy.objects.filter(issued_by_case=case.number).first()
    if policy is not None:
        deliver_policy(policy=policy, signed_on=signed_on, case_number=case.number, actor=actor)
    delivery = Delivery.objects.filter(case_id=case.pk).order_by("-pk").first()
    if delivery is not None and delivery.signed_on is None:
        sign_by_receipt(delivery, signed_on=signed_on, signer=signer, actor=actor, now=now)
    return Receipt.objects.create(
        case_id=case.pk, policy_number=policy.number if policy else "", signed_on=signed_on, signer=signer, reason=reason,
        by=actor, at=now,
    )


def sign_by_receipt(delivery: Delivery, *, signed_on: date, signer: str, actor: User, now: datetime) -> None:
    """The last leg of a mail, taken from its receipt."""
    last = last_leg(delivery)
    if last is not None and last.kind == Leg.Kind.BACK:
        raise Refused(["邮件已退回，请先登记重新寄出或核实回执"])
    if last is not None and signed_on < last.on:
        raise Invalid({"signed_on": [f"签收日不能早于{last.get_kind_display()}（{last.on}）"]})
    Leg.objects.create(
        delivery=delivery, kind=Leg.Kind.SIGNED, on=signed_on, who=signer, note="凭回执登记", by=actor, at=now
    )
    delivery.signed_on, delivery.to = signed_on, signer
    delivery.save(update_fields=["signed_on", "to"])


def give_back_refusals(case: Case, actor: User) -> list[str]:
    """Why this person may not register originals as given back now."""
    if not actor.holds(Role.ISSUE, Role.ARCHIVE, path=case.branch_path):
        return [f"需要本机构的{Role.ISSUE.label}或{Role.ARCHIVE.label}"]
    if case.state == State.ARCHIVED:
        return ["原件已随卷归档，须先借出"]
    if case.state not in AFTER:
        return ["案件尚无决定，原件留作审核"]
    return []


def give_back(
    *, case: Case, rows: list[int], to: str, on: date, actor: User, now: datetime
) -> CaseEvent:
    """退还原件: the chosen papers of the list, who signed for them and when."""
    if reasons := give_back_refusals(case, actor):
        raise Refused(reasons, who=f"{Role.ISSUE.label}、{Role.ARCHIVE.label}")
    with transaction.atomic():
        lock(case.pk)
        check_day(on, case.submitted_on, now)
        chosen = ChecklistRow.objects.filter(
            case_id=case.pk, pk__in=rows, received=Received.ORIGINAL, given_back_at__isnull=True
        )
        labels = list(chosen.values_list("label", flat=True))
        if not labels or len(labels) != len(set(rows)):
            raise Invalid({"rows": ["所选资料已退还，或收到的不是原件"]})
        at = now if on == timezone.localdate(now) else timezone.make_aware(datetime.combine(on, time(12)))
        chosen.update(given_back_at=at, given_back_to=to)
        told = {"originals": labels, "receiver": to, "on": str(on)}
        return record(case, "originals.give_back", "退还原件", actor=actor, now=now, data=told)
