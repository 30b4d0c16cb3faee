"""Upgrades of the ledger: what an earlier version told apart by words is told apart by kind, and nothing is counted twice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from lifeops.policies.services.premiums import repayment_key
from tests.deploy.test_migrations import Rows, migrated, scratch

__all__ = ["scratch"]
pytestmark = [pytest.mark.server, pytest.mark.django_db]
BEFORE = [("policies", "0023_seals_of_third_parties"), ("servicing", "0008_money_known_again")]


def entry(old: Rows, policy, text: str, payable: str, key: str = "", case_number: str = ""):
    with transaction.atomic(using="scratch"):
        made = old.make("policies.LedgerEntry", policy=policy, text=text, key=key, case_number=case_number, payment_number="")
        for account, amount in (("payable", Decimal(payable)), ("benefit", -Decimal(payable))):
            old.make("policies.LedgerLine", entry=made, account=account, amount=amount)
    return made


def test_what_waits_keeps_its_kind_and_what_was_taken_is_gone(scratch):
    old = Rows(migrated(scratch, BEFORE))
    person = old.make("policies.Party")
    one = old.make("policies.Policy", policyholder=person, insured=person, ending="maturity")
    for text, payable, key in (
        ("第 1 年生存金应付", "-3000", "survival:1"), ("满期应付", "-10000", ""), ("溢交保费、红利转应付", "-88", ""),
        ("满期款项转由案件支付", "13000", "benefit_taken:C1"),
    ):  # fmt: skip
        entry(old, one, text, payable, key)
    two = old.make("policies.Policy", ending="expiry")
    for text, payable, key in (
        ("第 1 年生存金应付", "-3000", "survival:1"), ("生存金转由案件支付", "3000", "benefit_taken:C2"), ("第 2 年生存金应付", "-3000", "survival:2"),
        ("现金红利应付", "-500", "dividend:7:2:2"), ("已到期红利转由案件支付", "200", "dividend_taken:C3"), ("保险期间届满应付", "-700", ""),
    ):  # fmt: skip
        entry(old, two, text, payable, key)
    entry(old, two, "身故给付结清欠款", "-12.34", "", "CL-1")
    case = old.make("cases.Case", number="PS-1", policy=two)
    reference = "N" * 57
    old.make("servicing.ChangeRequest", case_id=case.pk, reference=reference, consent_by="", paid_how="transfer")
    repaid = entry(old, two, "贷款、垫交还款", "-1", f"repay:{reference}"[:60], "PS-1")

    new = migrated(scratch)
    lines = new.get_model("policies.LedgerLine").objects.using("scratch").filter(account="payable").order_by()

    def waits(policy):
        rows = lines.filter(entry__policy_id=policy.pk, entry__case_number="").values("entry__kind").annotate(total=Sum("amount"))
        return {row["entry__kind"]: -row["total"] for row in rows if row["total"]}

    assert waits(one) == {"left": 88}
    assert waits(two) == {"survival": 3000, "dividend": 300, "value": 700, "left": Decimal("12.34")}
    assert lines.filter(entry__case_number="CL-1").aggregate(total=Sum("amount"))["total"] == 0
    entries = new.get_model("policies.LedgerEntry").objects.using("scratch")
    assert entries.get(pk=repaid.pk).key == repayment_key(reference) != repayment_key("N" * 56 + "M")
    with pytest.raises(IntegrityError, match="只可追加"):
        entries.filter(pk=repaid.pk).update(text="改")
