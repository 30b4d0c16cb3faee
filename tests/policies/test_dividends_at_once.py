"""红利 with several people and several night jobs at once: one decision, one declaration for an anniversary, one credit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lifeops.org.models import Role
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import DividendRate, LedgerEntry, Policy, PolicyEvent, Product
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.life import run_policy_day
from tests.cases.threads import together
from tests.cast import hire
from tests.factories import make_policy

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PEOPLE = 6


@pytest.fixture
def w30(transactional_cast):
    Product.objects.filter(code="W30").update(is_participating=True)
    return Product.objects.get(code="W30")


def entered(product, cast, n: int = 0, now: datetime = NOW) -> DividendRate:
    """For the whole of 2027, from the day of the year on that `n` names: any two of them overlap."""
    return declare(
        product=product, kind="cash", base="basic", rate=Decimal("0.01"), first_on=date(2027, 1, 1 + n), last_on=date(2027, 12, 31),
        reason="董事会决议", actor=cast.manager, now=now,
    )  # fmt: skip


def test_of_several_who_decide_at_once_one_does(transactional_cast, w30):
    cast = transactional_cast
    approvers = [hire(f"head.approver{n}", Role.APPROVER, cast.units["hq"], 3, staff_no=f"HA{n}") for n in range(PEOPLE)]
    row = entered(w30, cast)
    found = together(PEOPLE, lambda n: decide(row=row, approve=n % 2 == 0, remark="核对", actor=approvers[n], now=NOW))
    done = [f for f in found if isinstance(f, DividendRate)]
    assert len(done) == 1 and all(isinstance(f, BookRefused) and "不能再批准" in str(f) for f in found if f is not done[0])
    kept = DividendRate.objects.get()
    assert (kept.state, kept.decided_by_id) == (done[0].state, done[0].decided_by_id)


def test_of_several_declared_at_once_for_one_anniversary_one_is(transactional_cast, w30):
    found = together(PEOPLE, lambda n: entered(w30, transactional_cast, n))
    assert sum(isinstance(f, DividendRate) for f in found) == 1 == DividendRate.objects.count()
    assert all(isinstance(f, BookInvalid) and list(f.errors) == ["first_on"] for f in found if not isinstance(f, DividendRate))


def test_several_night_jobs_credit_once(transactional_cast, w30):
    cast = transactional_cast
    approver = hire("head.approver", Role.APPROVER, cast.units["hq"], 3)
    policies = [make_policy(cast.county, cast.clerk, product="W30", effective_on=date(2026, 3, 3)) for _ in range(4)]
    Policy.objects.update(years_done=0, next_event_on=date(2026, 3, 3))
    day = anniversary(date(2026, 3, 3), 1)
    run_policy_day(day)
    late = datetime(2027, 3, 9, 2, 0, tzinfo=UTC)
    decide(row=entered(w30, cast, now=late), approve=True, remark="", actor=approver, now=late)
    found = together(4, lambda n: run_policy_day(late.date(), batch=2))
    assert not [f for f in found if isinstance(f, Exception)] and sum(f.stuck for f in found) == 0
    assert PolicyEvent.objects.filter(kind="dividend").count() == 4 == LedgerEntry.objects.filter(key__startswith="dividend:").count()
    for policy in policies:
        assert -balances(policy)["dividend"] == policy.main.sum_assured / 100
    assert DividendRate.objects.get().spread
