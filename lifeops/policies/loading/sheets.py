"""Tables of a product: rates (grid, age band, base × factors), cash values, illnesses. Every row is looked at on its own,
then the table as a whole: duplicates, overlapping bands, gaps in ages, the run of the values."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lifeops.policies.loading.faults import Notes
from lifeops.policies.loading.files import CASH, ILLNESSES, RATES, Files, rows_of
from lifeops.policies.loading.terms import TERM
from lifeops.policies.models.product import ProductKind

#: Columns by which a table may go besides sex, age and terms; their values as a pattern.
EXTRA = {
    "plan": r"[A-Za-z0-9\u4e00-\u9fff_.+-]{1,12}", "social_insurance": r"[YN]", "purchase": r"[A-Z][A-Z0-9_]{0,29}",
    "annuity_start_age": r"[0-9]{2,3}",
    "occupation_class": r"[1-6]",
}  # fmt: skip
RATE_COLUMNS = (
    ("product_code", "age_from", "age_to", "pay_term", "coverage_term", "value", "measure", "base_amount", "base_of", "unit"),
    ("sex", *EXTRA),
)
CASH_COLUMNS = (
    ("product_code", "entry_age", "pay_term", "coverage_term", "policy_year", "cash_value_year_end", "base_amount", "base_of", "unit"),
    ("sex", *EXTRA),
)
NAMED = {"age_from": "起始年龄", "age_to": "终止年龄", "entry_age": "投保年龄", "policy_year": "保单年度", "value": "数值",
         "cash_value_year_end": "现金价值", "base_amount": "基数"}  # fmt: skip
#: base_of → what the value is per.
BASES = (
    (r"(?:basic )?sum insured\b.*|annual premium (?:waived|of the main contract)\b.*|daily allowance\b.*", "sum"),
    (r"(?:insured )?person(?:-year)?", "flat"), (r"(?:(?:single|annual|yearly) )?premium\b.*", "premium"),
)  # fmt: skip
#: A single step against the run of the values (source tables are rounded) is let pass up to this share, with a hint.
SMALL_STEP, JUMP = Decimal("0.01"), Decimal(3)
MOST_AGE, MOST_VALUE = 120, Decimal("99999999")
#: Premium of these rises with age year by year; medical tables fall through childhood.
RISING = (ProductKind.TERM_LIFE, ProductKind.WHOLE_LIFE, ProductKind.ENDOWMENT, ProductKind.CRITICAL, ProductKind.WAIVER)


@dataclass
class Sheet:
    """Cells of one table: (sex, cover_term, pay_term, key) → [(age_from, age_to, values, row)]; what the values mean."""

    measure: str = ""
    base: Decimal = Decimal(0)
    base_of: str = ""
    dims: list[str] = field(default_factory=list)
    cells: dict[tuple[str, str, str, str], list[tuple[int, int, list[Decimal], int]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def meta(self) -> dict[str, Any]:
        return {"measure": self.measure, "base": f"{self.base:f}", "base_of": self.base_of, "dims": self.dims}


def _wide(text: str) -> str:
    """Digits typed full width look right and are not."""
    return "（含全角字符，请改为半角）" if re.search(r"[０-９．－，]", text) else ""


def whole_number(text: str, what: str, wrong: Callable[[str], None], low: int, high: int) -> int | None:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        wrong(f"{what}“{text}”不是整数{_wide(text)}")
        return None
    if not low <= int(text) <= high:
        wrong(f"{what} {text} 应在 {low} 至 {high} 之间")
        return None
    return int(text)


def number(text: str, what: str, wrong: Callable[[str], None]) -> Decimal | None:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        wrong(f"{what}“{text}”不是数值{_wide(text)}")
        return None
    found = Decimal(text)
    if found < 0:
        wrong(f"{what} {text} 小于零")
        return None
    if found > MOST_VALUE or -found.as_tuple().exponent > 4:  # type: ignore[operator]
        wrong(f"{what} {text} 过大，或多于四位小数")
        return None
    return found


class SheetReader:
    """Reads the rows that rates and cash values have in common."""

    def __init__(self, files: Files, name: str, terms: dict[str, Any], notes: Notes) -> None:
        self.files, self.name, self.where, self.terms, self.notes = files, name, files.where(name), terms, notes
        self.sheet = Sheet()
        self.wrong_row = False

    def wrong(self, row: int) -> Callable[[str], None]:
        def note(reason: str) -> None:
            self.wrong_row = True
            self.notes.fault(self.where, row, reason)

        return note

    def common(self, row: int, cells: dict[str, str]) -> tuple[str, str, str, str]:
        """(sex, cover_term, pay_term, key) of a row, everything checked that is not a number."""
        wrong = self.wrong(row)
        if cells["product_code"] != self.terms["code"]:
            wrong(f"产品代码“{cells['product_code']}”与 product.json 的 {self.terms['code']} 不同")
        sex = cells.get("sex", "")
        if "sex" in cells and sex not in ("M", "F"):
            wrong(f"性别“{sex}”应为 M 或 F")
        for column, offered, what in (("coverage_term", "cover_terms", "保险期间"), ("pay_term", "pay_terms", "交费期间")):
            value, options = cells[column], self.terms[offered]
            if not TERM.fullmatch(value):
                wrong(f"没有“{value}”这种{what}")
            elif options and value not in options:
                wrong(f"{what} {value} 不在 product.json 所列之中")
        for column in self.sheet.dims:
            if not re.fullmatch(EXTRA[column], cells[column]):
                wrong(f"{column}“{cells[column]}”不是可用的值")
        for column, offered in (("plan", "plans"), ("annuity_start_age", "annuity_start_ages")):
            options = [str(o) for o in self.terms[offered]]
            if column in cells and options and cells[column] not in options:
                wrong(f"{column} {cells[column]} 不在 product.json 所列之中")
        if cells["unit"] != "CNY":
            wrong(f"单位“{cells['unit']}”应为 CNY")
        self._base(cells, wrong)
        key = ";".join(f"{c}={cells[c]}" for c in self.sheet.dims)
        return sex, cells["coverage_term"], cells["pay_term"], key

    def _base(self, cells: dict[str, str], wrong: Callable[[str], None]) -> None:
        base = number(cells["base_amount"], NAMED["base_amount"], wrong)
        kind = next((kind for words, kind in BASES if re.fullmatch(words, cells["base_of"])), "")
        if not kind:
            wrong(f"单位不明：每“{cells['base_of']}”")
        if base is None or not kind:
            return
        if base <= 0:
            wrong("基数应大于零")
            return
        measure = cells.get("measure", "cash_value")
        if measure == "premium" and kind in ("sum", "flat"):
            meant = "flat" if kind == "flat" else "premium"
        elif measure in ("basic_sum_insured", "sum_insured") and kind == "premium":
            meant = "sum"
        elif measure == "cash_value" and kind in ("sum", "premium"):
            meant = kind
        else:
            wrong(f"方向与单位不符：{measure} 每“{cells['base_of']}”")
            return
        if not self.sheet.measure:
            self.sheet.measure, self.sheet.base, self.sheet.base_of = meant, base, cells["base_of"]
        elif (meant, base) != (self.sheet.measure, self.sheet.base):
            wrong(f"单位与前面各行不同：每 {cells['base_amount']} {cells['base_of']}")

    def dims_of(self, cells: dict[str, str]) -> None:
        if not self.sheet.dims:
            self.sheet.dims = [c for c in EXTRA if c in cells]


def read_rates(files: Files, terms: dict[str, Any], notes: Notes) -> Sheet | None:
    """The rate table of shapes grid and age band; None where a row is wrong."""
    reader = SheetReader(files, RATES, terms, notes)
    for row, cells in rows_of(files, RATES, RATE_COLUMNS, notes):
        reader.dims_of(cells)
        wrong = reader.wrong(row)
        place = reader.common(row, cells)
        low = whole_number(cells["age_from"], NAMED["age_from"], wrong, 0, MOST_AGE)
        high = whole_number(cells["age_to"], NAMED["age_to"], wrong, 0, MOST_AGE)
        value = number(cells["value"], NAMED["value"], wrong)
        if value == 0:
            wrong("费率为零")
        if low is None or high is None or value is None:
            continue
        if low > high:
            wrong(f"年龄段 {low}–{high} 次序颠倒")
            continue
        reader.sheet.cells[place].append((low, high, [value], row))
    if not reader.sheet.cells and not notes.faults:
        notes.fault(reader.where, 0, "没有数据行")
    if reader.wrong_row:
        # the run of the values means nothing while rows are wrong
        return None
    _bands(reader)
    _covers_entry_ages(reader)
    _sexes(reader)
    _run(reader)
    return reader.sheet


def _name(place: tuple[str, str, str, str]) -> str:
    return " ".join(p for p in place if p)


def _bands(reader: SheetReader) -> None:
    """Ages of one combination: no cell twice, no overlap, no gap."""
    for place, cells in reader.sheet.cells.items():
        cells.sort(key=lambda c: (c[0], c[3]))
        for before, after in itertools.pairwise(cells):
            if before[:2] == after[:2]:
                reader.notes.fault(reader.where, after[3], f"与第 {before[3]} 行重复：{_name(place)} {after[0]} 岁")
            elif after[0] <= before[1]:
                reader.notes.fault(reader.where, after[3], f"年龄段 {after[0]}–{after[1]} 与第 {before[3]} 行的 {before[0]}–{before[1]} 重叠：{_name(place)}")
            elif after[0] > before[1] + 1:
                reader.notes.fault(reader.where, after[3], f"{_name(place)} 缺 {before[1] + 1} 至 {after[0] - 1} 岁")


def _covers_entry_ages(reader: SheetReader) -> None:
    """The youngest and the oldest entry age are somewhere in the table, none lies outside of it."""
    low, high = reader.terms["min_age_days"] // 365, reader.terms["max_age"]
    renewal = reader.terms.get("renewal_max")
    if high is None or not reader.sheet.cells:
        return
    top = max(high, renewal or 0)
    ages = [c for cells in reader.sheet.cells.values() for c in cells]
    youngest, oldest = min(c[0] for c in ages), max(c[1] for c in ages)
    if youngest > low or oldest < high:
        reader.notes.fault(reader.where, 0, f"费率只到 {youngest}–{oldest} 岁，投保年龄为 {low}–{high} 周岁")
    for one in ages:
        if one[0] < low or one[1] > top:
            reader.notes.fault(reader.where, one[3], f"{one[0]}–{one[1]} 岁不在投保年龄 {low}–{top} 周岁之内")


def _sexes(reader: SheetReader) -> None:
    """What is offered to men is offered to women and the other way round."""
    cells = reader.sheet.cells
    only = reader.terms.get("only_sex")
    for place in list(cells):
        if only and place[0] not in ("", only):
            reader.notes.fault(reader.where, cells[place][0][3], f"本险种只承保{'女性' if only == 'F' else '男性'}，不应有 {_name(place)} 的费率")
        elif place[0] and not only:
            other = ("F" if place[0] == "M" else "M", *place[1:])
            here, there = {c[:2] for c in cells[place]}, {c[:2] for c in cells.get(other, [])}
            missing = sorted(here - there)
            if missing:
                row = next(c[3] for c in cells[place] if c[:2] == missing[0])
                reader.notes.fault(reader.where, row, f"{_name(other)} 缺 {missing[0][0]} 岁等 {len(missing)} 格，另一性别有")


def _run(reader: SheetReader) -> None:
    """Values by age: premium does not fall, sum bought does not rise, no jump that only a typing mistake explains."""
    sheet = reader.sheet
    rising = sheet.measure != "sum"
    kind = reader.terms["kind"]
    for place, cells in sheet.cells.items():
        # cover to an age grows shorter with the age at entry: then a premium may fall
        shorter = place[1].startswith("TO_") and kind not in (ProductKind.ANNUITY, ProductKind.ENDOWMENT)
        ordered = (kind in RISING and sheet.measure != "flat" and not shorter) or kind == ProductKind.ANNUITY
        for before, after in itertools.pairwise(cells):
            a, b, row = before[2][0], after[2][0], after[3]
            single = before[0] == before[1] and after[0] == after[1]
            if single and max(a, b) > JUMP * min(a, b):
                reader.notes.fault(reader.where, row, f"{_name(place)} {after[0]} 岁的 {b} 与上一岁的 {a} 相差过大，请核对")
                continue
            against = (a - b if rising else b - a) / a
            if ordered and against > 0:
                words = f"{_name(place)} {after[0]} 岁的 {b} {'低于' if rising else '高于'}上一岁的 {a}"
                (reader.notes.hint if against <= SMALL_STEP else reader.notes.fault)(reader.where, row, words)


def read_illnesses(files: Files, terms: dict[str, Any], notes: Notes) -> list[dict[str, Any]]:
    columns = (("product_code", "grade", "seq", "name"), ("in_2020_industry_definitions", "group"))
    found: list[dict[str, Any]] = []
    seen: set[tuple[str, int]] = set()
    where = files.where(ILLNESSES)
    for row, cells in rows_of(files, ILLNESSES, columns, notes):
        before = len(notes.faults)

        def wrong(reason: str, row: int = row) -> None:
            notes.fault(where, row, reason)

        if cells["product_code"] != terms["code"]:
            wrong(f"产品代码“{cells['product_code']}”与 product.json 的 {terms['code']} 不同")
        if cells["grade"] not in ("critical", "medium", "mild"):
            wrong(f"没有“{cells['grade']}”这种程度")
        seq = whole_number(cells["seq"], "序号", wrong, 1, 500)
        if not cells["name"]:
            wrong("疾病名称为空")
        if seq is not None and (cells["grade"], seq) in seen:
            wrong(f"{cells['grade']} 第 {seq} 种重复")
        if len(notes.faults) > before:
            continue
        seen.add((cells["grade"], seq or 0))
        found.append({"grade": cells["grade"], "seq": seq, "name": cells["name"], "standard": cells.get("in_2020_industry_definitions") == "1"})
    for grade in ("critical", "medium", "mild"):
        stated, rows = (terms.get("illness_list") or {}).get(grade), [f["seq"] for f in found if f["grade"] == grade]
        if found and sorted(rows) != list(range(1, len(rows) + 1)):
            notes.fault(where, 0, f"{grade} 的序号不连续")
        elif found and isinstance(stated, int) and stated != len(rows):
            notes.fault(where, 0, f"{grade} 有 {len(rows)} 种，product.json 写 {stated} 种")
    return found


__all__ = ["CASH", "CASH_COLUMNS", "Sheet", "SheetReader", "number", "read_illnesses", "read_rates", "whole_number"]
