"""A death told late, on the book: the contract ended by its claim, and what holds of it on every day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifeops.policies.models import Policy
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.services.as_of import policy_as_of
from lifeops.policies.services.claiming import claim_death_terminate
from lifeops.policies.services.events import replay
from lifeops.policies.services.ledger import balances, statement
from tests.policies.conftest import EFFECTIVE
from tests.policies.test_dividend_options import now, on


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def ended_by_claim(policy: Policy, cast: Any, day: date, died: date, *, off: Decimal = ZERO, also: Iterable[date] = ()) -> Policy:
    """Ended by the claim on `day`; `off`: what its benefit was reduced by."""
    claim_death_terminate(policy=policy, case_number="CL-1", died_on=died, actor=cast.cl_reviewer, now=noon(day), owed_back_off=off)
    found = now(policy)
    straight(found, died, day, also)
    return found


def straight(policy: Policy, died: date, day: date, also: Iterable[date] = ()) -> None:
    """Events tell what ledger, coverages, loans and history say, on every day asked."""
    assert statement(policy, EFFECTIVE, day).balances
    for asked in (EFFECTIVE, died - timedelta(days=1), died, died + timedelta(days=1), day - timedelta(days=1), day, on(1), on(3), *also):
        told, stood = replay(policy, asked), policy_as_of(policy, asked)
        assert told.money == balances(policy, asked), asked
        assert told.status == stood["status"], asked
        assert told.loans == {str(x.pk): x.principal for x in policy.loans.all() if x.since <= asked and (x.repaid_on is None or x.repaid_on > asked)}, asked
        sums = {str(c.pk): c.bonus_sum for c in stood["coverages"]}
        over = {str(c.pk) for c in policy.coverages.all() if c.expires_on is not None and c.expires_on < asked}
        assert {key: Decimal(kept.get("bonus_sum", 0)) for key, kept in told.coverages.items() if key not in over} == sums, asked
