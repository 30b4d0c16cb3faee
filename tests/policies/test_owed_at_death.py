"""What a loan comes to in a death claim: repaid, renewed or lent since the day of death; what the book then says."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lifeops.policies.models import Account, Policy
from lifeops.policies.rules.benefits import less_arrears
from lifeops.policies.rules.lines import Calculation, Line
from lifeops.policies.services.changing import agree_advance
from lifeops.policies.services.claiming import claim_death_terminate, death_standing
from lifeops.policies.services.events import JOB
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import lend, open_loans, owed_at, renew, repay
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from tests.policies.conftest import EFFECTIVE, NOW
from tests.policies.test_changing import book, paid

pytestmark = pytest.mark.django_db
LENT, DIED, PAID = date(2030, 4, 1), date(2030, 6, 1), date(2031, 6, 1)
BENEFIT = Decimal("300000.00")


@pytest.fixture
def lent_on(issue, cast) -> Policy:
    """10,000 元 lent at 5 % two months before the death: 61 days are 83.56 元; the premiums are paid until 2031-03-03."""
    policy = paid(deliver_policy(policy=issue("W30"), signed_on=EFFECTIVE), cast, range(2027, 2031))
    loan = lend(policy=policy, case_number="PS-9", amount=Decimal(10000), day=LENT, actor=cast.clerk, now=NOW)
    assert loan.rate == Decimal("0.05")
    return book(policy)


def deducted(policy: Policy, died: date = DIED) -> Decimal:
    stand = death_standing(book(policy), died)
    benefit = Calculation.of([Line(label="身故保险金", value=BENEFIT)])
    paid_out = less_arrears(benefit=benefit, arrears=stand.arrears_open, debts=stand.owed.debts, event_on=died, reliefs=stand.owed.reliefs)
    assert paid_out.amount == sum(line.value for line in paid_out.lines) <= BENEFIT
    return BENEFIT - paid_out.amount


def repay_on(policy: Policy, amount: Decimal, day: date, cast) -> None:
    repay(policy=policy, amount=amount, day=day, reference=f"R{day}", actor=cast.clerk, now=NOW)


def ended(policy: Policy, cast, died: date = DIED) -> dict[str, Decimal]:
    """The balances after the claim, without the payment of the benefit itself."""
    before = deducted(policy, died)
    now = timezone.make_aware(datetime.combine(PAID, time(10)))
    claim_death_terminate(policy=policy, case_number="CL-1", died_on=died, actor=cast.cl_reviewer, now=now)
    assert not open_loans(policy)
    assert deducted(policy, died) == before, "what was concluded can be read again"
    found = balances(policy)
    assert not {Account.LOAN, Account.APL} & set(found)
    assert found.get(Account.BENEFIT, 0) == before, "the benefit is an expense before debts were taken off it"
    return found


def test_an_open_loan_is_taken_off_with_interest_to_the_death(lent_on, cast):
    assert deducted(lent_on) == Decimal("10083.56")
    assert ended(lent_on, cast)[Account.INTEREST] == Decimal("-83.56")


def test_a_loan_repaid_since_is_not_taken_off_again_and_interest_of_the_time_after_goes_back(lent_on, cast):
    """153 days are 209.59 元, of which 83.56 were due."""
    repay_on(lent_on, Decimal("10209.59"), date(2030, 9, 1), cast)
    assert deducted(lent_on) == 0
    found = ended(lent_on, cast)
    assert (found[Account.INTEREST], found[Account.PAYABLE]) == (Decimal("-83.56"), Decimal("-10126.03")), "the money lent is payable as well"


def test_of_a_loan_repaid_in_part_since_the_rest_is_taken_off(lent_on, cast):
    repay_on(lent_on, Decimal(4000), date(2030, 9, 1), cast)
    assert deducted(lent_on) == Decimal("6083.56")
    assert ended(lent_on, cast)[Account.INTEREST] == Decimal("-83.56")


def test_a_loan_renewed_since_is_taken_off_as_on_the_day(lent_on, cast):
    with transaction.atomic():
        renew(book(lent_on), open_loans(lent_on)[0], date(2030, 10, 1), JOB)
    assert deducted(lent_on) == Decimal("10083.56")
    assert ended(lent_on, cast)[Account.INTEREST] == Decimal("-83.56")


def test_what_was_lent_since_is_taken_off_without_interest(lent_on, cast):
    lend(policy=lent_on, case_number="PS-10", amount=Decimal(1000), day=date(2030, 7, 1), actor=cast.clerk, now=NOW)
    assert deducted(lent_on) == Decimal("11083.56")
    assert ended(lent_on, cast)[Account.INTEREST] == Decimal("-83.56")


@pytest.mark.parametrize(("died", "arrears"), [(date(2031, 3, 2), False), (date(2031, 3, 20), True)])
def test_a_premium_advanced_since_is_owed_once_where_it_was_due_before_the_death(lent_on, cast, died, arrears):
    agree_advance(policy=lent_on, agreed=True, day=LENT, case_number="", actor=cast.clerk, now=NOW)
    premium = lent_on.main.premium + lent_on.main.extra
    run_policy_day(died)
    before = owed_at(open_loans(lent_on), died)
    run_policy_day(date(2031, 5, 10))
    assert [loan.kind for loan in open_loans(lent_on)].count("apl") == 1
    assert deducted(lent_on, died) == before + (premium if arrears else 0)
    booked = balances(lent_on)[Account.PREMIUM]
    assert ended(lent_on, cast, died)[Account.PREMIUM] == booked + (0 if arrears else premium)


@pytest.mark.parametrize("day", [date(2031, 3, 15), date(2031, 3, 25)])
def test_a_premium_open_on_the_day_and_received_since_is_not_taken_off(lent_on, cast, day):
    died, premium = date(2031, 3, 20), lent_on.main.premium + lent_on.main.extra
    run_policy_day(died)
    loans = owed_at(open_loans(lent_on), died)
    if day > died:
        assert deducted(lent_on, died) == loans + premium
    receive_premium(policy=book(lent_on), amount=premium, received_on=day, reference="late", actor=cast.clerk, now=NOW)
    assert deducted(lent_on, died) == loans
    ended(lent_on, cast, died)


steps = st.lists(
    st.tuples(st.sampled_from(["repay", "repay all", "renew", "lend"]), st.integers(1, 60), st.integers(500_00, 9000_00)), max_size=5
)


@settings(max_examples=15, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_whatever_happens_after_a_death_what_was_owed_is_paid_once(lent_on, cast, steps):
    """Owed on the day, and lent since, less repaid since: taken off the benefit, or given back. No interest of the time after."""
    mark = transaction.savepoint()
    owed, interest, day = owed_at(open_loans(lent_on), DIED), Decimal("83.56"), DIED
    for number, (what, days, fen) in enumerate(steps):
        day, amount, loans = day + timedelta(days=days), Decimal(fen) / 100, open_loans(lent_on)
        if what == "lend" and owed < 20000:
            lend(policy=book(lent_on), case_number=f"PS-{number}", amount=amount, day=day, actor=cast.clerk, now=NOW)
            owed += amount
        elif what == "renew" and loans:
            renew(book(lent_on), loans[0], day, JOB)
        elif what.startswith("repay") and loans:
            whole = owed_at(loans, day)
            amount = whole if what == "repay all" else min(whole, amount)
            repay_on(book(lent_on), amount, day, cast)
            owed -= amount
    payable = balances(lent_on).get(Account.PAYABLE, Decimal(0))
    assert deducted(lent_on) == max(0, owed)
    found = ended(book(lent_on), cast)
    assert found.get(Account.PAYABLE, 0) - payable == min(0, owed)
    assert found[Account.INTEREST] == -interest
    assert sum(found.values()) == 0
    transaction.savepoint_rollback(mark)
