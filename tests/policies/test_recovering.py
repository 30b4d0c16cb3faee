"""款项追回: what is to come back after a death is settled by a receipt that waits, by two persons, with no more than is left of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Account, Policy, Recovery
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.services.events import replay
from lifeops.policies.services.holds import place_hold
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.overpaid import refund_overpaid
from lifeops.policies.services.payments import create_payment, release_payment, return_payment, unpaid
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.recovering import ask_recovery, decide_recovery
from tests.policies.conftest import EFFECTIVE, NOW
from tests.policies.test_benefits_after_death import annuity_of, claimed, collected
from tests.policies.test_dividend_options import now, on

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]
D = Decimal


@pytest.fixture
def annuity(cast, issue):
    return partial(annuity_of, issue)


@pytest.fixture
def owing(annuity, cast):
    """One year's annuity is to come back; 4,000 元 of it have come by the bank's file."""
    policy = annuity()
    run_policy_day(on(13))
    collected(policy, cast, on(13) + timedelta(days=3))
    day = on(13) + timedelta(days=30)
    found = claimed(policy, cast, day)
    receive_premium(policy=found, amount=D(4000), received_on=day, reference="R1", actor=None, now=NOW)
    return now(policy)


def asked(policy: Policy, actor, **fields: Any) -> Recovery:
    given = {"reference": "R1", "amount": D(4000), "reason": "继承人返还", "now": noon(40)} | fields
    return ask_recovery(policy=policy, actor=actor, **given)


def noon(days: int) -> datetime:
    return timezone.make_aware(datetime.combine(on(13) + timedelta(days=days), time(12)))


def back(policy: Policy, actor, by, **fields: Any) -> Policy:
    return said(asked(policy, actor, **fields), by).policy


def said(row: Recovery, actor, approve: bool = True, remark: str = "") -> Recovery:
    return decide_recovery(row=row, approve=approve, remark=remark, actor=actor, now=noon(41))


def test_money_that_came_for_it_settles_it_by_two(owing, cast):
    before = balances(owing)
    row = asked(owing, cast.cl_reviewer)
    assert balances(now(owing)) == before and not owing.events.filter(kind="recovered").exists()
    assert said(row, cast.head).state == "applied"
    found = now(owing)
    assert (balances(found)[Account.RECOVERABLE], found.suspense) == (before[Account.RECOVERABLE] - 4000, 0)
    event = found.events.get(kind="recovered", data__reference="R1")
    assert event.actor == cast.head and event.note == f"追回 4,000.00 元（R1）：继承人返还；{cast.cl_reviewer} 登记"
    day = on(13) + timedelta(days=41)
    assert replay(found, day).money == balances(found, day) and statement(found, EFFECTIVE, day).balances


@pytest.mark.parametrize("approve", [True, False])
def test_nobody_decides_on_what_he_has_asked_for(owing, cast, approve):
    row, before = asked(owing, cast.cl_reviewer), balances(owing)
    with pytest.raises(BookRefused, match="须为两人"):
        said(row, cast.cl_reviewer, approve, "收回")
    with pytest.raises(BookRefused, match="机构主管，或理赔审核岗、运营主管批准"):
        said(row, cast.clerk, approve, "同意")
    with pytest.raises(BookRefused, match="机构主管，或理赔审核岗、运营主管批准"):
        said(row, cast.other_head, approve, "同意")  # of another unit
    row.refresh_from_db()
    assert row.state == "open" and balances(now(owing)) == before
    with pytest.raises(IntegrityError, match="recovery_second_person"), transaction.atomic():
        Recovery.objects.filter(pk=row.pk).update(state="applied", decided_by=cast.cl_reviewer)


def test_a_refusal_says_why_and_leaves_everything(owing, cast):
    row, before = asked(owing, cast.cl_reviewer), balances(owing)
    with pytest.raises(BookInvalid) as wrong:
        said(row, cast.head, False, " ")
    assert list(wrong.value.errors) == ["remark"]
    assert said(row, cast.head, False, "是投保人多交的保险费").state == "refused" and balances(now(owing)) == before
    with pytest.raises(BookRefused, match="已驳回"):
        said(row, cast.manager)
    assert said(asked(owing, cast.head), cast.cl_reviewer)


def test_one_waits_at_a_time(owing, cast):
    asked(owing, cast.cl_reviewer, amount=D(1000))
    with pytest.raises(BookRefused, match="待批准"):
        asked(owing, cast.head, amount=D(1000))


def test_what_has_gone_since_is_not_used(owing, cast):
    """The receipt was given back to whom it came from while the other was asked."""
    row = asked(owing, cast.cl_reviewer)
    refund_overpaid(policy=now(owing), case_number="PS-9", amount=D(4000), day=on(13) + timedelta(days=40), actor=cast.clerk, now=noon(40))
    with pytest.raises(BookRefused, match=r"登记之后账目有变动：.*暂收 0\.00 元"):
        said(row, cast.head)
    row.refresh_from_db()
    assert row.state == "open" and not owing.events.filter(kind="recovered").exists()
    assert said(row, cast.head, False, "已退还").state == "refused"


@pytest.mark.parametrize("late", [False, True])
def test_a_receipt_that_was_refunded_settles_nothing_with_what_came_after_it(owing, cast, late):
    """Somebody else's 900 元 wait by then; `late`: the other was asked before."""
    def refund_and_another() -> None:
        refund_overpaid(policy=now(owing), case_number="PS-9", amount=D(4000), day=on(13) + timedelta(days=40), actor=cast.clerk, now=noon(40))
        receive_premium(policy=now(owing), amount=D(900), received_on=on(13) + timedelta(days=40), reference="R9", actor=None, now=NOW)

    if late:
        row = asked(owing, cast.cl_reviewer, amount=D(900))
    refund_and_another()
    if late:
        with pytest.raises(BookRefused, match=r"登记之后账目有变动：.*该笔尚余 0\.00 元"):
            said(row, cast.head)
        said(row, cast.head, False, "已退还")
    with pytest.raises(BookInvalid, match=r"该笔尚余 0\.00 元，暂收 900\.00 元"):
        asked(owing, cast.cl_reviewer, amount=D(900))
    back(owing, cast.cl_reviewer, cast.head, amount=D(900), reference="R9")
    assert now(owing).suspense == 0


def test_of_what_was_refunded_in_part_the_rest_is_left(owing, cast):
    """Whose the part was that went is not told: no more than there has been ever since."""
    receive_premium(policy=now(owing), amount=D(900), received_on=on(13) + timedelta(days=39), reference="R9", actor=None, now=NOW)
    refund_overpaid(policy=now(owing), case_number="PS-9", amount=D(1900), day=on(13) + timedelta(days=40), actor=cast.clerk, now=noon(40))
    receive_premium(policy=now(owing), amount=D(700), received_on=on(13) + timedelta(days=40), reference="R10", actor=None, now=NOW)
    with pytest.raises(BookInvalid, match=r"该笔尚余 3,000\.00 元"):
        asked(owing, cast.cl_reviewer, amount=D("3000.01"))
    back(owing, cast.cl_reviewer, cast.head, amount=D(3000))
    assert now(owing).suspense == 700


@pytest.mark.parametrize("kind", ["court", "police", "aml"])
def test_what_is_frozen_is_not_used(owing, cast, kind):
    row, before = asked(owing, cast.cl_reviewer), balances(owing)
    place_hold(policy=now(owing), kind=kind, holder="（2026）样执1号", reason="协助冻结", day=on(13) + timedelta(days=40), actor=cast.head)
    with pytest.raises(BookRefused, match="暂收款项不能动用，解除后办理"):
        said(row, cast.head)
    assert balances(now(owing)) == before and said(row, cast.head, False, "冻结").state == "refused"
    with pytest.raises(BookRefused, match="暂收款项不能动用，解除后办理"):
        asked(owing, cast.cl_reviewer)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"reference": "R2"}, "reference"), ({"amount": D("4000.01")}, "amount"), ({"amount": D(0)}, "amount"), ({"amount": D("1.001")}, "amount"),
        ({"reason": " "}, "reason"),
    ],
)  # fmt: skip
def test_only_what_came_and_no_more(owing, cast, fields, where):
    with pytest.raises(BookInvalid) as refused:
        asked(owing, cast.cl_reviewer, **fields)
    assert list(refused.value.errors) == [where] and balances(now(owing)) == balances(owing) and not owing.recoveries.exists()


def test_a_receipt_is_used_up_once(owing, cast):
    back(owing, cast.cl_reviewer, cast.head, amount=D(1500))
    receive_premium(policy=now(owing), amount=D(900), received_on=on(13) + timedelta(days=41), reference="R9", actor=None, now=NOW)
    with pytest.raises(BookInvalid, match=r"该笔尚余 2,500\.00 元"):
        asked(owing, cast.cl_reviewer, amount=D("2500.01"))
    back(owing, cast.cl_reviewer, cast.head, amount=D(2500))
    assert now(owing).suspense == 900


def test_a_receipt_is_not_used_twice_beside_another_that_waits(owing, cast):
    receive_premium(policy=now(owing), amount=D(900), received_on=on(13) + timedelta(days=39), reference="R9", actor=None, now=NOW)
    back(owing, cast.cl_reviewer, cast.head, amount=D(900), reference="R9")
    with pytest.raises(BookInvalid, match=r"该笔尚余 0\.00 元，暂收 4,000\.00 元"):
        asked(owing, cast.cl_reviewer, amount=D("0.01"), reference="R9")


def test_by_whom_it_is_asked_for(owing, cast, annuity):
    for nobody in (cast.clerk, cast.other_head):
        with pytest.raises(BookRefused, match="机构主管，或理赔审核岗、运营主管"):
            asked(owing, nobody)
    assert asked(owing, cast.head)
    with pytest.raises(BookRefused, match="没有待追回的款项"):
        asked(annuity(n=3), cast.head)


STEPS = st.lists(st.tuples(st.sampled_from(["came", "asked", "approved", "refused", "refunded", "returned", "ran"]), st.integers(1, 4500)), max_size=12)


@given(steps=STEPS)
@settings(
    max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_comes_goes_and_is_settled_the_ledger_stands(owing, cast, steps):
    """Nothing is settled twice, nor with more than has come for it, and events tell what the ledger says."""
    day, came = on(13) + timedelta(days=30), {"R1": D(4000)}
    with transaction.atomic():
        payment = create_payment(
            case_number="PS-1", policy=now(owing), branch_id=owing.branch_id, purpose="生存金领取", payee=owing.insured.name, bank="虚构银行",
            account="9900001234567890", amount=unpaid(owing, "PS-1"), actor=cast.clerk, now=NOW, kind="benefit",
        )  # fmt: skip
        sent = release_payment(payment=payment, actor=cast.head, now=NOW)
        for n, (what, number) in enumerate(steps):
            policy, amount, reference = now(owing), D(number), f"R{n}"
            row = policy.recoveries.filter(state="open").first()
            with suppress(BookRefused, BookInvalid):
                if what == "came":
                    receive_premium(policy=policy, amount=amount, received_on=day, reference=reference, actor=None, now=noon(30))
                    came[reference] = amount
                elif what == "asked":
                    asked(policy, cast.cl_reviewer, amount=amount, reference=sorted(came)[number % len(came)])
                elif what in ("approved", "refused") and row is not None:
                    said(row, cast.head, what == "approved", "核对")
                elif what == "refunded":
                    refund_overpaid(policy=policy, case_number=f"PS-{n + 2}", amount=amount, day=day, actor=cast.clerk, now=noon(30))
                elif what == "returned":
                    return_payment(payment=sent, reason="账户已销户", actor=cast.head, now=noon(30))
                elif what == "ran":
                    run_policy_day(day)
            found, money = now(owing), balances(now(owing))
            assert sum(money.values()) == 0 and statement(found, EFFECTIVE, on(14)).balances and replay(found, on(14)).money == money
            assert money.get(Account.RECOVERABLE, ZERO) >= 0 and found.suspense == -money.get(Account.SUSPENSE, ZERO) >= 0
            used = dict.fromkeys(came, ZERO)
            for event in found.events.filter(kind="recovered", data__has_key="reference"):
                used[event.data["reference"]] += D(event.data["amount"])
            assert all(used[reference] <= amount for reference, amount in came.items())
        transaction.set_rollback(True)
