"""PS12 投保人变更, by the policyholder or, where he has died, by an heir who takes his place: rules S131 to S136, the request as the
reviewer reads it, what it does to the book, its paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.models import Endorsement, Policy
from lifeops.policies.models.policy import Relation
from lifeops.policies.services.benefits import answers_for_death
from lifeops.policies.services.holder import change_policyholder, person, refused_holder, waiver_on_holder
from lifeops.policies.services.terms import covers_with_products
from servicing.contract import consent_of
from servicing.heirs import OF_SUCCESSOR, SUCCESSION, missing_papers, proof_finding, proof_words, succeeds
from servicing.models import ChangeRequest, ConsentBy
from servicing.rules import ConsentFacts, consent_finding

ITEM = SUCCESSION
#: 保险法 31 ¶1 (一) to (三): interest without anybody's consent.
FAMILY = (Relation.SELF, Relation.SPOUSE, Relation.CHILD, Relation.PARENT)


@dataclass(frozen=True, kw_only=True)
class HolderFacts:
    """`refused` says why the new policyholder cannot be one, `waiver` which 豁免 is on the life of the old. `heir` in words by what he
    succeeds, None where the policyholder himself asks."""

    new: str
    relation: str
    relation_label: str
    consent: ConsentFacts
    refused: str = ""
    waiver: str = ""
    death_cover: bool = True
    heir: str | None = None
    missing: Sequence[str] = ()


def holder_findings(f: HolderFacts) -> list[FindingSpec]:
    found = [_new(f), _interest(f), consent_finding(f.consent, "S133", "保险法第34条"), _minor(f), _waiver(f)]
    if f.heir is None:
        return found
    return [*found, proof_finding("S136", f.heir, f.missing, source="公司规定", look="请核对其他继承人的意见")]


def _new(f: HolderFacts) -> FindingSpec:
    words = f.refused or "新投保人可以作投保人"
    return FindingSpec("S131", "block" if f.refused else "pass", words, f.new or "未登记", "另一人，在世，年满 18 周岁", "民法典第17、18条")


def _interest(f: HolderFacts) -> FindingSpec:
    source, limit = "保险法第31条", "配偶、子女、父母等近亲属，劳动者，或被保险人同意"
    if f.relation in FAMILY or f.relation == Relation.EMPLOYEE:
        return FindingSpec("S132", "pass", "新投保人对被保险人有保险利益", f.relation_label, limit, source)
    return FindingSpec("S132", "warn", "保险利益来自被保险人同意或抚养、赡养关系，请核对关系证明", f.relation_label or "—", limit, source)


def _minor(f: HolderFacts) -> FindingSpec:
    minor = f.consent.insured_age is not None and f.consent.insured_age < 18
    limit, source = "父母，或经父母同意的其他监护人", "保险法第33条"
    if not minor or not f.death_cover or f.relation == Relation.CHILD:
        return FindingSpec("S134", "pass", "不是父母以外的人为未成年人投保身故保险", f.relation_label or "—", limit, source)
    return FindingSpec("S134", "warn", "被保险人未成年，新投保人不是父母，请核对监护关系和父母同意", f.relation_label or "—", limit, source)


def _waiver(f: HolderFacts) -> FindingSpec:
    words = "有以现投保人为被保险人的豁免险，须先办理豁免或取消" if f.waiver else "没有以投保人为被保险人的豁免险"
    return FindingSpec("S135", "block" if f.waiver else "pass", words, f.waiver or "无", "无", "保险合同关于豁免保险费的约定")


def findings_of(case: Case, record: ChangeRequest, day: date) -> list[FindingSpec]:
    policy, new = case.contract, record.subject
    consent = consent_of(case, record)
    own = new is not None and new.pk == policy.insured_id
    return holder_findings(
        HolderFacts(
            new=new.name if new else "", relation=record.new_relation, relation_label=record.get_new_relation_display(),
            # who becomes policyholder of the contract on his own life has signed for it
            consent=replace(consent, by_insured=consent.by_insured or own), refused=refused_holder(policy, new, day) if new else "未登记新投保人",
            waiver=waiver_on_holder(policy), death_cover=any(answers_for_death(c) for c in covers_with_products(policy) if c.active),
            heir=proof_words(record) if succeeds(case) else None,
            missing=missing_papers(case, record, OF_SUCCESSOR),
        )
    )


def compared(case: Case, record: ChangeRequest) -> list[tuple[str, str, str]]:
    """(label, before, after)."""
    policy, new = case.contract, record.subject
    return [
        ("投保人", person(policy.policyholder), person(new) if new else "—"),
        ("被保险人是投保人的", policy.get_relation_display(), record.get_new_relation_display() or "—"),
    ]


def asked_rows(case: Case, record: ChangeRequest) -> list[tuple[str, str]]:
    new = record.subject
    rows = [("新投保人", person(new) if new else "—"), ("联系电话", new.phone_masked if new else "—")]
    if succeeds(case):
        rows.append(("继承依据", proof_words(record) or "—"))
    consent = record.get_consent_by_display() or "被保险人本人申请或作新投保人"
    return [*rows, ("被保险人同意", f"{consent} {record.consent_on or ''}".strip()), ("生效日", str(case.asked_on))]


def done(*, policy: Policy, case_number: str, record: ChangeRequest, day: date, actor: User, now: datetime) -> Endorsement:
    assert record.subject is not None  # a rule blocks without
    return change_policyholder(
        policy=policy, case_number=case_number, new=record.subject, relation=record.new_relation, day=day, actor=actor, now=now
    )


def words(case: Case, record: ChangeRequest) -> list[str]:
    """For the 批单."""
    told = []
    if succeeds(case):
        told.append(f"原投保人已身故，由继承人依{proof_words(record)}承继投保人的权利和义务。")
    if record.consent_by:
        who = "被保险人的监护人" if record.consent_by == ConsentBy.GUARDIAN else "被保险人"
        told.append(f"本次变更已经{who} {record.consent_on} 书面同意。")
    return [*told, "自批单生效日起，由新投保人交纳保险费，享有投保人的权利，未还的借款、垫交由其偿还。"]


__all__ = ["ITEM", "asked_rows", "compared", "done", "findings_of", "words"]
