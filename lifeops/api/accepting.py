"""受理 over the wire, the way a counter would: the counter's form checks, the counter's service registers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from intake.forms import AcceptForm
from intake.services import accept_case
from lifeops.cases.errors import Invalid, Refused, field_errors
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.registry import lines
from lifeops.documents.models import DocType
from lifeops.org.models import Branch, Role, User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import IdType, Party, Policy
from lifeops.policies.services.parties import check_party_fields, find_or_create_party

#: Field of the counter's form → field of the body.
TOLD = {
    "applicant_name": "applicant.name", "applicant_id_number": "applicant.id_number", "applicant_phone": "applicant.phone",
    "agent_code": "agent",
}  # fmt: skip


def accept(*, data: dict[str, Any], actor: User) -> Case:
    """Register a case from a checked body; with `record` also pre-check and key it in the same act.

    Invalid per field of the body; Refused unless the actor is 受理岗 of the unit (and 录入岗 where a record is given).
    """
    if data["gaps"] and data["record"]:
        raise Invalid({"record": ["退回补正的案件不能同时录入"]})
    branch = unit_of(actor, data["branch"])
    facts = counter_facts(data)
    policy = policy_of(actor, facts["policy_number"])
    check_papers(data["papers"])
    now = timezone.now()
    with transaction.atomic():
        case = accept_case(
            branch=branch, actor=actor, line=facts["line"], item=facts["item"], channel=facts["channel"],
            applicant_kind=facts["applicant_kind"], submitted_on=facts["submitted_on"], policy=policy,
            applicant=applicant_of(data["applicant"], facts, policy), applicant_name=facts["applicant_name"],
            agent_code=facts["agent_code"], occurred_on=facts["occurred_on"], passed_on=facts["passed_on"],
            papers=data["papers"], gaps=data["gaps"] or None, now=now,
        )
        if data["record"]:
            perform(case, "pass_precheck", actor=actor, now=now, overrides=data["overrides"])
            keep_record(case, data["record"], actor)
    return case


def keep_record(case: Case, fields: dict[str, Any], actor: User) -> None:
    from lifeops.api.stepping import check_inputs

    fresh = Case.objects.select_related("branch", "policy__insured").get(pk=case.pk)
    from lifeops.cases.registry import at_desk

    fresh = at_desk(fresh)
    try:
        check_inputs(fresh, "save_record", actor, fields)
        perform(fresh, "save_record", actor=actor, **fields)
    except Invalid as error:
        raise Invalid({f"record.{name}": messages for name, messages in error.errors.items()}) from error


def unit_of(actor: User, code: str) -> Branch:
    """The unit named, or the person's own where the person works at its counter, or the first such unit."""
    if code:
        found = Branch.objects.filter(code=code, active=True).first()
        if found is None:
            raise Invalid({"branch": ["没有这个机构"]})
        return found
    units = [p.branch for p in actor.active_postings() if p.role == Role.INTAKE]
    if not units:
        raise Refused(["需要本机构的受理岗"], who=Role.INTAKE.label)
    return next((unit for unit in units if unit.pk == actor.branch_id), units[0])


def counter_facts(data: dict[str, Any]) -> dict[str, Any]:
    """The body through the counter's form: dates against each other, item of its line, agent where one is needed."""
    applicant = data["applicant"]
    line = data.get("line") or next(
        (spec.code for spec in lines() if data["item"] in {item.code for item in spec.items}), ""
    )
    if not line:
        raise Invalid({"item": ["没有这个业务项目"]})
    form = AcceptForm(
        data={
            **{name: data[name] for name in ("item", "channel", "applicant_kind", "policy_number")},
            **{name: data[name] for name in ("occurred_on", "passed_on", "submitted_on")},
            "line": line,
            "agent_code": data["agent"],
            "applicant_name": applicant["name"],
            "applicant_id_number": applicant["id_number"],
            "applicant_phone": applicant["phone"],
        }
    )
    if not form.is_valid():
        raise Invalid({TOLD.get(name, name): messages for name, messages in field_errors(form).items()})
    return dict(form.cleaned_data)


def policy_of(actor: User, number: str) -> Policy | None:
    if not number:
        return None
    rows = Policy.objects.visible_to(actor).select_related("insured", "policyholder", "branch")
    found = rows.filter(number=number.strip().upper()).first()
    if found is None:
        raise Invalid({"policy_number": ["没有这张保单，请核对保单号"]})
    return found


def applicant_of(told: dict[str, Any], facts: dict[str, Any], policy: Policy | None) -> Party | None:
    """The customer of the document; without one, the policyholder or insured of that name; else nobody on file."""
    name = facts["applicant_name"].strip()
    if not told["id_number"]:
        of_policy = policy and {"policyholder": policy.policyholder, "insured": policy.insured}.get(facts["applicant_kind"])
        return of_policy if of_policy and of_policy.name == name else None
    if told["id_type"] not in IdType.values:
        raise Invalid({"applicant.id_type": ["没有这种证件类型"]})
    errors = check_party_fields(
        id_type=told["id_type"], id_number=told["id_number"], on=facts["submitted_on"], id_valid_to=told["id_valid_to"],
        phone=told["phone"],
    )
    if errors:
        raise Invalid({f"applicant.{field}": [text] for field, text in errors.items()})
    try:
        return find_or_create_party(
            name=name, id_type=told["id_type"], id_number=told["id_number"], id_valid_to=told["id_valid_to"],
            phone=told["phone"],
        )
    except BookRefused as refused:
        raise Invalid({"applicant.id_number": refused.reasons}) from refused


def check_papers(papers: list[dict[str, Any]]) -> None:
    known = set(DocType.objects.filter(code__in=[p["doc_type"] for p in papers]).values_list("code", flat=True))
    wrong = {f"papers.{n}.doc_type": ["没有这种资料类型"] for n, p in enumerate(papers) if p["doc_type"] not in known}
    if wrong:
        raise Invalid(wrong)
