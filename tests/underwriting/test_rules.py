"""核保规则 on invented facts: what blocks, what warns, with the value found and the limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeops.policies.rules.premium import Loading, RateBasis, instalment
from underwriting.defaults import EXAMS, MULTIPLES, SINGLES, WAN
from underwriting.rules import (
    EXAM_LABELS,
    EXAM_LAST,
    LimitRow,
    Limits,
    ProposalFacts,
    blocked,
    bmi_of,
    exam_needed,
    underwriting_findings,
)

ROWS = [LimitRow(code, low, 150, Decimal(value)) for code, low, value in SINGLES]
ROWS += [LimitRow("INCOME_MULTIPLE", low, high, Decimal(value)) for low, high, value in MULTIPLES]
ROWS += [
    LimitRow(f"EXAM_{name}", low, high, Decimal(limit * WAN))
    for low, high, *limits in EXAMS for name, limit in zip(("NONE", "A", "B", "C"), limits, strict=True)
]  # fmt: skip
LIMITS = Limits(ROWS)
FACTS = ProposalFacts(
    applied_on=date(2026, 3, 2), age=39, holder_age=39, relation="self", relation_label="本人", consented=False,
    parents_consented=False, beneficiaries=[{"name": "李四", "relation": "配偶"}], sale_refusals=[],
    premium_stated=Decimal("1000.00"), premium_due=Decimal("1000.00"), instalments_a_year=1, single=False,
    sum_at_risk=Decimal(300000), in_force=Decimal(0), pending=Decimal(0), elsewhere=Decimal(0), income=Decimal(200000),
    holder_income=Decimal(200000), height_cm=Decimal(172), weight_kg=Decimal(68), occupation_class=1, yes=[], limits=LIMITS,
)
CHILD = replace(
    FACTS, age=9, relation="child", relation_label="子女", income=Decimal(0), sum_at_risk=Decimal(100000),
    height_cm=Decimal(135), weight_kg=Decimal(30),
)


def found(facts: ProposalFacts, code: str):
    return next(f for f in underwriting_findings(facts) if f.code == code)


def test_a_plain_proposal_passes_every_rule_and_every_rule_says_what_it_looked_at():
    specs = underwriting_findings(FACTS)
    assert [f.level for f in specs] == ["pass"] * 19
    assert [f.code for f in specs] == [f"N{n:02d}" for n in range(1, 20)]
    assert all(f.message and f.value and f.limit for f in specs)
    assert blocked(specs) == []


@pytest.mark.parametrize(
    ("age", "own", "in_force", "pending", "elsewhere", "level"),
    [
        (9, 200000, 0, 0, 0, "pass"), (9, 200001, 0, 0, 0, "block"), (9, 100000, 50000, 30000, 20000, "pass"),
        (9, 100000, 50000, 30000, 20001, "block"), (9, 100000, 0, 0, 100001, "block"), (0, 200000, 0, 0, 0, "pass"),
        (10, 500000, 0, 0, 0, "pass"), (10, 200000, 200000, 0, 100001, "block"), (17, 500001, 0, 0, 0, "block"),
        (18, 500001, 0, 0, 500000, "pass"),
    ],
)
def test_minors_death_cap_counts_all_insurers(age, own, in_force, pending, elsewhere, level):
    sums = {"sum_at_risk": own, "in_force": in_force, "pending": pending, "elsewhere": elsewhere}
    finding = found(replace(CHILD, age=age, **{k: Decimal(v) for k, v in sums.items()}), "N03")
    assert finding.level == level
    assert finding.source == "保监发〔2015〕90号第1条"


def test_only_parents_insure_a_minor_unless_they_agree():
    uncle = replace(CHILD, relation="other", relation_label="其他")
    assert found(CHILD, "N04").level == "pass" and found(CHILD, "N06").level == "pass"
    assert found(uncle, "N04").level == "block"
    agreed = replace(uncle, parents_consented=True)
    assert [found(agreed, code).level for code in ("N04", "N05", "N06")] == ["warn", "warn", "pass"]
    # the parents' word does not stand in for a grown-up's own consent
    grown = replace(agreed, age=18)
    assert [found(grown, code).level for code in ("N05", "N06")] == ["block", "block"]


@pytest.mark.parametrize(
    ("relation", "consented", "interest", "consent"),
    [
        ("self", False, "pass", "pass"), ("spouse", False, "pass", "block"), ("spouse", True, "pass", "pass"),
        ("parent", True, "pass", "pass"), ("child", False, "pass", "block"), ("employee", True, "pass", "pass"),
        ("employee", False, "pass", "block"), ("sibling", False, "block", "block"), ("other", False, "block", "block"),
        ("other", True, "warn", "pass"),
    ],
)
def test_insurable_interest_and_consent_to_death_cover(relation, consented, interest, consent):
    facts = replace(FACTS, relation=relation, consented=consented)
    assert (found(facts, "N05").level, found(facts, "N06").level) == (interest, consent)
    assert (found(facts, "N05").source, found(facts, "N06").source) == ("保险法第31条", "保险法第34条")


def test_employer_names_only_close_relatives_and_a_stranger_is_a_warning_otherwise():
    stranger = [{"name": "王五", "relation": "朋友"}]
    assert found(replace(FACTS, beneficiaries=stranger), "N07").level == "warn"
    assert found(replace(FACTS, beneficiaries=stranger, relation="employee"), "N07").level == "block"
    assert found(replace(FACTS, beneficiaries=[]), "N07").value == "法定"


def test_premium_is_held_against_the_table_to_the_cent():
    assert found(replace(FACTS, premium_stated=Decimal("1000.01")), "N02").level == "block"
    assert found(replace(FACTS, premium_due=None), "N02").level == "block"
    assert found(replace(FACTS, sale_refusals=["年龄不符"]), "N01").value == "年龄不符"


@pytest.mark.parametrize(
    ("age", "total", "needed"),
    [
        (40, 600000, ""), (40, 600001, "EXAM_A"), (40, 1000000, "EXAM_A"), (40, 1000001, "EXAM_B"), (40, 1800001, "EXAM_C"),
        (40, 3500001, "D"), (35, 800000, ""), (60, 100001, "EXAM_A"), (61, 1, "EXAM_A"), (17, 500000, ""),
    ],
)
def test_exam_follows_age_and_accumulated_sum(age, total, needed):
    label = EXAM_LAST if needed == "D" else EXAM_LABELS.get(needed, "")
    assert exam_needed(LIMITS, age, Decimal(total)) == label


def test_accumulation_counts_policies_and_proposals_and_rests_once_the_exam_is_back():
    facts = replace(FACTS, in_force=Decimal(200000), pending=Decimal(150000))
    finding = found(facts, "N08")
    assert (finding.level, finding.value) == ("warn", "650,000.00 元")
    assert "A 类" in finding.message
    assert found(replace(facts, exam_done=True), "N08").level == "pass"
    # what other companies insure is not examined for here, but counts against income
    assert found(replace(FACTS, elsewhere=Decimal(9000000)), "N08").level == "pass"
    assert found(replace(FACTS, elsewhere=Decimal(9000000)), "N09").level == "warn"


def test_sum_and_premium_against_income():
    assert found(replace(FACTS, income=Decimal(25000)), "N09").level == "pass"
    assert found(replace(FACTS, income=Decimal(24999)), "N09").level == "warn"
    assert found(replace(FACTS, income=Decimal(0)), "N09").level == "pass"
    assert found(replace(FACTS, income=Decimal(0), in_force=Decimal(1)), "N09").level == "warn"
    monthly = replace(FACTS, premium_stated=Decimal("3333.33"), premium_due=Decimal("3333.33"), instalments_a_year=12)
    assert found(monthly, "N10").level == "pass"
    assert found(replace(monthly, premium_due=Decimal("3333.34")), "N10").level == "warn"
    single = replace(FACTS, single=True, premium_due=Decimal(800000))
    assert found(single, "N10").level == "pass"
    assert found(replace(single, premium_due=Decimal("800000.01")), "N10").level == "warn"
    # a child without income leans on the policyholder's
    assert found(CHILD, "N09").level == "pass"


def test_body_occupation_health_and_age_of_the_holder():
    assert bmi_of(Decimal(172), Decimal(68)) == Decimal("23.0")
    assert found(replace(FACTS, weight_kg=Decimal(96)), "N11").message == "体质指数偏高"
    assert found(replace(FACTS, weight_kg=Decimal(45)), "N11").message == "体质指数偏低"
    assert found(CHILD, "N11").level == "pass"
    assert [found(replace(FACTS, occupation_class=n), "N12").level for n in (0, 1, 4, 5, 6)] == ["block", "pass", "pass", "warn", "warn"]
    answered = found(replace(FACTS, yes=["5", "9"]), "N13")
    assert (answered.level, answered.value) == ("warn", "第 5、9 项")
    assert [found(replace(FACTS, holder_age=n), "N18").level for n in (17, 18, 60, 61)] == ["block", "pass", "pass", "warn"]
    assert [found(replace(FACTS, holder_age=n, single=True), "N18").level for n in (65, 66)] == ["pass", "warn"]


def test_repetition_earlier_decisions_and_identity_on_file():
    assert found(replace(FACTS, twins=["X1"]), "N14").level == "warn"
    assert [found(replace(FACTS, recent=n), "N15").level for n in (2, 3)] == ["pass", "warn"]
    assert found(replace(FACTS, claims=1), "N16").value == "理赔 1 件"
    assert found(replace(FACTS, on_file_conflict=["不一致"]), "N17").level == "block"
    assert found(replace(FACTS, died_on=date(2026, 1, 1)), "N17").level == "block"


MONEY = st.decimals(min_value=10000, max_value=10000000, places=0).map(lambda d: d // 1000 * 1000)
RATES = st.decimals(min_value="0.01", max_value="500", places=2)
FACTORS = st.sampled_from([Decimal(f) for f in ("1", "0.52", "0.262", "0.09")])
RATIOS = st.decimals(min_value=0, max_value=5, places=4)
PER_MILLE = st.decimals(min_value=0, max_value=100, places=2)


@given(sum_assured=MONEY, rate=RATES, factor=FACTORS, ratio=RATIOS, per_mille=PER_MILLE)
def test_a_loading_adds_to_the_premium_what_it_says_to_the_cent(sum_assured, rate, factor, ratio, per_mille):
    basis = RateBasis(value=rate)
    plain = instalment(rate=basis, sum_assured=sum_assured, modal_factor=factor)
    loaded = instalment(
        rate=basis, sum_assured=sum_assured, modal_factor=factor, loading=Loading(ratio=ratio, per_mille=per_mille)
    )
    yearly = sum_assured / 1000 * rate
    exact = (yearly * ratio + sum_assured / 1000 * per_mille) * factor
    assert loaded.standard == plain.total
    assert abs(loaded.extra - exact) <= Decimal("0.005")
    assert loaded.total == loaded.standard + loaded.extra == sum(line.value for line in loaded.calculation.lines)
    assert loaded.total >= plain.total and loaded.total == loaded.total.quantize(Decimal("0.01"))
