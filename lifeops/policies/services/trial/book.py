"""The contract on the day that is asked about: as its histories tell, for a day to come as it stands today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NoReturn

from django.db import models

from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Account, Coverage, Policy, PolicyStatus
from lifeops.policies.rules.cash import BONUS_VALUE, CashValues, Debt, valued_on
from lifeops.policies.rules.dates import add_years
from lifeops.policies.rules.lines import ZERO, Calculation, Line
from lifeops.policies.services.as_of import covers_on, paid_to_on
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.locking import status_on
from lifeops.policies.services.servicing import debts_of, value_lines
from lifeops.policies.services.terms import article_of, covers_with_products, sex_of
from lifeops.policies.services.values import short_expense, table_of


class TrialKind(models.TextChoices):
    """What may be asked for."""

    CASH_VALUE = "cash_value", "现金价值"
    SURRENDER = "surrender", "退保金"
    UNEARNED = "unearned", "未满期保费"
    LOAN = "loan", "可贷金额与利息"
    ADVANCE = "advance", "自动垫交"
    PAID_UP = "paid_up", "减额交清"
    PARTIAL = "partial", "部分退保"
    REINSTATEMENT = "reinstatement", "复效应缴"
    MISSTATEMENT = "misstatement", "年龄性别误告调整"
    EFFECTIVE = "effective", "有效保险金额"
    ACCUMULATION = "accumulation", "红利累积生息"
    BONUS = "bonus", "增额红利"
    DEATH = "death", "身故给付"
    SURVIVAL = "survival", "生存给付"
    MATURITY = "maturity", "满期给付"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The answer: `title` says what the amount (元) is, `notes` what it does not contain or who has the last word."""

    kind: str
    day: date
    title: str
    calculation: Calculation
    notes: tuple[str, ...] = ()

    @property
    def amount(self) -> Decimal:
        return self.calculation.amount


def refuse(field: str, words: str) -> NoReturn:
    raise BookInvalid({field: words})


def explain(calculation: Calculation) -> list[Line]:
    """Lines that tell how a figure came that is not itself the answer."""
    return [replace(line, counts=False) for line in calculation.lines]


def told(label: str, value: Decimal, formula: str = "") -> Line:
    return Line(label=label, formula=formula, value=value, counts=False)


@dataclass(frozen=True, kw_only=True)
class Book:
    """`covers` are those held on the day, with the sums and premiums of that day; `all_covers` also the ones given up."""

    policy: Policy
    day: date
    today: date
    status: str
    covers: Sequence[Coverage]
    all_covers: Sequence[Coverage]
    paid_to: date | None
    money: dict[str, Decimal]

    @property
    def status_label(self) -> str:
        return str(PolicyStatus(self.status).label)

    @cached_property
    def main(self) -> Coverage:
        found = next((c for c in self.covers if not c.is_rider), None)
        return found or refuse("day", "该日主险已不在保险期间内")

    @cached_property
    def debts(self) -> list[Debt]:
        return debts_of(self.policy, self.day)

    @property
    def suspense(self) -> Decimal:
        return -self.money.get(Account.SUSPENSE, ZERO)

    @property
    def accumulated(self) -> Decimal:
        """累积红利 standing for the policyholder."""
        return max(ZERO, -self.money.get(Account.DIVIDEND, ZERO))

    @property
    def valued_on(self) -> date:
        return valued_on(self.paid_to, self.day)

    @cached_property
    def tables(self) -> dict[int, CashValues | None]:
        return {c.pk: table_of(c, sex_of(self.policy, c)) for c in self.covers}

    def value_of(self, cover: Coverage, until: date) -> Calculation:
        """Cash value of a coverage counted to a day; refused, naming the product, where its table is missing."""
        try:
            return value_lines(cover, self.tables[cover.pk], self.day, until)
        except BookRefused as refused:
            refuse("kind", str(refused))

    def long_values(self, until: date, *, bonus: bool = True) -> Calculation:
        """Values of the coverages that have a table: what is lent on; without the bonus sums, that are paid up already, what buys a
        paid-up sum."""
        held = [c for c in self.covers if self.tables[c.pk] is not None]
        if not held:
            names = "、".join(c.version.product.name for c in self.covers)
            refuse("kind", f"{names}没有现金价值表，不能计算")
        return Calculation.of([line for c in held for line in self.value_of(c, until).lines if bonus or line.label != BONUS_VALUE])

    def needs(self, *statuses: Any) -> None:
        if self.status not in statuses:
            refuse("day", f"该日保单状态为“{self.status_label}”，不能办理")

    def past_cooling_off(self) -> None:
        end = self.policy.cooling_off_end
        if end is None or self.day <= end:
            refuse("day", f"犹豫期{f'至 {end}' if end else '自签收起'}，期内可全额退还保险费，不能办理")

    def offered(self, cover: Coverage, words: str, allowed: bool) -> None:
        if not allowed:
            refuse("kind", f"{cover.version.product.name}的条款没有{words}")

    def by(self, cover: Coverage, name: str) -> str:
        """"（条款 6.3）" behind a label."""
        article = article_of(cover.version, name)
        return f"（{article}）" if article else ""

    @property
    def short_covers(self) -> list[tuple[Coverage, Decimal]]:
        """Coverages of at most a year, with the share of the premium that is kept."""
        return [(c, e) for c in self.covers if (e := short_expense(c.version)) is not None]


def book_on(policy: Policy, day: date, today: date) -> Book:
    """Refused before the contract began, after it ended, and further ahead than a year: nobody knows what is paid by then."""
    if day < policy.effective_on:
        refuse("day", f"保单自 {policy.effective_on} 起生效")
    if day > add_years(today, 1):
        refuse("day", f"不能晚于 {add_years(today, 1)}：一年以后的交费与红利尚未发生")
    status = status_on(policy, day) or policy.status
    if status == PolicyStatus.TERMINATED:
        refuse("day", f"保单已于 {policy.terminated_on} 终止（{policy.termination}）")
    all_covers = covers_with_products(policy)
    covers = [c for c in covers_on(policy, day, covers=all_covers) if c.active]
    for cover in covers:
        cover.policy = policy
    if not covers:
        refuse("day", "该日没有在保险期间内的险种")
    return Book(
        policy=policy, day=day, today=today, status=status, covers=covers, all_covers=all_covers,
        paid_to=policy.paid_to if day >= today else paid_to_on(policy, day), money=balances(policy, day),
    )  # fmt: skip
