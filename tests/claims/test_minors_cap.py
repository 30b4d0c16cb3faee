"""未成年人身故限额 (保监发〔2015〕90号, facts 3.9, M-10): what all contracts of a child pay together, whoever insured him."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from claims.calculation import calculate
from lifeops.cases.errors import Refused
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.policies.models import Payment, PolicyLoan
from lifeops.policies.rules.benefits import cap_for_minor, minors_cap, minors_headroom
from lifeops.policies.rules.dates import add_years
from lifeops.policies.rules.lines import Calculation, Line
from tests.factories import again, handed_over, make_party, make_policy

# age; benefit; exempt; others; what may be paid
CAPPED = """
0 200000 0 0 200000
9 200001 0 0 200000
9 200001 1 0 200001
9 300000 20000 0 220000
9 300000 20000 150000 70000
9 300000 20000 200000 20000
9 300000 20000 900000 20000
9 10000 20000 900000 10000
10 300000 20000 0 300000
10 500000.01 0 0 500000
17 800000 100000 0 600000
17 800000 100000 499999.99 100000.01
18 800000 100000 900000 800000
"""


@pytest.mark.parametrize("row", CAPPED.strip().splitlines())
def test_the_cap_by_hand(row):
    age, amount, exempt, others, due = (Decimal(cell) for cell in row.split())
    benefit = Calculation.of([Line(label="身故保险金", value=amount)])
    found = cap_for_minor(benefit=benefit, exempt=exempt, exempt_label="已交保险费", others=others, age=int(age))
    assert found.amount == due == sum(line.value for line in found.sums)
    assert minors_headroom(age=int(age), others=others) == (max(Decimal(0), cap - others) if (cap := minors_cap(int(age))) else None)


@pytest.fixture
def child(db):
    """Six years old on the day of the death, twenty days ago."""
    return make_party(name="测试孩子", birth_date=add_years(timezone.localdate(), -6) - timedelta(days=40))


def death_on(cast, child, sum_assured=150000, **keyed):
    """A contract on the child over 150,000 元, and its claim in the pool."""
    policy = make_policy(cast.county, cast.clerk, product="W30", insured=child, policyholder=make_party(), relation="child", sum_assured=sum_assured)
    return policy, again(handed_over(cast, item="CL01", policy=policy, **keyed))


def concluded(cast, case):
    perform(case, "take", actor=cast.cl_reviewer2)
    perform(again(case), "conclude", actor=cast.cl_reviewer2, outcome="PAY", opinion="属于保险责任")


@pytest.mark.django_db
def test_two_contracts_of_a_child_pay_no_more_than_the_cap_together(cast, child):
    (first, one), (second, two) = death_on(cast, child), death_on(cast, child)
    assert calculate(one, one.record).amount == calculate(two, two.record).amount == Decimal("150000.00")
    concluded(cast, one)
    # the premiums of both stay outside; of the cap 150,000 less the first one's premium is used up
    exempt = first.premiums.get().amount, second.premiums.get().amount
    two = again(two)
    assert calculate(two, two.record).amount == Decimal("50000.00") + exempt[0] + exempt[1]
    # what was concluded first is not cut by what came after it
    concluded(cast, two)
    one = again(one)
    assert calculate(one, one.record).amount == Decimal("150000.00")
    for _ in range(2):
        perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert sum(p.amount for p in Payment.objects.all()) == Decimal("200000.00") + sum(exempt)


@pytest.mark.django_db
def test_what_other_companies_pay_counts_beside_our_own(cast, child):
    (first, one), (_, two) = death_on(cast, child), death_on(cast, child, paid_elsewhere_on_minor="60000")
    concluded(cast, one)
    two = again(two)
    rest = Decimal("200000.00") - Decimal("60000.00") - (Decimal("150000.00") - first.premiums.get().amount)
    assert calculate(two, two.record).amount == rest + two.policy.premiums.get().amount


@pytest.mark.django_db
def test_what_is_no_longer_due_is_not_paid(cast, child):
    """An advance of before the death is found after the conclusion: the claim goes back to the reviewer."""
    policy, case = death_on(cast, child)
    concluded(cast, case)
    PolicyLoan.objects.create(policy=policy, kind="apl", principal=Decimal("500.00"), rate=Decimal("0.05"), since=case.record.event_on)
    with pytest.raises(Refused, match=r"现应付 149,500\.00 元，审核时为 150,000\.00 元"):
        perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert not Payment.objects.exists() and again(case).decided_at is None


@pytest.mark.django_db
def test_a_grown_up_is_not_capped(cast):
    insured = make_party()
    (_, one), (_, two) = death_on(cast, insured, 300000), death_on(cast, insured, 300000)
    concluded(cast, one)
    two = again(two)
    assert calculate(two, two.record).amount == Decimal("300000.00")
