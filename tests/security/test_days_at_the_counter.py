"""A day typed at the counter decides what is paid: one that lies far back does not pass unseen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lifeops.cases.errors import Invalid
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy
from lifeops.policies.services.lending import lend
from servicing.services import findings
from tests.factories import again, handed_over, lent_on, yearly_policy
from tests.servicing.test_contract_items import single
from tests.servicing.test_journey import conclude


def level(case) -> str:
    fresh = again(case)
    return next(f.level for f in findings(fresh, fresh.record, timezone.now()) if f.code == "S07")


@pytest.mark.parametrize(("days", "expected"), [(5, "pass"), (6, "warn")])
@pytest.mark.parametrize("said", ["submitted_on", "passed_on"])
def test_an_application_of_long_ago_is_asked_about(cast, said, days, expected):
    case = handed_over(cast, item="PS02", policy=single(cast), **{said: timezone.localdate() - timedelta(days=days)})
    assert level(case) == expected


def test_it_is_asked_about_within_the_cooling_off_that_it_brings_about(cast):
    """Delivered twenty days ago and registered today: only the typed day is within fifteen days."""
    today = timezone.localdate()
    policy = single(cast, effective_on=today - timedelta(days=20))
    case = handed_over(cast, item="PS01", policy=policy, submitted_on=today - timedelta(days=18))
    assert level(case) == "warn"


def test_a_policy_that_a_case_held_over_its_grace_is_not_lent_on(cast):
    """The day run leaves it alone while it is held: by its days it is suspended all the same."""
    policy = yearly_policy(cast)
    case = handed_over(cast, item="PS09", policy=policy)
    due = timezone.localdate() - timedelta(days=61)
    Policy.objects.filter(pk=policy.pk).update(paid_to=due, status="grace")
    with pytest.raises(Invalid, match="宽限期满"):
        conclude(cast)
    with pytest.raises(BookRefused, match="宽限期满"):
        lend(policy=policy, case_number=case.number, amount=Decimal(600), day=timezone.localdate(), actor=cast.clerk, now=timezone.now())
    Policy.objects.filter(pk=policy.pk).update(paid_to=due + timedelta(days=2))
    conclude(cast, again(case))


@pytest.mark.parametrize(("days", "expected"), [(5, "pass"), (6, "warn")])
def test_money_said_to_have_come_long_ago_is_asked_about(cast, days, expected):
    """Each day earlier is a day of interest less, on one signature."""
    came = (timezone.localdate() - timedelta(days=days)).isoformat()
    case = again(handed_over(cast, item="PS10", policy=lent_on(single(cast), cast), received_on=came))
    assert next(f.level for f in findings(case, case.record, timezone.now()) if f.code == "S82") == expected
