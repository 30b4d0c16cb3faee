"""案件查询: one box for number, policy, identity tail, phone tail, name and pinyin; every answer is bounded and scoped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models.functions import Collate

from lifeops.cases import numbers
from lifeops.cases.models import Case
from lifeops.cases.models.case import CaseQuerySet
from lifeops.org.models import User
from lifeops.policies.models import Party, Policy
from lifeops.policies.search import find_parties, find_policies

LIMIT = 20
#: A letter, payment, volume or notice bears the number of its case and a part of its own.
PART = re.compile(r"^(\d{8}-[A-Z]{2}-\d{4}-\d{6}-[\dX])-[A-Z]+\d*$")


@dataclass(frozen=True)
class Found:
    """Answers of the search box, each at most `LIMIT` rows."""

    cases: list[Case]
    policies: list[Policy]
    parties: list[Party]
    #: Why nothing was found, where that can be told from what was typed.
    note: str = ""

    @property
    def only(self) -> Case | None:
        """The one case meant, when nothing else answers."""
        return self.cases[0] if len(self.cases) == 1 and not self.policies and not self.parties else None


def search(text: str, user: User) -> Found:
    """Look for what a person typed or scanned."""
    text = text.strip()
    if len(text) < 2:
        return Found([], [], [])
    scanned = PART.sub(r"\1", re.sub(r"^(LO1\||SLQ1\|)", "", text).split("|")[0].upper())
    if numbers.is_mistyped(scanned):
        return Found([], [], [], note=f"{scanned} 的校验位不符：有一位写错，或相邻两位写反，请对照受理单核对")
    visible = Case.objects.visible_to(user).select_related("branch", "assignee", "holder_branch")
    by_number = list(visible.filter(number__startswith=scanned).order_by("-pk")[:LIMIT])
    if by_number:
        return Found(by_number, [], [])
    parties = find_parties(text, user)
    policies = find_policies(text, user, parties)
    return Found(about(text, visible, parties, policies), policies, parties)


def about(text: str, visible: CaseQuerySet, parties: list[Party], policies: list[Policy]) -> list[Case]:
    """Cases under this name, by these customers, about these policies, the newest first; where twenty are not reached,
    those whose name begins so. Each by its own index: over the alternative of all the database reads backwards until
    twenty have come that the person may see."""
    named = visible.alias(key=Collate("subject_name", "C"))
    ways = [named.filter(key=text)]
    if parties:
        ways.append(visible.filter(applicant__in=[p.pk for p in parties]))
    if policies:
        ways.append(visible.filter(policy__in=[p.pk for p in policies]))
    found = {case.pk: case for way in ways for case in way.order_by("-pk")[:LIMIT]}
    if len(found) < LIMIT:
        begins = named.filter(key__startswith=text).exclude(key=text).order_by("key", "-pk")
        found |= {case.pk: case for case in begins[:LIMIT]}
    return [found[pk] for pk in sorted(found, reverse=True)[:LIMIT]]
