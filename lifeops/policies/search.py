"""Finding customers and policies by what people type: numbers, tails, names, pinyin. Bounded, by index, in scope."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Collate

from lifeops.org.models import User
from lifeops.policies.crypto import blind_indexes
from lifeops.policies.identity import LANDLINE, MOBILE, normalise_id, normalise_phone
from lifeops.policies.models import IdType, Party, PartyQuerySet, Policy
from lifeops.policies.models.particulars import further_holders

LIMIT = 20
HAN = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]")
POLICY_NUMBER = re.compile(r"^(?=.*\d)[A-Z0-9\-]{3,40}$")


@dataclass(frozen=True)
class Way:
    """A way in which what was typed may mean people. An index holds the rows in the order they are taken, so that twenty of
    a million cost what twenty of a thousand do."""

    rows: PartyQuerySet
    order: tuple[str, ...] = ("-pk",)


def ways(text: str) -> list[list[Way]]:
    """The ways, the best meant first; those of one rank are answered together. [] when it cannot mean a person."""
    text = text.strip()
    number, phone = normalise_id(text), normalise_phone(text)
    if HAN.search(text):
        return [[_is("name", text)], [_begins("name", text)]]
    if re.fullmatch(r"[A-Za-z]{2,30}", text):
        lower = text.lower()
        return [[_is("initials", lower), _is("pinyin", lower)], [_begins("initials", lower), _begins("pinyin", lower)]]
    if re.fullmatch(r"(?=.*\d)[A-Z0-9]{4}", number):
        # one query for each key: an index holds the rows of one value in their order, of two it does not
        tails = [Q(id_tail_index=index) for index in blind_indexes("party.id.tail", number)]
        tails += [Q(phone_tail_index=index) for index in blind_indexes("party.phone.tail", number)]
        return [[Way(Party.objects.filter(tail)) for tail in tails]]
    if MOBILE.match(phone) or LANDLINE.match(phone):
        return [[Way(Party.objects.filter(_identity(number) | Q(phone_index__in=blind_indexes("party.phone", phone))))]]
    if re.fullmatch(r"[A-Z0-9\-()]{5,30}", number):
        return [[Way(Party.objects.filter(_identity(number)))]]
    return []


def _is(column: str, text: str) -> Way:
    return Way(Party.objects.called(text, column))


def _begins(column: str, text: str) -> Way:
    return Way(Party.objects.alias(key=Collate(column, "C")).filter(key__startswith=text).exclude(key=text), ("key", "-pk"))


def _identity(number: str) -> Q:
    # the types are named because the unique index leads with them
    indexes = blind_indexes("party.id", number)
    return Q(id_type__in=IdType.values, id_index__in=indexes) | Q(pk__in=further_holders(indexes))


def find_parties(text: str, user: User) -> list[Party]:
    """At most 20 customers: full identity or phone number, four-digit tail, name, pinyin or its initials; who is called just
    so comes first, the newest before the others."""
    found: dict[int, Party] = {}
    for rank in ways(text):
        if len(found) < LIMIT:
            rows = {p.pk: p for way in rank for p in way.rows.visible_to(user).present().order_by(*way.order)[:LIMIT]}
            newest = sorted(rows, reverse=True) if rank[0].order == ("-pk",) else list(rows)
            found |= {pk: rows[pk] for pk in newest if pk not in found}
    return list(found.values())[:LIMIT]


def find_policies(text: str, user: User, people: list[Party] | None = None) -> list[Policy]:
    """At most 20 policies: those whose number begins so, then those of the customers the text means (`people`, where they
    are known already)."""
    rows = Policy.objects.visible_to(user).with_people()
    rows = rows.prefetch_related("coverages__version__product")
    number, found = normalise_id(text), []
    if POLICY_NUMBER.match(number):
        # within bounds that the order by number has too: the database may go by either index and sees what begins so only
        begun = rows.filter(number__startswith=number, number__gte=number, number__lte=number + "Z" * 40)
        found = list(begun.order_by("number")[:LIMIT])
    if len(found) < LIMIT and (people := find_parties(text, user) if people is None else people):
        others = rows.of_people(p.pk for p in people).exclude(pk__in=[p.pk for p in found]).order_by("-pk")
        found += others[: LIMIT - len(found)]
    return found
