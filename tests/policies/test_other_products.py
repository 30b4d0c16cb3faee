"""Other products of the shapes of the eight load without a line of code, and every cell of theirs is quoted and valued."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from lifeops.policies.models import ProductVersion, Rate
from lifeops.policies.rules.lines import money
from lifeops.policies.rules.values import amounts, benefit
from lifeops.policies.services.benefits import death_benefit_of, maturity_benefit, survival_benefit
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.quoting import Ask, offer, offers
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.values import cash_values_of
from tests.policies.conftest import person
from tests.policies.disclosures import version_of
from tests.policies.other_products import OTHERS, money_back, term_per_thousand, travel_by_destination
from tests.policies.selling import sell

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]
DIMS = ("plan", "social_insurance", "purchase", "occupation_class", "annuity_start_age")
START = date(2026, 3, 3)


def put(tmp_path, code, content):
    target = tmp_path / code
    target.mkdir()
    for name, data in content.items():
        (target / name).write_bytes(data)
    return target


def load(tmp_path, code, content=None) -> tuple[ProductVersion, dict[str, bytes]]:
    made = content or OTHERS[code][0]()
    call_command("load_products", put(tmp_path, code, made), "--sale-from", "2026-01-01", stdout=io.StringIO())
    return version_of(code), made


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def chosen(row: dict[str, str]) -> dict[str, object]:
    return {d: int(row[d]) if d in ("occupation_class", "annuity_start_age") else row[d] for d in DIMS if d in row}


@pytest.mark.parametrize("code", OTHERS)
def test_it_loads_once_and_every_cell_is_quoted_and_valued(tmp_path, code):
    version, made = load(tmp_path, code)
    before = (ProductVersion.objects.count(), Rate.objects.count())
    call_command("load_products", tmp_path / code, stdout=io.StringIO())
    assert (ProductVersion.objects.count(), Rate.objects.count()) == before
    table, values = rows_of(made["rates.csv"]), rows_of(made.get("cash_values.csv", b""))
    asks, due = [], []
    for row in table:
        value, base, flat = Decimal(row["value"]), Decimal(row["base_amount"]), row["base_of"] == "person-year"
        for age in {int(row["age_from"]), int(row["age_to"])}:
            given = {"sex": row.get("sex", "F"), "age": age, "cover_term": row["coverage_term"], "pay_term": row["pay_term"], **chosen(row)}
            given["pay_mode"] = "single" if row["pay_term"] == "SINGLE" else "annual"
            amount = {"premium": base} if row["measure"] == "basic_sum_insured" else {} if flat else {"sum_assured": base * 1000}
            asks.append(Ask(version=version, **given, **amount))
            exact = value if row["measure"] == "basic_sum_insured" else value if flat else value * 1000
            due.append((money(exact), base) if row["measure"] == "basic_sum_insured" else (Decimal(0) if flat else base * 1000, exact))
    found = [(f.sum_assured, f.total) for f in offers(asks)]
    assert found == due
    one = offer(asks[len(asks) // 2])
    assert (one.sum_assured, one.total) == due[len(asks) // 2]
    for row in values:
        told = cash_values_of(
            version=version, sex=row.get("sex", "F"), age=int(row["entry_age"]), cover_term=row["coverage_term"], pay_term=row["pay_term"],
            effective_on=START, sum_assured=Decimal(1), premium=Decimal(1), choices=chosen(row),
        )  # fmt: skip
        assert told is not None and told.at_year_end(int(row["policy_year"])) == Decimal(row["cash_value_year_end"])
    _, cells, ends = OTHERS[code]
    assert (len(table) == cells or not cells) and len(values) == ends and version.rates.filter(kind="premium").count() == len(table)


def test_other_modes_have_their_factors(tmp_path):
    """29.0 per 10,000 at 39 over ten years: 2.90 per 1,000; 500,000 → 1,450 a year, × 0.51, 0.26, 0.088."""
    version, _ = load(tmp_path, "P611906")
    asked = {"version": version, "sex": "M", "age": 39, "cover_term": "10Y", "pay_term": "10Y", "sum_assured": Decimal(500000)}
    told = {mode: offer(Ask(**asked, pay_mode=mode)).total for mode in ("annual", "semiannual", "quarterly", "monthly")}
    assert told == {"annual": Decimal("1450.00"), "semiannual": Decimal("739.50"), "quarterly": Decimal("377.00"), "monthly": Decimal("127.60")}


def test_powers_shares_by_age_and_the_higher_of_two(tmp_path):
    women, _ = load(tmp_path, "X301")
    values = amounts(women.definition, basic=Decimal(100000), entry_age=50, policy_year=3, premiums_paid=Decimal(60001))
    assert benefit(women.definition, "ILL", values).amount == Decimal("104040.00")  # 100,000 × 1.02²
    assert benefit(women.definition, "DEATH", values).amount == Decimal("60001.00")
    growing, _ = load(tmp_path, "P411920")
    # 150 % until the anniversary after 41; 35 % of nothing else
    values = amounts(growing.definition, basic=Decimal(1000), entry_age=39, policy_year=3, pay_years=5, premiums_paid=Decimal(60000), cash_value=Decimal(1))
    assert benefit(growing.definition, "DEATH", values).amount == Decimal("66000.00")  # at 41: 110 %
    values = amounts(growing.definition, basic=Decimal(1000), entry_age=38, policy_year=3, pay_years=5, premiums_paid=Decimal(60000), cash_value=Decimal(1))
    assert benefit(growing.definition, "DEATH", values).amount == Decimal("90000.00")
    assert values["effective_sum_insured"] == Decimal("1071.225")  # × 1.035²


def test_money_comes_back_every_third_year_and_at_the_end(issue, tmp_path):
    """100,000 on plan 2, class 1, at 20: 122.1 per 1,000 → 12,210.00 a year for five years; 8,000 in years 3 and 6."""
    version, _ = load(tmp_path, "X302")
    assert version.grace_days == 60  # no word in the terms: the law's
    life = person("周小一", born=date(2005, 5, 17), sequence=141)
    policy = sell(issue, version, insured=life, cover_term="9Y", pay_term="5Y", pay_mode="annual", plan="2", sum_assured=100000)
    cover = policy.coverages.get()
    assert cover.premium == Decimal("12210.00")
    assert [survival_benefit(policy, cover, year, START) for year in range(1, 10)] == [0, 0, 8000, 0, 0, 8000, 0, 0, 0]
    assert maturity_benefit(policy, cover, date(2035, 3, 3)) == Decimal("12210.00")  # the one premium paid so far
    assert death_benefit_of(policy, cover, date(2027, 3, 3), accident=False).calculation.amount == Decimal("12210.00")
    assert death_benefit_of(policy, cover, date(2028, 3, 3), accident=False).calculation.amount == Decimal("100000.00")
    # year-end 1 of plan 2: 42 per 1,000; until the premium of 2027-03-03 is paid the value stays there
    assert surrender_value(policy, date(2027, 9, 1)).amount == Decimal("4200.00")


def test_single_premium_money_back_by_the_day_run(issue, tmp_path):
    def paid_at_once(content):
        content["rates.csv"] = content["rates.csv"].replace(b",5Y,9Y,", b",SINGLE,9Y,")
        content["cash_values.csv"] = content["cash_values.csv"].replace(b",5Y,9Y,", b",SINGLE,9Y,")
        content["product.json"] = content["product.json"].replace(b'["5Y"]', b'["SINGLE"]').replace(
            b'["annual", "semiannual", "quarterly", "monthly"]', b'["single"]'
        )
        return content

    version, _ = load(tmp_path, "X302", paid_at_once(money_back()))
    assert version.grace_days == 0
    life = person("周小一", born=date(2005, 5, 17), sequence=141)
    policy = sell(issue, version, insured=life, cover_term="9Y", plan="1", occupation_class=3, sum_assured=100000)
    run_policy_day(date(2035, 3, 3))
    # 2 × 8,000 and the premium of 121.3 × 100
    assert balances(policy)["payable"] == -(16000 + policy.main.premium) and policy.main.premium == Decimal("12130.00")


def test_travel_by_destination_class_and_age(tmp_path, cast):
    """Class 2: 100,000 ÷ 10,000 × 5.00 × 1.5 × 1.0 = 75.00; medical 8,000: (60 + 18) × 0.8 × 1.5 = 93.60; rescue 8 × 1.5."""
    load(tmp_path, "P214950", travel_by_destination())
    api = APIClient()
    api.force_authenticate(cast.clerk)
    body = {
        "product": "P214950", "sex": "F", "age": 30, "occupation_class": 2, "deductible": "200", "others": {"destination": "ASIA"},
        "items": {"ACC_DEATH": "100000", "ACC_MEDICAL": "8000", "RESCUE": "1"},
    }  # fmt: skip
    told = api.post("/api/v1/quotes/", body, format="json").json()
    assert [line["value"] for line in told["lines"]] == ["75.00", "93.60", "12.00"] and told["premium"] == "180.60"
    assert api.post("/api/v1/quotes/", body | {"age": 70}, format="json").json()["premium"] == "288.96"
    for change, words in (
        ({"others": {}}, "请填写目的地（可选 DOMESTIC、ASIA、WORLD）"), ({"occupation_class": 4}, "没有职业类别 4（可选 1、2、3）"),
        ({"age": 81}, "没有投保年龄 81（可选 0 至 80）"), ({"deductible": "100"}, "没有免赔额 100"),
    ):  # fmt: skip
        answer = api.post("/api/v1/quotes/", body | change, format="json")
        assert answer.status_code == 403 and words in answer.json()["detail"], answer.json()
    assert api.post("/api/v1/quotes/", body | {"others": {"destination": "MOON"}}, format="json").status_code == 400


def test_the_page_asks_for_what_only_this_product_has(tmp_path, cast, as_user):
    load(tmp_path, "P214950", travel_by_destination())
    words = as_user(cast.clerk).get("/policies/quote/", {"product": "P214950"}).content.decode()
    assert "旅行目的地" in words and 'name="by_destination"' in words and 'value="ASIA"' in words
    load(tmp_path, "P315999")
    words = as_user(cast.clerk).get("/policies/quote/", {"product": "P315999"}).content.decode()
    assert "升级版" in words and 'name="purchase"' not in words and 'name="social_insurance"' not in words


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [(",18,18,", ",１８,18,", "含全角字符"), ("CNY,", "CNY，", "格，表头有"), (",1000,", ",1,000,", "格，表头有")],
)
def test_digits_and_commas_typed_full_width_are_refused_with_the_reason(tmp_path, before, after, reason):
    made = term_per_thousand()
    lines = made["rates.csv"].decode("utf-8-sig").split("\r\n")
    assert before in lines[1]
    lines[1] = lines[1].replace(before, after, 1)
    made["rates.csv"] = "\r\n".join(lines).encode()
    words = io.StringIO()
    with pytest.raises(CommandError):
        call_command("load_products", put(tmp_path, "P611906", made), stderr=words, stdout=io.StringIO())
    assert "P611906/rates.csv 第 2 行" in words.getvalue() and reason in words.getvalue()


def test_rates_of_the_other_sex_do_not_belong_to_a_product_for_women(tmp_path):
    made = OTHERS["X301"][0]()
    made["rates.csv"] += b"X301,SINGLE,TO_60,premium,1000,basic sum insured,CNY,M,50,50,40.5\n"
    words = io.StringIO()
    with pytest.raises(CommandError):
        call_command("load_products", put(tmp_path, "X301", made), stderr=words, stdout=io.StringIO())
    assert "第 10 行：本险种只承保女性" in words.getvalue()
