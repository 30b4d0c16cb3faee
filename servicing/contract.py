"""The items by which the contract goes on: what they come to, and what their rules look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifeops.cases.findings import FindingSpec
from lifeops.cases.health import yes_codes
from lifeops.cases.models import Case
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Coverage, LedgerEntry, Policy
from lifeops.policies.rules.alterations import Part
from lifeops.policies.rules.lines import ZERO, Calculation, Line, yuan
from lifeops.policies.services.benefits import answers_for_death
from lifeops.policies.services.events import not_before_last_move
from lifeops.policies.services.lending import open_loans, owed_at, refuse_overdue, repayment_lines
from lifeops.policies.services.premiums import open_row, receipt_key, repayment_key
from lifeops.policies.services.reinstating import Reinstatement, due_for_reinstatement, last_day_to_apply
from lifeops.policies.services.terms import article_of, covers_with_products, may_lend, offers
from lifeops.policies.services.trial import Trial, TrialKind, try_value
from lifeops.policies.services.trial.book import book_on
from lifeops.policies.services.trial.changes import part_of
from servicing import benefit
from servicing.contract_rules import (
    BackFacts,
    LoanFacts,
    PaidUpFacts,
    PartFacts,
    RepayFacts,
    back_findings,
    loan_findings,
    paid_up_findings,
    part_findings,
    repay_findings,
)
from servicing.models import ChangeRequest
from servicing.rules import ConsentFacts

#: Items that this module answers for.
ITEMS = ("PS03", "PS07", "PS08", "PS09", "PS10", *benefit.ITEMS)


def effective_day(case: Case, record: ChangeRequest, today: date | None = None) -> date:
    """From when it holds: 减保 and 减额交清 from the day the company was asked, not before what was lent or given up since; 还款 from
    the day the money came; 复效, 贷款 and what is collected from the day of the last signature, on which money and agreement are
    both there."""
    if case.item == "PS10" and record.received_on:
        return record.received_on
    if case.item in ("PS03", "PS08"):
        return not_before_last_move(case.contract, case.submitted_on)
    return today or timezone.localdate()


def main_of(policy: Policy) -> Coverage:
    return next(c for c in covers_with_products(policy) if not c.is_rider)


def pays_on_death(policy: Policy) -> bool:
    return any(answers_for_death(c) for c in covers_with_products(policy) if c.active)


# ── what it comes to ──


def due_on(case: Case, record: ChangeRequest, today: date | None = None) -> Calculation:
    """The amount of the conclusion with its lines: paid out by 减保 and 贷款, paid in by 复效 and 还款; 减额交清 moves no money, its
    lines tell the new sum. BookRefused where it cannot be done."""
    return DUES[case.item](case, record, today or timezone.localdate())


def tried(case: Case, kind: str, today: date, **inputs: Any) -> Trial:
    return try_value(policy=case.contract, kind=kind, day=effective_day(case, case.record, today), today=today, **inputs)


def asked(record: ChangeRequest) -> Decimal:
    return record.asked or ZERO


def _part(case: Case, record: ChangeRequest, today: date) -> Calculation:
    return tried(case, TrialKind.PARTIAL, today, given_up=asked(record), cover=record.cover_id).calculation


def part(case: Case, record: ChangeRequest, today: date | None = None) -> tuple[Coverage, Part]:
    """减保: the coverage and what is left of it."""
    book = book_on(case.contract, effective_day(case, record, today), today or timezone.localdate())
    cover, _, found = part_of(book, given_up=asked(record), cover=record.cover_id)
    return cover, found


def back(case: Case, record: ChangeRequest, today: date | None = None) -> Reinstatement:
    return due_for_reinstatement(case.contract, today or timezone.localdate(), with_debts=record.with_debts)


def new_sum(case: Case, today: date | None = None) -> Decimal:
    return tried(case, TrialKind.PAID_UP, today or timezone.localdate()).amount


def _paid_up(case: Case, record: ChangeRequest, today: date) -> Calculation:
    lines = tried(case, TrialKind.PAID_UP, today).calculation.lines
    return Calculation.of(replace(line, counts=False) for line in lines)


def _loan(case: Case, record: ChangeRequest, today: date) -> Calculation:
    lines = tried(case, TrialKind.LOAN, today, amount=asked(record)).calculation.lines
    return Calculation.of([*(replace(line, counts=False) for line in lines), Line(label="借款金额", value=asked(record))])


DUES: dict[str, Callable[[Case, ChangeRequest, date], Calculation]] = {
    "PS03": _part, "PS07": lambda case, record, today: back(case, record, today).due, "PS08": _paid_up, "PS09": _loan,
    "PS10": lambda case, record, today: repayment_lines(case.contract, asked(record), effective_day(case, record, today)),
    "PS24": benefit.due_of, "PS26": benefit.due_of,
}  # fmt: skip


# ── what the rules look at ──


def contract_findings(case: Case, record: ChangeRequest, now: datetime, *, deciding: bool) -> list[FindingSpec]:
    """The item's own rules; `deciding` for a conclusion that grants it and for its signature."""
    today = timezone.localdate(now)
    if case.item in benefit.ITEMS:
        return benefit.benefit_findings(benefit.facts_of(case, record))
    if case.item == "PS03":
        return part_findings(_part_facts(case, record, today))
    if case.item == "PS07":
        return back_findings(_back_facts(case, record, today, deciding))
    if case.item == "PS08":
        return paid_up_findings(_paid_up_facts(case, record, today))
    if case.item == "PS09":
        return loan_findings(_loan_facts(case, record, today))
    return repay_findings(_repay_facts(case, record, today))


def consent_of(case: Case, record: ChangeRequest) -> ConsentFacts:
    policy, day = case.contract, case.asked_on
    return ConsentFacts(
        asked_on=day, by_insured=case.applicant_id is not None and case.applicant_id == policy.insured_id, insured_age=policy.insured.age(day),
        consent_by=record.consent_by, consent_on=record.consent_on,
    )  # fmt: skip


def _terms(case: Case, record: ChangeRequest, today: date, cover: Coverage, name: str, offered: bool) -> dict[str, Any]:
    policy = case.contract
    return {
        "day": effective_day(case, record, today), "offered": offered, "product": cover.version.product.name,
        "article": article_of(cover.version, name), "cooling_off_end": policy.cooling_off_end,
    }


def _outcome(reckon: Callable[[], str]) -> dict[str, Any]:
    """What it came to in words, or why it did not."""
    try:
        return {"result": reckon()}
    except BookRefused as refused:
        return {"why_not": str(refused)}


def _part_facts(case: Case, record: ChangeRequest, today: date) -> PartFacts:
    policy = case.contract
    cover = record.cover if record.cover_id else main_of(policy)
    assert cover is not None
    payable = ZERO

    def reckon() -> str:
        nonlocal payable
        chosen, left = part(case, record, today)
        payable = left.payout.amount
        return f"{yuan(chosen.sum_assured)} 减至 {yuan(left.sum_assured)} 元"

    outcome, row = _outcome(reckon), open_row(policy) if policy.paid_to else None
    return PartFacts(
        **_terms(case, record, today, cover, "partial_surrender", offers(cover.version, "partial_surrender")), **outcome, payable=payable,
        open_due=row.due_on if row else None,
    )  # fmt: skip


def _paid_up_facts(case: Case, record: ChangeRequest, today: date) -> PaidUpFacts:
    covers = covers_with_products(case.contract)
    main = next(c for c in covers if not c.is_rider)
    riders = "、".join(c.version.product.name for c in covers if c.is_rider and c.active)
    return PaidUpFacts(
        **_terms(case, record, today, main, "reduced_paid_up", offers(main.version, "reduced_paid_up")),
        **_outcome(lambda: f"{yuan(main.sum_assured)} 减至 {yuan(new_sum(case, today))} 元"), riders=riders, consent=consent_of(case, record),
    )


def _loan_facts(case: Case, record: ChangeRequest, today: date) -> LoanFacts:
    policy, covers = case.contract, covers_with_products(case.contract)
    main = next(c for c in covers if not c.is_rider)

    def reckon() -> str:
        refuse_overdue(policy, main.version, today)
        return f"借款 {yuan(asked(record))} 元，可贷 {yuan(tried(case, TrialKind.LOAN, today, amount=asked(record)).amount)} 元"

    return LoanFacts(
        **_terms(case, record, today, main, "policy_loan", may_lend(main.version)),
        **_outcome(reckon),
        owed=owed_at(open_loans(policy), effective_day(case, record, today)),
        death_cover=pays_on_death(policy), consent=consent_of(case, record),
    )


def _back_facts(case: Case, record: ChangeRequest, today: date, deciding: bool) -> BackFacts:
    policy = case.contract
    main, why_not, state = main_of(policy), "", None
    try:
        state = back(case, record, today)
    except BookRefused as refused:
        why_not = str(refused)
    return BackFacts(
        day=today, submitted_on=case.submitted_on, asked_on=case.asked_on,
        lapsed_on=policy.lapsed_on, apply_until=last_day_to_apply(policy, main), due=state.due.amount if state else None, why_not=why_not,
        received=policy.suspense, paid_on=state.paid_on if state else None, deciding=deciding, owed=state.owed if state else ZERO,
        must_repay=bool(state and state.must_repay), with_debts=record.with_debts, answered_yes=len(yes_codes(record.health or [])),
        occupation_class=record.occupation_class, class_before=policy.insured.occupation_class,
        class_limit=main.version.max_occupation_class, consent=consent_of(case, record),
    )  # fmt: skip


def _booked_elsewhere(case: Case, record: ChangeRequest) -> str:
    """Another policy for which the same money has been keyed, "" for none."""
    if not record.reference:
        return ""
    rows = ChangeRequest.objects.filter(reference=record.reference).exclude(case__policy=case.policy_id)
    return str(rows.values_list("case__policy__number", flat=True).first() or "")


def _repay_facts(case: Case, record: ChangeRequest, today: date) -> RepayFacts:
    policy, loans, day = case.contract, open_loans(case.contract), effective_day(case, record, today)
    keys = [receipt_key(record.reference), repayment_key(record.reference)] if record.reference else []
    return RepayFacts(
        amount=asked(record), owed=owed_at(loans, day), owed_since=max((loan.since for loan in loans), default=None), received_on=day,
        today=today, how=record.paid_how, how_label=record.get_paid_how_display(), waiting=policy.suspense,
        booked_before=bool(keys) and LedgerEntry.objects.filter(policy=policy, key__in=keys).exists(),
        booked_elsewhere=_booked_elsewhere(case, record), accepted_on=timezone.localdate(case.accepted_at), payer=record.payer, holder=policy.policyholder.name,
    )  # fmt: skip


__all__ = ["ITEMS", "back", "contract_findings", "due_on", "effective_day", "new_sum", "part", "pays_on_death"]
