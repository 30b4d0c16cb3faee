"""调查须两人签署: the second investigator signs in person before the report closes the request (facts 5.3)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from lifeops.cases.errors import Refused
from lifeops.cases.models import Request
from lifeops.cases.perform import perform
from lifeops.cases.requests import issue_request, perform_request
from lifeops.cases.routing import readers
from lifeops.cases.states import State
from lifeops.org.models import Role
from tests.cast import hire
from tests.factories import again, handed_over


@pytest.fixture
def second(cast):
    return hire("second.i", Role.INVESTIGATOR, cast.county, staff_no="I2")


@pytest.fixture
def report(cast, second):
    """An investigation answered by the first investigator, who has named the second."""
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    item = issue_request(
        case=again(case), actor=cast.cl_reviewer, kind="investigation", addressee="branch", cause="核实", extra="走访", due_days=10,
        blocking=True,
    )  # fmt: skip
    return answer(item, cast.investigator, second)


def answer(item, who, second):
    perform_request(item, "answer", actor=who, reply="走访两家医院，属实", conclusion="属实", second_signer=second.staff_no)
    return fresh(item)


def fresh(item):
    return Request.objects.select_related("case", "branch").get(pk=item.pk)


def test_a_report_that_only_its_author_has_signed_does_not_close(cast, report):
    for who in (cast.investigator, cast.query, cast.head):
        with pytest.raises(Refused, match=r"须由第二调查人.*签署后才能回销"):
            perform_request(report, "close", actor=who)
    assert again(report.case).state == State.WAITING


@pytest.mark.parametrize("who", ["investigator", "query", "head", "cl_reviewer", "other_head"])
def test_nobody_else_signs_in_the_place_of_the_second(cast, report, who):
    with pytest.raises(Refused):
        perform_request(report, "countersign", actor=getattr(cast, who))
    assert fresh(report).second_signed_at is None


def test_signed_by_both_it_closes_and_the_case_wakes(cast, report, second):
    event = perform_request(report, "countersign", actor=second)
    assert event.data["signers"] == ["调查岗second.i（I2）"] and cast.cl_reviewer in readers(event)
    with pytest.raises(Refused, match="第二调查人已签署"):
        perform_request(report, "countersign", actor=second)
    with pytest.raises(Refused, match="第二调查人已签署"):
        perform_request(report, "take_back", actor=cast.investigator, reason="改字")
    perform_request(report, "close", actor=cast.query)
    assert again(report.case).state == State.IN_REVIEW


def test_the_second_is_told_and_may_refuse_with_words(cast, report, second):
    asked = report.case.events.get(step="request.answer")
    assert second in readers(asked) and asked.data["second"] == "调查岗second.i（I2）"
    event = perform_request(report, "refuse_to_sign", actor=second, reason="未参加走访")
    assert event.reason == "未参加走访" and cast.investigator in readers(event)
    item = fresh(report)
    assert (item.state, item.second_signer, item.replied_at) == ("printed", None, None)
    # named anew, by another pair
    item = answer(item, second, cast.investigator)
    perform_request(item, "countersign", actor=cast.investigator)
    perform_request(item, "close", actor=second)
    assert again(item.case).state == State.IN_REVIEW


def test_an_author_takes_an_unsigned_report_back_but_a_letter_is_not_a_report(cast, report, second):
    perform_request(report, "take_back", actor=cast.investigator, reason="第二调查人休假")
    with pytest.raises(Refused):
        perform_request(fresh(report), "countersign", actor=second)
    letter = issue_request(
        case=again(report.case), actor=cast.cl_reviewer, kind="query", addressee="customer", cause="医疗资料", contents=["CQ02"],
        blocking=False, due_days=10,
    )  # fmt: skip
    perform_request(letter, "answer", actor=cast.query, reply="已补")
    with pytest.raises(Refused, match="只有调查报告"):
        perform_request(fresh(letter), "take_back", actor=cast.query, reason="x")
    perform_request(fresh(letter), "close", actor=cast.query)


def test_a_second_who_lost_the_post_signs_no_more(cast, report, second):
    from django.utils import timezone

    second.postings.update(ends_on=timezone.localdate() - timezone.timedelta(days=1))
    with pytest.raises(Refused):
        perform_request(report, "countersign", actor=type(second).objects.get(pk=second.pk))


def test_the_database_knows_no_signature_of_nobody(cast, report):
    from django.utils import timezone

    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(pk=report.pk).update(second_signer=None, second_signed_at=timezone.now())


def test_the_page_says_whose_signature_is_missing(cast, report, second, as_user):
    text = as_user(second).get(report.get_absolute_url()).content.decode()
    assert "待签署" in text and "签署调查报告" in text
    told = as_user(second).get(f"/api/v1/requests/{report.number}/").json()
    assert told["second_signed_at"] is None and told["second_signer"]["staff_no"] == "I2"
