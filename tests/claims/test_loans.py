"""A contract with a loan in a death claim: what is repaid before the money goes out is not taken off it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from claims.models import ClaimDecision
from lifeops.cases.errors import Refused
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.policies.models import Account, Payment, Policy
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import open_loans, owed_at, repay
from tests.factories import again, handed_over, lent_on, make_policy

pytestmark = pytest.mark.django_db


def concluded(cast, case):
    perform(case, "take", actor=cast.cl_reviewer2)
    perform(again(case), "conclude", actor=cast.cl_reviewer2, outcome="PAY", opinion="属于保险责任")


def test_a_loan_repaid_after_the_conclusion_sends_the_claim_back_and_is_paid_in_full(cast):
    policy = lent_on(make_policy(cast.county, cast.clerk, product="W30"), cast)
    case = handed_over(cast, item="CL01", policy=policy)
    concluded(cast, case)
    # lent 73 days ago, the death was 20 days ago: of 1,000 元 at 5 % 53 days are 7.26 元
    benefit = ClaimDecision.objects.get(case=case).amount + Decimal("1007.26")
    today = timezone.localdate()
    repay(policy=policy, amount=owed_at(open_loans(policy), today), day=today, reference="R1", actor=cast.clerk, now=timezone.now())
    with pytest.raises(Refused, match="审核后应付金额有变化"):
        perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert not Payment.objects.exists()
    perform(again(case), "return_to_review", actor=cast.approver_high, reason="贷款已还清")
    perform(again(case), "conclude", actor=cast.cl_reviewer2, outcome="PAY", opinion="贷款已还清")
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert Payment.objects.get().amount == benefit
    found = balances(Policy.objects.get(pk=policy.pk))
    # 10.00 元 of interest were paid, 2.74 of them for the time after the death
    assert (found[Account.BENEFIT], found[Account.INTEREST]) == (benefit, Decimal("-7.26"))
    assert found[Account.PAYABLE] + benefit == Decimal("-1002.74"), "the money lent is payable as well"
