"""What people see: menus by post, pages in Chinese, refusals with reasons beside what was typed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django import forms
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.fields import day_text
from lifeops.cases.models import Case
from lifeops.cases.perform import differences, perform
from lifeops.cases.queues import take_next
from lifeops.cases.requests import issue_request
from lifeops.org.models import Role, User
from lifeops.ui.context import shell
from lifeops.ui.templatetags.lifeops_ui import last_moment, money, remaining, unbroken
from tests.cast import PASSWORD, PEOPLE
from tests.factories import accept, again, handed_over

#: Letters that are no English words: keys, codes of items and rules, names of the cast.
ALLOWED = re.compile(r"\b(Ctrl|Esc|ESC|[A-Z]|[A-Z]{1,2}\d+|CL|UW|PS|Q\d+|P?\d+[\w-]*)\b|[\u4e00-\u9fff][a-z_]+\d?")


class Words(HTMLParser):
    """Text a person reads, with the titles and placeholders."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style"):
            self.inside.append(tag)
        self.text += [value for name, value in attrs if value and name in ("title", "placeholder", "aria-label", "alt")]

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.text.append(data)


def english(html: str) -> list[str]:
    reader = Words()
    reader.feed(html)
    return re.findall(r"[A-Za-z]{2,}", ALLOWED.sub(" ", " ".join(reader.text)))


@pytest.mark.parametrize("who", sorted(set(PEOPLE) - {"secadmin2", "underwriter2", "ps_reviewer2", "cl_reviewer2"}))
def test_every_post_has_a_home_page_in_chinese(cast, as_user, who):
    page = as_user(getattr(cast, who)).get("/")
    assert page.status_code == 200
    assert english(page.content.decode()) == []


def test_menu_shows_only_what_the_posts_allow(cast):
    def labels(user: User) -> set[str]:
        request = RequestFactory().get("/")
        request.user = user
        return {entry["label"] for entry in shell(request)["shell"]["menu"]}

    assert "理赔" in labels(cast.cl_reviewer) and not {"核保", "批准", "运营管理"} & labels(cast.cl_reviewer)
    assert "批准" in labels(cast.approver) and "理赔" not in labels(cast.approver)
    assert "案件查询" not in labels(cast.sysadmin)


def test_the_frame_asks_nothing_of_the_database_for_strangers(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        page = client.get(reverse("login"))
    assert "请用工作账号登录" in page.content.decode()


def test_pages_of_a_case_are_in_chinese_for_reviewer_clerk_and_auditor(cast, as_user):
    case = handed_over(cast)
    taken = take_next(cast.cl_reviewer, "claims")
    assert taken.pk == case.pk
    tabs = ("summary", "record", "history", "rules", "requests", "timeline")
    for user in (cast.cl_reviewer, cast.clerk, cast.auditor):
        client = as_user(user)
        for url in [case.get_absolute_url(), *[reverse("cases:tab", args=[case.number, tab]) for tab in tabs]]:
            page = client.get(url)
            assert page.status_code == 200, url
            assert english(page.content.decode()) == [], url
    panel = as_user(cast.cl_reviewer).get(case.get_absolute_url()).content.decode()
    assert "审核结论" in panel and 'name="version"' in panel and 'name="key"' in panel
    assert "审核结论" not in as_user(cast.clerk).get(case.get_absolute_url()).content.decode()


def test_lists_and_shared_pages_are_in_chinese(cast, as_user):
    handed_over(cast)
    case = take_next(cast.cl_reviewer, "claims")
    perform(case, "issue_request", actor=cast.cl_reviewer, kind="query", addressee="customer", cause="病历", contents=[],
            extra="请补充入院记录", blocking=True, due_days=10)
    request = case.requests.get()
    client = as_user(cast.cl_reviewer)
    urls = [
        reverse("cases:queue", args=["claims"]), reverse("cases:queue", args=["claims"]) + "?tab=pool", reverse("cases:list"),
        reverse("cases:list") + "?state=waiting&overdue=1", reverse("cases:search"),
        reverse("cases:requests"), request.get_absolute_url(), reverse("notices:inbox"), reverse("notices:inbox") + "?unread=1",
        reverse("cases:clock", args=[case.number, case.clocks.first().pk]), reverse("cases:verify", args=[case.number]),
        reverse("cases:request_step", args=[request.number, "extend"]), reverse("ui:gallery"),
    ]  # fmt: skip
    for url in urls:
        page = client.get(url)
        assert page.status_code == 200, url
        assert english(page.content.decode()) == [], url


def test_a_refused_step_is_shown_with_reason_and_who_can(cast, as_user):
    case = handed_over(cast)
    page = as_user(cast.clerk).get(case.get_absolute_url()).content.decode()
    assert "改派" in page and "可办理：" in page and "运营主管" in page


def test_wrong_inputs_come_back_at_their_fields_and_as_a_fragment(cast, as_user):
    handed_over(cast)
    case = take_next(cast.cl_reviewer, "claims")
    url = reverse("cases:step", args=[case.number, "suspend"])
    answer = as_user(cast.cl_reviewer).post(
        url, {"version": case.version, "key": "k1", "reason": "等待材料"}, headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "请选择恢复办理的日期" in text and "等待材料" in text and "<html" not in text


def test_conflict_shows_changes_and_keeps_what_was_typed(cast, as_user):
    handed_over(cast)
    case = take_next(cast.cl_reviewer, "claims")
    answer = as_user(cast.cl_reviewer).post(
        reverse("cases:step", args=[case.number, "hand_back"]), {"version": case.version - 1, "key": "k1", "reason": "转他人"}
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "领取" in text and "转他人" in text and english(text) == []
    first = [row["changes"] for row in differences(case, 0, cast.cl_reviewer) if row.get("changes")]
    assert first and "：→" not in first[0].replace(" ", "")  # what is entered for the first time comes from nothing


def test_refusal_to_htmx_is_a_fragment_with_reasons(cast, as_user):
    case = handed_over(cast)
    answer = as_user(cast.clerk).post(
        reverse("cases:step", args=[case.number, "take"]), {"version": case.version, "key": "k1"}, headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "不能办理" in text and "理赔审核岗" in text and "<html" not in text


@pytest.mark.parametrize("path", ["/nowhere/", "/cases/86010101-CL-2026-999999-0/"])
def test_a_missing_page_says_what_to_do(cast, as_user, path):
    page = as_user(cast.clerk).get(path)
    assert page.status_code == 404
    assert "没有找到" in page.content.decode() and english(page.content.decode()) == []


def test_a_form_with_an_old_token_is_refused_in_words(cast):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("login"), {"username": "clerk", "password": PASSWORD})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_gallery_is_not_served_in_production(cast, as_user, settings):
    assert as_user(cast.manager).get(reverse("ui:gallery")).status_code == 200
    settings.PRODUCTION = True
    assert as_user(cast.manager).get(reverse("ui:gallery")).status_code == 404


def test_gallery_shows_every_part(cast, as_user):
    from pathlib import Path

    from django.conf import settings

    folder = Path(settings.BASE_DIR) / "templates"
    drawn = {t.name for t in as_user(cast.manager).get(reverse("ui:gallery")).templates}
    assert {f"parts/{p.name}" for p in (folder / "parts").glob("*.html")} - drawn == set()


def test_gallery_is_open_to_any_post_and_to_nobody_without_one(cast, as_user):
    newcomer = User(username="new", staff_no="new", name="新员工", branch=cast.county)
    newcomer.save()
    assert as_user(newcomer).get(reverse("ui:gallery")).status_code == 403
    assert as_user(cast.secadmin).get(reverse("ui:gallery")).status_code == 200


def test_money_and_time_left_as_people_write_them():
    now = datetime(2026, 11, 25, 10, 30, tzinfo=timezone.get_current_timezone())
    assert money(Decimal("1234.5")) == "1,234.50"
    assert remaining(now + timedelta(days=2, hours=3), now) == "剩 2 天 3 小时"
    assert remaining(now - timedelta(days=1), now) == "超 1 天"
    assert remaining(now + timedelta(hours=5, minutes=20), now) == "剩 5 小时"
    assert remaining(None, now) == "—"
    assert last_moment(now.replace(hour=0, minute=0)) == "2026-11-24 24:00" and last_moment(None) == "—"


def test_a_day_or_an_amount_is_not_torn_apart_at_the_end_of_a_line():
    assert unbroken("2026-11-14 至 2026-11-20") == '<span class="nowrap">2026-11-14</span> 至 <span class="nowrap">2026-11-20</span>'
    assert unbroken("须 50,000.00 元以上") == '须 <span class="nowrap">50,000.00 元以上</span>'
    assert unbroken("肺炎<b>") == "肺炎&lt;b&gt;"


def test_every_entry_of_the_menu_is_for_some_post():
    from lifeops.ui.context import MENU

    assert all(set(entry.roles) <= set(Role) and entry.roles for entry in MENU)


def test_what_was_searched_for_stands_in_no_address(cast, as_user):
    case = handed_over(cast)
    client = as_user(cast.cl_reviewer)
    found = client.post(reverse("cases:search"), {"q": case.subject_name})
    assert found.status_code == 200 and case.number in found.content.decode()
    assert client.post(reverse("cases:search"), {"q": case.number}).url == case.get_absolute_url()
    assert case.number not in client.get(reverse("cases:search"), {"q": case.subject_name}).content.decode()
    assert 'action="/search/" method="post"' in client.get(reverse("home")).content.decode()
    assert "没有找到" in client.post(reverse("cases:search"), {"q": "查无此人"}).content.decode()


def test_a_control_character_is_refused_in_words_wherever_it_comes(cast, as_user):
    client = as_user(cast.cl_reviewer)
    for answer in (
        client.get("/cases/", {"q": "8\0"}), client.get("/cases/%00/"), client.get("/requests/%00/"),
        client.post(reverse("cases:search"), {"q": "张\0"}),
    ):  # fmt: skip
        assert answer.status_code == 400 and "控制字符" in answer.content.decode()


def test_the_home_page_begins_with_the_work_of_the_own_post(cast, as_user):
    case = handed_over(cast)
    watcher = as_user(cast.manager).get(reverse("home"))
    assert [(row["label"], row["count"]) for row in watcher.context["oversight"]][:2] == [("作业前", 0), ("作业中", 1)]
    assert case.number not in as_user(cast.archive).get(reverse("home")).content.decode()
    tiles = as_user(cast.issue).get(reverse("home")).context["branch_work"]
    assert [row["label"] for row in tiles if row["own"]] == [row["label"] for row in tiles][:2] == ["待发放", "应发通知"]
    assert as_user(cast.entry).get(reverse("home")).context["branch_work"][0]["label"] == "待录入"
    letters = as_user(cast.head).get(reverse("home")).context["branch_work"]
    assert letters[-1]["label"] == "问题件" and letters[-1]["own"]
    letter, order = issued(cast, "query"), issued(cast, "investigation")
    head = as_user(cast.head)
    tile = next(row for row in head.get(reverse("home")).context["branch_work"] if row["label"] == "问题件")
    listed = head.get(tile["url"]).context["requests"]
    assert tile["count"] == len(listed) == 2 and {letter.number, order.number} == {row.number for row in listed}


def issued(cast, kind):
    """A letter to the customer, or an order to investigate, on a case of its own."""
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    to = "customer" if kind == "query" else "branch"
    return issue_request(case=again(case), actor=cast.cl_reviewer, kind=kind, addressee=to, cause="核实", extra="请补充", due_days=10)


def test_the_desk_of_letters_and_that_of_investigations_begin_with_their_own_list(cast, as_user, django_assert_max_num_queries):
    letter, order = issued(cast, "query"), issued(cast, "investigation")
    for who, own, other in (("query", letter, order), ("investigator", order, letter)):
        client = as_user(getattr(cast, who))
        with django_assert_max_num_queries(40):
            page = client.get(reverse("home"))
        text, tabs = page.content.decode(), page.context["letters"]["tabs"]
        assert own.number in text and other.number not in text and "剩" in text
        assert {row["code"]: row["count"] for row in tabs}["print"] == 1
        listed = client.get(tabs[0]["url"])
        assert list(listed.context["requests"]) == [own] == list(client.get(reverse("cases:requests")).context["requests"])
        assert set(client.get(reverse("cases:requests"), {"kind": ""}).context["requests"]) == {own, other}
        # what the page offers opens
        assert page.context["branch_work"] == [] and "您的岗位没有待办清单" not in text
    assert as_user(cast.other_query).get(reverse("home")).context["letters"]["rows"] == []
    assert as_user(cast.clerk).get(reverse("home")).context["letters"] is None


@pytest.mark.parametrize("who", ["clerk", "entry", "scan", "issue", "archive", "head"])
def test_every_number_on_a_home_page_opens(cast, as_user, who):
    client = as_user(getattr(cast, who))
    page = client.get(reverse("home"))
    assert {client.get(row["url"]).status_code for row in page.context["branch_work"]} == {200}


def test_the_most_urgent_cases_of_ones_own_units_stand_on_the_home_page(cast, as_user):
    case = accept(cast)
    assert case.number in as_user(cast.clerk).get(reverse("home")).content.decode()
    assert case.number not in as_user(cast.other_clerk).get(reverse("home")).content.decode()


def test_the_list_with_something_in_it_is_shown_first(cast, as_user):
    handed_over(cast)
    client, url = as_user(cast.cl_reviewer), reverse("cases:queue", args=["claims"])
    assert client.get(url).context["tab"] == "pool"
    take_next(cast.cl_reviewer, "claims")
    assert client.get(url).context["tab"] == "mine"
    assert client.get(f"{url}?tab=pool").context["tab"] == "pool"


def test_a_refusal_leads_back_to_where_one_came_from(cast, as_user):
    case = handed_over(cast)
    step = reverse("cases:step", args=[case.number, "conclude"])
    client = as_user(cast.cl_reviewer)
    page = client.post(step, {"version": case.version, "outcome": "PAY"}, HTTP_REFERER=f"http://testserver{case.get_absolute_url()}")
    assert page.status_code == 403 and f'href="{case.get_absolute_url()}">返回刚才的页面' in page.content.decode()
    stranger = client.post(step, {"version": case.version, "outcome": "PAY"}, HTTP_REFERER="https://example.invalid/cases/")
    assert stranger.status_code == 403 and "example.invalid" not in stranger.content.decode()


def test_an_address_that_only_takes_forms_says_so(cast, as_user, client):
    for browser in (as_user(cast.manager), client):
        answer = browser.get("/logout/")
        assert answer.status_code == 405 and answer["Allow"] and "这个地址只用于提交" in answer.content.decode()
    assert as_user(cast.manager).get("/dividends/5/approve/").status_code == 405
    assert as_user(cast.manager).put("/logout/").content == b""


@pytest.mark.parametrize("typed", ["20261125", "2026/11/25", "2026.11.25", "2026年11月25日", " 2026-11-25 "])
def test_a_day_is_understood_however_it_is_written(typed):
    assert day_text(typed) == "2026-11-25"
    assert day_text("11-25") == "11-25" and day_text("约 2026/11 月初") == "约 2026/11 月初"
    assert [day_text(text) for text in ("-0.001", "26.1.5", "1.5")] == ["-0.001", "26.1.5", "1.5"]  # no day: it stands there as it was typed


def test_a_tab_of_a_case_has_an_address_and_opens_as_a_whole_page(cast, as_user):
    case = handed_over(cast)
    client, url = as_user(cast.cl_reviewer), reverse("cases:tab", args=[case.number, "timeline"])
    whole, part = client.get(url).content.decode(), client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<title>" in whole and "交接总部" in whole and 'aria-selected="true"' in whole
    assert "交接总部" in part and "<title>" not in part


WRONG = {
    "required": (forms.CharField(), "", "请填写此项"), "long": (forms.CharField(max_length=3), "四个字了", "最多 3 字，现有 4 字"),
    "choice": (forms.ChoiceField(choices=[("a", "甲")]), "b", "“b”不是有效的选项，请从列表中选择"),
    "whole": (forms.IntegerField(), "1.5", "请填写整数"), "most": (forms.IntegerField(max_value=9), "10", "不能大于 9"),
    "number": (forms.DecimalField(), "一百", "请填写数字"), "places": (forms.DecimalField(decimal_places=2), "1.234", "小数最多 2 位"),
    "before": (forms.DecimalField(max_digits=4, decimal_places=2), "123", "小数点前最多 2 位"),
    "day": (forms.DateField(), "昨天", "日期格式为 年-月-日，如 2026-11-25"), "file": (forms.FileField(), "", "请填写此项"),
    "null": (forms.CharField(), "张\0", "含有不能使用的控制字符"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_as_a_clerk_would_say_it(name):
    field, typed, words = WRONG[name]
    with pytest.raises(forms.ValidationError) as caught:
        field.clean(typed)
    assert caught.value.messages == [words]


def test_who_watches_over_the_work_begins_with_what_is_most_urgent_whoever_has_it(cast, as_user, django_assert_max_num_queries):
    early, late = handed_over(cast), accept(cast)
    Case.objects.filter(pk=early.pk).update(due_at=timezone.now() - timedelta(days=3))
    Case.objects.filter(pk=late.pk).update(due_at=timezone.now() + timedelta(days=3))
    client = as_user(cast.manager)
    assert [case.pk for case in client.get(reverse("home")).context["pressing"]] == [early.pk, late.pk]
    for _ in range(12):
        accept(cast)
    with django_assert_max_num_queries(45):
        page = client.get(reverse("home"))
    assert len(page.context["pressing"]) == 12 and page.context["pressing"][0].pk == early.pk
    assert as_user(cast.clerk).get(reverse("home")).context["pressing"] == []
