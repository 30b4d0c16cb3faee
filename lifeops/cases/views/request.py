"""照会台 and 调查台: the branch's list of letters and orders, and the page of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lifeops.cases.access import CASE_ROLES, access, get_request, steps_for
from lifeops.cases.errors import Invalid, Stale
from lifeops.cases.models import ContactLog, Request
from lifeops.cases.requests import perform_request
from lifeops.cases.states import REQUEST_OPEN, RequestKind, RequestState
from lifeops.cases.views.common import bound, conflict, go, new_key, raw_inputs, seen_version, with_errors
from lifeops.org.models import Role, User
from lifeops.org.paging import Ways, page_by_day
from lifeops.org.requests import UserRequest

#: Offered beside the letter itself: a print is a numbered PDF and the step in one act.
PRINTS = ("print_out", "reprint")
TABS = (
    ("print", "待打印"),
    ("deliver", "待送达"),
    ("reply", "待回复"),
    ("overdue", "已超期"),
    ("close", "待回销"),
    ("open", "全部在办"),
    ("closed", "已办结"),
)
#: What waits for an answer.
WAITING = (RequestState.ISSUED, RequestState.PRINTED, RequestState.DELIVERED)
LETTERS = (RequestKind.QUERY, RequestKind.EXAM)
#: Kinds to choose from; letters go out of the house, orders are carried out by somebody of the unit.
KINDS = (("letters", "照会和体检"), *RequestKind.choices)


def of_tab(rows: Ways, tab: str) -> Ways:
    today = timezone.localdate()
    by_tab = {
        "print": Q(state=RequestState.ISSUED),
        "deliver": Q(state=RequestState.PRINTED),
        "reply": Q(state=RequestState.DELIVERED),
        "overdue": Q(state__in=WAITING, due_on__lt=today),
        "close": Q(state=RequestState.REPLIED),
        "open": Q(state__in=REQUEST_OPEN),
        "closed": Q(state__in=(RequestState.CLOSED, RequestState.CANCELLED)),
    }
    return rows.filter(by_tab[tab])


def own_kind(user: User) -> str:
    """What the own post works on: 问题件岗 letters, 调查岗 investigations, "" everything or nothing in particular."""
    letters, orders = user.holds(Role.QUERY), user.holds(Role.INVESTIGATOR)
    if letters == orders or user.holds(Role.HEAD):
        return ""
    return "letters" if letters else RequestKind.INVESTIGATION.value


def requests_of(user: User, kind: str) -> Ways:
    """Requests within reach of a person, of one kind, of the letters, or all."""
    rows = Request.objects.ways_of(user)
    if kind == "letters":
        return rows.filter(kind__in=LETTERS)
    return rows.filter(kind=kind) if kind in RequestKind.values else rows


def for_list(rows: Ways) -> Ways:
    """Rows of the list, the nearest day first, with the last time somebody was spoken to."""
    spoken = ContactLog.objects.filter(request=OuterRef("pk")).order_by("-at").values("at")[:1]
    needs = ("case", "branch", "handler", "issued_by")
    return rows.order_by("due_on", "pk").dressed(lambda found: found.select_related(*needs).annotate(last_contact=Subquery(spoken)))


@access(*CASE_ROLES)
@require_GET
def request_list(request: UserRequest) -> HttpResponse:
    """Letters and orders of the person's units by what is to be done next; without a word the own kind, the first tab with work."""
    kind = request.GET.get("kind", own_kind(request.user))
    rows = requests_of(request.user, kind)
    counted = [(code, label, of_tab(rows, code).capped(100)) for code, label in TABS]
    tab = request.GET.get("tab", "")
    if tab not in dict(TABS):
        tab = next((code for code, _, count in counted[:-2] if count), TABS[0][0])
    page, following = page_by_day(for_list(of_tab(rows, tab)), request.GET.get("after", ""), "due_on", newest=False)
    context = {
        "tabs": counted,
        "tab": tab,
        "kind": kind,
        "title": "调查" if kind == RequestKind.INVESTIGATION else "问题件",
        "kinds": KINDS,
        "requests": page,
        "next": following,
        "today": timezone.localdate(),
        "picks": tab == "print" and request.user.holds(Role.QUERY, Role.INVESTIGATOR, Role.HEAD),
    }
    return render(request, "cases/request_list.html", context)


@access(*CASE_ROLES)
@require_GET
def request_detail(request: UserRequest, number: str) -> HttpResponse:
    """One letter or order: contents, life so far, contacts, reply, and what can be done."""
    item = get_request(request.user, number)
    steps = steps_for(item, request.user, hidden=True)
    context = {
        "item": item,
        "case": item.case,
        "steps": [step for step in steps if step.name not in PRINTS],
        "printing": next((step for step in steps if step.name in PRINTS), None),
        "papers": item.documents.select_related("doc_type").annotate(shown=Count("pages", filter=Q(pages__hidden=False))).order_by("pk"),
        "may_answer": any(step.name == "answer" and step.allowed for step in steps),
        "contacts": item.contacts.select_related("by"),
        "custody": item.custody.select_related("branch", "user").order_by("seq"),
        "today": timezone.localdate(),
        "key": new_key(),
    }
    return render(request, "cases/request.html", context)


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def request_step(request: UserRequest, number: str, name: str) -> HttpResponse:
    """GET: the dialog. POST: take a step of a request."""
    item = get_request(request.user, number)
    move = item.transition_of(name)
    form_class = item.form_for(name)
    context: dict[str, Any] = {"item": item, "case": item.case, "name": name}
    if request.method == "GET":
        if move is None:
            raise Http404
        form = bound(form_class, item, request.user) if form_class else None
        return render(request, "cases/_step_form.html", {**context, "move": move.custom, "form": form, "key": new_key()})
    typed = raw_inputs(form_class, request.POST, request.FILES)
    try:
        event = perform_request(
            item,
            name,
            actor=request.user,
            version=seen_version(request.POST),
            idempotency_key=request.POST.get("key", ""),
            **typed,
        )
    except Invalid as error:
        form = with_errors(bound(form_class, item, request.user, data=request.POST), error)
        context |= {"move": move.custom, "form": form, "key": new_key()}
        return render(request, "cases/_step_form.html", context, status=400)
    except Stale as error:
        return conflict(request, error, typed, item.get_absolute_url())
    messages.success(request, f"{event.label}：{item.number}")
    return go(request, item.get_absolute_url())
