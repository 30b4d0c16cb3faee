"""存量筛查: who has to do with a policy in force, held against a list that has come into force, batch by batch."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Collate
from django.utils import timezone

from lifeops.policies.models import (
    Beneficiary,
    IdentityDocument,
    IdType,
    Party,
    Policy,
    PolicyStatus,
    RelationKind,
    Relationship,
)
from lifeops.policies.names import pinyin_of
from lifeops.screening.models import Hit, HitState, WatchEntry, WatchList
from lifeops.screening.rules import Person, level_of
from lifeops.screening.services.left import once_more
from lifeops.screening.services.screening import keep, with_documents

logger = logging.getLogger(__name__)

#: Entries held against the customers at a time.
BATCH = 200
#: Hits marked at a time whose list is over.
MOST_ENDED = 1000
#: Who acts for a customer, or whose money it is.
BEHIND = (RelationKind.GUARDIAN, RelationKind.LEGAL_REPRESENTATIVE, RelationKind.PROXY, RelationKind.BENEFICIAL_OWNER)
Found = list[tuple[Person, WatchEntry, str]]


def screen_next(now: datetime, size: int = BATCH) -> int:
    """Hold everybody of the policies in force against the next entries of a list that has come into force; a batch of one list at a
    time, in the order of keys, so that it can stop anywhere. Another run, of the cases as well, is waited for: it holds the list for a
    batch. Returns how many entries; 0 when all are done."""
    day = timezone.localdate(now)
    rows = WatchList.objects.in_force(day).filter(scanned_at__isnull=True).order_by("pk")
    with transaction.atomic():
        held = rows.select_for_update(of=("self",)).first()
        if held is None:
            return 0
        entries = _entries(held, size, pk__gt=held.scanned_to)
        if entries:
            held.entries_left = [*held.entries_left, *_hold(entries, now)]
            held.scanned_to = entries[-1].pk
        if len(entries) < size:
            held.scanned_at = now
        held.save(update_fields=["scanned_to", "scanned_at", "entries_left"])
        return max(1, len(entries))


def screen_left(now: datetime, size: int = BATCH) -> int:
    """Once more what could not be gone through before, a batch of each list; returns how many entries are still left."""
    return once_more("entries_left", lambda held, tried: _hold(_entries(held, size, pk__in=tried), now), size, now)


def _entries(held: WatchList, size: int, **which: object) -> list[WatchEntry]:
    entries = list(WatchEntry.objects.filter(watch_list=held, **which).defer("id_number").order_by("pk")[:size])
    for entry in entries:
        entry.watch_list = held
    return entries


def _hold(entries: Sequence[WatchEntry], now: datetime) -> list[int]:
    """Hold the entries against everybody; keys of those with which that failed. What one trips over stays its own."""
    if not entries:
        return []
    try:
        with transaction.atomic():
            keep(whom(entries), case_number="", now=now)
    except Exception as error:
        if len(entries) > 1:
            return [key for entry in entries for key in _hold([entry], now)]
        # nothing of the person: what the error says may repeat it
        logger.error("screening entry=%s failed error=%s", entries[0].pk, type(error).__name__)
        return [entries[0].pk]
    return []


def whom(entries: Sequence[WatchEntry]) -> Found:
    """Everybody of a policy that has not ended whom one of the entries may mean: 投保人, 被保险人, who acts for them, 受益人."""
    persons = {person.mark: person for person in with_documents([*_beneficiaries(entries), *_customers(entries)])}
    return [(p, e, level) for p in persons.values() for e in entries if (level := level_of(p, e))]


def _living() -> QuerySet[Policy]:
    return Policy.objects.exclude(status=PolicyStatus.TERMINATED).order_by()


def _customers(entries: Sequence[WatchEntry]) -> list[Person]:
    """Who holds such a policy or is insured by it, and who acts for one of them."""
    indexes = [e.id_index for e in entries if e.id_index]
    spelt = {key for e in entries for key in e.keys} | {name for e in entries for name in (e.name, *e.also)}
    names = Q(called__in=sorted(spelt)) | Q(spelt__in=sorted(key for key in spelt if key.isascii()))
    parties = Party.objects.present().alias(called=Collate("name", "C"), spelt=Collate("pinyin", "C"))
    further = IdentityDocument.objects.filter(number_index__in=indexes, until__isnull=True).values_list("party_id", flat=True)
    # each by an index of its own, that of the numbers is by type and number: over the alternative, or by the number alone, the
    # database would read the whole table
    keys = {*parties.filter(id_type__in=IdType.values, id_index__in=indexes).values_list("pk", flat=True), *further, *parties.filter(names).values_list("pk", flat=True)}
    near = Party.objects.present().filter(pk__in=keys).defer("phone", "email", "address")
    own = list(near.filter(_has_a_policy("pk")))
    behind = near.filter(_acts_for_one()).exclude(pk__in=[party.pk for party in own])
    return [*(Person.of("客户", party) for party in own), *(Person.of("客户的关系人", party) for party in behind)]


def _has_a_policy(column: str) -> Q:
    return Q(Exists(_living().filter(policyholder=OuterRef(column)))) | Q(Exists(_living().filter(insured=OuterRef(column))))


def _acts_for_one() -> Q:
    """监护人, 法定代理人, 受托人 or 受益所有人 of somebody who has a policy."""
    rows = Relationship.objects.filter(until__isnull=True, kind__in=BEHIND, other=OuterRef("pk")).order_by()
    return Q(Exists(rows.filter(_has_a_policy("party"))))


def _beneficiaries(entries: Sequence[WatchEntry]) -> list[Person]:
    """受益人 of such policies: as the customer where the document is one's on file, otherwise by what the policy says of them."""
    indexes = [e.id_index for e in entries if e.id_index]
    keys = {key for e in entries for key in e.keys}
    rows = Beneficiary.objects.filter(effective_to__isnull=True).order_by()
    alike = rows.filter(spelt__in=sorted({pinyin_of(key) for key in keys})).values_list("pk", "name")
    called = {pk for pk, name in alike.iterator() if Person("", name).keys & keys}
    by_number = rows.filter(id_index__in=indexes).values_list("pk", flat=True)
    told = rows.filter(pk__in={*called, *by_number}).exclude(policy__status=PolicyStatus.TERMINATED)
    near = list(told.exclude(_is_a_party_of_the_policy()))
    on_file = _on_file(near)
    return [
        Person.of("受益人", party) if (party := on_file.get((b.id_type, b.id_index)))
        else Person("受益人", b.name, b.birth_date, (b.id_number,) if b.id_number else ())
        for b in near
    ]  # fmt: skip


def _is_a_party_of_the_policy() -> Q:
    """Of whom only the name is known and who is called as 投保人 or 被保险人 of the policy is that person, as in a case."""
    bare = Q(birth_date__isnull=True, id_index="")
    return bare & (Q(name=F("policy__policyholder__name")) | Q(name=F("policy__insured__name")))


def _on_file(rows: Iterable[Beneficiary]) -> dict[tuple[str, str], Party]:
    """Customers by type and index of their document."""
    documents = {(row.id_type, row.id_index) for row in rows if row.id_index}
    found = Party.objects.present().filter(id_type__in={t for t, _ in documents}, id_index__in={i for _, i in documents})
    return {(p.id_type, p.id_index): p for p in found.defer("phone", "email", "address")}


def end_hits(now: datetime, most: int = MOST_ENDED) -> int:
    """What nobody judged before its list was over: marked with why, so that it waits for nobody. Returns how many."""
    over = Hit.objects.filter(state=HitState.OPEN, entry__watch_list__effective_to__lt=timezone.localdate(now))
    done = 0
    for row in WatchList.objects.filter(pk__in=over.values("entry__watch_list").distinct()):
        follows = WatchList.objects.in_force(timezone.localdate(now)).filter(code=row.code).exists()
        why = f"名单 {row.code} 本版到 {row.effective_to} 为止，{'由后一版本重新核查' if follows else '没有后一版本'}"
        keys = list(over.filter(entry__watch_list=row).order_by("pk").values_list("pk", flat=True)[: most - done])
        done += Hit.objects.filter(pk__in=keys, state=HitState.OPEN).update(state=HitState.ENDED, decided_at=now, reason=why)  # own state: a hit is no case
        if done >= most:
            break
    return done


__all__ = ["BATCH", "end_hits", "screen_left", "screen_next", "whom"]
