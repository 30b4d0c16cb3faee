"""The book on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from lifeops.org.statements import Question, insert, read, read_one
from lifeops.policies.models import (
    Beneficiary,
    Coverage,
    CoverageState,
    Party,
    Policy,
    PolicyEvent,
    PolicyLoan,
    PolicySnapshot,
    PolicyStatus,
    PremiumEntry,
    StatusChange,
)
from lifeops.policies.services.events import changed_since
from lifeops.policies.services.holder import holder_on
from lifeops.policies.services.issuing import named
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.locking import status_on
from lifeops.policies.services.premiums import due_after
from lifeops.policies.services.terms import covers_with_products, states_until


def policy_as_of(policy: Policy, day: date, covers: Sequence[Coverage] | None = None) -> dict[str, Any]:
    """Status, coverages and beneficiaries as they stood on `day`. `covers`: all coverages, where they have been read."""
    status = status_on(policy, day)
    rows = read(
        Beneficiary, 'policy_id = %s AND effective_from <= %s AND (effective_to IS NULL OR effective_to > %s) ORDER BY "order", id',
        [policy.pk, day, day],
    )
    return {
        "day": day,
        "status": status,
        "status_label": PolicyStatus(status).label if status else "未生效",
        "coverages": covers_on(policy, day, ended=status == PolicyStatus.TERMINATED, covers=covers),
        "beneficiaries": rows,
    }


def covers_on(
    policy: Policy, day: date, *, ended: bool = False, covers: Sequence[Coverage] | None = None
) -> list[Coverage]:
    """Coverages within their term on `day`, with sum and premium of that day. Those given up before are left out; of a
    contract that has ended all are shown that ended with it. The rows are copies to read, not to save."""
    covers = covers_with_products(policy) if covers is None else covers
    states = states_until(covers, day)
    return as_they_were(covers, {s.coverage_id: s for s in states}, day, ended=ended)


def as_they_were(covers: Iterable[Coverage], states: Mapping[int, CoverageState], day: date, *, ended: bool) -> list[Coverage]:
    """Coverages with what the last of their states up to `day` says."""
    found = []
    for row in covers:
        if row.effective_on > day or (row.expires_on is not None and row.expires_on < day):
            continue
        cover, held = copy(row), states.get(row.pk)
        if held is not None:
            for name in ("sum_assured", "bonus_sum", "premium", "extra", "active"):
                setattr(cover, name, getattr(held, name))
            if not held.active and not ended:
                continue
        found.append(cover)
    return found


def answering(policy: Policy, day: date, covers: Sequence[Coverage] | None = None) -> list[Coverage]:
    """Coverages that answer for an event of `day`, with sum and premium of that day: begun, not run out, not given up before.
    What ended on the day itself, as a contract does by a death, still answers. The rows are copies to read, not to save.
    `covers`: all coverages, where they have been read."""
    covers = covers_with_products(policy) if covers is None else covers
    states: dict[int, list[CoverageState]] = {}
    for state in states_until(covers, day):
        states.setdefault(state.coverage_id, []).append(state)
    before = {pk: held[-2] for pk, held in states.items() if len(held) > 1 and held[-1].since == day and not held[-1].active}
    return as_they_were(covers, {pk: before.get(pk, held[-1]) for pk, held in states.items()}, day, ended=False)


def contact_on(party: Party, day: date) -> dict[str, str]:
    """How a person could be reached on `day`, in clear: for papers of that day; screens mask it."""
    rows = list(party.contacts_held.order_by("pk"))
    held = [r for r in rows if r.since is None or r.since <= day]
    source: Any = held[-1] if held else rows[0] if rows else party
    return {name: getattr(source, name) for name in ("phone", "email", "address", "postcode")}


def paid_to_on(policy: Policy, day: date) -> date | None:
    """下期应交日 as the schedule says of `day`; None when all was paid, or the contract no longer took premiums."""
    row = policy.premiums.exclude(kind="refund").filter(paid_on__lte=day).order_by("-due_on").first()
    return _next_due(policy, status_on(policy, day), row.due_on if row else None, covers_on(policy, day, ended=True))


def _next_due(policy: Policy, status: str, last_paid: date | None, covers: Sequence[Coverage]) -> date | None:
    # 减额交清 leaves nothing to pay, also when the contract has ended since
    if last_paid is None or status == PolicyStatus.PAID_UP or not any(c.premium + c.extra for c in covers):
        return None
    held = [copy(cover) for cover in covers]
    for cover in held:
        cover.active = True  # a contract that has ended keeps the due date it had
    return due_after(policy, held, last_paid)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A policy on a day, as its histories tell."""

    status: str
    covers: list[Coverage]
    paid_to: date | None
    loans: list[PolicyLoan]
    beneficiaries: list[Beneficiary]


def heirs_on(keys: Sequence[int], day: date) -> dict[int, list[Beneficiary]]:
    """身故受益人 of policies on a day, in their order; to be named, so their numbers stay encrypted."""
    heirs: dict[int, list[Beneficiary]] = {}
    rows = Beneficiary.objects.filter(policy__in=keys, effective_from__lte=day).defer("id_number")
    for heir in rows.order_by("policy", "order", "pk"):
        if heir.effective_to is None or heir.effective_to > day:
            heirs.setdefault(heir.policy_id, []).append(heir)
    return heirs


def standings_now(policies: Sequence[Policy], today: date) -> dict[int, Standing]:
    """Today as the rows themselves tell it, in one query; the policies come with coverages and loans loaded."""
    heirs = heirs_on([p.pk for p in policies], today)
    return {
        p.pk: Standing(
            status=p.status, covers=[c for c in p.coverages.all() if c.active] or list(p.coverages.all()), paid_to=p.paid_to,
            loans=[x for x in p.loans.all() if x.repaid_on is None], beneficiaries=heirs.get(p.pk, []),
        )
        for p in policies
    }


def standings(policies: Sequence[Policy], day: date) -> dict[int, Standing]:
    """`policy_as_of` of many policies in four queries; they come with coverages (versions, products) and loans loaded."""
    keys = [p.pk for p in policies]
    statuses = dict(StatusChange.objects.filter(policy__in=keys, since__lte=day).order_by("pk").values_list("policy_id", "status"))
    states = {s.coverage_id: s for s in CoverageState.objects.filter(coverage__policy__in=keys, since__lte=day).order_by("pk")}
    paid = PremiumEntry.objects.exclude(kind="refund").filter(policy__in=keys, paid_on__lte=day).order_by("due_on")
    last_paid = dict(paid.values_list("policy_id", "due_on"))
    heirs, found = heirs_on(keys, day), {}
    for policy in policies:
        status = statuses.get(policy.pk, "")
        all_covers = as_they_were(policy.coverages.all(), states, day, ended=True)
        found[policy.pk] = Standing(
            status=status, covers=[c for c in all_covers if c.active or status == PolicyStatus.TERMINATED],
            paid_to=_next_due(policy, status, last_paid.get(policy.pk), all_covers),
            loans=[x for x in policy.loans.all() if x.since <= day and (x.repaid_on is None or x.repaid_on > day)],
            beneficiaries=heirs.get(policy.pk, []),
        )
    return found


def whole_as_of(policy: Policy, day: date) -> dict[str, Any]:
    """`policy_as_of`, and contacts, money and loans of that day, and what has changed since (events, oldest first)."""
    loans = policy.loans.filter(since__lte=day).filter(Q(repaid_on__isnull=True) | Q(repaid_on__gt=day))
    return policy_as_of(policy, day) | {
        "contacts": {"policyholder": contact_on(holder_on(policy, day), day), "insured": contact_on(policy.insured, day)},
        "paid_to": paid_to_on(policy, day),
        "money": balances(policy, day),
        "loans": list(loans.order_by("pk")),
        "changed_since": list(changed_since(policy, day)),
    }


@transaction.atomic(savepoint=False)
def keep_version(
    *, policy: Policy, day: date, case_number: str, now: datetime, covers: Sequence[Coverage] | None = None
) -> PolicySnapshot:
    """Keep the policy of the day of the event with the case. What was kept first stays, whatever is corrected later.
    No identity numbers and no contacts are kept."""
    kept = read_one(PolicySnapshot, "case_number = %s AND policy_id = %s AND day = %s", [case_number, policy.pk, day])
    if kept is not None:
        return kept
    stood = policy_as_of(policy, day, covers)
    content = {
        "status": stood["status"], "status_label": stood["status_label"],
        "coverages": [
            {
                "code": c.version.product.code, "name": c.version.product.name, "version": c.version.version,
                "version_id": c.version_id, "sum_assured": f"{c.sum_assured:.2f}", "bonus_sum": f"{c.bonus_sum:.2f}", "premium": f"{c.premium + c.extra:.2f}",
                "cover_term": c.cover_term, "effective_on": c.effective_on.isoformat(), "exclusion": c.exclusion,
                "expires_on": c.expires_on.isoformat() if c.expires_on else "", "pay_term": c.pay_term, "choices": c.choices,
            }
            for c in stood["coverages"]
        ],
        "beneficiaries": named(stood["beneficiaries"]),
        "money": {account: f"{amount:.2f}" for account, amount in balances(policy, day).items()},
        "events": sum(_events_until.flat(policy.pk, day)),
    }
    # the case is locked by the step that decides it: nobody keeps the same at this moment
    snapshot = PolicySnapshot(case_number=case_number, policy=policy, day=day, content=content, taken_at=now)
    insert(snapshot)
    return snapshot


@Question(int, date)
def _events_until(policy: int, day: date) -> Any:
    return PolicyEvent.objects.filter(policy=policy, on__lte=day).order_by().values("policy").annotate(n=Count("pk")).values_list("n")
