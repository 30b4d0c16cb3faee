"""What every letter has: number, sender, date, copy; and the records that several kinds share."""

# ruff: noqa: RUF009 -- the specs are immutable
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.documents.letters.money import in_words
from lifeops.documents.letters.schema import NUMBER, account, count, day, identity, money, prose, text

APPEAL_ROUTES = (
    "申请复核：凭本通知书到任一营业网点或致电客户服务热线提出，由未参与原决定的人员复核。",
    "投诉：对复核结果仍有异议的，可通过热线、网站或营业网点投诉，本公司按规定时限答复。",
    "调解或仲裁：可向当地金融消费纠纷调解组织申请调解；合同订有仲裁条款的，可申请仲裁。",
    "诉讼：可依法向有管辖权的人民法院提起诉讼，并请留意法律规定的诉讼时效。",
)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A printed paper of the company. `company` and `hotline` come from the settings when left out."""

    number: str = text("文书编号", limit=40, pattern=NUMBER)
    issued_on: date = day("出具日期")
    unit: str = text("出具单位")
    unit_address: str = text("单位地址", default="")
    unit_phone: str = text("单位电话", limit=60, default="")
    case_number: str = text("受理号", limit=40, default="")
    copy_no: int = count("份号", least=1, default=1)
    reprint_reason: str = text("补打原因", default="")
    company: str = text("公司名称", default="")
    hotline: str = text("客户服务热线", limit=60, default="")


@dataclass(frozen=True, kw_only=True)
class CustomerLetter(Letter):
    """A letter to a customer."""

    addressee: str = text("收件人")
    addressee_address: str = text("收件地址", default="")


@dataclass(frozen=True, kw_only=True)
class PolicyLetter(CustomerLetter):
    """A letter about a policy or an application for one."""

    policy_number: str = text("保单号", limit=40, default="")
    product: str = text("险种名称", default="")
    holder: str = text("投保人", default="")
    insured: str = text("被保险人", default="")


@dataclass(frozen=True, kw_only=True)
class Sum:
    """One line of a calculation: what, how it was reckoned, how much (negative: deducted)."""

    label: str = text("项目")
    formula: str = prose("计算说明", limit=400, default="")
    amount: Decimal = money("金额", negative=True)


@dataclass(frozen=True, kw_only=True)
class Payee:
    """Who is paid what, and to which account (always masked)."""

    name: str = text("领款人")
    relation: str = text("与被保险人关系", limit=40, default="")
    identity: str = identity("领款人证件号码")
    share: str = text("份额", limit=40, default="")
    bank: str = text("开户银行", default="")
    account: str = account("收款账号", default="")
    amount: Decimal = money("应付金额")


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause quoted in its own words."""

    source: str = text("条款名称")
    article: str = text("条款序号", limit=60, default="")
    wording: str = prose("条款原文", limit=4_000)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A coded reason with the words for this case."""

    code: str = text("理由代码", limit=12, default="")
    title: str = text("理由")
    detail: str = prose("理由说明", default="")


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A paper handed back with a letter."""

    name: str = text("资料名称")
    form: str = text("形式", limit=20, default="原件")
    pages: int = count("页数", default=1)


def total_of(amounts: Any) -> Decimal:
    return sum(amounts, Decimal("0.00"))


def sum_mismatch(path: str, label: str, total: Decimal, lines: Any) -> Iterator[tuple[str, str]]:
    """A total printed beside its lines is the sum of the printed lines (convention C-09)."""
    reckoned = total_of(line.amount for line in lines)
    if lines and reckoned != total:
        yield path, f"{label}（{total:,.2f}）与明细合计（{reckoned:,.2f}）不符"


def words(amount: Decimal | None) -> str:
    return "" if amount is None else in_words(amount)
