"""红利领取方式: each cash dividend goes where the policyholder chose to have it on that anniversary; what is there may be collected."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import (
    Account,
    Coverage,
    DividendRate,
    LedgerEntry,
    Policy,
    PolicyEvent,
    ProductVersion,
)
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import money
from lifeops.policies.services.as_of import policy_as_of
from lifeops.policies.services.benefits import death_benefit_of
from lifeops.policies.services.changing import make_paid_up
from lifeops.policies.services.collecting import waiting
from lifeops.policies.services.dividend_choice import choose_option, collect, collectable, offered, option_of
from lifeops.policies.services.events import replay
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balances, post, statement
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.payments import create_payment
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.quoting import quote
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.trial import try_value
from lifeops.policies.services.worth import worth_on
from tests.policies.conftest import EFFECTIVE, NOW, person, version

pytestmark = pytest.mark.django_db
D = Decimal
EARLY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
OPTIONS = ("accumulate", "cash", "offset", "paid_up")


def on(year: int) -> date:
    return anniversary(EFFECTIVE, year)


@pytest.fixture
def said(rates):
    return partial(rates, "W31")


def sold(issue, cast, n: int = 0, *, option: str = "", paid: int = 1, pay_term: str = "10Y", mode: str = "annual") -> Policy:
    """300,000 元 of the participating whole life on a man of 39."""
    life = person(f"选{n}", sequence=901 + 2 * n)
    premium = quote(version("W31"), "M", 39, "WHOLE_LIFE", pay_term, mode, D(300000))
    cover = {"version": version("W31"), "sum_assured": D(300000), "cover_term": "WHOLE_LIFE", "pay_term": pay_term, "premium": premium.standard}
    policy = deliver_policy(policy=issue(coverages=[cover], insured=life, policyholder=life, pay_mode=mode), signed_on=EFFECTIVE)
    if paid > 1:
        receive_premium(policy=policy, amount=policy.main.premium * (paid - 1), received_on=EFFECTIVE, reference="B", actor=cast.clerk, now=NOW)
    if option:
        choose_option(policy=policy, case_number="", option=option, day=EFFECTIVE, actor=cast.ps_reviewer)
    return now(policy)


def now(policy: Policy) -> Policy:
    return Policy.objects.select_related("insured", "policyholder").get(pk=policy.pk)


def books(policy: Policy) -> dict[str, Decimal]:
    return {k: v for k, v in balances(policy).items() if k in ("dividend", "payable", "suspense", "bonus", "premium")}


def test_the_terms_say_what_may_be_chosen(issue, cast):
    policy = sold(issue, cast)
    assert [code for code, _ in offered(policy)] == list(OPTIONS) and option_of(policy, EFFECTIVE) == "accumulate"
    plain = deliver_policy(policy=issue("W30", insured=person("常", sequence=951)), signed_on=EFFECTIVE)
    assert offered(plain) == [] and option_of(plain, EFFECTIVE) == ""
    for one, option, words in ((plain, "cash", "没有这种红利领取方式"), (policy, "nothing", "没有这种红利领取方式"), (policy, "accumulate", "相同")):
        with pytest.raises(BookRefused, match=words):
            choose_option(policy=one, case_number="", option=option, day=EFFECTIVE, actor=cast.ps_reviewer)
    terms = version("W31")
    terms.definition["participating"]["options"] = ["cash", "offset"]
    terms.save()
    # what the terms do not offer cannot be in force: the first that they do is
    assert option_of(now(policy), EFFECTIVE) == "cash"


def test_in_cash_it_falls_due_and_bears_no_interest(issue, cast, said):
    said("cash", "0.01", 2027, 2028)
    said("interest", "0.03", 2027, 2029)
    policy = sold(issue, cast, option="cash", paid=4)
    run_policy_day(on(3))
    assert books(policy) | {"premium": 0, "suspense": 0} == {"payable": D(-6000), "bonus": D(6000), "premium": 0, "suspense": 0}
    assert collectable(policy).due == 6000 and collectable(policy).accumulated == 0
    worth = next(w for w in worth_on(now(policy), on(3)) if w.label == "可领取红利")
    assert worth.amount == 6000 and "已到期 6,000.00" in worth.note


def test_against_premiums_it_pays_the_instalment_of_the_day(issue, cast, said):
    said("cash", "0.10", 2027, 2027)
    policy = sold(issue, cast, option="offset")
    premium = policy.main.premium
    assert premium < 30000
    run_policy_day(on(1))
    found = now(policy)
    assert (found.paid_to, found.suspense) == (on(2), 30000 - premium)
    assert found.premiums.get(due_on=on(1)).settled_by == "paid" and not balances(policy).get("dividend")


def test_against_premiums_where_it_does_not_reach_the_rest_is_to_be_paid(issue, cast, said):
    said("cash", "0.01", 2027, 2027)
    policy = sold(issue, cast, option="offset")
    run_policy_day(on(1) + timedelta(days=1))
    assert (now(policy).status, now(policy).suspense) == ("grace", 3000)
    receive_premium(
        policy=policy, amount=policy.main.premium - 3000, received_on=on(1) + timedelta(days=5), reference="R", actor=cast.clerk, now=NOW
    )
    assert (now(policy).status, now(policy).suspense, now(policy).paid_to) == ("in_force", 0, on(2))


def test_against_premiums_with_nothing_left_to_pay_it_accumulates(issue, cast, said):
    said("cash", "0.01", 2027, 2027)
    policy = sold(issue, cast, option="offset", pay_term="SINGLE", mode="single")
    run_policy_day(on(1))
    assert collectable(policy).accumulated == 3000 and "没有应交保费，累积生息" in PolicyEvent.objects.get(policy=policy, kind="dividend").note


def test_a_late_dividend_against_premiums_ends_the_grace(issue, cast, said):
    policy = sold(issue, cast, option="offset")
    run_policy_day(on(1) + timedelta(days=3))
    assert now(policy).status == "grace"
    late = on(1) + timedelta(days=10)
    said("cash", "0.10", 2027, 2027, at=datetime(late.year, late.month, late.day, 3, tzinfo=UTC))
    run_policy_day(late)
    assert (now(policy).status, now(policy).paid_to) == ("in_force", on(2))


def test_more_cover_is_bought_at_the_price_of_the_age(issue, cast, said):
    said("cash", "0.01", 2027, 2028)
    policy = sold(issue, cast, option="paid_up", paid=3)
    run_policy_day(on(2))
    prices = [quote(version("W31"), "M", age, "WHOLE_LIFE", "SINGLE", "single", D(1000)).standard for age in (40, 41)]
    bought = [money(D(3000) / price * 1000) for price in prices]
    cover = now(policy).main
    assert cover.bonus_sum == sum(bought) and bought[0] > bought[1]
    assert books(policy)["bonus"] == 6000 and not collectable(policy).total
    dividend = LedgerEntry.objects.get(policy=policy, text="第 1 年度红利交清增额")
    assert sorted((x.account, x.amount) for x in dividend.lines.all()) == [("bonus", D(3000)), ("premium", D(-3000))]
    assert death_benefit_of(now(policy), cover, on(2) + timedelta(days=9), accident=False).calculation.amount == 300000 + cover.bonus_sum
    assert any("红利保额" in line.formula for line in surrender_value(now(policy), on(2)).lines)


def test_what_is_paid_up_already_stays_when_the_contract_is_paid_up(issue, cast, said):
    """减额交清: the value of the basic sum alone buys, the sum bought by dividends remains beside it."""
    said("cash", "0.02", 2027, 2028)
    policy, day = sold(issue, cast, option="paid_up", paid=3), on(2) + timedelta(days=10)
    run_policy_day(day)
    found = now(policy)
    cover, price = found.main, quote(version("W31"), "M", 41, "WHOLE_LIFE", "SINGLE", "single", D(1000)).standard
    basic, extra = (line.value for line in try_value(policy=found, kind="cash_value", day=day, today=day).calculation.lines)
    told = try_value(policy=found, kind="paid_up", day=day, today=day)
    assert told.amount == money(basic / price * 1000) and extra > 0
    assert f"累积红利保险金额 {cover.bonus_sum:,.2f} 元已交清，不变" in told.notes
    make_paid_up(policy=found, case_number="", sums={cover.pk: told.amount}, day=day, actor=cast.ps_reviewer, now=NOW)
    after = now(policy)
    assert (after.main.sum_assured, after.main.bonus_sum) == (told.amount, cover.bonus_sum)
    assert try_value(policy=after, kind="cash_value", day=day, today=day).calculation.lines[1].value == extra


def test_without_a_price_for_the_age_it_accumulates(issue, cast, said):
    said("cash", "0.01", 2027, 2027)
    policy = sold(issue, cast, option="paid_up", paid=2)
    version("W31").rates.filter(kind="premium", pay_term="SINGLE", age=40).delete()
    run_policy_day(on(1))
    assert (now(policy).main.bonus_sum, collectable(policy).accumulated) == (0, 3000)


def test_a_change_holds_from_the_next_anniversary(issue, cast, said):
    said("cash", "0.01", 2027, 2029)
    policy = sold(issue, cast, paid=5)
    run_policy_day(on(1))
    choose_option(policy=policy, case_number="", option="cash", day=on(1) + timedelta(days=40), actor=cast.ps_reviewer)
    run_policy_day(on(2))
    choose_option(policy=policy, case_number="", option="paid_up", day=on(2) + timedelta(days=1), actor=cast.ps_reviewer)
    run_policy_day(on(3))
    there = collectable(policy)
    assert (there.accumulated, there.due) == (3000, 3000) and now(policy).main.bonus_sum > 0
    assert [option_of(now(policy), day) for day in (EFFECTIVE, on(1), on(1) + timedelta(days=40), on(2), on(3))] == ["accumulate"] * 2 + ["cash"] * 2 + ["paid_up"]


def test_what_comes_late_goes_where_it_would_have_gone(issue, cast, said):
    """The dividend of 2027 approved when the option had been changed since."""
    policy = sold(issue, cast, option="cash", paid=5)
    run_policy_day(on(2))
    choose_option(policy=policy, case_number="", option="paid_up", day=on(2), actor=cast.ps_reviewer)
    late = on(2) + timedelta(days=30)
    said("cash", "0.01", 2027, 2028, at=datetime(late.year, late.month, late.day, 3, tzinfo=UTC))
    run_policy_day(late)
    assert collectable(policy).due == 3000 and now(policy).main.bonus_sum == money(
        D(3000) / quote(version("W31"), "M", 41, "WHOLE_LIFE", "SINGLE", "single", D(1000)).standard * 1000
    )


# ── 领取 ──


def test_what_is_due_is_collected_first_and_the_rest_bears_interest(issue, cast, said):
    said("cash", "0.01", 2027, 2028)
    said("interest", "0.03", 2028, 2029)
    policy = sold(issue, cast, paid=5)
    run_policy_day(on(1))
    choose_option(policy=policy, case_number="", option="cash", day=on(1), actor=cast.ps_reviewer)
    run_policy_day(on(2))
    assert (collectable(policy).due, collectable(policy).accumulated) == (3000, 3090)
    for amount in (D("6090.01"), D(0), D("0.001")):
        with pytest.raises(BookRefused, match=r"可领取的红利为 6,090\.00 元"):
            collect(policy=policy, case_number="PSD1", amount=amount, actor=cast.ps_reviewer, day=on(2), now=NOW)
    day = on(2) + timedelta(days=20)
    told = collect(policy=policy, case_number="PSD1", amount=D(4000), actor=cast.ps_reviewer, day=day, now=NOW)
    assert [(line.label, line.value) for line in told.lines] == [("领取已到期红利", D(3000)), ("领取累积红利", D(1000))]
    assert (collectable(policy).due, collectable(policy).accumulated) == (0, 2090)
    create_payment(
        case_number="PSD1", policy=policy, branch_id=policy.branch_id, purpose="红利领取", payee=policy.policyholder.name, bank="虚构银行",
        account="9900001234567890", amount=D(4000), actor=cast.ps_reviewer, now=NOW, kind="refund",
    )  # fmt: skip
    # nothing beyond what was collected has become payable
    assert balances(policy)["payable"] == -4000 and "surrender" not in balances(policy)
    run_policy_day(on(3))
    assert collectable(policy).accumulated == money(D(2090) * D("1.03"))
    assert statement(policy, EFFECTIVE, on(3)).balances
    for when in (on(2), day, on(3)):
        assert replay(policy, when).money == balances(policy, when)


def test_a_trial_of_bonuses_is_refused_where_dividends_are_in_cash(issue, cast):
    policy, day = sold(issue, cast), EFFECTIVE + timedelta(days=90)
    with pytest.raises(BookInvalid) as caught:
        try_value(policy=policy, kind="bonus", day=day, today=day, years=2, rate_pct=D(1))
    assert "条款没有增额红利" in caught.value.errors["kind"]


def test_what_was_collected_is_not_there_again_though_other_money_waits(issue, cast, said):
    said("cash", "0.01", 2027, 2027)
    policy = sold(issue, cast, option="cash", paid=3)
    run_policy_day(on(1))
    post(now(policy), on=on(1), text="生存金应付", key="survival:1", kind="survival", lines={Account.BENEFIT: D(5000), Account.PAYABLE: D(-5000)})
    collect(policy=policy, case_number="PSD2", amount=D(1000), actor=cast.ps_reviewer, day=on(1), now=NOW)
    assert collectable(policy).due == 2000 and waiting(now(policy), ended=False).amount == 5000


def test_surrender_pays_what_accumulated_and_leaves_what_is_due(issue, cast, said):
    said("cash", "0.01", 2027, 2027)
    policy = sold(issue, cast, paid=3)
    run_policy_day(on(1))
    assert next(line.value for line in surrender_value(now(policy), on(1)).lines if line.label == "加：累积红利") == 3000


# ── day by day ──

CHANGES = st.lists(st.tuples(st.integers(min_value=0, max_value=3 * 365), st.sampled_from(OPTIONS)), max_size=4)


def told(policy: Policy) -> dict:
    events = PolicyEvent.objects.filter(policy=policy, kind="dividend").order_by("pk")
    cover = Coverage.objects.get(policy=policy)
    found = now(policy)
    return {
        "events": [(e.on, e.note, e.data.get("money"), [*e.data.get("upon", {}).values()]) for e in events], "money": balances(policy), "bonus": cover.bonus_sum,
        "states": list(cover.states.order_by("pk").values_list("since", "bonus_sum")),
        "row": (found.status, found.paid_to, found.suspense, found.years_done, found.next_event_on),
    }


@given(
    changes=CHANGES, late=st.integers(min_value=0, max_value=500), rate=st.sampled_from(["0.004", "0.10"]), step=st.integers(min_value=9, max_value=60),
    paid=st.sampled_from([1, 4]),
)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_every_day_equals_once_for_the_span_whatever_was_chosen(issue, cast, approver, said, changes, late, rate, step, paid):
    """Two alike with the same changes of the option; one moved in small steps, one at once, over a rate approved late."""
    n = Policy.objects.count()
    DividendRate.objects.all().delete() if not PolicyEvent.objects.filter(kind="dividend").exists() else DividendRate.objects.update(state="refused")
    approved = EFFECTIVE + timedelta(days=300 + late)
    said("cash", rate, 2028, 2029)
    said("interest", "0.03", 2027, 2030)
    said("cash", "0.01", 2027, 2027, at=datetime(approved.year, approved.month, approved.day, 3, tzinfo=UTC))
    one, other = (sold(issue, cast, k, paid=paid) for k in (n, n + 1))
    for offset, option in sorted(changes, key=lambda c: c[0]):
        for policy in (one, other):
            day = EFFECTIVE + timedelta(days=offset)
            if option_of(now(policy), day) != option:
                choose_option(policy=policy, case_number="", option=option, day=day, actor=cast.ps_reviewer)
    Policy.objects.filter(pk=other.pk).update(hold_case="WAIT")
    day, end = on(1) - timedelta(days=1), on(3) + timedelta(days=5)
    while day < end:
        run_policy_day(day)
        day += timedelta(days=step)
    run_policy_day(end)
    Policy.objects.filter(pk=other.pk).update(hold_case="")
    run_policy_day(end)
    assert told(one) == told(other) and told(one)["events"]
    assert statement(one, EFFECTIVE, end).balances
    cover = Coverage.objects.get(policy=one)
    for when in (on(1), on(2), end):
        held = policy_as_of(now(one), when)["coverages"][0]
        assert D(replay(one, when).coverages[str(cover.pk)].get("bonus_sum", 0)) == held.bonus_sum


def test_versions_of_before_offer_what_they_did():
    """The migration's own rule on a product of before it: cash left to accumulate, whatever else the terms say."""
    from importlib import import_module

    from django.apps import apps

    terms = ProductVersion.objects.get(product__code="A60")
    terms.definition["participating"] = {"kind": "reversionary annual bonus", "article": "4"}
    terms.save()
    import_module("lifeops.policies.migrations.0021_dividend_options").state_options(apps, None)
    terms.refresh_from_db()
    assert terms.definition["participating"]["options"] == ["accumulate"]
    assert version("W31").definition["participating"]["options"] == list(OPTIONS)
