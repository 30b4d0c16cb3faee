"""保全录入: each item's form starts from the book, and what is wrong is said at its field."""

from __future__ import annotations

import pytest

from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.policies.models import Policy
from tests.factories import (
    accept,
    again,
    beneficiary_row,
    handed_over,
    make_party,
    make_policy,
    overrides_at_counter,
    servicing_inputs,
)

OLD = [{"name": "原受益人", "relation": "父母", "id_number": "", "share_pct": 100}]


def test_entry_form_starts_from_the_book(cast):
    from servicing.forms import BeneficiaryForm, ContactForm, SurrenderForm

    holder = make_party(phone="19911112222", address="旧地址")
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=holder, relation="parent", beneficiaries=OLD)
    row = BeneficiaryForm.initial_for(accept(cast, item="PS13", policy=policy))["beneficiaries"]
    assert [(r["name"], r["order"], r["share_pct"]) for r in row] == [("原受益人", "1", "100")]
    contact = ContactForm.initial_for(accept(cast, item="PS14", policy=policy))
    assert (contact["subject"], contact["phone"], contact["address"]) == ("policyholder", "19911112222", "旧地址")
    insured = ContactForm.initial_for(accept(cast, item="PS14", policy=policy, applicant_kind="insured"))
    assert (insured["subject"], insured["phone"]) == ("insured", policy.insured.phone)
    assert SurrenderForm.initial_for(accept(cast, item="PS02", policy=policy))["payee"] == holder.name


def test_entry_form_shows_again_what_was_keyed(cast):
    from servicing.forms import BeneficiaryForm, ContactForm

    case = handed_over(cast, item="PS13", beneficiaries=[beneficiary_row(share="")])
    again_form = BeneficiaryForm.initial_for(case)
    assert [r["share_pct"] for r in again_form["beneficiaries"]] == [""] and again_form["consent_by"] == "insured"
    assert ContactForm.initial_for(handed_over(cast, item="PS14"))["phone"] == "19988887777"


def keyed(cast, item: str, policy: Policy | None = None, **fields) -> dict[str, list[str]]:
    """What the door says to the keyed values; nothing may be kept."""
    taken_with = {k: fields.pop(k) for k in ("applicant_kind", "applicant") if k in fields}
    case = accept(cast, item=item, policy=policy, **taken_with)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **servicing_inputs(item, case.policy, **fields))
    assert again(case).record is None
    return caught.value.errors


@pytest.mark.parametrize(
    ("item", "fields", "at", "words"),
    [
        ("PS01", {"work_cost": "10.01"}, "work_cost", "不得超过 10.00 元"),
        ("PS01", {"payee": "他人"}, "payee", "本人账户"),
        ("PS02", {"payee_account": "12"}, "payee_account", "8 至 30 位"),
        ("PS02", {"why": ""}, "why", "请选择退保原因"),
        ("PS02", {"why": "other"}, "why_text", "请说明"),
        ("PS13", {"beneficiaries": []}, "beneficiaries", "至少填写一名"),
        ("PS13", {"statutory": True}, "statutory", "请清空"),
        ("PS13", {"beneficiaries": [], "statutory": True}, "statutory", "没有变更"),
        ("PS13", {"beneficiaries": [beneficiary_row(share="60")]}, "beneficiaries", "合计为 60%"),
        ("PS13", {"beneficiaries": [beneficiary_row(share="一半")]}, "beneficiaries", "不是数字"),
        ("PS13", {"beneficiaries": [beneficiary_row(share="NaN")]}, "beneficiaries", "份额应大于 0"),
        ("PS13", {"beneficiaries": [beneficiary_row(order="0")]}, "beneficiaries", "顺序应为"),
        ("PS13", {"beneficiaries": [beneficiary_row(relation="邻居")]}, "beneficiaries", "不在可选范围"),
        ("PS13", {"beneficiaries": [beneficiary_row(id_number="990101198803090000")]}, "beneficiaries", "校验位不符"),
        ("PS13", {"consent_on": ""}, "consent_on", "同意书签署日"),
        ("PS13", {"consent_on": "2999-01-01"}, "consent_on", "不能晚于递交日"),
        ("PS14", {"phone": "123"}, "phone", "电话应为"),
        ("PS14", {"postcode": "12"}, "postcode", "6 位数字"),
        ("PS14", {"email": "nobody"}, "email", "电子邮箱"),
        ("PS14", {"phone": "", "address": ""}, "__all__", "没有任何一项"),
        ("PS14", {"subject": "insured"}, "subject", "请选择投保人"),
        ("PS14", {"filled_for": "insured"}, "subject", "预填的是另一人的"),
    ],
)
def test_wrong_entry_is_said_at_its_field_and_keeps_nothing(cast, item, fields, at, words):
    errors = keyed(cast, item, **fields)
    assert set(errors) == {at} and words in "".join(errors[at])


def test_policyholder_cannot_name_beneficiaries_without_the_insureds_consent(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse")
    assert set(keyed(cast, "PS13", policy, consent_by="", consent_on="")) == {"consent_by"}
    own = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse")
    case = handed_over(cast, item="PS13", policy=own, applicant_kind="insured", consent_by="", consent_on="")
    assert case.state == State.QUEUED


def test_contact_of_one_person_does_not_pass_unseen_to_the_other(cast, as_user):
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(address="投保人地址"), relation="child")
    case = accept(cast, item="PS14", policy=policy, applicant_kind="insured")
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    page, client = f"/intake/{case.number}/entry/", as_user(cast.entry)
    sent = {"subject": "policyholder", "filled_for": "insured", "phone": "19988887777", "version": again(case).version}
    answer = client.post(page, sent | {"key": "k1"})
    assert answer.status_code == 400 and "预填的是另一人的联系方式" in answer.content.decode()
    form = answer.context["form"]
    assert (form["filled_for"].value(), form["phone"].value()) == ("policyholder", "19988887777")
    client.post(page, sent | {"key": "k2", "filled_for": "policyholder"})
    assert again(case).record.subject == policy.policyholder


def test_same_person_is_not_named_twice_nor_the_insured(cast):
    row = beneficiary_row(share="50")
    assert "重复指定" in "".join(keyed(cast, "PS13", beneficiaries=[row, row])["beneficiaries"])
    policy = make_policy(cast.county, cast.clerk, product="W30")
    own = beneficiary_row(id_number=policy.insured.id_number)
    assert "不能是被保险人本人" in "".join(keyed(cast, "PS13", policy, beneficiaries=[own])["beneficiaries"])


def test_numbers_are_shown_in_full_only_to_the_post_that_keys_them(cast, as_user):
    from servicing.forms import BeneficiaryForm, ContactForm

    number = beneficiary_row()["id_number"]
    policy = make_policy(cast.county, cast.clerk, product="W30", beneficiaries=[OLD[0] | {"id_number": number}])
    shown = ((BeneficiaryForm, "PS13", number), (ContactForm, "PS14", policy.insured.phone))
    for form_class, item, secret in shown:
        case = accept(cast, item=item, policy=policy)
        perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
        case, page = again(case), f"/intake/{case.number}/entry/"
        assert secret in as_user(cast.entry).get(page).content.decode()
        assert secret not in as_user(cast.scan).get(page, follow=True).content.decode()
        start = form_class.initial_for(case)
        assert secret in str(form_class(case=case, actor=cast.entry, initial=start).as_p())
        assert secret not in str(form_class(case=case, actor=cast.scan, initial=start).as_p())
