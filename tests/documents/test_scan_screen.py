"""The viewer and the page grid with their script, in a real browser under the real content security policy."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.documents.ingest import ingest
from lifeops.documents.models import Page
from tests.documents.files import jpeg, pdf, upload
from tests.factories import accept

pytestmark = pytest.mark.browser


def test_pages_are_turned_and_leafed_through_by_keys(screen, transactional_cast):
    cast = transactional_cast
    case = accept(cast)
    ingest(case=case, files=[upload("a.pdf", pdf(4))], actor=cast.scan, now=timezone.now(), doc_type="CLAIM_FORM")
    screen.sign_in(cast.scan)
    screen.goto(case.get_absolute_url())
    screen.wait_for_selector("[data-sheet].set")
    screen.keyboard.press("ArrowRight")
    screen.keyboard.press("ArrowRight")
    assert screen.text_content("[data-at]") == "3"
    with screen.expect_response(lambda r: r.url.endswith("/state/")):
        screen.keyboard.press("]")
    before = screen.eval_on_selector("[data-sheet]", "e => e.clientWidth")
    screen.keyboard.press("+")
    assert screen.eval_on_selector("[data-sheet]", "e => e.clientWidth") > before
    screen.shot("scan-case")
    third = Page.objects.of_case(case)[2]
    assert third.rotation == 90
    assert screen.errors == []


def test_files_go_up_with_progress_and_pages_are_arranged_in_place(screen, transactional_cast, tmp_path):
    cast = transactional_cast
    case = accept(cast)
    (tmp_path / "发票.jpg").write_bytes(jpeg())
    (tmp_path / "申请书.pdf").write_bytes(pdf(3))
    (tmp_path / "网页.jpg").write_bytes(b"<html>")
    screen.sign_in(cast.scan)
    screen.goto(reverse("documents:manage", args=[case.number]))
    screen.set_input_files("input[type=file]", [str(tmp_path / "发票.jpg"), str(tmp_path / "网页.jpg")])
    screen.wait_for_selector("text=这是网页")
    assert "已入库 1 页" in screen.text_content("[data-progress]")
    screen.reload()
    screen.set_input_files("input[type=file]", [str(tmp_path / "申请书.pdf")])
    screen.wait_for_function("() => document.querySelectorAll('[data-card]').length === 4")
    card = screen.locator("[data-card]").nth(1)
    card.focus()
    for key in ("r", "x", "Alt+ArrowLeft"):
        with screen.expect_response(lambda r: r.url.endswith("/state/")):
            screen.keyboard.press(key)
    # the number of the row in the count of pages says what a page is, and the next page is ready
    number = screen.evaluate("[...document.querySelectorAll('[data-count=check] tr[data-type]')].findIndex((r) => r.dataset.type === 'INVOICE') + 1")
    screen.locator("[data-card]").nth(2).focus()
    with screen.expect_response(lambda r: r.url.endswith("/state/")):
        screen.keyboard.press(str(number))
    assert screen.evaluate("document.activeElement === document.querySelectorAll('[data-card]')[3]")
    screen.wait_for_selector("[data-count=shown] >> text=显示 3 页")
    screen.wait_for_function("document.querySelectorAll('[data-card]')[0].classList.contains('is-hidden')")
    screen.shot("scan-manage")
    pages = list(Page.objects.of_case(case))
    assert (pages[0].document.name, pages[0].rotation, pages[0].hidden) == ("申请书.pdf", 90, True)
    assert pages[2].doc_type_id == "INVOICE"
    assert screen.errors == []


def test_a_reviewer_turns_pages_only_on_the_own_screen(screen, transactional_cast):
    cast = transactional_cast
    case = accept(cast)
    ingest(case=case, files=[upload("a.jpg", jpeg())], actor=cast.scan, now=timezone.now())
    screen.sign_in(cast.cl_reviewer)
    screen.goto(reverse("documents:viewer", args=[case.number]))
    screen.wait_for_selector("[data-sheet].set")
    screen.keyboard.press("[")
    assert "270" in screen.eval_on_selector("[data-large]", "e => e.style.transform")
    assert Page.objects.get().rotation == 0
    assert screen.errors == []
