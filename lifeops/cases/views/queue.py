"""公共池, 我的任务 and 下一件."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lifeops.cases.access import access
from lifeops.cases.errors import Invalid
from lifeops.cases.forms import ReasonForm
from lifeops.cases.paging import queue_page
from lifeops.cases.queues import APPROVAL, counts, mine, pass_over, pool, queue_codes, take_next
from lifeops.cases.registry import line
from lifeops.cases.views.common import go, with_errors
from lifeops.org.models import Role
from lifeops.org.requests import UserRequest

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
@require_http_methods(["GET", "POST"])
def next_case(request: UserRequest, desk: str) -> HttpResponse:
    """下一件: straight into the workbench of the right case. With `skip`, a case in hand that is left out for this once:
    GET asks why, POST goes on."""
    code, now = require_desk(request.user, desk), timezone.now()
    number = (request.POST if request.method == "POST" else request.GET).get("skip", "")
    if request.method == "GET":
        return skip_form(request, code, number) if number else go(request, reverse("cases:queue", args=[code]))
    try:
        skipped = pass_over(request.user, code, number, reason=request.POST.get("reason", ""), now=now) if number else None
    except Invalid as error:
        return skip_form(request, code, number, error)
    case = take_next(request.user, code, now=now, skip=skipped)
    if case is None:
        messages.info(request, f"{desk_label(code)}公共池中没有您可办的案件")
        return go(request, reverse("cases:queue", args=[code]))
    return go(request, case.get_absolute_url())


def skip_form(request: UserRequest, code: str, number: str, error: Invalid | None = None) -> HttpResponse:
    """The dialog that asks for the reason of a skip."""
    form = ReasonForm(request.POST if error else None, auto_id="skip_%s")
    if error is not None:
        form = with_errors(form, error)
    context = {"desk": code, "number": number, "form": form}
    return render(request, "cases/skip.html", context, status=400 if error else 200)
