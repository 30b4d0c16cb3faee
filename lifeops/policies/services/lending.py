"""保单贷款 and 自动垫交: lent on the cash value, renewed at the end of the term, repaid with interest (M-05, M-06)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import (
    Account,
    Coverage,
    EventKind,
    LedgerEntry,
    Policy,
    PolicyLoan,
    PolicyStatus,
    PremiumEntry,
    ProductVersion,
)
from lifeops.policies.rules.cash import CashValues, cash_value, interest
from lifeops.policies.rules.dates import PremiumState, add_months, premium_standing
from lifeops.policies.rules.life import COVERED
from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, plain, yuan
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import post
from lifeops.policies.services.locking import change_status, locked, still_there
from lifeops.policies.services.owing import debt_of
from lifeops.policies.services.premiums import apply_suspense, receipt_key, repayment_key, settle_due, touch
from lifeops.policies.services.terms import LEAST_LOAN, loan_months, loan_rate, loan_ratio, may_lend, sex_of
from lifeops.policies.services.values import table_of

#: Statuses that an unpaid premium ends.
LAPSING = (PolicyStatus.IN_FORCE, PolicyStatus.GRACE, PolicyStatus.APL)


def value_tables(policy: Policy, covers: Sequence[Coverage]) -> list[CashValues]:
    """Cash values of the coverages that have any."""
    found = [table_of(c, sex_of(policy, c)) for c in covers if c.active]
    return [table for table in found if table is not None]


def value_at(tables: Sequence[CashValues], day: date) -> Decimal:
    return sum((cash_value(table, day).amount for table in tables), ZERO)


def open_loans(policy: Policy) -> list[PolicyLoan]:
    return list(policy.loans.filter(repaid_on__isnull=True).order_by("since", "pk"))


def owed_at(loans: Sequence[PolicyLoan], day: date) -> Decimal:
    """Principal and interest up to a day, in 元."""
    return sum((loan.principal + interest(debt_of(loan), day) for loan in loans), ZERO)


def refuse_overdue(policy: Policy, version: ProductVersion, day: date) -> None:
    """Refused after a 宽限期 that went by unpaid: a policy that a case holds has not been suspended, or its premium advanced, by
    the day run yet."""
    stands = premium_standing(policy.paid_to, day, version.grace_days)
    if policy.status in LAPSING and stands.state == PremiumState.LAPSED:
        raise BookRefused(f"{stands.due_on} 期保费至宽限期满 {stands.grace_end} 未交，不能贷款")


@transaction.atomic
def lend(*, policy: Policy, case_number: str, amount: Decimal, day: date, actor: User, now: datetime) -> PolicyLoan:
    """保单贷款 (PS09): at most 80 % of the cash value less what is owed, at least 500 元; the money is payable."""
    found = locked(policy, case_number)
    still_there(found)
    if found.status not in COVERED:
        raise BookRefused(f"保单状态为“{found.get_status_display()}”，不能贷款")
    if found.cooling_off_end is None or day <= found.cooling_off_end:
        raise BookRefused("犹豫期内不能贷款")
    covers = _covers(found)
    version = next(c for c in covers if not c.is_rider).version
    if not may_lend(version):
        raise BookRefused(f"{version.product.name}的条款没有保单贷款")
    refuse_overdue(found, version, day)
    limit = money(value_at(value_tables(found, covers), day) * loan_ratio(version)) - owed_at(open_loans(found), day)
    if not LEAST_LOAN <= amount <= limit or amount != money(amount):
        raise BookRefused(f"可贷金额为 {yuan(LEAST_LOAN)} 至 {yuan(max(ZERO, limit))} 元")
    loan = PolicyLoan.objects.create(
        policy=found, kind="loan", principal=amount, rate=loan_rate(version), since=day,
        due_on=add_months(day, loan_months(version)), case_number=case_number,
    )
    entry = post(
        found, on=day, text="保单贷款", case_number=case_number, lines={Account.LOAN: amount, Account.PAYABLE: -amount}
    )
    record(
        found, EventKind.LOAN, on=day, cause=Cause.of(case_number, actor), note=f"贷款 {yuan(amount)} 元，到期 {loan.due_on}",
        data={"money": [entry], "loans": {str(loan.pk): f"{amount:.2f}"}},
    )
    touch(found, day)
    return loan


@transaction.atomic
def repay(
    *, policy: Policy, amount: Decimal, day: date, reference: str, actor: User, now: datetime, case_number: str = "",
    from_suspense: bool = False,
) -> Decimal:
    """贷款还款 (PS10): interest first, then principal, oldest loan first. What is too much stays as 暂收; returns it.
    `from_suspense`: no money comes in, what waits as 暂收 is used."""
    if amount <= 0 or amount != money(amount):
        raise BookRefused("还款金额须大于零，精确到分")
    found, key = locked(policy, case_number), repayment_key(reference) if reference.strip() else ""
    if key and LedgerEntry.objects.filter(policy=found, key__in=[key, receipt_key(reference)]).exists():
        raise BookRefused(f"流水号 {reference.strip()} 已入账")
    if from_suspense and found.suspense < amount:
        raise BookRefused(f"暂收余额 {yuan(found.suspense)} 元，不足还款 {yuan(amount)} 元")
    loans = open_loans(found)
    if not loans:
        raise BookRefused("保单没有未还的贷款或垫交")
    if any(loan.since > day for loan in loans):
        raise BookRefused("还款日早于计息起日")
    lines: dict[str, Decimal] = {Account.SUSPENSE if from_suspense else Account.RECEIVED: amount}
    left = amount
    states: dict[str, str] = {}
    for loan in loans:
        if left <= 0:
            break
        left = _repay(found, loan, left, day, lines, states)
    lines[Account.SUSPENSE] = lines.get(Account.SUSPENSE, ZERO) - left
    entry = post(found, on=day, text="贷款、垫交还款", case_number=case_number, lines=lines, key=key)
    cause = Cause.of(case_number, actor)
    record(
        found, EventKind.LOAN_REPAID, on=day, cause=cause, note=f"还款 {yuan(amount)} 元",
        data={"money": [entry], "loans": states},
    )
    if found.status == PolicyStatus.APL and not found.loans.filter(kind="apl", repaid_on__isnull=True).exists():
        change_status(found, PolicyStatus.IN_FORCE, on=day, cause="还清垫交", case_number=case_number, why=cause)
    touch(found, day)
    return left


def _repay(
    policy: Policy, loan: PolicyLoan, left: Decimal, day: date, lines: dict[str, Decimal], states: dict[str, str]
) -> Decimal:
    """One loan: paid off, or closed and opened again over the rest. Returns what is left of the money."""
    account = Account.APL if loan.kind == "apl" else Account.LOAN
    cost = interest(debt_of(loan), day)
    rest = loan.principal + cost - left
    paid = min(left, loan.principal + cost)
    lines[account] = lines.get(account, ZERO) - loan.principal
    lines[Account.INTEREST] = lines.get(Account.INTEREST, ZERO) - cost
    loan.repaid_on = day
    loan.save(update_fields=["repaid_on"])
    states[str(loan.pk)] = "0"
    if rest > 0:
        again = PolicyLoan.objects.create(
            policy=policy, kind=loan.kind, principal=rest, rate=loan.rate, since=day, due_on=loan.due_on,
            case_number=loan.case_number,
        )
        lines[account] += rest
        states[str(again.pk)] = f"{rest:.2f}"
    return left - paid


def repayment_lines(policy: Policy, amount: Decimal, day: date) -> Calculation:
    """How money for loans would be used on a day, as `repay` uses it; its lines add up to the amount."""
    lines, left = [], amount
    for loan in open_loans(policy):
        debt = debt_of(loan)
        cost = interest(debt, day)
        told = f"{yuan(loan.principal)} × {plain(loan.rate * 100)}% × {max(0, (day - loan.since).days)} 天 ÷ 365"
        for label, owed, formula in ((f"{debt.label}利息", cost, told), (f"{debt.label}本金", loan.principal, f"自 {loan.since} 计息的本金 {yuan(loan.principal)}")):
            part = min(left, owed)
            left -= part
            if part:
                lines.append(Line(label=label, formula=formula, value=part))
    if left:
        lines.append(Line(label="转为溢交保费", formula="多于应还本息的部分", value=left))
    return Calculation.of(lines)


def renew(policy: Policy, loan: PolicyLoan, day: date, cause: Cause) -> PolicyLoan:
    """The term is over and nothing was repaid: interest becomes principal, a new term starts (M-06)."""
    cost = interest(debt_of(loan), day)
    loan.repaid_on = day
    loan.save(update_fields=["repaid_on"])
    again = PolicyLoan.objects.create(
        policy=policy, kind=loan.kind, principal=loan.principal + cost, rate=loan.rate, since=day,
        due_on=add_months(day, loan_months(_main(policy))), case_number=loan.case_number,
    )
    account = Account.APL if loan.kind == "apl" else Account.LOAN
    entry = post(policy, on=day, text="贷款到期，利息转本金", lines={account: cost, Account.INTEREST: -cost})
    record(
        policy, EventKind.LOAN_RENEWED, on=day, cause=cause, note=f"利息 {yuan(cost)} 元转入本金，到期 {again.due_on}",
        data={"money": [entry], "loans": {str(loan.pk): "0", str(again.pk): f"{again.principal:.2f}"}},
    )
    return again


def advance_premium(
    policy: Policy, covers: Sequence[Coverage], row: PremiumEntry, tables: Sequence[CashValues], *, day: date, cause: Cause
) -> bool:
    """自动垫交: the value less debts pays the instalment as a loan. False where it does not reach."""
    if value_at(tables, day) - owed_at(open_loans(policy), day) <= row.amount:
        return False
    version = next(c for c in covers if not c.is_rider).version
    loan = PolicyLoan.objects.create(
        policy=policy, kind="apl", principal=row.amount, rate=loan_rate(version), since=day,
        due_on=add_months(day, loan_months(version)),
    )
    settle_due(
        policy, covers, row, on=day, by="apl", against=Account.APL, kind=EventKind.PREMIUM_ADVANCED, cause=cause,
        note=f"{row.due_on} 期保费 {yuan(row.amount)} 元自动垫交", loans={str(loan.pk): f"{row.amount:.2f}"},
    )
    return True


def _main(policy: Policy) -> ProductVersion:
    return policy.coverages.select_related("version").get(is_rider=False).version


def _covers(policy: Policy) -> list[Coverage]:
    return list(policy.coverages.filter(active=True).select_related("version__product"))


__all__ = ["advance_premium", "apply_suspense", "lend", "open_loans", "owed_at", "refuse_overdue", "renew", "repay", "repayment_lines", "value_at", "value_tables"]
