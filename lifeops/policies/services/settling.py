"""结清: what the ledger says when a contract ends or an instalment is not paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lifeops.policies.models import Account, PayableKind, Policy
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.services.ledger import balance, post
from lifeops.policies.services.locking import Closed


def drop_receivable(policy: Policy, *, on: date, case_number: str = "", text: str = "应收保费冲销") -> dict[str, str]:
    """Premium written as receivable and not paid is taken back: nobody is sued for it (保险法 38)."""
    owed = balance(policy, Account.RECEIVABLE)
    return post(
        policy, on=on, text=text, case_number=case_number, lines={Account.PREMIUM: owed, Account.RECEIVABLE: -owed}
    )


def close_books(
    policy: Policy, *, on: date, text: str, case_number: str, account: str, closed: Closed, payable: Decimal = ZERO,
    fee: Decimal = ZERO, arrears: bool = False, suspense: bool = True, kind: str = "",
) -> dict[str, str]:
    """One entry: debts are settled, overpayment and dividends are taken in, what is due becomes payable, 工本费 is kept; the
    rest is the expense of `account`."""
    lines = dict(closed.lines)
    lines[Account.FEE] = -fee
    if arrears:
        lines[Account.RECEIVABLE] = -balance(policy, Account.RECEIVABLE)
    if suspense:
        lines[Account.SUSPENSE] = policy.suspense
        lines[Account.DIVIDEND] = max(ZERO, -balance(policy, Account.DIVIDEND))
    lines[Account.PAYABLE] = -payable
    lines[account] = lines.get(account, ZERO) - sum(lines.values(), ZERO)
    return post(policy, on=on, text=text, case_number=case_number, lines=lines, kind=kind)


def return_deposits(policy: Policy, *, on: date) -> dict[str, str]:
    """Overpaid premium and accumulated dividends become payable to the policyholder; they belong to no case."""
    dividends = max(ZERO, -balance(policy, Account.DIVIDEND))
    lines = {Account.SUSPENSE: policy.suspense, Account.DIVIDEND: dividends, Account.PAYABLE: -(policy.suspense + dividends)}
    return post(policy, on=on, text="溢交保费、红利转应付", lines=lines, kind=PayableKind.LEFT)


def leave(policy: Policy, *, amount: Decimal, on: date, text: str) -> dict[str, str]:
    """What a settlement leaves to the policyholder becomes payable to him; it belongs to no case."""
    return post(policy, on=on, text=text, lines={Account.BENEFIT: amount, Account.PAYABLE: -amount}, kind=PayableKind.LEFT)
