"""Delivery with real processes: what was done is told, once, whatever dies on the way."""

from __future__ import annotations

import email
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from lifeops.cases.models import CaseEvent
from lifeops.notices.models import Notice
from tests.cases.threads import copy_of
from tests.delivery.processes import Stage
from tests.factories import handed_over
from tests.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("delivery")]
CASES = 200
#: A step must not wait for a dead broker longer than this.
PATIENCE = 5.0


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    found = Stage(tmp_path)
    yield found
    found.close()


def mails(stage: Stage) -> Counter[str]:
    """How often each mail went out, by its Message-ID."""
    found: Counter[str] = Counter()
    for path in stage.mails.glob("*.log") if stage.mails.exists() else []:
        for part in path.read_text(encoding="utf-8").split("-" * 79):
            if part.strip():
                found[email.message_from_string(part.lstrip())["Message-ID"]] += 1
    return found


def test_nothing_is_lost_and_nothing_told_twice_when_worker_and_broker_die(transactional_cast, stage: Stage):
    one = handed_over(transactional_cast)
    for n in range(CASES - 1):
        copy_of(one, n)
    CaseEvent.objects.filter(published_at__isnull=True).update(published_at=timezone.now())
    redis, worker = stage.redis(), stage.worker()
    clerk = stage.clerk()
    assert until(stage.worker_is_ready, 60), stage.log("worker")
    answers = []
    assigned = CaseEvent.objects.filter(step="assign")

    def go(first: int, last: int) -> None:
        clerk.stdin.write(f"{first} {last}\n")
        clerk.stdin.flush()

    def answer() -> None:
        answers.append(clerk.stdout.readline().split())

    go(0, 70)
    assert until(lambda: assigned.filter(published_at__isnull=False).exists(), 30), stage.log("worker")
    stage.kill(worker)  # in the middle of its work
    answer()
    go(70, 140)
    assert until(lambda: assigned.count() > 75, 30), stage.log("clerk")
    stage.kill(redis)  # and the broker loses all it had
    shutil.rmtree(stage.folder / "redis")
    answer()
    published_before = assigned.filter(published_at__isnull=False).count()
    assert published_before < 140, "the worker was killed too late for this to prove anything"
    stage.redis()
    stage.worker()
    beats = [stage.beat(1), stage.beat(2)]
    go(140, CASES)
    answer()
    assert [failed for failed, _ in answers] == ["0", "0", "0"], stage.log("clerk")
    assert max(float(slowest) for _, slowest in answers) < PATIENCE, answers

    assert assigned.count() == CASES
    assert until(lambda: not assigned.filter(published_at__isnull=True).exists(), 60), stage.log("worker")
    # a mail whose task died with the worker is looked for after a minute: let the minute be over
    Notice.objects.filter(mailed_at__isnull=True).update(created_at=timezone.now() - timedelta(minutes=2))
    assert until(lambda: not Notice.objects.filter(mailed_at__isnull=True).exists(), 60), stage.log("worker")
    assert all(beat.poll() is None for beat in beats)

    told = Counter(Notice.objects.filter(recipient=transactional_cast.cl_reviewer).values_list("key", flat=True))
    assert set(told) == {f"event:{pk}" for pk in assigned.values_list("pk", flat=True)}  # nothing lost
    assert set(told.values()) == {1}  # nothing doubled
    sent = mails(stage)
    assert set(sent) == {f"<notice-{pk}@lifeops>" for pk in Notice.objects.values_list("pk", flat=True)}
    # between handing a mail over and marking it a kill may repeat it, at most one per thread of the killed worker
    assert sum(sent.values()) - len(sent) <= 4


def test_two_beats_and_two_workers_raise_each_clock_once(transactional_cast, stage: Stage):
    from lifeops.cases.models import Clock

    one = handed_over(transactional_cast)
    copies = [copy_of(one, n) for n in range(40)]
    pattern = Clock.objects.running().filter(case=one).order_by("pk").first()
    past = timezone.now() - timedelta(minutes=1)
    for case in copies:
        pattern.pk, pattern.case, pattern.next_at, pattern.level = None, case, past, 0
        pattern._state.adding = True
        pattern.save()
    stage.redis()
    stage.worker()
    stage.worker()
    stage.beat(1)
    stage.beat(2)
    raised = CaseEvent.objects.filter(step="clock.level1", case__in=copies)
    assert until(lambda: raised.count() >= len(copies), 60), stage.log("worker")
    assert until(lambda: not raised.filter(published_at__isnull=True).exists(), 60), stage.log("worker")
    rounds = lambda: len(re.findall(r"escalate_due\[[^]]+\] succeeded", stage.log("worker")))  # noqa: E731
    before = rounds()
    assert until(lambda: rounds() >= before + 4, 60), stage.log("worker")  # two more of both beats find nothing to do again
    assert raised.count() == len(copies)
    keys = list(Notice.objects.filter(key__startswith="event:").values_list("recipient", "key"))
    assert len(keys) == len(set(keys)) > 0
