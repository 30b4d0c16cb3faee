"""What claims brings to the shared steps: summary, people, effect on the book, data of its letters."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from claims.calculation import covers_of, findings, medical, particulars_of, reckon
from claims.earlier import rescinded_by, rescinded_words, told_of_rescission
from claims.ending import end_contract
from claims.ending_letters import refused_by_law, rescission
from claims.models import Claim, ClaimDecision
from claims.payees import entitled, reason_kept, refusals
from claims.supplement import paid_since, reckoned_then
from lifeops.cases.authority import SameEvent
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case
from lifeops.cases.states import ApplicantKind, State
from lifeops.org.models import User
from lifeops.org.statements import Question
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Coverage, Party, Policy
from lifeops.policies.rules.lines import ZERO, money, yuan
from lifeops.policies.services.as_of import keep_version
from lifeops.policies.services.benefits_after import taken_off_benefit
from lifeops.policies.services.claiming import claim_death_terminate, record_medical_usage
from lifeops.policies.services.ended import ended_by_death, take_supplement
from lifeops.policies.services.locking import hold, locked, release_hold
from lifeops.policies.services.payments import create_payment
from lifeops.policies.services.terms import covers_with_products

__all__ = ["effect", "findings", "letter_data", "on_accept", "people", "same_event", "summary"]

Groups = list[tuple[str, list[tuple[str, str]]]]


def people(case: Case, record: Claim | None) -> list[Party]:
    """Applicant, policyholder and insured."""
    found: dict[int, Party] = {}
    for party in (case.applicant, case.policy and case.policy.insured, case.policy and case.policy.policyholder):
        if party:
            found[party.pk] = party
    return list(found.values())


def summary(case: Case, record: Claim) -> Groups:
    """The claim as label and text, masked."""
    event = [
        ("出险日期", str(record.event_on)), ("出险原因", record.get_cause_display()), ("事故经过", record.description or "—"),
    ]
    if record.benefit:
        event.append(("适用责任", dict(particulars_of(case)).get(record.benefit, record.benefit)))
    groups: Groups = [("事故", event)]
    if case.item == "CL05":
        groups.append(
            (
                "住院",
                [
                    ("诊断", record.diagnosis), ("医院", record.hospital),
                    ("住院", f"{record.admitted_on} 至 {record.discharged_on}"),
                    ("医保已支付", f"{yuan(record.social_insurance)} 元"), ("其他已补偿", f"{yuan(record.other_paid)} 元"),
                ],
            )
        )
        groups.append(
            (
                "费用",
                [
                    (row["category"], f"发票 {yuan(row['invoiced'])}，不属责任 {yuan(row['non_covered'])}，超限额 {yuan(row['over_limit'])}")
                    for row in record.expenses
                ],
            )
        )
    groups.append(
        (
            "领款",
            [
                ("领款人", record.payee), ("关系", record.payee_relation or "—"), ("开户行", record.payee_bank),
                ("账号", record.account_masked),
            ],
        )
    )
    if case.decided_at is not None and case.policy_id:
        groups += kept_contract(case)
    return groups


def kept_contract(case: Case) -> Groups:
    """The contract of the day of the event as it was kept with the case at the decision."""
    kept = case.contract.snapshots.filter(case_number=case.number).order_by("pk").first()
    if kept is None:
        return []
    told = [("保单状态", kept.content["status_label"])]
    told += [
        (f"{c['code']} {c['name']}（{c['version']}）", f"基本保险金额 {yuan(Decimal(c['sum_assured']))} 元{_bonus(c)}，{c['effective_on']} 生效{'，' + c['exclusion'] if c['exclusion'] else ''}")
        for c in kept.content["coverages"]
    ]
    heirs = "、".join(b["name"] for b in kept.content["beneficiaries"])
    return [(f"出险日（{kept.day}）合同", [*told, ("身故受益人", heirs or "法定继承人")])]


def _bonus(kept: dict[str, Any]) -> str:
    amount = Decimal(kept.get("bonus_sum", 0))
    return f"，累积红利保险金额 {yuan(amount)} 元" if amount else ""


def applicant_fault(*, item: str, kind: str, applicant: Party | None, policy: Policy | None) -> str:
    """Why nobody of this kind, or not this person, can ask; "" where it may be. A death claim comes from who survives (保险法23、42)."""
    of_the_dead = kind == ApplicantKind.INSURED or (policy is not None and applicant is not None and applicant.pk == policy.insured_id)
    return "被保险人身故，不能作申请人：请登记受益人、继承人或其监护人、受托人" if item == "CL01" and of_the_dead else ""


def on_accept(case: Case, actor: User, now: datetime) -> None:
    """A death claim holds the policy; where another case holds it the pre-check says so."""
    if words := applicant_fault(item=case.item, kind=case.applicant_kind, applicant=case.applicant, policy=case.policy):
        raise Invalid({"applicant_kind": [words]})
    if case.item == "CL01" and case.policy is not None:
        try:
            hold(case.policy, case.number)
        except BookRefused:
            return


def same_event(case: Case, *, key_only: bool = False) -> SameEvent:
    """Other claims of the insured, on whatever policy, of the same day or of a stay that overlaps, that are concluded."""
    record = case.record
    if record is None or case.policy_id is None:
        return SameEvent()
    insured = case.contract.insured_id
    if key_only:
        return SameEvent(str(insured))
    if record.admitted_on and record.discharged_on:
        amounts = _of_the_stay.flat(insured, case.pk, record.event_on, record.admitted_on, record.discharged_on)
    else:
        amounts = _of_the_day.flat(insured, case.pk, record.event_on)
    return SameEvent(str(insured), sum(amounts, Decimal("0.00")), len(amounts))


def _concluded(insured: int, case: int, same: Q) -> Any:
    others = Claim.objects.filter(same, case__policy__insured=insured).exclude(case=case).exclude(case__state=State.WITHDRAWN)
    rows = ClaimDecision.objects.filter(case__in=others.values("case"), superseded=False, amount__gt=0)
    return rows.order_by().values_list("amount")


@Question(int, int, date)
def _of_the_day(insured: int, case: int, day: date) -> Any:
    return _concluded(insured, case, Q(event_on=day))


@Question(int, int, date, date, date)
def _of_the_stay(insured: int, case: int, day: date, admitted: date, discharged: date) -> Any:
    return _concluded(insured, case, Q(event_on=day) | Q(admitted_on__lte=discharged, discharged_on__gte=admitted))


def effect(*, case: Case, decision: ClaimDecision | None, actor: User, now: datetime) -> None:
    """After the last signature, or after withdrawal: payment, usage, end of the contract, end of the hold."""
    if case.policy_id is None:
        return
    policy, record = case.contract, case.record
    covers, held, stands = list[Coverage](), True, policy
    if decision is not None:
        # locked before it is read: one reading holds for all that follows
        stands = locked(policy)
        held = stands.hold_case == case.number
        covers = covers_with_products(policy)
    if decision is not None and record is not None:
        # before the book changes: the contract of the day of the event stays with the case
        keep_version(policy=policy, day=record.event_on, case_number=case.number, now=now, covers=covers)
    if decision is not None and decision.is_positive and decision.amount > 0:
        if (gone := rescinded_by(case, stands)) is not None and not told_of_rescission(decision, gone):
            raise Refused([f"审核后{rescinded_words(gone)}，请退回审核"], who="审核人")
        another = record.payee not in entitled(case, record)
        reason = (another and reason_kept(case)) or decision.opinion
        if wrong := refusals(case, record, decision.amount, reason=reason, covers=covers):
            raise Refused(wrong, who="审核人：退回审核后重新核对收款人")
        off = _still_due(case, record, decision) if case.item == "CL01" else ZERO
        again = case.item == "CL01" and ended_by_death(policy) is not None
        if again:
            take_supplement(policy=policy, case_number=case.number, amount=decision.amount, actor=actor, now=now)
        create_payment(
            case_number=case.number, policy=policy, branch_id=case.branch_id, purpose=case.item_label, payee=record.payee,
            bank=record.payee_bank, account=record.payee_account, amount=decision.amount, actor=decision.made_by, now=now,
            kind="claim", third_party_reason=reason[:200] if another else "",
            approved_by=decision.signed_by if another and not decision.single else None, held=True,
        )
        if again:
            case.note(supplement=f"{decision.amount:.2f}")
        elif case.item == "CL01":
            claim_death_terminate(
                policy=policy, case_number=case.number, died_on=record.event_on, actor=actor, now=now, owed_back_off=off
            )
        else:
            _use(case, record, decision, covers)
    elif decision is not None and record is not None and decision.ends:
        end_contract(case=case, record=record, decision=decision, actor=actor, now=now)
    if held:
        release_hold(policy, case.number)


def _still_due(case: Case, record: Claim, decision: ClaimDecision) -> Decimal:
    """Of a death what is due by now: another contract of the same child may have been concluded at the same moment, a loan repaid.
    Returns what is taken off it for benefits collected after the death."""
    if number := paid_since(case, decision):
        raise Refused([f"审核后案件 {number} 已给付同一身故，请退回审核，减去已给付的重新理算"], who="审核人")
    found = reckon(case, record).calculation
    if found.amount != (then := reckoned_then(decision)):
        raise Refused([f"审核后应付金额有变化：现应付 {yuan(found.amount)} 元，审核时为 {yuan(then)} 元，请退回审核"], who="审核人")
    return taken_off_benefit(found)


def _use(case: Case, record: Claim, decision: ClaimDecision, covers: list[Coverage]) -> None:
    """What was paid counts against the benefits it was reckoned for; an amount other than reckoned, in their proportion."""
    due = medical(case, record, covers_of(case, record.event_on, covers))
    left, whole = decision.amount, due.calculation.amount
    for number, part in enumerate(due.parts, start=1):
        exact = part.calculation.amount if whole == decision.amount else money(decision.amount * part.calculation.amount / whole) if whole else left
        paid = left if number == len(due.parts) else min(left, exact)
        left -= paid
        record_medical_usage(
            coverage=part.coverage, case_number=case.number, policy_year=part.year, benefit=part.benefit, deductible=part.deductible,
            cost=part.cost, before=part.before, paid=paid, day=record.event_on, held=True,
        )


def letter_data(kind: str, case: Case, decision: ClaimDecision) -> dict[str, Any]:
    """Content of 理赔决定通知书 and 拒绝给付通知书."""
    record, policy = case.record, case.contract
    common = {
        "addressee": case.subject_name, "policy_number": policy.number, "product": policy.product_names,
        "holder": policy.policyholder.name, "insured": policy.insured.name, "item": case.item_label,
        "event": record.description or f"{record.get_cause_display()}，{record.diagnosis or '身故'}",
        "event_on": record.event_on, "requested_on": case.submitted_on,
        "decided_on": timezone.localdate(decision.signed_at),
    }
    evidence = [row.label for row in case.checklist.exclude(received="none")] or ["申请资料"]
    if kind == "rescission_notice":
        return common | rescission(case, record, decision) | {"evidence": evidence}
    if kind == "claim_refusal":
        return common | refused_by_law(case, decision) | {
            "facts": decision.opinion, "evidence": evidence, "clauses": [
                {"source": c.version.product.name, "article": "保险责任", "wording": c.version.clause} for c in covers_of(case, record.event_on) or covers_of(case)
            ] or [{"source": policy.product_names, "article": "保险责任", "wording": "详见保险合同"}],
            "reasons": [{"code": decision.reason_code, "title": decision.reason_label, "detail": decision.opinion}],
        }
    return common | {
        "outcome": decision.outcome_label, "opinion": decision.opinion,
        "sums": [
            {"label": row["label"], "formula": row["formula"], "amount": Decimal(row["value"])}
            for row in decision.lines if row.get("counts", True)
        ],
        "total": decision.amount,
        "payees": [
            {"name": record.payee, "relation": record.payee_relation, "bank": record.payee_bank,
             "account": record.payee_account, "amount": decision.amount}
        ],
    }
