"""The description on screen: from our own files, under the content security policy."""

from __future__ import annotations

import pytest

from tests.api.calls import ROOT

pytestmark = pytest.mark.browser


def test_operations_are_shown_and_nothing_comes_from_elsewhere(screen, transactional_cast, live_server):
    screen.be(transactional_cast.clerk)
    screen.goto(f"{ROOT}/docs/")
    screen.wait_for_selector(".opblock-summary >> text=受理")
    assert screen.locator(".opblock").count() > 50
    assert [url for url in screen.asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
    assert [text for text in screen.errors if "Content Security Policy" in text or "Refused" in text] == []
