"""A death before the end of a term, reported after it: 满期 is put right, and the death benefit is due as if it had been told at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Payment, Policy, PolicyNotice
from lifeops.policies.rules.benefits import less_arrears
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import Calculation
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.benefits import death_benefit_of
from lifeops.policies.services.benefits_after import less_owed_back, taken_off_benefit
from lifeops.policies.services.changing import rescind
from lifeops.policies.services.claiming import claim_death_terminate, death_standing
from lifeops.policies.services.collecting import collect_benefits
from lifeops.policies.services.credited_after import undone_lines
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import lend, open_loans
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.payments import (
    create_payment,
    reissue_payment,
    release_payment,
    return_payment,
    settle_payment,
)
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.recovering import recoverable
from lifeops.policies.services.servicing import cancel_in_cooling_off, surrender
from tests.policies.conftest import EFFECTIVE, NOW, cover, person, version
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
    for held in answering(policy, died):
        lines += death_benefit_of(policy, held, died, accident=False).calculation.lines
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


def test_of_a_maturity_that_a_loan_was_taken_off_both_are_put_right(endowment, cast):
    policy, lent = endowment(), DIED - timedelta(days=30)
    run_policy_day(lent)
    lend(policy=now(policy), case_number="PS-9", amount=D(10000), day=lent, actor=cast.clerk, now=NOW)
    at_once = reckoned(policy)
    run_policy_day(END)
    due = reckoned(policy)
    assert now(policy).ending == "maturity" and due.lines[: len(at_once.lines)] == at_once.lines and due.amount == at_once.amount < 50000
    money = balances(claimed(policy, cast, END + timedelta(days=20)))
    assert Account.LOAN not in money and money[Account.PAYABLE] == -10000 and money[Account.BENEFIT] == 60000 - due.amount


def test_a_loan_that_outgrew_the_value_before_the_end_is_owed_with_interest_to_the_death(issue, cast):
    """The value of a term cover runs out with it, the loan suspends the contract in its last days: all of that was after the death."""
    end = anniversary(EFFECTIVE, 20)
    died, lent = end - timedelta(days=100), end - timedelta(days=180)
    life = person("定", sequence=811)
    term = cover("T20", life, sum_assured=D(5_000_000), pay_term="SINGLE", pay_mode="single")
    policy = deliver_policy(policy=issue(insured=life, policyholder=life, coverages=[term], pay_mode="single"), signed_on=EFFECTIVE)
    run_policy_day(lent)
    lend(policy=now(policy), case_number="PS-9", amount=D(5000), day=lent, actor=cast.clerk, now=NOW)
    run_policy_day(died)
    at_once = reckoned(policy, died)
    assert [line.value for line in at_once.lines[1:]] == [-5000, D("-54.79")]
    run_policy_day(end)
    assert now(policy).ending == "expiry" and not open_loans(now(policy)) and now(policy).status_changes.filter(status="lapsed").exists()
    assert reckoned(policy, died).lines == at_once.lines
    money = balances(claimed(policy, cast, end + timedelta(days=20), died))
    assert money[Account.INTEREST] == D("-54.79") and Account.LOAN not in money
    # without the payment of the benefit itself
    assert money[Account.BENEFIT] == D("5054.79")


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


@pytest.mark.parametrize("ending", ["rescission", "cooling_off"])
def test_a_contract_that_ended_otherwise_stays_ended(endowment, cast, ending):
    policy = endowment()
    given = {"policy": policy, "case_number": "PS-2", "actor": cast.ps_reviewer, "now": NOW}
    if ending == "rescission":
        rescind(day=DIED + timedelta(days=5), payable=D(100), **given)
    else:
        Policy.objects.filter(pk=policy.pk).update(cooling_off_end=DIED + timedelta(days=9))
        cancel_in_cooling_off(day=DIED + timedelta(days=5), **given)
    assert now(policy).ending == ending
    with pytest.raises(BookRefused, match="终止（"):
        claim_death_terminate(policy=policy, case_number="CL-1", died_on=DIED, actor=cast.cl_reviewer, now=noon(END))


# ── 退保 after the death ──

LEFT_ON = DIED + timedelta(days=5)


def surrendered(policy: Policy, cast, state: str = "") -> Policy:
    """With the instruction of what it pays in a state; "" for none."""
    _, due = surrender(policy=policy, case_number="PS-2", day=LEFT_ON, actor=cast.ps_reviewer, now=noon(LEFT_ON))
    if state:
        payment = create_payment(
            case_number="PS-2", policy=now(policy), branch_id=policy.branch_id, purpose="退保", payee=policy.policyholder.name, bank="虚构银行",
            account="9900001234567890", amount=due.amount, actor=cast.ps_reviewer, now=noon(LEFT_ON), kind="refund",
        )  # fmt: skip
        if state != "ready":
            payment = release_payment(payment=payment, actor=cast.head, now=noon(LEFT_ON))
        if state == "settled":
            settle_payment(payment=payment, reference="B1", actor=cast.head, now=noon(LEFT_ON))
        if state == "returned":
            return_payment(payment=payment, reason="账号不符", actor=cast.head, now=noon(LEFT_ON))
    return now(policy)


def test_a_surrender_after_the_death_that_was_paid_out_is_to_come_back(endowment, cast):
    policy = endowment()
    at_once = reckoned(policy)
    policy = surrendered(policy, cast, "settled")
    paid, due = balances(policy)[Account.SURRENDER], reckoned(policy)
    # the beneficiary has what he would have had
    assert due.amount == at_once.amount == 60000 and due.lines[: len(at_once.lines)] == at_once.lines
    assert [(x.label, x.value, x.counts) for x in due.lines[1:]] == [("身故后应付的退保金冲回", paid, False), ("身故后已领取的款项，待追回", paid, False)]
    found, day = claimed(policy, cast, END - timedelta(days=20)), END - timedelta(days=20)
    owed, money = recoverable(found, day), balances(found)
    assert owed is not None and (owed.amount, owed.what, owed.whose) == (paid, "身故后领取的退保金", "投保人")
    assert Account.SURRENDER not in money and Account.PAYABLE not in money and money[Account.RECOVERABLE] == paid > 0


def test_where_nobody_is_named_what_the_same_estate_has_had_is_taken_off(endowment, cast):
    policy = surrendered(endowment(heirs=False), cast, "settled")
    paid, due = balances(policy)[Account.SURRENDER], reckoned(policy)
    assert due.amount == 60000 - paid and due.lines[-1].label == "减：身故后已领取的款项"
    found = claimed(policy, cast, END - timedelta(days=20))
    assert recoverable(found, END) is None and balances(found)[Account.BENEFIT] == paid


@pytest.mark.parametrize("state", ["", "ready", "returned"])
def test_one_that_nobody_received_is_owed_no_more(endowment, cast, state):
    policy = surrendered(endowment(), cast, state)
    assert reckoned(policy).amount == 60000
    found = claimed(policy, cast, END - timedelta(days=20))
    money = balances(found)
    assert not money.get(Account.PAYABLE) and not money.get(Account.SURRENDER) and recoverable(found, END) is None
    if state == "ready":
        void = Payment.objects.get(case_number="PS-2")
        assert (void.state, void.return_reason) == ("cancelled", "被保险人在退保前身故，退保作废")
        with pytest.raises(BookRefused, match="不能办理"):
            release_payment(payment=void, actor=cast.head, now=NOW)
    if state == "returned":
        bounced = Payment.objects.get(case_number="PS-2")
        assert (bounced.state, bounced.return_reason) == ("cancelled", "账号不符；被保险人在退保前身故，退保作废")
        with pytest.raises(BookRefused, match="不能办理"):
            reissue_payment(payment=bounced, payee=bounced.payee, bank=bounced.bank, account=bounced.account, actor=cast.issue, now=NOW)


def test_while_the_money_is_on_its_way_the_claim_waits(endowment, cast):
    policy = surrendered(endowment(), cast, "released")
    with pytest.raises(BookRefused, match="退保金的付款指令 PS-2-P01 已放行，尚在途"):
        claim_death_terminate(policy=policy, case_number="CL-1", died_on=DIED, actor=cast.cl_reviewer, now=noon(END))
    assert now(policy).ending == "surrender"


def test_debts_and_deposits_that_a_surrender_took_in_stand_again(issue, cast):
    """A loan is owed with interest to the death; what was overpaid is the policyholder's and is set off against what he has to give back."""
    end = anniversary(EFFECTIVE, 20)
    died, lent, left = end - timedelta(days=400), end - timedelta(days=500), end - timedelta(days=390)
    other = person("投保", sequence=801)
    policy = sell(lambda **f: issue(**(f | {"policyholder": other, "relation": "spouse"})), version("E20"), sum_assured=100000, cover_term="20Y")
    run_policy_day(lent)
    lend(policy=now(policy), case_number="PS-9", amount=D(10000), day=lent, actor=cast.clerk, now=NOW)
    receive_premium(policy=now(policy), amount=D(300), received_on=lent, reference="B7", actor=cast.clerk, now=NOW)
    run_policy_day(died)
    at_once, had = reckoned(policy, died), now(policy).suspense
    assert had > 0 and [line.value for line in at_once.lines[1:3]] == [-10000, D("-136.99")]
    run_policy_day(left)
    _, due = surrender(policy=now(policy), case_number="PS-2", day=left, actor=cast.ps_reviewer, now=noon(left))
    for act, given in ((release_payment, {}), (settle_payment, {"reference": "B1"})):
        payment = Payment.objects.filter(case_number="PS-2").first() or create_payment(
            case_number="PS-2", policy=now(policy), branch_id=policy.branch_id, purpose="退保", payee=other.name, bank="虚构银行",
            account="9900001234567890", amount=due.amount, actor=cast.ps_reviewer, now=noon(left), kind="refund",
        )  # fmt: skip
        act(payment=payment, actor=cast.head, now=noon(left), **given)
    assert not open_loans(now(policy)) and now(policy).suspense == 0
    assert reckoned(policy, died).lines[: len(at_once.lines)] == at_once.lines
    found = claimed(policy, cast, left + timedelta(days=20), died)
    money = balances(found)
    assert money[Account.RECOVERABLE] == due.amount - had and Account.LOAN not in money and found.suspense == 0
    assert money[Account.INTEREST] == D("-136.99") and Account.SURRENDER not in money
    # of the loan itself no instruction was made here
    assert money[Account.PAYABLE] == -10000


def test_a_death_after_the_end_changes_nothing(endowment, cast):
    policy = endowment()
    run_policy_day(END)
    with pytest.raises(BookRefused, match="终止（满期）"):
        claim_death_terminate(policy=policy, case_number="CL-1", died_on=END, actor=cast.cl_reviewer, now=noon(END + timedelta(days=9)))
    assert balances(policy)[Account.PAYABLE] == -policy.main.sum_assured
