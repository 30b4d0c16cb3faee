"""报价: premium from the rate table, and what the product's terms say against a proposal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lifeops.policies.errors import RateMissing
from lifeops.policies.models import ProductKind, ProductVersion, Rate
from lifeops.policies.rules.cash import CashValues
from lifeops.policies.rules.lines import money, yuan
from lifeops.policies.rules.premium import Loading, Premium, RateBasis, instalment


def quote(
    *, version: ProductVersion, sex: str, age: int, cover_term: str, pay_term: str, pay_mode: str,
    sum_assured: Decimal, loading: Loading | None = None,
) -> Premium:
    """One instalment in 元 with its lines; RateMissing where the table has no cell."""
    cell = Rate.objects.filter(
        version=version, kind="premium", sex=sex, age=age, cover_term=cover_term, pay_term=pay_term
    ).first()
    if cell is None:
        raise RateMissing(f"{version.product.name}没有该性别、年龄（{age} 周岁）与期间的费率")
    measure = "flat" if version.product.kind == ProductKind.MEDICAL else "premium"
    factor = Decimal(str(version.terms["modal_factors"].get(pay_mode, "1")))
    return instalment(
        rate=RateBasis(value=cell.values[0], measure=measure), sum_assured=sum_assured, modal_factor=factor,
        loading=loading, name=version.product.name,
    )


def cash_values_of(
    *, version: ProductVersion, sex: str, age: int, cover_term: str, pay_term: str, effective_on: date, sum_assured: Decimal
) -> CashValues | None:
    """Year-end cash values of a coverage; None for products without."""
    cell = Rate.objects.filter(
        version=version, kind="cash_value", sex=sex, age=age, cover_term=cover_term, pay_term=pay_term
    ).first()
    return CashValues(effective_on=effective_on, sum_assured=sum_assured, year_ends=cell.values) if cell else None


def sale_errors(
    *, version: ProductVersion, day: date, birth_date: date, age: int, sum_assured: Decimal, cover_term: str,
    pay_term: str, pay_mode: str, occupation_class: int,
) -> dict[str, str]:
    """What the terms refuse, per field (facts 2.1 check 7)."""
    found: dict[str, str] = {}
    name, terms = version.product.name, version.terms
    if not version.on_sale(day):
        found["product"] = f"{name}在 {day} 不在售"
    if age > version.max_age or (day - birth_date).days < version.min_age_days:
        low = f"{version.min_age_days} 天" if version.min_age_days < 365 else f"{version.min_age_days // 365} 周岁"
        found["insured_birth_date"] = f"{name}投保年龄为 {low}至 {version.max_age} 周岁，被保险人 {age} 周岁"
    if not version.min_sum <= sum_assured <= version.max_sum:
        found["sum_assured"] = f"保额应在 {yuan(version.min_sum)} 至 {yuan(version.max_sum)} 元之间"
    elif money(sum_assured) % version.sum_step:
        found["sum_assured"] = f"保额应为 {version.sum_step.normalize():f} 元的整数倍"
    if cover_term not in terms["cover_terms"]:
        found["cover_term"] = f"{name}没有此保险期间"
    if pay_term not in terms["pay_terms"]:
        found["pay_term"] = f"{name}没有此交费期间"
    if pay_mode not in terms["pay_modes"] or (pay_term == "SINGLE") != (pay_mode == "single"):
        found["pay_mode"] = "交费方式与交费期间不符"
    if occupation_class > version.max_occupation_class:
        found["occupation_class"] = f"{name}承保职业类别不高于 {version.max_occupation_class} 类"
    return found
