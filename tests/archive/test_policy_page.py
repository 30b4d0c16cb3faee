"""保单页: what it shows today and on a day, masked; whose it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.policies.models import Beneficiary, PremiumEntry
from lifeops.policies.services.locking import change_status
from tests.archive.ways import approved
from tests.factories import make_policy
from tests.ui.test_pages import english


def page(client, policy, **query):
    return client.get(reverse("policies:detail", args=[policy.number]), query)


def rich(cast):
    return make_policy(
        cast.county, cast.clerk, product="W30",
        beneficiaries=[{"name": "丙受益", "relation": "子女", "share_pct": "100", "id_number": "990101201001010017"}],
    )


def test_the_page_shows_the_contract_masked(cast, as_user):
    policy = rich(cast)
    answer = page(as_user(cast.clerk), policy)
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in (policy.number, policy.insured.name, "丙受益", "主险", "首期", "300,000.00"):
        assert words in text
    for secret in (policy.insured.id_number, policy.insured.phone, "990101201001010017"):
        assert secret not in text
    assert english(text.replace(policy.main.version.version, "")) == []


def test_the_page_of_a_day_shows_who_stood_in_the_policy_then(cast, as_user):
    policy = rich(cast)
    today = timezone.localdate()
    Beneficiary.objects.filter(policy=policy).update(effective_to=today - timedelta(days=10))
    Beneficiary.objects.create(policy=policy, name="丁受益", relation="配偶", effective_from=today - timedelta(days=10))
    change_status(policy, "terminated", on=today - timedelta(days=5), cause="退保")
    now, then = (page(as_user(cast.clerk), policy, **q).content.decode() for q in ({}, {"as_of": (today - timedelta(days=30)).isoformat()}))
    assert "丁受益" in now and "丙受益" not in now and "终止" in now
    assert "丙受益" in then and "丁受益" not in then and '<span class="pill state-good">有效</span>' in then


@pytest.mark.parametrize("asked", ["2999-01-01", "1999-01-01", "2026-02-30", "昨天", "\x00"])
def test_a_day_that_cannot_be_is_said_at_its_field(cast, as_user, asked):
    answer = page(as_user(cast.clerk), rich(cast), as_of=asked)
    assert answer.status_code == 400 and 'id="as-of-error"' in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("clerk", 200), ("archive", 200), ("cl_reviewer", 200), ("auditor", 200), ("other_clerk", 404), ("sysadmin", 403), ("secadmin", 403)],
)
def test_a_policy_is_open_to_posts_over_its_unit(cast, as_user, who, status):
    assert page(as_user(getattr(cast, who)), rich(cast)).status_code == status


def test_another_unit_opens_the_policy_of_a_case_it_accepted(cast, as_user):
    policy = make_policy(cast.other, cast.other_clerk)
    assert page(as_user(cast.clerk), policy).status_code == 404
    case = approved(cast, policy=policy)
    text = page(as_user(cast.clerk), policy).content.decode()
    assert case.number in text and "**** **** 7890" in text and "9900001234567890" not in text


def test_search_links_only_what_may_be_opened(cast, as_user):
    mine, others = rich(cast), make_policy(cast.other, cast.other_clerk)
    for policy, linked in ((mine, True), (others, False)):
        text = as_user(cast.clerk).post(reverse("cases:search"), {"q": policy.number}).content.decode()
        assert policy.number in text
        assert (reverse("policies:detail", args=[policy.number]) in text) is linked


def test_cases_out_of_reach_are_not_named(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    case = approved(cast, policy=policy)
    assert case.number in page(as_user(cast.cl_reviewer), policy).content.decode()
    listed = page(as_user(cast.underwriter), policy).context["cases"]
    assert list(listed) == []


def test_premiums_are_paged_by_key_and_cost_the_same(cast, as_user):
    policy = rich(cast)
    client = as_user(cast.clerk)
    page(client, policy)
    with CaptureQueriesContext(connection) as few:
        page(client, policy)
    start = policy.effective_on
    PremiumEntry.objects.bulk_create(
        PremiumEntry(policy=policy, due_on=start + timedelta(days=n), amount="10.00", paid_on=start) for n in range(1, 61)
    )
    with CaptureQueriesContext(connection) as many:
        first = page(client, policy)
    assert len(first.context["premiums"]) == 50 and len(many) <= len(few) <= 28
    second = page(client, policy, before=first.context["next"])
    assert len(second.context["premiums"]) == 11 and second.context["next"] == ""
    assert page(client, policy, before="x_y").status_code == 200
