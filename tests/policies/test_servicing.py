"""犹豫期撤单, 退保, 受益人变更, 联系方式变更."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Party, Policy, PolicyLoan
from lifeops.policies.rules.cash import CashValues, cash_value
from lifeops.policies.services.as_of import policy_as_of
from lifeops.policies.services.at_risk import sums_at_risk
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.locking import hold
from lifeops.policies.services.servicing import (
    cancel_in_cooling_off,
    change_beneficiaries,
    change_contact,
    cooling_off_refund,
    surrender,
    surrender_value,
)
from lifeops.policies.services.values import cash_values_of
from tests.policies.conftest import EFFECTIVE, NOW, person

SIGNED, COOLING_END = date(2026, 3, 6), date(2026, 3, 23)
IN_YEAR_2 = date(2027, 3, 1)


@pytest.fixture
def act(cast):
    return {"case_number": "86-PS-1", "actor": cast.ps_reviewer, "now": NOW}


@pytest.fixture
def delivered(issue):
    """`delivered("W30")`: a policy signed for on 2026-03-06, its 犹豫期 over on the 23rd."""

    def make(*codes: str, **fields) -> Policy:
        return deliver_policy(policy=issue(*codes, **fields), signed_on=SIGNED)

    return make


def lend(policy: Policy, principal: int, since: date, **fields) -> PolicyLoan:
    return policy.loans.create(principal=principal, rate=Decimal("0.05"), since=since, **fields)


def table_of(policy: Policy) -> CashValues:
    main = policy.main
    return cash_values_of(
        version=main.version, sex=policy.insured.sex, age=main.entry_age, cover_term=main.cover_term,
        pay_term=main.pay_term, effective_on=main.effective_on, sum_assured=main.sum_assured,
    )


def adds_up(calculation) -> bool:
    return sum(line.value for line in calculation.sums) == calculation.amount


def test_cooling_off_gives_all_premium_back_and_ends_the_contract(delivered, act):
    policy = delivered("W30", "M10")
    paid = policy.premiums.get().amount
    endorsement, calculation = cancel_in_cooling_off(policy=policy, day=COOLING_END, **act)
    assert calculation.amount == paid and adds_up(calculation)
    found = Policy.objects.get(pk=policy.pk)
    assert (found.status, found.termination, found.terminated_on) == ("terminated", "犹豫期撤单", COOLING_END)
    assert not found.coverages.filter(active=True).exists()
    refund = found.premiums.get(kind="refund")
    assert (refund.amount, refund.paid_on) == (-paid, None)
    assert endorsement.number == "86-PS-1-E1" and endorsement.changes[0]["before"] == "有效"


def test_cooling_off_is_over_after_its_last_day(delivered, act):
    policy = delivered()
    with pytest.raises(BookRefused, match="犹豫期已于 2026-03-23 届满"):
        cancel_in_cooling_off(policy=policy, day=COOLING_END + timedelta(days=1), **act)
    assert Policy.objects.get(pk=policy.pk).status == "in_force"


def test_undelivered_policy_is_still_in_its_cooling_off(issue, act):
    _, calculation = cancel_in_cooling_off(policy=issue(), day=date(2026, 9, 1), **act)
    assert calculation.amount > 0


def test_cooling_off_refund_takes_loans_with_interest_and_gives_overpayment(delivered):
    policy = delivered("W30")
    paid = policy.premiums.get().amount
    lend(policy, 1000, date(2026, 3, 10))
    policy.suspense = Decimal("12.34")
    calculation = cooling_off_refund(policy, date(2026, 3, 20))
    assert calculation.amount == paid + Decimal("12.34") - 1000 - Decimal("1.37")  # 1,000 × 5 % × 10 ÷ 365
    assert adds_up(calculation)


@pytest.mark.parametrize("cost", ["10.01", "-0.01"])
def test_no_more_than_ten_yuan_is_kept_back_in_cooling_off(delivered, cost):
    policy = delivered("W30")
    full = cooling_off_refund(policy, COOLING_END).amount
    assert cooling_off_refund(policy, COOLING_END, work_cost=Decimal("10.00")).amount == full - 10
    with pytest.raises(BookRefused, match=r"不得超过 10\.00 元"):
        cooling_off_refund(policy, COOLING_END, work_cost=Decimal(cost))


def test_surrender_pays_the_cash_value_of_the_day(delivered, act):
    policy = delivered("W30")
    _, calculation = surrender(policy=policy, day=date(2026, 12, 1), **act)
    assert calculation.amount == cash_value(table_of(policy), date(2026, 12, 1)).amount > 0
    found = Policy.objects.get(pk=policy.pk)
    assert (found.status, found.termination) == ("terminated", "退保")
    assert not found.premiums.filter(kind="refund").exists()  # a cash value is no premium
    assert [s.status for s in found.status_changes.all()] == ["in_force", "terminated"]


def test_surrender_within_cooling_off_is_refused_because_all_premium_is_due(delivered, act):
    policy = delivered("W30")
    with pytest.raises(BookRefused, match="请按犹豫期撤单办理"):
        surrender(policy=policy, day=COOLING_END, **act)
    surrender(policy=policy, day=COOLING_END + timedelta(days=1), **act)


def test_with_a_premium_open_the_value_stands_at_the_last_paid_to_date(delivered):
    policy = delivered("W30")
    at_due = cash_value(table_of(policy), policy.paid_to).amount
    assert surrender_value(policy, policy.paid_to).amount == at_due
    assert surrender_value(policy, policy.paid_to + timedelta(days=30)).amount == at_due
    policy.paid_to = date(2028, 3, 3)
    assert surrender_value(policy, date(2027, 4, 2)).amount > at_due


def test_medical_cover_gives_back_the_premium_not_yet_earned(delivered):
    policy = delivered("M10")
    premium = policy.main.premium
    # 180 days of 365 have gone by with the day of surrender
    value = surrender_value(policy, EFFECTIVE + timedelta(days=179)).amount
    assert value == (premium * Decimal("0.65") * 185 / 365).quantize(Decimal("0.01"))
    assert surrender_value(policy, EFFECTIVE + timedelta(days=400)).amount == 0


def test_loans_are_taken_off_the_payout_and_closed_by_it(delivered, act):
    policy = delivered("W30")
    loan = lend(policy, 1000, date(2026, 6, 1))
    repaid = lend(policy, 500, date(2026, 6, 1), repaid_on=date(2026, 7, 1))
    gross = cash_value(table_of(policy), date(2026, 12, 1)).amount
    _, calculation = surrender(policy=policy, day=date(2026, 12, 1), **act)
    assert calculation.amount == gross - 1000 - Decimal("25.07")  # 1,000 × 5 % × 183 ÷ 365
    loan.refresh_from_db()
    repaid.refresh_from_db()
    assert (loan.repaid_on, repaid.repaid_on) == (date(2026, 12, 1), date(2026, 7, 1))


def test_debts_beyond_the_value_leave_nothing_to_pay_and_nothing_to_collect(delivered):
    policy = delivered("T20")
    lend(policy, 99999, date(2026, 6, 1))
    calculation = surrender_value(policy, date(2026, 12, 1))
    assert calculation.amount == 0 and adds_up(calculation)


def test_ended_contract_cannot_end_again(delivered, act):
    policy = delivered("W30")
    surrender(policy=policy, day=date(2026, 12, 1), **act)
    for service in (surrender, cancel_in_cooling_off):
        with pytest.raises(BookRefused, match="已于 2026-12-01 终止（退保）"):
            service(policy=policy, day=date(2026, 12, 2), **act)
    with pytest.raises(BookRefused, match="终止"):
        change_beneficiaries(policy=policy, beneficiaries=[], day=date(2026, 12, 2), **act)


def test_policy_held_by_a_claim_is_not_changed_by_another_case(delivered, act):
    policy = delivered("W30")
    hold(policy, "86-CL-1")
    for service, more in ((surrender, {}), (cancel_in_cooling_off, {}), (change_beneficiaries, {"beneficiaries": []})):
        with pytest.raises(BookRefused, match="86-CL-1"):
            service(policy=policy, day=IN_YEAR_2, **more, **act)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.integers(0, 3650), principal=st.integers(1, 200000), suspense=st.decimals(0, 5000, places=2),
    rate=st.decimals("0.0001", "0.2", places=4),
)
def test_every_surrender_adds_up_and_is_never_negative(delivered_once, days, principal, suspense, rate):
    policy = delivered_once
    policy.loans.all().delete()
    policy.suspense, policy.paid_to = suspense, None
    policy.loans.create(principal=principal, rate=rate, since=EFFECTIVE)
    calculation = surrender_value(policy, EFFECTIVE + timedelta(days=days))
    assert calculation.amount >= 0 and adds_up(calculation)
    assert calculation.amount == calculation.amount.quantize(Decimal("0.01"))


@pytest.fixture
def delivered_once(delivered):
    return delivered("W30", "T20", "M10")


OLD = [{"name": "李四", "relation": "配偶", "id_number": "990101198605171235", "share_pct": 100}]
NEW = [{"name": "张小明", "relation": "子女", "share_pct": "50"}, {"name": "张小红", "relation": "子女", "share_pct": 50}]


def test_new_beneficiaries_hold_from_the_day_and_the_old_ones_to_it(delivered, act):
    policy = delivered(beneficiaries=OLD)
    endorsement = change_beneficiaries(policy=policy, beneficiaries=NEW, day=date(2026, 6, 1), **act)
    names = [[b.name for b in policy_as_of(policy, day)["beneficiaries"]] for day in (date(2026, 5, 31), date(2026, 6, 1))]
    assert names == [["李四"], ["张小明", "张小红"]]
    row = endorsement.changes[0]
    assert row["before"] == "李四（配偶，第 1 顺序，100%，990***********1235）"
    assert row["after"].count("50%") == 2
    assert "990101198605171235" not in str(endorsement.changes)


def test_no_beneficiary_means_the_heirs(delivered, act):
    policy = delivered(beneficiaries=OLD)
    endorsement = change_beneficiaries(policy=policy, beneficiaries=[], day=date(2026, 6, 1), **act)
    assert endorsement.changes[0]["after"] == "法定继承人"
    assert policy_as_of(policy, date(2026, 6, 1))["beneficiaries"] == []


def test_wrong_shares_change_nothing(delivered, act):
    policy = delivered(beneficiaries=OLD)
    with pytest.raises(BookRefused, match="合计为 50%"):
        change_beneficiaries(policy=policy, beneficiaries=NEW[:1], day=date(2026, 6, 1), **act)
    assert [b.name for b in policy.beneficiaries.filter(effective_to=None)] == ["李四"]
    assert not policy.endorsements.exists()


def test_beneficiaries_cannot_change_after_the_death(delivered, act, insured):
    policy = delivered(beneficiaries=OLD)
    Party.objects.filter(pk=insured.pk).update(died_on=date(2026, 5, 1))
    with pytest.raises(BookRefused, match="身故，受益人不能再变更"):
        change_beneficiaries(policy=policy, beneficiaries=NEW, day=date(2026, 6, 1), **act)


def test_beneficiaries_cannot_change_back_in_time(delivered, act):
    policy = delivered(beneficiaries=OLD)
    change_beneficiaries(policy=policy, beneficiaries=NEW, day=date(2026, 6, 1), **act)
    with pytest.raises(BookRefused, match="早于"):
        change_beneficiaries(policy=policy, beneficiaries=OLD, day=date(2026, 5, 1), **act)


def test_contact_change_says_what_changed_with_the_phone_masked(insured, act):
    rows = change_contact(party=insured, phone="199-0000-5678", address="虚构路 1 号", email="", **act)
    assert rows == [
        {"label": "联系电话", "before": "199****1234", "after": "199****5678"},
        {"label": "联系地址", "before": "", "after": "虚构路******"},
    ]
    found = Party.objects.get(pk=insured.pk)
    assert (found.phone, found.address, found.name) == ("19900005678", "虚构路 1 号", insured.name)
    from lifeops.policies.search import find_parties

    assert find_parties("5678", act["actor"]) == [found]
    assert not Party.objects.filter(phone_tail_index=insured.phone_tail_index).exists()


def test_contact_change_without_change_is_empty(insured, act):
    assert change_contact(party=insured, phone=insured.phone, **act) == []


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [("phone", "123", "电话"), ("email", "nobody", "电子邮箱"), ("postcode", "12345", "邮编"), ("address", "路" * 201, "200 字")],
)
def test_wrong_contact_is_refused(insured, act, field, value, reason):
    with pytest.raises(BookRefused, match=reason):
        change_contact(party=insured, **{field: value}, **act)


def test_book_as_of_a_day_knows_status_and_covers(delivered, act):
    policy = delivered("W30", "M10")
    surrender(policy=policy, day=date(2027, 6, 1), **act)
    days = (date(2026, 3, 2), EFFECTIVE, date(2027, 5, 31), date(2027, 6, 1))
    found = [policy_as_of(policy, day) for day in days]
    assert [f["status"] for f in found] == ["", "in_force", "in_force", "terminated"]
    assert [f["status_label"] for f in found] == ["未生效", "有效", "有效", "终止"]
    assert [len(f["coverages"]) for f in found] == [0, 2, 1, 1]  # the medical year is over


def test_sums_at_risk_add_up_over_policies_in_force(delivered, act, insured):
    delivered("W30", "T20", case_number="C1")
    ended = delivered("T20")
    delivered("W30", insured=person("李四", sequence=200))
    assert sums_at_risk(insured)["life"] == 900000
    surrender(policy=ended, day=date(2026, 12, 1), **act)
    totals = sums_at_risk(insured)
    assert (totals["life"], totals["death"], totals["accident"]) == (600000, 600000, 0)
    assert sums_at_risk(insured, exclude_case="C1")["life"] == 0
