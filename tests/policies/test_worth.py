"""今日价值与利益: what a policy is worth by its product's terms, on the policy page and in the contract."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lifeops.policies.catalogue import definition_of
from lifeops.policies.models import Policy, ProductVersion
from lifeops.policies.rules.exclusions import chinese, exclusions_of
from lifeops.policies.rules.values import in_clauses
from lifeops.policies.services.lending import lend
from lifeops.policies.services.worth import worth_on
from tests.policies.conftest import NOW, version
from tests.policies.disclosures import CODES, load
from tests.policies.selling import sell
from underwriting.letters import EXCLUSIONS, exclusions_for

pytestmark = pytest.mark.django_db
disclosed = pytest.mark.shared_data


def told(policy, day) -> dict[str, tuple[Decimal | None, str]]:
    return {w.label: (w.amount, w.note) for w in worth_on(Policy.objects.get(pk=policy.pk), day)}


@disclosed
def test_endowment_with_a_loan(issue, cast):
    """50,000 single: sum 59,100; value after two years 51,950; 10,000 lent for 30 days at 5 % owes 10,041.10."""
    [endowment] = load("P212014")
    policy = sell(issue, endowment, cover_term="5Y", premium=Decimal(50000))
    lend(policy=policy, case_number="PS-1", amount=Decimal(10000), day=date(2028, 2, 2), actor=cast.clerk, now=NOW)
    assert told(policy, date(2028, 3, 3)) == {
        "现金价值": (Decimal("51950.00"), ""), "退保金": (Decimal("41908.90"), "已减 保单贷款本金、保单贷款利息"),
        "可贷金额": (Decimal("31518.90"), "现金价值 × 80% − 欠款 10,041.10"),
        "身故保险金": (Decimal("60000.00"), "未减欠款、欠交保费"), "满期金": (Decimal("59100.00"), "2031-03-02 满期，按现已交保费"),
    }  # fmt: skip


@disclosed
def test_term_life_in_its_waiting_period_and_after(issue):
    [term] = load("P611005")
    policy = sell(issue, term, cover_term="10Y", pay_term="10Y", pay_mode="annual", sum_assured=500000)
    early = told(policy, date(2026, 4, 1))
    assert early["身故保险金（疾病）"][0] == Decimal("1450.00") and early["身故保险金（意外）"][0] == Decimal("500000.00")
    assert early["等待期"] == (None, "至 2026-06-01") and early["可贷金额"] == (None, "条款没有保单贷款")
    later = told(policy, date(2026, 6, 2))
    assert later["身故保险金"][0] == Decimal("500000.00") and "等待期" not in later


@disclosed
def test_what_cannot_be_reckoned_says_why(issue):
    [whole] = load("P411008")
    policy = sell(issue, whole, cover_term="WHOLE_LIFE", pay_term="10Y", pay_mode="annual", premium=Decimal(10000))
    found = told(policy, date(2026, 6, 1))
    assert found["现金价值"] == (None, f"{whole.product.name}没有现金价值表") and "缺少现金价值表" in found["退保金"][1]
    assert found["身故保险金"][0] is None and "缺少“现金价值”" in found["身故保险金"][1]


def test_our_annuity_names_the_day_of_its_next_payment(issue):
    policy = sell(issue, version("A60"), cover_term="TO_88", annuity_start_age=60, premium=Decimal(10000))
    yearly = (policy.main.sum_assured / 10).quantize(Decimal("0.01"))
    assert told(policy, date(2027, 1, 1))["下一次生存金"] == (yearly, "2047-03-03")
    assert told(policy, date(2047, 3, 3))["下一次生存金"] == (yearly, "2048-03-03")
    assert "下一次生存金" not in told(policy, date(2074, 3, 3))


def test_a_policy_that_has_ended_or_not_begun_is_worth_nothing(issue):
    policy = issue("W30")
    assert worth_on(policy, date(2026, 3, 2)) == []
    policy.status = "terminated"
    assert worth_on(policy, date(2027, 3, 2)) == []


def test_the_page_shows_it_in_a_bounded_number_of_queries(issue, cast, as_user):
    policy = issue("W30", "M10")
    client = as_user(cast.clerk)
    with CaptureQueriesContext(connection) as asked:
        words = client.get(f"/policies/{policy.number}/").content.decode()
    assert "今日价值与利益" in words and "身故保险金" in words and len(asked) <= 40
    past = client.get(f"/policies/{policy.number}/", {"as_of": "2026-03-10"}).content.decode()
    assert "今日价值与利益" not in past


@disclosed
def test_benefits_in_the_words_of_the_contract():
    [term] = load("P611005")
    assert in_clauses(term.definition) == [
        ("身故保险金", "因意外伤害或等待期满后的，基本保险金额；等待期内且非因意外伤害的，已交保险费", "2.3"),
    ]  # fmt: skip
    [medical] = load("P315061")
    assert [name for name, _, _ in in_clauses(medical.definition, "1")] == ["一般医疗保险金"]


@disclosed
def test_exclusions_in_the_words_of_the_contract(issue):
    load()
    for row in ProductVersion.objects.filter(product__code__in=CODES):
        labels, article = exclusions_of(row.definition)
        assert labels and article and not any("_" in label for label in labels), row
    policy = sell(issue, version("P611005"), cover_term="10Y", pay_term="10Y", pay_mode="annual", sum_assured=Decimal(500_000))
    first, second = exclusions_for(policy.main)
    assert first["title"].endswith("（条款 2.4）：") and first["wording"].startswith("（一）投保人对被保险人的故意杀害、故意伤害；\n（二）")
    assert first["wording"].endswith("（八）核爆炸、核辐射或核污染。") and "向受益人退还现金价值" in second["wording"]
    # our own say theirs; where a product states none the law stands in
    labels, article = exclusions_of(definition_of("term_life"))
    assert article == "2.5" and "被保险人故意犯罪或者抗拒依法采取的刑事强制措施" in labels and any("酒后驾驶" in label for label in labels)
    ours = issue("T20").main
    ours.version.definition = {"benefits": ours.version.definition["benefits"]}
    assert list(exclusions_for(ours)) == list(EXCLUSIONS)
    assert (chinese(10), chinese(12), chinese(20), chinese(35)) == ("十", "十二", "二十", "三十五")
    assert exclusions_of({"exclusions": {"labels": ["高空作业", "drugs"]}}) == (["高空作业", "被保险人主动吸食或注射毒品"], "")
