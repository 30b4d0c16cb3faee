"""Customers, policies and cases are locked in one order: nobody waits for somebody who waits for him."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from lifeops.cases.errors import Refused
from lifeops.cases.perform import lock, perform
from lifeops.cases.queues import take_next
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Duplicate, Party, Payment, Policy
from lifeops.policies.services import merging, particulars
from lifeops.policies.services.claiming import claim_death_terminate, note_death
from lifeops.policies.services.collecting import collect_benefits
from lifeops.policies.services.locking import locked
from lifeops.policies.services.payments import create_payment, release_payment
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender
from tests.cases.threads import together
from tests.claims.test_ending import ACCOUNT, gross
from tests.claims.test_ending import conclude as ended
from tests.factories import handed_over, lapsed_policy, make_party, make_policy, surviving_policy
from tests.screening.listing import in_force, row
from tests.servicing.test_heirs import by_heirs, dead
from tests.servicing.test_holder import heir_case
from tests.servicing.test_journey import conclude
from tests.waiting import until, waits_for_a_lock

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
BY = {"reason": "核对"}


def side_by_side(first, second):
    """`first` locks and goes on only when `second`, begun meanwhile, waits for it; what each gave."""
    there = threading.Event()

    def work(n):
        if n:
            assert there.wait(20)
            return second()
        with transaction.atomic():
            steps = first()
            next(steps)
            there.set()
            assert until(waits_for_a_lock), "nobody waits"
            return list(steps)

    return together(2, work)


@pytest.fixture
def pair(transactional_cast):
    cast = transactional_cast
    one, two = make_party(name="重名客户"), make_party(name="重名客户")
    policy = make_policy(cast.county, cast.clerk, insured=two, product="W30")
    make_policy(cast.county, cast.clerk, insured=one)
    return cast, merging.propose(one=one, two=two, actor=cast.clerk, now=timezone.now()), two, policy


@pytest.mark.parametrize("undone", [False, True])
def test_a_death_is_claimed_while_two_customers_are_merged_or_parted(pair, undone):
    cast, row, two, policy = pair
    now, today = timezone.now(), timezone.localdate()
    if undone:
        merging.merge(duplicate=row, survivor=row.left, actor=cast.head, now=now, **BY)
        merging.ask_undo(duplicate=row, actor=cast.head, now=now, **BY)

    def claim():
        found = locked(Policy.objects.get(pk=policy.pk))
        yield
        note_death(Party.objects.get(pk=found.insured_id), today - timedelta(days=3), today=today)

    def change():
        given = {"duplicate": Duplicate.objects.get(pk=row.pk), "actor": cast.ps_reviewer, "now": now, **BY}
        return merging.undo(**given) if undone else merging.merge(survivor=row.left, **given)

    found = side_by_side(claim, change)
    assert found[0] == [] and Party.objects.get(pk=row.left_id if undone else two.pk).died_on
    if undone:
        assert found[1].state == "undone" and Policy.objects.get(pk=policy.pk).insured_id == two.pk
    else:  # of whom one has died by then
        assert isinstance(found[1], BookInvalid) and list(found[1].errors) == ["survivor"]


def test_a_case_goes_on_while_its_customer_is_merged(pair):
    cast, row, two, _ = pair
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=two))
    assert case.applicant_id == two.pk
    now = timezone.now()

    def step():
        lock(case.pk)
        yield
        particulars.record_death(party=two, died_on=timezone.localdate(), evidence="hospital", actor=cast.clerk, now=now)

    found = side_by_side(step, lambda: merging.merge(duplicate=row, survivor=row.left, actor=cast.head, now=now, **BY))
    assert found[0] == [] and isinstance(found[1], BookInvalid)


def test_of_two_days_of_death_told_at_once_one_is_kept(pair):
    """On two policies of one insured: the other is refused, not written over."""
    _, _, two, _ = pair
    today = timezone.localdate()

    def first():
        note_death(Party.objects.get(pk=two.pk), today - timedelta(days=3), today=today)
        yield

    stale = Party.objects.get(pk=two.pk)

    def second():
        with transaction.atomic():
            note_death(stale, today - timedelta(days=4), today=today)

    found = side_by_side(first, second)
    assert isinstance(found[1], BookRefused) and Party.objects.get(pk=two.pk).died_on == today - timedelta(days=3)


def test_a_payment_is_let_go_while_the_death_of_whom_it_goes_to_is_settled(transactional_cast):
    """Neither waits for the other: the instruction is void by then."""
    cast, today, now = transactional_cast, timezone.localdate(), timezone.now()
    policy = surviving_policy(cast)
    amount = collect_benefits(policy=policy, case_number="PS-1", ended=False, day=today, actor=cast.clerk, now=now).amount
    payment = create_payment(
        case_number="PS-1", policy=policy, branch_id=policy.branch_id, purpose="生存金领取", payee=policy.insured.name, bank="虚构银行",
        account="9900001234567890", amount=amount, actor=cast.clerk, now=now, kind="benefit",
    )  # fmt: skip

    def settle():
        found = locked(Policy.objects.get(pk=policy.pk))
        yield
        claim_death_terminate(policy=found, case_number="CL-1", died_on=today - timedelta(days=300), actor=cast.cl_reviewer, now=now)

    found = side_by_side(settle, lambda: release_payment(payment=payment, actor=cast.head, now=now))
    assert found[0] == [] and isinstance(found[1], BookRefused) and Payment.objects.get(pk=payment.pk).state == "cancelled"


def test_a_suspension_that_money_undoes_at_this_moment_is_no_ground_to_rescind(transactional_cast):
    """公司解约 is signed while the bank's file brings what was paid within the grace period."""
    cast, now = transactional_cast, timezone.now()
    policy = lapsed_policy(cast, days=820)
    handed_over(cast, item="PS33", policy=policy)
    conclude(cast)
    case = take_next(cast.approver_high, "approval")
    in_force(cast, row(make_party()))  # the case is read whole before its policy is locked

    def pay():
        early = policy.lapsed_on - timedelta(days=2)
        receive_premium(policy=Policy.objects.get(pk=policy.pk), amount=policy.main.premium, received_on=early, reference="G1", actor=None, now=now)
        yield

    found = side_by_side(pay, lambda: perform(case, "approve", actor=cast.approver_high, opinion="同意"))
    assert found[0] == [] and isinstance(found[1], Refused) and Policy.objects.get(pk=policy.pk).status == "in_force", found


# ── a death that is taken back ──


@pytest.fixture
def inherited(transactional_cast):
    """What heirs have waits for its signature: a rest of a contract that is over, the place of the policyholder, a refund of a contract that
    a claim ends."""
    cast = transactional_cast
    in_force(cast, row(make_party()))  # everybody of the case is read to be held against the list

    def waits(item):
        if item == "CL05":
            policy = make_policy(cast.county, cast.clerk, policyholder=make_party(name="原投保人"), relation="spouse")
            dead(cast, policy.policyholder)
            claim = handed_over(cast, policy=Policy.objects.get(pk=policy.pk), more_papers=("INHERIT_PROOF", "ID_BENEFICIARY"))
            ended(cast, claim, **gross(refund_payee="继承人乙", refund_relation="子女", **ACCOUNT))
            return cast, take_next(cast.approver_high, "approval"), policy.policyholder.deathrecord_rows.get()
        if item == "PS12":
            policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(name="原投保人"), relation="spouse")
            dead(cast, policy.policyholder)
            heir_case(cast, Policy.objects.get(pk=policy.pk), make_party(name="继承人甲"))
        else:
            policy, today = make_policy(cast.county, cast.clerk, product="W30"), timezone.localdate()
            surrender(policy=policy, case_number="PSX1", day=today - timedelta(days=9), actor=cast.ps_reviewer, now=timezone.now())
            receive_premium(policy=policy, amount=Decimal("900.01"), received_on=today, reference="H1", actor=cast.clerk, now=timezone.now())
            dead(cast, policy.policyholder)
            by_heirs(cast, Policy.objects.get(pk=policy.pk), [make_party(name="继承人甲")])
        conclude(cast)
        return cast, take_next(cast.approver_high, "approval"), policy.policyholder.deathrecord_rows.get()

    return waits


@pytest.mark.parametrize("item", ["PS28", "PS12", "CL05"])
@pytest.mark.parametrize("signed_first", [True, False])
def test_a_death_is_taken_back_while_what_rests_on_it_is_signed(inherited, item, signed_first):
    """One of the two comes to nothing: nobody is paid as the heir of somebody who lives."""
    cast, case, death = inherited(item)

    def sign():
        perform(case, "approve", actor=cast.approver_high, opinion="同意")

    def take_back():
        particulars.end(row=death, actor=cast.head, now=timezone.now())

    def first():
        (sign if signed_first else take_back)()
        yield

    found = side_by_side(first, take_back if signed_first else sign)
    person, policy = Party.objects.get(pk=death.party_id), Policy.objects.get(pk=case.policy_id)
    done = Payment.objects.filter(case_number=case.number).exists() or policy.policyholder_id != person.pk
    assert found[0] == [] and done == signed_first and (person.died_on is not None) == signed_first
    assert isinstance(found[1], BookRefused if signed_first else Refused), found
