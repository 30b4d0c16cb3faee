"""日终批处理: policies move by date, each step on its own day, whoever calls it and however late."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy, PolicyEvent, PolicyNotice, PremiumEntry, StatusChange
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.lending import lend, open_loans, owed_at, value_at, value_tables
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.locking import change_status, hold, release_hold
from lifeops.policies.services.premiums import receive_premium
from tests.policies.conftest import EFFECTIVE, NOW

DUE = date(2027, 3, 3)
GRACE_END = date(2027, 5, 2)
LAPSED = date(2027, 5, 3)


def book(policy: Policy) -> Policy:
    return Policy.objects.get(pk=policy.pk)


def statuses(policy: Policy) -> list[tuple[str, date]]:
    return [(c.status, c.since) for c in StatusChange.objects.filter(policy=policy).order_by("pk")]


def pay(policy: Policy, cast, day: date, amount: Decimal | None = None, reference: str = "") -> Policy:
    amount = amount if amount is not None else sum((c.premium + c.extra for c in policy.coverages.all()), Decimal(0))
    return receive_premium(
        policy=policy, amount=amount, received_on=day, reference=reference or f"R{day}", actor=cast.clerk, now=NOW
    )


def test_nothing_happens_before_its_day(issue):
    policy = issue("T20")
    assert run_policy_day(DUE - timedelta(days=1)).policies == 0
    assert book(policy).next_event_on == DUE


def test_premium_falls_due_then_grace_then_suspension(issue):
    policy = issue("T20")
    run_policy_day(DUE)
    row = PremiumEntry.objects.get(policy=policy, kind="renewal")
    assert (row.due_on, row.amount, row.paid_on) == (DUE, policy.main.premium, None)
    assert balances(policy)["receivable"] == row.amount and book(policy).status == "in_force"
    run_policy_day(DUE + timedelta(days=1))
    assert book(policy).status == "grace"
    run_policy_day(GRACE_END)
    assert book(policy).status == "grace"
    run_policy_day(LAPSED)
    found = book(policy)
    assert (found.status, found.lapsed_on, found.paid_to) == ("lapsed", LAPSED, DUE)
    assert "receivable" not in balances(policy)
    notice = PolicyNotice.objects.get(policy=policy)
    assert (notice.kind, notice.about) == ("lapse", LAPSED) and notice.due_on > LAPSED + timedelta(days=13)


def test_days_that_were_missed_are_made_up_for_in_order(issue):
    policy = issue("T20")
    assert run_policy_day(LAPSED + timedelta(days=800)).policies == 1
    assert statuses(policy) == [("in_force", EFFECTIVE), ("grace", DUE + timedelta(days=1)), ("lapsed", LAPSED)]
    assert list(policy.events.filter(kind="window_over").values_list("on", flat=True)) == [date(2029, 5, 4)]
    assert list(policy.events.filter(kind="notice_late").values_list("on", flat=True)) == [PolicyNotice.objects.get().due_on + timedelta(days=1)]


def test_a_second_run_of_the_day_changes_nothing(issue):
    policy = issue("T20")
    run_policy_day(LAPSED)
    before = (PolicyEvent.objects.count(), statuses(policy), balances(policy))
    again = run_policy_day(LAPSED)
    assert (again.policies, again.steps) == (0, 0)
    assert (PolicyEvent.objects.count(), statuses(policy), balances(policy)) == before


def test_premium_paid_in_grace_brings_the_policy_back(issue, cast):
    policy = issue("T20")
    found = pay(policy, cast, date(2027, 4, 1))
    assert (found.status, found.paid_to, found.suspense) == ("in_force", date(2028, 3, 3), 0)
    assert statuses(policy)[1:] == [("grace", date(2027, 3, 4)), ("in_force", date(2027, 4, 1))]


def test_premium_paid_early_waits_and_pays_on_the_due_date(issue, cast):
    policy = issue("T20")
    found = pay(policy, cast, date(2027, 2, 1))
    assert found.suspense == policy.main.premium and found.paid_to == DUE
    run_policy_day(DUE)
    row = PremiumEntry.objects.get(policy=policy, kind="renewal")
    assert (row.paid_on, row.settled_by) == (DUE, "paid")
    assert book(policy).suspense == 0 and book(policy).paid_to == date(2028, 3, 3)


def test_part_of_a_premium_keeps_nobody_in_force(issue, cast):
    policy = issue("T20")
    pay(policy, cast, DUE, Decimal("1.00"))
    run_policy_day(LAPSED)
    assert book(policy).status == "lapsed" and book(policy).suspense == Decimal("1.00")


def test_the_same_bank_line_counts_once(issue, cast):
    policy = issue("T20")
    for _ in range(2):
        pay(policy, cast, DUE, reference="B1")
    assert book(policy).suspense == 0 and balances(policy)["received"] == 2 * policy.main.premium


def test_money_of_the_grace_period_booked_late_undoes_the_suspension(issue, cast):
    policy = issue("T20")
    run_policy_day(LAPSED + timedelta(days=2))
    found = pay(policy, cast, GRACE_END)
    assert (found.status, found.paid_to, found.lapsed_on) == ("in_force", date(2028, 3, 3), None)
    assert policy.events.filter(source="correction", kind="status").count() == 1
    assert not PolicyNotice.objects.filter(policy=policy).exists()


def test_money_after_the_grace_period_waits_for_reinstatement(issue, cast):
    policy = issue("T20")
    run_policy_day(LAPSED)
    found = pay(policy, cast, LAPSED)
    assert found.status == "lapsed" and found.suspense == policy.main.premium


def test_premium_is_advanced_where_agreed_and_the_value_reaches(issue, cast):
    policy = issue("W30")
    Policy.objects.filter(pk=policy.pk).update(apl_agreed=True)
    for year in range(2027, 2031):
        pay(policy, cast, date(year, 3, 3))
    run_policy_day(date(2031, 5, 3))
    found, (loan,) = book(policy), open_loans(policy)
    assert (found.status, found.paid_to) == ("apl", date(2032, 3, 3))
    assert (loan.kind, loan.principal, loan.since) == ("apl", policy.main.premium, date(2031, 5, 3))
    assert balances(policy)["apl"] == loan.principal and "receivable" not in balances(policy)


def test_without_agreement_nothing_is_advanced(issue, cast):
    policy = issue("W30")
    for year in range(2027, 2031):
        pay(policy, cast, date(year, 3, 3))
    run_policy_day(date(2031, 5, 3))
    assert book(policy).status == "lapsed" and open_loans(policy) == []


def test_first_year_value_does_not_reach_for_an_advance(issue):
    policy = issue("W30")
    Policy.objects.filter(pk=policy.pk).update(apl_agreed=True)
    run_policy_day(LAPSED)
    assert book(policy).status == "lapsed"


@pytest.fixture
def single(issue, insured):
    """A whole life policy paid up front, signed for."""
    from lifeops.policies.services.issuing import deliver_policy
    from tests.policies.conftest import cover

    spec = cover("W30", insured, pay_term="SINGLE", pay_mode="single")
    return deliver_policy(policy=issue("W30", coverages=[spec], pay_mode="single"), signed_on=EFFECTIVE)


def test_loan_that_is_not_repaid_is_renewed_and_at_last_overtakes_the_value(single, cast):
    policy, day = single, date(2028, 3, 3)
    tables = value_tables(policy, list(policy.coverages.all()))
    most = (value_at(tables, day) * Decimal("0.8")).quantize(Decimal("0.01"))
    first = lend(policy=policy, case_number="PS-1", amount=most, day=day, actor=cast.clerk, now=NOW)
    run_policy_day(date(2028, 9, 3))
    (loan,) = open_loans(policy)
    # 184 days at 5 %
    assert loan.principal == first.principal + (first.principal * Decimal("0.05") * 184 / 365).quantize(Decimal("0.01"))
    assert (loan.since, loan.due_on) == (date(2028, 9, 3), date(2029, 3, 3))
    run_policy_day(date(2078, 1, 1))
    change = StatusChange.objects.get(policy=policy, status="lapsed")
    assert book(policy).status == "lapsed" and change.cause == "欠款超过现金价值"
    assert PolicyNotice.objects.filter(policy=policy, kind="loan", about=change.since).exists()
    # the day before, the value still covered the debt
    owed = policy.loans.filter(since__lt=change.since).order_by("-since").first()
    before, there = (owed_at([owed], d) >= value_at(tables, d) for d in (change.since - timedelta(days=1), change.since))
    assert (before, there) == (False, True)


def test_what_is_owed_already_is_not_lent_again_and_nothing_below_the_cent(single, cast):
    day = date(2028, 3, 3)
    most = (value_at(value_tables(single, list(single.coverages.all())), day) * Decimal("0.8")).quantize(Decimal("0.01"))
    asked = {"case_number": "PS-1", "day": day, "actor": cast.clerk, "now": NOW}
    with pytest.raises(BookRefused, match="可贷金额"):
        lend(policy=book(single), amount=Decimal("600.001"), **asked)
    lend(policy=book(single), amount=most - 500, **asked)
    with pytest.raises(BookRefused, match=r"可贷金额为 500\.00 至 500\.00"):
        lend(policy=book(single), amount=Decimal("500.01"), **asked)
    lend(policy=book(single), amount=Decimal(500), **asked)
    assert owed_at(open_loans(book(single)), day) == most


def test_nothing_is_lent_before_the_cooling_off_is_over_nor_on_a_contract_that_is_at_an_end(single, cast):
    def ask(day: date, amount: int = 600):
        return lend(policy=book(single), case_number="PS-1", amount=Decimal(amount), day=day, actor=cast.clerk, now=NOW)

    last = book(single).cooling_off_end
    with pytest.raises(BookRefused, match="犹豫期内不能贷款"):
        ask(last)
    assert ask(last + timedelta(days=1)).since == last + timedelta(days=1)  # a single premium has its value at once
    Policy.objects.filter(pk=single.pk).update(cooling_off_end=None)  # not signed for yet: it has not begun
    with pytest.raises(BookRefused, match="犹豫期内不能贷款"):
        ask(date(2028, 3, 3))
    Policy.objects.filter(pk=single.pk).update(cooling_off_end=last)
    change_status(book(single), "lapsed", on=date(2028, 3, 3), cause="测试")
    with pytest.raises(BookRefused, match="不能贷款"):
        ask(date(2028, 3, 4))


def test_no_more_is_lent_than_the_terms_allow(single, cast):
    with pytest.raises(BookRefused, match="可贷金额为 500"):
        lend(policy=single, case_number="PS-1", amount=Decimal("499.99"), day=date(2028, 3, 3), actor=cast.clerk, now=NOW)
    with pytest.raises(BookRefused, match="可贷金额"):
        lend(policy=single, case_number="PS-1", amount=Decimal("9000000"), day=date(2028, 3, 3), actor=cast.clerk, now=NOW)


def test_term_cover_ends_the_day_after_its_last_day(issue):
    policy = issue("M10")
    run_policy_day(date(2027, 3, 2))
    assert book(policy).status == "in_force"
    run_policy_day(date(2027, 3, 3))
    found = book(policy)
    assert (found.status, found.ending, found.terminated_on, found.next_event_on) == ("terminated", "expiry", DUE, None)
    assert policy.coverages.filter(active=True).count() == 0


def test_endowment_pays_at_maturity_less_debts(issue):
    policy = issue("M10")
    version = policy.main.version
    version.terms = version.terms | {"maturity_pct": "1"}
    version.save()
    run_policy_day(DUE)
    assert book(policy).ending == "maturity"
    assert balances(policy)["payable"] == -policy.main.sum_assured and PolicyNotice.objects.filter(kind="maturity").exists()


def test_survival_benefits_become_payable_on_their_anniversaries(single):
    version = single.main.version
    version.terms = version.terms | {"survival": [{"from_year": 2, "every": 2, "pct": "0.05"}]}
    version.save()
    run_policy_day(date(2030, 3, 3))
    assert list(single.events.filter(kind="survival").values_list("on", flat=True)) == [date(2028, 3, 3), date(2030, 3, 3)]
    assert balances(single)["payable"] == Decimal("-30000.00")


def test_rider_ends_by_itself(issue):
    policy = issue("W30", "M10")
    run_policy_day(DUE)
    assert book(policy).status == "in_force"
    assert [c.is_rider for c in policy.coverages.filter(active=True)] == [False]
    assert PremiumEntry.objects.get(policy=policy, kind="renewal").amount == policy.main.premium


def test_a_policy_held_by_a_case_stays_until_the_case_ends(issue):
    policy = issue("T20")
    hold(policy, "CL-1")
    assert run_policy_day(LAPSED).policies == 0 and book(policy).status == "in_force"
    release_hold(policy, "CL-1")
    run_policy_day(LAPSED)
    assert statuses(policy)[1:] == [("grace", date(2027, 3, 4)), ("lapsed", LAPSED)]
    assert [(h.holder, h.reason, h.lift_reason) for h in policy.holds.all()] == [("CL-1", "在办案件", "案件办结")]


def test_what_one_policy_trips_over_stays_its_own(issue, insured):
    from tests.policies.conftest import person

    bad, good = issue("T20"), issue("T20", insured=person("李四", sequence=123))
    Policy.objects.filter(pk=bad.pk).update(pay_mode="weekly")
    bad.coverages.update(pay_term="XY")
    run = run_policy_day(DUE)
    assert (run.stuck, book(good).premiums.filter(kind="renewal").count()) == (1, 1)
    assert bad.events.filter(kind="stuck").count() == 1 and book(bad).next_event_on == DUE + timedelta(days=1)
    run_policy_day(DUE + timedelta(days=3))
    assert bad.events.filter(kind="stuck").count() == 1


def test_policies_loaded_in_bulk_are_taken_in_without_their_past(issue):
    policy = issue("T20")
    Policy.objects.filter(pk=policy.pk).update(next_event_on=None, years_done=0, paid_to=None)
    run_policy_day(date(2030, 6, 1))
    found = book(policy)
    assert (found.years_done, found.next_event_on) == (4, date(2031, 3, 3)) and not policy.events.filter(kind="anniversary").exists()


def test_lapse_notice_is_asked_for_and_once_sent_never_late(issue):
    policy = issue("T20")
    run_policy_day(LAPSED)
    assert policy.notices_due.update(sent_on=LAPSED + timedelta(days=1)) == 1
    run_policy_day(LAPSED + timedelta(days=60))
    assert not policy.events.filter(kind="notice_late").exists()


def test_the_run_asks_about_what_is_due_and_not_about_the_book(issue):
    from tests.policies.conftest import person

    def cost(many: int, start: int, day: date) -> int:
        for n in range(many):
            issue("T20", insured=person(f"客户{start + n}", sequence=101 + 2 * (start + n)))
        with CaptureQueriesContext(connection) as seen:
            run_policy_day(day)
        return len(seen)

    idle = cost(1, 0, date(2026, 6, 1))
    assert cost(6, 1, date(2026, 6, 2)) == idle <= 8
    with CaptureQueriesContext(connection) as seven:
        run_policy_day(DUE)
    for n in range(20):
        issue("T20", insured=person(f"新客{n}", sequence=201 + 2 * n), effective_on=date(2026, 9, 1), applied_on=date(2026, 9, 1))
    with CaptureQueriesContext(connection) as again:
        run_policy_day(date(2027, 3, 4))
    assert len(again) <= len(seven) <= 8 + 7 * 24


def test_index_serves_the_selection(issue):
    issue("T20")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM policies_policy WHERE next_event_on IS NOT NULL AND next_event_on <= '2026-01-01' "
            "AND hold_case = '' ORDER BY next_event_on, id LIMIT 100"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "policy_next_event" in plan and "Sort" not in plan


def test_command_says_what_it_did_and_refuses_days_that_cannot_be(issue, capsys):
    call_command("run_policy_day", day="2026-06-01")
    assert "保单 0 张" in capsys.readouterr().out
    for wrong in ("2999-01-01", "昨天", "2026-02-30"):
        with pytest.raises(CommandError):
            call_command("run_policy_day", day=wrong)


@pytest.mark.parametrize("status", ["paid_up", "waived", "apl", "grace", "in_force"])
def test_an_ended_contract_never_moves_again(issue, status):
    policy = issue("T20")
    change_status(policy, "terminated", on=date(2026, 6, 1), cause="退保")
    with pytest.raises(BookRefused, match="不能变更为"):
        change_status(policy, status, on=date(2026, 7, 1), cause="复效")
    assert run_policy_day(date(2030, 1, 1)).policies == 0


def test_statement_balances_over_every_period(issue, cast):
    policy = issue("T20")
    pay(policy, cast, date(2027, 3, 20))
    for start, end in ((EFFECTIVE, EFFECTIVE), (EFFECTIVE, DUE), (DUE, date(2027, 3, 10)), (date(2020, 1, 1), date(2040, 1, 1))):
        found = statement(policy, start, end)
        assert found.balances
    assert found.debit == found.credit == 5 * policy.main.premium and len(found.rows) == 5
