"""Every item from the counter to the shelf over HTTP, and the same items refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone

from lifeops.cases.models import broken_links
from lifeops.cases.states import State
from lifeops.policies.models import Payment, Policy
from lifeops.policies.services.ledger import balances, waiting_by_kind
from tests.journeys.desks import Journey

pytestmark = pytest.mark.django_db

REVIEWERS = {"underwriting": "underwriter2", "servicing": "ps_reviewer", "claims": "cl_reviewer2"}
YES = {"underwriting": "STANDARD", "servicing": "APPROVE", "claims": "PAY"}
NO = {"underwriting": ("DECLINE", "U01"), "servicing": ("REFUSE", "P05"), "claims": ("REFUSE", "C08")}


def issued(journey):
    policy = Policy.objects.get(issued_by_case=journey.number)
    assert policy.status == "in_force" and policy.delivered_on is not None


def ended(journey):
    assert journey.policy_now().status == "terminated"
    assert Payment.objects.get(case_number=journey.number).state == "settled"


def beneficiary_changed(journey):
    now = journey.policy_now().beneficiaries.get(effective_to__isnull=True)
    assert now.name == "测试配偶" and not Payment.objects.filter(case_number=journey.number).exists()


def held_by_another(journey):
    policy = journey.policy_now()
    assert policy.policyholder_id != policy.insured_id and policy.relation == "spouse"
    assert not Payment.objects.filter(case_number=journey.number).exists()


def contact_changed(journey):
    assert journey.policy_now().policyholder.phone == "19988887777"


def dividends_in_cash(journey):
    policy = journey.policy_now()
    assert policy.dividend_option == "cash" and not Payment.objects.filter(case_number=journey.number).exists()


def overpayment_returned(journey):
    payment, policy = Payment.objects.get(case_number=journey.number), journey.policy_now()
    assert (payment.kind, payment.amount, payment.state) == ("refund", Decimal("500.00"), "settled")
    assert (policy.status, policy.suspense) == ("in_force", 0) and not {"payable", "suspense"} & {*balances(policy)}


def rescinded(journey):
    policy, due = journey.policy_now(), journey.case.current_decision().amount
    assert (policy.ending, policy.termination) == ("rescission", "公司解约") and not Payment.objects.filter(case_number=journey.number).exists()
    assert waiting_by_kind(policy) == {"left": due} and due > 0 and journey.case.subject_name == settings.COMPANY_NAME


def medical_paid(journey):
    payment = Payment.objects.get(case_number=journey.number)
    assert (payment.amount, payment.state) == (Decimal("2700.00"), "settled")
    assert journey.policy_now().status == "in_force"


def reduced(journey):
    cover = journey.policy_now().main
    assert cover.sum_assured == Decimal(200000) and Payment.objects.get(case_number=journey.number).state == "settled"


def back_in_force(journey):
    policy = journey.policy_now()
    assert (policy.status, policy.suspense, policy.reinstated_on) == ("in_force", 0, timezone.localdate())
    assert policy.paid_to > timezone.localdate() and not Payment.objects.filter(case_number=journey.number).exists()


def paid_up(journey):
    policy = journey.policy_now()
    assert (policy.status, policy.paid_to) == ("paid_up", None) and 0 < policy.main.sum_assured < 300000


def lent(journey):
    payment = Payment.objects.get(case_number=journey.number)
    assert (payment.kind, payment.amount, payment.state) == ("loan", Decimal("1000.00"), "settled")
    assert journey.policy_now().loans.get().principal == payment.amount


def repaid(journey):
    assert not journey.policy_now().loans.filter(repaid_on__isnull=True).exists()
    assert balances(journey.policy_now()).get("loan") is None


def survival_paid(journey):
    payment = Payment.objects.get(case_number=journey.number)
    assert (payment.kind, payment.amount, payment.state) == ("benefit", Decimal("6000.00"), "settled")
    assert journey.policy_now().status == "in_force" and "payable" not in balances(journey.policy_now())


def maturity_paid(journey):
    assert Payment.objects.get(case_number=journey.number).amount == Decimal("10000.00")
    assert journey.policy_now().status == "terminated" and "payable" not in balances(journey.policy_now())


EFFECTS = {
    "NB01": issued, "NB02": issued, "PS01": ended, "PS02": ended, "PS03": reduced, "PS07": back_in_force, "PS08": paid_up,
    "PS09": lent, "PS10": repaid, "PS24": survival_paid, "PS26": maturity_paid, "PS12": held_by_another, "PS13": beneficiary_changed, "PS14": contact_changed,
    "PS27": dividends_in_cash, "PS28": overpayment_returned, "PS33": rescinded,
    "CL01": ended, "CL05": medical_paid,
}


@pytest.mark.parametrize("item", EFFECTS)
def test_item_goes_from_the_counter_to_the_shelf_and_the_book_says_so(cast, item):
    journey = Journey(cast, item)
    journey.to_headquarters()
    journey.conclude(REVIEWERS[journey.line], outcome=YES[journey.line])
    journey.sign()
    assert journey.case.state == State.APPROVED
    journey.hand_out()
    journey.pay()
    journey.file()
    EFFECTS[item](journey)
    assert broken_links(journey.case) == []
    steps = list(journey.case.events.values_list("step", flat=True))
    assert [s for s in ("register", "pass_precheck", "hand_over", "conclude", "release", "file") if s not in steps] == []


@pytest.mark.parametrize("item", EFFECTS)
def test_refused_item_goes_out_with_its_letter_and_leaves_the_book_as_it_was(cast, item):
    journey = Journey(cast, item)
    journey.to_headquarters()
    before = journey.policy_now().status if journey.policy else ""
    outcome, reason = NO[journey.line]
    journey.conclude(REVIEWERS[journey.line], outcome=outcome, reason_code=reason)
    journey.sign()
    assert journey.case.state == State.DECLINED
    journey.hand_out()
    journey.file()
    assert not Payment.objects.filter(case_number=journey.number).exists()
    if journey.policy:
        policy = journey.policy_now()
        assert (policy.status, policy.hold_case) == (before, "")
    else:
        assert not Policy.objects.filter(issued_by_case=journey.number).exists()


@pytest.mark.parametrize("item", EFFECTS)
def test_withdrawn_item_is_filed_and_leaves_the_book_as_it_was(cast, item):
    journey = Journey(cast, item)
    journey.to_headquarters()
    journey.step("clerk", "withdraw", reason="客户撤回申请")
    assert journey.case.state == State.WITHDRAWN
    journey.file()
    if journey.policy:
        assert (journey.policy_now().status, journey.policy_now().hold_case) == ({"PS07": "lapsed", "PS26": "terminated", "PS33": "lapsed"}.get(item, "in_force"), "")
