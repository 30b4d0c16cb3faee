"""What underwriting brings to the shared steps: summary, people, effect on the book, its tab, data of its letters."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from lifeops.cases.health import QUESTIONS
from lifeops.cases.lookups import listed_occupation
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Coverage, Party, Policy
from lifeops.policies.rules.benefits import minors_cap
from lifeops.policies.rules.dates import term_label
from lifeops.policies.rules.lines import plain, yuan
from lifeops.policies.rules.risk import LABELS, RiskKind
from lifeops.policies.services.issuing import issue_policy
from lifeops.policies.services.parties import find_or_create_party
from lifeops.screening.rules import Person
from underwriting.assessment import (
    accumulated,
    entry_age,
    findings,
    insured_on_file,
    limits_on,
    others_of_insured,
    party_on_file,
)
from underwriting.letters import letter_data
from underwriting.models import Particulars, Proposal, UnderwritingDecision
from underwriting.rules import blocked, bmi_of, exam_needed

__all__ = ["effect", "findings", "letter_data", "people", "risk_tab", "summary"]

Groups = list[tuple[str, list[tuple[str, str]]]]


def people(case: Case, record: Proposal | None) -> list[Party]:
    """Applicant, policyholder and insured, as far as they are on file: nobody becomes a customer before acceptance."""
    found: dict[int, Party] = {}
    known = [case.applicant]
    if record is not None:
        known += [party_on_file(p.id_type, p.id_number) for p in (record.holder, record.insured)]
    for party in known:
        if party:
            found[party.pk] = party
    return list(found.values())


def persons(case: Case, record: Proposal) -> list[Person]:
    """投保人, 被保险人 and 受益人 of the proposal, for 名单核查."""
    found = []
    for role, one in (("投保人", record.holder), ("被保险人", record.insured)):
        found.append(Person(role, one.name, one.birth_date, (one.id_number,), party_on_file(one.id_type, one.id_number)))
    rows = record.beneficiaries
    return found + [Person("受益人", row["name"], None, (row["id_number"],) if row.get("id_number") else ()) for row in rows if row.get("name")]


def summary(case: Case, record: Proposal) -> Groups:
    """The proposal as label and text, masked, in the order of the paper."""
    version = record.version
    yes = [row for row in record.health if row["answer"] == "是"]
    groups: Groups = [("投保人", _person(record.holder))]
    if record.relation == "self":
        groups.append(("被保险人", [("关系", "本人")]))
    else:
        groups.append(("被保险人", [("关系", f"是投保人的{record.get_relation_display()}"), *_person(record.insured)]))
        groups[-1][1].append(("被保险人同意", "已书面同意并认可保险金额" if record.consented else "—"))
        if record.parents_consented:
            groups[-1][1].append(("父母同意", "已书面同意"))
    groups.append(("身故受益人", [
        (f"第 {row['order']} 顺序", f"{row['name']}（{row['relation']}）{row['share_pct'] + '%' if row['share_pct'] else '均分'}")
        for row in record.beneficiaries
    ] or [("受益人", "法定")]))  # fmt: skip
    groups.append(("投保事项", [
        ("险种", version.product.name), ("保险金额", f"{yuan(record.sum_assured)} 元"), ("保险期间", term_label(record.cover_term)),
        ("交费期间", term_label(record.pay_term)), ("交费方式", record.get_pay_mode_display()),
        ("每期保险费", f"{yuan(record.premium_stated)} 元"),
        *([("红利领取方式", record.get_dividend_option_display())] if record.dividend_option else []), ("交费账户", f"{record.account_bank} {record.account_masked}"),
    ]))  # fmt: skip
    groups.append(("健康与告知", [
        ("身高体重", f"{plain(record.height_cm)} 厘米 / {plain(record.weight_kg)} 公斤（{plain(bmi_of(record.height_cm, record.weight_kg))}）"),
        ("答“是”", f"{len(yes)} 项" if yes else "无"),
        *((f"第 {row['code']} 项 {QUESTIONS.get(row['code'], '')}", row["note"]) for row in yes),
    ]))  # fmt: skip
    groups.append(("其他", [
        ("其他公司身故保额", f"{yuan(record.other_death_cover)} 元"), ("代理人", record.agent_code or "—"),
        ("签署日期", str(record.applied_on)),
    ]))  # fmt: skip
    return groups


def _person(person: Particulars) -> list[tuple[str, str]]:
    return [
        ("姓名", f"{person.name}（{person.sex_label}）"), *([("出生日期", str(person.birth_date))] if person.birth_date else []),
        ("证件号码", person.id_masked), ("证件有效期至", str(person.id_valid_to or "长期")),
        ("手机", person.phone_masked or "—"), ("联系地址", person.address_masked or "—"),
        *([("职业", person.occupation)] if person.occupation else []),
        *([] if person.is_organisation else [
            ("职业类别", f"{person.occupation_class} 类" if person.occupation_class else "拒保职业"),
            ("年收入", f"{yuan(person.income)} 元"),
        ]),
    ]  # fmt: skip


def effect(*, case: Case, decision: UnderwritingDecision | None, actor: User, now: datetime) -> None:
    """After the last signature of an acceptance: the policy. Postponed, declined and withdrawn proposals leave the book
    as it is. Cover begins at 0:00 of the day after the last signature."""
    if decision is None or not decision.is_positive:
        return
    record: Proposal = case.record
    # the book may have moved since the conclusion: another policy on the same life, a death registered
    reasons = blocked(findings(case, record, now))
    if reasons:
        raise BookRefused(*(f"规则阻断，不能承保：{reason}" for reason in reasons))
    holder = _on_file(record.holder)
    insured = holder if record.relation == "self" else _on_file(record.insured)
    case.policy = issue_policy(
        case_number=case.number, branch=case.branch, agent_code=record.agent_code, policyholder=holder, insured=insured,
        relation=record.relation, applied_on=record.applied_on,
        effective_on=timezone.localdate(now) + timedelta(days=1), established_on=timezone.localdate(now),
        pay_mode=record.pay_mode, dividend_option=record.dividend_option,
        coverages=[{
            "version": record.version, "sum_assured": record.sum_assured, "cover_term": record.cover_term,
            "pay_term": record.pay_term, "premium": decision.premium, "extra": decision.extra,
            "exclusion": decision.exclusion,
        }],
        beneficiaries=record.beneficiaries, actor=actor, now=now,
    )  # fmt: skip
    case.note(policy=case.policy.number)


def _on_file(person: Particulars) -> Party:
    """The customer: found by the document or made new. Gaps on file are filled, what is there stays (that is a 保全)."""
    listed = listed_occupation(person.occupation)
    party = find_or_create_party(
        name=person.name, id_type=person.id_type, id_number=person.id_number, birth_date=person.birth_date,
        sex=person.sex, phone=person.phone, address=person.address, id_valid_to=person.id_valid_to,
        occupation_class=person.occupation_class, occupation_code=listed.code[:10] if listed else "",
    )
    gaps = [
        name for name in ("birth_date", "sex", "phone", "address", "id_valid_to")
        if not getattr(party, name) and getattr(person, name)
    ]  # fmt: skip
    for name in gaps:
        setattr(party, name, getattr(person, name))
    if not Policy.objects.of_people([party.pk]).exists() and party.occupation_class != person.occupation_class:
        # the counter does not ask for the occupation: until the first policy the class on file is only a default
        party.occupation_class = person.occupation_class
        gaps.append("occupation_class")
    if gaps:
        party.save(update_fields=gaps)
    return party


def risk_tab(case: Case, user: User) -> dict[str, Any]:
    """累计风险: sums in force on the insured's life, proposals in hand and earlier ones with their conclusions."""
    record: Proposal | None = Proposal.objects.filter(pk=case.pk).select_related("version__product").first()
    if record is None:
        return {"record": None}
    insured, age = insured_on_file(record), entry_age(record)
    risk = accumulated(record, case.number)
    limits = limits_on(timezone.localdate())
    covers = Coverage.objects.none()
    if insured is not None:
        covers = (
            Coverage.objects.filter(policy__insured=insured)
            .exclude(policy__issued_by_case=case.number)
            .select_related("policy", "version__product")
            .order_by("-policy_id", "is_rider")[:100]
        )
    others = list(others_of_insured(record)[:50])
    decided = {
        d.case_id: d
        for d in UnderwritingDecision.objects.filter(
            case_id__in=[o.pk for o in others], superseded=False, signed_at__isnull=False
        ).select_related("case")
    }
    cap, free = minors_cap(age), limits.at("EXAM_NONE", age)
    return {
        "record": record,
        "kinds": list(LABELS.values()),
        "sums": [
            (label, [part[kind] for kind in LABELS])
            for label, part in (("有效保单", risk.in_force), ("其他在办投保", risk.pending), ("本次投保", risk.own))
        ],
        "totals": [risk.of(kind) for kind in LABELS],
        "elsewhere": record.other_death_cover, "everywhere": risk.of(RiskKind.DEATH) + record.other_death_cover,
        "limits": [
            ("免体检限额", f"{yuan(free)} 元（{age} 周岁）" if free is not None else "未设限额"),
            ("须体检", exam_needed(limits, age, risk.of(RiskKind.ILLNESS)) or "不须体检"),
            *([
                ("未成年人身故限额", f"{yuan(cap)} 元（各公司合计，保监发〔2015〕90号）"),
                ("计入限额", f"{yuan(risk.of(RiskKind.MINOR) + record.other_death_cover)} 元（已交保险费或现金价值不计）"),
            ] if cap is not None else []),
        ],
        "covers": covers,
        "others": [{"proposal": o, "case": o.case, "decision": decided.get(o.pk)} for o in others],
    }  # fmt: skip

