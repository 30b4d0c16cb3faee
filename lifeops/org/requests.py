"""The request as views get it."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest

from lifeops.org.models import User


class UserRequest(HttpRequest):
    """A request of somebody: `LoginRequiredMiddleware` lets nobody unknown come to a view. For annotations only."""

    user: User


def whole_number(text: str | None) -> int | None:
    """A key, version or count as an address or a form brings it: at most 18 digits 0 to 9. Anything else is None; Python
    itself also takes ² and figures of other scripts for digits."""
    return int(text) if text and len(text) < 19 and text.isascii() and text.isdigit() else None


def read_day(text: str | None) -> date | None:
    """A day as an address brings it (年-月-日), None for anything else. The calendar's first and last year have no day
    before or after them to reckon with."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None
