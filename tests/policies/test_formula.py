"""Formulas kept as data: the grammar, its refusals, and wordings of disclosures read as formulas."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeops.policies.rules.formula import FormulaError, MissingWord, cycle_in, evaluate, parse, unknown_words
from lifeops.policies.rules.formula_words import condition_in_words, in_words
from lifeops.policies.rules.wording import age_bound, is_prose, read_amount, read_bands, read_condition

D = Decimal


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("10 / 4", "2.5"), ("-2 + 5", "3"), ("60% of 200", "120"), ("12%", "0.12"),
        ("max(1, 2, 3)", "3"), ("min(4, 2)", "2"), ("if(1 < 2, 10, 20)", "10"), ("if(3 < 2, 10, 20)", "20"),
        ("2 > 1 and 1 > 2", "0"), ("2 > 1 or 1 > 2", "1"), ("not 1", "0"), ("money(2.345)", "2.35"), ("7 − 2 × 3", "1"),
        ("if(0, 1 / 0, 5)", "5"), ("1 <= 1 and 2 != 3", "1"),
    ],
)  # fmt: skip
def test_arithmetic(text, result):
    assert evaluate(parse(text), {}) == D(result)


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "(1", "max(", "foo(1)", "1 2", "a b", "1 ** 2", "__import__('os')", "a.b", "a[0]", "lambda x: x", "x = 1; y", "if(1, 2)",
     "max()", "1e9999", "'text'", "(" * 40 + "1" + ")" * 40, "1+" * 400 + "1", "%", "* 2"],
)  # fmt: skip
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(FormulaError):
        evaluate(parse(text), {})


def test_results_that_cannot_be_reckoned_are_refused_in_words():
    with pytest.raises(FormulaError, match="除数为零"):
        evaluate(parse("1 / (2 - 2)"), {})
    with pytest.raises(MissingWord, match="缺少“现金价值”"):
        evaluate(parse("cash_value"), {})


def test_unknown_words_and_cycles_are_named():
    assert unknown_words(parse("max(premiums_paid, cash_worth, DEATH)"), also=["DEATH"]) == ["cash_worth"]
    trees = {"A": parse("B + 1"), "B": parse("max(C, 2)"), "C": parse("A")}
    assert cycle_in(trees) == ["A", "B", "C", "A"]
    assert cycle_in({"A": parse("B"), "B": parse("premium")}) == []
    with pytest.raises(FormulaError, match="循环"):
        evaluate(parse("A"), {}, trees)


def test_told_in_words_with_amounts():
    node = parse("max(cash_value_at_death, premiums_paid * age_pct)")
    assert in_words(node) == "现金价值与（已交保险费 × 年龄给付比例）中的较大者"
    assert in_words(node, {"cash_value": D("3396.00")}) == "现金价值 3,396.00 与（已交保险费 × 年龄给付比例）中的较大者"
    assert in_words(parse("60% of basic_sum_insured")) == "60% × 基本保险金额"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("max(premiums_paid, cash_value_basic) + cash_value_bonus", "（已交保险费与基本保险金额的现金价值中的较大者） + 累积红利保险金额的现金价值"),
        ("max(basic_sum_insured, premiums_paid, cash_value)", "基本保险金额、已交保险费、现金价值中的最大者"),
        ("min(hospital_days, 180) * daily_allowance", "（住院天数与 180 中的较小者） × 日津贴额"),
        ("(covered_cost - other_compensation - deductible) * payout_ratio", "(责任内费用 − 其他途径补偿 − 免赔额) × 给付比例"),
        ("premium - (cash_value - deductible)", "保险费 − (现金价值 − 免赔额)"), ("premium / (pay_years * 2)", "保险费 ÷ (交费年数 × 2)"),
        ("-(premium + 1)", "−(保险费 + 1)"), ("money(premium * 0.6)", "（保险费 × 0.6）取整到分"),
        ("if(age < 18, premiums_paid, cash_value)", "年龄未满 18 周岁的，已交保险费；其他情形，现金价值"),
    ],
)  # fmt: skip
def test_sums_keep_only_the_brackets_they_need(text, words):
    assert in_words(parse(text)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("in_waiting and not accident", "等待期内且非因意外伤害"), ("accident or not in_waiting", "因意外伤害或等待期满后"),
        ("not (in_waiting and not accident)", "等待期满后或因意外伤害"), ("not annuity_started", "开始领取前"),
        ("not premium_complete", "交费期满前"), ("premium_complete and (accident or not in_waiting)", "交费期满后且（因意外伤害或等待期满后）"),
        ("anniversary_age < 18", "最近保单周年日年龄未满 18 周岁"), ("not anniversary_age < 18", "最近保单周年日年龄已满 18 周岁"),
        ("policy_year >= 3", "保单年度不低于 3"), ("cash_value > premiums_paid + 1", "现金价值大于（已交保险费 + 1）"),
    ],
)  # fmt: skip
def test_conditions_are_told_as_clauses_have_them(text, words):
    assert condition_in_words(parse(text)) == words


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        said = in_words(parse(text))
    except FormulaError as error:
        said = str(error)
    assert said


@given(a=st.decimals(-1000, 1000, places=2), b=st.decimals(-1000, 1000, places=2))
def test_sums_and_order_agree_with_decimal(a, b):
    known = {"premium": a, "cash_value": b}
    assert evaluate(parse("premium + cash_value * 2"), known) == a + b * 2
    assert evaluate(parse("max(premium, cash_value)"), known) == max(a, b)
    assert evaluate(parse("premium < cash_value"), known) == D(a < b)


def test_wordings():
    assert read_amount("60% of basic_sum_insured").formula == "60% of basic_sum_insured"
    assert read_amount("as DEATH_TPD").formula == "DEATH_TPD"
    assert read_amount("30%, once").formula == "30% of basic_sum_insured"
    assert read_amount("days in hospital * daily allowance, at most 180 days in the term").formula == "min(hospital_days, 180) * daily_allowance"
    assert read_amount("premiums due from the next date on, they count as paid").formula == ""
    assert (read_amount("base = max(premiums_paid, cash value of basic sum)").defines) == "base"
    for broken in ("max(premiums_paid, ", "2**basic_sum_insured", "basic_sum_insured +"):
        with pytest.raises(FormulaError):
            read_amount(broken)
    assert read_condition("death before the first anniversary after age 18") == "anniversary_age < 18"
    assert read_condition("when the moon is full") == ""
    assert read_bands("100% of covered cost above 3000, within the sum insured") == [["0", "3000", "0"], ["3000", None, "1"]]
    assert (age_bound("first anniversary after age 41"), age_bound(None)) == (41, None)
    assert is_prose("the payments made so far") and not is_prose("max(premiums_paid, cash_worth)")
