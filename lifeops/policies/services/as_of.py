"""The book on a day, and what stands at risk on one life."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from lifeops.policies.models import Coverage, CoverageState, Party, Policy, PolicySnapshot, PolicyStatus
from lifeops.policies.rules.benefits import RiskKind, accumulate
from lifeops.policies.rules.life import COVERED
from lifeops.policies.services.events import changed_since
from lifeops.policies.services.issuing import named
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.locking import status_on
from lifeops.policies.services.premiums import due_after


def policy_as_of(policy: Policy, day: date) -> dict[str, Any]:
    """Status, coverages and beneficiaries as they stood on `day`."""
    status = status_on(policy, day)
    rows = policy.beneficiaries.filter(effective_from__lte=day).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=day)
    )
    return {
        "day": day,
        "status": status,
        "status_label": PolicyStatus(status).label if status else "未生效",
        "coverages": covers_on(policy, day, ended=status == PolicyStatus.TERMINATED),
        "beneficiaries": list(rows),
    }


def covers_on(policy: Policy, day: date, *, ended: bool = False) -> list[Coverage]:
    """Coverages within their term on `day`, with sum and premium of that day. Those given up before are left out; of a
    contract that has ended all are shown that ended with it. The rows are copies to read, not to save."""
    covers = policy.coverages.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day), effective_on__lte=day)
    states: dict[int, CoverageState] = {}
    for state in CoverageState.objects.filter(coverage__policy=policy, since__lte=day).order_by("pk"):
        states[state.coverage_id] = state
    found = []
    for cover in covers.select_related("version__product"):
        held = states.get(cover.pk)
        if held is not None:
            for name in ("sum_assured", "premium", "extra", "active"):
                setattr(cover, name, getattr(held, name))
            if not held.active and not ended:
                continue
        found.append(cover)
    return found


def contact_on(party: Party, day: date) -> dict[str, str]:
    """How a person could be reached on `day`, in clear: for papers of that day; screens mask it."""
    rows = list(party.contacts_held.order_by("pk"))
    held = [r for r in rows if r.since is None or r.since <= day]
    source: Any = held[-1] if held else rows[0] if rows else party
    return {name: getattr(source, name) for name in ("phone", "email", "address", "postcode")}


def paid_to_on(policy: Policy, day: date) -> date | None:
    """下期应交日 as the schedule says of `day`; None when all was paid, or the contract no longer took premiums."""
    row = policy.premiums.exclude(kind="refund").filter(paid_on__lte=day).order_by("-due_on").first()
    if row is None or status_on(policy, day) == PolicyStatus.PAID_UP:
        return None
    covers = covers_on(policy, day, ended=True)
    for cover in covers:
        cover.active = True  # a contract that has ended keeps the due date it had
    return due_after(policy, covers, row.due_on)


def whole_as_of(policy: Policy, day: date) -> dict[str, Any]:
    """`policy_as_of`, and contacts, money and loans of that day, and what has changed since (events, oldest first)."""
    loans = policy.loans.filter(since__lte=day).filter(Q(repaid_on__isnull=True) | Q(repaid_on__gt=day))
    return policy_as_of(policy, day) | {
        "contacts": {"policyholder": contact_on(policy.policyholder, day), "insured": contact_on(policy.insured, day)},
        "paid_to": paid_to_on(policy, day),
        "money": balances(policy, day),
        "loans": list(loans.order_by("pk")),
        "changed_since": list(changed_since(policy, day)),
    }


@transaction.atomic
def keep_version(*, policy: Policy, day: date, case_number: str, now: datetime) -> PolicySnapshot:
    """Keep the policy of the day of the event with the case. What was kept first stays, whatever is corrected later.
    No identity numbers and no contacts are kept."""
    kept = PolicySnapshot.objects.filter(case_number=case_number, policy=policy, day=day).first()
    if kept is not None:
        return kept
    stood = policy_as_of(policy, day)
    content = {
        "status": stood["status"], "status_label": stood["status_label"],
        "coverages": [
            {
                "code": c.version.product.code, "name": c.version.product.name, "version": c.version.version,
                "version_id": c.version_id, "sum_assured": f"{c.sum_assured:.2f}", "premium": f"{c.premium + c.extra:.2f}",
                "cover_term": c.cover_term, "effective_on": c.effective_on.isoformat(), "exclusion": c.exclusion,
                "expires_on": c.expires_on.isoformat() if c.expires_on else "",
            }
            for c in stood["coverages"]
        ],
        "beneficiaries": named(stood["beneficiaries"]),
        "money": {account: f"{amount:.2f}" for account, amount in balances(policy, day).items()},
        "events": policy.events.filter(on__lte=day).count(),
    }
    return PolicySnapshot.objects.get_or_create(
        case_number=case_number, policy=policy, day=day, defaults={"content": content, "taken_at": now}
    )[0]


def sums_at_risk(insured: Party, *, exclude_case: str = "") -> dict[RiskKind, Decimal]:
    """累计风险保额 of one life over its policies in force, in 元 (facts 1.2, 4.6); without the policy that
    `exclude_case` issued."""
    covers = Coverage.objects.filter(
        policy__insured=insured, policy__status__in=COVERED, active=True
    )
    if exclude_case:
        covers = covers.exclude(policy__issued_by_case=exclude_case)
    return accumulate((c.sum_assured, c.version.terms.get("risk_weights", {})) for c in covers.select_related("version"))
