"""Papers of money without a change of the contract: agreement and receipt of 保单贷款, notices of what is paid out."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.documents.letters.kinds.base import PolicyLetter, Sum, sum_mismatch, words
from lifeops.documents.letters.schema import account, day, lines, money, prose, rows, text


@dataclass(frozen=True, kw_only=True)
class LoanAgreement(PolicyLetter):
    """保单借款协议: how much, at which rate, until when, and what follows when it is not repaid (保监发〔2016〕76号)."""

    item: str = text("保全项目", limit=40)
    applied_on: date = day("申请日期")
    lent_on: date = day("借款日期")
    due_on: date = day("到期日")
    amount: Decimal = money("借款金额")
    rate: str = text("年利率", limit=20)
    payee: str = text("收款人", default="")
    bank: str = text("收款开户行", default="")
    account: str = account("收款账号", default="")
    consent: str = text("被保险人同意", default="")
    remark: str = prose("付给他人的说明", limit=600, default="")
    sums: tuple[Sum, ...] = rows("额度计算", Sum, most=60)
    terms: tuple[str, ...] = lines("约定", least=1)

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.due_on <= self.lent_on:
            yield "due_on", "到期日须晚于借款日期"

    def extras(self) -> dict[str, Any]:
        return {"amount_words": words(self.amount)}


@dataclass(frozen=True, kw_only=True)
class RepaymentReceipt(PolicyLetter):
    """还款凭证: what came in, how it was used, interest first, and what is left to pay."""

    item: str = text("保全项目", limit=40)
    applied_on: date = day("申请日期")
    payer: str = text("交款人", limit=60)
    paid_how: str = text("还款方式", limit=20)
    received_on: date = day("到账日")
    reference: str = text("收款流水号", limit=60, default="")
    sums: tuple[Sum, ...] = rows("款项用途", Sum, least=1, most=120)
    total: Decimal = money("还款金额")
    rest: str = text("未还本息", limit=40)
    remark: str = prose("说明", limit=600, default="")

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from sum_mismatch("total", "还款金额", self.total, self.sums)

    def extras(self) -> dict[str, Any]:
        return {"total_words": words(self.total)}


@dataclass(frozen=True, kw_only=True)
class PayoutNotice(PolicyLetter):
    """领取通知书: what is paid of the benefits that fell due, to which account (D18)."""

    item: str = text("保全项目", limit=40)
    applied_on: date = day("申请日期")
    sums: tuple[Sum, ...] = rows("领取明细", Sum, least=1, most=120)
    total: Decimal = money("应付金额")
    bank: str = text("收款开户行", default="")
    account: str = account("收款账号", default="")
    remark: str = prose("付给继承人的说明", limit=2_000, default="")

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from sum_mismatch("total", "应付金额", self.total, self.sums)

    def extras(self) -> dict[str, Any]:
        return {"total_words": words(self.total)}


@dataclass(frozen=True, kw_only=True)
class RefundNotice(PolicyLetter):
    """退费通知书: what was overpaid or left over, why it goes back, to whom and where."""

    item: str = text("保全项目", limit=40)
    applied_on: date = day("申请日期")
    reason: str = text("退费原因", limit=300)
    sums: tuple[Sum, ...] = rows("退费明细", Sum, least=1, most=20)
    total: Decimal = money("应付金额")
    remark: str = prose("说明", limit=2_000)

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from sum_mismatch("total", "应付金额", self.total, self.sums)

    def extras(self) -> dict[str, Any]:
        return {"total_words": words(self.total)}
