"""减额交清, 减保, 贷款 with 自动垫交 until they overtake the value, 复效: amounts worked by hand, what the book then does, refusals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Party, Policy, PolicyNotice, PremiumEntry, Rate, StatusChange
from lifeops.policies.rules.alterations import partial_surrender, reduced_paid_up, reinstatement
from lifeops.policies.rules.premium import RateBasis
from lifeops.policies.services.benefits import premiums_paid_for
from lifeops.policies.services.changing import (
    agree_advance,
    arrears,
    make_paid_up,
    reduce_cover,
    reinstate,
    waive_premiums,
)
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.lending import lend, open_loans, owed_at, repay, repayment_lines, value_at, value_tables
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.locking import hold
from lifeops.policies.services.overview import values_today
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.reinstating import due_for_reinstatement, reinstate_paid
from lifeops.policies.services.servicing import surrender, surrender_value
from lifeops.policies.services.values import value_on
from tests.policies.conftest import EFFECTIVE, NOW

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")
LAPSED = date(2027, 5, 3)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def book(policy: Policy) -> Policy:
    return Policy.objects.get(pk=policy.pk)


def paid(policy: Policy, cast, years: range) -> Policy:
    """The yearly premiums of these years, each on its due date."""
    for year in years:
        receive_premium(
            policy=book(policy), amount=policy.main.premium + policy.main.extra, received_on=date(year, 3, 3), reference=f"B{year}",
            actor=cast.clerk, now=NOW,
        )
    return book(policy)


@pytest.fixture
def whole(issue, cast):
    """A whole life policy of 300,000 元 over ten yearly premiums, five of them paid; the sixth is due on 2031-03-03."""
    return paid(deliver_policy(policy=issue("W30"), signed_on=EFFECTIVE), cast, range(2027, 2031))


def year_ends(policy: Policy) -> list[Decimal]:
    """Cash values per 1,000 as the table prints them: by hand they are 300 times as much on the anniversary."""
    cover = policy.main
    return Rate.objects.get(
        version=cover.version, kind="cash_value", sex="M", age=cover.entry_age, cover_term="WHOLE_LIFE", pay_term="10Y"
    ).values


# ── 减额交清 ──


def paid_up(policy: Policy, cast, sums=None, day=date(2031, 3, 3), case="PS-8"):
    sums = {policy.main.pk: Decimal(90000)} if sums is None else sums
    return make_paid_up(policy=policy, case_number=case, sums=sums, day=day, actor=cast.clerk, now=NOW)


def test_the_new_sum_is_what_the_value_buys_as_a_single_premium(whole):
    """Value after five years ÷ single premium per 1,000 at the attained age of 44."""
    value = cents(year_ends(whole)[4] * 300)
    rate = Rate.objects.get(version=whole.main.version, kind="premium", sex="M", age=44, cover_term="WHOLE_LIFE", pay_term="SINGLE").values[0]
    found = reduced_paid_up(
        value=value, debts=[], day=date(2031, 3, 3), rate=RateBasis(value=rate, measure="premium", base=Decimal(1000)), current_sum=Decimal(300000)
    )
    assert found.amount == cents(value / rate * 1000) and 0 < found.amount < 300000 and not found.refusals


def test_a_paid_up_policy_asks_for_no_premium_and_stays_in_force(whole, cast):
    run_policy_day(date(2031, 3, 10))
    assert book(whole).status == "grace" and balances(whole)["receivable"] == whole.main.premium
    found = paid_up(book(whole), cast, day=date(2031, 3, 10))
    cover = found.main
    assert (found.status, found.paid_to, cover.sum_assured, cover.premium, cover.active) == ("paid_up", None, Decimal(90000), 0, True)
    assert "receivable" not in balances(whole) and not PremiumEntry.objects.filter(policy=whole, paid_on__isnull=True).exists()
    before = statement(found, EFFECTIVE, date(2031, 3, 10))
    run_policy_day(date(2036, 3, 4))
    assert book(whole).status == "paid_up" and book(whole).years_done == 10
    kinds = list(whole.events.filter(on__gt=date(2031, 3, 10)).values_list("kind", flat=True))
    assert kinds == ["anniversary"] * 5
    assert before.balances and statement(found, EFFECTIVE, date(2036, 3, 4)).debit == before.debit


def test_what_is_paid_up_is_worth_what_a_single_premium_bought(whole, cast):
    """After five years the table of ten premiums holds about half of what a paid-up sum is worth. One reckoning for all."""
    single = Rate.objects.get(version=whole.main.version, kind="cash_value", sex="M", age=39, cover_term="WHOLE_LIFE", pay_term="SINGLE").values
    found, day = paid_up(whole, cast), date(2033, 3, 3)
    by_hand = cents(single[6] * 90)
    assert by_hand > cents(year_ends(found)[6] * 90)
    due = surrender_value(found, day)
    assert due.amount == by_hand and "减额交清后按趸交的现金价值表" in due.lines[0].formula
    assert value_on(found.main, "M", day) == value_at(value_tables(found, [found.main]), day) == values_today([found], day)[found.pk] == by_hand
    # where the product has no such table the convention is told
    Rate.objects.filter(version=found.main.version, kind="cash_value", pay_term="SINGLE").delete()
    kept = surrender_value(found, day)
    assert kept.amount == cents(year_ends(found)[6] * 90) == values_today([found], day)[found.pk] and "仍按原交费期间的表" in kept.lines[0].formula


def test_riders_end_with_the_reduction(issue, cast):
    policy = paid(deliver_policy(policy=issue("W30", "T20"), signed_on=EFFECTIVE), cast, range(0))
    main, rider = (policy.coverages.get(is_rider=flag) for flag in (False, True))
    found = paid_up(policy, cast, sums={main.pk: Decimal(1000)}, day=date(2026, 9, 1))
    assert [(c.pk, c.active) for c in found.coverages.all()] == [(main.pk, True), (rider.pk, False)]
    # each keeps what was paid for it, though neither costs anything now
    parts = [premiums_paid_for(found, c, date(2027, 1, 1)) for c in found.coverages.all()]
    assert parts == [main.premium + main.extra, rider.premium + rider.extra]
    with pytest.raises(BookRefused, match="保额须大于零"):
        paid_up(book(policy), cast, sums={rider.pk: Decimal(1000)})


@pytest.mark.parametrize("amount", ["0", "-1", "300000.01"])
def test_a_sum_of_nothing_or_more_than_now_is_refused(whole, cast, amount):
    with pytest.raises(BookRefused, match="须大于零且不高于原保额"):
        paid_up(whole, cast, sums={whole.main.pk: Decimal(amount)})
    assert book(whole).status == "in_force"


def test_debts_come_first_then_the_reduction(whole, cast):
    lend(policy=whole, case_number="PS-1", amount=Decimal(600), day=date(2030, 6, 1), actor=cast.clerk, now=NOW)
    with pytest.raises(BookRefused, match="清偿后方可办理减额交清"):
        paid_up(book(whole), cast, day=date(2030, 6, 2))
    repay(policy=book(whole), amount=Decimal(700), day=date(2030, 6, 2), reference="R", actor=cast.clerk, now=NOW)
    assert paid_up(book(whole), cast, day=date(2030, 6, 2)).status == "paid_up"


def test_neither_a_suspended_nor_an_ended_nor_a_held_contract_is_reduced(whole, cast):
    hold(whole, "CL-1")
    with pytest.raises(BookRefused, match="已被案件 CL-1 挂起"):
        paid_up(book(whole), cast)
    Policy.objects.filter(pk=whole.pk).update(hold_case="")
    run_policy_day(date(2031, 6, 1))
    with pytest.raises(BookRefused, match="“效力中止”，不能变更为“减额交清”"):
        paid_up(book(whole), cast, day=date(2031, 6, 1))
    surrender(policy=book(whole), case_number="PS-2", day=date(2031, 6, 2), actor=cast.clerk, now=NOW)
    with pytest.raises(BookRefused, match="终止"):
        paid_up(book(whole), cast, day=date(2031, 6, 3))


# ── 减保 ──


def test_a_third_given_up_pays_a_third_of_the_value(whole, cast):
    value, premium = cents(year_ends(whole)[3] * 300), whole.main.premium
    part = partial_surrender(sum_assured=Decimal(300000), given_up=Decimal(100000), value=value, premium=premium)
    assert part.payout.amount == cents(value / 3) and part.sum_assured == 200000 and part.premium == cents(premium * 2 / 3)
    row = reduce_cover(
        policy=whole, case_number="PS-3", cover=whole.main, sum_assured=part.sum_assured, premium=part.premium, extra=Decimal(0),
        refund=part.payout.amount, day=date(2030, 3, 3), actor=cast.clerk, now=NOW,
    )
    assert balances(whole)["payable"] == -part.payout.amount == -balances(whole)["surrender"] and row.sum_assured == 200000
    run_policy_day(date(2031, 3, 3))
    assert PremiumEntry.objects.get(policy=whole, due_on=date(2031, 3, 3)).amount == part.premium
    # the value of what is left is two thirds of what it was
    later, tables = date(2031, 3, 3), value_tables(book(whole), list(whole.coverages.all()))
    assert abs(value_at(tables, later) - cents(year_ends(whole)[4] * 200)) <= CENT


@pytest.mark.parametrize(("left", "refund"), [("300000", "1"), ("0", "1"), ("-1", "1"), ("400000", "1"), ("200000", "-0.01")])
def test_nothing_given_up_or_all_of_it_is_no_reduction(whole, cast, left, refund):
    with pytest.raises(BookRefused, match="减保后的保额"):
        reduce_cover(
            policy=whole, case_number="PS-3", cover=whole.main, sum_assured=Decimal(left), premium=Decimal(1), extra=Decimal(0),
            refund=Decimal(refund), day=date(2030, 3, 3), actor=cast.clerk, now=NOW,
        )
    assert book(whole).main.sum_assured == 300000 and "payable" not in balances(whole)


@pytest.mark.parametrize(("premium", "extra"), [("-0.01", "0"), ("0", "-0.01")])
def test_what_is_left_costs_nothing_at_the_least(whole, cast, premium, extra):
    with pytest.raises(BookRefused, match="减保后的保险费不得为负"):
        reduce_cover(
            policy=whole, case_number="PS-3", cover=whole.main, sum_assured=Decimal(200000), premium=Decimal(premium), extra=Decimal(extra),
            refund=Decimal(1), day=date(2030, 3, 3), actor=cast.clerk, now=NOW,
        )
    assert book(whole).main.sum_assured == 300000


def test_no_reduction_while_money_is_owed(whole, cast):
    lend(policy=whole, case_number="PS-1", amount=Decimal(600), day=date(2030, 6, 1), actor=cast.clerk, now=NOW)
    with pytest.raises(BookRefused, match="清偿后方可减保"):
        reduce_cover(
            policy=book(whole), case_number="PS-3", cover=whole.main, sum_assured=Decimal(200000), premium=Decimal(1), extra=Decimal(0),
            refund=Decimal(1), day=date(2030, 6, 2), actor=cast.clerk, now=NOW,
        )


# ── 贷款, 自动垫交, 欠款超过现金价值 ──


def test_loan_and_advances_run_until_they_overtake_the_value(whole, cast):
    """Lent upon in the fifth year, premiums advanced from the sixth; the day of the suspension is found again by looking at
    every single day."""
    agree_advance(policy=whole, case_number="PS-11", agreed=True, day=date(2030, 4, 1), actor=cast.clerk, now=NOW)
    lend(policy=book(whole), case_number="PS-9", amount=Decimal(2000), day=date(2030, 6, 1), actor=cast.clerk, now=NOW)
    end = date(2060, 1, 1)
    run_policy_day(end)
    found = book(whole)
    states = [(c.status, c.since) for c in StatusChange.objects.filter(policy=whole).order_by("pk")]
    assert states[1][0] == "grace" and ("apl", date(2031, 5, 3)) in states and states[-1][0] == "lapsed" == found.status
    since, cause = states[-1][1], StatusChange.objects.filter(policy=whole).order_by("-pk")[0].cause
    advanced = [x for x in whole.loans.filter(kind="apl").order_by("since", "pk") if x.principal == whole.main.premium]
    assert advanced and cause in ("欠款超过现金价值", "宽限期满未交费")
    tables = value_tables(found, list(whole.coverages.all()))

    def owed(day: date) -> Decimal:
        return owed_at([x for x in whole.loans.all() if x.since <= day and (x.repaid_on is None or x.repaid_on > day)], day)

    day = date(2031, 5, 3)
    while day < since:
        assert owed(day) < value_at(tables, day), day
        day += timedelta(days=1)
    last_due = whole.premiums.filter(paid_on__isnull=True).first()
    if cause == "欠款超过现金价值":
        assert owed(since) >= value_at(tables, since)
        assert PolicyNotice.objects.filter(policy=whole, kind="loan", about=since).exists()
    else:
        # the value no longer reached for the whole premium
        assert last_due is not None and value_at(tables, since) - owed(since) <= last_due.amount
    assert statement(found, EFFECTIVE, end).balances
    assert balances(whole)["loan"] + balances(whole)["apl"] == sum(x.principal for x in open_loans(found))


def test_an_advance_needs_the_value_to_cover_the_whole_premium(whole, cast):
    """By hand: the value at the end of the grace period less what is owed, one cent around the premium."""
    agree_advance(policy=whole, case_number="PS-11", agreed=True, day=date(2030, 4, 1), actor=cast.clerk, now=NOW)
    day, tables = date(2031, 5, 3), value_tables(whole, list(whole.coverages.all()))
    room = value_at(tables, day) - whole.main.premium
    assert room > 1000, "the table leaves room for a loan"
    # a loan without interest, so that what is owed is its principal
    loan = lend(policy=book(whole), case_number="PS-9", amount=Decimal(600), day=date(2030, 6, 1), actor=cast.clerk, now=NOW)
    for principal, status in ((room, "lapsed"), (room - CENT, "apl")):
        from django.db import transaction

        with transaction.atomic():
            whole.loans.filter(pk=loan.pk).update(principal=principal, rate=Decimal(0))
            run_policy_day(day)
            assert book(whole).status == status, principal
            transaction.set_rollback(True)


def test_the_choice_is_made_once_and_an_ended_contract_has_none(whole, cast):
    given = {"case_number": "PS-11", "day": date(2030, 4, 1), "actor": cast.clerk, "now": NOW}
    agree_advance(policy=whole, agreed=True, **given)
    with pytest.raises(BookRefused, match="与现有约定相同"):
        agree_advance(policy=book(whole), agreed=True, **given)
    surrender(policy=book(whole), case_number="PS-2", day=date(2030, 5, 1), actor=cast.clerk, now=NOW)
    with pytest.raises(BookRefused, match="终止"):
        agree_advance(policy=book(whole), agreed=False, **given)


# ── 复效 ──


@pytest.fixture
def lapsed(issue):
    """Second premium of 2027-03-03 never paid: grace to 2027-05-02, suspended from 2027-05-03."""
    policy = deliver_policy(policy=issue("T20"), signed_on=EFFECTIVE)
    run_policy_day(LAPSED)
    return book(policy)


def back(policy: Policy, cast, day: date, interest: Decimal, received: Decimal, applied: date | None = None):
    return reinstate(
        policy=policy, case_number="PS-7", day=day, applied_on=applied or day, interest=interest, received=received, reference="B7",
        actor=cast.clerk, now=NOW,
    )


def test_what_is_due_is_the_arrears_and_their_interest(lapsed, cast):
    """One premium by 2027-11-02: 184 days from the end of the grace period on 2027-05-02; at 5 %, of 365. After a year a
    second one, with interest from its own due date."""
    premium = lapsed.main.premium
    day = date(2027, 11, 2)
    assert arrears(lapsed, day) == [(date(2027, 3, 3), premium)]
    found = reinstatement(premiums=arrears(lapsed, day), rate=Decimal("0.05"), day=day)
    assert found.amount == premium + cents(premium * Decimal("0.05") * 184 / 365)
    later = date(2028, 6, 1)
    assert arrears(lapsed, later) == [(date(2027, 3, 3), premium), (date(2028, 3, 3), premium)]
    # 2027-05-02 to 2028-06-01: 396 days over 29 February; 2028-03-03 to 2028-06-01: 90 days
    both = reinstatement(premiums=arrears(lapsed, later), rate=Decimal("0.05"), day=later)
    assert both.amount == 2 * premium + cents(premium * Decimal("0.05") * 396 / 365) + cents(premium * Decimal("0.05") * 90 / 365)


def test_a_cent_less_is_refused_the_amount_itself_brings_the_policy_back(lapsed, cast):
    premium, day, cost = lapsed.main.premium, date(2027, 11, 2), Decimal("12.34")
    with pytest.raises(BookRefused, match=f"复效应交 {premium + cost:,.2f} 元，实收"):
        back(lapsed, cast, day, cost, premium + cost - CENT)
    assert book(lapsed).status == "lapsed" and "suspense" not in balances(lapsed)
    found = back(lapsed, cast, day, cost, premium + cost)
    assert (found.status, found.paid_to, found.reinstated_on, found.lapsed_on, found.suspense) == ("in_force", date(2028, 3, 3), day, None, 0)
    row = PremiumEntry.objects.get(policy=lapsed, due_on=date(2027, 3, 3))
    assert (row.paid_on, row.settled_by, row.case_number) == (day, "paid", "PS-7")
    assert balances(lapsed)["interest"] == -cost and statement(found, EFFECTIVE, day).balances
    run_policy_day(date(2028, 3, 4))
    assert book(lapsed).status == "grace"


def test_money_that_waited_counts_and_what_is_too_much_waits_on(lapsed, cast):
    premium, day = lapsed.main.premium, date(2027, 11, 2)
    receive_premium(policy=lapsed, amount=Decimal("50.00"), received_on=date(2027, 6, 1), reference="early", actor=cast.clerk, now=NOW)
    found = back(book(lapsed), cast, day, Decimal("10.00"), premium)
    assert found.status == "in_force" and book(lapsed).suspense == Decimal("40.00") == -balances(lapsed)["suspense"]


def test_the_window_is_two_years_from_the_suspension(lapsed, cast):
    """Suspended from 2027-05-03: applied for until 2029-05-03, a Thursday, and not on the Friday."""
    enough = Decimal(100000)
    with pytest.raises(BookRefused, match="2029-05-03，已经超过"):
        back(lapsed, cast, date(2029, 5, 4), Decimal(0), enough)
    # applied for in time, done later
    assert back(book(lapsed), cast, date(2029, 5, 20), Decimal(0), enough, applied=date(2029, 5, 3)).status == "in_force"


def test_neither_in_force_nor_ended_nor_after_death_nor_deep_in_debt(lapsed, issue, whole, cast):
    with pytest.raises(BookRefused, match="“有效”，不需复效"):
        back(whole, cast, date(2030, 6, 1), Decimal(0), Decimal(1))
    lend(policy=whole, case_number="PS-1", amount=Decimal(600), day=date(2030, 6, 1), actor=cast.clerk, now=NOW)
    run_policy_day(date(2031, 5, 3))
    whole.loans.update(principal=Decimal(99999999))
    with pytest.raises(BookRefused, match="已达到现金价值，须先还款"):
        back(book(whole), cast, date(2031, 6, 1), Decimal(0), Decimal(10**6))
    Party.objects.filter(pk=lapsed.insured_id).update(died_on=date(2027, 7, 1))
    with pytest.raises(BookRefused, match="身故，不能复效"):
        back(book(lapsed), cast, date(2027, 8, 1), Decimal(0), Decimal(10**6))


@pytest.mark.parametrize("was", ["paid_up", "waived"])
def test_what_was_paid_up_or_waived_comes_back_as_it_was_and_owes_no_premium(whole, cast, was):
    """Suspended by its debts: they are settled out of what waits, nobody pays the instalments that fell due meanwhile."""
    day = date(2030, 6, 1)
    if was == "paid_up":
        paid_up(whole, cast, day=day)
    else:
        waive_premiums(policy=whole, case_number="CL-8", day=day, actor=cast.clerk, now=NOW)
    value = value_at(value_tables(book(whole), [book(whole).main]), day)
    lend(policy=book(whole), case_number="PS-9", amount=cents(value * Decimal("0.7")), day=day, actor=cast.clerk, now=NOW)
    whole.loans.update(rate=Decimal("0.9"))
    run_policy_day(date(2032, 3, 1))
    lost = book(whole)
    assert lost.status == "lapsed" and arrears(lost, date(2032, 3, 4)) == []
    state = due_for_reinstatement(lost, date(2032, 3, 4), with_debts=True)
    assert state.must_repay and state.due.amount == owed_at(open_loans(lost), date(2032, 3, 4))
    receive_premium(policy=lost, amount=state.due.amount, received_on=date(2032, 3, 4), reference="F", actor=cast.clerk, now=NOW)
    back, _ = reinstate_paid(
        policy=lost, case_number="PS-7", day=date(2032, 3, 4), applied_on=date(2032, 3, 4), with_debts=True, actor=cast.clerk, now=NOW
    )
    assert (back.status, open_loans(back), book(whole).suspense) == (was, [], 0)
    run_policy_day(date(2033, 4, 1))
    assert book(whole).status == was and statement(back, EFFECTIVE, date(2033, 4, 1)).balances
    assert not PremiumEntry.objects.filter(policy=whole, paid_on__isnull=True).exists()


@settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(0, 90), min_size=1, max_size=3), cents_paid=st.integers(1, 300000), after=st.integers(0, 80), waits=st.booleans())
def test_what_is_repaid_is_told_before_and_takes_off_as_much_of_what_is_owed(whole, cast, days, cents_paid, after, waits):
    """Whatever the loans, the amount and where it comes from: the lines add up to it, the debt falls by it, the ledger balances."""
    day, amount = date(2030, 6, 1) + timedelta(days=max(days) + after), Decimal(cents_paid) / 100
    with transaction.atomic():
        for n, gone in enumerate(days):
            lend(policy=book(whole), case_number=f"PS-{n}", amount=Decimal(600), day=date(2030, 6, 1) + timedelta(days=gone), actor=cast.clerk, now=NOW)
        if waits:
            receive_premium(policy=book(whole), amount=amount, received_on=day, reference="F", actor=cast.clerk, now=NOW)
        policy = book(whole)
        owed, told = owed_at(open_loans(policy), day), repayment_lines(policy, amount, day)
        over = repay(policy=policy, amount=amount, day=day, reference="" if waits else "K", from_suspense=waits, actor=cast.clerk, now=NOW)
        found = book(whole)
        assert told.amount == amount and over == max(Decimal(0), amount - owed) == found.suspense
        assert owed_at(open_loans(found), day) == max(Decimal(0), owed - amount)
        assert sum(balances(found).values()) == 0 and statement(found, EFFECTIVE, day).balances
        transaction.set_rollback(True)
