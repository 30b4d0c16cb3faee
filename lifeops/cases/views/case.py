"""案件页 and 审核工作台: one page for everybody who may see a case; what it offers depends on the person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lifeops.cases import authority, clocks
from lifeops.cases.access import CASE_ROLES, StepView, access, get_case, steps_for
from lifeops.cases.forms import RequestForm
from lifeops.cases.models import Case, Clock
from lifeops.cases.queues import APPROVAL
from lifeops.cases.reach import openable, openable_parties
from lifeops.cases.registry import resolve, work_page
from lifeops.cases.screened import events_for, findings_for, told_decision
from lifeops.cases.states import DURING, State
from lifeops.cases.timing import Reckoning
from lifeops.cases.views.common import bound, clock_views, new_key
from lifeops.org.models import Role, User
from lifeops.org.requests import UserRequest

COMMON_TABS = (
    ("summary", "摘要"),
    ("record", "录入资料"),
    ("history", "既往"),
    ("rules", "规则"),
    ("requests", "照会·调查"),
    ("timeline", "时间线"),
)


@access(*CASE_ROLES)
@require_GET
def detail(request: UserRequest, number: str) -> HttpResponse:
    """The case with images left, tabs in the middle and, for the person who decides, the panel on the right."""
    case = get_case(request.user, number)
    return page(request, case, "requests" if answered(case, request.user) else "summary")


def answered(case: Case, user: User) -> bool:
    """Back with the reviewer since a letter was answered: the answer is what the page is opened for."""
    mine = case.rank == 0 and case.state == State.IN_REVIEW and case.assignee_id == user.pk
    return mine and case.requests.filter(closed_at__gte=case.state_since).exists()


def page(request: UserRequest, case: Case, tab: str) -> HttpResponse:
    """The page with one of its tabs open."""
    steps = steps_for(case, request.user)
    context = {
        "case": case,
        "now": timezone.now(),
        "clocks": clock_views(case),
        "steps": steps,
        "tabs": tabs_of(case),
        "tab": tab,
        "key": new_key(),
        "work": work_page(case, request.user),
        "requests_open": case.requests.open().count(),
        "panel": panel(case, request.user),
        **tab_context(case, request.user, tab),
    }
    return render(request, "cases/detail.html", context)


def tabs_of(case: Case) -> list[tuple[str, str]]:
    extra = [(code, label) for code, label, _, _ in case.line_spec.tabs]
    return [*COMMON_TABS[:4], *extra, *COMMON_TABS[4:]]


@access(*CASE_ROLES)
@require_GET
def tab(request: UserRequest, number: str, tab: str) -> HttpResponse:
    """One tab of the case page: a fragment for the page itself, the whole page for whoever comes by the address."""
    case = get_case(request.user, number)
    if tab not in {code for code, _ in tabs_of(case)}:
        raise Http404
    if not request.headers.get("HX-Request"):
        return page(request, case, tab)
    context = {"case": case, "tab": tab, "now": timezone.now(), **tab_context(case, request.user, tab)}
    return render(request, "cases/_tab.html", context)


def tab_context(case: Case, user: User, code: str) -> dict[str, Any]:
    """What a tab shows. Line tabs bring their own template and context."""
    for extra_code, _, template, context in case.line_spec.tabs:
        if code == extra_code:
            return {"tab_template": template, **resolve(context)(case, user)}
    found: dict[str, Any] = {"tab_template": f"cases/_tab_{code}.html"}
    if code in ("summary", "record"):
        record = case.record
        found["groups"] = resolve(case.line_spec.summary)(case, record) if record else []
        found["decision"] = told_decision(case, user)
        if code == "record":
            found["events"] = case.events.filter(step="save_record").select_related("actor").order_by("-seq")[:20]
    elif code == "history":
        found.update(history(case, user))
    elif code == "rules":
        found["findings"] = findings_for(case, user, timezone.now()) if case.record else []
        found["overridden"] = case.findings.exclude(override_reason="").select_related("overridden_by")
    elif code == "requests":
        found["requests"] = case.requests.select_related("branch", "issued_by", "handler").order_by("-pk")
        found["may_issue"] = any(
            s.name == "issue_request" and s.allowed for s in steps_for(case, user, hidden=True)
        )
    elif code == "timeline":
        found["events"] = events_for(case, user)[:200]
    return found


#: Posts that, at the head office, must know all of a customer to judge one case, besides the line's own reviewers.
WHOLE_HISTORY = (Role.APPROVER, Role.MANAGER, Role.AUDITOR)
MOST = 100


def history(case: Case, user: User) -> dict[str, Any]:
    """既往: policies and cases of the people in the case. Whoever judges the case at the head office sees all of them;
    others those within reach, and of the rest no more than how many there are (`MOST` at the most)."""
    from lifeops.policies.models import Policy

    people = resolve(f"{case.line}.services.people")(case, case.record)
    ids = [p.pk for p in people]
    held = Policy.objects.of_people(ids)
    policies = list(
        held.select_related("policyholder", "insured", "branch").prefetch_related("coverages__version__product").order_by("-pk")[:MOST]
    )
    about = Case.objects.filter(Q(applicant_id__in=ids) | Q(policy__in=[p.pk for p in policies])).exclude(pk=case.pk)
    mine = openable(policies, user)
    cases = about if judges(case, user) else about.visible_to(user)
    rows = list(cases.select_related("branch", "assignee", "holder_branch", "policy").order_by("-pk")[:MOST])
    found = {"people": people, "policies": policies, "cases": rows, "elsewhere": 0, "policies_elsewhere": 0}
    if not judges(case, user):
        within = about.visible_to(user).values("pk")
        found["elsewhere"] = about.exclude(pk__in=within)[:MOST].count()
        found["policies"] = [p for p in policies if p.pk in mine]
        found["policies_elsewhere"] = len(policies) - len(found["policies"])
    visible = set(Case.objects.visible_to(user).filter(pk__in=[c.pk for c in rows]).values_list("pk", flat=True))
    return found | {"openable": mine, "visible": visible, "customers": openable_parties(people, user)}


def judges(case: Case, user: User) -> bool:
    """True for reviewers of the line, approvers, managers and auditors at the head office."""
    roles = (case.line_spec.reviewer_role, *WHOLE_HISTORY)
    return user.holds_at_head_office(*roles)


def panel(case: Case, user: User) -> dict[str, Any] | None:
    """The decision panel: for the reviewer who holds the case, or for the approver who signs it."""
    if case.state not in DURING:
        return None
    offered = {s.name: s for s in steps_for(case, user, hidden=True)}
    conclude: StepView | None = offered.get("conclude")
    if conclude and conclude.allowed:
        form = bound(resolve(case.line_spec.decision_form), case, user, initial=draft_of(case))
        return {"kind": "review", "desk": case.line, "form": form, "conclude": conclude, "request_form": bound(RequestForm, case, user)}
    if case.state == State.PENDING_APPROVAL and case.assignee_id == user.pk:
        decision = told_decision(case, user)
        limit = authority.signing_limit(case, user, timezone.localdate())
        return {"kind": "approve", "desk": APPROVAL, "decision": decision, "limit": limit, "approve": offered.get("approve")}
    return None


def draft_of(case: Case) -> dict[str, Any]:
    """Start from the last conclusion where the case came back."""
    last = resolve(case.line_spec.decision).objects.filter(case_id=case.pk).order_by("-pk").first()
    if last is None:
        return {}
    return {f.name: getattr(last, f.name) for f in last._meta.fields if f.name not in ("id", "case")}


@access(*CASE_ROLES)
@require_POST
def preview(request: UserRequest, number: str) -> HttpResponse:
    """计算与去向: what this conclusion would come to, line by line, and who would sign it. Nothing is saved."""
    case = get_case(request.user, number)
    typed = request.POST.copy()
    # before anything is chosen the reckoning of the usual outcome is of use, as long as it says so
    assumed = None if typed.get("outcome") else case.item_spec.outcomes[0]
    if assumed:
        typed["outcome"] = assumed.code
    form = bound(resolve(case.line_spec.decision_form), case, request.user, data=typed)
    context: dict[str, Any] = {"form": form, "case": case, "assumed": assumed}
    if form.is_valid():
        data = form.cleaned_data
        outcome = case.item_spec.outcome(data["outcome"])
        context["lines"] = data.get("lines", [])
        context["amount"] = data["amount"]
        context["route"] = authority.route(case, request.user, outcome, data["amount"], timezone.localdate(), data.get("least_grade", 0))
    return render(request, "cases/_preview.html", context)


@access(*CASE_ROLES)
@require_GET
def clock(request: UserRequest, number: str, pk: int) -> HttpResponse:
    """The table of segments that explains a clock."""
    case = get_case(request.user, number)
    found = Clock.objects.select_related("rule").filter(case=case, pk=pk).first()
    if found is None:
        raise Http404
    now = timezone.now()
    reckoning: Reckoning = clocks.reckon(found, case, now)
    context = {"case": case, "clock": found, "standing": found.standing(now), "reckoning": reckoning}
    return render(request, "cases/_clock_sheet.html", context)


@access(*CASE_ROLES)
@require_GET
def verify(request: UserRequest, number: str) -> HttpResponse:
    """Check the hash chain of a case's trail."""
    from lifeops.cases.models import broken_links

    case = get_case(request.user, number)
    return render(request, "cases/_verify.html", {"case": case, "broken": broken_links(case)})


def back_to(case: Case) -> str:
    return reverse("cases:detail", args=[case.number])
