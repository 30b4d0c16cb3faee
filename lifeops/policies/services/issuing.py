"""承保出单 and 签收."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from stdnum.iso7064 import mod_11_10

from lifeops.org.models import Branch, User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import (
    Account,
    Beneficiary,
    Coverage,
    DividendOption,
    EventKind,
    Party,
    Policy,
    PolicyStatus,
    PremiumEntry,
    ProductVersion,
    StatusChange,
)
from lifeops.policies.rules.benefits import shares_error
from lifeops.policies.rules.dates import (
    anniversary,
    cooling_off_end,
    due_date,
    instalments,
    last_cover_day,
    years_completed,
)
from lifeops.policies.services.events import Cause, keep_covers, record
from lifeops.policies.services.ledger import post
from lifeops.policies.services.locking import locked
from lifeops.policies.services.terms import on_policyholder, options_for
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
    beneficiaries: list[dict[str, Any]], actor: User, now: datetime, established_on: date | None = None, number: str = "",
    dividend_option: str = "",
) -> Policy:
    """Issue a policy: coverages, beneficiaries, the first premium, its status from the effective day on.

    `coverages` are dicts {version, sum_assured, cover_term, pay_term, is_rider, premium, extra, exclusion, choices}, exactly
    one of them the main one; premiums in 元 per instalment. A case issues one policy. The contract is established today or,
    where it took effect before, on that day. `number` is for policies taken over with their number. `dividend_option`: the way in
    which the policyholder asked to have cash dividends, left to accumulate where none was asked for.
    """
    rows = beneficiary_rows(beneficiaries)
    _check(case_number, policyholder, insured, applied_on, effective_on, coverages)
    if dividend_option and not any(dividend_option in options_for(spec["version"]) for spec in coverages):
        raise BookRefused("险种的条款没有这种红利领取方式")
    policy = Policy.objects.create(
        number=number or next_policy_number(branch, applied_on.year), branch=branch, agent_code=agent_code,
        policyholder=policyholder, insured=insured, relation=relation, applied_on=applied_on,
        established_on=established_on or min(timezone.localdate(now), effective_on), effective_on=effective_on,
        pay_mode=pay_mode, issued_by_case=case_number, status=PolicyStatus.IN_FORCE,
        dividend_option=dividend_option or DividendOption.ACCUMULATE,
    )
    ages = [_entry_age(spec["version"], policyholder, insured, applied_on) for spec in coverages]
    covers = [
        Coverage.objects.create(
            policy=policy, version=spec["version"], is_rider=spec.get("is_rider", False),
            sum_assured=spec["sum_assured"], cover_term=spec["cover_term"], pay_term=spec["pay_term"], entry_age=age,
            premium=spec["premium"], extra=spec.get("extra") or 0, exclusion=spec.get("exclusion", ""),
            choices=spec.get("choices") or {}, effective_on=effective_on, expires_on=_last_day(effective_on, spec, age),
        )
        for spec, age in zip(coverages, ages, strict=True)
    ]
    write_beneficiaries(policy, rows, effective_on)
    first = sum((c.premium + c.extra for c in covers), Decimal("0.00"))
    PremiumEntry.objects.create(
        policy=policy, due_on=effective_on, amount=first, paid_on=effective_on, kind="first", settled_by="paid",
        case_number=case_number,
    )
    main = next(c for c in covers if not c.is_rider)
    if instalments(main.pay_term, pay_mode, main.entry_age, main.start_age) > 1:
        policy.paid_to = due_date(effective_on, pay_mode, 1)
    # from here on the day run looks after the policy; years gone by before it was taken over are not made up for
    policy.years_done = years_completed(effective_on, timezone.localdate(now))
    policy.next_event_on = min(
        d for d in (policy.paid_to, anniversary(effective_on, policy.years_done + 1), *(c.expires_on for c in covers)) if d
    )
    policy.save(update_fields=["paid_to", "years_done", "next_event_on"])
    StatusChange.objects.create(
        policy=policy, status=PolicyStatus.IN_FORCE, since=effective_on, cause="承保", case_number=case_number
    )
    _open_books(policy, covers, first, Cause.of(case_number, actor))
    return policy


def _last_day(effective_on: date, spec: dict[str, Any], age: int) -> date | None:
    """满期日; of products sold by days the last of them."""
    days = (spec.get("choices") or {}).get("days")
    return effective_on + timedelta(days=int(days) - 1) if days else last_cover_day(effective_on, spec["cover_term"], age)


def _open_books(policy: Policy, covers: list[Coverage], first: Decimal, cause: Cause) -> None:
    """The first entries of the ledger and the first event."""
    day, case = policy.effective_on, cause.case_number
    money = [
        post(policy, on=day, text="首期保费应收", case_number=case, lines={Account.RECEIVABLE: first, Account.PREMIUM: -first}),
        post(policy, on=day, text="首期保费实收", case_number=case, lines={Account.RECEIVED: first, Account.RECEIVABLE: -first}),
    ]
    data = {
        "status": PolicyStatus.IN_FORCE, "paid_to": policy.paid_to.isoformat() if policy.paid_to else None,
        "coverages": keep_covers(covers, since=day, case_number=case),
        "beneficiaries": named(policy.beneficiaries.all()), "money": money,
    }
    record(policy, EventKind.ISSUED, on=day, cause=cause, note="承保", key="issued", data=data)


def named(rows: Iterable[Beneficiary]) -> list[dict[str, Any]]:
    """Beneficiaries as an event keeps them; no identity numbers."""
    return [
        {"id": b.pk, "name": b.name, "relation": b.relation, "order": b.order, "share": f"{b.share_pct:.2f}" if b.share_pct is not None else ""}
        for b in rows
    ]


def _entry_age(version: ProductVersion, policyholder: Party, insured: Party, day: date) -> int:
    """投保年龄 of the life a coverage is on: of 豁免 that of whoever pays the premiums."""
    age = (policyholder if on_policyholder(version) else insured).age(day)
    if age is None:
        raise BookRefused("出生日期未登记，不能确定投保年龄")
    return age


def _check(
    case_number: str, policyholder: Party, insured: Party, applied_on: date, effective_on: date, coverages: list[dict[str, Any]]
) -> None:
    reasons = []
    if sum(1 for spec in coverages if not spec.get("is_rider")) != 1:
        reasons.append("保单须有且仅有一个主险")
    if effective_on < applied_on:
        reasons.append(f"生效日 {effective_on} 早于投保日 {applied_on}")
    if insured.birth_date is None:
        reasons.append("被保险人出生日期未登记，不能确定投保年龄")
    if policyholder.birth_date is None and any(on_policyholder(spec["version"]) for spec in coverages):
        reasons.append("投保人出生日期未登记，不能确定豁免险的投保年龄")
    if insured.died_on is not None:
        reasons.append(f"被保险人已于 {insured.died_on} 身故")
    known = Policy.objects.filter(issued_by_case=case_number).first() if case_number else None
    if known is not None:
        reasons.append(f"本案已出单，保单号 {known.number}")
    if reasons:
        raise BookRefused(*reasons)


def beneficiary_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows {name, sex, birth_date, id_type, id_number, relation, order, share_pct} with every value in place; refused
    when a name is missing or the shares of an order do not make 100 %."""
    found: list[dict[str, Any]] = []
    for row in rows:
        share = row.get("share_pct")
        found.append(
            {
                "name": (row.get("name") or "").strip(), "sex": row.get("sex") or "",
                "birth_date": row.get("birth_date") or None, "id_type": row.get("id_type") or "resident",
                "id_number": row.get("id_number") or "", "relation": row.get("relation") or "",
                "order": int(row.get("order") or 1), "share_pct": None if share in (None, "") else Decimal(str(share)),
            }
        )
    if any(not row["name"] for row in found):
        raise BookRefused("受益人姓名不得为空")
    if any(row["share_pct"] is not None and not 0 < row["share_pct"] <= 100 for row in found):
        raise BookRefused("受益份额应大于 0% 且不超过 100%")
    wrong = shares_error((row["order"], row["share_pct"]) for row in found)
    if wrong:
        raise BookRefused(wrong)
    return found


def write_beneficiaries(policy: Policy, rows: list[dict[str, Any]], day: date) -> None:
    """Write checked rows (`beneficiary_rows`), in force from `day`."""
    for row in rows:
        Beneficiary.objects.create(policy=policy, effective_from=day, **row)


@transaction.atomic
def deliver_policy(*, policy: Policy, signed_on: date, case_number: str = "", actor: User | None = None) -> Policy:
    """签收: the day from which 犹豫期 counts (facts 3.5). A second registration changes nothing."""
    found = locked(policy)
    if found.delivered_on is not None:
        return found
    if signed_on < found.applied_on:
        raise BookRefused(f"签收日 {signed_on} 早于投保日 {found.applied_on}")
    days = max((c.version.cooling_off_days for c in found.coverages.select_related("version")), default=15)
    found.delivered_on = signed_on
    found.cooling_off_end = cooling_off_end(signed_on, days, get_calendar().is_workday)
    found.save(update_fields=["delivered_on", "cooling_off_end"])
    record(found, EventKind.DELIVERED, on=signed_on, cause=Cause.of(case_number, actor), note=f"犹豫期至 {found.cooling_off_end}")
    return found
