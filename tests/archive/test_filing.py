"""归档: the three-way check, what stops it, the time of keeping, labels, and where an original is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive.models import Volume
from archive.rules import retention
from archive.services import retention_of
from lifeops.cases.models import broken_links
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.policies.rules.dates import add_years
from tests.archive.ways import approved, filed, guard, listed, paid, released
from tests.documents.letter_reading import printed
from tests.factories import accept, again, make_policy
from tests.ui.test_pages import english


def post(client, case, **fields):
    rows = list(case.checklist.exclude(received="none").values_list("pk", flat=True))
    data = {"box": "B01", "shelf": "A3", "reason": "影像另存", "filed": rows} | fields
    return client.post(reverse("archive:filing_case", args=[case.number]), guard(case) | data)


def test_the_list_says_what_stands_in_the_way(cast, as_user):
    case = released(cast, how="mail")
    client = as_user(cast.archive)
    page = client.get(reverse("archive:filing")).content.decode()
    assert case.number in page and "付款待放行；邮件未签收" in page
    assert english(page) == []


def test_the_list_says_which_cases_ask_for_a_reason(cast, as_user):
    case = released(cast)
    paid(cast, case)
    client = as_user(cast.archive)
    assert "可归档，须写原因" in client.get(reverse("archive:filing")).content.decode()  # papers came that were never scanned
    case.checklist.exclude(received="none").update(pages=0)
    case.checklist.filter(received="none").update(required=False)
    page = client.get(reverse("archive:filing")).content.decode()
    assert "可归档" in page and "须写原因" not in page
    row = case.checklist.first()
    row.received, row.required = "none", True
    row.save()
    assert "可归档，须写原因" in client.get(reverse("archive:filing")).content.decode()  # a paper that is due never came



def test_money_stops_filing_whatever_the_reason(cast, as_user):
    case = released(cast)
    answer = post(as_user(cast.archive), case)
    assert answer.status_code == 400 and "款项未结清" in answer.content.decode()
    assert again(case).state == State.RELEASED


def test_gaps_are_told_in_words_and_need_a_reason(cast, as_user):
    case = released(cast)
    paid(cast, case)
    client = as_user(cast.archive)
    page = client.get(reverse("archive:filing_case", args=[case.number])).content.decode()
    assert "医疗费用发票应扫 1 页、实扫 0 页" in page
    one = case.checklist.get(doc_type="INVOICE")
    answer = post(client, case, reason="", filed=[one.pk])
    text = answer.content.decode()
    assert answer.status_code == 400 and "出院小结未入卷" in text and "医疗费用发票未入卷" not in text
    assert post(client, case, filed=[one.pk]).status_code == 302
    assert list(again(case).checklist.filter(filed=True)) == [one]
    volume = Volume.objects.get(case=case)
    assert (volume.place, volume.gap_reason) == ("甲支公司 · A3 架 · B01 盒", "影像另存")
    assert broken_links(again(case)) == []


@pytest.mark.parametrize(("field", "value"), [("box", ""), ("box", "甲盒"), ("shelf", "A/3"), ("box", "-B1")])
def test_a_place_that_no_label_can_carry_is_refused_at_its_field(cast, as_user, field, value):
    case = released(cast)
    paid(cast, case)
    answer = post(as_user(cast.archive), case, **{field: value})
    assert answer.status_code == 400 and ("只能使用字母" in answer.content.decode() or "请填写盒号" in answer.content.decode())
    assert not Volume.objects.exists()


def test_what_has_been_given_back_is_no_gap(cast, as_user):
    case = released(cast)
    paid(cast, case)
    row = case.checklist.get(doc_type="INVOICE")
    as_user(cast.archive).post(
        reverse("archive:give_back", args=[case.number]),
        {"rows": [row.pk], "to": "客户", "on": timezone.localdate().isoformat(), "from": "filing"},
    )
    text = post(as_user(cast.archive), case, reason="", filed=[]).content.decode()
    assert "医疗费用发票未入卷" not in text and "出院小结未入卷" in text


def test_a_withdrawn_case_is_filed_too(cast, as_user):
    case = accept(cast)
    perform(case, "withdraw", actor=cast.clerk, reason="客户撤回")
    assert listed(as_user(cast.archive), reverse("archive:filing"), case)
    assert post(as_user(cast.archive), case).status_code == 302
    assert again(case).state == State.ARCHIVED


@pytest.mark.parametrize(("who", "status"), [("other_archive", 404), ("issue", 403), ("head", 403), ("auditor", 403)])
def test_filing_is_the_units_archivists(cast, as_user, who, status):
    case = released(cast)
    paid(cast, case)
    assert post(as_user(getattr(cast, who)), case).status_code == status
    assert again(case).state == State.RELEASED


@pytest.mark.parametrize(("who", "status"), [("head", 200), ("auditor", 200), ("other_archive", 404), ("clerk", 403)])
def test_who_reads_the_filing_page(cast, as_user, who, status):
    case = released(cast)
    assert as_user(getattr(cast, who)).get(reverse("archive:filing_case", args=[case.number])).status_code == status


def test_an_undecided_case_has_no_filing_page(cast, as_user):
    for case in (accept(cast), approved(cast)):
        assert as_user(cast.archive).get(reverse("archive:filing_case", args=[case.number])).status_code == 404


@pytest.mark.parametrize(
    ("contract", "end", "long", "until"),
    [
        (False, None, False, date(2036, 11, 25)),  # 10 years after the business
        (True, date(2027, 1, 31), False, date(2037, 1, 31)),  # short contract: 反洗钱 10 years outlast 5
        (True, date(2040, 5, 1), True, date(2050, 5, 1)),
        (True, date(2020, 1, 1), True, date(2036, 11, 25)),  # ended before the business closed
        (True, None, True, None),  # 终身, in force: counts from an end not known yet
    ],
)
def test_the_longest_period_decides_how_long_a_volume_is_kept(contract, end, long, until):
    found = retention(closed_on=date(2026, 11, 25), contract=contract, contract_end=end, over_one_year=long)
    assert found.until == until


@pytest.mark.parametrize(
    ("closed", "contract", "end", "until"),
    [
        (date(2028, 2, 29), False, None, date(2038, 2, 28)),  # no such day in 2038: the last of the month (民法典 202)
        (date(2028, 2, 29), True, date(2020, 1, 1), date(2038, 2, 28)),
        (date(2026, 11, 25), True, date(2028, 2, 29), date(2038, 2, 28)),
        (date(2026, 11, 25), True, date(2038, 2, 28), date(2048, 2, 28)),  # and not the 29th: the day that corresponds
    ],
)
def test_a_period_that_starts_on_the_leap_day_ends_with_february(closed, contract, end, until):
    assert retention(closed_on=closed, contract=contract, contract_end=end, over_one_year=True).until == until


def test_a_claim_lives_from_counter_to_shelf_on_the_leap_day(cast):
    """Everything on 29 February 2028, the last day of its one-year contract."""
    with time_machine.travel(datetime(2028, 2, 29, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai")), tick=True):
        day = timezone.localdate()
        policy = make_policy(cast.county, cast.clerk, effective_on=date(2027, 3, 1))
        assert policy.main.expires_on == day == date(2028, 2, 29)
        case = filed(cast, released(cast, case=approved(cast, policy=policy)))
        assert case.volume.keep_until == date(2038, 2, 28)
        assert {timezone.localdate(segment.since) for segment in case.custody.all()} == {day}
        clocks = list(case.clocks.select_related("rule"))
        assert clocks and all(timezone.localdate(clock.started_at) == day and clock.due_at > clock.started_at for clock in clocks)
        # 24:00 of a working day after it; the year's calendar is not published yet, so Monday to Friday
        last = [timezone.localdate(clock.due_at - timedelta(microseconds=1)) for clock in clocks if clock.rule.unit == "WD"]
        assert last and all(date(2028, 3, 1) <= due and due.weekday() < 5 for due in last)
        assert broken_links(case) == []


def test_a_volume_is_kept_ten_years_beyond_its_contract(cast):
    policy = make_policy(cast.county, cast.clerk)
    case = filed(cast, released(cast, case=approved(cast, policy=policy)))
    assert case.volume.keep_until == add_years(policy.main.expires_on, 10)
    whole = accept(cast, policy=make_policy(cast.county, cast.clerk, product="W30"))
    assert retention_of(whole, timezone.localdate()).until is None


def test_label_and_cover_name_box_volumes_and_papers(cast, as_user):
    first, second = filed(cast), filed(cast)
    client = as_user(cast.archive)
    label = client.get(reverse("archive:label", args=[second.number]))
    text = printed(label.content)
    assert label["Content-Type"] == "application/pdf" and "2卷" in text
    assert first.volume.number in text and second.volume.number in text
    text = printed(client.get(reverse("archive:cover", args=[second.number])).content)
    assert "出院小结" in text and "影像另存" in text
    until = second.volume.keep_until
    assert f"至{until.year}年{until.month}月{until.day}日" in text and f"{until}" not in text
    assert "责任者" not in text  # nobody has written one: no empty column
    assert as_user(cast.other_archive).get(reverse("archive:label", args=[first.number])).status_code == 404
    assert as_user(cast.clerk).get(reverse("archive:label", args=[first.number])).status_code == 403


def test_where_an_original_is_in_one_line_by_number_and_by_box(cast, as_user):
    case = filed(cast)
    open_one = released(cast)
    client = as_user(cast.archive)
    ask = reverse("archive:filing")
    for text in (case.number, case.number.lower(), f"{case.number}-V", "b01"):
        page = client.get(ask, {"q": text}).content.decode()
        assert "甲支公司 · A3 架 · B01 盒" in page, text
    assert "未归档（已发放）" in client.get(ask, {"q": open_one.number}).content.decode()
    assert "没有找到" in as_user(cast.other_archive).get(ask, {"q": case.number}).content.decode()
    assert "没有找到" in as_user(cast.archive).get(ask, {"q": "x"}).content.decode()


@pytest.mark.parametrize("query", ["", "?tab=done", "?q=B01"])
def test_lists_cost_the_same_for_one_row_and_for_three(cast, as_user, query):
    client = as_user(cast.archive)
    released(cast)
    filed(cast)
    client.get(reverse("archive:filing") + query)
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("archive:filing") + query)
    for _ in range(2):
        released(cast)
        filed(cast)
    with CaptureQueriesContext(connection) as three:
        client.get(reverse("archive:filing") + query)
    assert len(three) <= len(one) <= 18


def test_volumes_are_paged_by_key(cast, as_user, monkeypatch):
    monkeypatch.setattr("lifeops.org.paging.PAGE", 2)
    cases = [filed(cast) for _ in range(3)]
    client = as_user(cast.archive)
    first = client.get(reverse("archive:filing") + "?tab=done")
    assert [v.case_id for v in first.context["volumes"]] == [cases[2].pk, cases[1].pk]
    second = client.get(reverse("archive:filing") + f"?tab=done&before={first.context['next']}")
    assert [v.case_id for v in second.context["volumes"]] == [cases[0].pk] and second.context["next"] == ""
