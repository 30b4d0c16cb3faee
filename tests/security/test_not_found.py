"""What lies out of reach is told of in the words of what is not there: other words would say that it exists."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from lifeops.documents.statements import issue_statement
from lifeops.policies.services import merging
from tests.api.calls import ROOT
from tests.factories import make_party, make_policy
from tests.matrix.world import rows

pytestmark = pytest.mark.django_db
NOWHERE = 987654321
#: Page, row of the world, and who of another province asks with the roles of the page.
PAGES = (
    ("documents:letter_pdf", "letter", {}), ("documents:page_image", "page", {}), ("documents:statement_pdf", "statement", {}),
    ("documents:notice_sent", "notice", {}), ("archive:loan_act", "loan", {"act": "lend"}), ("archive:slip", "loan", {}),
    ("policies:duplicate_act", "pair", {"act": "dismiss"}), ("policies:customer", "party", {}),
)
CALLS = (
    ("get", "letters/{}/pdf/", "letter"), ("post", "loans/{}/lend/", "loan"), ("get", "loans/{}/slip/", "loan"),
    ("post", "duplicates/{}/dismiss/", "pair"), ("post", "policy-notices/{}/sent/", "notice"), ("get", "customers/{}/", "party"),
)


@pytest.fixture
def world(cast):
    """Rows of the county, none of them within reach of the head of the other province."""
    found, now = rows(cast), timezone.now()
    two = [make_party(name="重名客户"), make_party(name="重名客户")]
    for party in two:
        make_policy(cast.county, cast.clerk, insured=party)
    found["pair"] = merging.propose(one=two[0], two=two[1], actor=cast.clerk, now=now)
    found["statement"], _ = issue_statement(policy=found["policy"], actor=cast.clerk, now=now)
    return found


def said(response) -> str:
    assert response.status_code == 404
    return html.unescape(re.search(r'role="alert">.*?<div>([^<]+)</div>', response.content.decode(), re.S).group(1))


def test_pages_do_not_tell_a_foreign_row_from_none(cast, world, as_user):
    client = as_user(cast.other_head)
    told = {
        name: [said(client.get(reverse(name, kwargs={"pk": pk, **more}))) for pk in (world[row].pk, NOWHERE)] for name, row, more in PAGES
    }
    assert {name: words for name, words in told.items() if len(set(words)) > 1} == {}


def test_the_interface_does_not_either(cast, world):
    client, told = APIClient(), {}
    client.force_authenticate(cast.other_head)
    for method, address, row in CALLS:
        answers = [getattr(client, method)(f"{ROOT}/{address.format(pk)}", {"reason": "核对"}) for pk in (world[row].pk, NOWHERE)]
        assert [a.status_code for a in answers] == [404, 404], address
        told[address] = {a.json()["detail"] for a in answers}
    assert {address: words for address, words in told.items() if len(words) > 1} == {}
