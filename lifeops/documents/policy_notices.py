"""保单通知书: the letter of a notice that is due, kept as it was printed. What it says is of the day of the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from lifeops.documents.dividend_notice import credited
from lifeops.documents.letters.schema import show_day
from lifeops.documents.models import Statement
from lifeops.documents.packs import pack
from lifeops.documents.papers import kept_data
from lifeops.documents.refund_notice import waiting
from lifeops.documents.statements import keep, pdf_of
from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, LedgerLine, NoticeKind, PayableKind, Policy, PolicyNotice
from lifeops.policies.rules.dates import reinstatement_end
from lifeops.policies.rules.lines import ZERO, yuan
from lifeops.policies.services.lending import owed_at, value_at, value_tables
from lifeops.policies.services.locking import locked
from lifeops.policies.services.notices import check_may_send, still_needed
from lifeops.policies.services.premiums import open_row
from lifeops.policies.services.terms import reinstatement_years
from lifeops.workdays.calendar import get_calendar

KIND = "policy_notice"
KINDS = {NoticeKind.DIVIDEND: "dividend_notice"}
SUSPENSION = ["《中华人民共和国保险法》第三十六条、第三十七条", "《人身保险业务基本服务规定》第二十一条"]
HEADINGS = {
    NoticeKind.LAPSE: "保险合同效力中止通知书", NoticeKind.LOAN: "保险合同效力中止通知书", NoticeKind.SURVIVAL: "生存保险金领取通知书",
    NoticeKind.MATURITY: "保险合同满期通知书", NoticeKind.DIVIDEND: "红利通知书", NoticeKind.REFUND: "退费领取通知书",
}  # fmt: skip


def content(notice: PolicyNotice, now: datetime) -> dict[str, Any]:
    """Inputs of the letter."""
    policy, kind = notice.policy, NoticeKind(notice.kind)
    covers = list(policy.coverages.select_related("version__product"))
    main = next(c for c in covers if not c.is_rider)
    told = {
        NoticeKind.LAPSE: lapsed, NoticeKind.LOAN: overtaken, NoticeKind.SURVIVAL: survival, NoticeKind.MATURITY: matured,
        NoticeKind.DIVIDEND: credited, NoticeKind.REFUND: waiting,
    }[kind](notice, covers)  # fmt: skip
    return ({} if kind in KINDS else {"heading": HEADINGS[kind]}) | {
        "number": notice.number, "issued_on": timezone.localdate(now), "unit": policy.branch.name,
        "addressee": policy.policyholder.name, "addressee_address": policy.policyholder.address, "policy_number": policy.number,
        "product": main.version.product.name, "holder": policy.policyholder.name, "insured": policy.insured.name, "about": notice.about, **told,
    }  # fmt: skip


def window(policy: Policy, notice: PolicyNotice, covers: Sequence[Any]) -> tuple[int, str]:
    """Years in which the contract may be revived, and their last day."""
    years = reinstatement_years(next(c for c in covers if not c.is_rider).version)
    return years, show_day(reinstatement_end(notice.about, get_calendar().is_workday, years))


def suspended(years: int, last: str) -> dict[str, Any]:
    return {
        "effects": [
            "自中止之日起，发生保险事故的，本公司不承担给付保险金的责任。",
            f"自中止之日起满 {years} 年（{last}）双方未达成复效协议的，本公司有权解除合同，并按合同约定退还现金价值。",
        ],
        "ways": [
            f"在 {last} 以前申请恢复合同效力（复效）：携带有效身份证件和保险合同到任一营业网点，填写申请书和健康告知。",
            "申请人不便到场的，可以书面委托他人办理，或致电客户服务热线询问。",
        ],
        "basis": SUSPENSION,
    }


def lapsed(notice: PolicyNotice, covers: Sequence[Any]) -> dict[str, Any]:
    policy = notice.policy
    years, last = window(policy, notice, covers)
    due = open_row(policy)
    if due is None:
        raise BookRefused(f"保单 {policy.number} 没有未交的保费，请核对后再打印")
    told = suspended(years, last)
    told["ways"][0] += "复效须补交中止前应交的保险费及利息，以申请当日计算为准。"
    return told | {
        "opening": f"您的保险合同应于 {show_day(due.due_on)} 交纳的保险费在宽限期内未收到，合同效力自 {show_day(notice.about)} 起中止。",
        "facts": [{"label": "应交日", "value": show_day(due.due_on)}, {"label": "中止日", "value": show_day(notice.about)}, {"label": "可复效至", "value": last}],
        "sum_label": "当期应交保险费", "sum": due.amount,
    }  # fmt: skip


def overtaken(notice: PolicyNotice, covers: Sequence[Any]) -> dict[str, Any]:
    policy, day = notice.policy, notice.about
    years, last = window(policy, notice, covers)
    owed = owed_at([x for x in policy.loans.all() if x.since <= day and (x.repaid_on is None or x.repaid_on > day)], day)
    value = value_at(value_tables(policy, covers), day)
    told = suspended(years, last)
    told["ways"][0] += "复效须还清借款本息并补交应交的保险费，以申请当日计算为准。"
    return told | {
        "opening": f"您的保险合同项下的借款本息于 {show_day(day)} 达到保单现金价值，合同效力自该日起中止。",
        "facts": [
            {"label": "中止日", "value": show_day(day)}, {"label": "可复效至", "value": last}, {"label": "当日现金价值", "value": f"{yuan(value)} 元"},
        ],
        "sum_label": "当日借款本息", "sum": owed,
    }  # fmt: skip


def survival(notice: PolicyNotice, covers: Sequence[Any]) -> dict[str, Any]:
    day = notice.about
    lines = LedgerLine.objects.filter(entry__policy=notice.policy, entry__on=day, entry__kind=PayableKind.SURVIVAL, account=Account.PAYABLE, amount__lt=0)
    return {
        "opening": f"按照您的保险合同，生存保险金于 {show_day(day)} 应付，请您办理领取。",
        "facts": [{"label": "应领日", "value": show_day(day)}],
        "sum_label": "生存保险金", "sum": -sum((x.amount for x in lines), ZERO), **fetched(),
    }  # fmt: skip


def matured(notice: PolicyNotice, covers: Sequence[Any]) -> dict[str, Any]:
    day = notice.about
    lines = LedgerLine.objects.filter(entry__policy=notice.policy, entry__on__lte=day, account=Account.PAYABLE)
    return {
        "opening": f"您的保险合同已于 {show_day(day)} 满期，合同终止，下列款项应付，请您办理领取。",
        "facts": [{"label": "满期日", "value": show_day(day)}],
        "sum_label": "应付合计", "sum": max(Decimal(0), -sum((x.amount for x in lines), ZERO)), **fetched(),
    }  # fmt: skip


def fetched() -> dict[str, Any]:
    return {
        "effects": [],
        "ways": ["由领取人携带有效身份证件、保险合同和本人银行账户到任一营业网点办理；也可以书面委托他人办理。"],
        "basis": ["保险合同关于生存、满期给付的约定", "《中华人民共和国保险法》第二十三条"],
    }


def print_notice(*, notice: PolicyNotice, actor: User, now: datetime) -> bytes:
    """The letter as PDF. Printed again before it was sent it is the same paper; afterwards it is looked at, not made anew."""
    check_may_send(actor, notice)
    with transaction.atomic():
        locked(notice.policy)
        made = Statement.objects.filter(notice=notice).order_by("-pk").first()
        if made is not None:
            return pdf_of(made)
        found = still_needed(notice)  # as it is under the lock, with policy and people
        kind = KINDS.get(NoticeKind(found.kind), KIND)
        kept = kept_data(kind, content(found, now))
        _, pdf = keep(
            policy=found.policy, notice=found, kind=kind, number=found.number, day=found.about, data=kept, actor=actor, now=now
        )
    return pdf


def print_notices(*, notices: Sequence[PolicyNotice], actor: User, now: datetime) -> tuple[bytes, list[tuple[PolicyNotice, str]]]:
    """Letters in one file, as `pack`."""

    def paper(notice: PolicyNotice) -> dict[str, Any]:
        return {
            "number": notice.number, "title": HEADINGS[NoticeKind(notice.kind)], "customer": notice.policy.policyholder.name,
            "note": f"应于 {notice.due_on} 前发出" + ("，已逾期" if notice.due_on < timezone.localdate(now) else ""),
        }

    return pack(
        notices, lambda notice: print_notice(notice=notice, actor=actor, now=now), paper, mark="TZ", to_party="寄送人员",
        branch_of=lambda notice: notice.policy.branch, actor=actor, now=now,
    )
