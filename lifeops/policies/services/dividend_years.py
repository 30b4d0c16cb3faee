"""What a policy year brought in dividends and bonuses, as the events and the ledger tell it: for the letter to the policyholder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lifeops.policies.models import (
    Account,
    Coverage,
    DividendOption,
    DividendRate,
    EventKind,
    PayableKind,
    Policy,
    PolicyEvent,
    PolicyStatus,
)
from lifeops.policies.rules.dates import anniversary, years_completed
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.rules.values import effective_sum, growth_of
from lifeops.policies.services.as_of import covers_on, status_on
from lifeops.policies.services.ledger import balances, waiting_by_kind
from lifeops.policies.services.terms import covers_with_products, sex_of
from lifeops.policies.services.values import bonus_value_on, value_on

#: Where the money of a credit went: account → how the dividend was taken.
WAYS = {
    Account.DIVIDEND: DividendOption.ACCUMULATE, Account.PAYABLE: DividendOption.CASH, Account.SUSPENSE: DividendOption.OFFSET,
    Account.PREMIUM: DividendOption.PAID_UP,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Dividend:
    """Money credited, in 元: of policy year `year`, how it was reckoned, how it was taken."""

    what: str
    how: str
    taken: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What was added to the bonus sum of a coverage, and what it and the effective sum came to, in 元."""

    what: str
    how: str
    added: Decimal
    bonus_sum: Decimal
    effective: Decimal


@dataclass(frozen=True, kw_only=True)
class DividendYear:
    """`year` policy years were over on `on`; balances and values are of `day`, on which the last of it was credited. `value` and
    `bonus_value` None where the contract has ended by then or a table is missing; `accumulated` with its interest, `due` what was
    payable in cash and not collected."""

    year: int
    on: date
    day: date
    money: tuple[Dividend, ...]
    grown: tuple[Growth, ...]
    accumulated: Decimal
    due: Decimal
    ended: bool
    value: Decimal | None
    bonus_value: Decimal | None

    @property
    def total(self) -> Decimal:
        return sum((row.amount for row in self.money), ZERO)


def dividend_year(policy: Policy, about: date) -> DividendYear | None:
    """All that was credited for the policy year that was over by `about`, and whatever was credited that day; None where nothing
    was."""
    year = years_completed(policy.effective_on, about)
    events = [e for e in policy.events.filter(kind=EventKind.DIVIDEND).order_by("on", "pk") if e.on == about or _year_of(e) == year]
    if not events:
        return None
    day = max(about, *(e.on for e in events))
    all_covers = covers_with_products(policy)
    # a contract whose term ended with the year is told of as it ended
    stood = {c.pk: c for c in all_covers} | {c.pk: c for c in covers_on(policy, day, ended=True, covers=all_covers)}
    rates = {r.pk: r for r in DividendRate.objects.select_related("product").filter(pk__in=[e.data.get("dividend_rate") for e in events])}
    value, bonus_value = _values(policy, [c for c in stood.values() if c.active], day)
    return DividendYear(
        year=year, on=anniversary(policy.effective_on, year), day=day,
        money=tuple(d for e in events if (d := _money(e, rates)) is not None), grown=tuple(g for e in events for g in _grown(e, stood)),
        accumulated=max(ZERO, -balances(policy, day).get(Account.DIVIDEND, ZERO)), due=_due(policy, day),
        ended=status_on(policy, day) == PolicyStatus.TERMINATED, value=value, bonus_value=bonus_value,
    )  # fmt: skip


def _year_of(event: PolicyEvent) -> int:
    return int(event.key.split(":")[1])


def _money(event: PolicyEvent, rates: dict[int, DividendRate]) -> Dividend | None:
    lines = next((entry for entry in event.data.get("money", []) if entry), None)
    if "money" not in event.data:
        return None
    interest, rate = event.key.startswith("interest:"), rates.get(event.data.get("dividend_rate", 0))
    name = "累积红利利息" if interest or rate is None else f"{rate.product.name} 红利"
    way = next((way for account, way in WAYS.items() if lines and account in lines), None)
    return Dividend(
        what=f"第 {_year_of(event)} 年度 {name}", how=str(event.data.get("told") or event.note), taken="计入累积红利" if interest else way.label if way else "—",
        amount=Decimal(lines[Account.BONUS]) if lines else ZERO,
    )


def _grown(event: PolicyEvent, stood: dict[int, Coverage]) -> list[Growth]:
    found, told = [], event.data.get("told")
    for key, added in event.data.get("bonus", {}).items():
        cover = stood[int(key)]
        how = told.get(key, "") if isinstance(told, dict) else "红利交清增额" if "money" in event.data else event.note
        whole = effective_sum(
            basic=cover.sum_assured, growth_rate=growth_of(cover.version.definition), policy_year=_year_of(event), bonus=cover.bonus_sum
        )
        what = f"第 {_year_of(event)} 年度 {cover.version.product.name}"
        found.append(Growth(what=what, how=how, added=Decimal(added), bonus_sum=cover.bonus_sum, effective=whole.amount))
    return found


def _due(policy: Policy, day: date) -> Decimal:
    """Dividends payable in cash and not collected by the end of the day."""
    return waiting_by_kind(policy, day).get(PayableKind.DIVIDEND, ZERO)


def _values(policy: Policy, covers: Sequence[Coverage], day: date) -> tuple[Decimal | None, Decimal | None]:
    """现金价值 of all that is held, and the part of the bonus sums."""
    values = [value_on(c, sex_of(policy, c), day) for c in covers]
    if not values or any(v is None for v in values):
        return None, None
    return sum((v for v in values if v is not None), ZERO), sum((bonus_value_on(c, sex_of(policy, c), day) for c in covers if c.bonus_sum), ZERO)


__all__ = ["Dividend", "DividendYear", "Growth", "dividend_year"]
