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
from lifeops.policies.services.holds import place_hold
from lifeops.policies.services.particulars import add_phone
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


def test_what_is_written_without_a_case_stays_within_reach(cast, world):
    """Every act of the interface on a policy or customer, also with the key of a row that is really there."""
    policy, party, day = world["policy"], world["party"], timezone.localdate()
    held = place_hold(policy=policy, kind="court", holder="（2026）虚构执 1 号", reason="协助执行", day=day, actor=cast.head)
    add_phone(party=party, number="13800138000", source="来电", actor=cast.clerk, now=timezone.now())
    phone = party.phone_rows.get()
    acts = (
        (cast.other_head, "get", f"policies/{policy.number}/holds/", {}),
        (cast.other_head, "post", f"policies/{policy.number}/holds/", {"kind": "loss", "holder": "甲", "reason": "遗失"}),
        (cast.other_head, "post", f"policies/{policy.number}/holds/{held.pk}/lift/", {"reason": "解除"}),
        (cast.other_clerk, "post", f"policies/{policy.number}/statement/", {}),
        (cast.other_clerk, "post", f"policies/{policy.number}/values/", {"kind": "surrender"}),
        (cast.other_head, "post", f"customers/{party.pk}/particulars/phone/", {"number": "13900139000", "source": "来电"}),
        (cast.other_head, "post", f"customers/{party.pk}/particulars/phone/{phone.pk}/end/", {}),
        (cast.other_head, "get", f"customers/{party.pk}/duplicates/", {}),
        (cast.other_head, "post", f"customers/{party.pk}/duplicates/", {"other": 1}),
        (cast.other_head, "post", f"duplicates/{world['pair'].pk}/left/", {"reason": "同一人"}),
    )
    client = APIClient()
    for who, method, address, given in acts:
        client.force_authenticate(who)
        assert getattr(client, method)(f"{ROOT}/{address}", given, format="json").status_code == 404, address
    client.force_authenticate(cast.other_head)
    assert client.get(f"{ROOT}/duplicates/").json() == []
    # a row of another policy or customer is not reached through one's own
    ours = make_policy(cast.other, cast.other_clerk)
    for address in (f"policies/{ours.number}/holds/{held.pk}/lift/", f"customers/{ours.insured_id}/particulars/phone/{phone.pk}/end/"):
        assert client.post(f"{ROOT}/{address}", {"reason": "解除"}, format="json").status_code == 404
    held.refresh_from_db()
    phone.refresh_from_db()
    assert (held.lifted_on, phone.until, policy.holds.filter(kind="loss").count(), party.phone_rows.count()) == (None, None, 0, 1)
