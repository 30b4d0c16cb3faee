"""Moves a case makes: 复效, 减额交清, 豁免, 自动垫交约定, 减保, 公司解约. Amounts are reckoned by the caller (`rules`), the book checks
that the move is allowed, posts and keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Coverage, EventKind, PayableKind, Policy, PolicyStatus, PremiumEntry
from lifeops.policies.rules.dates import reinstatement_end
from lifeops.policies.rules.lines import ZERO, money, yuan
from lifeops.policies.services.events import Cause, keep_covers, record
from lifeops.policies.services.ledger import post
from lifeops.policies.services.lending import open_loans, owed_at, value_at, value_tables
from lifeops.policies.services.locking import change_status, close_loans, end_covers, locked, still_there
from lifeops.policies.services.notices import tell_of_refund
from lifeops.policies.services.premiums import due_after, instalment_at, open_row, receipt_key, settle_due, touch
from lifeops.policies.services.settling import close_books, drop_receivable, return_deposits
from lifeops.policies.services.terms import reinstatement_years
from lifeops.workdays.calendar import get_calendar


def covers_of(policy: Policy) -> list[Coverage]:
    return list(policy.coverages.filter(active=True).select_related("version__product"))


def stood_before(policy: Policy) -> PolicyStatus:
    """To what a suspended policy comes back: 减额交清 and 豁免 outlast the suspension."""
    row = policy.status_changes.exclude(status=PolicyStatus.LAPSED).order_by("-pk").first()
    return PolicyStatus(row.status) if row and row.status in (PolicyStatus.PAID_UP, PolicyStatus.WAIVED) else PolicyStatus.IN_FORCE


def arrears(policy: Policy, day: date) -> list[tuple[date, Decimal]]:
    """Instalments that fell due up to `day` and were not paid: (due date, amount); what 复效 must make up for. Of waived ones
    the customer owes none: the day run waives what fell due meanwhile."""
    if policy.status == PolicyStatus.LAPSED and stood_before(policy) == PolicyStatus.WAIVED:
        return []
    covers, due, found = covers_of(policy), policy.paid_to, []
    while due is not None and due <= day:
        found.append((due, instalment_at(covers, due)))
        due = due_after(policy, covers, due)
    return found


@transaction.atomic
def reinstate(
    *, policy: Policy, case_number: str, day: date, applied_on: date, interest: Decimal, received: Decimal, reference: str,
    actor: User, now: datetime,
) -> Policy:
    """复效 (保险法 37): within two years of the suspension, from the day all arrears and their interest are paid (司法解释三 8).
    `received` is the money that came in; overpaid premium counts as well, what is too much stays overpaid."""
    found = locked(policy, case_number)
    still_there(found)
    if found.status != PolicyStatus.LAPSED or found.lapsed_on is None:
        raise BookRefused(f"保单状态为“{found.get_status_display()}”，不需复效")
    main = next(c for c in covers_of(found) if not c.is_rider)
    last = reinstatement_end(found.lapsed_on, get_calendar().is_workday, reinstatement_years(main.version))
    if applied_on > last:
        raise BookRefused(f"申请复效的期限为 {last}，已经超过")
    if found.insured.died_on is not None:
        raise BookRefused(f"被保险人已于 {found.insured.died_on} 身故，不能复效")
    missed, covers = arrears(found, day), covers_of(found)
    loans = open_loans(found)
    if loans and owed_at(loans, day) >= value_at(value_tables(found, covers), day):
        raise BookRefused("贷款、垫交本息已达到现金价值，须先还款")
    total = sum((amount for _, amount in missed), ZERO) + interest
    if received + found.suspense < total:
        raise BookRefused(f"复效应交 {yuan(total)} 元，实收 {yuan(received + found.suspense)} 元，不足")
    owed = sum((amount for _, amount in missed), ZERO)
    money = [
        post(found, on=day, text="复效收款", case_number=case_number, key=receipt_key(reference) if reference else "",
             lines={Account.RECEIVED: received, Account.SUSPENSE: -received}),
        post(found, on=day, text="复效补交保费及利息", case_number=case_number,
             lines={Account.SUSPENSE: total, Account.PREMIUM: -owed, Account.INTEREST: -interest}),
    ]
    for due, amount in missed:
        PremiumEntry.objects.update_or_create(
            policy=found, due_on=due, kind="renewal",
            defaults={"amount": amount, "paid_on": day, "settled_by": "paid", "case_number": case_number},
        )
    if missed:
        found.paid_to = due_after(found, covers, missed[-1][0])
    found.reinstated_on, before = day, stood_before(found)
    found.save(update_fields=["paid_to", "reinstated_on"])
    change_status(
        found, PolicyStatus.IN_FORCE, on=day, cause="复效", case_number=case_number, why=Cause.of(case_number, actor),
        data={"money": money, "paid_to": found.paid_to.isoformat() if found.paid_to else None},
    )
    if before != PolicyStatus.IN_FORCE:
        change_status(
            found, before, on=day, cause=f"复效后仍为{before.label}", case_number=case_number, why=Cause.of(case_number, actor)
        )
    return found


@transaction.atomic
def make_paid_up(
    *, policy: Policy, case_number: str, sums: Mapping[int, Decimal], day: date, actor: User, now: datetime
) -> Policy:
    """减额交清: `sums` gives the new sum of each coverage that stays; the others end. Debts are settled first (facts 2.2)."""
    found = locked(policy, case_number)
    still_there(found)
    if found.loans.filter(repaid_on__isnull=True).exists():
        raise BookRefused("有贷款或垫交未还，清偿后方可办理减额交清")
    covers = covers_of(found)
    main = next(c for c in covers if not c.is_rider)
    if main.pk not in sums or any(not 0 < sums[c.pk] <= c.sum_assured for c in covers if c.pk in sums):
        raise BookRefused("减额交清后的保额须大于零且不高于原保额")
    entry = drop_receivable(found, on=day, case_number=case_number)
    for cover in covers:
        cover.active = cover.pk in sums
        cover.sum_assured = sums.get(cover.pk, cover.sum_assured)
        cover.premium = cover.extra = ZERO
        cover.save(update_fields=["active", "sum_assured", "premium", "extra"])
    found.premiums.filter(kind="renewal", paid_on__isnull=True).delete()
    found.paid_to = None
    found.save(update_fields=["paid_to"])
    change_status(
        found, PolicyStatus.PAID_UP, on=day, cause="减额交清", case_number=case_number, why=Cause.of(case_number, actor),
        data={"coverages": keep_covers(covers, since=day, case_number=case_number), "paid_to": None, "money": [entry]},
    )
    return found


@transaction.atomic
def waive_premiums(*, policy: Policy, case_number: str, day: date, actor: User, now: datetime) -> Policy:
    """豁免 (M-14): from the next due date after the trigger (`day`) the company bears the premium; what fell due before must
    have been paid."""
    found = locked(policy, case_number)
    still_there(found)
    if found.paid_to is None:
        raise BookRefused("保费已交清，没有可豁免的保费")
    row = open_row(found)
    if row is not None and row.due_on <= day:
        raise BookRefused(f"{row.due_on} 期保费尚未交纳，须先补交")
    change_status(
        found, PolicyStatus.WAIVED, on=day, cause="豁免保险费", case_number=case_number, why=Cause.of(case_number, actor)
    )
    if row is not None:
        settle_due(
            found, covers_of(found), row, on=row.due_on, by="waived", against=Account.BENEFIT, kind=EventKind.PREMIUM_WAIVED,
            cause=Cause.of(case_number, actor), note=f"{row.due_on} 期保费 {yuan(row.amount)} 元豁免",
        )
    touch(found, day)
    return found


@transaction.atomic
def agree_advance(*, policy: Policy, case_number: str, agreed: bool, day: date, actor: User, now: datetime) -> Policy:
    """自动垫交选择 (PS11)."""
    found = locked(policy, case_number)
    still_there(found)
    if found.apl_agreed == agreed:
        raise BookRefused("与现有约定相同")
    found.apl_agreed = agreed
    found.save(update_fields=["apl_agreed"])
    note = "约定自动垫交" if agreed else "取消自动垫交"
    record(found, EventKind.CHOICE, on=day, cause=Cause.of(case_number, actor), note=note, data={"apl_agreed": agreed})
    return found


@transaction.atomic
def reduce_cover(
    *, policy: Policy, case_number: str, cover: Coverage, sum_assured: Decimal, premium: Decimal, extra: Decimal,
    refund: Decimal, day: date, actor: User, now: datetime,
) -> Coverage:
    """减保 (PS03): a smaller sum at its new premium; the cash value of the part given up is payable."""
    found = locked(policy, case_number)
    still_there(found)
    if found.loans.filter(repaid_on__isnull=True).exists():
        raise BookRefused("有贷款或垫交未还，清偿后方可减保")
    row = found.coverages.get(pk=cover.pk)
    if not row.active or not 0 < sum_assured < row.sum_assured or refund < 0:
        raise BookRefused("减保后的保额须大于零且低于现保额")
    if premium < 0 or extra < 0:
        raise BookRefused("减保后的保险费不得为负")
    # the bonus sum falls in the same proportion
    row.bonus_sum = money(row.bonus_sum * sum_assured / row.sum_assured)
    row.sum_assured, row.premium, row.extra = sum_assured, premium, extra
    row.save(update_fields=["sum_assured", "bonus_sum", "premium", "extra"])
    entry = post(
        found, on=day, text="减保应付", case_number=case_number, lines={Account.SURRENDER: refund, Account.PAYABLE: -refund}
    )
    record(
        found, EventKind.COVERAGE, on=day, cause=Cause.of(case_number, actor), note=f"减保至 {yuan(sum_assured)} 元",
        data={"coverages": keep_covers([row], since=day, case_number=case_number), "money": [entry]},
    )
    touch(found, day)
    return row


@transaction.atomic
def rescind(
    *, policy: Policy, case_number: str, day: date, payable: Decimal, actor: User, now: datetime, cause: str = "公司解约",
    owed_on: date | None = None, waits: bool = False,
) -> Policy:
    """公司解约 (保险法 16、32、37): `payable` is the cash value, with the 终了红利 that surrender would pay (`terminal_on_leaving`),
    the premium or nothing, as the article says; net of debts with interest to `owed_on` (else `day`). Overpaid premium and dividends
    are the policyholder's whatever it says. What `waits` belongs to no case: the policyholder collects it (PS28)."""
    found = locked(policy, case_number)
    still_there(found)
    if payable < 0:
        raise BookRefused("应退金额不得为负")
    closed = close_loans(found, owed_on=owed_on or day, closed_on=day)
    money = [
        drop_receivable(found, on=day, case_number=case_number),
        close_books(found, on=day, text=f"{cause}应付", case_number="" if waits else case_number, account=Account.SURRENDER, closed=closed,
                    payable=payable, suspense=False, kind=PayableKind.LEFT if waits and payable else ""),
        return_deposits(found, on=day),
    ]
    change_status(
        found, PolicyStatus.TERMINATED, on=day, cause=cause, case_number=case_number, why=Cause.of(case_number, actor),
        data={"coverages": end_covers(found, on=day, case_number=case_number), "money": money, "loans": closed.loans},
    )
    if money[-1]:
        tell_of_refund(found, day)  # 解除合同通知书 tells of the refund alone
    return found
