"""A proposal from the counter to the shelf, its five outcomes, and the refusals on the way."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Clock, broken_links
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.requests import perform_request
from lifeops.cases.states import State
from lifeops.documents.papers import issue, print_letter
from lifeops.policies.models import Beneficiary, Coverage, Party, Payment, Policy, PremiumEntry
from tests.factories import accept_proposal, again, handed_over, invented, make_party, make_policy, proposal_inputs
from underwriting.models import UnderwritingDecision


def proposed(cast, item="NB01", **fields):
    return handed_over(cast, item=item, **fields)


YES = {"5": "2024 年确诊高血压，服药控制"}


def conclude(case, who, outcome="STANDARD", **inputs):
    given = {"outcome": outcome, "opinion": "资料齐全，风险可接受"}
    if outcome != "STANDARD":
        given["reason_code"] = "U01"
    return perform(case, "conclude", actor=who, **(given | inputs))


def agreed_terms(cast, case, who, cause="承保条件变更"):
    """The changed terms go to the customer, who signs them; the case is back with its underwriter."""
    perform(case, "issue_request", actor=who, kind="query", addressee="customer", cause=cause, contents=["UQ06"],
            extra="加费 50%", blocking=True, due_days=10)
    letter = again(case).requests.get()
    perform_request(letter, "print_out", actor=cast.query)
    perform_request(letter, "deliver", actor=cast.query, how="面交", to="客户")
    perform_request(letter, "answer", actor=cast.query, reply="客户签名同意")
    perform_request(letter, "close", actor=cast.query)
    return again(case)


def approve(cast, who=None):
    who = who or cast.approver
    return perform(take_next(who, "approval"), "approve", actor=who, opinion="同意")


def nothing_issued(case):
    found = again(case)
    return found.policy_id is None and not Policy.objects.filter(issued_by_case=case.number).exists()


@pytest.mark.parametrize(("item", "product", "cover_term"), [("NB01", "T20", "20Y"), ("NB02", "W30", "WHOLE_LIFE"), ("NB02", "W31", "WHOLE_LIFE")])
def test_standard_life_is_accepted_by_one_signature_and_the_policy_is_exactly_what_was_proposed(cast, item, product, cover_term):
    case = proposed(cast, item=item, product=product)
    taken = take_next(cast.underwriter, "underwriting")
    assert taken.pk == case.pk
    event = conclude(taken, cast.underwriter)
    found = again(case)
    assert found.state == State.APPROVED
    policy = found.policy
    assert event.data["policy"] == policy.number and event.data["route"] == "您的权限 30 万元，本案 20 万元，您可直接签批"
    record, today = found.record, timezone.localdate()
    assert (policy.status, policy.established_on, policy.effective_on) == ("in_force", today, today + timedelta(days=1))
    assert (policy.policyholder_id, policy.relation, policy.agent_code) == (policy.insured_id, "self", "A001")
    cover = Coverage.objects.get(policy=policy)
    assert (cover.version.product.code, cover.cover_term, cover.sum_assured) == (product, cover_term, Decimal("200000.00"))
    assert (cover.premium, cover.extra, cover.exclusion) == (record.premium_stated, Decimal("0.00"), "")
    assert list(Beneficiary.objects.filter(policy=policy).values_list("name", "relation", "order", "share_pct")) == [
        ("测试受益人甲", "配偶", 1, Decimal("60.00")), ("测试受益人乙", "子女", 1, Decimal("40.00")),
    ]
    due = PremiumEntry.objects.get(policy=policy)
    assert (due.kind, due.amount, due.due_on) == ("first", record.premium_stated, policy.effective_on)
    assert policy.paid_to.year == policy.effective_on.year + 1
    insured = policy.insured
    assert (insured.name, insured.id_number, insured.phone) == (record.insured_name, record.insured_id_number, record.insured_phone)


def test_nobody_becomes_a_customer_before_acceptance(cast):
    before = Party.objects.count()
    case = proposed(cast)
    assert list(Party.objects.values_list("name", flat=True)) == []
    conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter)
    assert Party.objects.count() == before + 1
    assert again(case).policy.insured.occupation_class == 1


def test_a_childs_policy_names_parent_and_child(cast):
    child = invented("insured", born=date(timezone.localdate().year - 6, 1, 1), sex="F") | {
        "insured_phone": "", "insured_income": "", "relation": "child", "height_cm": "115", "weight_kg": "20",
    }
    case = proposed(cast, item="NB02", sum_assured="100000", **child)
    conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter)
    policy = again(case).policy
    assert policy.relation == "child" and policy.insured.age(timezone.localdate()) == 6
    assert policy.policyholder_id != policy.insured_id


def test_junior_cannot_sign_above_authority_and_is_told_the_route(cast):
    case = proposed(cast, sum_assured="500000")
    event = conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter)
    found = again(case)
    assert (found.state, found.required_grade) == (State.PENDING_APPROVAL, 1)
    assert event.data["route"] == "您的权限 30 万元，本案 50 万元，将提交 1 级批准岗（额度 100 万元）"
    assert nothing_issued(case)
    with pytest.raises(Refused, match="需要 1 级以上、权限涵盖本项目的批准岗"):
        perform(case, "take", actor=cast.underwriter2)
    approve(cast)
    assert again(case).policy.main.sum_assured == Decimal("500000.00")


def test_authority_counts_what_is_in_force_and_what_is_in_hand(cast):
    person = invented("holder", born=date(1986, 5, 17), sequence=301)
    first = proposed(cast, sum_assured="150000", **person)
    conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter)
    second = proposed(cast, item="NB02", sum_assured="100000", **person)
    third = proposed(cast, sum_assured="80000", **person)
    taken = take_next(cast.underwriter, "underwriting")
    event = conclude(taken, cast.underwriter)
    assert {taken.pk, third.pk} == {second.pk, third.pk} or taken.pk == second.pk
    # 150,000 in force + 80,000 in hand + 100,000
    assert Decimal(event.data["amount"]) == Decimal("330000.00")
    assert again(taken).state == State.PENDING_APPROVAL and again(first).state == State.APPROVED
    lines = again(taken).current_decision().lines
    counted = [(row["label"], row["value"]) for row in lines if row["counts"]]
    assert counted == [("累计风险保额：有效保单", "150000.00"), ("累计风险保额：其他在办投保", "80000.00"), ("累计风险保额：本次投保", "100000.00")]


def test_loading_is_agreed_by_the_customer_then_signed_by_a_second_person(cast):
    case = proposed(cast, yes=YES)
    taken = take_next(cast.underwriter, "underwriting")
    today = timezone.localdate().isoformat()
    with pytest.raises(Invalid, match=r"请先以事由“承保条件变更”下发照会（每期保险费 [\d,.]+ 元，其中加费 [\d,.]+ 元）"):
        conclude(taken, cast.underwriter, "LOADING", loading_ratio="50", agreed_on=today)
    back = agreed_terms(cast, taken, cast.underwriter)
    assert (back.state, back.assignee_id) == (State.IN_REVIEW, cast.underwriter.pk)
    with pytest.raises(Invalid, match="请填写客户签署同意的日期"):
        conclude(back, cast.underwriter, "LOADING", loading_ratio="50")
    conclude(back, cast.underwriter, "LOADING", loading_ratio="50", loading_per_mille="1", agreed_on=today)
    assert again(case).state == State.PENDING_APPROVAL and nothing_issued(case)
    approve(cast)
    cover, record = again(case).policy.main, again(case).record
    # +50 % of the standard premium, and 1 ‰ of 200,000 元
    extra = (record.premium_stated / 2 + 200).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    assert (cover.premium, abs(cover.extra - extra) <= Decimal("0.01")) == (record.premium_stated, True)
    assert PremiumEntry.objects.get(policy=cover.policy).amount == cover.premium + cover.extra
    shown = [row["label"] for row in again(case).current_decision().lines if not row["counts"]]
    assert shown == ["安岳守护定期寿险 标准保费", "安岳守护定期寿险 加费", "每期应交保险费（年交）"]


def test_exclusion_stands_on_the_coverage(cast):
    case = proposed(cast, yes=YES)
    back = agreed_terms(cast, take_next(cast.underwriter, "underwriting"), cast.underwriter)
    today = timezone.localdate().isoformat()
    with pytest.raises(Invalid, match="须写明除外内容"):
        conclude(back, cast.underwriter, "EXCLUSION", agreed_on=today)
    conclude(back, cast.underwriter, "EXCLUSION", exclusion="高处作业所致身故", agreed_on=today)
    approve(cast)
    cover = again(case).policy.main
    assert (cover.exclusion, cover.extra) == ("高处作业所致身故", Decimal("0.00"))


@pytest.mark.parametrize(
    ("outcome", "inputs", "letter"),
    [
        ("POSTPONE", {"postponed_months": "6", "conditions": "六个月后的复查报告"}, "nb_postpone"),
        ("DECLINE", {}, "nb_decline"),
    ],
)
def test_nothing_is_issued_on_a_negative_outcome_and_its_letter_is_due(cast, outcome, inputs, letter):
    case = proposed(cast, yes=YES)
    people, policies = Party.objects.count(), Policy.objects.count()
    conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter, outcome, **inputs)
    # never by one signature, whatever the amount
    assert again(case).state == State.PENDING_APPROVAL
    approve(cast)
    assert again(case).state == State.DECLINED and nothing_issued(case)
    assert (Party.objects.count(), Policy.objects.count()) == (people, policies)
    assert not PremiumEntry.objects.filter(case_number=case.number).exists()
    paper = issue(case=again(case), kind=letter, actor=cast.issue, now=timezone.now())
    assert paper.data["addressee"] == again(case).record.holder_name
    with pytest.raises(Invalid, match="不出具此文书"):
        issue(case=again(case), kind="contract", actor=cast.issue, now=timezone.now())


def test_an_outcome_takes_only_its_own_fields_and_needs_all_of_them(cast):
    proposed(cast)
    taken = take_next(cast.underwriter, "underwriting")
    for outcome, inputs, field in (
        ("STANDARD", {"loading_ratio": "25"}, "loading_ratio"),
        ("DECLINE", {"exclusion": "甲状腺"}, "exclusion"),
        ("POSTPONE", {"conditions": "复查"}, "postponed_until"),
        ("POSTPONE", {"postponed_until": "2020-01-01", "conditions": "复查"}, "postponed_until"),
        ("POSTPONE", {"postponed_months": "6"}, "conditions"),
        ("LOADING", {}, "loading_ratio"),
    ):
        with pytest.raises(Invalid) as caught:
            conclude(taken, cast.underwriter, outcome, **inputs)
        assert field in caught.value.errors, outcome
    with pytest.raises(Invalid) as caught:
        perform(taken, "conclude", actor=cast.underwriter, outcome="DECLINE")
    assert set(caught.value.errors) == {"reason_code", "opinion"}
    assert not UnderwritingDecision.objects.exists()


def test_terms_changed_after_the_conclusion_break_the_seal(cast):
    case = proposed(cast, yes=YES)
    back = agreed_terms(cast, take_next(cast.underwriter, "underwriting"), cast.underwriter)
    conclude(back, cast.underwriter, "EXCLUSION", exclusion="高处作业所致身故", agreed_on=timezone.localdate().isoformat())
    UnderwritingDecision.objects.filter(case=case).update(exclusion="无")
    with pytest.raises(Refused, match="与提交时不一致"):
        approve(cast)
    assert nothing_issued(case)


def test_the_book_that_moved_between_conclusion_and_signature_is_looked_at_again(cast):
    born = date(timezone.localdate().year - 6, 1, 5)
    child = invented("insured", born=born, sex="F", sequence=402) | {
        "insured_phone": "", "insured_income": "", "relation": "child", "height_cm": "115", "weight_kg": "20",
    }
    case = proposed(cast, item="NB02", sum_assured="150000", yes=YES, **child)
    back = agreed_terms(cast, take_next(cast.underwriter, "underwriting"), cast.underwriter)
    conclude(back, cast.underwriter, "LOADING", loading_ratio="25", agreed_on=timezone.localdate().isoformat())
    known = make_party(name=child["insured_name"], sex="F", birth_date=born, id_number=child["insured_id_number"])
    make_policy(cast.county, cast.clerk, product="W30", insured=known, sum_assured=100000)
    with pytest.raises(Refused, match="超过各公司合计限额"):
        approve(cast)
    assert nothing_issued(case) and again(case).state == State.PENDING_APPROVAL


def test_a_query_pauses_the_case_wakes_it_and_returns_it_to_the_same_underwriter(cast):
    case = proposed(cast, yes=YES)
    taken = take_next(cast.underwriter, "underwriting")
    perform(taken, "issue_request", actor=cast.underwriter, kind="query", addressee="customer", cause="健康告知",
            contents=["UQ01", "UQ02"], blocking=True, due_days=10)
    assert again(case).state == State.WAITING
    letter = again(case).requests.get()
    with pytest.raises(Refused):
        perform(taken, "take", actor=cast.underwriter2)
    perform_request(letter, "print_out", actor=cast.query)
    perform_request(letter, "deliver", actor=cast.query, how="面交", to="客户")
    with pytest.raises(Refused):
        perform_request(letter, "answer", actor=cast.other_query, reply="已补")
    perform_request(letter, "answer", actor=cast.query, reply="已补病历")
    perform_request(letter, "close", actor=cast.query)
    found = again(case)
    assert (found.state, found.assignee_id) == (State.IN_REVIEW, cast.underwriter.pk)
    conclude(found, cast.underwriter)
    assert again(case).state == State.APPROVED


def test_from_the_counter_to_the_shelf(cast):
    case = proposed(cast)
    conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter)
    today = timezone.localdate().isoformat()
    hand_over = {"how": "hand", "to": "测试投保人", "signed_on": today}
    with pytest.raises(Refused, match="保险合同尚未打印"):
        perform(case, "release", actor=cast.issue, **hand_over)
    letter = issue(case=again(case), kind="contract", actor=cast.issue, now=timezone.now())
    policy = again(case).policy
    assert letter.data["policy_number"] == policy.number
    assert Decimal(letter.data["first_premium"]) == policy.main.premium
    assert len(letter.data["dues"]) == 20 and len(letter.data["cash_values"]) == 20
    assert policy.insured.id_number not in str(letter.data)
    print_letter(letter=letter, actor=cast.issue, now=timezone.now())
    perform(case, "release", actor=cast.issue, **hand_over)
    with pytest.raises(Refused, match="保险合同回执尚未登记"):
        perform(case, "file", actor=cast.archive, box="b01", shelf="a3", reason="影像另存")
    perform(case, "register_receipt", actor=cast.issue, signed_on=today, signer="测试投保人")
    policy.refresh_from_db()
    assert policy.delivered_on == timezone.localdate() and policy.cooling_off_end > policy.delivered_on
    perform(case, "file", actor=cast.archive, box="b01", shelf="a3", reason="影像另存")
    found = again(case)
    assert found.state == State.ARCHIVED and broken_links(found) == []
    assert not Clock.objects.filter(case=found, stopped_at__isnull=True).exists()
    assert not Payment.objects.filter(case_number=case.number).exists()


def test_withdrawn_proposal_leaves_the_book_as_it_is(cast):
    case = proposed(cast)
    with pytest.raises(Refused):
        perform(case, "withdraw", actor=cast.other_clerk, reason="客户撤回")
    perform(case, "withdraw", actor=cast.clerk, reason="客户撤回")
    assert again(case).state == State.WITHDRAWN and nothing_issued(case)


def test_a_blocked_proposal_does_not_leave_the_branch(cast):
    case = accept_proposal(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={"J06": "已核对原件"})
    perform(case, "save_record", actor=cast.entry, **proposal_inputs(premium_stated="1.00"))
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    perform(case, "complete_entry", actor=cast.entry)
    with pytest.raises(Invalid, match="所填保费与费率表不符"):
        perform(case, "hand_over", actor=cast.clerk, overrides={})
    assert again(case).state == State.CAPTURED
