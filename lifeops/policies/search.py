"""Finding customers and policies by what people type: numbers, tails, names, pinyin. Bounded, by index, in scope."""

from __future__ import annotations

import re

from django.db.models import Q

from lifeops.org.models import User
from lifeops.policies.crypto import blind_index
from lifeops.policies.identity import normalise_id, normalise_phone
from lifeops.policies.models import Party, Policy

LIMIT = 20
HAN = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]")


def party_query(text: str) -> Q | None:
    """The condition for what was typed, or None when it cannot mean a person."""
    text = text.strip()
    number = normalise_id(text)
    if HAN.search(text):
        return Q(name__startswith=text)
    if re.fullmatch(r"\d{17}[\dX]", number):
        return Q(id_index=blind_index("party.id", number))
    if re.fullmatch(r"1[3-9]\d{9}", normalise_phone(text)):
        return Q(phone_index=blind_index("party.phone", normalise_phone(text)))
    if re.fullmatch(r"\d{3}[\dX]", number):
        return Q(id_tail_index=blind_index("party.id.tail", number)) | Q(
            phone_tail_index=blind_index("party.phone.tail", number)
        )
    if re.fullmatch(r"[A-Za-z]{2,30}", text):
        lower = text.lower()
        return Q(pinyin__startswith=lower) | Q(initials__startswith=lower)
    if re.fullmatch(r"[A-Z0-9\-]{5,30}", number):
        return Q(id_index=blind_index("party.id", number))
    return None


def find_parties(text: str, user: User) -> list[Party]:
    """At most 20 customers: full identity or phone number, four-digit tail, name, pinyin or its initials."""
    query = party_query(text)
    return list(Party.objects.visible_to(user).filter(query).order_by("-pk")[:LIMIT]) if query else []


def find_policies(text: str, user: User) -> list[Policy]:
    """At most 20 policies: by number, or of the customers the text means."""
    rows = Policy.objects.visible_to(user).select_related("policyholder", "insured", "branch")
    rows = rows.prefetch_related("coverages__version__product")
    text = text.strip()
    if re.fullmatch(r"[A-Za-z0-9\-]{6,40}", text):
        found = list(rows.filter(number__startswith=text.upper()).order_by("number")[:LIMIT])
        if found:
            return found
    people = [p.pk for p in find_parties(text, user)]
    return list(rows.of_people(people).order_by("-pk")[:LIMIT]) if people else []
