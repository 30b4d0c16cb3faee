"""The day run every day of two hundred days and more ends where one run for the span does: any starting day, way of paying and
product, our own and loaded ones."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from lifeops.policies.models import Policy, PolicyEvent, ProductVersion
from lifeops.policies.rules.dates import MONTHS, add_months
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.lending import lend, value_at, value_tables
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.quoting import Ask, choices_of, offer
from tests.policies.conftest import NOW, person, version
from tests.policies.disclosures import load

pytestmark = pytest.mark.django_db
BORN = date(1986, 5, 17)
#: What is sold: product, cover term, pay term, pay modes.
OWN = {
    "T20 年": ("T20", "20Y", "20Y", "annual"), "T20 月": ("T20", "10Y", "10Y", "monthly"), "T20 趸": ("T20", "10Y", "SINGLE", "single"),
    "W30 年": ("W30", "WHOLE_LIFE", "10Y", "annual"), "W30 季": ("W30", "WHOLE_LIFE", "20Y", "quarterly"),
    "W30 半年": ("W30", "WHOLE_LIFE", "10Y", "semiannual"), "W30 趸": ("W30", "WHOLE_LIFE", "SINGLE", "single"),
    "M10": ("M10", "1Y", "SINGLE", "single"), "E20 年": ("E20", "20Y", "10Y", "annual"), "E20 趸": ("E20", "20Y", "SINGLE", "single"),
}  # fmt: skip
#: Days from which the span begins, counted from something that happens.
AROUND = ("start", "due", "grace", "year", "third", "end")


def sold(issue: Any, sold_as: tuple[str, str, str, str] | ProductVersion, day: date, n: int, **asked: Any) -> Policy:
    """A policy of the day on a man of his own."""
    life = person(f"双{n}", born=BORN, sequence=601 + 2 * n)
    if isinstance(sold_as, ProductVersion):
        given: dict[str, Any] = {"version": sold_as} | asked
    else:
        code, cover_term, pay_term, mode = sold_as
        given = {"version": version(code), "cover_term": cover_term, "pay_term": pay_term, "pay_mode": mode, "sum_assured": Decimal(300_000)}
    ask = Ask(sex="M", age=life.age(day) or 0, **given)
    found = offer(ask)
    cover = {
        "version": ask.version, "sum_assured": found.sum_assured or Decimal(100_000), "cover_term": ask.cover_term or "1Y", "pay_term": ask.pay_term,
        "premium": found.standard, "extra": found.extra, "choices": choices_of(ask),
    }  # fmt: skip
    policy = issue(coverages=[cover], pay_mode=ask.pay_mode, insured=life, policyholder=life, effective_on=day, applied_on=day)
    return deliver_policy(policy=policy, signed_on=day)


def told(policy: Policy) -> dict[str, Any]:
    """All that the run may have touched."""
    found = Policy.objects.get(pk=policy.pk)
    events = PolicyEvent.objects.filter(policy=policy).order_by("pk")
    return {
        "events": [(e.kind, e.on, e.source, e.note, {k: v for k, v in e.data.items() if k not in ("coverages", "loans")}) for e in events],
        "money": balances(policy),
        "status": [(c.status, c.since, c.cause) for c in policy.status_changes.order_by("pk")],
        "premiums": list(policy.premiums.order_by("due_on", "pk").values_list("due_on", "amount", "paid_on", "kind", "settled_by")),
        "notices": list(policy.notices_due.order_by("due_on", "kind").values_list("kind", "about", "due_on", "late_noted")),
        "loans": list(policy.loans.order_by("since", "pk").values_list("kind", "principal", "since", "due_on", "repaid_on")),
        "covers": list(policy.coverages.order_by("pk").values_list("sum_assured", "premium", "active")),
        "row": (found.status, found.ending, found.terminated_on, found.lapsed_on, found.paid_to, found.years_done, found.suspense, found.next_event_on),
    }


def begins(policy: Policy, around: str, shift: int) -> date:
    months = MONTHS.get(policy.pay_mode, 12)
    due, last = add_months(policy.effective_on, months), policy.main.expires_on or add_months(policy.effective_on, 480)
    day = {
        "start": policy.effective_on, "due": due, "grace": due + timedelta(days=60), "year": add_months(policy.effective_on, 12),
        "third": add_months(policy.effective_on, 36), "end": last,
    }[around]
    return max(policy.effective_on, day + timedelta(days=shift))


def same_both_ways(twins: list[Policy], first: date, days: int, *, money: int, advance: bool, lent: bool, cast: Any) -> list[Policy]:
    """One twin moved day by day, the other once, from the same beginning."""
    for policy in twins:
        Policy.objects.filter(pk=policy.pk).update(apl_agreed=advance)
        if money:
            amount = (policy.main.premium + policy.main.extra) * money
            receive_premium(policy=policy, amount=amount, received_on=policy.effective_on, reference="R", actor=cast.clerk, now=NOW)
    run_policy_day(first)
    if lent:
        for policy in twins:
            fresh = Policy.objects.get(pk=policy.pk)
            room = value_at(value_tables(fresh, list(fresh.coverages.all())), first) * Decimal("0.7")
            if fresh.status in ("in_force", "paid_up") and room >= 500 and fresh.cooling_off_end and first > fresh.cooling_off_end:
                lend(policy=fresh, case_number="PS-9", amount=room.quantize(Decimal("0.01")), day=first, actor=cast.clerk, now=NOW)
    one, other = twins
    kept = Policy.objects.filter(pk=other.pk).values_list("next_event_on", flat=True)[0]
    Policy.objects.filter(pk=other.pk).update(hold_case="WAIT")
    for n in range(1, days + 1):
        run_policy_day(first + timedelta(days=n))
    Policy.objects.filter(pk=other.pk).update(hold_case="", next_event_on=kept)
    run_policy_day(first + timedelta(days=days))
    assert told(one) == told(other)
    for policy in twins:
        assert statement(policy, policy.effective_on, first + timedelta(days=days)).balances
        assert not policy.events.filter(kind="stuck").exists()
    # a third run of the last day does nothing more
    before = told(one)
    run_policy_day(first + timedelta(days=days))
    assert told(one) == before
    return twins


days_of_start = st.one_of(
    st.sampled_from([date(2024, 2, 29), date(2020, 2, 29), date(2025, 1, 31), date(2025, 8, 31), date(2024, 12, 31), date(2024, 3, 1)]),
    st.dates(date(2020, 1, 1), date(2026, 3, 2)),
)


@settings(
    max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
@given(
    start=days_of_start, what=st.sampled_from(sorted(OWN)), around=st.sampled_from(AROUND), shift=st.integers(-150, 20), days=st.integers(200, 260),
    money=st.integers(0, 4), advance=st.booleans(), lent=st.booleans(),
)
@example(start=date(2024, 2, 29), what="W30 年", around="grace", shift=-150, days=230, money=3, advance=True, lent=False)
@example(start=date(2024, 2, 29), what="T20 月", around="year", shift=-100, days=200, money=2, advance=False, lent=False)
@example(start=date(2025, 1, 31), what="T20 月", around="start", shift=0, days=200, money=4, advance=False, lent=False)
@example(start=date(2020, 2, 29), what="W30 趸", around="third", shift=-10, days=400, money=0, advance=False, lent=True)
@example(start=date(2024, 2, 29), what="E20 趸", around="end", shift=-100, days=200, money=0, advance=False, lent=True)
@example(start=date(2025, 8, 31), what="M10", around="end", shift=-190, days=200, money=0, advance=False, lent=False)
def test_every_day_equals_once_for_the_span(issue, cast, start, what, around, shift, days, money, advance, lent):
    with transaction.atomic():
        twins = [sold(issue, OWN[what], start, n) for n in range(2)]
        money = 0 if twins[0].pay_mode == "single" else money
        first = begins(twins[0], around, shift)
        assume(first.year < 2090)
        same_both_ways(twins, first, days, money=money, advance=advance, lent=lent, cast=cast)
        transaction.set_rollback(True)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("P611005", {"cover_term": "10Y", "pay_term": "10Y", "pay_mode": "annual", "sum_assured": Decimal(500_000)}),
        ("P212014", {"cover_term": "5Y", "pay_term": "SINGLE", "pay_mode": "single", "premium": Decimal(50_000)}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", [date(2024, 2, 29), date(2026, 1, 31)])
def test_products_as_loaded_too(issue, cast, code, asked, start):
    [loaded] = load(code)
    with transaction.atomic():
        twins = [sold(issue, loaded, start, n, **asked) for n in range(2)]
        around = "end" if asked["pay_mode"] == "single" else "due"
        one, _ = same_both_ways(twins, begins(twins[0], around, -150), 220, money=0, advance=False, lent=False, cast=cast)
        assert Policy.objects.get(pk=one.pk).status in ("lapsed", "terminated")
        transaction.set_rollback(True)


def test_the_comparison_can_fail(issue, cast):
    """A day left out in the middle of one life and made up by hand would be seen."""
    twins = [sold(issue, OWN["T20 年"], date(2024, 2, 29), n) for n in range(2)]
    run_policy_day(date(2025, 4, 1))
    assert told(twins[0]) == told(twins[1])
    twins[1].notices_due.all().delete()
    twins[1].premiums.filter(kind="renewal").update(due_on=date(2025, 3, 1))
    assert told(twins[0]) != told(twins[1])
