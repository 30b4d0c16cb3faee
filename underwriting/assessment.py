"""核保测算: what the book knows of the insured, the sum at risk, the premium by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from lifeops.cases.findings import FindingSpec
from lifeops.cases.health import yes_codes
from lifeops.cases.models import Case
from lifeops.cases.states import BEFORE, DURING, LineCode, RequestKind, RequestState
from lifeops.documents.checklists import papers_seen
from lifeops.policies.crypto import blind_indexes
from lifeops.policies.errors import RateMissing
from lifeops.policies.models import Party, Policy, ProductVersion
from lifeops.policies.rules.dates import MONTHS, age_on
from lifeops.policies.rules.lines import Calculation, Line
from lifeops.policies.rules.payees import contract_checks
from lifeops.policies.rules.premium import Loading, Premium
from lifeops.policies.rules.risk import RiskKind, total
from lifeops.policies.services.at_risk import Proposed, risk_of_proposal, sums_at_risk
from lifeops.policies.services.quoting import quote
from lifeops.policies.services.sale import sale_errors
from underwriting.models import Proposal, UnderwritingDecision, UnderwritingLimit
from underwriting.rules import LimitRow, Limits, ProposalFacts, underwriting_findings

#: Within these days a policy of the same product counts as a repetition, and proposals count as frequent (A10, A14).
RECENT_DAYS = 183
IN_HAND = (*BEFORE, *DURING)


def party_on_file(id_type: str, id_number: str) -> Party | None:
    """The customer with this document, if any."""
    return Party.objects.with_id(id_number).filter(id_type=id_type).first()


def insured_on_file(record: Proposal) -> Party | None:
    return party_on_file(record.insured_id_type, record.insured_id_number)


def limits_on(day: date) -> Limits:
    """核保限额 in force on a day, the latest row of a code and age first."""
    rows = UnderwritingLimit.objects.in_force(day).order_by("code", "age_from", "-effective_from")
    return Limits([LimitRow(r.code, r.age_from, r.age_to, r.value) for r in rows])


def others_of_insured(record: Proposal):  # type: ignore[no-untyped-def]
    """Other proposals on the same life, newest first."""
    return (
        Proposal.objects.filter(insured_index__in=blind_indexes("party.id", record.insured_id_number))
        .exclude(pk=record.pk)
        .select_related("case", "version__product")
        .order_by("-pk")
    )


def entry_age(record: Proposal) -> int:
    return age_on(record.insured_birth_date, record.applied_on)


@dataclass(frozen=True, kw_only=True)
class Accumulated:
    """累计风险保额 of the insured by kind, in 元: policies in force, other proposals still in hand, this one."""

    in_force: dict[RiskKind, Decimal]
    pending: dict[RiskKind, Decimal]
    own: dict[RiskKind, Decimal]

    def of(self, kind: RiskKind) -> Decimal:
        return self.in_force[kind] + self.pending[kind] + self.own[kind]


def accumulated(record: Proposal, case_number: str) -> Accumulated:
    insured = insured_on_file(record)
    others = others_of_insured(record).filter(case__state__in=IN_HAND)
    return Accumulated(
        in_force=sums_at_risk(insured, exclude_case=case_number) if insured else total(()),
        pending=total(_proposed_risk(r) for r in others), own=_proposed_risk(record),
    )  # fmt: skip


def _proposed_risk(record: Proposal) -> dict[RiskKind, Decimal]:
    return risk_of_proposal(Proposed(
        version=record.version, entry_age=entry_age(record), sum_assured=record.sum_assured, premium=record.premium_stated,
        pay_term=record.pay_term,
    ))  # fmt: skip


def premium_of(record: Proposal, loading: Loading | None = None) -> Premium:
    """One instalment from the rate table; RateMissing where there is no cell."""
    return quote(
        version=record.version, sex=record.insured_sex, age=entry_age(record), cover_term=record.cover_term,
        pay_term=record.pay_term, pay_mode=record.pay_mode, sum_assured=record.sum_assured, loading=loading,
    )


def refusals_of_sale(version: ProductVersion, record: Proposal) -> dict[str, str]:
    return sale_errors(
        version, day=record.applied_on, birth_date=record.insured_birth_date, age=entry_age(record),
        sum_assured=record.sum_assured, cover_term=record.cover_term, pay_term=record.pay_term, pay_mode=record.pay_mode,
        occupation_class=record.insured_occupation_class,
    )


def risk_lines(record: Proposal, case_number: str) -> Calculation:
    """累计风险保额 of the insured: what is signed for (facts 4.8)."""
    found, kind = accumulated(record, case_number), RiskKind.DEATH
    return Calculation.of([
        Line(label="累计风险保额：有效保单", formula="本公司有效保单现在身故应给付的合计", value=found.in_force[kind]),
        Line(label="累计风险保额：其他在办投保", formula="同一被保险人尚未作出决定的投保", value=found.pending[kind]),
        Line(label="累计风险保额：本次投保", formula=f"{record.version.product.name}首年身故应给付", value=found.own[kind]),
    ])  # fmt: skip


def facts_of(case: Case, record: Proposal, now: datetime) -> ProposalFacts:
    """Gather what the rules look at."""
    insured, age, risk = insured_on_file(record), entry_age(record), accumulated(record, case.number)
    others = list(others_of_insured(record)[:200])
    since = timezone.localdate(now) - timedelta(days=RECENT_DAYS)
    try:
        due = premium_of(record).total
    except RateMissing:
        due = None
    return ProposalFacts(
        applied_on=record.applied_on, age=age, holder_age=age_on(record.holder_birth_date, record.applied_on) if record.holder_birth_date else None,
        relation=record.relation, relation_label=record.get_relation_display(), consented=record.consented,
        parents_consented=record.parents_consented, beneficiaries=record.beneficiaries,
        sale_refusals=list(refusals_of_sale(record.version, record).values()), premium_stated=record.premium_stated,
        premium_due=due, instalments_a_year=12 // MONTHS.get(record.pay_mode, 12), single=record.pay_mode == "single",
        sum_at_risk=risk.own[RiskKind.DEATH], in_force=risk.in_force[RiskKind.DEATH], pending=risk.pending[RiskKind.DEATH],
        illness=risk.of(RiskKind.ILLNESS), minor=risk.of(RiskKind.MINOR),
        elsewhere=record.other_death_cover, income=record.insured_income, holder_income=record.holder_income,
        height_cm=record.height_cm, weight_kg=record.weight_kg, occupation_class=record.insured_occupation_class,
        yes=yes_codes(record.health), limits=limits_on(timezone.localdate(now)),
        exam_done=case.requests.filter(kind=RequestKind.EXAM, state=RequestState.CLOSED).exists(),
        on_file_conflict=_conflicts(record), twins=_twins(record, case.number, insured, others, since),
        recent=sum(1 for o in others if o.applied_on >= since), adverse=_adverse(others),
        claims=_claims(insured), died_on=insured.died_on if insured else None,
        takes_organisations="organisation" in record.version.terms.get("holders", ["person", "organisation"]),
        handler=case.handler.name if case.handler else "", handler_verified={"POWER_OF_ATTORNEY", "ID_PROXY"} <= papers_seen(case),
    )


def findings(case: Case, record: Proposal | None, now: datetime) -> list[FindingSpec]:
    """The line's rules, what stands against acceptance first; nothing before entry."""
    if record is None:
        return []
    facts = facts_of(case, record, now)
    found = underwriting_findings(facts) + _identity(case, record, facts)
    return sorted(found, key=lambda f: ("block", "warn", "pass").index(f.level))


def _identity(case: Case, record: Proposal, facts: ProposalFacts) -> list[FindingSpec]:
    """反洗钱: who must be identified before money comes in (facts 3.8). Premiums come by transfer from the account keyed."""
    seen = papers_seen(case)
    known = bool(record.holder_id_number) and "ID_APPLICANT" in seen
    if record.relation != "self":
        known = known and bool(record.insured_id_number) and "ID_INSURED" in seen
    checks = contract_checks(
        product_kinds=[record.version.product.kind], premium=facts.premium_due or record.premium_stated, in_cash=False,
        identity_verified=known,
    )  # fmt: skip
    return [FindingSpec(c.code, c.level, c.message, c.value[:100], c.limit[:100], c.source) for c in checks]


def _conflicts(record: Proposal) -> list[str]:
    """Where the book has another name, birth date or sex under the same document."""
    found = []
    for words, person in (("投保人", record.holder), ("被保险人", record.insured)):
        known = party_on_file(person.id_type, person.id_number)
        if known is None:
            continue
        if known.name != person.name:
            found.append(f"{words}证件已登记在“{known.name[:1]}**”名下")
        elif known.birth_date and known.birth_date != person.birth_date:
            found.append(f"{words}出生日期与登记不一致")
        elif known.sex and known.sex != person.sex:
            found.append(f"{words}性别与登记不一致")
    return list(dict.fromkeys(found))


def _twins(record: Proposal, number: str, insured: Party | None, others: list[Proposal], since: date) -> list[str]:
    product = record.version.product_id
    found = [o.case.number for o in others if o.version.product_id == product and o.case.state in IN_HAND]
    if insured:
        rows = Policy.objects.filter(
            insured=insured, status="in_force", applied_on__gte=since, coverages__version__product=product
        ).exclude(issued_by_case=number)
        found += list(rows.values_list("number", flat=True)[:3])
    return found


def _adverse(others: list[Proposal]) -> list[str]:
    """Other than standard conclusions on the insured that were signed."""
    rows = UnderwritingDecision.objects.filter(
        case_id__in=[o.pk for o in others], superseded=False, signed_at__isnull=False
    ).exclude(outcome="STANDARD").select_related("case")
    return [f"{row.case.number} {row.outcome_label}" for row in rows]


def _claims(insured: Party | None) -> int:
    if insured is None:
        return 0
    return Case.objects.filter(line=LineCode.CLAIMS, policy__insured=insured).count()
