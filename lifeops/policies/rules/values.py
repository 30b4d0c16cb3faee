"""保险金: what a product's benefits come to, by the formulas kept with it (facts 1.2, 5.4, 5.5). Pure; amounts in 元.

`definition` is `ProductVersion.definition`. Every function returns the amount with its lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from lifeops.policies.rules.formula import FormulaError, Node, evaluate, parse
from lifeops.policies.rules.formula_words import condition_in_words, in_words
from lifeops.policies.rules.lines import CENT, ZERO, Calculation, Line, money, plain, yuan

Definition = Mapping[str, Any]


class NotReckoned(ValueError):
    """The terms say the amount in words only, or the product has no such benefit. The message is Chinese."""


@lru_cache(maxsize=4096)
def tree(text: str) -> Node:
    return parse(text)


def growth_of(definition: Definition) -> Decimal | None:
    """The yearly rate at which the terms let the basic sum grow; None where they do not."""
    rate = definition.get("growth_rate")
    return Decimal(rate) if rate else None


def grown_sum(*, basic: Decimal, growth_rate: Decimal | None, policy_year: int) -> Decimal:
    """The basic sum grown once a year, unrounded: what formulas take (C-09 rounds what is published, once)."""
    return basic * (1 + (growth_rate or Decimal(0))) ** (policy_year - 1)


def effective_sum(*, basic: Decimal, growth_rate: Decimal | None = None, policy_year: int = 1, bonus: Decimal = ZERO) -> Calculation:
    """有效保险金额 in a policy year (from 1): the basic sum, grown once a year, and the bonus sum added to it."""
    rate = growth_rate or Decimal(0)
    grown = money(grown_sum(basic=basic, growth_rate=rate, policy_year=policy_year))
    told = f"{yuan(basic)} × (1 + {plain(rate * 100)}%)^{policy_year - 1}" if rate else "基本保险金额"
    lines = [Line(label="有效保险金额" if not bonus else "基本保险金额", formula=told, value=grown)]
    if bonus:
        lines.append(Line(label="累积红利保险金额", value=money(bonus)))
    return Calculation.of(lines)


def age_share(definition: Definition, anniversary_age: int) -> Decimal | None:
    """年龄给付比例 at the age on the last policy anniversary; None for products without one."""
    for before, share in definition.get("age_pct") or []:
        if before is None or anniversary_age < before:
            return Decimal(share)
    return None


def amounts(
    definition: Definition, *, basic: Decimal, entry_age: int, policy_year: int = 1, pay_years: int = 1, premiums_paid: Decimal = ZERO,
    cash_value: Decimal = ZERO, bonus: Decimal = ZERO, in_waiting: bool = False, accident: bool = False, **also: Decimal,
) -> dict[str, Decimal]:
    """What the formulas of a product may ask for, in a policy year counted from 1."""
    last_age = entry_age + policy_year - 1
    found = {
        "basic_sum_insured": basic, "sum_insured": basic, "premiums_paid": premiums_paid, "cash_value": cash_value,
        "bonus_sum_insured": bonus, "policy_year": Decimal(policy_year), "anniversary_age": Decimal(last_age),
        "effective_sum_insured": bonus
        + grown_sum(basic=basic, growth_rate=growth_of(definition), policy_year=policy_year),
        "premium_complete": Decimal(policy_year > pay_years), "in_waiting": Decimal(in_waiting), "accident": Decimal(accident),
    }  # fmt: skip
    share = age_share(definition, last_age)
    if share is not None:
        found["age_pct"] = share
    return found | also


def benefit_of(definition: Definition, code: str) -> Mapping[str, Any]:
    found = next((b for b in definition.get("benefits", []) if b["code"] == code), None)
    if found is None:
        raise NotReckoned(f"该险种没有责任 {code}")
    return found


def covered(definition: Definition, code: str, plan: str = "") -> bool:
    """Whether a plan holds the benefit: named in it, or an optional group that the plan's words count in."""
    one = benefit_of(definition, code)
    if one.get("plans"):
        return plan in one["plans"]
    if not one.get("optional") or not plan or not one.get("group"):
        return True
    groups = list(dict.fromkeys(b["group"] for b in definition["benefits"] if b.get("group")))
    words = definition.get("plans", {}).get(plan, "")
    chosen = {int(n) for n in re.findall(r"\d+", words.partition("optional")[2])}
    return groups.index(one["group"]) + 1 in chosen


def benefit(
    definition: Definition, code: str, values: Mapping[str, Decimal], *, plan: str = "", unit: Decimal = CENT
) -> Calculation:
    """One benefit by its formula, capped where the terms cap it, never below zero. `unit`: what it is rounded to, once; an
    illustration in whole 元 has 1.

    NotReckoned where the plan does not hold it or the terms have words only; FormulaError where an amount is missing.
    """
    one = benefit_of(definition, code)
    if not covered(definition, code, plan):
        raise NotReckoned(f"计划 {plan} 不含{one['name']}")
    if not one["cases"]:
        raise NotReckoned(f"{one['name']}按条款文字核定：{one['wording']}")
    known = {b["code"]: _whole(b["cases"]) for b in definition["benefits"] if b["cases"]}
    known.pop(code, None)
    chosen = next((f for c, f in one["cases"] if evaluate(tree(c), values, known)), None)
    if chosen is None:
        raise NotReckoned(f"{one['name']}：没有符合的给付情形")
    node = tree(chosen)
    amount = evaluate(node, values, known).quantize(unit, rounding=ROUND_HALF_UP)
    names = {b["code"]: b["name"] for b in definition["benefits"]}
    lines = [Line(label=one["name"], formula=in_words(node, _told(values), names), value=max(ZERO, amount))]
    if one["cap"]:
        most = evaluate(tree(one["cap"]), values, known).quantize(unit, rounding=ROUND_HALF_UP)
        if lines[0].value > most:
            lines.append(Line(label="减：超过限额部分", formula=f"限额 {yuan(most)}", value=most - lines[0].value))
    return Calculation.of(lines)


def in_clauses(definition: Definition, plan: str = "") -> list[tuple[str, str, str]]:
    """(name, wording, article) of each benefit held, for the contract: the cases of its formula in words; "" where the terms
    say it in prose."""
    names = {b["code"]: b["name"] for b in definition.get("benefits", [])}
    found = []
    for one in definition.get("benefits", []):
        if not covered(definition, one["code"], plan):
            continue
        cases = one["cases"]
        parts = [
            formula if condition == "1" and len(cases) == 1 else f"其他情形，{formula}" if condition == "1" else f"{condition_in_words(tree(condition), names)}的，{formula}"
            for condition, formula in ((c, in_words(tree(f), labels=names)) for c, f in cases)
        ]
        parts += [_band(*band) for band in one["bands"]]
        found.append((one["name"], "；".join(parts), one["article"]))
    return found


def _band(low: str | None, high: str | None, share: str | None) -> str:
    """One band of reimbursed cost, in the words of the contract."""
    bounds = f"{low} 元以上至 {high} 元" if Decimal(low or 0) and high else f"{high} 元以内" if high else f"{low} 元以上"
    part = f"责任内费用 {bounds}的部分"
    return f"{part}，{plain(Decimal(share) * 100)}%" if share and Decimal(share) else f"{part}，不给付"


def _told(values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Amounts with their places, counts and shares plain."""
    return {k: v if k in ("age_pct", "payout_ratio", "hospital_days", "anniversary_age", "policy_year") else money(v) for k, v in values.items()}


def _whole(cases: Sequence[Sequence[str]]) -> Node:
    """The cases as one formula: the first that holds."""
    node = Node("number")
    for condition, formula in reversed(cases):
        node = Node("if", (tree(condition), tree(formula), node))
    return node


def reckoned(definition: Definition, values: Mapping[str, Decimal], *, plan: str = "") -> dict[str, Calculation]:
    """Every benefit that the values suffice for, by code: for a quote page and an illustration."""
    found = {}
    for one in definition.get("benefits", []):
        try:
            found[one["code"]] = benefit(definition, one["code"], values, plan=plan)
        except (NotReckoned, FormulaError):
            continue
    return found


# ── medical and disability ──


def marginal(bands: Sequence[Sequence[str | None]], cost: Decimal) -> Decimal:
    """Σ over bands of share × the part of the cost within it, unrounded."""
    total = Decimal(0)
    for low, high, share in bands:
        start = Decimal(low or 0)
        part = min(cost, Decimal(high)) - start if high is not None else cost - start
        total += max(Decimal(0), part) * Decimal(share or 0)
    return total


def medical_benefit(
    definition: Definition, code: str, *, cost: Decimal, compensated: Decimal = ZERO, before: Decimal = ZERO, paid: Decimal = ZERO,
    social_insurance_unused: bool = False, plan: str = "",
) -> Calculation:
    """费用补偿 by marginal bands over the year: `cost` is what the terms cover of this claim, `compensated` what others paid,
    `before` the net cost of earlier claims in the policy year, `paid` what was paid for them. Who had social insurance and
    did not use it receives 60 %. Never more than the cost, never over the sum insured of the year."""
    one = benefit_of(definition, code)
    if not covered(definition, code, plan):
        raise NotReckoned(f"计划 {plan} 不含{one['name']}")
    if not one["bands"]:
        raise NotReckoned(f"{one['name']}不按费用分段给付")
    net = max(ZERO, cost - compensated)
    share = marginal(one["bands"], before + net) - marginal(one["bands"], before)
    told = "；".join(f"{b[0]} 元以上{f'至 {b[1]} 元' if b[1] else ''} {plain(Decimal(b[2]) * 100) if Decimal(b[2]) else 0}%" for b in one["bands"])
    lines = [
        Line(label="责任内费用", formula=f"{yuan(cost)} − 其他补偿 {yuan(compensated)}", value=net, counts=False),
        Line(label=one["name"], formula=f"本年度累计 {yuan(before)} 起分段：{told}", value=money(share)),
    ]
    if social_insurance_unused:
        reduced = money(share * Decimal("0.6"))
        lines.append(Line(label="减：未经社会医疗保险结算", formula="给付比例 × 60%", value=reduced - money(share)))
    amount = sum((line.value for line in lines if line.counts), ZERO)
    most = definition.get("item_sums", {}).get(code)
    room = net if most is None else min(net, max(ZERO, Decimal(most) - paid))
    if amount > room:
        lines.append(Line(label="减：超过限额部分", formula=f"剩余限额 {yuan(room)}", value=room - amount))
    return Calculation.of(lines)


def disability_benefit(
    *, items: Sequence[tuple[int, str]], sum_insured: Decimal, paid: Decimal = ZERO, earlier_ratio: Decimal = Decimal(0)
) -> Calculation:
    """伤残保险金 (JR/T 0083-2013, 4.3, 4.4): `items` are (grade 1 to 10, part and nature). The most severe grade counts; several
    of it on different parts count one grade higher, at most grade 1. Earlier disabilities are deducted; in all not more
    than the sum."""
    if not items:
        raise NotReckoned("没有伤残项目")
    if any(not 1 <= grade <= 10 for grade, _ in items):
        raise NotReckoned("伤残等级应为 1 至 10 级")
    worst = min(grade for grade, _ in items)
    parts = {part for grade, part in items if grade == worst}
    grade = max(1, worst - 1) if len(parts) > 1 else worst
    ratio = Decimal(11 - grade) / 10
    told = f"{yuan(sum_insured)} × {plain(ratio * 100)}%（{grade} 级{'，同级多处晋升一级' if grade != worst else ''}）"
    lines = [Line(label="意外伤残保险金", formula=told, value=money(sum_insured * ratio))]
    if earlier_ratio:
        lines.append(Line(label="减：原有伤残", formula=f"{yuan(sum_insured)} × {plain(earlier_ratio * 100)}%",
                          value=-min(lines[0].value, money(sum_insured * earlier_ratio))))  # fmt: skip
    amount, room = sum((line.value for line in lines), ZERO), max(ZERO, sum_insured - paid)
    if amount > room:
        lines.append(Line(label="减：超过保险金额部分", formula=f"已给付 {yuan(paid)}", value=room - amount))
    return Calculation.of(lines)
