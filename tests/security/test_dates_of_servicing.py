"""保全 takes effect on the day it was asked for: what has happened since is not paid a second time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from lifeops.policies.services.lending import open_loans, owed_at, repay
from lifeops.policies.services.premiums import receive_premium
from tests.factories import handed_over, lent_on
from tests.servicing.test_contract_items import book, done, single, straight
from tests.servicing.test_journey import conclude


def test_a_loan_lent_while_the_surrender_waited_is_settled_by_it(cast):
    """退保 asked for yesterday; the loan was signed today: its principal is not paid out twice."""
    policy = single(cast)
    alone = done(cast, handed_over(cast, item="PS02", policy=single(cast)))
    done(cast, handed_over(cast, item="PS09", policy=policy))
    case = done(cast, handed_over(cast, item="PS02", policy=policy, submitted_on=timezone.localdate() - timedelta(days=1)))
    assert case.current_decision().amount == alone.current_decision().amount - 1000
    assert open_loans(book(policy)) == [] and straight(book(policy))


def test_a_loan_repaid_while_the_surrender_waited_is_not_taken_off(cast):
    policy = lent_on(single(cast), cast)
    today = timezone.localdate()
    alone = done(cast, handed_over(cast, item="PS02", policy=single(cast)))
    repay(
        policy=policy, amount=owed_at(open_loans(policy), today), day=today, reference="R1", actor=cast.clerk, now=timezone.now()
    )
    case = done(cast, handed_over(cast, item="PS02", policy=book(policy), submitted_on=today - timedelta(days=1)))
    assert case.current_decision().amount == alone.current_decision().amount
    assert straight(book(policy))


def test_cover_given_up_once_is_not_paid_for_again_by_papers_of_an_earlier_day(cast):
    policy, today = single(cast), timezone.localdate()
    whole = policy.main.sum_assured
    done(cast, handed_over(cast, item="PS03", policy=policy, asked="40000.00", submitted_on=today - timedelta(days=1)))
    done(cast, handed_over(cast, item="PS03", policy=book(policy), asked="50000.00", submitted_on=today - timedelta(days=3)))
    assert book(policy).main.sum_assured == whole - 90000 and straight(book(policy))


def test_a_loan_bears_interest_until_the_money_that_repays_it_was_there(cast):
    """还款 from 暂收 asked for fifty days ago, by money that came today: ten 元 of interest are owed, not three."""
    policy, today = lent_on(single(cast), cast), timezone.localdate()
    receive_premium(policy=policy, amount=Decimal(1010), received_on=today, reference="B1", actor=cast.clerk, now=timezone.now())
    handed_over(
        cast, item="PS10", policy=book(policy), asked="1010.00", paid_how="suspense", received_on="", reference="",
        submitted_on=today - timedelta(days=50),
    )
    conclude(cast)
    assert open_loans(book(policy)) == [] and book(policy).suspense == 0 and straight(book(policy))
