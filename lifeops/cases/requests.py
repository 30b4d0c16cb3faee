"""问题件: opened by a step of the case, worked by steps of their own, under the lock of the case they hang on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lifeops.cases import clocks, custody
from lifeops.cases.errors import Refused, Stale
from lifeops.cases.models import Case, CaseEvent, Request, UrgeStep
from lifeops.cases.perform import (
    carry_out,
    clean,
    difference,
    first_result,
    lock,
    print_of,
    remember,
    save_changes,
    snapshot,
    write_event,
)
from lifeops.cases.states import RequestKind, RequestState, State
from lifeops.org.models import User
from lifeops.workdays.calendar import get_calendar

LETTER = {RequestKind.QUERY: "Q", RequestKind.EXAM: "E", RequestKind.INVESTIGATION: "I"}
LEGAL_BASIS = {
    "claims": "保险法第二十二条",
    "underwriting": "人身保险业务基本服务规定第十条、第十一条",
    "servicing": "人身保险业务基本服务规定第十九条",
}


def open_request(
    *,
    case: Case,
    actor: User,
    now: datetime,
    kind: str,
    addressee: str,
    cause: str,
    items: list[dict[str, Any]],
    blocking: bool,
    due_days: int,
    note: str = "",
    **_: Any,
) -> Request:
    """Create and issue a request on a locked case. Called by the step `issue_request` only."""
    serial = case.requests.count() + 1
    to = "branch" if kind == RequestKind.INVESTIGATION else addressee
    name = case.subject_name if to == "customer" else (case.agent_code if to == "agent" else "")
    # words of one's own have no title of the library: the cause says what they are about
    head = items[0]["title"] if items[0].get("code") else cause
    request = Request(
        number=f"{case.number}-{LETTER[RequestKind(kind)]}{serial:02d}",
        case=case,
        kind=kind,
        state=RequestState.ISSUED,
        addressee=to,
        addressee_name=name,
        blocking=blocking,
        cause=cause,
        title=head if len(items) == 1 else f"{head}等 {len(items)} 项",
        items=items,
        legal_basis=LEGAL_BASIS.get(case.line, ""),
        note=note,
        branch=case.branch,
        issued_by=actor,
        issued_at=now,
        due_on=get_calendar().add_workdays(timezone.localdate(now), due_days),
    )
    request.next_urge_at = urge_time(request, 1)
    request.save()
    custody.pass_request_on(request, cause="下发", now=now)
    request.save(update_fields=["custody_seq", "holder_party"])
    if kind == RequestKind.INVESTIGATION:
        # facts 3.3: an investigation never pauses the clock, it puts the claim on the 30-day track
        case.is_complex = True
    return request


def urge_time(request: Request, level: int) -> datetime | None:
    """When the branch is urged for the n-th time: working days after issue, as the ladder says, and as many more as the
    letter has been prolonged by. None where the ladder has no such rung."""
    rung = UrgeStep.objects.in_force(timezone.localdate(request.issued_at)).filter(kind=request.kind, level=level).first()
    return _time_of(rung, request, first_due(request)) if rung else None


def first_due(request: Request) -> date:
    """The last day for a reply as the letter was issued with it."""
    told = CaseEvent.objects.filter(case=request.case_id, step="request.extend", data__request=request.number).order_by("seq").first()
    return date.fromisoformat(told.data["before"]) if told else request.due_on


def urge_after_prolonging(request: Request, first: date) -> datetime | None:
    """The next urging once `due_on` has been put off. Where the ladder has been gone through, its last rung comes once more:
    the new day does not pass unseen."""
    rungs = UrgeStep.objects.in_force(timezone.localdate(request.issued_at)).filter(kind=request.kind)
    rung = rungs.filter(level=request.urge_level + 1).first() or rungs.order_by("level").last()
    return _time_of(rung, request, first) if rung else None


def _time_of(rung: UrgeStep, request: Request, first: date) -> datetime:
    calendar = get_calendar()
    days = rung.after_workdays + calendar.workdays_between(first, request.due_on)
    on = calendar.add_workdays(timezone.localdate(request.issued_at), days)
    return timezone.make_aware(datetime.combine(on + timedelta(days=1), datetime.min.time()))


def perform_request(
    request: Request,
    step: str,
    *,
    actor: User,
    version: int | None = None,
    idempotency_key: str = "",
    now: datetime | None = None,
    **inputs: Any,
) -> CaseEvent:
    """Take one step of a request: the same door, refusals and errors as `perform`.

    When the last blocking request closes, the case goes back to its reviewer in the same transaction.
    """
    now = now or timezone.now()
    with transaction.atomic():
        case = lock(request.case_id)
        held = Request.objects.select_for_update(of=("self",), no_key=True).select_related("branch").get(pk=request.pk)
        held.case = case
        fingerprint = print_of(held.pk, f"request.{step}", inputs) if idempotency_key else ""
        if idempotency_key:
            first = first_result(actor, idempotency_key, fingerprint)
            if first:
                return first
        if version is not None and version != held.version:
            raise Stale(held.version, differences_of(held, version))
        event = _carry_out(case, held, step, actor=actor, now=now, inputs=inputs)
        if idempotency_key:
            remember(actor, idempotency_key, fingerprint, event)
        wake_if_answered(case, actor=actor, now=now)
    return event


def differences_of(request: Request, seen: int) -> list[dict[str, str]]:
    """What has happened to a letter since version `seen`: each version is one event of it, or the withdrawal of its case."""
    own = Q(step__startswith="request.", data__request=request.number) & ~Q(step="request.urge")
    withdrawn = Q(step="withdraw", data__cancelled__contains=[request.number])
    rows = CaseEvent.objects.filter(own | withdrawn, case=request.case_id).select_related("actor").order_by("-seq")
    found = list(rows[: max(0, request.version - seen)])[::-1]
    return [difference(event, request.state_label if event is found[-1] else "") for event in found]


def _carry_out(
    case: Case, request: Request, step: str, *, actor: User, now: datetime, inputs: dict[str, Any]
) -> CaseEvent:
    move = request.transition_of(step)
    if move is None:
        raise Refused([f"问题件处于“{request.state_label}”，现在不能办理此步骤"])
    reasons = move.permission.refusals(request, actor)
    if reasons:
        raise Refused(reasons, move.permission.who(request, actor))
    cleaned = clean(request, step, inputs, actor)
    before, state = snapshot(case), request.state
    getattr(request, step)(actor=actor, now=now, **cleaned)
    request.version += 1
    custody.pass_request_on(request, cause=move.custom["label"], now=now)
    request.save()
    case.version += 1
    label = f"{request.get_kind_display()}·{move.custom['label']}"
    party_changed = custody.pass_on(case, cause=label, now=now)
    clocks.follow(case, f"request.{step}", from_state=case.state, now=now, party_changed=party_changed)
    data = {"request": request.number, "from": state, "to": request.state, **request.take_notes()}
    event = write_event(
        case,
        step=f"request.{step}",
        label=label,
        actor=actor,
        acting_for=None,
        from_state=case.state,
        reason=str(cleaned.get("reason") or cleaned.get("note") or ""),
        data=data,
        now=now,
    )
    save_changes(case, before)
    return event


def wake_if_answered(case: Case, *, actor: User | None, now: datetime) -> None:
    """Back to the reviewer when nothing blocks any more."""
    if case.state == State.WAITING and not case.requests.blocking().exists():
        carry_out(case, "wake", actor=actor, now=now, inputs={}, internal=True)


def issue_request(
    *, case: Case, actor: User, version: int | None = None, now: datetime | None = None, **inputs: Any
) -> Request:
    """Issue a request on a case under review; returns it."""
    from lifeops.cases.perform import perform

    event = perform(case, "issue_request", actor=actor, version=version, now=now, **inputs)
    return Request.objects.get(number=event.data["request"])
