"""A small product of each shape, written into a folder, to be damaged one mistake at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

RATES = "product_code,sex,age_from,age_to,pay_term,coverage_term,value,measure,base_amount,base_of,unit"
CASH = "product_code,sex,entry_age,pay_term,coverage_term,policy_year,cash_value_year_end,base_amount,base_of,unit"


def terms() -> dict[str, Any]:
    return {
        "code": "X100", "name": "样本定期寿险", "filing_number": "[2026]定期寿险001号", "type": "定期寿险", "main_or_rider": "main",
        "design": "non_participating", "entry_age": {"min": 18, "max": 22, "article": "1.3"},
        "coverage_term": {"options": ["5Y"], "article": "2.2"},
        "pay_terms": {"options": ["SINGLE", "5Y"], "modes": ["single", "annual", "monthly"], "modal_factors": {"monthly": 0.09}, "article": "4.1"},
        "sum_insured": {"basic": "agreed", "min": 10000, "max": 1000000, "step": 1000, "article": "2.1"},
        "waiting_period": {"days": 90, "article": "2.3"}, "cooling_off": {"days": 15, "article": "1.4"},
        "grace": {"days": 60, "article": "4.2"}, "lapse_and_reinstatement": {"years": 2, "article": "5.1"},
        "policy_loan": {"max_ratio_of_net_cash_value": 0.8, "article": "6.2"},
        "benefits": [
            {"code": "DEATH", "name": "身故保险金", "article": "2.3", "cases": [
                {"condition": "in_waiting and not accident", "formula": "premiums_paid"}, {"condition": "1", "formula": "basic_sum_insured"},
            ]},
            {"code": "TPD", "name": "全残保险金", "article": "2.3", "formula": "DEATH"},
        ],
        "exclusions": {"labels": ["war"], "article": "2.4"},
        "claims": {"notify_within_days": 10, "decide_days": 5, "decide_days_complex": 30, "pay_after_agreement_days": 10,
                   "refusal_notice_days": 3, "advance_payment_after_days": 60, "article": "3.2", "limitation_years": 5},
    }  # fmt: skip


def rate_rows() -> list[list[str]]:
    return [
        ["X100", sex, str(age), str(age), pay, "5Y", f"{base + age + (sex == 'M')}.50", "premium", "1000", "basic sum insured", "CNY"]
        for sex in "MF" for pay, base in (("SINGLE", 60), ("5Y", 10)) for age in range(18, 23)
    ]  # fmt: skip


def cash_rows() -> list[list[str]]:
    return [
        ["X100", sex, str(age), pay, "5Y", str(year), "0.00" if year == 5 else f"{year + 2}.25", "1000", "basic sum insured", "CNY"]
        for sex in "MF" for pay in ("SINGLE", "5Y") for age in range(18, 23) for year in range(1, 6)
    ]  # fmt: skip


Change = Callable[[dict[str, Any], list[list[str]], list[list[str]]], None]


def write(folder: Path, change: Change | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    given, rates, cash = terms(), rate_rows(), cash_rows()
    if change:
        change(given, rates, cash)
    (folder / "product.json").write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    for name, head, rows in (("rates.csv", RATES, rates), ("cash_values.csv", CASH, cash)):
        (folder / name).write_text("\n".join([head, *(",".join(r) for r in rows)]) + "\n", encoding="utf-8")
    return folder


FACTOR_HEAD = "product_code,benefit,kind,key,key_from,key_to,value,note"
FACTORS = """X200,ACC,base,,,,4.65,CNY per 10000 sum insured per person-year
X200,MED,base,amount_band,0,2000,17.52,"CNY per 1000 sum insured per person-year, marginal band"
X200,MED,base,amount_band,2000,,7.17,"CNY per 1000 sum insured per person-year, marginal band"
X200,ALL,factor,term_days,1,30,0.15,
X200,ALL,factor,term_days,31,365,1.00,
"""


def write_factors(folder: Path, change: Callable[[str], str] = str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    given = terms() | {
        "code": "X200", "type": "意外伤害保险", "entry_age": None, "coverage_term": {"max": "1Y", "by": "days"},
        "pay_terms": {"options": ["SINGLE"], "modes": ["single"]},
        "benefits": [{"code": c, "name": c, "article": "2.5", "amount": "sum_insured"} for c in ("ACC", "MED")],
    }  # fmt: skip
    (folder / "product.json").write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    (folder / "rates.csv").write_text(f"{FACTOR_HEAD}\n{change(FACTORS)}", encoding="utf-8")
    return folder
