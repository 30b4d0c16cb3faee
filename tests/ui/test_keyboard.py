"""The reviewer's hands stay on the keys: next case, conclusion, drafts, and a session that has ended."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session

from lifeops.cases.models import Draft
from lifeops.cases.perform import perform
from lifeops.cases.requests import issue_request
from lifeops.cases.states import State
from tests.archive.ways import approved
from tests.cast import PASSWORD
from tests.factories import again, handed_over
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def at_work(screen, cast):
    """The reviewer before the next case."""
    screen.sign_in(cast.cl_reviewer)
    screen.keyboard.press("n")
    screen.wait_for_selector("#decision")


def test_reviewer_takes_and_concludes_by_keys_and_the_next_case_is_there(screen, transactional_cast):
    cast = transactional_cast
    first, second = handed_over(cast), handed_over(cast)
    screen.sign_in(cast.cl_reviewer)
    screen.keyboard.press("n")
    screen.wait_for_selector(f"text={first.number}")
    screen.wait_for_selector("#preview .way")
    assert "您可直接签批" in screen.inner_text("#preview") and "尚未选择结论" in screen.inner_text("#preview")
    screen.keyboard.press("3")
    screen.wait_for_selector("#tab >> text=其他案件")
    screen.keyboard.press("c")
    screen.select_option("#id_outcome:focus", "PAY")
    screen.fill("#id_opinion", "事实清楚")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector(f"text={second.number}")
    assert again(first).state == State.APPROVED
    assert again(second).assignee_id == cast.cl_reviewer.pk


def test_a_case_in_hand_is_passed_over_by_keys_with_the_reason(screen, transactional_cast):
    cast = transactional_cast
    first, second = handed_over(cast), handed_over(cast)
    screen.sign_in(cast.cl_reviewer)
    screen.keyboard.press("n")
    screen.wait_for_selector("#preview .way")
    screen.keyboard.press("n")
    screen.wait_for_selector("#ask[open] #skip_reason")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector("#ask .errors >> text=请写明")
    screen.fill("#skip_reason", "等待病历")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector(f".case-bar >> text={second.number}")
    assert first.events.get(step="skip").reason == "等待病历" and again(first).assignee_id == cast.cl_reviewer.pk


def test_the_click_that_follows_a_mended_field_meets_what_it_was_aimed_at(screen, transactional_cast):
    """The words beside the field are taken away while the button is down: nothing below may move."""
    case = handed_over(transactional_cast)
    at_work(screen, transactional_cast)
    screen.select_option("#id_outcome", "RESCIND_REFUND")
    screen.select_option("#id_reason_code", "C05")
    screen.fill("#id_opinion", "病历与告知不符")
    screen.fill("#id_known_on", "abc")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector("#decision .errors >> text=日期格式")
    screen.fill("#id_known_on", str(case.submitted_on))
    box = screen.locator("#id_serious").bounding_box()
    screen.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert screen.is_checked("#id_serious") and not screen.locator("#decision .errors >> text=日期格式").is_visible()


def test_an_outcome_offers_its_own_reasons(screen, transactional_cast):
    handed_over(transactional_cast)
    at_work(screen, transactional_cast)
    screen.select_option("#id_outcome", "RESCIND_REFUND")
    free = "els => els.filter(e => e.value && !e.disabled).map(e => e.value)"
    assert screen.eval_on_selector_all("#id_reason_code option", free) == ["C05", "C11"]
    screen.select_option("#id_reason_code", "C05")
    screen.select_option("#id_outcome", "RESCIND_NO_REFUND")
    assert screen.input_value("#id_reason_code") == "" and screen.eval_on_selector_all("#id_reason_code option", free) == ["C10", "C12", "C13"]
    screen.select_option("#id_outcome", "REFUSE")
    assert len(screen.eval_on_selector_all("#id_reason_code option", free)) == 15


def test_what_was_typed_into_a_plain_form_outlives_the_session(screen, transactional_cast):
    manager = transactional_cast.manager
    screen.sign_in(manager)
    screen.goto("/dividends/")
    screen.fill("#id_product", "ZZZ")
    screen.fill("#id_reason", "2026 年度分红方案")
    Session.objects.all().delete()
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector("#toast >> text=登录已过期")
    assert screen.input_value("#id_reason") == "2026 年度分红方案"
    other = screen.context.new_page()
    other.goto("/login/")
    other.fill("#id_username", manager.username)
    other.fill("#id_password", PASSWORD)
    other.press("#id_password", "Enter")
    other.wait_for_selector(".rail")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector(".errors >> text=没有险种 ZZZ")
    assert screen.input_value("#id_reason") == "2026 年度分红方案"


def test_one_keystroke_too_many_decides_nothing(screen, transactional_cast):
    case = handed_over(transactional_cast)
    screen.sign_in(transactional_cast.cl_reviewer)
    screen.keyboard.press("n")
    screen.wait_for_selector("#preview .way")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector("#decision .errors >> text=请选择结论")
    assert again(case).state == State.IN_REVIEW


def test_a_day_is_typed_in_digits_moved_by_arrows_and_sent_as_it_shows(screen, transactional_cast):
    screen.sign_in(transactional_cast.clerk)
    screen.goto("/intake/counter/")
    screen.fill("#id_occurred_on", "20261101")
    screen.press("#id_occurred_on", "Tab")
    assert screen.input_value("#id_occurred_on") == "2026-11-01"
    screen.press("#id_occurred_on", "ArrowDown")
    assert screen.input_value("#id_occurred_on") == "2026-10-31"
    screen.press("#id_occurred_on", "t")
    today = screen.evaluate("(() => { const d = new Date(); return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`; })()")
    assert screen.input_value("#id_occurred_on") == today


def test_keys_do_not_fire_while_somebody_is_typing(screen, transactional_cast):
    cast = transactional_cast
    handed_over(cast)
    screen.sign_in(cast.cl_reviewer)
    screen.keyboard.press("n")
    screen.click("#id_opinion")
    screen.keyboard.type("q1n?j/")
    assert screen.input_value("#id_opinion") == "q1n?j/"
    assert screen.locator("dialog[open]").count() == 0
    screen.click(".tabs")
    screen.keyboard.press("?")
    assert screen.locator("#keys[open]").count() == 1


def test_what_was_typed_is_there_again_after_the_page_was_closed_and_gone_after_submitting(screen, transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    handed_over(cast)
    screen.sign_in(cast.cl_reviewer)
    screen.keyboard.press("n")
    screen.fill("#id_opinion", "尚在核对")
    screen.wait_for_selector("text=草稿已保存")
    screen.reload()
    screen.wait_for_selector("text=已恢复上次的草稿")
    assert screen.input_value("#id_opinion") == "尚在核对"
    screen.select_option("#id_outcome", "PAY")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_url(lambda url: case.number not in url)
    assert until(lambda: not Draft.objects.filter(key=f"conclude:{case.number}").exists())


def test_request_is_issued_from_the_dialog_and_mistakes_are_shown_in_it(screen, transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    at_work(screen, cast)
    screen.keyboard.press("q")
    screen.wait_for_selector("#ask[open] >> text=下发问题件")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector("#ask >> text=请填写事由")
    screen.fill("#ask [name=cause]", "病历")
    screen.fill("#ask [name=extra]", "请补充入院记录")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_url(lambda url: case.number not in url)
    assert again(case).state == State.WAITING


def test_a_key_struck_the_moment_a_dialog_closes_is_not_taken_for_writing(screen, transactional_cast):
    """The focus leaves a closed dialog with the next picture only; on a busy machine a key comes before it."""
    cast = transactional_cast
    handed_over(cast)
    at_work(screen, cast)
    screen.keyboard.press("q")
    screen.wait_for_selector("#ask[open] [name=cause]")
    screen.evaluate("""() => {
        const ask = document.getElementById("ask"), field = ask.querySelector("[name=cause]");
        field.focus();
        ask.close();
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "q", bubbles: true, cancelable: true }));
    }""")
    screen.wait_for_selector("#ask[open] [name=cause]")
    assert screen.locator("dialog[open]").count() == 1 and screen.input_value("#ask [name=cause]") == ""


@pytest.mark.parametrize("lost", ["sessionid", None])
def test_an_ended_session_leaves_the_page_and_says_so(screen, transactional_cast, lost):
    cast = transactional_cast
    handed_over(cast)
    at_work(screen, cast)
    screen.context.clear_cookies(name=lost) if lost else screen.context.clear_cookies()
    screen.fill("#id_opinion", "不能丢的文字")
    screen.wait_for_selector("text=登录已过期，本页内容仍在")
    with screen.expect_event("requestfinished", lambda r: r.method == "POST" and "/drafts/" not in r.url):
        screen.keyboard.press("Control+Enter")
    screen.evaluate("() => new Promise((done) => setTimeout(done))")  # after what the page does with the answer
    assert screen.input_value("#id_opinion") == "不能丢的文字"


def test_rows_are_chosen_and_opened_by_keys(screen, transactional_cast):
    cast = transactional_cast
    handed_over(cast)
    second = handed_over(cast)
    screen.sign_in(cast.cl_reviewer)
    screen.goto("/queues/claims/?tab=pool")
    screen.keyboard.press("j")
    screen.keyboard.press("j")
    screen.keyboard.press("Enter")
    screen.wait_for_selector(".case-bar")
    assert second.number in screen.inner_text(".case-bar")


def test_a_dialog_opened_as_a_page_of_its_own_is_sent_and_left_by_keys(screen, transactional_cast):
    """A link in a new window, or after a reload: the same form without the page behind it."""
    cast = transactional_cast
    case = handed_over(cast)
    at_work(screen, cast)
    screen.goto(f"/cases/{case.number}/steps/issue_request/")
    screen.wait_for_selector(".box.dlg :focus")
    screen.evaluate("document.activeElement.blur()")
    screen.keyboard.press("Control+Enter")
    screen.wait_for_selector(".box.dlg >> text=请填写事由")
    screen.wait_for_selector(".box.dlg .is-invalid:focus")
    screen.click(".box.dlg [data-close] >> nth=0")
    screen.wait_for_selector("#decision")
    assert again(case).state == State.IN_REVIEW


def test_nothing_is_printed_where_nothing_is_ticked(screen, transactional_cast):
    cast = transactional_cast
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    issue_request(case=again(case), actor=cast.cl_reviewer, kind="query", addressee="customer", cause="病历", extra="请补充", due_days=10)
    screen.sign_in(cast.query)
    screen.goto("/requests/?tab=print")
    screen.uncheck("[name=request]")
    screen.click("#print-many button")
    screen.wait_for_selector("#toast >> text=请先勾选")
    assert len(screen.context.pages) == 1


def test_the_key_that_submits_sends_the_form_one_is_in(screen, transactional_cast):
    """发放 has several forms on one page: keying who takes the originals back must not hand the papers out."""
    cast = transactional_cast
    case = approved(cast)
    screen.sign_in(cast.issue)
    screen.goto(f"/archive/release/{case.number}/")
    screen.focus("#give-back input:not([type=hidden])")
    with screen.expect_request(lambda r: r.method == "POST") as sent:
        screen.keyboard.press("Control+Enter")
    assert sent.value.url.endswith(screen.locator("#give-back").get_attribute("action"))
    assert again(case).state == State.APPROVED
