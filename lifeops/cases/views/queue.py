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
from lifeops.cases.models import CaseQuerySet
from lifeops.cases.queues import APPROVAL, counts, mine, pool, queue_codes, take_next
from lifeops.cases.registry import line
from lifeops.cases.views.common import go
from lifeops.org.models import Role
from lifeops.org.requests import UserRequest, whole_number

PAGE = 50
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
    page, after = keyset(rows.select_related("holder_branch", "policy"), request.GET.get("after", ""))
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


def keyset(rows: CaseQuerySet, after: str) -> tuple[list[Any], str]:
    """A page of the queue after a row given as "rank.due.pk": its cost does not depend on depth."""
    from datetime import datetime

    from django.db.models import Q

    parts = after.split("_")
    rank, pk = (whole_number(parts[0]), whole_number(parts[2])) if len(parts) == 3 else (None, None)
    if rank is not None and pk is not None:
        try:
            due = datetime.fromisoformat(parts[1]) if parts[1] else None
        except ValueError:
            due = None
        same = Q(rank=rank)
        if due is None:
            rows = rows.filter(Q(rank__gt=rank) | same & Q(due_at__isnull=True, pk__gt=pk))
        else:
            later = Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk) | Q(due_at__isnull=True)
            rows = rows.filter(Q(rank__gt=rank) | same & later)
    page = list(rows[: PAGE + 1])
    if len(page) <= PAGE:
        return page, ""
    last = page[PAGE - 1]
    return page[:PAGE], f"{last.rank}_{last.due_at.isoformat() if last.due_at else ''}_{last.pk}"


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
