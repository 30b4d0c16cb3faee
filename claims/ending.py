"""解除合同 and 退还现金价值 as conclusions: what goes back and to whom, why not, and what they do to the book."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from claims.calculation import Known, known_of
from claims.grounds import GROUNDS, REFUND_CV, Gives, Ground, misfit, untimely
from claims.models import Claim, ClaimDecision, RefundTo
from claims.payees import as_finding
from lifeops.cases.errors import Refused
from lifeops.cases.models import Case
from lifeops.documents.checklists import papers_seen
from lifeops.org.models import User
from lifeops.policies.models import Party, PaymentKind, PolicyStatus
from lifeops.policies.rules.dates import suicide_excluded
from lifeops.policies.rules.lines import ZERO, Calculation, Line, yuan
from lifeops.policies.rules.payees import REFUND_FROM, PayeeFacts, payee_checks
from lifeops.policies.services.changing import rescind
from lifeops.policies.services.claiming import claim_death_terminate, note_death
from lifeops.policies.services.ended import ended_by_death
from lifeops.policies.services.events import not_before_last_move
from lifeops.policies.services.late_end import late_end, on_its_way
from lifeops.policies.services.particulars import TO_HEIRS
from lifeops.policies.services.parties import account_holder
from lifeops.policies.services.payments import create_payment
from lifeops.policies.services.rescinding import (
    last_day,
    premium_since,
    premiums_back,
    two_years_paid,
    value_at_death,
    value_back,
)

#: Papers that prove an heir.
OF_HEIRS = ("INHERIT_PROOF", "RELATION_PROOF")
#: 批准岗 that counts as senior management for paying another than the policyholder (客户尽职调查办法 13).
SENIOR_GRADE = 3
Errors = dict[str, list[str]]


def died(case: Case, ground: Ground) -> bool:
    """The insured has died, as far as the case says so."""
    return case.item == "CL01" and not ground.fake


def other_day(case: Case, record: Claim) -> str:
    """Why the death cannot be the one that is on file of the insured; "" where it can."""
    on_file = case.contract.insured.died_on if case.item == "CL01" else None
    if on_file in (None, record.event_on):
        return ""
    return f"被保险人身故日期已登记为 {on_file}，与录入的出险日期 {record.event_on} 不一致，请核对；登记有误的，由登记人以外的人在客户页撤销后重新登记"


def ended_otherwise(case: Case, record: Claim) -> str:
    """Why the book cannot pay a death benefit any more: the contract has ended since by something that a claim does not put right;
    "" where it can."""
    policy = case.contract
    if case.item != "CL01" or policy.status != PolicyStatus.TERMINATED or ended_by_death(policy):
        return ""
    if late_end(policy, record.event_on):
        return on_its_way(policy, record.event_on)
    return f"合同已于 {policy.terminated_on} 因{policy.termination}终止，账上不能再按身故给付，请报运营主管核实该次终止"


def holder_dead(case: Case, ground: Ground) -> bool:
    policy = case.contract
    return policy.policyholder.died_on is not None or (died(case, ground) and policy.policyholder_id == policy.insured_id)


def refund_due(case: Case, record: Claim, ground: Ground, day: date, known: Known | None = None) -> Calculation:
    """What goes back by the ground, reckoned on the day of the conclusion, or of the death where the law refunds the cash value
    of a contract that ends by it. BookRefused where a table is missing."""
    if ground.gives == Gives.NOTHING:
        return Calculation.of([Line(label="不退还保险费", formula="依法不退还")])
    if ground.outcome == REFUND_CV:
        known = known or known_of(case, record)
        return value_at_death(case.contract, record.event_on, known.stand, known.all_covers)
    return premiums_back(case.contract, day) if ground.gives == Gives.PREMIUM else value_back(case.contract, day)


def refused_now(case: Case, record: Claim, data: dict[str, Any], known: Known, today: date) -> Errors:
    """Why the contract may not be ended so, by field."""
    policy, outcome, reason = case.contract, data["outcome"], data["reason_code"]
    if words := misfit(outcome, reason, item=case.item, two_years=lambda: two_years_paid(policy, record.event_on)):
        return {"reason_code": [words]}
    ground, errors = GROUNDS[reason], dict[str, list[str]]()
    if policy.status == PolicyStatus.TERMINATED:
        errors["outcome"] = [f"合同已于 {policy.terminated_on} 终止（{policy.termination}），不能再解除或退还现金价值"]
    elif policy.hold_case not in ("", case.number):
        errors["outcome"] = [f"保单已被案件 {policy.hold_case} 挂起，待其办结后再作此结论"]
    elif died(case, ground) and (words := other_day(case, record)):
        errors["outcome"] = [words]
    elif words := _misjudged(record, reason, known):
        errors["reason_code"] = [words]
    return errors | unlawful(case, ground, data, today)


def unlawful(case: Case, ground: Ground, data: dict[str, Any], today: date) -> Errors:
    """What the law asks for the ground and is not there: the weight of what was not told, the days of the right."""
    errors: Errors = {}
    if ground.serious and not data.get("serious"):
        errors["serious"] = ["未告知的事项对事故的发生没有严重影响的，对解除前发生的事故仍应给付（保险法第十六条第五款）"]
    if words := too_late(case, ground, data.get("known_on"), today):
        errors["known_on"] = [words]
    return errors


def _misjudged(record: Claim, reason: str, known: Known) -> str:
    """Why the event as keyed is not what the reason says."""
    if reason == "C04":
        stand = known.stand
        years = next((c.version.suicide_years for c in known.all_covers if not c.is_rider), 2)
        inside = suicide_excluded(since=stand.suicide_since, died_on=record.event_on, years=years, had_capacity=record.had_capacity)
        return "" if record.cause == "suicide" and inside else "录入的事故不是合同成立或复效二年内、有民事行为能力的自杀（见规则 L05）"
    return "录入的出险原因不是故意犯罪（见规则 L06）" if reason == "C14" and record.cause != "crime" else ""


def too_late(case: Case, ground: Ground, known_on: date | None, today: date) -> str:
    """Why the right to rescind is not there, or not any more; "" where it is, or the ground knows no such days."""
    if not ground.limited:
        return ""
    policy = case.contract
    last = last_day(policy, known_on) if known_on and known_on <= today else None
    if words := untimely(established_on=policy.established_on, known_on=known_on, last=last, today=today):
        return words
    paid = premium_since(policy, known_on) if known_on else None
    return f"知道解除事由后，于 {paid.paid_on} 仍收取了保险费，不得解除（保险法司法解释（二）第7条）" if paid else ""


def take_payee(case: Case, record: Claim, ground: Ground, data: dict[str, Any]) -> Errors:
    """To whom the refund goes: fills `data` in from the claim where it names the same payee, and says what is wrong."""
    if data["amount"] <= 0 or data.get("refund_to") == RefundTo.WAIT:
        data |= dict.fromkeys(("refund_payee", "refund_relation", "refund_bank", "refund_account"), "")
        wrong = data["amount"] > 0 and ground.to_others
        return {"refund_to": ["退还其他权利人的款项不属于投保人，不能列为投保人的待领款项，请填写收款账户"]} if wrong else {}
    data["refund_to"] = RefundTo.ACCOUNT
    payee = data["refund_payee"] = (data.get("refund_payee") or "").strip()
    if not payee:
        return {"refund_payee": [f"请填写收款人：{entitled_words(case, ground)}"]}
    if payee == record.payee and not data.get("refund_account"):
        data |= {"refund_bank": record.payee_bank, "refund_account": record.payee_account}
    errors = {name: [words] for name, words in (("refund_bank", "请填写开户行"), ("refund_account", "请填写账号")) if not data.get(name)}
    if words := wrong_payee(case, ground, payee, data.get("refund_relation", "")):
        errors["refund_payee"] = [words]
    if not errors:
        found = payee_blocks(case, ground, data["amount"], payee, data["refund_account"], data["refund_relation"])
        errors |= {"refund_payee": found} if found else {}
    return errors


def entitled_words(case: Case, ground: Ground) -> str:
    policy = case.contract
    if ground.to_others:
        return f"被保险人 {policy.insured.name} 的继承人（投保人除外）"
    return f"投保人 {policy.policyholder.name} 的继承人" if holder_dead(case, ground) else f"投保人 {policy.policyholder.name} 本人"


def likely_payee(case: Case) -> str:
    """Whom a refund usually goes to: the policyholder, unless it is he of whose death the claim tells."""
    policy = case.policy
    if policy is None or policy.policyholder.died_on is not None or (case.item == "CL01" and policy.policyholder_id == policy.insured_id):
        return ""
    return policy.policyholder.name


def nobody_died(case: Case) -> bool:
    """No heir can be paid: the claim is not of a death, and the policyholder lives."""
    return case.item != "CL01" and (case.policy is None or case.policy.policyholder.died_on is None)


def is_heir(case: Case, ground: Ground) -> bool:
    """An heir is paid, not the policyholder himself."""
    return ground.to_others or holder_dead(case, ground)


def wrong_payee(case: Case, ground: Ground, payee: str, relation: str) -> str:
    policy = case.contract
    names = {policy.policyholder.name, policy.insured.name}
    if not is_heir(case, ground):
        if payee == policy.policyholder.name:
            return ""
        return f"款项归{entitled_words(case, ground)}（保险法司法解释（三）第16条）；其未提供账户的，选择列为待领款项"
    if payee in names:
        return f"款项归{entitled_words(case, ground)}，请填写继承人"
    if not relation.strip():
        return "付给继承人的，请填写与死者的关系"
    if not papers_seen(case) & set(OF_HEIRS):
        return "付给继承人的，须收存继承权证明或关系证明"
    return ""


def payee_blocks(case: Case, ground: Ground, amount: Decimal, payee: str, account: str, relation: str) -> list[str]:
    """反洗钱: what must be seen and known before the refund goes out (facts 3.8)."""
    seen, applicant, holder = papers_seen(case), case.applicant, case.contract.policyholder
    heir = is_heir(case, ground)
    own = applicant is not None and applicant.name == payee and bool(applicant.id_number) and "ID_APPLICANT" in seen
    known = own or "ID_BENEFICIARY" in seen if heir else bool(holder.id_number)
    facts = PayeeFacts(
        kind=kind_of(ground), amount=amount, payee=payee, account_holder=account_holder(account, payee), entitled=[payee], reason=ground.gives,
        relation=relation, identity_verified=known, beneficiary_id_kept=known, product_kinds=[c.version.product.kind for c in case.contract.coverages.select_related("version__product")],
    )  # fmt: skip
    checks = [as_finding(check) for check in payee_checks(facts)]
    return [f"{f.message}（{f.value}）" for f in checks if f.level == "block"]


def kind_of(ground: Ground) -> PaymentKind:
    """A refund is the policyholder's and frozen with what is his; what goes to the other right-holders is not."""
    return PaymentKind.CLAIM if ground.to_others else PaymentKind.REFUND


def least_grade(case: Case, ground: Ground, amount: Decimal) -> int:
    """From 10,000 元 on paying another than the policyholder needs a senior approver."""
    return SENIOR_GRADE if amount >= REFUND_FROM and is_heir(case, ground) else 0


def end_contract(*, case: Case, record: Claim, decision: ClaimDecision, actor: User, now: datetime) -> None:
    """After the last signature: the contract ends, what goes back becomes payable, to whom was agreed."""
    ground, policy = GROUNDS[decision.reason_code], case.contract
    today, day, waits = timezone.localdate(now), timezone.localdate(decision.made_at), decision.refund_to == RefundTo.WAIT
    if words := too_late(case, ground, decision.known_on, today):
        raise Refused([words], who="审核人：退回审核后改作其他结论")
    due = refund_due(case, record, ground, day)
    if due.amount != decision.amount or not_before_last_move(policy, day) != day:
        raise Refused([f"审核后保单账目有变化：现应退 {yuan(due.amount)} 元，结论为 {yuan(decision.amount)} 元，请退回审核"], who="审核人")
    # the policyholder may have died since, or live after all: asked anew, for the contract is locked
    policy.policyholder.refresh_from_db(fields=["died_on"])
    if due.amount > ZERO and not waits and (words := wrong_payee(case, ground, decision.refund_payee, decision.refund_relation)):
        raise Refused([f"审核后收款人已不适当：{words}"], who="审核人：退回审核后重新填写收款人")
    heir = is_heir(case, ground)
    common: dict[str, Any] = {"policy": policy, "case_number": case.number, "actor": actor, "now": now, "waits": waits}
    if ground.outcome == REFUND_CV:
        claim_death_terminate(died_on=record.event_on, value=due.amount, **common)
    else:
        rescind(day=today, owed_on=day, payable=due.amount, **common)
        if died(case, ground):
            note_death(Party.objects.get(pk=policy.insured_id), record.event_on, today=today)
    if due.amount <= ZERO or waits:
        return
    if blocks := payee_blocks(case, ground, due.amount, decision.refund_payee, decision.refund_account, decision.refund_relation):
        raise Refused(blocks, who="审核人：退回审核后重新核对收款人")
    create_payment(
        case_number=case.number, policy=policy, branch_id=case.branch_id, purpose=f"{case.item_label}（{decision.outcome_label}）",
        payee=decision.refund_payee, bank=decision.refund_bank, account=decision.refund_account, amount=due.amount, actor=decision.made_by,
        now=now, kind=kind_of(ground), third_party_reason=third_words(case, ground, decision) if heir and not ground.to_others else "",
        approved_by=decision.signed_by if heir and not ground.to_others else None,
    )  # fmt: skip


def third_words(case: Case, ground: Ground, decision: ClaimDecision) -> str:
    return f"{TO_HEIRS}：投保人{case.contract.policyholder.name}已身故，付给其继承人（{decision.refund_relation}）"[:200]
