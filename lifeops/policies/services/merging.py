"""重复客户: found by what two rows share, proposed by one person, merged by another; if wrong, undone by two as well. Never silently."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from lifeops.org.models import Role, User
from lifeops.policies.crypto import blind_indexes
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import (
    Address,
    Duplicate,
    DuplicateState,
    IdentityDocument,
    Party,
    PartyContact,
    Phone,
    Reveal,
)

MOST = 20
PHONE = "电话相同"
#: A number shared by more customers than this is an agent's or an office's, not a sign of one person.
SHARED_BY = 5
#: Who proposes, and who decides on another's proposal.
PROPOSERS = (
    Role.INTAKE, Role.ENTRY, Role.QUERY, Role.HEAD, Role.UNDERWRITER, Role.PS_REVIEWER, Role.CL_REVIEWER, Role.MANAGER,
)  # fmt: skip
DECIDERS = (Role.HEAD, Role.PS_REVIEWER, Role.MANAGER)
UNDOERS = "撤销合并由机构主管、保全审核岗或运营主管申请和核定"
NOT_ASKED = "没有待核定的撤销申请"


def _may(actor: User, roles: tuple[Role, ...], words: str) -> None:
    if not actor.holds(*roles):
        raise BookRefused(words)


def candidates(party: Party) -> list[tuple[Party, list[str]]]:
    """Customers who may be the same person, with what speaks for it; the strongest first, at most 20."""
    found: dict[int, tuple[Party, list[str]]] = {}

    def note(rows: Any, words: str, most: int = MOST) -> None:
        near = list(rows.exclude(pk=party.pk).filter(merged_into__isnull=True, kind=party.kind)[: most + 1])
        for row in near if len(near) <= most else []:
            found.setdefault(row.pk, (row, []))[1].append(words)

    if party.birth_date:
        note(Party.objects.called(party.name).filter(birth_date=party.birth_date), "姓名、出生日期相同")
    if party.id_number:
        same_number = blind_indexes("party.id", party.id_number)
        note(Party.objects.filter(~Q(id_type=party.id_type), id_type__in=_types(), id_index__in=same_number), "证件号码相同、类型不同")
    if party.phone:
        note(Party.objects.filter(phone_index__in=blind_indexes("party.phone", party.phone)), PHONE, SHARED_BY)
    rows = [(row, why) for row, why in found.values() if not contradiction(party, row)]
    return sorted(rows, key=lambda pair: (-len(pair[1]), pair[0].pk))[:MOST]


def _types() -> list[str]:
    from lifeops.policies.models import IdType

    return list(IdType.values)


def contradiction(one: Party, two: Party) -> str:
    """Why the two cannot be one person, or ""."""
    for name, label in (("sex", "性别"), ("birth_date", "出生日期"), ("died_on", "身故日期"), ("kind", "类别")):
        left, right = getattr(one, name), getattr(two, name)
        if left and right and left != right:
            return f"两者{label}不同"
    return ""


@transaction.atomic
def propose(*, one: Party, two: Party, actor: User, now: datetime, reasons: list[str] | None = None) -> Duplicate:
    """提出: two rows may be one person. Nothing changes before a second person has decided."""
    _may(actor, PROPOSERS, "您的岗位不能提出合并")
    if one.pk == two.pk:
        raise BookRefused("同一客户不能与自己合并")
    if Party.objects.filter(pk__in=[one.pk, two.pk], merged_into__isnull=False).exists():
        raise BookRefused("其中一个客户已并入另一客户")
    if words := contradiction(one, two):
        raise BookRefused(f"{words}，不是同一人")
    why = reasons or next((r for row, r in candidates(one) if row.pk == two.pk), []) or ["经办人认为是同一人"]
    left, right = sorted((one, two), key=lambda p: p.pk)
    try:
        with transaction.atomic():
            return Duplicate.objects.create(left=left, right=right, reasons=why, proposed_by=actor, proposed_at=now)
    except IntegrityError:
        raise BookRefused("两者已提出合并，待另一人核定") from None


def _held(pk: int, state: str, words: str) -> Duplicate:
    found = Duplicate.objects.select_for_update().get(pk=pk)
    if found.state != state:
        raise BookRefused(words)
    return found


@transaction.atomic
def dismiss(*, duplicate: Duplicate, actor: User, now: datetime, reason: str) -> Duplicate:
    """非同一人."""
    found = _held(duplicate.pk, DuplicateState.OPEN, "该提议已核定")
    _decide(found, actor, now, reason, DuplicateState.DISMISSED)
    found.save()
    return found


def _decide(found: Duplicate, actor: User, now: datetime, reason: str, state: str) -> None:
    if actor.pk == found.proposed_by_id:
        raise BookRefused("提出人不能核定自己的提议，须由另一人核定")
    _may(actor, DECIDERS, "合并由机构主管、保全审核岗或运营主管核定")
    if not reason.strip():
        raise BookInvalid({"reason": "请写明理由"})
    found.state, found.decided_by, found.decided_at, found.decision_reason = state, actor, now, reason.strip()[:200]


@transaction.atomic
def merge(*, duplicate: Duplicate, survivor: Party, actor: User, now: datetime, reason: str) -> Duplicate:
    """合并: everything that points to the other points to the survivor; the other's document, telephone and address
    become further ones of the survivor. What went over is kept, so that it can go back."""
    found = _held(duplicate.pk, DuplicateState.OPEN, "该提议已核定")
    _hold_theirs(found)
    people = {p.pk: p for p in Party.objects.select_for_update().filter(pk__in=[found.left_id, found.right_id]).order_by("pk")}
    if survivor.pk not in people:
        raise BookInvalid({"survivor": "保留的客户须为两者之一"})
    stays = people.pop(survivor.pk)
    goes = next(iter(people.values()))
    if stays.merged_into_id or goes.merged_into_id:
        raise BookRefused("其中一个客户已并入另一客户")
    if words := contradiction(stays, goes):
        raise BookRefused(f"{words}，不能合并")
    if goes.died_on and not stays.died_on:
        # the survivor would live on with all that belongs to the dead
        raise BookInvalid({"survivor": f"另一方已登记于 {goes.died_on} 身故，请保留该方"})
    _decide(found, actor, now, reason, DuplicateState.MERGED)
    found.survivor = stays
    found.moved = _move(goes, stays)
    found.written = _keep_particulars(goes, stays, actor, now)
    goes.merged_into = stays
    goes.save(update_fields=["merged_into"])
    found.save()
    return found


#: Rows that stay with whom they were about: the proposals, who looked at whom, how that row could be reached on a day.
STAY = (Duplicate, PartyContact, Reveal)


def pointers() -> list[tuple[type[models.Model], str]]:
    """Every column of the system that names a customer, but for the histories, which tell what was."""
    found = []
    for model in apps.get_models():
        if model in STAY or model._meta.proxy or not model._meta.managed or any(f.name == "history_id" for f in model._meta.fields):
            continue
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model is Party and not (model is Party and field.name == "merged_into"):
                found.append((model, field.name))
    return found


#: Tables whose rows every step locks before it locks a customer, in this order.
BEFORE_CUSTOMERS = ("cases.Case", "policies.Policy")


def _hold_theirs(found: Duplicate) -> None:
    """Cases and policies of the two, locked before the customers: a step on one of them locks it and then the customer, and neither waits
    for the other for ever."""
    for label in BEFORE_CUSTOMERS:
        model = apps.get_model(label)
        names = [name for other, name in pointers() if other is model]
        theirs = Q(*((f"{name}__in", [found.left_id, found.right_id]) for name in names), _connector=Q.OR)
        rows = model._base_manager.select_for_update(of=("self",), no_key=True).filter(theirs)
        list(rows.order_by("pk").values_list("pk", flat=True))


def _move(goes: Party, stays: Party) -> list[list[Any]]:
    moved = []
    for model, name in pointers():
        rows = model._base_manager.filter(**{name: goes})
        rows = _without_clashes(model, name, rows, stays)
        keys = list(rows.values_list("pk", flat=True))
        if keys:
            model._base_manager.filter(pk__in=keys).update(**{name: stays})
            moved.append([model._meta.label, name, keys])
    return moved


def _without_clashes(model: type[models.Model], name: str, rows: Any, stays: Party) -> Any:
    """Leave rows that would say the same thing twice of the survivor, or relate him to himself."""
    label = model._meta.model_name
    if label == "relationship":
        other = "other" if name == "party" else "party"
        same: Any = model._base_manager.filter(**{name: stays, "until__isnull": True})
        taken = {(getattr(r, f"{other}_id"), r.kind) for r in same}
        rows = rows.exclude(**{other: stays})
        clash = [r.pk for r in rows if r.until is None and (getattr(r, f"{other}_id"), r.kind) in taken]
        return rows.exclude(pk__in=clash)
    if label == "deathrecord" and model._base_manager.filter(party=stays, until__isnull=True).exists():
        return rows.exclude(until__isnull=True)
    if label == "consent":
        purposes = list(model._base_manager.filter(party=stays, until__isnull=True).values_list("purpose", flat=True))
        return rows.exclude(until__isnull=True, purpose__in=purposes)
    return rows


def _keep_particulars(goes: Party, stays: Party, actor: User, now: datetime) -> list[list[Any]]:
    base = {"party": stays, "since": timezone.localdate(now), "source": f"合并自客户 {goes.pk}", "made_by": actor, "made_at": now}
    rows: list[models.Model] = []
    if goes.id_number and (goes.id_type, goes.id_number) != (stays.id_type, stays.id_number):
        rows.append(IdentityDocument.objects.create(**base, id_type=goes.id_type, number=goes.id_number, valid_to=goes.id_valid_to))
    if goes.phone and goes.phone != stays.phone:
        rows.append(Phone.objects.create(**base, number=goes.phone))
    if goes.address and goes.address != stays.address:
        rows.append(Address.objects.create(**base, text=goes.address, postcode=goes.postcode))
    return [[row._meta.label, row.pk] for row in rows]


@transaction.atomic
def ask_undo(*, duplicate: Duplicate, actor: User, now: datetime, reason: str) -> Duplicate:
    """申请撤销合并: nothing goes back before a second person has decided."""
    _may(actor, DECIDERS, UNDOERS)
    found = _held(duplicate.pk, DuplicateState.MERGED, "该提议不在已合并状态")
    if not reason.strip():
        raise BookInvalid({"reason": "请写明理由"})
    _survivor(found)
    if found.undone_at is not None:
        found.undo_past = [*found.undo_past, _not_followed(found)]
    found.state, found.undo_asked_by, found.undo_asked_at, found.undo_reason = DuplicateState.UNDOING, actor, now, reason.strip()[:200]
    found.undone_by, found.undone_at, found.undo_remark = None, None, ""
    found.save()
    return found


def _not_followed(found: Duplicate) -> dict[str, Any]:
    asked, kept = (timezone.localtime(at).isoformat(timespec="minutes") for at in (found.undo_asked_at, found.undone_at) if at)
    return {
        "asked_by": str(found.undo_asked_by), "asked_at": asked, "reason": found.undo_reason, "kept_by": str(found.undone_by), "kept_at": kept,
        "remark": found.undo_remark, "taken_back": found.undone_by_id == found.undo_asked_by_id,
    }  # fmt: skip


@transaction.atomic
def keep_merged(*, duplicate: Duplicate, actor: User, now: datetime, reason: str) -> Duplicate:
    """不撤销: the merger stands, by the word of another, or because who asked takes it back."""
    _may(actor, DECIDERS, UNDOERS)
    found = _held(duplicate.pk, DuplicateState.UNDOING, NOT_ASKED)
    _decide_undoing(found, actor, now, reason, DuplicateState.MERGED)
    found.save()
    return found


@transaction.atomic
def undo(*, duplicate: Duplicate, actor: User, now: datetime, reason: str) -> Duplicate:
    """撤销合并, by another than who asked: what went over goes back, unless it has moved on since. New business of the survivor
    stays with him."""
    _may(actor, DECIDERS, UNDOERS)
    found = _held(duplicate.pk, DuplicateState.UNDOING, NOT_ASKED)
    if actor.pk == found.undo_asked_by_id:
        raise BookRefused("申请撤销的人不能核定自己的申请，须由另一人核定")
    _hold_theirs(found)
    stays = _survivor(found)
    goes = Party.objects.select_for_update().get(pk=found.left_id if found.right_id == stays.pk else found.right_id)
    _decide_undoing(found, actor, now, reason, DuplicateState.UNDONE)
    for label, key in found.written:
        apps.get_model(label)._base_manager.filter(pk=key).delete()
    for label, name, keys in found.moved:
        apps.get_model(label)._base_manager.filter(pk__in=keys, **{name: stays}).update(**{name: goes})
    goes.merged_into = None
    goes.save(update_fields=["merged_into"])
    found.save()
    return found


def _survivor(found: Duplicate) -> Party:
    """Locked; a chain of mergers is undone from its end."""
    assert found.survivor_id is not None  # the database has no merged proposal without one
    stays = Party.objects.select_for_update().get(pk=found.survivor_id)
    if stays.merged_into_id:
        raise BookRefused("保留的客户后来又并入另一客户，请先撤销后一次合并")
    return stays


def _decide_undoing(found: Duplicate, actor: User, now: datetime, reason: str, state: str) -> None:
    if not reason.strip():
        raise BookInvalid({"reason": "请写明理由"})
    found.state, found.undone_by, found.undone_at, found.undo_remark = state, actor, now, reason.strip()[:200]
