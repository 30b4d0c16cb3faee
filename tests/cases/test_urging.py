"""催办 and 升级: who is told when, once each; a prolonged letter is urged by its new day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from lifeops.cases import escalation
from lifeops.cases.models import CaseEvent, Clock, Request
from lifeops.cases.perform import perform
from lifeops.cases.requests import issue_request, perform_request
from lifeops.cases.routing import readers
from lifeops.cases.tasks import publish
from lifeops.notices.models import Notice
from lifeops.org.models import Role
from lifeops.workdays.calendar import get_calendar
from tests.cast import hire
from tests.factories import again, handed_over

pytestmark = pytest.mark.django_db


def letter_of(cast, **fields):
    """A letter on a claim in review, with ten working days for the answer."""
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    given = {"kind": "query", "addressee": "customer", "cause": "医疗资料", "extra": "补充", "due_days": 10, "blocking": True}
    return issue_request(case=again(case), actor=cast.cl_reviewer, **(given | fields))


def morning(letter, workdays):
    """The morning after the n-th working day from the issue of a letter."""
    day = get_calendar().add_workdays(timezone.localdate(letter.issued_at), workdays) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(6)))


def urged(letter, at):
    """Texts and readers of the urgings that come up to a moment."""
    before = set(CaseEvent.objects.values_list("pk", flat=True))
    escalation.urge_due(at)
    found = CaseEvent.objects.filter(case=letter.case_id, step="request.urge").exclude(pk__in=before).order_by("seq")
    return [(event.reason, [user.username for user in readers(event)]) for event in found]


# 催办 --------------------------------------------------------------------------------------------------------------


def test_a_letter_is_urged_rung_by_rung_and_the_head_learns_of_the_later_ones(cast):
    letter = letter_of(cast)
    assert urged(letter, morning(letter, 3) - timedelta(days=1)) == []
    assert urged(letter, morning(letter, 3)) == [("电话联系客户并登记", ["query"])]
    assert urged(letter, morning(letter, 3)) == []
    assert urged(letter, morning(letter, 6)) == [("上门或书面催办", ["query", "head"])]
    assert urged(letter, morning(letter, 10)) == [("期限已到：确认客户意愿，报机构主管", ["query", "head"])]
    assert urged(letter, morning(letter, 60)) == []
    assert (fresh(letter).urge_level, fresh(letter).next_urge_at) == (3, None)


def test_each_reader_of_an_urging_has_one_notice_however_often_it_runs(cast):
    letter = letter_of(cast)
    escalation.urge_due(morning(letter, 6))  # the first rung
    escalation.urge_due(morning(letter, 6))  # the second
    for _ in range(2):
        for pk in CaseEvent.objects.filter(step="request.urge").values_list("pk", flat=True):
            publish(pk)
    told = list(Notice.objects.filter(title__startswith="照会催办").values_list("recipient__username", "title"))
    assert sorted(told) == [("head", "照会催办第 2 次：住院医疗理赔"), ("query", "照会催办第 1 次：住院医疗理赔"), ("query", "照会催办第 2 次：住院医疗理赔")]


def test_an_investigation_urges_who_investigates(cast):
    order = letter_of(cast, kind="investigation", cause="事故核实", blocking=False)
    assert urged(order, morning(order, 3)) == [("报告调查进度", ["investigator"])]
    other = hire("second.i", Role.INVESTIGATOR, cast.county, staff_no="I2")
    perform_request(order, "assign_handler", actor=cast.head, handler=other.username)
    assert urged(order, morning(order, 7)) == [("督办：报机构主管", ["second.i", "head"])]


def test_the_head_is_told_although_the_desk_lies_nearer(cast):
    cast.head.postings.all().delete()
    hire("province_head", Role.HEAD, cast.province, staff_no="PH1")
    letter = letter_of(cast)
    urged(letter, morning(letter, 3))
    assert urged(letter, morning(letter, 6)) == [("上门或书面催办", ["query", "province_head"])]


def test_an_answered_letter_is_urged_no_more(cast):
    letter = letter_of(cast)
    perform_request(letter, "deliver", actor=cast.query, how="面交", to="客户")
    perform_request(letter, "answer", actor=cast.query, reply="已补")
    assert urged(letter, morning(letter, 10)) == []


def fresh(letter):
    return Request.objects.get(pk=letter.pk)


def prolong(cast, letter, workdays):
    later = get_calendar().add_workdays(fresh(letter).due_on, workdays)
    perform_request(letter, "extend", actor=cast.cl_reviewer, due_on=later.isoformat(), reason="客户住院")


def test_the_rungs_to_come_move_on_with_a_prolonged_letter(cast):
    letter = letter_of(cast)
    urged(letter, morning(letter, 3))
    prolong(cast, letter, 5)
    prolong(cast, letter, 2)
    assert urged(letter, morning(letter, 12)) == []
    assert urged(letter, morning(letter, 13))[0][0] == "上门或书面催办"
    assert urged(letter, morning(letter, 16)) == []
    assert urged(letter, morning(letter, 17))[0][0].startswith("期限已到")


def test_prolonged_after_the_last_rung_the_new_day_does_not_pass_unseen(cast):
    letter = letter_of(cast)
    for workdays in (3, 6, 10):
        urged(letter, morning(letter, workdays))
    prolong(cast, letter, 5)
    assert urged(letter, morning(letter, 14)) == []
    assert urged(letter, morning(letter, 15)) == [("期限已到：确认客户意愿，报机构主管", ["query", "head"])]
    assert urged(letter, morning(letter, 40)) == []
    assert fresh(letter).urge_level == 4


# 升级 --------------------------------------------------------------------------------------------------------------


def levels(case, code, days=30):
    """Readers of each level of a clock, as the sweep raises it again and again."""
    clock = Clock.objects.get(case=case, rule__code=code, stopped_at__isnull=True)
    for _ in range(6):
        escalation.escalate_due(clock.due_at + timedelta(days=days), publish=False)
    found = CaseEvent.objects.filter(case=case, step__startswith="clock.level", data__clock=clock.pk).order_by("seq")
    return [(event.step, sorted(user.username for user in readers(event))) for event in found]


def test_a_statutory_clock_goes_up_from_the_handler_to_the_top(cast):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    assert levels(case, "CL_DECIDE") == [
        ("clock.level1", ["cl_reviewer"]), ("clock.level2", ["cl_reviewer", "manager"]),
        ("clock.level3", ["manager"]), ("clock.level4", ["manager"]),
    ]  # fmt: skip


def test_at_the_branch_it_goes_from_the_desk_to_its_head_and_to_the_head_above(cast):
    hire("province_head", Role.HEAD, cast.province, staff_no="PH1")
    case = handed_over(cast, item="PS02")
    perform(case, "take", actor=cast.ps_reviewer)
    perform(case, "conclude", actor=cast.ps_reviewer, outcome="APPROVE", opinion="符合规定")
    perform(case, "take", actor=cast.approver)
    perform(case, "approve", actor=cast.approver)
    assert levels(case, "PS_DONE") == [
        ("clock.level1", ["issue"]), ("clock.level2", ["head", "issue"]),
        ("clock.level3", ["head", "manager", "province_head"]), ("clock.level4", ["manager", "province_head"]),
    ]  # fmt: skip


def test_a_case_that_waits_for_a_signature_warns_those_who_may_give_it(cast):
    case = handed_over(cast, item="CL01")
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    grade = again(case).required_grade
    able = sorted(who.username for who in (cast.approver, cast.approver_high) if who.postings.get().grade >= grade)
    assert able and levels(case, "CL_REVIEW")[0] == ("clock.level1", able)


def running(case):
    return {c.rule.code for c in Clock.objects.running().filter(case=case).select_related("rule")}


def test_what_was_missing_starts_the_clocks_of_the_counter_anew(cast):
    from tests.factories import accept

    case = accept(cast, item="PS02", gaps=["合同原件"], now=timezone.now() - timedelta(days=2))
    assert running(case) == {"IN_CORRECT"}
    come = timezone.localdate() - timedelta(days=1)
    perform(case, "resubmit", actor=cast.clerk, received_on=come.isoformat())
    assert running(case) == {"PS_ACCEPT", "IN_HANDOVER"}
    clock = Clock.objects.running().get(case=case, rule__code="PS_ACCEPT")
    assert timezone.localtime(clock.started_at) == timezone.make_aware(datetime.combine(come, time.min))


def test_what_is_decided_or_withdrawn_waits_under_a_clock_until_it_is_handed_out_and_filed(cast):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    assert running(case) == {"AR_RELEASE", "CL_PAY"} and again(case).due_at
    gone = handed_over(cast)
    perform(gone, "withdraw", actor=cast.clerk, reason="客户撤回")
    assert Clock.objects.running().get(case=gone).rule.code == "AR_FILE" and again(gone).due_at
