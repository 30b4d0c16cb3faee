"""Rows and cases for tests. Cases are brought to a state through `perform`, by the people who would do it."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from intake.services import accept_case
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Party, Policy, ProductVersion
from lifeops.policies.services.issuing import deliver_policy, issue_policy
from lifeops.policies.services.quoting import quote

_serial = itertools.count(1)

PAPERS = {
    "CL01": ("CLAIM_FORM", "ID_APPLICANT", "BANK_CARD", "DEATH_CERT", "HOUSEHOLD_CANCEL", "RELATION_PROOF"),
    "CL05": ("CLAIM_FORM", "ID_APPLICANT", "BANK_CARD", "INVOICE", "DISCHARGE_RECORD", "DIAGNOSIS"),
}


def make_party(**fields: Any) -> Party:
    """An invented person (region 99, which does not exist)."""
    number = next(_serial)
    born = fields.pop("birth_date", date(1986, 5, 17))
    card = compose_card(region="990101", birth_date=born, sequence=(number % 499) * 2 + 1)
    defaults = {
        "name": f"测试客户{number}", "sex": "M", "birth_date": born, "id_number": card, "phone": f"1990000{number % 10000:04d}",
        "id_valid_to": date(2040, 1, 1),
    }
    return Party.objects.create(**(defaults | fields))


def make_policy(branch: Any, actor: Any, *, product: str = "M10", effective_on: date | None = None, insured: Party | None = None,
                sum_assured: int = 300000, **fields: Any) -> Policy:
    """A policy in force for a year and a half, delivered, paid."""
    insured = insured or make_party()
    effective = effective_on or timezone.localdate() - timedelta(days=200)
    version = ProductVersion.objects.get(product__code=product)
    cover_term, pay_term, pay_mode = {
        "M10": ("1Y", "SINGLE", "single"), "T20": ("20Y", "SINGLE", "single"), "W30": ("WHOLE_LIFE", "SINGLE", "single"),
    }[product]
    age = insured.age(effective)
    premium = quote(
        version=version, sex=insured.sex, age=age, cover_term=cover_term, pay_term=pay_term, pay_mode=pay_mode,
        sum_assured=Decimal(sum_assured),
    )
    policy = issue_policy(
        case_number="", branch=branch, agent_code="", policyholder=insured, insured=insured, relation="self",
        applied_on=effective, effective_on=effective, pay_mode=pay_mode,
        coverages=[{
            "version": version, "sum_assured": Decimal(sum_assured), "cover_term": cover_term, "pay_term": pay_term,
            "premium": premium.standard,
        }],
        beneficiaries=fields.pop("beneficiaries", []), actor=actor, now=timezone.now(),
    )
    deliver_policy(policy=policy, signed_on=effective + timedelta(days=3))
    return Policy.objects.get(pk=policy.pk)


def accept(cast: Any, *, item: str = "CL05", policy: Policy | None = None, now: datetime | None = None, **fields: Any) -> Case:
    """受理 of a complete claim at the county's counter."""
    policy = policy or make_policy(cast.county, cast.clerk, product="M10" if item == "CL05" else "W30")
    return accept_case(
        branch=cast.county, actor=cast.clerk, line="claims", item=item, channel="counter", applicant_kind="insured",
        submitted_on=timezone.localdate(now) if now else timezone.localdate(), policy=policy, applicant=policy.insured,
        papers=[{"doc_type": code, "received": "original", "pages": 1} for code in PAPERS[item]], now=now, **fields,
    )


def claim_inputs(item: str = "CL05", **fields: Any) -> dict[str, Any]:
    """What the clerk keys: a stay of 12,000.00 元, 8,000.00 paid by social insurance."""
    day = (timezone.localdate() - timedelta(days=20)).isoformat()
    common = {
        "event_on": day, "cause": "illness", "description": "因病住院", "payee": "测试客户", "payee_relation": "本人",
        "payee_bank": "虚构银行", "payee_account": "9900001234567890",
    }
    if item == "CL01":
        return common | {"had_capacity": True, "description": "因病身故"} | fields
    return common | {
        "diagnosis": "肺炎", "hospital": "虚构医院", "admitted_on": day, "discharged_on": day,
        "expenses": [{"category": "药品", "invoiced": "12000.00", "non_covered": "0", "over_limit": "0"}],
        "social_insurance": "8000.00", "other_paid": "0", "ss_used": True,
    } | fields


def handed_over(cast: Any, *, item: str = "CL05", **fields: Any) -> Case:
    """A claim keyed, scanned and handed over: it waits in the pool."""
    case = accept(cast, item=item, **{k: fields.pop(k) for k in ("policy", "now") if k in fields})
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    perform(case, "save_record", actor=cast.entry, **claim_inputs(item, **fields))
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    perform(case, "hand_over", actor=cast.clerk, overrides=overrides_for(case))
    return Case.objects.get(pk=case.pk)


def overrides_for(case: Case) -> dict[str, str]:
    """A reason for each warning the rules raise now."""
    from lifeops.cases.findings import evaluate_rules

    fresh = Case.objects.get(pk=case.pk)
    return {f.code: "已核对" for f in evaluate_rules(fresh, timezone.now()) if f.level == "warn"}


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)
