"""风险保额 by what a coverage would pay (docs/products.md): rows to be checked by hand, the disclosures, the book, the proposal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lifeops.policies.models import Policy, ProductVersion
from lifeops.policies.rules.risk import Exposure, RiskKind, risk_sums
from lifeops.policies.services.at_risk import Proposed, risk_of_proposal, sums_at_risk
from lifeops.policies.services.benefits import premiums_paid_for
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.values import value_on
from tests.policies.conftest import EFFECTIVE, cover, person, version
from tests.policies.disclosures import load

D = Decimal
KINDS = ("life", "accident", "ci", "death", "illness", "minor")


def one(code: str, name: str, formula: str = "", **more: Any) -> dict[str, Any]:
    """A benefit as it is kept with a version; without a formula the terms have words only."""
    cases = [["1", formula]] if formula else []
    return {"code": code, "name": name, "cases": cases, "wording": "按条款", "plans": [], "optional": False, "group": "", "cap": "", "bands": [], "when": ""} | more


PLAIN = [one("DEATH", "身故保险金", "basic_sum_insured")]
MIXED = [one("MATURITY", "满期保险金", "basic_sum_insured"), one("DEATH", "身故保险金", "max(basic_sum_insured, premiums_paid, cash_value)")]
BACK = [one("ANNUITY", "年金", "10% of basic_sum_insured"), one("DEATH", "身故保险金", "max(premiums_paid, cash_value)")]
GROWING = [one("DEATH", "身故保险金", "max(cash_value, premiums_paid * age_pct)")]
ILLNESS = [
    one("CI", "重大疾病保险金", "basic_sum_insured"), one("MILD", "轻症疾病保险金", "30% of basic_sum_insured"),
    one("TERMINAL", "疾病终末期保险金", "2 * basic_sum_insured"), one("DEATH", "身故保险金", "premiums_paid"),
]  # fmt: skip
TRAVEL = [
    one("ACC_DEATH", "意外身故保险金", "basic_sum_insured"), one("ACC_DISABILITY", "意外伤残保险金"),
    one("TRANSPORT_DEATH", "公共交通意外身故保险金", "2 * basic_sum_insured"),
    one("AVIATION_DEATH", "航空意外身故保险金", "5 * basic_sum_insured", replaces=["ACC_DEATH"]),
    one("ACC_MEDICAL", "意外医疗保险金", "covered_cost"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("benefits", "paid", "worth", "declared", "expected"),
    [
        # the sum 100,000; premiums paid and cash value as in the row: 寿险, 意外, 重疾, 身故给付, 疾病, 计入未成年人限额
        (PLAIN, 12000, 5000, {}, (100000, 0, 0, 100000, 100000, 88000)),
        (MIXED, 12000, 5000, {}, (100000, 0, 0, 100000, 100000, 88000)),
        # two-thirds of the term over: more has been paid in than was insured, the premiums are what a death pays
        (MIXED, 120000, 90000, {}, (120000, 0, 0, 120000, 120000, 0)),
        # an annuity gives back what was paid in: nothing at risk
        (BACK, 60000, 70000, {}, (0, 0, 0, 0, 0, 0)),
        # 160 % of 10,000, of which 10,000 were the customer's own
        (GROWING, 10000, 2000, {}, (6000, 0, 0, 6000, 6000, 6000)),
        # the worst illness counts once; the advance of the death benefit is none
        (ILLNESS, 3000, 0, {}, (0, 0, 100000, 0, 100000, 0)),
        # by accident: 5 × on a flight beats 1 × + 2 × in a train; 身故 for certain is 1 ×; a flight does not count for a minor
        (TRAVEL, 100, 0, {}, (0, 500000, 0, 100000, 0, 299900)),
        ([one("HOSP", "住院医疗保险金", "covered_cost"), one("OUT", "门诊医疗保险金", bands=[["0", None, "0.9"]])], 400, 0, {}, (0, 0, 0, 0, 0, 0)),
        ([one("WAIVER_DEATH", "身故豁免保险费", "waived_premiums")], 128, 0, {}, (0, 0, 0, 0, 0, 0)),
        # words only: the sum insured
        ([one("DEATH", "身故保险金")], 100, 0, {}, (100000, 0, 0, 100000, 100000, 99900)),
        ([one("TPD", "全残保险金", "60% of basic_sum_insured")], 100, 0, {}, (60000, 0, 0, 0, 60000, 0)),
        # what the product declares goes before what its benefits tell
        (BACK, 60000, 70000, {"life": "0.5", "death": "2"}, (50000, 0, 0, 200000, 50000, 130000)),
        ([], 60000, 0, {"life": "1", "death": "1"}, (100000, 0, 0, 100000, 100000, 40000)),
    ],
)
def test_what_a_coverage_puts_at_risk(benefits, paid, worth, declared, expected):
    values = {
        "basic_sum_insured": D(100000), "premiums_paid": D(paid), "cash_value": D(worth), "age_pct": D("1.6"), "in_waiting": D(1),
    }  # fmt: skip
    exempt = max(paid, worth) if any("cash_value" in f for b in benefits for _, f in b["cases"] if "DEATH" in b["code"]) else paid
    held = Exposure(
        definition={"benefits": benefits}, basic=D(100000), values=values, declared=declared, returned=D(max(paid, worth)), exempt=D(exempt)
    )  # fmt: skip
    assert tuple(risk_sums(held)[RiskKind(k)] for k in KINDS) == expected


def test_what_is_sold_by_benefit_counts_with_the_sum_of_each():
    held = Exposure(
        definition={"benefits": TRAVEL}, basic=D(100000), values={"basic_sum_insured": D(100000)},
        items={"ACC_DISABILITY": "80000", "ACC_DEATH": "50000", "ACC_MEDICAL": "9000000"},
    )  # fmt: skip
    found = risk_sums(held)
    assert (found[RiskKind.ACCIDENT], found[RiskKind.DEATH], found[RiskKind.CRITICAL]) == (80000, 50000, 0)


@pytest.mark.shared_data
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "age", "sum_assured", "premium", "expected"),
    [
        # before 18 a death gives the premiums back; the worst illness is the sum, that of children comes beside it and is not added
        ("P415011", 5, 300000, 4260, (0, 0, 300000, 0, 300000, 0)),
        ("P415011", 30, 100000, 3250, (100000, 0, 100000, 100000, 100000, 100000)),
        # 1.2 × 50,000 on a death, of which 50,000 were paid in; 3 × the sum on a flight
        ("P212014", 30, 60000, 50000, (10000, 180000, 0, 10000, 10000, 120000)),
        ("P123001", 40, 143808, 24000, (0, 0, 0, 0, 0, 0)),
        # 160 % of the first 20,000; in a public place the sum beside it
        ("P411008", 30, 84100, 20000, (12000, 84100, 0, 12000, 12000, 96100)),
        ("P315061", 30, 1000000, 500, (0, 0, 0, 0, 0, 0)),
        ("P111002", 30, 10000, 70, (0, 0, 0, 0, 0, 0)),
        ("P611005", 30, 500000, 900, (500000, 0, 0, 500000, 500000, 500000)),
    ],
)
def test_disclosed_products_in_their_first_year(code, age, sum_assured, premium, expected):
    [held] = load(code)
    found = risk_of_proposal(Proposed(version=held, entry_age=age, sum_assured=D(sum_assured), premium=D(premium), pay_term="10Y"))
    assert tuple(found[RiskKind(k)] for k in KINDS) == expected


def test_a_product_that_declares_its_multiples_counts_by_them(cast):
    held: ProductVersion = version("W30")
    held.definition, held.terms = held.definition | {"risk_declared": True}, held.terms | {"risk_weights": {"life": "0.4", "death": "0.4"}}
    found = risk_of_proposal(Proposed(version=held, entry_age=30, sum_assured=D(100000), premium=D(2000), pay_term="10Y"))
    assert (found[RiskKind.LIFE], found[RiskKind.MINOR]) == (40000, 40000)


def test_the_book_counts_what_it_would_pay_with_what_has_been_paid_in(issue, insured):
    """终身 300,000 and 两全 100,000 with more premiums than sum; 医疗 and another's policy count nothing."""
    issue("W30", "M10")
    mixed = {"version": version("E20"), "sum_assured": D(100000), "cover_term": "20Y", "pay_term": "10Y", "premium": D(9332)}
    held = issue(coverages=[mixed])
    deliver_policy(policy=held, signed_on=date(2026, 3, 6))
    issue("T20", insured=person("李四", sequence=200))
    for year in range(1, 10):
        held.premiums.create(due_on=date(2026 + year, 3, 3), amount=12000, paid_on=EFFECTIVE, kind="renewal", settled_by="paid")
    paid = premiums_paid_for(held, held.main, EFFECTIVE)
    assert paid == 9332 + 9 * 12000 > 100000
    found = sums_at_risk(insured)
    assert (found[RiskKind.LIFE], found[RiskKind.DEATH]) == (300000 + paid, 300000 + paid)
    assert (found[RiskKind.ACCIDENT], found[RiskKind.CRITICAL]) == (0, 0)
    # 终身: the sum less its part of the first premium; 两全: all of it was paid in
    whole = Policy.objects.get(coverages__version__product__code="W30")
    assert found[RiskKind.MINOR] == 300000 - premiums_paid_for(whole, whole.main, EFFECTIVE)


def test_a_bonus_sum_is_at_risk_as_well(issue, insured):
    spec = {"version": version("W31"), "sum_assured": D(200000), "cover_term": "WHOLE_LIFE", "pay_term": "10Y", "premium": D(6000)}
    policy = issue(coverages=[spec])
    policy.coverages.update(bonus_sum=D("1234.56"))
    assert sums_at_risk(insured)[RiskKind.DEATH] == D("201234.56")
    assert value_on(policy.coverages.get(), "M", EFFECTIVE) is not None


def test_a_waiver_counts_for_nobody(issue, insured):
    payer = person("李交费", born=date(1990, 6, 1), sequence=122)
    waiver = {"version": version("R10"), "is_rider": True, "sum_assured": D(10000), "cover_term": "9Y", "pay_term": "9Y", "premium": D(60)}
    issue(coverages=[cover("T20", insured), waiver], policyholder=payer, relation="spouse")
    assert sums_at_risk(insured)[RiskKind.DEATH] == 300000
    assert not any(sums_at_risk(payer).values())
