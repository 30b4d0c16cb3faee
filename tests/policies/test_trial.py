"""价值试算: each kind by hand on a real policy, and beside it what is refused and at which input."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from lifeops.policies.errors import BookInvalid
from lifeops.policies.models import LedgerEntry, Policy, PolicyEvent, PremiumEntry, Rate
from lifeops.policies.services.changing import make_paid_up, reduce_cover, reinstate
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.lending import lend
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender, surrender_value
from lifeops.policies.services.trial import KINDS, Trial, TrialKind, try_value
from tests.policies.conftest import EFFECTIVE, NOW, person, version
from tests.policies.disclosures import load
from tests.policies.selling import sell

pytestmark = pytest.mark.django_db
disclosed = pytest.mark.shared_data
D = Decimal
TODAY = date(2031, 3, 3)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(D("0.01"), ROUND_HALF_UP)


def book(policy: Policy) -> Policy:
    return Policy.objects.select_related("insured", "policyholder").get(pk=policy.pk)


def tried(policy: Policy, kind: str, day: date = TODAY, today: date = TODAY, **inputs) -> Trial:
    found = try_value(policy=book(policy), kind=kind, day=day, today=today, **inputs)
    assert found.amount == sum((line.value for line in found.calculation.lines if line.counts), D(0))
    return found


def refused(policy: Policy, kind: str, day: date = TODAY, today: date = TODAY, **inputs) -> dict[str, str]:
    with pytest.raises(BookInvalid) as caught:
        try_value(policy=book(policy), kind=kind, day=day, today=today, **inputs)
    return caught.value.errors


@pytest.fixture
def whole(issue, cast):
    """300,000 元 for life over ten yearly premiums on a man of 39, five of them paid; the sixth is due on TODAY."""
    policy = deliver_policy(policy=issue("W30"), signed_on=EFFECTIVE)
    for year in range(2027, 2031):
        receive_premium(
            policy=book(policy), amount=policy.main.premium, received_on=date(year, 3, 3), reference=f"B{year}", actor=cast.clerk, now=NOW
        )
    return book(policy)


def year_ends(policy: Policy, pay: str = "10Y") -> list[Decimal]:
    cover = policy.main
    cells = Rate.objects.filter(version=cover.version, kind="cash_value", sex="M", age=cover.entry_age)
    return cells.get(cover_term=cover.cover_term, pay_term=pay).values


def single(policy: Policy, age: int) -> Decimal:
    rates = Rate.objects.filter(version=policy.main.version, kind="premium", sex="M", age=age, cover_term="WHOLE_LIFE")
    return rates.get(pay_term="SINGLE").values[0]


# ── what may be asked, and when ──


def test_every_kind_has_its_reckoning():
    assert set(KINDS) == set(TrialKind.values)


def test_nothing_is_written(whole):
    before = (PolicyEvent.objects.count(), LedgerEntry.objects.count(), PremiumEntry.objects.count())
    for kind in ("cash_value", "surrender", "loan", "paid_up", "death", "effective"):
        tried(whole, kind)
    assert before == (PolicyEvent.objects.count(), LedgerEntry.objects.count(), PremiumEntry.objects.count())


def test_only_while_the_contract_runs_and_a_year_ahead_at_most(whole, cast):
    assert refused(whole, "surrender", EFFECTIVE - timedelta(days=1)) == {"day": "保单自 2026-03-03 起生效"}
    assert "不能晚于 2032-03-03" in refused(whole, "surrender", date(2032, 3, 4))["day"]
    assert tried(whole, "cash_value", date(2032, 3, 3)).amount == cents(year_ends(whole)[5] * 300)
    surrender(policy=whole, case_number="PS-2", day=TODAY, actor=cast.clerk, now=NOW)
    assert refused(whole, "surrender", date(2031, 3, 4)) == {"day": "保单已于 2031-03-03 终止（退保）"}
    # of a day before it ended the value can still be asked
    assert tried(whole, "cash_value", date(2030, 3, 3)).amount == cents(year_ends(whole)[3] * 300)


# ── values ──


def test_surrender_is_what_surrender_pays_then_and_now(whole, cast):
    assert tried(whole, "surrender", date(2031, 5, 1)).amount == surrender_value(whole, date(2031, 5, 1)).amount == cents(year_ends(whole)[4] * 300)
    lend(policy=whole, case_number="PS-1", amount=D(600), day=date(2031, 1, 1), actor=cast.clerk, now=NOW)
    interest = cents(D(600) * D("0.05") * 61 / 365)
    assert tried(whole, "surrender").amount == cents(year_ends(whole)[4] * 300) - 600 - interest
    # a day of the past: the loan was not there, the fourth year was not over
    half = date(2030, 9, 1)
    share = D((half - date(2030, 3, 3)).days) / 365
    by_hand = cents((year_ends(whole)[3] + (year_ends(whole)[4] - year_ends(whole)[3]) * share) * 300)
    assert tried(whole, "surrender", half).amount == by_hand
    found = tried(whole, "surrender", date(2026, 3, 10))
    assert found.title == "应退金额（犹豫期撤单）" and found.notes == ("犹豫期至 2026-03-18",)


def test_a_premium_open_on_that_day_stops_the_value_at_its_due_date(issue, cast):
    """Due on 2027-03-03, paid on 2027-04-01: on the 20th of March it was open, a month later it was not."""
    policy = deliver_policy(policy=issue("W30"), signed_on=EFFECTIVE)
    run_policy_day(date(2027, 3, 20))
    receive_premium(policy=book(policy), amount=policy.main.premium, received_on=date(2027, 4, 1), reference="B", actor=cast.clerk, now=NOW)
    assert tried(policy, "surrender", date(2027, 3, 20)).amount == cents(year_ends(policy)[0] * 300)
    assert tried(policy, "surrender", date(2027, 4, 20)).amount > cents(year_ends(policy)[0] * 300)


def test_a_sum_reduced_later_counts_whole_on_a_day_before(whole, cast):
    reduce_cover(
        policy=whole, case_number="PS-3", cover=whole.main, sum_assured=D(100000), premium=D(1000), extra=D(0), refund=D(1),
        day=date(2030, 6, 1), actor=cast.clerk, now=NOW,
    )  # fmt: skip
    assert tried(whole, "cash_value", date(2030, 3, 3)).amount == cents(year_ends(whole)[3] * 300)
    assert tried(whole, "cash_value").amount == cents(year_ends(whole)[4] * 100)


def test_the_premium_not_yet_used_of_a_short_cover(issue, whole):
    policy = deliver_policy(policy=issue("M10", insured=person("李医", sequence=131)), signed_on=EFFECTIVE)
    found = tried(policy, "unearned", date(2026, 6, 10), date(2026, 6, 10))
    assert found.amount == cents(policy.main.premium * D("0.65") * 265 / 365)
    assert "长期险种解除合同按现金价值" in refused(whole, "unearned")["kind"]


def test_what_may_be_lent_and_what_it_costs(whole):
    value = cents(year_ends(whole)[4] * 300)
    found = tried(whole, "loan", amount=D(1000), until=date(2031, 4, 2))
    assert found.amount == cents(value * D("0.8"))
    last = found.calculation.lines[-1]
    assert (last.label, last.value) == ("2031-04-02 应还本息", 1000 + cents(D(1000) * D("0.05") * 30 / 365))
    most = f"{found.amount:,.2f}"
    assert refused(whole, "loan", amount=found.amount + D("0.01")) == {"amount": f"可贷金额为 500.00 至 {most} 元"}
    assert refused(whole, "loan", amount=D("499.99")) == {"amount": f"可贷金额为 500.00 至 {most} 元"}
    assert refused(whole, "loan", amount=D(1000), until=TODAY) == {"until": "应晚于试算日"}
    assert refused(whole, "loan", amount=D(1000), until=date(2091, 3, 4)) == {"until": "不能晚于 2091-03-03（60 年）"}
    assert tried(whole, "loan", amount=D(1000), until=date(2091, 3, 3)).amount == found.amount
    assert list(refused(whole, "loan", amount=D(1000), until=date.max)) == ["until"]
    assert refused(whole, "loan", until=date(2031, 4, 1)) == {"amount": "请填写借款金额"}
    assert "犹豫期至 2026-03-18" in refused(whole, "loan", date(2026, 3, 18))["day"]


def test_an_advance_needs_more_than_the_premium(whole):
    found = tried(whole, "advance")
    assert found.amount == whole.main.premium and "保单未约定自动垫交，宽限期满未交费的，合同效力中止" in found.notes
    assert "不足以垫交保费" in refused(whole, "advance", date(2026, 6, 1))["kind"]


# ── changes ──


def test_the_value_buys_a_paid_up_sum(whole):
    value = cents(year_ends(whole)[4] * 300)
    found = tried(whole, "paid_up", date(2031, 4, 1))
    assert found.amount == cents(value / single(whole, 44) * 1000) and found.title == "减额交清后基本保险金额"
    assert "犹豫期" in refused(whole, "paid_up", date(2026, 3, 10))["day"]


def test_a_rider_ends_and_its_value_buys_too(issue):
    policy = deliver_policy(policy=issue("W30", "T20"), signed_on=EFFECTIVE)
    found = tried(policy, "paid_up", date(2026, 9, 1), date(2026, 9, 1))
    value = tried(policy, "cash_value", date(2026, 9, 1), date(2026, 9, 1)).amount
    assert found.amount == cents(value / single(policy, 39) * 1000) and any("随之终止" in note for note in found.notes)


def test_no_paid_up_sum_where_there_is_nothing_to_buy_or_no_rate(issue, whole, cast):
    make_paid_up(policy=whole, case_number="PS-8", sums={whole.main.pk: D(90000)}, day=TODAY, actor=cast.clerk, now=NOW)
    assert refused(whole, "paid_up") == {"day": "该日保单状态为“减额交清”，不能办理"}
    paid = sell(issue, version("E20"), cover_term="20Y", pay_term="10Y", pay_mode="annual", sum_assured=100000, insured=person("王两全", sequence=151))
    assert refused(paid, "paid_up", date(2026, 9, 1), date(2026, 9, 1)) == {"kind": "安岳安盈两全保险的条款没有减额交清"}
    term = deliver_policy(policy=issue("T20", insured=person("赵定期", sequence=141)), signed_on=EFFECTIVE)
    assert "没有 40 岁、保险期间19年的趸交费率" in refused(term, "paid_up", date(2027, 3, 3), date(2027, 3, 3))["kind"]


def test_a_third_given_up(whole, cast):
    value = cents(year_ends(whole)[4] * 300)
    found = tried(whole, "partial", given_up=D(100000))
    assert found.amount == cents(value / 3)
    left = {line.label: line.value for line in found.calculation.lines}
    assert left["减少后基本保险金额"] == 200000 and left["减少后每期保费"] == cents(whole.main.premium * 2 / 3)
    assert left["减少后已交保险费"] == cents(whole.main.premium * 5 * 2 / 3)
    assert "应大于零且小于现有保额" in refused(whole, "partial", given_up=D(300000))["given_up"]
    assert "低于最低保额" in refused(whole, "partial", given_up=D("299999.99"))["given_up"]
    assert refused(whole, "partial", given_up=D(1), cover=10**9) == {"cover": "该日没有这个险种"}
    lend(policy=whole, case_number="PS-1", amount=D(600), day=TODAY, actor=cast.clerk, now=NOW)
    assert refused(whole, "partial", given_up=D(100000)) == {"kind": "有贷款或垫交未还，清偿后方可部分退保"}


@disclosed
def test_a_fifth_of_the_first_sum_in_a_policy_year(issue, cast):
    """P411008 6.4: at most 20 % of the sum at inception in a policy year. The product has no cash values: none are invented."""
    [sold] = load("P411008")
    policy = sell(issue, sold, cover_term="WHOLE_LIFE", pay_term="10Y", pay_mode="annual", premium=D(10000))
    assert "没有现金价值表" in refused(policy, "partial", date(2026, 9, 1), date(2026, 9, 1), given_up=D(1000))["kind"]
    cell = {"version": sold, "kind": "cash_value", "sex": "M", "age": 39, "age_to": 39, "cover_term": "WHOLE_LIFE", "pay_term": "10Y"}
    Rate.objects.create(**cell, values=[D(100), D(200), D(300)])
    most, day = policy.main.sum_assured / 5, date(2028, 3, 3)
    receive_premium(policy=book(policy), amount=D(10000), received_on=date(2027, 3, 3), reference="B", actor=cast.clerk, now=NOW)
    first = tried(policy, "partial", date(2027, 6, 1), day, given_up=cents(most))
    reduce_cover(
        policy=book(policy), case_number="PS-3", cover=policy.main, sum_assured=policy.main.sum_assured - cents(most), premium=D(8000),
        extra=D(0), refund=first.amount, day=date(2027, 6, 1), actor=cast.clerk, now=NOW,
    )  # fmt: skip
    again = refused(policy, "partial", date(2027, 9, 1), day, given_up=D(1))["given_up"]
    assert "本保单年度累计减少以" in again and "条款 6.4" in again
    # a new policy year, a new fifth
    assert tried(policy, "partial", day, day, given_up=cents(most)).amount > 0


def test_what_brings_a_suspended_contract_back(issue, cast):
    """The premium of 2027-03-03 from the end of its grace on 2027-05-02: 184 days to 2027-11-02 at 5 %."""
    policy = deliver_policy(policy=issue("T20"), signed_on=EFFECTIVE)
    assert "不需复效" in refused(policy, "reinstatement", EFFECTIVE, EFFECTIVE)["kind"]
    run_policy_day(date(2027, 5, 3))
    premium, day = policy.main.premium, date(2027, 11, 2)
    cost = cents(premium * D("0.05") * 184 / 365)
    found = tried(policy, "reinstatement", day, day, fees=D(10))
    assert found.amount == premium + cost + 10
    assert "不需复效" in refused(policy, "reinstatement", date(2027, 5, 2), day)["day"]
    late = refused(policy, "reinstatement", date(2029, 5, 4), date(2029, 5, 4))["day"]
    assert "申请复效的期限至 2029-05-03" in late and "保险法第三十七条" in late
    # the amount is what the book asks for
    reinstate(policy=book(policy), case_number="PS-7", day=day, applied_on=day, interest=cost, received=premium + cost, reference="B7", actor=cast.clerk, now=NOW)
    assert book(policy).status == "in_force"


def test_debts_are_part_of_what_brings_it_back(whole, cast):
    lend(policy=whole, case_number="PS-1", amount=D(600), day=date(2031, 3, 3), actor=cast.clerk, now=NOW)
    run_policy_day(date(2031, 5, 3))
    day = date(2031, 6, 2)
    found = tried(whole, "reinstatement", day, day)
    owed = 600 + cents(D(600) * D("0.05") * 91 / 365)
    assert found.amount == whole.main.premium + cents(whole.main.premium * D("0.05") * 31 / 365) + owed
    last = found.calculation.lines[-1]
    assert (last.label, last.value, last.counts) == ("其中贷款、垫交本息", owed, False) and "未达到现金价值" in last.formula


# ── 误告 ──


def premium_at(policy: Policy, age: int, sex: str = "M") -> Decimal:
    cover = policy.main
    rate = Rate.objects.get(version=cover.version, kind="premium", sex=sex, age=age, cover_term=cover.cover_term, pay_term=cover.pay_term)
    return cents(rate.values[0] * cover.sum_assured / 1000)


def test_older_than_stated_is_collected_younger_is_refunded(whole):
    older = tried(whole, "misstatement", birth_date=date(1984, 5, 17))
    paid, due = whole.main.premium, premium_at(whole, 41)
    assert due > paid and older.amount == 5 * (due - paid) and older.title == "应补交保费"
    assert f"{paid * 5:,.2f} ÷ {due * 5:,.2f}" in older.notes[0] and "第三十二条" in older.notes[0]
    younger = tried(whole, "misstatement", birth_date=date(1988, 5, 17))
    assert younger.amount == 5 * (premium_at(whole, 37) - paid) < 0 and "不计利息" in younger.title
    # of two years only two instalments
    assert tried(whole, "misstatement", date(2027, 4, 1), birth_date=date(1984, 5, 17)).amount == 2 * (due - paid)
    woman = tried(whole, "misstatement", birth_date=date(1986, 5, 17), sex="F")
    assert woman.amount == 5 * (premium_at(whole, 39, "F") - paid)
    assert refused(whole, "misstatement", birth_date=date(1986, 5, 17)) == {"birth_date": "与保单登记的出生日期、性别相同，没有误告"}
    assert "应早于生效日" in refused(whole, "misstatement", birth_date=date(2026, 3, 4))["birth_date"]


def test_an_age_the_product_does_not_take(whole):
    """Within two years of the establishment the contract may be rescinded, later not (保险法 16, 32)."""
    found = tried(whole, "misstatement", date(2028, 3, 1), birth_date=date(1950, 1, 1))
    assert found.title == "解除合同应退还的现金价值" and found.amount == tried(whole, "cash_value", date(2028, 3, 1)).amount
    assert "最高投保年龄" in found.notes[0] and "最迟 2028-03-02" in found.notes[1]
    late = refused(whole, "misstatement", date(2028, 3, 3), birth_date=date(1950, 1, 1))["birth_date"]
    assert "已满二年，不得解除" in late
    assert refused(whole, "misstatement", date(2028, 3, 1), birth_date=date(1, 1, 1)) == {"birth_date": "早于 1900-01-01，请核对"}


# ── 给付 ──


def test_death_less_what_is_owed(whole, cast):
    assert tried(whole, "death").amount == 300000
    lend(policy=whole, case_number="PS-1", amount=D(600), day=date(2031, 3, 3), actor=cast.clerk, now=NOW)
    run_policy_day(date(2031, 4, 2))
    found = tried(whole, "death", date(2031, 4, 2), date(2031, 4, 2), accident=True)
    assert found.amount == 300000 - whole.main.premium - 600 - cents(D(600) * D("0.05") * 30 / 365)
    run_policy_day(date(2031, 6, 1))
    assert "效力中止" in refused(whole, "death", date(2031, 6, 1), date(2031, 6, 1))["day"]
    assert "已成年" in refused(whole, "death", others=D(1))["others"]


def test_the_cap_on_a_child(issue):
    child = person("陈小", born=date(2018, 1, 5), sequence=161)
    policy = deliver_policy(policy=issue("W30", insured=child), signed_on=EFFECTIVE)
    found = tried(policy, "death", date(2026, 9, 1), date(2026, 9, 1), others=D(50000))
    # 8 years: 200,000 with all companies, premiums paid outside the cap
    assert found.amount == policy.main.premium + 150000


def test_survival_and_maturity_as_they_fall_due(issue):
    policy = sell(issue, version("A60"), cover_term="TO_88", annuity_start_age=60, premium=D(10000))
    found = tried(policy, "survival", date(2026, 9, 1), date(2026, 9, 1))
    assert found.title == "2047-03-03 应付的生存保险金" and found.amount == cents(policy.main.sum_assured / 10)
    assert refused(policy, "maturity", date(2026, 9, 1), date(2026, 9, 1)) == {"kind": "条款没有满期保险金"}
    endowment = sell(issue, version("E20"), cover_term="20Y", pay_term="10Y", pay_mode="annual", sum_assured=100000, insured=person("王两全", sequence=151))
    assert tried(endowment, "maturity", date(2026, 9, 1), date(2026, 9, 1)).amount == 100000
    assert refused(endowment, "survival", date(2026, 9, 1), date(2026, 9, 1)) == {"kind": "条款没有尚待给付的生存保险金"}


@disclosed
def test_the_sum_grows_as_the_illustration_says(issue):
    """P411008: 3 % a year from the second; the death benefit names its missing table."""
    [sold] = load("P411008")
    policy = sell(issue, sold, cover_term="WHOLE_LIFE", pay_term="10Y", pay_mode="annual", premium=D(10000))
    assert tried(policy, "effective", date(2026, 9, 1), date(2026, 9, 1)).amount == policy.main.sum_assured
    assert tried(policy, "effective", date(2028, 3, 3), date(2028, 3, 3)).amount == cents(policy.main.sum_assured * D("1.03") ** 2)
    assert any("缺少“现金价值”" in note for note in tried(policy, "death", date(2026, 9, 1), date(2026, 9, 1)).notes)


def test_dividends_on_what_is_assumed(issue, whole):
    policy = sell(issue, version("A60"), cover_term="TO_88", annuity_start_age=60, premium=D(10000))
    basic, day = policy.main.sum_assured, date(2026, 9, 1)
    one = cents(basic * D("0.01"))
    assert tried(policy, "bonus", day, day, years=2, rate_pct=D(1)).amount == basic + one + cents((basic + one) * D("0.01"))
    assert refused(whole, "bonus", years=2, rate_pct=D(1)) == {"kind": "不是分红保险，没有红利"}
    assert refused(whole, "accumulation", years=2, rate_pct=D(1)) == {"kind": "该日没有累积红利"}
