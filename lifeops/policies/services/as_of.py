"""The book on a day, and what stands at risk on one life."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from lifeops.policies.models import Party, Policy, PolicyStatus
from lifeops.policies.rules.benefits import RiskKind, accumulate


def policy_as_of(policy: Policy, day: date) -> dict[str, Any]:
    """Status, coverages and beneficiaries as they stood on `day`."""
    change = policy.status_changes.filter(since__lte=day).order_by("-since", "-pk").first()
    rows = policy.beneficiaries.filter(effective_from__lte=day).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=day)
    )
    return {
        "day": day,
        "status": change.status if change else "",
        "status_label": change.get_status_display() if change else "未生效",
        "coverages": list(policy.coverages.filter(effective_on__lte=day).select_related("version__product")),
        "beneficiaries": list(rows),
    }


def sums_at_risk(insured: Party, *, exclude_case: str = "") -> dict[RiskKind, Decimal]:
    """累计风险保额 of one life over its policies in force, in 元 (facts 1.2, 4.6)."""
    policies = Policy.objects.filter(insured=insured, status__in=[PolicyStatus.IN_FORCE, PolicyStatus.GRACE])
    covers = []
    for policy in policies.prefetch_related("coverages__version"):
        for cover in policy.coverages.all():
            if cover.active:
                covers.append((cover.sum_assured, cover.version.terms.get("risk_weights", {})))
    return accumulate(covers)
