"""Every template compiles: a page nobody opened in a test is not left with a tag that is not loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError, engines

ROOT = Path(settings.BASE_DIR) / "templates"
HTML = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))


@pytest.mark.parametrize("name", HTML)
def test_it_compiles(name: str):
    assert engines["django"].get_template(name).origin.template_name == name


def test_a_template_that_does_not_compile_is_found():
    with pytest.raises(TemplateSyntaxError):
        engines["django"].from_string("{{ x|no_such_filter }}")
