"""红利通知书: one for each policy year that brought a dividend or a bonus; it says what came, how it was taken, what stands since."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from lifeops.documents.models import Statement
from lifeops.documents.policy_notices import print_notice
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy, PolicyEvent, PolicyNotice
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.services.dividend_choice import choose_option, collect
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.notices import send_notice
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.quoting import Ask, choices_of, offer, quote
from lifeops.policies.services.values import bonus_value_on, value_on
from lifeops.workdays.calendar import get_calendar
from tests.documents.letter_reading import printed, squeezed
from tests.policies.conftest import NOW, person, version
from tests.policies.disclosures import examples, load
from tests.policies.test_examples import BONUS, ask_of

pytestmark = pytest.mark.django_db
D = Decimal
BEGUN = date(2026, 3, 3)
EARLY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def on(year: int) -> date:
    return anniversary(BEGUN, year)


@pytest.fixture
def said(rates):
    return rates


def sold(issue, cast, *, option: str = "", years: int = 3) -> Policy:
    """300,000 元 of the participating whole life, premiums of some years paid at once."""
    life = person("沈望秋", sequence=901, phone="19900001234", address="样本市样本区分红路 1 号")
    premium = quote(version("W31"), "M", 35, "WHOLE_LIFE", "10Y", "annual", D(300000))
    cover = {"version": version("W31"), "sum_assured": D(300000), "cover_term": "WHOLE_LIFE", "pay_term": "10Y", "premium": premium.standard}
    policy = issue(coverages=[cover], insured=life, policyholder=life, applied_on=BEGUN, effective_on=BEGUN)
    policy = deliver_policy(policy=policy, signed_on=BEGUN)
    receive_premium(policy=policy, amount=premium.standard * years, received_on=BEGUN, reference="B", actor=cast.clerk, now=NOW)
    if option:
        choose_option(policy=policy, case_number="", option=option, day=BEGUN, actor=cast.ps_reviewer)
    return policy


def told(policy: Policy) -> list[PolicyNotice]:
    return list(PolicyNotice.objects.filter(policy=policy, kind="dividend").order_by("about", "pk"))


def paper(notice: PolicyNotice, cast, at: datetime | None = None) -> str:
    notice = PolicyNotice.objects.select_related("policy__branch", "policy__policyholder", "policy__insured").get(pk=notice.pk)
    return printed(print_notice(notice=notice, actor=cast.issue, now=at or timezone.now()))


def unsaid(text: str, *words: str) -> list[str]:
    """Those of the words that are not in the text."""
    return [one for one in words if squeezed(one) not in text]


def test_one_for_each_year_however_the_run_is_run(issue, cast, said):
    said("W31", "cash", "0.01", 2027, 2029)
    said("W31", "interest", "0.03", 2027, 2029)
    policy = sold(issue, cast)
    run_policy_day(on(1) - timedelta(days=1))
    assert told(policy) == []
    run_policy_day(on(1))
    run_policy_day(on(1))
    run_policy_day(on(3) + timedelta(days=3))
    found = told(policy)
    assert [n.about for n in found] == [on(1), on(2), on(3)]
    assert [n.due_on for n in found] == [get_calendar().add_workdays(day, 10) for day in (on(1), on(2), on(3))]
    run_policy_day(on(4))  # nothing is declared for that year: interest alone is not told
    said("W31", "interest", "0.03", 2030, 2030)
    run_policy_day(on(4) + timedelta(days=1))
    assert len(told(policy)) == 3 and PolicyEvent.objects.filter(policy=policy, key__startswith="interest:4").exists()


def test_what_accumulates_stands_with_its_interest(issue, cast, said):
    said("W31", "cash", "0.01", 2027, 2029)
    said("W31", "interest", "0.03", 2027, 2029)
    policy = sold(issue, cast)
    run_policy_day(on(2))
    with time_machine.travel(datetime(2028, 3, 4, 3, tzinfo=UTC), tick=False):
        text = paper(told(policy)[1], cast)
    value = value_on(Policy.objects.get(pk=policy.pk).main, "M", on(2))
    assert unsaid(
        text, "红利通知书", policy.number, "沈望秋", "样本市样本区分红路1号", "满2个保单年度", "累积生息", "基本保险金额300,000.00×1%", "3,000.00", "90.00",
        "3,090.00", "累积红利（含利息）", "6,090.00", f"{value:,.2f}", "不保证", "2028年3月3日", "变更红利领取方式",
    ) == []  # fmt: skip


@pytest.mark.parametrize(("option", "words"), [("cash", ("现金领取", "尚未领取的现金红利", "3,000.00")), ("offset", ("抵交保费", "3,000.00")), ("paid_up", ("交清增额", "累积红利保额", "红利保险金额的现金价值"))])
def test_it_says_how_the_dividend_was_taken(issue, cast, said, option, words):
    said("W31", "cash", "0.01", 2027, 2027)
    policy = sold(issue, cast, option=option)
    run_policy_day(on(1))
    text, cover = paper(told(policy)[0], cast), Policy.objects.get(pk=policy.pk).main
    assert unsaid(text, *words) == []
    if option == "paid_up":
        assert cover.bonus_sum > 0
        assert unsaid(text, f"{cover.bonus_sum:,.2f}", f"{300000 + cover.bonus_sum:,.2f}", f"{bonus_value_on(cover, 'M', on(1)):,.2f}") == []


def test_the_letter_is_of_its_day(issue, cast, said):
    """What was collected or came since is not in it."""
    said("W31", "cash", "0.01", 2027, 2028)
    policy = sold(issue, cast)
    run_policy_day(on(1))
    collect(policy=policy, case_number="PS-1", amount=D(1000), actor=cast.ps_reviewer, day=on(1) + timedelta(days=20), now=NOW)
    run_policy_day(on(2))
    first, second = (paper(n, cast) for n in told(policy))
    assert unsaid(first, "截至2027年3月3日", "累积红利（含利息）3,000.00") == []
    assert unsaid(second, "累积红利（含利息）5,000.00") == []


def test_a_rate_that_comes_late_is_told_when_it_is_credited(issue, cast, said):
    policy, late = sold(issue, cast), datetime(2028, 5, 6, 3, tzinfo=UTC)
    run_policy_day(date(2028, 5, 5))
    assert told(policy) == []
    said("W31", "cash", "0.01", 2027, 2028, at=late)
    run_policy_day(late.date())
    found = told(policy)
    assert [n.about for n in found] == [on(1), on(2)] and {n.due_on for n in found} == {get_calendar().add_workdays(late.date(), 10)}
    assert unsaid(paper(found[0], cast), "满1个保单年度", "截至2028年5月6日") == []


def test_what_comes_after_the_letter_is_told_by_another(issue, cast, said):
    """Printed and not sent, a new letter takes its place; sent, one more is asked for. The papers stay."""
    terms = version("A60")
    terms.definition["participating"]["options"] = ["accumulate"]
    terms.save()
    said("A60", "bonus", "0.02", 2027, 2028)
    life = person("沈望秋", sequence=901, born=date(1986, 5, 17))
    policy = annuity(issue, cast, life)
    run_policy_day(on(2))
    first, second = told(policy)
    paper(first, cast, datetime(2027, 3, 4, 3, tzinfo=UTC))
    send_notice(notice=first, how="hand", day=date(2027, 3, 4), today=date(2027, 3, 4), actor=cast.issue)
    paper(second, cast)
    late = datetime(2028, 5, 6, 3, tzinfo=UTC)
    said("A60", "cash", "0.01", 2027, 2028, at=late)
    run_policy_day(date(2028, 5, 20))
    found = told(policy)
    assert [(n.about, bool(n.sent_on)) for n in found] == [(on(1), True), (on(2), False), (late.date(), False)] and found[1].pk != second.pk
    assert Statement.objects.filter(policy=policy).count() == 2 and not found[1].letters.exists()
    assert policy.events.filter(key=f"late:dividend:{on(2)}").count() == 1
    base = policy.main.sum_assured / 100
    assert unsaid(paper(found[1], cast), "第2年度安岳颐年年金保险（分红型）红利", f"{base:,.2f}", "红利保险金额") == []
    assert unsaid(paper(found[2], cast), "第1年度安岳颐年年金保险（分红型）红利", f"合计{2 * base:,.2f}") == []


def annuity(issue, cast, life) -> Policy:
    ask = Ask(
        version=version("A60"), sex="M", age=life.age(BEGUN), cover_term=version("A60").terms["cover_terms"][0], pay_term="10Y", pay_mode="annual",
        premium=D(10000), annuity_start_age=60,
    )  # fmt: skip
    bought = offer(ask)
    cover = {
        "version": ask.version, "sum_assured": bought.sum_assured, "cover_term": ask.cover_term, "pay_term": "10Y", "premium": bought.standard,
        "choices": choices_of(ask),
    }  # fmt: skip
    policy = issue(coverages=[cover], insured=life, policyholder=life, applied_on=BEGUN, effective_on=BEGUN)
    policy = deliver_policy(policy=policy, signed_on=BEGUN)
    receive_premium(policy=policy, amount=bought.standard * 3, received_on=BEGUN, reference="B", actor=cast.clerk, now=NOW)
    return policy


@pytest.mark.shared_data
def test_bonus_sums_as_printed_by_the_insurer(issue, cast, said):
    """P123001, the man of the disclosed illustration: the letters of the first years tell his printed bonuses."""
    [published] = load("P123001")
    one = next(x for x in examples("P123001") if x["scenario"]["example"] == 2)
    scenario = one["scenario"]
    said("P123001", "bonus", BONUS[2], 2027, 2034)
    life = person("演示", sequence=971 if scenario["sex"] == "M" else 972, born=date(2026 - scenario["entry_age"], 1, 1))
    ask = ask_of(published, scenario, premium=D(scenario["annual_premium"]))
    bought = offer(ask)
    cover = {
        "version": published, "sum_assured": bought.sum_assured, "cover_term": ask.cover_term, "pay_term": ask.pay_term, "premium": bought.standard,
        "choices": choices_of(ask),
    }  # fmt: skip
    policy = issue(coverages=[cover], insured=life, policyholder=life, applied_on=BEGUN, effective_on=BEGUN)
    policy = deliver_policy(policy=policy, signed_on=BEGUN)
    receive_premium(policy=policy, amount=bought.standard * 4, received_on=BEGUN, reference="B", actor=cast.clerk, now=NOW)
    run_policy_day(on(4))
    found = told(policy)
    assert len(found) == 4
    for year, notice in enumerate(found, start=1):
        row, text = one["years"][year], paper(notice, cast)
        assert unsaid(text, *(f"{row[name]:,.2f}" for name in ("bonus_sum_year", "bonus_sum_cum", "effective_sum_insured")), "不是现金", "不保证") == []
        assert "红利领取方式" not in text


def test_it_is_listed_printed_and_sent_where_such_letters_are(issue, cast, said, as_user):
    said("W31", "cash", "0.01", 2027, 2027)
    policy = sold(issue, cast)
    run_policy_day(on(1))
    [notice] = told(policy)
    client, page = as_user(cast.issue), reverse("policies:detail", args=[policy.number])
    assert "红利通知" in client.get(reverse("documents:notices")).content.decode()
    assert "红利通知" in client.get(page).content.decode()
    assert client.post(reverse("documents:notices_print"), {"notice": [notice.pk]})["Content-Type"] == "application/pdf"
    assert Statement.objects.get(notice=notice).kind == "dividend_notice"
    assert notice.number in as_user(cast.cl_reviewer).get(page).content.decode()
    api = APIClient()
    api.force_authenticate(cast.cl_reviewer)
    [row] = api.get(f"/api/v1/policies/{policy.number}/notices/").json()["results"]
    assert (row["kind"], row["printed"], row["about"]) == ("dividend", True, on(1).isoformat())
    assert api.get(f"/api/v1/statements/{row['statements'][0]}/pdf/")["Content-Type"] == "application/pdf"
    assert api.get("/api/v1/policy-notices/").status_code == 403
    with pytest.raises(BookRefused, match="发放岗、机构主管"):
        print_notice(notice=PolicyNotice.objects.select_related("policy__branch").get(pk=notice.pk), actor=cast.clerk, now=timezone.now())
    api.force_authenticate(cast.other_issue)
    assert api.get(f"/api/v1/policies/{policy.number}/notices/").status_code == 404
