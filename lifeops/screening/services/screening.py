"""名单核查 of a case: whom of it an entry of a list in force may mean; what is kept of that, and what was found out before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import models, transaction
from django.utils import timezone

from lifeops.org.held import Held
from lifeops.org.statements import Question, read
from lifeops.policies.models import DeclaredState, IdentityDocument
from lifeops.policies.names import name_key
from lifeops.screening.models import JUDGED, Hit, HitState, Level, WatchEntry, WatchList
from lifeops.screening.rules import Person, level_of

CLOSENESS = list(Level.values)


_applied = Held(WatchList)


def lists_on(day: date) -> dict[int, WatchList]:
    """Lists in force on the day, by key. One that was approved this moment counts elsewhere within 20 seconds; the cases in hand
    are held against it by a run of its own."""
    return {row.pk: row for row in _applied.on(day) if row.state == DeclaredState.APPLIED}


def matches(persons: Sequence[Person], lists: Mapping[int, WatchList]) -> list[tuple[Person, WatchEntry, str]]:
    """(person, entry of the lists, how they agree), in one query for all persons."""
    keys = {key for person in persons for key in person.keys}
    if not keys:
        return []
    indexes = {index for person in persons for index in person.indexes}
    entries = read(
        WatchEntry, "(keys && %s::varchar[] OR id_index = ANY(%s)) AND watch_list_id = ANY(%s) ORDER BY watch_list_id, row",
        [sorted(keys), sorted(indexes), list(lists)],
    )
    for entry in entries:
        entry.watch_list = lists[entry.watch_list_id]
    return [(person, entry, level) for person in persons for entry in entries if (level := level_of(person, entry))]


def with_documents(persons: Iterable[Person]) -> list[Person]:
    """The same with the further documents of those who are on file."""
    known = list(persons)
    further: dict[int, list[str]] = {}
    on_file = [p.party.pk for p in known if p.party]
    for row in read(IdentityDocument, "party_id = ANY(%s) AND until IS NULL ORDER BY id", [on_file]) if on_file else ():
        further.setdefault(row.party_id, []).append(row.number)
    return [replace(p, numbers=(*p.numbers, *further[p.party.pk])) if p.party and p.party.pk in further else p for p in known]


def screen_case(
    case_number: str, persons: Callable[[], Iterable[Person]], now: datetime, hands: Callable[[], Collection[int | None]] = tuple
) -> list[Hit]:
    """Hold everybody of a case against the lists in force; hits that are new are kept. All hits of the case that still count.
    Where no list is in force nobody is asked for. `hands`: who has concluded or signed it, asked where there is a hit."""
    day = timezone.localdate(now)
    lists = lists_on(day)
    found = matches(with_documents(once(persons())), lists) if lists else []
    if found:
        with transaction.atomic():
            keep(found, case_number=case_number, now=now, hands=hands())
    return counting(case_number, day)


def counting(case_number: str, day: date) -> list[Hit]:
    """Hits of a case by entries of lists in force on the day."""
    lists = lists_on(day)
    rows = _hits.read(case_number) if lists else []
    if rows:  # hardly ever: whom they mean is read then
        models.prefetch_related_objects(rows, "entry__watch_list")
    return [row for row in rows if row.entry.watch_list_id in lists]


@Question(str)
def _hits(case_number: str) -> models.QuerySet[Hit]:
    return Hit.objects.filter(case_number=case_number).order_by("pk")


def once(persons: Iterable[Person]) -> list[Person]:
    """Each person once, with all the parts played. Of whom only the name is known is whoever is called so in the case."""
    found: dict[str, Person] = {}
    for person in sorted((p for p in persons if p.name), key=lambda p: (p.party is None, p.birth_date is None, not p.numbers)):
        bare = person.party is None and person.birth_date is None and not person.numbers
        same = next((m for m, p in found.items() if bare and name_key(p.name) == name_key(person.name)), person.mark)
        held = found.get(same)
        found[same] = person if held is None else _joined(held, person)
    return list(found.values())


def _joined(held: Person, other: Person) -> Person:
    roles = "、".join(dict.fromkeys([*held.role.split("、"), *other.role.split("、")]))
    numbers = tuple(dict.fromkeys((*held.numbers, *other.numbers)))
    return replace(held, role=roles, birth_date=held.birth_date or other.birth_date, numbers=numbers, party=held.party or other.party)


def keep(
    found: Iterable[tuple[Person, WatchEntry, str]], *, case_number: str, now: datetime, hands: Collection[int | None] = ()
) -> int:
    """Write hits that are not there yet. What was found out of the same person and the same entry, also of an earlier version of
    the list, at least as close, holds on; of a bare name only that it was confirmed, for another may be called so; not that it was
    cleared by one of the `hands` of the case. Returns how many are new."""
    told = list(found)
    former = _decided({person.mark for person, _, _ in told})
    rows = []
    for person, entry, level in told:
        earlier = [h for h in former.get((person.mark, entry.mark), ()) if CLOSENESS.index(h.level) <= CLOSENESS.index(level)]
        before = next((h for h in earlier if person.is_known or h.state == HitState.CONFIRMED), None)
        if before is not None and before.state == HitState.CLEARED and before.decided_by_id in hands:
            before = None
        row = Hit(case_number=case_number, party=person.party, entry=entry, role=person.role[:20], name=person.name, person=person.mark, level=level, found_at=now)
        if before is not None:
            words = before.reason if before.reason.startswith("沿用") else f"沿用{before.case_number or '存量筛查'}的处理：{before.reason}"
            row.state, row.decided_by_id, row.decided_at, row.reason = before.state, before.decided_by_id, before.decided_at, words[:300]
        rows.append(row)
    known = set(Hit.objects.filter(case_number=case_number, person__in={r.person for r in rows}).values_list("entry_id", "person"))
    new = [r for r in rows if (r.entry_id, r.person) not in known]
    Hit.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _decided(marks: set[str]) -> dict[tuple[str, str], list[Hit]]:
    """Decisions on these persons, the newest first."""
    rows = Hit.objects.filter(person__in=marks, state__in=JUDGED).select_related("entry").defer("entry__id_number")
    found: dict[tuple[str, str], list[Hit]] = {}
    for row in rows.order_by("-decided_at", "-pk"):
        found.setdefault((row.person, row.entry.mark), []).append(row)
    return found


__all__ = ["counting", "keep", "matches", "once", "screen_case", "with_documents"]
