"""Pages of a queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from lifeops.cases.models import CaseQuerySet
from lifeops.org.paging import cut
from lifeops.org.requests import whole_number


def queue_page(rows: CaseQuerySet, after: str) -> tuple[list[Any], str]:
    """A page of a queue after the row "rank_due_pk", and the same of its last row if more follow.

    Anything else in `after` is the first page.
    """
    parts = after.split("_")
    rank, pk = (whole_number(parts[0]), whole_number(parts[2])) if len(parts) == 3 else (None, None)
    if rank is not None and pk is not None:
        try:
            due = datetime.fromisoformat(parts[1]) if parts[1] else None
        except ValueError:
            due = None
        same = Q(rank=rank)
        if due is None:
            rows = rows.filter(Q(rank__gt=rank) | same & Q(due_at__isnull=True, pk__gt=pk))
        else:
            later = Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk) | Q(due_at__isnull=True)
            rows = rows.filter(Q(rank__gt=rank) | same & later)
    page, last = cut(rows)
    return page, f"{last.rank}_{last.due_at.isoformat() if last.due_at else ''}_{last.pk}" if last else ""
