"""首页: what waits for this person, each number a link to exactly those cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from lifeops.cases.access import access
from lifeops.cases.models import Case, Request
from lifeops.cases.queues import counts
from lifeops.cases.registry import tiles, work_page
from lifeops.cases.states import AFTER, BEFORE, DURING, REQUEST_OPEN, Holder, RequestKind, RequestState, State
from lifeops.cases.views.queue import desk_label
from lifeops.cases.views.request import TABS, WAITING, for_list, of_tab, own_kind, requests_of
from lifeops.org.models import BRANCH_ROLES, ChangeOrder, Role, User
from lifeops.org.requests import UserRequest
from lifeops.policies.models import NOTICE_SENDERS, PolicyNotice

CAP = 999
URGENT = 12
OVERSEERS = (Role.MANAGER, Role.AUDITOR)
#: What a post of the branch has to do with a case: its own work comes first on the page.
WORK: dict[str, tuple[str, ...]] = {
    Role.INTAKE: (State.RECEIVED, State.CAPTURED, State.RETURNED),
    Role.ENTRY: (State.PRECHECKED, State.CAPTURED),
    Role.SCAN: (State.PRECHECKED, State.CAPTURED),
    Role.ISSUE: (State.APPROVED, State.DECLINED),
    Role.ARCHIVE: (State.RELEASED, State.WITHDRAWN),
    Role.HEAD: (*BEFORE, *AFTER),
}


@access(*Role)
@require_GET
def home(request: UserRequest) -> HttpResponse:
    """Queues, the unit's or the company's work, the most urgent cases, orders that wait for a second person, notices."""
    now = timezone.now()
    user = request.user
    context: dict[str, Any] = {
        "now": now,
        "queues": [{**row, "label": desk_label(row["code"])} for row in counts(user, now)],
        "branch_work": branch_tiles(user, now),
        "letters": own_letters(user, now),
        "oversight": oversight(user, now),
        "orders": open_orders(user),
        "urgent": urgent(user, now),
        "pressing": pressing(user),
        "notices": user.notices.order_by("-pk")[:8],
        "mine": Case.objects.mine(user).awake(now).for_queue()[:10],
    }
    return render(request, "cases/home.html", context)


def own_states(user: User) -> tuple[str, ...]:
    """States of cases that a post of the person works on at the branch."""
    return tuple(dict.fromkeys(state for role, states in WORK.items() if user.holds(role) for state in states))


def scope_of(user: User, *roles: str) -> Q:
    scope = Q(pk__in=[])
    for path in user.paths(*roles):
        scope |= Q(branch_path__startswith=path)
    return scope


def capped(rows: Any) -> int:
    return int(rows.order_by().values("pk")[: CAP + 1].count())


def branch_work(user: User, now: datetime) -> list[dict[str, Any]]:
    """Counters of a branch by state, capped, as other systems ask for them."""
    if not user.holds(*BRANCH_ROLES):
        return []
    rows = []
    for state in (*BEFORE, *AFTER):
        found = Case.objects.filter(scope_of(user, *BRANCH_ROLES), state=state)
        number = capped(found)
        late = capped(found.filter(due_at__lt=now)) if number else 0
        rows.append({"state": state, "label": state.label, "count": number, "late": late})
    if notices := notices_row(user, now):
        rows.append(notices)
    return rows if own_kind(user) else [*rows, letters_row(user, now, *BRANCH_ROLES)]


def branch_tiles(user: User, now: datetime) -> list[dict[str, Any]]:
    """What waits at the desks of the branch, each number the list that shows it; the work of the own post first."""
    if not user.holds(*BRANCH_ROLES):
        return []
    rows = []
    for tile in tiles(user, now):
        number = capped(tile.rows)
        if number or not tile.shy:
            late = capped(tile.late) if number and tile.late is not None else 0
            rows.append({"url": tile.url, "label": tile.label, "count": number, "late": late, "own": tile.own})
    if notices := notices_row(user, now):
        rows.append(notices)
    if own_kind(user):
        return rows  # the own list of letters stands above
    letters = letters_row(user, now, *BRANCH_ROLES) | {"own": user.holds(Role.QUERY, Role.INVESTIGATOR, Role.HEAD)}
    return sorted([*rows, letters], key=lambda row: not row["own"])


def own_letters(user: User, now: datetime) -> dict[str, Any] | None:
    """What the desk of letters, or of investigations, begins with: how many wait for which act, and the most urgent."""
    kind = own_kind(user)
    if not kind:
        return None
    rows, url = requests_of(user, kind), reverse("cases:requests")
    return {
        "title": "调查任务" if kind == RequestKind.INVESTIGATION else "照会与体检",
        "tabs": [
            {"code": code, "label": label, "count": of_tab(rows, code).capped(CAP + 1), "url": f"{url}?tab={code}&kind={kind}"}
            for code, label in TABS[:-2]
        ],
        "rows": for_list(rows.filter(state__in=(*WAITING, RequestState.REPLIED)))[:URGENT],
        "today": timezone.localdate(now),
    }


def letters_row(user: User, now: datetime, *roles: str) -> dict[str, Any]:
    scope = Q(pk__in=[])
    for path in user.paths(*roles):
        scope |= Q(branch__path__startswith=path)
    found = Request.objects.filter(scope, state__in=REQUEST_OPEN)
    late = capped(found.filter(due_on__lt=timezone.localdate(now)))
    return {"state": "", "url": f"{reverse('cases:requests')}?tab=open&kind=", "label": "问题件", "count": capped(found), "late": late}


def notices_row(user: User, now: datetime) -> dict[str, Any] | None:
    """应发通知 of the units, for those who send them."""
    if not user.holds(*NOTICE_SENDERS):
        return None
    found = PolicyNotice.objects.visible_to(user).waiting()
    late = capped(found.filter(due_on__lt=timezone.localdate(now)))
    return {"state": "", "url": reverse("documents:notices"), "label": "应发通知", "count": capped(found), "late": late, "own": True}


def oversight(user: User, now: datetime) -> list[dict[str, Any]]:
    """What those who watch over the work begin with: cases by stage and letters, with what is late."""
    if not user.holds(*OVERSEERS):
        return []
    rows = []
    for code, label, states in (("before", "作业前", BEFORE), ("during", "作业中", DURING), ("after", "作业后", AFTER)):
        found = Case.objects.filter(scope_of(user, *OVERSEERS), state__in=states)
        url = f"{reverse('cases:list')}?stage={code}"
        rows.append({"url": url, "label": label, "count": capped(found), "late": capped(found.filter(due_at__lt=now)), "late_url": f"{url}&overdue=1"})
    return [*rows, letters_row(user, now, *OVERSEERS)]


def pressing(user: User) -> list[Case]:
    """For those who watch over the work: the cases with the least time left, whoever has them."""
    if not user.holds(*OVERSEERS):
        return []
    seen = Case.objects.visible_to(user).filter(scope_of(user, *OVERSEERS), due_at__isnull=False).exclude(state=State.ARCHIVED)
    # each holder's in the order of its index
    found = [case for party in Holder for case in seen.filter(holder_party=party).order_by("due_at").values_list("due_at", "pk")[:URGENT]]
    first = [pk for _, pk in sorted(found)[:URGENT]]
    return sorted(Case.objects.filter(pk__in=first).select_related("branch", "assignee", "holder_branch"), key=lambda case: first.index(case.pk))


def urgent(user: User, now: datetime) -> list[Case]:
    """The cases of the own post with the least time left."""
    states = own_states(user)
    if not states:
        return []
    rows = Case.objects.visible_to(user).filter(scope_of(user, *BRANCH_ROLES), state__in=states).awake(now).for_queue()
    found = list(rows.select_related("branch", "assignee", "holder_branch")[:URGENT])
    for case in found:
        case.work = work_page(case, user)  # type: ignore[attr-defined]
    return found


def open_orders(user: User) -> int | None:
    """Orders for posts, limits and accounts that wait for a second person; None for those they do not concern."""
    if not user.holds(Role.SECADMIN, Role.SYSADMIN):
        return None
    return ChangeOrder.objects.filter(state=ChangeOrder.State.OPEN).count()
