"""给付事由: on which event a benefit of a product pays, and when survival benefits fall due. Read off the benefit as loaded (code,
name, wording), or stated with it (`event`, `from_age`, `from_year`, `every_years`, `to_year`, `at_end`). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Benefit = Mapping[str, Any]


class Event(StrEnum):
    """`SPECIAL_DEATH`: a death that needs a particular accident; paid when the examiner has found it, not of itself."""

    DEATH = "death"
    SPECIAL_DEATH = "special_death"
    DISABILITY = "disability"
    ILLNESS = "illness"
    MEDICAL = "medical"
    SURVIVAL = "survival"
    MATURITY = "maturity"
    WAIVER = "waiver"
    OTHER = "other"


LABELS = {
    Event.DEATH: "身故", Event.SPECIAL_DEATH: "特定意外身故", Event.DISABILITY: "伤残", Event.ILLNESS: "疾病", Event.MEDICAL: "医疗费用",
    Event.SURVIVAL: "生存", Event.MATURITY: "满期", Event.WAIVER: "豁免保险费", Event.OTHER: "其他",
}  # fmt: skip
#: Looked at in this order: a waiver on death is a waiver, a benefit at the end of the term is no annuity.
SIGNS: tuple[tuple[Event, str, str], ...] = (
    (Event.WAIVER, r"WAIV", r"豁免"),
    (Event.MATURITY, r"MATUR", r"满期|期满"),
    (Event.MEDICAL, r"MEDICAL|HOSP|OUTPATIENT|ALLOWANCE", r"医疗|住院|津贴|补贴"),
    (Event.DEATH, r"DEATH", r"身故"),
    (Event.SURVIVAL, r"ANNUIT|SURVIV|PENSION", r"年金|养老|生存|教育金|祝寿"),
    (Event.DISABILITY, r"DISAB|TPD", r"伤残|全残|残疾"),
    (Event.ILLNESS, r"(?:^|_)CI(?:_|$)|MID|MILD|CANCER|TERMINAL|ILLNESS", r"疾病|重症|轻症|中症|恶性肿瘤|生命关爱"),
)
PARTICULAR = re.compile(r"公共|交通|航空|列车|轮船|特定|自驾|电梯|自然灾害|节假日")
PARTICULAR_WHEN = re.compile(r"public (?:transport|place)|passenger|flight|lift|elevator|natural disaster")
MEDICAL_WORDS = re.compile(r"covered_cost|hospital_days|daily_allowance")


def event_of(one: Benefit) -> Event:
    """The event a benefit pays on."""
    if one.get("event"):
        return Event(one["event"])
    code, name = str(one.get("code", "")), str(one.get("name", ""))
    if one.get("bands") or any(MEDICAL_WORDS.search(formula) for _, formula in one.get("cases") or ()):
        return Event.MEDICAL
    if re.search(r"alive at the end of the (?:term|period)", str(one.get("when", ""))):
        return Event.MATURITY
    found = next((event for event, in_code, in_name in SIGNS if re.search(in_code, code) or re.search(in_name, name)), Event.OTHER)
    return Event.SPECIAL_DEATH if found == Event.DEATH and _is_particular(one) else found


def _is_particular(one: Benefit) -> bool:
    """A certain kind of accident: the cause alone does not tell whether it was one."""
    return bool(PARTICULAR.search(str(one.get("name", "")))) or bool(PARTICULAR_WHEN.search(str(one.get("when", ""))))


def needs_accident(one: Benefit) -> bool:
    """The benefit is for accidents only."""
    return "意外" in str(one.get("name", "")) or bool(re.search(r"(?:^|_)ACC", str(one.get("code", ""))))


def benefits_on(definition: Mapping[str, Any], *events: Event) -> list[Benefit]:
    return [one for one in definition.get("benefits") or [] if event_of(one) in events]


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a survival benefit falls due: on anniversaries from an age or a year on, every so many years. `at_end`: also on the
    day the term ends."""

    from_age: int | None = None
    from_year: int | None = None
    every: int = 1
    to_year: int | None = None
    at_end: bool = False
    once: bool = False

    @property
    def known(self) -> bool:
        return self.from_age is not None or self.from_year is not None

    def due(self, *, entry_age: int, year: int, last_year: int | None) -> bool:
        """`year` policy years are over; the term has `last_year` of them (None: for life)."""
        first = self.from_year if self.from_age is None else max(1, self.from_age - entry_age)
        if first is None or year < first or (self.once and year != first) or (year - first) % self.every or (self.to_year is not None and year > self.to_year):
            return False
        return last_year is None or year < last_year or (self.at_end and year == last_year)


def schedule_of(one: Benefit, *, annuity_start_age: int | None = None) -> Schedule:
    """As stated, else as the wording says; nothing falls due where neither says from when."""
    when = str(one.get("when", ""))
    age, year, every = one.get("from_age"), one.get("from_year"), one.get("every_years")
    if age is None and year is None:
        told = re.search(r"(?:anniversary (?:on or )?after|reach(?:es|ing)?|complet(?:es|ing)|attain(?:s|ing)?) (?:the )?(?:age )?(?:of )?(\d+)", when)
        first = re.search(r"(?:policy )?year (\d+)|(\d+)(?:st|nd|rd|th) (?:policy )?(?:anniversary|year)", when)
        if told:
            age = int(told.group(1))
        elif first:
            year = int(first.group(1) or first.group(2))
        elif re.search(r"(?:every|each) (?:policy )?(?:anniversary|year)", when) and annuity_start_age is None:
            year = 1
        elif annuity_start_age is not None:
            age = annuity_start_age
    steps = re.search(r"every (\d+) (?:policy )?years", when)
    again = bool(re.search(r"every|each|yearly|annual", when)) or every is not None or not when or annuity_start_age is not None
    return Schedule(
        from_age=age, from_year=year, every=int(every or (steps.group(1) if steps else 1)), to_year=one.get("to_year"),
        at_end=bool(one.get("at_end")) or "last payment on the day the term ends" in when, once=not again,
    )
