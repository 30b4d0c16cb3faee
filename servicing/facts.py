"""What the rules look at, gathered from case, request and book; and what is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.cases.states import UNDECIDED, ApplicantKind
from lifeops.documents.checklists import papers_seen
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import mask_phone
from lifeops.policies.models import Beneficiary, MedicalUsage, Party, PaymentKind, Policy, PolicyStatus
from lifeops.policies.models.policy import Relation
from lifeops.policies.rules.benefits import shares_error
from lifeops.policies.rules.cash import interest
from lifeops.policies.rules.lines import ZERO, Calculation, plain
from lifeops.policies.rules.payees import PayeeFacts, payee_checks
from lifeops.policies.services.benefits import answers_for_death
from lifeops.policies.services.collecting import entitled
from lifeops.policies.services.events import not_before_last_move
from lifeops.policies.services.holds import CLAIM_FIRST, by_code, conflicts
from lifeops.policies.services.parties import account_holder, others_with_phone
from lifeops.policies.services.servicing import cooling_off_refund, debts_of, surrender_value
from lifeops.policies.services.terms import covers_with_products
from lifeops.screening.rules import Person
from servicing import benefit, dividend, heirs, holder, overpaid, rescission
from servicing.contract import ITEMS as CONTRACT_ITEMS
from servicing.contract import consent_of, contract_findings, due_on, effective_day
from servicing.models import ChangeRequest, ServicingDecision
from servicing.rules import (
    ALLOWED,
    HOLDER_ONLY,
    KIN,
    SHARED_PHONE,
    CommonFacts,
    ContactFacts,
    ExitFacts,
    HeirFacts,
    common_findings,
    contact_findings,
    exit_findings,
    heir_findings,
    money_out_findings,
)

#: Items that end the contract.
MONEY_ITEMS = ("PS01", "PS02")
#: Items that pay out to the policyholder, the contract going on.
PAID_OUT = ("PS03", "PS09")
#: Items that hold the policy while they are in hand: all that change a contract.
HOLDING = tuple(ALLOWED)
#: As what their money leaves; that of the others as a refund.
KINDS = {"PS09": PaymentKind.LOAN} | dict.fromkeys(benefit.ITEMS, PaymentKind.BENEFIT)
CONTACT_FIELDS = ("phone", "email", "address", "postcode")
RECENT = timedelta(days=30)


def payment_kind(case: Case) -> PaymentKind:
    return KINDS.get(case.item, PaymentKind.REFUND)


def day_of(case: Case) -> date:
    """The day from which the change holds: 退保 when the notice reached the company (保险法 47), not before what was lent or given
    up since; 溢缴退费 on the day it is looked at; else when asked."""
    if case.item in CONTRACT_ITEMS:
        return effective_day(case, case.record)
    if case.item == overpaid.ITEM:
        return timezone.localdate()
    if case.item == rescission.ITEM:
        return rescission.day_of(case)
    return not_before_last_move(case.contract, case.submitted_on) if case.item == "PS02" else case.asked_on


def amount_due(case: Case, record: ChangeRequest) -> Calculation:
    """What is paid, out or in, with its lines; nothing for items without money. Raises BookRefused where a table is missing."""
    if case.item in CONTRACT_ITEMS:
        return due_on(case, record)
    if case.item == dividend.ITEM:
        return dividend.due_of(case, record)
    if case.item == overpaid.ITEM:
        return overpaid.due_of(case, record, day_of(case))
    if case.item == rescission.ITEM:
        return rescission.due_of(case)
    if case.item == "PS01":
        return cooling_off_refund(case.contract, day_of(case), work_cost=record.work_cost)
    if case.item == "PS02":
        return surrender_value(case.contract, day_of(case))
    return Calculation.of([])


def current_beneficiaries(policy: Policy) -> list[Beneficiary]:
    return list(policy.beneficiaries.filter(effective_to__isnull=True).order_by("order", "pk"))


def beneficiary_key(row: object) -> tuple[str, str, int, str]:
    """What makes two beneficiary rows the same: who, relation, order, share."""
    get: Callable[[str], Any] = row.get if isinstance(row, dict) else partial(getattr, row)
    share = get("share_pct")
    who = get("id_number") or get("name")
    return who, get("relation"), int(get("order") or 1), "" if share in (None, "") else plain(Decimal(str(share)))


def contact_changes(record: ChangeRequest) -> dict[str, str]:
    """The asked values that differ from what is on file; what is left empty stays."""
    if record.subject is None:
        return {}
    wanted = {name: getattr(record, name) for name in CONTACT_FIELDS}
    return {name: value for name, value in wanted.items() if value and value != getattr(record.subject, name)}


def gather(case: Case, record: ChangeRequest, now: datetime, *, deciding: bool = False) -> list[FindingSpec]:
    """All rules of the item on the case as it is; `deciding` at the conclusion that grants it and under its signature."""
    found = common_findings(_common(case, record)) + _held(case)
    if case.item in CONTRACT_ITEMS:
        found += contract_findings(case, record, now, deciding=deciding)
        if case.item in benefit.ITEMS:
            found += _paid_to(case, record, due_on(case, record).amount)
        if case.item in PAID_OUT:
            facts = _exit(case, record, now)
            found += money_out_findings(facts) + _payee(case, record, facts.due or ZERO)
        return found
    if case.item == dividend.ITEM:
        found += dividend.findings_of(case, record, day_of(case))
        facts = _exit(case, record, now)
        return found + (money_out_findings(facts) + _paid_to(case, record, facts.due) if facts.due else [])
    if case.item == overpaid.ITEM:
        facts = _exit(case, record, now)
        return found + overpaid.findings_of(case, record, day_of(case)) + money_out_findings(facts) + _paid_to(case, record, facts.due or ZERO)
    if case.item == rescission.ITEM:
        return found + rescission.findings_of(case)
    if case.item in MONEY_ITEMS:
        facts = _exit(case, record, now)
        return found + exit_findings(facts) + _payee(case, record, facts.due or ZERO)
    if case.item == holder.ITEM:
        return found + holder.findings_of(case, record, day_of(case))
    if case.item == "PS13":
        return found + heir_findings(_heirs(case, record))
    return found + contact_findings(_contact(case, record))


def _held(case: Case) -> list[FindingSpec]:
    """Freezes, pledges and the like on the policy; the hold of another case and open claims have rules of their own."""
    found = by_code(conflicts(case.contract, case.item, case_number=case.number))
    return [FindingSpec(c.code, c.level, c.message, c.value, c.limit, c.source) for c in found if c.code != "H01"]


#: Papers without which another than the policyholder is not paid.
THIRD_PAPERS = {"PAYEE_AUTH": "投保人签名的委托付款书", "ID_PAYEE": "收款人证件", "PAYEE_RELATION": "关系证明"}


def is_third_party(case: Case, record: ChangeRequest) -> bool:
    """Whether money of the policyholder would go to another; survival benefits are the beneficiary's. Heirs are others."""
    if heirs.by_heirs(case):
        return True
    return case.item not in benefit.ITEMS and bool(record.payee) and record.payee != case.contract.policyholder.name


def third_missing(case: Case, record: ChangeRequest) -> list[str]:
    """What must be there before another than the policyholder is paid."""
    if heirs.by_heirs(case) or not is_third_party(case, record):
        return []
    seen = papers_seen(case)
    told = (("原因", record.third_reason), ("与投保人的关系", record.payee_relation), ("收款人证件号码", record.payee_id_number))
    return [words for words, value in told if not value] + [words for code, words in THIRD_PAPERS.items() if code not in seen]


def _paid_to(case: Case, record: ChangeRequest, due: Decimal) -> list[FindingSpec]:
    """Whoever is paid: the payee, or each of the heirs."""
    return _payee(case, record, due) + (heirs.findings_of(case, record, due) if heirs.by_heirs(case) else [])


def _payee(case: Case, record: ChangeRequest, due: Decimal) -> list[FindingSpec]:
    """反洗钱: what must be seen and written down before money goes back (facts 3.8). That it goes to the policyholder, or why to
    another, is a rule of its own (S15)."""
    applicant, seen, policy = case.applicant, papers_seen(case), case.contract
    of_benefit = case.item in benefit.ITEMS
    facts = PayeeFacts(
        kind=payment_kind(case), amount=due, payee=record.payee, account_holder=account_holder(record.payee_account, record.payee),
        beneficiary_id_kept=not heirs.by_heirs(case) or "ID_HEIR" in seen, entitled=[record.payee] if of_benefit else [policy.policyholder.name], reason=record.get_why_display() or record.why_text,
        identity_verified=bool(applicant and applicant.id_number) and "ID_APPLICANT" in seen,
        product_kinds=[c.version.product.kind for c in covers_with_products(policy)] if of_benefit else (),
        by_proxy=case.applicant_kind == ApplicantKind.PROXY or case.handler_id is not None, proxy_verified={"POWER_OF_ATTORNEY", "ID_PROXY"} <= seen,
    )  # fmt: skip
    # whose account it is can be told only where it is on file; of heirs by a rule of their own
    left_out = ("A02",) if facts.account_holder and not heirs.by_heirs(case) else ("A01", "A02")
    found = [c for c in payee_checks(facts) if c.code not in left_out]
    return [FindingSpec(c.code, c.level, c.message, c.value[:100], c.limit[:100], c.source) for c in found]


def _common(case: Case, record: ChangeRequest) -> CommonFacts:
    policy, applicant = case.contract, case.applicant
    subject = record.subject if case.item == "PS14" and record.subject else policy.insured
    label = "变更对象" if case.item == "PS14" else "被保险人"
    # a right of the policyholder ends with him as well: his heirs become policyholder first (投保人变更), no proxy acts for the dead
    # what an ended contract has left to him is his, also where it ended by the insured's death
    ended = policy.status == PolicyStatus.TERMINATED and case.item in (dividend.ITEM, overpaid.ITEM)
    if ended or (subject.died_on is None and (case.item in HOLDER_ONLY or (case.item in benefit.ITEMS and entitled(policy, ended=benefit.is_end(case)) == policy.policyholder))):
        subject, label = policy.policyholder, label if _same(subject, policy.policyholder) else "投保人"
    by_heirs, succeeds = heirs.by_heirs(case), heirs.succeeds(case)
    if by_heirs or succeeds:
        subject, label = heirs.left_by(policy, case.item)
    claims = Case.objects.filter(policy=policy, line="claims", state__in=UNDECIDED).order_by("pk")
    return CommonFacts(
        item=case.item, submitted_on=case.submitted_on, asked_on=case.asked_on, accepted_on=timezone.localdate(case.accepted_at), status=policy.status, status_label=policy.get_status_display(),
        held_by="" if policy.hold_case == case.number else policy.hold_case,
        open_claims=list(claims.values_list("number", flat=True)[:3]), applicant=applicant.name if applicant else "",
        applicant_kind=case.applicant_kind, applicant_kind_label=case.get_applicant_kind_display() or "身份未登记",
        is_holder=_same(applicant, policy.policyholder), is_insured=_same(applicant, policy.insured),
        id_valid_to=applicant.id_valid_to if applicant else None, died_on=subject.died_on,
        died_label=label, claim_first=case.item in CLAIM_FIRST,
        is_heir=heirs.is_heir(case, record) if by_heirs else record.subject_id == case.applicant_id if succeeds else None, is_entitled=case.item in benefit.ITEMS and _same(applicant, entitled(policy, ended=benefit.is_end(case))),
    )


def _same(one: Party | None, other: Party) -> bool:
    return one is not None and one.pk == other.pk


def _exit(case: Case, record: ChangeRequest, now: datetime) -> ExitFacts:
    policy, why_not, due = case.contract, "", None
    try:
        due = amount_due(case, record).amount
    except BookRefused as error:
        why_not = str(error)
    day = day_of(case)
    owed = sum((d.principal + interest(d, day) for d in debts_of(policy, day)), ZERO)
    claimed = MedicalUsage.objects.filter(coverage__policy=policy).aggregate(total=Sum("paid"))["total"]
    changed = ServicingDecision.objects.filter(
        case_id__in=ChangeRequest.objects.filter(subject_id=policy.policyholder_id).values("case_id"), outcome="APPROVE",
        superseded=False, signed_at__gte=now - RECENT,
    ).order_by("-pk").values_list("signed_at", flat=True).first()
    return ExitFacts(
        item=case.item, asked_on=case.asked_on, delivered_on=policy.delivered_on,
        cooling_off_end=policy.cooling_off_end, due=due, why_not=why_not, owed=owed, work_cost=record.work_cost,
        claimed=claimed or ZERO, payee=record.payee, holder=policy.policyholder.name,
        third_reason=record.get_third_reason_display(), third_missing=third_missing(case, record),
        contact_changed_on=timezone.localdate(changed) if changed else None, to_heirs=heirs.by_heirs(case),
    )


def _heirs(case: Case, record: ChangeRequest) -> HeirFacts:
    policy, new = case.contract, list(record.beneficiaries.all())
    covers = policy.coverages.filter(active=True).select_related("version__product")
    before, after = current_beneficiaries(policy), new
    return HeirFacts(
        **vars(consent_of(case, record)),
        death_cover=any(answers_for_death(c) for c in covers),
        wrong_shares=shares_error((row.order, row.share_pct) for row in new),
        unchanged=sorted(map(beneficiary_key, before)) == sorted(map(beneficiary_key, after)),
        without_id=[row.name for row in new if not row.id_number],
        not_kin=[f"{row.name}（{row.relation}）" for row in new if row.relation not in KIN],
        employer=policy.relation == Relation.EMPLOYEE,
    )


def _contact(case: Case, record: ChangeRequest) -> ContactFacts:
    policy, subject, changes = case.contract, record.subject, contact_changes(record)
    phone = changes.get("phone", "")
    return ContactFacts(
        subject=subject.name if subject else "未选择",
        subject_in_policy=subject is not None and subject.pk in (policy.policyholder_id, policy.insured_id),
        own=subject is not None and _same(case.applicant, subject), applicant_kind=case.applicant_kind,
        phone=mask_phone(phone), unchanged=not changes,
        sharers=others_with_phone(subject, phone, most=SHARED_PHONE) if subject and phone else 0,
    )


def persons(case: Case, record: ChangeRequest) -> list[Person]:
    """Whom the change is about, who receives or pays money, who is to be 受益人, for 名单核查."""
    found = [Person.of("新投保人" if case.item == holder.ITEM else "变更对象", record.subject)] if record.subject else []
    found += heirs.persons(record)
    found += [Person("收款人", record.payee, None, (record.payee_id_number,) if record.payee_id_number else ()), Person("交款人", record.payer)]
    rows = record.beneficiaries.all() if case.item == "PS13" else ()
    return found + [Person("受益人", b.name, b.birth_date, (b.id_number,) if b.id_number else ()) for b in rows]
