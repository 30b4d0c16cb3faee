"""The products of a fresh installation, their quotes and what their terms refuse."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeops.policies.catalogue import cash_values, load_defaults, q
from lifeops.policies.errors import RateMissing
from lifeops.policies.models import Product, ProductKind, ProductVersion, Rate
from lifeops.policies.rules.premium import Loading
from lifeops.policies.services.quoting import quote
from lifeops.policies.services.sale import sale_errors
from tests.policies.conftest import version

DAY = date(2026, 3, 1)
FINE = {
    "T20": {"birth_date": date(1986, 5, 17), "age": 39, "sum_assured": Decimal(300000), "cover_term": "20Y",
            "pay_term": "20Y", "pay_mode": "annual", "occupation_class": 1, "day": DAY},
    "W30": {"birth_date": date(2026, 1, 30), "age": 0, "sum_assured": Decimal(100000), "cover_term": "WHOLE_LIFE",
            "pay_term": "SINGLE", "pay_mode": "single", "occupation_class": 1, "day": DAY},
    "M10": {"birth_date": date(1960, 5, 17), "age": 65, "sum_assured": Decimal(300000), "cover_term": "1Y",
            "pay_term": "SINGLE", "pay_mode": "single", "occupation_class": 4, "day": DAY},
}


@pytest.mark.django_db
def test_defaults_are_loaded_once_and_keep_what_was_edited():
    before = Rate.objects.count()
    ProductVersion.objects.filter(product__code="T20").update(waiting_days=180)
    load_defaults()
    assert set(Product.objects.values_list("code", flat=True)) >= {"T20", "W30", "M10"}
    assert (Rate.objects.count(), version("T20").waiting_days) == (before, 180)
    assert 0 < before < 20000


@pytest.mark.django_db
def test_rates_rise_with_age_and_men_pay_more_for_term_life():
    rows = Rate.objects.filter(version=version("T20"), kind="premium", cover_term="20Y", pay_term="20Y")
    men, women = ([r.values[0] for r in rows.filter(sex=sex).order_by("age")] for sex in "MF")
    assert men == sorted(men) and women == sorted(women)
    assert all(m > w for m, w in zip(men, women, strict=True))


@pytest.mark.django_db
def test_every_cash_value_table_covers_its_term_and_ends_as_the_cover_does():
    for row in Rate.objects.filter(kind="cash_value").select_related("version__product"):
        product = row.version.product
        whole = row.cover_term == "WHOLE_LIFE"
        years = 106 - row.age if whole else int(row.cover_term[3:]) - row.age if row.cover_term.startswith("TO_") else int(row.cover_term[:-1])
        assert len(row.values) == years
        # the sum stands at the end of whole life; nothing is left of term cover, of an endowment paid out, of the last payment of an annuity
        assert row.values[-1] == (1000 if whole else 0), product
        # by 1,000 of sum, or of an annuity's yearly premium: ten of those with fifty years of interest
        assert all(0 <= value <= (30000 if product.kind == ProductKind.ANNUITY else 1000) for value in row.values), product


@given(sex=st.sampled_from("MF"), age=st.integers(0, 65), pay=st.sampled_from([1, 10, 20]))
def test_cash_values_of_whole_life_never_fall(sex, age, pay):
    values = cash_values(sex, age, 106 - age, pay)
    assert all(later >= earlier for earlier, later in itertools.pairwise(values))


def test_mortality_is_a_probability_that_grows():
    for sex in "MF":
        ages = [q(sex, age) for age in range(107)]
        assert all(0 < rate <= 1 for rate in ages) and ages[30:] == sorted(ages[30:]) and ages[-1] == 1


@pytest.mark.django_db
def test_quote_is_rate_times_sum_and_loading_is_a_line_of_its_own():
    product = version("T20")
    rate = Rate.objects.get(version=product, kind="premium", sex="M", age=39, cover_term="20Y", pay_term="20Y").values[0]
    terms = {"sex": "M", "age": 39, "cover_term": "20Y", "pay_term": "20Y", "sum_assured": Decimal(300000)}
    plain = quote(product, pay_mode="annual", **terms)
    assert (plain.total, plain.extra) == (rate * 300, 0)
    loaded = quote(product, pay_mode="annual", loading=Loading(ratio=Decimal("0.5")), **terms)
    assert loaded.standard + loaded.extra == loaded.total
    assert loaded.standard == plain.standard < loaded.total
    assert quote(product, pay_mode="monthly", **terms).total < plain.total / 10


@pytest.mark.django_db
def test_medical_premium_does_not_depend_on_the_sum():
    terms = {"sex": "F", "age": 30, "cover_term": "1Y", "pay_term": "SINGLE", "pay_mode": "single"}
    one, two = (quote(version("M10"), sum_assured=Decimal(s), **terms).total for s in (1000, 300000))
    assert one == two > 0


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"age": 17}, {"cover_term": "40Y"}, {"pay_mode": "weekly"}])
def test_quote_outside_the_table_is_refused(change):
    terms = {"sex": "M", "age": 30, "cover_term": "20Y", "pay_term": "20Y", "pay_mode": "annual"} | change
    with pytest.raises(RateMissing, match="没有"):
        quote(version("T20"), sum_assured=Decimal(300000), **terms)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["T20", "W30", "M10"])
def test_proposal_within_the_terms_passes(code):
    assert sale_errors(version(code), **FINE[code]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "field", "change"),
    [
        ("T20", "version", {"day": date(2019, 12, 31)}),
        ("T20", "birth_date", {"age": 17, "birth_date": date(2008, 3, 2)}),  # one day before the 18th birthday
        ("T20", "birth_date", {"age": 61, "birth_date": date(1964, 5, 17)}),
        ("W30", "birth_date", {"birth_date": date(2026, 2, 2)}),  # 27 days old
        ("T20", "sum_assured", {"sum_assured": Decimal(49000)}),
        ("T20", "sum_assured", {"sum_assured": Decimal(5001000)}),
        ("T20", "sum_assured", {"sum_assured": Decimal("300000.01")}),
        ("T20", "cover_term", {"cover_term": "WHOLE_LIFE"}),
        ("T20", "cover_term", {"cover_term": "10Y"}),  # paying for 20 years
        ("T20", "pay_term", {"pay_term": "30Y"}),
        ("T20", "pay_mode", {"pay_mode": "single"}),
        ("W30", "pay_mode", {"pay_mode": "annual"}),
        ("M10", "occupation_class", {"occupation_class": 5}),
    ],
)
def test_proposal_outside_the_terms_is_refused_at_the_field(code, field, change):
    errors = sale_errors(version(code), **(FINE[code] | change))
    assert list(errors) == [field]
