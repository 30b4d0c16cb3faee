"""公共池 and 下一件: the right case for this person, taken by exactly one."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case, CaseEvent, CaseQuerySet
from lifeops.cases.needs import COUNTER_STEPS, SIGNING_STEPS, substituted_ids
from lifeops.cases.perform import carry_out, record
from lifeops.cases.registry import at_desk, line, lines
from lifeops.cases.states import State
from lifeops.org.models import Role, User, covered
from lifeops.org.statements import Kept
from lifeops.screening.models import Hit, HitState

#: Desk codes of queues: one per line, and the approvers'.
APPROVAL = "approval"
LONGEST_REASON = 500


def queue_codes(user: User) -> list[str]:
    """The queues a person takes cases from."""
    found = [spec.code for spec in lines() if user.holds(spec.reviewer_role)]
    return found + ([APPROVAL] if user.holds(Role.APPROVER) else [])


def _at_units(user: User, role: str) -> Q:
    """Limit to the units of a role; nothing to limit for a post at head office."""
    scope = Q()
    for posting in user.active_postings():
        if posting.role == role:
            if posting.branch.is_hq:
                return Q()
            scope |= Q(branch_path__startswith=posting.branch.path)
    return scope or Q(pk__in=[])


#: Grade, line and item ("" every) for which there is a limit.
Covered = frozenset[tuple[int, str, str]]


def signed_for(now: datetime) -> Covered:
    return covered(role=Role.APPROVER, day=timezone.localdate(now))


def _within_grades(user: User, limits: Covered) -> Q:
    """What an approver may sign by post: each grade counts at its own units, for the lines and items it has a limit for.

    The amount is in `required_grade`: the lowest grade whose limit covers it, found when the conclusion was sent.
    """
    scope = Q(pk__in=[])
    for posting in user.active_postings():
        if posting.role == Role.APPROVER:
            part = Q(required_grade__lte=posting.grade) & _of_items(sorted(row[1:] for row in limits if row[0] == posting.grade))
            scope |= part if posting.branch.is_hq else part & Q(branch_path__startswith=posting.branch.path)
    return scope


def _of_items(rows: list[tuple[str, str]]) -> Q:
    """Cases of the lines, and of the items where a line is named with them only."""
    scope = Q(pk__in=[])
    for line_code, item in rows:
        scope |= Q(line=line_code, item=item) if item else Q(line=line_code)
    return scope


def pool(user: User, desk: str, now: datetime, limits: Covered | None = None) -> CaseQuerySet:
    """公共池 of a desk as this person may take from it: skill, unit, grade, and for approvers what their limits speak of."""
    if desk == APPROVAL:
        limits = signed_for(now) if limits is None else limits
        waiting = Case.objects.filter(_within_grades(user, limits), state=State.PENDING_APPROVAL, assignee__isnull=True)
        return waiting.exclude(reviewer=user)
    role = line(desk).reviewer_role
    return Case.objects.filter(_at_units(user, role), line=desk, state=State.QUEUED, assignee__isnull=True)


def mine(user: User, desk: str, now: datetime, absent: list[int] | None = None) -> CaseQuerySet:
    """我的任务 at a desk, with the cases of absent colleagues the person stands in for."""
    held = Case.objects.mine(user, substituted_ids(user) if absent is None else absent).awake(now)
    if desk == APPROVAL:
        return held.filter(state=State.PENDING_APPROVAL)
    return held.filter(state=State.IN_REVIEW, line=desk)


#: Stand for a person, a moment, a case and absent colleagues in statements that are kept.
PERSON, CASE, COLLEAGUE = -(1 << 40), -(1 << 41), -(1 << 42)
MOMENT = datetime(1900, 1, 1, tzinfo=UTC)
MOST_KEPT = 500
_statements: dict[Any, Kept] = {}


def _ask(user: User, key: tuple[Any, ...], build: Callable[[User], CaseQuerySet], given: dict[Any, Any]) -> Case | None:
    """The first row of a queryset by its SQL, put together once for all who are posted alike; `build` makes it of marks,
    `given` says what each of them stands for."""
    key += tuple((p.role, p.branch.path, p.branch.is_hq, p.grade) for p in user.active_postings())
    kept = _statements.get(key)  # another thread may empty the store at any moment
    if kept is None:
        anybody = copy(user)
        anybody.pk = PERSON
        try:
            kept = Kept.of(build(anybody).order_by("rank", "due_at", "pk")[:1], list(given))
        except EmptyResultSet:
            return None  # no post at this desk
        if len(_statements) >= MOST_KEPT:
            _statements.clear()
        _statements[key] = kept
    return next(iter(kept.read(Case, list(given.values()))), None)


def take_next(user: User, desk: str, *, now: datetime | None = None, skip: int | None = None) -> Case | None:
    """下一件: own returned cases first, then the head of the pool; None when nothing is left.

    `skip_locked` passes over rows that another person is taking at this moment: exactly one taker each.
    """
    now = now or timezone.now()
    absent = {COLLEAGUE - n: pk for n, pk in enumerate(substituted_ids(user))}
    held = _ask(
        user, ("held", desk, len(absent)), lambda anybody: mine(anybody, desk, MOMENT, list(absent)).exclude(pk=CASE),
        {PERSON: user.pk, MOMENT: now, CASE: skip or 0, **absent},
    )
    if held is not None:
        return at_desk(held)
    start_of_day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    limits = signed_for(now) if desk == APPROVAL else frozenset()
    with transaction.atomic():
        found = _ask(
            user, ("offered", desk, limits), lambda anybody: _offered(anybody, desk, MOMENT, limits),
            {PERSON: user.pk, MOMENT: start_of_day},
        )
        if found is None:
            return None
        carry_out(at_desk(found), "take", actor=user, now=now, inputs={})
    return found


def pass_over(user: User, desk: str, number: str, *, reason: str, now: datetime) -> int:
    """跳过: leave out, for this once, a case that one holds; its trail keeps who did and why. Returns what `take_next` skips."""
    held = mine(user, desk, now).filter(number=number.strip().upper()).first()
    if held is None:
        raise Invalid({"skip": ["这不是您在该队列的在办案件"]})
    if not reason.strip():
        raise Invalid({"reason": ["请写明理由"]})
    if (length := len(reason.strip())) > LONGEST_REASON:
        raise Invalid({"reason": [f"最多 {LONGEST_REASON} 字，现有 {length} 字"]})
    record(held, "skip", "跳过", actor=user, now=now, reason=reason.strip(), bump=False)
    return held.pk


def _offered(user: User, desk: str, start_of_day: datetime, limits: Covered) -> CaseQuerySet:
    """What the pool offers a person, locked: not what the person passed over today or made ready at the counter, nor whose hit the
    person cleared."""
    my_steps = CaseEvent.objects.filter(case=OuterRef("pk"), actor=user)
    passed_over = my_steps.filter(Q(step="hand_back", at__gte=start_of_day) | Q(step__in=COUNTER_STEPS))
    cleared = Hit.objects.filter(case_number=OuterRef("number"), state=HitState.CLEARED, decided_by=user)
    waiting = pool(user, desk, start_of_day, limits).exclude(Exists(passed_over)).exclude(Exists(cleared))
    if desk == APPROVAL:
        # four eyes in the query: an approver is not offered what the approver took part in
        hand = my_steps.exclude(from_state=State.PENDING_APPROVAL, step__in=SIGNING_STEPS)
        stood_in = CaseEvent.objects.filter(case=OuterRef("pk"), acting_for=user)
        waiting = waiting.exclude(Exists(hand)).exclude(Exists(stood_in))
    # the row alone: taking looks at no other table, and nobody holds it
    return waiting.select_for_update(of=("self",), no_key=True, skip_locked=True)


def counts(user: User, now: datetime, *, cap: int = 999) -> list[dict[str, Any]]:
    """Counter per queue of a person, capped: a badge says 999+, it never counts a big table, nor sorts it before it stops."""
    rows = []
    for code in queue_codes(user):
        # a line's pool in the order of its own index: where nearly all cases wait the planner would walk the table until it has enough;
        # that of the approvers has no such index for every limit and would be sorted first
        order = () if code == APPROVAL else ("rank", "due_at", "pk")
        waiting = pool(user, code, now).order_by(*order).values("pk")[: cap + 1].count()
        held = mine(user, code, now).order_by().values("pk")[: cap + 1].count()
        rows.append({"code": code, "pool": waiting, "mine": held, "capped": waiting > cap})
    return rows
