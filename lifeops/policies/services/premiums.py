"""续期保费: what falls due, what comes in, what is waived; money that fits nothing yet waits as 暂收."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from lifeops.org.models import User
from lifeops.org.statements import read
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import (
    SUSPENSIONS,
    Account,
    Coverage,
    EventKind,
    EventSource,
    LedgerEntry,
    LedgerLine,
    Policy,
    PolicyStatus,
    PremiumEntry,
)
from lifeops.policies.rules.dates import MONTHS, add_months, add_years, due_date, term_years
from lifeops.policies.rules.life import PAYING
from lifeops.policies.rules.lines import ZERO, money, yuan
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import post
from lifeops.policies.services.locking import change_status, locked
from lifeops.policies.services.notices import tell_of_refund


def received(policy: Policy) -> list[PremiumEntry]:
    """保费账: what has been paid, lent, waived or refunded, by due day."""
    return read(PremiumEntry, "policy_id = %s AND paid_on IS NOT NULL ORDER BY due_on, id", [policy.pk])


def pays_at(cover: Coverage, due: date) -> bool:
    """True when the coverage has an instalment on a due date: within its own payment term, while it is held."""
    return cover.active and in_pay_term(cover, due)


def in_pay_term(cover: Coverage, due: date) -> bool:
    if due < cover.effective_on:
        return False
    if cover.pay_term == "SINGLE":
        return due == cover.effective_on
    years = term_years(cover.pay_term, cover.entry_age, cover.start_age)
    return years is None or due < add_years(cover.effective_on, years)


def instalment_at(covers: Sequence[Coverage], due: date) -> Decimal:
    """Premium and loading of the coverages that pay on a due date, in 元."""
    return sum((c.premium + c.extra for c in covers if pays_at(c, due)), ZERO)


def due_after(policy: Policy, covers: Sequence[Coverage], due: date) -> date | None:
    """Next due date after one, None when all is paid; counted from the effective day, so month ends do not drift."""
    step = MONTHS.get(policy.pay_mode)
    main = next((c for c in covers if not c.is_rider), None)
    if step is None or main is None:
        return None
    gone = (due.year - policy.effective_on.year) * 12 + due.month - policy.effective_on.month
    following = due_date(policy.effective_on, policy.pay_mode, gone // step + 1)
    return following if pays_at(main, following) else None


def write_due(policy: Policy, covers: Sequence[Coverage], due: date, cause: Cause) -> PremiumEntry:
    """应收: the instalment of a due date enters schedule and ledger; overpaid money pays it at once."""
    row, made = PremiumEntry.objects.get_or_create(
        policy=policy, due_on=due, kind="renewal", defaults={"amount": instalment_at(covers, due), "case_number": cause.case_number}
    )
    if made:
        lines = {Account.RECEIVABLE: row.amount, Account.PREMIUM: -row.amount}
        entry = post(policy, on=due, text=f"{due} 期保费应收", lines=lines, case_number=cause.case_number, key=f"due:{due}")
        record(
            policy, EventKind.PREMIUM_DUE, on=due, cause=cause, note=f"{due} 应交 {yuan(row.amount)} 元", key=f"due:{due}",
            data={"money": [entry]},
        )
    return row


def settle_due(
    policy: Policy, covers: Sequence[Coverage], row: PremiumEntry, *, on: date, by: str, against: str, kind: str, cause: Cause,
    note: str, loans: dict[str, str] | None = None,
) -> None:
    """An open instalment is settled from an account (暂收, 垫交, 豁免): schedule, ledger and next due date move on."""
    row.paid_on, row.settled_by = on, by
    row.save(update_fields=["paid_on", "settled_by"])
    entry = post(
        policy, on=on, text=f"{row.due_on} 期保费{row.get_settled_by_display()}", case_number=cause.case_number,
        lines={against: row.amount, Account.RECEIVABLE: -row.amount},
    )
    policy.paid_to = due_after(policy, covers, row.due_on)
    policy.save(update_fields=["paid_to"])
    record(
        policy, kind, on=on, cause=cause, note=note,
        data={"money": [entry], "paid_to": policy.paid_to.isoformat() if policy.paid_to else None, "loans": loans or {}},
    )


def open_row(policy: Policy) -> PremiumEntry | None:
    """The instalment written and not settled."""
    return policy.premiums.filter(kind="renewal", paid_on__isnull=True).order_by("due_on").first()


def apply_suspense(policy: Policy, covers: Sequence[Coverage], *, on: date, cause: Cause) -> int:
    """Overpaid money pays open instalments that are due, whole ones only, oldest first. Returns how many."""
    count = 0
    while policy.status in PAYING and (row := open_row(policy)) is not None and policy.suspense >= row.amount:
        day = max(on, row.due_on)
        settle_due(
            policy, covers, row, on=day, by="paid", against=Account.SUSPENSE, kind=EventKind.PREMIUM_PAID, cause=cause,
            note=f"{row.due_on} 期保费 {yuan(row.amount)} 元",
        )
        if policy.status == PolicyStatus.GRACE:
            why = cause if cause.source != EventSource.JOB else Cause()
            advanced = policy.loans.filter(kind="apl", repaid_on__isnull=True).exists()
            change_status(policy, PolicyStatus.IN_FORCE, on=day, cause="宽限期内交费", case_number=cause.case_number, why=why)
            if advanced:
                change_status(policy, PolicyStatus.APL, on=day, cause="仍有自动垫交未还", case_number=cause.case_number, why=why)
        count += 1
    return count


#: As long as a key of the ledger may be.
LONGEST_KEY = LedgerEntry._meta.get_field("key").max_length or 0


def _key(kind: str, reference: str) -> str:
    """The whole reference; where it does not fit, what only the whole of it gives: two that begin alike are two payments."""
    whole = f"{kind}:{reference.strip()}"
    return whole if len(whole) <= LONGEST_KEY else f"{kind}#{hashlib.sha256(reference.strip().encode()).hexdigest()[:48]}"


def receipt_key(reference: str) -> str:
    """By what the ledger knows a receipt again."""
    return _key("in", reference)


def last_came_in(policy: Policy) -> date | None:
    """The last day on which money came in as 暂收."""
    lines = LedgerLine.objects.filter(entry__policy=policy, account=Account.SUSPENSE, amount__lt=0)
    return lines.aggregate(last=Max("entry__on"))["last"]


def repayment_key(reference: str) -> str:
    """By what the ledger knows money again that came in for a loan."""
    return _key("repay", reference)


@transaction.atomic
def receive_premium(
    *, policy: Policy, amount: Decimal, received_on: date, reference: str, actor: User | None, now: datetime, case_number: str = ""
) -> Policy:
    """实收: money comes in as 暂收 and pays what is open. The same reference counts once. Money that came within the grace
    period and was registered after the policy had been suspended undoes the suspension (更正). What comes for a contract that has
    ended waits to be refunded (PS28), and a letter says so. Without an actor it is the bank's file that says so."""
    if amount <= 0 or amount != money(amount):
        raise BookRefused("收款金额须大于零，精确到分")
    if not reference.strip():
        raise BookRefused("请填写收款流水号")
    found, key = locked(policy), receipt_key(reference)
    if LedgerEntry.objects.filter(policy=found, key=key).exists():
        return found
    from lifeops.policies.services.life import bring_to

    bring_to(found, received_on)
    cause = Cause.of(case_number, actor) if case_number or actor else Cause(source=EventSource.JOB)
    entry = post(
        found, on=received_on, text="收到保费", case_number=case_number, key=key,
        lines={Account.RECEIVED: amount, Account.SUSPENSE: -amount},
    )
    record(
        found, EventKind.MONEY_IN, on=received_on, cause=cause, note=f"收到 {yuan(amount)} 元（{reference.strip()}）" + ("，合同已终止，待退" if found.status == PolicyStatus.TERMINATED else ""),
        data={"money": [entry]},
    )
    covers = list(found.coverages.filter(active=True).select_related("version__product"))
    if found.status == PolicyStatus.LAPSED:
        _undo_lapse(found, covers, received_on, Cause(source=EventSource.CORRECTION, case_number=case_number, actor=actor))
    apply_suspense(found, covers, on=received_on, cause=cause)
    if found.status == PolicyStatus.TERMINATED:
        tell_of_refund(found, timezone.localdate(now))
    touch(found, received_on)
    return found


def _undo_lapse(policy: Policy, covers: Sequence[Coverage], received_on: date, cause: Cause) -> None:
    row = open_row(policy)
    if row is None or policy.lapsed_on is None or received_on >= policy.lapsed_on or policy.suspense < row.amount:
        return
    entry = post(
        policy, on=received_on, text=f"{row.due_on} 期保费应收恢复", case_number=cause.case_number,
        lines={Account.RECEIVABLE: row.amount, Account.PREMIUM: -row.amount},
    )
    change_status(
        policy, PolicyStatus.IN_FORCE, on=received_on, cause="宽限期内已交费，更正中止", case_number=cause.case_number, why=cause,
        data={"money": [entry]},
    )
    policy.notices_due.filter(kind__in=SUSPENSIONS, sent_on__isnull=True).delete()


def touch(policy: Policy, day: date) -> None:
    """Have the day run look at the policy again."""
    if policy.status != PolicyStatus.TERMINATED:
        policy.next_event_on = min(policy.next_event_on or day, day)
        policy.save(update_fields=["next_event_on"])


__all__ = [
    "add_months", "apply_suspense", "due_after", "instalment_at", "open_row", "pays_at", "receive_premium", "settle_due", "touch", "write_due",
]
