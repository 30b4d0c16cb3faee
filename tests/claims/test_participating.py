"""A death on a participating contract: the bonus sum of the day of death and the terminal bonus are in the benefit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.demo.customers import Book
from lifeops.demo.dividends import YEARS, sell
from lifeops.org.models import Role
from lifeops.policies.models import Payment, Policy, PolicySnapshot, Product
from lifeops.policies.rules.lines import money
from lifeops.policies.services.benefits import premiums_paid_for
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.values import bonus_value_on
from tests.cast import hire
from tests.claims.test_journey import conclude
from tests.factories import again, handed_over

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
