"""A case, a request and a policy as the API tells them: the same scope and the same masks as the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from lifeops.api.shapes.case import CaseParts, CaseRow
from lifeops.api.shapes.common import groups
from lifeops.api.shapes.papers import Papers
from lifeops.api.shapes.request import RequestFacts, RequestParts
from lifeops.api.stepping import steps_of
from lifeops.cases.models import Case, Clock, Request
from lifeops.cases.registry import resolve
from lifeops.cases.screened import events_for, told_decision
from lifeops.documents.checklists import completeness
from lifeops.documents.models import Document, Page
from lifeops.org.models import User
from lifeops.policies.models import Payment, Policy
from lifeops.policies.services.as_of import policy_as_of
from lifeops.policies.services.crediting import option_on, options_of
from lifeops.policies.services.events import changed_since
from lifeops.policies.services.holder import holder_on
from lifeops.policies.services.recovering import recoverable
from lifeops.policies.services.uncollected import uncollected
from lifeops.ui.templatetags.lifeops_ui import pairs

MOST_EVENTS = 200
LIST_NEEDS = ("branch", "assignee", "holder_branch", "policy")


def case_detail(case: Case, user: User) -> dict[str, Any]:
    """Everything the case page shows."""
    record = case.record
    parts = {
        "handler": case.handler.name if case.handler else "",
        "record": groups(resolve(case.line_spec.summary)(case, record)) if record else None,
        "decision": told_decision(case, user),
        "checklist": completeness(case),
        "documents": documents_of(case),
        "letters": letters_of(case),
        "payments": payments_of(case),
        "requests": case.requests.select_related("case", "branch", "handler", "issued_by").order_by("-pk"),
        "clocks": clocks_of(case),
        "custody": case.custody.filter(request=None).select_related("branch", "user").order_by("seq"),
        "events": events_of(case, user),
        "steps": steps_of(case, user),
    }
    return {**CaseRow(case).data, **CaseParts(parts, context={"number": case.number}).data}


def as_sent(value: Any) -> Any:
    """A value of a form in the writing in which the interface takes it back."""
    if isinstance(value, list):
        return [as_sent(row) for row in value]
    if isinstance(value, dict):
        return {name: as_sent(inner) for name, inner in value.items()}
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def events_of(case: Case, user: User) -> list[Any]:
    rows = list(events_for(case, user)[:MOST_EVENTS])
    for row in rows:
        row.kept = [  # type: ignore[attr-defined]  # for the shape only
            {"label": label, "value": str(value)} for label, value in pairs(row.data)
        ]
    return rows


def clocks_of(case: Case) -> list[dict[str, Any]]:
    now = timezone.now()
    rows = Clock.objects.filter(case_id=case.pk).select_related("rule").order_by("stopped_at", "due_at")
    return [row.standing(now) for row in rows]


def documents_of(case: Case) -> Any:
    pages = Prefetch("pages", queryset=Page.objects.order_by("order", "pk"))
    rows = Document.objects.filter(case_id=case.pk).select_related("request", "uploaded_by")
    return rows.prefetch_related(pages).order_by("pk")


def papers(case: Case) -> dict[str, Any]:
    """资料清单 and scans of a case."""
    found = {"version": case.version, "checklist": completeness(case), "documents": documents_of(case)}
    return dict(Papers(found, context={"number": case.number}).data)


def letters_of(case: Case) -> Any:
    return case.letters.select_related("created_by", "request").prefetch_related("prints__by").order_by("-pk")


def payments_of(case: Case) -> Any:
    return Payment.objects.filter(case_number=case.number).select_related("created_by", "released_by").order_by("pk")


def request_detail(item: Request, user: User) -> dict[str, Any]:
    parts = {
        "contacts": item.contacts.select_related("by"),
        "custody": item.custody.select_related("branch").order_by("seq"),
        "steps": steps_of(item, user),
    }
    return {**RequestFacts(item).data, **RequestParts(parts).data}


def policy_detail(policy: Policy, day: date) -> dict[str, Any]:
    """The policy on a day. What changes with time is told as it stood then."""
    stood = policy_as_of(policy, day)
    return {
        "number": policy.number,
        "as_of": day,
        "status": stood["status"] or "",
        "status_label": stood["status_label"],
        "status_now": policy.status,
        "hold_case": policy.hold_case,
        "branch": policy.branch,
        "policyholder": holder_on(policy, day),
        "insured": policy.insured,
        "relation": policy.relation,
        "effective_on": policy.effective_on,
        "established_on": policy.established_on,
        "delivered_on": policy.delivered_on,
        "cooling_off_end": policy.cooling_off_end,
        "paid_to": policy.paid_to,
        "pay_mode": policy.pay_mode,
        "dividend_option": option_on(policy, stood["coverages"], day) if options_of(stood["coverages"]) else "",
        "coverages": stood["coverages"],
        "beneficiaries": stood["beneficiaries"],
        "endorsements": [e for e in policy.endorsements.all() if e.effective_on <= day],
        "uncollected": uncollected(policy, day),
        "recoverable": recoverable(policy, day),
        "changed_since": changed_since(policy, day)[:100],
    }
