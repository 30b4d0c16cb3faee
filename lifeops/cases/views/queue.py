"""公共池, 我的任务 and 下一件."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lifeops.cases.access import access
from lifeops.cases.paging import queue_page
from lifeops.cases.queues import APPROVAL, counts, mine, pool, queue_codes, take_next
from lifeops.cases.registry import line
from lifeops.cases.views.common import go
from lifeops.org.models import Role
from lifeops.org.requests import UserRequest, whole_number

REVIEWERS = (Role.UNDERWRITER, Role.PS_REVIEWER, Role.CL_REVIEWER, Role.APPROVER)


def desk_label(code: str) -> str:
    return "批准" if code == APPROVAL else line(code).label


def require_desk(user: Any, code: str) -> str:
    if code not in queue_codes(user):
        raise Http404("没有这个队列，或不属于您的岗位")
    return code


@access(*REVIEWERS)
@require_GET
def queue(request: UserRequest, desk: str) -> HttpResponse:
    """One desk's list: tab 我的任务 or 公共池, in the order in which 下一件 gives them out."""
    code = require_desk(request.user, desk)
    now = timezone.now()
    numbers = next((c for c in counts(request.user, now) if c["code"] == code), None)
    # without a word on the tab: the own cases, or the pool where one's hands are empty
    empty_handed = numbers is not None and not numbers["mine"] and numbers["pool"]
    tab = request.GET.get("tab") or ("pool" if empty_handed else "mine")
    tab = "pool" if tab == "pool" else "mine"
    rows = (pool if tab == "pool" else mine)(request.user, code, now).for_queue()
    page, after = queue_page(rows.select_related("holder_branch", "policy"), request.GET.get("after", ""))
    context = {
        "desk": code,
        "label": desk_label(code),
        "tab": tab,
        "cases": page,
        "next": after,
        "now": now,
        "counts": numbers,
    }
    return render(request, "cases/queue.html", context)


@access(*REVIEWERS)
@require_POST
def next_case(request: UserRequest, desk: str) -> HttpResponse:
    """下一件: straight into the workbench of the right case."""
    code = require_desk(request.user, desk)
    case = take_next(request.user, code, skip=whole_number(request.POST.get("skip")))
    if case is None:
        messages.info(request, f"{desk_label(code)}公共池中没有您可办的案件")
        return go(request, reverse("cases:queue", args=[code]))
    return go(request, case.get_absolute_url())
