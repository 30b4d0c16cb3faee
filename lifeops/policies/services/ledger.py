"""保单账: posting, balances, statement. Every posting balances; the policy's 溢交保费 follows the account 暂收."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from lifeops.org.statements import Question, insert, insert_many
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, LedgerEntry, LedgerLine, Policy
from lifeops.policies.rules.lines import ZERO, money

#: Accounts that say what stands open between customer and company.
STANDING = (
    Account.RECEIVABLE, Account.SUSPENSE, Account.PAYABLE, Account.LOAN, Account.APL, Account.DIVIDEND, Account.RECOVERABLE,
    Account.RECEIVED, Account.PAID,
)

Lines = Mapping[Any, Decimal]


def post(
    policy: Policy, *, on: date, text: str, lines: Lines, case_number: str = "", payment_number: str = "", key: str = "",
    kind: str = "",
) -> dict[str, str]:
    """Write an entry (debit > 0, credit < 0; accounts without amount fall away); `kind` says what an 应付 is that belongs to no
    case. Returns the lines as an event keeps them, {} when nothing moves. The policy must be locked."""
    kept = {str(account): money(amount) for account, amount in lines.items() if money(amount)}
    if not kept:
        return {}
    if sum(kept.values()) != 0:
        raise ValueError(f"凭证“{text}”借贷不平：{kept}")
    entry = LedgerEntry(
        policy=policy, on=on, text=text[:60], case_number=case_number, payment_number=payment_number, key=key, kind=kind
    )
    insert(entry)
    insert_many([LedgerLine(entry=entry, account=a, amount=v) for a, v in kept.items()])
    if moved := kept.get(Account.SUSPENSE):
        policy.suspense = policy.suspense - moved
        if policy.suspense < 0:
            raise BookRefused("暂收余额不足")
        policy.save(update_fields=["suspense"])
    return {account: f"{amount:.2f}" for account, amount in kept.items()}


def balances(policy: Policy, day: date | None = None) -> dict[str, Decimal]:
    """Balance by account up to and with a day, accounts at nothing left out; debit > 0. They add up to nothing."""
    return {account: total for account, total in _balances.tuples(policy.pk, day or date.max) if total}


@Question(int, date)
def _balances(policy: int, day: date) -> Any:
    rows = LedgerLine.objects.filter(entry__policy=policy, entry__on__lte=day)
    return rows.order_by().values_list("account").annotate(total=Sum("amount"))


def balance(policy: Policy, account: str, *, case_number: str | None = None) -> Decimal:
    """One account, of one case where a number is given."""
    if case_number is not None:
        return sum(_balance_of_case.flat(policy.pk, account, case_number), ZERO)
    rows = LedgerLine.objects.filter(entry__policy=policy, account=account)
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO


@Question(int, str, str)
def _balance_of_case(policy: int, account: str, case_number: str) -> Any:
    rows = LedgerLine.objects.filter(entry__policy=policy, account=account, entry__case_number=case_number)
    return rows.order_by().values("account").annotate(total=Sum("amount")).values_list("total")


def waiting_by_kind(policy: Policy, day: date | None = None) -> dict[str, Decimal]:
    """应付 that belongs to no case yet, by the end of a day where one is given, in 元 by its kind (`PayableKind`); kinds of which
    nothing waits are left out."""
    lines = LedgerLine.objects.filter(entry__policy=policy, entry__on__lte=day or date.max, entry__case_number="", account=Account.PAYABLE)
    rows = lines.order_by().values_list("entry__kind").annotate(total=Sum("amount"))
    return {kind: -total for kind, total in rows if total < 0}


@dataclass(frozen=True, kw_only=True)
class StatementRow:
    """An entry with its lines: (account, 借, 贷)."""

    on: date
    text: str
    case_number: str
    lines: tuple[tuple[str, Decimal, Decimal], ...]


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """An account over the period: opening + debit − credit = closing."""

    account: str
    label: str
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


@dataclass(frozen=True, kw_only=True)
class Statement:
    """对账单 of a period. `debit` = `credit`; openings and closings each add up to nothing. `more`: older rows exist that
    were left out of `rows` (never out of the sums)."""

    start: date
    end: date
    rows: tuple[StatementRow, ...]
    accounts: tuple[AccountRow, ...]
    debit: Decimal
    credit: Decimal
    more: bool = False

    @property
    def balances(self) -> bool:
        sums = [sum((getattr(a, name) for a in self.accounts), ZERO) for name in ("opening", "closing")]
        straight = all(a.opening + a.debit - a.credit == a.closing for a in self.accounts)
        return self.debit == self.credit and sums == [0, 0] and straight


def statement(policy: Policy, start: date, end: date, *, most: int = 200) -> Statement:
    """The ledger from `start` to `end`, both included; three queries whatever the length."""
    lines = LedgerLine.objects.filter(entry__policy=policy, entry__on__lte=end).order_by()
    inside = Q(entry__on__gte=start)
    sums = lines.values("account").annotate(
        opening=Sum("amount", filter=~inside), debit=Sum("amount", filter=inside & Q(amount__gt=0)),
        credit=Sum("amount", filter=inside & Q(amount__lt=0)), closing=Sum("amount"),
    )
    by_account = {row["account"]: row for row in sums}
    accounts = tuple(
        AccountRow(
            account=code, label=label, opening=row["opening"] or ZERO, debit=row["debit"] or ZERO,
            credit=-(row["credit"] or ZERO), closing=row["closing"],
        )
        for code, label in Account.choices
        if (row := by_account.get(code))
    )
    found = policy.ledger.filter(on__gte=start, on__lte=end).order_by("-on", "-pk").prefetch_related("lines")
    entries = list(found[: most + 1])
    rows = tuple(
        StatementRow(
            on=e.on, text=e.text, case_number=e.case_number,
            lines=tuple((x.get_account_display(), max(x.amount, ZERO), max(-x.amount, ZERO)) for x in e.lines.all()),
        )
        for e in entries[:most]
    )
    return Statement(
        start=start, end=end, rows=rows, accounts=accounts, debit=sum((a.debit for a in accounts), ZERO),
        credit=sum((a.credit for a in accounts), ZERO), more=len(entries) > most,
    )
