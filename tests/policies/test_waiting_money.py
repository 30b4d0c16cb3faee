"""What waits as 暂收: from which day it pays for 复效, and by what it is known again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy
from lifeops.policies.services.lending import open_loans, repay
from lifeops.policies.services.overpaid import refund_overpaid
from lifeops.policies.services.premiums import receipt_key, receive_premium, repayment_key
from lifeops.policies.services.reinstating import due_for_reinstatement
from tests.factories import lapsed_policy, lent_on, make_policy

pytestmark = pytest.mark.django_db


def days_ago(days: int):
    return timezone.localdate() - timedelta(days=days)


def money_in(cast, policy: Policy, amount: Decimal, days: int, reference: str) -> None:
    receive_premium(policy=policy, amount=amount, received_on=days_ago(days), reference=reference, actor=cast.clerk, now=timezone.now())


def money_back(cast, policy: Policy, amount: Decimal, days: int) -> None:
    refund_overpaid(policy=policy, case_number="PS-X", amount=amount, day=days_ago(days), actor=cast.clerk, now=timezone.now())


def paid_on(policy: Policy):
    return due_for_reinstatement(Policy.objects.get(pk=policy.pk), timezone.localdate(), with_debts=False).paid_on


def test_money_that_was_returned_since_paid_for_nothing(cast):
    """All that is due was there for two days; returned in part and made up for later, it pays from then on, with interest until then."""
    policy = lapsed_policy(cast)
    due = due_for_reinstatement(policy, days_ago(20), with_debts=False).due.amount
    money_in(cast, policy, due, 20, "W1")
    assert paid_on(policy) == days_ago(20)
    money_back(cast, policy, Decimal("100.00"), 18)
    assert paid_on(policy) is None
    money_in(cast, policy, Decimal("150.00"), 5, "W2")
    state = due_for_reinstatement(Policy.objects.get(pk=policy.pk), timezone.localdate(), with_debts=False)
    assert state.paid_on == days_ago(5) and state.due.amount > due


def test_what_was_returned_beyond_what_is_due_moves_no_day(cast):
    policy = lapsed_policy(cast)
    due = due_for_reinstatement(policy, days_ago(20), with_debts=False).due.amount
    money_in(cast, policy, due + 100, 20, "W1")
    money_back(cast, policy, Decimal("100.00"), 18)
    money_in(cast, policy, Decimal("7.00"), 5, "W2")
    assert paid_on(policy) == days_ago(20)


def test_two_long_references_that_begin_alike_are_two_payments(cast):
    policy = lent_on(make_policy(cast.county, cast.clerk, product="W30"), cast)
    first, second = "N" * 56 + "1", "N" * 56 + "2"
    assert repayment_key(first) != repayment_key(second) and receipt_key(first) != repayment_key(first)
    common = {"day": timezone.localdate(), "actor": cast.clerk, "now": timezone.now(), "amount": Decimal("100.00")}
    for reference in (first, second):
        repay(policy=Policy.objects.get(pk=policy.pk), reference=reference, **common)
    with pytest.raises(BookRefused, match="已入账"):
        repay(policy=Policy.objects.get(pk=policy.pk), reference=first, **common)
    assert sum(loan.principal for loan in open_loans(Policy.objects.get(pk=policy.pk))) == Decimal("810.00")
