"""A step asked for over the wire: known, described, with inputs that its form knows, through the one door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.http import Http404

from lifeops.cases import registry
from lifeops.cases.access import describe, steps_for
from lifeops.cases.errors import Invalid, field_errors
from lifeops.cases.models import Case, CaseEvent, Request
from lifeops.cases.perform import perform
from lifeops.cases.requests import perform_request
from lifeops.cases.states import State
from lifeops.cases.stepping import declared
from lifeops.cases.views.common import bound
from lifeops.org.models import User
from lifeops.policies.errors import BookInvalid

#: Names the door itself takes; no form has a field called so.
RESERVED = frozenset({"case", "request", "step", "actor", "version", "idempotency_key", "now"})
MOST_CHOICES = 200
#: Fields of Django's own that take a list; every other plain field takes one value.
TAKES_LISTS = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)


def names_of(case: Case) -> set[str]:
    """Every step a case of this line may meet in its life, wherever it lies now."""
    codes = {registry.desk_code(case.line, state) for state in State}
    return {name for code in codes if code for name in declared(registry.resolve(registry.desk(code).proxy))}


def take_step(case: Case, name: str, *, user: User, inputs: dict[str, Any], version: int, key: str) -> CaseEvent:
    """Take a step of a case. 404 for a name that no desk knows; the rest is the door's answer."""
    if name not in names_of(case):
        raise Http404("没有这个步骤")
    inputs = as_typed(inputs)
    check_inputs(case, name, user, inputs)
    return perform(case, name, actor=user, version=version, idempotency_key=key, **inputs)


def take_request_step(
    item: Request, name: str, *, user: User, inputs: dict[str, Any], version: int, key: str
) -> CaseEvent:
    """Take a step of a 问题件."""
    if name not in item.declared_steps():
        raise Http404("没有这个步骤")
    inputs = as_typed(inputs)
    check_inputs(item, name, user, inputs)
    return perform_request(item, name, actor=user, version=version, idempotency_key=key, **inputs)


def check_inputs(subject: Any, name: str, user: User, inputs: dict[str, Any]) -> None:
    """Invalid for inputs the step does not know, or of a shape its field does not take.

    Left to the door: a step that is not open now (it may be a repetition, which the key answers) or not this person's.
    """
    refused = RESERVED & set(inputs)
    if refused:
        raise Invalid({field: ["没有这项输入"] for field in sorted(refused)})
    move = subject.transition_of(name)
    if move is None or move.custom["internal"] or move.permission.refusals(subject, user):
        return
    form_class = subject.form_for(name)
    check_fields(bound(form_class, subject, user).fields if form_class else {}, inputs)


def as_typed(inputs: dict[str, Any]) -> dict[str, Any]:
    """Numbers as the text that forms read: 3 and "3" are the same input."""
    return {
        name: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for name, value in inputs.items()
    }


def through(kind: type[forms.Form], data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a form makes of the inputs of an act that is no step; Invalid per field."""
    form = kind(as_typed(data), **more)
    check_fields(form.fields, form.data)
    if not form.is_valid():
        raise Invalid(field_errors(form))
    given = getattr(form, "given", None)
    return dict(given() if given else form.cleaned_data)


@contextmanager
def at_fields() -> Iterator[None]:
    """What the book finds wrong with inputs is said at their fields (400)."""
    try:
        yield
    except BookInvalid as error:
        raise Invalid({name: [words] for name, words in error.errors.items()}) from error


def check_fields(fields: dict[str, forms.Field], inputs: Any) -> None:
    """Invalid for names that are no fields, and for values of a shape that a field does not take."""
    errors = {name: ["没有这项输入"] for name in inputs if name not in fields}
    for name, value in inputs.items():
        if name in fields and not fits(fields[name], value):
            errors[name] = [f"{fields[name].label or name}应为单个值"]
    if errors:
        raise Invalid(errors)


def fits(field: forms.Field, value: Any) -> bool:
    """Fields of the project read whatever they are given; Django's own take text, the listed ones also lists of it."""
    if value is None or isinstance(value, str) or not is_plain(field):
        return True
    if isinstance(value, bool):
        return isinstance(field, forms.BooleanField)
    return isinstance(field, TAKES_LISTS) and isinstance(value, list) and all(isinstance(v, str | int) for v in value)


def is_plain(field: forms.Field) -> bool:
    """Read by Django: a field of the project that reads values itself takes anything, one that only names its words does not."""
    return bool(type(field).to_python.__module__.startswith("django."))


def steps_of(subject: Any, user: User) -> list[dict[str, Any]]:
    """Steps as the person sees them, hidden ones included, with the inputs as they are for this case."""
    rows = []
    for step in steps_for(subject, user, hidden=True):
        rows.append(
            {
                "name": step.name,
                "label": step.label,
                "allowed": step.allowed,
                "reasons": step.reasons,
                "who": step.who,
                "inputs": inputs_of(bound(step.form, subject, user), people=step.allowed) if step.form else [],
            }
        )
    return rows


def inputs_of(form: forms.BaseForm, *, people: bool) -> list[dict[str, Any]]:
    """The inputs as they are for this case; whom one may choose is told to those who may take the step."""
    rows = describe(form)
    for row in rows:
        field = form.fields[row["name"]]
        if people and isinstance(field, forms.ModelChoiceField):
            of = field.to_field_name or "pk"
            row["choices"] = [{"value": str(getattr(o, of)), "label": str(o)} for o in (field.queryset or [])[:MOST_CHOICES]]
    return rows
