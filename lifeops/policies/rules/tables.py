"""费率表: finding a cell in a table that goes by sex, age or age band, terms and what else the product names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, plain, yuan

DIMS = {"plan": "计划", "social_insurance": "社保", "purchase": "投保方式", "annuity_start_age": "领取年龄", "occupation_class": "职业类别"}
Place = tuple[str, str, str, str]


def key_of(dims: Sequence[str], given: Mapping[str, Any]) -> str:
    """"plan=1;social_insurance=Y": how a cell is named by what the table goes by besides sex, age and terms."""
    return ";".join([f"{name}={given.get(name) or ''}" for name in dims])


@dataclass(slots=True)
class Table:
    """A whole table in memory, for many quotes at once: place → cell by age."""

    measure: str = "premium"
    base: Decimal = Decimal(1000)
    dims: tuple[str, ...] = ()
    by_sex: bool = True
    cells: dict[Place, dict[int, Any]] = field(default_factory=dict)

    def add(self, sex: str, cover: str, pay: str, key: str, low: int, high: int, values: Any) -> None:
        at = self.cells.setdefault((sex, cover, pay, key), {})
        for age in range(low, high + 1):
            at[age] = values

    def find(self, sex: str, age: int, cover: str, pay: str, key: str = "") -> Any:
        """The cell as it was added, or None where the combination is not offered."""
        at = self.cells.get((sex if self.by_sex else "", cover, pay, key))
        return None if at is None else at.get(age)

    def spans(self) -> Iterator[Span]:
        for (_, cover, pay, key), at in self.cells.items():
            yield Span(cover, pay, key, min(at), max(at))


@dataclass(frozen=True)
class Span:
    """Ages of one combination that the table holds."""

    cover_term: str
    pay_term: str
    key: str
    low: int
    high: int


def why_missing(
    spans: Iterable[Span], *, age: int, cover_term: str, pay_term: str, key: str, label: Any
) -> str:
    """Why a cell is not there, in words a customer understands. `label` tells a term code in Chinese."""
    rows = list(spans)
    if not rows:
        return "费率表为空"
    if not any(r.cover_term == cover_term for r in rows):
        return f"不提供保险期间 {label(cover_term)}"
    if not any(r.pay_term == pay_term for r in rows):
        return f"不提供交费期间 {label(pay_term)}"
    both = [r for r in rows if r.cover_term == cover_term and r.pay_term == pay_term]
    if not both:
        return f"保险期间 {label(cover_term)}不能选择交费期间 {label(pay_term)}"
    mine = [r for r in both if r.key == key]
    if not mine:
        return _dims_missing(both, key)
    low, high = min(r.low for r in mine), max(r.high for r in mine)
    if age > high:
        return f"该交费期间最高投保年龄 {high} 岁"
    if age < low:
        return f"该交费期间最低投保年龄 {low} 岁"
    return f"{age} 岁没有费率"


def _dims_missing(rows: list[Span], key: str) -> str:
    asked = dict(part.split("=", 1) for part in key.split(";") if part)
    offered: dict[str, list[str]] = {}
    for row in rows:
        for part in row.key.split(";"):
            if part:
                name, value = part.split("=", 1)
                offered.setdefault(name, [])
                if value not in offered[name]:
                    offered[name].append(value)
    for name, values in offered.items():
        if asked.get(name, "") not in values:
            what = DIMS.get(name, name)
            verb = "没有" if asked.get(name) else "请选择"
            shown = f" {asked[name]}" if asked.get(name) else ""
            return f"{verb}{what}{shown}（可选 {'、'.join(sorted(values))}）"
    return "没有这样的组合"


@dataclass(frozen=True)
class FactorTable:
    """Base × factors: a base rate per benefit (flat or in marginal amount bands) times factors by band or choice."""

    rows: Sequence[Mapping[str, Any]]

    def benefits(self) -> list[str]:
        return list(dict.fromkeys(r["benefit"] for r in self.rows if r["kind"] == "base"))

    def keys(self, benefit: str) -> list[str]:
        """Choices that a benefit needs: those its base rate goes by, then its factors."""
        base = [r["key"] for r in self.rows if r["kind"] == "base" and r["benefit"] == benefit and r["key"] and not r["marginal"]]
        factors = [r["key"] for r in self.rows if r["kind"] == "factor" and r["benefit"] in (benefit, "ALL")]
        return list(dict.fromkeys([*base, *factors]))

    def base(self, benefit: str, amount: Decimal, choices: Mapping[str, Any] | None = None) -> tuple[Decimal, str]:
        """Yearly premium before factors, unrounded, and how it came. 0 where the benefit has no base rate, or none for the
        choice its base rate goes by."""
        total, told = Decimal(0), []
        for row in self.rows:
            if row["kind"] != "base" or row["benefit"] != benefit:
                continue
            if row["key"] and not row["marginal"] and not _fits(row, (choices or {}).get(row["key"])):
                continue
            value = Decimal(row["value"])
            if not row["per"]:
                total += value
                told.append(plain(value))
                continue
            per = Decimal(row["per"])
            if not row["marginal"]:
                total += amount / per * value
                told.append(f"{yuan(amount)} ÷ {plain(per)} × {plain(value)}")
                continue
            low, high = Decimal(row["from"] or 0), Decimal(row["to"]) if row["to"] else None
            part = max(ZERO, min(amount, high if high is not None else amount) - low)
            if part:
                total += part / per * value
                told.append(f"{plain(part)} ÷ {plain(per)} × {plain(value)}")
        return total, " + ".join(told)

    def factor(self, benefit: str, key: str, given: Any) -> Decimal | None:
        """The factor of a choice; None where it is not offered."""
        rows = [r for r in self.rows_of(benefit, key) if r["kind"] == "factor"]
        found = next((Decimal(r["value"]) for r in rows if _fits(r, given)), None)
        free = next((r["free"] for r in rows if r.get("free")), None)
        asked = _decimal(given)
        if found is None and free and asked is not None and Decimal(free[0]) <= asked <= Decimal(free[1]):
            return asked
        return found

    def rows_of(self, benefit: str, key: str) -> list[Mapping[str, Any]]:
        """The rows that go by a choice, of a benefit or of all ("" asks for every benefit)."""
        return [
            r for r in self.rows
            if r["key"] == key and not r["marginal"] and (not benefit or r["benefit"] in (benefit, "ALL"))
        ]  # fmt: skip

    def offered(self, benefit: str, key: str) -> str:
        rows = self.rows_of(benefit, key)
        if rows and rows[0]["to"]:
            return f"{rows[0]['from']} 至 {rows[-1]['to']}"
        return "、".join(dict.fromkeys(r["from"] for r in rows))


def _decimal(given: Any) -> Decimal | None:
    try:
        found = Decimal(str(given))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _fits(row: Mapping[str, Any], given: Any) -> bool:
    """The choice is the row's: within its band, or its number or word."""
    if given in (None, ""):
        return False
    asked, start = _decimal(given), _decimal(row["from"])
    if row["to"]:
        return asked is not None and start is not None and start <= asked <= Decimal(row["to"])
    return row["from"] == str(given) if start is None else start == asked


FACTOR_NAMES = {
    "term_days": "保险期间天数", "social_insurance": "社保", "deductible": "免赔额", "payout_ratio": "给付比例", "occupation_class": "职业类别",
    "age": "投保年龄", "sex": "性别", "plan": "计划", "destination": "目的地", "purchase": "投保方式", "group_size": "团体人数", "region": "地区",
    "activity": "活动类别", "vehicle": "车辆类别", "hospital": "医院范围", "waiting_days": "等待期天数", "allowance_days": "津贴天数",
}  # fmt: skip


class NoFactor(ValueError):
    """A choice the factor table does not offer. The message is Chinese."""


def factor_premium(
    table: FactorTable, items: Mapping[str, Decimal], choices: Mapping[str, Any], names: Mapping[str, str]
) -> Calculation:
    """Premium over the benefits chosen, one line each, each rounded (C-09). `items`: benefit → sum in 元."""
    lines = []
    for benefit, amount in items.items():
        if benefit not in table.benefits():
            raise NoFactor(f"没有责任 {names.get(benefit, benefit)}")
        value, told = table.base(benefit, amount, choices)
        for key in table.keys(benefit):
            given = choices.get(key)
            what = FACTOR_NAMES.get(key, key)
            if given in (None, ""):
                raise NoFactor(f"请填写{what}（可选 {table.offered(benefit, key)}）")
            if not any(r["kind"] == "factor" for r in table.rows_of(benefit, key)):
                if not told:
                    raise NoFactor(f"没有{what} {given}（可选 {table.offered(benefit, key)}）")
                continue
            factor = table.factor(benefit, key, given)
            if factor is None:
                raise NoFactor(f"没有{what} {given}（可选 {table.offered(benefit, key)}）")
            value *= factor
            told = f"({told}) × {plain(factor)}" if " + " in told else f"{told} × {plain(factor)}"
        lines.append(Line(label=names.get(benefit, benefit), formula=told, value=money(value)))
    return Calculation.of(lines)
