"""客户全貌: everything about one customer that a page or the interface tells, in a number of queries that does not grow."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.models import Case, ContactLog
from lifeops.cases.reach import openable
from lifeops.org.models import Role, User
from lifeops.policies.identity import mask_address
from lifeops.policies.models import (
    Duplicate,
    DuplicateState,
    Party,
    Payment,
    Policy,
    PolicyEvent,
    PolicyStatus,
)
from lifeops.policies.rules.benefits import RiskKind, minors_cap, minors_headroom
from lifeops.policies.services.as_of import sums_at_risk
from lifeops.policies.services.overview import values_today
from lifeops.policies.services.revealing import CLASSES, COLUMNS, ROWS

MOST_POLICIES, PAGE = 200, 50
RISKS = {RiskKind.LIFE: "寿险", RiskKind.ACCIDENT: "意外", RiskKind.CRITICAL: "重疾", RiskKind.DEATH: "身故给付"}
#: Who sees who looked behind the masks.
TRAIL_READERS = (Role.HEAD, Role.MANAGER, Role.AUDITOR)


def whole(party: Party, user: User, now: datetime, today: date) -> dict[str, Any]:
    """The page: policies and values, risk, cases, letters, payments, flags, contacts, timeline, particulars."""
    policies = policies_of(party)
    shown, more = policies[:MOST_POLICIES], len(policies) > MOST_POLICIES
    mine = openable(shown, user)
    opened = [p for p in shown if p.pk in mine]
    values = values_today(opened, today)
    rows = [row_of(party, p, values.get(p.pk), p.pk in mine) for p in shown]
    cases = cases_of(party, shown, user)
    particulars = particulars_of(party, user)
    duplicates = list(
        Duplicate.objects.filter(Q(left=party) | Q(right=party)).exclude(state=DuplicateState.DISMISSED)
        .select_related("left", "right", "proposed_by", "decided_by")[:PAGE]
    )  # fmt: skip
    letters = [letter for case in cases for letter in case.letters.all()]
    contacts = list(ContactLog.objects.filter(request__case__in=cases).select_related("request", "by").order_by("-at")[:PAGE])
    payments = list(Payment.objects.filter(policy__in=[p.pk for p in opened]).select_related("policy").order_by("-pk")[:PAGE])
    return {
        "party": party, "age": party.age(today), "policies": rows, "more_policies": more,
        "roles": roles_of(party, shown), "value_total": total(row["value"] for row in rows),
        "loan_total": total(row["loans"] for row in rows), **risk_of(party, today), "cases": cases,
        "letters": sorted(letters, key=lambda row: -row.pk)[:PAGE], "payments": payments, "contacts": contacts,
        "duplicates": duplicates, **particulars, "flags": flags_of(party, shown, duplicates, particulars, today),
        "timeline": timeline_of(opened, cases, payments, contacts), "now": now, "today": today,
        "reveals": reveals_of(party) if user.holds(*TRAIL_READERS) else None,
    }  # fmt: skip


def total(amounts: Any) -> Decimal:
    return sum((a for a in amounts if a is not None), Decimal("0.00"))


def policies_of(party: Party) -> list[Policy]:
    """Newest first, one more than are shown."""
    rows = Policy.objects.of_people([party.pk]).select_related("policyholder", "insured", "branch")
    rows = rows.prefetch_related("coverages__version__product", "coverages__usage", "loans", "holds")
    return list(rows.order_by("-pk")[: MOST_POLICIES + 1])


def row_of(party: Party, policy: Policy, value: Decimal | None, may_open: bool) -> dict[str, Any]:
    covers = [c for c in policy.coverages.all() if c.active] or list(policy.coverages.all())
    as_ = [label for label, pk in (("投保人", policy.policyholder_id), ("被保险人", policy.insured_id)) if pk == party.pk]
    return {
        "policy": policy, "as": "、".join(as_), "openable": may_open, "value": value if may_open else None,
        "sum": sum((c.sum_assured for c in covers), Decimal("0.00")),
        "premium": sum((c.premium + c.extra for c in covers), Decimal("0.00")),
        "loans": total(loan.principal for loan in policy.loans.all() if loan.repaid_on is None) if may_open else None,
        "other": policy.insured if policy.insured_id != party.pk else policy.policyholder,
    }  # fmt: skip


def roles_of(party: Party, policies: list[Policy]) -> list[tuple[str, int, int]]:
    """(role, policies, of those not ended)."""
    found = []
    for label, name in (("投保人", "policyholder_id"), ("被保险人", "insured_id")):
        mine = [p for p in policies if getattr(p, name) == party.pk]
        found.append((label, len(mine), sum(p.status != PolicyStatus.TERMINATED for p in mine)))
    return found


def risk_of(party: Party, today: date) -> dict[str, Any]:
    """累计风险保额 and, for a minor, what the cap on death benefits still leaves (facts 3.9)."""
    sums, age = sums_at_risk(party), party.age(today)
    cap = minors_cap(age) if age is not None else None
    left = minors_headroom(age=age, others=sums[RiskKind.DEATH]) if age is not None else None
    return {"risks": [(RISKS[kind], sums[kind]) for kind in RISKS], "minors_cap": cap, "headroom": left}


def cases_of(party: Party, policies: list[Policy], user: User) -> list[Case]:
    """Cases the person may see: by the customer, about the policies."""
    about = Q(applicant=party) | Q(policy__in=[p.pk for p in policies])
    rows = Case.objects.visible_to(user).filter(about).select_related("branch", "assignee", "holder_branch")
    return list(rows.prefetch_related("letters").order_by("-pk")[:PAGE])


def particulars_of(party: Party, user: User) -> dict[str, Any]:
    """Present columns and further rows, masked, each with what a look behind the mask is asked by."""
    may = {name: user.holds(*found.roles) for name, found in CLASSES.items()}

    def line(kind: str, label: str, shown: str, what: str, note: str = "", row: Any = None) -> dict[str, Any]:
        return {"label": label, "shown": shown, "what": what if may[kind] and shown else "", "note": note, "row": row}

    valid = f"有效期至 {party.id_valid_to}" if party.id_valid_to else ""
    lines = [
        line(COLUMNS["id_number"], party.get_id_type_display(), party.id_masked, "id_number", valid),
        line(COLUMNS["phone"], "电话", party.phone_masked, "phone"),
        line(COLUMNS["address"], "联系地址", mask_address(party.address), "address", party.postcode),
    ]
    sets: dict[str, Any] = {
        "document": party.identitydocument_rows, "phone": party.phone_rows, "address": party.address_rows,
        "account": party.bankaccount_rows,
    }  # fmt: skip
    for kind, rows in sets.items():
        for row in rows.filter(until__isnull=True).select_related("made_by")[:PAGE]:
            label = {"document": "get_id_type_display", "phone": "get_kind_display", "address": "get_kind_display"}.get(kind)
            words = getattr(row, label)() if label else row.bank
            note = f"有效期至 {row.valid_to}" if kind == "document" and row.valid_to else ""
            lines.append(line(ROWS[kind][1], words, row.shown, f"{kind}-{row.pk}", note, (kind, row)))
    return {
        "lines": lines,
        "occupations": list(party.partyoccupation_rows.all()[:5]),
        "relations": list(party.relationship_rows.filter(until__isnull=True).select_related("other")[:PAGE]),
        "consents": list(party.consent_rows.all()[:PAGE]),
    }


def flags_of(
    party: Party, policies: list[Policy], duplicates: list[Duplicate], particulars: dict[str, Any], today: date
) -> list[tuple[str, str]]:
    """(tone, words): what whoever deals with this customer must know first."""
    age, found = party.age(today), []
    if party.merged_into_id:
        found.append(("urgent", "已并入另一客户"))
    if party.died_on:
        found.append(("urgent", f"{party.died_on} 身故"))
    if party.id_valid_to and party.id_valid_to < today:
        found.append(("urgent", "证件已过期"))
    elif party.id_valid_to and party.id_valid_to < today + timedelta(days=90):
        found.append(("note", "证件将到期"))
    if age is not None and age < 18:
        found.append(("note", "未成年人"))
        guarded = any(c.purpose == "guardian" and c.until is None for c in particulars["consents"])
        if age < 14 and not guarded:
            found.append(("note", "无监护人同意"))
    if age is not None and age >= 60:
        found.append(("note", "老年客户"))
    if party.occupation_class in (0, 5, 6):
        found.append(("note", "高风险职业" if party.occupation_class else "拒保职业"))
    if not party.phone:
        found.append(("note", "无电话"))
    open_ = sum(d.state == DuplicateState.OPEN for d in duplicates)
    held = sum(any(h.lifted_on is None for h in p.holds.all()) or bool(p.hold_case) for p in policies)
    lapsed = sum(p.status == PolicyStatus.LAPSED for p in policies)
    owing = sum(any(loan.repaid_on is None for loan in p.loans.all()) for p in policies)
    for number, words in ((open_, "项疑似重复待核"), (held, "张保单挂起"), (lapsed, "张保单中止"), (owing, "张保单有借款")):
        if number:
            found.append(("note", f"{number} {words}"))
    return found


def timeline_of(policies: list[Policy], cases: list[Case], payments: list[Payment], contacts: list[ContactLog]) -> list[dict[str, Any]]:
    """The last fifty things that happened, newest first: (day, what, about, address)."""
    numbers = {p.pk: p for p in policies}
    rows: list[tuple[date, datetime, int, dict[str, Any]]] = []

    def note(at: datetime, what: str, about: str, url: str = "", on: date | None = None) -> None:
        day = on or timezone.localdate(at)
        rows.append((day, at, len(rows), {"on": day, "what": what, "about": about, "url": url}))

    for event in PolicyEvent.objects.filter(policy__in=list(numbers)).order_by("-pk")[:PAGE]:
        label = event.get_kind_display()
        words = f"{label}：{event.note}" if event.note and event.note != label else label
        number = numbers[event.policy_id].number
        note(event.recorded_at, words, number, on=event.on, url=reverse("policies:detail", args=[number]))
    for case in cases:
        note(case.accepted_at, f"受理{case.item_label}", case.number, case.get_absolute_url())
        if case.decided_at:
            note(case.decided_at, f"{case.item_label}：{case.state_label}", case.number, case.get_absolute_url())
        for letter in case.letters.all():
            note(letter.created_at, f"出具{letter.title}", letter.number)
    for payment in payments:
        at = payment.settled_at or payment.created_at
        note(at, f"付款{payment.get_state_display()}：{payment.purpose} {payment.amount:,.2f} 元", payment.number)
    for contact in contacts:
        words = f"{contact.get_way_display()}联系{'' if contact.reached else '（未联系上）'}"
        note(contact.at, words, contact.request.number)
    return [row for *_, row in sorted(rows, key=lambda r: r[:3], reverse=True)[:PAGE]]


def reveals_of(party: Party) -> list[Any]:
    return list(party.reveals.select_related("actor")[:20])
