"""What is there to be had: cash value, 退保金, 未满期保费, loan and 自动垫交 (M-02 to M-06)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lifeops.policies.models import PolicyStatus
from lifeops.policies.rules.alterations import automatic_loan, loan_balance
from lifeops.policies.rules.cash import Debt, loan_limit, surrender_payout
from lifeops.policies.rules.dates import add_months, add_years
from lifeops.policies.rules.life import COVERED, PAYING
from lifeops.policies.rules.lines import Calculation, Line, plain, yuan
from lifeops.policies.services.premiums import instalment_at
from lifeops.policies.services.servicing import cooling_off_refund, terminal_on_leaving
from lifeops.policies.services.terms import LEAST_LOAN, loan_months, loan_rate, loan_ratio, may_lend
from lifeops.policies.services.trial.book import Book, Trial, TrialKind, explain, refuse, told
from lifeops.policies.services.values import has_paid, unused_premium

#: Years that interest is told for at most; unpaid interest becomes principal, and no purse holds what centuries make of it.
LONGEST_LOAN = 60


def cash_values(book: Book) -> Trial:
    lines = [line for cover in book.covers for line in book.value_of(cover, book.day).lines]
    return Trial(
        kind=TrialKind.CASH_VALUE, day=book.day, title="现金价值", calculation=Calculation.of(lines), notes=("未减贷款、垫交本息",)
    )


def surrender(book: Book) -> Trial:
    """退保金; within 犹豫期 all premium goes back."""
    policy, day = book.policy, book.day
    if policy.cooling_off_end is not None and day <= policy.cooling_off_end:
        found = cooling_off_refund(policy, day)
        return Trial(
            kind=TrialKind.SURRENDER, day=day, title="应退金额（犹豫期撤单）", calculation=found, notes=(f"犹豫期至 {policy.cooling_off_end}",)
        )
    values = [book.value_of(cover, book.valued_on) for cover in book.covers]
    values.append(terminal_on_leaving(policy, book.covers, day, book.status))
    found = surrender_payout(values=values, day=day, debts=book.debts, suspense=book.suspense, dividends=book.accumulated)
    return Trial(kind=TrialKind.SURRENDER, day=day, title="退保金", calculation=found)


def unearned(book: Book) -> Trial:
    """未满期保费 of the coverages of at most a year (M-03)."""
    if not book.short_covers:
        refuse("kind", "没有一年期及以下的险种；长期险种解除合同按现金价值，请试算退保金")
    parts = [
        unused_premium(c, book.day, expense, name=f"{c.version.product.name} ", claimed=has_paid(c)) for c, expense in book.short_covers
    ]
    found = Calculation.of([line for part in parts for line in part.lines])
    return Trial(kind=TrialKind.UNEARNED, day=book.day, title="未满期保费", calculation=found)


def loan(book: Book, *, amount: Decimal | None = None, until: date | None = None) -> Trial:
    """可贷金额; with an amount also what it costs `until` a day, by default the end of the term."""
    version, day = book.main.version, book.day
    book.offered(book.main, "保单贷款", may_lend(version))
    book.needs(*COVERED)
    book.past_cooling_off()
    value, ratio, rate = book.long_values(day), loan_ratio(version), loan_rate(version)
    limit = loan_limit(value=value.amount, ratio=ratio, debts=book.debts, day=day)
    lines, notes = [*explain(value), *limit.lines], [f"年利率 {plain(rate * 100)}%，每期 {loan_months(version)} 个月，期满未还的利息转入本金"]
    if limit.amount < LEAST_LOAN:
        notes.append(f"低于最低借款额 {yuan(LEAST_LOAN)} 元，不能借款")
    if amount is not None:
        if not LEAST_LOAN <= amount <= limit.amount:
            refuse("amount", f"可贷金额为 {yuan(LEAST_LOAN)} 至 {yuan(limit.amount)} 元" if limit.amount >= LEAST_LOAN else f"可贷上限 {yuan(limit.amount)} 元，低于最低借款额 {yuan(LEAST_LOAN)} 元")
        months, last = loan_months(version), until or add_months(day, loan_months(version))
        if last <= day:
            refuse("until", "应晚于试算日")
        if last > (end := add_years(day, LONGEST_LOAN)):
            refuse("until", f"不能晚于 {end}（{LONGEST_LOAN} 年）")
        owed = loan_balance(Debt(label="借款", principal=amount, rate=rate, since=day), last, term_months=months)
        lines += [*explain(owed), told(f"{last} 应还本息", owed.amount)]
    elif until is not None:
        refuse("amount", "请填写借款金额")
    found = Calculation.of(lines)
    return Trial(kind=TrialKind.LOAN, day=day, title="可贷金额", calculation=found, notes=tuple(notes))


def advance(book: Book) -> Trial:
    """自动垫交 of the next instalment: lent where the value less what is owed is more than the premium."""
    if book.status not in PAYING or book.status == PolicyStatus.WAIVED:
        refuse("day", f"该日保单状态为“{book.status_label}”，没有可垫交的保费")
    if book.paid_to is None:
        refuse("kind", "保费已交清，没有可垫交的保费")
    value, premium = book.long_values(book.day), instalment_at(book.covers, book.paid_to)
    found = automatic_loan(value=value.amount, debts=book.debts, premium=premium, day=book.day)
    if found.refusals:
        refuse("kind", "；".join(found.refusals))
    lines: list[Line] = [*explain(value), *found.calculation.lines]
    notes = [f"垫交 {book.paid_to} 期保费，宽限期满仍未交时发生"]
    if not book.policy.apl_agreed:
        notes.append("保单未约定自动垫交，宽限期满未交费的，合同效力中止")
    return Trial(kind=TrialKind.ADVANCE, day=book.day, title="自动垫交保费", calculation=Calculation.of(lines), notes=tuple(notes))
