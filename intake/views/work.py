"""作业前清单, 预审 and 交接."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from intake import stages
from intake.forms import PapersField
from intake.services import hand_over_many, precheck_specs, receive_papers
from lifeops.cases.access import CASE_ROLES, access, get_case, steps_for
from lifeops.cases.errors import Invalid, Refused, Stale, field_errors
from lifeops.cases.findings import FindingSpec, evaluate_rules
from lifeops.cases.models import Case, Draft, Finding
from lifeops.cases.paging import queue_page
from lifeops.cases.perform import perform
from lifeops.cases.registry import at_desk
from lifeops.cases.states import State
from lifeops.cases.views.common import clock_views, conflict, new_key, seen_version
from lifeops.documents.checklists import completeness
from lifeops.org.models import Role
from lifeops.org.requests import UserRequest

MOST = 200


@access(*stages.CAPTURE)
@require_GET
def worklist(request: UserRequest) -> HttpResponse:
    """What waits at the branch, a tab per kind of work, nearest deadline first."""
    which = stages.stage(request.GET["stage"]) if "stage" in request.GET else stages.first_stage(request.user)
    rows = stages.waiting(request.user, which).for_queue().select_related("branch", "holder_branch", "assignee", "policy")
    page, after = queue_page(rows, request.GET.get("after", ""))
    numbers = stages.counts(request.user)
    context = {
        "stages": [(s, numbers[s.code]) for s in stages.STAGES],
        "stage": which,
        "rows": [(case, reverse(which.url, args=[case.number])) for case in page],
        "next": after,
        "query": f"stage={which.code}",
        "now": timezone.now(),
        "may_act": request.user.holds(*which.roles),
        "first_url": reverse(which.url, args=[page[0].number]) if page else "",
    }
    return render(request, "intake/worklist.html", context)


@access(*stages.CAPTURE)
@require_POST
def hand_over(request: UserRequest) -> HttpResponse:
    """交接 of the ticked cases; those that cannot go stay, each with its reason."""
    chosen = request.POST.getlist("case")[:MOST]
    found = Case.objects.visible_to(request.user).select_related("branch").filter(number__in=chosen)
    cases = [at_desk(case) for case in found.order_by("due_at", "pk")]
    if not cases:
        messages.warning(request, "请先勾选要交接的案件")
        return redirect(f"{reverse('intake:worklist')}?stage=handover")
    stayed = hand_over_many(cases=cases, actor=request.user)
    gone = len(cases) - len(stayed)
    if gone:
        messages.success(request, f"已交接总部 {gone} 件")
    for case, reason in stayed:
        messages.warning(request, f"{case.number} 未交接：{reason}。在该行“交接”里办理")
    return redirect(f"{reverse('intake:worklist')}?stage=handover")


def rows_with_reasons(
    specs: list[FindingSpec], kept: dict[str, Finding], typed: dict[str, str], errors: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """Findings for the page: what has been let pass before, what was typed now, what is still wrong."""
    order = {"block": 0, "warn": 1, "pass": 2}
    rows = []
    for spec in sorted(specs, key=lambda s: order.get(s.level, 3)):
        before = kept.get(spec.code)
        passed = before if before and before.override_reason and (before.level, before.value) == (spec.level, spec.value) else None
        rows.append(
            {
                "spec": spec,
                "passed": passed,
                "reason": typed.get(spec.code, ""),
                "errors": errors.get(f"override_{spec.code}", []) if spec.level == "warn" else [],
            }
        )
    return rows


def typed_reasons(request: UserRequest) -> dict[str, str]:
    """Reasons per rule from the page's inputs, with or without script."""
    return {key.removeprefix("over-"): str(value) for key, value in request.POST.items() if key.startswith("over-") and str(value).strip()}


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def precheck(request: UserRequest, number: str) -> HttpResponse:
    """预审: rules with value and limit beside the images; a warning passes with a reason that is kept."""
    case = get_case(request.user, number)
    if case.state != State.RECEIVED:
        return redirect(case.get_absolute_url())
    errors: dict[str, list[str]] = {}
    status, typed = 200, typed_reasons(request)
    if request.method == "POST":
        try:
            perform(
                case, "pass_precheck", actor=request.user, version=seen_version(request.POST),
                idempotency_key=request.POST.get("key", ""), overrides=typed,
            )
            messages.success(request, f"预审通过：{case.number}")
            return onwards(request, "precheck", case)
        except Invalid as error:
            errors, status = error.errors, 400
        except Stale as error:
            return conflict(request, error, typed, reverse("intake:precheck", args=[case.number]))
    return render(request, "intake/precheck.html", precheck_context(request, case, typed, errors), status=status)


def precheck_context(request: UserRequest, case: Case, typed: dict[str, str], errors: dict[str, list[str]]) -> dict[str, Any]:
    now = timezone.now()
    kept = {f.code: f for f in case.findings.filter(stage="precheck").select_related("overridden_by")}
    specs = precheck_specs(case, now)
    papers = completeness(case)
    steps = steps_for(case, request.user, hidden=True)
    return {
        "case": case, "now": now, "clocks": clock_views(case), "key": new_key(),
        "rows": rows_with_reasons(specs, kept, typed, errors),
        "blocked": any(s.level == "block" for s in specs),
        "step": next((s for s in steps if s.name == "pass_precheck"), None),
        "send_back": next((s for s in steps if s.name == "return_for_correction"), None),
        "steps": [s for s in steps if s.name not in ("pass_precheck", "save_record")],
        "papers": papers, "may_receive": request.user.holds(Role.INTAKE, path=case.branch_path),
        "received": [("original", "原件"), ("copy", "复印件"), ("none", "未收")],
    }


class PapersForm(forms.Form):
    papers = PapersField(label="资料", required=False)


@access(Role.INTAKE)
@require_POST
def papers(request: UserRequest, number: str) -> HttpResponse:
    """收件: change what has been received, until the case leaves the branch."""
    case = get_case(request.user, number)
    form = PapersForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(field_errors(form))
        receive_papers(
            case=case, papers=form.cleaned_data["papers"], actor=request.user, now=timezone.now(),
            version=seen_version(request.POST),
        )
        messages.success(request, "资料清单已更新")
    except Stale as error:
        return conflict(request, error, {}, reverse("intake:precheck", args=[case.number]))
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("intake:precheck" if case.state == State.RECEIVED else "cases:detail", number=case.number)


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def handover(request: UserRequest, number: str) -> HttpResponse:
    """交接 of one case with the line's warnings, each let pass with a reason."""
    case = get_case(request.user, number)
    if case.state != State.CAPTURED:
        return redirect(case.get_absolute_url())
    now, typed = timezone.now(), typed_reasons(request)
    errors: dict[str, list[str]] = {}
    refused: Refused | None = None
    status = 200
    if request.method == "POST":
        try:
            perform(
                case, "hand_over", actor=request.user, version=seen_version(request.POST),
                idempotency_key=request.POST.get("key", ""), overrides=typed,
            )
            messages.success(request, f"已交接总部：{case.number}")
            return onwards(request, "handover", case)
        except Invalid as error:
            errors, status = error.errors, 400
        except Stale as error:
            return conflict(request, error, typed, reverse("intake:handover", args=[case.number]))
        except Refused as error:
            refused, status = error, 403
    kept = {f.code: f for f in case.findings.filter(stage="entry").select_related("overridden_by")}
    steps = steps_for(case, request.user, hidden=True)
    specs = evaluate_rules(case, now)
    context = {
        "case": case, "now": now, "clocks": clock_views(case), "key": new_key(), "refused": refused,
        "rows": rows_with_reasons(specs, kept, typed, errors), "blocked": any(s.level == "block" for s in specs),
        "send_back": next((s for s in steps if s.name == "reopen_capture"), None),
        "step": next((s for s in steps if s.name == "hand_over"), None),
        "steps": [s for s in steps if s.name != "hand_over"],
    }
    return render(request, "intake/handover.html", context, status=status)


def onwards(request: UserRequest, code: str, case: Case) -> HttpResponse:
    """On to the next case for the same work, or back to the list when it is empty."""
    Draft.objects.filter(user=request.user, key=f"{code}:{case.number}").delete()
    which = stages.stage(code)
    following = stages.following(request.user, which, case)
    if following is None:
        return redirect(f"{reverse('intake:worklist')}?stage={code}")
    return redirect(which.url, number=following.number)

