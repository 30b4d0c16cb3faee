"""Values and alterations: known answers by hand, and what must hold for any input."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeops.policies.rules.alterations import (
    accumulate,
    automatic_loan,
    cash_dividend,
    loan_balance,
    misstated_benefit,
    misstatement_settlement,
    net_value,
    overtakes,
    paid_up_addition,
    partial_surrender,
    reduced_paid_up,
    reinstatement,
    terminal_bonus,
)
from lifeops.policies.rules.cash import CashValues, Debt, cash_value, unearned_premium
from lifeops.policies.rules.lines import Calculation, Line, money
from lifeops.policies.rules.premium import Loading, RateBasis, instalment, sum_for
from lifeops.policies.rules.values import (
    NotReckoned,
    amounts,
    benefit,
    disability_benefit,
    effective_sum,
    marginal,
    medical_benefit,
)

D = Decimal
DAY = date(2026, 3, 1)
LOAN = Debt(label="保单贷款", principal=D("10000.00"), rate=D("0.055"), since=date(2026, 1, 1))
amount = st.decimals(D("0.01"), D(5_000_000), places=2)
rates = st.decimals(D("0.1"), D(2000), places=2)


def adds_up(found: Calculation) -> bool:
    return found.amount == sum((line.value for line in found.lines if line.counts), D(0))


# ── quotes invert each other ──


@given(sum_assured=amount, rate=rates, base=st.sampled_from([1000, 10000]), factor=st.sampled_from(["1", "0.52", "0.09"]),
       em=st.sampled_from(["0", "0.5", "1.25"]), per_mille=st.sampled_from(["0", "2.5"]), measure=st.sampled_from(["premium", "sum"]))  # fmt: skip
def test_sum_and_premium_invert_within_one_rounding_unit(sum_assured, rate, base, factor, em, per_mille, measure):
    basis, modal = RateBasis(value=rate, measure=measure, base=D(base)), D(factor)
    loading = Loading(ratio=D(em), per_mille=D(per_mille))
    there = instalment(rate=basis, sum_assured=sum_assured, modal_factor=modal, loading=loading)
    back, extra = sum_for(rate=basis, premium=there.total, modal_factor=modal, loading=loading)
    per_one = (D(base) / rate if measure == "sum" else rate / base) * (1 + D(em)) + D(per_mille) / 1000
    # what one 分 of premium buys is the unit of the sum; two parts are rounded when there is a loading
    unit = D("0.01") * (1 if loading.is_none else 2) / (per_one * modal)
    assert abs(back - sum_assured) <= max(unit, D("0.01"))
    assert 0 <= extra <= there.total
    again = instalment(rate=basis, sum_assured=back, modal_factor=modal, loading=loading)
    assert abs(again.total - there.total) <= D("0.02") + per_one * modal * D("0.01")


# ── never negative, never more ──


@given(value=amount, principal=amount, rate=st.decimals(0, D("0.2"), places=4), days=st.integers(0, 2000))
def test_net_values_are_never_negative(value, principal, rate, days):
    debt = Debt(label="保单贷款", principal=principal, rate=rate, since=DAY)
    found = net_value(value=value, debts=[debt], day=DAY + timedelta(days=days))
    assert 0 <= found.amount <= value and adds_up(found)
    assert overtakes(value=value, owed=principal) == (principal >= value)


@given(value=amount, rate=rates, current=amount, measure=st.sampled_from(["premium", "sum"]))
def test_the_paid_up_sum_is_never_above_the_sum(value, rate, current, measure):
    found = reduced_paid_up(value=value, debts=[], day=DAY, rate=RateBasis(value=rate, measure=measure), current_sum=current)
    assert 0 <= found.amount <= current and adds_up(found.calculation)


@given(ends=st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=60), days=st.integers(0, 25000), sum_assured=amount)
def test_cash_values_between_anniversaries_lie_between_them(ends, days, sum_assured):
    values = CashValues(effective_on=DAY, sum_assured=sum_assured, year_ends=ends)
    found = cash_value(values, DAY + timedelta(days=days)).amount
    assert 0 <= found <= money(max(ends) * sum_assured / 1000)


@given(basic=amount, rate=st.decimals(0, D("0.05"), places=4), year=st.integers(1, 106))
def test_the_effective_sum_never_falls(basic, rate, year):
    now, later = (effective_sum(basic=basic, growth_rate=rate, policy_year=y).amount for y in (year, year + 1))
    assert basic <= now <= later


@given(sum_assured=st.decimals(2, 5_000_000, places=2), share=st.decimals(D("0.01"), D("0.99"), places=2), value=amount)
def test_partial_surrender_takes_and_leaves_the_whole(sum_assured, share, value):
    given_up = max(D("0.01"), money(sum_assured * share))
    found = partial_surrender(sum_assured=sum_assured, given_up=given_up, value=value, premium=D(1000), premiums_paid=D(5000))
    assert found.sum_assured + given_up == sum_assured
    assert 0 <= found.payout.amount <= value and 0 <= found.premium <= 1000 and 0 <= found.premiums_paid <= 5000


@given(grades=st.lists(st.tuples(st.integers(1, 10), st.sampled_from("abc")), min_size=1, max_size=6), sum_assured=amount, paid=amount)
def test_disability_benefits_stay_within_the_sum(grades, sum_assured, paid):
    found = disability_benefit(items=grades, sum_insured=sum_assured, paid=paid)
    assert 0 <= found.amount <= max(D(0), sum_assured - paid) and adds_up(found)


BANDS = [["0", "3000", "0"], ["3000", "20000", "0.4"], ["20000", "50000", "0.6"], ["50000", None, "1"]]
MEDICAL = {"benefits": [{"code": "GENERAL", "name": "一般医疗保险金", "bands": BANDS, "cases": []}], "item_sums": {"GENERAL": 1000000}}


@given(cost=amount, other=amount, before=amount)
def test_a_reimbursement_is_never_more_than_the_loss(cost, other, before):
    found = medical_benefit(MEDICAL, "GENERAL", cost=cost, compensated=other, before=before)
    assert 0 <= found.amount <= max(D(0), cost - other) and adds_up(found)


@given(parts=st.lists(amount, min_size=1, max_size=6))
def test_claims_one_by_one_make_the_year(parts):
    """Bands run over the year: it does not matter in how many bills the cost came."""
    before = total = D(0)
    for cost in parts:
        total += marginal(BANDS, before + cost) - marginal(BANDS, before)
        before += cost
    assert total == marginal(BANDS, before)


# ── by hand ──


def test_marginal_reimbursement_by_hand():
    # 3,000 nothing; 17,000 × 40 % = 6,800; 30,000 × 60 % = 18,000; 10,000 whole
    assert medical_benefit(MEDICAL, "GENERAL", cost=D(60000)).amount == 34800
    assert medical_benefit(MEDICAL, "GENERAL", cost=D(60000), compensated=D(40000)).amount == 6800
    assert medical_benefit(MEDICAL, "GENERAL", cost=D(10000), before=D(60000)).amount == 10000
    assert medical_benefit(MEDICAL, "GENERAL", cost=D(10000), social_insurance_unused=True).amount == 1680
    assert medical_benefit(MEDICAL, "GENERAL", cost=D(200000), before=D(60000), paid=D(950000)).amount == 50000


def test_disability_grades_by_hand():
    one = {"sum_insured": D(100000)}
    assert disability_benefit(items=[(7, "左手")], **one).amount == 40000
    assert disability_benefit(items=[(7, "左手"), (9, "左足")], **one).amount == 40000
    assert disability_benefit(items=[(7, "左手"), (7, "左足")], **one).amount == 50000  # one grade up
    assert disability_benefit(items=[(7, "左手"), (7, "左手")], **one).amount == 40000  # same part: not
    assert disability_benefit(items=[(1, "眼"), (1, "脑")], **one).amount == 100000  # never above grade 1
    assert disability_benefit(items=[(5, "脊柱")], paid=D(70000), **one).amount == 30000
    assert disability_benefit(items=[(5, "脊柱")], earlier_ratio=D("0.2"), **one).amount == 40000
    with pytest.raises(NotReckoned, match="1 至 10 级"):
        disability_benefit(items=[(11, "x")], **one)


def test_loan_interest_joins_the_principal_at_the_end_of_a_term():
    assert loan_balance(LOAN, date(2026, 6, 30)).amount == money(D(10000) + D(10000) * D("0.055") * 180 / 365)
    # 181 days to 1 July: 272.74; then 30 days on 10,272.74: 46.44
    found = loan_balance(LOAN, date(2026, 7, 31))
    assert [line.value for line in found.lines] == [10000, D("272.74"), D("46.44")] and adds_up(found)


def test_the_premium_is_lent_only_when_the_value_covers_it():
    enough = automatic_loan(value=D(12000), debts=[LOAN], premium=D(1500), day=date(2026, 3, 1))
    assert (enough.amount, enough.refusals) == (D(1500), ())
    short = automatic_loan(value=D(12000), debts=[LOAN], premium=D(2000), day=date(2026, 3, 1))
    assert short.amount == 0 and "不足以垫交保费 2,000.00 元" in short.refusals[0]
    # exactly as much would be overtaken on the same day
    assert automatic_loan(value=D(2000), debts=[], premium=D(2000), day=DAY).refusals
    assert not automatic_loan(value=D("2000.01"), debts=[], premium=D(2000), day=DAY).refusals


def test_paid_up_by_hand_in_both_directions():
    by_premium = reduced_paid_up(value=D(20000), debts=[], day=DAY, rate=RateBasis(value=D("500")), current_sum=D(100000))
    assert by_premium.amount == 40000  # 20,000 ÷ 500 × 1,000
    by_sum = reduced_paid_up(value=D(20000), debts=[LOAN], day=date(2026, 1, 1), rate=RateBasis(value=D(958), measure="sum"), current_sum=D(100000))
    assert by_sum.amount == 9580
    assert reduced_paid_up(value=D(9000), debts=[LOAN], day=DAY, rate=RateBasis(value=D(1)), current_sum=D(1)).refusals


def test_partial_surrender_by_hand_and_its_limits():
    found = partial_surrender(sum_assured=D(100000), given_up=D(20000), value=D(30000), premium=D(5000), premiums_paid=D(25000),
                              yearly_share=D("0.2"))  # fmt: skip
    assert (found.payout.amount, found.premium, found.premiums_paid, found.refusals) == (6000, 4000, 20000, ())
    over = partial_surrender(sum_assured=D(80000), given_up=D(10000), value=D(1), initial_sum=D(100000), this_year=D(15000), yearly_share=D("0.2"))
    assert "累计减少以 20,000.00 元为限" in over.refusals[0]
    assert partial_surrender(sum_assured=D(100), given_up=D(100), value=D(1)).refusals


def test_reinstatement_by_hand():
    found = reinstatement(
        premiums=[(date(2025, 3, 1), D(1000)), (date(2026, 3, 1), D(1000))], rate=D("0.05"), day=date(2026, 4, 30), debts=[LOAN]
    )
    # first: 365 days after the end of its grace (2025-04-30); second: 60 days after it fell due; loan: 119 days
    interest = [D("50.00"), D("8.22"), D("179.32")]
    assert [line.value for line in found.lines if "利息" in line.label] == interest
    assert found.amount == 2000 + 10000 + sum(interest)


def test_dividends_by_hand():
    assert cash_dividend(base=D(50000), rate=D("0.0125")).amount == 625
    assert accumulate(account=D(1000), rate=D("0.03"), added=D(100), years=2).amount == D("1160.90")
    # the sum before the bonus of the year; no bonus before the years count
    assert terminal_bonus(base=D("144975.99"), rate=D("0.0041"), years=1).amount == D("594.40")
    assert terminal_bonus(base=D("144975.99"), rate=D("0.0041"), years=-2).amount == 0
    assert paid_up_addition(dividend=D(1000), rate=RateBasis(value=D("400"))).amount == 2500


def test_misstated_age_by_hand():
    full = Calculation.of([Line(label="身故保险金", value=D(100000))])
    assert misstated_benefit(benefit=full, paid=D(900), due=D(1000)).amount == 90000
    assert misstated_benefit(benefit=full, paid=D(1100), due=D(1000)).amount == 100000
    assert misstatement_settlement(instalments=[(D(900), D(1000)), (D(900), D(1000))]).amount == 200
    assert misstatement_settlement(instalments=[(D(1100), D(1000))]).amount == -100


def test_unearned_premium_of_a_short_product_by_hand():
    # (1 − 35 %) × (1 − 100/365) of 634, the day of termination counted as used
    found = unearned_premium(premium=D(634), effective_on=date(2026, 1, 1), day=date(2026, 4, 10), expense=D("0.35"))
    assert found.amount == money(D(634) * D("0.65") * 265 / 365)


GROWING = {
    "growth_rate": "0.03", "age_pct": [[41, "1.6"], [61, "1.4"], [None, "1.2"]],
    "benefits": [{"code": "DEATH", "name": "身故保险金", "cap": "", "bands": [], "cases": [
        ["anniversary_age < 18", "max(premiums_paid, cash_value)"], ["not premium_complete", "max(cash_value, premiums_paid * age_pct)"],
        ["1", "max(cash_value, effective_sum_insured, premiums_paid * age_pct)"]]}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "year", "due"),
    [(0, 18, "5000"), (0, 19, "8000"), (30, 11, "8000"), (30, 12, "7000"), (30, 31, "7000"), (30, 32, "6000"), (30, 3, "8000")],
)
def test_shares_change_on_the_anniversary_after_the_birthday(entry, year, due):
    values = amounts(GROWING, basic=D(1000), entry_age=entry, policy_year=year, pay_years=3, premiums_paid=D(5000))
    assert benefit(GROWING, "DEATH", values).amount == D(due)
