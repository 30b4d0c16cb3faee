"""Random walks over the machine of every line: staff who try anything never get a case or money past the rules."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lifeops.cases.models import broken_links
from lifeops.cases.states import State
from tests.cases.walking import current, is_over, move, unlawful, way_on
from tests.factories import accept, accept_proposal, handed_over

ITEMS = ("NB01", "NB02", "PS01", "PS02", "PS07", "PS13", "PS14", "CL01", "CL05")
STEPS = 16
STAFF = (
    "clerk", "entry", "scan", "query", "investigator", "issue", "archive", "head", "other_head", "underwriter2", "ps_reviewer2", "cl_reviewer",
    "cl_reviewer2", "approver", "approver_high", "manager", "auditor", "sysadmin",
)


@pytest.mark.parametrize("item", ITEMS)
def test_no_walk_gets_past_the_rules_or_stuck(cast, item):
    starts = [accept_proposal(cast, item=item) if item.startswith("NB") else accept(cast, item=item), handed_over(cast, item=item)]
    people = [getattr(cast, name) for name in STAFF]
    seen: Counter[str] = Counter()
    reached: Counter[str] = Counter()

    @settings(max_examples=5, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 10**9), start=st.sampled_from([0, 1, 1]))
    def walk(seed, start):
        rng, case = random.Random(seed), starts[start]
        with transaction.atomic():
            for _ in range(STEPS):
                name, done = move(case, rng, people)
                seen[f"{name} {'done' if done else 'refused'}"] += 1
                now = current(case)
                assert unlawful(now) == [], name
                if is_over(now):
                    break
                assert way_on(now, people), f"stuck in {now.state} after {name}"
            assert broken_links(current(case)) == []
            reached[current(case).state] += 1
            transaction.set_rollback(True)
        connection.run_on_commit.clear()

    walk()
    done = sum(n for name, n in seen.items() if name.endswith("done"))
    refused = sum(n for name, n in seen.items() if name.endswith("refused"))
    # the walks do get somewhere, and do try what is not allowed
    assert done > 20 and refused > 8, seen
    assert len(reached) >= 2, reached
    assert set(reached) <= set(State.values)


def test_the_judge_of_walks_sees_what_is_wrong(cast):
    """Rows forged past the one door are found by the same judgement."""
    from decimal import Decimal

    from django.db.models import QuerySet
    from django.utils import timezone

    from claims.models import ClaimDecision
    from lifeops.cases.models import Case
    from lifeops.cases.perform import perform
    from lifeops.cases.queues import take_next
    from lifeops.policies.models import Payment
    from lifeops.policies.services.payments import create_payment

    case = handed_over(cast, item="CL01")
    create_payment(case_number=case.number, policy=case.policy, branch_id=case.branch_id, purpose="x", payee="x", bank="x",
                   account="9900001234567890", amount=Decimal("1.00"), actor=cast.clerk, now=timezone.now())
    assert unlawful(current(case)) == ["money without a decision", "more money than was decided"]
    Payment.objects.all().delete()
    perform(take_next(cast.cl_reviewer, "claims"), "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="清楚")
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high)
    assert unlawful(current(case)) == []
    ClaimDecision.objects.filter(case=case).update(signed_by=cast.approver)
    assert "signed over the limit" in unlawful(current(case))
    ClaimDecision.objects.filter(case=case).update(signed_by=cast.cl_reviewer, single=True)
    assert unlawful(current(case)) == ["one signature over its limit"]
    ClaimDecision.objects.filter(case=case).update(signed_by=cast.approver_high, single=False)
    Payment.objects.filter(case_number=case.number).update(amount=Decimal("300000.01"))
    assert unlawful(current(case)) == ["more money than was decided"]
    QuerySet(Case).filter(pk=case.pk).update(state=State.WAITING)
    assert {"the trail does not end where the case is", "waits for nothing, or goes on in spite of a letter"} <= set(unlawful(current(case)))
    QuerySet(Case).filter(pk=case.pk).update(holder_party="customer", due_at=timezone.now())
    assert {"custody ends in other hands", "due at another time than its first clock"} <= set(unlawful(current(case)))
    assert not way_on(current(case), [cast.sysadmin, cast.auditor])


def test_an_extension_is_told_with_the_old_and_the_new_day(cast):
    from datetime import timedelta

    from lifeops.cases.perform import perform
    from lifeops.cases.requests import perform_request

    case = handed_over(cast, item="CL05")
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "issue_request", actor=cast.cl_reviewer, kind="query", addressee="customer", cause="医疗资料", contents=["CQ02"],
            blocking=True, due_days=10)
    letter = case.requests.get()
    later = letter.due_on + timedelta(days=5)
    event = perform_request(letter, "extend", actor=cast.cl_reviewer, due_on=later.isoformat(), reason="客户住院")
    assert (event.data["before"], event.data["after"]) == (letter.due_on.isoformat(), later.isoformat())
