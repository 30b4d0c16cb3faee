"""回复: what came in answer closes the letter, an investigation waits for its second signature."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Request
from lifeops.cases.perform import perform
from lifeops.cases.requests import issue_request, perform_request
from lifeops.cases.states import RequestState, State
from lifeops.documents.ingest import ingest
from tests.documents.files import jpeg, upload
from tests.factories import again, handed_over


def asked(cast, kind="query"):
    perform(case := handed_over(cast), "take", actor=cast.cl_reviewer)
    return issue_request(case=again(case), actor=cast.cl_reviewer, kind=kind, cause="核实", extra="请补充", due_days=10, blocking=True)


def test_papers_that_came_close_the_letter_in_one_act_and_the_case_goes_back(cast):
    letter = asked(cast)
    ingest(case=again(letter.case), files=[upload("reply.jpg", jpeg())], actor=cast.query, now=timezone.now(), request=letter)
    perform_request(letter, "answer", actor=cast.query, reply="已补出院小结", closing=True)
    letter = Request.objects.get(pk=letter.pk)
    assert (letter.state, letter.closed_by, letter.next_urge_at) == (RequestState.CLOSED, cast.query, None)
    assert (again(letter.case).state, again(letter.case).assignee_id) == (State.IN_REVIEW, cast.cl_reviewer.pk)
    with pytest.raises(Refused, match="不能办理"):
        perform_request(letter, "close", actor=cast.query)


def test_a_letter_closes_without_papers_only_for_a_reason_that_stays_in_the_trail(cast):
    letter = asked(cast)
    with pytest.raises(Invalid) as refused:
        perform_request(letter, "answer", actor=cast.query, reply="电话说明", closing=True)
    assert list(refused.value.errors) == ["no_papers"] and "请先上传" in refused.value.errors["no_papers"][0]
    letter = Request.objects.get(pk=letter.pk)
    assert letter.is_open and letter.reply == ""
    event = perform_request(letter, "answer", actor=cast.query, reply="电话说明", closing=True, no_papers="客户口头答复，不另交资料")
    letter = Request.objects.get(pk=letter.pk)
    assert letter.state == RequestState.CLOSED and event.data["no_papers"] == "客户口头答复，不另交资料"


def test_a_reply_that_is_still_to_be_looked_at_waits_to_be_closed(cast):
    letter = asked(cast)
    perform_request(letter, "answer", actor=cast.query, reply="部分补交")
    letter = Request.objects.get(pk=letter.pk)
    assert letter.state == RequestState.REPLIED and again(letter.case).state == State.WAITING
    perform_request(letter, "close", actor=cast.query)
    assert again(letter.case).state == State.IN_REVIEW


def test_an_investigation_is_never_closed_by_its_first_signature(cast):
    order = asked(cast, "investigation")
    perform_request(
        order, "answer", actor=cast.investigator, reply="走访属实", conclusion="属实", second_signer=cast.head.name, closing=True, no_papers="无"
    )
    order = Request.objects.get(pk=order.pk)
    assert order.state == RequestState.REPLIED and order.closed_at is None


def test_the_page_leads_to_the_upload_for_this_letter_and_tells_what_came(cast, as_user):
    letter = asked(cast)
    address = reverse("cases:request", args=[letter.number])
    there = f"{reverse('documents:manage', args=[letter.case.number])}?request={letter.number}"
    page = as_user(cast.query).get(address).content.decode()
    assert there in page and "尚未回复" in page
    assert there not in as_user(cast.cl_reviewer).get(address).content.decode()
    ingest(case=again(letter.case), files=[upload("reply.jpg", jpeg())], actor=cast.query, now=timezone.now(), request=letter)
    page = as_user(cast.query).get(address).content.decode()
    assert "reply.jpg 1 页" in page and "请办理“登记回复”" in page
    dialog = as_user(cast.query).get(reverse("cases:request_step", args=[letter.number, "answer"])).content.decode()
    assert "回复齐全，随即回销" in dialog and 'name="no_papers"' in dialog and "没有回复资料的原因" not in dialog


def test_the_page_of_a_report_hides_nothing_that_waits_for_a_choice(cast, as_user):
    """The script shows such an input with its field; one without a field would stop it, and with it all that comes after."""
    order = asked(cast, "investigation")
    page = as_user(cast.investigator).get(reverse("cases:request_step", args=[order.number, "answer"])).content.decode()
    shown = re.findall(r"<(?:input|textarea|select)[^>]*>", page)
    assert any('name="no_papers"' in each and 'type="hidden"' in each for each in shown)
    assert [each for each in shown if 'type="hidden"' in each and "data-when" in each] == []
