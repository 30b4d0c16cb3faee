"""What waits as 暂收: from which day it pays for 复效, and by what it is known again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import LedgerLine, Policy
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import open_loans, repay
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.overpaid import overpaid, refund_overpaid
from lifeops.policies.services.premiums import receipt_key, receive_premium, repayment_key
from lifeops.policies.services.reinstating import due_for_reinstatement
from lifeops.policies.services.servicing import surrender
from tests.factories import lapsed_policy, lent_on, make_policy, yearly_policy

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


ACTS = st.lists(st.tuples(st.sampled_from(("in", "in", "refund", "wait", "repay", "end")), st.integers(1, 40)), min_size=3, max_size=9)


@settings(
    max_examples=8, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(acts=ACTS)
@example(acts=[("in", 30), ("refund", 5), ("wait", 9), ("refund", 40), ("end", 1), ("in", 3), ("refund", 40), ("refund", 1)])
def test_what_came_in_pays_once_whatever_the_order(cast, acts):
    """Each 元 that came in waits, has paid a premium or a loan, went out with the end of the contract or was refunded; none of it twice."""
    with transaction.atomic():
        policy = lent_on(yearly_policy(cast), cast)
        day, came, back = timezone.localdate(), Decimal(0), Decimal(0)
        for n, (act, size) in enumerate(acts):
            found, case = Policy.objects.get(pk=policy.pk), f"PS-{n}"
            amount, there = Decimal(size) * 500, overpaid(found, day).total
            common = {"policy": found, "day": day, "actor": cast.ps_reviewer, "now": timezone.now(), "case_number": case}
            if act == "in":
                receive_premium(policy=found, amount=amount, received_on=day, reference=case, actor=cast.clerk, now=timezone.now())
                came += amount
            elif act == "refund":
                with pytest.raises(BookRefused, match="可退还的款项为"):
                    refund_overpaid(amount=there + Decimal("0.01"), **common)
                if taken := min(amount, there):
                    back += refund_overpaid(amount=taken, **common).amount
            elif act == "wait":
                day += timedelta(days=size * 10)
                run_policy_day(day)
            elif act == "repay" and found.suspense and open_loans(found):
                repay(amount=min(found.suspense, amount), reference="", from_suspense=True, **common)
            elif act == "end" and found.status != "terminated":
                surrender(**common)
            found = Policy.objects.get(pk=policy.pk)
            lines = LedgerLine.objects.filter(entry__policy=policy, account="suspense")
            refunded = sum(lines.filter(entry__text="溢缴退费应付").values_list("amount", flat=True), Decimal(0))
            used = sum(lines.filter(amount__gt=0).exclude(entry__text="溢缴退费应付").values_list("amount", flat=True), Decimal(0))
            before = sum((-a for a in lines.filter(amount__lt=0).values_list("amount", flat=True)), Decimal(0))
            assert refunded == back and before - used - back == found.suspense >= 0 and before - came >= 0
            assert sum(balances(found).values()) == 0
        transaction.set_rollback(True)
