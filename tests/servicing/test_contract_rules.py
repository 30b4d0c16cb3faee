"""规则 of 减保, 减额交清, 贷款, 复效 and 还款: each with the value found and the limit, passing and not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from servicing.contract_rules import (
    BackFacts,
    LoanFacts,
    PaidUpFacts,
    PartFacts,
    RepayFacts,
    back_findings,
    loan_findings,
    paid_up_findings,
    part_findings,
    repay_findings,
)
from servicing.rules import CommonFacts, ConsentFacts, common_findings

DAY = date(2026, 6, 10)
SIGNED = ConsentFacts(asked_on=DAY, by_insured=False, insured_age=40, consent_by="insured", consent_on=DAY)
UNSIGNED = replace(SIGNED, consent_by="", consent_on=None)
TERMS = {"day": DAY, "offered": True, "product": "终身寿险", "article": "条款 6.3", "cooling_off_end": date(2026, 5, 18), "result": "借款 1,000.00 元"}
PART = PartFacts(**TERMS, payable=Decimal("100.00"))
PAID_UP = PaidUpFacts(**TERMS, consent=SIGNED)
LOAN = LoanFacts(**TERMS, consent=SIGNED)
BACK = BackFacts(
    day=DAY, submitted_on=DAY, asked_on=DAY, lapsed_on=date(2025, 6, 10), apply_until=date(2027, 6, 10), due=Decimal("100.00"),
    received=Decimal("100.00"), paid_on=DAY, deciding=True, occupation_class=1, class_before=1, class_limit=4, consent=SIGNED,
)
REPAY = RepayFacts(
    amount=Decimal("100.00"), owed=Decimal("100.00"), owed_since=date(2026, 1, 1), received_on=DAY, today=DAY, how="transfer",
    how_label="银行转账", payer="张三", holder="张三",
)
COMMON = CommonFacts(
    item="PS09", submitted_on=DAY, status="in_force", status_label="有效", applicant="张三", applicant_kind="policyholder",
    applicant_kind_label="投保人", is_holder=True, claim_first=True,
)


def levels(rows) -> dict[str, str]:
    return {row.code: row.level for row in rows if row.level != "pass"}


def test_a_plain_request_passes_every_rule_and_shows_value_and_limit():
    rows = [*part_findings(PART), *paid_up_findings(PAID_UP), *loan_findings(LOAN), *back_findings(BACK), *repay_findings(REPAY)]
    assert levels(rows) == {}
    assert all(row.value and row.limit and row.message for row in rows)
    assert len({row.code for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("of", "facts", "fields", "expected"),
    [
        (part_findings, PART, {"offered": False}, {"S41": "block"}),
        (part_findings, PART, {"day": date(2026, 5, 18)}, {"S42": "block"}),
        (part_findings, PART, {"day": date(2026, 5, 19)}, {}),
        (part_findings, PART, {"cooling_off_end": None}, {"S42": "block"}),
        (part_findings, PART, {"why_not": "低于最低保额", "payable": Decimal(0)}, {"S43": "block"}),
        (part_findings, PART, {"open_due": DAY}, {"S44": "block"}),
        (part_findings, PART, {"payable": Decimal(0)}, {"S45": "warn"}),
        (paid_up_findings, PAID_UP, {"offered": False}, {"S51": "block"}),
        (paid_up_findings, PAID_UP, {"why_not": "没有余额"}, {"S53": "block"}),
        (paid_up_findings, PAID_UP, {"consent": UNSIGNED}, {"S54": "block"}),
        (paid_up_findings, PAID_UP, {"riders": "附加医疗"}, {"S55": "warn"}),
        (loan_findings, LOAN, {"offered": False}, {"S61": "block"}),
        (loan_findings, LOAN, {"day": date(2026, 5, 18)}, {"S62": "block"}),
        (loan_findings, LOAN, {"why_not": "可贷金额为 500.00 至 900.00 元"}, {"S63": "block"}),
        (loan_findings, LOAN, {"consent": UNSIGNED}, {"S64": "block"}),
        (loan_findings, LOAN, {"consent": UNSIGNED, "death_cover": False}, {}),
        (loan_findings, LOAN, {"owed": Decimal("0.01")}, {"S65": "warn"}),
        (back_findings, BACK, {"asked_on": date(2027, 6, 10)}, {}),
        (back_findings, BACK, {"asked_on": date(2027, 6, 11)}, {"S71": "block"}),
        (back_findings, BACK, {"lapsed_on": None}, {"S71": "block"}),
        (back_findings, BACK, {"consent": UNSIGNED}, {"S72": "block"}),
        (back_findings, BACK, {"answered_yes": 1}, {"S73": "warn"}),
        (back_findings, BACK, {"paid_on": None}, {"S74": "block"}),
        (back_findings, BACK, {"paid_on": None, "deciding": False}, {"S74": "warn"}),
        (back_findings, BACK, {"due": None, "why_not": "缺少费率"}, {"S74": "block"}),
        (back_findings, BACK, {"owed": Decimal(1), "must_repay": True}, {"S75": "block"}),
        (back_findings, BACK, {"owed": Decimal(1), "must_repay": True, "with_debts": True}, {}),
        (back_findings, BACK, {"owed": Decimal(1)}, {"S75": "warn"}),
        (back_findings, BACK, {"submitted_on": DAY - timedelta(days=30)}, {}),
        (back_findings, BACK, {"submitted_on": DAY - timedelta(days=31)}, {"S76": "warn"}),
        (back_findings, BACK, {"occupation_class": 2}, {"S77": "warn"}),
        (back_findings, BACK, {"occupation_class": 0}, {"S77": "warn"}),
        (back_findings, BACK, {"occupation_class": 5, "class_before": 5}, {"S77": "warn"}),
        (repay_findings, REPAY, {"owed": Decimal(0)}, {"S81": "block"}),
        (repay_findings, REPAY, {"amount": Decimal("100.01")}, {"S81": "warn"}),
        (repay_findings, REPAY, {"amount": Decimal("99.99")}, {}),
        (repay_findings, REPAY, {"received_on": date(2025, 12, 31)}, {"S82": "block"}),
        (repay_findings, REPAY, {"received_on": DAY + timedelta(days=1)}, {"S82": "block"}),
        (repay_findings, REPAY, {"how": "credit", "how_label": "信用卡"}, {"S83": "block"}),
        (repay_findings, REPAY, {"how": "suspense", "waiting": Decimal("99.99")}, {"S83": "block"}),
        (repay_findings, REPAY, {"how": "suspense", "waiting": Decimal("100.00")}, {}),
        (repay_findings, REPAY, {"booked_before": True}, {"S84": "block"}),
        (repay_findings, REPAY, {"how": "cash", "amount": Decimal(50000), "owed": Decimal(50000)}, {"S85": "warn"}),
        (repay_findings, REPAY, {"how": "cash", "amount": Decimal("49999.99"), "owed": Decimal(50000)}, {}),
        (repay_findings, REPAY, {"payer": "李四"}, {"S86": "warn"}),
    ],
)  # fmt: skip
def test_what_stands_against_an_item(of, facts, fields, expected):
    assert levels(of(replace(facts, **fields))) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"item": "PS07"}, {"S01": "block"}),
        ({"item": "PS07", "status": "lapsed"}, {}),
        ({"item": "PS08", "status": "paid_up"}, {"S01": "block"}),
        ({"item": "PS09", "status": "lapsed"}, {"S01": "block"}),
        ({"item": "PS10", "status": "lapsed"}, {}),
        ({"item": "PS10", "status": "terminated"}, {"S01": "block"}),
        ({"open_claims": ["86-CL-1"]}, {"S03": "block"}),
        ({"item": "PS10", "open_claims": ["86-CL-1"], "claim_first": False}, {"S03": "warn"}),
        *[({"item": item, "status": "lapsed" if item == "PS07" else "in_force", "is_holder": False, "is_insured": True,
            "applicant_kind": "insured"}, {"S04": "block"}) for item in ("PS03", "PS07", "PS08", "PS09")],
        ({"item": "PS10", "is_holder": False, "applicant_kind": "beneficiary"}, {}),
        ({"item": "PS10", "died_on": DAY}, {"S06": "warn"}),
        ({"item": "PS09", "died_on": DAY}, {"S06": "block"}),
    ],
)  # fmt: skip
def test_whose_policy_in_which_state(fields, expected):
    assert levels(common_findings(replace(COMMON, **fields))) == expected
