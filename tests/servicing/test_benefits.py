"""生存金领取 and 满期金领取: what waits is paid once, to whom the contract pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid, Refused
from lifeops.policies.models import Payment, Policy
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.collecting import left_over, waiting
from lifeops.policies.services.holds import place_hold
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from servicing.benefit import BenefitFacts, benefit_findings
from tests.factories import again, handed_over, make_party, make_policy, matured_policy, surviving_policy, years_ago
from tests.servicing.test_contract_items import done, letter, straight
from tests.servicing.test_contract_rules import levels
from tests.servicing.test_journey import book

PLAIN = BenefitFacts(ended=True, due=Decimal(1), payee="张三", entitled="张三", in_person=True, ending="maturity", ending_label="满期")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"due": Decimal(0)}, {"S95": "block"}),
        ({"payee": "李四"}, {"S96": "block"}),
        ({"in_person": False}, {"S97": "block"}),
        ({"in_person": False, "proof_seen": True}, {}),
        ({"in_person": False, "by_guardian": True}, {"S97": "warn"}),
        ({"ending": "surrender", "ending_label": "退保"}, {"S98": "block"}),
        ({"ending": "expiry", "ending_label": "保险期间届满"}, {}),
        ({"ended": False, "ending": ""}, {}),
        ({"left_over": Decimal("0.01")}, {"S99": "warn"}),
    ],
)
def test_what_stands_against_it(fields, expected):
    found = benefit_findings(replace(PLAIN, **fields))
    assert levels(found) == expected and all(row.value and row.limit and row.message for row in found)


def test_what_fell_due_is_collected_once_and_the_next_year_again(cast):
    policy, today = surviving_policy(cast), timezone.localdate()
    assert [line.value for line in waiting(policy, ended=False).lines] == [3000, 3000]
    case = done(cast, handed_over(cast, item="PS24", policy=policy))
    assert waiting(policy, ended=False).amount == 0 and straight(book(policy))
    told = letter(cast, case, "payout_notice")
    assert (told["total"], [row["label"] for row in told["sums"]]) == ("6000.00", ["第 1 年生存金应付", "第 2 年生存金应付"])
    with pytest.raises(Invalid, match="没有已到期、尚未领取的保险金"):
        handed_over(cast, item="PS24", policy=book(policy))
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    run_policy_day(add_years(policy.effective_on, 3))
    (line,) = waiting(book(policy), ended=False).lines
    assert (line.label, line.value) == ("第 3 年生存金应付", 3000) and line.formula.startswith(str(add_years(policy.effective_on, 3)))
    payment = Payment.objects.get(case_number=case.number)
    for act, more in (("release", {}), ("settle", {"reference": "B1"})):
        move_money(case=again(case), payment=payment, act=act, actor=cast.head, now=timezone.now(), **more)
    assert balances(book(policy))["payable"] == -3000 and today < add_years(policy.effective_on, 3)


def test_it_is_the_insureds_not_the_policyholders(cast):
    policy = surviving_policy(cast, policyholder=make_party(), relation="spouse")
    with pytest.raises(Invalid, match="申请人无权领取"):
        handed_over(cast, item="PS24", policy=policy)
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    policy.holds.update(lifted_on=timezone.localdate())
    case = done(cast, handed_over(cast, item="PS24", policy=book(policy), applicant=policy.insured, applicant_kind="insured"))
    assert Payment.objects.get(case_number=case.number).payee == policy.insured.name
    with pytest.raises(Invalid) as caught:
        handed_over(cast, item="PS24", policy=book(policy), payee="他人", applicant=policy.insured, applicant_kind="insured")
    assert "本人账户" in caught.value.errors["payee"][0]


def test_the_end_of_the_term_pays_the_insured_and_leaves_the_policyholders_money_to_him(cast):
    policy = make_policy(
        cast.county, cast.clerk, product="E20", effective_on=years_ago(20, 10), sum_assured=10000, policyholder=make_party(), relation="spouse"
    )
    receive_premium(
        policy=policy, amount=Decimal("88.00"), received_on=policy.effective_on + timedelta(days=99), reference="B", actor=cast.clerk, now=timezone.now()
    )
    run_policy_day(timezone.localdate())
    policy = book(policy)
    assert (policy.ending, waiting(policy, ended=True).amount, left_over(policy)) == ("maturity", 10000, 88)
    case = handed_over(cast, item="PS26", policy=policy, applicant=policy.insured, applicant_kind="insured")
    assert case.findings.get(stage="entry", code="S99").value == "88.00 元"
    done(cast, case)
    assert Payment.objects.get(case_number=case.number).amount == 10000 and balances(policy)["payable"] == -10088
    assert straight(book(policy)) and "双方权利义务终结" in letter(cast, case, "endorsement")["closing"]


def test_all_that_waits_is_paid_where_policyholder_and_insured_are_one(cast):
    policy = matured_policy(cast)
    case = done(cast, handed_over(cast, item="PS26", policy=policy))
    assert Payment.objects.get(case_number=case.number).amount == 10000 and left_over(book(policy)) == 0


def test_a_contract_that_was_surrendered_has_not_matured(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    done(cast, handed_over(cast, item="PS02", policy=policy))
    with pytest.raises(Invalid, match="合同不是因保险期间届满终止"):
        handed_over(cast, item="PS26", policy=book(policy))


def test_a_freeze_after_the_decision_stops_the_benefit(cast):
    policy = surviving_policy(cast)
    case = done(cast, handed_over(cast, item="PS24", policy=policy))
    place_hold(policy=policy, kind="court", holder="(2026)京01执1号", reason="协助执行", day=timezone.localdate(), actor=cast.head)
    payment = Payment.objects.get(case_number=case.number)
    with pytest.raises(Refused, match="司法冻结中"):
        move_money(case=again(case), payment=payment, act="release", actor=cast.head, now=timezone.now())
