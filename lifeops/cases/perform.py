"""One door: every change of a case, from page, API, command or task, goes through here."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from lifeops.cases import clocks, custody
from lifeops.cases.errors import Invalid, KeyReused, Refused, Stale, book_words, field_errors, whole
from lifeops.cases.models import Case, CaseEvent, IdempotencyKey, plain
from lifeops.cases.needs import stands_in_for
from lifeops.cases.registry import at_desk
from lifeops.org.models import User
from lifeops.org.statements import insert, read_one, update, within_transaction
from lifeops.org.text import visible

LONGEST_KEY = 80


def perform(
    case: Case,
    step: str,
    *,
    actor: User,
    version: int | None = None,
    idempotency_key: str = "",
    now: datetime | None = None,
    **inputs: Any,
) -> CaseEvent:
    """Take one step of a case and return its event.

    `version` is what the actor saw; None only where nobody looked (commands, tasks). `now` is the moment at which the
    step counts as done. Raises Refused (403), Stale (409), Invalid (400), KeyReused (422); nothing is saved then.
    """
    now = now or timezone.now()
    with whole():
        locked = lock(case.pk)
        fingerprint = print_of(case.pk, step, inputs) if idempotency_key else ""
        if idempotency_key:
            first = first_result(actor, idempotency_key, fingerprint)
            if first:
                return first
        if version is not None and version != locked.version:
            raise Stale(locked.version, differences(locked, version, actor))
        event = carry_out(locked, step, actor=actor, now=now, inputs=inputs)
        if idempotency_key:
            remember(actor, idempotency_key, fingerprint, event)
    return event


def lock(pk: int) -> Case:
    """The row as it is now, locked, as the proxy of its desk: the caller's copy is stale by definition."""
    # no key: others may still add rows that point at the case while we hold it
    within_transaction()
    found = read_one(Case, "id = %s FOR NO KEY UPDATE", [pk])
    if found is None:
        raise Case.DoesNotExist
    return at_desk(found)


def carry_out(
    case: Case, step: str, *, actor: User | None, now: datetime, inputs: dict[str, Any], internal: bool = False
) -> CaseEvent:
    """The step itself, on a row that the caller has locked. Internal steps are consequences of another step."""
    with case.asking_once():
        return _carry_out(case, step, actor=actor, now=now, inputs=inputs, internal=internal)


def _carry_out(
    case: Case, step: str, *, actor: User | None, now: datetime, inputs: dict[str, Any], internal: bool
) -> CaseEvent:
    move = case.transition_of(step)
    if move is None or (move.custom["internal"] and not internal):
        raise Refused([f"案件处于“{case.state_label}”，现在不能办理此步骤"])
    if not internal:
        reasons = move.permission.refusals(case, actor)
        if reasons:
            raise Refused(reasons, move.permission.who(case, actor))
    cleaned = clean(case, step, inputs, actor)
    before, from_state = snapshot(case), case.state
    acting_for = case.assignee_id if actor and stands_in_for(actor, case.assignee_id) else None
    with book_words():
        getattr(case, step)(actor=actor, now=now, **cleaned)
    case.version += 1
    if case.state != from_state:
        case.state_since = now
    party_changed = custody.pass_on(case, cause=move.custom["label"], now=now)
    clocks.follow(case, step, from_state=from_state, now=now, party_changed=party_changed)
    event = write_event(
        case,
        step=step,
        label=move.custom["label"],
        actor=actor,
        acting_for=acting_for,
        from_state=from_state,
        reason=str(cleaned.get("reason") or cleaned.get("opinion") or ""),
        data=case.take_notes(),
        now=now,
    )
    save_changes(case, before)
    at_desk(case)
    return event


def clean(case: Any, step: str, inputs: dict[str, Any], actor: User | None) -> dict[str, Any]:
    """Inputs through the step's form; a step without a form takes none."""
    form_class = case.form_for(step)
    if form_class is None:
        return {}
    extra = {"case": case, "actor": actor} if getattr(form_class, "knows_case", False) else {}
    form = form_class(data=visible(inputs), **extra)
    if not form.is_valid():
        raise Invalid(field_errors(form))
    return dict(form.cleaned_data)


def record(
    case: Case,
    step: str,
    label: str,
    *,
    actor: User | None,
    now: datetime | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
    bump: bool = True,
) -> CaseEvent:
    """Write an event without a change of state: papers added, letter printed, record saved, data read.

    `bump` counts it as a change that a signer must have seen; reading does not.
    """
    now = now or timezone.now()
    with transaction.atomic():
        locked = lock(case.pk)
        before = snapshot(locked)
        if bump:
            locked.version += 1
        clocks.follow(locked, step, from_state=locked.state, now=now, party_changed=False)
        event = write_event(
            locked,
            step=step,
            label=label,
            actor=actor,
            acting_for=None,
            from_state=locked.state,
            reason=reason,
            data=data or {},
            now=now,
        )
        save_changes(locked, before)
    case.version, case.event_seq, case.event_hash = locked.version, locked.event_seq, locked.event_hash
    return event


def write_event(
    case: Case,
    *,
    step: str,
    label: str,
    actor: User | None,
    acting_for: int | None,
    from_state: str,
    reason: str,
    data: dict[str, Any],
    now: datetime,
) -> CaseEvent:
    """Append to the case's chain and queue its publication, where somebody is to be told, for after the commit."""
    from lifeops.cases.routing import is_told

    event = CaseEvent(
        case_id=case.pk,
        seq=case.event_seq + 1,
        step=step,
        label=label,
        actor=actor,
        acting_for_id=acting_for,
        branch_id=actor.branch_id if actor else None,
        from_state=from_state,
        to_state=case.state,
        version=case.version,
        reason=reason,
        data=plain(data),
        at=now,
        prev_hash=case.event_hash,
    )
    event.hash = event.digest()
    told = is_told(event)
    if not told:
        event.published_at = timezone.now()  # nobody to tell: nothing to deliver
    insert(event)
    case.event_seq, case.event_hash = event.seq, event.hash
    if told:
        publish_after_commit(event.pk)
    return event


def publish_after_commit(event_id: int) -> None:
    from lifeops.cases.tasks import publish_event

    # robust: a dead broker must not turn a finished step into an error page; the sweep publishes it later
    transaction.on_commit(lambda: publish_event.delay(event_id), robust=True)


def snapshot(case: Case) -> dict[str, Any]:
    return {f.attname: case.__dict__.get(f.attname) for f in case._meta.concrete_fields}


def save_changes(case: Case, before: dict[str, Any]) -> None:
    """Write only what the step changed."""
    changed = [name for name, value in before.items() if case.__dict__.get(name) != value]
    update(case, changed)


def print_of(pk: int, step: str, inputs: dict[str, Any]) -> str:
    """Fingerprint of a request, to tell a repetition from another request under the same key."""
    text = json.dumps([pk, step, inputs], cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def first_result(actor: User, key: str, fingerprint: str) -> CaseEvent | None:
    """Event of an earlier request under this key; KeyReused when that request was another one."""
    if len(key) > LONGEST_KEY:
        raise Invalid({"key": [f"幂等键最多 {LONGEST_KEY} 个字符，请刷新页面后重试"]})
    found = IdempotencyKey.objects.filter(actor=actor, key=key).select_related("event").first()
    if found is None:
        return None
    if found.fingerprint != fingerprint:
        raise KeyReused
    return found.event


def remember(actor: User, key: str, fingerprint: str, event: CaseEvent) -> None:
    IdempotencyKey.objects.create(
        actor=actor, key=key, fingerprint=fingerprint, event=event, case_id=event.case_id, created_at=event.at
    )


def differences(case: Case, seen: int, user: User) -> list[dict[str, str]]:
    """What has happened since version `seen`, as far as the person may know: who did what when, and changed values where the
    event holds them."""
    from lifeops.cases.screened import events_for

    events = events_for(case, user).filter(version__gt=seen).order_by("seq")
    return [difference(event, event.to_label if event.from_state != event.to_state else "") for event in events]


def difference(event: CaseEvent, became: str) -> dict[str, str]:
    """An event as a row of what has changed; `became` is the state it led to, "" where it told a reason at most."""
    row = {
        "what": event.label,
        "who": event.actor.name if event.actor else "系统",
        "at": timezone.localtime(event.at).strftime("%Y-%m-%d %H:%M"),
        "detail": became or event.reason,
    }
    changes = event.data.get("changes")
    if isinstance(changes, list):
        row["changes"] = "；".join(f"{c['label']}：{c['before'] and c['before'] + ' → '}{c['after'] or '删去'}" for c in changes)
    return row
