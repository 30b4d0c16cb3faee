"""What a product's terms say against a proposal, field by field (facts 2.1 check 7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lifeops.policies.models import ProductVersion
from lifeops.policies.models.product import RateKind
from lifeops.policies.rules.lines import yuan


def sale_errors(
    version: ProductVersion, *, day: date, birth_date: date, age: int, sum_assured: Decimal, cover_term: str,
    pay_term: str, pay_mode: str, occupation_class: int,
) -> dict[str, str]:
    """What the terms refuse (facts 2.1 check 7): a message per `version`, `birth_date` or other argument of that name."""
    found: dict[str, str] = {}
    name, terms = version.product.name, version.terms
    if not version.on_sale(day):
        found["version"] = f"{name}在 {day} 不在售"
    if _too_young(version, day, birth_date, age) or age > version.max_age:
        days = version.min_age_days
        low = f"出生满 {days} 天" if days < 365 else f"{days // 365} 周岁"
        found["birth_date"] = f"{name}投保年龄为{low}至 {version.max_age} 周岁，被保险人 {age} 周岁"
    if not version.min_sum <= sum_assured <= version.max_sum:
        found["sum_assured"] = f"{name}保额应在 {yuan(version.min_sum)} 至 {yuan(version.max_sum)} 元之间"
    elif sum_assured % version.sum_step:
        found["sum_assured"] = f"{name}保额应为 {version.sum_step.normalize():f} 元的整数倍"
    if cover_term not in terms["cover_terms"]:
        found["cover_term"] = f"{name}没有此保险期间"
    if pay_term not in terms["pay_terms"]:
        found["pay_term"] = f"{name}没有此交费期间"
    if pay_mode not in terms["pay_modes"] or (pay_term == "SINGLE") != (pay_mode == "single"):
        found["pay_mode"] = "交费方式与交费期间不符"
    if occupation_class > version.max_occupation_class:
        found["occupation_class"] = f"{name}承保职业类别不高于 {version.max_occupation_class} 类"
    if not found:
        rows = version.rates.filter(kind=RateKind.PREMIUM, age__lte=age, age_to__gte=age)
        if not rows.filter(cover_term=cover_term, pay_term=pay_term).exists():
            found["cover_term"] = f"{name}在 {age} 周岁不提供此保险期间与交费期间的组合"
    return found


def _too_young(version: ProductVersion, day: date, birth_date: date, age: int) -> bool:
    # a limit in years is a matter of birthdays: so many days hold four or five leap days
    if version.min_age_days >= 365:
        return age < version.min_age_days // 365
    return (day - birth_date).days < version.min_age_days
