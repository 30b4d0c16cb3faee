"""product.json → the product's terms in one settled form, every mistake named by its key."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lifeops.policies.loading.benefits import read_benefits
from lifeops.policies.loading.faults import Notes
from lifeops.policies.loading.files import PRODUCT, Files, json_of
from lifeops.policies.loading.provisions import read_provisions, read_weights
from lifeops.policies.models.product import ProductKind

KINDS = (
    ("豁免", ProductKind.WAIVER), ("终身寿险", ProductKind.WHOLE_LIFE), ("定期寿险", ProductKind.TERM_LIFE), ("两全", ProductKind.ENDOWMENT),
    ("年金", ProductKind.ANNUITY), ("重大疾病", ProductKind.CRITICAL),
    ("疾病保险", ProductKind.CRITICAL), ("医疗", ProductKind.MEDICAL), ("意外", ProductKind.ACCIDENT),
)  # fmt: skip
#: Other spellings of pay modes.
MODE_WORDS = {
    "yearly": "annual", "half-yearly": "semiannual", "half_yearly": "semiannual", "semi-annual": "semiannual", "semi_annual": "semiannual",
    "semiannually": "semiannual", "quarter": "quarterly", "month": "monthly", "annually": "annual",
}  # fmt: skip
MODES = {"single": "1", "annual": "1", "semiannual": None, "quarterly": None, "monthly": None}
TERM = re.compile(r"SINGLE|WHOLE_LIFE|TO_ANNUITY_START|TO_(?:[1-9]\d|10\d)|[1-9]\d?Y")
RISK: dict[str, dict[str, str]] = {
    ProductKind.TERM_LIFE: {"life": "1", "death": "1"}, ProductKind.WHOLE_LIFE: {"life": "1", "death": "1"},
    ProductKind.ENDOWMENT: {"life": "1", "death": "1"}, ProductKind.CRITICAL: {"ci": "1", "death": "1"},
    ProductKind.ACCIDENT: {"accident": "1", "death": "1"},
}  # fmt: skip
#: premium * (1 - 35%) * (1 - m/n), its factors in either order, or the share that is paid back as a percentage.
SHORT_VALUE = re.compile(
    r"(?:net)?premium(?:\*\(1-(?P<keep>[0-9]{1,2})%\)|\*(?P<pay>[0-9]{1,3})%)?\*\(1-m÷n\)(?:\*\(1-(?P<keep2>[0-9]{1,2})%\))?"
)
CLAIM_CLOCKS = ("notify_within_days", "decide_days", "decide_days_complex", "pay_after_agreement_days", "refusal_notice_days",
                "advance_payment_after_days")  # fmt: skip
NO_SUM = Decimal("999999999999.00")


class Reader:
    """Reads values of one JSON object and notes what does not fit."""

    def __init__(self, files: Files, notes: Notes) -> None:
        self.where, self.notes = files.where(PRODUCT), notes

    def wrong(self, key: str, reason: str) -> None:
        self.notes.fault(self.where, 0, f"{key}：{reason}")

    def text(self, given: dict[str, Any], key: str, *, most: int, required: bool = True) -> str:
        value = given.get(key)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, "应为文字" if value is not None else "缺少")
            return ""
        if len(value) > most:
            self.wrong(key, f"最多 {most} 个字")
        return value.strip()

    def part(self, given: dict[str, Any], key: str) -> dict[str, Any] | None:
        """A provision: an object, or null."""
        value = given.get(key)
        if value is not None and not isinstance(value, dict):
            self.wrong(key, "应为对象或 null")
            return None
        if value is not None and not value.get("article"):
            self.notes.hint(self.where, 0, f"{key}：未注明条款")
        return value

    def whole(self, value: Any, key: str, low: int, high: int) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(key, f"应为 {low} 至 {high} 的整数")
            return None
        return value

    def number(self, value: Any, key: str, low: str, high: str) -> Decimal | None:
        if value is None:
            return None
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = None
        if found is None or isinstance(value, bool) or not found.is_finite() or not Decimal(low) <= found <= Decimal(high):
            self.wrong(key, f"应为 {low} 至 {high} 的数值")
            return None
        return found

    def words(self, value: Any, key: str) -> list[Any]:
        if not isinstance(value, list) or not value:
            self.wrong(key, "应为非空列表")
            return []
        return value


def read_terms(files: Files, notes: Notes) -> dict[str, Any] | None:
    """The terms, or None where the file cannot be read at all."""
    given = json_of(files, PRODUCT, notes)
    if given is None:
        return None
    read = Reader(files, notes)
    kind = _kind(given, read)
    found: dict[str, Any] = {
        "code": _code(given, read), "name": read.text(given, "name", most=60), "kind": kind,
        "filing_number": read.text(given, "filing_number", most=60, required=False),
        "is_rider": given.get("main_or_rider") == "rider",
        "is_participating": given.get("design") == "participating",
        "sale_from": _day(given, "sale_from", read), "sale_to": _day(given, "sale_to", read),
    }  # fmt: skip
    if given.get("main_or_rider", "main") not in ("main", "rider"):
        read.wrong("main_or_rider", "应为 main 或 rider")
    if given.get("design", "non_participating") not in ("participating", "non_participating", "short_term"):
        read.wrong("design", "应为 participating、non_participating 或 short_term")
    found |= _ages(given, read) | _terms(given, read) | _periods(given, read, kind) | _sums(given, read)
    found["claims"] = _claims(given, read)
    found["only_sex"] = _only_sex(given)
    if given.get("holders") is not None:
        found["holders"] = _holders(given["holders"], read)
    found |= read_provisions(given, read)
    found["cash_value"] = _short_term_value(given, read)
    found["benefits"], found["age_pct"] = read_benefits(given, read)
    stated = read_weights(given, read)
    found["risk_weights"] = stated or RISK.get(kind) or {}
    if stated:
        found["risk_declared"] = True
    found["clause"] = read.text(given, "clause", most=2000, required=False)
    return found


def _code(given: dict[str, Any], read: Reader) -> str:
    code = read.text(given, "code", most=12)
    if code and not re.fullmatch(r"[A-Z][A-Z0-9]{1,11}", code):
        read.wrong("code", "应为大写字母与数字")
    return code


def _kind(given: dict[str, Any], read: Reader) -> str:
    if given.get("kind"):
        if given["kind"] in ProductKind.values:
            return str(given["kind"])
        read.wrong("kind", f"没有“{given['kind']}”这种类别")
        return ""
    text = read.text(given, "type", most=40)
    kind = next((kind.value for words, kind in KINDS if words in text), "")
    if text and not kind:
        read.wrong("type", f"没有“{text}”这种类别")
    return kind


def _holders(value: Any, read: Reader) -> list[str]:
    """Whom the terms take as 投保人; both where they say nothing."""
    told = read.words(value, "holders")
    if any(holder not in ("person", "organisation") for holder in told):
        read.wrong("holders", "应为 person、organisation")
        return []
    return list(dict.fromkeys(told))


def _only_sex(given: dict[str, Any]) -> str:
    """"F" or "M" for a product of one sex: by its name or by whom it says it insures."""
    told = f"{given.get('name')} {given.get('insured')}"
    if re.search(r"女性|女士|孕产|妇科|\b(?:women|females?)\b", told):
        return "F"
    return "M" if re.search(r"男性|男士|(?<!fe)\bmales?\b", told) else ""


def _day(given: dict[str, Any], key: str, read: Reader) -> str | None:
    value = given.get(key)
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        read.wrong(key, "应为 YYYY-MM-DD 的日期")
        return None


def _ages(given: dict[str, Any], read: Reader) -> dict[str, Any]:
    part = read.part(given, "entry_age")
    if part is None:
        return {"min_age_days": 0, "max_age": None, "entry_article": ""}
    low: Any = part.get("min")
    match = re.fullmatch(r"(?:birth \+ )?([0-9]{1,3}) days(?: (?:after|from|of) birth| old)?", low) if isinstance(low, str) else None
    days = int(match.group(1)) if match else None
    if days is None:
        years = read.whole(low, "entry_age.min", 0, 105)
        days = (years or 0) * 365
        if low is None:
            read.wrong("entry_age.min", "缺少")
    high = read.whole(part.get("max"), "entry_age.max", 0, 105)
    if part.get("max") is None:
        read.wrong("entry_age.max", "缺少")
    if high is not None and days > high * 365:
        read.wrong("entry_age", f"最低投保年龄高于最高投保年龄 {high} 周岁")
    renewal = read.whole(part.get("renewal_max"), "entry_age.renewal_max", high or 0, 105)
    return {"min_age_days": days, "max_age": high, "renewal_max": renewal, "entry_article": part.get("article", "")}


def _terms(given: dict[str, Any], read: Reader) -> dict[str, Any]:
    """Options given as prose are taken from the rate table later: then the list is empty."""
    cover, pay = read.part(given, "coverage_term") or {}, read.part(given, "pay_terms") or {}
    found: dict[str, Any] = {
        "cover_terms": _options(cover, "coverage_term.options", read), "pay_terms": _options(pay, "pay_terms.options", read),
        "cover_by_days": cover.get("by") == "days", "cover_article": cover.get("article", ""), "pay_article": pay.get("article", ""),
    }  # fmt: skip
    for key in ("coverage_term", "pay_terms"):
        if given.get(key) is None:
            read.wrong(key, "缺少")
    modes, factors = [], pay.get("modal_factors") or {}
    for mode in read.words(pay.get("modes"), "pay_terms.modes"):
        mode = MODE_WORDS.get(mode, mode) if isinstance(mode, str) else mode
        if mode in MODES:
            modes.append(mode)
        elif not isinstance(mode, str) or " " not in mode:
            read.wrong("pay_terms.modes", f"没有“{mode}”这种交费方式")
    known = {}
    if not isinstance(factors, dict):
        read.wrong("pay_terms.modal_factors", "应为对象")
        factors = {}
    for mode, value in factors.items():
        mode = MODE_WORDS.get(mode, mode)
        if mode not in MODES:
            read.wrong("pay_terms.modal_factors", f"没有“{mode}”这种交费方式")
        known[mode] = str(read.number(value, f"pay_terms.modal_factors.{mode}", "0.01", "1"))
    for mode in modes:
        factor = known.get(mode) or MODES[mode]
        if factor is None:
            read.wrong("pay_terms.modal_factors", f"{mode} 没有系数")
        else:
            known[mode] = factor
    pairs = pay.get("combinations")
    if pairs is not None and not all(isinstance(p, list) and len(p) == 2 for p in pairs):
        read.wrong("pay_terms.combinations", "应为 [保险期间, 交费期间] 的列表")
    starts = (read.part(given, "annuity_start_ages") or {}).get("options") or []
    found |= {
        "pay_modes": modes, "modal_factors": known, "combinations": pairs, "plans": _plans(given, read),
        "annuity_start_ages": [a for a in starts if read.whole(a, "annuity_start_ages", 20, 100)],
        "unit_premium": _text(read.number(pay.get("unit_premium"), "pay_terms.unit_premium", "0.01", "1000000")),
    }  # fmt: skip
    return found


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _options(part: dict[str, Any], key: str, read: Reader) -> list[str]:
    options = part.get("options")
    if options is None or isinstance(options, str):
        return []
    for option in read.words(options, key):
        if not isinstance(option, str) or not TERM.fullmatch(option):
            read.wrong(key, f"没有“{option}”这种期间")
    return [o for o in options if isinstance(o, str)]


def _plans(given: dict[str, Any], read: Reader) -> dict[str, str]:
    plans = given.get("plans") or {}
    if isinstance(plans, list) and all(isinstance(p, (str, int)) for p in plans):
        plans = {str(p): "" for p in plans}
    if not isinstance(plans, dict):
        read.wrong("plans", "应为 计划代码 → 说明")
        return {}
    return {str(k): str(v) for k, v in plans.items() if k not in ("source", "article")}


def _periods(given: dict[str, Any], read: Reader, kind: str) -> dict[str, Any]:
    """等待期、犹豫期、宽限期、复效、借款: days, years and ratios with their articles; null where the terms have none."""
    waiting, cooling = read.part(given, "waiting_period"), read.part(given, "cooling_off")
    grace, back = read.part(given, "grace"), read.part(given, "lapse_and_reinstatement")
    loan = read.part(given, "policy_loan")
    if waiting is not None and read.whole(waiting.get("days"), "waiting_period.days", 0, 365) is None:
        read.wrong("waiting_period.days", "缺少")
    health = kind in (ProductKind.CRITICAL, ProductKind.MEDICAL)
    if waiting and isinstance(waiting.get("days"), int) and waiting["days"] > 180 and health:
        read.wrong("waiting_period.days", "健康保险等待期不超过 180 天（健康险办法 27）")
    if cooling is not None and read.whole(cooling.get("days"), "cooling_off.days", 1, 60) is None:
        read.wrong("cooling_off.days", "缺少")
    if grace is not None and grace.get("as") is None and read.whole(grace.get("days"), "grace.days", 1, 180) is None:
        read.wrong("grace.days", "缺少")
    if back is not None and back.get("as") is None and read.whole(back.get("years"), "lapse_and_reinstatement.years", 1, 5) is None:
        read.wrong("lapse_and_reinstatement.years", "缺少")
    if loan is not None:
        ratio = read.number(loan.get("max_ratio_of_net_cash_value"), "policy_loan.max_ratio_of_net_cash_value", "0", "1")
        if ratio is not None and ratio > Decimal("0.8"):
            read.wrong("policy_loan.max_ratio_of_net_cash_value", "保单贷款不超过现金价值的 80%（精算规定 76）")
    return {
        "waiting_period": waiting, "cooling_off": cooling, "grace": _grace_of(grace, given, read), "reinstatement": back, "policy_loan": loan,
        "reduced_paid_up": read.part(given, "reduced_paid_up"), "partial_surrender": read.part(given, "partial_surrender"),
    }  # fmt: skip


def _grace_of(stated: dict[str, Any] | None, given: dict[str, Any], read: Reader) -> dict[str, Any] | None:
    """Where premiums are paid over years and the terms are silent the law gives 60 days (保险法 36)."""
    modes = (given.get("pay_terms") or {}).get("modes") if isinstance(given.get("pay_terms"), dict) else None
    if stated is not None or not isinstance(modes, list) or set(modes) <= {"single"}:
        return stated
    read.notes.hint(read.where, 0, "grace：没有宽限期条款，按保险法第三十六条 60 日")
    return {"days": 60, "article": "保险法 36"}


def _sums(given: dict[str, Any], read: Reader) -> dict[str, Any]:
    part = given.get("sum_insured")
    if isinstance(part, str):
        part = {"basic": part}
    if not isinstance(part, dict):
        read.wrong("sum_insured", "缺少" if part is None else "应为对象")
        return {"min_sum": "0.01", "max_sum": f"{NO_SUM:f}", "sum_step": "0.01", "growth_rate": None, "item_sums": {}}
    growth = read.number(part.get("growth_rate"), "sum_insured.growth_rate", "0", "0.1")
    low = read.number(part.get("min", "0.01"), "sum_insured.min", "0.01", "1000000000") or Decimal("0.01")
    high = read.number(part.get("max", str(NO_SUM)), "sum_insured.max", "0.01", str(NO_SUM)) or NO_SUM
    step = read.number(part.get("step", "0.01"), "sum_insured.step", "0.01", "1000000") or Decimal("0.01")
    if low > high:
        read.wrong("sum_insured", "最低保额高于最高保额")
    items = {k: v for k, v in part.items() if k.isupper() and isinstance(v, int)}
    return {
        "min_sum": f"{low:f}", "max_sum": f"{high:f}", "sum_step": f"{step:f}", "growth_rate": _text(growth), "item_sums": items,
        "max_occupation_class": read.whole(part.get("max_occupation_class"), "sum_insured.max_occupation_class", 1, 6) or 6,
        "sum_article": part.get("article", ""), "not_above": _not_above(part),
    }  # fmt: skip


def _not_above(part: dict[str, Any]) -> dict[str, str]:
    """Items whose sum may not be above another's: "ACC_DISABILITY (not above ACC_DEATH)"."""
    items = part.get("items")
    told = [re.match(r"([A-Z][A-Z0-9_]*) \((?:not above|at most) ([A-Z][A-Z0-9_]*)\)", i) for i in items if isinstance(i, str)] if isinstance(items, list) else []
    return {match.group(1): match.group(2) for match in told if match}


def _claims(given: dict[str, Any], read: Reader) -> dict[str, Any]:
    part = read.part(given, "claims")
    if part is None:
        read.wrong("claims", "缺少理赔时限")
        return {}
    for key in CLAIM_CLOCKS:
        if read.whole(part.get(key), f"claims.{key}", 1, 365) is None and part.get(key) is None:
            read.wrong(f"claims.{key}", "缺少")
    read.whole(part.get("limitation_years"), "claims.limitation_years", 1, 10)
    return part


def _short_term_value(given: dict[str, Any], read: Reader) -> dict[str, Any] | None:
    """Surrender value of a short-term product: premium × (1 − expense) × (1 − m/n)."""
    part = given.get("cash_value")
    if not isinstance(part, dict):
        return None
    text = re.sub(r"\s+", "", str(part.get("formula", ""))).replace("×", "*").replace("−", "-").replace("/", "÷").lower()
    if not text:
        return None
    match = SHORT_VALUE.match(text)
    if not match:
        read.wrong("cash_value.formula", "应为 premium * (1 - N%) * (1 - m/n)")
        return None
    kept, paid = match.group("keep") or match.group("keep2"), match.group("pay")
    expense = int(kept) if kept else 100 - int(paid) if paid else 0
    if expense > 35:
        read.wrong("cash_value.formula", "费用率不超过 35%（精算规定 7）")
    return {"expense": f"{Decimal(expense) / 100:.2f}", "article": part.get("article", ""), "not_after": str(part.get("not_after") or "")}
