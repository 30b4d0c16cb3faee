"""Which policies a person may open: those of the units of a post on cases, and those of a case the person may see.

Searching finds policies company-wide, because any counter takes any customer's application; opening one shows parties,
premiums and payments, and that needs a reason: one's own unit, or a case in hand.
"""

from __future__ import annotations

from collections.abc import Iterable

from lifeops.cases.access import CASE_ROLES
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.models import Policy


def openable(policies: Iterable[Policy], user: User) -> set[int]:
    """Ids of those policies (with `branch` loaded) that the person may open. One query at most."""
    rows = list(policies)
    found = {p.pk for p in rows if user.holds(*CASE_ROLES, path=p.branch.path)}
    others = [p.pk for p in rows if p.pk not in found]
    if others:
        visible = Case.objects.visible_to(user).filter(policy__in=others)
        found |= {pk for pk in visible.values_list("policy_id", flat=True) if pk}
    return found
