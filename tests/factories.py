"""Rows and cases for tests. Cases are brought to a state through `perform`, by the people who would do it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from intake.services import accept_case
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Party, Policy, ProductVersion
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.issuing import deliver_policy, issue_policy
from lifeops.policies.services.lending import lend
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.overpaid import overpaid
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.quoting import quote
from lifeops.policies.services.reinstating import due_for_reinstatement
from tests.applying import usual_kind

_serial = itertools.count(1)

PAPERS = {
    "CL01": ("CLAIM_FORM", "ID_APPLICANT", "BANK_CARD", "DEATH_CERT", "HOUSEHOLD_CANCEL", "RELATION_PROOF"),
    "CL05": ("CLAIM_FORM", "ID_APPLICANT", "BANK_CARD", "INVOICE", "DISCHARGE_RECORD", "DIAGNOSIS"),
    "PS07": ("SERVICING_FORM", "ID_APPLICANT", "DISCLOSURE", "OCCUPATION_FORM"),
    "PS08": ("SERVICING_FORM", "ID_APPLICANT", "CONTRACT"),
    "PS09": ("SERVICING_FORM", "ID_APPLICANT", "LOAN_FORM", "CONTRACT", "BANK_CARD"),
    "PS10": ("SERVICING_FORM", "ID_APPLICANT", "PAYMENT_PROOF"),
    **dict.fromkeys(("PS24", "PS27", "PS28"), ("SERVICING_FORM", "ID_APPLICANT", "BANK_CARD")),
    **dict.fromkeys(("PS01", "PS02", "PS03", "PS26"), ("SERVICING_FORM", "ID_APPLICANT", "CONTRACT", "BANK_CARD")),
    "PS12": ("SERVICING_FORM", "ID_APPLICANT", "ID_HOLDER", "CONSENT", "RELATION_PROOF"),
    "PS13": ("SERVICING_FORM", "ID_APPLICANT", "CONSENT", "ID_BENEFICIARY", "RELATION_PROOF"),
    "PS14": ("SERVICING_FORM", "ID_APPLICANT"),
    "PS33": ("DECISION_MEMO",),
}
#: Line by the prefix of the item.
LINES = {"CL": "claims", "PS": "servicing"}


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
        "E20": ("20Y", "SINGLE", "single"), "W31": ("WHOLE_LIFE", "SINGLE", "single"),
    }[product]
    pay_term, pay_mode = fields.pop("pay_term", pay_term), fields.pop("pay_mode", pay_mode)
    age = insured.age(effective)
    premium = quote(
        version=version, sex=insured.sex, age=age, cover_term=cover_term, pay_term=pay_term, pay_mode=pay_mode,
        sum_assured=Decimal(sum_assured),
    )
    policy = issue_policy(
        case_number="", branch=branch, agent_code="", policyholder=fields.pop("policyholder", insured), insured=insured,
        relation=fields.pop("relation", "self"),
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
    """受理 of a complete request at the county's counter: claims by the insured, of a death by a survivor, servicing by the
    policyholder."""
    policy, line = policy or policy_for(cast, item), LINES[item[:2]]
    kind = fields.pop("applicant_kind", usual_kind(item))
    usual = {"insured": lambda: policy.insured, "beneficiary": make_party, "company": lambda: None}.get(kind, lambda: policy.policyholder)
    applicant = fields.pop("applicant") if "applicant" in fields else usual()
    day = fields.pop("submitted_on", timezone.localdate(now) if now else timezone.localdate())
    return accept_case(
        branch=cast.county, actor=cast.clerk, line=line, item=item, channel="counter", applicant_kind=kind,
        submitted_on=day, policy=policy, applicant=applicant,
        papers=[{"doc_type": code, "received": "original", "pages": 1} for code in (*PAPERS[item], *fields.pop("more_papers", ()))], now=now, **fields,
    )


def policy_for(cast: Any, item: str) -> Policy:
    """A policy on which an item can be done; PS01 finds it within its 犹豫期."""
    if item == "PS01":
        return make_policy(cast.county, cast.clerk, product="W30", effective_on=timezone.localdate() - timedelta(days=5))
    if item == "PS07":
        return paid_in(lapsed_policy(cast), cast)
    if item == "PS08":
        return yearly_policy(cast)
    if item == "PS24":
        return surviving_policy(cast)
    if item == "PS26":
        return matured_policy(cast)
    if item == "PS10":
        return lent_on(make_policy(cast.county, cast.clerk, product="W30"), cast)
    if item == "PS28":
        return overpaid_policy(cast)
    if item == "PS33":
        return lapsed_policy(cast, days=820)
    return make_policy(cast.county, cast.clerk, product={"CL05": "M10", "PS27": "W31"}.get(item, "W30"))


def overpaid_policy(cast: Any, *, amount: str = "500.00", **fields: Any) -> Policy:
    """A paid-up policy for which 500 元 came in that nobody owed."""
    policy = make_policy(cast.county, cast.clerk, product="W30", **fields)
    day, reference = timezone.localdate() - timedelta(days=30), f"O{policy.number}"
    receive_premium(policy=policy, amount=Decimal(amount), received_on=day, reference=reference, actor=cast.clerk, now=timezone.now())
    return Policy.objects.get(pk=policy.pk)


def surviving_policy(cast: Any, **fields: Any) -> Policy:
    """A policy that pays a hundredth of its sum at the end of each year, two of which are over: 6,000 元 wait."""
    version = ProductVersion.objects.get(product__code="W30")
    version.terms = version.terms | {"survival": [{"from_year": 1, "pct": "0.01"}]}
    version.save()
    policy = make_policy(cast.county, cast.clerk, product="W30", effective_on=years_ago(2, 40), **fields)
    # as if it had been issued then: of one that is taken over, years gone by are not made up for
    Policy.objects.filter(pk=policy.pk).update(years_done=0, next_event_on=policy.effective_on)
    run_policy_day(timezone.localdate())
    return Policy.objects.get(pk=policy.pk)


def matured_policy(cast: Any, **fields: Any) -> Policy:
    """两全保险 over 10,000 元 whose twenty years were over nine days ago."""
    policy = make_policy(cast.county, cast.clerk, product="E20", effective_on=years_ago(20, 10), sum_assured=10000, **fields)
    run_policy_day(timezone.localdate())
    return Policy.objects.get(pk=policy.pk)


def yearly_policy(cast: Any, **fields: Any) -> Policy:
    """A whole life policy over ten yearly premiums, three of them paid, delivered two years and two hundred days ago."""
    policy = make_policy(
        cast.county, cast.clerk, product="W30", pay_term="10Y", pay_mode="annual", effective_on=years_ago(2, 200), **fields
    )
    for year in (1, 2):
        pay_premium(policy, cast, add_years(policy.effective_on, year))
    return Policy.objects.get(pk=policy.pk)


def years_ago(years: int, days: int) -> date:
    return add_years(timezone.localdate() - timedelta(days=days), -years)


def pay_premium(policy: Policy, cast: Any, day: date) -> None:
    found, amount = Policy.objects.get(pk=policy.pk), policy.main.premium + policy.main.extra
    receive_premium(policy=found, amount=amount, received_on=day, reference=f"B{day}", actor=cast.clerk, now=timezone.now())


def lapsed_policy(cast: Any, *, days: int = 100, **fields: Any) -> Policy:
    """Whose second yearly premium was due a hundred days ago and never paid: suspended since thirty-nine days."""
    policy = make_policy(
        cast.county, cast.clerk, product="W30", pay_term="10Y", pay_mode="annual", effective_on=years_ago(1, days), **fields
    )
    run_policy_day(timezone.localdate())
    return Policy.objects.get(pk=policy.pk)


def paid_in(policy: Policy, cast: Any, *, days: int = 1, short: str = "0.00", with_debts: bool = False) -> Policy:
    """What 复效 asks for came in so many days ago."""
    day = timezone.localdate() - timedelta(days=days)
    due = due_for_reinstatement(policy, day, with_debts=with_debts).due.amount - Decimal(short)
    receive_premium(policy=policy, amount=due, received_on=day, reference=f"F{policy.number}", actor=cast.clerk, now=timezone.now())
    return Policy.objects.get(pk=policy.pk)


def lent_on(policy: Policy, cast: Any, *, days: int = 73, amount: int = 1000) -> Policy:
    """A loan of 1,000 元 over seventy-three days: at 5 % it has cost 10 元."""
    day = timezone.localdate() - timedelta(days=days)
    lend(policy=policy, case_number="PS-OLD", amount=Decimal(amount), day=day, actor=cast.clerk, now=timezone.now())
    return Policy.objects.get(pk=policy.pk)


def inputs_for(case: Case, **fields: Any) -> dict[str, Any]:
    """What the clerk keys for a case of any line."""
    if case.line == "servicing":
        return servicing_inputs(case.item, case.policy, **fields)
    if case.item == "CL01":
        heir = case.policy.beneficiaries.filter(effective_to=None).order_by("order", "pk").first()
        return claim_inputs(case.item, **({"payee": heir.name if heir else case.applicant.name, "payee_relation": "子女"} | fields))
    return claim_inputs(case.item, **({"payee": case.policy.insured.name} | fields))


def servicing_inputs(item: str, policy: Policy, **fields: Any) -> dict[str, Any]:
    """What the clerk keys: money to the policyholder's own account, a spouse as sole beneficiary, a new phone."""
    if item == "PS13":
        return {"beneficiaries": [beneficiary_row()], "consent_by": "insured", "consent_on": timezone.localdate().isoformat()} | fields
    if item == "PS27":
        return {"dividend_option": "cash"} | fields
    if item == "PS33":
        return {"why_text": "效力中止满二年，多次通知未办理复效"} | fields
    if item == "PS14":
        return {"subject": "policyholder", "phone": "19988887777", "address": "样本市虚构路 8 号"} | fields
    signed = {} if policy.policyholder_id == policy.insured_id else {"consent_by": "insured", "consent_on": timezone.localdate().isoformat()}
    if item == "PS12":
        new = invented("holder", born=date(1988, 3, 9), sex="F")
        return {k: v for k, v in new.items() if not k.endswith(("sex", "class", "income"))} | signed | {"new_relation": "spouse"} | fields
    if item == "PS07":
        health = [{"code": str(n), "answer": "否", "note": ""} for n in range(1, 16)]
        return {"health": health, "occupation_class": "1"} | signed | fields
    if item == "PS08":
        return signed | fields
    if item == "PS10":
        return {
            "asked": "1010.00", "paid_how": "transfer", "payer": policy.policyholder.name, "received_on": timezone.localdate().isoformat(),
            "reference": f"K{policy.number}",
        } | fields
    account = {"payee": policy.policyholder.name, "payee_bank": "虚构银行", "payee_account": "9900001234567890"}
    if item in ("PS24", "PS26"):
        return account | {"payee": policy.insured.name} | fields
    if item == "PS28":
        there = overpaid(policy, timezone.localdate()).total
        return account | {"asked": f"{there:.2f}", "why_text": "重复交费"} | fields
    if item == "PS03":
        return account | {"cover": str(policy.main.pk), "asked": "100000.00", "why": "money"} | fields
    if item == "PS09":
        return account | signed | {"asked": "1000.00", "why_text": "子女教育"} | fields
    return {
        "why": "money", "payee": policy.policyholder.name, "payee_bank": "虚构银行", "payee_account": "9900001234567890",
    } | fields


def beneficiary_row(name: str = "测试配偶", relation: str = "配偶", share: str = "100", **fields: str) -> dict[str, str]:
    """A row of the beneficiary table with an invented card."""
    card = compose_card(region="990101", birth_date=date(1988, 3, 9), sequence=(next(_serial) % 499) * 2)
    return {
        "name": name, "relation": relation, "id_type": "resident", "id_number": card, "birth_date": "", "order": "1",
        "share_pct": share,
    } | fields


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


#: Arguments of `handed_over` that are for the acceptance; all others are keyed.
ACCEPTED_WITH = ("policy", "now", "applicant", "applicant_kind", "submitted_on", "passed_on", "more_papers")


def fields_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends for a keyed record: ticked boxes as on, tables cell by cell."""
    found: dict[str, Any] = {}
    for name, value in inputs.items():
        if isinstance(value, list):
            for number, row in enumerate(value):
                found |= {f"{name}-{number}-{column}": cell for column, cell in row.items()}
        elif value is True:
            found[name] = "on"
        elif value is not False:
            found[name] = value
    return found


def handed_over(cast: Any, *, item: str = "CL05", **fields: Any) -> Case:
    """A case keyed, scanned and handed over: it waits in the pool of its line."""
    if item.startswith("NB"):
        return proposal_handed_over(cast, item=item, **fields)
    case = accept(cast, item=item, **{k: fields.pop(k) for k in ACCEPTED_WITH if k in fields})
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, **inputs_for(case, **fields))
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    perform(case, "hand_over", actor=cast.clerk, overrides=overrides_for(case))
    return Case.objects.get(pk=case.pk)


def overrides_at_counter(case: Case) -> dict[str, str]:
    """A reason for each warning of the pre-check."""
    from intake.services import precheck_specs

    fresh = Case.objects.get(pk=case.pk)
    return {f.code: "已核对" for f in precheck_specs(fresh, timezone.now()) if f.level == "warn"}


def overrides_for(case: Case) -> dict[str, str]:
    """A reason for each warning the rules raise now."""
    from lifeops.cases.findings import evaluate_rules

    fresh = Case.objects.get(pk=case.pk)
    return {f.code: "已核对" for f in evaluate_rules(fresh, timezone.now()) if f.level == "warn"}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


PROPOSAL_PAPERS = ("APP_FORM", "ID_APPLICANT", "ID_INSURED", "DISCLOSURE", "SALES_TIP", "EXCLUSION_NOTE", "SUIT_FORM")
PLANS = {"NB01": ("T20", "20Y", "20Y", "annual"), "NB02": ("W30", "WHOLE_LIFE", "10Y", "annual")}


def accept_proposal(cast: Any, *, item: str = "NB01", **fields: Any) -> Case:
    """受理 of a complete proposal at the county's counter, from somebody not on file."""
    given = {"applicant_kind": "policyholder", "applicant_name": "测试投保人", "submitted_on": timezone.localdate()}
    return accept_case(
        branch=cast.county, actor=cast.clerk, line="underwriting", item=item, channel="counter",
        papers=[{"doc_type": code, "received": "original", "pages": 1} for code in PROPOSAL_PAPERS], **(given | fields),
    )


def proposal_handed_over(cast: Any, *, item: str = "NB01", accepted: dict[str, Any] | None = None, **fields: Any) -> Case:
    """A proposal keyed, scanned and handed over. At the counter 新契约 is scanned before it is keyed."""
    from intake.services import precheck_specs

    case = accept_proposal(cast, item=item, **(accepted or {}))
    warned = [f.code for f in precheck_specs(case, timezone.now()) if f.level == "warn"]
    perform(case, "pass_precheck", actor=cast.clerk, overrides=dict.fromkeys(warned, "已核对原件"))
    perform(case, "save_record", actor=cast.entry, **proposal_inputs(item, **fields))
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "hand_over", actor=cast.clerk, overrides=overrides_for(case))
    return Case.objects.get(pk=case.pk)


def invented(prefix: str, *, born: date, sex: str = "M", sequence: int = 0) -> dict[str, Any]:
    """Particulars of a person nobody is (region 99), as the entry form takes them. The same sequence is the same person."""
    number = sequence or 2 * (next(_serial) % 400) + 1
    number += (number % 2 == 0) if sex == "M" else (number % 2 == 1)
    return {
        f"{prefix}_name": f"测试人{number}", f"{prefix}_sex": sex, f"{prefix}_birth_date": born.isoformat(),
        f"{prefix}_id_type": "resident", f"{prefix}_id_valid_to": "2040-01-01",
        f"{prefix}_id_number": compose_card(region="990102", birth_date=born, sequence=number),
        f"{prefix}_phone": f"1990001{number:04d}", f"{prefix}_address": "样本市样本路 1 号",
        f"{prefix}_occupation_class": "1", f"{prefix}_income": "200000",
    }


def proposal_inputs(item: str = "NB01", **fields: Any) -> dict[str, Any]:
    """What the clerk keys of a proposal on the applicant's own life: 200,000 元, 1986, 男, premium as in the table.
    Where the relation is another, give the insured by `**invented("insured", …)`; answers of 是 as `yes={"5": "…"}`."""
    from lifeops.policies.rules.dates import age_on

    product, cover_term, pay_term, pay_mode = PLANS[item]
    yes = fields.pop("yes", {})
    given = invented("holder", born=date(1986, 5, 17)) | {
        "relation": "self", "consented": False, "parents_consented": False,
        "beneficiaries": [
            {"name": "测试受益人甲", "relation": "配偶", "order": "1", "share_pct": "60", "id_number": ""},
            {"name": "测试受益人乙", "relation": "子女", "order": "1", "share_pct": "40", "id_number": ""},
        ],
        "product": product, "sum_assured": "200000", "cover_term": cover_term, "pay_term": pay_term, "pay_mode": pay_mode,
        "account_bank": "虚构银行", "account_number": "9900001234567890", "height_cm": "172", "weight_kg": "68",
        "health": [{"code": str(n), "answer": "是" if str(n) in yes else "否", "note": yes.get(str(n), "")} for n in range(1, 16)],
        "other_death_cover": "0", "agent_code": "A001", "applied_on": timezone.localdate().isoformat(),
    } | fields
    if given["product"] == "W31":
        given.setdefault("dividend_option", "accumulate")
    if "premium_stated" not in given:
        who = "holder" if given["relation"] == "self" else "insured"
        age = age_on(date.fromisoformat(given[f"{who}_birth_date"]), date.fromisoformat(given["applied_on"]))
        due = quote(
            version=ProductVersion.objects.get(product__code=given["product"]), sex=given[f"{who}_sex"], age=age,
            cover_term=given["cover_term"], pay_term=given["pay_term"], pay_mode=given["pay_mode"],
            sum_assured=Decimal(given["sum_assured"]),
        )
        given["premium_stated"] = str(due.total)
    return given
