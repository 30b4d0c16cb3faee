"""既往: who judges a case at the head office sees all of its people; others what is within reach, and how much is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.org.models import Role
from tests.cast import hire
from tests.factories import PAPERS, accept, make_party, make_policy, overrides_at_counter


@pytest.fixture
def two(cast):
    """One customer with a case and a policy at the county, and with a policy and a case of the other province."""
    person = make_party(name="往来客户")
    here = accept(cast, policy=make_policy(cast.county, cast.clerk, insured=person))
    from intake.services import accept_case

    away = make_policy(cast.other, cast.other_clerk, insured=person, product="W30", effective_on=timezone.localdate() - timedelta(days=90))
    there = accept_case(
        branch=cast.other, actor=cast.other_clerk, line="servicing", item="PS14", channel="counter", applicant_kind="policyholder",
        submitted_on=timezone.localdate(), policy=away, applicant=person,
        papers=[{"doc_type": code, "received": "original", "pages": 1} for code in PAPERS["PS14"]],
    )  # fmt: skip
    perform(here, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(here))
    return Case.objects.get(pk=here.pk), there, away


def page(client, case):
    return client.get(reverse("cases:tab", args=[case.number, "history"])).content.decode()


def test_a_clerk_sees_of_other_units_only_how_many(two, cast, as_user):
    here, there, away = two
    text = page(as_user(cast.clerk), here)
    assert there.number not in text and away.number not in text
    assert "另有 1 件在其他机构" in text and "另有 1 张在其他机构" in text and here.policy.number in text
    told = as_user(cast.clerk).get(f"/api/v1/cases/{here.number}/history/").json()
    assert (told["cases"], told["elsewhere"], told["policies_elsewhere"]) == ([], 1, 1)


@pytest.mark.parametrize("who", ["cl_reviewer", "approver", "manager", "auditor"])
def test_who_judges_the_case_sees_all(two, cast, as_user, who):
    here, there, away = two
    text = page(as_user(getattr(cast, who)), here)
    assert there.number in text and away.number in text and "另有" not in text
    # a case of another line is named, and no link leads to where the reviewer would be refused
    linked = f'href="{there.get_absolute_url()}"' in text
    assert linked is (who != "cl_reviewer")
    told = as_user(getattr(cast, who)).get(f"/api/v1/cases/{here.number}/history/").json()
    assert [c["number"] for c in told["cases"]] == [there.number] and told["elsewhere"] == 0


def test_a_reviewers_post_at_a_province_is_not_the_head_office(two, cast, as_user):
    here, there, _ = two
    local = hire("cl_local", Role.CL_REVIEWER, cast.province, staff_no="L1")
    text = page(as_user(local), here)
    assert there.number not in text and "另有 1 件" in text


def test_a_reviewer_of_another_line_does_not_come_in(two, cast, as_user):
    here, _, _ = two
    assert as_user(cast.underwriter).get(reverse("cases:tab", args=[here.number, "history"])).status_code == 404


def test_the_tab_asks_the_same_number_of_questions_whatever_there_is(two, cast, as_user, django_assert_max_num_queries):
    here, _, _ = two
    client = as_user(cast.clerk)
    page(client, here)
    for _ in range(3):
        accept(cast, policy=make_policy(cast.county, cast.clerk, insured=here.policy.insured))
    with django_assert_max_num_queries(24):
        page(client, here)
