"""The county of a resident card: told of beside the number where the loaded tables do not know it, never refused."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.forms import CounterForm
from lifeops.cases.perform import perform
from lifeops.policies.identity import compose_card
from lifeops.policies.services.parties import region_warning
from lifeops.reference.models import Division
from lifeops.ui.templatetags.lifeops_ui import warning
from servicing.forms import BeneficiaryForm
from tests.factories import PROPOSAL_PAPERS, accept, accept_proposal, again, make_policy, proposal_inputs
from underwriting.forms import ProposalForm

pytestmark = pytest.mark.django_db
BORN = date(1986, 5, 17)
KNOWN, FORMER, UNKNOWN = (compose_card(region=region, birth_date=BORN, sequence=121) for region in ("330106", "330103", "330199"))
WORDS = "行政区划表（含历史）中没有 330199，请核对证件原件"


@pytest.fixture
def counties(db):
    Division.objects.create(code="330106", name="西湖区", level=3, province="浙江省", city="杭州市")
    Division.objects.create(code="330103", name="下城区", level=3, province="浙江省", city="杭州市", current=False)


def test_a_county_of_any_year_is_known_and_another_is_told_of(counties):
    assert [region_warning("resident", number) for number in (KNOWN, FORMER, UNKNOWN)] == ["", "", WORDS]
    assert region_warning("resident", "99010119860517121X").endswith("99 开头是演示用的虚构证件")
    for kind, number in (("passport", "E12345678"), ("hmt_resident", UNKNOWN), ("resident", ""), ("resident", "330***********1234"), ("resident", "3301")):
        assert region_warning(kind, number) == ""


def test_nothing_is_said_while_only_provinces_are_loaded():
    assert Division.objects.filter(level=3).count() == 0
    assert region_warning("resident", UNKNOWN) == region_warning("resident", "99010119860517121X") == ""


def test_it_stands_beside_the_number_that_is_keyed_and_is_saved(cast, counties, as_user):
    case = accept_proposal(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=dict.fromkeys(("J06", "J07"), "已核对"))
    assert as_user(cast.entry).get(reverse("intake:entry", args=[case.number])).status_code == 200  # nothing keyed yet
    heir = {"name": "李四", "relation": "配偶", "order": "1", "share_pct": "100", "id_number": UNKNOWN}
    perform(case, "save_record", actor=cast.entry, **proposal_inputs("NB01", holder_id_number=UNKNOWN, holder_birth_date="1986-05-17", beneficiaries=[heir]))
    form = ProposalForm(case=again(case), actor=cast.entry, initial=ProposalForm.initial_for(again(case)))
    assert (warning(form["holder_id_number"]), warning(form["beneficiaries"]), warning(form["holder_name"])) == (WORDS, f"第 1 行：{WORDS}", "")
    assert WORDS in as_user(cast.entry).get(reverse("intake:entry", args=[case.number])).content.decode()


def test_the_counter_takes_the_case_and_says_it(cast, counties, as_user):
    given = {
        "item": "NB01", "channel": "counter", "applicant_kind": "policyholder", "applicant_name": "测试人", "applicant_id_type": "resident",
        "applicant_id_number": UNKNOWN, "submitted_on": timezone.localdate(), "action": "accept", "key": "k1",
        **{f"paper-{code}-received": "original" for code in PROPOSAL_PAPERS}, **{f"paper-{code}-pages": "1" for code in PROPOSAL_PAPERS},
    }  # fmt: skip
    assert warning(CounterForm(given)["applicant_id_number"]) == WORDS
    page = as_user(cast.clerk).post(reverse("intake:counter"), given, follow=True).content.decode()
    assert f"申请人证件：{WORDS}" in page
    party = make_policy(cast.county, cast.clerk).insured
    page = as_user(cast.clerk).post(
        reverse("policies:customer_add", args=[party.pk, "document"]), {"id_type": "resident", "number": UNKNOWN, "valid_to": ""}, follow=True
    ).content.decode()  # fmt: skip
    assert "该证件已登记在" in page and WORDS in page


def test_it_stands_beside_beneficiaries_to_be(cast, counties):
    policy = make_policy(cast.county, cast.clerk, product="W30", beneficiaries=[{"name": "李四", "relation": "配偶", "id_number": UNKNOWN}])
    case = accept(cast, item="PS13", policy=policy)
    perform(case, "pass_precheck", actor=cast.clerk)
    form = BeneficiaryForm(case=again(case), actor=cast.entry, initial=BeneficiaryForm.initial_for(again(case)))
    assert warning(form["beneficiaries"]) == f"第 1 行：{WORDS}"
