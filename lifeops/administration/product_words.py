"""A product version in words: what its page shows of benefits, exclusions, claim clocks and tables."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from django.utils.html import format_html_join

from lifeops.policies.models import ProductVersion
from lifeops.policies.models.product import RateKind
from lifeops.policies.rules.exclusions import exclusions_of
from lifeops.policies.rules.lines import plain, yuan
from lifeops.policies.rules.values import in_clauses
from lifeops.policies.services.quoting import table_meta

CLOCKS = {
    "notify_within_days": "事故通知 {} 天内", "decide_days": "核定 {} 天", "decide_days_complex": "情形复杂的核定 {} 天",
    "pay_after_agreement_days": "达成协议后 {} 天内给付", "refusal_notice_days": "拒付通知 {} 天内", "advance_payment_after_days": "{} 天未定先行支付",
    "limitation_years": "诉讼时效 {} 年",
}  # fmt: skip
NO_BOUND = 10**11
GRADES = {"critical": "重度", "medium": "中度", "mild": "轻度"}
BY = {"plan": "计划", "social_insurance": "社保", "purchase": "首次或续保", "annuity_start_age": "领取年龄", "occupation_class": "职业类别"}


def rows(lines: Iterable[str]) -> str:
    return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "—"


def ages(version: ProductVersion) -> str:
    days = version.min_age_days
    return f"{f'出生满 {days} 天' if 0 < days < 365 else f'{days // 365} 周岁'} 至 {version.max_age} 周岁"


def sums(version: ProductVersion) -> str:
    """Limits of the sum; files that set none leave bounds that say nothing."""
    low, high = version.min_sum > 1, version.max_sum < NO_BOUND
    parts = [f"{yuan(version.min_sum)} 元起"] if low else []
    parts += [f"至 {yuan(version.max_sum)} 元"] if high else []
    parts += [f"{yuan(version.sum_step)} 元的整数倍"] if version.sum_step > 1 else []
    return "，".join(parts) or "不限"


def benefits(version: ProductVersion) -> str:
    found = in_clauses(version.definition)
    return rows(f"{name}{f'（条款 {article}）' if article else ''}：{wording or '按条款文字核定'}" for name, wording, article in found)


def exclusions(version: ProductVersion) -> str:
    labels, article = exclusions_of(version.definition)
    return rows([*([f"条款 {article}"] if article and labels else []), *labels])


def clocks(version: ProductVersion) -> str:
    stated = version.definition.get("claims") or {}
    told = [words.format(stated[name]) for name, words in CLOCKS.items() if stated.get(name)]
    return rows([*told, *([f"条款 {stated['article']}"] if told and stated.get("article") else [])])


def tables(version: ProductVersion) -> str:
    """How many cells, what a value means, what the table goes by besides sex, age and terms."""
    counts = dict(version.rates.values_list("kind").annotate(n=Count("pk")))
    found = []
    for kind in RateKind:
        if kind not in counts:
            continue
        measure, base, dims = table_meta(version, kind)
        of = {
            "sum": f"每 {plain(base)} 元保费的保险金额" if kind == RateKind.PREMIUM else f"每 {plain(base)} 元保险金额",
            "premium": f"每 {plain(base)} 元保险金额的年交保费" if kind == RateKind.PREMIUM else f"每 {plain(base)} 元保费", "flat": "每人固定保费",
        }[measure]  # fmt: skip
        by = f"，另按{'、'.join(BY.get(d, d) for d in dims)}" if dims else ""
        found.append(f"{kind.label} {counts[kind]:,} 行，{of}{by}")
    if factors := version.definition.get("factors"):
        found.append(f"基础费率与系数 {len(factors)} 行")
    return rows(found)


def illnesses(version: ProductVersion) -> str:
    """How many of each grade, their names behind it in the order of the terms."""
    grades: dict[str, list[tuple[int, str]]] = {}
    for row in version.definition.get("illnesses") or []:
        grades.setdefault(row["grade"], []).append((row["seq"], row["name"]))
    told = (
        (f"{GRADES.get(grade, grade)} {len(listed)} 种", "；".join(f"{n} {name}" for n, name in sorted(listed))) for grade, listed in grades.items()
    )
    return format_html_join("", "<details><summary>{}</summary>{}</details>", told) or "—"
