"""cash_values.csv: year-end values per cell, years without gaps, the last one as the cover ends."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from lifeops.policies.loading.faults import Notes
from lifeops.policies.loading.files import CASH, Files, rows_of
from lifeops.policies.loading.sheets import CASH_COLUMNS, JUMP, NAMED, Sheet, SheetReader, number, whole_number
from lifeops.policies.rules.dates import term_years

END_AGE = 105


def read_cash_values(files: Files, terms: dict[str, Any], rates: Sheet | None, notes: Notes) -> Sheet | None:
    reader = SheetReader(files, CASH, terms, notes)
    found: dict[tuple[tuple[str, str, str, str], int], list[tuple[int, Decimal, int]]] = defaultdict(list)
    for row, cells in rows_of(files, CASH, CASH_COLUMNS, notes):
        reader.dims_of(cells)
        wrong = reader.wrong(row)
        place = reader.common(row, cells)
        age = whole_number(cells["entry_age"], NAMED["entry_age"], wrong, 0, 120)
        year = whole_number(cells["policy_year"], NAMED["policy_year"], wrong, 1, 120)
        value = number(cells["cash_value_year_end"], NAMED["cash_value_year_end"], wrong)
        if age is not None and year is not None and value is not None:
            found[place, age].append((year, value, row))
    if not found and not notes.faults:
        notes.fault(reader.where, 0, "没有数据行")
    if reader.wrong_row:
        return None
    ends = _end_of_life(found)
    for (place, age), years in found.items():
        years.sort()
        first = years[0][2]
        name = f"{' '.join(p for p in place if p)} {age} 岁"
        numbers = [y for y, _, _ in years]
        if len(set(numbers)) != len(numbers):
            twice = next(y for y in numbers if numbers.count(y) > 1)
            notes.fault(reader.where, [r for y, _, r in years if y == twice][-1], f"{name} 第 {twice} 年末重复")
            continue
        if numbers != list(range(1, len(numbers) + 1)):
            gap = next(n for n, y in enumerate(numbers, start=1) if y != n)
            notes.fault(reader.where, years[gap - 1][2], f"{name} 缺第 {gap} 年末")
            continue
        whole = place[1] == "WHOLE_LIFE"
        expected = ends - age if whole else term_years(place[1], age)
        if expected != len(numbers):
            notes.fault(reader.where, first, f"{name} 有 {len(numbers)} 年，保险期间为 {expected} 年")
        elif not whole and years[-1][1] != 0:
            notes.fault(reader.where, years[-1][2], f"{name} 期满的现金价值应为 0（不含满期金）")
        _spikes(reader, name, years)
        if rates is not None and not any(low <= age <= high for low, high, _, _ in _offered(rates, place, reader.sheet.dims)):
            notes.fault(reader.where, first, f"{name} 在费率表中没有")
        reader.sheet.cells[place].append((age, age, [v for _, v, _ in years], first))
    if rates is not None:
        _complete(reader, rates)
    return reader.sheet


def _spikes(reader: SheetReader, name: str, years: list[tuple[int, Decimal, int]]) -> None:
    """A value that stands alone far above or below both its neighbours: only a typing mistake explains it."""
    for (_, before, _), (year, value, row), (_, after, _) in zip(years, years[1:], years[2:], strict=False):
        if min(before, after) > 0 and (value > JUMP * max(before, after) or value * JUMP < min(before, after)):
            reader.notes.fault(reader.where, row, f"{name} 第 {year} 年末的 {value} 与前后各年 {before}、{after} 相差过大，请核对")


def _end_of_life(found: dict[tuple[tuple[str, str, str, str], int], list[tuple[int, Decimal, int]]]) -> int:
    """The age at which tables for life end: the most common one, 105 or so; all must end there."""
    at = Counter(age + len(years) for (place, age), years in found.items() if place[1] == "WHOLE_LIFE")
    return next((end for end, _ in at.most_common(1) if END_AGE - 10 <= end <= END_AGE + 15), END_AGE + 1)


def _offered(rates: Sheet, place: tuple[str, str, str, str], dims: list[str]) -> list[tuple[int, int, list[Decimal], int]]:
    """Ages sold of a combination, by what the cash values go by: the rates may go by more."""
    return [
        cell
        for there, cells in rates.cells.items()
        if there[0] in (place[0], "") and there[1:3] == place[1:3] and _part(there[3], dims) == place[3]
        for cell in cells
    ]


def _part(key: str, dims: list[str]) -> str:
    return ";".join(f"{name}={value}" for name in dims for own, _, value in (part.partition("=") for part in key.split(";")) if own == name)


def _complete(reader: SheetReader, rates: Sheet) -> None:
    """Every combination that is sold has its cash values."""
    there = {(place, cell[0]) for place, cells in reader.sheet.cells.items() for cell in cells}
    sexes = ("M", "F") if any(p[0] for p in reader.sheet.cells) else ("",)
    unknown = [d for d in reader.sheet.dims if d not in rates.dims]
    if unknown:
        reader.notes.fault(reader.where, 1, f"费率表没有 {'、'.join(unknown)} 列，现金价值不能依其取值")
        return
    for full, cells in rates.cells.items():
        place = (*full[:3], _part(full[3], reader.sheet.dims))
        for sex in (place[0],) if place[0] else sexes:
            ages = {a for low, high, _, _ in cells for a in range(low, high + 1)}
            missing = sorted(a for a in ages if ((sex, *place[1:]), a) not in there)
            if missing:
                name = " ".join(p for p in (sex, *place[1:]) if p)
                reader.notes.fault(reader.where, 0, f"{name} 缺 {missing[0]} 岁等 {len(missing)} 个投保年龄的现金价值")
