"""案件查询: one box for number, policy, identity tail, phone tail, name and pinyin; every answer is bounded and scoped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.search import find_parties, find_policies

LIMIT = 20


@dataclass(frozen=True)
class Found:
    """Answers of the search box, each at most `LIMIT` rows."""

    cases: list[Case]
    policies: list[Any]
    parties: list[Any]

    @property
    def only(self) -> Case | None:
        """The one case meant, when nothing else answers."""
        return self.cases[0] if len(self.cases) == 1 and not self.policies and not self.parties else None


def search(text: str, user: User) -> Found:
    """Look for what a person typed or scanned."""
    text = text.strip()
    if len(text) < 2:
        return Found([], [], [])
    scanned = re.sub(r"^(LO1\||SLQ1\|)", "", text).split("|")[0].upper()
    visible = Case.objects.visible_to(user).select_related("branch", "assignee", "holder_branch")
    by_number = list(visible.filter(number__startswith=scanned).order_by("-pk")[:LIMIT])
    if by_number:
        return Found(by_number, [], [])
    parties, policies = find_parties(text, user), find_policies(text, user)
    about = Q(subject_name__startswith=text)
    if parties:
        about |= Q(applicant__in=[p.pk for p in parties])
    if policies:
        about |= Q(policy__in=[p.pk for p in policies])
    cases = list(visible.filter(about).order_by("-pk")[:LIMIT])
    return Found(cases, policies, parties)
