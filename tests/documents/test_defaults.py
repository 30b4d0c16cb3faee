"""资料清单: what each item asks for, from whom, and what may never be asked for."""

from __future__ import annotations

from datetime import date

import pytest

from lifeops.documents.checklists import gaps_of, rules_for
from lifeops.documents.defaults import load_defaults
from lifeops.documents.models import ChecklistRule, DocType

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
ITEMS = [
    ("underwriting", "NB01"), ("underwriting", "NB02"), ("servicing", "PS01"), ("servicing", "PS02"),
    ("servicing", "PS03"), ("servicing", "PS07"), ("servicing", "PS08"), ("servicing", "PS09"), ("servicing", "PS10"), ("servicing", "PS24"), ("servicing", "PS26"), ("servicing", "PS12"), ("servicing", "PS13"), ("servicing", "PS14"), ("servicing", "PS27"), ("servicing", "PS28"), ("claims", "CL01"), ("claims", "CL05"),
]  # fmt: skip


def asked(line: str, item: str, kind: str = "policyholder") -> dict[str, ChecklistRule]:
    return {r.doc_type_id: r for r in rules_for(line=line, item=item, channel="counter", applicant_kind=kind, day=DAY)}


def required(line: str, item: str, kind: str = "policyholder") -> set[str]:
    return {code for code, rule in asked(line, item, kind).items() if rule.required}


@pytest.mark.parametrize(("line", "item"), ITEMS)
def test_every_item_asks_for_the_form_and_the_applicants_identity(line, item):
    form = {"underwriting": "APP_FORM", "servicing": "SERVICING_FORM", "claims": "CLAIM_FORM"}[line]
    assert {form, "ID_APPLICANT"} <= required(line, item)
    assert asked(line, item)[form].original_required


def test_an_application_comes_with_disclosure_tip_and_exclusions():
    assert {"DISCLOSURE", "SALES_TIP", "EXCLUSION_NOTE", "ID_INSURED"} <= required("underwriting", "NB01")


def test_a_death_claim_asks_for_death_certificate_and_household_cancellation():
    assert {"DEATH_CERT", "HOUSEHOLD_CANCEL", "RELATION_PROOF"} <= required("claims", "CL01")
    assert "INHERIT_PROOF" in required("claims", "CL01", "heir")
    assert "INHERIT_PROOF" not in required("claims", "CL01", "beneficiary")


def test_medical_invoices_are_asked_for_in_the_original():
    assert asked("claims", "CL05")["INVOICE"].original_required


def test_the_insureds_consent_is_asked_for_unless_the_insured_applies():
    assert "CONSENT" in required("servicing", "PS13")
    assert "CONSENT" not in required("servicing", "PS13", "insured")


def test_a_loan_asks_for_its_application_and_the_account_a_repayment_for_the_proof_of_payment_alone():
    assert {"LOAN_FORM", "BANK_CARD"} <= required("servicing", "PS09")
    assert required("servicing", "PS10") == {"SERVICING_FORM", "ID_APPLICANT", "PAYMENT_PROOF"}


def test_who_collects_a_benefit_himself_proves_by_coming_that_he_lives():
    assert "SURVIVAL_PROOF" in required("servicing", "PS24", "proxy") and "SURVIVAL_PROOF" in required("servicing", "PS26", "proxy")
    assert "SURVIVAL_PROOF" not in asked("servicing", "PS24", "insured")


def test_a_suspended_contract_comes_back_with_health_and_occupation_declared():
    assert {"DISCLOSURE", "OCCUPATION_FORM"} <= required("servicing", "PS07")


def test_a_change_of_contact_asks_for_nothing_more():
    assert required("servicing", "PS14") == {"SERVICING_FORM", "ID_APPLICANT"}


@pytest.mark.parametrize(("line", "item"), [pair for pair in ITEMS if pair[0] != "underwriting"])
def test_a_proxy_brings_the_power_of_attorney(line, item):
    assert {"POWER_OF_ATTORNEY", "ID_PROXY"} <= required(line, item, "proxy")
    assert "POWER_OF_ATTORNEY" not in asked(line, item)


def test_nothing_on_the_negative_list_is_asked_for():
    forbidden = ("火化", "丧葬", "骨灰", "车票", "机票", "票根")
    assert [name for name in DocType.objects.values_list("name", flat=True) if any(w in name for w in forbidden)] == []


def test_every_rule_names_its_ground():
    assert not ChecklistRule.objects.filter(source="").exists()


def test_what_is_missing_is_named_at_once():
    rules = rules_for(line="claims", item="CL05", channel="counter", applicant_kind="insured", day=DAY)
    gaps = gaps_of(rules, [{"doc_type": "CLAIM_FORM", "received": "original"}, {"doc_type": "INVOICE", "received": "none"}])
    assert gaps == ["申请人身份证件", "收款账户", "医疗费用发票", "出院小结", "诊断证明"]


def test_rules_end_and_begin_on_their_days():
    ChecklistRule.objects.filter(item="CL05", doc_type="DIAGNOSIS").update(effective_to=date(2026, 3, 31))
    assert "DIAGNOSIS" not in required("claims", "CL05")


def test_loading_twice_changes_nothing():
    before = list(ChecklistRule.objects.order_by("pk").values_list("pk", "order", "required"))
    DocType.objects.filter(code="OTHER").update(name="其他资料")
    load_defaults(date(2026, 1, 1))
    assert list(ChecklistRule.objects.order_by("pk").values_list("pk", "order", "required")) == before
    assert DocType.objects.get(code="OTHER").name == "其他资料"


def test_what_the_company_asks_itself_comes_with_its_memo_and_no_customers_papers():
    assert required("servicing", "PS33", "company") == {"DECISION_MEMO"} and asked("servicing", "PS33", "company")["DECISION_MEMO"].original_required
