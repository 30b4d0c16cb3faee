"""终了红利 goes with the cash value, however it is paid: on surrender, of the part given up, on rescission by the company; not while the
contract is suspended (P123001, articles 4, 6.3, 7.1)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from lifeops.policies.models import Account, Policy
from lifeops.policies.rules.lines import ZERO, money
from lifeops.policies.services.changing import reduce_cover, rescind
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.trial import try_value
from tests.policies.conftest import EFFECTIVE, NOW, version
from tests.policies.test_bonuses import now, sold

pytestmark = pytest.mark.django_db
D = Decimal
DAY = date(2028, 2, 1)


@pytest.fixture
def said(rates):
    return partial(rates, "A60")



def terminal(calculation) -> Decimal:
    return sum((line.value for line in calculation.lines if "终了红利" in line.label and line.counts), ZERO)


@pytest.fixture
def shared(issue, cast, said) -> Policy:
    """One policy year is over, with a bonus; a rate of the terminal bonus from then on."""
    said("bonus", "0.0105", 2027, 2030)
    said("terminal", "0.0203", 2027, 2030, ending="surrender")
    policy = sold(issue, cast)
    run_policy_day(DAY)
    return now(policy)


def test_of_the_part_given_up_its_part_is_paid_and_the_rest_stays(shared, cast):
    terms = version("A60")
    terms.definition["partial_surrender"] = {"allowed": True, "article": "6.3"}
    terms.save()
    policy = now(shared)
    cover, whole = policy.main, terminal(surrender_value(policy, DAY))
    assert whole == money(cover.sum_assured * D("0.0203"))
    told = try_value(policy=policy, kind="partial", day=DAY, today=DAY, given_up=cover.sum_assured / 4)
    assert terminal(told.calculation) == money(whole / 4)
    assert told.amount == money(try_value(policy=policy, kind="cash_value", day=DAY, today=DAY).amount / 4) + money(whole / 4)
    reduce_cover(
        policy=policy, case_number="", cover=cover, sum_assured=cover.sum_assured * 3 / 4, premium=D(7500), extra=D(0), refund=told.amount, day=DAY,
        actor=cast.ps_reviewer, now=NOW,
    )  # fmt: skip
    assert abs(terminal(surrender_value(now(policy), DAY)) - whole * 3 / 4) <= D("0.01")


def test_on_rescission_for_an_age_the_product_does_not_take_it_is_paid_as_on_surrender(shared, cast):
    """保险法 32: the cash value goes back; the terms give the bonus with it on any other ending after the first year."""
    told = try_value(policy=shared, kind="misstatement", day=DAY, today=DAY, birth_date=date(2009, 5, 17))
    due = surrender_value(shared, DAY)
    assert told.title == "解除合同应退还的现金价值" and terminal(told.calculation) == terminal(due) > 0
    assert told.amount == due.amount - shared.suspense  # what is overpaid goes back beside it
    rescind(policy=shared, case_number="PS-1", day=DAY, payable=told.amount, actor=cast.ps_reviewer, now=NOW)
    assert balances(shared)[Account.SURRENDER] == told.amount and statement(shared, EFFECTIVE, DAY).balances


def test_before_the_first_year_is_over_there_is_none(shared):
    day = EFFECTIVE + timedelta(days=300)
    assert terminal(try_value(policy=shared, kind="misstatement", day=day, today=DAY, birth_date=date(2009, 5, 17)).calculation) == 0


def test_a_suspended_contract_is_rescinded_without(issue, cast, said):
    """保险法 37: two years after the suspension; during it there is no bonus of any kind."""
    said("bonus", "0.0105", 2027, 2030)
    said("terminal", "0.0203", 2027, 2030, ending="surrender")
    policy = sold(issue, cast, paid=2)
    day = EFFECTIVE.replace(year=2028) + timedelta(days=100)
    run_policy_day(day)
    assert now(policy).status == "lapsed"
    due = surrender_value(now(policy), day)
    assert due.amount > 0 and terminal(due) == 0
