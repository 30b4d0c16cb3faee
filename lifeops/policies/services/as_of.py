"""The book on a day, and what stands at risk on one life."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from lifeops.policies.models import Coverage, Party, Policy, PolicyStatus
from lifeops.policies.rules.benefits import RiskKind, accumulate
from lifeops.policies.rules.life import COVERED
from lifeops.policies.services.locking import status_on


def policy_as_of(policy: Policy, day: date) -> dict[str, Any]:
    """Status, coverages and beneficiaries as they stood on `day`."""
    status = status_on(policy, day)
    rows = policy.beneficiaries.filter(effective_from__lte=day).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=day)
    )
    covers = policy.coverages.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day), effective_on__lte=day)
    return {
        "day": day,
        "status": status,
        "status_label": PolicyStatus(status).label if status else "未生效",
        "coverages": list(covers.select_related("version__product")),
        "beneficiaries": list(rows),
    }


def sums_at_risk(insured: Party, *, exclude_case: str = "") -> dict[RiskKind, Decimal]:
    """累计风险保额 of one life over its policies in force, in 元 (facts 1.2, 4.6); without the policy that
    `exclude_case` issued."""
    covers = Coverage.objects.filter(
        policy__insured=insured, policy__status__in=COVERED, active=True
    )
    if exclude_case:
        covers = covers.exclude(policy__issued_by_case=exclude_case)
    return accumulate((c.sum_assured, c.version.terms.get("risk_weights", {})) for c in covers.select_related("version"))
