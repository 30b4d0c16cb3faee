"""How the files look: required columns and how a row is read. A row that cannot be read says why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lifeops.reference.models import (
    Bank,
    Diagnosis,
    DisabilityGrade,
    DisabilityItem,
    Division,
    Entry,
    Illness,
    Occupation,
)

Row = dict[str, str]


class Faulty(Exception):
    """A row cannot be taken; the message names the column and what it holds."""


@dataclass(frozen=True)
class ListSpec:
    """A list as it comes in a file."""

    code: str
    label: str
    model: type[Entry]
    file: str
    columns: tuple[str, ...]
    read: Callable[[Row], dict[str, Any]]
    #: What is done to all rows together.
    finish: Callable[[list[dict[str, Any]]], None] | None = None
    #: Fields given to rows that are there and current already; the others belong to another file.
    beside: tuple[str, ...] = ()


def shaped(row: Row, column: str, pattern: str, words: str) -> str:
    value = row[column]
    if not re.fullmatch(pattern, value):
        raise Faulty(f"“{column}”应为{words}，现为“{value[:40]}”")
    return value


def named(row: Row, column: str, longest: int = 200) -> str:
    value = row[column]
    if not value:
        raise Faulty(f"“{column}”为空")
    if len(value) > longest:
        raise Faulty(f"“{column}”超过 {longest} 个字")
    return value


def share(row: Row, column: str) -> Decimal:
    try:
        value = Decimal(row[column])
    except InvalidOperation:
        value = Decimal(0)
    if not (value.is_finite() and 0 < value <= 1 and value == round(value, 2)):
        raise Faulty(f"“{column}”应为大于 0、不大于 1 的比例，现为“{row[column][:40]}”")
    return value


def diagnosis(row: Row) -> dict[str, Any]:
    code = shaped(row, "code", r"[A-Z]\d{1,5}[0-9A-Z.+*/x†\-]{0,14}", "疾病编码")
    kind = shaped(row, "kind", r"category3|subcategory4|extension|morphology", "category3、subcategory4、extension 或 morphology")
    if row.get("chapter_letter") and row["chapter_letter"] != code[0]:
        raise Faulty(f"“chapter_letter”与编码首字母不符，现为“{row['chapter_letter'][:4]}”")
    return {"code": code, "name": named(row, "name"), "kind": kind}


def occupation(row: Row) -> dict[str, Any]:
    code = shaped(row, "code", r"[0-9A-Z]{4,10}", "4 至 10 位代码")
    risk = shaped(row, "accident_class", r"[0-6]|拒保", "1 至 6 或 拒保")
    declined = row.get("declined", "")
    if declined and (declined == "1") != (risk in ("0", "拒保")):
        raise Faulty(f"“declined”与“accident_class”不一致（{declined[:4]}、{risk}）")
    for part in ("group_code", "industry_code"):
        if row.get(part) and not code.startswith(row[part]):
            raise Faulty(f"代码 {code} 不以“{part}”（{row[part][:10]}）开头")
    return {
        "code": code, "name": named(row, "name", 100), "group": row.get("group_name", "")[:60],
        "industry": row.get("industry_name", "")[:60], "accident_class": 0 if risk == "拒保" else int(risk),
    }  # fmt: skip


def division(row: Row) -> dict[str, Any]:
    code = shaped(row, "code", r"[1-9]\d{5}", "6 位数字")
    level = int(shaped(row, "level", r"[123]", "1、2 或 3"))
    if level != level_of(code):
        raise Faulty(f"代码 {code} 与级别 {level} 不符")
    return {
        "code": code, "name": named(row, "name", 60), "level": level, "province": row.get("province", "")[:40],
        "city": row.get("city", "")[:40], "current": True, "last_revision": "",
    }  # fmt: skip


def level_of(code: str) -> int:
    return 1 if code.endswith("0000") else 2 if code.endswith("00") else 3


def former_division(row: Row) -> dict[str, Any]:
    code = shaped(row, "code", r"[1-9]\d{5}", "6 位数字")
    first = shaped(row, "first_revision", r"\d{6}|latest", "年月或 latest")
    last = shaped(row, "last_revision", r"\d{6}|latest", "年月或 latest")
    names = named(row, "names").split("|")
    return {
        "code": code, "name": names[-1][:60], "level": level_of(code), "former_names": "、".join(names[:-1])[:120],
        "first_revision": "" if first == "latest" else first, "last_revision": "" if last == "latest" else last, "current": row.get("in_divisions_csv") == "1",
    }  # fmt: skip


def with_parents(found: list[dict[str, Any]]) -> None:
    """The file of former codes names no parents: the province and the city are the rows above, where it has them."""
    names = {row["code"]: row["name"] for row in found}
    for row in found:
        code = row["code"]
        row["province"] = names.get(f"{code[:2]}0000", "")[:40]
        row["city"] = names.get(f"{code[:4]}00", "")[:40] if row["level"] == 3 else ""


def bank(row: Row) -> dict[str, Any]:
    code = shaped(row, "cnaps_code", r"\d{12}", "12 位数字")
    return {"code": code, "name": named(row, "name", 100), "class_code": code[:3], "city_code": code[3:7]}


def disability(row: Row) -> dict[str, Any]:
    number, grade = shaped(row, "seq", r"\d{1,4}", "序号"), int(shaped(row, "grade", r"[1-9]|10", "1 至 10"))
    ratio = share(row, "payout_ratio")
    if ratio != Decimal(11 - grade) / 10:
        raise Faulty(f"{grade} 级的给付比例应为 {Decimal(11 - grade) / 10}，现为 {ratio}")
    return {
        "code": f"D{int(number):03d}", "name": named(row, "item"), "category": row.get("category", "")[:60],
        "section": row.get("section", "")[:80], "section_no": row.get("section_no", "")[:8], "grade": grade, "ratio": ratio,
    }  # fmt: skip


def grade(row: Row) -> dict[str, Any]:
    value = shaped(row, "grade", r"[1-9]|10", "1 至 10")
    return {"code": value, "name": f"{value} 级", "ratio": share(row, "payout_ratio")}


def illness(row: Row) -> dict[str, Any]:
    code = shaped(row, "code", r"[SM]\d{2}", "S 或 M 加两位数字")
    severity = shaped(row, "severity", r"重度|轻度", "重度或轻度")
    return {"code": code, "name": named(row, "name", 100), "severity": severity}


#: In the order in which they are loaded; divisions of today last, so that their names stand.
SPECS: dict[str, ListSpec] = {
    spec.code: spec
    for spec in (
        ListSpec("icd10", "疾病诊断", Diagnosis, "icd10_zh.csv", ("code", "name", "kind"), diagnosis),
        ListSpec("occupations", "职业", Occupation, "occupations.csv", ("code", "name", "accident_class"), occupation),
        ListSpec(
            "divisions_historical", "历史行政区划", Division, "divisions_historical.csv",
            ("code", "names", "first_revision", "last_revision"), former_division, with_parents,
            ("first_revision", "former_names"),
        ),
        ListSpec("divisions", "行政区划", Division, "divisions.csv", ("code", "level", "name"), division),
        ListSpec("banks", "银行", Bank, "banks.csv", ("cnaps_code", "name"), bank),
        ListSpec("disability", "伤残项目", DisabilityItem, "disability_grades.csv", ("seq", "item", "grade", "payout_ratio"), disability),
        ListSpec("payout", "伤残等级", DisabilityGrade, "disability_payout_ratio.csv", ("grade", "payout_ratio"), grade),
        ListSpec("illnesses", "重大疾病", Illness, "critical_illness_2020.csv", ("severity", "code", "name"), illness),
    )
}  # fmt: skip
