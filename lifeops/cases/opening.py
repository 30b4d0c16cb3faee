"""受理: a case comes into being with its number, first event, first custody segment and first clocks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lifeops.cases import clocks, custody, numbers
from lifeops.cases.models import Case, CaseEvent, IdempotencyKey
from lifeops.cases.perform import first_result, print_of, remember, save_changes, snapshot, write_event
from lifeops.cases.registry import at_desk, line
from lifeops.cases.states import State
from lifeops.org.models import Branch, User


def open_case(
    *,
    line_code: str,
    item: str,
    branch: Branch,
    submitted_on: date,
    actor: User,
    now: datetime | None = None,
    idempotency_key: str = "",
    data: dict[str, Any] | None = None,
    **fields: Any,
) -> Case:
    """Register a case at a unit and return it, seen as the intake desk sees it.

    `fields` are further columns of `Case` (channel, agent_code, policy, applicant, dates …). A repeated call with the
    same key and content returns the first case.
    """
    now = now or timezone.now()
    spec = line(line_code)
    spec.item(item)
    with transaction.atomic():
        fingerprint = print_of(0, "register", {"line": line_code, "item": item, "fields": str(sorted(fields.items()))})
        if idempotency_key:
            # nothing to lock exists yet: identical requests wait for each other at the key itself
            wait_for_key(actor, idempotency_key)
            first = first_result(actor, idempotency_key, fingerprint)
            if first:
                return at_desk(Case.objects.select_related("branch").get(pk=first.case_id))
        year = timezone.localdate(now).year
        serial = numbers.next_serial(f"{branch.code}-{spec.prefix}-{year}")
        case = Case(
            number=numbers.compose(branch.code, spec.prefix, year, serial),
            line=line_code,
            item=item,
            branch=branch,
            branch_path=branch.path,
            submitted_on=submitted_on,
            accepted_at=now,
            state=State.RECEIVED,
            state_since=now,
            created_by=actor,
            **fields,
        )
        case.save(force_insert=True)
        before = snapshot(case)
        custody.pass_on(case, cause="受理", now=now)
        clocks.follow(case, "register", from_state="", now=now, party_changed=True)
        event = write_event(
            case,
            step="register",
            label="受理",
            actor=actor,
            acting_for=None,
            from_state="",
            reason="",
            data=data or {},
            now=now,
        )
        save_changes(case, before)
        if idempotency_key:
            remember(actor, idempotency_key, fingerprint, event)
    return at_desk(case)


def wait_for_key(actor: User, key: str) -> None:
    """Let one request of a key at a time pass, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"key:{actor.pk}:{key}"])


def case_of_key(actor: User, key: str) -> Case | None:
    """The case an earlier request of this person opened under a key."""
    found = IdempotencyKey.objects.filter(actor=actor, key=key).select_related("case").first()
    return found.case if found else None


def last_event(case: Case) -> CaseEvent:
    return case.events.latest("seq")
