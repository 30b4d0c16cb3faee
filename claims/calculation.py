"""理算: what is due, line by line."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from claims.models import Claim
from claims.rules import EventFacts, liability_denied, liability_findings
from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.policies.models import Coverage
from lifeops.policies.rules.benefits import cap_for_minor, death_benefit, less_arrears
from lifeops.policies.rules.dates import age_on, in_waiting_period, policy_year
from lifeops.policies.rules.lines import Calculation, Line
from lifeops.policies.rules.medical import Expense, MedicalTerms, Paid, Reimbursement, Used, reimburse
from lifeops.policies.services.claiming import medical_used, standing

DEATH_KINDS = ("term_life", "whole_life")


def covers_of(case: Case) -> list[Coverage]:
    """The coverages that answer for the item."""
    if case.policy is None:
        return []
    kinds = DEATH_KINDS if case.item == "CL01" else ("medical",)
    rows = case.policy.coverages.filter(version__product__kind__in=kinds).select_related("version__product")
    return list(rows)


def facts_of(case: Case, record: Claim) -> EventFacts:
    policy, covers = case.contract, covers_of(case)
    stand = standing(policy, record.event_on)
    version = covers[0].version if covers else None
    expired = bool(covers) and all(c.expires_on and record.event_on > c.expires_on for c in covers)
    return EventFacts(
        event_on=record.event_on, submitted_on=case.submitted_on, cause=record.cause,
        cause_label=record.get_cause_display(), status_label="保险期间已届满" if expired else stand.status_label,
        covered=stand.covered and not expired, in_grace=stand.in_grace, effective_on=policy.effective_on,
        suicide_since=stand.suicide_since, suicide_years=version.suicide_years if version else 2,
        waiting_days=version.waiting_days if version else 0, had_capacity=record.had_capacity,
        holds_cover=bool(covers),
        exclusion="；".join(c.exclusion for c in covers if c.exclusion),
    )


def denied(case: Case, record: Claim) -> list[str]:
    """Why nothing is due as of right; on death within the waiting period the premiums paid are due."""
    specs = liability_findings(facts_of(case, record))
    if case.item == "CL01":
        specs = [s for s in specs if s.code != "L04"]
    return liability_denied(specs)


def findings(case: Case, record: Claim | None, now: datetime) -> list[FindingSpec]:
    """The line's rules; nothing before entry."""
    if record is None or case.policy is None:
        return []
    return liability_findings(facts_of(case, record))


def calculate(case: Case, record: Claim) -> Calculation:
    """What is due as of right, with its lines; an empty calculation where liability is denied."""
    if reasons := denied(case, record):
        return Calculation.of([Line(label="不承担保险责任", formula="；".join(reasons))])
    return death(case, record) if case.item == "CL01" else medical(case, record).calculation


def death(case: Case, record: Claim) -> Calculation:
    """身故保险金 of all life coverages, capped for minors, less arrears and loans (M-10, M-11)."""
    policy, lines = case.contract, list[Line]()
    stand = standing(policy, record.event_on)
    for cover in covers_of(case):
        inside = in_waiting_period(
            effective_on=cover.effective_on, day=record.event_on, waiting_days=cover.version.waiting_days,
            accident=record.cause == "accident",
        )
        lines += death_benefit(
            sum_assured=cover.sum_assured, premiums_paid=stand.premiums_paid, in_waiting=inside,
            name=cover.version.product.name,
        ).lines
    benefit = Calculation.of(lines)
    if policy.insured.birth_date:
        benefit = cap_for_minor(
            benefit=benefit, exempt=stand.premiums_paid, exempt_label="已交保险费", others=record.paid_elsewhere_on_minor,
            age=age_on(policy.insured.birth_date, record.event_on),
        )
    return less_arrears(benefit=benefit, arrears=stand.arrears, debts=stand.debts, event_on=record.event_on)


def medical(case: Case, record: Claim) -> Reimbursement:
    """费用补偿 of one stay (facts 5.4)."""
    cover = covers_of(case)[0]
    terms = cover.version.terms
    deductible, paid = medical_used(cover, policy_year(cover.effective_on, record.event_on))
    return reimburse(
        terms=MedicalTerms(
            annual_deductible=Decimal(terms["annual_deductible"]), ratio_with_ss=Decimal(terms["ratio_with_ss"]),
            ratio_without_ss=Decimal(terms["ratio_without_ss"]), annual_limit=Decimal(terms["annual_limit"]),
        ),
        expenses=[
            Expense(
                category=row["category"], invoiced=Decimal(row["invoiced"]), non_covered=Decimal(row["non_covered"]),
                over_limit=Decimal(row["over_limit"]),
            )
            for row in record.expenses
        ],
        paid=Paid(social_insurance=record.social_insurance, other=record.other_paid, ss_used=record.ss_used),
        used=Used(deductible=deductible, annual=paid),
        had_ss_when_bought=case.contract.insured.has_social_insurance,
    )


