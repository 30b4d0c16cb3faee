"""What changes between the conclusion that ends a contract and its signature: nothing goes out that was not concluded, nor to whom it is not due."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from claims.models import ClaimDecision
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import EventKind, Party, Payment, Policy
from lifeops.policies.services.changing import rescind
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.particulars import add_account, end, record_death
from tests.claims.test_ending import ACCOUNT, book, conclude, gross, refused, sign
from tests.factories import handed_over, make_party, make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast):
    """Held by one on the life of another, who has been in hospital."""
    return make_policy(cast.county, cast.clerk, policyholder=make_party(name="投保人甲"), relation="spouse")


def dead(cast, person: Party):
    record_death(party=person, died_on=timezone.localdate() - timedelta(days=1), evidence="police", actor=cast.clerk, now=timezone.now())
    return person.deathrecord_rows.get()


def test_an_account_that_is_not_the_one_concluded_is_not_paid(cast, held):
    """Its last digits are the same: all of them are under the seal."""
    case = handed_over(cast, policy=held)
    conclude(cast, case, **gross(refund_payee="投保人甲", **ACCOUNT))
    decision = ClaimDecision.objects.get(case=case)
    assert decision.seal_holds()
    decision.refund_account = "9900001239997891"
    decision.save(update_fields=["refund_account"])
    with pytest.raises(Refused, match="审核结论与提交时不一致"):
        sign(cast)
    assert not Payment.objects.exists() and book(case).status == "in_force"


def test_a_policyholder_who_has_died_since_is_not_paid(cast, held):
    case = handed_over(cast, policy=held)
    conclude(cast, case, **gross(refund_payee="投保人甲", **ACCOUNT))
    dead(cast, held.policyholder)
    with pytest.raises(Refused, match="款项归投保人 投保人甲 的继承人"):
        sign(cast)
    assert not Payment.objects.exists() and book(case).status == "in_force"


def test_a_death_on_whose_ground_an_heir_had_the_refund_stands(cast, held):
    row = dead(cast, held.policyholder)
    case = handed_over(cast, policy=held, more_papers=("INHERIT_PROOF", "ID_BENEFICIARY"))
    conclude(cast, case, **gross(refund_payee="继承人乙", refund_relation="子女", **ACCOUNT))
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert Payment.objects.get(case_number=case.number).payee == "继承人乙"
    with pytest.raises(BookRefused, match="登记不能撤销"):
        end(row=row, actor=cast.head, now=timezone.now())
    assert Party.objects.get(pk=held.policyholder_id).died_on is not None


@pytest.mark.parametrize("ends", [False, True])
def test_an_account_that_another_has_registered_since_is_not_paid_to(cast, held, ends):
    case = handed_over(cast, item="CL05", policy=held) if ends else handed_over(cast, item="CL01", policy=make_policy(cast.county, cast.clerk, product="W30"))
    conclude(cast, case, **(gross(refund_payee="投保人甲", **ACCOUNT) if ends else {"outcome": "PAY"}))
    number = ACCOUNT["refund_account"] if ends else case.record.payee_account
    add_account(party=make_party(name="旁人"), bank="虚构银行", number=number, actor=cast.head, now=timezone.now())
    with pytest.raises(Refused, match="账户登记在他人名下"):
        sign(cast)
    assert not Payment.objects.exists() and book(case).status == "in_force"


def test_a_value_that_moved_after_the_day_it_was_reckoned_on_sends_it_back(cast, held):
    """The sum is the same by chance; the day it rests on is gone."""
    case = handed_over(cast, policy=held)
    conclude(cast, case, **gross(refund_to="wait"))
    tomorrow = timezone.localdate() + timedelta(days=1)
    record(book(case), EventKind.LOAN_RENEWED, on=tomorrow, cause=Cause.of("PS-1", cast.ps_reviewer), note="贷款续期")
    with pytest.raises(Refused, match="审核后保单账目有变化"):
        sign(cast)
    assert book(case).status == "in_force"


@pytest.mark.parametrize("given", [{"outcome": "PAY"}, {"outcome": "REFUND_CV", "reason_code": "C03", "refund_to": "wait"}])
def test_a_death_by_which_a_claim_has_ended_a_contract_stands(cast, given):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    row = dead(cast, policy.insured)
    case = handed_over(cast, item="CL01", policy=policy, event_on=str(row.died_on))
    conclude(cast, case, **given)
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert book(case).status == "terminated"
    with pytest.raises(BookRefused, match="登记不能撤销"):
        end(row=row, actor=cast.head, now=timezone.now())
    assert Party.objects.get(pk=policy.insured_id).died_on == row.died_on


@pytest.mark.parametrize(("typed", "words"), [("9999-12-31", "不能晚于今天"), ("0001-01-01", "订立合同时")])
def test_a_day_that_cannot_be_is_told_at_its_field(cast, held, typed, words):
    case = handed_over(cast, policy=held)
    assert words in refused(cast, case, **gross(refund_to="wait", known_on=typed))["known_on"][0]


@pytest.mark.parametrize("given", [{"outcome": "PAY"}, {"outcome": "REFUND_CV", "reason_code": "C03", "refund_to": "wait"}])
def test_a_death_on_another_day_than_is_on_file_is_told_at_the_conclusion(cast, given):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    case = handed_over(cast, item="CL01", policy=policy)
    row = dead(cast, policy.insured)
    assert f"已登记为 {row.died_on}" in refused(cast, case, **given)["outcome"][0]
    end(row=row, actor=cast.head, now=timezone.now())
    conclude(cast, case, **given)


def test_the_entry_asks_for_the_day_of_death_that_is_on_file(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    row = dead(cast, policy.insured)
    with pytest.raises(Invalid) as caught:
        handed_over(cast, item="CL01", policy=policy)
    assert f"已登记于 {row.died_on} 身故" in caught.value.errors["event_on"][0]
    assert handed_over(cast, item="CL01", policy=policy, event_on=str(row.died_on)).state == "queued"


def test_what_the_company_rescinded_after_the_death_is_told_at_the_conclusion(cast):
    """The signature would be refused."""
    policy, today = make_policy(cast.county, cast.clerk, product="W30"), timezone.localdate()
    given = {"case_number": "PS-1", "actor": cast.ps_reviewer, "now": timezone.now()}
    rescind(policy=policy, day=today - timedelta(days=9), payable=Decimal(0), **given)
    case = handed_over(cast, item="CL01", policy=Policy.objects.get(pk=policy.pk))
    for given in ({"outcome": "PAY"}, {"outcome": "EX_GRATIA", "amount": "400000.00", "reason_code": "C09"}):
        assert f"合同已于 {today - timedelta(days=9)} 因公司解约终止" in refused(cast, case, **given)["outcome"][0]
    conclude(cast, case, outcome="REFUSE", reason_code="C08")
