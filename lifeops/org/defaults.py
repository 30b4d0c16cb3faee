"""Authority limits a fresh installation starts with (facts 4.8, 5.6); amounts in 元, changed by two persons."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lifeops.org.models import AuthorityLimit, Role

FROM = date(2026, 1, 1)
WAN = Decimal(10000)
#: role, grade, line, item, outcome, limit
LIMITS = (
    (Role.UNDERWRITER, 1, "underwriting", "", "", 30 * WAN),
    (Role.UNDERWRITER, 2, "underwriting", "", "", 50 * WAN),
    (Role.UNDERWRITER, 3, "underwriting", "", "", 100 * WAN),
    (Role.PS_REVIEWER, 1, "servicing", "", "", 5 * WAN),
    (Role.PS_REVIEWER, 2, "servicing", "", "", 20 * WAN),
    (Role.CL_REVIEWER, 1, "claims", "", "", Decimal(5000)),
    (Role.CL_REVIEWER, 2, "claims", "", "", 3 * WAN),
    (Role.CL_REVIEWER, 3, "claims", "", "", 10 * WAN),
    (Role.APPROVER, 1, "underwriting", "", "", 100 * WAN),
    (Role.APPROVER, 2, "underwriting", "", "", 300 * WAN),
    (Role.APPROVER, 3, "underwriting", "", "", 800 * WAN),
    (Role.APPROVER, 4, "underwriting", "", "", 5000 * WAN),
    (Role.APPROVER, 1, "servicing", "", "", 10 * WAN),
    (Role.APPROVER, 2, "servicing", "", "", 50 * WAN),
    (Role.APPROVER, 3, "servicing", "", "", 200 * WAN),
    (Role.APPROVER, 4, "servicing", "", "", 5000 * WAN),
    (Role.APPROVER, 1, "claims", "", "", 5 * WAN),
    (Role.APPROVER, 2, "claims", "", "", 20 * WAN),
    (Role.APPROVER, 3, "claims", "", "", 100 * WAN),
    (Role.APPROVER, 4, "claims", "", "", 5000 * WAN),
)


def load_defaults(day: date = FROM) -> None:
    """Write what is missing; existing rows stay."""
    for role, grade, line, item, outcome, limit in LIMITS:
        AuthorityLimit.objects.get_or_create(
            role=role, grade=grade, line=line, item=item, outcome=outcome, effective_from=day,
            defaults={"max_amount": limit},
        )
