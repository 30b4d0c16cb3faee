"""PS27 红利领取与方式变更: what it comes to, what its rules look at, and what it does to the book."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.errors import refusal_of
from lifeops.policies.models import DividendOption, Endorsement, Policy
from lifeops.policies.rules.lines import Calculation, yuan
from lifeops.policies.services.dividend_choice import (
    choose_option,
    collect,
    collectable,
    collected_lines,
    offered,
    option_of,
)
from lifeops.policies.services.locking import endorse
from servicing.dividend_rules import DividendFacts, dividend_findings
from servicing.models import ChangeRequest

ITEM = "PS27"


def due_of(case: Case, record: ChangeRequest) -> Calculation:
    """What is paid out, with its lines."""
    amount = record.wanted
    return collected_lines(case.contract, amount) if amount else Calculation.of([])


def findings_of(case: Case, record: ChangeRequest, day: date) -> list[FindingSpec]:
    policy, there = case.contract, collectable(case.contract)
    before = option_of(policy, day)
    return dividend_findings(
        DividendFacts(
            before=label(before), after=label(record.dividend_option), changes=bool(record.dividend_option) and record.dividend_option != before,
            offered=[words for _, words in offered(policy)], collected=record.wanted, there=there.total,
        )
    )


def label(option: str) -> str:
    return str(DividendOption(option).label) if option else ""


def compared(case: Case, record: ChangeRequest, day: date) -> list[tuple[str, str, str]]:
    """(label, before, after)."""
    policy, rows = case.contract, []
    before = label(option_of(policy, day)) or "—"
    rows.append(("红利领取方式", before, label(record.dividend_option) or before))
    if record.wanted:
        there = collectable(policy)
        due = min(record.wanted, there.due)
        parts = (("已到期红利", there.due, due), ("累积红利", there.accumulated, record.wanted - due))
        rows += [(name, f"{yuan(held)} 元", f"{yuan(held - part)} 元") for name, held, part in parts if held]
        rows.append(("应付金额", "—", f"{yuan(record.wanted)} 元"))
    return rows


def asked_rows(case: Case, record: ChangeRequest, day: date) -> list[tuple[str, str]]:
    rows = [("申请日", str(day))]
    if case.decided_at is None:
        # decided, the case has collected from it
        there = collectable(case.contract)
        rows.append(("可领取的红利", f"{yuan(there.total)} 元（已到期 {yuan(there.due)}，累积 {yuan(there.accumulated)}）"))
    if not record.wanted:
        return [*rows, ("领取金额", "不领取")]
    return [*rows, ("领取金额", f"{yuan(record.wanted)} 元"), ("领取原因", record.why_text or "—")]


def done(*, policy: Policy, case_number: str, record: ChangeRequest, day: date, actor: User, now: datetime) -> tuple[Endorsement, Calculation]:
    """The option from the day it was asked for, the money as of today; one 批单 for both."""
    common: dict[str, Any] = {"policy": policy, "case_number": case_number, "actor": actor}
    if record.dividend_option and record.dividend_option != option_of(policy, day):
        choose_option(option=record.dividend_option, day=day, **common)
    paid = Calculation.of([])
    if record.wanted:
        paid = collect(amount=record.wanted, day=timezone.localdate(now), now=now, **common)
    endorsement = endorse(
        policy, case_number=case_number, title="红利领取与方式变更", changes=list(record.comparison), effective_on=day, actor=actor, now=now
    )
    return endorsement, paid


def refused(policy: Policy, amount: Decimal) -> str:
    """Why so much cannot be collected; "" where it can."""
    return refusal_of(lambda: collected_lines(policy, amount))
