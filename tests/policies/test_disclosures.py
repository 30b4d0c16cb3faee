"""Eight real product disclosures: they load, load once, and every cell of every table is found again."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from lifeops.policies.errors import RateMissing
from lifeops.policies.models import ProductVersion, Rate
from lifeops.policies.rules.tables import FactorTable
from lifeops.policies.services.quoting import Ask, Tariff, offer, offers, priced
from lifeops.policies.services.values import cash_values_of
from tests.policies.disclosures import CODES, PRODUCTS, folder, load, rows, version_of

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]
CENT, ODD = Decimal("0.01"), Decimal("123456.78")
DIMS = ("plan", "social_insurance", "purchase")


def asked(row: dict[str, str], version: ProductVersion, age: int, sex: str, **fields) -> Ask:
    """The question a row of rates.csv answers."""
    given = {d: row[d] for d in DIMS if d in row}
    if row.get("annuity_start_age"):
        given["annuity_start_age"] = int(row["annuity_start_age"])
    mode = "single" if row["pay_term"] == "SINGLE" else "annual"
    return Ask(
        version=version, sex=sex, age=age, cover_term=row["coverage_term"], pay_term=row["pay_term"], pay_mode=mode, **given, **fields
    )


def test_all_eight_load_and_loading_twice_changes_nothing():
    load()
    assert [version_of(code).product.code for code in CODES] == list(CODES)
    before = (ProductVersion.objects.count(), Rate.objects.count(), ProductVersion.history.count())
    told = io.StringIO()
    call_command("load_products", PRODUCTS, stdout=told)
    assert told.getvalue().count("未变") == 8
    assert (ProductVersion.objects.count(), Rate.objects.count(), ProductVersion.history.count()) == before


def test_filing_number_clocks_and_periods_are_those_of_the_terms():
    whole, term, travel, illness = load("P411008", "P611005", "P214001", "P415011")
    assert whole.filing_number == "[2023]终身寿险082号"
    assert (whole.cooling_off_days, whole.grace_days, whole.waiting_days) == (15, 60, 0)
    assert (term.cooling_off_days, term.waiting_days, term.max_age, term.min_age_days) == (10, 90, 50, 18 * 365)
    assert (travel.cooling_off_days, travel.grace_days) == (0, 0)
    claims = whole.definition["claims"]
    assert [claims[k] for k in ("notify_within_days", "decide_days", "decide_days_complex", "pay_after_agreement_days")] == [10, 5, 30, 10]
    assert (claims["article"], whole.definition["policy_loan"]["article"]) == ("3.2-3.4", "6.2")
    assert whole.terms["loan_ratio"] == "0.8" and term.terms["loan_ratio"] == ""
    grades = Counter(i["grade"] for i in illness.definition["illnesses"])
    assert grades == {"critical": 120, "medium": 20, "mild": 50}


@pytest.mark.parametrize("code", [c for c in CODES if c != "P214001"])
def test_every_cell_of_the_rate_table_is_reached_by_a_quote(code):
    [version] = load(code)
    asks, due, count = [], [], 0
    for row in rows(code, "rates.csv"):
        count += 1
        value, base = Decimal(row["value"]), Decimal(row["base_amount"])
        for sex in [row["sex"]] if "sex" in row else ["M", "F"]:
            for age in range(int(row["age_from"]), int(row["age_to"]) + 1):
                if row["measure"] == "basic_sum_insured":
                    asks.append(asked(row, version, age, sex, premium=base))
                    due.append((value, base))
                else:
                    flat = row["base_of"] == "person-year"
                    asks.append(asked(row, version, age, sex, sum_assured=None if flat else base * 100))
                    due.append((Decimal(0) if flat else base * 100, value if flat else value * 100))
    found = offers(asks)
    assert [(f.sum_assured, f.total) for f in found] == due
    assert count == Rate.objects.filter(version=version, kind="premium").count()
    # and one by one, through the database
    for ask, answer in list(zip(asks, due, strict=True))[:: max(1, len(asks) // 25)]:
        one = offer(ask)
        assert (one.sum_assured, one.total) == answer
    # and back again in every cell, with amounts that do not go even
    for answer in found:
        if answer.rate.measure == "flat":
            continue
        there = priced(replace(answer.ask, premium=None, sum_assured=ODD), answer.rate)
        back = priced(replace(answer.ask, sum_assured=None, premium=there.total), answer.rate)
        again = priced(replace(answer.ask, premium=None, sum_assured=back.sum_assured), answer.rate)
        unit = CENT * ODD / there.total  # what one 分 of premium buys
        assert abs(back.sum_assured - ODD) <= max(unit, CENT) and abs(again.total - there.total) <= CENT, answer.ask


def test_every_row_of_the_factor_table_is_reached():
    table = FactorTable(load("P214001")[0].definition["factors"])
    count = 0
    for row in rows("P214001", "rates.csv"):
        count += 1
        value = Decimal(row["value"])
        if row["kind"] == "factor":
            for point in {row["key_from"], row["key_to"] or row["key_from"]}:
                assert table.factor("ACC_MEDICAL", row["key"], point) == value
        elif row["key"]:
            low = Decimal(row["key_from"])
            assert table.base(row["benefit"], low + 1000)[0] - table.base(row["benefit"], low)[0] == value
        else:
            per = Decimal(10) if row["benefit"] == "ACC_HOSP_ALLOWANCE" else Decimal(10000)
            assert table.base(row["benefit"], per)[0] == value
    assert count == len(table.rows) == 38


@pytest.mark.parametrize("code", ["P611005", "P212014"])
def test_every_year_end_cash_value_is_reached(code):
    [version], start, wrong, count, known = load(code), date(2026, 3, 1), [], 0, {}
    for row in rows(code, "cash_values.csv"):
        place = (row["sex"], int(row["entry_age"]), row["coverage_term"], row["pay_term"])
        if place not in known:
            base = Decimal(row["base_amount"])
            known[place] = cash_values_of(
                version=version, sex=place[0], age=place[1], cover_term=place[2], pay_term=place[3], effective_on=start,
                sum_assured=base, premium=base,
            )
        count += 1
        if known[place].at_year_end(int(row["policy_year"])) != Decimal(row["cash_value_year_end"]):
            wrong.append(row)
    assert wrong == [] and count == {"P611005": 2640, "P212014": 710}[code]


def test_a_combination_that_is_not_in_the_table_is_refused_with_the_limit():
    load("P415011", "P411008", "P611005")

    def why(code: str, **fields) -> str:
        given = {"sex": "M", "cover_term": "WHOLE_LIFE", "pay_mode": "annual", "sum_assured": Decimal(100000)} | fields
        with pytest.raises(RateMissing) as refused:
            offer(Ask(version=version_of(code), **given))
        return str(refused.value)

    assert "该交费期间最高投保年龄 35 岁" in why("P415011", age=36, pay_term="30Y", plan="1")
    assert "请选择计划（可选 1、2、3、4）" in why("P415011", age=30, pay_term="30Y")
    assert "没有计划 5" in why("P415011", age=30, pay_term="30Y", plan="5")
    assert "不提供交费期间 25年" in why("P415011", age=30, pay_term="25Y", plan="1")
    assert "不提供保险期间 至70周岁" in why("P411008", age=30, pay_term="5Y", cover_term="TO_70")
    assert "保险期间 5年不能选择交费期间 10年" in why("P611005", age=30, pay_term="10Y", cover_term="5Y")


def test_travel_accident_is_priced_as_its_document_says():
    [version] = load("P214001")
    fields = {"version": version, "sex": "M", "age": 40, "social_insurance": "Y", "deductible": Decimal(0), "payout_ratio": Decimal(1)}
    medical = {"ACC_MEDICAL": Decimal(12000)}
    assert offer(Ask(**fields, days=365, items=medical)).total == Decimal("79.20")
    week = offer(Ask(**fields, days=7, items=medical | {"ACC_DEATH": Decimal(200000), "ACC_HOSP_ALLOWANCE": Decimal(100)}))
    assert week.total == Decimal("5.94") + Decimal("6.98") + Decimal("1.91")  # 79.2, 93, 25.5 × 0.075, each rounded
    assert len(week.calculation.lines) == 3
    agreed = offer(Ask(**fields | {"payout_ratio": Decimal("0.37")}, days=365, items=medical))
    assert agreed.total == Decimal("29.30")  # 79.2 × 0.37 = 29.304
    for change, words in (({"days": 366}, "没有保险期间天数 366"), ({"payout_ratio": Decimal("0.04")}, "没有给付比例"),
                          ({"deductible": Decimal(150)}, "没有免赔额 150"), ({"social_insurance": ""}, "请填写社保")):  # fmt: skip
        with pytest.raises(RateMissing, match=words):
            offer(Ask(**fields | {"days": 365, "items": medical} | change))


def test_a_changed_table_is_a_new_version_and_the_old_one_stays(tmp_path):
    [old] = load("P611005")
    copy = folder(tmp_path, "P611005")
    text = (copy / "rates.csv").read_text(encoding="utf-8")
    (copy / "rates.csv").write_text(text.replace("P611005,M,18,18,SINGLE,5Y,34.9,", "P611005,M,18,18,SINGLE,5Y,34.8,"), encoding="utf-8")
    told = io.StringIO()
    call_command("load_products", copy, "--sale-from", "2026-07-01", stdout=told)
    assert "新版本 P611005" in told.getvalue() and "费率 1 格" in told.getvalue()
    versions = list(old.product.versions.order_by("sale_from"))
    assert [(v.version, v.sale_from, v.sale_to) for v in versions] == [
        ("1", date(2026, 1, 1), date(2026, 6, 30)), ("2", date(2026, 7, 1), None),
    ]  # fmt: skip
    ask = {"sex": "M", "age": 18, "cover_term": "5Y", "sum_assured": Decimal(100000)}
    assert [offer(Ask(version=v, **ask)).total for v in versions] == [Decimal("349.00"), Decimal("348.00")]
    assert old.digest != versions[1].digest
    call_command("load_products", copy, stdout=told)
    assert old.product.versions.count() == 2


def test_rows_in_another_order_are_the_same_product(tmp_path):
    load("P611005")
    copy = folder(tmp_path, "P611005")
    head, *lines = (copy / "rates.csv").read_text(encoding="utf-8").splitlines()
    (copy / "rates.csv").write_text("\n".join([head, *reversed(lines)]) + "\n", encoding="utf-8")
    call_command("load_products", copy, stdout=io.StringIO())
    assert version_of("P611005").version == "1"


def test_tables_read_once_tell_what_single_quotes_tell(django_assert_num_queries):
    [version] = load("P315061")
    with django_assert_num_queries(1):
        tariff = Tariff(version)
    ask = Ask(version=version, sex="F", age=30, cover_term="1Y", plan="2", social_insurance="N", purchase="FIRST")
    assert tariff.offer(ask).total == offer(ask).total > 0
    old = Ask(version=version, sex="F", age=58, cover_term="1Y", plan="2", social_insurance="Y", purchase="RENEW_WITHIN_15D")
    assert offer(old).total == 1910


def test_a_path_without_products_is_refused(tmp_path: Path):
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="未装入"):
        call_command("load_products", tmp_path / "nothing", stderr=io.StringIO())
