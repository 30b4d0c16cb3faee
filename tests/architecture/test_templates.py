"""Every template compiles: a page nobody opened in a test is not left with a tag that is not loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError, engines

ROOT = Path(settings.BASE_DIR) / "templates"
HTML = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))


@pytest.mark.parametrize("name", HTML)
def test_it_compiles(name: str):
    assert engines["django"].get_template(name).origin.template_name == name


@pytest.mark.parametrize("name", HTML)
def test_what_is_missing_is_told_by_the_page_not_by_the_browser(name: str):
    """A browser tells it in its own language and stops at the first. What is answered in another window or by a script is left to it."""
    forms = re.findall(r"<form\b.*?</form>", (ROOT / name).read_text(encoding="utf-8"), flags=re.S)
    asked = [form.partition(">")[0] for form in forms if re.search(r"\srequired[\s>]", form)]
    assert [tag for tag in asked if not re.search('novalidate|target="_blank"|data-upload', tag)] == []


def test_a_template_that_does_not_compile_is_found():
    with pytest.raises(TemplateSyntaxError):
        engines["django"].from_string("{{ x|no_such_filter }}")
