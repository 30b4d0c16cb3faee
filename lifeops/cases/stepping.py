"""How a step is declared: a django-fsm transition with its words, key, needs and inputs in one place."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from django import forms
from django_fsm import RETURN_VALUE, transition

from lifeops.cases.needs import Needs
from lifeops.cases.registry import resolve

__all__ = ["RETURN_VALUE", "Stepping", "declared", "step"]


def step(
    label: str,
    *,
    source: Any,
    target: Any = None,
    needs: Needs,
    form: str = "",
    key: str = "",
    tone: str = "secondary",
    hidden: bool = False,
    internal: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a step of a desk.

    `form` names the Django form of its inputs (dotted); `hidden` keeps it out of button rows because a page of its own
    offers it; `internal` steps are consequences of others and cannot be asked for.
    """
    return transition(
        "state",
        source=[str(s) for s in source] if isinstance(source, list | tuple) else str(source),
        target=target if target is None or isinstance(target, RETURN_VALUE) else str(target),
        permission=cast(Any, needs),  # django-fsm asks it as a function of instance and user
        custom={
            "label": label,
            "form": form,
            "key": key,
            "tone": tone,
            "hidden": hidden or internal,
            "internal": internal,
        },
    )


def to(*states: Any) -> RETURN_VALUE:
    """Target decided by the step itself, one of `states`."""
    return RETURN_VALUE(*[str(s) for s in states])


@cache
def declared(model: type) -> dict[str, Callable[..., Any]]:
    """All steps a class declares, in the order of their names."""
    return {
        name: member for name, member in inspect.getmembers(model, inspect.isfunction) if hasattr(member, "_django_fsm")
    }


class Stepping:
    """Mixed into what has steps: the case's proxies and the requests."""

    state: Any

    def declared_steps(self) -> dict[str, Callable[..., Any]]:
        kind: type = type(self)
        return declared(kind)

    def transition_of(self, name: str) -> Any:
        """The transition of a step from the present state, or None."""
        method = self.declared_steps().get(name)
        return method._django_fsm.get_transition(self.state) if method else None  # type: ignore[attr-defined]

    def form_for(self, name: str) -> type[forms.Form] | None:
        """Form of a step's inputs; lines override it where the form depends on the item."""
        found = self.transition_of(name)
        dotted = found.custom["form"] if found else ""
        return resolve(dotted) if dotted else None

    def jot(self, **data: Any) -> None:
        """Put facts of the step into its event."""
        self.__dict__.setdefault("_notes", {}).update(data)

    def noted(self, name: str) -> Any:
        """A fact of the step that is being taken, or None."""
        return self.__dict__.get("_notes", {}).get(name)

    def take_notes(self) -> dict[str, Any]:
        return self.__dict__.pop("_notes", {})
