"""补正期限: how long a case that was sent back waits for what is missing. A clock like any other, so its days are a rule."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from lifeops.cases import clocks
from lifeops.cases.models import Case, Clock

#: Code of the rule (时效规则).
CODE = "IN_CORRECT"


def ends_at(case: Case, since: datetime, now: datetime) -> datetime | None:
    """The end of the period that began when the case was sent back at `since`: 24:00 of its last day. None where no rule
    sets one."""
    clock = case.clocks.filter(rule__code=CODE, started_at=since).select_related("rule").first()
    if clock is not None:
        return clock.due_at
    # sent back before there was a rule: it counts as the rule of that day would have had it
    day = timezone.localdate(since)
    rule = next((row for row in clocks.rules() if row.code == CODE and row.applies_to(case, day)), None)
    return None if rule is None else clocks.reckon(Clock(case=case, rule=rule, started_at=since), case, now, ()).due_at


def last_day(case: Case, since: datetime, now: datetime) -> date | None:
    """`ends_at` as the day that a paper names."""
    end = ends_at(case, since, now)
    return None if end is None else timezone.localdate(end - timedelta(microseconds=1))
