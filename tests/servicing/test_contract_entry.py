"""录入 of 减保, 复效, 减额交清, 贷款 and 还款: what is wrong is said at its field, nothing of it is kept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lifeops.policies.models import Policy
from lifeops.policies.services.lending import open_loans, owed_at, value_at, value_tables
from lifeops.policies.services.reinstating import due_for_reinstatement
from tests.factories import accept, lapsed_policy, lent_on, make_party, make_policy, paid_in, policy_for, years_ago
from tests.servicing.test_entry import keyed

TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("item", "fields", "at", "words"),
    [
        ("PS03", {"asked": "300000"}, "asked", "小于现有保额，全部退保请办理退保"),
        ("PS03", {"asked": "299999"}, "asked", "低于最低保额"),
        ("PS03", {"asked": "0"}, "asked", "须大于零"),
        ("PS03", {"cover": "0"}, "cover", "不在本保单"),
        ("PS03", {"payee": "他人"}, "payee", "本人账户"),
        ("PS07", {"health": []}, "health", "请选择是或否"),
        ("PS07", {"occupation_class": ""}, "occupation_class", "请选择职业类别"),
        ("PS07", {"consent_by": "insured"}, "consent_on", "请填写同意书签署日"),
        ("PS08", {"consent_on": "2026-01-01"}, "consent_by", "请选择同意人"),
        ("PS09", {"asked": "499.99"}, "asked", "可贷金额为 500.00 至"),
        ("PS09", {"asked": "9000000"}, "asked", "可贷金额为 500.00 至"),
        ("PS09", {"why_text": ""}, "why_text", "请填写借款用途"),
        ("PS09", {"payee": "他人"}, "payee", "本人账户"),
        ("PS10", {"paid_how": "credit"}, "paid_how", "不得以信用卡偿还"),
        ("PS10", {"paid_how": "suspense"}, "asked", "暂收余额为 0.00 元"),
        ("PS10", {"reference": ""}, "reference", "请填写收款流水号"),
        ("PS10", {"received_on": ""}, "received_on", "请填写到账日"),
        ("PS10", {"received_on": TOMORROW}, "received_on", "不能晚于今天"),
        ("PS10", {"received_on": "2020-01-01"}, "received_on", "不能早于计息起日"),
        ("PS10", {"payer": ""}, "payer", "请填写交款人"),
        ("PS10", {"asked": "-1"}, "asked", "须大于零"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast, item, fields, at, words):
    errors = keyed(cast, item, policy_for(cast, item), **fields)
    assert set(errors) == {at} and words in "".join(errors[at])


@pytest.mark.parametrize(("item", "law"), [("PS07", "保险法第37条"), ("PS08", "合同约定"), ("PS09", "保险法第34条")])
def test_another_insured_signs(cast, item, law):
    made = {"PS07": lambda **f: lapsed_policy(cast, **f), "PS08": lambda **f: _yearly(cast, **f), "PS09": lambda **f: _single(cast, **f)}[item]
    policy = made(policyholder=make_party(), relation="spouse")
    errors = keyed(cast, item, policy, consent_by="", consent_on="")
    assert set(errors) == {"consent_by"} and law in "".join(errors["consent_by"])


def _yearly(cast, **fields):
    return make_policy(cast.county, cast.clerk, product="W30", pay_term="10Y", pay_mode="annual", effective_on=years_ago(0, 200), **fields)


def _single(cast, **fields):
    return make_policy(cast.county, cast.clerk, product="W30", **fields)


def test_debts_that_have_eaten_the_value_come_with_the_reinstatement(cast):
    policy = lapsed_policy(cast)
    value = value_at(value_tables(policy, list(policy.coverages.all())), timezone.localdate())
    policy.loans.create(principal=max(value, Decimal(1)), rate=Decimal("0.05"), since=timezone.localdate() - timedelta(days=9))
    errors = keyed(cast, "PS07", policy)
    assert set(errors) == {"with_debts"}
    assert f"{owed_at(open_loans(policy), timezone.localdate()):,.2f} 元已达到现金价值" in errors["with_debts"][0]


def test_the_form_tells_how_much_may_be_lent_and_whose_account(cast):
    from servicing.contract_forms import LoanForm, PartForm, RepayForm

    policy = lent_on(_single(cast), cast)
    loan = LoanForm(case=accept(cast, item="PS09", policy=policy), actor=cast.entry)
    assert loan.fields["asked"].help_text.startswith("今日可贷 ") and loan.initial_for(loan.case)["payee"] == policy.policyholder.name
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    part = PartForm(case=accept(cast, item="PS03", policy=Policy.objects.get(pk=policy.pk)), actor=cast.entry)
    assert part.initial_for(part.case)["cover"] == policy.main
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    repay = RepayForm(case=accept(cast, item="PS10", policy=Policy.objects.get(pk=policy.pk)), actor=cast.entry)
    assert repay.fields["asked"].help_text == "今日应还本息 1,010.00 元，暂收余额 0.00 元"


def test_the_form_tells_what_is_to_be_paid_for_the_policy_to_come_back(cast):
    from servicing.contract_forms import ReinstateForm

    policy, today = paid_in(lapsed_policy(cast), cast, short="1.00"), timezone.localdate()
    told = ReinstateForm(case=accept(cast, item="PS07", policy=policy), actor=cast.entry).fields["with_debts"].help_text
    due = due_for_reinstatement(policy, today, with_debts=False).due.amount
    assert told == f"今日应交 {due:,.2f} 元，没有贷款或垫交；暂收 {policy.suspense:,.2f} 元"
