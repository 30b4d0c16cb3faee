"""保费: rate × sum × modal factor, and the loading (facts 2.1 check 7, 4.4). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, plain, yuan


@dataclass(frozen=True, kw_only=True)
class RateBasis:
    """A cell of the rate table. `measure` says its direction:

    "premium": yearly premium per `base` of sum; "sum": sum bought by `base` of yearly premium; "flat": yearly premium
    of the plan, whatever the sum.
    """

    value: Decimal
    measure: str = "premium"
    base: Decimal = Decimal(1000)


@dataclass(frozen=True, kw_only=True)
class Loading:
    """加费: `ratio` of the standard premium (0.5 = +50 %) and/or `per_mille` of the sum a year."""

    ratio: Decimal = Decimal(0)
    per_mille: Decimal = Decimal(0)

    @property
    def is_none(self) -> bool:
        return not self.ratio and not self.per_mille


@dataclass(frozen=True, kw_only=True)
class Premium:
    """One instalment in 元: standard part, loading, and the calculation over both."""

    standard: Decimal
    extra: Decimal
    calculation: Calculation

    @property
    def total(self) -> Decimal:
        return self.calculation.amount


def yearly_premium(rate: RateBasis, sum_assured: Decimal) -> Decimal:
    """Standard yearly premium, unrounded (C-09: round only what is published)."""
    if rate.measure == "flat":
        return rate.value
    if rate.measure == "sum":
        return sum_assured / rate.value * rate.base
    return sum_assured / rate.base * rate.value


def instalment(
    *, rate: RateBasis, sum_assured: Decimal, modal_factor: Decimal, loading: Loading | None = None, name: str = ""
) -> Premium:
    """Premium of one instalment. Both parts are rounded, their sum is what the customer pays."""
    loading = loading or Loading()
    yearly = yearly_premium(rate, sum_assured)
    standard = money(yearly * modal_factor)
    prefix = f"{name} " if name else ""
    lines = [
        Line(label=f"{prefix}标准保费", formula=_formula(rate, sum_assured, modal_factor), value=standard),
    ]
    extra = ZERO
    if not loading.is_none:
        extra = money((yearly * loading.ratio + sum_assured / 1000 * loading.per_mille) * modal_factor)
        parts = []
        if loading.ratio:
            parts.append(f"标准保费 × {plain(loading.ratio * 100)}%")
        if loading.per_mille:
            parts.append(f"保额 {yuan(sum_assured)} × {plain(loading.per_mille)}‰ × {plain(modal_factor)}")
        lines.append(Line(label=f"{prefix}加费", formula=" + ".join(parts), value=extra))
    return Premium(standard=standard, extra=extra, calculation=Calculation.of(lines))


def sum_for(
    *, rate: RateBasis, premium: Decimal, modal_factor: Decimal, loading: Loading | None = None
) -> tuple[Decimal, Decimal]:
    """(sum bought by one instalment, the loading in it), in 元. The inverse of `instalment`, rounded once each."""
    loading = loading or Loading()
    per_one = rate.base / rate.value if rate.measure == "sum" else rate.value / rate.base
    extra_per_one = per_one * loading.ratio + loading.per_mille / 1000
    if rate.measure == "sum" and loading.is_none:
        # whole before parts: 10,000 ÷ 1,000 × 7,822 is exact, 10,000 ÷ (1,000 ÷ 7,822) is not
        unrounded = premium / modal_factor / rate.base * rate.value
    else:
        unrounded = premium / modal_factor / (per_one + extra_per_one)
    return money(unrounded), money(unrounded * extra_per_one * modal_factor)


def _formula(rate: RateBasis, sum_assured: Decimal, modal_factor: Decimal) -> str:
    factor = f" × {plain(modal_factor)}" if modal_factor != 1 else ""
    if rate.measure == "flat":
        return f"年保费 {yuan(rate.value)}{factor}"
    if rate.measure == "sum":
        return f"保额 {yuan(sum_assured)} ÷ {plain(rate.value)} × {plain(rate.base)}{factor}"
    return f"保额 {yuan(sum_assured)} ÷ {plain(rate.base)} × 费率 {plain(rate.value)}{factor}"
