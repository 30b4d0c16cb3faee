"""客户全貌: what a customer's policies are worth today, in as many queries for two hundred as for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from lifeops.policies.models import Coverage, Policy, PolicyStatus, Rate
from lifeops.policies.models.product import RateKind
from lifeops.policies.rules.cash import CashValues, cash_value
from lifeops.policies.rules.lines import ZERO, Calculation
from lifeops.policies.services.terms import has_no_value, sex_of
from lifeops.policies.services.values import (
    bonus_terms_of,
    cash_values_in,
    cell_key,
    pay_terms_of,
    short_expense,
    unused_premium,
    values_per,
    with_ends,
)

KINDS = (RateKind.CASH_VALUE, RateKind.PREMIUM)
#: kind, version, sex, age, cover and pay term, what else the table goes by
Cell = tuple[str, int, str, int, str, str, str]


def _cell_of(policy: Policy, cover: Coverage, kind: str, pay_term: str) -> Cell:
    key = cell_key(cover.version, kind, cover.choices)
    return (kind, cover.version_id, sex_of(policy, cover), cover.entry_age, cover.cover_term, pay_term, key)


@dataclass(frozen=True, kw_only=True)
class Valued:
    """A policy to be valued: with the coverages and the next due date of the day."""

    policy: Policy
    covers: Sequence[Coverage]
    paid_to: date | None


def values_today(policies: Sequence[Policy], day: date) -> dict[int, Decimal | None]:
    """现金价值 per policy that has not ended, as `values_on` says. The policies come with insured, coverages and their
    versions loaded."""
    living = [p for p in policies if p.status != PolicyStatus.TERMINATED]
    return values_on([Valued(policy=p, covers=list(p.coverages.all()), paid_to=p.paid_to) for p in living], day)


def values_on(rows: Sequence[Valued], day: date) -> dict[int, Decimal | None]:
    """现金价值 per policy on a day, loans not taken off; None where a table is missing. Premium open: valued at the last
    paid-to date, as on surrender."""
    values, found = cover_values(rows, day), {}
    for row in rows:
        total: Decimal | None = ZERO
        for value in (values[c.pk] for c in row.covers if c.active):
            total = None if value is None or total is None else total + value.amount
        found[row.policy.pk] = total
    return found


def cover_values(rows: Sequence[Valued], day: date) -> dict[int, Calculation | None]:
    """The same per coverage that is held, that of the bonus sum on a line of its own."""
    cells = _cells([(r.policy, c) for r in rows for c in r.covers if c.active])
    return {c.pk: _value(r, c, day, cells) for r in rows for c in r.covers if c.active}


def _value(row: Valued, cover: Coverage, day: date, cells: dict[Cell, Rate]) -> Calculation | None:
    expense = short_expense(cover.version)
    if expense is not None:
        claimed = any(use.paid > 0 for use in cover.usage.all())
        return unused_premium(cover, day, expense, name="", claimed=claimed)
    table = _table(row, cover, pay_terms_of(cover), cover.sum_assured, cells)
    if table is None:
        return Calculation.of([]) if has_no_value(cover.version) else None
    bonus = _table(row, cover, bonus_terms_of(cover), cover.bonus_sum, cells)
    open_since = row.paid_to if row.paid_to and row.paid_to < day else day
    return cash_value(with_ends(cover, table, bonus), open_since)


def _table(row: Valued, cover: Coverage, terms: Iterable[str], sum_assured: Decimal, cells: dict[Cell, Rate]) -> CashValues | None:
    """By the first of the pay terms that has a table."""
    found = [[cells.get(_cell_of(row.policy, cover, kind, term)) for kind in KINDS] for term in terms]
    cell, rate = next((pair for pair in found if pair[0] is not None), (None, None))
    if cell is None:
        return None
    cell.version = cover.version
    if rate is not None:
        rate.version = cover.version
    if values_per(cover.version) == "premium" and rate is None:
        return None
    return cash_values_in(cell, rate, effective_on=cover.effective_on, sum_assured=sum_assured)


def _cells(covers: Sequence[tuple[Policy, Coverage]]) -> dict[Cell, Rate]:
    """Cash-value and premium cells of all coverages in one query."""
    tabled = [(p, c) for p, c in covers if short_expense(c.version) is None]
    wanted = {_cell_of(p, c, kind, term) for p, c in tabled for term in (*pay_terms_of(c), *bonus_terms_of(c)) for kind in KINDS}
    if not wanted:
        return {}
    query = Q()
    for kind, version, sex, age, cover_term, pay_term, key in sorted(wanted):
        query |= Q(
            kind=kind, version=version, sex__in=(sex, ""), age__lte=age, age_to__gte=age, cover_term=cover_term,
            pay_term=pay_term, key=key,
        )
    found: dict[Cell, Rate] = {}
    for row in Rate.objects.filter(query):
        for cell in wanted:
            same = (row.kind, row.version_id, row.cover_term, row.pay_term, row.key) == (*cell[:2], *cell[4:])
            if same and row.sex in (cell[2], "") and row.age <= cell[3] <= row.age_to:
                found[cell] = row
    return found
