"""夜间查重: customers that are new or have changed are compared with the others, and likely pairs are proposed. A person
decides, and what a person has decided is not proposed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lifeops.policies.models import Duplicate, Party
from lifeops.policies.services.merging import PHONE, candidates

#: Customers of one run and of one transaction; what is over waits for the next night.
MOST, BATCH = 2_000, 100
#: More proposals about one customer are no help to whoever decides.
MOST_EACH = 3


@dataclass
class Compared:
    customers: int = 0
    proposed: int = 0


def propose_duplicates(now: datetime, *, most: int = MOST, batch: int = BATCH) -> Compared:
    """Compare what waits, oldest first. Rows another run or a clerk holds are left for the next time."""
    done = Compared()
    while done.customers < most:
        with transaction.atomic():
            rows = Party.objects.filter(to_compare=True).select_for_update(no_key=True, skip_locked=True).order_by("pk")
            found = list(rows[: min(batch, most - done.customers)])
            for party in found:
                done.proposed += _propose(party, now)
            Party.objects.filter(pk__in=[p.pk for p in found]).update(to_compare=False)
        done.customers += len(found)
        if len(found) < batch:
            break
    return done


def _propose(party: Party, now: datetime) -> int:
    if party.merged_into_id:
        return 0
    likely = [(other, why) for other, why in candidates(party) if telling(party, other, why)][:MOST_EACH]
    pairs = {(min(party.pk, other.pk), max(party.pk, other.pk)): why for other, why in likely}
    known = Duplicate.objects.filter(left__in=[a for a, _ in pairs], right__in=[b for _, b in pairs])
    asked = set(known.values_list("left_id", "right_id")) if pairs else set()
    rows = [
        Duplicate(left_id=left, right_id=right, reasons=why, proposed_by=None, proposed_at=now)
        for (left, right), why in pairs.items()
        if (left, right) not in asked
    ]
    return len(Duplicate.objects.bulk_create(rows, ignore_conflicts=True))


def telling(party: Party, other: Party, why: list[str]) -> bool:
    """A family may share one telephone: that alone says nothing unless the names agree."""
    return why != [PHONE] or party.name == other.name
