"""名单: a file brought in by one person and put in force by another; the version before ends with it, the customers in force are held
against it in the background."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from celery import current_app
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lifeops.org.locks import Lock, hold_one
from lifeops.org.models import User
from lifeops.org.text import visible
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import DeclaredState
from lifeops.policies.services.declaring import DECISION, decided, may_enter
from lifeops.screening.models import ListKind, WatchEntry, WatchList
from lifeops.screening.services.reading import read_list

BATCH = 1000


@transaction.atomic
def enter(
    *, code: str, source: str, kind: str, effective_from: date, effective_to: date | None, reason: str, file_name: str, content: bytes,
    actor: User, now: datetime,
) -> WatchList:
    """Bring a list in, to be put in force by another. `Faulty` with every fault of its file; BookInvalid at the field."""
    if not may_enter(actor):
        raise BookRefused("名单由总公司运营主管录入")
    today, errors = timezone.localdate(now), {}
    code, source, reason = (visible(text).strip() for text in (code, source, reason))
    if kind not in ListKind.values:
        errors["kind"] = "请选择种类"
    if effective_from < today:
        errors["effective_from"] = "生效日不得早于今天"
    if effective_to is not None and effective_to < effective_from:
        errors["effective_to"] = "失效日不得早于生效日"
    # one at a time of a list: two versions from the same day cannot both find it free
    hold_one(Lock.ORDERS, f"watch-list:{code}")
    versions = WatchList.objects.filter(code=code).exclude(state=DeclaredState.REFUSED)
    if (other := versions.exclude(kind=kind).first()) is not None:
        errors["kind"] = f"名单 {code} 是{other.get_kind_display()}，请用另一代码"
    if (twin := versions.filter(effective_from=effective_from).first()) is not None:
        errors["effective_from"] = f"{code} 已有自 {effective_from} 的版本（{twin.get_state_display()}）"
    if errors:
        raise BookInvalid(errors)
    people = read_list(file_name, content, today=today)
    made = WatchList.objects.create(
        code=code, source=source, kind=kind, effective_from=effective_from, effective_to=effective_to, file_name=file_name[-120:],
        entry_count=len(people), reason=reason, requested_by=actor, requested_at=now,
    )
    entries = [
        WatchEntry(
            watch_list=made, row=one.row, name=one.name, also=list(one.also), birth_date=one.birth_date, id_type=one.id_type,
            id_number=one.id_number, note=one.note,
        )
        for one in people
    ]
    for entry in entries:
        entry.derive()
    WatchEntry.objects.bulk_create(entries, batch_size=BATCH)
    return made


@transaction.atomic
def decide(*, row: WatchList, approve: bool, remark: str, actor: User, now: datetime) -> WatchList:
    """Put in force or refuse. In force, it ends the version before it and is held against the customers in force."""
    found = decided(row, approve=approve, remark=remark, actor=actor, now=now)
    found.save(update_fields=DECISION)
    if approve:
        take_over(found)
        transaction.on_commit(_screen_later, robust=True)
    return found


def take_over(row: WatchList) -> None:
    """What `row` replaces ends the day before it; where a later version is in force already, `row` ends before that."""
    others = WatchList.objects.filter(code=row.code, state=DeclaredState.APPLIED).exclude(pk=row.pk)
    before = others.filter(effective_from__lt=row.effective_from).filter(Q(effective_to__isnull=True) | Q(effective_to__gte=row.effective_from))
    before.update(effective_to=row.effective_from - timedelta(days=1))
    later = others.filter(effective_from__gt=row.effective_from).order_by("effective_from").first()
    if later is not None and (row.effective_to is None or row.effective_to >= later.effective_from):
        row.effective_to = later.effective_from - timedelta(days=1)
        row.save(update_fields=["effective_to"])


def _screen_later() -> None:
    """Customers and cases are gone through at once; a run that is lost is made up for within ten minutes."""
    from lifeops.screening.tasks import screen_customers

    screen_customers.delay()
    current_app.send_task("lifeops.cases.tasks.screen_cases")
