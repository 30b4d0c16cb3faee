"""Rates of yearly and terminal bonuses: declared as the terms of the product allow, by one person, in force by another."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lifeops.policies.errors import BookInvalid
from lifeops.policies.models import DividendRate, Product, ProductVersion
from lifeops.policies.services.dividends import declare
from tests.policies.conftest import version

pytestmark = pytest.mark.django_db
D = Decimal
EARLY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_a_product_shares_only_as_its_terms_say(cast):
    given = {"rate": D("0.01"), "first_on": date(2027, 1, 1), "last_on": date(2027, 12, 31), "reason": "决议", "actor": cast.manager, "now": EARLY}
    a60, w31 = (Product.objects.get(code=code) for code in ("A60", "W31"))
    for told, field, words in (
        ({"product": a60, "kind": "cash", "base": "basic"}, "kind", "没有现金红利"), ({"product": w31, "kind": "bonus", "base": "basic"}, "kind", "没有增额红利"),
        ({"product": w31, "kind": "terminal", "base": "basic", "ending": "death"}, "kind", "没有终了红利"),
        ({"product": a60, "kind": "bonus", "base": "value"}, "base", "应为基本保险金额或有效保险金额"),
        ({"product": a60, "kind": "terminal", "base": "basic"}, "ending", "请选择终了情形"),
        ({"product": a60, "kind": "bonus", "base": "basic", "year_from": 4, "year_to": 3}, "year_to", "不得小于第 4 年"),
        ({"product": a60, "kind": "bonus", "base": "basic", "version": version("W31")}, "version", "没有这个版本"),
        ({"product": Product.objects.get(code="T20"), "kind": "bonus", "base": "basic"}, "product", "不是分红保险"),
    ):
        with pytest.raises(BookInvalid) as caught:
            declare(**(given | told))
        assert list(caught.value.errors) == [field] and words in caught.value.errors[field], told
    Product.objects.filter(code="A60").update(is_participating=True)
    plain = ProductVersion.objects.get(product=a60)
    for one in plain.definition["benefits"]:
        one["cases"] = [["1", "premiums_paid"]]
    plain.save()
    with pytest.raises(BookInvalid, match="没有用到有效保险金额"):
        declare(**(given | {"product": a60, "kind": "bonus", "base": "basic"}))


def test_rates_of_other_years_endings_and_versions_stand_side_by_side(cast):
    a60 = Product.objects.get(code="A60")
    given = {
        "product": a60, "kind": "terminal", "base": "effective", "rate": D("0.01"), "first_on": date(2027, 1, 1), "last_on": date(2027, 12, 31),
        "reason": "决议", "actor": cast.manager, "now": EARLY,
    }  # fmt: skip
    declare(**given, ending="death", year_from=4, year_to=9)
    declare(**given, ending="death", year_from=10)
    declare(**given, ending="surrender")
    for told in ({"year_from": 9}, {"year_from": 2, "year_to": 4}, {"year_from": 30, "version": version("A60")}):
        with pytest.raises(BookInvalid, match="重叠"):
            declare(**given, ending="death", **told)


def test_the_page_takes_the_new_kinds_by_two_people(cast, approver, as_user):
    typed = {
        "product": "a60", "kind": "terminal", "base": "effective", "rate_pct": "35", "first_on": "2027-01-01", "last_on": "2027-12-31", "reason": "董事会决议",
        "version": "1", "ending": "surrender", "year_from": "4", "by_years": "on",
    }  # fmt: skip
    wrong = as_user(cast.manager).post("/dividends/", typed | {"version": "9", "year_from": "0", "ending": "nobody"})
    assert wrong.status_code == 400 and set(wrong.context["form"].errors) == {"version", "year_from", "ending"} and "现有 1" in wrong.content.decode()
    odd = as_user(cast.manager).post("/dividends/", typed | {"kind": "bonus"})
    assert odd.status_code == 400 and "年率不能超过 20" in odd.content.decode()
    assert as_user(approver).post("/dividends/", typed).status_code == 403
    assert as_user(cast.manager).post("/dividends/", typed).status_code == 302
    row = DividendRate.objects.get()
    assert (row.version.version, row.ending, row.year_from, row.by_years, row.rate) == ("1", "surrender", 4, True, D("0.35"))
    assert as_user(cast.manager).post(f"/dividends/{row.pk}/approve/").status_code == 403
    page = as_user(approver).get("/dividends/").content.decode()
    assert "第 4 年起，按年数累计" in page and "终了红利率" in page
    assert as_user(approver).post(f"/dividends/{row.pk}/approve/").status_code == 302
    row.refresh_from_db()
    assert row.state == "applied" and row.spread



def test_the_interface_takes_the_new_kinds_by_two_people(cast, approver, api):
    typed = {
        "product": "A60", "kind": "terminal", "base": "bonus", "rate_pct": "35", "first_on": "2027-01-01", "last_on": "2027-12-31", "reason": "董事会决议",
        "version": "1", "ending": "death", "year_from": 4, "year_to": 9, "by_years": True,
    }  # fmt: skip
    assert api(approver).post("/api/v1/dividends/", typed, format="json").status_code == 403
    wrong = api(cast.manager).post("/api/v1/dividends/", typed | {"ending": "", "base": "value", "year_to": 3}, format="json")
    assert wrong.status_code == 400 and set(wrong.json()["errors"]) == {"ending", "base", "year_to"}
    made = api(cast.manager).post("/api/v1/dividends/", typed, format="json").json()
    assert {k: made[k] for k in ("version", "ending", "year_from", "year_to", "by_years", "state")} == {
        "version": "1", "ending": "death", "year_from": 4, "year_to": 9, "by_years": True, "state": "open"
    }
    url = f"/api/v1/dividends/{made['id']}/decide/"
    assert "须为两人" in api(cast.manager).post(url, {"approve": True}, format="json").json()["detail"]
    assert api(approver).post(url, {"approve": True}, format="json").json()["state"] == "applied"
