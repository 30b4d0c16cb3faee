"""What the policy book answers when it will not do something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class BookRefused(Exception):
    """The book does not allow the act. `reasons` are Chinese sentences fit for the screen."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("；".join(reasons))
        self.reasons = list(reasons)


class BookInvalid(BookRefused):
    """Inputs are wrong. `errors` maps the field to a Chinese sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(*errors.values())
        self.errors = errors


class RateMissing(BookRefused):
    """The product is not offered for this sex, age and term, or its table lacks the cell."""


def refusal_of(act: Callable[[], Any]) -> str:
    """Why the book would not do it; "" where it would. For what only reckons and changes nothing."""
    try:
        act()
    except BookRefused as error:
        return str(error)
    return ""
