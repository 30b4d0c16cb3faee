"""保全规则: each with the value found and the limit, passing and not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.policies.models import Policy
from lifeops.policies.rules.cash import CashValues, Debt, cash_value, surrender_payout
from lifeops.policies.services.locking import hold
from servicing.rules import (
    CommonFacts,
    ContactFacts,
    ExitFacts,
    HeirFacts,
    common_findings,
    contact_findings,
    exit_findings,
    heir_findings,
)
from servicing.services import findings
from tests.factories import accept, again, handed_over, make_party, make_policy, servicing_inputs

DAY = date(2026, 6, 10)
COMMON = CommonFacts(
    item="PS02", submitted_on=DAY, status="in_force", status_label="有效", applicant="张三", applicant_kind="policyholder",
    applicant_kind_label="投保人", is_holder=True,
)
EXIT = ExitFacts(
    item="PS02", asked_on=DAY, delivered_on=date(2026, 5, 1), cooling_off_end=date(2026, 5, 18), due=Decimal("9999.99"),
    payee="张三", holder="张三",
)
HEIRS = HeirFacts(asked_on=DAY, by_insured=False, insured_age=40, consent_by="insured", consent_on=DAY)
CONTACT = ContactFacts(subject="张三", subject_in_policy=True, own=True, applicant_kind="policyholder", phone="199****0000")


def levels(rows) -> dict[str, str]:
    return {row.code: row.level for row in rows if row.level != "pass"}


def test_a_plain_request_passes_every_rule_and_shows_value_and_limit():
    rows = [*common_findings(COMMON), *exit_findings(EXIT), *heir_findings(HEIRS), *contact_findings(CONTACT)]
    assert levels(rows) == {}
    assert all(row.value and row.limit and row.message for row in rows)
    assert len({row.code for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "lapsed"}, {}),
        ({"status": "terminated"}, {"S01": "block"}),
        ({"item": "PS01", "status": "lapsed"}, {"S01": "block"}),
        ({"item": "PS14", "status": "terminated"}, {}),
        ({"held_by": "86-CL-1"}, {"S02": "block"}),
        ({"item": "PS14", "held_by": "86-CL-1"}, {}),
        ({"open_claims": ["86-CL-1"]}, {"S03": "block"}),
        ({"item": "PS14", "open_claims": ["86-CL-1"]}, {}),
        ({"is_holder": False, "is_insured": True, "applicant_kind": "insured"}, {"S04": "block"}),
        ({"item": "PS13", "is_holder": False, "is_insured": True, "applicant_kind": "insured"}, {}),
        ({"is_holder": False, "applicant_kind": "policyholder"}, {"S04": "block"}),
        ({"is_holder": False, "applicant_kind": "proxy"}, {"S04": "warn"}),
        ({"is_holder": False, "applicant_kind": "beneficiary", "item": "PS13"}, {"S04": "block"}),
        ({"id_valid_to": DAY}, {}),
        ({"id_valid_to": DAY - timedelta(days=1)}, {"S05": "warn"}),
        ({"died_on": DAY}, {"S06": "block"}),
    ],
)
def test_policy_and_applicant(fields, expected):
    assert levels(common_findings(replace(COMMON, **fields))) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"asked_on": date(2026, 5, 18)}, {"S11": "block"}),
        ({"asked_on": date(2026, 5, 19)}, {}),
        ({"item": "PS01", "asked_on": date(2026, 5, 18)}, {}),
        ({"item": "PS01", "asked_on": date(2026, 5, 19)}, {"S11": "block"}),
        ({"item": "PS01", "delivered_on": None, "cooling_off_end": None}, {"S11": "warn"}),
        ({"delivered_on": None, "cooling_off_end": None}, {"S11": "warn"}),
        ({"due": Decimal("0.00")}, {"S12": "warn"}),
        ({"due": None, "why_not": "缺少现金价值表"}, {"S12": "block"}),
        ({"owed": Decimal("0.01")}, {"S13": "warn"}),
        ({"due": Decimal("10000.00")}, {"S14": "warn"}),
        ({"payee": "李四"}, {"S15": "block"}),
        ({"payee": "李四", "third_reason": "投保人没有可用的银行账户"}, {"S15": "warn"}),
        ({"payee": "李四", "third_reason": "其他", "third_missing": ["收款人证件"]}, {"S15": "block"}),
        ({"claimed": Decimal("100.00")}, {"S16": "warn"}),
        ({"contact_changed_on": DAY}, {"S17": "warn"}),
        ({"item": "PS01", "asked_on": date(2026, 5, 2), "work_cost": Decimal("10.00")}, {"S18": "warn"}),
    ],
)
def test_money_back(fields, expected):
    assert levels(exit_findings(replace(EXIT, **fields))) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"consent_by": "", "consent_on": None}, {"S21": "block"}),
        ({"by_insured": True, "consent_by": "", "consent_on": None}, {}),
        ({"insured_age": 17}, {"S21": "block"}),
        ({"insured_age": 17, "by_insured": True, "consent_by": "", "consent_on": None}, {"S21": "block"}),
        ({"insured_age": 17, "consent_by": "guardian"}, {}),
        ({"insured_age": 18, "consent_by": "guardian"}, {"S21": "warn"}),
        ({"death_cover": False}, {"S22": "warn"}),
        ({"wrong_shares": "第 1 顺序的受益份额合计为 90%，应为 100%"}, {"S23": "block"}),
        ({"unchanged": True}, {"S24": "block"}),
        ({"without_id": ["李四"]}, {"S25": "warn"}),
        ({"not_kin": ["王五（其他）"]}, {"S26": "warn"}),
        ({"not_kin": ["王五（其他）"], "employer": True}, {"S26": "block"}),
    ],
)
def test_beneficiaries(fields, expected):
    assert levels(heir_findings(replace(HEIRS, **fields))) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"subject_in_policy": False}, {"S31": "block"}),
        ({"own": False}, {"S31": "block"}),
        ({"own": False, "applicant_kind": "guardian"}, {"S31": "warn"}),
        ({"sharers": 2}, {}),
        ({"sharers": 3}, {"S32": "warn"}),
        ({"phone": "", "sharers": 3}, {}),
        ({"unchanged": True}, {"S33": "block"}),
    ],
)
def test_contact(fields, expected):
    assert levels(contact_findings(replace(CONTACT, **fields))) == expected


@given(
    ends=st.lists(st.decimals(0, 900, places=4), min_size=3, max_size=20).map(sorted),
    days=st.integers(0, 3000), principal=st.decimals("0.01", 100000, places=2), rate=st.decimals("0.0001", "0.2", places=4),
    since=st.integers(0, 3000),
)
def test_payout_is_the_sum_of_its_lines_never_more_than_the_value_and_never_negative(ends, days, principal, rate, since):
    start = date(2020, 1, 31)
    day = start + timedelta(days=days)
    value = cash_value(CashValues(effective_on=start, sum_assured=Decimal(200000), year_ends=ends), day)
    debt = Debt(label="保单贷款", principal=principal, rate=rate, since=start + timedelta(days=min(since, days)))
    due = surrender_payout(values=[value], day=day, debts=[debt])
    assert 0 <= due.amount <= value.amount
    assert due.amount == sum(line.value for line in due.sums)
    assert due.amount in (0, value.amount - principal - _interest(principal, rate, (day - debt.since).days))


def _interest(principal: Decimal, rate: Decimal, days: int) -> Decimal:
    from lifeops.policies.rules.lines import money

    return money(principal * rate * days / 365)


@given(paid=st.decimals("0.01", 1000000, places=2), cost=st.decimals(0, 10, places=2))
def test_verification_starts_at_ten_thousand_exactly(paid, cost):
    due = max(Decimal(0), paid - cost)
    found = levels(exit_findings(replace(EXIT, due=due)))
    assert ("S14" in found) == (due >= 10000)


# the same rules on real rows


def found(case) -> dict[str, str]:
    fresh = again(case)
    return levels(findings(fresh, fresh.record, timezone.now()))


def keyed(cast, item: str, policy: Policy | None = None, **fields):
    """A case with its record, not yet handed over."""
    from tests.factories import ACCEPTED_WITH, overrides_at_counter

    case = accept(cast, item=item, policy=policy, **{k: fields.pop(k) for k in ACCEPTED_WITH if k in fields})
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, **servicing_inputs(item, case.policy, **fields))
    return case


def test_cancellation_after_the_cooling_off_stays_at_the_branch(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    case = keyed(cast, "PS01", policy)
    assert found(case)["S11"] == "block"
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    with pytest.raises(Invalid, match="犹豫期已满"):
        perform(case, "hand_over", actor=cast.clerk, overrides={})
    assert again(case).state == State.CAPTURED


def test_what_the_agent_received_in_time_is_in_time(cast):
    today = timezone.localdate()
    policy = make_policy(cast.county, cast.clerk, product="W30", effective_on=today - timedelta(days=22))
    Policy.objects.filter(pk=policy.pk).update(cooling_off_end=today - timedelta(days=2))
    late = keyed(cast, "PS01", Policy.objects.get(pk=policy.pk))
    assert found(late)["S11"] == "block"
    perform(late, "withdraw", actor=cast.clerk, reason="重新受理")
    case = handed_over(cast, item="PS01", policy=policy, passed_on=today - timedelta(days=2))
    perform(take_next(cast.ps_reviewer, "servicing"), "conclude", actor=cast.ps_reviewer, outcome="APPROVE")
    perform(take_next(cast.approver, "approval"), "approve", actor=cast.approver)
    assert again(case).state == State.APPROVED
    assert Policy.objects.get(pk=policy.pk).terminated_on == today - timedelta(days=2)


def test_surrender_within_cooling_off_is_sent_to_the_full_refund(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", effective_on=timezone.localdate() - timedelta(days=5))
    assert found(keyed(cast, "PS02", policy))["S11"] == "block"


def test_insured_who_is_not_the_policyholder_cannot_surrender(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse")
    assert "S04" in found(keyed(cast, "PS02", policy, applicant_kind="insured"))
    assert "S04" not in found(keyed(cast, "PS02", policy))


def test_policy_held_by_another_case_blocks_until_it_is_released(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    hold(policy, "86-CL-1")
    case = keyed(cast, "PS13", policy)
    assert found(case)["S02"] == "block"
    assert "S02" not in found(keyed(cast, "PS14", policy))


def test_a_number_that_many_customers_share_is_warned_of(cast):
    for _ in range(3):
        make_party(phone="19988887777")
    case = keyed(cast, "PS14")
    assert found(case) == {"S32": "warn"}
    row = next(r for r in findings(again(case), again(case).record, timezone.now()) if r.code == "S32")
    assert row.value == "199****7777，其他客户不少于 3 人" and "少于 3 人" in row.limit


def test_contact_of_another_person_is_not_changed(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse")
    assert found(keyed(cast, "PS14", policy, subject="insured"))["S31"] == "block"
    assert "S31" not in found(keyed(cast, "PS14", policy, subject="insured", applicant_kind="insured"))


def test_expired_identity_is_warned_of_and_passes_with_a_reason(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", insured=make_party(id_valid_to=date(2020, 1, 1)))
    case = handed_over(cast, item="PS14", policy=policy)
    kept = case.findings.get(stage="entry", code="S05")
    assert (kept.value, kept.override_reason) == ("2020-01-01", "已核对")


def test_surrender_soon_after_a_contact_change_asks_for_a_call(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    refused = {"outcome": "REFUSE", "reason_code": "P09", "opinion": "资料不齐"}
    for conclusion in (refused, {"outcome": "APPROVE"}):
        assert "S17" not in found(keyed(cast, "PS02", policy))
        handed_over(cast, item="PS14", policy=policy)
        perform(take_next(cast.ps_reviewer, "servicing"), "conclude", actor=cast.ps_reviewer, **conclusion)
    assert found(keyed(cast, "PS02", policy))["S17"] == "warn"


def test_after_the_decision_the_rules_show_what_they_found_at_hand_over(cast):
    case = handed_over(cast, item="PS01")
    before = levels(findings(case, case.record, timezone.now()))
    perform(take_next(cast.ps_reviewer, "servicing"), "conclude", actor=cast.ps_reviewer, outcome="APPROVE")
    perform(take_next(cast.approver, "approval"), "approve", actor=cast.approver)
    assert found(case) == before and "S01" not in before
