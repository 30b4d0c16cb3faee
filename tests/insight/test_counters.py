"""The board's counters are what a count of the cases would say, whatever happens at the same time."""

from __future__ import annotations

import itertools
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.insight import counters, numbers
from lifeops.insight.counters import FLOW, TALLY
from lifeops.insight.models import Flow, FlowDelta, Tally, TallyDelta
from lifeops.insight.tasks import prove_counters
from tests.factories import accept, again, handed_over, make_policy

pytestmark = pytest.mark.server
_serial = itertools.count(1)


def agree():
    return counters.differences(TALLY) == [] and counters.differences(FLOW) == []


def by_state(path="86/"):
    return {state: number for (state,), number in numbers.stock(path, "state").items()}


def copies(case, count, **changes):
    """More cases written as rows: the counters only look at columns."""
    rows = []
    for _ in range(count):
        row = Case.objects.get(pk=case.pk)
        row.pk, row.number, row.event_seq, row.event_hash, row.custody_seq = None, f"{case.number}-{next(_serial)}", 0, "", 0
        for name, value in changes.items():
            row.__dict__[name] = value
        rows.append(row)
    return Case.objects.bulk_create(rows)


def test_a_case_moves_from_place_to_place(cast):
    case = accept(cast)
    assert by_state() == {"received": 1}
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    assert by_state() == {"prechecked": 1}
    perform(case, "withdraw", actor=cast.clerk, reason="客户撤回")
    assert by_state() == {"withdrawn": 1}
    today = numbers.flow("86/", timezone.localdate(), 1)[-1]
    assert (today.came_in, today.decided, today.went_out, today.stock) == (1, 1, 0, 1)
    assert agree()


def test_a_step_that_moves_nothing_writes_nothing(cast):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    before = TallyDelta.objects.count()
    perform(case, "mark_complex", actor=cast.cl_reviewer, reason="案情复杂")
    assert TallyDelta.objects.count() == before


def test_a_statement_over_many_cases_leaves_one_difference(cast):
    case = handed_over(cast)
    before = TallyDelta.objects.count()
    copies(case, 40)
    assert TallyDelta.objects.count() == before + 1
    assert by_state() == {"queued": 41}
    assert agree()


def test_a_rollback_leaves_nothing(cast):
    case = handed_over(cast)
    seen, rows = by_state(), TallyDelta.objects.count() + FlowDelta.objects.count()

    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        perform(case, "withdraw", actor=cast.clerk, reason="客户撤回")
        assert by_state() == {"withdrawn": 1}
        raise Broken
    assert by_state() == seen == {"queued": 1}
    assert TallyDelta.objects.count() + FlowDelta.objects.count() == rows
    assert agree()


def test_folding_changes_no_number(cast):
    case = handed_over(cast)
    perform(case, "withdraw", actor=cast.clerk, reason="客户撤回")
    other = accept(cast)
    before = by_state()
    assert counters.fold(batch=3) > 3
    assert TallyDelta.objects.count() == FlowDelta.objects.count() == 0
    assert by_state() == before == {"withdrawn": 1, "received": 1}
    assert not Tally.objects.filter(number=0).exists()
    assert Flow.objects.get().came_in == 2
    perform(other, "pass_precheck", actor=cast.clerk, overrides={})
    assert by_state() == {"withdrawn": 1, "prechecked": 1}
    assert counters.fold() and not counters.fold()
    assert agree()


def test_a_wrong_counter_is_found_and_made_good(cast):
    accept(cast)
    counters.fold()
    Tally.objects.update(number=5)
    Flow.objects.update(came_in=3, went_out=1)
    with pytest.raises(CommandError, match="计数不符 2 处"):
        call_command("check_counters", stdout=StringIO())
    (row,) = counters.differences(TALLY)
    assert (row["true_number"], row["held_number"]) == (1, 5)
    assert prove_counters() == 2
    assert agree() and by_state() == {"received": 1}
    told = StringIO()
    call_command("check_counters", stdout=told)
    assert "一致" in told.getvalue()


def test_the_proof_notices_a_change_behind_the_triggers(cast):
    accept(cast)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_case DISABLE TRIGGER insight_case_changed")
        cursor.execute("UPDATE cases_case SET state = 'prechecked'")
        cursor.execute("ALTER TABLE cases_case ENABLE TRIGGER insight_case_changed")
    assert {row["state"] for row in counters.differences(TALLY)} == {"received", "prechecked"}
    call_command("check_counters", mend=True, stdout=StringIO())
    assert by_state() == {"prechecked": 1}


@pytest.mark.django_db(transaction=True)
def test_steps_at_once_and_folding_meanwhile(transactional_cast):
    """Sixteen people withdraw or take while three workers fold without pause: no waiting for each other, no lost count."""
    cast = transactional_cast
    one = handed_over(cast, policy=make_policy(cast.county, cast.clerk))
    rows = copies(one, 32)
    errors, ended, wrong = [], threading.Event(), []

    def guarded(work):
        def run():
            try:
                work()
            except Exception as error:
                errors.append(error)
            finally:
                connections.close_all()

        return threading.Thread(target=run)

    def act(number):
        for case in rows[number * 2 : number * 2 + 2]:
            perform(again(case), "withdraw", actor=cast.clerk, reason="客户撤回")

    def folding():
        while not ended.is_set():
            counters.fold(batch=5)

    def reading():
        while not ended.is_set():
            total = sum(by_state().values())
            if total != 33:
                wrong.append(total)

    steps = [guarded(lambda n=n: act(n)) for n in range(16)]
    others = [guarded(folding) for _ in range(3)] + [guarded(reading)]
    for thread in [*others, *steps]:
        thread.start()
    for thread in steps:
        thread.join(120)
    ended.set()
    for thread in others:
        thread.join(60)
    assert errors == [] and wrong == []
    counters.fold()
    assert by_state() == {"withdrawn": 32, "queued": 1}
    assert agree()
