"""理算: what is due, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from claims.earlier import INTENT, rescinded_by, rescinded_words
from claims.grounds import ENDING
from claims.models import Claim, ClaimDecision
from claims.rules import EventFacts, liability_denied, liability_findings, rescission_finding
from claims.supplement import less_paid_before, told_of_paid_before
from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.cases.states import State
from lifeops.org.statements import reach
from lifeops.policies.models import Coverage
from lifeops.policies.rules.benefits import cap_for_minor, less_arrears, minors_cap
from lifeops.policies.rules.dates import age_on
from lifeops.policies.rules.exclusions import excludes_drink_driving
from lifeops.policies.rules.lines import ZERO, Calculation, Line, not_below_zero
from lifeops.policies.rules.medical import Expense
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.benefits import (
    Reckoned,
    answers_for_death,
    death_benefit_of,
    particular_deaths,
    pays_cash_value,
)
from lifeops.policies.services.benefits_after import less_owed_back
from lifeops.policies.services.claiming import Standing, standing
from lifeops.policies.services.credited_after import taken_off, undone_lines
from lifeops.policies.services.earned_late import late_lines, with_bonus
from lifeops.policies.services.holds import by_code, conflicts
from lifeops.policies.services.reimbursing import (
    Bill,
    MedicalDue,
    MedicalPart,
    alternatives,
    answers_for_medical,
    medical_of,
)
from lifeops.policies.services.rescinding import last_day
from lifeops.policies.services.terms import covers_with_products, sex_of, waiting_days, waiting_from
from lifeops.policies.services.values import value_on

ANSWERS = {"CL01": answers_for_death, "CL05": answers_for_medical}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is read of the contract for one reckoning and passed on, so that all of it rests on one reading. `covers` answer
    for the item as they stood on the day of the event; `begun` are all that would by their product and had begun by then."""

    all_covers: list[Coverage]
    covers: list[Coverage]
    begun: list[Coverage]
    stand: Standing


def known_of(case: Case, record: Claim) -> Known:
    policy, day = case.contract, record.event_on
    insured = reach(policy, "insured")
    if case.applicant_id == insured.pk:
        case.applicant = insured  # one reading for one person
    all_covers = covers_with_products(policy)
    stand = standing(policy, day, all_covers)
    return Known(
        all_covers=all_covers, covers=[c for c in with_bonus(answering(policy, day, all_covers), stand.late) if ANSWERS[case.item](c)],
        begun=[c for c in all_covers if ANSWERS[case.item](c) and c.effective_on <= day], stand=stand,
    )


def covers_of(case: Case, day: date | None = None, all_covers: list[Coverage] | None = None) -> list[Coverage]:
    """The coverages that answer for the item, by the benefits of their products: as they stood on the day of the event, or
    all that there are where no day is named. `all_covers`: of the policy, where they have been read."""
    if case.policy_id is None:
        return []
    covers = covers_with_products(case.contract) if all_covers is None else all_covers
    covers = answering(case.contract, day, covers) if day else covers
    return [c for c in covers if ANSWERS[case.item](c)]


def particulars_of(case: Case) -> list[tuple[str, str]]:
    """Benefits that pay only for a certain accident or are one of several: (code, name), to be chosen at entry."""
    choosable = particular_deaths if case.item == "CL01" else alternatives
    # the form that checks what was keyed and the one that keeps it offer the same
    return list(case.once("particulars", lambda: [(b["code"], b["name"]) for cover in covers_of(case) for b in choosable(cover)]))


def facts_of(case: Case, record: Claim, known: Known | None = None) -> EventFacts:
    known = known or known_of(case, record)
    policy, covers, stand = case.contract, known.covers, known.stand
    # what was given up or has run out tells why nothing answers
    told = covers or known.begun
    version, first = (told[0].version, told[0]) if told else (None, None)
    expired = not covers and bool(told) and all(c.expires_on and record.event_on > c.expires_on for c in told)
    answers = told if expired or not stand.covered else covers
    return EventFacts(
        event_on=record.event_on, submitted_on=case.submitted_on, cause=record.cause,
        cause_label=record.get_cause_display(), status_label="保险期间已届满" if expired else stand.status_label,
        covered=stand.covered and not expired, in_grace=stand.in_grace, effective_on=policy.effective_on,
        suicide_since=stand.suicide_since, suicide_years=version.suicide_years if version else 2,
        waiting_days=waiting_days(first) if first else 0, had_capacity=record.had_capacity,
        waiting_from=waiting_from(first, policy.reinstated_on, record.event_on) if first else policy.effective_on,
        holds_cover=any(ANSWERS[case.item](c, accident=record.cause == "accident") for c in answers),
        exclusion="；".join(c.exclusion for c in told if c.exclusion),
        drunk_excluded=any(excludes_drink_driving(c.version.definition) for c in told),
    )


def denied(case: Case, record: Claim, known: Known) -> list[str]:
    """Why nothing is due as of right; on death within the waiting period the premiums paid are due."""
    specs = liability_findings(facts_of(case, record, known))
    if case.item == "CL01":
        specs = [s for s in specs if s.code != "L04"]
    gone = rescinded_by(case)
    return liability_denied(specs) + ([rescinded_words(gone)] if gone is not None and gone.reason_code == INTENT else [])


def findings(case: Case, record: Claim | None, now: datetime) -> list[FindingSpec]:
    """The line's rules; nothing before entry."""
    if record is None or case.policy_id is None:
        return []
    from claims.payees import as_finding, payee_findings

    known = known_of(case, record)
    due = reckon(case, record, known).calculation.amount
    # a freeze, pledge or report of loss does not stop a claim from being judged; whoever pays must know of it
    held = [as_finding(c) for c in by_code(conflicts(case.contract, case.item, case_number=case.number)) if c.code == "H02"]
    return liability_findings(facts_of(case, record, known)) + [_rescindable(case, now)] + held + payee_findings(case, record, due, covers=known.all_covers)


def _rescindable(case: Case, now: datetime) -> FindingSpec:
    """Until when the contract may be rescinded; by the day on which the company knew, where a conclusion that waits says so."""
    policy, decision = case.contract, case.current_decision() if case.state == State.PENDING_APPROVAL else None
    known_on = decision.known_on if decision is not None else None
    if (gone := rescinded_by(case)) is not None:
        return FindingSpec("L08", "warn", rescinded_words(gone), f"{policy.terminated_on} 解除", "合同未解除", "保险法第16条第4、5款")
    return rescission_finding(last=last_day(policy, known_on), established_on=policy.established_on, known_on=known_on, today=timezone.localdate(now))


def calculate(case: Case, record: Claim) -> Calculation:
    """What is due as of right, with its lines; an empty calculation where liability is denied."""
    return reckon(case, record).calculation


def reckon(case: Case, record: Claim, known: Known | None = None) -> Reckoned:
    """`calculate`, and what of it the terms leave to the examiner."""
    known = known or known_of(case, record)
    if reasons := denied(case, record, known):
        return Reckoned(calculation=Calculation.of([Line(label="不承担保险责任", formula="；".join(reasons)), *told_of_paid_before(case)]))
    return death(case, record, known) if case.item == "CL01" else medical(case, record, known.covers).reckoned


def death(case: Case, record: Claim, known: Known) -> Reckoned:
    """身故保险金 of all coverages by their products' formulas, capped for minors, less arrears and loans (M-10, M-11)."""
    policy, stand, left_open = case.contract, known.stand, list[str]()
    lines, born = late_lines(policy, stand.late, record.event_on), case.contract.insured.birth_date
    for cover in known.covers:
        found = death_benefit_of(policy, cover, record.event_on, accident=record.cause == "accident", particular=record.benefit)
        lines += found.calculation.lines
        left_open += found.open
    benefit = Calculation.of(lines)
    age = age_on(born, record.event_on) if born else None
    if age is not None and minors_cap(age) is not None:
        exempt, exempt_label = exempt_of(case, record, known)
        benefit = cap_for_minor(
            benefit=benefit, exempt=exempt, exempt_label=exempt_label, others=record.paid_elsewhere_on_minor + paid_before(case), age=age
        )
    due = less_arrears(
        benefit=benefit, arrears=stand.arrears_open, debts=stand.owed.debts, event_on=record.event_on, reliefs=stand.owed.reliefs,
        undone=undone_lines(stand.undone),
    )  # fmt: skip
    due = less_owed_back(due, stand.owed_back)
    if before := less_paid_before(case):
        due = not_below_zero([*due.lines, *before], "前案已给付的，不再给付")
    return Reckoned(calculation=due, open=tuple(left_open))


def exempt_of(case: Case, record: Claim, known: Known) -> tuple[Decimal, str]:
    """What stays outside the minors' cap of a contract, and its name: premiums paid, or the cash value where the terms pay by it
    and it is more (M-10)."""
    exempt, label = known.stand.premiums_paid, "已交保险费"
    for cover in known.covers:
        value = value_on(cover, sex_of(case.contract, cover), record.event_on)
        if value is not None and value > exempt and pays_cash_value(cover):
            exempt, label = value, "现金价值"
    return exempt, label


def paid_before(case: Case) -> Decimal:
    """What this company has concluded to pay for the same death on other contracts and counts towards the minors' cap, in 元: the
    benefit before arrears and loans were taken off it, less what is exempt. The one that was concluded first is not cut by
    those that came after it."""
    claims = Claim.objects.filter(case__item="CL01", case__policy__insured=case.contract.insured_id).exclude(case__policy=case.policy_id)
    rows = ClaimDecision.objects.filter(case__in=claims.exclude(case__state=State.WITHDRAWN).values("case"), superseded=False, amount__gt=0).exclude(outcome__in=ENDING)
    own = ClaimDecision.objects.filter(case=case, superseded=False).first()
    total, seen = ZERO, set[int]()
    for decision in (rows if own is None else rows.filter(pk__lt=own.pk)).select_related("case__policy__insured").order_by("pk"):
        other = decision.case
        if other.contract.pk in seen:
            total += decision.amount  # 补付
            continue
        seen.add(other.contract.pk)
        record = Claim.objects.get(case=other)
        known = known_of(other, record)
        stand = known.stand
        total += max(ZERO, decision.amount + stand.arrears_open + stand.owed.due + _taken_off(stand) - exempt_of(other, record, known)[0])
    return total


def _taken_off(stand: Standing) -> Decimal:
    """What was paid out for the time after the death and came off a benefit of which something was left."""
    return taken_off(stand.undone) + stand.owed_back.most_off


def medical(case: Case, record: Claim, covers: list[Coverage]) -> MedicalDue:
    """费用补偿 of one stay over the coverages that answer for it (facts 5.4): what one pays the next does not pay again."""
    insured = reach(case.contract, "insured")
    parts: list[MedicalPart] = []
    left_open: list[str] = []
    compensated = record.social_insurance + record.other_paid
    for cover in covers:
        found, words = medical_of(
            cover, bill_of(record, compensated), with_social_insurance=insured.has_social_insurance,
            particular=record.benefit,
        )
        parts += found
        left_open += words
        compensated += sum((p.calculation.amount for p in found if p.compensates), ZERO)
    lines = [line for part in parts for line in part.calculation.lines]
    return MedicalDue(parts=tuple(parts), reckoned=Reckoned(calculation=Calculation.of(lines), open=tuple(left_open)))


def bill_of(record: Claim, compensated: Decimal) -> Bill:
    """The bill as the terms see it; `compensated` grows by what the coverages before paid."""
    return Bill(
        event_on=record.event_on, accident=record.cause == "accident",
        expenses=tuple(
            Expense(
                category=row["category"], invoiced=Decimal(row["invoiced"]), non_covered=Decimal(row["non_covered"]),
                over_limit=Decimal(row["over_limit"]),
            )
            for row in record.expenses
        ),
        social_insurance=record.social_insurance, other=compensated - record.social_insurance, ss_used=record.ss_used,
        days=max(1, (record.discharged_on - record.admitted_on).days) if record.admitted_on and record.discharged_on else 0,
    )  # fmt: skip
