"""改派 of many: each case on its own through the one door, so that one refusal holds up no other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lifeops.cases.errors import NotDone
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.org.models import User


def reassign(
    *,
    cases: Iterable[Case],
    versions: dict[str, int],
    assignee: User,
    reason: str,
    actor: User,
    now: datetime,
) -> tuple[list[str], list[dict[str, str]]]:
    """Assign each case as its version was seen; returns the numbers done and the refusals in words."""
    done, refused = [], []
    for case in cases:
        try:
            perform(
                case, "assign", actor=actor, version=versions[case.number], now=now, assignee=assignee.username, reason=reason
            )
        except NotDone as error:
            refused.append({"number": case.number, "why": str(error), "url": case.get_absolute_url()})
        else:
            done.append(case.number)
    return done, refused
