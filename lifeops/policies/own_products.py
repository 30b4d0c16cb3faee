"""The catalogue's products beside 定期、终身 and 医疗: 两全 E20, 年金（分红）A60, 附加豁免 R10. Written as files and read by the
same loader as everybody's. Rates by the life table (`mortality`), interest 2.0 %, expenses 20 % of the gross premium
(年金 10 %): gross = net ÷ (1 − expenses). Cash values: the reserve × a share from 0.60 in year 1 to 0.90 from year 6; of A60
after the payment of the anniversary, death before the annuity reckoned with the premiums alone.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from lifeops.policies.loading.files import CASH, PRODUCT, RATES, Files
from lifeops.policies.mortality import death_rate

V = 1 / 1.02
SEXES = ("M", "F")
RATE_HEAD = "product_code,sex,age_from,age_to,pay_term,coverage_term,value,measure,base_amount,base_of,unit"
RATE_HEAD_START = "product_code,sex,age_from,age_to,pay_term,coverage_term,annuity_start_age,value,measure,base_amount,base_of,unit"
CASH_HEAD = "product_code,sex,entry_age,pay_term,coverage_term,policy_year,cash_value_year_end,base_amount,base_of,unit"
CASH_HEAD_START = CASH_HEAD.replace("coverage_term,", "coverage_term,annuity_start_age,")
COMMON: dict[str, Any] = {
    "design": "non_participating", "main_or_rider": "main", "sale_from": "2020-01-01",
    "cooling_off": {"days": 15, "from": "day after the policy is signed for", "article": "1.4"},
    "grace": {"days": 60, "article": "4.2"}, "lapse_and_reinstatement": {"years": 2, "article": "5.1"},
    "policy_loan": {"max_ratio_of_net_cash_value": 0.8, "max_term_months": 6, "article": "6.2"},
    "exclusions": {"labels": ["policyholder_intentional_killing_or_injury", "insured_intentional_crime_or_resisting_coercive_measures",
                              "suicide_within_2_years_unless_without_civil_capacity", "drugs",
                              "drink_driving_or_invalid_licence_or_invalid_vehicle_registration", "war_military_conflict_riot", "nuclear"],
                   "article": "2.5", "consequence": {"policyholder_killing_or_injury": "cash value to the beneficiary",
                                                     "others": "cash value to the policyholder"}},
    "claims": {"notify_within_days": 10, "decide_days": 5, "decide_days_complex": 30, "pay_after_agreement_days": 10,
               "refusal_notice_days": 3, "advance_payment_after_days": 60, "article": "3.2-3.4", "limitation_years": 5},
}  # fmt: skip
MODES = {"modes": ["single", "annual", "monthly"], "modal_factors": {"monthly": 0.09}, "article": "4.1"}
E20: dict[str, Any] = COMMON | {
    "code": "E20", "name": "安岳安盈两全保险", "type": "两全保险", "entry_age": {"min": 18, "max": 55, "article": "1.3"},
    "coverage_term": {"options": ["20Y"], "article": "2.3"}, "pay_terms": MODES | {"options": ["SINGLE", "10Y"]},
    "sum_insured": {"min": 10000, "max": 5000000, "step": 1000, "article": "2.1"},
    "benefits": [
        {"code": "MATURITY", "name": "满期生存保险金", "article": "2.4", "formula": "basic_sum_insured", "ends_contract": True},
        {"code": "DEATH", "name": "身故保险金", "article": "2.4", "formula": "max(basic_sum_insured, premiums_paid, cash_value)", "ends_contract": True},
    ],
}  # fmt: skip
A60: dict[str, Any] = COMMON | {
    "code": "A60", "name": "安岳颐年年金保险（分红型）", "type": "年金保险", "design": "participating",
    "entry_age": {"min": 18, "max": 55, "article": "1.3"}, "coverage_term": {"options": ["TO_88"], "article": "2.2"},
    "pay_terms": MODES | {"options": ["SINGLE", "10Y"], "modes": ["single", "annual"], "modal_factors": {}},
    "annuity_start_ages": {"options": [60, 65], "article": "2.3"}, "sum_insured": {"basic": "agreed", "article": "2.1"},
    "benefits": [
        {"code": "ANNUITY", "name": "养老保险金", "article": "2.3", "formula": "10% of effective_sum_insured",
         "when": "on every anniversary from the chosen start age to age 87 while alive"},
        {"code": "DEATH", "name": "身故保险金", "article": "2.3", "ends_contract": True, "cases": [
            {"condition": "not annuity_started", "formula": "max(premiums_paid, cash_value_basic) + cash_value_bonus"},
            {"condition": "1", "formula": "max(premiums_paid - annuity_paid_basic, cash_value_basic) + cash_value_bonus"}]},
    ],
    "participating": {"kind": "reversionary annual bonus + terminal bonus", "options": [], "bonus_value": {"pay_term": "SINGLE", "article": "8.1"},
                      "during_lapse": "no bonus", "guaranteed": False, "article": "4"},
}  # fmt: skip
R10: dict[str, Any] = COMMON | {
    "code": "R10", "name": "安岳附加豁免保险费定期寿险", "type": "附加豁免保险费", "main_or_rider": "rider", "policy_loan": None,
    "entry_age": {"min": 18, "max": 50, "article": "1.3"}, "coverage_term": {"options": ["4Y", "9Y", "19Y"], "article": "2.1"},
    "pay_terms": {"options": ["4Y", "9Y", "19Y"], "modes": ["annual"], "article": "4.1"},
    "sum_insured": {"basic": "premiums of the main contract", "article": "2.2"},
    "waiting_period": {"days": 90, "article": "2.2"},
    "benefits": [{"code": "WAIVER", "name": "豁免保险费", "article": "2.2", "formula": "waived_premiums"}],
}  # fmt: skip


def _years(pay_term: str) -> int:
    return 1 if pay_term == "SINGLE" else int(pay_term[:-1])


def _lives(purpose: str, sex: str, age: int, years: int) -> Iterator[tuple[int, float, float]]:
    """(year from 0, alive at its start, dead in it) per 1 at entry."""
    alive = 1.0
    for year in range(years):
        dead = alive * death_rate(purpose, sex, age + year)
        yield year, alive, dead
        alive -= dead


def _endowment(sex: str, age: int, pay: int, cover: int = 20) -> tuple[float, list[float]]:
    """Net yearly premium per 1 of sum, and the year-end reserves."""
    benefit = annuity = 0.0
    for year, alive, dead in _lives("savings", sex, age, cover):
        annuity += alive * V**year if year < pay else 0
        benefit += dead * V ** (year + 1)
        last = (alive - dead) * V**cover
    premium, reserve, found = (benefit + last) / annuity, 0.0, []
    for year in range(cover):
        q = death_rate("savings", sex, age + year)
        reserve = ((reserve + (premium if year < pay else 0)) * 1.02 - q) / (1 - q)
        found.append(reserve)
    return premium, found


def _annuity(sex: str, age: int, pay: int, start: int) -> float:
    """Sum bought per 1,000 of yearly premium: 10 % of it a year from the start age to 87, premiums back on death before."""
    bought = premiums = returned = 0.0
    for year, alive, dead in _lives("annuity", sex, age, 88 - age):
        if year < pay:
            premiums += alive * V**year
        if age + year >= start:
            bought += 0.1 * alive * V**year
        else:
            returned += dead * V ** (year + 1) * min(year + 1, pay)
    return 1000 * (premiums * 0.90 - returned) / bought


def _share(year: int) -> float:
    """Part of the reserve that is paid on leaving, in policy year `year` from 1."""
    return 0.6 + 0.06 * min(year - 1, 5)


def _annuity_reserves(sex: str, age: int, pay: int, start: int, bought: float) -> list[float]:
    """Year-end reserves per 1,000 of yearly premium with `bought` of sum, backwards from the end of the term, when nothing is
    left: V(t) = a(t+1) + v·(q·returned + p·V(t+1)) − net premium of t+1, payments of the anniversary itself already made."""
    years, found = 88 - age, [0.0]
    for year in range(years - 1, 0, -1):
        q = death_rate("annuity", sex, age + year)
        back = 1000 * min(year + 1, pay) if age + year < start else 0.0
        due = 0.1 * bought if start <= age + year + 1 <= 87 else 0.0
        premium = 900.0 if year < pay else 0.0
        found.append(V * (q * back + (1 - q) * (due + found[-1])) - premium)
    return found[::-1]


def _waiver(sex: str, age: int, years: int) -> float:
    """Net yearly premium per 1,000 of premium waived: on death the premiums still to come, on every later due date."""
    cost = annuity = 0.0
    for year, alive, dead in _lives("protection", sex, age, years):
        annuity += alive * V**year
        cost += dead * sum(V**due for due in range(year + 1, years + 1))
    return 1000 * cost / annuity


def _files(given: dict[str, Any], head: str, rates: list[str], cash: list[str], cash_head: str = CASH_HEAD) -> Files:
    content = {PRODUCT: json.dumps(given, ensure_ascii=False).encode(), RATES: "\n".join([head, *rates]).encode()}
    if cash:
        content[CASH] = "\n".join([cash_head, *cash]).encode()
    return Files(given["code"], content)


def endowment_files() -> Files:
    rates, cash = [], []
    for sex in SEXES:
        for age in range(18, 56):
            for pay_term in ("SINGLE", "10Y"):
                premium, reserves = _endowment(sex, age, _years(pay_term))
                rates.append(f"E20,{sex},{age},{age},{pay_term},20Y,{premium / 0.80 * 1000:.2f},premium,1000,basic sum insured,CNY")
                for year, reserve in enumerate(reserves, start=1):
                    value = 0 if year == 20 else max(0.0, reserve * 1000 * _share(year))
                    cash.append(f"E20,{sex},{age},{pay_term},20Y,{year},{value:.2f},1000,basic sum insured,CNY")
    return _files(E20, RATE_HEAD, rates, cash)


def annuity_files() -> Files:
    rates, cash = [], []
    cells = itertools.product(SEXES, range(18, 56), ("SINGLE", "10Y"), (60, 65))
    for sex, age, pay_term, start in cells:
        years = _years(pay_term)
        if age + years > start:
            continue
        bought = _annuity(sex, age, years, start)
        rates.append(f"A60,{sex},{age},{age},{pay_term},TO_88,{start},{bought:.2f},basic_sum_insured,1000,premium (single),CNY")
        for year, reserve in enumerate(_annuity_reserves(sex, age, years, start, bought), start=1):
            value = max(0.0, reserve * _share(year))
            cash.append(f"A60,{sex},{age},{pay_term},TO_88,{start},{year},{value:.2f},1000,premium (single),CNY")
    return _files(A60, RATE_HEAD_START, rates, cash, CASH_HEAD_START)


def waiver_files() -> Files:
    rates = [
        f"R10,{sex},{age},{age},{term},{term},{_waiver(sex, age, _years(term)) / 0.80:.2f},premium,1000,annual premium waived,CNY"
        for sex in SEXES for age in range(18, 51) for term in ("4Y", "9Y", "19Y")
    ]  # fmt: skip
    return _files(R10, RATE_HEAD, rates, [])


OWN = {"E20": endowment_files, "A60": annuity_files, "R10": waiver_files}
