"""The counter's acts: accept, pre-check, key, scan, hand over. Each is one business act and ends at the door."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Value
from django.utils import timezone
from django.utils.module_loading import import_string

from intake.models import PrecheckRule
from intake.rules import CounterFacts, counter_findings
from lifeops.cases.errors import Invalid, Refused, Stale
from lifeops.cases.findings import FindingSpec, evaluate_rules, override, store_findings
from lifeops.cases.health import without_what_was_said
from lifeops.cases.models import Case, CaseQuerySet
from lifeops.cases.opening import open_case
from lifeops.cases.perform import differences, lock, perform, record
from lifeops.cases.registry import line as line_of
from lifeops.cases.states import AFTER, BEFORE, ApplicantKind, State
from lifeops.documents.checklists import completeness, snapshot_checklist
from lifeops.documents.models import ChecklistRow, Received
from lifeops.org.models import Branch, Role, User
from lifeops.org.statements import Question, reach
from lifeops.org.text import visible
from lifeops.policies.crypto import EncryptedTextField
from lifeops.policies.identity import mask_change, mask_of
from lifeops.policies.models import Party, Policy


def accept_case(
    *,
    branch: Branch,
    actor: User,
    line: str,
    item: str,
    channel: str,
    applicant_kind: str,
    submitted_on: date,
    policy: Policy | None = None,
    applicant: Party | None = None,
    applicant_name: str = "",
    agent_code: str = "",
    occurred_on: date | None = None,
    passed_on: date | None = None,
    handler: Party | None = None,
    papers: list[dict[str, Any]] | None = None,
    gaps: list[str] | None = None,
    now: datetime | None = None,
    idempotency_key: str = "",
) -> Case:
    """受理: register the case with its checklist. With `gaps` it goes straight to 退回补正 with one complete notice.

    An organisation applies through a `handler` (经办人). `papers` are rows {doc_type, received: original|copy|none, pages}. Returns the case at the intake desk. Raises Refused
    unless the actor is 受理岗 over the unit.
    """
    now = now or timezone.now()
    if words := company_fault(line=line, item=item, kind=applicant_kind):
        raise Invalid({"applicant_kind": [words]})
    if applicant_kind == ApplicantKind.COMPANY:
        applicant, applicant_name = None, settings.COMPANY_NAME
    if applicant is not None and applicant.is_organisation and handler is None:
        raise Invalid({"handler_name": ["申请人为单位，请登记经办人及其证件"]})
    if not actor.holds(Role.INTAKE, path=branch.path):
        raise Refused(["需要本机构的受理岗"], who=Role.INTAKE.label)
    with transaction.atomic():
        case = open_case(
            line_code=line,
            item=item,
            branch=branch,
            submitted_on=submitted_on,
            actor=actor,
            now=now,
            idempotency_key=idempotency_key,
            data={"channel": channel, "papers": papers or []},
            channel=channel,
            applicant_kind=applicant_kind,
            agent_code=agent_code,
            occurred_on=occurred_on,
            passed_on=passed_on,
            policy=policy,
            applicant=applicant,
            handler=handler,
            subject_name=applicant.name if applicant else visible(applicant_name).strip(),
        )
        if idempotency_key and case.checklist.exists():
            return case
        snapshot_checklist(case, papers or [])
        accepted = line_hook(line, "on_accept")
        if accepted:
            accepted(case, actor, now)
        if gaps:
            perform(case, "return_for_correction", actor=actor, now=now, gaps=gaps)
            case = Case.objects.select_related("branch").get(pk=case.pk)
    return case


def line_hook(line: str, name: str) -> Any:
    """An optional function of the line's services, or None."""
    try:
        return import_string(f"{line}.services.{name}")
    except ImportError:
        return None


def company_fault(*, line: str, item: str, kind: str) -> str:
    """What the company asks itself nobody else asks, and the company asks for nothing else; "" where the kind fits."""
    by_company = line_of(line).item(item).by_company
    if not kind or by_company == (kind == ApplicantKind.COMPANY):
        return ""
    return "此项目由本公司提出，申请人身份请选择“本公司”" if by_company else "“本公司”只用于公司解约，请选择申请的客户身份"


def applicant_fault(*, line: str, item: str, kind: str, applicant: Party | None, policy: Policy | None) -> str:
    """Why nobody of this kind, or not this person, can ask for the item; "" where it may be. `accept_case` refuses for the same."""
    if words := company_fault(line=line, item=item, kind=kind):
        return words
    hook = line_hook(line, "applicant_fault")
    return str(hook(item=item, kind=kind, applicant=applicant, policy=policy)) if hook and kind else ""


def counter_facts(case: Case) -> CounterFacts:
    """Gather what the pre-check rules look at."""
    rows = completeness(case)
    policy, applicant = reach(case, "policy"), reach(case, "applicant")
    found = _in_hand.tuples(case.pk, policy.pk if policy else 0, applicant.pk if applicant else 0, case.item, case.submitted_on)
    on_policy, twins = ([number for kind, number in found if kind == wanted] for wanted in ("policy", "twin"))
    return CounterFacts(
        submitted_on=case.submitted_on,
        passed_on=case.passed_on,
        occurred_on=case.occurred_on,
        missing_required=[r.label for r in rows if r.required and r.received == "none"],
        copies_for_originals=[r.label for r in rows if r.original_required and r.received == "copy"],
        policy_needed=case.item_spec.needs_policy,
        policy_status=policy.status if policy else "",
        policy_status_label=policy.get_status_display() if policy else "",
        policy_held_by=policy.hold_case if policy and policy.hold_case not in ("", case.number) else "",
        open_cases=on_policy,
        applicant_id_valid_to=applicant.id_valid_to if applicant else None,
        applicant_known=applicant is not None,
        by_company=case.applicant_kind == ApplicantKind.COMPANY,
        same_day_twin=twins[0] if twins else "",
    )


def _others(case: int) -> CaseQuerySet:
    return Case.objects.exclude(pk=case).exclude(state__in=(*AFTER, State.ARCHIVED))


@Question(int, int, int, str, date)
def _in_hand(case: int, policy: int, applicant: int, item: str, day: date) -> Any:
    """Other cases in hand as (why, number): of the policy ("policy"), of the applicant for the same item on the same day ("twin")."""

    def told(why: str, most: int, **which: Any) -> Any:
        return _others(case).filter(**which).values_list(Value(why, output_field=CharField()), "number")[:most]

    return told("policy", 3, policy=policy).union(told("twin", 1, applicant=applicant, item=item, submitted_on=day), all=True)


def precheck_specs(case: Case, now: datetime) -> list[FindingSpec]:
    """Counter rules, and the line's rules where a record is there already."""
    rules = {row.code: row.setting() for row in PrecheckRule.for_case(case, timezone.localdate(now))}
    return counter_findings(counter_facts(case), rules) + (evaluate_rules(case, now) if case.record else [])


def run_precheck(*, case: Case, overrides: dict[str, str], actor: User, now: datetime) -> list[dict[str, Any]]:
    """Run and keep the pre-check; Invalid unless nothing blocks and every warning has a reason."""
    return override(store_findings(case, "precheck", precheck_specs(case, now)), overrides, actor)


def run_line_rules(*, case: Case, overrides: dict[str, str], actor: User, now: datetime) -> list[dict[str, Any]]:
    """The line's rules on the keyed record, before the case leaves the branch."""
    return override(store_findings(case, "entry", evaluate_rules(case, now)), overrides, actor)


def write_record(*, case: Case, actor: User, now: datetime, fields: dict[str, Any]) -> list[dict[str, str]]:
    """Save the line's record from cleaned fields and return what changed, for the trail."""
    form_class = import_string(case.item_spec.form)
    before, clear = display(case), _clear(case)
    form = form_class(case=case, actor=actor)
    form.cleaned_data = fields
    form.save(case, actor, now)
    case.forget()
    after = display(case)
    changed = [
        without_what_was_said({"label": label, "before": before.get(label, ""), "after": value})
        for label, value in after.items()
        if before.get(label, "") != value
    ]
    return changed + _behind_masks(clear, _clear(case))


def _clear(case: Case) -> dict[str, tuple[str, str]]:
    """Encrypted columns of the record: name → label and value."""
    fields = case.record._meta.local_fields if case.record is not None else ()
    return {f.name: (str(f.verbose_name), getattr(case.record, f.name)) for f in fields if isinstance(f, EncryptedTextField) and mask_of(f.name)}


def _behind_masks(before: dict[str, tuple[str, str]], after: dict[str, tuple[str, str]]) -> list[dict[str, str]]:
    """Changes that the masks hide: the trail says that there was one."""
    found = []
    for name, (label, value) in after.items():
        way, old = mask_of(name), before.get(name, ("", value))[1]
        if way is not None and old != value and way(old) == way(value):
            found.append({"label": label, "before": way(old), "after": mask_change(old, value, way)[1]})
    return found


def display(case: Case) -> dict[str, str]:
    """The record as label → text, masked as on screen."""
    record = case.record
    if record is None:
        return {}
    groups = import_string(case.line_spec.summary)(case, record)
    return {f"{title}·{label}": str(value) for title, rows in groups for label, value in rows}


def page_gaps(case: Case) -> list[str]:
    """Checklist rows whose scanned pages differ from the pages received, in words."""
    rows = [row for row in completeness(case) if not row.agrees]
    return [
        f"{row.label}未登记收件、实扫 {row.scanned} 页" if row.received == "none" else f"{row.label}应扫 {row.expected} 页、实扫 {row.scanned} 页"
        for row in rows
    ]


def hand_over_many(*, cases: list[Case], actor: User, now: datetime | None = None) -> list[tuple[Case, str]]:
    """交接 of a list: each case by itself; returns those that could not go, with the reason."""
    from lifeops.cases.errors import NotDone

    stayed = []
    for case in cases:
        try:
            perform(case, "hand_over", actor=actor, now=now)
        except NotDone as error:
            stayed.append((case, str(error)))
    return stayed


def require_papers(papers: list[dict[str, Any]]) -> None:
    """Reject checklist rows that do not make sense, with a message per row."""
    for row in papers:
        pages = row.get("pages")
        if not isinstance(pages, int) or pages < 0 or pages > 999:
            raise Invalid({"papers": [f"{row.get('label') or row.get('doc_type')}：页数应为 0 至 999 的整数"]})


def receive_papers(*, case: Case, papers: list[dict[str, Any]], actor: User, now: datetime, version: int) -> list[dict[str, str]]:
    """收件 after acceptance: what is there now, row by row; returns what changed, which the trail keeps.

    Refused after hand-over (papers then come as 补扫 or as a reply); Stale when somebody changed the case meanwhile.
    """
    if not actor.holds(Role.INTAKE, path=case.branch_path):
        raise Refused(["需要本机构的受理岗"], who=Role.INTAKE.label)
    require_papers(papers)
    told = {str(p["doc_type"]): p for p in papers}
    with transaction.atomic():
        held = lock(case.pk)
        if held.state not in BEFORE:
            raise Refused([f"案件处于“{held.state_label}”，资料清单不能再改"])
        if held.version != version:
            raise Stale(held.version, differences(held, version, actor))
        changes = []
        for row in ChecklistRow.objects.filter(case_id=case.pk, doc_type__in=told):
            paper = told[row.doc_type_id]
            if (row.received, row.pages) == (paper["received"], paper["pages"]):
                continue
            changes.append({"label": row.label, "before": _paper(row.received, row.pages), "after": _paper(paper["received"], paper["pages"])})
            row.received, row.pages = paper["received"], paper["pages"]
            row.save(update_fields=["received", "pages"])
        if changes:
            record(held, "papers.receive", "资料收件", actor=actor, now=now, data={"changes": changes})
    return changes


def _paper(received: str, pages: int) -> str:
    return f"{Received(received).label} {pages} 页" if received != Received.NONE else Received.NONE.label
