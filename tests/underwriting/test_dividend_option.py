"""红利领取方式 on the proposal: asked for where the terms share in cash, and what the policy is issued with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.documents.papers import issue
from lifeops.org.models import Role
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy, Product, ProductVersion
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.services.crediting import option_on
from lifeops.policies.services.dividend_choice import collectable
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.issuing import issue_policy
from lifeops.policies.services.life import run_policy_day
from tests.api.calls import ROOT
from tests.cast import hire
from tests.factories import accept_proposal, again, handed_over, proposal_inputs
from tests.underwriting.test_journey import conclude

pytestmark = pytest.mark.django_db


def ready(cast):
    case = accept_proposal(cast, item="NB02")
    perform(case, "pass_precheck", actor=cast.clerk, overrides=dict.fromkeys(("J06", "J07"), "已核对"))
    return case


@pytest.mark.parametrize(
    ("product", "option", "words"),
    [
        ("W31", "", "分红险种请选择红利领取方式"), ("W31", "invest", "没有这种红利领取方式"), ("W30", "cash", "没有现金红利，不填红利领取方式"),
    ],
)  # fmt: skip
def test_what_the_terms_do_not_offer_is_said_at_the_field(cast, product, option, words):
    case = ready(cast)
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **proposal_inputs("NB02", product=product, dividend_option=option))
    assert list(caught.value.errors) == ["dividend_option"] and words in caught.value.errors["dividend_option"][0]
    assert again(case).record is None


def test_only_what_the_version_offers_may_be_chosen(cast):
    terms = ProductVersion.objects.get(product__code="W31")
    terms.definition["participating"]["options"] = ["cash", "offset"]
    terms.save()
    case = ready(cast)
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **proposal_inputs("NB02", product="W31", dividend_option="accumulate"))
    assert "没有这种红利领取方式" in caught.value.errors["dividend_option"][0]
    perform(case, "save_record", actor=cast.entry, **proposal_inputs("NB02", product="W31", dividend_option="offset"))
    assert again(case).record.dividend_option == "offset"


def test_what_is_keyed_is_shown_issued_and_followed(cast, as_user):
    """The reviewer reads it, the contract says it, and the first dividend goes there."""
    case = handed_over(cast, item="NB02", product="W31", dividend_option="cash")
    taken = take_next(cast.underwriter, "underwriting")
    assert "现金领取" in as_user(cast.underwriter).get(taken.get_absolute_url()).content.decode()
    conclude(taken, cast.underwriter)
    policy = again(case).policy
    cover = list(policy.coverages.select_related("version__product"))
    assert policy.dividend_option == "cash" and option_on(policy, cover, policy.effective_on) == "cash"
    assert issue(case=again(case), kind="contract", actor=cast.issue, now=timezone.now()).data["dividend_option"] == "现金领取"
    begun = policy.effective_on
    at, first = datetime(begun.year, begun.month, begun.day, 3, tzinfo=UTC), anniversary(begun, 1)
    row = declare(
        product=Product.objects.get(code="W31"), kind="cash", base="basic", rate=Decimal("0.01"), first_on=begun, last_on=first, reason="决议",
        actor=cast.manager, now=at,
    )  # fmt: skip
    decide(row=row, approve=True, remark="", actor=hire("head.approver", Role.APPROVER, cast.units["hq"], 3), now=at)
    run_policy_day(first)
    assert (collectable(Policy.objects.get(pk=policy.pk)).due, collectable(policy).accumulated) == (2000, 0)


def test_other_products_say_nothing_of_it(cast, as_user):
    case = handed_over(cast, item="NB02")
    taken = take_next(cast.underwriter, "underwriting")
    assert "红利领取方式" not in as_user(cast.underwriter).get(taken.get_absolute_url()).content.decode()
    conclude(taken, cast.underwriter)
    assert not issue(case=again(case), kind="contract", actor=cast.issue, now=timezone.now()).data.get("dividend_option")


def test_the_page_asks_for_it_where_the_product_shares(cast, as_user):
    case = ready(cast)
    page = as_user(cast.entry).get(reverse("intake:entry", args=[case.number])).content.decode()
    assert 'data-when="product:W31"' in page and "交清增额" in page
    other = accept_proposal(cast, item="NB01")
    perform(other, "pass_precheck", actor=cast.clerk, overrides=dict.fromkeys(("J06", "J07"), "已核对"))
    assert 'data-when="product:-"' in as_user(cast.entry).get(reverse("intake:entry", args=[other.number])).content.decode()


def test_the_interface_takes_it_and_reads_it_back(cast):
    case, client = ready(cast), APIClient()
    client.force_authenticate(cast.entry)
    url = f"{ROOT}/cases/{case.number}/record/"
    record = proposal_inputs("NB02", product="W31", dividend_option="paid_up")
    refused = client.put(url, {"version": again(case).version, "record": record | {"dividend_option": ""}}, format="json")
    assert refused.status_code == 400 and "dividend_option" in refused.json()["errors"]
    assert client.put(url, {"version": again(case).version, "record": record}, format="json").status_code == 200
    assert client.get(url).json()["record"]["dividend_option"] == "paid_up"


def test_the_book_refuses_a_way_that_no_coverage_has(cast):
    case = handed_over(cast, item="NB02")
    conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter)
    found = again(case).policy
    cover = found.main
    with pytest.raises(BookRefused, match="没有这种红利领取方式"):
        issue_policy(
            case_number="", branch=cast.county, agent_code="", policyholder=found.policyholder, insured=found.insured, relation="self",
            applied_on=found.applied_on, effective_on=found.effective_on, pay_mode="annual", beneficiaries=[], actor=cast.clerk, now=timezone.now(),
            coverages=[{"version": cover.version, "sum_assured": cover.sum_assured, "cover_term": cover.cover_term, "pay_term": cover.pay_term, "premium": cover.premium}],
            dividend_option="cash",
        )  # fmt: skip
