"""What the counter knows before a case exists: whose policy, which papers, whether it has been here already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from intake.models import PrecheckRule
from intake.services import accept_case, applicant_fault, require_papers
from lifeops.cases.errors import Invalid, book_words
from lifeops.cases.models import Case, Finding
from lifeops.cases.registry import Item, Line, lines
from lifeops.cases.states import UNDECIDED, ApplicantKind
from lifeops.documents.checklists import gaps_of, rules_for
from lifeops.documents.models import ChecklistRule, Received
from lifeops.org.models import Branch, Role, User
from lifeops.policies.models import Beneficiary, IdType, Party, Policy, PolicyStatus
from lifeops.policies.services.parties import check_party_fields, find_or_create_party

#: Who usually comes to the counter for a line.
CLAIMS = "claims"
USUAL = {CLAIMS: ApplicantKind.INSURED}
#: 身故理赔: the insured has died, those who receive the benefit come.
DEATH = "CL01"


@dataclass(frozen=True)
class Paper:
    """A row of the list at the counter: what the rule asks for and what has been ticked."""

    doc_type: str
    label: str
    required: bool
    original_required: bool
    usual_pages: int
    source: str
    received: str
    pages: Any

    @property
    def is_gap(self) -> bool:
        return self.required and self.received == Received.NONE


@dataclass(frozen=True)
class Person:
    """Somebody of a policy who may apply; a beneficiary is known by name until the document is seen."""

    kind: str
    name: str
    party: Party | None = None

    @property
    def label(self) -> str:
        return ApplicantKind(self.kind).label


def item_of(code: str) -> tuple[Line, Item] | None:
    """The line and item of an item code, or None."""
    return next(((spec, item) for spec in lines() for item in spec.items if item.code == code), None)


def is_claim(item: str) -> bool:
    """Whether something has occurred that the request is about."""
    found = item_of(item)
    return found is not None and found[0].code == CLAIMS


def units_of(user: User) -> list[Branch]:
    """Units at whose counter a person works, the own unit first."""
    held = {p.branch for p in user.active_postings() if p.role == Role.INTAKE}
    return sorted(held, key=lambda b: (b.pk != user.branch_id, b.code))


#: Cases of the day shown beside an empty form.
MOST_TODAY = 8


def accepted_today(units: list[Branch], user: User, now: datetime) -> list[Case]:
    """The latest cases of the day at these counters: a receipt is found again, and where the case has gone."""
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Case.objects.visible_to(user).filter(branch__in=units, accepted_at__gte=since)
    return list(rows.order_by("-accepted_at", "-pk")[:MOST_TODAY])


def checklist(
    *, item: str, channel: str, applicant_kind: str, day: date, told: list[dict[str, Any]], organisation: bool = False
) -> list[Paper]:
    """The list an acceptance needs, with what was ticked so far."""
    ticked = {str(p["doc_type"]): p for p in told}
    rows = []
    for rule in rules_of(item, channel, applicant_kind, day, organisation):
        paper = ticked.get(rule.doc_type_id, {})
        rows.append(
            Paper(
                doc_type=rule.doc_type_id, label=rule.doc_type.name, required=rule.required,
                original_required=rule.original_required, usual_pages=rule.pages, source=rule.source,
                received=str(paper.get("received") or Received.NONE), pages=paper.get("pages") or 0,
            )
        )
    return rows


def rules_of(item: str, channel: str, applicant_kind: str, day: date, organisation: bool = False) -> list[ChecklistRule]:
    found = item_of(item)
    if found is None:
        return []
    return rules_for(line=found[0].code, item=item, channel=channel, applicant_kind=applicant_kind, day=day, organisation=organisation)


def people_of(policy: Policy) -> list[Person]:
    """投保人, 被保险人 and the 受益人 in force of a policy, as applicants."""
    found = [
        Person("policyholder", policy.policyholder.name, policy.policyholder),
        Person("insured", policy.insured.name, policy.insured),
    ]
    rows = Beneficiary.objects.filter(policy=policy, effective_to__isnull=True).values_list("name", flat=True)
    return found + [Person("beneficiary", name) for name in dict.fromkeys(rows)]


def offered_applicant(people: list[Person], kind: str) -> Person | None:
    """Who is filled in for a kind of applicant: the person of the policy, for what the company asks itself the company."""
    if kind == ApplicantKind.COMPANY:
        return Person(kind, settings.COMPANY_NAME)
    return next((p for p in people if p.kind == kind and p.party), None)


def standing(policy: Policy, item: str, occurred_on: date | None) -> str:
    """What to tell before taking in a case for a policy in the state it is in; "" where there is nothing to be said."""
    if died := died_of(policy, item):
        return died
    words = f"保单{policy.get_status_display()}"
    if policy.status == PolicyStatus.TERMINATED:
        words = f"保单已于 {policy.terminated_on} 终止（{policy.get_ending_display() or policy.termination or '原因未登记'}）"
    found = item_of(item)
    if found is not None and found[0].code != CLAIMS:
        return _by_rule(policy, found[0].code, item, words)
    claim = found is not None
    if policy.status == PolicyStatus.LAPSED:
        return f"{words}：" + ("中止期间出险不承担保险责任，请核对发生日" if claim else "须先复效的项目不能办理，请核对后受理")
    if policy.status != PolicyStatus.TERMINATED:
        return ""
    if claim and occurred_on and policy.terminated_on and occurred_on < policy.terminated_on:
        return f"{words}，发生日在终止之前，可以受理"
    return f"{words}：" + ("只有终止前发生的事故可以理赔，请核对发生日" if claim else "终止后一般不能再办理，请核对后受理")


def died_of(policy: Policy, item: str) -> str:
    """Whoever of the policy is known to have died, and who comes in his place; "" for a claim, which is where a death is told."""
    found = item_of(item)
    if found is None or found[0].code != "servicing":
        return ""
    people = {policy.policyholder_id: ("投保人", policy.policyholder), policy.insured_id: ("被保险人", policy.insured)}
    both = policy.policyholder_id == policy.insured_id
    told = [f"{'投保人、被保险人' if both else label}{who.name} {who.died_on} 身故" for label, who in people.values() if who.died_on]
    if not told:
        return ""
    words = "；".join(told)
    if policy.status == PolicyStatus.TERMINATED:
        return f"{words}：其应得的款项由继承人领取，申请人身份选“继承人”"
    return f"{words}：先办身故理赔" if policy.insured.died_on else f"{words}：由继承人申请投保人变更，申请人身份选“继承人”"


def _by_rule(policy: Policy, line: str, item: str, words: str) -> str:
    """What the pre-check will say of the state (J03): the same rows, so that nobody is taken in to be stopped a minute later."""
    rows = PrecheckRule.for_item(line, item, timezone.localdate())
    rule = next((row for row in rows if row.code == PrecheckRule.Code.STATUS), None)
    if rule is not None and policy.status in rule.refused:
        return f"{words}：" + ("此项目不能办理" if rule.level == Finding.Level.BLOCK else "此项目须写明理由方可办理")
    return f"{words}：请核对后受理" if rule is not None and policy.status in rule.review else ""


def usual_applicant(item: str) -> str:
    """Kind of applicant to begin with."""
    found = item_of(item)
    if found and found[1].by_company:
        return str(ApplicantKind.COMPANY)
    if found and found[1].code == DEATH:
        return str(ApplicantKind.BENEFICIARY)
    return str(USUAL.get(found[0].code, ApplicantKind.POLICYHOLDER)) if found else ""


def applicant_words(item: str, kind: str, applicant: Party | None, policy: Policy | None) -> str:
    """Why the chosen kind of applicant cannot ask for the chosen item, told before any paper is ticked."""
    found = item_of(item)
    return applicant_fault(line=found[0].code, item=item, kind=kind, applicant=applicant, policy=policy) if found else ""


def alike(*, user: User, item: str, policy: Policy | None, applicant: Party | None) -> list[Case]:
    """Undecided cases of the same item for the same policy or the same customer: likely the same request again."""
    rows = Case.objects.filter(item=item, state__in=UNDECIDED).select_related("branch")
    found: dict[int, Case] = {}
    if policy is not None:
        found |= {c.pk: c for c in rows.filter(policy=policy).order_by("-pk")[:5]}
    if applicant is not None:
        found |= {c.pk: c for c in rows.filter(applicant=applicant).order_by("-pk")[:5]}
    return list(found.values())[:5]


def accept_at_counter(
    *,
    user: User,
    branch: Branch,
    data: dict[str, Any],
    policy: Policy | None,
    applicant: Party | None,
    papers: list[dict[str, Any]],
    returned: bool,
    extra_gaps: list[str],
    idempotency_key: str,
) -> Case:
    """受理, or with `returned` 退回补正 with one notice of everything that is missing.

    Invalid where 受理 is asked for while required papers are missing, or 退回补正 while nothing is.
    """
    require_papers(papers)
    company = data["applicant_kind"] == ApplicantKind.COMPANY
    organisation = not company and is_organisation(data, applicant)
    missing = missing_papers(data, papers, organisation)
    gaps = [*missing, *(gap for gap in extra_gaps if gap not in missing)]
    if faults := paper_faults(missing, gaps, returned=returned):
        raise Invalid(faults)
    with transaction.atomic():
        if applicant is None and data.get("applicant_id_number") and not company:
            applicant = register_applicant(data)
        handler = register_handler(data) if organisation else None
        spec = item_of(data["item"])
        assert spec is not None
        return accept_case(
            branch=branch, actor=user, line=spec[0].code, item=data["item"], channel=data["channel"],
            applicant_kind=data["applicant_kind"], submitted_on=data["submitted_on"], policy=policy, applicant=applicant,
            handler=handler, applicant_name=data["applicant_name"], agent_code=data.get("agent_code", ""),
            occurred_on=data.get("occurred_on"), passed_on=data.get("passed_on"), papers=papers,
            gaps=gaps if returned else None, idempotency_key=idempotency_key,
        )


def missing_papers(data: dict[str, Any], papers: list[dict[str, Any]], organisation: bool = False) -> list[str]:
    """Required papers that were not handed in, for the item, channel, kind of applicant and day of `data`."""
    return gaps_of(rules_of(data["item"], data["channel"], data["applicant_kind"], data["submitted_on"], organisation), papers)


def paper_faults(missing: list[str], gaps: list[str], *, returned: bool) -> dict[str, list[str]]:
    """受理 asks for all required papers, 退回补正 for something that is missing."""
    if returned and not gaps:
        return {"extra_gaps": ["资料已齐全；退回补正须写明缺项"]}
    if not returned and missing:
        return {"papers": [f"必备资料未收：{'、'.join(missing)}。补齐后受理，或退回补正一次告知"]}
    return {}


def document_faults(data: dict[str, Any], on: date) -> dict[str, list[str]]:
    """What is wrong with the document and telephone of an applicant who is written down, by field of the counter."""
    errors = check_party_fields(
        id_type=data["applicant_id_type"], id_number=data["applicant_id_number"], on=on,
        id_valid_to=data.get("applicant_id_valid_to"), phone=data.get("applicant_phone", ""),
    )
    names = {"phone": "applicant_phone", "id_valid_to": "applicant_id_valid_to"}
    return {names.get(name, "applicant_id_number"): [text] for name, text in errors.items()}


def is_organisation(data: dict[str, Any], applicant: Party | None) -> bool:
    """Whether a 单位 applies: then somebody comes for it (经办人)."""
    if applicant is not None:
        return applicant.is_organisation
    return data.get("applicant_id_type") == IdType.USCC


def handler_faults(data: dict[str, Any], on: date) -> dict[str, list[str]]:
    """What is wrong with the 经办人 of an organisation, by field of the counter (客户尽职调查办法 24)."""
    if not data.get("handler_name") or not data.get("handler_id_number"):
        name = "handler_id_number" if data.get("handler_name") else "handler_name"
        return {name: ["申请人为单位，请登记经办人及其证件"]}
    if data["handler_id_type"] == IdType.USCC:
        return {"handler_id_type": ["经办人是个人，请用个人证件"]}
    errors = check_party_fields(
        id_type=data["handler_id_type"], id_number=data["handler_id_number"], on=on, id_valid_to=data.get("handler_id_valid_to"),
        phone=data.get("handler_phone", ""),
    )
    return {f"handler_{name}" if name in ("phone", "id_valid_to") else "handler_id_number": [text] for name, text in errors.items()}


def register_handler(data: dict[str, Any]) -> Party:
    """The 经办人 as a customer: found by the document, or new."""
    if errors := handler_faults(data, data["submitted_on"]):
        raise Invalid(errors)
    with book_words():
        return find_or_create_party(
            name=data["handler_name"], id_type=data["handler_id_type"], id_number=data["handler_id_number"],
            id_valid_to=data.get("handler_id_valid_to"), phone=data.get("handler_phone", ""),
        )


def register_applicant(data: dict[str, Any]) -> Party:
    """The applicant as a customer: found by the document, or new."""
    if errors := document_faults(data, data["submitted_on"]):
        raise Invalid(errors)
    with book_words():
        return find_or_create_party(
            name=data["applicant_name"], id_type=data["applicant_id_type"], id_number=data["applicant_id_number"],
            id_valid_to=data.get("applicant_id_valid_to"), phone=data.get("applicant_phone", ""),
        )

