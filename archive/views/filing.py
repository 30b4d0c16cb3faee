"""归档: what waits for the shelf, one case with its completeness table, volumes, labels, and where an original is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from archive import handing, overview, printing
from archive.forms import GiveBackForm
from archive.models import Volume
from archive.services import page_gaps, retention_of, unpaid
from archive.views.common import bind, checklist, filters, originals_here, pick
from lifeops.cases.access import access, get_case, steps_for
from lifeops.cases.errors import Invalid, Stale
from lifeops.cases.models import Case
from lifeops.cases.paging import queue_page
from lifeops.cases.perform import perform
from lifeops.cases.states import LineCode, State
from lifeops.cases.views.common import bound, clock_views, conflict, new_key, raw_inputs, seen_version, with_errors
from lifeops.documents.answers import pdf
from lifeops.org.models import Role, User
from lifeops.org.paging import page_by_key
from lifeops.org.requests import UserRequest

ROLES = (Role.ARCHIVE, Role.HEAD, Role.AUDITOR, Role.MANAGER)


@access(*ROLES)
@require_GET
def filing(request: UserRequest) -> HttpResponse:
    """待归档, 已归档, and the answer to 原件在哪."""
    user, now, q = request.user, timezone.now(), request.GET.get("q", "").strip()[:60]
    context: dict[str, Any] = {"now": now, "q": q, "tab": "done" if request.GET.get("tab") == "done" else "ready"}
    context["overdue"] = overview.overdue_count(user, timezone.localdate(now), *ROLES)
    if q:
        context |= {"tab": "where", "found": overview.find_originals(q, user)}
    elif context["tab"] == "done":
        rows = Volume.objects.filter(branch__in=user.units(*ROLES)).select_related("case__branch", "branch", "filed_by")
        context["volumes"], context["next"] = page_by_key(rows, request.GET.get("before", ""))
        context["lent"] = overview.lent_volumes([v.pk for v in context["volumes"]])
    else:
        cases = overview.narrowed(overview.to_file(user, *ROLES), {"line": request.GET.get("line", ""), "q": request.GET.get("number", "")})
        context["free"] = bool(request.GET.get("free"))
        if context["free"]:
            cases = overview.free_to_file(cases)
        page, context["next"] = queue_page(cases.select_related("holder_branch").for_queue(), request.GET.get("after", ""))
        context |= {"rows": overview.filing_rows(page), "filters": filters(request, "after"), "lines": LineCode.choices}
    return render(request, "archive/filing.html", context)


def page_of(case: Case, user: User, **more: Any) -> dict[str, Any]:
    """Context of one case's 归档 page."""
    rows = checklist(case)
    volume = Volume.objects.filter(case=case).select_related("branch", "filed_by").first()
    steps = {s.name: s for s in steps_for(case, user)}
    step = steps.get("file")
    filed = {r["row"].pk for r in rows if r["row"].filed}
    context: dict[str, Any] = {
        "case": case, "now": timezone.now(), "clocks": clock_views(case), "key": new_key(), "rows": rows, "volume": volume,
        "step": step, "unpaid": unpaid(case) if volume is None else [], "back_reasons": handing.give_back_refusals(case, user),
        "gaps": page_gaps(case, filed if volume else {r["row"].pk for r in rows}), "source": "filing",
        "keep": retention_of(case, timezone.localdate()) if volume is None else None,
        "issues": user.holds(Role.ISSUE, Role.HEAD),
    }
    if step and step.allowed and "form" not in more:
        context["form"] = bound(case.form_for("file"), case, user, initial=last_place(user))
    if not context["back_reasons"] and (choices := originals_here(rows)):
        context["back_form"] = GiveBackForm(choices=choices, initial={"to": case.subject_name, "on": timezone.localdate()})
    context |= more
    if "back_form" in context:
        pick(rows, context["back_form"])
    if "form" in context:
        bind(rows, context["form"])
    return context


def last_place(user: User) -> dict[str, str]:
    """The box the person filed into last: the next volume mostly goes there too."""
    last = Volume.objects.filter(filed_by=user).order_by("-pk").first()
    return {"box": last.box, "shelf": last.shelf} if last else {}


@access(*ROLES)
@require_http_methods(["GET", "POST"])
def filing_case(request: UserRequest, number: str) -> HttpResponse:
    """GET: the completeness table and the form. POST: 归档."""
    case = get_case(request.user, number, desk="archive")
    if request.method == "GET":
        if case.state not in (*overview.TO_FILE, State.ARCHIVED):
            raise Http404("案件尚未发放")
        return render(request, "archive/filing_case.html", page_of(case, request.user))
    form_class = case.form_for("file")
    typed = raw_inputs(form_class, request.POST)
    try:
        perform(
            case, "file", actor=request.user, version=seen_version(request.POST), idempotency_key=request.POST.get("key", ""), **typed
        )
    except Invalid as error:
        form = with_errors(bound(form_class, case, request.user, data=request.POST), error)
        return render(request, "archive/filing_case.html", page_of(case, request.user, form=form), status=400)
    except Stale as error:
        return conflict(request, error, typed, reverse("archive:filing_case", args=[case.number]))
    messages.success(request, f"归档：{case.number}，{Volume.objects.select_related('branch').get(case=case).place}")
    return redirect("archive:volume", number=case.number)


@access(*ROLES)
@require_GET
def label(request: UserRequest, number: str) -> HttpResponse:
    """盒签 of the box in which the volume lies."""
    volume = get_volume(request.user, number)
    return pdf(printing.box_label(volume), f"{volume.branch.code}-{volume.box}")


@access(*ROLES)
@require_GET
def cover(request: UserRequest, number: str) -> HttpResponse:
    """卷封面, 卷内目录 and 备考表."""
    volume = get_volume(request.user, number)
    return pdf(printing.cover(volume), volume.number)


def get_volume(user: User, number: str) -> Volume:
    case = get_case(user, number, desk="archive")
    volume = Volume.objects.filter(case=case).select_related("branch", "filed_by").first()
    if volume is None:
        raise Http404("案件尚未归档")
    volume.case = case
    return volume
