"""案件查询, the search box, autosaved drafts and the home page."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lifeops.cases.access import CASE_ROLES, access
from lifeops.cases.models import Case, Draft
from lifeops.cases.reach import openable, openable_parties
from lifeops.cases.search import search
from lifeops.cases.states import AFTER, BEFORE, DURING, OPEN, LineCode, State
from lifeops.org.models import Role
from lifeops.org.paging import page_by_key
from lifeops.org.requests import UserRequest

CAP = 999
DRAFT_BYTES = 200_000
MOST_DRAFTS = 200
SURROGATE = re.compile("[\ud800-\udfff]")
#: Groups of states a list may be asked for.
GROUPS = {
    "before": ("作业前", BEFORE),
    "during": ("作业中", DURING),
    "after": ("作业后", AFTER),
    "open": ("未归档", OPEN),
    "held": ("在手", (State.IN_REVIEW, State.PENDING_APPROVAL)),
}


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def search_page(request: UserRequest) -> HttpResponse:
    """Answers of the search box; a number that names one case opens it. What was typed may be an identity number or a
    name, so it comes in the body and never in an address that logs and histories keep."""
    text = request.POST.get("q", "")
    found = search(text, request.user)
    if found.only and not request.headers.get("HX-Request"):
        return redirect(found.only)
    context = {
        "q": text, "found": found, "now": timezone.now(), "openable": openable(found.policies, request.user),
        "customers": openable_parties(found.parties, request.user),
    }  # fmt: skip
    return render(request, "cases/search.html", context)


@access(*CASE_ROLES)
@require_GET
def case_list(request: UserRequest) -> HttpResponse:
    """All cases the person may see, newest first, with filters; pages by key, never by counting."""
    now = timezone.now()
    rows = Case.objects.ways_of(request.user).each(lambda way: filtered(way, request.GET, now))
    rows = rows.dressed(lambda found: found.select_related("branch", "assignee", "holder_branch", "policy"))
    page, following = page_by_key(rows, request.GET.get("before", ""))
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "cases": page,
        "next": following,
        "states": State.choices,
        "lines": LineCode.choices,
        "query": query.urlencode(),
        "chosen": request.GET,
        "stage": GROUPS.get(request.GET.get("stage", ""), ("",))[0],
        "now": now,
    }
    return render(request, "cases/list.html", context)


def filtered(rows: Any, chosen: Any, now: datetime) -> Any:
    """Filters of lists, dashboards and the API: line, item, state, stage, branch path, holder, overdue, assignee, number.

    `stage` is before, during, after, open (not archived) or held (in review or at signature); `own` leaves out what lies
    under the branch.
    """
    if chosen.get("line") in LineCode.values:
        rows = rows.filter(line=chosen["line"])
    if chosen.get("state") in State.values:
        rows = rows.filter(state=chosen["state"])
    if chosen.get("item"):
        rows = rows.filter(item=chosen["item"])
    if chosen.get("stage") in GROUPS:
        rows = rows.filter(state__in=GROUPS[chosen["stage"]][1])
    if chosen.get("branch"):
        rows = rows.filter(**{"branch_path" if chosen.get("own") else "branch_path__startswith": chosen["branch"]})
    if chosen.get("holder"):
        rows = rows.filter(holder_party=chosen["holder"])
    if chosen.get("assignee"):
        rows = rows.filter(assignee__username=chosen["assignee"])
    if chosen.get("overdue"):
        rows = rows.filter(due_at__lt=now).exclude(state=State.ARCHIVED)
    if chosen.get("q"):
        text = chosen["q"].strip()
        rows = rows.filter(number__startswith=text.upper())
    return rows


@access(*Role)
@require_http_methods(["GET", "POST", "DELETE"])
def draft(request: UserRequest, key: str) -> HttpResponse:
    """Autosave: what has been typed into a form, for the person alone, until it is submitted."""
    if request.method == "GET":
        found = Draft.objects.filter(user=request.user, key=key).first()
        told = {"data": found.data if found else None, "version": found.version if found else 0}
        # numbers in full: no browser keeps the answer for the next person at the counter
        return JsonResponse(told, headers={"Cache-Control": "no-store, private"})
    if request.method == "DELETE":
        Draft.objects.filter(user=request.user, key=key).delete()
        return HttpResponse(status=204)
    if len(request.body) > DRAFT_BYTES:
        return JsonResponse({"error": "草稿过大，未能保存，请先提交或减少内容"}, status=413)
    typed = read_draft(request.body)
    if typed is None:
        return JsonResponse({"error": "草稿内容无法识别"}, status=400)
    keep_draft(request.user, key[:120], **typed)
    return JsonResponse({"saved_at": timezone.localtime().strftime("%H:%M:%S")})


def read_draft(body: bytes) -> dict[str, Any] | None:
    """{"data": {name: [texts]}, "version": n} as the page's script sends it; None for anything else."""
    try:
        told = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return None
    data, version = (told.get("data", {}), told.get("version") or 0) if isinstance(told, dict) else (None, 0)
    if not isinstance(data, dict) or not isinstance(version, int) or not 0 <= version < 2**31:
        return None
    texts = [text for name, values in data.items() for text in (name, *(values if isinstance(values, list) else [values]))]
    if not all(isinstance(text, str) and not SURROGATE.search(text) for text in texts):
        return None
    return {"data": data, "version": version}


def keep_draft(user: Any, key: str, *, data: dict[str, Any], version: int) -> None:
    """Save; of more than `MOST_DRAFTS` the oldest of the person give way."""
    Draft.objects.update_or_create(user=user, key=key, defaults={"data": data, "version": version})
    newest = Draft.objects.filter(user=user).order_by("-updated_at", "-pk").values("pk")[:MOST_DRAFTS]
    Draft.objects.filter(user=user).exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()
