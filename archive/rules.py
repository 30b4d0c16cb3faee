"""作业后's rules, pure: which leg follows which, until when a volume is kept, what is missing from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from lifeops.policies.rules.dates import add_years

#: 寄送各程: a leg and those that may follow it. "" is the beginning.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "": ("sent", "signed"),
    "sent": ("arrived", "signed", "back"),
    "arrived": ("signed", "back"),
    "back": ("sent",),
    "signed": (),
}
#: 保险法 87: years after the end of the contract, by length of cover.
YEARS_SHORT, YEARS_LONG = 5, 10
#: 反洗钱法 34: identity data and transaction records, years after the end of the relationship or of the transaction.
YEARS_RELATIONSHIP = 10


def legs_after(last: str) -> tuple[str, ...]:
    """Legs that may be registered now."""
    return FOLLOWS[last]


@dataclass(frozen=True)
class Retention:
    """保管期限. `until` is None while the contract's end is not known (终身): it then counts from that end."""

    until: date | None
    words: str


def retention(*, closed_on: date, contract: bool, contract_end: date | None, over_one_year: bool) -> Retention:
    """Until when a volume closed on a day is kept (facts 3.10): the longest of the periods that apply.

    `contract_end` is the day on which the contract ended or will end, None for whole life in force.
    """
    if not contract:
        return Retention(add_years(closed_on, YEARS_RELATIONSHIP), f"业务结束后 {YEARS_RELATIONSHIP} 年（反洗钱法第34条）")
    years = YEARS_LONG if over_one_year else YEARS_SHORT
    longest = max(years, YEARS_RELATIONSHIP)
    words = f"合同终止后 {longest} 年（保险法第87条 {years} 年，反洗钱法第34条 {YEARS_RELATIONSHIP} 年，从长）"
    if contract_end is None:
        return Retention(None, words + "；终止日未定，长期保管")
    return Retention(add_years(max(contract_end, closed_on), longest), words)


class Paper(Protocol):
    """What the check needs of a row of 资料清单."""

    @property
    def label(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def received(self) -> str: ...
    @property
    def expected(self) -> int: ...
    @property
    def scanned(self) -> int: ...
    @property
    def row_id(self) -> int: ...


def gaps(rows: Iterable[Paper], filed: set[int], given_back: set[int]) -> list[str]:
    """三方核对 应收 × 影像 × 实物: what is missing, in words. `filed` and `given_back` are ids of rows."""
    found = []
    for row in rows:
        if row.received == "none":
            if row.required:
                found.append(f"{row.label}为必备资料，未收到")
            continue
        if row.expected != row.scanned:
            found.append(f"{row.label}应扫 {row.expected} 页、实扫 {row.scanned} 页")
        if row.row_id not in filed and row.row_id not in given_back:
            found.append(f"{row.label}未入卷")
    return found
