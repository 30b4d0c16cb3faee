"""应发通知: letters that follow from a policy's life go out in time, by whom, how, and where that stands written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import (
    NOTICE_SENDERS,
    SUSPENSIONS,
    EventKind,
    NoticeKind,
    PayableKind,
    Policy,
    PolicyNotice,
    SentHow,
)
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import waiting_by_kind
from lifeops.policies.services.locking import locked
from lifeops.workdays.calendar import get_calendar

#: 中止通知 (基本服务规定 21), in 工作日; the other notices likewise.
NOTICE_DAYS = 10


def ask_for(policy: Policy, kind: str, *, about: date, day: date, late_noted: bool = False) -> PolicyNotice | None:
    """A letter of a locked policy becomes due `NOTICE_DAYS` after `day`; None where it was asked for before."""
    due = get_calendar().add_workdays(day, NOTICE_DAYS)
    given = {"due_on": due, "branch_id": policy.branch_id, "late_noted": late_noted}
    notice, made = PolicyNotice.objects.get_or_create(policy=policy, kind=kind, about=about, defaults=given)
    return notice if made else None


def tell_of_dividend(policy: Policy, year: int, day: date) -> PolicyNotice | None:
    """红利通知 of a policy year, one for all that is credited for it. What comes after it was printed is told by a new letter in its
    place, after it was sent by one more, of the day of the credit."""
    on = anniversary(policy.effective_on, year)
    found = policy.notices_due.filter(kind=NoticeKind.DIVIDEND, about=on).first()
    if found is not None and found.sent_on is not None:
        return ask_for(policy, NoticeKind.DIVIDEND, about=day, day=day)
    if found is not None and found.letters.exists():
        found.delete()  # its paper stays as a letter of the policy
        # that it was late is noted once
        return ask_for(policy, NoticeKind.DIVIDEND, about=on, day=day, late_noted=found.late_noted)
    return ask_for(policy, NoticeKind.DIVIDEND, about=on, day=day)


def tell_of_refund(policy: Policy, day: date) -> PolicyNotice | None:
    """退费领取通知: money was booked on `day` for a contract that has ended, or its end has left some to the policyholder (合同终止余款). One
    letter tells of all that waits when it is printed; what comes after it was printed is told by a new letter in its place, after it was
    sent by one more."""
    waiting = policy.notices_due.waiting().filter(kind=NoticeKind.REFUND).first()
    if waiting is None:
        return ask_for(policy, NoticeKind.REFUND, about=_free_day(policy, day), day=day)
    if not waiting.letters.exists():
        return None
    waiting.delete()  # its paper stays as a letter of the policy
    return ask_for(policy, NoticeKind.REFUND, about=waiting.about, day=day, late_noted=waiting.late_noted)


def _free_day(policy: Policy, day: date) -> date:
    """The day, or the next of which no such letter has been sent: two that came on one day, the first told of before the second came."""
    taken = set(policy.notices_due.filter(kind=NoticeKind.REFUND).values_list("about", flat=True))
    while day in taken:
        day += timedelta(days=1)
    return day


def left(policy: Policy) -> Decimal:
    """合同终止余款 that nobody has collected, in 元."""
    return waiting_by_kind(policy).get(PayableKind.LEFT, ZERO)


def refunded(policy: Policy, day: date) -> None:
    """Of a locked policy something was paid out or settled: where nothing waits any more, nobody is told of it."""
    if policy.suspense or left(policy):
        return
    policy.notices_due.waiting().filter(kind=NoticeKind.REFUND).update(dropped_on=day)


def check_may_send(actor: User, notice: PolicyNotice) -> None:
    if not actor.holds(*NOTICE_SENDERS, path=notice.policy.branch.path):
        raise BookRefused("通知由保单所属机构的发放岗、机构主管打印和发出")


@transaction.atomic
def still_needed(notice: PolicyNotice) -> PolicyNotice:
    """The row as it is, locked. Refused where it was sent, or where what it tells of is no longer so."""
    people = ("policy__branch", "policy__policyholder", "policy__insured")
    found = PolicyNotice.objects.waiting().select_for_update(of=("self",)).select_related(*people).filter(pk=notice.pk).first()
    if found is not None:
        return found
    sent = PolicyNotice.objects.filter(pk=notice.pk, sent_on__isnull=False).select_related("sent_by").first()
    if sent is not None:
        raise BookRefused(f"已于 {sent.sent_on} 由{sent.sent_by or '他人'}登记发出")
    if notice.kind in SUSPENSIONS:
        raise BookRefused("保单已不在中止状态，此通知不再需要")
    if notice.kind == NoticeKind.REFUND:
        raise BookRefused("款项已经退还，此通知不再需要")
    raise BookRefused("所通知的事项已冲回，此通知不再需要")


@transaction.atomic
def send_notice(*, notice: PolicyNotice, how: str, day: date, today: date, actor: User, tracking: str = "") -> PolicyNotice:
    """登记发出: the letter left on `day`. What was printed is what is sent; by mail it is followed by its number.

    Raises `BookRefused` where it was sent already, was never printed, or the day does not fit.
    """
    check_may_send(actor, notice)
    policy = locked(notice.policy)
    found = still_needed(notice)
    if how not in SentHow.values:
        raise BookRefused("请选择发出方式")
    if how == SentHow.MAIL and not tracking.strip():
        raise BookRefused("邮寄须登记运单号")
    printed = found.letters.order_by("created_at").values_list("created_at", flat=True).first()
    if printed is None:
        raise BookRefused("请先打印通知书，再登记发出")
    if not timezone.localdate(printed) <= day <= today:
        raise BookRefused(f"发出日须在打印日 {timezone.localdate(printed)} 至今天之间")
    found.sent_on, found.sent_how, found.tracking, found.sent_by = day, how, tracking.strip()[:40], actor
    found.save(update_fields=["sent_on", "sent_how", "tracking", "sent_by"])
    late = "，逾期" if day > found.due_on else ""
    record(
        policy, EventKind.NOTICE_SENT, on=day, cause=Cause.of("", actor), key=f"sent:{found.kind}:{found.about}",
        note=f"{found.get_kind_display()}{found.get_sent_how_display()}发出{late}" + (f"，运单号 {found.tracking}" if found.tracking else ""),
    )
    return found
