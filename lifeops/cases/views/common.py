"""What the shared views have in common: reading inputs, answering pages and fragments alike."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from lifeops.cases.errors import Invalid, Refused, Stale
from lifeops.cases.models import Case, Clock
from lifeops.org.requests import UserRequest, whole_number
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import DeclaredState

Form = TypeVar("Form", bound=forms.Form)


#: What a second person does with what the first has entered.
ACTS = {"approve": True, "refuse": False}
SECOND = "总公司另一位运营主管或批准岗"


class RemarkForm(forms.Form):
    """The word of the second person."""

    remark = forms.CharField(label="意见", max_length=100, required=False, error_messages={"max_length": "意见最多 100 字"})


@contextmanager
def second_person() -> Iterator[None]:
    """Why it may not be decided on is a refusal that names who can."""
    try:
        yield
    except BookRefused as refused:
        raise Refused(refused.reasons, who=SECOND) from None


@dataclass(frozen=True)
class Undecided:
    """A decision that was not taken: of which row, what was typed, why not, and who can where that is the reason."""

    pk: int
    called: str
    remark: str
    reasons: list[str]
    status: int = 400
    who: str = ""


def decide_on_page(request: UserRequest, act: str, decide: Callable[..., Any], row: Any) -> Undecided | None:
    """批准 or 驳回, as the address says; None where it is done, otherwise what the list is to tell at the row."""
    if act not in ACTS:
        raise Http404("没有这种办理")
    form, typed = RemarkForm(request.POST), request.POST.get("remark", "")[:200]
    if not form.is_valid():
        return Undecided(row.pk, str(row), typed, [str(words) for words in form.errors["remark"]])
    try:
        decide(row=row, approve=ACTS[act], remark=form.cleaned_data["remark"], actor=request.user, now=timezone.now())
    except BookInvalid as wrong:
        return Undecided(row.pk, str(row), typed, list(wrong.errors.values()))
    except BookRefused as refused:
        row.refresh_from_db(fields=["state"])  # what was decided meanwhile nobody decides any more
        return Undecided(row.pk, str(row), typed, refused.reasons, 403, SECOND if row.state == DeclaredState.OPEN else "")
    return None


def raw_inputs(form_class: type[forms.Form] | None, data: QueryDict, files: Any = None) -> dict[str, Any]:
    """What was typed, per field, as the step's form will read it again inside `perform`."""
    if form_class is None:
        return {}
    found = {}
    for name, field in form_class.base_fields.items():
        widget = field.widget
        if not widget.value_omitted_from_data(data, files or {}, name):
            found[name] = widget.value_from_datadict(data, files or {}, name)
    return found


def seen_version(data: QueryDict) -> int:
    """The version the person saw; a page always sends it, so a missing one counts as stale."""
    return whole_number(data.get("version", "")) or 0


def new_key() -> str:
    """Idempotency key of a form on a page: a double click sends the same one twice."""
    return secrets.token_urlsafe(18)


def bound(form_class: Any, case: Any, actor: Any, **kwargs: Any) -> forms.Form:
    """The form for a page, with the case where it looks at it; an empty one for a step without inputs."""
    form_class = form_class or forms.Form
    if getattr(form_class, "knows_case", False):
        return form_class(case=case, actor=actor, **kwargs)
    return form_class(**kwargs)


def go(request: UserRequest, url: str) -> HttpResponse:
    """Redirect, also for requests made by htmx."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def came_from(request: UserRequest, under: str, else_to: str) -> str:
    """The list or the page from which an act was taken; only addresses of our own that begin with `under`."""
    asked = request.POST.get("back") or request.GET.get("back", "")
    return asked if asked.startswith(under) and url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else else_to


def with_errors(form: Form, error: Invalid) -> Form:
    """Put the door's messages at the fields of the form that is shown again; `door_errors` keeps them by name."""
    form.full_clean()
    form.door_errors = error.errors  # type: ignore[attr-defined]
    for name, messages in error.errors.items():
        target = name if name in form.fields else None
        shown: Any = form.errors.get(name if target else "__all__", [])
        for message in messages:
            if message not in shown:
                form.add_error(target, message)
    return form


def conflict(request: UserRequest, error: Stale, typed: dict[str, Any], back: str) -> HttpResponse:
    """409: what has changed since, with everything typed kept on the page."""
    context = {"error": error, "typed": typed, "back": back}
    return render(request, "cases/conflict.html", context, status=409)


def clock_views(case: Case, now: Any = None) -> list[dict[str, Any]]:
    """Running clocks of a case for the header bar, nearest first."""
    now = now or timezone.now()
    rows = Clock.objects.filter(case=case).select_related("rule").order_by("stopped_at", "due_at")
    return [row.standing(now) for row in rows]
