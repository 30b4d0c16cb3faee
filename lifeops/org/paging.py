"""Lists in pages by key: a page costs the same at any depth, and nothing is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet

from lifeops.org.requests import read_day, whole_number

PAGE = 50


def cut(rows: Any) -> tuple[list[Any], Any | None]:
    """The rows of one page, and the last of them if more follow."""
    page = list(rows[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1] if len(page) > PAGE else None


def _plain(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


@dataclass(frozen=True)
class Ways:
    """Rows found in several ways, each by an index of its own: over the alternative of all, the database would look at every
    row of the table until a page of them is there. Filtered, paged and counted like a queryset; found twice is there once."""

    rows: tuple[QuerySet[Any], ...]
    order: tuple[str, ...] = ()
    #: Joins and annotations with which the rows of a page are read.
    dress: Callable[[QuerySet[Any]], QuerySet[Any]] = _plain

    @property
    def everything(self) -> bool:
        """True where one way leaves nothing out."""
        return len(self.rows) == 1 and not self.rows[0].query.where

    def each(self, change: Callable[[Any], Any]) -> Ways:
        """The same change of every way: filters of a list."""
        return replace(self, rows=tuple(change(way) for way in self.rows))

    def filter(self, *args: Any, **kwargs: Any) -> Ways:
        return self.each(lambda way: way.filter(*args, **kwargs))

    def order_by(self, *order: str) -> Ways:
        return replace(self, order=order)

    def dressed(self, dress: Callable[[QuerySet[Any]], QuerySet[Any]]) -> Ways:
        return replace(self, dress=dress)

    def __getitem__(self, part: slice) -> list[Any]:
        """The first rows in order: their keys from every way, then the rows."""
        if not self.rows:
            return []
        if len(self.rows) == 1:
            return list(self.dress(self.rows[0]).order_by(*self.order)[part])
        found = self.rows[0].model._default_manager.filter(pk__in=self._keys(part.stop))
        return list(self.dress(found).order_by(*self.order)[part])

    def capped(self, most: int) -> int:
        """How many there are, at most so many."""
        return len(replace(self, order=())._keys(most)[:most]) if self.rows else 0

    def _keys(self, most: int) -> list[Any]:
        first, *others = (way.order_by(*self.order).values_list("pk", flat=True)[:most] for way in self.rows)
        return list(first.union(*others) if others else first)


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
