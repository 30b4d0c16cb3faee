"""Content of 保险合同, 延期通知书 and 拒保通知书."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.policies.models import Coverage, Party, Policy
from lifeops.policies.rules.dates import MONTHS, due_date, instalments, term_label
from lifeops.policies.rules.exclusions import chinese, exclusions_of, handling_of
from lifeops.policies.rules.lines import money, plain
from lifeops.policies.rules.values import in_clauses
from lifeops.policies.services.terms import sex_of
from lifeops.policies.services.values import due_at_end, table_of
from underwriting.models import Proposal, UnderwritingDecision

#: What the law itself excludes (保险法 43 to 45); the product's own clauses come with its summary.
EXCLUSIONS = (
    {
        "title": "因下列情形之一导致被保险人身故的，本公司不承担给付保险金的责任：",
        "wording": "（一）投保人对被保险人的故意杀害、故意伤害；\n"
        "（二）被保险人故意犯罪或者抗拒依法采取的刑事强制措施；\n"
        "（三）被保险人自本合同成立或者效力恢复之日起二年内自杀，但被保险人自杀时为无民事行为能力人的除外。",
    },
    {
        "title": "发生上述情形时合同的处理",
        "wording": "发生第（一）项情形的，本合同终止，已交足二年以上保险费的，本公司按照合同约定向其他权利人退还现金价值；"
        "发生其他情形的，本合同终止，本公司按照法律规定和合同约定退还现金价值。",
    },
)
NO_PREMIUM = "本次投保尚未收取保险费，无须退还。"


def letter_data(kind: str, case: Case, decision: UnderwritingDecision) -> dict[str, Any]:
    record: Proposal = case.record
    if kind == "contract":
        return contract(case, record, case.contract, decision)
    common = {
        "addressee": record.holder_name, "addressee_address": record.holder_address, "application_number": case.number,
        "product": record.version.product.name, "holder": record.holder_name, "insured": record.insured_name,
        "applied_on": record.applied_on, "decided_on": timezone.localdate(decision.signed_at),
        "reasons": [
            {"code": decision.reason_code, "title": decision.reason_label, "detail": f"{decision.opinion}\n{NO_PREMIUM}"}
        ],
    }
    if kind == "nb_postpone":
        rows = [row.strip() for row in decision.conditions.splitlines() if row.strip()]
        return common | {"postponed_until": decision.postponed_until, "conditions": rows}
    return common


def contract(case: Case, record: Proposal, policy: Policy, decision: UnderwritingDecision) -> dict[str, Any]:
    """The policy as issued, with its plan of premiums and cash values."""
    cover = policy.main
    version, each = cover.version, cover.premium + cover.extra
    special = [f"特别约定：{cover.exclusion}"] if cover.exclusion else []
    if cover.extra:
        special.append(f"加费承保：每期标准保险费 {cover.premium:,.2f} 元，加收 {cover.extra:,.2f} 元。")
    return {
        "addressee": policy.policyholder.name, "addressee_address": policy.policyholder.address,
        "policy_number": policy.number, "holder": _person(policy.policyholder), "insured": _person(policy.insured),
        "established_on": policy.established_on, "effective_on": policy.effective_on,
        "pay_mode": policy.get_pay_mode_display(), "dividend_option": record.get_dividend_option_display() if record.dividend_option else "",
        "covers": [{
            "name": version.product.name, "code": version.product.code, "role": "主险", "sum_assured": cover.sum_assured,
            "cover_term": term_label(cover.cover_term), "pay_term": term_label(cover.pay_term), "premium": each,
        }],
        "first_premium": each,
        "heirs": [
            {
                "order": row.order, "name": row.name, "relation": row.relation, "identity": row.id_number,
                "share": f"{plain(row.share_pct)}%" if row.share_pct is not None else "均分",
            }
            for row in policy.beneficiaries.filter(effective_to__isnull=True)
        ],
        "benefits": benefits_of(cover), "exclusions": exclusions_for(cover), "special_terms": special,
        "dues": dues(policy, cover, each), "cash_values": cash_value_rows(cover),
        "value_basis": value_basis(cover) if cash_value_rows(cover) else "",
        "cooling_off_days": version.cooling_off_days, "grace_days": version.grace_days, "agent": policy.agent_code,
    }  # fmt: skip


def benefits_of(cover: Coverage) -> list[dict[str, Any]]:
    """The clause as written; of a product loaded without one, its benefits by their formulas."""
    version = cover.version
    if version.definition.get("clause") or not version.definition.get("code"):
        return [{"title": "身故保险金", "wording": version.clause}]
    return [
        {"title": name, "wording": "".join((wording or "按条款约定给付", f"（条款 {article}）" if article else "", "。"))}
        for name, wording, article in in_clauses(version.definition, cover.plan)
    ]


def exclusions_for(cover: Coverage) -> Sequence[dict[str, str]]:
    """What the product excludes, each by itself; what the law excludes where its file states nothing or the clause does."""
    definition = cover.version.definition
    labels, article = exclusions_of(definition)
    if definition.get("clause") or not labels:
        return EXCLUSIONS
    told = [f"（{chinese(n)}）{label}" for n, label in enumerate(labels, start=1)]
    where = f"（条款 {article}）" if article else ""
    found = [{"title": f"因下列情形之一发生保险事故的，本公司不承担给付保险金的责任{where}：", "wording": "；\n".join(told) + "。"}]
    handling = handling_of(definition)
    return [*found, {"title": EXCLUSIONS[1]["title"], "wording": handling}] if handling else found


def _person(party: Party) -> dict[str, Any]:
    return {
        "name": party.name, "sex": party.get_sex_display(), "born_on": party.birth_date, "identity": party.id_number,
        "phone": party.phone_masked, "address": party.address,
    }


def dues(policy: Policy, cover: Coverage, each: Decimal) -> list[dict[str, Any]]:
    """The plan of premiums, a row for each policy year: its first due date, and what the year comes to."""
    count = instalments(cover.pay_term, policy.pay_mode, cover.entry_age, cover.start_age)
    if count == 1:
        return [{"period": "趸交", "due_on": policy.effective_on, "amount": each}]
    a_year = 12 // MONTHS[policy.pay_mode]
    words = f"（{a_year} 期）" if a_year > 1 else ""
    return [
        {
            "period": f"第 {first // a_year + 1} 年{words}", "due_on": due_date(policy.effective_on, policy.pay_mode, first),
            "amount": each * min(a_year, count - first),
        }
        for first in range(0, count, a_year)
    ]


def value_basis(cover: Coverage) -> str:
    """How the table is to be read."""
    words = "保单年度末现金价值；保单年度中的现金价值按经过日数计算。"
    return words + ("最后一个保单年度末的数不含期满当日应付的满期金、生存金，该年度中的现金价值按经过日数计至期满应付的金额。" if due_at_end(cover) else "")


def cash_value_rows(cover: Coverage) -> list[dict[str, Any]]:
    values = table_of(cover, sex_of(cover.policy, cover))
    if values is None:
        return []
    return [
        {"year": year, "amount": money(value * values.sum_assured / values.base)}
        for year, value in enumerate(values.year_ends, start=1)
    ]
