"""盲索引 of a model: which column is made from which value. While two keys are about, a value is looked for under both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction

from lifeops.org.locks import Lock, hold_one
from lifeops.policies.crypto import blind_index, blind_indexes


def tail(text: str) -> str:
    return text[-4:]


@dataclass(frozen=True)
class Blind:
    """`column` is the blind index of what `cut` makes of `source`."""

    column: str
    source: str
    purpose: str
    cut: Callable[[str], str] = str

    def of(self, value: str) -> str:
        return blind_index(self.purpose, self.cut(value))


def fill(row: Any) -> None:
    for blind in row.blind:
        setattr(row, blind.column, blind.of(getattr(row, blind.source)))


@contextmanager
def written_alone(row: Any, rows: models.QuerySet[Any], constraint: str) -> Iterator[None]:
    """A document is registered once also while the keys change: the unique index compares what lies under one key only, so
    whoever writes a number waits for whoever writes the same, and then looks under the other keys. The first of `blind` is
    the document. Refused as the constraint refuses."""
    blind = row.blind[0]
    number = blind.cut(getattr(row, blind.source))
    if len(settings.BLIND_INDEX_KEYS) < 2 or not number:
        yield
        return
    indexes = blind_indexes(blind.purpose, number)
    with transaction.atomic():
        # the same lock whichever of the keys a process writes under
        hold_one(Lock.DOCUMENT, f"{constraint}:{row.id_type}:{min(indexes)}")
        if rows.filter(id_type=row.id_type, **{f"{blind.column}__in": indexes[1:]}).exclude(pk=row.pk).exists():
            raise IntegrityError(f"{constraint}: 该证件已登记")
        yield
