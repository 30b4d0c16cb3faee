"""The value of the last policy year runs up to what falls due with its end: the 0 of a table is what is left after it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lifeops.policies.models import Account, Coverage, Policy
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.lending import lend, open_loans
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.overview import Valued, cover_values
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.values import due_at_end, value_on
from tests.policies.conftest import NOW, person, version
from tests.policies.disclosures import load
from tests.policies.selling import sell
from tests.policies.test_dividend_options import now, on
from underwriting.letters import cash_value_rows, value_basis

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def endowment(issue) -> Policy:
    """E20 on a man of 39 for 100,000 元, paid at once, with a bonus sum of 5,000 元 where its terms know one."""
    return sell(issue, version("E20"), sum_assured=100000, cover_term="20Y")


def worded(policy: Policy, formula: str | None, **fields: Any) -> Coverage:
    """The main coverage, its 满期金 by another formula; None: in words."""
    cover = Coverage.objects.select_related("version__product", "policy__insured").get(policy=policy)
    [one] = [b for b in cover.version.definition["benefits"] if b["code"] == "MATURITY"]
    one["cases"] = [] if formula is None else [["1", formula]]
    for name, value in fields.items():
        setattr(cover, name, value)
    return cover


@pytest.mark.shared_data
def test_a_disclosed_endowment_by_hand(cast, issue):
    """P212014 for 50,000 元: 57,150 at the end of year 4, 59,100 to who lives to the end of year 5."""
    [terms] = load("P212014")
    life = person("满", sequence=601)
    policy = sell(lambda **f: issue(policyholder=life, **f), terms, insured=life, cover_term="5Y", premium=D(50000))
    told = {on(4): D("57150.00"), on(4) + timedelta(days=182): D("58122.33"), on(5) - timedelta(days=1): D("59094.66")}
    assert {day: value_on(policy.main, "M", day) for day in told} == told  # 57,150 + 1,950 × 182 ÷ 365; × 364 ÷ 365
    [line, *_] = surrender_value(now(policy), on(4) + timedelta(days=182)).lines
    assert line.value == told[on(4) + timedelta(days=182)] and line.formula.endswith("+ 期满应付 59,100.00 × 182/365")
    # the years before go by the table alone
    assert value_on(policy.main, "M", on(3) + timedelta(days=73)) == D("55630.00")  # 1,105 + 38 × 73 ÷ 365, × 50
    assert "期满" not in surrender_value(now(policy), on(4) - timedelta(days=1)).lines[0].formula


def test_every_screen_has_the_same_value(endowment):
    day, policy = on(19) + timedelta(days=200), now(endowment)
    [cover] = policy.coverages.select_related("version__product")
    row = Valued(policy=policy, covers=[cover], paid_to=None)
    shown = cover_values([row], day)[cover.pk]
    assert shown is not None and shown.amount == value_on(cover, "M", day) > value_on(cover, "M", on(19))


def test_nothing_is_added_where_nothing_falls_due(issue):
    policy = issue("T20")
    [cover] = policy.coverages.select_related("version__product")
    last = value_on(cover, "M", on(20) - timedelta(days=1))
    assert due_at_end(cover) == 0 and last is not None and last < D("0.01") * value_on(cover, "M", on(19))


@pytest.mark.parametrize(
    ("formula", "fields", "basic", "bonus"),
    [
        ("basic_sum_insured", {}, "100000", "0"),
        ("effective_sum_insured", {"bonus_sum": D(5000)}, "100000", "5000"),
        ("max(basic_sum_insured, cash_value)", {}, "100000", "0"),
        ("premiums_paid * 120%", {"pay_term": "10Y", "premium": D(9000)}, "108000", "0"),
        # what has been paid of a reduced contract is no multiple of its premium
        ("premiums_paid * 120%", {"pay_term": "10Y", "premium": D(0)}, "0", "0"),
        (None, {}, "0", "0"),
    ],
)
def test_what_falls_due_is_by_the_terms(endowment, formula, fields, basic, bonus):
    Policy.objects.filter(pk=endowment.pk).update(pay_mode="annual")
    cover = worded(endowment, formula, **fields)
    assert (due_at_end(cover), due_at_end(cover, of_bonus=True)) == (D(basic), D(bonus))


def test_the_bonus_sum_runs_up_to_its_own_part(endowment):
    cover, day = worded(endowment, "effective_sum_insured", bonus_sum=D(5000)), on(20) - timedelta(days=1)
    alone = worded(endowment, "effective_sum_insured", bonus_sum=D(0))
    whole, basic = value_on(cover, "M", day), value_on(alone, "M", day)
    assert whole is not None and basic is not None and basic * D("0.05") == pytest.approx(whole - basic, abs=D("0.01")) and whole > 104900


def test_a_loan_is_not_taken_to_outgrow_what_is_about_to_be_paid(endowment, cast):
    run_policy_day(on(19))
    lend(policy=now(endowment), case_number="PS-9", amount=D(60000), day=on(19), actor=cast.clerk, now=NOW)
    run_policy_day(on(20))
    found = now(endowment)
    assert found.ending == "maturity" and not open_loans(found) and not found.status_changes.filter(status="lapsed").exists()
    # two half years at 5 %, the interest of the first on the loan: 60,000 + 1,512.33 + 1,525.17, and the loan itself
    assert balances(found)[Account.PAYABLE] == -60000 - (100000 - D("63037.50"))


def test_a_contract_suspended_to_its_end_has_the_value_of_what_was_paid_for(issue, cast):
    """No premium since the nineteenth year began: not the value of a contract that is about to mature."""
    terms = version("T20")
    terms.terms = terms.terms | {"maturity_pct": "1"}
    terms.save()
    policy = deliver_policy(policy=issue("T20"), signed_on=on(0))
    receive_premium(policy=policy, amount=policy.main.premium * 17, received_on=on(0), reference="B", actor=cast.clerk, now=NOW)
    run_policy_day(on(20))
    found = now(policy)
    assert (found.ending, found.paid_to) == ("expiry", on(18))
    assert balances(found)[Account.PAYABLE] == -value_on(Coverage.objects.select_related("version__product").get(policy=found), "M", on(18)) < 0


@pytest.mark.parametrize(("code", "told"), [("E20", True), ("T20", False)])
def test_the_contract_says_how_its_table_is_read(issue, endowment, code, told):
    policy = endowment if code == "E20" else issue(code)
    cover = Coverage.objects.select_related("version__product", "policy__insured").get(policy=policy)
    assert cash_value_rows(cover)[-1]["amount"] == 0 and ("不含期满当日应付的满期金" in value_basis(cover)) == told
