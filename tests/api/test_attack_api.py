"""What somebody tries over the interface with an ordinary account."""

from __future__ import annotations

from datetime import date

import pytest
from rest_framework.test import APIClient

from lifeops.org.models import Posting, Role, User
from tests.api.calls import ROOT
from tests.archive.test_payments import payment_of
from tests.archive.ways import approved

DEEP = "[" * 100_000 + "]" * 100_000


def test_a_post_elsewhere_does_not_open_the_payments_there(cast, api):
    """Head of the other unit, scanner here: payments are told to heads, issue desks, managers and auditors alone."""
    payment = payment_of(approved(cast))
    Posting.objects.create(user=cast.other_head, role=Role.SCAN, branch=cast.county, starts_on=date(2020, 1, 1))
    two_posts = User.objects.get(pk=cast.other_head.pk)
    told = api(two_posts).get(f"{ROOT}/payments/").json()["results"]
    assert payment.number not in {row["number"] for row in told}
    assert payment.number in {row["number"] for row in api(cast.head).get(f"{ROOT}/payments/").json()["results"]}


@pytest.mark.parametrize("address", ["search/", "cases/", "notices/read/"])
def test_json_nested_beyond_reading_is_bad_input(cast, api, address):
    answer = api(cast.clerk).post(f"{ROOT}/{address}", data=DEEP, content_type="application/json")
    assert answer.status_code == 400


def test_nesting_inside_a_text_is_bad_input_too(cast, api):
    from tests.api.calls import accepted, step

    case = accepted(api(cast.clerk), cast)
    answer = step(api(cast.clerk), case, "pass_precheck", overrides=DEEP)
    assert answer.status_code == 400 and "overrides" in answer.json()["errors"]


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("clerk", "worklist/?cursor=²__1"), ("clerk", "worklist/?cursor=1__²"), ("cl_reviewer", "queues/claims/?cursor=²__1"),
        ("issue", "releases/?cursor=²__1"),
    ],
)
def test_figures_that_are_no_digits_give_the_first_page(cast, api, who, address):
    assert api(getattr(cast, who)).get(f"{ROOT}/{address}").status_code == 200


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_at_the_end_of_the_calendar_is_answered(cast, api, day):
    client: APIClient = api(cast.head)
    assert client.get(f"{ROOT}/settlements/?day={day}").status_code in (200, 400)
    signed = client.post(f"{ROOT}/settlements/", {"unit": "", "day": day, "explanation": ""}, format="json")
    assert signed.status_code == 400
