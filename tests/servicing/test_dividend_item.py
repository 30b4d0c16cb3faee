"""PS27 红利领取与方式变更: asked for by the policyholder alone, signed by two, done on the book with one 批单."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.org.models import Role
from lifeops.policies.models import Endorsement, Payment, Policy, PolicyEvent, Product
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.services.claiming import claim_death_terminate
from lifeops.policies.services.collecting import waiting
from lifeops.policies.services.dividend_choice import choose_option, collectable, option_of
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.servicing import surrender
from servicing.dividend_form import DividendForm
from servicing.services import summary
from tests.cast import hire
from tests.factories import accept, again, handed_over, make_party, make_policy
from tests.servicing.test_journey import approve, book, conclude, to_the_shelf

pytestmark = pytest.mark.django_db
ACCOUNT = {"payee_bank": "虚构银行", "payee_account": "9900001234567890", "payee": ""}


@pytest.fixture
def policy(cast) -> Policy:
    return with_dividend(cast)


def with_dividend(cast, option: str = "") -> Policy:
    """A participating whole life of 300,000 元 with a first dividend of 3,000 元, which accumulates unless told otherwise."""
    effective = timezone.localdate() - timedelta(days=400)
    found = make_policy(cast.county, cast.clerk, product="W31", effective_on=effective)
    if option:
        choose_option(policy=found, case_number="", option=option, day=effective, actor=cast.ps_reviewer)
    Policy.objects.filter(pk=found.pk).update(years_done=0, next_event_on=effective)
    year = anniversary(effective, 1).year
    early = datetime(effective.year, effective.month, effective.day, 3, tzinfo=UTC)
    row = declare(
        product=Product.objects.get(code="W31"), kind="cash", base="basic", rate=Decimal("0.01"), first_on=date(year, 1, 1), last_on=date(year, 12, 31),
        reason="董事会决议", actor=cast.manager, now=early,
    )  # fmt: skip
    decide(row=row, approve=True, remark="", actor=hire("head.approver", Role.APPROVER, cast.units["hq"], 3), now=early)
    run_policy_day(timezone.localdate())
    assert collectable(found).total == 3000
    return Policy.objects.get(pk=found.pk)


def asked(policy: Policy, **fields: str) -> dict[str, str]:
    own = {"payee": policy.policyholder.name} if fields.get("asked") else {}
    return {"dividend_option": "", "asked": "", "why_text": ""} | ACCOUNT | own | fields


def wrong(cast, policy: Policy, **fields: str) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        handed_over(cast, item="PS27", policy=policy, **asked(policy, **fields))
    return caught.value.errors


def test_the_option_and_an_amount_in_one_case(cast, policy):
    case = handed_over(cast, item="PS27", policy=policy, **asked(policy, dividend_option="cash", asked="1200"))
    assert book(policy).hold_case == case.number
    conclude(cast)
    assert again(case).state == State.PENDING_APPROVAL and collectable(policy).accumulated == 3000
    approve(cast)
    found, today = book(policy), timezone.localdate()
    assert (found.status, found.hold_case, found.dividend_option) == ("in_force", "", "cash")
    assert option_of(found, today) == "cash" and option_of(found, today - timedelta(days=1)) == "accumulate"
    assert collectable(found).accumulated == 1800
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.amount, payment.payee, payment.kind) == (1200, found.policyholder.name, "refund")
    assert balances(found)["payable"] == -1200 and statement(found, found.effective_on, today).balances
    endorsement = Endorsement.objects.get(case_number=case.number)
    assert [(row["label"], row["before"], row["after"]) for row in endorsement.changes] == [
        ("红利领取方式", "累积生息", "现金领取"), ("累积红利", "3,000.00 元", "1,800.00 元"), ("应付金额", "—", "1,200.00 元"),
    ]  # fmt: skip
    event = PolicyEvent.objects.get(policy=policy, kind="choice")
    assert (event.source, event.case_number, event.on) == ("case", case.number, today)
    done = to_the_shelf(cast, case, "endorsement")
    assert done.state == State.ARCHIVED and balances(found).get("payable") is None and balances(found)["paid"] == -1200


def test_the_option_alone_moves_no_money(cast, policy):
    case = handed_over(cast, item="PS27", policy=policy, **asked(policy, dividend_option="paid_up"))
    conclude(cast)
    approve(cast)
    assert book(policy).dividend_option == "paid_up" and not Payment.objects.filter(case_number=case.number).exists()
    assert collectable(policy).accumulated == 3000
    assert to_the_shelf(cast, case, "endorsement").state == State.ARCHIVED


def test_what_was_due_before_the_end_is_collected_after_it(cast):
    policy = with_dividend(cast, "cash")
    surrender(policy=policy, case_number="PSX1", day=timezone.localdate(), actor=cast.ps_reviewer, now=timezone.now())
    assert (book(policy).status, collectable(policy).due, collectable(policy).accumulated) == ("terminated", 3000, 0)
    case = handed_over(cast, item="PS27", policy=book(policy), **asked(policy, asked="3000"))
    conclude(cast)
    approve(cast)
    assert Payment.objects.get(case_number=case.number).amount == 3000 and collectable(policy).total == 0
    told = dict(summary(again(case), again(case).record))
    assert "可领取的红利" not in dict(told["申请"]) and dict(told["变更对照"])["已到期红利"] == "3,000.00 元 → 0.00 元"
    assert (book(policy).status, book(policy).hold_case) == ("terminated", "")


def test_dividends_of_a_contract_that_a_death_ended_are_the_policyholders_who_lives(cast):
    policy = with_dividend(cast, "cash")
    Policy.objects.filter(pk=policy.pk).update(policyholder=make_party())
    claim_death_terminate(policy=book(policy), case_number="CL-X", died_on=timezone.localdate(), actor=cast.clerk, now=timezone.now())
    policy = book(policy)
    case = handed_over(cast, item="PS27", policy=policy, **asked(policy, asked="3000"))
    conclude(cast)
    approve(cast)
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.amount, payment.payee, collectable(policy).total) == (3000, policy.policyholder.name, 0)


def test_survival_benefits_and_dividends_are_kept_apart(cast):
    """What waits as a dividend is the policyholder's; it is not collected with what waits for the insured."""
    policy = with_dividend(cast, "cash")
    assert waiting(policy, ended=False).amount == 0 and collectable(policy).due == 3000


def test_refused_the_book_stays(cast, policy):
    case = handed_over(cast, item="PS27", policy=policy, **asked(policy, dividend_option="cash", asked="1200"))
    conclude(cast, outcome="REFUSE", reason_code="P05")
    approve(cast)
    assert (book(policy).dividend_option, book(policy).hold_case, collectable(policy).accumulated) == ("accumulate", "", 3000)
    assert again(case).state == State.DECLINED


def test_what_does_not_fit_is_said_at_its_field(cast, policy):
    for fields, field, words in (
        ({}, "__all__", "请选择新的领取方式"), ({"asked": "3000.01"}, "asked", "可领取的红利为 3,000.00 元"),
        ({"asked": "0"}, "asked", "金额须大于零"), ({"asked": "100", "payee": "别人"}, "payee", "只付至投保人"),
        ({"asked": "100", "payee_account": ""}, "payee_account", "请填写账号"), ({"dividend_option": "accumulate"}, "dividend_option", "没有这种领取方式"),
    ):
        found = wrong(cast, policy, **fields)
        assert words in "".join(found[field]), (fields, found)
        Policy.objects.filter(pk=policy.pk).update(hold_case="")


def test_only_the_policyholder_asks(cast, policy):
    """The insured alone may not, though another holds the policy."""
    Policy.objects.filter(pk=policy.pk).update(policyholder=make_party())
    policy = Policy.objects.get(pk=policy.pk)
    with pytest.raises(Invalid, match="申请人无权申请此项目"):
        handed_over(cast, item="PS27", policy=policy, applicant=policy.insured, applicant_kind="insured", **asked(policy, dividend_option="cash"))


def test_a_contract_without_cash_dividends_has_nothing_to_choose(cast):
    plain = make_policy(cast.county, cast.clerk, product="W30")
    form = DividendForm(case=accept(cast, item="PS27", policy=plain), actor=cast.entry)
    assert form.fields["dividend_option"].choices == [("", "不变更")]


def test_a_clerk_may_not_conclude_and_the_reviewer_may_not_approve(cast, policy):
    case = handed_over(cast, item="PS27", policy=policy, **asked(policy, dividend_option="cash"))
    with pytest.raises(Refused):
        perform(case, "conclude", actor=cast.clerk, outcome="APPROVE", opinion="同意")
    conclude(cast)
    with pytest.raises(Refused):
        perform(again(case), "approve", actor=cast.ps_reviewer, opinion="同意")
