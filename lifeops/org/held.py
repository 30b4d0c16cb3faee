"""Rules kept in memory: small tables that every step reads and that change a few times a year."""

from __future__ import annotations

import time
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save

M = TypeVar("M", bound=models.Model)

#: How long another process may go by what it has read.
SECONDS = 20.0
_all: list[Held[Any]] = []


class Held(Generic[M]):
    """The rows of a table, read at most every 20 seconds per process; what this process saves is seen at once.

    The rows are shared: nobody changes one without saving it. `related` names foreign keys read along with them.
    """

    def __init__(self, model: type[M], *related: str) -> None:
        self._model, self._related = model, related
        self._kept: tuple[float, list[M]] | None = None
        for kind in (model, *(model._meta.get_field(name).related_model for name in related)):
            for signal in (post_save, post_delete):
                signal.connect(self._changed, sender=kind)
        _all.append(self)

    def rows(self) -> list[M]:
        kept = self._kept
        if kept is None or time.monotonic() - kept[0] > SECONDS:
            kept = self._kept = (time.monotonic(), self._read())
        return kept[1]

    def on(self, day: date) -> list[M]:
        """Those in force on the day."""
        return [r for r in self.rows() if r.effective_from <= day and (r.effective_to is None or r.effective_to >= day)]  # type: ignore[attr-defined]

    def forget(self) -> None:
        self._kept = None

    def _read(self) -> list[M]:
        rows = self._model._default_manager.all()
        return list(rows.select_related(*self._related) if self._related else rows)

    def _changed(self, **told: Any) -> None:
        self.forget()
        transaction.on_commit(self.forget)  # others may have read the old row meanwhile


def forget_all() -> None:
    """Drop what is held: after rows were changed past `save`, and between tests."""
    for held in _all:
        held.forget()
