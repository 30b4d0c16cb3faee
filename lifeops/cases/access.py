"""The only ways in: who may open a page, which case a view may get, which steps a person is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.http.response import HttpResponseBase

from lifeops.cases import registry
from lifeops.cases.errors import Refused
from lifeops.cases.models import Case, Request
from lifeops.cases.needs import labels
from lifeops.cases.states import State
from lifeops.org.models import Role, User
from lifeops.org.requests import UserRequest

View = Callable[..., HttpResponseBase]

#: Everybody who works on cases; system and security administrators are not among them.
CASE_ROLES = tuple(r for r in Role if r not in (Role.SYSADMIN, Role.SECADMIN))


def access(*roles: str) -> Callable[[View], View]:
    """Say who may come to a view. Without the role the answer is 403 with the reason and who can."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.holds(*roles):
                raise Refused([f"此页面供{labels(roles)}使用"], who=labels(roles))
            return view(request, *args, **kwargs)

        guarded.access_roles = roles  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: View) -> View:
    """Mark a view that deliberately needs no role (login, health, static parts of the shell)."""
    view.access_roles = ()  # type: ignore[attr-defined]
    return view


def get_case(user: User, number: str, desk: str | None = None) -> Case:
    """The case, seen as the proxy of the desk it lies at. Out of reach → 404; at another desk than asked → 404."""
    case = (
        Case.objects.visible_to(user)
        .select_related("branch", "assignee", "holder_branch", "policy", "applicant", "handler", "reviewer", "created_by")
        .filter(number=number.strip().upper())
        .first()
    )
    if case is None:
        raise Http404("没有这个案件，或不在您的可见范围内")
    if desk and registry.desk_code(case.line, case.state) != desk:
        raise Http404("案件不在该环节")
    return registry.at_desk(case)


def reads_in_full(case: Case, user: User) -> bool:
    """Whether the keyed record is told with identities and accounts in full: to the post that keys it, while it is keyed."""
    return case.state == State.PRECHECKED and user.holds(Role.ENTRY, path=case.branch_path)


@contextmanager
def not_found_as(words: str) -> Iterator[None]:
    """A row that hangs on a case or policy out of reach is told of as one that is not there: other words would say that it is."""
    try:
        yield
    except Http404:
        raise Http404(words) from None


def get_request(user: User, number: str) -> Request:
    """A 问题件 the person may see; out of reach → 404."""
    found = (
        Request.objects.visible_to(user)
        .select_related("case__branch", "branch", "handler", "issued_by__branch", "second_signer", "case__assignee", "case__reviewer")
        .filter(number=number.strip().upper())
        .first()
    )
    if found is None:
        raise Http404("没有这个问题件，或不在您的可见范围内")
    return found


@dataclass(frozen=True)
class StepView:
    """A step as a person sees it: offered, or refused with the reasons."""

    name: str
    label: str
    allowed: bool
    reasons: list[str]
    who: str = ""
    key: str = ""
    tone: str = "secondary"
    form: type[forms.Form] | None = field(default=None, compare=False)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The inputs as the API describes them: name, label, type, required, choices."""
        return describe(self.form) if self.form else []


def describe(form: type[forms.Form] | forms.BaseForm) -> list[dict[str, Any]]:
    """Fields of a form for other systems; a form bound to its case also knows the choices of that case."""
    rows = []
    for name, fld in (form.fields if isinstance(form, forms.BaseForm) else form.base_fields).items():
        row: dict[str, Any] = {
            "name": name,
            "label": str(fld.label or name),
            "type": getattr(fld, "described_as", "") or type(fld).__name__.removesuffix("Field").lower(),
            "required": fld.required,
        }
        choices = getattr(fld, "choices", None)
        if columns := getattr(fld, "columns", None):
            of = choices if isinstance(choices, dict) else {}
            row["columns"] = [
                {"name": column, "label": label, **({"choices": _flat(of[column])} if column in of else {})}
                for column, label in columns.items()
            ]
        elif choices is not None and not isinstance(fld, forms.ModelChoiceField):
            row["choices"] = _flat(choices)
        rows.append(row)
    return rows


def _flat(choices: Any) -> list[dict[str, str]]:
    """Choices as value and label, groups dissolved, without the blank one."""
    found = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            found += _flat(label)
        elif value != "":
            found.append({"value": str(value), "label": str(label)})
    return found


def steps_for(case: Case | Request, user: User, *, hidden: bool = False) -> list[StepView]:
    """Every step declared for the case's state at its desk, with this person's answer from the same `Needs`."""
    found = []
    for name, method in case.declared_steps().items():
        meta = method._django_fsm  # type: ignore[attr-defined]
        transition = meta.get_transition(case.state)
        if transition is None:
            continue
        custom = transition.custom
        if custom["internal"] or (custom["hidden"] and not hidden):
            continue
        needs = transition.permission
        reasons = needs.refusals(case, user)
        found.append(
            StepView(
                name=name,
                label=custom["label"],
                allowed=not reasons,
                reasons=reasons,
                who=needs.who(case, user) if reasons else "",
                key=custom.get("key", ""),
                tone=custom.get("tone", "secondary"),
                form=case.form_for(name),
            )
        )
    return found


def require(condition: bool, reason: str, who: str = "") -> None:
    """Refuse with words unless the condition holds."""
    if not condition:
        raise Refused([reason], who)


def deny() -> None:
    raise PermissionDenied
