"""Papers while a case is under way: receipt, notices to the customer, orders to the branch."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lifeops.documents.letters.kinds.base import CustomerLetter, Letter, PolicyLetter
from lifeops.documents.letters.schema import count, day, flag, identity, lines, moment, prose, rows, text


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One line of the check list at the counter."""

    name: str = text("资料名称")
    form: str = text("形式", limit=20, default="原件")
    pages: int = count("页数", default=0)
    received: bool = flag("是否收到", default=True)
    note: str = text("备注", default="")


@dataclass(frozen=True, kw_only=True)
class Receipt(CustomerLetter):
    """受理回执 (D01): what the company took in, from whom, when, and how to ask about it."""

    line: str = text("业务类别", limit=20)
    item: str = text("业务项目", limit=40)
    channel: str = text("递交渠道", limit=20)
    applicant: str = text("申请人")
    applicant_identity: str = identity("申请人证件号码")
    applicant_kind: str = text("申请人身份", limit=40, default="")
    policy_number: str = text("保单号", limit=40, default="")
    agent: str = text("代理人", default="")
    occurred_on: date | None = day("发生日期", default=None)
    passed_on: date | None = day("转交日期", default=None)
    submitted_on: date = day("递交日期")
    accepted_at: datetime = moment("受理时间")
    papers: tuple[Paper, ...] = rows("资料清单", Paper, least=1)
    clerk: str = text("受理人")
    clerk_no: str = text("受理人工号", limit=20)
    ask: str = prose("查询方式", limit=600)
    promise: str = prose("办理时限说明", limit=600, default="")

    def problems(self) -> Iterator[tuple[str, str]]:
        known = [each for each in (self.occurred_on, self.passed_on, self.submitted_on) if each]
        if known != sorted(known):
            yield "submitted_on", "发生、转交、递交日期的先后不合理"

    def extras(self) -> dict[str, Any]:
        received = [paper for paper in self.papers if paper.received]
        return {
            "received_count": str(len(received)),
            "received_pages": str(sum(paper.pages for paper in received)),
            "missing": [paper.name for paper in self.papers if not paper.received],
        }


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One thing that is missing or wrong, and how to put it right."""

    name: str = text("资料或事项")
    problem: str = prose("问题", limit=1_000)
    remedy: str = prose("补正要求", limit=1_000)


@dataclass(frozen=True, kw_only=True)
class CorrectionNotice(PolicyLetter):
    """补正通知书 (D02): one notice with all gaps at once (保险法 22; 基本服务规定 10, 19)."""

    item: str = text("业务项目", limit=40)
    received_on: date = day("收到申请日期")
    gaps: tuple[Gap, ...] = rows("补正事项", Gap, least=1)
    basis: tuple[str, ...] = lines("法律依据", least=1)
    reply_by: date | None = day("补正期限", default=None)
    how: tuple[str, ...] = lines("补正方式", least=1)
    effect: str = prose("期限说明", limit=2_000, default="")
    clerk: str = text("经办人", default="")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing asked."""

    title: str = text("照会事项")
    detail: str = prose("说明", limit=2_000, default="")


@dataclass(frozen=True, kw_only=True)
class QueryLetter(PolicyLetter):
    """照会函 (D03): what the reviewer needs to know, why, by when and how to answer, with a reply form."""

    item: str = text("业务项目", limit=40)
    background: str = prose("照会原由", limit=4_000, default="")
    questions: tuple[Question, ...] = rows("照会事项", Question, least=1, most=60)
    basis: tuple[str, ...] = lines("依据", least=1)
    reply_by: date = day("回复期限")
    how: tuple[str, ...] = lines("回复方式", least=1)
    effect: str = prose("逾期后果", limit=2_000, default="")

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.reply_by < self.issued_on:
            yield "reply_by", "回复期限不能早于出具日期"


@dataclass(frozen=True, kw_only=True)
class ExamItem:
    """One part of a medical examination."""

    name: str = text("体检项目")
    note: str = text("说明", limit=300, default="")


@dataclass(frozen=True, kw_only=True)
class Hospital:
    """A designated hospital."""

    name: str = text("体检机构")
    address: str = text("地址", default="")
    phone: str = text("电话", limit=60, default="")


@dataclass(frozen=True, kw_only=True)
class ExamNotice(PolicyLetter):
    """体检通知书 (D04): who is to be examined, on what, where, by when and at whose cost."""

    examinee: str = text("体检人")
    examinee_identity: str = identity("体检人证件号码")
    sex: str = text("性别", limit=10, default="")
    age: int | None = count("年龄", default=None)
    exams: tuple[ExamItem, ...] = rows("体检项目", ExamItem, least=1)
    hospitals: tuple[Hospital, ...] = rows("体检机构", Hospital, least=1)
    exam_by: date = day("体检期限")
    cost: str = prose("费用说明", limit=600)
    preparations: tuple[str, ...] = lines("注意事项")
    basis: tuple[str, ...] = lines("依据", least=1)

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.exam_by < self.issued_on:
            yield "exam_by", "体检期限不能早于出具日期"


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """One question an investigator has to answer."""

    question: str = prose("调查问题", limit=2_000)
    where: str = text("调查去向", limit=200, default="")


@dataclass(frozen=True, kw_only=True)
class InvestigationOrder(Letter):
    """调查任务书 (D05): internal order to a branch; two persons investigate and sign."""

    kind: str = text("调查类别", limit=20)
    to_unit: str = text("承办机构")
    investigator: str = text("调查人", default="")
    subject: str = text("调查对象")
    subject_identity: str = identity("调查对象证件号码")
    policy_number: str = text("保单号", limit=40, default="")
    background: str = prose("案情及调查原因", limit=6_000)
    inquiries: tuple[Inquiry, ...] = rows("调查问题", Inquiry, least=1, most=60)
    requirements: tuple[str, ...] = lines("调查要求")
    due_on: date = day("完成期限")
    ordered_by: str = text("下达人")

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.due_on < self.issued_on:
            yield "due_on", "完成期限不能早于出具日期"
