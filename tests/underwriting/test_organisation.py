"""单位 as policyholder: from the counter with its 经办人 to the policy, and money back to its own account."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from intake.services import accept_case
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.documents.papers import issue
from lifeops.policies.identity import uscc_error
from lifeops.policies.models import Party, Payment, ProductVersion
from lifeops.policies.services.parties import find_or_create_party
from tests.factories import (
    PROPOSAL_PAPERS,
    accept,
    accept_proposal,
    again,
    invented,
    make_party,
    make_policy,
    overrides_at_counter,
    overrides_for,
    proposal_inputs,
)
from underwriting.assessment import findings
from underwriting.models import Proposal

NAME = "样本制造有限公司"
HANDLED = ("POWER_OF_ATTORNEY", "ID_PROXY")
HOLDER = {
    "holder_name": NAME, "holder_id_type": "uscc", "holder_address": "样本市样本区工业路 1 号", "holder_phone": "01088886666",
    "relation": "employee", "consented": True,
}  # fmt: skip


def code_of(first: str) -> str:
    return next(first + sign for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if not uscc_error(first + sign))


@pytest.fixture
def firm(db) -> Party:
    return find_or_create_party(name=NAME, id_type="uscc", id_number=code_of("91990100MA0TE5T01"), phone="01088886666")


def inputs(firm: Party, item: str = "NB01", **fields):
    given = proposal_inputs(item, **invented("insured", born=date(1986, 5, 17), sequence=301))
    for name in ("sex", "birth_date", "occupation_class", "income"):
        given.pop(f"holder_{name}")
    return given | HOLDER | {"holder_id_number": firm.id_number} | fields


def taken_in(cast, firm: Party, item: str = "NB01", papers=(*PROPOSAL_PAPERS, *HANDLED), handler: Party | None = None) -> Case:
    case = accept_case(
        branch=cast.county, actor=cast.clerk, line="underwriting", item=item, channel="counter", applicant_kind="policyholder",
        submitted_on=timezone.localdate(), applicant=firm, handler=handler or make_party(name="经办王"),
        papers=[{"doc_type": code, "received": "original", "pages": 1} for code in papers],
    )
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    return case


def rule(case: Case, code: str):
    record = Proposal.objects.select_related("version__product").get(case_id=case.pk)
    return next(f for f in findings(again(case), record, timezone.now()) if f.code == code)


def test_a_firm_insures_its_worker_and_gets_the_policy(cast, firm, as_user):
    case = taken_in(cast, firm, item="NB02")
    perform(case, "save_record", actor=cast.entry, **inputs(firm, "NB02"))
    assert [rule(case, code).level for code in ("N05", "N06", "N10", "N18", "N19")] == ["pass"] * 5
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "hand_over", actor=cast.clerk, overrides=overrides_for(case))
    take_next(cast.underwriter, "underwriting")
    perform(case, "conclude", actor=cast.underwriter, outcome="STANDARD", opinion="标准体承保")
    case = again(case)
    if case.state == "pending_approval":
        take_next(cast.approver, "approval")
        perform(case, "approve", actor=cast.approver, opinion="同意")
        case = again(case)
    policy = case.policy
    assert (policy.policyholder, policy.relation) == (firm, "employee") and policy.insured.birth_date == date(1986, 5, 17)
    letter = issue(case=case, kind="contract", actor=cast.issue, now=timezone.now())
    assert letter.data["holder"]["name"] == NAME and letter.data["holder"]["born_on"] is None
    page = as_user(cast.clerk).get(reverse("policies:detail", args=[policy.number])).content.decode()
    assert NAME in page
    assert "单位" in as_user(cast.clerk).get(reverse("policies:customer", args=[firm.pk])).content.decode()
    assert "经办王" in as_user(cast.underwriter).get(case.get_absolute_url()).content.decode()


def test_what_a_firm_is_not_is_said_at_its_field(cast, firm):
    case = taken_in(cast, firm)

    def wrong(**fields):
        with pytest.raises(Invalid) as caught:
            perform(case, "save_record", actor=cast.entry, **inputs(firm, **fields))
        return {name: words[0] for name, words in caught.value.errors.items()}

    assert wrong(relation="self") == {"relation": "投保人为单位，被保险人应为其劳动者或其他"}
    assert wrong(insured_id_type="uscc")["insured_id_type"] == "被保险人是个人，请用个人证件"
    assert "校验位不符" in wrong(holder_id_number=firm.id_number[:-1] + ("0" if firm.id_number[-1] != "0" else "1"))["holder_id_number"]
    assert wrong(holder_phone="12") == {"holder_phone": "电话应为 11 位手机号码或带区号的固定电话"}
    assert "holder_name" in wrong(holder_name="")
    perform(case, "save_record", actor=cast.entry, **inputs(firm, holder_sex="M", holder_birth_date="1986-05-17"))  # asked of people only
    kept = Proposal.objects.get(case=case)
    assert (kept.holder_sex, kept.holder_birth_date, kept.holder_income) == ("", None, 0)
    with pytest.raises(IntegrityError, match="proposal_holder"), transaction.atomic():
        Proposal.objects.filter(pk=kept.pk).update(relation="self")


def test_a_person_still_needs_what_people_have(cast):
    case = accept_proposal(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=dict.fromkeys(("J06", "J07"), "已核对"))
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **proposal_inputs("NB01") | {"holder_sex": "", "holder_birth_date": ""})
    assert {"holder_sex", "holder_birth_date"} <= caught.value.errors.keys()


def test_only_near_relatives_are_beneficiaries_of_an_insured_worker(cast, firm):
    case = taken_in(cast, firm)
    heir = {"name": "李四", "relation": "配偶", "order": "1", "share_pct": "100", "id_number": ""}
    perform(case, "save_record", actor=cast.entry, **inputs(firm, beneficiaries=[heir]))
    assert rule(case, "N07").level == "pass"
    for stranger in ("朋友", "用人单位"):
        perform(again(case), "save_record", actor=cast.entry, **inputs(firm, beneficiaries=[heir | {"name": NAME, "relation": stranger}]))
        assert rule(case, "N07").level == "block"
    perform(again(case), "save_record", actor=cast.entry, **inputs(firm, consented=False))
    assert rule(case, "N06").level == "block"  # 身故保险须被保险人同意


def test_terms_that_take_people_only_block_a_firm(cast, firm):
    case = taken_in(cast, firm)
    perform(case, "save_record", actor=cast.entry, **inputs(firm))
    version = Proposal.objects.get(case=case).version
    ProductVersion.objects.filter(pk=version.pk).update(terms=version.terms | {"holders": ["person"]})
    assert (rule(case, "N18").level, rule(case, "N18").message) == ("block", "险种不接受单位为投保人")


def test_who_comes_for_a_firm_shows_papers(cast, firm):
    with pytest.raises(Invalid, match="经办人"):
        accept_case(
            branch=cast.county, actor=cast.clerk, line="underwriting", item="NB01", channel="counter", applicant_kind="policyholder",
            submitted_on=timezone.localdate(), applicant=firm, papers=[],
        )
    with pytest.raises(Invalid, match="必备资料不全"):
        taken_in(cast, firm, papers=PROPOSAL_PAPERS)
    case = taken_in(cast, firm)
    perform(case, "save_record", actor=cast.entry, **inputs(firm))
    case.checklist.filter(doc_type="ID_PROXY").update(received="none")
    assert rule(case, "N19").level == "block"
    Case.objects.filter(pk=case.pk).update(handler=None)
    assert (rule(case, "N19").level, rule(case, "N19").message) == ("block", "单位投保没有登记经办人")


def test_the_counter_asks_for_the_handler_and_keeps_what_was_typed(cast, firm, as_user):
    client = as_user(cast.clerk)
    assert NAME in client.post(reverse("intake:find"), {"find": firm.id_number}).content.decode()
    given = {
        "item": "NB01", "channel": "counter", "applicant_kind": "policyholder", "applicant_name": NAME, "applicant": firm.pk,
        "submitted_on": timezone.localdate(), "action": "accept", "key": "k1",
        **{f"paper-{code}-received": "original" for code in PROPOSAL_PAPERS}, **{f"paper-{code}-pages": "1" for code in PROPOSAL_PAPERS},
    }  # fmt: skip
    refused = client.post(reverse("intake:counter"), given)
    page = refused.content.decode()
    assert refused.status_code == 400 and "申请人为单位，请登记经办人及其证件" in page and "授权委托书" in page
    who = invented("handler", born=date(1990, 1, 1), sequence=411)
    given |= {"handler_name": "经办李", "handler_id_type": "resident", "handler_id_number": who["handler_id_number"], "handler_phone": "19900001234"}
    page = client.post(reverse("intake:counter"), given | {"handler_id_number": "1"}).content.decode()
    assert "经办李" in page and "身份证号码应为 18 位" in page
    given |= {f"paper-{code}-{part}": value for code in HANDLED for part, value in (("received", "original"), ("pages", "1"))}
    done = client.post(reverse("intake:counter"), given)
    assert done.status_code == 302
    case = Case.objects.get(applicant=firm)
    assert (case.handler.name, case.handler.id_number) == ("经办李", who["handler_id_number"])
    assert {"POWER_OF_ATTORNEY", "ID_PROXY"} <= set(case.checklist.filter(required=True).values_list("doc_type", flat=True))
    fresh = client.post(reverse("intake:refresh"), {"item": "NB01", "applicant_id_type": "uscc"}).content.decode()
    assert 'id="handler"' in fresh and "受托人身份证件" in fresh
    assert 'id="handler"' not in client.post(reverse("intake:refresh"), {"item": "NB01", "applicant_id_type": "resident"}).content.decode()


@pytest.mark.parametrize("item", ["PS01", "PS02"])
def test_money_goes_back_to_the_account_of_the_firm(cast, firm, item):
    days = 5 if item == "PS01" else 400
    policy = make_policy(
        cast.county, cast.clerk, product="W30", policyholder=firm, relation="employee", effective_on=timezone.localdate() - timedelta(days=days)
    )
    case = accept(cast, item=item, policy=policy, handler=make_party(name="经办王"), more_papers=HANDLED)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    given = {"why": "money", "payee_bank": "虚构银行", "payee_account": "9900001234567890"}
    with pytest.raises(Invalid, match=NAME):
        perform(case, "save_record", actor=cast.entry, **given, payee="经办王")
    perform(case, "save_record", actor=cast.entry, **given, payee=NAME)
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    perform(case, "hand_over", actor=cast.clerk, overrides=overrides_for(case))
    take_next(cast.ps_reviewer, "servicing")
    perform(case, "conclude", actor=cast.ps_reviewer, outcome="APPROVE", opinion="资料齐全，申请真实")
    perform(take_next(cast.approver, "approval"), "approve", actor=cast.approver, opinion="同意")
    assert Payment.objects.get(case_number=case.number).payee == NAME
    letter = issue(case=again(case), kind="endorsement", actor=cast.issue, now=timezone.now())
    assert f"款项付至投保人{NAME}单位账户" in letter.data["remark"]


def test_without_the_papers_of_the_handler_no_money_is_concluded(cast, firm):
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=firm, relation="employee")
    case = accept(cast, item="PS02", policy=policy, handler=make_party(name="经办王"), more_papers=HANDLED)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, why="money", payee=NAME, payee_bank="虚构银行", payee_account="9900001234567890")
    case.checklist.filter(doc_type="POWER_OF_ATTORNEY").update(received="none")
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    with pytest.raises((Invalid, Refused), match="代理"):
        perform(case, "hand_over", actor=cast.clerk, overrides=overrides_for(case))


@pytest.mark.parametrize(("number", "words"), [("", "申请人为单位，请填写统一社会信用代码"), ("91990100MA0TE5T0", "统一社会信用代码应为 18 位")])
def test_the_counter_tells_in_one_round_what_a_firm_lacks(cast, as_user, number, words):
    """Its code, who comes for it, and the papers of both: also where the code is missing or wrong."""
    typed = {
        "item": "NB02", "channel": "counter", "applicant_kind": "policyholder", "applicant_name": NAME, "applicant_id_type": "uscc",
        "applicant_id_number": number, "submitted_on": str(timezone.localdate()), "key": "f-1", "action": "accept",
    }  # fmt: skip
    answer = as_user(cast.clerk).post(reverse("intake:counter"), typed)
    errors = answer.context["form"].errors
    assert answer.status_code == 400 and words in errors["applicant_id_number"][0]
    assert "请登记经办人" in errors["handler_name"][0] and "授权委托书" in errors["papers"][0]
    assert not Case.objects.exists()
