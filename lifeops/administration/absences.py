"""请假与代理: who is away from when to when, and who acts meanwhile. A substitute has the same post, never more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.org.models import Absence, Posting, Role, User

MANAGERS = (Role.HEAD, Role.MANAGER)


def may_manage(actor: User, person: User) -> bool:
    """The own absence, or that of somebody whose home unit lies under the own post as head or manager."""
    if actor.pk == person.pk:
        return True
    return person.branch is not None and actor.holds(*MANAGERS, path=person.branch.path)


def register(
    *, user: User, substitute: User | None, starts_at: datetime, ends_at: datetime, reason: str, actor: User, now: datetime
) -> Absence:
    """Write the absence. Refused (403) or Invalid (400), each with words."""
    if not may_manage(actor, user):
        raise Refused(["只能登记本人，或所辖机构人员的请假"], who="本人，或其机构主管、运营主管")
    with transaction.atomic():
        # one at a time per person: two forms sent at once must not both find the days free
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        errors: dict[str, list[str]] = {}
        meets = Q(starts_at__lt=ends_at, ends_at__gt=starts_at)
        if Absence.objects.filter(meets, user=user).exists():
            errors["starts_at"] = ["这段时间已登记请假"]
        acting = Absence.objects.filter(meets, substitute=user).select_related("user").first()
        if acting:
            errors.setdefault("starts_at", []).append(f"这段时间正代理 {acting.user.name}，请先改由他人代理")
        if substitute is not None:
            wrong = against(user, substitute, meets)
            if wrong:
                errors["substitute"] = wrong
        if errors:
            raise Invalid(errors)
        return Absence.objects.create(
            user=user, substitute=substitute, starts_at=starts_at, ends_at=ends_at, reason=reason, created_by=actor
        )


def against(user: User, substitute: User, meets: Q) -> list[str]:
    """What stands against this substitute."""
    if substitute.pk == user.pk:
        return ["代理人不能是本人"]
    found = []
    mine = user.active_postings()
    shared = any(
        p.role == q.role and p.branch.path.startswith(q.branch.path) for p in mine for q in substitute.active_postings()
    )
    if mine and not shared:
        found.append(f"{substitute.name} 与请假人没有相同岗位，不能代理")
    if Absence.objects.filter(meets, user=substitute).exists():
        found.append(f"{substitute.name} 这段时间也请假")
    return found


def end(*, absence: Absence, actor: User, now: datetime) -> str:
    """Back early: an absence to come is taken back, a running one ends now. Returns what was done, in words."""
    with transaction.atomic():
        row = Absence.objects.select_for_update(of=("self",)).select_related("user__branch").get(pk=absence.pk)
        if not may_manage(actor, row.user):
            raise Refused(["只能改动本人，或所辖机构人员的请假"], who="本人，或其机构主管、运营主管")
        if row.ends_at <= now:
            raise Refused(["这次请假已经结束"])
        if row.starts_at >= now:
            row.delete()
            return "已撤销请假"
        row.ends_at = now
        row.save(update_fields=["ends_at"])
        return "已提前结束请假"


def shown_to(actor: User, now: datetime) -> Any:
    """Running and coming absences of the person, of those acted for, and of the people managed."""
    scope = Q(user=actor) | Q(substitute=actor)
    for path in actor.paths(*MANAGERS):
        scope |= Q(user__branch__path__startswith=path)
    return (
        Absence.objects.filter(scope, ends_at__gt=now)
        .select_related("user__branch", "substitute", "created_by")
        .order_by("starts_at", "pk")
    )


def colleagues(actor: User) -> list[dict[str, str]]:
    """People to pick from: same posts at the units that cover the own ones, and for managers the people of the unit."""
    today = timezone.localdate()
    roles = {p.role for p in actor.active_postings()}
    paths = {p.branch.path for p in actor.active_postings()}
    above = Q()
    for path in paths:
        codes = path.rstrip("/").split("/")
        above |= Q(branch__path__in=["/".join(codes[: i + 1]) + "/" for i in range(len(codes))])
    found = Q(pk__in=[])
    if paths:
        found |= Q(pk__in=Posting.objects.in_force(today).filter(above, role__in=roles).values("user"))
    for path in actor.paths(*MANAGERS):
        found |= Q(branch__path__startswith=path)
    rows = User.objects.filter(found, is_active=True).exclude(pk=actor.pk).order_by("staff_no")
    return [{"staff_no": no, "name": name} for no, name in rows.values_list("staff_no", "name")[:300]]
