"""收款人核验 of a claim (facts 3.8, 5.6): who may receive, what must be seen, what must be written down before money goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.db.models import Q

from claims.models import Claim
from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case, Finding
from lifeops.cases.states import AFTER, BEFORE, ApplicantKind, State
from lifeops.documents.checklists import papers_seen
from lifeops.org.statements import reach, read_one
from lifeops.policies.models import Coverage
from lifeops.policies.rules.payees import Check, PayeeFacts, payee_checks
from lifeops.policies.services.parties import account_holder, heirs_of
from lifeops.policies.services.terms import covers_with_products
from lifeops.screening.rules import Person

#: States in which a conclusion tells who receives a refund.
SIGNED_OR_WAITING = (State.PENDING_APPROVAL, *AFTER)
#: Said of oneself; of somebody else's name it is no relation.
SELF = "本人"


def entitled(case: Case, record: Claim) -> list[str]:
    """Names of those whom the benefit is due to: on death the beneficiaries of the day, or the heir who claims where
    nobody is named (保险法 42); otherwise the insured."""
    policy = case.contract
    if case.item != "CL01":
        return [reach(policy, "insured").name]
    day = record.event_on
    rows = policy.beneficiaries.filter(Q(effective_to__isnull=True) | Q(effective_to__gt=day), effective_from__lte=day)
    named = list(rows.order_by("order", "pk").values_list("name", flat=True))
    return named or ([case.applicant.name] if case.applicant else [])


def persons(case: Case, record: Claim) -> list[Person]:
    """Who receives the money, for 名单核查; beneficiaries of the day of the event."""
    day, heirs = record.event_on, case.once("heirs", lambda: heirs_of(case.contract))
    on_the_day = [b for b in heirs if b.effective_from <= day and b.effective_to is not None and b.effective_to > day]
    former = [Person("受益人", b.name, b.birth_date, (b.id_number,) if b.id_number else ()) for b in on_the_day]
    decision = case.current_decision() if case.state in SIGNED_OR_WAITING else None
    refund = [Person("退还收款人", decision.refund_payee)] if decision is not None and decision.refund_payee else []
    return [Person("收款人", record.payee), *refund, *former]


def reason_kept(case: Case) -> str:
    """Why somebody else is paid, as written down when the case left the branch."""

    def ask() -> str:
        row = read_one(Finding, "case_id = %s AND stage = 'entry' AND code = 'A02'", [case.pk])
        return row.override_reason if row else ""

    return str(case.once("reason_kept", ask))


def payee_findings(
    case: Case, record: Claim, amount: Decimal, *, reason: str = "", covers: Sequence[Coverage] | None = None
) -> list[FindingSpec]:
    """The checks for paying `amount` (元) now. `reason`: what speaks for another payee, besides what is kept. Before the
    case is handed over the reason is still to come: then it is asked for and not missed. `covers`: all coverages of the
    policy, where they have been read."""
    names, seen, applicant = entitled(case, record), papers_seen(case), reach(case, "applicant")
    covers = covers_with_products(case.contract) if covers is None else covers
    relation = "" if record.payee_relation.strip() == SELF else record.payee_relation.strip()
    awaited = case.state in BEFORE and bool(relation)
    if record.payee not in names:  # whoever is entitled is paid without one
        reason = reason_kept(case) or reason.strip()
    own = applicant is not None and record.payee == applicant.name
    facts = PayeeFacts(
        kind="claim", amount=amount, payee=record.payee, entitled=names,
        # of one step: asked by the form that checks and by the effect that pays
        account_holder=case.once("account_holder", lambda: account_holder(record.payee_account, record.payee)),
        product_kinds=[c.version.product.kind for c in covers if c.active],
        relation=relation, third_party_reason=reason or ("待登记" if awaited else ""),
        identity_verified=bool(applicant and applicant.id_number) and "ID_APPLICANT" in seen,
        beneficiary_id_kept=own or "ID_BENEFICIARY" in seen or _on_file(case, record.payee),
        by_proxy=case.applicant_kind == ApplicantKind.PROXY, proxy_verified={"POWER_OF_ATTORNEY", "ID_PROXY"} <= seen,
    )  # fmt: skip
    found = [as_finding(check) for check in payee_checks(facts) if check.code != "A01" or facts.account_holder]
    if awaited and not reason:
        words = "付给他人，请登记原因并留存实际领款人证件"
        found = [replace(f, message=words) if (f.code, f.level) == ("A02", "warn") else f for f in found]
    return found


def _on_file(case: Case, name: str) -> bool:
    """A document of the payee is on file: as the insured, or with the beneficiaries."""
    insured = reach(case.contract, "insured")
    if insured.name == name:
        return bool(insured.id_number)
    return any(row.id_number for row in case.contract.beneficiaries.filter(name=name))


def as_finding(check: Check) -> FindingSpec:
    return FindingSpec(check.code, check.level, check.message, check.value[:100], check.limit[:100], check.source)


def refusals(
    case: Case, record: Claim, amount: Decimal, *, reason: str = "", covers: Sequence[Coverage] | None = None
) -> list[str]:
    """Why this payee may not be paid this amount."""
    found = payee_findings(case, record, amount, reason=reason, covers=covers)
    return [f"{f.message}（{f.value}）" for f in found if f.level == "block"]


def second_signature(case: Case) -> str:
    """A payee who is not entitled as of right is paid on two signatures, however small the sum."""
    record = case.record
    return "付给他人须由另一人批准" if record is not None and record.payee not in entitled(case, record) else ""
