"""Lists in pages by key: a page costs the same at any depth, and nothing is counted."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from lifeops.org.requests import read_day, whole_number

PAGE = 50


def cut(rows: Any) -> tuple[list[Any], Any | None]:
    """The rows of one page, and the last of them if more follow."""
    page = list(rows[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1] if len(page) > PAGE else None


def page_by_key(rows: Any, after: str, *, newest: bool = True) -> tuple[list[Any], str]:
    """A page of rows, from the newest or the oldest on, after the key `after`; and the `after` of the next page, or "".

    Anything but a key is the first page.
    """
    sign, further = ("-", "lt") if newest else ("", "gt")
    key = whole_number(after)
    if key is not None:
        rows = rows.filter(**{f"pk__{further}": key})
    page, last = cut(rows.order_by(f"{sign}pk"))
    return page, str(last.pk) if last else ""


def page_by_day(rows: Any, mark: str, day: str, *, newest: bool) -> tuple[list[Any], str]:
    """A page of rows by the date field `day` and key, from the newest or the oldest on, after the row "date_key" in `mark`;
    and the mark of the next page, or ""."""
    sign, further = ("-", "lt") if newest else ("", "gt")
    text, _, key = mark.partition("_")
    at, pk = read_day(text), whole_number(key)
    if at and pk is not None:
        rows = rows.filter(Q(**{f"{day}__{further}": at}) | Q(**{day: at, f"pk__{further}": pk}))
    page, last = cut(rows.order_by(f"{sign}{day}", f"{sign}pk"))
    return page, f"{getattr(last, day)}_{last.pk}" if last else ""
