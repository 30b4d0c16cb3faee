"""The forms of a page as a browser has them: what each would send, and which inputs a person can type into."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

#: Nothing is typed into these.
CLICKED = {"checkbox", "radio", "submit", "button", "file", "image", "reset"}


@dataclass
class Form:
    """A form: where it goes, what it sends as it stands, names of the inputs that hold text, and of those chosen from."""

    action: str
    method: str = "get"
    sends: dict[str, list[str]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)

    @property
    def shape(self) -> tuple[Any, ...]:
        """Alike for forms that differ by the row they are about."""
        where = self.action if self.method == "post" else self.action.split("?")[0]
        return shape_of(where), self.method, tuple(sorted({re.sub(r"\d+", "N", name) for name in (*self.sends, *self.typed, *self.chosen)}))


def shape_of(url: str) -> str:
    return re.sub(r"[0-9A-Z]{4,}(-[0-9A-Z]+)*|\b\d+\b|(?<==)[^&]+", "N", url)


class Page(HTMLParser):
    """Forms of a page, and the addresses that it leads to."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url, self.forms, self.links, self.names = url, list[Form](), list[str](), set[str]()
        self._form: Form | None = None
        self._area = ""
        self.feed(text)
        self._choose(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        for key in ("href", "hx-get"):
            if given.get(key, "").startswith(("/", "?")):
                self.links.append(urljoin(self.url, given[key]).split("#")[0])
        if tag == "form":
            post = given.get("method", "").lower() == "post" or "hx-post" in given
            action = given.get("hx-post") or given.get("action") or self.url
            self._form = Form(urljoin(self.url, action), "post" if post else "get")
            self.forms.append(self._form)
        name = given.get("name", "")
        if name and tag in ("input", "select", "textarea"):
            self.names.add(name)
        if self._form is None or not name or "disabled" in given:
            return
        if tag == "input":
            self._input(name, given)
        elif tag == "select":
            self._form.chosen.append(name)
        elif tag == "textarea":
            self._area = name
            self._form.typed.append(name)
            self._form.sends.setdefault(name, [""])
        elif tag == "button" and "value" in given:
            self._form.sends.setdefault(name, [given["value"]])

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self._form is not None
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self._form.sends.setdefault(name, []).append(given.get("value", "on"))
            self._form.chosen.append(name)
        elif kind not in CLICKED:
            self._form.sends.setdefault(name, []).append(given.get("value", ""))
            (self._form.hidden if kind == "hidden" else self._form.typed).append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.sends[self._area] = [data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""

    def _choose(self, text: str) -> None:
        """What stands chosen in each select: the marked options, else the first."""
        standing = {}
        for name, inner in re.findall(r'<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
            options = re.findall(r'<option[^>]*?value="([^"]*)"([^>]*)>', inner)
            standing[name] = [value for value, more in options if "selected" in more] or [value for value, _ in options[:1]]
        for form in self.forms:
            for name in form.chosen:
                if name in standing:
                    form.sends.setdefault(name, standing[name])
