"""时效 arithmetic, pure: a limit, the custody segments and the working calendar give the due time and its explanation.

Days are days in China. The day of the start is not counted (C-01); a last day on a rest day stays for the insurer
(C-04), `legal_due_on` tells the next working day (民法典 203). While a pausing party holds the case the days d with
given < d ≤ returned are not counted (C-06): the day on which the customer gives the papers back is still the customer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from lifeops.workdays.arithmetic import CHINA

NATURAL_DAY, WORKING_DAY, WORKING_HOUR = "ND", "WD", "WH"
UNIT_WORDS = {NATURAL_DAY: "天", WORKING_DAY: "个工作日", WORKING_HOUR: "工作小时"}


class Calendar(Protocol):
    """What this module needs of a working calendar."""

    def is_workday(self, day: date) -> bool: ...
    def next_workday(self, day: date) -> date: ...
    def spans(self, day: date) -> list[tuple[datetime, datetime]]: ...


@dataclass(frozen=True)
class Segment:
    """In whose hands from `since` to `until` (None: still)."""

    party: str
    since: datetime
    until: datetime | None
    label: str = ""


@dataclass(frozen=True)
class Limit:
    """期限: `amount` of `unit` (ND, WD, WH), not counted while one of `pause_parties` holds the case."""

    amount: int
    unit: str
    pause_parties: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """One line of the explanation: who held it, how much was counted (days or hours) or why not."""

    label: str
    party: str
    since: datetime
    until: datetime | None
    counted: Decimal
    paused: bool
    text: str


@dataclass(frozen=True)
class Reckoning:
    """The clock worked out. `due_at` is 24:00 of `due_on` for days, the exact moment for hours."""

    due_on: date
    due_at: datetime
    legal_due_on: date
    warn_at: datetime
    paused: bool
    used: Decimal
    limit: Decimal
    unit: str
    rows: tuple[Row, ...]

    @property
    def unit_words(self) -> str:
        return UNIT_WORDS[self.unit]

    @property
    def left(self) -> Decimal:
        """What is left of the limit; negative when it is overrun."""
        return self.limit - self.used


def evaluate(
    limit: Limit,
    started_at: datetime,
    segments: Sequence[Segment],
    calendar: Calendar,
    now: datetime,
    stopped_at: datetime | None = None,
    warn_ratio: Decimal = Decimal("0.80"),
) -> Reckoning:
    """Work a clock out at `now`. An open pause counts as if it ended at `now`."""
    end = stopped_at or now
    paused = stopped_at is None and any(
        s.until is None and s.party in limit.pause_parties and s.since <= now for s in segments
    )
    if limit.unit == WORKING_HOUR:
        return _hours(limit, started_at, segments, calendar, now, end, paused, warn_ratio)
    return _days(limit, started_at, segments, calendar, now, end, paused, warn_ratio)


def pauses(limit: Limit, segments: Sequence[Segment], started_at: datetime, now: datetime) -> list[tuple[datetime, datetime]]:
    """Merged spans during which a pausing party held the case, after the start."""
    found: list[tuple[datetime, datetime]] = []
    for segment in sorted(segments, key=lambda s: s.since):
        if segment.party not in limit.pause_parties:
            continue
        since, until = max(segment.since, started_at), segment.until or max(now, segment.since)
        if until <= since:
            continue
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def local_day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def midnight_after(day: date) -> datetime:
    """24:00 of a day."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), CHINA)


def _days(
    limit: Limit, started_at: datetime, segments: Sequence[Segment], calendar: Calendar, now: datetime, end: datetime,
    paused: bool, warn_ratio: Decimal,
) -> Reckoning:
    working = limit.unit == WORKING_DAY
    off = [(local_day(a), local_day(b)) for a, b in pauses(limit, segments, started_at, now)]

    def counts(day: date) -> bool:
        if working and not calendar.is_workday(day):
            return False
        return not any(a < day <= b for a, b in off)

    start = local_day(started_at)
    warn_after = max(1, int((limit.amount * warn_ratio).to_integral_value(rounding="ROUND_CEILING")))
    day, count, warn_day = start, 0, None
    while count < limit.amount:
        day += timedelta(days=1)
        if counts(day):
            count += 1
            if count == warn_after:
                warn_day = day
    due_on = day
    # the warning comes in the morning of the day that reaches the ratio, and never after the due time
    warn_at = datetime.combine(warn_day or due_on, datetime.min.time(), CHINA) + timedelta(hours=9)
    last = local_day(end)
    used, walker = 0, start
    while walker < last:
        walker += timedelta(days=1)
        used += counts(walker)
    return Reckoning(
        due_on=due_on,
        due_at=midnight_after(due_on),
        legal_due_on=calendar.next_workday(due_on),
        warn_at=max(warn_at, started_at),
        paused=paused,
        used=Decimal(used),
        limit=Decimal(limit.amount),
        unit=limit.unit,
        rows=tuple(_day_rows(limit, started_at, segments, calendar, end, counts)),
    )


def _day_rows(
    limit: Limit, started_at: datetime, segments: Sequence[Segment], calendar: Calendar, end: datetime, counts: object
) -> list[Row]:
    """A day belongs to the segment that holds the case at its end; so the rows' sums make up `used`."""
    rows, start, last = [], local_day(started_at), local_day(end)
    ordered = [s for s in sorted(segments, key=lambda s: s.since) if (s.until or end) > started_at and s.since < end]
    for position, segment in enumerate(ordered):
        since = max(segment.since, started_at)
        until = segment.until if segment.until and segment.until < end else None
        low = start if position == 0 else local_day(since)
        high = last if until is None else local_day(until)
        holds = segment.party in limit.pause_parties
        days = 0
        walker = low
        while walker < high:
            walker += timedelta(days=1)
            days += counts(walker)  # type: ignore[operator]
        text = "由该方持有，不计时" if holds else f"计 {days} {UNIT_WORDS[limit.unit]}"
        rows.append(
            Row(segment.label or segment.party, segment.party, since, until, Decimal(days), holds, text)
        )
    return rows


def _hours(
    limit: Limit, started_at: datetime, segments: Sequence[Segment], calendar: Calendar, now: datetime, end: datetime,
    paused: bool, warn_ratio: Decimal,
) -> Reckoning:
    off = pauses(limit, segments, started_at, now)
    due_at = _run(timedelta(hours=limit.amount), started_at, off, calendar)
    warn_at = _run(timedelta(hours=float(limit.amount * warn_ratio)), started_at, off, calendar)
    used = _spent(started_at, end, off, calendar)
    rows = []
    for segment in sorted(segments, key=lambda s: s.since):
        since, until = max(segment.since, started_at), min(segment.until or end, end)
        if until <= since:
            continue
        holds = segment.party in limit.pause_parties
        spent = timedelta() if holds else _spent(since, until, off, calendar)
        hours = _as_hours(spent)
        text = "由该方持有，不计时" if holds else f"计 {hours} 工作小时"
        open_end = None if segment.until is None or segment.until > end else segment.until
        rows.append(Row(segment.label or segment.party, segment.party, since, open_end, hours, holds, text))
    due_on = local_day(due_at)
    return Reckoning(
        due_on=due_on,
        due_at=due_at,
        legal_due_on=calendar.next_workday(due_on),
        warn_at=warn_at,
        paused=paused,
        used=_as_hours(used),
        limit=Decimal(limit.amount),
        unit=limit.unit,
        rows=tuple(rows),
    )


def _as_hours(span: timedelta) -> Decimal:
    return (Decimal(int(span.total_seconds())) / 3600).quantize(Decimal("0.01"))


def _free(day: date, since: datetime, off: list[tuple[datetime, datetime]], calendar: Calendar) -> list[tuple[datetime, datetime]]:
    """Office time of a day after `since`, without the pauses."""
    pieces = [(max(a, since), b) for a, b in calendar.spans(day) if b > since]
    for start, stop in off:
        cut: list[tuple[datetime, datetime]] = []
        for a, b in pieces:
            if stop <= a or start >= b:
                cut.append((a, b))
                continue
            if a < start:
                cut.append((a, start))
            if stop < b:
                cut.append((stop, b))
        pieces = cut
    return pieces


def _run(amount: timedelta, since: datetime, off: list[tuple[datetime, datetime]], calendar: Calendar) -> datetime:
    left, day = amount, local_day(since)
    while True:
        for a, b in _free(day, since, off, calendar):
            if left <= b - a:
                return a + left
            left -= b - a
        day += timedelta(days=1)


def _spent(since: datetime, until: datetime, off: list[tuple[datetime, datetime]], calendar: Calendar) -> timedelta:
    total, day, last = timedelta(), local_day(since), local_day(until)
    while day <= last:
        for a, b in _free(day, since, off, calendar):
            total += max(timedelta(), min(b, until) - a)
        day += timedelta(days=1)
    return total
