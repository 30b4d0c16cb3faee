"""A person in front of the application: 1366 × 768, Chromium, the real server, the real policy for scripts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from tests.cast import PASSWORD

ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=zh-CN",
]  # fmt: skip
SHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"


def chromium_path() -> str:
    """Path of the installed browser, or "" where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), "")


class Keys:
    """The keyboard of a page: nobody strikes a key before the page is there, scripts and all."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, key: str) -> None:
        self.page.wait_for_load_state()
        self.page.keyboard.press(key)

    def type(self, text: str, delay: float = 0) -> None:
        self.page.wait_for_load_state()
        self.page.keyboard.type(text, delay=delay)


class Screen:
    """One window of its own; what a Playwright page can, it can.

    `faults` are errors of scripts and of the content policy, `errors` whatever the console calls one, `asked` the addresses
    of all requests.
    """

    def __init__(self, browser: Any, base_url: str, size: tuple[int, int]) -> None:
        self.faults: list[str] = []
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.base_url = base_url
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", base_url=base_url, timezone_id="Asia/Shanghai"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.keyboard = Keys(self.page)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _hear(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)
        if message.type == "error":
            self.errors.append(message.text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)

    def sign_in(self, user: Any) -> None:
        """By the form, as people do."""
        self.page.goto("/login/")
        self.page.fill("#id_username", user.username)
        self.page.fill("#id_password", PASSWORD)
        self.page.press("#id_password", "Enter")
        self.page.wait_for_selector(".rail")
        self.page.wait_for_load_state()

    def be(self, user: Any) -> None:
        """Signed in without the form: for a test that counts what one page asks for."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.base_url}])

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"{name}.png"))


@contextmanager
def opened_screens(base_url: str) -> Iterator[Any]:
    """A function that opens one more screen; all of them must end without a fault."""
    from playwright.sync_api import sync_playwright

    opened: list[Screen] = []
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the test
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium_path(), args=ARGS)

            def open_screen(size: tuple[int, int] = (1366, 768)) -> Screen:
                opened.append(Screen(browser, base_url, size))
                return opened[-1]

            yield open_screen
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    assert [fault for screen in opened for fault in screen.faults] == []
