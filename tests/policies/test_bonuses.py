"""增额红利 and 终了红利: a declared rate of a year adds to the bonus sum of the coverage, which shares in benefits, value and later
bonuses; what ends a contract pays the terminal bonus declared for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from lifeops.documents.statements import content
from lifeops.policies.models import DividendRate, LedgerEntry, Policy, PolicyEvent, ProductVersion
from lifeops.policies.rules.cash import BONUS_VALUE, cash_value
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import money
from lifeops.policies.services.as_of import policy_as_of
from lifeops.policies.services.benefits import death_benefit_of, maturity_lines, survival_lines
from lifeops.policies.services.changing import reduce_cover
from lifeops.policies.services.claiming import claim_death_terminate
from lifeops.policies.services.events import replay
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import statement
from lifeops.policies.services.lending import value_at, value_tables
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.overview import values_today
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.quoting import Ask, choices_of, offer
from lifeops.policies.services.servicing import cancel_in_cooling_off, surrender, surrender_value
from lifeops.policies.services.trial import try_value
from lifeops.policies.services.values import cash_values_of
from lifeops.policies.services.worth import worth_on
from tests.policies.conftest import EFFECTIVE, NOW, person, version

pytestmark = pytest.mark.django_db
D = Decimal
EARLY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def said(rates):
    """Of A60 where no other product is named."""
    return lambda *what, code="A60", **told: rates(code, *what, **told)


def sold(issue, cast, n: int = 0, years: int = 10, paid: int = 10, born: date = date(1986, 5, 17), found: ProductVersion | None = None, **asked: Any) -> Policy:
    """An annuity of 10,000 元 a year on a man of 39, from 60 on, ten premiums paid."""
    life = person(f"增{n}", sequence=801 + 2 * n, born=born)
    ask = Ask(**({
        "version": found or version("A60"), "sex": "M", "age": life.age(EFFECTIVE) or 0, "cover_term": "TO_88", "pay_term": f"{years}Y", "pay_mode": "annual",
        "premium": D(10000), "annuity_start_age": 60,
    } | asked))  # fmt: skip
    offered = offer(ask)
    cover = {
        "version": ask.version, "sum_assured": offered.sum_assured, "cover_term": ask.cover_term, "pay_term": ask.pay_term, "premium": offered.standard,
        "choices": choices_of(ask),
    }  # fmt: skip
    policy = deliver_policy(policy=issue(coverages=[cover], insured=life, policyholder=life), signed_on=EFFECTIVE)
    if paid > 1:
        receive_premium(policy=policy, amount=policy.main.premium * (paid - 1), received_on=EFFECTIVE, reference="B", actor=cast.clerk, now=NOW)
    return Policy.objects.get(pk=policy.pk)


def now(policy: Policy) -> Policy:
    return Policy.objects.select_related("insured", "policyholder").get(pk=policy.pk)


def bonus(policy: Policy) -> Decimal:
    return now(policy).main.bonus_sum


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


# ── the yearly bonus ──


def test_each_bonus_shares_in_the_next_and_moves_no_money(issue, cast, said):
    said("bonus", "0.01", 2027, 2029)
    policy = sold(issue, cast)
    basic, total = policy.main.sum_assured, D(0)
    entries = LedgerEntry.objects.filter(policy=policy).count
    run_policy_day(date(2029, 3, 3) - timedelta(days=1))
    before = entries()
    for year in (1, 2, 3):
        total += money((basic + total) * D("0.01"))
    run_policy_day(date(2029, 3, 3))
    assert bonus(policy) == total > 3 * money(basic * D("0.01"))
    events = list(PolicyEvent.objects.filter(policy=policy, kind="dividend").order_by("pk"))
    assert [(e.on, e.source) for e in events] == [(anniversary(EFFECTIVE, n), "job") for n in (1, 2, 3)] and all("money" not in e.data for e in events)
    assert f"有效保险金额 {basic:,.2f} × 1%" in events[0].note and "第 1 年度红利保额" in events[0].note
    # the day itself wrote the premium that fell due, nothing for the bonus
    assert entries() - before == 2 and not LedgerEntry.objects.filter(policy=policy, text__contains="红利").exists()
    run_policy_day(date(2029, 3, 3))
    assert bonus(policy) == total


def test_a_rate_of_the_basic_sum_does_not_compound(issue, cast, said):
    said("bonus", "0.01", 2027, 2029, base="basic")
    policy = sold(issue, cast)
    run_policy_day(date(2029, 3, 3))
    assert bonus(policy) == 3 * money(policy.main.sum_assured * D("0.01"))


def test_the_policy_of_a_day_has_the_bonus_sum_of_that_day(issue, cast, said):
    said("bonus", "0.01", 2027, 2029)
    policy = sold(issue, cast)
    run_policy_day(date(2029, 3, 3))
    first = money(policy.main.sum_assured * D("0.01"))
    told = [policy_as_of(now(policy), day)["coverages"][0].bonus_sum for day in (date(2027, 3, 2), date(2027, 3, 3), date(2028, 3, 2))]
    assert told == [0, first, first]
    for day in (date(2027, 3, 2), date(2027, 3, 3), date(2029, 3, 3)):
        cover = policy_as_of(now(policy), day)["coverages"][0]
        assert D(replay(policy, day).coverages[str(cover.pk)].get("bonus_sum", 0)) == cover.bonus_sum
    assert statement(policy, EFFECTIVE, date(2029, 3, 3)).balances


def test_the_value_of_the_bonus_sum_is_that_of_a_single_premium(issue, cast, said):
    """For A60 the terms name the table of a single premium; it is lent on, paid on leaving and told by the trial with its line."""
    said("bonus", "0.02", 2027, 2028)
    policy, day = sold(issue, cast), date(2028, 9, 1)
    run_policy_day(day)
    policy = now(policy)
    cover = policy.main
    given = {"version": cover.version, "sex": "M", "age": 39, "cover_term": "TO_88", "effective_on": EFFECTIVE, "choices": cover.choices}
    single = cash_values_of(**given, pay_term="SINGLE", sum_assured=cover.bonus_sum)
    basic = cash_values_of(**given, pay_term="10Y", sum_assured=cover.sum_assured)
    parts = cash_value(basic, day).amount, cash_value(single, day).amount
    due = surrender_value(policy, day)
    assert [line.value for line in due.lines[:2]] == list(parts) and due.lines[1].label == BONUS_VALUE and parts[1] > 0
    assert "红利保额按趸交的现金价值表" in due.lines[1].formula
    assert value_at(value_tables(policy, [cover]), day) == sum(parts)
    for kind in ("cash_value", "surrender"):
        assert try_value(policy=policy, kind=kind, day=day, today=day).calculation.lines[1].value == parts[1]
    assert next(w.amount for w in worth_on(policy, day) if w.label == "现金价值") == sum(parts)
    effective = try_value(policy=policy, kind="effective", day=day, today=day)
    assert effective.amount == cover.sum_assured + cover.bonus_sum and "累积红利保险金额" in effective.calculation.lines[1].label
    # of the day before the first bonus there is none
    assert len(try_value(policy=policy, kind="cash_value", day=date(2027, 3, 2), today=day).calculation.lines) == 1


def test_death_and_annuity_go_by_the_effective_sum(issue, cast, said):
    """A man who begins at 59: the first annuity is due with the bonus of the same anniversary in it."""
    said("bonus", "0.10", 2027, 2027)
    policy = sold(issue, cast, born=date(1971, 2, 1), annuity_start_age=60, age=55, pay_term="SINGLE", pay_mode="single", paid=1)
    run_policy_day(date(2027, 3, 3))
    policy = now(policy)
    cover, day = policy.main, date(2027, 6, 1)
    assert cover.bonus_sum == money(cover.sum_assured / 10)
    told = death_benefit_of(policy, cover, day, accident=False).calculation
    value = try_value(policy=policy, kind="cash_value", day=day, today=day).calculation.lines
    assert told.amount == max(D("10000.00"), value[0].value) + value[1].value and "累积红利保险金额的现金价值" in told.lines[0].formula
    assert survival_lines(policy, cover, 5, anniversary(EFFECTIVE, 5)).amount == money((cover.sum_assured + cover.bonus_sum) / 10)


def test_the_annuity_of_an_anniversary_has_its_bonus_in_it(issue, cast, said):
    said("bonus", "0.05", 2027, 2031)
    policy = sold(issue, cast, born=date(1971, 2, 1), age=55, pay_term="SINGLE", pay_mode="single", paid=1)
    day = anniversary(EFFECTIVE, 5)
    run_policy_day(day)
    cover = now(policy).main
    paid = LedgerEntry.objects.get(policy=policy, key="survival:5").lines.get(account="benefit").amount
    assert paid == money((cover.sum_assured + cover.bonus_sum) / 10)


def test_a_suspended_contract_has_no_bonus(issue, cast, said):
    said("bonus", "0.01", 2027, 2029)
    policy = sold(issue, cast, paid=1)
    run_policy_day(date(2029, 3, 3))
    assert now(policy).status == "lapsed" and bonus(policy) == money(policy.main.sum_assured * D("0.01"))


def test_a_bonus_approved_later_counts_from_then_as_if_on_time(issue, cast, said):
    said("bonus", "0.02", 2028, 2029)
    on_time, late = sold(issue, cast, 0), date(2029, 6, 1)
    run_policy_day(date(2029, 3, 3))
    basic, without = on_time.main.sum_assured, bonus(on_time)
    said("bonus", "0.01", 2027, 2027, at=at(late))
    run_policy_day(late - timedelta(days=1))
    assert bonus(on_time) == without
    run_policy_day(late)
    first = money(basic * D("0.01"))
    upon = money(first * D("0.02"))
    assert bonus(on_time) == without + first + upon + money((first + upon) * D("0.02"))
    event = PolicyEvent.objects.filter(policy=on_time, kind="dividend").latest("pk")
    assert event.on == late and "补计其后年度红利保额" in event.note
    # the values of days before do not know of it
    assert policy_as_of(now(on_time), date(2029, 5, 31))["coverages"][0].bonus_sum == without


def test_two_years_approved_late_are_credited_in_their_order(issue, cast, said):
    early, late = sold(issue, cast, 0), sold(issue, cast, 1)
    Policy.objects.filter(pk=late.pk).update(hold_case="WAIT")
    said("bonus", "0.02", 2027, 2027, at=at(date(2028, 7, 1)))
    said("bonus", "0.03", 2028, 2028, at=at(date(2028, 7, 1)))
    run_policy_day(date(2028, 7, 2))
    basic = early.main.sum_assured
    first = money(basic * D("0.02"))
    assert bonus(early) == first + money(first * D("0.03")) + money(basic * D("0.03"))
    Policy.objects.filter(pk=late.pk).update(hold_case="")
    run_policy_day(date(2028, 7, 2))
    assert bonus(late) == bonus(early)


def test_a_bonus_approved_on_an_anniversary_does_not_share_in_it_twice(issue, cast, said):
    said("bonus", "0.02", 2028, 2028)
    said("bonus", "0.01", 2027, 2027, at=at(date(2028, 3, 3)))
    policy = sold(issue, cast)
    run_policy_day(date(2028, 3, 3))
    basic = policy.main.sum_assured
    first = money(basic * D("0.01"))
    assert [e.on for e in PolicyEvent.objects.filter(policy=policy, kind="dividend")] == [date(2028, 3, 3)] * 2
    assert bonus(policy) == first + money(first * D("0.02")) + money(basic * D("0.02"))


# ── what becomes of it ──


def test_it_falls_with_the_basic_sum(issue, cast, said):
    said("bonus", "0.01", 2027, 2027)
    policy, terms = sold(issue, cast), version("A60")
    terms.definition["partial_surrender"] = {"allowed": True, "article": "6.3"}
    terms.save()
    run_policy_day(date(2027, 6, 1))
    cover = now(policy).main
    told = try_value(policy=now(policy), kind="partial", day=date(2027, 6, 1), today=date(2027, 6, 1), given_up=cover.sum_assured / 4)
    assert any(line.label == "减少后累积红利保险金额" and line.value == money(cover.bonus_sum * 3 / 4) for line in told.calculation.lines)
    reduce_cover(
        policy=policy, case_number="", cover=cover, sum_assured=cover.sum_assured * 3 / 4, premium=D(7500), extra=D(0), refund=told.amount,
        day=date(2027, 6, 1), actor=cast.ps_reviewer, now=NOW,
    )  # fmt: skip
    assert bonus(policy) == money(cover.bonus_sum * 3 / 4)


def test_surrender_death_and_cooling_off_end_it(issue, cast, said):
    said("bonus", "0.01", 2027, 2027)
    policies = [sold(issue, cast, n) for n in range(3)]
    Policy.objects.filter(pk=policies[2].pk).update(cooling_off_end=date(2027, 12, 31))
    day = date(2027, 6, 1)
    run_policy_day(day)
    gone = [now(p) for p in policies]
    due = surrender_value(gone[0], day)
    _, paid = surrender(policy=gone[0], case_number="PSB1", day=day, actor=cast.ps_reviewer, now=at(day))
    assert paid.amount == due.amount and any(line.label == BONUS_VALUE for line in paid.lines)
    claim_death_terminate(policy=gone[1], case_number="CLB1", died_on=day, actor=cast.cl_reviewer, now=at(day))
    _, refund = cancel_in_cooling_off(policy=gone[2], case_number="PSB2", day=day, actor=cast.ps_reviewer, now=at(day))
    assert refund.amount == 10 * gone[2].main.premium
    run_policy_day(date(2029, 3, 3))
    for policy in policies:
        held = policy_as_of(now(policy), day)["coverages"]
        assert held[0].bonus_sum == bonus(policy) == money(policy.main.sum_assured * D("0.01")) and not held[0].active
        assert statement(policy, EFFECTIVE, date(2029, 3, 3)).balances


# ── 终了红利 ──


def test_the_terminal_bonus_goes_by_year_and_ending(issue, cast, said):
    said("bonus", "0.01", 2027, 2029)
    said("terminal", "0.05", 2028, 2030, ending="surrender", year_from=2, by_years=True)
    said("terminal", "0.30", 2028, 2030, ending="death", base="bonus", year_from=3)
    policy = sold(issue, cast)
    run_policy_day(date(2029, 6, 1))
    policy = now(policy)
    cover, first = policy.main, money(policy.main.sum_assured * D("0.01"))
    second = money((cover.sum_assured + first) * D("0.01"))

    def told(kind: str, day: date, label: str) -> list[Decimal]:
        lines = try_value(policy=policy, kind=kind, day=day, today=date(2029, 6, 1)).calculation.lines
        return [line.value for line in lines if label in line.label]

    # before the first year is over, and in the first that does not count, there is none
    assert told("surrender", date(2027, 3, 2), "终了红利") == told("surrender", date(2028, 3, 2), "终了红利") == []
    # two years over: once the sum before the second bonus; three: twice the sum before the third
    assert told("surrender", date(2028, 9, 1), "终了红利（退保") == [money((cover.sum_assured + first) * D("0.05"))]
    assert told("surrender", date(2029, 6, 1), "终了红利（退保") == [money((cover.sum_assured + first + second) * D("0.05") * 2)]
    assert told("death", date(2029, 6, 1), "终了红利（身故") == [money((first + second) * D("0.30"))]
    assert told("death", date(2028, 9, 1), "终了红利") == []
    due = surrender_value(policy, date(2029, 6, 1))
    _, paid = surrender(policy=policy, case_number="PSB3", day=date(2029, 6, 1), actor=cast.ps_reviewer, now=at(date(2029, 6, 1)))
    assert paid.amount == due.amount and any("满 3 个保单年度" in line.label for line in paid.lines)
    assert statement(policy, EFFECTIVE, date(2029, 6, 1)).balances


def test_the_terminal_bonus_at_the_end_of_the_term(issue, cast, said):
    said("terminal", "0.10", 2059, 2060, ending="maturity")
    policy = sold(issue, cast, born=date(1971, 2, 1), age=55, pay_term="SINGLE", pay_mode="single", paid=1)
    cover = policy.main
    lines = maturity_lines(policy, cover, cover.expires_on + timedelta(days=1)).lines
    assert [line.value for line in lines] == [money(cover.sum_assured / 10)] and "满期，满 33 个保单年度" in lines[0].label
    assert next(w.amount for w in worth_on(policy, date(2026, 6, 1)) if w.label == "满期金") == lines[0].value


# ── day by day ──


@given(
    late=st.lists(st.integers(min_value=0, max_value=900), min_size=3, max_size=3), rates=st.lists(st.sampled_from(["0.003", "0.0127", "0.08"]), min_size=3, max_size=3),
    base=st.sampled_from(["basic", "effective"]), step=st.integers(min_value=9, max_value=60),
)
# the first comes after the second anniversary and before its rate is known: the second brings the bonus upon the first
@example(late=[675, 772, 262], rates=["0.003", "0.0127", "0.0127"], base="effective", step=22)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_every_day_equals_once_for_the_span_however_late_the_rates_come(issue, cast, said, late, rates, base, step):
    """Three yearly rates, each approved on a day of its own, on time or years late; one twin moved in steps, one at once."""
    n = Policy.objects.count()
    DividendRate.objects.update(state="refused")
    for year, (days, rate) in enumerate(zip(late, rates, strict=True)):
        said("bonus", rate, 2027 + year, 2027 + year, at=at(date(2027, 1, 15) + timedelta(days=days)), base=base)
    one, other = sold(issue, cast, n), sold(issue, cast, n + 1)
    Policy.objects.filter(pk=other.pk).update(hold_case="WAIT")
    day, end = date(2027, 3, 1), date(2029, 9, 1)
    while day < end:
        run_policy_day(day)
        day += timedelta(days=step)
    run_policy_day(end)
    Policy.objects.filter(pk=other.pk).update(hold_case="")
    run_policy_day(end)
    told = [
        [(e.on, e.note, [*e.data.get("upon", {}).values()], [*e.data["bonus"].values()]) for e in PolicyEvent.objects.filter(policy=p, kind="dividend").order_by("pk")]
        for p in (one, other)
    ]  # fmt: skip
    assert told[0] == told[1] and len(told[0]) == 3 and bonus(one) == bonus(other)
    assert sum(D(amount) for event in told[0] for amount in event[3]) == bonus(one)
    # late or not, within cents of the same
    total, basic = D(0), one.main.sum_assured
    for rate in rates:
        total += money((basic + (total if base == "effective" else 0)) * D(rate))
    assert abs(bonus(one) - total) <= D("0.03")


def test_the_customers_page_and_the_policy_page_tell_one_value(issue, cast, said):
    said("bonus", "0.02", 2027, 2027)
    policy, day = sold(issue, cast), date(2027, 6, 1)
    run_policy_day(day)
    rows = Policy.objects.filter(pk=policy.pk).select_related("insured").prefetch_related("coverages__version__product", "coverages__usage")
    assert values_today(list(rows), day)[policy.pk] == next(w.amount for w in worth_on(now(policy), day) if w.label == "现金价值")


def test_a_statement_and_the_interface_tell_the_bonus_sum(issue, cast, said, as_user):
    said("bonus", "0.02", 2027, 2027)
    policy = sold(issue, cast)
    run_policy_day(date(2027, 3, 3))
    with patch("django.utils.timezone.now", return_value=at(date(2027, 6, 1))):
        client = APIClient()
        client.force_authenticate(cast.clerk)
        told = client.get(f"/api/v1/policies/{policy.number}/").json()
        page = as_user(cast.clerk).get(f"/policies/{policy.number}/").content.decode()
        letter = content(now(policy), at(date(2027, 6, 1)))
    amount = bonus(policy)
    assert told["coverages"][0]["bonus_sum"] == f"{amount:.2f}" and told["dividend_option"] == ""
    assert f"红利保额 {amount:,.2f}" in page
    assert letter["covers"][0]["bonus_sum"] == amount and any(row["label"] == BONUS_VALUE for row in letter["value_lines"])
