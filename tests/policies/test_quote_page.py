"""试算 on the page and over the interface: what was asked, what is answered, what is refused and why."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse

from lifeops.policies.models import Rate
from lifeops.policies.services.quoting import Ask, refusals
from tests.api.calls import client_of

URL = "/policies/quote/"
T20 = {"sex": "M", "age": "39", "cover_term": "20Y", "pay_term": "20Y", "pay_mode": "annual", "sum_assured": "300000"}


@pytest.fixture
def api(cast):
    return client_of(cast.clerk)


def rate() -> Decimal:
    return Rate.objects.get(
        version__product__code="T20", kind="premium", sex="M", age=39, cover_term="20Y", pay_term="20Y"
    ).values[0]


def test_the_page_answers_with_premium_lines_and_benefits(cast, as_user):
    page = as_user(cast.clerk).get(URL, {"product": "T20"})
    assert page.status_code == 200 and "保险金额（元）" in page.content.decode()
    answer = as_user(cast.clerk).post(f"{URL}?product=T20", T20)
    words = answer.content.decode()
    assert answer.status_code == 200 and f"{rate() * 300:,.2f}" in words and "标准保费" in words


def test_what_was_typed_stays_with_the_mistake(cast, as_user):
    answer = as_user(cast.clerk).post(f"{URL}?product=T20", T20 | {"sum_assured": "很多", "age": ""})
    words = answer.content.decode()
    assert answer.status_code == 400 and "保险金额（元）应为数字" in words and "请填写出生日期或投保年龄" in words and "很多" in words


def test_a_refusal_is_told_on_the_page(cast, as_user):
    answer = as_user(cast.clerk).post(f"{URL}?product=T20", T20 | {"age": "61", "occupation_class": "6"})
    words = answer.content.decode()
    assert answer.status_code == 400 and "最高投保年龄 60 岁" in words and "职业类别不高于 4 类" in words
    assert as_user(cast.clerk).get(URL, {"product": "NONE"}).status_code == 400
    assert as_user(cast.sysadmin).get(URL).status_code == 403


def test_the_page_lies_in_the_menu(cast, as_user):
    assert reverse("policies:quote") in as_user(cast.clerk).get("/").content.decode()


def test_the_interface_answers_premium_and_sum(api):
    body = {"product": "T20", **T20, "age": 39}
    there = api.post("/api/v1/quotes/", body, format="json")
    assert there.status_code == 200
    told = there.json()
    assert (told["premium"], told["sum_assured"], told["version"]) == (f"{rate() * 300:.2f}", "300000.00", "2020")
    assert sum(Decimal(line["value"]) for line in told["lines"] if line["counts"]) == Decimal(told["premium"])
    back = api.post("/api/v1/quotes/", {**body, "sum_assured": None, "premium": told["premium"]}, format="json").json()
    assert abs(Decimal(back["sum_assured"]) - 300000) <= Decimal("0.01") * 1000 / rate()
    loaded = api.post("/api/v1/quotes/", {**body, "em_percent": "50", "per_mille": "1"}, format="json").json()
    assert Decimal(loaded["extra"]) == Decimal(loaded["standard"]) / 2 + 300


def test_an_occupation_that_is_declined_has_no_price(cast):
    version = Rate.objects.filter(version__product__code="T20").first().version
    asked = Ask(version=version, sex="M", age=39, cover_term="20Y", pay_term="20Y", pay_mode="annual", sum_assured=Decimal(300000))
    assert refusals(asked) == [] and refusals(replace(asked, occupation_class=0)) == [f"{version.product.name}不承保拒保职业"]


@pytest.mark.parametrize(
    ("change", "status", "field", "words"),
    [
        ({"product": "NOPE"}, 400, "product", "没有险种 NOPE"), ({"sex": "X"}, 400, "sex", ""), ({"age": None}, 400, "birth_date", "出生日期或投保年龄"),
        ({"cover_term": "99Y"}, 400, "cover_term", "没有这个保险期间"), ({"items": {"ACC": "1"}}, 400, "items", "没有责任 ACC"),
        ({"age": 61}, 403, "", "最高投保年龄 60 岁"), ({"premium": "100"}, 403, "", "其中之一"), ({"pay_mode": "single"}, 403, "", "交费方式与交费期间不符"),
        ({"cover_term": "10Y"}, 403, "", "不能选择交费期间 20年"), ({"sum_assured": "300000.01"}, 403, "", "整数倍"),
        ({"day": "2019-01-01"}, 400, "product", "不在售"),
    ],
)  # fmt: skip
def test_what_is_not_offered_is_refused_with_the_reason(api, change, status, field, words):
    answer = api.post("/api/v1/quotes/", {"product": "T20", **T20, **change}, format="json")
    assert answer.status_code == status and words in answer.json()["detail"]
    assert not field or list(answer.json()["errors"]) == [field]


def test_an_accident_product_is_asked_for_by_benefit(api, cast, as_user, tmp_path):
    import io

    from django.core.management import call_command

    from tests.policies.small_product import write_factors

    call_command("load_products", write_factors(tmp_path / "X200"), stdout=io.StringIO())
    body = {"product": "X200", "sex": "F", "age": 30, "days": 365, "items": {"ACC": "100000", "MED": "5000"}}
    told = api.post("/api/v1/quotes/", body, format="json").json()
    assert told["premium"] == "103.05"  # 46.50 + 2 × 17.52 + 3 × 7.17
    loaded = api.post("/api/v1/quotes/", body | {"em_percent": "50"}, format="json").json()
    assert (loaded["standard"], loaded["extra"], loaded["premium"]) == ("103.05", "51.53", "154.58")
    assert sum(Decimal(line["value"]) for line in loaded["lines"]) == Decimal("154.58")
    refused = api.post("/api/v1/quotes/", body | {"per_mille": "1"}, format="json")
    assert refused.status_code == 400 and list(refused.json()["errors"]) == ["per_mille"]
    words = as_user(cast.clerk).post(f"{URL}?product=X200", {"sex": "F", "age": "30", "days": "365", "item_ACC": "100000"}).content.decode()
    assert re.search(r"每期保费 46\.50 元", words)
