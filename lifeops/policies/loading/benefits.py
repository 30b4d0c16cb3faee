"""Benefits of a product.json: formulas parsed, words known, no cycles. Prose stays as wording for the examiner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifeops.policies.rules.events import Event, event_of, schedule_of
from lifeops.policies.rules.formula import FormulaError, Node, cycle_in, parse, unknown_words
from lifeops.policies.rules.wording import age_bound, read_age, read_amount, read_bands, read_condition

if TYPE_CHECKING:
    from lifeops.policies.loading.terms import Reader

MOST_BENEFITS = 60


def read_benefits(given: dict[str, Any], read: Reader) -> tuple[list[dict[str, Any]], list[list[Any]] | None]:
    """Benefits in one settled form, and the 年龄给付比例 table [[before age, share], …] where there is one.

    A benefit: code, name, article, when, wording, plans, optional, and one of `cases` [[condition, formula], …] (the first
    that holds counts) or `bands` (marginal). Neither: the wording alone.
    """
    rows = list(read.words(given.get("benefits"), "benefits"))
    optional: list[dict[str, Any]] = []
    for group in given.get("optional_benefits") or []:
        if isinstance(group, dict):
            base = {"optional": True, "group": group.get("name", ""), "when": group.get("when", ""), "article": group.get("article", "")}
            optional += [base | row for row in group.get("benefits") or [] if isinstance(row, dict)]
    rows += optional
    if len(rows) > MOST_BENEFITS:
        read.wrong("benefits", f"最多 {MOST_BENEFITS} 项")
        return [], None
    found: list[dict[str, Any]] = []
    trees: dict[str, Node] = {}
    ages = None
    codes = [r.get("code") for r in rows if isinstance(r, dict)]
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("code"), str):
            read.wrong("benefits", "每项责任应有代码 code")
            continue
        key = f"benefits.{row['code']}"
        if codes.count(row["code"]) > 1:
            read.wrong(key, "代码重复")
        if not row.get("article"):
            read.notes.hint(read.where, 0, f"{key}：未注明条款")
        one = _benefit(row, key, read, codes)
        if "age_pct_table" in row:
            ages = _age_table(row["age_pct_table"], key, read)
        if event_of(one) == Event.SURVIVAL and not schedule_of(one, annuity_start_age=60).known:
            read.notes.hint(read.where, 0, f"{key}：没有写明自何时给付，日终批处理不自动给付")
        trees |= {row["code"]: _joined(one)} if one["cases"] else {}
        found.append(one)
    chain = cycle_in(trees)
    if chain:
        read.wrong("benefits", f"公式循环引用：{' → '.join(chain)}")
    return found, ages


def _benefit(row: dict[str, Any], key: str, read: Reader, codes: list[Any]) -> dict[str, Any]:
    one: dict[str, Any] = {
        "code": row["code"], "name": row.get("name") or row["code"], "article": row.get("article", ""), "when": row.get("when", ""),
        "wording": str(row.get("amount", "")), "optional": bool(row.get("optional")), "group": row.get("group", ""),
        "plans": [str(p) for p in row.get("plans") or []], "ends_contract": bool(row.get("ends_contract")), "cases": [],
        "bands": [], "cap": "", "replaces": row.get("replaces") or [],
    }  # fmt: skip
    _stated_event(row, one, key, read)
    for name in ("limit", "interval", "rules", "effect", "ends", "account", "after_expiry", "cost_items"):
        if row.get(name):
            one[name] = row[name]
    if row.get("deductible_per_year") is not None:
        one["deductible_per_year"] = str(read.number(row["deductible_per_year"], f"{key}.deductible_per_year", "0", "1000000"))
    if row.get("bands"):
        one["bands"] = _bands(row["bands"], key, read)
    elif row.get("amount"):
        one["bands"] = read_bands(str(row["amount"]))
    if not one["bands"]:
        one["cases"] = _cases(row, key, read, codes)
    if row.get("cap") is not None:
        one["cap"] = _formula(str(row["cap"]), f"{key}.cap", read, codes)[0]
    if not one["bands"] and not one["cases"]:
        if not one["wording"]:
            read.wrong(key, "没有给付金额 amount、formula、cases 或 bands")
        else:
            read.notes.hint(read.where, 0, f"{key}：按文字说明人工核定，不自动计算")
    return one


def _stated_event(row: dict[str, Any], one: dict[str, Any], key: str, read: Reader) -> None:
    """On what it pays and when, where the file says it apart from the wording."""
    if row.get("event") is not None:
        if row["event"] in [e.value for e in Event]:
            one["event"] = row["event"]
        else:
            read.wrong(f"{key}.event", f"没有“{row['event']}”这种给付事由")
    for name, low, high in (("from_age", 0, 105), ("from_year", 1, 105), ("every_years", 1, 30), ("to_year", 1, 105)):
        if row.get(name) is not None:
            one[name] = read.whole(row[name], f"{key}.{name}", low, high)
    if row.get("at_end"):
        one["at_end"] = True


def _cases(row: dict[str, Any], key: str, read: Reader, codes: list[Any]) -> list[list[str]]:
    """[[condition, formula], …]; [] where one of them is prose only."""
    rows = row.get("cases")
    if rows is None:
        formula, _ = _amount(row, key, read, codes)
        return [[read_age(str(row.get("when", ""))), formula]] if formula else []
    whole = _amount(row, key, read, codes)[0] if row.get("amount") or row.get("formula") else ""
    found = []
    for number, case in enumerate(rows, start=1):
        place = f"{key}.cases[{number}]"
        if not isinstance(case, dict):
            read.wrong(place, "应为对象")
            return []
        formula, defines = _amount(case, place, read, codes)
        condition = _condition(case, place, read, codes)
        if not formula or not condition:
            return []
        if defines:
            # "base = …" in the case, "base + …" for all of them
            formula = _substituted(whole, defines, formula) if whole else formula
        found.append([condition, formula])
    return found


def _substituted(whole: str, word: str, formula: str) -> str:
    import re

    return re.sub(rf"\b{word}\b", lambda _: f"({formula})", whole)


def _amount(given: dict[str, Any], key: str, read: Reader, codes: list[Any]) -> tuple[str, str]:
    """(formula, word it defines). `formula` is taken as it stands, `amount` is read as wording."""
    if given.get("formula"):
        return _formula(str(given["formula"]), f"{key}.formula", read, codes, strict=True)
    if not given.get("amount"):
        return "", ""
    return _formula(str(given["amount"]), f"{key}.amount", read, codes)


def _formula(text: str, key: str, read: Reader, codes: list[Any], strict: bool = False) -> tuple[str, str]:
    try:
        reading = None if strict else read_amount(text)
        formula, defines = (text, "") if reading is None else (reading.formula, reading.defines)
        if not formula:
            return "", ""
        unknown = unknown_words(parse(formula), also=[*codes, "base"])
    except FormulaError as error:
        read.wrong(key, str(error))
        return "", ""
    if unknown:
        read.wrong(key, f"公式里有不认识的词 {'、'.join(unknown)}")
        return "", ""
    return formula, defines


def _condition(case: dict[str, Any], key: str, read: Reader, codes: list[Any]) -> str:
    if case.get("condition"):
        return _formula(str(case["condition"]), f"{key}.condition", read, codes, strict=True)[0]
    return read_condition(str(case.get("when", "")))


def _bands(rows: Any, key: str, read: Reader) -> list[list[str | None]]:
    """Marginal bands [from, to, share]: they start at 0, join, and only the last is open."""
    found: list[list[str | None]] = []
    expected: Any = 0
    for number, row in enumerate(read.words(rows, f"{key}.bands"), start=1):
        place = f"{key}.bands[{number}]"
        if not isinstance(row, dict):
            read.wrong(place, "应为对象")
            return []
        start, share = read.number(row.get("from"), place, "0", "100000000"), read.number(row.get("pct"), place, "0", "100")
        end = read.number(row.get("to"), place, "0", "100000000")
        if start is None or share is None or expected is None or start != expected or (end is not None and end <= start):
            read.wrong(place, "各段应自 0 起首尾相接，不重叠、不间断")
            return []
        expected = end
        found.append([f"{start:f}", None if end is None else f"{end:f}", f"{(share / 100).normalize():f}"])
    return found


def _age_table(rows: Any, key: str, read: Reader) -> list[list[Any]] | None:
    found: list[list[Any]] = []
    for number, row in enumerate(read.words(rows, f"{key}.age_pct_table"), start=1):
        place = f"{key}.age_pct_table[{number}]"
        if not isinstance(row, dict):
            read.wrong(place, "应为对象")
            return None
        share = read.number(row.get("pct"), place, "0", "1000")
        bound = row["before"] if isinstance(row.get("before"), int) else age_bound(row.get("before"))
        if bound is None and isinstance(row.get("age_to"), int):
            bound = row["age_to"] + 1
        if row.get("before") is not None and bound is None:
            read.wrong(place, "不能识别的年龄界限")
        if share is not None:
            found.append([bound, f"{(share / 100).normalize():f}"])
    bounds = [b for b, _ in found[:-1]]
    if None in bounds or bounds != sorted(set(bounds)):
        read.wrong(f"{key}.age_pct_table", "年龄界限应递增，只有最后一段不设界限")
    return found


def _joined(one: dict[str, Any]) -> Node:
    """All formulas of a benefit as one tree, to look for cycles."""
    parts = tuple(parse(text) for pair in one["cases"] for text in pair)
    return Node("all", parts)
