"""What PostgreSQL itself refuses, and clocks that several beats raise at once."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from lifeops.cases import escalation
from lifeops.cases.models import Case, CaseEvent, Clock
from lifeops.cases.perform import perform
from lifeops.cases.requests import perform_request
from lifeops.cases.states import State
from lifeops.cases.tasks import publish
from lifeops.notices.models import Notice
from lifeops.workdays.calendar import get_calendar
from tests.cases.threads import together
from tests.factories import again, handed_over

pytestmark = pytest.mark.server


def refusal(sql, *parameters):
    """What the database says against a statement that it must not carry out."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
    return str(caught.value)


def test_trail_and_custody_only_grow(cast):
    case = handed_over(cast)
    for statement in (
        "UPDATE cases_caseevent SET reason = 'x'", "DELETE FROM cases_caseevent",
        "UPDATE cases_custodysegment SET party = 'customer'", "DELETE FROM cases_custodysegment",
    ):  # fmt: skip
        assert "只可追加，不可修改或删除" in refusal(f"{statement} WHERE case_id = %s", case.pk)


def test_unknown_state_and_negative_amount_are_refused(cast):
    case = handed_over(cast)
    for change, constraint in (
        ("state = 'lost'", "case_state_known"), ("amount = -1", "case_amount_not_negative"),
        ("state = 'in_review', assignee_id = NULL", "case_in_review_has_assignee"),
    ):  # fmt: skip
        assert constraint in refusal(f"UPDATE cases_case SET {change} WHERE id = %s", case.pk)
    with pytest.raises(TypeError):
        Case.objects.filter(pk=case.pk).update(state=State.APPROVED)


@pytest.mark.django_db(transaction=True)
def test_two_beats_raise_a_clock_once_and_tell_each_reader_once(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    late = timezone.now() + timezone.timedelta(days=40)
    levels = Clock.objects.filter(case=case, next_at__lte=late).count()
    assert levels == 2
    moment = Clock.objects.running().order_by("next_at").last().warn_at
    found = together(4, lambda n: escalation.escalate_due(moment, publish=False))
    # a later beat may rightly reach the second level of the nearer clock
    assert sum(found) == CaseEvent.objects.filter(step__startswith="clock.level").count(), found
    events = CaseEvent.objects.filter(step="clock.level1")
    assert events.count() == len({e.data["clock"] for e in events}) == levels
    together(4, lambda n: [publish(e.pk) for e in events])
    keys = list(Notice.objects.values_list("recipient", "key"))
    assert len(keys) == len(set(keys)) > 0
    from lifeops.cases.models import broken_links

    assert broken_links(again(case)) == []


def customer_holds(cast, given_on_day):
    """A claim whose query letter is delivered on the n-th working day of its statutory clock."""
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "issue_request", actor=cast.cl_reviewer, kind="query", addressee="customer", cause="医疗资料",
            contents=["CQ02"], blocking=True, due_days=10)
    clock = Clock.objects.get(case=case, rule__code="CL_DECIDE")
    day = get_calendar().add_workdays(timezone.localdate(clock.started_at), given_on_day)
    at = timezone.make_aware(timezone.datetime(day.year, day.month, day.day, 11))
    letter = case.requests.get()
    perform_request(letter, "print_out", actor=cast.query, now=at)
    perform_request(letter, "deliver", actor=cast.query, now=at, how="面交", to="客户")
    return case, Clock.objects.get(pk=clock.pk), at


def levels_of(case):
    return list(CaseEvent.objects.filter(case=case, step__startswith="clock.", data__rule="CL_DECIDE").values_list("step", flat=True))


def test_a_clock_that_is_late_already_is_not_paused_and_goes_up_the_ladder(cast):
    case, clock, at = customer_holds(cast, 7)
    assert not clock.paused and clock.standing(at)["level"] == "over"
    # one level a sweep
    escalation.escalate_due(at, publish=False)
    escalation.escalate_due(at, publish=False)
    assert "clock.level2" in levels_of(case)


def test_a_pause_begun_on_the_last_day_does_not_save_the_deadline(cast):
    case, clock, _ = customer_holds(cast, 5)
    escalation.escalate_due(clock.due_at, publish=False)
    escalation.escalate_due(clock.due_at, publish=False)
    assert "clock.level2" in levels_of(case)


def test_a_running_pause_moves_the_deadline_and_raises_nothing(cast):
    case, clock, _ = customer_holds(cast, 2)
    assert clock.paused
    escalation.escalate_due(clock.due_at + timezone.timedelta(days=20), publish=False)
    assert levels_of(case) == []
    assert Clock.objects.get(pk=clock.pk).due_at > clock.due_at
