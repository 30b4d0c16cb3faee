"""Numbers of documents and accounts of heirs, of a new policyholder and of who has a refund: whole on no page, in no answer, in no column."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.documents.papers import issue, offered, pdf_of
from lifeops.policies.models import Policy
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender
from tests.api.calls import ROOT
from tests.claims.test_ending import ACCOUNT, gross, sign
from tests.claims.test_ending import conclude as ended
from tests.factories import again, handed_over, make_party, make_policy
from tests.plain import in_plain_text
from tests.servicing.test_heirs import account_of, by_heirs, dead
from tests.servicing.test_holder import heir_case
from tests.servicing.test_journey import approve, conclude

pytestmark = pytest.mark.django_db
PARTS = ("", "trail/", "history/", "findings/", "documents/", "letters/", "payments/", "record/", "papers/")


def heirs_of_a_rest(cast) -> tuple[Case, list[str]]:
    policy, today = make_policy(cast.county, cast.clerk, product="W30"), timezone.localdate()
    surrender(policy=policy, case_number="PSX1", day=today - timedelta(days=9), actor=cast.ps_reviewer, now=timezone.now())
    receive_premium(policy=policy, amount=Decimal("900.01"), received_on=today, reference="H1", actor=cast.clerk, now=timezone.now())
    dead(cast, policy.policyholder)
    family = [make_party(name="继承人甲"), make_party(name="继承人乙", sex="F")]
    case = by_heirs(cast, Policy.objects.get(pk=policy.pk), family)
    conclude(cast)
    approve(cast)
    return case, [text for p in family for text in (p.id_number, account_of(p))]


def successor(cast) -> tuple[Case, list[str]]:
    policy, heir = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse"), make_party()
    dead(cast, policy.policyholder)
    case = heir_case(cast, Policy.objects.get(pk=policy.pk), heir)
    conclude(cast)
    approve(cast)
    return case, [heir.id_number]


def refund(cast) -> tuple[Case, list[str]]:
    policy = make_policy(cast.county, cast.clerk, policyholder=make_party(name="投保人甲"), relation="spouse")
    case = handed_over(cast, policy=policy)
    ended(cast, case, **gross(refund_payee="投保人甲", **ACCOUNT))
    sign(cast)
    return case, [ACCOUNT["refund_account"]]


def pages(case: Case, client) -> Iterator[str]:
    """What a person is shown of it, as far as the person is shown anything."""
    yield client.get(case.get_absolute_url()).content.decode()
    for tab in ("record", "trail", "checklist", "decision", "changes", "letters", "money", "findings"):
        yield client.get(reverse("cases:tab", args=[case.number, tab])).content.decode()
    yield client.get(reverse("policies:detail", args=[case.policy.number])).content.decode()
    for party in {case.policy.policyholder_id, case.policy.insured_id, case.applicant_id}:
        yield client.get(reverse("policies:customer", args=[party])).content.decode()
    yield client.get("/").content.decode()


def answers(case: Case, client) -> Iterator[str]:
    for part in PARTS:
        yield client.get(f"{ROOT}/cases/{case.number}/{part}").content.decode()
    yield client.get(f"{ROOT}/policies/{case.policy.number}/").content.decode()
    yield client.get(f"{ROOT}/payments/").content.decode()


@pytest.mark.parametrize("made", [heirs_of_a_rest, successor, refund])
def test_whole_numbers_are_told_nowhere(cast, as_user, api, made, caplog):
    with caplog.at_level(logging.DEBUG):
        case, secret = made(cast)
        case = again(case)
        for kind, _ in offered(case):
            paper = issue(case=case, kind=kind, actor=cast.issue, now=timezone.now())
            raw = pdf_of(paper)
            assert not [s for s in secret if s in json.dumps(paper.data, ensure_ascii=False) or s.encode() in raw], kind
        readers = (cast.clerk, cast.head, cast.approver_high, cast.auditor)
        seen = [text for who in readers for text in (*pages(case, as_user(who)), *answers(case, api(who)))]
    assert sum(len(text) for text in seen) > 100000
    assert not [s for s in secret for text in (*seen, caplog.text) if s in text] and in_plain_text() == set()
