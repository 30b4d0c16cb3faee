"""生存金领取 PS24 and 满期金领取 PS26, by whom the contract pays or by his heirs: rules S95 to S99, the request as the reviewer reads it, what it does to the book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.cases.states import ApplicantKind
from lifeops.documents.checklists import papers_seen
from lifeops.org.models import User
from lifeops.policies.models import Ending, Policy
from lifeops.policies.rules.lines import ZERO, Calculation, yuan
from lifeops.policies.services.collecting import collect_benefits, entitled, left_over, waiting
from servicing.models import ChangeRequest
from servicing.rules import ENTITLED

ITEMS = ENTITLED
#: What belongs to the end of a term: 满期 and 保险期间届满.
ENDS = (Ending.MATURITY, Ending.EXPIRY)


@dataclass(frozen=True, kw_only=True)
class BenefitFacts:
    """`in_person`: the person who is entitled has come himself; `left_over` waits for the other of policyholder and insured."""

    ended: bool
    due: Decimal
    payee: str
    entitled: str
    in_person: bool
    by_guardian: bool = False
    proof_seen: bool = False
    ending: str = ""
    ending_label: str = ""
    left_over: Decimal = ZERO
    #: Heirs collect: who is paid and what proves their right is looked at by rules of its own (`heirs`).
    by_heirs: bool = False


def benefit_findings(f: BenefitFacts) -> list[FindingSpec]:
    return [_due(f), *([] if f.by_heirs else [_payee(f), _alive(f)]), *([_end(f), _rest(f)] if f.ended else [])]


def _due(f: BenefitFacts) -> FindingSpec:
    words = "有已到期、尚未领取的保险金" if f.due else "没有已到期、尚未领取的保险金"
    return FindingSpec("S95", "pass" if f.due else "block", words, f"{yuan(f.due)} 元", "大于零", "保险合同约定的给付日")


def _payee(f: BenefitFacts) -> FindingSpec:
    own = f.payee == f.entitled
    words = "收款人为有权领取人本人" if own else "收款人不是有权领取人本人"
    return FindingSpec("S96", "pass" if own else "block", words, f.payee or "未填写", f.entitled, "客户尽职调查办法第14条")


def _alive(f: BenefitFacts) -> FindingSpec:
    limit, source = "本人到场，或有生存证明", "人身险负面清单（2025）"
    if f.in_person:
        return FindingSpec("S97", "pass", "本人到场办理，核验身份即可，不另要生存证明", "本人到场", limit, source)
    words = "他人代办，已提交生存证明" if f.proof_seen else "监护人代办，请核对被保险人的生存情况" if f.by_guardian else "他人代办，没有生存证明"
    level = "pass" if f.proof_seen else "warn" if f.by_guardian else "block"
    return FindingSpec("S97", level, words, "已提交" if f.proof_seen else "未提交", limit, source)


def _end(f: BenefitFacts) -> FindingSpec:
    over = f.ending in ENDS
    words = "保险期间已经届满" if over else "合同不是因保险期间届满终止"
    return FindingSpec("S98", "pass" if over else "block", words, f.ending_label or "—", "满期、保险期间届满", "保险合同约定的保险期间")


def _rest(f: BenefitFacts) -> FindingSpec:
    words = "另有款项应付给投保人与被保险人中的另一人，请一并告知" if f.left_over else "没有应付给他人的款项"
    return FindingSpec("S99", "warn" if f.left_over else "pass", words, f"{yuan(f.left_over)} 元", "无")


def is_end(case: Case) -> bool:
    return case.item == "PS26"


def facts_of(case: Case, record: ChangeRequest) -> BenefitFacts:
    policy, ended = case.contract, is_end(case)
    who = entitled(policy, ended=ended)
    return BenefitFacts(
        ended=ended, due=waiting(policy, ended=ended).amount, payee=record.payee, entitled=who.name,
        in_person=case.applicant_id == who.pk and case.applicant_kind != ApplicantKind.PROXY and case.handler_id is None,
        by_guardian=case.applicant_kind == ApplicantKind.GUARDIAN, proof_seen="SURVIVAL_PROOF" in papers_seen(case), ending=policy.ending, ending_label=policy.get_ending_display(),
        left_over=left_over(policy) if ended else ZERO, by_heirs=case.applicant_kind == ApplicantKind.HEIR,
    )


def due_of(case: Case, record: ChangeRequest, today: date) -> Calculation:
    return waiting(case.contract, ended=is_end(case))


def compared(case: Case, record: ChangeRequest) -> list[tuple[str, str, str]]:
    """(label, before, after)."""
    due = waiting(case.contract, ended=is_end(case)).amount
    label = "尚未领取的满期款项" if is_end(case) else "尚未领取的生存金"
    return [(label, f"{yuan(due)} 元", "0.00 元"), ("应付金额", "—", f"{yuan(due)} 元")]


def asked_rows(case: Case, record: ChangeRequest) -> list[tuple[str, str]]:
    who = entitled(case.contract, ended=is_end(case))
    return [("申请日", str(case.asked_on)), ("有权领取人", who.name)]


def collected(*, policy: Policy, case: Case, day: date, actor: User, now: datetime, **_: Any) -> Calculation:
    return collect_benefits(policy=policy, case_number=case.number, ended=is_end(case), day=day, actor=actor, now=now)
