"""One view takes every step of every desk: get the case, read the form, go through the door, go on."""

from __future__ import annotations

from django.contrib import messages
from django.forms import ChoiceField, Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lifeops.cases.access import CASE_ROLES, access, get_case
from lifeops.cases.errors import Invalid, Stale
from lifeops.cases.models import Case, CaseEvent
from lifeops.cases.perform import perform
from lifeops.cases.queues import APPROVAL, queue_codes, take_next
from lifeops.cases.registry import onwards_page
from lifeops.cases.states import State
from lifeops.cases.views.common import bound, conflict, go, new_key, raw_inputs, seen_version, with_errors
from lifeops.org.models import User
from lifeops.org.requests import UserRequest

#: After these the reviewer goes on to the next case of the same queue.
GOES_ON = {"conclude", "approve", "disagree", "return_to_review", "issue_request", "hand_back", "suspend"}

#: The dialog opens over pages with forms of their own: its labels must find its own inputs.
IN_DIALOG = "step_%s"


def chosen(form: Form, asked: QueryDict) -> dict[str, str]:
    """Choices that the link to a form has made already, e.g. `?kind=investigation`; never words."""
    fields = {name: field for name, field in form.fields.items() if type(field) is ChoiceField and name in asked}
    return {name: str(asked[name]) for name, field in fields.items() if field.valid_value(asked[name])}


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def step(request: UserRequest, number: str, name: str) -> HttpResponse:
    """GET: the step's form as a dialog. POST: take it."""
    case = get_case(request.user, number)
    move = case.transition_of(name)
    if request.method == "GET" and (move is None or move.custom["internal"]):
        raise Http404
    form_class = case.form_for(name)
    if request.method == "GET":
        form = bound(form_class, case, request.user, auto_id=IN_DIALOG) if form_class else None
        if form is not None:
            form.initial = {**form.initial, **chosen(form, request.GET)}
        context = {"case": case, "move": move.custom, "name": name, "form": form, "key": new_key()}
        return render(request, "cases/_step_form.html", context)
    desk = APPROVAL if case.state == State.PENDING_APPROVAL else case.line
    typed = raw_inputs(form_class, request.POST, request.FILES)
    try:
        event = perform(
            case,
            name,
            actor=request.user,
            version=seen_version(request.POST),
            idempotency_key=request.POST.get("key", ""),
            **typed,
        )
    except Invalid as error:
        ids = "id_%s" if name == "conclude" else IN_DIALOG
        form = with_errors(bound(form_class, case, request.user, data=request.POST, auto_id=ids), error)
        context = {"case": case, "move": move.custom, "name": name, "form": form, "key": new_key()}
        template = "cases/_decision_form.html" if name == "conclude" else "cases/_step_form.html"
        return render(request, template, context, status=400)
    except Stale as error:
        return conflict(request, error, typed, case.get_absolute_url())
    moved = f"，现为“{event.to_label}”" if event.from_state != event.to_state else ""
    messages.success(request, f"{event.label}：{case.number}{moved}")
    return go(request, after(request.user, case, event, desk))


def after(user: User, case: Case, event: CaseEvent, desk: str) -> str:
    """The next case is there after a decision; otherwise back to the case, or home where it is out of reach now."""
    if event.step in GOES_ON and desk in queue_codes(user):
        following = take_next(user, desk, skip=case.pk)
        return following.get_absolute_url() if following else reverse("cases:queue", args=[desk])
    if page := onwards_page(case, user, event.step):
        return page
    if Case.objects.visible_to(user).filter(pk=case.pk).exists():
        return case.get_absolute_url()
    return reverse("home")
