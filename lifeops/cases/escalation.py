"""预警与升级: clocks past a level tell the next reader. Safe under any number of beats at once.

A batch locks its clocks and cases together with `skip_locked`: whoever comes second passes over them, and after the
commit no longer finds them due. Events are written in bulk; their hashes chain like any other.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from lifeops.cases import clocks
from lifeops.cases.bulk import write_columns
from lifeops.cases.models import Case, CaseEvent, Clock, Request, UrgeStep, plain
from lifeops.cases.perform import publish_after_commit, record
from lifeops.cases.requests import urge_time
from lifeops.cases.states import REQUEST_OPEN

BATCH = 500
LEVEL_WORDS = {1: "预警", 2: "超时"}


def escalate_due(now: datetime | None = None, *, batch: int = BATCH, publish: bool = True) -> int:
    """Raise every clock whose next level has come by one level; returns how many."""
    now = now or timezone.now()
    done = 0
    while True:
        found = _raise_batch(now, batch, publish)
        done += found
        if found < batch:
            return done


def _raise_batch(now: datetime, batch: int, publish: bool) -> int:
    with transaction.atomic():
        due = list(
            Clock.objects.due_for_a_level(now)
            .select_related("case", "rule")
            .order_by("next_at", "pk")
            .select_for_update(of=("self", "case"), no_key=True, skip_locked=True)[:batch]
        )
        if not due:
            return 0
        cases: dict[int, Case] = {}
        raised = [clock for clock in due if not _moved(clock, now)]
        events = [_event(clock, cases.setdefault(clock.case_id, clock.case), now) for clock in raised]
        CaseEvent.objects.bulk_create(events)
        write_columns(cases.values(), ["event_seq", "event_hash"])
        write_columns(due, ["level", *clocks.TIMES])
        if publish:
            for event in events:
                publish_after_commit(event.pk)
    return len(due)


def _moved(clock: Clock, now: datetime) -> bool:
    """A paused clock is reckoned again when its level seems to have come: the pause may have moved it on, or not."""
    if not clock.paused:
        return False
    clocks.set_times(clock, clock.case, now)
    return clock.next_at is None or clock.next_at > now


def _event(clock: Clock, case: Case, now: datetime) -> CaseEvent:
    level = clock.level + 1
    words = LEVEL_WORDS.get(level, f"升级 {level - 2}")
    event = CaseEvent(
        case_id=case.pk,
        seq=case.event_seq + 1,
        step=f"clock.level{level}",
        label=f"{clock.rule.name}{words}",
        from_state=case.state,
        to_state=case.state,
        version=case.version,
        data=plain({"clock": clock.pk, "rule": clock.rule.code, "level": level, "due_at": clock.due_at}),
        at=now,
        prev_hash=case.event_hash,
    )
    event.hash = event.digest()
    case.event_seq, case.event_hash = event.seq, event.hash
    clock.level = level
    clock.next_at = clocks.level_at(clock, level + 1)
    return event


def urge_due(now: datetime | None = None, *, batch: int = BATCH) -> int:
    """催办: requests whose next urging has come; one event and one notice per reader and rung."""
    now = now or timezone.now()
    done = 0
    while True:
        with transaction.atomic():
            due = list(
                Request.objects.filter(next_urge_at__lte=now, state__in=REQUEST_OPEN)
                .select_related("case")
                .order_by("next_urge_at", "pk")
                .select_for_update(of=("self", "case"), no_key=True, skip_locked=True)[:batch]
            )
            for request in due:
                _urge(request, now)
        done += len(due)
        if len(due) < batch:
            return done


def _urge(request: Request, now: datetime) -> None:
    level = request.urge_level + 1
    today = timezone.localdate(now)
    rung = UrgeStep.objects.in_force(today).filter(kind=request.kind, level=level).first()
    request.urge_level = level
    request.next_urge_at = urge_time(request, level + 1)
    request.save(update_fields=["urge_level", "next_urge_at"])
    record(
        request.case,
        "request.urge",
        f"{request.get_kind_display()}催办第 {level} 次",
        actor=None,
        now=now,
        reason=rung.text if rung else "",
        data={"request": request.number, "level": level, "to_head": bool(rung and rung.to_head)},
        bump=False,
    )
