"""Celery tasks: each takes an id, loads, calls one function, and may run twice."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from lifeops.cases import escalation
from lifeops.cases.models import Case, CaseEvent, CaseQuerySet, IdempotencyKey
from lifeops.cases.routing import readers, words
from lifeops.cases.screened import screen
from lifeops.cases.states import SCREENED
from lifeops.notices.services import notify
from lifeops.org.models import Level, Posting, Role, User
from lifeops.screening.models import WatchList
from lifeops.screening.services.left import once_more
from lifeops.workdays.calendar import get_calendar
from lifeops.workdays.checks import years_to_load

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(seconds=60)


@shared_task(ignore_result=True)
def publish_event(event_id: int) -> None:
    """Tell the readers of an event, once each, and mark it published."""
    publish(event_id)


def publish(event_id: int) -> int:
    """Publish under the event's lock: a second worker finds it published. Returns notices written."""
    with transaction.atomic():
        event = (
            CaseEvent.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("case__branch", "case__assignee", "case__reviewer", "actor")
            .filter(pk=event_id, published_at__isnull=True)
            .first()
        )
        if event is None:
            return 0
        title, body = words(event)
        made = notify(
            users=readers(event),
            key=f"event:{event.pk}",
            title=title,
            body=body,
            url=event.case.get_absolute_url(),
            case_number=event.case.number,
        )
        CaseEvent.objects.filter(pk=event.pk).update(published_at=timezone.now())
    return made


@shared_task(ignore_result=True)
def publish_forgotten(batch: int = 500) -> int:
    """Outbox sweep: events still unpublished after a minute, e.g. because the broker was down."""
    before = timezone.now() - FORGOTTEN_AFTER
    ids = list(
        CaseEvent.objects.filter(published_at__isnull=True, at__lt=before)
        .order_by("pk")
        .values_list("pk", flat=True)[:batch]
    )
    for pk in ids:
        publish(pk)
    return len(ids)


@shared_task(ignore_result=True)
def escalate_due() -> int:
    return escalation.escalate_due()


@shared_task(ignore_result=True)
def urge_due() -> int:
    return escalation.urge_due()


#: Cases of one batch, batches of one run of `screen_cases`: the next run goes on where this one stopped.
SCREENED_AT_ONCE, MOST_BATCHES = 100, 50


@shared_task(ignore_result=True)
def screen_cases(most: int = MOST_BATCHES) -> int:
    """名单核查 of the cases in hand against lists that have come into force. Returns the cases gone through."""
    screen_left_cases(timezone.now(), SCREENED_AT_ONCE)
    done = 0
    for _ in range(most):
        gone = screen_next_cases(timezone.now(), SCREENED_AT_ONCE)
        if not gone:
            break
        done += gone
    return done


def screen_next_cases(now: datetime, size: int) -> int:
    """The next cases that were handed over and are not closed, for one list, in the order of keys; 0 when all lists are done. A case
    that somebody works on is not waited for: hits are rows of their own. Another run on the list is, for a batch."""
    with transaction.atomic():
        rows = WatchList.objects.in_force(timezone.localdate(now)).filter(cases_at__isnull=True).order_by("pk")
        held = rows.select_for_update(of=("self",)).first()
        if held is None:
            return 0
        cases = list(_in_hand().filter(pk__gt=held.cases_to).order_by("pk")[:size])
        held.cases_left = [*held.cases_left, *_failed(cases, now)]
        if cases:
            held.cases_to = cases[-1].pk
        if len(cases) < size:
            held.cases_at = now
        held.save(update_fields=["cases_to", "cases_at", "cases_left"])
        return max(1, len(cases))


def screen_left_cases(now: datetime, size: int) -> int:
    """Once more the cases that could not be gone through, a batch of each list; returns how many are still left. What is closed
    meanwhile is done with."""
    return once_more("cases_left", lambda held, tried: _failed(_in_hand().filter(pk__in=tried).order_by("pk"), now), size, now)


def _in_hand() -> CaseQuerySet:
    """Asked as the index `case_to_screen` is."""
    return Case.objects.filter(state__in=SCREENED, handed_over_at__isnull=False)


def _failed(cases: Iterable[Case], now: datetime) -> list[int]:
    """Screen cases one by one; keys of those with which that failed. What one trips over stays its own."""
    failed = []
    for case in cases:
        try:
            with transaction.atomic():
                screen(case, now)
        except Exception as error:
            # nothing of the person: what the error says may repeat it
            logger.error("screening case=%s failed error=%s", case.pk, type(error).__name__)
            failed.append(case.pk)
    return failed


@shared_task(ignore_result=True)
def forget_old_keys() -> int:
    """Idempotency keys older than 30 days are of no use to anybody."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - timedelta(days=30)).delete()[0]


@shared_task(ignore_result=True)
def alarm_missing_years() -> int:
    """工作日历: those who load it are told of a year that is near and not there, once a month until it is. Returns the years."""
    today = timezone.localdate()
    posted = Posting.objects.in_force(today).filter(role__in=(Role.MANAGER, Role.SYSADMIN), branch__level=Level.HEAD_OFFICE)
    keepers = list(User.objects.filter(is_active=True, pk__in=posted.values("user")).order_by("pk"))
    years = years_to_load(get_calendar(), today)
    for year in years:
        notify(
            users=keepers, key=f"calendar:{year}:{today:%Y-%m}", title=f"工作日历缺少 {year} 年",
            body="该年时效暂按周一至周五推算：缺的假日使真实到期更晚，缺的调休上班日可能使它早一日。国务院公布放假安排后请尽快装入。",
            url=reverse("admin:workdays_calendarday_changelist"),
        )  # fmt: skip
    return len(years)
