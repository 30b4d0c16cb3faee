"""Fifty people on one pool, one person clicking twice, two people on one case: what may happen once happens once."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.services import accept_case
from lifeops.cases import queues
from lifeops.cases.errors import KeyReused, NotDone, Refused, Stale
from lifeops.cases.models import Case, CaseEvent, CaseQuerySet, broken_links
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.policies.models import Payment
from tests.cases.threads import copy_of, together
from tests.cast import hire
from tests.factories import PAPERS, accept, again, claim_inputs, handed_over, make_policy

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


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


def six_waiting(cast):
    one = handed_over(cast)
    return [one, *(copy_of(one, n) for n in range(5))]


def test_control_read_then_save_gives_one_case_to_several(transactional_cast):
    """The control run: the usual way, a row read and then saved, tells several people that one case is theirs."""
    cast = transactional_cast
    six_waiting(cast)
    reviewers = [hire(f"ctl{n}", "cl_reviewer", cast.hq, staff_no=f"C{n:03d}") for n in range(8)]

    all_have_read = threading.Barrier(8)

    def careless(number):
        found = Case.objects.filter(state=State.QUEUED, assignee__isnull=True).order_by("rank", "due_at", "pk").first()
        all_have_read.wait(20)
        found.assignee = reviewers[number]
        found.save(update_fields=["assignee"])
        return found.pk

    told = together(8, careless)
    assert len(set(told)) < len(told)


def test_control_take_next_without_its_lock_collides(transactional_cast, monkeypatch):
    """The same code without the row lock: several go for one case; only the unique number of the event stops them."""
    cast = transactional_cast
    six_waiting(cast)
    reviewers = [hire(f"ctl{n}", "cl_reviewer", cast.hq, staff_no=f"C{n:03d}") for n in range(8)]
    monkeypatch.setattr(CaseQuerySet, "select_for_update", lambda self, **options: self)
    monkeypatch.setattr(queues, "_statements", {})
    found = together(8, lambda n: take_next(reviewers[n], "claims"))
    told = [f.pk for f in found if isinstance(f, Case)]
    collided = [f for f in found if isinstance(f, IntegrityError)]
    assert collided or len(set(told)) < len(told)


def test_eight_identical_steps_have_one_effect(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    found = together(8, lambda n: perform(again(case), "take", actor=cast.cl_reviewer, idempotency_key="same"))
    assert {f.pk for f in found if isinstance(f, CaseEvent)} == {CaseEvent.objects.get(step="take").pk}
    assert not [f for f in found if isinstance(f, Exception)]


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


def test_a_key_means_one_request_only(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer, idempotency_key="k")
    with pytest.raises(KeyReused):
        perform(case, "mark_complex", actor=cast.cl_reviewer, idempotency_key="k", reason="需调查")
    # another person's key of the same text is another key
    perform(case, "withdraw", actor=cast.clerk, idempotency_key="k", reason="撤回")


def test_a_double_click_on_the_page_is_one_step(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    taken = take_next(cast.cl_reviewer, "claims")
    url = reverse("cases:step", args=[case.number, "mark_complex"])
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(cast.cl_reviewer, backend="django.contrib.auth.backends.ModelBackend")
    form = {"version": taken.version, "key": "click-1", "reason": "需调查"}
    answers = together(2, lambda n: clients[n].post(url, form).status_code)
    assert answers == [302, 302]
    assert CaseEvent.objects.filter(case=case, step="mark_complex").count() == 1


def test_a_double_click_on_conclude_pays_once(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    taken = take_next(cast.cl_reviewer, "claims")
    seen = again(taken).version
    found = together(4, lambda n: perform(
        again(case), "conclude", actor=cast.cl_reviewer, version=seen, idempotency_key="pay", outcome="PAY", opinion="清楚",
    ))
    assert not [f for f in found if isinstance(f, Exception)], found
    assert len({f.pk for f in found}) == 1
    assert Payment.objects.filter(case_number=case.number).count() == 1


def test_concluding_twice_without_a_key_is_refused_the_second_time(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    seen = again(take_next(cast.cl_reviewer, "claims")).version
    found = together(4, lambda n: perform(
        again(case), "conclude", actor=cast.cl_reviewer, version=seen, outcome="PAY", opinion="清楚",
    ))
    assert [type(f).__name__ for f in found].count("CaseEvent") == 1
    assert sum(isinstance(f, Stale) for f in found) == 3
    assert Payment.objects.filter(case_number=case.number).count() == 1


def test_one_acceptance_sent_four_times_is_one_case(transactional_cast):
    cast = transactional_cast
    policy = make_policy(cast.county, cast.clerk)

    def send(number):
        return accept_case(
            branch=cast.county, actor=cast.clerk, line="claims", item="CL05", channel="counter", applicant_kind="insured",
            submitted_on=timezone.localdate(), policy=policy, applicant=policy.insured, idempotency_key="counter-1",
            papers=[{"doc_type": code, "received": "original", "pages": 1} for code in PAPERS["CL05"]],
        )

    found = together(4, send)
    assert not [f for f in found if isinstance(f, Exception)], found
    assert Case.objects.count() == 1
    assert len({f.pk for f in found}) == 1


def test_two_clerks_on_one_record_the_second_sees_what_changed(transactional_cast):
    cast = transactional_cast
    colleague = hire("entry2", "entry", cast.county, staff_no="E0002")
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    perform(case, "save_record", actor=cast.entry, **claim_inputs())
    seen = again(case).version
    typed = [claim_inputs(diagnosis="支气管炎"), claim_inputs(hospital="另一医院")]
    actors = [cast.entry, colleague]
    found = together(2, lambda n: perform(again(case), "save_record", actor=actors[n], version=seen, **typed[n]))
    late = [f for f in found if isinstance(f, Stale)]
    assert len(late) == 1 and len([f for f in found if isinstance(f, CaseEvent)]) == 1
    (row,) = late[0].differences
    assert row["what"] == "保存录入"
    assert "支气管炎" in row["changes"] or "另一医院" in row["changes"]
    record = again(case).record
    assert (record.diagnosis == "支气管炎") != (record.hospital == "另一医院")


def test_two_approvers_at_once_one_signature(transactional_cast):
    cast = transactional_cast
    case = handed_over(cast, item="CL01")
    perform(take_next(cast.cl_reviewer, "claims"), "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="清楚")
    others = [hire(f"sign{n}", "approver", cast.hq, grade=4, staff_no=f"S{n:03d}") for n in range(4)]
    taken = together(4, lambda n: take_next(others[n], "approval"))
    winner = next(n for n, f in enumerate(taken) if f is not None)
    assert [f is not None for f in taken].count(True) == 1
    found = together(4, lambda n: perform(again(case), "approve", actor=others[n], opinion=""))
    assert [isinstance(f, CaseEvent) for f in found] == [n == winner for n in range(4)]
    assert all(isinstance(f, Refused) for n, f in enumerate(found) if n != winner)
    assert Payment.objects.filter(case_number=case.number).count() <= 1


def test_a_reassignment_against_a_conclusion_leaves_one_story(transactional_cast):
    cast = transactional_cast
    for _ in range(3):
        case = handed_over(cast)
        perform(case, "take", actor=cast.cl_reviewer)
        acts = [
            lambda c=case: perform(again(c), "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="清楚"),
            lambda c=case: perform(again(c), "assign", actor=cast.manager, assignee="cl_reviewer2", reason="调配"),
        ]
        found = together(2, lambda n, acts=acts: acts[n]())
        assert sum(isinstance(f, CaseEvent) for f in found) == 1, found
        assert sum(isinstance(f, NotDone) for f in found) == 1
        assert broken_links(again(case)) == []
