"""Two connections at once: what may happen once happens once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Party, Payment
from lifeops.policies.services.claiming import medical_used, record_medical_usage
from lifeops.policies.services.issuing import issue_policy
from lifeops.policies.services.parties import find_or_create_party
from lifeops.policies.services.payments import create_payment, release_payment
from lifeops.policies.services.servicing import surrender
from tests.policies.conftest import EFFECTIVE, NOW, cover, person

pytestmark = pytest.mark.server


def side_by_side(*acts: Callable[[], object]) -> list[object]:
    """Outcome of each act: what it returned, or the reason of its refusal."""
    start, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        try:
            start.wait(10)
            found[index] = act()
        except BookRefused as refused:
            found[index] = str(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


@pytest.fixture
def policy(transactional_cast):
    life = person(phone="19900001234")
    return issue_policy(
        case_number="", branch=transactional_cast.county, agent_code="", policyholder=life, insured=life, relation="self",
        applied_on=date(2026, 3, 1), effective_on=EFFECTIVE, pay_mode="annual",
        coverages=[cover("W30", life), cover("M10", life, is_rider=True)], beneficiaries=[],
        actor=transactional_cast.underwriter, now=NOW,
    )


def test_two_claims_cannot_use_the_same_deductible(policy):
    rider = policy.coverages.get(is_rider=True)
    use = {"coverage": rider, "policy_year": 1, "deductible": Decimal(1000), "paid": Decimal(100), "day": EFFECTIVE}
    found = side_by_side(*(lambda n=n: record_medical_usage(case_number=f"C{n}", **use) for n in range(3)))
    assert sum(isinstance(f, str) and "免赔额已由其他案件使用" in f for f in found) == 2
    assert medical_used(rider, 1) == (1000, 100)


def test_contract_is_surrendered_once(policy, transactional_cast):
    act = {"policy": policy, "day": date(2027, 1, 4), "actor": transactional_cast.ps_reviewer, "now": NOW}
    found = side_by_side(*(lambda n=n: surrender(case_number=f"C{n}", **act) for n in range(3)))
    assert sum(isinstance(f, str) and "终止（退保）" in f for f in found) == 2
    assert policy.endorsements.count() == 1


def test_payment_is_released_once_and_numbers_do_not_collide(policy, transactional_cast):
    given = {
        "case_number": "C1", "policy": policy, "branch_id": policy.branch_id, "purpose": "退保金", "payee": "张晓明", "bank": "虚构银行",
        "account": "9900001234567890", "amount": Decimal("10.00"), "actor": transactional_cast.ps_reviewer, "now": NOW,
    }
    made = side_by_side(*(lambda: create_payment(**given) for _ in range(3)))
    assert {p.number for p in made} == {"C1-P01", "C1-P02", "C1-P03"}
    people = (transactional_cast.issue, transactional_cast.head)
    found = side_by_side(*(lambda who=who: release_payment(payment=made[0], actor=who, now=NOW) for who in people))
    assert sorted(isinstance(f, Payment) for f in found) == [False, True]


def test_same_document_registered_at_two_counters_is_one_person(transactional_cast):
    born = date(1990, 1, 1)
    given = {"name": "王五", "birth_date": born, "id_number": compose_card(region="990101", birth_date=born, sequence=7)}
    found = side_by_side(*(lambda: find_or_create_party(**given) for _ in range(4)))
    assert {p.pk for p in found} == {Party.objects.get().pk}


def test_two_day_runs_at_once_have_one_effect(policy, transactional_cast):
    """Locked rows are left to the other run; what both could see happens once."""
    from lifeops.policies.models import LedgerEntry, Policy, PolicyEvent, PremiumEntry
    from lifeops.policies.services.life import run_policy_day

    life = person("第二人", sequence=123)
    issue_policy(
        case_number="", branch=transactional_cast.county, agent_code="", policyholder=life, insured=life, relation="self",
        applied_on=date(2026, 3, 1), effective_on=EFFECTIVE, pay_mode="quarterly", coverages=[cover("T20", life)],
        beneficiaries=[], actor=transactional_cast.underwriter, now=NOW,
    )
    day = date(2027, 5, 3)
    found = side_by_side(*[lambda: run_policy_day(day, batch=1) for _ in range(3)])
    assert all(not isinstance(run, str) and run is not None and run.stuck == 0 for run in found)
    run_policy_day(day)
    assert set(Policy.objects.values_list("status", flat=True)) == {"lapsed"}
    for row in Policy.objects.all():
        kinds = list(PolicyEvent.objects.filter(policy=row, kind="status").values_list("note", flat=True))
        assert kinds == ["保费到期未交", "宽限期满未交费"]
        assert PremiumEntry.objects.filter(policy=row, kind="renewal").count() == 1
        assert LedgerEntry.objects.filter(policy=row, key__startswith="due:").count() == 1
    assert sum(run.policies for run in found) == 2


def test_the_same_receipt_at_two_desks_counts_once(policy, transactional_cast):
    from lifeops.policies.models import Policy
    from lifeops.policies.services.ledger import balance
    from lifeops.policies.services.premiums import receive_premium

    fields = {"policy": policy, "amount": Decimal("100.00"), "received_on": date(2026, 6, 1), "reference": "B1", "now": NOW}
    before = balance(policy, "received")
    side_by_side(*[lambda: receive_premium(actor=transactional_cast.clerk, **fields) for _ in range(2)])
    assert balance(policy, "received") - before == Decimal("100.00") == Policy.objects.get(pk=policy.pk).suspense
