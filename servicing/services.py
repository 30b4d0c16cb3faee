"""What 保全 brings to the shared steps: summary, people, effect on the book, data of its letters."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.cases.states import ApplicantKind
from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import mask_id
from lifeops.policies.models import Endorsement, Party, Policy
from lifeops.policies.rules.lines import Calculation, yuan
from lifeops.policies.rules.payees import REFUND_FROM
from lifeops.policies.services.locking import hold, locked, release_hold
from lifeops.policies.services.payments import create_payment
from lifeops.policies.services.servicing import cancel_in_cooling_off, change_beneficiaries, change_contact, surrender
from servicing import benefit, dividend, heirs, holder, overpaid, rescission
from servicing.comparison import compare
from servicing.contract import ITEMS as CONTRACT_ITEMS
from servicing.contract_acts import contract_effect, contract_groups
from servicing.contract_letters import contract_letter, payee_words, sums_of
from servicing.facts import (
    HOLDING,
    MONEY_ITEMS,
    PAID_OUT,
    amount_due,
    contact_changes,
    day_of,
    gather,
    is_third_party,
    payment_kind,
)
from servicing.models import ChangeRequest, ConsentBy, PaidHow, ServicingDecision
from servicing.wording import ADVICE, BASIS

__all__ = ["blocked", "changes_tab", "effect", "findings", "letter_data", "on_accept", "people", "summary"]

#: 批准岗 that counts as senior management for paying another (客户尽职调查办法 13).
SENIOR_GRADE = 3
Groups = list[tuple[str, list[tuple[str, str]]]]


def findings(case: Case, record: ChangeRequest | None, now: datetime) -> list[FindingSpec]:
    """The line's rules, what asks for a look first; nothing before entry. Once decided, the run that the case left the branch with: the book has
    changed by the case itself since."""
    if record is None or case.policy is None:
        return []
    if case.decided_at is not None:
        rows = case.findings.filter(stage="entry").order_by("code")
        found = [FindingSpec(r.code, r.level, r.message, r.value, r.limit, r.source) for r in rows]
    else:
        found = gather(case, record, now)
    return sorted(found, key=lambda row: ("block", "warn", "pass").index(row.level))


def blocked(case: Case, record: ChangeRequest, now: datetime) -> list[str]:
    """Why the change may not be made now."""
    return [f"{f.message}（{f.value}）" for f in gather(case, record, now, deciding=True) if f.level == "block"]


def people(case: Case, record: ChangeRequest | None) -> list[Party]:
    """Applicant, policyholder, insured and whom the change is about."""
    found: dict[int, Party] = {}
    policy = case.policy
    for party in (case.applicant, policy and policy.policyholder, policy and policy.insured, record and record.subject):
        if party:
            found[party.pk] = party
    return list(found.values())


def summary(case: Case, record: ChangeRequest) -> Groups:
    """The request as label and text, masked, with before and after."""
    changed = [(row["label"], f"{row['before']} → {row['after']}") for row in compare(case, record)
               if row["before"] != row["after"]]
    groups: Groups = [("变更对照", changed or [("变更", "与登记内容相同")])]
    if case.item in CONTRACT_ITEMS:
        groups += contract_groups(case, record)
    if case.item in (*MONEY_ITEMS, *PAID_OUT, *benefit.ITEMS):
        if case.item in MONEY_ITEMS:
            groups.append(("申请", _exit_rows(case, record)))
        groups += _paid_to(case, record)
    elif case.item == dividend.ITEM:
        groups.append(("申请", dividend.asked_rows(case, record, case.asked_on)))
        if record.asked:
            groups += _paid_to(case, record)
    elif case.item == overpaid.ITEM:
        groups += [("申请", overpaid.asked_rows(case, record, day_of(case))), *_paid_to(case, record)]
    elif case.item == rescission.ITEM:
        groups.append(("解约", rescission.asked_rows(case, record)))
    elif case.item == holder.ITEM:
        groups.append(("申请", holder.asked_rows(case, record)))
    elif case.item == "PS13":
        policy = case.contract
        groups.append(
            (
                "被保险人同意",
                [
                    ("投保人", policy.policyholder.name), ("被保险人", policy.insured.name),
                    ("同意人", record.get_consent_by_display() or "被保险人本人申请"),
                    ("同意书签署日", str(record.consent_on or "—")), ("生效日", str(case.asked_on)),
                ],
            )
        )
    elif case.item == "PS14":
        groups.append(("变更对象", [("姓名", record.subject.name if record.subject else ""), ("影响", "该客户名下全部保单")]))
    return groups


def _paid_to(case: Case, record: ChangeRequest) -> Groups:
    """The payee, or the heirs with what each of them gets."""
    if not heirs.by_heirs(case):
        return [_payee_group(record)]
    decision = case.current_decision()
    if decision is not None and decision.is_positive:
        return heirs.groups(case, record, decision.amount)
    try:
        due = amount_due(case, record).amount
    except BookRefused:
        due = Decimal("0.00")
    return heirs.groups(case, record, due)


def _payee_group(record: ChangeRequest) -> tuple[str, list[tuple[str, str]]]:
    return "领款", [("收款人", record.payee), ("开户行", record.payee_bank), ("账号", record.account_masked), *_third_rows(record)]


def _third_rows(record: ChangeRequest) -> list[tuple[str, str]]:
    if not record.third_reason:
        return []
    return [
        ("付给他人的原因", record.third_why), ("是投保人的", record.get_payee_relation_display()),
        ("收款人证件", f"{record.get_payee_id_type_display()} {mask_id(record.payee_id_number)}"),
    ]  # fmt: skip


def _exit_rows(case: Case, record: ChangeRequest) -> list[tuple[str, str]]:
    policy = case.contract
    rows = [
        ("退保原因", record.get_why_display()), ("原因说明", record.why_text or "—"),
        ("申请日", str(case.asked_on)), ("签收日", str(policy.delivered_on or "未登记")),
        ("犹豫期止", str(policy.cooling_off_end or "未起算")),
    ]
    return rows + ([("工本费", f"{yuan(record.work_cost)} 元")] if case.item == "PS01" else [])


def changes_tab(case: Case, user: User) -> dict[str, Any]:
    """变更对照, and the 批单 once it is written."""
    record = case.record
    endorsements = Endorsement.objects.filter(case_number=case.number).select_related("made_by").order_by("pk")
    decision = case.current_decision()
    made = decision is not None and decision.is_positive and decision.signed_at is not None
    return {
        "rows": compare(case, record) if record else [], "made": made, "ended": case.decided_at is not None,
        "endorsements": endorsements,
    }


def applicant_fault(*, item: str, kind: str, applicant: Party | None, policy: Policy | None) -> str:
    """Why nobody of this kind can ask; "" where it may be. An heir comes only after somebody who is known to have died."""
    if kind != ApplicantKind.HEIR or policy is None:
        return ""
    if words := heirs.cannot_apply(policy, item):
        return words
    return f"{applicant.name}已登记身故，请填写前来办理的继承人" if applicant is not None and applicant.died_on else ""


def on_accept(case: Case, actor: User, now: datetime) -> None:
    """What may change the contract holds the policy; where another case holds it the pre-check says so."""
    if words := applicant_fault(item=case.item, kind=case.applicant_kind, applicant=case.applicant, policy=case.policy):
        raise Invalid({"applicant_kind": [words]})
    if case.item in HOLDING and case.policy is not None:
        try:
            hold(case.policy, case.number)
        except BookRefused:
            return


def effect(*, case: Case, decision: ServicingDecision | None, actor: User, now: datetime) -> None:
    """After the last signature, or after withdrawal: the change of the book, its 批单, the payment, end of the hold."""
    if case.policy is None:
        return
    if decision is not None and decision.is_positive:
        # locked before the rules look at it: what was read of it for the signature may have changed at this moment
        case.policy = locked(case.policy)
    policy, record = case.policy, case.record
    if record is not None:
        record.comparison = compare(case, record)
        record.save(update_fields=["comparison"])
    if decision is not None and decision.is_positive:
        if reasons := blocked(case, record, now):
            raise Refused(reasons, who="审核岗：退回审核后重新作出结论")
        _change(case, record, decision, actor, now)
    release_hold(policy, case.number)


def _change(case: Case, record: ChangeRequest, decision: ServicingDecision, actor: User, now: datetime) -> None:
    common: dict[str, Any] = {"case_number": case.number, "actor": actor, "now": now}
    on_policy = common | {"policy": case.policy, "day": day_of(case)}
    if case.item == "PS14":
        fields: dict[str, Any] = common | contact_changes(record) | {"party": record.subject}
        case.note(changes=change_contact(**fields))
        return
    if case.item in CONTRACT_ITEMS:
        done = contract_effect(case=case, record=record, decision=decision, actor=actor, now=now)
        if case.item in (*PAID_OUT, *benefit.ITEMS):
            _pay(case, record, decision, done.due, now)
        case.note(**done.facts)
        return
    if case.item == overpaid.ITEM:
        due = overpaid.done(record=record, **on_policy)
        _pay(case, record, decision, due, now)
        case.note(refunded=f"{due.amount:.2f}")
        return
    if case.item == rescission.ITEM:
        rescission.done(case=case, decision=decision, **on_policy)
        return
    if case.item == holder.ITEM:
        endorsement = holder.done(record=record, **on_policy)
    elif case.item == "PS13":
        rows = [
            {name: getattr(row, name) for name in
             ("name", "sex", "birth_date", "id_type", "id_number", "relation", "order", "share_pct")}
            for row in record.beneficiaries.all()
        ]
        endorsement = change_beneficiaries(beneficiaries=rows, **on_policy)
    elif case.item == dividend.ITEM:
        endorsement, due = dividend.done(record=record, **on_policy)
        _pay(case, record, decision, due, now)
    elif case.item == "PS01":
        endorsement, due = cancel_in_cooling_off(work_cost=record.work_cost, **on_policy)
        _pay(case, record, decision, due, now)
    else:
        endorsement, due = surrender(**on_policy)
        _pay(case, record, decision, due, now)
    case.note(endorsement=endorsement.number)


def second_signature(case: Case) -> str:
    """Another than the policyholder is paid on two signatures, however small the sum (客户尽职调查办法 13). So is money booked that
    nothing but the reference keyed with the case says came in; what the bank's file has brought waits as 暂收."""
    record = case.record
    if record is None:
        return ""
    if case.item == "PS10":
        return "" if record.paid_how == PaidHow.SUSPENSE else "款项未经银行到账文件核对，须由另一人批准"
    if heirs.by_heirs(case):
        return "付给继承人须由另一人批准"
    return "付给他人须由另一人批准" if is_third_party(case, record) else ""


def least_grade(case: Case, amount: Decimal) -> int:
    """From 10,000 元 on paying another needs a senior approver."""
    record = case.record
    return SENIOR_GRADE if record is not None and amount >= REFUND_FROM and is_third_party(case, record) else 0


def _pay(case: Case, record: ChangeRequest, decision: ServicingDecision, due: Calculation, now: datetime) -> None:
    """What was concluded is what is paid: refused where the book would pay something else by now."""
    if due.amount != decision.amount:
        raise Refused(
            [f"审核后保单账目有变化：现应退 {yuan(due.amount)} 元，结论为 {yuan(decision.amount)} 元，请退回审核"],
            who="审核人",
        )
    if due.amount <= 0:
        return
    common: dict[str, Any] = {
        "case_number": case.number, "policy": case.policy, "branch_id": case.branch_id, "purpose": case.item_label, "actor": decision.made_by,
        "now": now, "kind": payment_kind(case),
    }  # fmt: skip
    if heirs.by_heirs(case):
        rows = list(record.heirs.all())
        for row, part in heirs.parts(due.amount, rows):
            if part.amount > 0:
                create_payment(
                    payee=row.name, bank=row.bank, account=row.account, amount=part.amount, third_party_reason=heirs.reason(case, record, row, rows),
                    approved_by=None if decision.single else decision.signed_by, **common,
                )
        return
    create_payment(
        payee=record.payee, bank=record.payee_bank, account=record.payee_account, amount=due.amount, third_party_reason=record.third_words[:200],
        approved_by=decision.signed_by if record.third_reason and not decision.single else None, **common,
    )


def letter_data(kind: str, case: Case, decision: ServicingDecision) -> dict[str, Any]:
    """Content of the papers of a decision."""
    policy = case.contract
    common = {
        "addressee": policy.policyholder.name, "addressee_address": policy.policyholder.address,
        "policy_number": policy.number, "product": policy.product_names, "holder": policy.policyholder.name,
        "insured": policy.insured.name, "item": case.item_label, "applied_on": case.asked_on,
    }
    if (heirs.by_heirs(case) or heirs.succeeds(case)) and case.applicant is not None:
        # to whom it belongs can read no letter
        common |= {"addressee": case.applicant.name, "addressee_address": case.applicant.address}
    if kind == "ps_refusal":
        return common | _refusal(case, decision)
    if case.item == rescission.ITEM:
        return rescission.letter(case, decision, sums_of(decision, counting=True))
    if case.item in CONTRACT_ITEMS:
        return common | contract_letter(kind, case, decision)
    if case.item == overpaid.ITEM:
        return common | overpaid.letter(case.record, decision, sums_of(decision, counting=True), payee_words(case, case.record))
    return common | _endorsement(case, decision)


def _endorsement(case: Case, decision: ServicingDecision) -> dict[str, Any]:
    endorsement, policy = Endorsement.objects.filter(case_number=case.number).latest("pk"), case.contract
    words = [f"批单号 {endorsement.number}。"]
    data: dict[str, Any] = {"effective_on": endorsement.effective_on}
    record = case.record
    if case.item in MONEY_ITEMS or case.item == dividend.ITEM:
        ends = case.item in MONEY_ITEMS
        if ends or decision.amount:
            data |= {
                "sums": sums_of(decision, counting=True), "total": decision.amount, "direction": "应退还金额" if ends else "应付金额",
            }
        if ends:
            data["closing"] = "自批单生效日起保险合同终止，本公司不再承担保险责任。"
        if decision.amount > 0:
            words.append(payee_words(case, record))
        changes = [row for row in compare(case, record) if row["label"] not in ("应退金额", "应付金额")]
    elif case.item == holder.ITEM:
        words += holder.words(case, record)
        changes = compare(case, record)
    else:
        by_insured = case.applicant_id == policy.insured_id and not record.consent_by
        agreed = "已经被保险人的监护人书面同意" if record.consent_by == ConsentBy.GUARDIAN else "已经被保险人书面同意"
        words.append(f"本次变更{'由被保险人提出' if by_insured else agreed}（保险法第四十一条）。")
        changes = compare(case, record)
    return data | {
        "changes": [{"entry": c["label"], "before": c["before"], "after": c["after"]} for c in changes],
        "remark": "\n".join(words),
    }


def _refusal(case: Case, decision: ServicingDecision) -> dict[str, Any]:
    originals = case.checklist.filter(received="original", doc_type_id="CONTRACT")
    return {
        "decided_on": timezone.localdate(decision.signed_at),
        "reasons": [{"code": decision.reason_code, "title": decision.reason_label, "detail": decision.opinion}],
        "basis": list(BASIS[decision.reason_code]), "advice": list(ADVICE[decision.reason_code]),
        "papers": [{"name": row.label, "form": "原件", "pages": row.pages} for row in originals],
    }
