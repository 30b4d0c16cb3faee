"""What one person tries who has two posts, or a hand in a case that somebody else is to judge."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.requests import issue_request, perform_request
from lifeops.documents.arranging import arrange_page
from lifeops.documents.ingest import ingest
from lifeops.org.models import Posting, Role, User
from tests.cast import hire
from tests.documents.files import jpeg, upload
from tests.factories import again, handed_over

CONCLUSION = {"outcome": "PAY", "opinion": "事实清楚"}


def also(user, role, branch, grade=1):
    Posting.objects.create(user=user, role=role, branch=branch, grade=grade, starts_on=date(2020, 1, 1))
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("who", ["clerk", "entry", "scan"])
def test_who_took_in_keyed_or_scanned_a_case_does_not_review_it(cast, who):
    """Else one person would accept a claim, key it and sign it alone within the limit."""
    case = handed_over(cast)
    both = also(getattr(cast, who), Role.CL_REVIEWER, cast.hq, grade=3)
    assert take_next(both, "claims") is None
    perform(case, "take", actor=both)
    with pytest.raises(Refused, match="审核须由未经手受理、录入、扫描的人作出"):
        perform(again(case), "conclude", actor=both, **CONCLUSION)
    perform(again(case), "hand_back", actor=both, reason="本人经手")
    assert take_next(cast.cl_reviewer, "claims") == case
    assert perform(again(case), "conclude", actor=cast.cl_reviewer, **CONCLUSION).to_state == "approved"


def investigation(cast):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    return issue_request(
        case=again(case), actor=cast.cl_reviewer, kind="investigation", addressee="branch", cause="核实", extra="走访", due_days=10
    )


@pytest.mark.parametrize("name", ["查无此人", "{own}", "{own_spaced}", "{own_no}", "{other}", "{gone}"])
def test_the_second_investigator_is_somebody_of_the_unit_and_somebody_else(cast, name):
    gone = hire("gone.i", Role.INVESTIGATOR, cast.county, staff_no="G1")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    me = cast.investigator
    name = name.format(
        own=me.name, own_spaced=" ".join(me.name), own_no=me.staff_no, other=cast.other_head.staff_no, gone="G1"
    )
    with pytest.raises(Invalid) as caught:
        perform_request(investigation(cast), "answer", actor=me, reply="属实", conclusion="属实", second_signer=name)
    assert "second_signer" in caught.value.errors


@pytest.mark.parametrize("by", ["name", "staff_no"])
def test_the_second_investigator_is_kept_by_name_and_number(cast, by):
    second = hire("second.i", Role.INVESTIGATOR, cast.county, staff_no="I2")
    event = perform_request(
        investigation(cast), "answer", actor=cast.investigator, reply="属实", conclusion="属实", second_signer=getattr(second, by)
    )
    assert (event.data["signers"], event.data["second"]) == (
        [f"{cast.investigator.name}（{cast.investigator.staff_no}）"], f"{second.name}（{second.staff_no}）"
    )


def test_a_high_grade_elsewhere_does_not_block_the_queue_of_signatures(cast):
    """Grade 4 in the other province, grade 1 at head office: a case of grade 2 here is not offered, the next one is."""
    high = hire("mixed", Role.APPROVER, cast.hq, grade=1, staff_no="M1")
    high = also(high, Role.APPROVER, cast.other, grade=4)
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    perform(again(case), "conclude", actor=cast.cl_reviewer, outcome="REFUSE", reason_code="C01", opinion="不属责任")
    type(case).objects.filter(pk=case.pk).update(required_grade=2)
    assert take_next(high, "approval") is None
    type(case).objects.filter(pk=case.pk).update(required_grade=1)
    assert take_next(high, "approval") == case


def test_what_a_conclusion_rests_on_is_not_hidden_from_who_signs(cast):
    case = handed_over(cast)
    (later,), _errors = ingest(case=case, files=[upload("病历.jpg", jpeg())], actor=cast.scan, now=timezone.now())
    page = later.pages.get()
    perform(again(case), "take", actor=cast.cl_reviewer)
    assert arrange_page(page=page, data={"hidden": "1"}, actor=cast.scan, now=timezone.now()).hidden
    assert not arrange_page(page=page, data={"hidden": "0"}, actor=cast.scan, now=timezone.now()).hidden
    perform(again(case), "conclude", actor=cast.cl_reviewer, outcome="REFUSE", reason_code="C01", opinion="不属责任")
    assert again(case).state == "pending_approval"
    with pytest.raises(Refused, match="不能隐藏"):
        arrange_page(page=page, data={"hidden": "1"}, actor=cast.scan, now=timezone.now())
