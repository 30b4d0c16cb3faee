"""A death before the end of a term, reported after it: 满期 is put right, and the death benefit is due as if it had been told at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Policy, PolicyNotice
from lifeops.policies.rules.benefits import less_arrears
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import Calculation
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.benefits import death_benefit_of
from lifeops.policies.services.benefits_after import less_owed_back, taken_off_benefit
from lifeops.policies.services.claiming import claim_death_terminate, death_standing
from lifeops.policies.services.collecting import collect_benefits
from lifeops.policies.services.credited_after import undone_lines
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import lend, open_loans
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.recovering import recoverable
from lifeops.policies.services.servicing import surrender
from tests.policies.conftest import EFFECTIVE, NOW, person, version
from tests.policies.disclosures import load
from tests.policies.dying import ended_by_claim, noon
from tests.policies.selling import sell
from tests.policies.test_dividend_options import now

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]
D = Decimal
END = anniversary(EFFECTIVE, 5)
DIED = END - timedelta(days=100)


@pytest.fixture
def endowment(cast, issue):
    """P212014 on a man of 39 for 50,000 元 at once: 59,100 元 if he lives for five years; at his death 60,000 元."""
    [terms] = load("P212014")

    def _endowment(heirs: bool = True, n: int = 0) -> Policy:
        life = person(f"满{n}", sequence=601 + 2 * n)
        named = [{"name": "受益人甲", "relation": "子女", "order": 1}] if heirs else []
        return sell(lambda **f: issue(beneficiaries=named, policyholder=life, **f), terms, insured=life, cover_term="5Y", premium=D(50000))

    return _endowment


def reckoned(policy: Policy, died: date = DIED) -> Calculation:
    policy = now(policy)
    stand, lines = death_standing(policy, died), []
    for cover in answering(policy, died):
        lines += death_benefit_of(policy, cover, died, accident=False).calculation.lines
    due = less_arrears(
        benefit=Calculation.of(lines), arrears=stand.arrears_open, debts=stand.owed.debts, event_on=died, reliefs=stand.owed.reliefs,
        undone=undone_lines(stand.undone),
    )  # fmt: skip
    return less_owed_back(due, stand.owed_back)


def claimed(policy: Policy, cast, day: date, died: date = DIED) -> Policy:
    before = reckoned(policy, died)
    found = ended_by_claim(policy, cast, day, died, off=taken_off_benefit(before), also=(END,))
    assert (found.status, found.ending, found.terminated_on, found.termination) == ("terminated", "claim", died, "身故给付")
    assert reckoned(found, died).lines == before.lines, "what was concluded can be read again"
    assert not open_loans(found)
    return found


def test_a_maturity_that_nobody_collected_is_taken_back(endowment, cast):
    policy = endowment()
    assert reckoned(policy, DIED).amount == 60000
    run_policy_day(END)
    assert now(policy).ending == "maturity" and balances(policy)[Account.PAYABLE] == -policy.main.sum_assured
    due = reckoned(policy)
    assert due.amount == 60000 and [(x.label, x.value) for x in due.lines[1:]] == [("身故后应付的满期金冲回", policy.main.sum_assured)]
    found = claimed(policy, cast, END + timedelta(days=20))
    money = balances(found)
    assert not money.get(Account.PAYABLE) and not money.get(Account.BENEFIT) and recoverable(found, END + timedelta(days=20)) is None
    assert PolicyNotice.objects.get(policy=found, kind="maturity").dropped_on == END + timedelta(days=20)


@pytest.mark.parametrize("heirs", [True, False])
def test_a_maturity_that_was_collected(endowment, cast, heirs):
    policy = endowment(heirs)
    run_policy_day(END)
    collect_benefits(policy=now(policy), case_number="PS-1", ended=True, day=END + timedelta(days=5), actor=cast.clerk, now=NOW)
    due, day, paid = reckoned(policy), END + timedelta(days=20), policy.main.sum_assured
    assert due.amount == (60000 if heirs else 60000 - paid)
    found = claimed(policy, cast, day)
    owed = recoverable(found, day)
    assert (owed is None) != heirs
    if owed is not None:
        assert (owed.amount, owed.what, owed.whose) == (paid, "身故后领取的满期金", "被保险人的继承人，在所得遗产范围内")


def test_a_loan_that_outgrew_the_value_before_the_end_is_owed_with_interest_to_the_death(issue, cast):
    """The value runs out with the term, the loan suspends the contract in its last days: all of that was after the death."""
    end = anniversary(EFFECTIVE, 20)
    died, lent = end - timedelta(days=100), end - timedelta(days=180)
    policy = sell(issue, version("E20"), sum_assured=100000, cover_term="20Y")
    run_policy_day(lent)
    lend(policy=now(policy), case_number="PS-9", amount=D(10000), day=lent, actor=cast.clerk, now=NOW)
    run_policy_day(died)
    at_once = reckoned(policy, died)
    assert [line.value for line in at_once.lines[1:]] == [-10000, D("-109.59")]
    run_policy_day(end)
    assert now(policy).ending == "expiry" and not open_loans(now(policy)) and now(policy).status_changes.filter(status="lapsed").exists()
    assert reckoned(policy, died).lines == at_once.lines
    money = balances(claimed(policy, cast, end + timedelta(days=20), died))
    assert money[Account.INTEREST] == D("-109.59") and Account.LOAN not in money
    # without the payment of the benefit itself
    assert money[Account.BENEFIT] == D("10109.59")


def test_a_term_without_a_maturity_benefit(issue, cast):
    """定期寿险 whose last year's death is told after it has run out."""
    policy = deliver_policy(policy=issue("T20"), signed_on=EFFECTIVE)
    receive_premium(policy=policy, amount=policy.main.premium * 19 + 70, received_on=EFFECTIVE, reference="B", actor=cast.clerk, now=NOW)
    end = anniversary(EFFECTIVE, 20)
    run_policy_day(end)
    assert (now(policy).ending, balances(policy)[Account.PAYABLE]) == ("expiry", -70)
    died = end - timedelta(days=3)
    assert reckoned(policy, died).amount == 300000
    found = claimed(policy, cast, end + timedelta(days=40), died)
    assert balances(found)[Account.PAYABLE] == -70 and found.suspense == 0


def test_a_contract_that_ended_otherwise_stays_ended(endowment, cast):
    policy = endowment()
    surrender(policy=policy, case_number="PS-2", day=DIED + timedelta(days=5), actor=cast.ps_reviewer, now=NOW)
    with pytest.raises(BookRefused, match="终止（退保）"):
        claim_death_terminate(policy=policy, case_number="CL-1", died_on=DIED, actor=cast.cl_reviewer, now=noon(END))


def test_a_death_after_the_end_changes_nothing(endowment, cast):
    policy = endowment()
    run_policy_day(END)
    with pytest.raises(BookRefused, match="终止（满期）"):
        claim_death_terminate(policy=policy, case_number="CL-1", died_on=END, actor=cast.cl_reviewer, now=noon(END + timedelta(days=9)))
    assert balances(policy)[Account.PAYABLE] == -policy.main.sum_assured
