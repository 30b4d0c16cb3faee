"""Letters that follow from a policy's life: 效力中止 (D11), 贷款超过现金价值, 生存金领取, 满期, 红利 (D22)."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.documents.letters.kinds.base import PolicyLetter, sum_mismatch, words
from lifeops.documents.letters.schema import count, day, lines, money, prose, rows, text


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of what the letter is about."""

    label: str = text("事项", limit=20)
    value: str = text("内容", limit=80)


@dataclass(frozen=True, kw_only=True)
class PolicyNoticeLetter(PolicyLetter):
    """保单通知书: what happened, what follows from it, what the customer can do, by when (基本服务规定 21)."""

    heading: str = text("标题", limit=30)
    about: date = day("事项日")
    opening: str = prose("说明", limit=800)
    facts: tuple[Fact, ...] = rows("事项", Fact, most=12)
    sum_label: str = text("金额名称", limit=30, default="")
    sum: Decimal | None = money("金额", default=None)
    effects: tuple[str, ...] = lines("后果")
    ways: tuple[str, ...] = lines("您可以", least=1)
    basis: tuple[str, ...] = lines("依据", least=1)

    def extras(self) -> dict[str, Any]:
        return {"sum_words": words(self.sum)}


@dataclass(frozen=True, kw_only=True)
class Credited:
    """Money of a dividend, or its interest: how it was reckoned and how it was taken."""

    what: str = text("项目", limit=80)
    how: str = prose("计算说明", limit=400, default="")
    taken: str = text("领取方式", limit=20, default="")
    amount: Decimal = money("金额")


@dataclass(frozen=True, kw_only=True)
class Grown:
    """What was added to a bonus sum, and what it and the effective sum came to."""

    what: str = text("项目", limit=80)
    how: str = prose("计算说明", limit=400, default="")
    added: Decimal = money("本次增加")
    bonus_sum: Decimal = money("累积红利保险金额")
    effective: Decimal = money("有效保险金额")


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What stands on the day the letter tells of."""

    label: str = text("项目", limit=40)
    amount: Decimal = money("金额")


@dataclass(frozen=True, kw_only=True)
class DividendNotice(PolicyLetter):
    """红利通知书 (D22): what a policy year brought, how it was taken, what stands since, and that none of it is guaranteed."""

    about: date = day("红利派发日")
    year: int = count("保单年度", least=1)
    option: str = text("红利领取方式", limit=20, default="")
    opening: str = prose("说明", limit=800)
    cash: tuple[Credited, ...] = rows("现金红利", Credited, most=40)
    total: Decimal | None = money("现金红利合计", default=None)
    grown: tuple[Grown, ...] = rows("红利保险金额", Grown, most=40)
    as_of: date = day("截至日期")
    balances: tuple[Balance, ...] = rows("余额与价值", Balance, most=12)
    notes: tuple[str, ...] = lines("说明事项", least=1)
    ways: tuple[str, ...] = lines("您可以", least=1)

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.total is not None:
            yield from sum_mismatch("total", "现金红利合计", self.total, self.cash)
