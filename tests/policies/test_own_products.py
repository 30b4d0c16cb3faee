"""The seven products of a fresh installation: read by the loader like any other, rates from the public life table."""

from __future__ import annotations

import csv
import filecmp
import io
from decimal import Decimal

import pytest
from django.core.management import call_command

from lifeops.policies.catalogue import load_defaults
from lifeops.policies.errors import BookRefused
from lifeops.policies.loading.store import read_product
from lifeops.policies.models import Product, ProductVersion
from lifeops.policies.mortality import COLUMNS, PURPOSES, SURVIVORS, death_rate
from lifeops.policies.own_products import OWN
from lifeops.policies.rules.values import amounts, benefit
from lifeops.policies.services.quoting import Ask, offer
from lifeops.policies.services.values import cash_values_of
from tests.policies.conftest import EFFECTIVE, version


@pytest.mark.django_db
def test_seven_products_are_there_once():
    assert set(Product.objects.values_list("code", flat=True)) == {"T20", "W30", "W31", "M10", "E20", "A60", "R10"}
    before = ProductVersion.objects.count()
    load_defaults()
    assert ProductVersion.objects.count() == before == 7


@pytest.mark.parametrize("code", OWN)
def test_their_files_are_in_order_without_a_hint(code):
    assert read_product(OWN[code]()).hints == []


@pytest.mark.django_db
def test_endowment_costs_more_than_term_and_ends_at_nothing_but_the_maturity():
    ask = {"sex": "M", "age": 40, "cover_term": "20Y", "pay_term": "10Y", "pay_mode": "annual", "sum_assured": Decimal(100000)}
    endowment, term = (offer(Ask(version=version(code), **ask)).total for code in ("E20", "T20"))
    assert endowment > 8 * term
    values = cash_values_of(
        version=version("E20"), sex="M", age=40, cover_term="20Y", pay_term="10Y", effective_on=EFFECTIVE, sum_assured=Decimal(100000)
    )
    ends = [values.at_year_end(year) for year in range(1, 21)]
    assert ends[:19] == sorted(ends[:19]) and ends[18] < 1000 and ends[19] == 0


@pytest.mark.django_db
def test_annuity_buys_more_the_earlier_and_the_later_it_starts():
    def bought(age: int, start: int) -> Decimal:
        ask = Ask(version=version("A60"), sex="F", age=age, cover_term="TO_88", pay_term="SINGLE", premium=Decimal(100000), annuity_start_age=start)
        return offer(ask).sum_assured

    assert bought(30, 60) > bought(50, 60) and bought(50, 65) > bought(50, 60)
    with pytest.raises(BookRefused, match="领取年龄"):
        bought(30, 70)
    values = amounts(version("A60").definition, basic=Decimal(50000), entry_age=50, bonus=Decimal(1000))
    assert benefit(version("A60").definition, "ANNUITY", values).amount == 5100


@pytest.mark.django_db
def test_waiver_is_priced_on_the_premium_it_waives():
    ask = {"version": version("R10"), "age": 35, "pay_mode": "annual", "sum_assured": Decimal(10000)}
    man, woman = (offer(Ask(sex=sex, cover_term="19Y", pay_term="19Y", **ask)).total for sex in "MF")
    assert 0 < woman < man < 500
    assert offer(Ask(sex="M", cover_term="4Y", pay_term="4Y", **ask)).total < man


@pytest.mark.shared_data
def test_survivors_on_file_are_those_of_the_public_table(shared, tmp_path):
    table = shared / "data" / "mortality_cl_2010_2013.csv"
    call_command("compute_survivors", table, output=tmp_path / "new.csv", stdout=io.StringIO())
    assert filecmp.cmp(tmp_path / "new.csv", SURVIVORS, shallow=False)
    columns = {column: (purpose, "MF"[n]) for purpose, pair in PURPOSES.items() for n, column in enumerate(pair)}
    with table.open(encoding="utf-8") as stream:
        wrong = [
            (row["age"], column) for row in csv.DictReader(stream) for column in COLUMNS
            if f"{death_rate(*columns[column], int(row['age'])):.6f}" != row[column]
        ]  # fmt: skip
    assert wrong == []
