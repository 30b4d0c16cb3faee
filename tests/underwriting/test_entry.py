"""Entry of a proposal: what the form refuses at which field, what it starts with, what it keeps; the tab 累计风险."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from tests.factories import (
    accept_proposal,
    again,
    handed_over,
    invented,
    make_party,
    make_policy,
    proposal_inputs,
)
from underwriting.defaults import load_defaults
from underwriting.forms import SECTIONS, ProposalForm
from underwriting.models import Proposal, UnderwritingLimit


def ready(cast, **fields):
    case = accept_proposal(cast, **fields)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=dict.fromkeys(("J06", "J07"), "已核对"))
    return case


def refused(case, cast, item="NB01", **fields):
    """Messages per field; nothing is saved."""
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **proposal_inputs(item, **fields))
    assert again(case).record is None
    return caught.value.errors


def test_every_field_stands_once_under_a_heading_of_the_paper():
    names = [name for _, fields in SECTIONS for name in fields]
    assert len(names) == len(set(names)) and set(names) == set(ProposalForm.base_fields)


def test_numbers_dates_and_sex_are_held_against_the_card(cast):
    case = ready(cast)
    due = {"premium_stated": "1000"}
    good = invented("holder", born=date(1986, 5, 17), sequence=301)
    wrong = good["holder_id_number"][:-1] + ("0" if good["holder_id_number"][-1] != "0" else "1")
    assert "校验位不符" in refused(case, cast, holder_id_number=wrong, **due)["holder_id_number"][0]
    assert "不一致" in refused(case, cast, **good | {"holder_birth_date": "1986-05-18"}, **due)["holder_birth_date"][0]
    assert "不一致" in refused(case, cast, **good | {"holder_sex": "F"}, **due)["holder_sex"][0]
    assert "到期" in refused(case, cast, holder_id_valid_to="2020-01-01", **due)["holder_id_valid_to"][0]
    assert refused(case, cast, holder_phone="12345", **due) == {"holder_phone": ["手机应为 11 位手机号码"]}


def test_missing_values_are_named_in_chinese_at_their_fields(cast):
    case = ready(cast)
    empty = {"holder_name": "", "relation": "", "sum_assured": "", "premium_stated": "", "applied_on": "", "height_cm": "", "account_number": "1"}
    given = proposal_inputs(premium_stated="1") | empty
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **given)
    assert caught.value.errors == {
        "holder_name": ["请填写投保人姓名"], "relation": ["请选择关系"], "sum_assured": ["请填写基本保险金额（元）"],
        "premium_stated": ["请填写投保单所列每期保险费"], "applied_on": ["请填写投保单签署日期"], "height_cm": ["请填写身高"],
        "account_number": ["账号应为 8 至 30 位数字"],
    }


def test_another_insured_is_asked_for_and_the_same_person_is_not_keyed_twice(cast):
    case = ready(cast)
    errors = refused(case, cast, relation="spouse", premium_stated="1")
    assert {"insured_name", "insured_sex", "insured_birth_date", "insured_id_number", "insured_occupation_class"} == set(errors)
    person = invented("holder", born=date(1986, 5, 17), sequence=303)
    twin = {k.replace("holder", "insured"): v for k, v in person.items()}
    assert refused(case, cast, relation="spouse", **person, **twin) == {"relation": ["投保人与被保险人证件相同，关系应为本人"]}
    other = invented("insured", born=date(1990, 1, 1), sex="F")
    assert set(refused(case, cast, **person, **other)) == {"insured_name", "insured_id_number"}


def test_shares_make_100_percent_in_each_order_and_beneficiaries_are_others(cast):
    case = ready(cast)
    row = {"name": "甲", "relation": "配偶", "order": "1", "share_pct": "60", "id_number": ""}
    for rows, words in (
        ([row], "第 1 顺序的受益份额合计为 60%，应为 100%"),
        ([row | {"share_pct": "100"}, row | {"order": "2", "share_pct": "50"}], "第 2 顺序的受益份额合计为 50%，应为 100%"),
        ([row | {"share_pct": "0"}], "第 1 行：份额应大于 0 且不超过 100"),
        ([row | {"relation": "本人", "share_pct": "100"}], "第 1 行：身故受益人不能是被保险人本人"),
        ([row | {"order": "一"}], "第 1 行：顺序应为 1 至 9"),
        ([row | {"name": ""}], "第 1 行：请填写姓名"),
        ([row | {"share_pct": "100", "id_number": "990102198605170001"}], "第 1 行：身份证号码校验位不符，请核对是否录错"),
    ):
        assert refused(case, cast, beneficiaries=rows)["beneficiaries"] == [words]
    perform(case, "save_record", actor=cast.entry, **proposal_inputs(beneficiaries=[]))
    assert again(case).record.beneficiaries == []


def test_every_question_is_answered_and_every_yes_is_explained(cast):
    case = ready(cast)
    rows = proposal_inputs()["health"]
    assert refused(case, cast, health=rows[:-1])["health"] == ["第 15 项：请选择是或否"]
    rows[4]["answer"] = "是"
    assert refused(case, cast, health=rows)["health"] == ["第 5 项：答“是”须写明时间、诊断和现状"]


def test_a_proposal_of_another_item_or_day_is_refused(cast):
    case = ready(cast)
    assert set(refused(case, cast, product="W30", cover_term="WHOLE_LIFE", pay_term="10Y")) == {"product", "cover_term"}
    later = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert "不能晚于递交日" in refused(case, cast, applied_on=later)["applied_on"][0]
    early = (timezone.localdate() - timedelta(days=61)).isoformat()
    assert "超过 60 天" in refused(case, cast, applied_on=early)["applied_on"][0]


def test_the_form_starts_with_the_applicant_and_goes_on_with_what_was_saved(cast):
    party = make_party(name="张晓明", address="样本市样本路 2 号")
    case = again(ready(cast, applicant=party, agent_code="A007"))
    first = ProposalForm(case=case, actor=cast.entry).initial
    assert (first["holder_name"], first["holder_id_number"], first["agent_code"]) == ("张晓明", party.id_number, "A007")
    # numbers in full are for the post that keys them
    assert ProposalForm(case=case, actor=cast.auditor).initial["holder_id_number"] == party.id_masked
    inputs = proposal_inputs(holder_name="张晓明", holder_id_number=party.id_number, sum_assured="300000")
    perform(case, "save_record", actor=cast.entry, **inputs)
    again_ = ProposalForm.initial_for(again(case))
    assert (again_["sum_assured"], again_["product"], again_["insured_name"]) == (Decimal("300000.00"), "T20", None)


def test_identity_numbers_and_accounts_are_not_readable_in_the_table(cast):
    case = ready(cast)
    row = {"name": "甲", "relation": "配偶", "order": "1", "share_pct": "100", "id_number": ""}
    inputs = proposal_inputs(beneficiaries=[row])
    perform(case, "save_record", actor=cast.entry, **inputs)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM underwriting_proposal p WHERE case_id = %s", [case.pk])
        stored = cursor.fetchone()[0]
    trail = str(again(case).events.get(step="save_record").data)
    for secret in (inputs["holder_id_number"], inputs["holder_phone"], inputs["account_number"]):
        assert secret not in stored and secret not in trail
    record = Proposal.objects.get(pk=case.pk)
    assert record.holder_id_number == inputs["holder_id_number"] and record.beneficiaries[0]["name"] == "甲"


def test_limits_are_loaded_once_and_edited_rows_stay(cast):
    count = UnderwritingLimit.objects.count()
    UnderwritingLimit.objects.filter(code="RECENT").update(value=5)
    load_defaults()
    assert UnderwritingLimit.objects.count() == count
    assert UnderwritingLimit.objects.get(code="RECENT").value == Decimal("5.00")


def test_risk_tab_lists_policies_and_earlier_proposals_with_a_fixed_number_of_queries(cast, as_user):
    person = invented("holder", born=date(1986, 5, 17), sequence=305)
    party = make_party(name=person["holder_name"], id_number=person["holder_id_number"])
    policies = [make_policy(cast.county, cast.clerk, product="W30", insured=party, sum_assured=100000)]
    case = handed_over(cast, item="NB01", sum_assured="80000", **person)
    perform(take_next(cast.underwriter, "underwriting"), "hand_back", actor=cast.underwriter, reason="测试")
    page = as_user(cast.underwriter)
    url = reverse("cases:tab", args=[case.number, "risk"])
    with CaptureQueriesContext(connection, ) as one:
        text = page.get(url).content.decode()
    assert policies[0].number in text and "180,000.00" in text and "未成年人" not in text
    for _ in range(3):
        policies.append(make_policy(cast.county, cast.clerk, product="W30", insured=party, sum_assured=10000))
        handed_over(cast, item="NB02", sum_assured="50000", **person)
    with CaptureQueriesContext(connection) as many:
        text = page.get(url).content.decode()
    assert len(many) <= len(one) + 1
    assert all(p.number in text for p in policies) and "360,000.00" in text
    assert as_user(cast.other_clerk).get(url).status_code == 404


def test_history_finds_the_insured_only_through_the_document(cast):
    from underwriting.services import people

    person = invented("holder", born=date(1986, 5, 17), sequence=307)
    case = handed_over(cast, item="NB01", **person)
    assert people(case, case.record) == []
    party = make_party(name=person["holder_name"], id_number=person["holder_id_number"])
    assert people(case, case.record) == [party]
