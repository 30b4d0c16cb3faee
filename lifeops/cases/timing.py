"""时效 arithmetic, pure: a limit, the custody segments and the working calendar give the due time and its explanation.

Days are days in China. The day of the start is not counted (C-01); a last day on a rest day stays for the insurer
(C-04), `legal_due_on` tells the next working day (民法典 203). While a pausing party holds the case the days d with
given < d ≤ returned are not counted (C-06): the day on which the customer gives the papers back is still the customer's.
In other words a day belongs to whoever held the case as the day began. Longer explanation: docs/clocks.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol

from lifeops.workdays.arithmetic import CHINA

NATURAL_DAY, WORKING_DAY, WORKING_HOUR = "ND", "WD", "WH"
UNIT_WORDS = {NATURAL_DAY: "天", WORKING_DAY: "个工作日", WORKING_HOUR: "工作小时"}
WARN_HOUR = time(9, 0)
CENT = Decimal("0.01")


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
    """期限: `amount` (1 or more) of `unit` (ND, WD, WH), not counted while one of `pause_parties` holds the case."""

    amount: int
    unit: str
    pause_parties: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.amount < 1 or self.unit not in UNIT_WORDS:
            raise ValueError(f"Limit({self.amount}, {self.unit!r})")


@dataclass(frozen=True)
class Row:
    """One line of the explanation: who held it, how much was counted (days or hours) or why not.

    `until` is None while that party still holds the case and the clock runs.
    """

    label: str
    party: str
    since: datetime
    until: datetime | None
    counted: Decimal
    paused: bool
    text: str


@dataclass(frozen=True)
class Reckoning:
    """The clock worked out. `due_at` is 24:00 of `due_on` for days, the exact moment for hours.

    `used` is the sum of `counted` over `rows`; it goes up to the stop, or to now, and may exceed the limit.
    """

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


@dataclass(frozen=True)
class _Slice:
    """A piece of the time from start to end: the slices of a clock touch each other and leave no gap."""

    party: str
    label: str
    since: datetime
    until: datetime
    is_open: bool
    pauses: bool


def evaluate(
    limit: Limit,
    started_at: datetime,
    segments: Sequence[Segment],
    calendar: Calendar,
    now: datetime,
    stopped_at: datetime | None = None,
    warn_ratio: Decimal = Decimal("0.80"),
) -> Reckoning:
    """Work a clock out at `now`, or as it stood when it stopped. An open pause counts as if it ended at that moment."""
    end = now if stopped_at is None else stopped_at
    slices = _slices(limit, started_at, segments, end, stopped_at is not None)
    held = stopped_at is None and any(
        s.party in limit.pause_parties and s.since <= now and (s.until is None or s.until > now) for s in segments
    )
    if limit.unit == WORKING_HOUR:
        due_at, warn_at, rows = _hours(limit, started_at, slices, calendar, warn_ratio)
        due_on = local_day(due_at)
    else:
        due_on, warn_at, rows = _days(limit, started_at, slices, calendar, warn_ratio)
        due_at = midnight_after(due_on)
    return Reckoning(
        due_on=due_on,
        due_at=due_at,
        legal_due_on=calendar.next_workday(due_on),
        warn_at=warn_at,
        # who holds the case after the limit has run out pauses nothing: the clock is late
        paused=held and due_at > now,
        used=sum((row.counted for row in rows), Decimal(0)),
        limit=Decimal(limit.amount),
        unit=limit.unit,
        rows=tuple(rows),
    )


def local_day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def midnight_after(day: date) -> datetime:
    """24:00 of a day."""
    return datetime.combine(day + timedelta(days=1), time.min, CHINA)


def end_words(moment: datetime) -> str:
    """When a period ends, as it is read: 24:00 of its last day (CIV203), never 00:00 of the day after."""
    at = moment.astimezone(CHINA)
    return f"{at.date() - timedelta(days=1)} 24:00" if at.time() == time.min else f"{at:%Y-%m-%d %H:%M}"


def _slices(
    limit: Limit, started_at: datetime, segments: Sequence[Segment], end: datetime, stopped: bool
) -> list[_Slice]:
    """The ledger between start and end. Time that no segment covers runs: a gap must not lengthen a period."""
    found: list[_Slice] = []
    at = started_at
    for segment in sorted(segments, key=lambda s: s.since):
        since, until = max(segment.since, at), min(segment.until or end, end)
        if until <= since:
            continue
        if since > at:
            found.append(_Slice("", "无交接记录", at, since, False, False))
        still = not stopped and (segment.until is None or segment.until > end)
        pauses = segment.party in limit.pause_parties
        found.append(_Slice(segment.party, segment.label or segment.party, since, until, still, pauses))
        at = until
    if at < end:
        found.append(_Slice("", "无交接记录", at, end, not stopped, False))
    return found


def _row(piece: _Slice, counted: Decimal, text: str) -> Row:
    until = None if piece.is_open else piece.until
    return Row(piece.label, piece.party, piece.since, until, counted, piece.pauses, text)


def _days(
    limit: Limit, started_at: datetime, slices: list[_Slice], calendar: Calendar, warn_ratio: Decimal
) -> tuple[date, datetime, list[Row]]:
    """Due day, warning (the morning of the day that reaches the ratio) and the rows."""
    working, words = limit.unit == WORKING_DAY, UNIT_WORDS[limit.unit]
    off = [(local_day(s.since), local_day(s.until)) for s in slices if s.pauses]
    first = local_day(started_at)
    warn_after = max(1, int((limit.amount * warn_ratio).to_integral_value(rounding="ROUND_CEILING")))

    day, count, warn_day = first, 0, None
    while count < limit.amount:
        day += timedelta(days=1)
        if (working and not calendar.is_workday(day)) or any(given < day <= back for given, back in off):
            continue
        count += 1
        if count == warn_after:
            warn_day = day

    rows = []
    for position, piece in enumerate(slices):
        low, high = local_day(piece.since), local_day(piece.until)
        days = [low + timedelta(days=n) for n in range(1, (high - low).days + 1)]
        rests = sum(not calendar.is_workday(d) for d in days) if working else 0
        units = len(days) - rests
        aside = f"，另有 {rests} 个休息日" if rests else ""
        if piece.pauses:
            rows.append(_row(piece, Decimal(0), f"由该方持有，不计时（{units} {words}{aside}）"))
        else:
            begun = "；起算当日不计" if position == 0 else ""
            rows.append(_row(piece, Decimal(units), f"计 {units} {words}{aside}{begun}"))
    return day, datetime.combine(warn_day or day, WARN_HOUR, CHINA), rows


def _hours(
    limit: Limit, started_at: datetime, slices: list[_Slice], calendar: Calendar, warn_ratio: Decimal
) -> tuple[datetime, datetime, list[Row]]:
    """Due moment, warning and the rows. A pause stops office time at the minute, not by whole days."""
    off = [(s.since, s.until) for s in slices if s.pauses]
    whole = timedelta(hours=limit.amount)
    due_at = _run(whole, started_at, off, calendar)
    part = timedelta(seconds=int(limit.amount * 3600 * warn_ratio))
    warn_at = min(due_at, _run(part, started_at, off, calendar))

    rows, total, shown = [], timedelta(), Decimal(0)
    for piece in slices:
        spent = _spent(piece.since, piece.until, calendar)
        if piece.pauses:
            rows.append(_row(piece, Decimal(0), f"由该方持有，不计时（{_as_hours(spent)} 工作小时）"))
            continue
        total += spent
        # rounded on the running total, so that the lines add up to what is shown as used
        counted = _as_hours(total) - shown
        shown += counted
        rows.append(_row(piece, counted, f"计 {counted} 工作小时"))
    return due_at, warn_at, rows


def _as_hours(span: timedelta) -> Decimal:
    return (Decimal(int(span.total_seconds())) / 3600).quantize(CENT)


def _run(
    amount: timedelta, since: datetime, off: list[tuple[datetime, datetime]], calendar: Calendar
) -> datetime:
    """The moment at which `amount` of office time outside the pauses has passed."""
    left, day = amount, local_day(since)
    while True:
        for begin, end in calendar.spans(day):
            at = max(begin, since)
            for given, back in off:
                if given >= end or back <= at:
                    continue
                if given > at:
                    if left <= given - at:
                        return (at + left).astimezone(CHINA)
                    left -= given - at
                at = back
            if at < end:
                if left <= end - at:
                    return (at + left).astimezone(CHINA)
                left -= end - at
        day += timedelta(days=1)


def _spent(since: datetime, until: datetime, calendar: Calendar) -> timedelta:
    """Office time between two moments."""
    total, day, last = timedelta(), local_day(since), local_day(until)
    while day <= last:
        for begin, end in calendar.spans(day):
            total += max(timedelta(), min(end, until) - max(begin, since))
        day += timedelta(days=1)
    return total
