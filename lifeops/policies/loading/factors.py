"""rates.csv of the shape base × factors: a base rate per benefit, marginal amount bands, factors by day, choice or amount."""

from __future__ import annotations

import csv
import io
import itertools
import re
from typing import Any

from lifeops.policies.loading.faults import Notes
from lifeops.policies.loading.files import RATES, Files, rows_of, text_of
from lifeops.policies.loading.sheets import number

COLUMNS = (("product_code", "benefit", "kind", "key", "key_from", "key_to", "value", "note"), ())
PER = re.compile(
    r"CNY (?:per ([0-9]+(?:\.[0-9]+)?) (?:CNY )?(?:of )?((?:basic )?sum insured|daily allowance) )?per (?:insured )?person(?:-(?:year|trip|day|month))?"
    r"(?:, (marginal band))?"
)
FREE = re.compile(r"([0-9]{1,3})%<=X<=([0-9]{1,3})% has factor X")
#: A choice that is no number: Y, N, or a word in capitals.
WORD = re.compile(r"[A-Z][A-Z0-9_]{0,29}")
#: Keys whose bands touch (0–2000, 2000–5000); others count by one (1–30, 31–60).
TOUCHING = re.compile(r"amount|sum|deductible|ratio|limit|cost")
MOST = 2000


def is_factor_table(files: Files) -> bool:
    """The heading says which shape a rates.csv has."""
    text = text_of(files, RATES, Notes()) or ""
    heading = next(csv.reader(io.StringIO(text)), [])
    return "benefit" in [name.strip() for name in heading]


def read_factors(files: Files, terms: dict[str, Any], notes: Notes) -> list[dict[str, Any]]:
    """Rows {benefit, kind, key, from, to, value, per, of, marginal, free, row}; joined and complete."""
    where = files.where(RATES)
    found: list[dict[str, Any]] = []
    codes = {b["code"] for b in terms["benefits"]}
    for row, cells in rows_of(files, RATES, COLUMNS, notes):
        before = len(notes.faults)

        def wrong(reason: str, row: int = row) -> None:
            notes.fault(where, row, reason)

        if cells["product_code"] != terms["code"]:
            wrong(f"产品代码“{cells['product_code']}”与 product.json 的 {terms['code']} 不同")
        if cells["kind"] not in ("base", "factor"):
            wrong(f"kind“{cells['kind']}”应为 base 或 factor")
        if cells["benefit"] not in codes and not (cells["benefit"] == "ALL" and cells["kind"] == "factor"):
            wrong(f"product.json 没有责任 {cells['benefit']}")
        value = number(cells["value"], "数值", wrong)
        if value == 0:
            wrong("费率或系数为零")
        per = PER.match(cells["note"]) if cells["kind"] == "base" else None
        if cells["kind"] == "base" and per is None:
            wrong(f"单位不明：“{cells['note']}”")
        if (cells["kind"] == "factor" or cells["key"]) and not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", cells["key"]):
            wrong(f"系数名“{cells['key']}”不可用")
        word = bool(WORD.fullmatch(cells["key_from"])) and not cells["key_to"]
        bounds = [None if not cells[c] or word else number(cells[c], c, wrong) for c in ("key_from", "key_to")]
        if cells["kind"] == "factor" and not cells["key_from"]:
            wrong(f"{cells['key']} 没有取值 key_from")
        if len(notes.faults) > before:
            continue
        if len(found) >= MOST:
            wrong(f"超过 {MOST} 行")
            break
        low, high = bounds
        if low is not None and high is not None and high < low:
            wrong(f"{cells['key_from']}–{cells['key_to']} 次序颠倒")
            continue
        found.append({
            "benefit": cells["benefit"], "kind": cells["kind"], "key": cells["key"], "from": cells["key_from"], "to": cells["key_to"],
            "value": f"{value:f}", "per": (per.group(1) or "") if per else "", "of": (per.group(2) or "") if per else "",
            "marginal": bool(per and per.group(3)), "free": _free(cells["note"]), "row": row,
        })  # fmt: skip
    if not found and not notes.faults:
        notes.fault(where, 0, "没有数据行")
    if not notes.faults:
        _joined(found, where, notes)
    return found


def _free(note: str) -> list[str] | None:
    """The range of an agreed ratio that is its own factor."""
    match = FREE.search(note)
    return [f"{int(part) / 100:.2f}" for part in match.groups()] if match else None


def _joined(rows: list[dict[str, Any]], where: str, notes: Notes) -> None:
    """Bands of one benefit and key: no overlap, no gap; every benefit priced has one base."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["benefit"], row["kind"], row["key"]), []).append(row)
    for (benefit, kind, key), members in groups.items():
        name = f"{benefit} {key}".strip()
        points = [r["from"] for r in members if not r["to"]]
        if len(points) != len(set(points)):
            twice = next(r for r in members if points.count(r["from"]) > 1)
            notes.fault(where, twice["row"], f"{name} 的 {twice['from'] or '基础费率'} 重复")
        bands = sorted((r for r in members if r["from"] and r["to"]), key=lambda r: float(r["from"]))
        step = 0 if any(r["marginal"] for r in members) or TOUCHING.search(key) else 1
        for before, after in itertools.pairwise(bands):
            expected = float(before["to"]) + step
            if float(after["from"]) < expected:
                notes.fault(where, after["row"], f"{name} {after['from']}–{after['to']} 与第 {before['row']} 行重叠")
            elif float(after["from"]) > expected:
                notes.fault(where, after["row"], f"{name} 缺 {before['to']} 与 {after['from']} 之间的一段")
        top = [r for r in members if r["marginal"] and not r["to"]]
        if top and (not bands or top[0]["from"] != bands[-1]["to"]):
            notes.fault(where, top[0]["row"], f"{name} 的最高一段应自 {bands[-1]['to'] if bands else 0} 起")
        if kind == "base" and bands and bands[0]["marginal"] and float(bands[0]["from"]) != 0:
            notes.fault(where, bands[0]["row"], f"{name} 应自 0 起")
