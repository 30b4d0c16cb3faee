"""保险金 of a coverage by its product's formulas: death, survival, maturity, with the amounts of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lifeops.policies.models import Coverage, CoverageState, Policy, PremiumEntry, ProductKind, TerminalEnding
from lifeops.policies.rules.benefits import death_benefit
from lifeops.policies.rules.dates import in_waiting_period, policy_year, term_years
from lifeops.policies.rules.events import Benefit, Event, benefits_on, event_of, needs_accident
from lifeops.policies.rules.formula import FormulaError
from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, plain, yuan
from lifeops.policies.rules.values import NotReckoned, amounts, benefit, covered
from lifeops.policies.services.premiums import in_pay_term
from lifeops.policies.services.terminal import terminal_lines
from lifeops.policies.services.terms import (
    maturity_by_terms,
    maturity_codes,
    sex_of,
    survival_by_terms,
    survival_codes,
    version_waiting,
    waiting_days,
    waiting_from,
    years_of,
)
from lifeops.policies.services.values import bonus_value_on, value_on

DEATHS = (Event.DEATH, Event.SPECIAL_DEATH)


@dataclass(frozen=True, kw_only=True)
class Reckoned:
    """Lines that add up; `open` names benefits whose amount the terms give in words, or that lack an amount."""

    calculation: Calculation
    open: tuple[str, ...] = ()


def premiums_paid_for(policy: Policy, cover: Coverage, until: date, *, among: Sequence[Coverage] | None = None) -> Decimal:
    """已交保险费 of one coverage up to a day: its part of every instalment received, by the premiums of the day it fell due.
    Advanced and waived instalments count as paid, refunds are taken off. `among`: all coverages, where they have been read."""
    covers = among if among is not None else list(policy.coverages.all())
    received = list(policy.premiums.filter(paid_on__isnull=False, paid_on__lte=until))
    states = [] if len(covers) == 1 else list(CoverageState.objects.filter(coverage__policy=policy).order_by("pk"))
    return part_of_premiums(cover, covers, received, states)


def part_of_premiums(
    cover: Coverage, covers: Sequence[Coverage], received: Sequence[PremiumEntry], states: Sequence[CoverageState]
) -> Decimal:
    """The same of instalments and states that have been read; `covers` are all coverages of the policy."""
    if len(covers) == 1:
        return sum((r.amount for r in received), ZERO)
    total = ZERO
    for row in received:
        parts = {c.pk: _premium_then(c, states, row.due_on) for c in covers if c.pk == cover.pk or in_pay_term(c, row.due_on)}
        whole = sum(parts.values(), ZERO)
        if whole and in_pay_term(cover, row.due_on):
            total += money(row.amount * parts[cover.pk] / whole)
    return total


def held_then(cover: Coverage, states: Sequence[CoverageState], due_on: date) -> Coverage | CoverageState:
    """A coverage as it stood for the premium of a due day; what ended or changed that very day was due as it stood before."""
    mine = [s for s in states if s.coverage_id == cover.pk]
    held = [s for s in mine if s.since < due_on] or mine[:1]
    return held[-1] if held else cover


def _premium_then(cover: Coverage, states: Sequence[CoverageState], due_on: date) -> Decimal:
    """What a coverage cost on a due day; nothing once it ended."""
    held = held_then(cover, states, due_on)
    return held.premium + held.extra if held is cover or held.active else ZERO


def values_at(policy: Policy, cover: Coverage, day: date, *, accident: bool = False, at_end_of_year: int | None = None) -> dict[str, Decimal]:
    """`values_with`, the premiums paid and the cash value read from the book."""
    paid, value = premiums_paid_for(policy, cover, day), value_on(cover, sex_of(policy, cover), day)
    return values_with(policy, cover, day, paid=paid, value=value, accident=accident, at_end_of_year=at_end_of_year)


def values_with(
    policy: Policy, cover: Coverage, day: date, *, paid: Decimal, value: Decimal | None, accident: bool = False, at_end_of_year: int | None = None,
    bonus_value: Decimal | None = None,
) -> dict[str, Decimal]:
    """What the formulas of the product may ask for on a day. `at_end_of_year`: that many policy years are just over. Words
    without an amount (a cash value of a product whose table is not there) are left out: then the formula says so. `bonus_value`: the part of the value
    that the bonus sum makes, where it has been read."""
    definition, year = cover.version.definition, at_end_of_year or policy_year(cover.effective_on, day)
    gone = year if at_end_of_year else year - 1
    inside = in_waiting_period(
        effective_on=waiting_from(cover, policy.reinstated_on, day), day=day, waiting_days=waiting_days(cover), accident=accident
    )
    found = amounts(
        definition, basic=cover.sum_assured, entry_age=cover.entry_age, policy_year=year, premiums_paid=paid,
        pay_years=term_years(cover.pay_term, cover.entry_age, cover.start_age) or 1, in_waiting=inside, accident=accident,
        cash_value=value if value is not None else ZERO, bonus=cover.bonus_sum,
    )  # fmt: skip
    part = ZERO
    if cover.bonus_sum and value is not None:
        part = bonus_value_on(cover, sex_of(policy, cover), day) if bonus_value is None else bonus_value
    found |= {
        "premium": cover.premium + cover.extra, "cash_value_basic": found["cash_value"] - part, "cash_value_bonus": part, "benefits_paid": ZERO
    }
    if value is None:
        lacking = ("cash_value", "cash_value_basic", *(("cash_value_bonus",) if cover.bonus_sum else ()))
        found = {k: v for k, v in found.items() if k not in lacking}
    start = cover.start_age
    if start is not None:
        found["annuity_started"] = Decimal(cover.entry_age + gone >= start)
        found["annuity_paid_basic"] = annuities_until(cover, gone)
    return found


def annuities_until(cover: Coverage, years: int) -> Decimal:
    """Survival benefits due on the anniversaries up to `years`, on the basic sum; whether taken or left standing."""
    total = ZERO
    for year in range(1, years + 1):
        for code in survival_codes(cover, year):
            total += benefit(
                cover.version.definition, code,
                amounts(cover.version.definition, basic=cover.sum_assured, entry_age=cover.entry_age, policy_year=year), plan=cover.plan,
            ).amount  # fmt: skip
    return total


def _by_formula(cover: Coverage, codes: Sequence[str], policy: Policy, year: int, day: date) -> list[Line]:
    if not codes:
        return []
    values = values_at(policy, cover, day, at_end_of_year=year)
    return [line for code in codes for line in benefit(cover.version.definition, code, values, plan=cover.plan).lines]


def _by_share(cover: Coverage, label: str, amount: Decimal) -> list[Line]:
    """A benefit of the catalogue's own products, stated as a share of the sum."""
    told = f"{yuan(cover.sum_assured)} × {plain(amount / cover.sum_assured * 100)}%"
    return [Line(label=label, formula=told, value=amount)] if amount else []


def survival_lines(policy: Policy, cover: Coverage, year: int, day: date) -> Calculation:
    """生存金 of the anniversary on which `year` policy years are over, in 元."""
    own = _by_share(cover, "生存金", survival_by_terms(cover, year))
    return Calculation.of(own + _by_formula(cover, survival_codes(cover, year), policy, year, day))


def survival_benefit(policy: Policy, cover: Coverage, year: int, day: date) -> Decimal:
    return survival_lines(policy, cover, year, day).amount


def maturity_lines(policy: Policy, cover: Coverage, day: date) -> Calculation:
    """What falls due when the term ends alive: 满期金, a last survival benefit where the terms pay one that day, 终了红利."""
    year = years_of(cover)
    if year is None:
        return Calculation.of([])
    codes = [*maturity_codes(cover), *survival_codes(cover, year, at_end=True)]
    lines = _by_share(cover, "满期金", maturity_by_terms(cover)) + _by_formula(cover, codes, policy, year, day)
    return Calculation.of(lines + terminal_lines(policy, cover, day, TerminalEnding.MATURITY, years=year))


def maturity_benefit(policy: Policy, cover: Coverage, day: date) -> Decimal:
    return maturity_lines(policy, cover, day).amount


# ── death ──


def death_benefits(cover: Coverage) -> list[Benefit]:
    """Benefits of the product that a death may give."""
    definition = cover.version.definition
    return [b for b in benefits_on(definition, *DEATHS) if covered(definition, b["code"], cover.plan) and _bought(cover, b["code"])]


def answers_for_death(cover: Coverage, *, accident: bool = True) -> bool:
    """The coverage has a benefit for a death, of this cause."""
    if cover.version.definition.get("benefits"):
        return any(accident or not needs_accident(b) for b in death_benefits(cover))
    return cover.version.product.kind in (ProductKind.TERM_LIFE, ProductKind.WHOLE_LIFE)


def particular_deaths(cover: Coverage) -> list[Benefit]:
    """Those for a certain accident: the examiner says whether it was one."""
    return [b for b in death_benefits(cover) if event_of(b) == Event.SPECIAL_DEATH]


def pays_cash_value(cover: Coverage) -> bool:
    """The death benefit is at least the cash value: then that, not the premiums, stays outside the minors' cap (M-10)."""
    return any("cash_value" in formula for b in death_benefits(cover) for _, formula in b["cases"])


def _bought(cover: Coverage, code: str) -> bool:
    """Products priced by benefit hold those for which a sum was agreed."""
    items = cover.choices.get("items")
    return items is None or code in items


def death_benefit_of(
    policy: Policy, cover: Coverage, died_on: date, *, accident: bool, particular: str = "", known: tuple[Decimal, Decimal | None] | None = None
) -> Reckoned:
    """身故保险金 of one coverage by its formulas. `particular`: the benefit for a certain accident that the examiner found. What
    it replaces is not paid beside it. `known`: premiums paid and cash value, where they have been read."""
    name, definition = cover.version.product.name, cover.version.definition
    paid, value = known or (premiums_paid_for(policy, cover, died_on), value_on(cover, sex_of(policy, cover), died_on))
    values = values_with(policy, cover, died_on, paid=paid, value=value, accident=accident)
    if not definition.get("benefits"):
        told = death_benefit(
            sum_assured=cover.sum_assured, premiums_paid=values["premiums_paid"], in_waiting=bool(values["in_waiting"]), name=name
        )
        return Reckoned(calculation=told)
    if values["in_waiting"] and not _formula_knows_waiting(cover):
        return _within_waiting(cover, values["premiums_paid"])
    chosen = [b for b in death_benefits(cover) if _pays(b, accident, particular)]
    replaced = {code for b in chosen for code in b.get("replaces") or []}
    lines: list[Line] = []
    left_open: list[str] = []
    for one in chosen:
        if one["code"] in replaced:
            continue
        try:
            told = benefit(definition, one["code"], _with_item(cover, one["code"], values), plan=cover.plan)
        except (NotReckoned, FormulaError) as error:
            left_open.append(f"{name}{one['name']}：{error}")
            continue
        lines += [Line(label=f"{name} {line.label}" if n == 0 else line.label, formula=line.formula, value=line.value)
                  for n, line in enumerate(told.lines)]  # fmt: skip
    if chosen:
        lines += terminal_lines(policy, cover, died_on, TerminalEnding.DEATH)
    return Reckoned(calculation=Calculation.of(lines), open=tuple(left_open))


def _pays(one: Benefit, accident: bool, particular: str) -> bool:
    if event_of(one) == Event.SPECIAL_DEATH:
        return accident and one["code"] == particular
    return accident or not needs_accident(one)


def _with_item(cover: Coverage, code: str, values: dict[str, Decimal]) -> dict[str, Decimal]:
    """Products priced by benefit have a sum for each."""
    item = (cover.choices.get("items") or {}).get(code)
    return values if item is None else values | {"sum_insured": Decimal(item), "basic_sum_insured": Decimal(item), "daily_allowance": Decimal(item)}


def _formula_knows_waiting(cover: Coverage) -> bool:
    return any("in_waiting" in c for b in death_benefits(cover) for pair in b["cases"] for c in pair)


def _within_waiting(cover: Coverage, paid: Decimal) -> Reckoned:
    """Illness within 等待期 where the terms say it apart from the formula: premiums back, or words for the examiner."""
    name, waiting = cover.version.product.name, version_waiting(cover.version) or {}
    if "premiums refunded" in str(waiting.get("within", "")) or not waiting:
        line = Line(label=f"{name} 身故保险金", formula="等待期内非意外身故，退还已交保险费", value=money(paid))
        return Reckoned(calculation=Calculation.of([line]))
    return Reckoned(calculation=Calculation.of([]), open=(f"{name}：等待期内身故，按条款 {waiting.get('article', '')} 核定",))


__all__ = [
    "Reckoned", "annuities_until", "answers_for_death", "death_benefit_of", "death_benefits", "held_then", "maturity_benefit",
    "maturity_lines", "part_of_premiums", "particular_deaths", "pays_cash_value", "premiums_paid_for", "survival_benefit", "survival_lines",
    "values_at", "values_with",
]
