"""理赔 on the book: what liability is judged by, and what a claim leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Coverage, Endorsement, MedicalUsage, Policy, PolicyStatus
from lifeops.policies.rules.cash import Debt
from lifeops.policies.rules.dates import PremiumState, premium_standing
from lifeops.policies.services.locking import change_status, endorse, locked
from lifeops.policies.services.servicing import debts_of, premiums_paid


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the policy stood on a day."""

    status: str
    status_label: str
    covered: bool
    in_grace: bool
    arrears: Decimal
    premiums_paid: Decimal
    suicide_since: date
    debts: tuple[Debt, ...]


def standing(policy: Policy, day: date) -> Standing:
    """Status on `day` from the status history and the premium ledger; in 宽限期 the open premium is arrears."""
    change = policy.status_changes.filter(since__lte=day).order_by("-since", "-pk").first()
    status = change.status if change else ""
    main = policy.coverages.filter(is_rider=False).select_related("version").first()
    grace_days = main.version.grace_days if main else 60
    paid_to = policy.paid_to
    later = policy.premiums.filter(paid_on__gt=day).order_by("due_on").first()
    if later is not None:
        paid_to = later.due_on
    prem = premium_standing(paid_to, day, grace_days)
    arrears = Decimal("0.00")
    if prem.state == PremiumState.IN_GRACE:
        arrears = sum(
            (c.premium + c.extra for c in policy.coverages.filter(effective_on__lte=day)), Decimal("0.00")
        )
    ended = status == PolicyStatus.TERMINATED
    lapsed = status == PolicyStatus.LAPSED or prem.state == PremiumState.LAPSED
    within = policy.effective_on <= day and bool(status)
    if lapsed and not ended:
        status = PolicyStatus.LAPSED
    return Standing(
        status=status, status_label=PolicyStatus(status).label if status else "未生效",
        covered=within and not ended and not lapsed, in_grace=prem.state == PremiumState.IN_GRACE and not lapsed,
        arrears=arrears, premiums_paid=premiums_paid(policy, day),
        suicide_since=max(policy.established_on, policy.reinstated_on or policy.established_on),
        debts=tuple(debts_of(policy, day)),
    )


def medical_used(coverage: Coverage, policy_year: int) -> tuple[Decimal, Decimal]:
    """(deductible, paid) already used in a policy year."""
    row = coverage.usage.filter(policy_year=policy_year).aggregate(d=Sum("deductible"), p=Sum("paid"))
    return row["d"] or Decimal("0.00"), row["p"] or Decimal("0.00")


@transaction.atomic
def record_medical_usage(
    *, coverage: Coverage, case_number: str, policy_year: int, deductible: Decimal, paid: Decimal, day: date
) -> MedicalUsage:
    """Keep what a claim used up. The coverage is locked, so two claims cannot use the same deductible."""
    Coverage.objects.select_for_update(no_key=True).get(pk=coverage.pk)
    return MedicalUsage.objects.create(
        coverage=coverage, case_number=case_number, policy_year=policy_year, deductible=deductible, paid=paid, used_on=day
    )


@transaction.atomic
def claim_death_terminate(*, policy: Policy, case_number: str, died_on: date, actor: User, now: datetime) -> Endorsement:
    """身故: the contract ends on the day of death; the insured is marked as deceased."""
    found = locked(policy, case_number)
    if found.status == PolicyStatus.TERMINATED:
        raise BookRefused(f"保单已于 {found.terminated_on} 终止（{found.termination}）")
    before = found.get_status_display()
    change_status(found, PolicyStatus.TERMINATED, on=died_on, cause="身故给付", case_number=case_number)
    found.coverages.update(active=False)
    insured = found.insured
    if insured.died_on is None:
        insured.died_on = died_on
        insured.save(update_fields=["died_on"])
    return endorse(
        found, case_number=case_number, title="身故终止",
        changes=[{"label": "保单状态", "before": before, "after": "终止（身故给付）"}], effective_on=died_on, actor=actor,
        now=now,
    )
