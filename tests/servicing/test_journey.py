"""保全 from the counter to the shelf: what each item changes in the book, and the refusals on its way."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case, Clock, broken_links
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.documents.papers import issue, offered, print_letter
from lifeops.policies.models import Endorsement, Party, Payment, Policy
from lifeops.policies.services.locking import change_status
from lifeops.policies.services.payments import seal_of
from lifeops.policies.services.servicing import premiums_paid, surrender_value
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

ITEMS = ("PS01", "PS02", "PS13", "PS14")
OLD = [{"name": "原受益人", "relation": "父母", "id_number": "", "share_pct": 100}]


def book(policy: Policy) -> Policy:
    return Policy.objects.get(pk=policy.pk)


def taken(cast, reviewer=None) -> Case:
    return take_next(reviewer or cast.ps_reviewer, "servicing")


def conclude(cast, case: Case | None = None, reviewer=None, **inputs):
    reviewer = reviewer or cast.ps_reviewer
    case = case or taken(cast, reviewer)
    return perform(case, "conclude", actor=reviewer, opinion="资料齐全，申请真实", **({"outcome": "APPROVE"} | inputs))


def approve(cast) -> None:
    perform(take_next(cast.approver, "approval"), "approve", actor=cast.approver, opinion="同意")


def refuse(cast, code: str = "P09") -> None:
    conclude(cast, outcome="REFUSE", reason_code=code)


def to_the_shelf(cast, case: Case, *kinds: str) -> Case:
    """Letters printed, papers handed over, money settled, volume filed."""
    for kind in kinds:
        letter = issue(case=again(case), kind=kind, actor=cast.issue, now=timezone.now())
        assert print_letter(letter=letter, actor=cast.issue, now=timezone.now()).startswith(b"%PDF")
    perform(case, "release", actor=cast.issue, how="hand", to="测试客户", signed_on=timezone.localdate().isoformat())
    for payment in Payment.objects.filter(case_number=case.number):
        move_money(case=again(case), payment=payment, act="release", actor=cast.head, now=timezone.now())
        move_money(case=again(case), payment=payment, act="settle", actor=cast.head, now=timezone.now(), reference="B1")
    perform(case, "file", actor=cast.archive, box="b01", shelf="a3", reason="影像另存")
    return again(case)


def test_cancelled_in_cooling_off_all_premium_goes_back_and_the_contract_ends(cast):
    case = handed_over(cast, item="PS01")
    policy, paid = book(case.policy), premiums_paid(case.policy)
    assert policy.hold_case == case.number
    conclude(cast)
    assert again(case).state == State.PENDING_APPROVAL and book(policy).status == "in_force"
    approve(cast)
    found, today = book(policy), timezone.localdate()
    assert (found.status, found.termination, found.terminated_on) == ("terminated", "犹豫期撤单", today)
    assert found.hold_case == "" and not found.coverages.filter(active=True).exists()
    assert found.premiums.get(kind="refund").amount == -paid
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.amount, payment.payee, payment.state) == (paid, policy.policyholder.name, "ready")
    assert payment.seal == seal_of(payment) and payment.created_by == cast.ps_reviewer
    assert Endorsement.objects.get(case_number=case.number).number == f"{case.number}-E1"
    done = to_the_shelf(cast, case, "endorsement")
    assert done.state == State.ARCHIVED and broken_links(done) == []
    assert not Clock.objects.filter(case=done, stopped_at__isnull=True).exists()


def test_work_cost_is_kept_back_and_shown_as_a_line(cast):
    case = handed_over(cast, item="PS01", work_cost="10")
    paid = premiums_paid(case.policy)
    conclude(cast)
    approve(cast)
    decision = again(case).current_decision()
    assert decision.amount == Payment.objects.get(case_number=case.number).amount == paid - 10
    assert [row["value"] for row in decision.lines] == [f"{paid:.2f}", "-10.00"]


def test_surrender_pays_cash_value_less_loan_and_closes_the_loan(cast):
    policy, today = make_policy(cast.county, cast.clerk, product="W30"), timezone.localdate()
    gross = surrender_value(policy, today).amount
    loan = policy.loans.create(principal=Decimal(1000), rate=Decimal("0.05"), since=today - timedelta(days=73))
    case = handed_over(cast, item="PS02", policy=policy)
    conclude(cast)
    approve(cast)
    decision = again(case).current_decision()
    assert decision.amount == gross - 1000 - 10  # 1,000 × 5 % × 73 ÷ 365
    assert sum(Decimal(row["value"]) for row in decision.lines if row["counts"]) == decision.amount
    assert Payment.objects.get(case_number=case.number).amount == decision.amount
    loan.refresh_from_db()
    assert loan.repaid_on == today and book(policy).termination == "退保"
    assert to_the_shelf(cast, case, "endorsement").state == State.ARCHIVED


def test_beneficiaries_change_only_with_the_second_signature(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", beneficiaries=OLD)
    rows = [beneficiary_row(share="60"), beneficiary_row("测试子女", "子女", "40")]
    case = handed_over(cast, item="PS13", policy=policy, beneficiaries=rows)
    conclude(cast)
    assert again(case).state == State.PENDING_APPROVAL
    assert [b.name for b in policy.beneficiaries.filter(effective_to=None)] == ["原受益人"]
    with pytest.raises(Refused, match="批准岗"):
        perform(case, "take", actor=cast.ps_reviewer2)
    approve(cast)
    now = policy.beneficiaries.filter(effective_to=None).order_by("-share_pct")
    assert [(b.name, b.relation, b.share_pct, b.sex, b.birth_date) for b in now] == [
        ("测试配偶", "配偶", 60, "F", date(1988, 3, 9)), ("测试子女", "子女", 40, "F", date(1988, 3, 9)),
    ]
    assert policy.beneficiaries.get(name="原受益人").effective_to == timezone.localdate()
    assert (book(policy).status, book(policy).hold_case) == ("in_force", "")
    endorsement = Endorsement.objects.get(case_number=case.number)
    assert endorsement.title == "受益人变更" and rows[0]["id_number"] not in str(endorsement.changes)
    assert not Payment.objects.filter(case_number=case.number).exists()
    assert to_the_shelf(cast, case, "endorsement").state == State.ARCHIVED


def test_beneficiaries_fall_back_to_the_heirs(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", beneficiaries=OLD)
    case = handed_over(cast, item="PS13", policy=policy, beneficiaries=[], statutory=True)
    conclude(cast)
    approve(cast)
    assert not policy.beneficiaries.filter(effective_to=None).exists()
    assert Endorsement.objects.get(case_number=case.number).changes[0]["after"] == "法定继承人"


def test_contact_change_is_concluded_alone_and_needs_no_paper(cast):
    case = handed_over(cast, item="PS14")
    event = conclude(cast)
    assert again(case).state == State.APPROVED and again(case).current_decision().single
    party = Party.objects.get(pk=case.policy.policyholder_id)
    assert (party.phone, party.address) == ("19988887777", "样本市虚构路 8 号")
    assert event.data["changes"][0]["after"] == "199****7777"
    assert [kind for kind, _ in offered(again(case))] == ["receipt", "flow_sheet"]
    assert not Endorsement.objects.filter(case_number=case.number).exists()
    assert to_the_shelf(cast, case).state == State.ARCHIVED


@pytest.mark.parametrize("item", ITEMS)
def test_refused_request_leaves_the_book_as_it_was_and_sends_its_letter(cast, item):
    case = handed_over(cast, item=item)
    policy, party = book(case.policy), case.policy.policyholder
    refuse(cast)
    if item != "PS14":
        assert again(case).state == State.PENDING_APPROVAL and book(policy).hold_case == case.number
        approve(cast)
    assert again(case).state == State.DECLINED
    assert (book(policy).status, book(policy).hold_case) == ("in_force", "")
    assert Party.objects.get(pk=party.pk).phone == party.phone
    assert not policy.beneficiaries.exists() and not Endorsement.objects.exists() and not Payment.objects.exists()
    with pytest.raises(Refused, match="不予办理通知书尚未打印"):
        perform(case, "release", actor=cast.issue, how="hand", to="x", signed_on=timezone.localdate().isoformat())
    done = to_the_shelf(cast, case, "ps_refusal")
    assert done.state == State.ARCHIVED
    letter = done.letters.get(kind="ps_refusal")
    assert letter.data["reasons"][0]["title"] == "资料不齐，经通知未补正"
    assert bool(letter.data["papers"]) == (item in ("PS01", "PS02"))


@pytest.mark.parametrize("item", ITEMS)
def test_every_reason_of_an_item_has_its_letter(cast, item):
    from servicing.desk import LINE
    from servicing.forms import ServicingDecisionForm
    from servicing.wording import ADVICE, BASIS

    assert {r.code for r in LINE.reasons} == set(BASIS) == set(ADVICE)
    form = ServicingDecisionForm(case=accept(cast, item=item), actor=cast.ps_reviewer)
    offered_codes = {code for code, _ in form.fields["reason_code"].choices if code}
    assert ("P04" in offered_codes) == (item == "PS13") and ("P01" in offered_codes) == (item == "PS01")
    assert "P09" in offered_codes


@pytest.mark.parametrize("item", ITEMS)
def test_withdrawal_releases_the_policy_and_changes_nothing(cast, item):
    case = handed_over(cast, item=item)
    assert book(case.policy).hold_case == ("" if item == "PS14" else case.number)
    with pytest.raises(Refused):
        perform(case, "withdraw", actor=cast.other_clerk, reason="客户撤回")
    perform(case, "withdraw", actor=cast.clerk, reason="客户撤回")
    assert again(case).state == State.WITHDRAWN
    assert (book(case.policy).status, book(case.policy).hold_case) == ("in_force", "")


def test_refusal_needs_a_reason_of_the_item_and_the_facts(cast):
    handed_over(cast, item="PS02")
    case = taken(cast)
    with pytest.raises(Invalid) as caught:
        perform(case, "conclude", actor=cast.ps_reviewer, outcome="REFUSE")
    assert set(caught.value.errors) == {"reason_code", "opinion"}
    with pytest.raises(Invalid) as caught:
        conclude(cast, case, outcome="REFUSE", reason_code="P04")
    assert set(caught.value.errors) == {"reason_code"}


def test_reviewers_of_other_lines_neither_see_nor_take_it_and_reviewers_never_approve(cast):
    case = handed_over(cast, item="PS02")
    for user in (cast.cl_reviewer, cast.underwriter, cast.other_clerk, cast.sysadmin):
        assert not Case.objects.visible_to(user).filter(pk=case.pk).exists()
        with pytest.raises(Refused):
            perform(case, "take", actor=user)
    conclude(cast)
    for user in (cast.ps_reviewer, cast.ps_reviewer2, cast.clerk, cast.cl_reviewer):
        with pytest.raises(Refused):
            perform(case, "take", actor=user)
    approve(cast)
    assert again(case).state == State.APPROVED


def test_money_typed_by_the_reviewer_counts_for_nothing(cast):
    case = handed_over(cast, item="PS02")
    due = surrender_value(case.policy, timezone.localdate()).amount
    conclude(cast, amount="1.00")
    assert again(case).current_decision().amount == due


def test_loan_taken_between_conclusion_and_signature_sends_it_back(cast):
    case = handed_over(cast, item="PS02")
    conclude(cast)
    case.policy.loans.create(principal=Decimal(500), rate=Decimal("0.05"), since=timezone.localdate() - timedelta(days=9))
    held = take_next(cast.approver, "approval")
    with pytest.raises(Refused, match="保单账目有变化"):
        perform(held, "approve", actor=cast.approver)
    assert book(case.policy).status == "in_force" and not Payment.objects.exists()
    perform(held, "return_to_review", actor=cast.approver, reason="账目有变化")
    conclude(cast, again(case))
    approve(cast)
    assert again(case).state == State.APPROVED


def test_policy_that_ended_meanwhile_is_refused_in_words(cast):
    case = handed_over(cast, item="PS13")
    conclude(cast)
    change_status(book(case.policy), "terminated", on=timezone.localdate(), cause="身故给付")
    held = take_next(cast.approver, "approval")
    with pytest.raises(Refused, match="保单状态不能办理此项目"):
        perform(held, "approve", actor=cast.approver)
    assert again(case).state == State.PENDING_APPROVAL


def test_death_claim_opened_meanwhile_stops_the_surrender(cast):
    case = handed_over(cast, item="PS02")
    claim = accept(cast, item="CL01", policy=case.policy)
    with pytest.raises(Invalid, match="保单有未决理赔"):
        conclude(cast)
    perform(claim, "withdraw", actor=cast.clerk, reason="误报")
    conclude(cast, again(case))
    assert again(case).state == State.PENDING_APPROVAL


def test_comparison_shows_the_book_and_is_kept_when_the_case_ends(cast):
    from servicing.services import changes_tab, summary

    policy = make_policy(cast.county, cast.clerk, product="W30", beneficiaries=OLD)
    case = handed_over(cast, item="PS13", policy=policy)
    before = changes_tab(case, cast.ps_reviewer)
    assert [(r["before"], r["after"]) for r in before["rows"]] == [
        ("未指定", "第 1 顺序，100%"), ("第 1 顺序，100%", "不再指定"),
    ]
    assert dict(summary(case, case.record))["变更对照"][1][1] == "第 1 顺序，100% → 不再指定"
    conclude(cast)
    approve(cast)
    after = changes_tab(again(case), cast.ps_reviewer)
    assert after["rows"] == before["rows"] and after["made"]
    assert [e.number for e in after["endorsements"]] == [f"{case.number}-E1"]


def test_workbench_shows_before_and_after_to_reviewer_and_approver_and_to_nobody_of_another_line(cast, as_user):
    case = handed_over(cast, item="PS02")
    tab = f"/cases/{case.number}/tabs/changes/"
    assert as_user(cast.cl_reviewer).get(tab).status_code == 404
    taken(cast)
    page = as_user(cast.ps_reviewer).get(f"/cases/{case.number}/").content.decode()
    assert "变更对照" in page and 'name="amount"' not in page
    assert "拟变更为" in as_user(cast.ps_reviewer).get(tab).content.decode()
    conclude(cast, again(case))
    approve(cast)
    assert f"{case.number}-E1" in as_user(cast.approver).get(tab).content.decode()


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
    number = beneficiary_row()["id_number"]
    heirs = make_policy(cast.county, cast.clerk, product="W30", beneficiaries=[OLD[0] | {"id_number": number}])
    for item, shown, hidden in (("PS13", number, f"{number[:3]}***********"), ("PS14", heirs.insured.phone, "199****")):
        case = accept(cast, item=item, policy=heirs)
        perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
        pages = {u: as_user(u).get(f"/intake/{case.number}/entry/").content.decode() for u in (cast.entry, cast.scan)}
        assert shown in pages[cast.entry] and shown not in pages[cast.scan] and hidden in pages[cast.scan]
