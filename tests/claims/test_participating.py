"""A death on a participating contract: the bonus sum of the day of death and the terminal bonus are in the benefit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.demo.customers import Book
from lifeops.demo.dividends import YEARS, sell
from lifeops.org.models import Role
from lifeops.policies.models import Account, Payment, Policy, PolicySnapshot, Product
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import money
from lifeops.policies.services.benefits import premiums_paid_for
from lifeops.policies.services.dividend_choice import collect
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.ledger import balances, waiting_by_kind
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.payments import unpaid
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.values import bonus_value_on
from tests.cast import hire
from tests.claims.test_journey import conclude
from tests.factories import again, handed_over, undone

pytestmark = pytest.mark.django_db


def test_the_benefit_of_a_participating_annuity(cast):
    approver, today = hire("head.approver", Role.APPROVER, cast.units["hq"], 3), timezone.localdate()
    policy = sell(Book(cast.clerk), cast.county, "A60")
    begun = policy.effective_on
    early = datetime(begun.year, begun.month, begun.day, 3, tzinfo=UTC)
    for told in ({"kind": "bonus", "rate": "0.02", "base": "effective"}, {"kind": "terminal", "rate": "0.01", "base": "bonus", "ending": "death"}):
        given = told | {"rate": Decimal(told["rate"]), "product": Product.objects.get(code="A60"), "first_on": begun, "last_on": date(today.year + 1, 1, 1)}
        decide(row=declare(**given, reason="决议", actor=cast.manager, now=early), approve=True, remark="", actor=approver, now=early)
    run_policy_day(today)
    died = today - timedelta(days=20)
    case = handed_over(cast, item="CL01", policy=Policy.objects.get(pk=policy.pk), event_on=died.isoformat())
    taken = take_next(cast.cl_reviewer, "claims")
    conclude(taken, cast.cl_reviewer)
    decision = again(case).current_decision()
    cover = Policy.objects.get(pk=policy.pk).main
    two = money(cover.sum_assured * Decimal("0.02"))
    two += money((cover.sum_assured + two) * Decimal("0.02"))
    paid, value = premiums_paid_for(policy, cover, died), bonus_value_on(cover, policy.insured.sex, died)
    lines = {line["label"]: Decimal(line["value"]) for line in decision.lines}
    assert cover.bonus_sum == two + money((cover.sum_assured + two) * Decimal("0.02")) and paid == (YEARS + 1) * cover.premium
    assert lines == {
        "安岳颐年年金保险（分红型） 身故保险金": paid + value, f"安岳颐年年金保险（分红型） 终了红利（身故，满 {YEARS} 个保单年度）": money(two * Decimal("0.01")),
    }  # fmt: skip
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert Payment.objects.get(case_number=case.number).amount == decision.amount == sum(lines.values())
    kept = PolicySnapshot.objects.get(case_number=case.number).content["coverages"][0]
    assert kept["bonus_sum"] == f"{cover.bonus_sum:.2f}"


def test_a_dividend_credited_after_a_death_reported_late_is_taken_back_and_off(cast, as_user):
    """The policyholder had collected all there was before anybody told of the death."""
    approver, today = hire("head.approver", Role.APPROVER, cast.units["hq"], 3), timezone.localdate()
    policy = sell(Book(cast.clerk), cast.county, "W31", option="cash")
    begun = policy.effective_on
    early = datetime(begun.year, begun.month, begun.day, 3, tzinfo=UTC)
    row = declare(
        product=Product.objects.get(code="W31"), kind="cash", base="basic", rate=Decimal("0.008"), first_on=begun, last_on=today, reason="决议",
        actor=cast.manager, now=early,
    )  # fmt: skip
    decide(row=row, approve=True, remark="", actor=approver, now=early)
    run_policy_day(today)
    collect(policy=policy, case_number="PS-1", amount=Decimal(4800), actor=cast.ps_reviewer, day=today - timedelta(days=3), now=timezone.now())
    died = anniversary(begun, YEARS) - timedelta(days=5)
    case = handed_over(cast, item="CL01", policy=Policy.objects.get(pk=policy.pk), event_on=died.isoformat())
    taken = take_next(cast.cl_reviewer, "claims")
    assert "身故后记入的第 3 年度红利冲回" in as_user(cast.cl_reviewer).post(reverse("cases:preview", args=[case.number]), {"outcome": "PAY"}).content.decode()
    conclude(taken, cast.cl_reviewer)
    decision = again(case).current_decision()
    lines = {line["label"]: (Decimal(line["value"]), line["counts"]) for line in decision.lines}
    assert lines["身故后记入的第 3 年度红利冲回"] == (1600, False) and lines["减：身故后派发、已领取或已抵交保费的红利"] == (-1600, True)
    assert decision.amount == 200000 - 1600
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert Payment.objects.get(case_number=case.number).amount == decision.amount
    found = Policy.objects.get(pk=policy.pk)
    event = found.events.get(kind="dividend_undone")
    assert (event.case_number, event.actor) == (case.number, cast.approver_high) and "1,600.00 元从保险金中扣除" in event.note
    money = balances(found)
    assert (money[Account.BENEFIT], money[Account.BONUS]) == (200000, 3200) and sum(money.values()) == 0
    assert unpaid(found, case.number) == 0  # the payment may be released


def test_bonuses_of_the_years_before_the_death_are_in_the_cash_value_though_their_rate_came_later(cast):
    """故意犯罪 (保险法 45): what surrender would have paid on the day of death, had the rates been known then."""
    approver, today = hire("head.approver", Role.APPROVER, cast.units["hq"], 3), timezone.localdate()
    policy = sell(Book(cast.clerk), cast.county, "A60")
    run_policy_day(today)
    died, begun, now = today - timedelta(days=20), policy.effective_on, timezone.now()
    plain = surrender_value(Policy.objects.get(pk=policy.pk), died).amount
    for told in ({"kind": "bonus", "rate": "0.02", "base": "effective"}, {"kind": "terminal", "rate": "0.01", "base": "bonus", "ending": "surrender"}):
        given = told | {"rate": Decimal(told["rate"]), "product": Product.objects.get(code="A60"), "first_on": begun, "last_on": date(today.year + 1, 1, 1)}
        decide(row=declare(**given, reason="决议", actor=cast.manager, now=now), approve=True, remark="", actor=approver, now=now)
    with undone():
        run_policy_day(today)
        due = surrender_value(Policy.objects.get(pk=policy.pk), died).amount
    case = handed_over(cast, item="CL01", policy=Policy.objects.get(pk=policy.pk), event_on=died.isoformat(), cause="crime")
    conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer, outcome="REFUND_CV", reason_code="C14", refund_to="wait")
    decision = again(case).current_decision()
    assert decision.amount == due > plain and any("终了红利（退保" in line["label"] for line in decision.lines)
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert waiting_by_kind(Policy.objects.get(pk=policy.pk))["left"] == due
