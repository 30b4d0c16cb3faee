"""受理 over the wire, the way a counter would: the counter's form checks, the counter's service registers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction

from intake import counter
from intake.forms import CODE_NEEDED, AcceptForm, PapersField
from lifeops.api.stepping import as_typed, check_inputs
from lifeops.cases.errors import Invalid, Refused, field_errors
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.registry import at_desk
from lifeops.cases.states import ApplicantKind
from lifeops.org.models import Branch, Role, User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import IdType, Party, Policy
from lifeops.policies.services.parties import check_party_fields, find_or_create_party

#: Field of the counter's form or service → field of the body.
TOLD = {
    "applicant_name": "applicant.name", "applicant_id_number": "applicant.id_number", "applicant_phone": "applicant.phone",
    "agent_code": "agent", "extra_gaps": "gaps",
    **{f"handler_{name}": f"handler.{name}" for name in ("name", "id_type", "id_number", "id_valid_to", "phone")},
}  # fmt: skip


def accept(*, data: dict[str, Any], actor: User) -> Case:
    """Register a case from a checked body; with `record` also pre-check and key it in the same act.

    Invalid per field of the body; Refused unless the actor is 受理岗 of the unit (and 录入岗 where a record is given).
    """
    returned = data["returned"] or bool(data["gaps"])
    if returned and data["record"]:
        raise Invalid({"record": ["退回补正的案件不能同时录入"]})
    company = data["applicant_kind"] == ApplicantKind.COMPANY
    if company:
        data["applicant"] = {"name": settings.COMPANY_NAME, "id_number": "", "phone": ""}
    elif data["applicant"] is None:
        raise Invalid({"applicant": ["请填写此项"]})
    branch = unit_of(actor, data["branch"])
    facts = counter_facts(data)
    policy = policy_of(actor, facts["policy_number"])
    papers = papers_of(data["papers"])
    with transaction.atomic():
        applicant = None if company else applicant_of(data["applicant"], facts, policy)
        twins = counter.alike(user=actor, item=facts["item"], policy=policy, applicant=applicant)
        if twins and not data["checked"]:
            raise Invalid({"checked": [f"与 {twins[0].number} 疑似重复，请核对后以 checked 为 true 再提交"]})
        try:
            case = counter.accept_at_counter(
                user=actor, branch=branch, data={**facts, "applicant_id_number": ""}, policy=policy, applicant=applicant,
                papers=papers, returned=returned, extra_gaps=data["gaps"], idempotency_key="",
            )  # fmt: skip
        except Invalid as error:
            raise renamed(error) from error
        if data["record"]:
            perform(case, "pass_precheck", actor=actor, overrides=data["overrides"])
            keep_record(case, data["record"], actor)
    return case


def renamed(error: Invalid) -> Invalid:
    return Invalid({TOLD.get(name, name): messages for name, messages in error.errors.items()})


def keep_record(case: Case, fields: dict[str, Any], actor: User) -> None:
    """保存录入 of a case just accepted, in the same transaction."""
    fresh = at_desk(Case.objects.select_related("branch", "policy__insured").get(pk=case.pk))
    try:
        fields = as_typed(fields)
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
    units = counter.units_of(actor)
    if not units:
        raise Refused(["需要本机构的受理岗"], who=Role.INTAKE.label)
    return units[0]


def counter_facts(data: dict[str, Any]) -> dict[str, Any]:
    """The body through the counter's form: dates against each other, item of its line, agent where one is needed."""
    applicant, known = data["applicant"], counter.item_of(data["item"])
    if known is None:
        raise Invalid({"item": ["没有这个业务项目"]})
    form = AcceptForm(
        data={
            **{name: data[name] for name in ("item", "channel", "applicant_kind", "policy_number")},
            **{name: data[name] for name in ("occurred_on", "passed_on", "submitted_on")},
            "line": data.get("line") or known[0].code,
            "agent_code": data["agent"],
            "applicant_name": applicant["name"],
            "applicant_id_number": applicant["id_number"],
            "applicant_phone": applicant["phone"],
            **{f"handler_{name}": value for name, value in (data["handler"] or {}).items()},
        }
    )
    if not form.is_valid():
        raise renamed(Invalid(field_errors(form)))
    return dict(form.cleaned_data)


def policy_of(actor: User, number: str) -> Policy | None:
    if not number:
        return None
    rows = Policy.objects.visible_to(actor).select_related("insured", "policyholder", "branch")
    found = rows.filter(number=number.strip().upper()).first()
    if found is None:
        raise Invalid({"policy_number": ["没有这张保单，请核对保单号"]})
    return found


def papers_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of what was received, checked as at the counter; one page where none are told."""
    try:
        return list(PapersField(required=False).clean([{"pages": 1, **row} for row in rows]))
    except forms.ValidationError as error:
        raise Invalid({"papers": list(error.messages)}) from error


def applicant_of(told: dict[str, Any], facts: dict[str, Any], policy: Policy | None) -> Party | None:
    """The customer of the document; without one, the policyholder or insured of that name; else nobody on file."""
    name = facts["applicant_name"].strip()
    if not told["id_number"]:
        of_policy = policy and {"policyholder": policy.policyholder, "insured": policy.insured}.get(facts["applicant_kind"])
        if of_policy and of_policy.name == name:
            return of_policy
        if told["id_type"] == IdType.USCC:
            raise Invalid({"applicant.id_number": [CODE_NEEDED]})
        return None
    if told["id_type"] not in IdType.values:
        raise Invalid({"applicant.id_type": ["没有这种证件类型"]})
    errors = check_party_fields(
        id_type=told["id_type"], id_number=told["id_number"], on=facts["submitted_on"], id_valid_to=told["id_valid_to"],
        phone=told["phone"],
    )  # fmt: skip
    if errors:
        raise Invalid({f"applicant.{field}": [text] for field, text in errors.items()})
    try:
        return find_or_create_party(
            name=name, id_type=told["id_type"], id_number=told["id_number"], id_valid_to=told["id_valid_to"],
            phone=told["phone"],
        )  # fmt: skip
    except BookRefused as refused:
        raise Invalid({"applicant.id_number": refused.reasons}) from refused
