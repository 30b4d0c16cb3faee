"""Papers the company keeps: hand-over lists, archive covers and labels, loans, clock and flow sheets."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lifeops.documents.letters.kinds.base import Letter
from lifeops.documents.letters.schema import count, day, flag, identity, lines, moment, prose, rows, text


@dataclass(frozen=True, kw_only=True)
class Handed:
    """One paper handed over."""

    number: str = text("文书编号", limit=40)
    title: str = text("文书名称")
    customer: str = text("客户", default="")
    copies: int = count("份数", least=1, default=1)
    pages: int = count("页数", default=0)
    note: str = text("备注", default="")


@dataclass(frozen=True, kw_only=True)
class HandoverList(Letter):
    """发放交接清单: what one party gave another, counted by both."""

    from_party: str = text("移交方")
    to_party: str = text("接收方")
    handed_at: datetime = moment("交接时间")
    papers: tuple[Handed, ...] = rows("交接文书", Handed, least=1)
    remark: str = prose("说明", limit=2_000, default="")

    def extras(self) -> dict[str, Any]:
        return {
            "kinds_count": str(len(self.papers)),
            "copies_count": str(sum(paper.copies for paper in self.papers)),
            "pages_count": str(sum(paper.pages * paper.copies for paper in self.papers)),
        }


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the table of contents of a volume."""

    name: str = text("文件名称")
    owner: str = text("责任者", limit=60, default="")
    dated: date | None = day("文件日期", default=None)
    first_page: int = count("起页", least=1)
    last_page: int = count("止页", least=1)
    note: str = text("备注", default="")


@dataclass(frozen=True, kw_only=True)
class ArchiveCover(Letter):
    """档案封面 and 卷内目录 (D23), with the 备考表 that says in what state the volume was filed."""

    title: str = text("案卷题名", limit=200)
    line: str = text("业务类别", limit=20)
    year: int = count("年度", least=1900)
    policy_number: str = text("保单号", limit=40, default="")
    customer: str = text("客户", default="")
    closed_on: date = day("结案日期")
    retention: str = text("保管期限", limit=60)
    keep_until: date | None = day("保管至", default=None)
    place: str = text("存放位置", default="")
    entries: tuple[Entry, ...] = rows("卷内文件", Entry, least=1)
    condition: str = prose("卷内情况说明", limit=4_000, default="")
    compiled_by: str = text("立卷人")
    checked_by: str = text("检查人", default="")

    def problems(self) -> Iterator[tuple[str, str]]:
        expected = 1
        for n, entry in enumerate(self.entries, start=1):
            if entry.first_page != expected or entry.last_page < entry.first_page:
                yield f"entries.{n}.first_page", f"第 {n} 件的页次应从第 {expected} 页起且连续"
                return
            expected = entry.last_page + 1

    def extras(self) -> dict[str, Any]:
        return {"page_total": str(self.entries[-1].last_page), "entry_total": str(len(self.entries))}


@dataclass(frozen=True, kw_only=True)
class BoxLabel(Letter):
    """盒脊标签: spine and front label of an archive box, to cut out."""

    archive: str = text("全宗或机构名称")
    line: str = text("业务类别", limit=20)
    year: int = count("年度", least=1900)
    retention: str = text("保管期限", limit=60)
    first_volume: str = text("起始卷号", limit=40)
    last_volume: str = text("终止卷号", limit=40)
    volume_count: int = count("卷数", least=1)
    place: str = text("存放位置", limit=60, default="")


@dataclass(frozen=True, kw_only=True)
class Lent:
    """One volume lent."""

    number: str = text("卷号", limit=40)
    title: str = text("案卷题名", limit=200)
    pages: int = count("页数", default=0)
    form: str = text("借阅形式", limit=20, default="原件")


@dataclass(frozen=True, kw_only=True)
class BorrowSlip(Letter):
    """借阅单 (D23): who borrows what, why, until when, with whose consent."""

    borrower: str = text("借阅人")
    borrower_no: str = text("借阅人工号", limit=20, default="")
    borrower_unit: str = text("借阅单位")
    purpose: str = prose("借阅事由", limit=2_000)
    volumes: tuple[Lent, ...] = rows("借阅案卷", Lent, least=1)
    borrowed_on: date = day("借出日期")
    due_on: date = day("应还日期")
    approved_by: str = text("批准人")
    rules: tuple[str, ...] = lines("借阅须知")

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.due_on < self.borrowed_on:
            yield "due_on", "应还日期不能早于借出日期"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One stretch of custody and what it counts for."""

    party: str = text("持有方", limit=20)
    unit: str = text("单位", default="")
    person: str = text("人员", default="")
    since: datetime = moment("起")
    until: datetime | None = moment("止", default=None)
    counted: bool = flag("是否计入")
    spent: str = text("用时", limit=40)
    why: str = text("说明", limit=300, default="")


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one party used in all."""

    party: str = text("持有方", limit=20)
    spent: str = text("合计用时", limit=40)
    counted: str = text("计入时效", limit=40, default="")


@dataclass(frozen=True, kw_only=True)
class ClockSheet(Letter):
    """时效说明: how a deadline was reckoned, segment by segment."""

    clock: str = text("时效名称")
    rule: str = text("规则及版本", limit=200)
    basis: tuple[str, ...] = lines("依据", least=1)
    subject: str = text("案件事项")
    customer: str = text("客户", default="")
    started_at: datetime = moment("起算时间")
    limit: str = text("时限", limit=60)
    due_at: datetime = moment("到期时间", ends=True)
    spent: str = text("已计时长", limit=60)
    result: str = text("结论", limit=60)
    as_of: datetime = moment("计算时点")
    segments: tuple[Segment, ...] = rows("持有区间", Segment, least=1)
    shares: tuple[Share, ...] = rows("各方用时", Share)
    remark: str = prose("说明", limit=4_000, default="")


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One event of the case."""

    seq: int = count("序号", least=1)
    at: datetime = moment("时间")
    step: str = text("步骤", limit=60)
    actor: str = text("经办人", limit=60)
    acting_for: str = text("代办对象", limit=60, default="")
    unit: str = text("单位", default="")
    change: str = text("状态变化", limit=60, default="")
    reason: str = prose("说明", limit=6_000, default="")


@dataclass(frozen=True, kw_only=True)
class FlowSheet(Letter):
    """流转单: the whole way of a case, step by step."""

    line: str = text("业务类别", limit=20)
    item: str = text("业务项目", limit=40)
    customer: str = text("客户", default="")
    customer_identity: str = identity("客户证件号码")
    policy_number: str = text("保单号", limit=40, default="")
    state: str = text("当前状态", limit=40)
    holder: str = text("当前持有", default="")
    submitted_on: date = day("递交日期")
    due_at: datetime | None = moment("最近到期", ends=True, default=None)
    happenings: tuple[Happening, ...] = rows("流转记录", Happening, least=1)
    seal: str = text("轨迹校验值", limit=64, default="")
    printed_by: str = text("打印人")
    printed_at: datetime = moment("打印时间")
