"""What the policy book answers when it will not do something."""

from __future__ import annotations


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
