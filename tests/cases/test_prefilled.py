"""A link to a step may have made a choice already; it writes no words and chooses nothing that is not offered."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lifeops.cases.perform import perform
from tests.factories import handed_over

pytestmark = pytest.mark.django_db


def test_a_link_chooses_a_kind_and_nothing_else(cast, as_user):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    client, url = as_user(cast.cl_reviewer), reverse("cases:step", args=[case.number, "issue_request"])
    chosen = '<option value="investigation" selected>'
    assert chosen in client.get(url, {"kind": "investigation"}).content.decode()
    assert chosen not in client.get(url).content.decode()
    page = client.get(url, {"kind": "bribe", "note": "请尽快放款"}).content.decode()
    assert "bribe" not in page and "请尽快放款" not in page
