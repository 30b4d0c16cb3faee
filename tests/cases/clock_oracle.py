"""A second way to the clocks' answers, written from facts.md alone: whole numbers, one day or one minute at a time.

It shares nothing with the code it judges: its calendar is the published list of 2026 (facts 3.13) as text, a moment is
a count of minutes, a day is a count of days, and pausing is looked up per day or minute instead of being cut out.
"""

from __future__ import annotations

REST = (
    "0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007"  # 放假
)
MAKE_UP = "0104 0214 0228 0509 0920 1010"  # 调休上班
MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
THURSDAY_FIRST = 3  # 2026-01-01 is a Thursday; Monday is 0
DAY = 1440


def ordinal(mmdd: str) -> int:
    """Day of 2026, counted from 0 on 1 January."""
    return sum(MONTHS[: int(mmdd[:2]) - 1]) + int(mmdd[2:]) - 1


RESTING = {
    day
    for block in REST.split()
    for day in range(ordinal(block.split("-")[0]), ordinal(block.split("-")[1]) + 1)
}
WORKING = {ordinal(day) for day in MAKE_UP.split()}


def works(day: int) -> bool:
    if day in WORKING:
        return True
    if day in RESTING:
        return False
    return (day + THURSDAY_FIRST) % 7 not in (5, 6)


def in_office(minute: int) -> bool:
    """Is the minute that begins here office time?"""
    clock = minute % DAY
    return works(minute // DAY) and (540 <= clock < 720 or 810 <= clock < 1050)


def handed_back(ledger: list[tuple[str, int]], at: int, end: int) -> int:
    """When the pause that begins with entry `at` of the ledger ended; an open one ends at `end`."""
    return min(ledger[at + 1][1], end) if at + 1 < len(ledger) else end


def stopped_days(ledger: list[tuple[str, int]], pausing: set[str], start: int, end: int) -> set[int]:
    """Every day d with notice_arrived < d ≤ material_arrived, spelled out (C-06)."""
    days: set[int] = set()
    for at, (party, arrived) in enumerate(ledger):
        if party not in pausing or arrived >= end:
            continue
        arrived, back = max(arrived, start), handed_back(ledger, at, end)
        day = arrived // DAY
        while day < back // DAY:
            day += 1
            days.add(day)
    return days


def days_answer(
    amount: int, unit: str, ledger: list[tuple[str, int]], pausing: set[str], start: int, end: int
) -> tuple[int, int, int]:
    """(due day, next working day from it, days used up to `end`). `ledger`: (party, minute it came into its hands)."""
    stopped = stopped_days(ledger, pausing, start, end)
    due, left, used = start // DAY, amount, 0
    day = start // DAY
    while left or day < end // DAY:
        day += 1
        if day in stopped:
            continue
        if unit == "WD" and not works(day):
            continue
        if left:
            left -= 1
            due = day
        if day <= end // DAY:
            used += 1
    rolled = due
    while not works(rolled):
        rolled += 1
    return due, rolled, used


def hours_answer(
    hours: int, ledger: list[tuple[str, int]], pausing: set[str], start: int, end: int
) -> tuple[int, int]:
    """(due minute, office minutes used up to `end`), by looking at every minute. The ledger begins by `start`."""
    left, used, due, minute, entry = hours * 60, 0, start, start, 0
    while left or minute < end:
        while entry + 1 < len(ledger) and ledger[entry + 1][1] <= minute:
            entry += 1
        running = minute >= end or ledger[entry][0] not in pausing
        if running and in_office(minute):
            if left:
                left -= 1
                due = minute + 1
            if minute < end:
                used += 1
        minute += 1
    return due, used
