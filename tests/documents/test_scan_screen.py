"""The viewer and the page grid with their script, in a real browser under the real content security policy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils import timezone

from lifeops.documents.ingest import ingest
from lifeops.documents.models import Page
from tests.browser.chromium import ARGS, chromium_path
from tests.documents.files import jpeg, pdf, upload
from tests.factories import accept

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SCAN_SHOTS", "")


@pytest.fixture
def browser_page(transactional_cast, live_server):
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium_path(), args=ARGS)
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda m: page.troubles.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: page.troubles.append(str(e)))
        yield page, transactional_cast, live_server.url
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


def sign_in(page, base, user):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    page.context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": base}])


def shot(page, name):
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def test_pages_are_turned_and_leafed_through_by_keys(browser_page):
    page, cast, base = browser_page
    case = accept(cast)
    ingest(case=case, files=[upload("a.pdf", pdf(4))], actor=cast.scan, now=timezone.now(), doc_type="CLAIM_FORM")
    sign_in(page, base, cast.scan)
    page.goto(base + case.get_absolute_url())
    page.wait_for_selector("[data-sheet].set")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.text_content("[data-at]") == "3"
    with page.expect_response(lambda r: r.url.endswith("/state/")):
        page.keyboard.press("]")
    before = page.eval_on_selector("[data-sheet]", "e => e.clientWidth")
    page.keyboard.press("+")
    assert page.eval_on_selector("[data-sheet]", "e => e.clientWidth") > before
    shot(page, "case")
    third = Page.objects.of_case(case)[2]
    assert third.rotation == 90
    assert page.troubles == []


def test_files_go_up_with_progress_and_pages_are_arranged_in_place(browser_page, tmp_path):
    page, cast, base = browser_page
    case = accept(cast)
    (tmp_path / "发票.jpg").write_bytes(jpeg())
    (tmp_path / "申请书.pdf").write_bytes(pdf(3))
    (tmp_path / "网页.jpg").write_bytes(b"<html>")
    sign_in(page, base, cast.scan)
    page.goto(base + reverse("documents:manage", args=[case.number]))
    page.set_input_files("input[type=file]", [str(tmp_path / "发票.jpg"), str(tmp_path / "网页.jpg")])
    page.click("form[data-upload] button")
    page.wait_for_selector("text=这是网页")
    assert "已入库 1 页" in page.text_content("[data-progress]")
    page.reload()
    page.set_input_files("input[type=file]", [str(tmp_path / "申请书.pdf")])
    with page.expect_navigation():
        page.click("form[data-upload] button")
    assert page.locator("[data-card]").count() == 4
    card = page.locator("[data-card]").nth(1)
    card.focus()
    for key in ("r", "x", "Alt+ArrowLeft"):
        with page.expect_response(lambda r: r.url.endswith("/state/")):
            page.keyboard.press(key)
    with page.expect_response(lambda r: r.url.endswith("/state/")):
        page.locator("[data-card]").nth(2).locator("select").select_option("INVOICE")
    page.wait_for_selector("[data-count=shown] >> text=显示 3 页")
    page.wait_for_function("document.querySelectorAll('[data-card]')[0].classList.contains('is-hidden')")
    shot(page, "manage")
    pages = list(Page.objects.of_case(case))
    assert (pages[0].document.name, pages[0].rotation, pages[0].hidden) == ("申请书.pdf", 90, True)
    assert pages[2].doc_type_id == "INVOICE"
    assert page.troubles == []


def test_a_reviewer_turns_pages_only_on_the_own_screen(browser_page):
    page, cast, base = browser_page
    case = accept(cast)
    ingest(case=case, files=[upload("a.jpg", jpeg())], actor=cast.scan, now=timezone.now())
    sign_in(page, base, cast.cl_reviewer)
    page.goto(base + reverse("documents:viewer", args=[case.number]))
    page.wait_for_selector("[data-sheet].set")
    page.keyboard.press("[")
    assert "270" in page.eval_on_selector("[data-large]", "e => e.style.transform")
    assert Page.objects.get().rotation == 0
    assert page.troubles == []
