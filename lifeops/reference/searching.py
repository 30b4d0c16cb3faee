"""Finding entries by what people type: code, words, initials. By index, at most 20 answers."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from lifeops.reference.models import Bank, Diagnosis, DisabilityItem, Division, Entry, Illness, Occupation
from lifeops.reference.words import LONGEST_QUERY, plain, wanted

LIMIT = 20
#: Lists that may be searched, by the name they have in addresses and forms.
LISTS: dict[str, type[Entry]] = {
    "icd10": Diagnosis, "occupation": Occupation, "bank": Bank, "division": Division, "disability": DisabilityItem,
    "illness": Illness,
}  # fmt: skip
LATIN = re.compile(r"[a-z0-9]+")
CODE = re.compile(r"^(?=.*\d)[a-z0-9.*+/†\-]{1,20}$")


def search(kind: str, text: str, limit: int = LIMIT) -> list[Entry]:
    """Entries of a list (a key of `LISTS`), the nearest first; nothing for an empty text."""
    model, typed = LISTS[kind], plain(text[:LONGEST_QUERY])
    if not typed:
        return []
    rows = model._default_manager.filter(active=True).defer("grams")
    if CODE.fullmatch(typed):
        found = list(rows.filter(code__startswith=typed.upper()).order_by("code")[:limit])
        if found:
            return found
    found = beginning(rows, typed, limit)
    if len(found) < limit:
        found += containing(rows.exclude(pk__in=[row.pk for row in found]), typed, limit - len(found))
    return found or loosely(rows, typed, limit)


def beginning(rows: QuerySet[Entry], typed: str, limit: int) -> list[Entry]:
    """Names, or initials of names, that begin with what was typed; the shortest first."""
    query = Q(initials__startswith=typed) if LATIN.fullmatch(typed) else Q(name__startswith=typed)
    return list(rows.filter(query).order_by(Length("name"), "code")[:limit])


def containing(rows: QuerySet[Entry], typed: str, limit: int) -> list[Entry]:
    """Names or initials that contain every word. A single sign says so little that any of the many will do."""
    words = typed.split()
    if len(words) == 1 and LATIN.fullmatch(typed):
        # one after the other: over an alternative the database reads the whole table
        first = list(rows.filter(sounding(typed)).order_by()[:limit])
        return first + list(rows.filter(holding(typed)).exclude(sounding(typed)).order_by()[: limit - len(first)])
    query = Q()
    for word in words:
        query &= holding(word) | sounding(word) if LATIN.fullmatch(word) else holding(word)
    found = rows.filter(query)
    return list(found.order_by(Length("name"), "code")[:limit] if len(typed) > 1 else found.order_by()[:limit])


def holding(word: str) -> Q:
    return Q(grams__contains=wanted(word)) & Q(name__icontains=word)


def sounding(word: str) -> Q:
    return Q(grams__contains=[f":{gram}" for gram in wanted(word)]) & Q(initials__contains=word)


def loosely(rows: QuerySet[Entry], typed: str, limit: int) -> list[Entry]:
    """Names that have all the characters somewhere: 工行 → 中国工商银行."""
    signs = sorted(set(typed.replace(" ", "")))
    if len(signs) < 2 or typed.isascii():
        return []
    return list(rows.filter(grams__contains=signs).order_by(Length("name"), "code")[:limit])


def named(kind: str, code: str) -> Entry | None:
    """The entry with exactly this code."""
    return LISTS[kind]._default_manager.filter(code=plain(code).upper()).first()
