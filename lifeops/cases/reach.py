"""Which policies a person may open: those of the units of a post on cases, and those of a case the person may see.

Searching finds policies company-wide, because any counter takes any customer's application; opening one shows parties,
premiums and payments, and that needs a reason: one's own unit, or a case in hand.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from lifeops.cases.access import CASE_ROLES
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.models import Duplicate, Party, Policy
from lifeops.policies.models.policy import keys_of_people

MOST_CASES = 1_000


def openable(policies: Iterable[Policy], user: User) -> set[int]:
    """Ids of those policies (with `branch` loaded) that the person may open. One query at most."""
    rows = list(policies)
    found = {p.pk for p in rows if user.holds(*CASE_ROLES, path=p.branch.path)}
    others = [p.pk for p in rows if p.pk not in found]
    if others:
        visible = Case.objects.visible_to(user).filter(policy__in=others)
        found |= {pk for pk in visible.values_list("policy_id", flat=True) if pk}
    return found


def within_reach(pairs: QuerySet[Duplicate], user: User, *sides: str) -> QuerySet[Duplicate]:
    """Pairs of which one customer at least has a policy of a unit of a post on cases, and none has policies of others alone;
    all of them at the head office. One who has no policy at all is nobody's."""
    posts = [p.branch for p in user.active_postings() if p.role in CASE_ROLES]
    if any(branch.is_hq for branch in posts):
        return pairs
    own, near = Q(), Q()
    for branch in posts:
        own |= Q(branch__path__startswith=branch.path)
    if not own:
        return pairs.none()
    for side in sides:
        held, mine = _held_by(Policy.objects.all(), side), _held_by(Policy.objects.filter(own), side)
        pairs, near = pairs.filter(mine | ~held), near | mine
    return pairs.filter(near)


def _held_by(rows: QuerySet[Policy], side: str) -> Q:
    """One after the other: each is by index, an alternative inside would not be."""
    return Q(Exists(rows.filter(policyholder=OuterRef(side)))) | Q(Exists(rows.filter(insured=OuterRef(side))))


def beyond_reach(parties: Iterable[Party], user: User) -> bool:
    """True where one of them is somebody else's customer, or none is one's own."""
    rows = list(parties)
    near = openable_parties(rows, user)
    far = [p.pk for p in rows if p.pk not in near]
    if not near:
        return True
    held = Policy.objects.filter(Q(policyholder__in=far) | Q(insured__in=far)).exists() if far else False
    return held or (bool(far) and Case.objects.filter(applicant__in=far).exists())


def openable_parties(parties: Iterable[Party], user: User) -> set[int]:
    """Ids of those customers that the person may open: with a policy of a unit of a post on cases, or in a case the
    person may see. One who stands in neither is opened at the head office only. Four queries at most."""
    ids = {p.pk for p in parties}
    paths = [p.branch.path for p in user.active_postings() if p.role in CASE_ROLES]
    if not ids or not paths:
        return set()
    if any(p.branch.is_hq for p in user.active_postings() if p.role in CASE_ROLES):
        # a headquarters' post lies over every unit
        return ids
    own = Q()
    for path in paths:
        own |= Q(branch__path__startswith=path)
    rows = Policy.objects.filter(Q(policyholder__in=ids) | Q(insured__in=ids))
    found = {pk for pair in rows.filter(own).values_list("policyholder_id", "insured_id") for pk in pair} & ids
    rest = ids - found
    if rest:
        about = Case.objects.visible_to(user).filter(Q(applicant__in=rest) | Q(policy__in=keys_of_people(rest))).order_by()
        people = about.values_list("applicant_id", "policy__policyholder_id", "policy__insured_id")[:MOST_CASES]
        found |= {pk for row in people for pk in row if pk in rest}
    return found
