"""客户 over the interface: masked, in reach, a look with its reason."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lifeops.policies.models import Reveal
from tests.api.calls import client_of as api
from tests.factories import make_policy

pytestmark = pytest.mark.django_db


def test_a_customer_is_told_masked(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    party = policy.insured
    answer = api(cast.clerk).get(reverse("api:customer", args=[party.pk]))
    told = answer.json()
    assert answer.status_code == 200
    assert told["policies"][0]["number"] == policy.number and told["policies"][0]["within_reach"] is True
    assert {row["kind"]: row["amount"] for row in told["sums_at_risk"]}["寿险"] == "300000.00"
    assert told["minors_headroom"] is None
    assert party.id_number not in answer.content.decode() and party.phone not in answer.content.decode()
    assert [row["reveal"] for row in told["particulars"]][:2] == ["id_number", "phone"]


@pytest.mark.parametrize(("who", "status"), [("auditor", 200), ("other_clerk", 404), ("sysadmin", 403)])
def test_who_may_ask(cast, who, status):
    party = make_policy(cast.county, cast.clerk).insured
    assert api(getattr(cast, who)).get(reverse("api:customer", args=[party.pk])).status_code == status


def test_a_look_needs_post_reach_and_reason(cast):
    party = make_policy(cast.county, cast.clerk).insured
    url, body = reverse("api:customer_reveal", args=[party.pk]), {"what": "phone", "reason": "回电客户核实"}
    answer = api(cast.clerk).post(url, body, format="json")
    assert answer.json() == {"label": "电话", "value": party.phone} and answer["Cache-Control"] == "no-store"
    assert Reveal.objects.get().through == "api"
    for changes, status in (({"reason": "看"}, 400), ({"reason": ""}, 400), ({"what": "name"}, 404), ({"what": "../x"}, 400), ({"what": "phone-1"}, 404)):
        assert api(cast.clerk).post(url, body | changes, format="json").status_code == status, changes
    for who, status in (("auditor", 403), ("archive", 403), ("other_clerk", 404)):
        assert api(getattr(cast, who)).post(url, body, format="json").status_code == status
    assert Reveal.objects.count() == 1
