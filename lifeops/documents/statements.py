"""保单对账单: issued from the policy page, kept as it was printed, made again byte for byte."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from lifeops.cases.errors import Refused
from lifeops.cases.needs import labels
from lifeops.documents.letters.schema import show_day
from lifeops.documents.models import Statement
from lifeops.documents.papers import PRINTERS, kept_data, render
from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import mask_address, mask_phone
from lifeops.policies.models import Party, Policy, PolicyNotice, PolicyStatus
from lifeops.policies.rules.dates import term_label
from lifeops.policies.rules.lines import yuan
from lifeops.policies.services.as_of import policy_as_of
from lifeops.policies.services.crediting import option_label
from lifeops.policies.services.recovering import recoverable
from lifeops.policies.services.servicing import surrender_value

KIND = "policy_statement"
MOST = 24


def content(policy: Policy, now: datetime) -> dict[str, Any]:
    """Inputs of the letter for today, without its number."""
    day = timezone.localdate(now)
    found = policy_as_of(policy, day)
    return {
        "issued_on": day, "as_of": day, "unit": policy.branch.name, "addressee": policy.policyholder.name,
        "policy_number": policy.number, "status": f"{found['status_label']}{policy.termination and f'（{policy.termination}）'}",
        "effective_on": policy.effective_on, "pay_mode": policy.get_pay_mode_display(),
        "paid_to": "—" if policy.status == PolicyStatus.TERMINATED else show_day(policy.paid_to) if policy.paid_to else "已交清",
        "dividend_option": option_label(policy, found["coverages"], day), "holder": person(policy.policyholder), "insured": person(policy.insured),
        "covers": [
            {
                "name": c.version.product.name, "code": c.version.product.code, "role": "附加险" if c.is_rider else "主险",
                "sum_assured": c.sum_assured, **({"bonus_sum": c.bonus_sum} if c.bonus_sum else {}), "cover_term": term_label(c.cover_term), "pay_term": term_label(c.pay_term),
                "premium": c.premium + c.extra,
            }
            for c in found["coverages"]
        ],
        "heirs": [
            {
                "order": b.order, "name": b.name, "relation": b.relation, "identity": b.id_number,
                "share": "均分" if b.share_pct is None else f"{b.share_pct.normalize():f}%",
            }
            for b in found["beneficiaries"]
        ],
        **value_of(policy, now), **movements(policy),
    }  # fmt: skip


def person(party: Party) -> dict[str, Any]:
    return {
        "name": party.name, "sex": party.get_sex_display(), "born_on": party.birth_date, "identity": party.id_number,
        "phone": mask_phone(party.phone), "address": mask_address(party.address),
    }  # fmt: skip


def value_of(policy: Policy, now: datetime) -> dict[str, Any]:
    """What surrender would pay today, with its lines; an ended policy has no value, a missing table is said."""
    if policy.status == PolicyStatus.TERMINATED:
        owed = recoverable(policy, timezone.localdate(now))
        words = f"另有{owed.what} {yuan(owed.amount)} 元待返还。" if owed else ""
        return {"value_note": f"保险合同已于 {show_day(policy.terminated_on)} 终止。{words}" if policy.terminated_on else words}
    try:
        due = surrender_value(policy, timezone.localdate(now))
    except BookRefused as refused:
        return {"value_note": f"暂不能计算：{refused}。"}
    rows = [{"label": row.label, "formula": row.formula, "amount": row.value} for row in due.lines]
    return {"value_lines": rows, "value": due.amount}


def movements(policy: Policy) -> dict[str, Any]:
    loans = policy.loans.filter(repaid_on__isnull=True).order_by("since")[:MOST]
    premiums = policy.premiums.order_by("-due_on", "-pk")[:MOST]
    payments = policy.payments.order_by("-pk")[:MOST]
    return {
        "loans": [
            {"kind": r.get_kind_display(), "since": r.since, "rate": f"{r.rate * 100:.2f}%", "principal": r.principal} for r in loans
        ],
        "premiums": [
            {
                "on": r.due_on, "what": r.get_kind_display(), "note": f"{show_day(r.paid_on)}收取" if r.paid_on else "未收",
                "amount": r.amount,
            }
            for r in premiums
        ],
        "payments": [
            {
                "on": timezone.localdate(r.settled_at or r.created_at), "what": r.purpose, "note": r.get_state_display(),
                "amount": r.amount,
            }
            for r in payments
        ],
    }  # fmt: skip


def issue_statement(*, policy: Policy, actor: User, now: datetime) -> tuple[Statement, bytes]:
    """出具 today's statement. The same content on the same day is the same statement."""
    if not actor.holds(*PRINTERS):
        raise Refused(["对账单由受理机构各岗或审核、批准、运营主管岗出具"], who=labels(PRINTERS))
    data = content(policy, now)
    with transaction.atomic():
        Policy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
        rows = Statement.objects.filter(policy=policy, kind=KIND)
        last = rows.order_by("-pk").first()
        if last is not None and kept_data(KIND, data | {"number": last.number}) == last.data:
            return last, pdf_of(last)
        number = f"{policy.number}-S{rows.count() + 1:03d}"
        return keep(
            policy=policy, kind=KIND, number=number, day=data["as_of"], data=kept_data(KIND, data | {"number": number}), actor=actor, now=now
        )


def keep(
    *, policy: Policy, kind: str, number: str, day: date, data: dict[str, Any], actor: User, now: datetime, notice: PolicyNotice | None = None
) -> tuple[Statement, bytes]:
    """Keep a letter of a policy as it is printed, with the hash of its PDF."""
    pdf = render(kind, data)
    made = Statement.objects.create(
        policy=policy, kind=kind, notice=notice, number=number, day=day, data=data, sha256=hashlib.sha256(pdf).hexdigest(),
        created_by=actor, created_at=now,
    )
    return made, pdf


def pdf_of(statement: Statement) -> bytes:
    return render(statement.kind, statement.data)
