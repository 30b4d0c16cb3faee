"""The reviewer's hands stay on the keys: next case, conclusion, drafts, and a session that has ended."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from lifeops.cases.models import Draft
from lifeops.cases.states import State
from tests.browser.chromium import ARGS, chromium_path
from tests.cast import PASSWORD
from tests.factories import again, handed_over

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server) -> Iterator:  # type: ignore[no-untyped-def, type-arg]
    """A desk's screen: 1366 × 768; any error of a script fails the test."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    faults: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium_path(), args=ARGS)
        context = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=live_server.url, timezone_id="Asia/Shanghai"
        )
        screen = context.new_page()
        screen.set_default_timeout(10_000)
        screen.on("pageerror", lambda error: faults.append(str(error)))
        screen.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
        yield screen
        browser.close()
    assert faults == []


def sign_in(page, user) -> None:  # type: ignore[no-untyped-def]
    page.goto("/login/")
    page.fill("#id_username", user.username)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_selector(".rail")


def test_reviewer_takes_and_concludes_by_keys_and_the_next_case_is_there(page, transactional_cast):
    cast = transactional_cast
    first, second = handed_over(cast), handed_over(cast)
    sign_in(page, cast.cl_reviewer)
    page.keyboard.press("n")
    page.wait_for_selector(f"text={first.number}")
    page.wait_for_selector("#preview .way")
    assert "您可直接签批" in page.inner_text("#preview") and "尚未选择结论" in page.inner_text("#preview")
    page.keyboard.press("3")
    page.wait_for_selector("#tab >> text=其他案件")
    page.keyboard.press("c")
    page.select_option("#id_outcome:focus", "PAY")
    page.fill("#id_opinion", "事实清楚")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(f"text={second.number}")
    assert again(first).state == State.APPROVED
    assert again(second).assignee_id == cast.cl_reviewer.pk


def test_one_keystroke_too_many_decides_nothing(page, transactional_cast):
    case = handed_over(transactional_cast)
    sign_in(page, transactional_cast.cl_reviewer)
    page.keyboard.press("n")
    page.wait_for_selector("#preview .way")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#decision .errors >> text=请选择结论")
    assert again(case).state == State.IN_REVIEW


def test_a_day_is_typed_in_digits_moved_by_arrows_and_sent_as_it_shows(page, transactional_cast):
    sign_in(page, transactional_cast.clerk)
    page.goto("/intake/counter/")
    page.fill("#id_occurred_on", "20261101")
    page.press("#id_occurred_on", "Tab")
    assert page.input_value("#id_occurred_on") == "2026-11-01"
    page.press("#id_occurred_on", "ArrowDown")
    assert page.input_value("#id_occurred_on") == "2026-10-31"
    page.press("#id_occurred_on", "t")
    today = page.evaluate("(() => { const d = new Date(); return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`; })()")
    assert page.input_value("#id_occurred_on") == today


def test_keys_do_not_fire_while_somebody_is_typing(page, transactional_cast):
    cast = transactional_cast
    handed_over(cast)
    sign_in(page, cast.cl_reviewer)
    page.keyboard.press("n")
    page.click("#id_opinion")
    page.keyboard.type("q1n?j/")
    assert page.input_value("#id_opinion") == "q1n?j/"
    assert page.locator("dialog[open]").count() == 0
    page.click(".tabs")
    page.keyboard.press("?")
    assert page.locator("#keys[open]").count() == 1


def test_what_was_typed_is_there_again_after_the_page_was_closed_and_gone_after_submitting(page, transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    handed_over(cast)
    sign_in(page, cast.cl_reviewer)
    page.keyboard.press("n")
    page.fill("#id_opinion", "尚在核对")
    page.wait_for_selector("text=草稿已保存")
    page.reload()
    page.wait_for_selector("text=已恢复上次的草稿")
    assert page.input_value("#id_opinion") == "尚在核对"
    page.select_option("#id_outcome", "PAY")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: case.number not in url)
    page.wait_for_timeout(500)
    assert not Draft.objects.filter(key=f"conclude:{case.number}").exists()


def test_request_is_issued_from_the_dialog_and_mistakes_are_shown_in_it(page, transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    sign_in(page, cast.cl_reviewer)
    page.keyboard.press("n")
    page.wait_for_selector("#decision")
    page.keyboard.press("q")
    page.wait_for_selector("#ask[open] >> text=下发问题件")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#ask >> text=请选择事由")
    page.fill("#ask [name=cause]", "病历")
    page.fill("#ask [name=extra]", "请补充入院记录")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: case.number not in url)
    assert again(case).state == State.WAITING


@pytest.mark.parametrize("lost", ["sessionid", None])
def test_an_ended_session_leaves_the_page_and_says_so(page, transactional_cast, lost):
    cast = transactional_cast
    handed_over(cast)
    sign_in(page, cast.cl_reviewer)
    page.keyboard.press("n")
    page.wait_for_selector("#decision")
    page.context.clear_cookies(name=lost) if lost else page.context.clear_cookies()
    page.fill("#id_opinion", "不能丢的文字")
    page.wait_for_selector("text=登录已过期，本页内容仍在")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(500)
    assert page.input_value("#id_opinion") == "不能丢的文字"


def test_rows_are_chosen_and_opened_by_keys(page, transactional_cast):
    cast = transactional_cast
    handed_over(cast)
    second = handed_over(cast)
    sign_in(page, cast.cl_reviewer)
    page.goto("/queues/claims/?tab=pool")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".case-bar >> text={second.number}")
