"""终了红利: paid with the end of a contract, by the rate declared for its version, policy year and way of ending (M-13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from lifeops.policies.models import Coverage, DeclaredState, DividendBase, DividendKind, DividendRate, Policy
from lifeops.policies.rules import participation
from lifeops.policies.rules.alterations import terminal_bonus
from lifeops.policies.rules.dates import anniversary, years_completed
from lifeops.policies.rules.lines import ZERO, Line
from lifeops.policies.rules.values import grown_sum, growth_of
from lifeops.policies.services.as_of import covers_on


def may_end_with_bonus(cover: Coverage) -> bool:
    return cover.version.product.is_participating and participation.TERMINAL in participation.forms(cover.version.definition)


def terminal_lines(policy: Policy, cover: Coverage, day: date, ending: str, *, years: int | None = None) -> list[Line]:
    """The line of one coverage, none before the first policy year is over or without a rate. `years`: those that are over, where
    the day itself does not tell. The bonus of the last of them came after it had been earned: it does not count."""
    if not may_end_with_bonus(cover):
        return []
    gone = years_completed(cover.effective_on, day) if years is None else years
    rate = _rate(cover, day, ending, gone) if gone else None
    if rate is None:
        return []
    base = _base(policy, cover, rate.base, gone)
    counted = gone - rate.year_from + 1 if rate.by_years else 1
    told = terminal_bonus(base=base, rate=rate.rate, years=counted, of=rate.get_base_display()).lines[0]
    return [Line(label=f"{cover.version.product.name} 终了红利（{rate.get_ending_display()}，满 {gone} 个保单年度）", formula=told.formula, value=told.value)]


def _rate(cover: Coverage, day: date, ending: str, gone: int) -> DividendRate | None:
    rows = DividendRate.objects.filter(
        Q(version__isnull=True) | Q(version=cover.version_id), Q(year_to__isnull=True) | Q(year_to__gte=gone), product=cover.version.product_id,
        kind=DividendKind.TERMINAL, state=DeclaredState.APPLIED, ending=ending, first_on__lte=day, last_on__gte=day, year_from__lte=gone,
    )  # fmt: skip
    return rows.order_by("pk").first()


def _base(policy: Policy, cover: Coverage, base: str, gone: int) -> Decimal:
    """As it stood before the last anniversary, less what was given up since."""
    before = anniversary(cover.effective_on, gone) - timedelta(days=1)
    held: Sequence[Coverage] = [c for c in covers_on(policy, before, ended=True) if c.pk == cover.pk]
    bonus = min(cover.bonus_sum, held[0].bonus_sum) if held else cover.bonus_sum
    basic = min(cover.sum_assured, held[0].sum_assured) if held else cover.sum_assured
    grown = grown_sum(basic=basic, growth_rate=growth_of(cover.version.definition), policy_year=gone)
    return {DividendBase.BASIC: basic, DividendBase.EFFECTIVE: grown + bonus, DividendBase.BONUS: bonus}.get(DividendBase(base), ZERO)


__all__ = ["may_end_with_bonus", "terminal_lines"]
