"""红利: entered by one, approved by another, credited on anniversaries to an account that bears interest; late ones as if on time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lifeops.org.models import Role
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import DividendRate, LedgerEntry, Policy, PolicyEvent, Product
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.services.as_of import whole_as_of
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.events import replay
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.trial import try_value
from lifeops.policies.services.values import value_on
from tests.policies.conftest import EFFECTIVE, NOW, person

pytestmark = pytest.mark.django_db
D = Decimal
#: The first of January 2026: before every anniversary here.
EARLY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(D("0.01"), ROUND_HALF_UP)


@pytest.fixture
def w30(issue):
    Product.objects.filter(code="W30").update(is_participating=True)
    return Product.objects.get(code="W30")


@pytest.fixture
def said(rates, w30):
    return partial(rates, "W30")


def sold(issue, cast, n: int = 0, years: int = 5) -> Policy:
    policy = deliver_policy(policy=issue("W30", insured=person(f"红{n}", sequence=701 + 2 * n)), signed_on=EFFECTIVE)
    if years:
        receive_premium(policy=policy, amount=policy.main.premium * years, received_on=EFFECTIVE, reference="B", actor=cast.clerk, now=NOW)
    return Policy.objects.get(pk=policy.pk)


def credited(policy: Policy) -> list[tuple[date, str]]:
    rows = PolicyEvent.objects.filter(policy=policy, kind="dividend").order_by("pk")
    assert all(e.source == "job" for e in rows)
    return [(e.on, e.note) for e in rows]


def account(policy: Policy, day: date | None = None) -> Decimal:
    return -balances(policy, day).get("dividend", D(0))


# ── two people ──


def test_nothing_is_credited_that_nobody_declared_or_approved(issue, cast, w30):
    policy = sold(issue, cast)
    declare(
        product=w30, kind="cash", base="basic", rate=D("0.01"), first_on=date(2027, 1, 1), last_on=date(2027, 12, 31), reason="决议",
        actor=cast.manager, now=EARLY,
    )  # fmt: skip
    run_policy_day(date(2028, 3, 3))
    assert credited(policy) == [] and account(policy) == 0


def test_who_entered_a_rate_does_not_approve_it(cast, approver, w30):
    given = {"product": w30, "kind": "cash", "base": "basic", "rate": D("0.01"), "first_on": date(2027, 1, 1), "last_on": date(2027, 12, 31), "reason": "决议"}
    for outsider in (cast.approver, cast.clerk, approver):
        if not any(p.role == Role.MANAGER and p.branch.is_hq for p in outsider.active_postings()):
            with pytest.raises(BookRefused, match="由总公司运营主管录入"):
                declare(**given, actor=outsider, now=EARLY)
    row = declare(**given, actor=cast.manager, now=EARLY)
    with pytest.raises(BookRefused, match="录入人与批准人须为两人"):
        decide(row=row, approve=True, remark="", actor=cast.manager, now=EARLY)
    with pytest.raises(BookRefused, match="由总公司运营主管或批准岗批准"):
        decide(row=row, approve=True, remark="", actor=cast.clerk, now=EARLY)
    with pytest.raises(IntegrityError, match="dividend_second_person"), transaction.atomic():
        DividendRate.objects.filter(pk=row.pk).update(decided_by=cast.manager)
    with pytest.raises(BookInvalid, match="驳回须写明意见"):
        decide(row=row, approve=False, remark=" ", actor=approver, now=EARLY)
    assert decide(row=row, approve=True, remark="", actor=approver, now=EARLY).state == "applied"
    with pytest.raises(BookRefused, match="已生效，不能再批准"):
        decide(row=row, approve=False, remark="晚了", actor=approver, now=EARLY)


def test_what_does_not_fit_is_said_at_its_field(cast, w30):
    given = {"product": w30, "kind": "cash", "base": "basic", "rate": D("0.01"), "first_on": date(2027, 1, 1), "last_on": date(2027, 12, 31), "reason": "决议"}
    declare(**given, actor=cast.manager, now=EARLY)
    for change, field in (
        ({"first_on": date(2027, 12, 31), "last_on": date(2028, 12, 31)}, "first_on"), ({"last_on": date(2026, 12, 31)}, "last_on"),
        ({"base": "", "first_on": date(2030, 1, 1), "last_on": date(2030, 12, 31)}, "base"), ({"product": Product.objects.get(code="T20")}, "product"),
        ({"reason": "\u200b\x01", "first_on": date(2030, 1, 1), "last_on": date(2030, 12, 31)}, "reason"),
    ):
        with pytest.raises(BookInvalid) as caught:
            declare(**(given | change), actor=cast.manager, now=EARLY)
        assert list(caught.value.errors) == [field]


# ── on time ──


def test_dividend_and_interest_by_hand(issue, cast, said):
    """300,000 × 1 % each anniversary; the account bears 3 % from the next: 3,000 → 90 + 3,000 → 182.70 + 3,000."""
    said("cash", "0.01", 2027, 2029)
    said("interest", "0.03", 2027, 2030)
    policy = sold(issue, cast)
    run_policy_day(date(2029, 3, 3))
    assert [on for on, _ in credited(policy)] == [date(2027, 3, 3), date(2028, 3, 3), date(2028, 3, 3), date(2029, 3, 3), date(2029, 3, 3)]
    assert account(policy, date(2027, 3, 3)) == 3000 and account(policy, date(2028, 3, 3)) == 6090
    assert account(policy) == D("9272.70") == balances(policy)["bonus"]
    assert "基本保险金额 300,000.00 × 1%" in credited(policy)[0][1] and "3,000.00 × 3%" in credited(policy)[1][1]
    assert statement(policy, EFFECTIVE, date(2029, 3, 3)).balances
    # interest goes on where no further dividend is declared
    run_policy_day(date(2030, 3, 3))
    assert account(policy) == cents(D("9272.70") * D("1.03"))
    run_policy_day(date(2030, 3, 3))
    assert account(policy) == cents(D("9272.70") * D("1.03"))


def test_the_value_of_the_anniversary_as_base(issue, cast, said):
    said("cash", "0.02", 2027, 2028, base="value")
    policy = sold(issue, cast)
    run_policy_day(date(2028, 3, 3))
    values = [value_on(policy.main, "M", anniversary(EFFECTIVE, n)) for n in (1, 2)]
    assert account(policy) == sum(cents(v * D("0.02")) for v in values)


def test_it_is_paid_with_the_surrender_and_asked_for_in_a_trial(issue, cast, said):
    said("cash", "0.01", 2027, 2027)
    policy, day = sold(issue, cast), date(2027, 6, 1)
    run_policy_day(day)
    found = Policy.objects.get(pk=policy.pk)
    due = surrender_value(found, day)
    assert next(line.value for line in due.lines if line.label == "加：累积红利") == 3000
    told = try_value(policy=found, kind="accumulation", day=day, today=day, years=2, rate_pct=D(3))
    assert told.amount == D("3182.70")
    assert try_value(policy=found, kind="surrender", day=day, today=day).amount == due.amount
    # of the day before the dividend nothing stood
    before = try_value(policy=found, kind="surrender", day=date(2027, 3, 2), today=day)
    assert not any("红利" in line.label for line in before.calculation.lines)


def test_a_suspended_contract_has_no_dividend_its_money_bears_interest(issue, cast, said):
    said("cash", "0.01", 2027, 2029)
    said("interest", "0.03", 2027, 2029)
    policy = sold(issue, cast, years=1)
    run_policy_day(date(2029, 3, 3))
    assert Policy.objects.get(pk=policy.pk).status == "lapsed"
    assert [note[:4] for _, note in credited(policy)] == ["第 1 ", "第 2 ", "第 2 ", "第 3 "]
    # the premium of 2028 was open and in grace, cover held: 3,000 + 90 + 3,000; a year later interest alone
    assert account(policy) == D("6090") + cents(D(6090) * D("0.03"))


def test_years_settled_elsewhere_are_not_made_up_for(issue, cast, said):
    """A policy loaded in bulk has no anniversaries in the book: what it earned before came with its balance."""
    said("cash", "0.01", 2027, 2029)
    policy = sold(issue, cast)
    Policy.objects.filter(pk=policy.pk).update(next_event_on=None)
    run_policy_day(date(2028, 3, 2))
    assert credited(policy) == []
    run_policy_day(date(2028, 3, 3))
    assert [on for on, _ in credited(policy)] == [date(2028, 3, 3)]


# ── late ──


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def test_a_rate_approved_later_is_credited_that_day_as_if_on_time(issue, cast, said):
    """The dividend of 2027, approved in June 2029, brings the interest of 2028 and 2029 with it: 3,000 + 90 + 92.70."""
    said("interest", "0.03", 2027, 2030)
    said("cash", "0.01", 2028, 2029)
    policy = sold(issue, cast)
    run_policy_day(date(2029, 3, 3))
    assert account(policy) == 3000 + 3090
    late = date(2029, 6, 1)
    said("cash", "0.01", 2027, 2027, at=at(late))
    run_policy_day(late - timedelta(days=1))
    assert account(policy) == 6090
    run_policy_day(late)
    on, note = credited(policy)[-1]
    assert (on, account(policy)) == (late, D("9272.70")) and note.endswith("补计利息 182.70 元")
    # from then on as if it had always been there
    run_policy_day(date(2030, 3, 3))
    assert account(policy) == cents(D("9272.70") * D("1.03"))
    assert statement(policy, EFFECTIVE, late).balances and not DividendRate.objects.filter(spread=False).exists()


@pytest.mark.parametrize("declared", [date(2027, 6, 10), date(2028, 4, 1)])
def test_every_day_equals_once_for_the_span(issue, cast, said, declared):
    """Two alike, one moved in pieces, one at once over anniversaries and the day of a late approval."""
    said("interest", "0.03", 2027, 2030)
    said("cash", "0.005", 2028, 2030)
    said("cash", "0.01", 2027, 2027, at=at(declared))
    one, other = (sold(issue, cast, n) for n in range(2))
    kept = Policy.objects.filter(pk=other.pk).values_list("next_event_on", flat=True)[0]
    Policy.objects.filter(pk=other.pk).update(hold_case="WAIT")
    end, day = date(2029, 3, 10), date(2027, 2, 20)
    while day <= end:
        run_policy_day(day)
        day += timedelta(days=1 if day.month in (3, 4, 6) else 7)
    run_policy_day(end)
    Policy.objects.filter(pk=other.pk).update(hold_case="", next_event_on=kept)
    run_policy_day(end)
    assert credited(one) == credited(other) and len(credited(one)) >= 4
    assert account(one) == account(other) and balances(one) == balances(other)
    rows = Policy.objects.filter(pk__in=(one.pk, other.pk))
    assert len(set(rows.values_list("status", "years_done", "next_event_on"))) == 1


def test_the_book_of_a_day_equals_its_replay(issue, cast, said):
    said("interest", "0.03", 2027, 2030)
    said("cash", "0.01", 2027, 2028, at=at(date(2027, 7, 1)))
    policy = sold(issue, cast)
    run_policy_day(date(2029, 3, 4))
    for day in (date(2027, 6, 30), date(2027, 7, 1), date(2028, 3, 2), date(2028, 3, 3), date(2029, 3, 4)):
        assert replay(policy, day).money == whole_as_of(policy, day)["money"], day


def test_the_run_reads_policies_by_what_is_due_and_nothing_for_other_products(issue, cast, said):
    """Other products ask nothing about dividends; an approval touches the policies of its product alone."""
    plain = deliver_policy(policy=issue("T20", insured=person("常", sequence=751)), signed_on=EFFECTIVE)
    run_policy_day(date(2027, 3, 2))
    with CaptureQueriesContext(connection) as asked:
        run_policy_day(date(2027, 3, 3))
    assert not any("policies_dividendrate" in q["sql"] and "product_id" in q["sql"] and " IN (" in q["sql"] for q in asked.captured_queries)
    policy = sold(issue, cast)
    run_policy_day(date(2027, 3, 4))
    wait = Policy.objects.get(pk=plain.pk).next_event_on
    said("cash", "0.01", 2027, 2027, at=at(date(2027, 3, 5)))
    run_policy_day(date(2027, 3, 5))
    assert account(policy) == 3000 and Policy.objects.get(pk=plain.pk).next_event_on == wait
    assert LedgerEntry.objects.filter(policy=policy, key__startswith="dividend:").count() == 1


# ── page and interface ──

TYPED = {"product": "w30", "kind": "cash", "base": "basic", "rate_pct": "1.25", "first_on": "2027-01-01", "last_on": "2027-12-31", "reason": "董事会决议"}


def test_the_page_takes_two_people(cast, approver, w30, as_user):
    page = as_user(cast.manager).get("/dividends/")
    assert page.status_code == 200 and "录入红利率" in page.content.decode() and "/dividends/" in page.content.decode()
    wrong = as_user(cast.manager).post("/dividends/", TYPED | {"rate_pct": "很多", "product": "NOPE"})
    words = wrong.content.decode()
    assert wrong.status_code == 400 and "年率应为数字" in words and "没有险种 NOPE" in words and "很多" in words
    for change, field in (({"first_on": "0001-01-01"}, "first_on"), ({"last_on": "9999-12-31"}, "last_on")):
        odd = as_user(cast.manager).post("/dividends/", TYPED | change)
        assert odd.status_code == 400 and list(odd.context["form"].errors) == [field] and "请核对" in odd.content.decode()
    assert as_user(approver).post("/dividends/", TYPED).status_code == 403
    assert as_user(cast.clerk).get("/dividends/").status_code == 403
    assert as_user(cast.manager).post("/dividends/", TYPED | {"product": "ｗ３０"}).status_code == 302
    row = DividendRate.objects.get()
    assert (row.rate, row.state) == (D("0.0125"), "open")
    assert f"/dividends/{row.pk}/approve/" not in as_user(cast.manager).get("/dividends/").content.decode()
    assert as_user(cast.manager).post(f"/dividends/{row.pk}/approve/").status_code == 403
    assert f"/dividends/{row.pk}/approve/" in as_user(approver).get("/dividends/").content.decode()
    kept = as_user(approver).post(f"/dividends/{row.pk}/refuse/", {"remark": ""})
    assert kept.status_code == 400 and "驳回须写明意见" in kept.content.decode() and row.product.name in kept.content.decode()
    assert as_user(approver).post(f"/dividends/{row.pk}/approve/").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("applied", approver)


def test_the_interface_likewise(cast, approver, w30, api):
    assert api(approver).post("/api/v1/dividends/", TYPED, format="json").status_code == 403
    assert list(api(cast.manager).post("/api/v1/dividends/", TYPED | {"base": ""}, format="json").json()["errors"]) == ["base"]
    odd = api(cast.manager).post("/api/v1/dividends/", TYPED | {"reason": ["决议"], "rate": 1}, format="json")
    assert (odd.status_code, odd.json()["errors"]) == (400, {"reason": ["公布依据应为单个值"], "rate": ["没有这项输入"]})
    made = api(cast.manager).post("/api/v1/dividends/", TYPED, format="json")
    assert made.status_code == 201 and (made.json()["rate_pct"], made.json()["state"]) == ("1.25", "open")
    url = f"/api/v1/dividends/{made.json()['id']}/decide/"
    assert "须为两人" in api(cast.manager).post(url, {"approve": True}, format="json").json()["detail"]
    assert list(api(approver).post(url, {"approve": False}, format="json").json()["errors"]) == ["remark"]
    assert api(approver).post(url, {"approve": True}, format="json").json()["state"] == "applied"
    assert api(approver).get("/api/v1/dividends/").json()["results"][0]["decided_by"] == approver.name
