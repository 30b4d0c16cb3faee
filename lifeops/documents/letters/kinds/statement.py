"""保单对账单: what a policy is, is worth and has moved, on a day."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.documents.letters.kinds.base import CustomerLetter, Sum, sum_mismatch, words
from lifeops.documents.letters.kinds.contract import Cover, Heir, Person
from lifeops.documents.letters.schema import day, money, part, prose, rows, text


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One entry of the premium account, or a payment made by the company."""

    on: date = day("日期")
    what: str = text("事项", limit=60)
    note: str = text("说明", limit=60, default="")
    amount: Decimal = money("金额", negative=True)


@dataclass(frozen=True, kw_only=True)
class Loan:
    """A loan still open."""

    kind: str = text("种类", limit=20)
    since: date = day("计息起")
    rate: str = text("年利率", limit=20)
    principal: Decimal = money("本金")


@dataclass(frozen=True, kw_only=True)
class PolicyStatement(CustomerLetter):
    """保单对账单: status, coverages, beneficiaries, value with its reckoning, loans, the last premiums and payments."""

    policy_number: str = text("保单号", limit=40)
    as_of: date = day("截至日期")
    status: str = text("保单状态", limit=40)
    effective_on: date = day("合同生效日")
    pay_mode: str = text("交费方式", limit=20)
    paid_to: str = text("下期应交日", limit=20)
    dividend_option: str = text("红利领取方式", limit=20, default="")
    holder: Person = part("投保人", Person)
    insured: Person = part("被保险人", Person)
    covers: tuple[Cover, ...] = rows("险种", Cover, most=40)
    heirs: tuple[Heir, ...] = rows("身故受益人", Heir)
    value_lines: tuple[Sum, ...] = rows("价值计算", Sum, most=80)
    value: Decimal | None = money("退保可得金额", default=None)
    value_note: str = prose("价值说明", limit=400, default="")
    loans: tuple[Loan, ...] = rows("保单借款", Loan, most=40)
    premiums: tuple[Movement, ...] = rows("保险费", Movement, most=60)
    payments: tuple[Movement, ...] = rows("本公司付款", Movement, most=60)

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.value is not None:
            yield from sum_mismatch("value", "退保可得金额", self.value, self.value_lines)

    def extras(self) -> dict[str, Any]:
        return {"value_words": words(self.value)}
