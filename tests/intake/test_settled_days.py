"""日结 of a day gone by: the cases that lay there at its end, or when it was signed, and as they stood then."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains
from rest_framework.test import APIClient

from intake import settling
from lifeops.cases.perform import perform
from tests.bench.measure import reads, statements
from tests.cases.company import company
from tests.cases.test_ways import letter_of
from tests.factories import accept, handed_over

TODAY = timezone.localdate()
DAY = TODAY - timedelta(days=2)


def at(hour, day=DAY):
    return timezone.make_aware(datetime.combine(day, time(hour)))


def behind(cast, day=DAY, figure="pending", signed=None):
    return {row.case.number: row.stood for row in settling.cases_behind(cast.county, day, figure, signed)}


@pytest.fixture
def days(cast):
    """What two days ago lay at the counter, went, came back, and went on since."""
    made = {name: accept(cast, now=at(9), submitted_on=DAY) for name in ("stays", "keyed", "gone", "back", "left", "later")}
    perform(made["keyed"], "pass_precheck", actor=cast.clerk, now=at(10), overrides={"J05": "x", "J07": "x"})
    perform(made["left"], "withdraw", actor=cast.clerk, now=at(11), reason="客户撤回")
    perform(made["back"], "return_for_correction", actor=cast.clerk, now=at(12), gaps=["发票"])
    next_day = DAY + timedelta(days=1)
    perform(made["gone"], "withdraw", actor=cast.clerk, now=at(9, next_day), reason="客户撤回")
    perform(made["back"], "resubmit", actor=cast.clerk, now=at(10, next_day), received_on=next_day.isoformat())
    perform(made["later"], "return_for_correction", actor=cast.clerk, now=at(11, next_day), gaps=["发票"])
    handed_over(cast)
    accept(cast, now=timezone.now())
    return {name: case.number for name, case in made.items()}


def test_what_waited_at_the_end_of_the_day_is_told_as_it_stood_then(cast, days):
    found = behind(cast)
    assert found == {days["stays"]: "received", days["keyed"]: "prechecked", days["gone"]: "received", days["later"]: "received"}
    assert len(found) == settling.figures(cast.county, DAY).pending
    assert behind(cast, DAY + timedelta(days=1)) == {days["stays"]: "received", days["keyed"]: "prechecked", days["back"]: "received"}
    assert behind(cast, DAY - timedelta(days=1)) == {}
    assert behind(cast, DAY, "withdrawn") == {days["left"]: "withdrawn"}
    assert behind(cast, DAY, "returned") == {days["back"]: "returned"}
    today = behind(cast, TODAY)
    assert set(today) > {days["stays"], days["back"]} and len(today) == settling.figures(cast.county, TODAY).pending


def test_the_cases_of_a_figure_are_found_without_walking_through_the_company(cast, days):
    letter = letter_of(cast)
    company(letter.case, letter, cast.other)
    for figure in ("pending", *settling.MOVES):
        told = statements(lambda figure=figure: settling.cases_behind(cast.county, DAY, figure))
        assert [why for _, why in reads(told, 300) if "cases_case" in why and "event" not in why] == [], figure


def test_a_signed_day_shows_what_was_signed(cast, days):
    day = DAY + timedelta(days=1)
    signed = settling.sign_day(branch=cast.county, day=day, explanation="系统切换", actor=cast.clerk, now=at(10, day))
    # signed at ten: what was sent back at eleven still waited
    assert behind(cast, day, "pending", signed)[days["later"]] == "received"
    assert behind(cast, day, "returned", signed) == {}
    # signed the day after: what was signed is the day as it ended
    late = settling.sign_day(branch=cast.county, day=TODAY, explanation="晚签", actor=cast.clerk, now=timezone.now() + timedelta(days=1))
    assert behind(cast, TODAY, "pending", late) == behind(cast, TODAY)


def test_page_and_interface_tell_the_same_cases(cast, as_user, days):
    page = as_user(cast.clerk).get(reverse("intake:settlement"), {"day": DAY.isoformat(), "figure": "pending"}).content.decode()
    client = APIClient()
    client.force_authenticate(cast.clerk)
    told = client.get("/api/v1/settlements/", {"day": DAY.isoformat(), "figure": "pending"}).json()
    assert {row["number"]: row["stood"] for row in told["cases"]} == behind(cast)
    assert [name for name in days if (days[name] in page) != (days[name] in behind(cast))] == []
    assert f"截至 {DAY} 日终" in page and "当时状态" in page
    assert client.get("/api/v1/settlements/", {"day": DAY.isoformat()}).json()["cases"] == []
    assert client.get("/api/v1/settlements/", {"figure": "x"}).status_code == 400
    client.force_authenticate(cast.other_clerk)
    elsewhere = client.get("/api/v1/settlements/", {"day": DAY.isoformat(), "figure": "pending"}).json()
    assert elsewhere["cases"] == [] and elsewhere["branch"]["code"] == cast.other.code
    assert client.get("/api/v1/settlements/", {"unit": cast.county.code, "figure": "pending"}).status_code == 404


@pytest.mark.parametrize("typed", ["2026-02-30", "昨天", "<b>"])
def test_a_day_that_there_is_not_is_said_and_stays_as_it_was_typed(cast, as_user, typed):
    answer = as_user(cast.clerk).get(reverse("intake:settlement"), {"day": typed})
    assert answer.status_code == 200 and answer.context["day"] == TODAY
    assertContains(answer, f"“{escape(typed)}”不是有效日期")
    assertContains(answer, f'value="{escape(typed)}"')
    assertNotContains(as_user(cast.clerk).get(reverse("intake:settlement")), "不是有效日期")
