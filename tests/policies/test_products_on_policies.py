"""What the terms of a product say is what happens to a policy on it: death, loan, surrender, survival, maturity, by the eight
disclosures and by our own products. Amounts worked by hand from the printed tables."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy
from lifeops.policies.own_products import annuity_files, endowment_files
from lifeops.policies.rules.dates import due_date
from lifeops.policies.services.benefits import death_benefit_of
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import lend, value_at, value_tables
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.overview import values_today
from lifeops.policies.services.premiums import due_after
from lifeops.policies.services.servicing import surrender_value
from tests.policies.conftest import EFFECTIVE, NOW, person, version
from tests.policies.disclosures import load
from tests.policies.selling import sell

pytestmark = pytest.mark.django_db
disclosed = pytest.mark.shared_data


def death(policy, day, *, accident=False, particular=""):
    cover = policy.coverages.get()
    return death_benefit_of(policy, cover, day, accident=accident, particular=particular)


def own_rows(files, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files.content[name].decode())))


# ── disclosures ──


@disclosed
def test_term_life_pays_premiums_back_within_the_waiting_period(issue):
    """500,000 ÷ 10,000 × 29.0 = 1,450.00 a year; 90 days from 2026-03-03 end on 2026-06-01."""
    [term] = load("P611005")
    policy = sell(issue, term, cover_term="10Y", pay_term="10Y", pay_mode="annual", sum_assured=500000)
    assert policy.main.premium == Decimal("1450.00")
    assert death(policy, date(2026, 6, 1)).calculation.amount == Decimal("1450.00")
    assert death(policy, date(2026, 6, 1), accident=True).calculation.amount == Decimal("500000.00")
    assert death(policy, date(2026, 6, 2)).calculation.amount == Decimal("500000.00")
    # 中止后复效: "inception or last reinstatement, whichever is later"; 2029-01-10 + 90 days = 2029-04-10
    policy.reinstated_on = date(2029, 1, 10)
    assert death(policy, date(2029, 4, 10)).calculation.amount == Decimal("1450.00")
    assert death(policy, date(2029, 4, 11)).calculation.amount == Decimal("500000.00")
    # a death before the reinstatement is not judged by it
    assert death(policy, date(2028, 4, 10)).calculation.amount == Decimal("500000.00")


@disclosed
def test_term_life_has_no_loan_and_a_value_only_late(issue, cast):
    """Year-end values per 10,000: 1.40 after 6 years, 3.87 after 7; 2032-09-01 is 182 days into a year of 365."""
    [term] = load("P611005")
    policy = sell(issue, term, cover_term="10Y", pay_term="10Y", pay_mode="annual", sum_assured=500000)
    Policy.objects.filter(pk=policy.pk).update(paid_to=date(2033, 3, 3))
    policy = Policy.objects.get(pk=policy.pk)
    # (1.40 + (3.87 − 1.40) × 182/365) × 50 = 131.58
    assert surrender_value(policy, date(2032, 9, 1)).amount == Decimal("131.58")
    assert values_today([policy], date(2032, 9, 1)) == {policy.pk: Decimal("131.58")}
    with pytest.raises(BookRefused, match="条款没有保单贷款"):
        lend(policy=policy, case_number="PS-1", amount=Decimal(600), day=date(2032, 9, 1), actor=cast.clerk, now=NOW)


@disclosed
def test_endowment_by_premium_units(issue, cast):
    """1,182 of sum per 1,000: 50,000 → 59,100.00; values per 1,000 of premium: 995, 1,039, 1,105, 1,143."""
    [endowment] = load("P212014")
    policy = sell(issue, endowment, cover_term="5Y", premium=Decimal(50000))
    assert policy.main.sum_assured == Decimal("59100.00")
    assert death(policy, date(2028, 3, 3)).calculation.amount == Decimal("60000.00")  # 1.2 × 50,000
    assert surrender_value(policy, date(2028, 3, 3)).amount == Decimal("51950.00")  # 50 × 1,039
    # no ratio stated: the law's 80 %, 41,560.00
    with pytest.raises(BookRefused, match=r"500\.00 至 41,560\.00 元"):
        lend(policy=policy, case_number="PS-1", amount=Decimal("41560.01"), day=date(2028, 3, 3), actor=cast.clerk, now=NOW)
    lend(policy=policy, case_number="PS-2", amount=Decimal("41560.00"), day=date(2028, 3, 3), actor=cast.clerk, now=NOW)


@disclosed
def test_a_certain_accident_takes_the_place_of_the_death_benefit_when_found(issue):
    [endowment] = load("P212014")
    policy = sell(issue, endowment, cover_term="5Y", premium=Decimal(500000))
    assert policy.main.sum_assured == Decimal("591000.00")
    day = date(2027, 5, 1)
    assert death(policy, day, accident=True).calculation.amount == Decimal("600000.00")
    assert death(policy, day, accident=True, particular="PUBLIC_TRANSPORT_DEATH").calculation.amount == Decimal("991000.00")  # cap 400,000 + sum
    assert death(policy, day, accident=True, particular="AVIATION_DEATH").calculation.amount == Decimal("1191000.00")  # cap 600,000 + sum
    # not by illness, whatever was ticked
    assert death(policy, day, particular="AVIATION_DEATH").calculation.amount == Decimal("600000.00")


@disclosed
def test_endowment_matures_on_the_day_run(issue):
    [endowment] = load("P212014")
    policy = sell(issue, endowment, cover_term="5Y", premium=Decimal(50000))
    run_policy_day(date(2031, 3, 2))
    assert Policy.objects.get(pk=policy.pk).status == "in_force"
    run_policy_day(date(2031, 3, 3))
    assert Policy.objects.get(pk=policy.pk).ending == "maturity"
    assert balances(policy)["payable"] == Decimal("-59100.00")


@disclosed
def test_a_child_on_the_endowment_is_paid_the_value_where_it_is_higher(issue):
    """Before the anniversary after 18: max(premiums 50,000, value); 1,106 × 50 after three years."""
    [endowment] = load("P212014")
    child = person("小童", born=date(2015, 5, 17), sequence=131)
    policy = sell(issue, endowment, cover_term="5Y", premium=Decimal(50000), insured=child)
    assert death(policy, date(2027, 3, 3)).calculation.amount == Decimal("50000.00")
    assert death(policy, date(2029, 3, 3)).calculation.amount == Decimal("55300.00")


@disclosed
def test_annuity_is_paid_from_the_age_chosen_to_the_end_of_the_term(issue):
    """476 per 1,000 at 39 from 50: 100,000 → 47,600.00, 4,760.00 a year: 38 anniversaries and the last day of the term."""
    [annuity] = load("P123001")
    policy = sell(issue, annuity, cover_term="TO_88", annuity_start_age=50, premium=Decimal(100000))
    assert policy.main.sum_assured == Decimal("47600.00")
    run_policy_day(date(2037, 3, 2))
    assert balances(policy).get("payable", 0) == 0
    run_policy_day(date(2037, 3, 3))
    assert balances(policy)["payable"] == Decimal("-4760.00")
    run_policy_day(date(2075, 3, 2))
    assert balances(policy)["payable"] == Decimal("-180880.00")  # 38 × 4,760
    run_policy_day(date(2075, 3, 3))
    assert balances(policy)["payable"] == Decimal("-185640.00") and Policy.objects.get(pk=policy.pk).ending == "maturity"


@disclosed
def test_premiums_until_the_annuity_begins_end_before_it(issue):
    """11 premiums from 39 to 49, the last on 2036-03-03; 1,000 × 4,285 ÷ 1,000 of sum."""
    [annuity] = load("P123001")
    policy = sell(
        issue, annuity, cover_term="TO_88", pay_term="TO_ANNUITY_START", pay_mode="annual", annuity_start_age=50, premium=Decimal(10000)
    )
    assert policy.main.sum_assured == Decimal("42850.00")
    covers = list(policy.coverages.select_related("version__product"))
    assert due_after(policy, covers, due_date(EFFECTIVE, "annual", 9)) == date(2036, 3, 3)
    assert due_after(policy, covers, date(2036, 3, 3)) is None


@disclosed
def test_what_needs_a_table_that_is_not_disclosed_is_left_to_the_examiner(issue):
    """P411008 discloses no cash values: its death benefit is at least the cash value."""
    [whole] = load("P411008")
    policy = sell(issue, whole, cover_term="WHOLE_LIFE", pay_term="10Y", pay_mode="annual", premium=Decimal(10000))
    assert policy.main.sum_assured == Decimal("77300.00")
    found = death(policy, date(2027, 1, 1))
    assert found.calculation.amount == 0 and "缺少“现金价值”" in found.open[0]
    with pytest.raises(BookRefused, match="缺少现金价值表"):
        surrender_value(policy, date(2027, 1, 1))
    assert values_today([policy], date(2027, 1, 1)) == {policy.pk: None}


@disclosed
def test_critical_illness_product_gives_premiums_back_within_its_waiting_period(issue):
    """100,000 at 428 per 10,000 = 4,280.00; 90 days from 2026-03-03 end on 2026-06-01."""
    [illness] = load("P415011")
    policy = sell(
        issue, illness, cover_term="WHOLE_LIFE", pay_term="20Y", pay_mode="annual", plan="1", sum_assured=100000,
    )
    found = death(policy, date(2026, 6, 1))
    assert (found.calculation.amount, found.open) == (Decimal("4280.00"), ())
    assert death(policy, date(2026, 6, 2)).open


@disclosed
def test_travel_cover_ends_by_days_and_answers_for_accidents_only(issue):
    """Ten days: (46.50 + 79.20 × 0.90 × 0.90 + 12.75) × 0.10, each part rounded: 4.65 + 6.42 + 1.28."""
    [travel] = load("P214001")
    items = {"ACC_DEATH": Decimal(100000), "ACC_MEDICAL": Decimal(12000), "ACC_HOSP_ALLOWANCE": Decimal(50)}
    policy = sell(
        issue, travel, items=items, days=10, deductible=Decimal(100), payout_ratio=Decimal("0.9"), social_insurance="Y",
    )
    assert policy.main.premium == Decimal("12.35") and policy.main.expires_on == date(2026, 3, 12)
    assert death(policy, date(2026, 3, 5)).calculation.amount == 0
    assert death(policy, date(2026, 3, 5), accident=True).calculation.amount == Decimal("100000.00")
    # 12.35 × (1 − 35 %) × 5 of 10 days: the fifth day counts as used
    assert surrender_value(policy, date(2026, 3, 7)).amount == Decimal("4.01")


# ── our own ──


def test_our_endowment_lends_pays_and_matures_by_its_own_table(issue, cast):
    policy = sell(issue, version("E20"), cover_term="20Y", sum_assured=100000)
    ends = [
        Decimal(r["cash_value_year_end"]) for r in own_rows(endowment_files(), "cash_values.csv")
        if (r["sex"], r["entry_age"], r["pay_term"]) == ("M", "39", "SINGLE")
    ]  # fmt: skip
    value = ends[1] * 100
    assert value > 0 and surrender_value(policy, date(2028, 3, 3)).amount == value
    with pytest.raises(BookRefused, match="可贷金额"):
        lend(policy=policy, case_number="PS-1", amount=value * Decimal("0.8") + 1, day=date(2028, 3, 3), actor=cast.clerk, now=NOW)
    assert death(policy, date(2028, 3, 3)).calculation.amount == max(Decimal(100000), policy.main.premium, value)
    run_policy_day(date(2046, 3, 3))
    assert balances(policy)["payable"] == Decimal("-100000.00") and Policy.objects.get(pk=policy.pk).ending == "maturity"


def test_our_annuity_pays_a_tenth_a_year_from_60_and_stops_before_88(issue):
    policy = sell(issue, version("A60"), cover_term="TO_88", annuity_start_age=60, premium=Decimal(10000))
    rate = next(
        Decimal(r["value"]) for r in own_rows(annuity_files(), "rates.csv")
        if (r["sex"], r["age_from"], r["pay_term"], r["annuity_start_age"]) == ("M", "39", "SINGLE", "60")
    )  # fmt: skip
    assert policy.main.sum_assured == rate * 10
    yearly = (policy.main.sum_assured / 10).quantize(Decimal("0.01"))
    run_policy_day(date(2047, 3, 2))
    assert balances(policy).get("payable", 0) == 0
    run_policy_day(date(2076, 1, 1))
    # anniversaries 21 to 48, at 60 to 87
    assert balances(policy)["payable"] == -28 * yearly and Policy.objects.get(pk=policy.pk).status == "terminated"


def test_our_annuity_pays_premiums_or_value_before_it_begins_and_what_is_left_after(issue):
    policy = sell(issue, version("A60"), cover_term="TO_88", annuity_start_age=60, premium=Decimal(10000))
    value = value_at(value_tables(policy, list(policy.coverages.all())), date(2040, 3, 3))
    assert death(policy, date(2040, 3, 3)).calculation.amount == max(Decimal("10000.00"), value)
    yearly = (policy.main.sum_assured / 10).quantize(Decimal("0.01"))
    # 2049-06-01: three anniversaries paid (2047, 2048, 2049)
    late = value_at(value_tables(policy, list(policy.coverages.all())), date(2049, 6, 1))
    assert death(policy, date(2049, 6, 1)).calculation.amount == max(Decimal("10000.00") - 3 * yearly, late)
