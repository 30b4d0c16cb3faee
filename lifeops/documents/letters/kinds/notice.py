"""Letters that follow from a policy's life: 效力中止 (D11), 贷款超过现金价值, 生存金领取, 满期."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.documents.letters.kinds.base import PolicyLetter, words
from lifeops.documents.letters.schema import day, lines, money, prose, rows, text


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
