"""时效: starts, stops and re-reckons the clocks of a case. Times are functions of custody, calendar and rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from django.utils import timezone

from lifeops.cases import custody
from lifeops.cases.bulk import write_columns
from lifeops.cases.models import Case, Clock, ClockRule, LadderStep, StartFrom
from lifeops.cases.timing import Limit, Reckoning, Segment, evaluate
from lifeops.org.held import Held
from lifeops.org.statements import insert_many, read_with, update
from lifeops.policies.rules.dates import rescission_deadline
from lifeops.workdays.calendar import get_calendar

#: Columns that `set_times` writes.
TIMES = ["due_at", "legal_due_on", "warn_at", "paused", "next_at"]
_rules = Held(ClockRule)
_ladder = Held(LadderStep)


def rules() -> list[ClockRule]:
    """All rules of clocks, past and coming ones too."""
    return _rules.rows()


def triggers(step: str, case: Case, from_state: str) -> set[str]:
    """The names by which rules may mean this moment: the step, the state entered by it, and the way between two."""
    found = {step}
    if case.state != from_state:
        found |= {f"state:{case.state}", f"{from_state}>{case.state}"}
    return found


def named(text: str) -> set[str]:
    return {part.strip() for part in text.split(",") if part.strip()}


def limit_of(rule: ClockRule, case: Case, started_at: datetime | None = None) -> Limit:
    """The limit of a rule on a case. The right to rescind ends two years after the establishment at the latest (保险法 16 ¶3)."""
    if rule.start_from == StartFrom.KNOWN and started_at is not None and case.policy_id:
        known = timezone.localdate(started_at)
        left = (rescission_deadline(established_on=case.contract.established_on, known_on=known) - known).days
        return Limit(max(1, min(rule.amount, left)), rule.unit, frozenset(rule.pause_parties))
    if case.is_complex and rule.complex_amount:
        return Limit(rule.complex_amount, rule.complex_unit or rule.unit, frozenset(rule.pause_parties))
    return Limit(rule.amount, rule.unit, frozenset(rule.pause_parties))


def reckon(clock: Clock, case: Case, now: datetime, ledger: Sequence[Segment] | None = None) -> Reckoning:
    """The clock worked out row by row, as the screen behind a click on it shows. `ledger`: the segments, where they
    have been read."""
    return evaluate(
        limit_of(clock.rule, case, clock.started_at),
        clock.started_at,
        custody.segments(case) if ledger is None else ledger,
        get_calendar(),
        now,
        stopped_at=clock.stopped_at,
        warn_ratio=clock.rule.warn_ratio,
    )


def follow(case: Case, step: str, *, from_state: str, now: datetime, party_changed: bool) -> None:
    """After a step: start and stop clocks, re-reckon those that a change of party pauses or sets going again."""
    names = triggers(step, case, from_state)
    day = timezone.localdate(now)
    starting = [r for r in rules() if names & named(r.start_on) and r.applies_to(case, day) and _can_start(r, case)]
    if not starting and case.event_seq and not any(_reacts(r, names, case, party_changed) for r in rules()):
        return
    running = _running(case) if case.event_seq else []
    spans = cache(lambda: custody.spans(case))

    def ledger(rule: ClockRule) -> Sequence[Segment]:
        """Who held the case, for a clock that somebody's holding it pauses; to the others it is all one."""
        return spans() if rule.pause_parties else ()

    held = {clock.rule_id for clock in running}
    still, stopped = list[Clock](), list[Clock]()
    for clock in running:
        if names & named(clock.rule.stop_on):
            clock.stopped_at, clock.next_at, clock.paused = now, None, False
            stopped.append(clock)
            continue
        if (party_changed and clock.rule.pause_parties) or (case.is_complex and clock.rule.complex_amount):
            set_times(clock, case, now, ledger(clock.rule))
            update(clock, TIMES)
        still.append(clock)
    write_columns(stopped, ["stopped_at", "next_at", "paused"])
    started = list[Clock]()
    for rule in starting:
        if rule.pk not in held and rule.code not in {c.rule.code for c in (*still, *started)}:
            started.append(begun(rule, case, now, ledger(rule)))
    insert_many(started)
    case.due_at = min((clock.due_at for clock in (*still, *started)), default=None)


def _can_start(rule: ClockRule, case: Case) -> bool:
    return rule.start_from != StartFrom.KNOWN or case.noted("known_on") is not None


def _running(case: Case) -> list[Clock]:
    """The clocks that run on a case, with their rules as they are now."""
    return read_with(Clock, ("rule",), "t.case_id = %s AND t.stopped_at IS NULL ORDER BY t.due_at", [case.pk])


def _reacts(rule: ClockRule, names: set[str], case: Case, party_changed: bool) -> bool:
    """Could this moment stop or move a clock of the rule on this case?"""
    if rule.line not in ("", case.line):
        return False
    if names & named(rule.stop_on):
        return True
    return bool(party_changed and rule.pause_parties) or bool(case.is_complex and rule.complex_amount)


def begun(rule: ClockRule, case: Case, now: datetime, ledger: Sequence[Segment] | None = None) -> Clock:
    """A clock of the rule on a case, from the moment its row names; not yet written."""
    started = now
    if rule.start_from == StartFrom.SUBMITTED:
        # what was missing came on a day of its own: before it nothing was there that could be accepted
        day = case.noted("received_on") or case.submitted_on
        started = now if timezone.localdate(now) == day else timezone.make_aware(datetime.combine(day, datetime.min.time()))
    if rule.start_from == StartFrom.KNOWN:
        started = timezone.make_aware(datetime.combine(case.noted("known_on"), datetime.min.time()))
    clock = Clock(case=case, rule=rule, started_at=started)
    set_times(clock, case, now, ledger)
    return clock


def set_times(clock: Clock, case: Case, now: datetime, ledger: Sequence[Segment] | None = None) -> None:
    found = reckon(clock, case, now, ledger)
    clock.due_at, clock.legal_due_on, clock.warn_at = found.due_at, found.legal_due_on, found.warn_at
    clock.paused = found.paused
    # also while paused: the sweep reckons a paused clock again before it raises it
    clock.next_at = level_at(clock, clock.level + 1)


def level_at(clock: Clock, level: int) -> datetime | None:
    """When a level comes: 1 at the warning, 2 at the due time, the rest working days later as the ladder says."""
    return level_of(clock.rule.kind, clock.warn_at, clock.due_at, level)


def level_of(kind: str, warn_at: datetime, due_at: datetime, level: int) -> datetime | None:
    """`level_at` of a clock that is no instance."""
    if level == 1:
        return warn_at
    if level == 2:
        return due_at
    for rung in _ladder.on(timezone.localdate()):
        if rung.kind == kind and rung.level == level:
            due_day = timezone.localdate(due_at - timedelta(microseconds=1))
            after = get_calendar().add_workdays(due_day, rung.after_workdays)
            return timezone.make_aware(datetime.combine(after + timedelta(days=1), datetime.min.time()))
    return None


def rung_of(clock: Clock, level: int) -> LadderStep | None:
    return next((r for r in _ladder.on(timezone.localdate()) if r.kind == clock.rule.kind and r.level == level), None)
