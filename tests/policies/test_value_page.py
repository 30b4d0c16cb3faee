"""价值试算 on the page and over the interface: the same answer, the same refusals, who may ask."""

from __future__ import annotations

from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from lifeops.policies.services.issuing import deliver_policy
from tests.api.calls import client_of
from tests.policies.conftest import EFFECTIVE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel("2027-03-01 10:00+08:00", tick=False):
        yield


@pytest.fixture
def policy(issue):
    return deliver_policy(policy=issue("W30", "M10"), signed_on=EFFECTIVE)


@pytest.fixture
def api(cast):
    return client_of(cast.clerk)


def test_the_page_shows_the_amount_and_every_line(policy, cast, as_user):
    client, url = as_user(cast.clerk), f"/policies/{policy.number}/values/"
    assert url in client.get(f"/policies/{policy.number}/").content.decode()
    page = client.get(url)
    assert page.status_code == 200 and "尚未试算" in page.content.decode()
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(f"{url}?kind=death", {"day": "", "cause": "accident", "others": ""})
    words = answer.content.decode()
    assert answer.status_code == 200 and "身故给付（意外） 300,000.00 元" in words and "基本保险金额" in words and "按 2027-03-01 试算" in words
    assert len(asked) <= 40


def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(policy, cast, as_user):
    url = f"/policies/{policy.number}/values/"
    answer = as_user(cast.clerk).post(f"{url}?kind=partial", {"day": "2027-02-27", "cover": "", "given_up": "400000"})
    words = answer.content.decode()
    assert answer.status_code == 400 and "应大于零且小于现有保额" in words and 'value="400000"' in words and 'value="2027-02-27"' in words
    empty = as_user(cast.clerk).post(f"{url}?kind=partial", {"given_up": ""}).content.decode()
    assert "请填写减少的保险金额（元）" in empty
    told = as_user(cast.clerk).post(f"{url}?kind=bonus", {"years": "2", "rate_pct": "1"}).content.decode()
    assert "不是分红保险，没有红利" in told
    # a kind that is not known shows the first
    assert "退保金" in as_user(cast.clerk).get(f"{url}?kind=nothing").content.decode()


def test_who_may_see_the_policy_may_ask_and_nobody_else(policy, cast, as_user):
    url = f"/policies/{policy.number}/values/"
    assert as_user(cast.sysadmin).get(url).status_code == 403
    assert as_user(cast.other_clerk).get(url).status_code == 404
    assert as_user(cast.auditor).post(f"{url}?kind=death", {}).status_code == 200


def test_the_interface_answers_the_same(policy, cast, api, as_user):
    url = f"/api/v1/policies/{policy.number}/values/"
    answer = api.post(url, {"kind": "loan", "day": "2027-03-01"}, format="json")
    told = answer.json()
    assert answer.status_code == 200 and (told["kind"], told["day"], told["title"]) == ("loan", "2027-03-01", "可贷金额")
    assert sum(Decimal(line["value"]) for line in told["lines"] if line["counts"]) == Decimal(told["amount"]) > 0
    page = as_user(cast.clerk).post(f"/policies/{policy.number}/values/?kind=loan", {"day": "2027-03-01"}).content.decode()
    assert f"可贷金额 {Decimal(told['amount']):,.2f} 元" in page
    # today is the day where none is named
    assert api.post(url, {"kind": "loan"}, format="json").json() == told


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "kind", "请选择试算的内容"), ({"kind": "gold"}, "kind", "没有这种试算"), ({"kind": "loan", "day": "昨天"}, "day", "日期格式"),
        ({"kind": "loan", "day": "2026-03-01"}, "day", "保单自 2026-03-03 起生效"), ({"kind": "loan", "amount": "x"}, "amount", "应为数字"),
        ({"kind": "loan", "amount": "1000000"}, "amount", "可贷"), ({"kind": "bonus", "years": 2, "rate_pct": "1"}, "kind", "不是分红保险"),
        ({"kind": "bonus", "years": 0, "rate_pct": "1"}, "years", "至少一年"), ({"kind": "partial"}, "given_up", "请填写"),
        ({"kind": "partial", "given_up": "1", "cover": "999"}, "cover", "没有这个险种"), ({"kind": "misstatement"}, "birth_date", "请填写真实出生日期"),
        ({"kind": "misstatement", "birth_date": "1986-05-17"}, "birth_date", "没有误告"), ({"kind": "reinstatement"}, "kind", "不需复效"),
    ],
)  # fmt: skip
def test_each_refusal_names_its_field(policy, api, body, field, words):
    answer = api.post(f"/api/v1/policies/{policy.number}/values/", body, format="json")
    assert answer.status_code == 400 and words in answer.json()["errors"][field][0]


def test_a_policy_out_of_reach_is_not_there_for_the_interface(policy, cast, api):
    client = APIClient()
    client.force_authenticate(cast.other_clerk)
    assert client.post(f"/api/v1/policies/{policy.number}/values/", {"kind": "death"}, format="json").status_code == 404
    assert api.post("/api/v1/policies/NONE/values/", {"kind": "death"}, format="json").status_code == 404
