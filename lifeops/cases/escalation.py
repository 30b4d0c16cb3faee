"""预警与升级: clocks past a level tell the next reader. Safe under any number of beats at once.

A batch locks its clocks and cases together with `skip_locked`: whoever comes second passes over them, and after the
commit no longer finds them due. Events are written in bulk; their hashes chain like any other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from lifeops.cases import clocks
from lifeops.cases.bulk import insert_columns, update_columns, write_columns
from lifeops.cases.models import Case, CaseEvent, Clock, ClockRule, Request, UrgeStep, digest_of
from lifeops.cases.perform import publish_after_commit, record
from lifeops.cases.requests import urge_time
from lifeops.cases.states import REQUEST_OPEN
from lifeops.org.statements import read

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


#: Only what raising needs: a batch is a few statements and no rows of forty columns.
DUE = """
SELECT k.id, k.case_id, k.rule_id, k.level, k.warn_at, k.due_at, k.paused, c.state, c.version, c.event_seq, c.event_hash
FROM cases_clock k JOIN cases_case c ON c.id = k.case_id WHERE k.stopped_at IS NULL AND k.next_at <= %s
ORDER BY k.next_at, k.id LIMIT %s FOR NO KEY UPDATE OF k, c SKIP LOCKED
"""


@dataclass(slots=True)
class Due:
    """A clock whose next level has come, with its case, both locked."""

    pk: int
    case: int
    rule_id: int
    level: int
    warn_at: datetime
    due_at: datetime
    paused: bool
    state: str
    version: int
    seq: int
    hash: str


def _raise_batch(now: datetime, batch: int, publish: bool) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(DUE, [now, batch])
            due = [Due(*row) for row in cursor.fetchall()]
        if not due:
            return 0
        moved = _reckon_paused([row.pk for row in due if row.paused], due, now)
        keys = _write([row for row in due if row.pk not in moved], now)
        if publish:
            for key in keys:
                publish_after_commit(key)
    return len(due)


def _reckon_paused(keys: list[int], due: list[Due], now: datetime) -> set[int]:
    """Paused clocks are reckoned again when their level seems to have come: the pause may have moved it on, or not.
    Returns those that it has moved on."""
    if not keys:
        return set()
    found = {clock.pk: clock for clock in Clock.objects.filter(pk__in=keys).select_related("case", "rule")}
    for clock in found.values():
        clocks.set_times(clock, clock.case, now)
    write_columns(found.values(), clocks.TIMES)
    for row in due:
        if clock_now := found.get(row.pk):
            row.warn_at, row.due_at = clock_now.warn_at, clock_now.due_at
    return {pk for pk, clock in found.items() if clock.next_at is None or clock.next_at > now}


def _write(raised: list[Due], now: datetime) -> list[int]:
    """Raise each by one level: an event at the end of its case's chain, the case's last link, the clock's next level."""
    rules = {rule.pk: rule for rule in read(ClockRule, "id = ANY(%s)", [list({row.rule_id for row in raised})])}
    columns: dict[str, list[Any]] = {name: [] for name in EVENT}
    heads: dict[int, tuple[int, str]] = {}
    levels, nexts, at = [], [], now.timestamp()
    for row in raised:
        rule, level = rules[row.rule_id], row.level + 1
        seq, prev = heads.get(row.case, (row.seq, row.hash))
        step, data = f"clock.level{level}", {"clock": row.pk, "rule": rule.code, "level": level, "due_at": _moment(row.due_at)}
        link = digest_of(
            case=row.case, seq=seq + 1, step=step, actor=None, acting_for=None, from_state=row.state, to_state=row.state,
            version=row.version, reason="", data=data, at=at, prev=prev,
        )  # fmt: skip
        heads[row.case] = seq + 1, link
        label = f"{rule.name}{LEVEL_WORDS.get(level, f'升级 {level - 2}')}"
        values = (row.case, seq + 1, step, label, row.state, row.state, row.version, "", json.dumps(data, ensure_ascii=False), now, prev, link)
        for name, value in zip(EVENT, values, strict=True):
            columns[name].append(value)
        levels.append(level)
        nexts.append(clocks.level_of(rule.kind, row.warn_at, row.due_at, level + 1))
    if not raised:
        return []
    keys = insert_columns(CaseEvent, columns)
    update_columns(Case, ["event_seq", "event_hash"], [list(heads), *map(list, zip(*heads.values(), strict=True))])
    update_columns(Clock, ["level", "next_at"], [[row.pk for row in raised], levels, nexts])
    return keys


EVENT = (
    "case", "seq", "step", "label", "from_state", "to_state", "version", "reason", "data", "at", "prev_hash", "hash",
)  # fmt: skip
_moment = DjangoJSONEncoder().default


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
    rungs = UrgeStep.objects.in_force(today).filter(kind=request.kind)
    rung = rungs.filter(level=level).first() or rungs.order_by("level").last()  # gone through, and prolonged since
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
