"""Customers, policies and cases are locked in one order: nobody waits for somebody who waits for him."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from lifeops.cases.perform import lock
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Duplicate, Party, Policy
from lifeops.policies.services import merging, particulars
from lifeops.policies.services.claiming import note_death
from lifeops.policies.services.locking import locked
from tests.cases.threads import together
from tests.factories import handed_over, make_party, make_policy

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
BY = {"reason": "核对"}


def until_somebody_waits() -> None:
    """For a lock of ours."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def side_by_side(first, second):
    """`first` locks and goes on only when `second`, begun meanwhile, waits for it; what each gave."""
    there = threading.Event()

    def work(n):
        if n:
            assert there.wait(20)
            return second()
        with transaction.atomic():
            steps = first()
            next(steps)
            there.set()
            until_somebody_waits()
            return list(steps)

    return together(2, work)


@pytest.fixture
def pair(transactional_cast):
    cast = transactional_cast
    one, two = make_party(name="重名客户"), make_party(name="重名客户")
    policy = make_policy(cast.county, cast.clerk, insured=two, product="W30")
    make_policy(cast.county, cast.clerk, insured=one)
    return cast, merging.propose(one=one, two=two, actor=cast.clerk, now=timezone.now()), two, policy


@pytest.mark.parametrize("undone", [False, True])
def test_a_death_is_claimed_while_two_customers_are_merged_or_parted(pair, undone):
    cast, row, two, policy = pair
    now, today = timezone.now(), timezone.localdate()
    if undone:
        merging.merge(duplicate=row, survivor=row.left, actor=cast.head, now=now, **BY)
        merging.ask_undo(duplicate=row, actor=cast.head, now=now, **BY)

    def claim():
        found = locked(Policy.objects.get(pk=policy.pk))
        yield
        note_death(Party.objects.get(pk=found.insured_id), today - timedelta(days=3), today=today)

    def change():
        given = {"duplicate": Duplicate.objects.get(pk=row.pk), "actor": cast.ps_reviewer, "now": now, **BY}
        return merging.undo(**given) if undone else merging.merge(survivor=row.left, **given)

    found = side_by_side(claim, change)
    assert found[0] == [] and Party.objects.get(pk=row.left_id if undone else two.pk).died_on
    if undone:
        assert found[1].state == "undone" and Policy.objects.get(pk=policy.pk).insured_id == two.pk
    else:  # of whom one has died by then
        assert isinstance(found[1], BookInvalid) and list(found[1].errors) == ["survivor"]


def test_a_case_goes_on_while_its_customer_is_merged(pair):
    cast, row, two, _ = pair
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=two))
    assert case.applicant_id == two.pk
    now = timezone.now()

    def step():
        lock(case.pk)
        yield
        particulars.record_death(party=two, died_on=timezone.localdate(), evidence="hospital", actor=cast.clerk, now=now)

    found = side_by_side(step, lambda: merging.merge(duplicate=row, survivor=row.left, actor=cast.head, now=now, **BY))
    assert found[0] == [] and isinstance(found[1], BookInvalid)


def test_of_two_days_of_death_told_at_once_one_is_kept(pair):
    """On two policies of one insured: the other is refused, not written over."""
    _, _, two, _ = pair
    today = timezone.localdate()

    def first():
        note_death(Party.objects.get(pk=two.pk), today - timedelta(days=3), today=today)
        yield

    stale = Party.objects.get(pk=two.pk)

    def second():
        with transaction.atomic():
            note_death(stale, today - timedelta(days=4), today=today)

    found = side_by_side(first, second)
    assert isinstance(found[1], BookRefused) and Party.objects.get(pk=two.pk).died_on == today - timedelta(days=3)
