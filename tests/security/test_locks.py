"""Advisory locks stand in one place, and none shares a number with another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connections, transaction

from lifeops.org.locks import Lock, hold, hold_one, take
from tests.cases.threads import together

ROOT = Path(__file__).resolve().parents[2]
APPS = ("lifeops", "claims", "servicing", "underwriting", "archive", "intake")
#: The key of a person's request is text and hashed to 64 bits (cases/opening.py); the small numbers of `Lock` do not meet it.
ELSEWHERE = {"lifeops/org/locks.py", "lifeops/cases/opening.py"}


def test_no_two_locks_share_a_number():
    # an IntEnum with a number twice would make the second an alias: `unique` refuses it, and this counts
    assert len({lock.value for lock in Lock}) == len(Lock.__members__) == 6


def test_no_lock_is_taken_with_a_number_of_its_own():
    found = {str(p.relative_to(ROOT)) for app in APPS for p in (ROOT / app).rglob("*.py") if re.search("advisory_", p.read_text())}
    assert found - {p for p in found if "/migrations/" in p} == ELSEWHERE


def test_no_statement_is_made_of_pieces_of_text():
    """S608 is not silenced anywhere: names go through psycopg2's Identifier."""
    wrong = [p for app in APPS for p in (ROOT / app).rglob("*.py") if "S608" in p.read_text()]
    assert wrong == []


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_one_holds_and_another_leaves_or_waits():
    def other(lock):
        found = together(1, lambda n: _try(lock))
        return found[0]

    with transaction.atomic():
        hold(Lock.FOLDING)
        assert other(Lock.FOLDING) is False and other(Lock.RULES) is True
        hold_one(Lock.EVENT, "1")
    assert other(Lock.FOLDING) is True


def _try(lock):
    with transaction.atomic():
        found = take(lock)
    connections.close_all()
    return found
