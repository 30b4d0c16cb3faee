"""How a person is held against an entry, and what a hit means for a case. Pure but for the blind indexes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from lifeops.policies.crypto import blind_indexes
from lifeops.policies.identity import normalise_id
from lifeops.policies.names import name_key, pinyin_of

if TYPE_CHECKING:
    from lifeops.policies.models import Party
    from lifeops.screening.models import Hit, WatchEntry


@dataclass(frozen=True)
class Person:
    """Somebody of a case: what is known to compare by. `numbers`: of all known documents."""

    role: str
    name: str
    birth_date: date | None = None
    numbers: tuple[str, ...] = ()
    party: Party | None = None

    @classmethod
    def of(cls, role: str, party: Party) -> Person:
        return cls(role, party.name, party.birth_date, (party.id_number,) if party.id_number else (), party)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The name, and its pinyin: a list of abroad spells it so."""
        return frozenset(key for key in (name_key(self.name), name_key(pinyin_of(self.name))) if key)

    @cached_property
    def indexes(self) -> frozenset[str]:
        return frozenset(index for number in self.numbers for index in blind_indexes("party.id", normalise_id(number)))

    @property
    def is_known(self) -> bool:
        """Whether `mark` tells more than a name."""
        return self.party is not None or self.birth_date is not None

    @property
    def mark(self) -> str:
        """The person, whether on file or not; no number is in it."""
        who = str(self.party.pk) if self.party else f"{name_key(self.name)}\x1f{self.birth_date or ''}"
        return hashlib.sha256(who.encode()).hexdigest()


def level_of(person: Person, entry: WatchEntry) -> str:
    """How the person agrees with the entry: by a document, by name and birth date, by the name where a birth date is not known;
    "" where not. Another birth date is another person."""
    if entry.id_index and entry.id_index in person.indexes:
        return "document"
    if not person.keys & {*entry.keys}:
        return ""
    if person.birth_date is None or entry.birth_date is None:
        return "name"
    return "born" if person.birth_date == entry.birth_date else ""


#: What a hit comes to: no business at all, senior approval, a look, nothing.
BLOCK, SENIOR, WARN, PASS = "block", "senior", "warn", "pass"
ORDER = (BLOCK, SENIOR, WARN, PASS)


def weight_of(*, pep: bool, level: str, state: str) -> str:
    """A document that agrees stops the case until it is cleared, what was confirmed stops it for good; a name stops nothing of
    itself. Of 政治公众人物 both ask for senior approval instead (客户尽职调查办法 33)."""
    if state == "cleared":
        return PASS
    if state == "confirmed" or level == "document":
        return SENIOR if pep else BLOCK
    return SENIOR if pep and level == "born" else WARN


def heaviest(weights: Iterable[str]) -> str:
    return min(weights, key=ORDER.index, default=PASS)


@dataclass(frozen=True)
class Told:
    """A finding, in the words of the rules of a line."""

    code: str
    level: str
    message: str
    value: str
    limit: str
    source: str


SOURCE, PEP_SOURCE = "反洗钱法第40条、客户尽职调查办法第39条", "客户尽职调查办法第33条"
LISTED = {
    BLOCK: ("block", "名单命中，未经总公司排除不得办理"), WARN: ("warn", "疑似名单人员，请核对身份，由总公司排除或确认"),
    PASS: ("pass", "未命中名单，或已由总公司排除"),
}  # fmt: skip
PEP_WORDS = {
    SENIOR: ("warn", "政治公众人物，须写明理由，由 3 级以上批准岗批准"), WARN: ("warn", "疑似政治公众人物，请核对身份，由总公司排除或确认"),
    PASS: ("pass", "不是政治公众人物，或已由总公司排除"),
}  # fmt: skip


def findings_of(hits: Sequence[Hit], persons: int) -> list[Told]:
    """Two findings for a case that was screened: lists, and 政治公众人物. No name and no number is told."""
    found = []
    for code, pep, words, source in (("K01", False, LISTED, SOURCE), ("K02", True, PEP_WORDS, PEP_SOURCE)):
        mine = [h for h in hits if h.entry.watch_list.is_pep == pep]
        weights = {h.pk: weight_of(pep=pep, level=h.level, state=h.state) for h in mine}
        heavy = heaviest(weights.values())
        level, message = words[heavy]
        told = dict.fromkeys(
            f"{h.role} {h.entry.watch_list.get_kind_display()}（{h.get_level_display()}，{h.get_state_display()}）" for h in mine if weights[h.pk] == heavy
        )
        value = "；".join(told) or f"{persons} 人，无命中"
        found.append(Told(code, level, message, value[:100], "全部当事人不在生效名单上", source))
    return found
