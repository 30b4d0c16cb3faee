"""The catalogue of a fresh installation: seven products of our own. Rates come from the formulas below, not from any insurer's table.

T20 定期, W30 终身, W31 终身（分红）, M10 医疗 here; E20 两全, A60 年金（分红）, R10 附加豁免 in `own_products`. Mortality: 经验生命表（2010–2013）, CL1 men and
CL2 women for protection (`mortality`), nobody outlives 105; interest 2.0 %. Gross yearly premium = net level premium ÷ 0.80.
Cash value at the end of year t = reserve by the same basis × a share that grows from 0.60 in year 1 by 0.06 a year to 0.90
from year 6 on, never below zero; nothing is left at the end of a term cover, the whole reserve is at the end of whole
life. The medical plan costs a flat amount by age and sex. Waiting periods hold for illness only.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from lifeops.policies.loading.store import load, read_product
from lifeops.policies.models import Product, ProductVersion, Rate
from lifeops.policies.mortality import END, death_rate
from lifeops.policies.own_products import COMMON, OWN
from lifeops.policies.rules import participation
from lifeops.policies.rules.dates import term_years

V = 1 / 1.02
FOUR = Decimal("0.0001")
FROM = date(2020, 1, 1)
PAY_MODES = ["single", "annual", "semiannual", "quarterly", "monthly"]
FACTORS = {"single": "1", "annual": "1", "semiannual": "0.52", "quarterly": "0.262", "monthly": "0.09"}
DEATH = {
    "code": "DEATH", "name": "身故保险金", "article": "2.3", "when": "", "wording": "", "optional": False, "group": "", "plans": [], "bands": [],
    "cap": "", "cases": [["in_waiting and not accident", "premiums_paid"], ["1", "basic_sum_insured"]],
}  # fmt: skip
LIFE_TERMS = {
    "pay_modes": PAY_MODES, "modal_factors": FACTORS, "risk_weights": {"life": "1", "death": "1"},
}
PRODUCTS = (
    {
        "code": "T20", "name": "安岳守护定期寿险", "kind": "term_life", "max_age": 60, "min_age_days": 18 * 365,
        "min_sum": 50000, "max_sum": 5000000, "waiting_days": 90, "max_occupation_class": 4,
        "terms": LIFE_TERMS | {"cover_terms": ["10Y", "20Y", "30Y", "TO_70"], "pay_terms": ["SINGLE", "10Y", "20Y"]},
        "clause": "在保险期间内身故的，按基本保险金额给付身故保险金；等待期内因疾病身故的，给付已交保险费，合同终止。",
    },
    {
        "code": "W30", "name": "安岳传家终身寿险", "kind": "whole_life", "max_age": 65, "min_age_days": 28,
        "min_sum": 10000, "max_sum": 10000000, "waiting_days": 90, "max_occupation_class": 6,
        "terms": LIFE_TERMS | {"cover_terms": ["WHOLE_LIFE"], "pay_terms": ["SINGLE", "10Y", "20Y"]},
        "clause": "被保险人身故的，按基本保险金额给付身故保险金，合同终止；未成年人身故给付以监管限额为限。",
    },
    {
        # the single premiums beyond the entry ages are what 交清增额 costs
        "code": "W31", "name": "安岳传世终身寿险（分红型）", "kind": "whole_life", "max_age": 60, "min_age_days": 18 * 365,
        "min_sum": 10000, "max_sum": 10000000, "waiting_days": 90, "max_occupation_class": 6,
        "terms": LIFE_TERMS | {"cover_terms": ["WHOLE_LIFE"], "pay_terms": ["SINGLE", "10Y", "20Y"]},
        "clause": "被保险人身故的，按有效保险金额给付身故保险金，合同终止；红利不保证，可累积生息、现金领取、抵交保险费或交清增额。",
    },
    {
        "code": "M10", "name": "安岳安心住院医疗保险", "kind": "medical", "max_age": 65, "min_age_days": 28,
        "min_sum": 300000, "max_sum": 300000, "waiting_days": 30, "max_occupation_class": 4, "cooling_off_days": 15,
        "terms": {
            "cover_terms": ["1Y"], "pay_terms": ["SINGLE"], "pay_modes": ["single"], "modal_factors": {"single": "1"},
            "risk_weights": {}, "annual_deductible": "1000.00", "ratio_with_ss": "0.9", "ratio_without_ss": "0.6",
            "annual_limit": "300000.00",
        },
        "clause": "等待期后住院的合理医疗费用，扣除已补偿部分和年免赔额后按比例给付，一个保单年度以限额为限。",
    },
)


def q(sex: str, age: int) -> float:
    """Yearly death probability of the protection table."""
    return death_rate("protection", sex, age)


def _years(term: str, age: int) -> int:
    return min(term_years(term, age) or END + 1 - age, END + 1 - age)


@cache
def level_premium(sex: str, age: int, cover: int, pay: int) -> float:
    """Net yearly premium per 1 of sum assured."""
    alive, benefit, annuity = 1.0, 0.0, 0.0
    for year in range(cover):
        if year < pay:
            annuity += alive * V**year
        benefit += alive * q(sex, age + year) * V ** (year + 1)
        alive *= 1 - q(sex, age + year)
    return benefit / annuity


def cash_values(sex: str, age: int, cover: int, pay: int) -> list[Decimal]:
    """Cash value per 1,000 at the end of each policy year, by the retrospective reserve."""
    premium, reserve, found = level_premium(sex, age, cover, pay), 0.0, []
    for year in range(cover):
        reserve = (reserve + (premium if year < pay else 0.0)) * 1.02 - q(sex, age + year)
        alive, share = 1 - q(sex, age + year), 0.6 + 0.06 * min(year, 5)
        if year == cover - 1:
            # at the last age q = 1: whoever is left receives the sum assured, a term cover just ends
            reserve, share = (0.0, 1.0) if alive else (1.0, 1.0)
        else:
            reserve /= alive
        found.append(Decimal(max(0.0, reserve * 1000 * share)).quantize(FOUR))
    return found


def medical_premium(sex: str, age: int) -> Decimal:
    """Yearly premium of the medical plan, flat by age."""
    base = 260 + (abs(age - 25) ** 1.7) * (1.6 if age > 25 else 0.9)
    return Decimal(base * (1.05 if sex == "F" and 20 <= age <= 45 else 1)).quantize(Decimal(1)).quantize(FOUR)


#: What the participating ones share, by code; their death benefit goes by the effective sum.
SHARED: dict[str, dict[str, Any]] = {
    "W31": {
        "kind": "cash dividend", "options": list(participation.OPTIONS), "bonus_value": {"pay_term": "SINGLE"}, "guaranteed": False, "article": "4",
    }
}  # fmt: skip
LAST_ADDITION_AGE = 85


def definition_of(kind: str, code: str = "") -> dict[str, Any]:
    """责任免除 and claim clocks, the same for all of ours, and the benefits that are reckoned by formula."""
    found = {name: COMMON[name] for name in ("exclusions", "claims")}
    if code in SHARED:
        death = DEATH | {"cases": [["in_waiting and not accident", "premiums_paid"], ["1", "effective_sum_insured"]]}
        return found | {"benefits": [death], "participating": SHARED[code]}
    return found if kind == "medical" else found | {"benefits": [DEATH]}


def load_defaults() -> None:
    """Write the products and their rates where they are missing; versions that exist, edited or not, stay."""
    for spec in PRODUCTS:
        product, _ = Product.objects.get_or_create(
            code=spec["code"], defaults={"name": spec["name"], "kind": spec["kind"], "is_participating": spec["code"] in SHARED}
        )
        fields: dict[str, Any] = {k: v for k, v in spec.items() if k not in ("code", "name", "kind")}
        fields["definition"] = definition_of(str(spec["kind"]), str(spec["code"]))
        version, made = ProductVersion.objects.get_or_create(
            product=product, version="2020", defaults={"sale_from": FROM, **fields}
        )
        if made:
            Rate.objects.bulk_create(_rates(version), batch_size=2000)
    missing = [files() for code, files in OWN.items() if not Product.objects.filter(code=code).exists()]
    load([read_product(files) for files in missing], today=FROM)


def _rates(version: ProductVersion) -> list[Rate]:
    rows: list[Rate] = []
    first = version.min_age_days // 365  # the youngest age in years; 0 for newborn children
    for sex in ("M", "F"):
        for age in range(first, version.max_age + 1):
            for cover_term in version.terms["cover_terms"]:
                for pay_term in version.terms["pay_terms"]:
                    rows += _cell(version, sex, age, cover_term, pay_term)
        if version.product.code in SHARED:
            for age in range(version.max_age + 1, LAST_ADDITION_AGE + 1):
                rows += _cell(version, sex, age, "WHOLE_LIFE", "SINGLE")[:1]
    return rows


def _cell(version: ProductVersion, sex: str, age: int, cover_term: str, pay_term: str) -> list[Rate]:
    cell = {"version": version, "sex": sex, "age": age, "age_to": age, "cover_term": cover_term, "pay_term": pay_term}
    if version.product.kind == "medical":
        return [Rate(kind="premium", values=[medical_premium(sex, age)], **cell)]
    cover, pay = _years(cover_term, age), term_years(pay_term, age) or 1
    if cover < 5 or pay > cover:
        return []
    premium = Decimal(level_premium(sex, age, cover, pay) / 0.80 * 1000).quantize(Decimal("0.01"))
    return [
        Rate(kind="premium", values=[premium], **cell),
        Rate(kind="cash_value", values=cash_values(sex, age, cover, pay), **cell),
    ]
