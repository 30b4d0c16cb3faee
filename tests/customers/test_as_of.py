"""客户 on a day gone by: what was true that day, and what has changed since; on the page and over the interface."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.policies.models import Party, Policy, StatusChange
from lifeops.policies.services import particulars
from lifeops.policies.services.as_of import covers_on, paid_to_on, policy_as_of, standings, standings_now
from lifeops.policies.services.changing import reduce_cover
from lifeops.policies.services.holds import lift_hold, place_hold
from lifeops.policies.services.lending import lend, repay
from lifeops.policies.services.servicing import change_beneficiaries, change_contact, surrender
from tests.api.calls import client_of as api
from tests.factories import accept, make_party, make_policy

pytestmark = pytest.mark.django_db


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def at(day: date):
    return timezone.now() - (timezone.localdate() - day)


def page(client, party, day=None):
    return client.get(reverse("policies:customer", args=[party.pk]), {"as_of": day.isoformat()} if day else {})


def since(text: str) -> str:
    """The part of the page that says what has changed since."""
    return text.split('id="since"')[1].split("</section>")[0]


def before_it(text: str) -> str:
    head, rest = text.split('id="since"')
    return head + rest.split("</section>", 1)[1]


@pytest.fixture
def story(cast):
    """A customer of two hundred days: one policy reduced and lent upon, one surrendered; a new telephone, a new heir."""
    party = make_party(address="样本市样本区旧路 1 号", phone="19911112222")
    kept = make_policy(
        cast.county, cast.clerk, product="W30", insured=party, sum_assured=200000,
        beneficiaries=[{"name": "旧受益", "relation": "子女", "share_pct": "100"}],
    )
    gone = make_policy(cast.county, cast.clerk, product="W30", insured=party, sum_assured=100000)
    who = {"actor": cast.clerk, "now": timezone.now()}
    loan_day = ago(150)
    lend(policy=kept, case_number="PS-1", amount=Decimal("500.00"), day=loan_day, **who)
    repay(policy=Policy.objects.get(pk=kept.pk), amount=Decimal("600.00"), day=ago(100), reference="R1", **who)
    hold = place_hold(policy=kept, kind="court", holder="（2026）虚构执 1 号", reason="协助执行", day=ago(140), actor=cast.head)
    lift_hold(hold=hold, reason="解除冻结", day=ago(90), actor=cast.manager)
    cover = kept.coverages.get()
    reduce_cover(
        policy=Policy.objects.get(pk=kept.pk), case_number="PS-2", cover=cover, sum_assured=Decimal(150000), premium=cover.premium,
        extra=cover.extra, refund=Decimal("10.00"), day=ago(60), **who,
    )
    change_beneficiaries(
        policy=Policy.objects.get(pk=kept.pk), case_number="PS-3", beneficiaries=[{"name": "新受益", "relation": "配偶"}], day=ago(50), **who
    )
    surrender(policy=Policy.objects.get(pk=gone.pk), case_number="PS-4", day=ago(40), **who)
    change_contact(party=party, case_number="PS-5", phone="19933334444", address="样本市样本区新路 2 号", actor=cast.clerk, now=at(ago(30)))
    row = particulars.add_phone(party=party, number="0571-88880000", kind="home", actor=cast.clerk, now=at(ago(120)))
    particulars.end(row=row, actor=cast.clerk, now=at(ago(20)))
    particulars.set_occupation(party=party, name="驯兽师", occupation_class=6, actor=cast.clerk, now=timezone.now(), since=ago(10))
    return Party.objects.get(pk=party.pk), kept, gone


def test_the_page_tells_what_was_true_that_day(cast, as_user, story):
    party, *_ = story
    client = as_user(cast.clerk)
    then, now = page(client, party, ago(130)).content.decode(), page(client, party).content.decode()
    told = before_it(then)
    for words in ("旧受益 100%", "200,000.00", "300,000.00", "500.00", "1 张保单有借款", "1 张保单挂起", "当日的保单、价值"):
        assert words in told, words
    for words in ("新受益", "150,000.00", ">终止<", "高风险职业"):
        assert words not in told, words
    for words in ("新受益", "150,000.00", "终止", "高风险职业"):
        assert words in now, words
    for words in ("旧受益", "300,000.00", "张保单挂起", "张保单有借款", "此后的变化", "当日的保单"):
        assert words not in now, words


def test_how_the_customer_could_be_reached_that_day_masked(cast, as_user, story):
    party, *_ = story
    client = as_user(cast.clerk)
    then, now = page(client, party, ago(100)).content.decode(), page(client, party).content.decode()
    assert "199****2222" in then and "199****4444" not in before_it(then) and "057****0000" in before_it(then)
    assert "199****4444" in now and "199****2222" not in now and "057****0000" not in now
    for secret in (party.id_number, "19911112222", "19933334444", "旧路 1 号", "新路 2 号"):
        assert secret not in then + now
    assert "查看完整" in now and "查看完整" not in then and "登记…" not in then and "查重" not in then


def test_before_the_first_policy_what_came_since_is_told_too(cast, as_user, story):
    party, kept, gone = story
    first = min(kept.applied_on, gone.applied_on)
    told = since(page(as_user(cast.clerk), party, first - timedelta(days=1)).content.decode())
    assert "此后没有变化" not in told and kept.number in told and "承保" in told


def test_what_has_changed_since_is_told_in_order(cast, as_user, story):
    party, kept, gone = story
    told = since(page(as_user(cast.clerk), party, ago(80)).content.decode())
    found = [told.index(words) for words in ("减保至 150,000.00 元", "受益人变更", "退保", "联系方式变更", "电话终止：057****0000", "登记职业：驯兽师（6 类）")]
    assert found == sorted(found) and kept.number in told and gone.number in told
    assert "贷款" not in told  # repaid before
    late = since(page(as_user(cast.clerk), party, ago(15)).content.decode())
    assert "驯兽师" in late and "联系方式变更" not in late
    assert "此后没有变化" in since(page(as_user(cast.clerk), party, ago(5)).content.decode())


def test_values_and_sums_at_risk_are_those_of_the_day(cast, as_user, story):
    from lifeops.policies.services.overview import Valued, values_on

    party, kept, gone = story
    day = ago(130)
    policies = list(Policy.objects.filter(pk__in=[kept.pk, gone.pk]).prefetch_related("coverages__version__product", "loans"))
    stood = standings(policies, day)
    values = values_on([Valued(policy=p, covers=stood[p.pk].covers, paid_to=stood[p.pk].paid_to) for p in policies], day)
    text = page(as_user(cast.clerk), party, day).content.decode()
    for policy in policies:
        assert f"{values[policy.pk]:,.2f}" in text
    # a single premium of 200,000 and 100,000: value goes with the sum, so two to one
    assert abs(values[kept.pk] - 2 * values[gone.pk]) <= Decimal("0.02") and values[gone.pk] > 0
    assert text.count("300,000.00") >= 1 and "150,000.00" in page(as_user(cast.clerk), party).content.decode()


def test_a_minor_of_that_day_has_the_headroom_of_that_day(cast, as_user):
    born = date(timezone.localdate().year - 18, 1, 1)
    party, parent = make_party(birth_date=born), make_party()
    policy = make_policy(
        cast.county, cast.clerk, product="W30", insured=party, policyholder=parent, relation="child", sum_assured=100000,
        effective_on=date(timezone.localdate().year - 1, 6, 1),
    )
    # 500,000 less the sum of 100,000; the premium paid in does not count (保监发〔2015〕90号 2)
    left = 400000 + policy.main.premium
    client, then = as_user(cast.clerk), date(timezone.localdate().year - 1, 12, 31)
    assert "未成年人身故限额余额" not in page(client, party).content.decode()
    text = page(client, party, then).content.decode()
    assert "17 周岁" in text and "未成年人身故限额余额" in text and f"{left:,.2f}" in text


@pytest.mark.parametrize("asked", ["2999-01-01", "0001-01-01", "2026-02-30", "昨天", "\x00", "2026-1-1'--"])
def test_a_day_that_cannot_be_is_said_at_its_field(cast, as_user, asked):
    party = make_policy(cast.county, cast.clerk).insured
    answer = as_user(cast.clerk).get(reverse("policies:customer", args=[party.pk]), {"as_of": asked})
    assert answer.status_code == 400 and 'id="as-of-error"' in answer.content.decode() and "此后的变化" not in answer.content.decode()


def test_a_day_before_everything_shows_nothing_of_later(cast, as_user, story):
    party, kept, _ = story
    text = before_it(page(as_user(cast.clerk), party, ago(300)).content.decode())
    assert "没有保单" in text and kept.number not in text and "没有付款" in text


@pytest.mark.parametrize(("who", "status"), [("auditor", 200), ("other_clerk", 404), ("sysadmin", 403)])
def test_a_day_opens_no_more_than_today(cast, as_user, story, who, status):
    assert page(as_user(getattr(cast, who)), story[0], ago(80)).status_code == status


def test_changes_of_policies_out_of_reach_are_not_told(cast, as_user):
    far = make_policy(cast.other, cast.other_clerk, product="W30")
    near = make_policy(cast.county, cast.clerk, product="W30", insured=far.insured)
    surrender(policy=far, case_number="PS-9", day=ago(10), actor=cast.clerk, now=timezone.now())
    told = since(page(as_user(cast.clerk), near.insured, ago(20)).content.decode())
    assert far.number not in told and "退保" not in told
    assert far.number in since(page(as_user(cast.manager), near.insured, ago(20)).content.decode())


def test_standings_are_those_of_each_policy_by_itself(cast, story):
    party, *_ = story
    policies = list(Policy.objects.of_people([party.pk]).select_related("insured").prefetch_related("coverages__version__product", "loans"))
    for day in (ago(300), ago(200), ago(160), ago(120), ago(60), ago(59), ago(45), ago(40), ago(1), ago(0)):
        found = standings(policies, day)
        for policy in policies:
            stood, alone = found[policy.pk], policy_as_of(policy, day)
            assert stood.status == alone["status"]
            assert [(c.pk, c.sum_assured, c.active) for c in stood.covers] == [(c.pk, c.sum_assured, c.active) for c in alone["coverages"]]
            assert stood.beneficiaries == alone["beneficiaries"] and stood.paid_to == paid_to_on(policy, day)
            assert {x.pk for x in stood.loans} == {x.pk for x in policy.loans.all() if x.since <= day and not (x.repaid_on and x.repaid_on <= day)}
    today, now = standings(policies, ago(0)), standings_now(policies, ago(0))
    for policy in policies:
        assert (today[policy.pk].status, today[policy.pk].loans) == (now[policy.pk].status, now[policy.pk].loans)
        assert covers_on(policy, ago(0), ended=True)[0].sum_assured == now[policy.pk].covers[0].sum_assured


def test_a_day_costs_as_many_queries_for_ten_policies_as_for_two(cast, as_user):
    party = make_party()
    client = as_user(cast.clerk)

    def cost(many: int) -> int:
        for _ in range(many):
            make_policy(cast.county, cast.clerk, product="W30", insured=party)
        page(client, party, ago(10))
        with CaptureQueriesContext(connection) as seen:
            page(client, party, ago(10))
        return len(seen)

    few = cost(2)
    assert cost(8) == few <= 55


def test_the_policy_page_tells_what_has_changed_since(cast, as_user, story):
    _, kept, _ = story
    url = reverse("policies:detail", args=[kept.number])
    told = since(as_user(cast.clerk).get(url, {"as_of": ago(80).isoformat()}).content.decode())
    assert told.index("减保至 150,000.00 元") < told.index("受益人变更") and "PS-2" in told and "贷款" not in told
    assert 'id="since"' not in as_user(cast.clerk).get(url).content.decode()


def test_where_the_customer_is_a_beneficiary(cast, as_user):
    child = make_party(birth_date=date(1999, 5, 1))
    policy = make_policy(
        cast.county, cast.clerk, product="W30",
        beneficiaries=[{"name": child.name, "relation": "子女", "share_pct": "100", "id_number": child.id_number.lower()}],
    )
    far = make_policy(
        cast.other, cast.other_clerk, product="W30", beneficiaries=[{"name": "曾用名", "relation": "子女", "id_number": "E12345678", "id_type": "passport"}]
    )
    own = make_policy(cast.county, cast.clerk, insured=child)
    client = as_user(cast.clerk)
    told = page(client, child).content.decode().split('id="heir-of"')[1].split("</section>")[0]
    assert f'href="{reverse("policies:detail", args=[policy.number])}"' in told and far.number not in told
    particulars.add_document(party=child, id_type="passport", number="E12345678", actor=cast.clerk, now=timezone.now())
    told = page(client, child).content.decode().split('id="heir-of"')[1].split("</section>")[0]
    assert far.number in told and f'href="{reverse("policies:detail", args=[far.number])}"' not in told
    change_beneficiaries(policy=policy, case_number="PS-1", beneficiaries=[], day=ago(0), actor=cast.clerk, now=timezone.now())
    told = page(client, child).content.decode().split('id="heir-of"')[1].split("</section>")[0]
    assert policy.number not in told
    assert policy.number in page(client, child, ago(1)).content.decode().split('id="heir-of"')[1].split("</section>")[0]
    assert 'id="heir-of"' not in page(client, policy.insured).content.decode()
    assert own.number in page(client, child).content.decode()


def test_the_interface_tells_the_day(cast, story):
    party, kept, gone = story
    url = reverse("api:customer", args=[party.pk])
    then, now = api(cast.clerk).get(url, {"as_of": ago(80).isoformat()}).json(), api(cast.clerk).get(url).json()
    rows = [{row["number"]: row for row in told["policies"]} for told in (then, now)]
    assert (then["as_of"], now["as_of"]) == (ago(80).isoformat(), ago(0).isoformat())
    assert [r[kept.number]["sum_assured"] for r in rows] == ["200000.00", "150000.00"]
    assert [r[gone.number]["status"] for r in rows] == ["in_force", "terminated"]
    assert [r[kept.number]["beneficiaries"] for r in rows] == ["旧受益 100%", "新受益"]
    assert {s["kind"]: s["amount"] for s in then["sums_at_risk"]}["寿险"] == "300000.00"
    assert now["changed_since"] == [] and [c["about"] for c in then["changed_since"]].count(kept.number) >= 2
    assert then["changed_since"] == sorted(then["changed_since"], key=lambda c: c["on"])
    for wrong in ("2999-01-01", "昨天", "1800-01-01"):
        answer = api(cast.clerk).get(url, {"as_of": wrong})
        assert answer.status_code == 400 and list(answer.json()["errors"]) == ["as_of"]
    assert api(cast.other_clerk).get(url, {"as_of": ago(80).isoformat()}).status_code == 404


def test_the_interface_tells_what_has_changed_of_a_policy(cast, story):
    _, kept, _ = story
    url = reverse("api:policy", args=[kept.number])
    told = api(cast.clerk).get(url, {"as_of": ago(55).isoformat()}).json()["changed_since"]
    assert [(row["kind"], row["on"], row["source"], row["case_number"]) for row in told] == [("beneficiaries", ago(50).isoformat(), "case", "PS-3")]
    assert api(cast.clerk).get(url).json()["changed_since"] == []


def test_cases_after_the_day_are_changes_and_no_cases_of_the_day(cast, as_user, story):
    party, kept, _ = story
    case = accept(cast, item="PS14", policy=Policy.objects.get(pk=kept.pk))
    text = page(as_user(cast.clerk), party, ago(80)).content.decode()
    assert case.number in since(text) and case.number not in before_it(text)
    assert StatusChange.objects.filter(policy=kept).exists()


def test_a_day_is_asked_for_however_it_is_written(cast, as_user):
    policy, client = make_policy(cast.county, cast.clerk), as_user(cast.clerk)
    Policy.objects.filter(pk=policy.pk).update(applied_on=ago(9))
    for address in (reverse("policies:customer", args=[policy.insured.pk]), reverse("policies:detail", args=[policy.number])):
        wide = f"{ago(3):%Y-%m-%d}".translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789-"})
        for typed in (wide, f"{ago(3):%Y年%m月%d日}", f"{ago(3):%Y/%m/%d}"):
            answer = client.get(address, {"as_of": typed})
            assert answer.status_code == 200 and f'value="{ago(3)}"' in answer.content.decode()
        assert client.get(address, {"as_of": "上月"}).status_code == 400
