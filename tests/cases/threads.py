"""People at once: threads with connections of their own that start together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

from lifeops.cases.models import Case


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(number)` in threads that start at once; returns what each gave, exceptions included."""
    barrier, found = threading.Barrier(count), [None] * count

    def run(number):
        try:
            barrier.wait(20)
            found[number] = work(number)
        except Exception as error:
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


def copy_of(case: Case, n: int) -> Case:
    """Another waiting case, written as a row: the queue only looks at columns."""
    found = Case.objects.get(pk=case.pk)
    found.pk, found.number, found.event_seq, found.event_hash, found.custody_seq = None, f"{case.number}-{n}", 0, "", 0
    found._state.adding = True
    found.save(force_insert=True)
    return found
