"""身故 that comes to light after the contract has been surrendered: the surrender is put right by the claim, what it paid is to come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.policies.models import Payment, Policy
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.payments import unpaid
from tests.claims.test_journey import conclude
from tests.claims.test_late_reports import HEIRS, book, paid
from tests.factories import handed_over, make_party, make_policy
from tests.servicing.test_contract_items import done

pytestmark = pytest.mark.django_db


@pytest.fixture
def surrendered(cast) -> tuple[Policy, Payment]:
    """By a policyholder who outlived the insured, today; its money is not released yet."""
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse", beneficiaries=HEIRS)
    case = done(cast, handed_over(cast, item="PS02", policy=policy))
    return book(policy), Payment.objects.get(case_number=case.number)


def move(cast, payment: Payment, *acts: str) -> None:
    from lifeops.cases.models import Case

    for act in acts:
        given = {"settle": {"reference": "B1"}, "return": {"reason": "账号不符"}}.get(act, {})
        move_money(case=Case.objects.get(number=payment.case_number), payment=payment, act=act, actor=cast.head, now=timezone.now(), **given)
        payment.refresh_from_db()


def test_the_beneficiary_is_paid_whole_and_the_policyholder_owes_what_he_had(cast, as_user, surrendered):
    policy, payment = surrendered
    assert policy.termination == "退保" and payment.amount > 0
    died = timezone.localdate() - timedelta(days=20)
    move(cast, payment, "release", "settle")
    case, decision = paid(cast, policy, died)
    labels = {row["label"]: row["value"] for row in decision.lines}
    assert labels["身故后应付的退保金冲回"] == labels["身故后已领取的款项，待追回"] == f"{payment.amount:.2f}"
    found = book(policy)
    assert (found.termination, found.terminated_on, found.insured.died_on) == ("身故给付", died, died)
    assert Payment.objects.get(case_number=case.number).amount == decision.amount == found.main.sum_assured
    assert balances(found)["recoverable"] == payment.amount and unpaid(found, case.number) == 0 and sum(balances(found).values()) == 0
    page = as_user(cast.cl_reviewer).get(reverse("policies:detail", args=[policy.number])).content.decode()
    box = page.partition('id="recoverable"')[2].partition("</section>")[0]
    assert "身故后领取的退保金" in box and "投保人" in box and f"{died} 身故，更正终止" in page


def test_money_on_its_way_is_waited_for_and_what_comes_back_is_not_paid_again(cast, as_user, surrendered):
    policy, payment = surrendered
    died = timezone.localdate() - timedelta(days=20)
    case = handed_over(cast, item="CL01", policy=policy, event_on=died.isoformat())
    taken = take_next(cast.cl_reviewer, "claims")
    move(cast, payment, "release")
    with pytest.raises(Invalid, match=f"退保金的付款指令 {payment.number} 已放行，尚在途"):
        conclude(taken, cast.cl_reviewer)
    move(cast, payment, "return")
    conclude(taken, cast.cl_reviewer)
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    found = book(policy)
    assert Payment.objects.get(case_number=case.number).amount == found.main.sum_assured
    assert "recoverable" not in balances(found) and unpaid(found, payment.case_number) == 0
    page = as_user(cast.issue).get(reverse("archive:payments")).content.decode()
    assert case.number in page


def test_a_death_on_the_day_of_the_surrender_is_not_covered(cast, surrendered):
    policy, _ = surrendered
    case = handed_over(cast, item="CL01", policy=policy, event_on=timezone.localdate().isoformat())
    with pytest.raises(Invalid, match="责任核定未通过"):
        conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer)
    assert book(policy).termination == "退保" and not Payment.objects.filter(case_number=case.number).exists()
