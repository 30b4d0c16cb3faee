"""保单生命: which status may follow which, and what the next thing is that happens to a policy by date. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lifeops.policies.rules.dates import anniversary, grace_end, lapse_on

ONE_DAY = timedelta(days=1)
#: Statuses in which the company is on risk.
COVERED = ("in_force", "grace", "apl", "paid_up", "waived")
#: Statuses in which instalments fall due.
PAYING = ("in_force", "grace", "apl", "waived")


@dataclass(frozen=True)
class Move:
    """One allowed change of status: what it is called and who makes it (job, case or both)."""

    label: str
    by: tuple[str, ...]


_JOB, _CASE, _BOTH = ("job",), ("case", "desk"), ("job", "case", "desk")
#: The machine (facts 1.4, 3.5): (from, to) → move. What is not here is refused. "" is before the policy took effect.
MOVES: dict[tuple[str, str], Move] = {
    ("", "in_force"): Move("承保", _CASE),
    ("in_force", "grace"): Move("进入宽限期", _BOTH),
    ("apl", "grace"): Move("垫交后再进入宽限期", _JOB),
    ("grace", "in_force"): Move("宽限期内交费", _CASE),
    ("grace", "apl"): Move("自动垫交", _BOTH),
    ("apl", "in_force"): Move("还清垫交", _CASE),
    ("in_force", "apl"): Move("自动垫交", _BOTH),
    ("grace", "lapsed"): Move("宽限期满未交费", _BOTH),
    ("in_force", "lapsed"): Move("效力中止", _BOTH),
    ("apl", "lapsed"): Move("欠款超过现金价值", _BOTH),
    ("paid_up", "lapsed"): Move("欠款超过现金价值", _BOTH),
    ("waived", "lapsed"): Move("欠款超过现金价值", _BOTH),
    ("lapsed", "in_force"): Move("复效", _CASE),
    ("in_force", "paid_up"): Move("减额交清", _CASE),
    ("grace", "paid_up"): Move("减额交清", _CASE),
    ("apl", "paid_up"): Move("减额交清", _CASE),
    ("in_force", "waived"): Move("豁免保险费", _CASE),
    ("apl", "waived"): Move("豁免保险费", _CASE),
    ("waived", "in_force"): Move("豁免终止", _CASE),
    ("terminated", "in_force"): Move("撤销终止", ("correction",)),
}
#: Way of ending → the statuses it may end, and who ends it.
ENDINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cooling_off": (("in_force", "grace"), _CASE),
    "surrender": ((*COVERED, "lapsed"), _CASE),
    "rescission": ((*COVERED, "lapsed"), _CASE),
    "void": ((*COVERED, "lapsed"), _CASE),
    "claim": ((*COVERED, "lapsed"), _CASE),
    "maturity": (COVERED, _BOTH),
    "expiry": ((*COVERED, "lapsed"), _BOTH),
    "other": ((*COVERED, "lapsed"), _CASE),
}
#: Causes in words, as papers write them → way of ending.
ENDING_OF = {
    "犹豫期撤单": "cooling_off", "退保": "surrender", "解约": "rescission", "公司解约": "rescission", "合同无效": "void",
    "身故给付": "claim", "身故退还现金价值": "claim", "理赔终止": "claim", "满期": "maturity", "保险期间届满": "expiry",
}


def may_move(before: str, after: str, *, by: str = "", ending: str = "") -> bool:
    """True where the machine knows the change; `by` narrows it to a cause, a correction may make every known change."""
    if after == "terminated":
        froms, who = ENDINGS.get(ending or "other", ((), ()))
        return before in froms and (not by or by in who or by == "correction")
    move = MOVES.get((before, after))
    return move is not None and (not by or by in move.by or by == "correction")


class StepKind(StrEnum):
    """What the day run does. The order is the order within one day: what ends cover comes before what continues it."""

    MATURITY = "maturity"
    GRACE_END = "grace_end"
    OVERTAKEN = "overtaken"
    RIDER_END = "rider_end"
    LOAN_TERM = "loan_term"
    ANNIVERSARY = "anniversary"
    DIVIDEND = "dividend"
    DUE = "due"
    GRACE = "grace"
    NOTICE = "notice"
    WINDOW_OVER = "window_over"


ORDER = {kind: n for n, kind in enumerate(StepKind)}


@dataclass(frozen=True)
class Step:
    on: date
    kind: StepKind


@dataclass(frozen=True, kw_only=True)
class LifeFacts:
    """A policy as the day run sees it. `open_due` is the instalment written as receivable and not settled; `expires_on`
    and `rider_ends` are last days of cover; `notice_due` and `window_end` are last days, acted on the day after."""

    status: str
    effective_on: date
    grace_days: int
    paid_to: date | None = None
    open_due: date | None = None
    years_done: int = 0
    expires_on: date | None = None
    rider_ends: date | None = None
    notice_due: date | None = None
    window_end: date | None = None
    loan_due: date | None = None
    overtaken_on: date | None = None
    dividend_on: date | None = None


def next_step(f: LifeFacts) -> Step | None:
    """The earliest thing that is still to happen; None for a contract that has ended."""
    steps = _steps(f)
    return min(steps, key=lambda s: (s.on, ORDER[s.kind])) if steps else None


def _steps(f: LifeFacts) -> list[Step]:
    if f.status in ("", "terminated"):
        return []
    steps = [Step(anniversary(f.effective_on, f.years_done + 1), StepKind.ANNIVERSARY)]
    for day, kind in ((f.expires_on, StepKind.MATURITY), (f.rider_ends, StepKind.RIDER_END),
                      (f.notice_due, StepKind.NOTICE)):
        if day is not None:
            steps.append(Step(day + ONE_DAY, kind))
    if f.loan_due is not None:
        steps.append(Step(f.loan_due, StepKind.LOAN_TERM))
    if f.dividend_on is not None:
        steps.append(Step(f.dividend_on, StepKind.DIVIDEND))
    if f.status in COVERED and f.overtaken_on is not None:
        steps.append(Step(f.overtaken_on, StepKind.OVERTAKEN))
    if f.status == "lapsed" and f.window_end is not None:
        steps.append(Step(f.window_end + ONE_DAY, StepKind.WINDOW_OVER))
    if f.status in PAYING and f.paid_to is not None:
        steps.append(_premium_step(f, f.paid_to))
    return steps


def _premium_step(f: LifeFacts, due: date) -> Step:
    if f.open_due != due:
        return Step(due, StepKind.DUE)
    if f.status != "grace":
        return Step(due + ONE_DAY, StepKind.GRACE)
    return Step(lapse_on(due, f.grace_days), StepKind.GRACE_END)


def first_day(test: Callable[[date], bool], start: date, end: date) -> date | None:
    """First day in start..end on which `test` holds, for a test that stays true once it is; None if it never does."""
    if start > end or not test(end):
        return None
    while start < end:
        middle = start + (end - start) // 2
        start, end = (start, middle) if test(middle) else (middle + ONE_DAY, end)
    return start


def overtaken_from(
    excess: Callable[[date], bool], *, effective_on: date, years_done: int, start: date, end: date
) -> date | None:
    """First day on which debts reach the value. Value and interest are straight between two anniversaries, so within a
    policy year the two cross at most once and each year is searched by itself."""
    begin, year = start, years_done
    while begin <= end:
        last = min(end, anniversary(effective_on, year + 1) - ONE_DAY)
        if begin <= last:
            if excess(begin):
                return begin
            if (found := first_day(excess, begin, last)) is not None:
                return found
            begin = last + ONE_DAY
        year += 1
    return None


__all__ = [
    "COVERED", "ENDINGS", "ENDING_OF", "MOVES", "ORDER", "PAYING", "LifeFacts", "Move", "Step", "StepKind", "first_day",
    "grace_end", "may_move", "next_step", "overtaken_from",
]
