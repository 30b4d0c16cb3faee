"""日期: ages, anniversaries, 犹豫期, 宽限期, 等待期 (facts C-01, C-05, C-07, C-08; section 3.5). Pure."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

REINSTATEMENT_YEARS = 2
#: Months between two instalments; a single premium has no next one.
MONTHS = {"annual": 12, "semiannual": 6, "quarterly": 3, "monthly": 1}


def add_months(day: date, months: int) -> date:
    """The corresponding day `months` later; where there is none, the last day of that month (C-07)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    return add_months(day, years * 12)


def age_on(birth_date: date, day: date) -> int:
    """周岁: completed years; a person becomes n on the n-th birthday itself (C-08). Negative before birth."""
    years = day.year - birth_date.year
    return years if day >= add_years(birth_date, years) else years - 1


class Capacity(StrEnum):
    """民事行为能力 by age alone (民法典 17 to 20): under 8 none, 8 to 17 limited, from 18 full."""

    NONE = "none"
    LIMITED = "limited"
    FULL = "full"


def civil_capacity(age: int) -> Capacity:
    if age < 8:
        return Capacity.NONE
    return Capacity.LIMITED if age < 18 else Capacity.FULL


def anniversary(effective_on: date, year: int) -> date:
    """保单周年日 after `year` completed years; year 0 is the effective day."""
    return add_years(effective_on, year)


def years_completed(effective_on: date, day: date) -> int:
    """Full policy years gone by on `day`; 0 in the first year and before it."""
    return max(0, age_on(effective_on, day))


def policy_year(effective_on: date, day: date) -> int:
    """保单年度, from 1."""
    return years_completed(effective_on, day) + 1


def due_date(effective_on: date, pay_mode: str, instalment: int) -> date:
    """应交日 of an instalment counted from 0; reckoned from the effective day so that month ends do not drift."""
    return add_months(effective_on, MONTHS[pay_mode] * instalment)


def term_years(term: str, age: int, start_age: int | None = None) -> int | None:
    """Years of a term code at entry age: "20Y" → 20, "TO_70" → 70 − age, "SINGLE" → 1, "WHOLE_LIFE" → None. "TO_ANNUITY_START"
    goes by the 领取年龄 agreed, `start_age`."""
    if term == "TO_ANNUITY_START":
        return max(1, (start_age or age) - age)
    if term == "WHOLE_LIFE":
        return None
    if term == "SINGLE":
        return 1
    if term.startswith("TO_"):
        return int(term[3:]) - age
    return int(term.removesuffix("Y"))


def term_label(term: str) -> str:
    """Chinese wording of a term code, for papers and forms."""
    if term == "WHOLE_LIFE":
        return "终身"
    if term == "SINGLE":
        return "趸交"
    if term == "TO_ANNUITY_START":
        return "至领取年龄"
    if term.startswith("TO_"):
        return f"至{term[3:]}周岁"
    return f"{term.removesuffix('Y')}年"


def last_cover_day(effective_on: date, cover_term: str, entry_age: int) -> date | None:
    """满期日: the last day on which cover holds (to 24:00); None for whole life."""
    years = term_years(cover_term, entry_age)
    return None if years is None else add_years(effective_on, years) - timedelta(days=1)


def instalments(pay_term: str, pay_mode: str, entry_age: int, start_age: int | None = None) -> int:
    """How many premiums are due over the whole payment term."""
    if pay_term == "SINGLE" or pay_mode == "single":
        return 1
    return (term_years(pay_term, entry_age, start_age) or 1) * 12 // MONTHS[pay_mode]


def roll_forward(day: date, is_workday: Callable[[date], bool]) -> date:
    """First working day on or after `day`."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def cooling_off_end(delivered_on: date, days: int, is_workday: Callable[[date], bool]) -> date:
    """Last day of 犹豫期: `days` natural days from the sign-off, which is not counted (C-01); a period of the customer
    that ends on a rest day runs to the next working day (C-05)."""
    return roll_forward(delivered_on + timedelta(days=days), is_workday)


def grace_end(due_on: date, grace_days: int) -> date:
    """Last day of 宽限期: the day after the due date is the first (facts 3.5, 保险法 36)."""
    return due_on + timedelta(days=grace_days)


def lapse_on(due_on: date, grace_days: int) -> date:
    """First suspended day."""
    return grace_end(due_on, grace_days) + timedelta(days=1)


def reinstatement_end(lapsed_on: date, is_workday: Callable[[date], bool], years: int = REINSTATEMENT_YEARS) -> date:
    """Last day to apply for 复效: two years from the suspension unless the terms give more, rolled forward (保险法 37, C-05)."""
    return roll_forward(add_years(lapsed_on, max(REINSTATEMENT_YEARS, years)), is_workday)


class PremiumState(StrEnum):
    """Where the premium stands on a day."""

    PAID = "paid"
    IN_GRACE = "in_grace"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class PremiumStanding:
    """`due_on` is the unpaid due date, None when nothing is open."""

    state: PremiumState
    due_on: date | None = None
    grace_end: date | None = None


def premium_standing(paid_to: date | None, day: date, grace_days: int) -> PremiumStanding:
    """Standing of a policy whose next due date is `paid_to` (None: all paid). The due date itself is still paid time."""
    if paid_to is None or day <= paid_to:
        return PremiumStanding(PremiumState.PAID)
    last = grace_end(paid_to, grace_days)
    state = PremiumState.IN_GRACE if day <= last else PremiumState.LAPSED
    return PremiumStanding(state, paid_to, last)


def within_years(start: date, day: date, years: int) -> bool:
    """True on or before the corresponding day `years` later: "自…之日起二年内", the start day not counted (C-01, C-07)."""
    return day <= add_years(start, years)


def suicide_excluded(*, since: date, died_on: date, years: int, had_capacity: bool = True) -> bool:
    """保险法 44: suicide within two years from establishment or reinstatement is not covered, unless the insured had no
    civil capacity. `since` is the later of the two days."""
    return had_capacity and within_years(since, died_on, years)


def in_waiting_period(*, effective_on: date, day: date, waiting_days: int, accident: bool = False) -> bool:
    """等待期: illness within `waiting_days` of the effective day; accidents have no waiting period."""
    return not accident and waiting_days > 0 and day <= effective_on + timedelta(days=waiting_days)


def rescission_deadline(*, established_on: date, known_on: date) -> date:
    """Last day on which the insurer may rescind for non-disclosure (保险法 16 ¶3): 30 days after it knew, and never
    later than two years after establishment. Both periods run strictly (C-04)."""
    return min(known_on + timedelta(days=30), add_years(established_on, 2))
