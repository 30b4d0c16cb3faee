"""Statements that are kept answer as the querysets they were made of, with the rows as they are now."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.services import display
from lifeops.cases import escalation
from lifeops.cases.bulk import update_columns
from lifeops.cases.models import Case, CaseEvent, Clock, ProcessRule, broken_links
from lifeops.cases.perform import lock, perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.org.models import Absence, AuthorityLimit, limit_for
from lifeops.org.statements import Kept, insert, read_with, update
from tests.cast import hire
from tests.factories import again, claim_inputs, handed_over


def test_what_is_next_follows_posts_and_absences_of_the_one_who_asks(cast):
    """Two people posted alike share a statement, people posted elsewhere have their own; each asks with the own key."""
    case = handed_over(cast)
    county = hire("narrow", "cl_reviewer", cast.other, staff_no="K001")
    assert take_next(county, "claims") is None  # the case lies at another county
    first, second = (hire(f"wide{n}", "cl_reviewer", cast.hq, staff_no=f"K01{n}") for n in range(2))
    assert take_next(first, "claims").pk == case.pk
    assert take_next(second, "claims") is None
    assert take_next(first, "claims").pk == case.pk  # held: given again
    assert take_next(first, "claims", skip=case.pk) is None
    now = timezone.now()
    Absence.objects.create(user=first, substitute=second, starts_at=now, ends_at=now + timezone.timedelta(days=1), created_by=cast.manager)
    stand_in = type(second).objects.get(pk=second.pk)
    assert take_next(stand_in, "claims").pk == case.pk


def test_a_limit_changed_counts_at_once(cast):
    row = AuthorityLimit.objects.filter(line="claims").first()
    ask = {"role": row.role, "grade": row.grade, "line": row.line, "item": row.item or "CL05", "outcome": row.outcome or "PAY"}
    before = limit_for(**ask, day=timezone.localdate())
    AuthorityLimit.objects.filter(pk=before.pk).update(max_amount=Decimal("1.00"))
    assert limit_for(**ask, day=timezone.localdate()).max_amount == Decimal("1.00")


def test_a_clock_takes_its_rule_as_it_is_now(cast):
    case = handed_over(cast)
    clock = Clock.objects.running().filter(case=case).first()
    type(clock.rule).objects.filter(pk=clock.rule_id).update(name="改过的名称")
    (found,) = [c for c in read_with(Clock, ("rule",), "t.case_id = %s", [case.pk]) if c.pk == clock.pk]
    assert found.rule.name == "改过的名称" and found == clock


def test_within_a_step_the_record_is_read_once_and_again_after_it_was_written(cast):
    case = handed_over(cast)
    with transaction.atomic(), CaptureQueriesContext(connection) as seen:
        held = lock(case.pk)
        assert held.record is not held.record  # outside a step each time
        rows = type(held.record).objects.filter(case=case)
        with held.asking_once():
            assert held.record is held.record
            rows.update(payee="另一人")
            assert held.record.payee != "另一人"
            held.forget()
            assert held.record.payee == "另一人"
            with held.asking_once():  # a step within the step
                rows.update(payee="第三人")
                assert held.record.payee == "第三人"
                rows.update(payee="第四人")
            assert held.record.payee == "第四人"
        assert held.record is not held.record
    assert sum('FROM "claims_claim"' in q["sql"] for q in seen.captured_queries) == 9


def test_the_trail_of_an_entry_tells_before_and_after(cast):
    from tests.factories import accept, overrides_at_counter

    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    given = claim_inputs() | {"payee": case.policy.insured.name}
    first = perform(case, "save_record", actor=cast.entry, **given)
    assert {"label": "住院·医院", "before": "", "after": given["hospital"]} in first.data["changes"]
    event = perform(case, "save_record", actor=cast.entry, **given | {"hospital": "样本第二医院"})
    (change,) = event.data["changes"]
    assert change["after"] == "样本第二医院" and change["before"] == given["hospital"]
    assert display(again(case))["住院·医院"] == "样本第二医院"


def test_two_clocks_of_a_case_raised_together_are_two_links_of_its_chain(cast):
    case = handed_over(cast)
    late = timezone.now()
    Clock.objects.running().filter(case=case).update(next_at=late)
    count = Clock.objects.running().filter(case=case).count()
    assert count >= 2 and escalation.escalate_due(late, publish=False) == count
    case = again(case)
    raised = CaseEvent.objects.filter(case=case, step="clock.level1").order_by("seq")
    assert [e.seq for e in raised] == list(range(case.event_seq - count + 1, case.event_seq + 1))
    assert broken_links(case) == [] and all(e.published_at is None for e in raised)
    assert {c.level for c in Clock.objects.running().filter(case=case)} == {1}


def test_a_row_written_by_a_kept_statement_is_the_row_the_orm_writes(cast):
    case = handed_over(cast)
    known = CaseEvent.objects.filter(case=case).latest("seq")
    twin = CaseEvent(**{f.attname: getattr(known, f.attname) for f in CaseEvent._meta.concrete_fields if f.name not in ("id", "seq")}, seq=known.seq + 1)
    insert(twin)
    kept = CaseEvent.objects.get(pk=twin.pk)
    assert all(getattr(kept, f.attname) == getattr(known, f.attname) for f in CaseEvent._meta.concrete_fields if f.name not in ("id", "seq"))
    clock = Clock.objects.filter(case=case).first()
    clock.level = 4
    update(clock, ["level"])
    assert Clock.objects.get(pk=clock.pk).level == 4


def test_a_row_whose_changes_are_heard_of_is_not_written_past_those_who_hear(cast):
    rule = ProcessRule.objects.first()
    for write in (lambda: insert(rule), lambda: update(rule, ["effective_to"])):
        with pytest.raises(TypeError, match="has receivers"):
            write()


def test_the_state_is_no_column_for_sweeps(cast):
    case = handed_over(cast)
    with pytest.raises(TypeError, match="只能经由 perform"):
        update_columns(Case, ["state"], [[case.pk], ["approved"]])
    assert again(case).state == State.QUEUED


def test_a_queryset_whose_marks_are_lost_cannot_be_kept(db):
    with pytest.raises(ValueError, match="cannot be kept"):
        Kept.of(Case.objects.filter(state=State.QUEUED), [31_337])


def test_who_has_no_post_at_a_desk_is_given_nothing(cast):
    handed_over(cast)
    assert take_next(cast.clerk, "claims") is None


@pytest.mark.django_db(transaction=True)
def test_a_row_is_not_locked_where_the_lock_would_be_let_go_of_at_once(transactional_cast):
    case = handed_over(transactional_cast)
    with pytest.raises(transaction.TransactionManagementError):
        lock(case.pk)
    with transaction.atomic():
        assert lock(case.pk).pk == case.pk
