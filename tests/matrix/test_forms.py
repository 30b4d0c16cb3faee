"""Whatever is typed into any form of any page: an answer in words, in Chinese, never a fault; and what was typed stands there again.

The forms are those that the pages show to each post, so that a new one is tried from the day it is there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import escape, unescape

import pytest
from django.urls import NoReverseMatch, reverse

from lifeops.administration.site import site
from tests.architecture.walk import addresses
from tests.matrix.browser import Form, Page, shape_of
from tests.matrix.test_addresses import STAGES, fill
from tests.matrix.world import Person, World

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("matrix")]

#: How many of the odd values each input gets, another one for the next; all of them by hand: FUZZ=200.
EACH = int(os.environ.get("FUZZ", "1"))
ODD = (
    "", "   ", "a" * 10_000, "甲\x00乙", "😀", "\u202e", "'\"<b>&", "-1", "NaN", "1e400", "9" * 400, "-0.001", "2026-02-30", "9999-12-31",
    "0001-01-01", "无此选项", "10000000000000000000000000", "[]", "{\"a\": 1}", "86010101-CL-2026-999999-9", "\ud83d",
)  # fmt: skip
SAID = {200, 204, 302, 400, 403, 404, 405, 409, 413, 415, 422}
ENGLISH = ("Enter a valid", "Select a valid", "Ensure this", "This field", "is not a valid", "is not one of", "must be", "Ensure that", "约束 “")
#: Beside the work: leaving, and the shapes of what is drawn.
LEFT_OUT = ("/logout", "/static", "/api/v1/schema", "/api/v1/docs")
#: Pages that show each post other forms; all others are looked at once, by whoever may first.
BY_POST = re.compile(r"/(cases/[^/?]+/(steps/.*)?|requests/[^/?]+/(steps/.*)?|archive/(release|filing)/[^/?]+/)?")
#: Boxes that are emptied when the rest of the page is sent.
SEARCHES = {"find"}


def starts(world: World) -> list[str]:
    found = ["/"]
    for address in addresses():
        if not address.name or address.apart or address.is_api:
            continue
        for stage in STAGES:
            if filled := fill(address, world, stage):
                found.append(filled[0])
            if not address.arguments:
                break
    for model in site._registry:
        where = f"{site.name}:{model._meta.app_label}_{model._meta.model_name}"
        first = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        for act, args in (("changelist", []), ("add", []), ("change", [first])):
            try:
                found.append(reverse(f"{where}_{act}", args=args))
            except NoReverseMatch:
                continue
    return list(dict.fromkeys(found))


def pages(world: World, person: Person, looked_at: set[str]) -> Iterator[Page]:
    """What the person can open, and what those pages lead to, one of each shape."""
    todo, met = starts(world), set[str]()
    while todo:
        url = todo.pop(0)
        if not BY_POST.fullmatch(url) and {url, shape_of(url)} & looked_at:
            continue
        answer = world.ask(person, "get", url)
        if answer.status_code != 200 or answer.streaming or "html" not in answer.get("Content-Type", ""):
            continue
        looked_at |= {url, shape_of(url)}
        page = Page(url, answer.content.decode())
        yield page
        for link in page.links:
            # the lists of the administration lead to themselves in every order
            itself = link.startswith("/admin/") and "?" in link
            if shape_of(link) not in met and not itself and not link.startswith(LEFT_OUT):
                met.add(shape_of(link))
                todo.append(link)


def forms(world: World, persons: list[Person]) -> dict[tuple, tuple[Person, Form]]:
    found: dict[tuple, tuple[Person, Form]] = {}
    looked_at = set[str]()
    for person in persons:
        for page in pages(world, person, looked_at):
            for form in page.forms:
                if not form.action.startswith(LEFT_OUT):
                    found.setdefault(form.shape, (person, form))
    return found


def tried(form: Form) -> Iterator[tuple[str, str]]:
    """Each input with a few of the odd values, others for each."""
    inputs = [name for name in dict.fromkeys(form.typed + form.chosen + form.hidden) if name not in ("csrfmiddlewaretoken", *SEARCHES)]
    for place, name in enumerate(inputs):
        for n in range(min(EACH, len(ODD))):
            yield name, ODD[(place * EACH + n + len(form.action)) % len(ODD)]


def wrong_with(world: World, person: Person, form: Form, name: str, value: str) -> str:
    """What is wrong with the answer to a form in which one input was filled oddly, "" where nothing is."""
    sent = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if "\ud83d" in value else value
    data = {key: values if len(values) != 1 else values[0] for key, values in form.sends.items()} | {name: sent}
    answer = world.ask(person, form.method, form.action, **data)
    if answer.status_code not in SAID:
        return f"answer {answer.status_code}"
    if answer.streaming or "html" not in answer.get("Content-Type", "") or answer.status_code == 302:
        return ""
    text = answer.content.decode()
    if english := next((words for words in ENGLISH if words in text), ""):
        return f"says in English: {english}"
    page = Page(form.action, text)
    stays = answer.status_code == 400 and name in form.typed and name in page.names and sent.strip() and "\x00" not in sent
    if stays and escape(sent.strip()) not in text and sent.strip() not in unescape(text):
        return f"forgot what was typed ({answer.status_code})"
    return ""




def test_every_form_takes_anything(world: World):
    first = {}
    for person in world.people:
        if person.own:
            first.setdefault(person.role, person)
    found = forms(world, list(first.values()))
    assert len(found) > 60, len(found)  # as many as there are at least: the walk has not lost its way
    wrong = []
    for person, form in found.values():
        for name, value in tried(form):
            if words := wrong_with(world, person, form, name, value):
                wrong.append(f"{person} {form.method} {form.action} {name}={value[:30]!r}: {words}")
    assert wrong == []
