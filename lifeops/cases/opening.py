"""受理: a case comes into being with its number, first event, first custody segment and first clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from lifeops.cases import clocks, custody, numbers
from lifeops.cases.models import Case, IdempotencyKey
from lifeops.cases.perform import first_result, print_of, remember, save_changes, snapshot, write_event
from lifeops.cases.registry import at_desk, line
from lifeops.cases.states import State
from lifeops.org.models import Branch, User
from lifeops.org.statements import insert, joins


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
    prefix = line(line_code).prefix
    line(line_code).item(item)

    def register() -> Case:
        year = timezone.localdate(now).year
        serial = numbers.next_serial(f"{branch.code}-{prefix}-{year}")
        case = Case(
            number=numbers.compose(branch.code, prefix, year, serial), line=line_code, item=item, branch=branch,
            branch_path=branch.path, submitted_on=submitted_on, accepted_at=now, state=State.RECEIVED, state_since=now,
            created_by=actor, **fields,
        )  # fmt: skip
        insert(case)
        begin(case, actor=actor, data=data or {}, now=now)
        return case

    content = {"line": line_code, "item": item, "fields": str(sorted(fields.items()))}
    return at_desk(once(actor=actor, key=idempotency_key, name="register", content=content, act=register))


def begin(case: Case, *, actor: User, data: dict[str, Any], now: datetime) -> None:
    """受理 as the first step of the trail: custody and clocks begin with it."""
    before = snapshot(case)
    custody.pass_on(case, cause="受理", now=now)
    clocks.follow(case, "register", from_state="", now=now, party_changed=True)
    write_event(
        case, step="register", label="受理", actor=actor, acting_for=None, from_state="", reason="", data=data, now=now
    )
    save_changes(case, before)


@joins
def once(*, actor: User, key: str, name: str, content: Any, act: Callable[[], Case]) -> Case:
    """Do what is no step of a case's own once per key of a person; steps keep their key in `perform`.

    A repetition is answered with the case of the first time; another request under the same key raises KeyReused. Without
    a key it is done each time.
    """
    if not key:
        return act()
    fingerprint = print_of(0, name, content)
    # nothing to lock exists yet: identical requests wait for each other at the key itself
    wait_for_key(actor, key)
    if first := first_result(actor, key, fingerprint):
        return Case.objects.select_related("branch").get(pk=first.case_id)
    case = act()
    remember(actor, key, fingerprint, case.events.latest("seq"))
    return case


def wait_for_key(actor: User, key: str) -> None:
    """Let one request of a key at a time pass, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"key:{actor.pk}:{key}"])


def case_of_key(actor: User, key: str) -> Case | None:
    """The case an earlier request of this person opened under a key."""
    found = IdempotencyKey.objects.filter(actor=actor, key=key).select_related("case").first()
    return found.case if found else None
