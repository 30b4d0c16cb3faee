"""现金价值、退保金、贷款利息 (facts section 6: M-02, M-03, M-04, M-06). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lifeops.policies.rules.dates import add_years, anniversary, years_completed
from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, not_below_zero, plain, yuan

#: Upper bound of the expense share in a one-year premium (精算规定 7, facts M-03).
ONE_YEAR_EXPENSE = Decimal("0.35")

BONUS_VALUE = "累积红利保险金额的现金价值"


def nothing() -> Decimal:
    return ZERO


@dataclass(frozen=True, kw_only=True)
class CashValues:
    """Year-end cash values per `base` of sum assured, or of premium where the table says so: `of` names it and
    `sum_assured` then is that premium. `year_ends[0]` belongs to the end of policy year 1. `basis` says by what convention
    the table was chosen, where it is not the one of the contract as sold. `bonus`: those of the bonus sum beside it. `at_end`: what falls
    due in 元 as the term ends; the table leaves it out of its last year-end, which is 0, so that the value of the last year runs up to it."""

    effective_on: date
    sum_assured: Decimal
    year_ends: Sequence[Decimal]
    base: Decimal = Decimal(1000)
    of: str = "保额"
    basis: str = ""
    bonus: CashValues | None = None
    at_end: Callable[[], Decimal] = field(default=nothing, compare=False)

    def at_year_end(self, year: int) -> Decimal:
        """Value per base after `year` completed years. CV₀ = 0; past the end of the table the last value stands."""
        if year <= 0 or not self.year_ends:
            return ZERO
        return self.year_ends[min(year, len(self.year_ends)) - 1]


def cash_value(values: CashValues, day: date, *, label: str = "现金价值") -> Calculation:
    """Cash value on `day` in 元: linear by days between two policy anniversaries (M-02), that of the bonus sum on its own line. In the last
    year of the table towards its year-end and what falls due with it."""
    year = years_completed(values.effective_on, day)
    start, end = anniversary(values.effective_on, year), anniversary(values.effective_on, year + 1)
    before, after = values.at_year_end(year), values.at_year_end(year + 1)
    gone, whole = max(0, (day - start).days), (end - start).days
    due = values.at_end() if year + 1 == len(values.year_ends) else ZERO
    per_base = before + (after - before) * gone / whole
    amount = money(max(Decimal(0), per_base * values.sum_assured / values.base + due * gone / whole))
    formula = (
        f"第 {year} 年末 {plain(before)}，第 {year + 1} 年末 {plain(after)}（每 {plain(values.base)} 元{values.of}）；"
        f"[{plain(before)} + ({plain(after)} − {plain(before)}) × {gone}/{whole}] × {yuan(values.sum_assured)} ÷ "
        f"{plain(values.base)}"
    ) + (f" + 期满应付 {yuan(due)} × {gone}/{whole}" if due else "") + (f"（{values.basis}）" if values.basis else "")
    lines = [Line(label=label, formula=formula, value=amount)]
    if values.bonus is not None:
        lines += cash_value(values.bonus, day, label=BONUS_VALUE).lines
    return Calculation.of(lines)


def valued_on(paid_to: date | None, day: date) -> date:
    """The day to which cash values count: with a premium open, the last paid-to date (M-04)."""
    return paid_to if paid_to is not None and paid_to < day else day


def unearned_premium(
    *,
    premium: Decimal,
    effective_on: date,
    day: date,
    years: int = 1,
    until: date | None = None,
    expense: Decimal = ONE_YEAR_EXPENSE,
    label: str = "未满期净保费",
) -> Calculation:
    """Refund of a policy of at most one year (M-03): net premium for the days left; on the first day all of it.

    The day of termination counts as used. `until`: last day of cover, for terms in days.
    """
    if day <= effective_on:
        line = Line(label=label, formula="生效首日解除，全额退还", value=money(premium))
        return Calculation.of([line])
    total = (until - effective_on).days + 1 if until else (add_years(effective_on, years) - effective_on).days
    left = max(0, total - (day - effective_on).days - 1)
    amount = money(premium * (1 - expense) * left / total)
    formula = f"保费 {yuan(premium)} × (1 − {plain(expense * 100)}%) × 剩余 {left} 天 ÷ {total} 天"
    return Calculation.of([Line(label=label, formula=formula, value=amount)])


@dataclass(frozen=True, kw_only=True)
class Debt:
    """A loan on the policy: 借款 or 自动垫交. `since` is the first day that bears interest."""

    label: str
    principal: Decimal
    rate: Decimal
    since: date


def interest(debt: Debt, until: date) -> Decimal:
    """Simple interest, actual/365, first day included and `until` excluded (M-06), in 元."""
    days = max(0, (until - debt.since).days)
    return money(debt.principal * debt.rate * days / 365)


def debt_lines(debts: Sequence[Debt], until: date) -> list[Line]:
    """Principal and interest of each debt as deductions."""
    lines: list[Line] = []
    for debt in debts:
        days = max(0, (until - debt.since).days)
        formula = f"{yuan(debt.principal)} × {plain(debt.rate * 100)}% × {days} 天 ÷ 365"
        lines.append(Line(label=f"减：{debt.label}本金", formula="", value=-money(debt.principal)))
        lines.append(Line(label=f"减：{debt.label}利息", formula=formula, value=-interest(debt, until)))
    return lines


def surrender_payout(
    *,
    values: Sequence[Calculation],
    day: date,
    debts: Sequence[Debt] = (),
    other_debts: Decimal = ZERO,
    dividends: Decimal = ZERO,
    suspense: Decimal = ZERO,
) -> Calculation:
    """退保金 (M-04): cash values less debts, plus dividends and overpaid premium, never below zero.

    The caller values the coverages at the day or, in 宽限期 with a premium open, at the last paid-to date.
    """
    lines = [line for value in values for line in value.lines]
    lines += debt_lines(debts, day)
    if other_debts:
        lines.append(Line(label="减：其他欠款", value=-money(other_debts)))
    if dividends:
        lines.append(Line(label="加：累积红利", value=money(dividends)))
    if suspense:
        lines.append(Line(label="加：溢缴保费", value=money(suspense)))
    return not_below_zero(lines, "欠款超过现金价值部分")


def loan_limit(*, value: Decimal, ratio: Decimal, debts: Sequence[Debt], day: date) -> Calculation:
    """Most that may still be lent (M-05): `ratio` × cash value less what is owed."""
    lines = [Line(label="可贷上限", formula=f"{yuan(value)} × {plain(ratio * 100)}%", value=money(value * ratio))]
    return not_below_zero([*lines, *debt_lines(debts, day)], "已借款超过上限部分")
