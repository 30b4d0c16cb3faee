"""The description on screen: from our own files, under the content security policy."""

from __future__ import annotations

import os

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from tests.api.calls import ROOT
from tests.browser.chromium import ARGS, chromium_path

pytestmark = pytest.mark.browser


def test_operations_are_shown_and_nothing_comes_from_elsewhere(transactional_cast, live_server):
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    user, session = transactional_cast.clerk, SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    troubles, asked = [], []
    try:
        with sync_playwright() as tool:
            browser = tool.chromium.launch(executable_path=chromium_path(), args=ARGS)
            page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            page.context.add_cookies(
                [{"name": django_settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": live_server.url}]
            )
            page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
            page.on("request", lambda r: asked.append(r.url))
            page.goto(f"{live_server.url}{ROOT}/docs/")
            page.wait_for_selector(".opblock-summary >> text=受理")
            shown = page.locator(".opblock").count()
            if shot := os.environ.get("DOCS_SHOT"):
                page.screenshot(path=shot)
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    assert shown > 50
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
    assert [text for text in troubles if "Content Security Policy" in text or "Refused" in text] == []
