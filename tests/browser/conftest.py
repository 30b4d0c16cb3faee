"""One screen per journey: 1366 × 768, the real server, the real policy for scripts; faults of a script fail the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.browser.chromium import ARGS, chromium_path
from tests.cast import PASSWORD

SHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"


class Screen:
    """A person in front of the application."""

    def __init__(self, browser: Any, base_url: str, size: tuple[int, int]) -> None:
        self.faults: list[str] = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", base_url=base_url, timezone_id="Asia/Shanghai"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda m: self.faults.append(m.text) if "Content Security Policy" in m.text else None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)

    def sign_in(self, user: Any) -> None:
        self.page.goto("/login/")
        self.page.fill("#id_username", user.username)
        self.page.fill("#id_password", PASSWORD)
        self.page.press("#id_password", "Enter")
        self.page.wait_for_selector(".rail")

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"{name}.png"))


@pytest.fixture
def screens(live_server) -> Iterator[Any]:  # type: ignore[no-untyped-def]
    """`screens()` opens one more screen; all of them must end without a script's fault."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    opened: list[Screen] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium_path(), args=["--lang=zh-CN", *ARGS])

        def open_screen(size: tuple[int, int] = (1366, 768)) -> Screen:
            opened.append(Screen(browser, live_server.url, size))
            return opened[-1]

        yield open_screen
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    assert [fault for screen in opened for fault in screen.faults] == []
