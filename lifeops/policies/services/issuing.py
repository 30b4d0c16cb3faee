"""承保出单 and 签收."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from stdnum.iso7064 import mod_11_10

from lifeops.org.models import Branch, User
from lifeops.policies.models import Beneficiary, Coverage, Party, Policy, PolicyStatus, PremiumEntry, StatusChange
from lifeops.policies.rules.dates import age_on, cooling_off_end, due_date, instalments, last_cover_day
from lifeops.policies.services.locking import locked
from lifeops.workdays.calendar import get_calendar


def next_policy_number(branch: Branch, year: int) -> str:
    """P + 机构 + 年 + 七位序号 + 校验位 (ISO 7064 MOD 11,10); from a sequence, so issuing never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('policies_number')")
        serial = int(cursor.fetchone()[0])
    digits = f"{branch.code}{year}{serial:07d}"
    return f"P{digits}{mod_11_10.calc_check_digit(digits)}"


@transaction.atomic
def issue_policy(
    *, case_number: str, branch: Branch, agent_code: str, policyholder: Party, insured: Party, relation: str,
    applied_on: date, effective_on: date, pay_mode: str, coverages: list[dict[str, Any]],
    beneficiaries: list[dict[str, Any]], actor: User, now: datetime, established_on: date | None = None,
) -> Policy:
    """Issue a policy: coverages, beneficiaries, the first premium, its status from the effective day on.

    `coverages` are dicts {version, sum_assured, cover_term, pay_term, is_rider, premium, extra, exclusion}.
    """
    policy = Policy.objects.create(
        number=next_policy_number(branch, applied_on.year), branch=branch, agent_code=agent_code,
        policyholder=policyholder, insured=insured, relation=relation, applied_on=applied_on,
        established_on=established_on or effective_on, effective_on=effective_on, pay_mode=pay_mode,
        issued_by_case=case_number, status=PolicyStatus.IN_FORCE,
    )
    age = age_on(insured.birth_date, applied_on) if insured.birth_date else 0
    total = 0
    for spec in coverages:
        Coverage.objects.create(
            policy=policy, version=spec["version"], is_rider=spec.get("is_rider", False),
            sum_assured=spec["sum_assured"], cover_term=spec["cover_term"], pay_term=spec["pay_term"], entry_age=age,
            premium=spec["premium"], extra=spec.get("extra", 0), exclusion=spec.get("exclusion", ""),
            effective_on=effective_on, expires_on=last_cover_day(effective_on, spec["cover_term"], age),
        )
        total += spec["premium"] + spec.get("extra", 0)
    write_beneficiaries(policy, beneficiaries, effective_on)
    PremiumEntry.objects.create(
        policy=policy, due_on=effective_on, amount=total, paid_on=effective_on, kind="first", case_number=case_number
    )
    count = instalments(coverages[0]["pay_term"], pay_mode, age)
    policy.paid_to = due_date(effective_on, pay_mode, 1) if count > 1 else None
    policy.save(update_fields=["paid_to"])
    StatusChange.objects.create(
        policy=policy, status=PolicyStatus.IN_FORCE, since=effective_on, cause="承保", case_number=case_number
    )
    return policy


def write_beneficiaries(policy: Policy, rows: list[dict[str, Any]], day: date) -> None:
    for row in rows:
        Beneficiary.objects.create(
            policy=policy, name=row["name"], sex=row.get("sex") or "", birth_date=row.get("birth_date") or None,
            id_type=row.get("id_type") or "resident", id_number=row.get("id_number") or "",
            relation=row.get("relation") or "", order=row.get("order") or 1, share_pct=row.get("share_pct"),
            effective_from=day,
        )


@transaction.atomic
def deliver_policy(*, policy: Policy, signed_on: date) -> Policy:
    """签收: the day from which 犹豫期 counts (facts 3.5). A second registration changes nothing."""
    found = locked(policy)
    if found.delivered_on is None:
        days = max((c.version.cooling_off_days for c in found.coverages.select_related("version")), default=15)
        found.delivered_on = signed_on
        found.cooling_off_end = cooling_off_end(signed_on, days, get_calendar().is_workday)
        found.save(update_fields=["delivered_on", "cooling_off_end"])
    return found
