"""Finding customers and policies by what people type: numbers, tails, names, pinyin. Bounded, by index, in scope."""

from __future__ import annotations

import re

from django.db.models import Q

from lifeops.org.models import User
from lifeops.policies.crypto import blind_index
from lifeops.policies.identity import LANDLINE, MOBILE, normalise_id, normalise_phone
from lifeops.policies.models import IdType, Party, Policy
from lifeops.policies.models.particulars import further_holders

LIMIT = 20
HAN = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]")
POLICY_NUMBER = re.compile(r"^(?=.*\d)[A-Z0-9\-]{3,40}$")


def party_query(text: str) -> Q | None:
    """The condition for what was typed, or None when it cannot mean a person."""
    text = text.strip()
    number, phone = normalise_id(text), normalise_phone(text)
    if HAN.search(text):
        return Q(name__startswith=text)
    if re.fullmatch(r"[A-Za-z]{2,30}", text):
        lower = text.lower()
        return Q(pinyin__startswith=lower) | Q(initials__startswith=lower)
    if re.fullmatch(r"(?=.*\d)[A-Z0-9]{4}", number):
        return Q(id_tail_index=blind_index("party.id.tail", number)) | Q(
            phone_tail_index=blind_index("party.phone.tail", number)
        )
    if MOBILE.match(phone) or LANDLINE.match(phone):
        return _identity(number) | Q(phone_index=blind_index("party.phone", phone))
    if re.fullmatch(r"[A-Z0-9\-()]{5,30}", number):
        return _identity(number)
    return None


def _identity(number: str) -> Q:
    # the types are named because the unique index leads with them
    index = blind_index("party.id", number)
    return Q(id_type__in=IdType.values, id_index=index) | Q(pk__in=further_holders(index))


def find_parties(text: str, user: User) -> list[Party]:
    """At most 20 customers: full identity or phone number, four-digit tail, name, pinyin or its initials."""
    query = party_query(text)
    return list(Party.objects.visible_to(user).present().filter(query).order_by("-pk")[:LIMIT]) if query else []


def find_policies(text: str, user: User) -> list[Policy]:
    """At most 20 policies: those whose number begins so, then those of the customers the text means."""
    rows = Policy.objects.visible_to(user).select_related("policyholder", "insured", "branch")
    rows = rows.prefetch_related("coverages__version__product")
    number, found = normalise_id(text), []
    if POLICY_NUMBER.match(number):
        found = list(rows.filter(number__startswith=number).order_by("number")[:LIMIT])
    people = [p.pk for p in find_parties(text, user)] if len(found) < LIMIT else []
    if people:
        others = rows.of_people(people).exclude(pk__in=[p.pk for p in found]).order_by("-pk")
        found += others[: LIMIT - len(found)]
    return found
