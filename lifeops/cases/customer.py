"""客户全貌: everything about one customer that a page or the interface tells, in a number of queries that does not grow."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.customer_day import changes_after, end_of, held_on
from lifeops.cases.models import Case, ContactLog
from lifeops.cases.reach import openable
from lifeops.org.models import Role, User
from lifeops.policies.crypto import blind_indexes
from lifeops.policies.identity import mask_address, mask_email, mask_phone
from lifeops.policies.models import (
    Beneficiary,
    Duplicate,
    DuplicateState,
    Party,
    Payment,
    Policy,
    PolicyEvent,
    PolicyStatus,
)
from lifeops.policies.rules.benefits import minors_cap, minors_headroom
from lifeops.policies.rules.life import COVERED
from lifeops.policies.rules.risk import LABELS, RiskKind
from lifeops.policies.services.as_of import Standing, contact_on, standings, standings_now
from lifeops.policies.services.at_risk import risk_on, sums_at_risk
from lifeops.policies.services.overview import Valued, values_on
from lifeops.policies.services.revealing import CLASSES, COLUMNS, ROWS
from lifeops.screening.services.hits import flags_on as watch_flags

MOST_POLICIES, PAGE = 200, 50
#: Who is told of a hit of 名单核查.
WATCHERS = (Role.UNDERWRITER, Role.PS_REVIEWER, Role.CL_REVIEWER, Role.APPROVER, Role.MANAGER, Role.AUDITOR)
#: Who sees who looked behind the masks.
TRAIL_READERS = (Role.HEAD, Role.MANAGER, Role.AUDITOR)


def whole(party: Party, user: User, now: datetime, today: date, day: date | None = None) -> dict[str, Any]:
    """The page: policies and values, risk, cases, letters, payments, flags, contacts, timeline, particulars. With a `day`
    before today everything as it was on that day, and what has changed since."""
    day, then = day or today, day is not None and day < today
    end = end_of(day)
    known = policies_of(party)
    policies = [p for p in known if not then or p.applied_on <= day]
    shown, more = policies[:MOST_POLICIES], len(policies) > MOST_POLICIES
    mine = openable(known, user)
    opened = [p for p in shown if p.pk in mine]
    stood = standings(shown, day) if then else standings_now(shown, today)
    living = [p for p in opened if stood[p.pk].status not in ("", PolicyStatus.TERMINATED)]
    values = values_on([Valued(policy=p, covers=stood[p.pk].covers, paid_to=stood[p.pk].paid_to) for p in living], day)
    rows = [row_of(party, p, stood[p.pk], values.get(p.pk), p.pk in mine) | {"held": held_on(p, day)} for p in shown]
    cases = cases_of(party, shown, user, end)
    particulars = particulars_of(party, user, day, then)
    duplicates = list(
        Duplicate.objects.filter(Q(left=party) | Q(right=party), proposed_at__lt=end).exclude(state=DuplicateState.DISMISSED)
        .select_related("left", "right", "proposed_by", "decided_by")[:PAGE]
    )  # fmt: skip
    letters = [letter for case in cases for letter in case.letters.all() if letter.created_at < end]
    contacts = list(
        ContactLog.objects.filter(request__case__in=cases, at__lt=end).select_related("request", "by").order_by("-at")[:PAGE]
    )
    payments = list(
        Payment.objects.filter(policy__in=[p.pk for p in opened], created_at__lt=end).select_related("policy").order_by("-pk")[:PAGE]
    )
    return {
        "party": party, "age": party.age(day), "policies": rows, "more_policies": more, "day": day, "is_today": not then,
        "roles": roles_of(party, shown, stood), "value_total": total(row["value"] for row in rows), "heir_of": heir_of(party, user, day),
        "loan_total": total(row["loans"] for row in rows), **risk_of(party, sums_at_risk(party) if not then else sums_on(party, shown, stood, day), day), "cases": cases,
        "letters": sorted(letters, key=lambda row: -row.pk)[:PAGE], "payments": payments, "contacts": contacts,
        "duplicates": duplicates, **particulars, "flags": [
            # whoever serves the customer at a counter must not let it be known
            *(watch_flags(party, day, end) if user.holds(*WATCHERS) else []), *flags_of(party, shown, stood, duplicates, particulars, day),
        ],
        "timeline": timeline_of(opened, cases, letters, payments, contacts, day), "now": now, "today": today,
        "changed_since": changes_after(party, [p for p in known if p.pk in mine], cases_of(party, known, user, end_of(today)), day) if then else [],
        "reveals": reveals_of(party) if user.holds(*TRAIL_READERS) else None,
    }  # fmt: skip


def total(amounts: Any) -> Decimal:
    return sum((a for a in amounts if a is not None), Decimal("0.00"))


def policies_of(party: Party) -> list[Policy]:
    """Newest first, one more than are shown."""
    rows = Policy.objects.of_people([party.pk]).with_people()
    rows = rows.prefetch_related("coverages__version__product", "coverages__usage", "loans", "holds")
    return list(rows.order_by("-pk")[: MOST_POLICIES + 1])


def row_of(party: Party, policy: Policy, stood: Standing, value: Decimal | None, may_open: bool) -> dict[str, Any]:
    covers = [c for c in stood.covers if c.active] or stood.covers
    as_ = [label for label, pk in (("投保人", policy.policyholder_id), ("被保险人", policy.insured_id)) if pk == party.pk]
    return {
        "policy": policy, "as": "、".join(as_), "openable": may_open, "value": value if may_open else None, "status": stood.status,
        "status_label": PolicyStatus(stood.status).label if stood.status else "未生效", "paid_to": stood.paid_to,
        "products": "、".join(c.version.product.name for c in stood.covers) or policy.product_names,
        "heirs": heirs_in_words(stood) if may_open else "", "sum": sum((c.sum_assured for c in covers), Decimal("0.00")),
        "premium": sum((c.premium + c.extra for c in covers), Decimal("0.00")),
        "loans": total(loan.principal for loan in stood.loans) if may_open else None,
        "other": policy.insured if policy.insured_id != party.pk else policy.policyholder,
    }  # fmt: skip


def heirs_in_words(stood: Standing) -> str:
    """身故受益人 in a few words: the names of the first order, and how many stand behind."""
    if not stood.beneficiaries:
        return "法定"
    first = [b for b in stood.beneficiaries if b.order == stood.beneficiaries[0].order]
    names = "、".join(b.name if b.share_pct is None else f"{b.name} {b.share_pct.normalize():f}%" for b in first[:3])
    rest = len(stood.beneficiaries) - len(first[:3])
    return f"{names} 等 {len(stood.beneficiaries)} 人" if rest else names


def heir_of(party: Party, user: User, day: date) -> list[dict[str, Any]]:
    """Policies of others in which the customer stands as 身故受益人 under a number of his documents."""
    numbers = [party.id_number, *party.identitydocument_rows.filter(until__isnull=True).values_list("number", flat=True)[:PAGE]]
    indexes = [index for number in numbers for index in blind_indexes("party.id", number)]
    rows = Beneficiary.objects.filter(id_index__in=indexes, effective_from__lte=day).filter(Q(effective_to__isnull=True) | Q(effective_to__gt=day))
    found = list(rows.select_related("policy__insured", "policy__branch").defer("id_number", "policy__insured__id_number", "policy__insured__phone").order_by("-policy_id")[:PAGE]) if indexes else []
    mine = openable([b.policy for b in found], user)
    return [{"row": b, "policy": b.policy, "openable": b.policy_id in mine} for b in found]


def roles_of(party: Party, policies: list[Policy], stood: dict[int, Standing]) -> list[tuple[str, int, int]]:
    """(role, policies, of those not ended)."""
    found = []
    for label, name in (("投保人", "policyholder_id"), ("被保险人", "insured_id")):
        mine = [p for p in policies if getattr(p, name) == party.pk]
        found.append((label, len(mine), sum(stood[p.pk].status != PolicyStatus.TERMINATED for p in mine)))
    return found


def sums_on(party: Party, policies: list[Policy], stood: dict[int, Standing], day: date) -> dict[RiskKind, Decimal]:
    """累计风险保额 on the day the standings are of."""
    on_risk = [p for p in policies if p.insured_id == party.pk and stood[p.pk].status in COVERED]
    return risk_on([Valued(policy=p, covers=stood[p.pk].covers, paid_to=stood[p.pk].paid_to) for p in on_risk], day)


def risk_of(party: Party, sums: dict[RiskKind, Decimal], day: date) -> dict[str, Any]:
    """累计风险保额 and, for a minor, what the cap on death benefits still leaves (facts 3.9)."""
    age = party.age(day)
    cap = minors_cap(age) if age is not None else None
    left = minors_headroom(age=age, others=sums[RiskKind.MINOR]) if age is not None else None
    return {"risks": [(label, sums[kind]) for kind, label in LABELS.items()], "minors_cap": cap, "headroom": left}


def cases_of(party: Party, policies: list[Policy], user: User, end: datetime) -> list[Case]:
    """Cases the person may see, accepted before `end`: by the customer, about the policies."""
    about = Q(applicant=party) | Q(policy__in=[p.pk for p in policies])
    rows = Case.objects.visible_to(user).filter(about, accepted_at__lt=end).select_related("branch", "assignee", "holder_branch")
    return list(rows.prefetch_related("letters").order_by("-pk")[:PAGE])


def particulars_of(party: Party, user: User, day: date, then: bool) -> dict[str, Any]:
    """Columns and further rows, masked, each with what a look behind the mask is asked by. Of a day gone by: telephone and
    address of that day, and nothing to look behind or to end."""
    may = {name: not then and user.holds(*found.roles) for name, found in CLASSES.items()}
    contact = contact_on(party, day) if then else {name: getattr(party, name) for name in ("phone", "email", "address", "postcode")}
    held = Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gt=day)) if then else Q(until__isnull=True)

    def line(kind: str, label: str, shown: str, what: str, note: str = "", row: Any = None) -> dict[str, Any]:
        return {"label": label, "shown": shown, "what": what if may[kind] and shown else "", "note": note, "row": row}

    valid = f"有效期至 {party.id_valid_to}" if party.id_valid_to else ""
    lines = [
        line(COLUMNS["id_number"], party.get_id_type_display(), party.id_masked, "id_number", valid),
        line(COLUMNS["phone"], "电话", mask_phone(contact["phone"]), "phone"),
        line(COLUMNS["email"], "电子邮箱", mask_email(contact["email"]), "email"),
        line(COLUMNS["address"], "联系地址", mask_address(contact["address"]), "address", contact["postcode"]),
    ]
    sets: dict[str, Any] = {
        "document": party.identitydocument_rows, "phone": party.phone_rows, "address": party.address_rows,
        "account": party.bankaccount_rows,
    }  # fmt: skip
    for kind, rows in sets.items():
        for row in rows.filter(held).select_related("made_by")[:PAGE]:
            label = {"document": "get_id_type_display", "phone": "get_kind_display", "address": "get_kind_display"}.get(kind)
            words = getattr(row, label)() if label else row.bank
            note = f"有效期至 {row.valid_to}" if kind == "document" and row.valid_to else ""
            lines.append(line(ROWS[kind][1], words, row.shown, f"{kind}-{row.pk}", note, None if then else (kind, row)))
    for row in party.deathrecord_rows.filter(held).select_related("made_by"):
        note = f"{row.since} {row.made_by} 登记" + (f"，{row.source}" if row.source else "")
        lines.append({"label": "身故", "shown": row.shown, "what": "", "note": note, "row": None if then else ("death", row)})
    work = list(party.partyoccupation_rows.filter(since__lte=day)[:5])
    later = then and not work and party.partyoccupation_rows.exists()
    return {
        "lines": lines,
        "occupations": work,
        "work_class": work[0].occupation_class if work else None if later else party.occupation_class,
        "relations": list(party.relationship_rows.filter(held).select_related("other")[:PAGE]),
        "consents": list(party.consent_rows.filter(since__lte=day)[:PAGE]),
    }


def flags_of(
    party: Party, policies: list[Policy], stood: dict[int, Standing], duplicates: list[Duplicate], particulars: dict[str, Any],
    day: date,
) -> list[tuple[str, str]]:
    """(tone, words): what whoever deals with this customer must know first, or would have had to know that day."""
    age, end, found = party.age(day), end_of(day), []
    if party.merged_into_id:
        found.append(("urgent", "已并入另一客户"))
    if party.died_on and party.died_on <= day:
        found.append(("urgent", f"{party.died_on} 身故"))
    if party.id_valid_to and party.id_valid_to < day:
        found.append(("urgent", "证件已过期"))
    elif party.id_valid_to and party.id_valid_to < day + timedelta(days=90):
        found.append(("note", "证件将到期"))
    if age is not None and age < 18:
        found.append(("note", "未成年人"))
        guarded = any(c.purpose == "guardian" and (c.until is None or c.until > day) for c in particulars["consents"])
        if age < 14 and not guarded:
            found.append(("note", "无监护人同意"))
    if age is not None and age >= 60:
        found.append(("note", "老年客户"))
    work = particulars["work_class"]
    if work in (0, 5, 6):
        found.append(("note", "高风险职业" if work else "拒保职业"))
    if not any(line["label"] == "电话" and line["shown"] for line in particulars["lines"]):
        found.append(("note", "无电话"))
    open_ = sum(d.state == DuplicateState.OPEN or (d.decided_at is not None and d.decided_at >= end) for d in duplicates)
    held = sum(held_on(p, day) for p in policies)
    lapsed = sum(stood[p.pk].status == PolicyStatus.LAPSED for p in policies)
    owing = sum(bool(stood[p.pk].loans) for p in policies)
    for number, words in ((open_, "项疑似重复待核"), (held, "张保单挂起"), (lapsed, "张保单中止"), (owing, "张保单有借款")):
        if number:
            found.append(("note", f"{number} {words}"))
    return found


def timeline_of(
    policies: list[Policy], cases: list[Case], letters: list[Any], payments: list[Payment], contacts: list[ContactLog], day: date
) -> list[dict[str, Any]]:
    """The last fifty things that happened by the day, newest first: (day, what, about, address)."""
    end = end_of(day)
    numbers = {p.pk: p for p in policies}
    rows: list[tuple[date, datetime, int, dict[str, Any]]] = []

    def note(at: datetime, what: str, about: str, url: str = "", on: date | None = None) -> None:
        when = on or timezone.localdate(at)
        rows.append((when, at, len(rows), {"on": when, "what": what, "about": about, "url": url}))

    for event in PolicyEvent.objects.filter(policy__in=list(numbers), on__lte=day).order_by("-pk")[:PAGE]:
        label = event.get_kind_display()
        words = f"{label}：{event.note}" if event.note and event.note != label else label
        number = numbers[event.policy_id].number
        note(event.recorded_at, words, number, on=event.on, url=reverse("policies:detail", args=[number]))
    for case in cases:
        note(case.accepted_at, f"受理{case.item_label}", case.number, case.get_absolute_url())
        if case.decided_at and case.decided_at < end:
            note(case.decided_at, f"{case.item_label}：{case.state_label}", case.number, case.get_absolute_url())
    for letter in letters:
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
