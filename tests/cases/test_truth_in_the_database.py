"""What PostgreSQL itself refuses, and what threads cannot break."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from lifeops.cases import escalation
from lifeops.cases.errors import NotDone
from lifeops.cases.models import Case, CaseEvent, Clock
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.requests import perform_request
from lifeops.cases.states import State
from lifeops.cases.tasks import publish
from lifeops.notices.models import Notice
from lifeops.workdays.calendar import get_calendar
from tests.cast import hire
from tests.factories import again, handed_over, make_policy

pytestmark = pytest.mark.server


def refused(sql, *parameters):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_trail_and_custody_only_grow(cast):
    case = handed_over(cast)
    refused("UPDATE cases_caseevent SET reason = 'x' WHERE case_id = %s", case.pk)
    refused("DELETE FROM cases_caseevent WHERE case_id = %s", case.pk)
    refused("UPDATE cases_custodysegment SET party = 'customer' WHERE case_id = %s", case.pk)
    refused("DELETE FROM cases_custodysegment WHERE case_id = %s", case.pk)


def test_unknown_state_and_negative_amount_are_refused(cast):
    case = handed_over(cast)
    refused("UPDATE cases_case SET state = 'lost' WHERE id = %s", case.pk)
    refused("UPDATE cases_case SET amount = -1 WHERE id = %s", case.pk)
    refused("UPDATE cases_case SET state = 'in_review', assignee_id = NULL WHERE id = %s", case.pk)
    with pytest.raises(TypeError):
        Case.objects.filter(pk=case.pk).update(state=State.APPROVED)


def together(count, work):
    """Run `work(number)` in threads that start at once; returns what each gave, exceptions included."""
    barrier, found = threading.Barrier(count), [None] * count

    def run(number):
        try:
            barrier.wait(20)
            found[number] = work(number)
        except Exception as error:
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


@pytest.mark.django_db(transaction=True)
def test_fifty_reviewers_take_fifty_cases_and_nobody_twice(transactional_cast):
    cast = transactional_cast
    policy = make_policy(cast.county, cast.clerk)
    one = handed_over(cast, policy=policy)
    copies = [copy_of(one, n) for n in range(29)]
    reviewers = [hire(f"rev{n}", "cl_reviewer", cast.hq, staff_no=f"R{n:03d}") for n in range(50)]
    found = together(50, lambda n: take_next(reviewers[n], "claims"))
    errors = [f for f in found if isinstance(f, Exception)]
    assert errors == []
    taken = [f.pk for f in found if f is not None]
    assert len(taken) == len(set(taken)) == 30 == len(copies) + 1
    assert CaseEvent.objects.filter(step="take").count() == 30


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_threads_take_cases_twice(transactional_cast):
    """The control run: the same pool read without a lock hands one case to several people."""
    cast = transactional_cast
    one = handed_over(cast)
    for n in range(5):
        copy_of(one, n)

    def careless(number):
        return Case.objects.filter(state=State.QUEUED, assignee__isnull=True).order_by("rank", "due_at", "pk").first().pk

    taken = together(8, careless)
    assert len(set(taken)) < len(taken)


def copy_of(case, n):
    """Another waiting case, written as a row: the queue only looks at columns."""
    found = Case.objects.get(pk=case.pk)
    found.pk, found.number, found.event_seq, found.event_hash, found.custody_seq = None, f"{case.number}-{n}", 0, "", 0
    found._state.adding = True
    found.save(force_insert=True)
    return found


@pytest.mark.django_db(transaction=True)
def test_eight_identical_steps_have_one_effect(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    found = together(8, lambda n: perform(again(case), "take", actor=cast.cl_reviewer, idempotency_key="same"))
    assert {f.pk for f in found if isinstance(f, CaseEvent)} == {CaseEvent.objects.get(step="take").pk}
    assert not [f for f in found if isinstance(f, Exception)]


@pytest.mark.django_db(transaction=True)
def test_approve_against_withdraw_one_wins(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast, item="CL01")
    taken = take_next(cast.cl_reviewer, "claims")
    perform(taken, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="清楚")
    take_next(cast.approver_high, "approval")
    acts = [
        lambda: perform(again(case), "approve", actor=cast.approver_high, opinion=""),
        lambda: perform(again(case), "withdraw", actor=cast.clerk, reason="撤回"),
    ]
    found = together(2, lambda n: acts[n]())
    assert sorted(isinstance(f, NotDone) for f in found) == [False, True]
    assert again(case).state in (State.APPROVED, State.WITHDRAWN)


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
