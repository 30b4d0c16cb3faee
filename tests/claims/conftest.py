"""Products as disclosed, sold to an invented person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lifeops.policies.models import Policy
from lifeops.policies.services.issuing import issue_policy
from tests.factories import make_party
from tests.policies.disclosures import load
from tests.policies.selling import sell


@pytest.fixture
def sold(cast):
    """`sold("P315061", plan="1", …)`: a policy from 200 days ago on a man born in 1986."""

    def _sold(code: str, *, days_ago: int = 200, **asked) -> Policy:
        [version] = load(code)
        effective, life = timezone.localdate() - timedelta(days=days_ago), make_party()

        def issue(**fields):
            return issue_policy(**({
                "case_number": "", "branch": cast.county, "agent_code": "", "policyholder": life, "insured": life, "relation": "self",
                "applied_on": effective, "effective_on": effective, "beneficiaries": [], "actor": cast.clerk, "now": timezone.now(),
            } | fields))  # fmt: skip

        return sell(issue, version, insured=life, on=effective, **asked)

    return _sold
