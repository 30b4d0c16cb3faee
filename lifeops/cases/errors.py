"""The four ways in which a step does not happen. Each carries what the person needs to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from lifeops.policies.errors import BookRefused


class NotDone(Exception):
    """Base of every refusal; `str()` is Chinese text fit for the screen."""


class Refused(NotDone):
    """The person may not take this step now (403). `reasons` say why, `who` says who can. `left`: what is to be done all the same,
    once the step has been undone, so that whoever can may go on."""

    def __init__(self, reasons: list[str], who: str = "", left: Callable[[], object] | None = None) -> None:
        super().__init__("；".join(reasons))
        self.reasons, self.who, self.left = reasons, who, left


@contextmanager
def whole() -> Iterator[None]:
    """A step is done as a whole or undone as a whole; a refusal then leaves what it is to leave."""
    try:
        with transaction.atomic():
            yield
    except (Refused, Invalid) as refused:
        if refused.left is not None:
            refused.left()
        raise


@contextmanager
def book_words() -> Iterator[None]:
    """What the policy book will not do is a refusal of the step, in the book's own words."""
    try:
        yield
    except BookRefused as error:
        raise Refused(error.reasons) from error


class Stale(NotDone):
    """The case has changed since the person looked (409)."""

    def __init__(self, current: int, differences: list[dict[str, str]]) -> None:
        super().__init__("案件在您查看之后已有变化，请核对差异后重新提交")
        self.current, self.differences = current, differences


class Invalid(NotDone):
    """Inputs are missing or wrong (400). `errors` maps field → Chinese messages; `left` as of a refusal."""

    def __init__(self, errors: dict[str, list[str]], left: Callable[[], object] | None = None) -> None:
        super().__init__("；".join(m for messages in errors.values() for m in messages))
        self.errors, self.left = errors, left


class KeyReused(NotDone):
    """An idempotency key came back with another request (422)."""

    def __init__(self) -> None:
        super().__init__("该幂等键已用于另一项请求，请更换后重试")


def field_errors(form: Any) -> dict[str, list[str]]:
    """Errors of a Django form as plain lists per field (`__all__` for those of the whole)."""
    return {name: [str(e) for e in errors] for name, errors in form.errors.items()}
