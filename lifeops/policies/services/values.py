"""现金价值 of a coverage on a day: by its table, per sum or per premium, or for products of at most a year by the premium not yet
used (facts M-02, M-03). Every screen, letter and job asks here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from lifeops.policies.models import Coverage, ProductKind, ProductVersion, Rate
from lifeops.policies.models.product import RateKind
from lifeops.policies.rules.cash import ONE_YEAR_EXPENSE, CashValues, cash_value, unearned_premium
from lifeops.policies.rules.dates import instalments, term_label, term_years, years_completed
from lifeops.policies.rules.formula import FormulaError
from lifeops.policies.rules.lines import ZERO, Calculation, Line
from lifeops.policies.rules.participation import bonus_pay_term
from lifeops.policies.rules.premium import RateBasis, yearly_premium
from lifeops.policies.rules.tables import key_of
from lifeops.policies.rules.values import NotReckoned, amounts, benefit
from lifeops.policies.services.quoting import cell_of, table_meta
from lifeops.policies.services.terms import (
    has_no_value,
    maturity_by_terms,
    maturity_codes,
    survival_codes,
    years_of,
)


def cell_key(version: ProductVersion, kind: str, choices: Mapping[str, Any]) -> str:
    """How the cell of a coverage is named in a table: by what that table goes by besides sex, age and terms."""
    return key_of(table_meta(version, kind)[2], choices)


def cash_values_of(
    *, version: ProductVersion, sex: str, age: int, cover_term: str, pay_term: str, effective_on: date, sum_assured: Decimal,
    premium: Decimal | None = None, choices: Mapping[str, Any] | None = None,
) -> CashValues | None:
    """Year-end cash values of a coverage; None for products without. Of a table per premium the yearly premium is found by
    the rate table where it is not given."""
    given = choices or {}
    cell = cell_of(version, RateKind.CASH_VALUE, sex, age, cover_term, pay_term, cell_key(version, "cash_value", given))
    if cell is None:
        return None
    rate = None
    if premium is None and values_per(version) == "premium":
        rate = cell_of(version, RateKind.PREMIUM, sex, age, cover_term, pay_term, cell_key(version, "premium", given))
        if rate is None:
            return None
    return cash_values_in(cell, rate, effective_on=effective_on, sum_assured=sum_assured, premium=premium)


def values_per(version: ProductVersion) -> str:
    """"sum" or "premium": what the cash values of a version are given per."""
    return table_meta(version, "cash_value")[0]


def cash_values_in(
    cell: Rate, rate: Rate | None, *, effective_on: date, sum_assured: Decimal, premium: Decimal | None = None
) -> CashValues:
    """The same of cells that have been read: `rate` is the premium's where the values are per premium."""
    version = cell.version
    per, base, _ = table_meta(version, "cash_value")
    if per == "premium" and premium is None:
        measure, rate_base, _ = table_meta(version, "premium")
        assert rate is not None
        premium = yearly_premium(RateBasis(value=rate.values[0], measure=measure, base=rate_base), sum_assured)
    amount = premium if per == "premium" and premium is not None else sum_assured
    return CashValues(
        effective_on=effective_on, sum_assured=amount, year_ends=cell.values, base=base, of="保费" if per == "premium" else "保额"
    )


#: How a coverage is valued after 减额交清: a sum for which nothing more is to be paid, as one bought by a single premium.
BY_SINGLE, AS_SOLD = "减额交清后按趸交的现金价值表", "减额交清后：条款未列趸交的现金价值表，仍按原交费期间的表"


def pay_terms_of(cover: Coverage) -> dict[str, str]:
    """Pay terms whose table values a coverage, the first that is there, each with the convention in words. The reserve of a
    reduced coverage holds no premium still to come: the table of the term as sold would pay only a part of it."""
    return {"SINGLE": BY_SINGLE, cover.pay_term: AS_SOLD} if cover.is_reduced else {cover.pay_term: ""}


#: Likewise the bonus sum, for which nothing is to be paid either, where the terms do not name a table.
BONUS_STATED, BONUS_AS_SOLD = "红利保额按{}的现金价值表", "条款未列趸交的现金价值表，红利保额按原交费期间的表"


def bonus_terms_of(cover: Coverage) -> dict[str, str]:
    """Pay terms whose table values the bonus sum of a coverage; {} where it has none."""
    if not cover.bonus_sum:
        return {}
    stated = bonus_pay_term(cover.version.definition)
    found = {stated: BONUS_STATED.format(term_label(stated))}
    found.setdefault(cover.pay_term, BONUS_AS_SOLD)
    return found


def table_of(cover: Coverage, sex: str) -> CashValues | None:
    """The cash values of a coverage by its table; None where the product has none."""
    if short_expense(cover.version) is not None:
        return None
    found = _first_table(cover, sex, pay_terms_of(cover), cover.sum_assured)
    return found and with_ends(cover, found, bonus_table_of(cover, sex))


def with_ends(cover: Coverage, table: CashValues, bonus: CashValues | None) -> CashValues:
    """A table, that of the bonus sum beside it, each with what falls due as the term ends."""
    return replace(
        table, at_end=partial(due_at_end, cover), bonus=bonus and replace(bonus, at_end=partial(due_at_end, cover, of_bonus=True)),
    )  # fmt: skip


def due_at_end(cover: Coverage, *, of_bonus: bool = False) -> Decimal:
    """满期金, and a last survival benefit of that day, in 元: of the basic sum, or what the bonus sum adds. All premiums count as paid.
    Nothing where the terms have words only."""
    year = years_of(cover)
    if year is None:
        return ZERO
    codes = [*maturity_codes(cover), *survival_codes(cover, year, at_end=True)]

    def due(bonus: Decimal) -> Decimal:
        values = amounts(
            cover.version.definition, basic=cover.sum_assured, entry_age=cover.entry_age, policy_year=year, bonus=bonus,
            pay_years=term_years(cover.pay_term, cover.entry_age, cover.start_age) or 1,
        ) | {"premium": cover.premium}  # fmt: skip
        if cover.is_reduced:
            del values["premiums_paid"]
        else:
            values["premiums_paid"] = cover.premium * instalments(cover.pay_term, cover.policy.pay_mode, cover.entry_age, cover.start_age)
        return sum((benefit(cover.version.definition, code, values, plan=cover.plan).amount for code in codes), ZERO)

    try:
        basic = due(ZERO) if codes else ZERO
        return due(cover.bonus_sum) - basic if of_bonus else maturity_by_terms(cover) + basic
    except (NotReckoned, FormulaError):
        return ZERO


def bonus_table_of(cover: Coverage, sex: str) -> CashValues | None:
    """Those of its 累积红利保险金额; None where there is none."""
    return _first_table(cover, sex, bonus_terms_of(cover), cover.bonus_sum)


def _first_table(cover: Coverage, sex: str, terms: Mapping[str, str], sum_assured: Decimal) -> CashValues | None:
    for pay_term, basis in terms.items():
        found = cash_values_of(
            version=cover.version, sex=sex, age=cover.entry_age, cover_term=cover.cover_term, pay_term=pay_term,
            effective_on=cover.effective_on, sum_assured=sum_assured, choices=cover.choices,
        )
        if found is not None:
            return replace(found, basis=basis)
    return None


def single_rate(cover: Coverage, sex: str, day: date) -> RateBasis | None:
    """The single premium at the attained age for what is left of the term: what more cover costs; None where the table has
    no such cell."""
    gone = years_completed(cover.effective_on, day)
    term = f"{int(cover.cover_term[:-1]) - gone}Y" if cover.cover_term.endswith("Y") else cover.cover_term
    measure, base, _ = table_meta(cover.version, "premium")
    key = cell_key(cover.version, "premium", cover.choices)
    cell = cell_of(cover.version, RateKind.PREMIUM, sex, cover.entry_age + gone, term, "SINGLE", key)
    return None if cell is None else RateBasis(value=cell.values[0], measure=measure, base=base)


def short_expense(version: ProductVersion) -> Decimal | None:
    """Share of the premium kept on leaving early, of products whose value is the premium not yet used; None for others. The
    terms say it; 医疗 and 意外 without a word of it go by the most that is allowed (精算规定 7)."""
    stated = (version.definition.get("cash_value") or {}).get("expense")
    if stated is not None:
        return Decimal(stated)
    if version.definition.get("tables", {}).get("cash_value"):
        return None
    return ONE_YEAR_EXPENSE if version.product.kind in (ProductKind.MEDICAL, ProductKind.ACCIDENT) else None


def unused_premium(cover: Coverage, day: date, expense: Decimal, *, name: str, claimed: bool = False) -> Calculation:
    """Value of a coverage of at most a year. Nothing is left after a benefit where the terms say so."""
    label = f"{name}未满期净保费"
    if claimed and (cover.version.definition.get("cash_value") or {}).get("not_after"):
        return Calculation.of([Line(label=label, formula="已发生保险金给付，不退还", value=ZERO)])
    return unearned_premium(
        premium=cover.premium + cover.extra, effective_on=cover.effective_on, day=day, expense=expense, label=label,
        until=cover.expires_on if cover.choices.get("days") else None,
    )


def has_paid(cover: Coverage) -> bool:
    """A medical benefit was paid on the coverage."""
    return any(use.paid > 0 for use in cover.usage.all())


def bonus_value_on(cover: Coverage, sex: str, day: date) -> Decimal:
    """The part of `value_on` that the bonus sum makes, in 元."""
    table = bonus_table_of(cover, sex)
    return ZERO if table is None else cash_value(replace(table, at_end=partial(due_at_end, cover, of_bonus=True)), day).amount


def value_on(cover: Coverage, sex: str, day: date) -> Decimal | None:
    """现金价值 in 元, of the bonus sum as well; nothing of 豁免 without one; None where the table of the product is not there."""
    return value_by(cover, table_of(cover, sex), day)


def value_by(cover: Coverage, table: CashValues | None, day: date) -> Decimal | None:
    """The same with the table that has been read."""
    expense = short_expense(cover.version)
    if expense is not None:
        return unused_premium(cover, day, expense, name="", claimed=has_paid(cover)).amount
    if table is None:
        return ZERO if has_no_value(cover.version) else None
    return cash_value(table, day).amount
