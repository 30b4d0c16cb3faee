"""Letters that tell a customer what was decided."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lifeops.documents.letters.kinds.base import (
    APPEAL_ROUTES,
    Clause,
    Payee,
    PolicyLetter,
    Reason,
    Returned,
    Sum,
    sum_mismatch,
    words,
)
from lifeops.documents.letters.schema import day, lines, money, prose, rows, text

#: 保险法 24: a refusal is sent within three days of the decision.
REFUSAL_NOTICE_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class ClaimLetter(PolicyLetter):
    """What the two claim letters share."""

    item: str = text("理赔项目", limit=40)
    event: str = prose("保险事故", limit=2_000)
    event_on: date = day("事故日期")
    requested_on: date = day("申请日期")
    decided_on: date = day("核定日期")

    def problems(self) -> Iterator[tuple[str, str]]:
        if not self.event_on <= self.requested_on <= self.decided_on <= self.issued_on:
            yield "decided_on", "事故、申请、核定、出具日期的先后不合理"


@dataclass(frozen=True, kw_only=True)
class ClaimDecision(ClaimLetter):
    """理赔决定通知书 (D15): outcome, the calculation line by line, and who is paid (保险法 23)."""

    outcome: str = text("理赔结论", limit=40)
    opinion: str = prose("核定意见", default="")
    sums: tuple[Sum, ...] = rows("理算明细", Sum, least=1, most=200)
    total: Decimal = money("给付合计")
    payees: tuple[Payee, ...] = rows("领款人", Payee, most=60)
    clauses: tuple[Clause, ...] = rows("条款依据", Clause, most=20)
    pay_by: date | None = day("付款期限", default=None)
    contract_effect: str = prose("合同效力说明", limit=2_000, default="")
    appeal_routes: tuple[str, ...] = lines("异议途径")

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from super().problems()
        yield from sum_mismatch("total", "给付合计", self.total, self.sums)
        yield from sum_mismatch("payees", "给付合计", self.total, self.payees)
        if self.total and not self.payees:
            yield "payees", "有给付金额时须写明领款人"

    def extras(self) -> dict[str, Any]:
        return {"total_words": words(self.total), "appeal_routes": list(self.appeal_routes or APPEAL_ROUTES)}


@dataclass(frozen=True, kw_only=True)
class ClaimRefusal(ClaimLetter):
    """拒绝给付通知书 (D16): facts, evidence, the clause in its words, the article, reasons, appeal (保险法 24)."""

    facts: str = prose("查明事实")
    evidence: tuple[str, ...] = lines("证据", least=1)
    clauses: tuple[Clause, ...] = rows("合同条款", Clause, least=1, most=20)
    articles: tuple[str, ...] = lines("法律条文", least=1)
    reasons: tuple[Reason, ...] = rows("拒绝理由", Reason, least=1, most=20)
    contract_effect: str = prose("合同处理", limit=2_000, default="")
    refund: Decimal | None = money("退还金额", default=None)
    refund_label: str = text("退还项目", limit=40, default="退还款项")
    appeal_routes: tuple[str, ...] = lines("异议途径")

    def extras(self) -> dict[str, Any]:
        return {
            "refund_words": words(self.refund),
            "notice_by": show_notice_by(self.decided_on),
            "appeal_routes": list(self.appeal_routes or APPEAL_ROUTES),
        }


#: 民法典 565: whoever objects to the rescission may have a court decide on it.
OBJECTIONS = (
    "异议：对解除合同有异议的，可凭本通知书到任一营业网点或致电客户服务热线提出，由未参与原决定的人员复核。",
    "投诉或调解：可通过热线、网站或营业网点投诉，或向当地金融消费纠纷调解组织申请调解；合同订有仲裁条款的，可申请仲裁。",
    "诉讼：可依照《中华人民共和国民法典》第五百六十五条请求有管辖权的人民法院确认解除行为的效力，并请留意法律规定的诉讼时效。",
)


@dataclass(frozen=True, kw_only=True)
class RescissionNotice(PolicyLetter):
    """解除合同通知书 (D13): the grounds, the articles, what goes back, how to object (保险法 16, 27, 32, 37). `event` of a claim."""

    item: str = text("办理事项", limit=40)
    event: str = prose("保险事故", limit=2_000, default="")
    event_on: date | None = day("事故日期", default=None)
    requested_on: date | None = day("申请日期", default=None)
    decided_on: date = day("决定日期")
    known_on: date | None = day("知悉事由日", default=None)
    facts: str = prose("查明事实")
    evidence: tuple[str, ...] = lines("依据的资料")
    articles: tuple[str, ...] = lines("法律依据", least=1)
    reasons: tuple[Reason, ...] = rows("解除事由", Reason, least=1, most=20)
    effect: str = prose("合同效力", limit=2_000)
    sums: tuple[Sum, ...] = rows("退还明细", Sum, most=200)
    total: Decimal = money("退还合计")
    refund_by: str = prose("退还方式", limit=2_000)
    appeal_routes: tuple[str, ...] = lines("异议途径")

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.issued_on < self.decided_on:
            yield "issued_on", "出具日期不能早于决定日期"
        if self.known_on is not None and self.known_on > self.decided_on:
            yield "known_on", "知悉事由日不能晚于决定日期"
        yield from sum_mismatch("total", "退还合计", self.total, self.sums)

    def extras(self) -> dict[str, Any]:
        return {"total_words": words(self.total), "appeal_routes": list(self.appeal_routes or OBJECTIONS)}


def show_notice_by(decided_on: date) -> str:
    """The last day on which the refusal may be sent, counted from the day after the decision (保险法 24)."""
    last = decided_on + timedelta(days=REFUSAL_NOTICE_DAYS)
    return f"{last.year}年{last.month}月{last.day}日"


@dataclass(frozen=True, kw_only=True)
class RefundLetter(PolicyLetter):
    """A negative conclusion with, where premium was taken, its refund."""

    application_number: str = text("投保单号", limit=40, default="")
    decided_on: date = day("决定日期")
    reasons: tuple[Reason, ...] = rows("理由", Reason, least=1, most=20)
    refund: Decimal | None = money("退还保险费", default=None)
    refund_by: date | None = day("退还期限", default=None)
    refund_to: str = text("退还方式", limit=120, default="")
    papers: tuple[Returned, ...] = rows("退还资料", Returned, most=60)
    appeal_routes: tuple[str, ...] = lines("异议途径")

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.issued_on < self.decided_on:
            yield "issued_on", "出具日期不能早于决定日期"

    def extras(self) -> dict[str, Any]:
        return {"refund_words": words(self.refund), "appeal_routes": list(self.appeal_routes or APPEAL_ROUTES)}


@dataclass(frozen=True, kw_only=True)
class UnderwritingDecline(RefundLetter):
    """拒保通知书 (D07)."""

    applied_on: date = day("投保日期")


@dataclass(frozen=True, kw_only=True)
class UnderwritingPostponement(RefundLetter):
    """延期通知书 (D07): not now; from when, and with what, the customer may apply again."""

    applied_on: date = day("投保日期")
    postponed_until: date = day("延期至")
    conditions: tuple[str, ...] = lines("再次投保所需", least=1)

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from super().problems()
        if self.postponed_until <= self.decided_on:
            yield "postponed_until", "延期至的日期须晚于决定日期"


@dataclass(frozen=True, kw_only=True)
class ServicingRefusal(RefundLetter):
    """不予办理通知书: the requested change is not made, why, and what remains possible."""

    item: str = text("保全项目", limit=40)
    applied_on: date = day("申请日期")
    basis: tuple[str, ...] = lines("依据", least=1)
    advice: tuple[str, ...] = lines("您还可以")


@dataclass(frozen=True, kw_only=True)
class WithdrawalNotice(RefundLetter):
    """撤件通知书 (D07): the application has ended without a decision on its merits."""

    item: str = text("业务项目", limit=40)
    applied_on: date = day("申请日期")
    withdrawn_by: str = text("撤件方式", limit=60)
    again: str = prose("重新申请说明", limit=2_000, default="")
