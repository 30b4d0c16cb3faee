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
from tests.factories import accept, again, beneficiary_row, handed_over, make_party, make_policy

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


@pytest.mark.parametrize(("born", "by", "words"), [(1990, "insured", "已经被保险人书面同意"), (2016, "guardian", "已经被保险人的监护人书面同意")])
def test_the_endorsement_names_whoever_agreed_to_the_beneficiaries(cast, born, by, words):
    holder, insured = make_party(), make_party(birth_date=date(born, 3, 1))
    policy = make_policy(
        cast.county, cast.clerk, product="W30", insured=insured, policyholder=holder, relation="child", sum_assured=100000
    )
    case = handed_over(cast, item="PS13", policy=policy, applicant=holder, applicant_kind="policyholder", consent_by=by)
    conclude(cast)
    approve(cast)
    letter = issue(case=again(case), kind="endorsement", actor=cast.issue, now=timezone.now())
    assert f"{words}（保险法第四十一条）" in letter.data["remark"]


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
    from servicing.decision_form import ServicingDecisionForm
    from servicing.desk import LINE
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
