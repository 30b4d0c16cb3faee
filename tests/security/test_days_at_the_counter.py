"""A day typed at the counter decides what is paid: one that lies far back does not pass unseen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from servicing.services import findings
from tests.factories import again, handed_over
from tests.servicing.test_contract_items import single


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
