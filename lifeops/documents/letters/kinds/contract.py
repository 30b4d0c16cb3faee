"""Papers that make or change a contract: 保险合同 and 批单."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.documents.letters.kinds.base import CustomerLetter, PolicyLetter, Sum, sum_mismatch, total_of, words
from lifeops.documents.letters.schema import count, day, identity, lines, money, part, prose, rows, text


@dataclass(frozen=True, kw_only=True)
class Person:
    """Policyholder or insured."""

    name: str = text("姓名")
    sex: str = text("性别", limit=10, default="")
    born_on: date | None = day("出生日期", default=None)
    identity: str = identity("证件号码")
    phone: str = text("联系电话", limit=40, default="")
    address: str = text("联系地址", default="")


@dataclass(frozen=True, kw_only=True)
class Cover:
    """One coverage of the policy."""

    name: str = text("险种名称")
    code: str = text("险种代码", limit=20, default="")
    role: str = text("主险或附加险", limit=10, default="主险")
    sum_assured: Decimal = money("基本保险金额")
    bonus_sum: Decimal | None = money("累积红利保险金额", default=None)
    cover_term: str = text("保险期间", limit=40)
    pay_term: str = text("交费期间", limit=40)
    premium: Decimal = money("每期保险费")


@dataclass(frozen=True, kw_only=True)
class Heir:
    """A named beneficiary."""

    order: int = count("受益顺序", least=1)
    name: str = text("受益人")
    relation: str = text("与被保险人关系", limit=40, default="")
    identity: str = identity("受益人证件号码")
    share: str = text("受益份额", limit=20)


@dataclass(frozen=True, kw_only=True)
class Due:
    """One instalment of the premium."""

    period: str = text("期次", limit=20)
    due_on: date = day("应交日期")
    amount: Decimal = money("应交保险费")


@dataclass(frozen=True, kw_only=True)
class YearValue:
    """Cash value at the end of a policy year."""

    year: int = count("保单年度末", least=0)
    amount: Decimal = money("现金价值")


@dataclass(frozen=True, kw_only=True)
class Provision:
    """A titled piece of the clauses."""

    title: str = text("条款标题")
    wording: str = prose("条款内容", limit=6_000)


@dataclass(frozen=True, kw_only=True)
class Contract(CustomerLetter):
    """保险合同 (D08): policy page, coverages, beneficiaries, premiums, cash values, exclusions, receipt to sign."""

    policy_number: str = text("保单号", limit=40)
    holder: Person = part("投保人", Person)
    insured: Person = part("被保险人", Person)
    established_on: date = day("合同成立日")
    effective_on: date = day("合同生效日")
    pay_mode: str = text("交费方式", limit=20)
    dividend_option: str = text("红利领取方式", limit=20, default="")
    covers: tuple[Cover, ...] = rows("险种", Cover, least=1, most=40)
    first_premium: Decimal = money("首期保险费合计")
    heirs: tuple[Heir, ...] = rows("身故受益人", Heir)
    benefits: tuple[Provision, ...] = rows("保险责任", Provision, least=1, most=60)
    exclusions: tuple[Provision, ...] = rows("责任免除", Provision, least=1, most=60)
    special_terms: tuple[str, ...] = lines("特别约定")
    dues: tuple[Due, ...] = rows("保险费交纳计划", Due, most=200)
    cash_values: tuple[YearValue, ...] = rows("现金价值", YearValue, most=120)
    value_basis: str = prose("现金价值说明", limit=600, default="")
    cooling_off_days: int = count("犹豫期天数")
    grace_days: int = count("宽限期天数")
    agent: str = text("服务人员", default="")

    def problems(self) -> Iterator[tuple[str, str]]:
        premiums = total_of(cover.premium for cover in self.covers)
        if premiums != self.first_premium:
            yield "first_premium", f"首期保险费合计（{self.first_premium:,.2f}）与各险种合计（{premiums:,.2f}）不符"
        if self.effective_on < self.established_on:
            yield "effective_on", "合同生效日不能早于合同成立日"

    def extras(self) -> dict[str, Any]:
        return {"first_premium_words": words(self.first_premium)}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One changed entry of the contract."""

    entry: str = text("变更项目")
    before: str = prose("变更前", limit=1_000, default="")
    after: str = prose("变更后", limit=1_000, default="")


@dataclass(frozen=True, kw_only=True)
class Endorsement(PolicyLetter):
    """批单 (D09): what the contract said before and says now, from when, and the money that follows (保险法 20)."""

    item: str = text("保全项目", limit=40)
    applied_on: date = day("申请日期")
    effective_on: date = day("批单生效日")
    changes: tuple[Change, ...] = rows("变更内容", Change, least=1, most=100)
    sums: tuple[Sum, ...] = rows("款项明细", Sum, most=60)
    total: Decimal | None = money("款项合计", negative=True, default=None)
    direction: str = text("款项方向", limit=20, default="")
    remark: str = prose("批注", limit=6_000, default="")
    closing: str = prose("结语", limit=200, default="除上述变更外，保险合同的其他内容不变。")

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.sums and self.total is None:
            yield "total", "有款项明细时须有款项合计"
        elif self.total is not None:
            yield from sum_mismatch("total", "款项合计", self.total, self.sums)
            if not self.direction:
                yield "direction", "有款项时须写明应退还或应交纳"

    def extras(self) -> dict[str, Any]:
        return {"total_words": words(self.total)}
