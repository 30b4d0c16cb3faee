"""Drawn papers can be read: a label keeps to its column, figures are not broken at the end of a line."""

from __future__ import annotations

from lifeops.demo.papers import EDGE, FIRST, HEIGHT, PAPER, VALUES, WIDTH, broad, listed, sheet, wrapped


def test_a_long_label_keeps_out_of_the_column_of_values():
    image, draw = sheet("")
    listed(draw, [("父母书面同意（其他监护人为未成年人投保）", " "), ("性别", "男")])
    values = image.crop((EDGE + VALUES, FIRST, WIDTH - EDGE, FIRST + 30))
    assert values.getextrema() == (PAPER, PAPER)
    assert image.crop((EDGE, FIRST, EDGE + VALUES, HEIGHT // 2)).getextrema()[0] < PAPER


def test_figures_stay_whole_unless_they_fill_a_line():
    text = "发票金额 43098.00，不属责任 200.00"
    width = sum(broad(char, 17) for char in text) - 10
    assert wrapped(text, 17, width) == ["发票金额 43098.00，不属责任 ", "200.00"]
    assert "".join(wrapped("9" * 99, 17, 300)) == "9" * 99 and len(wrapped("9" * 99, 17, 300)) > 2
    assert wrapped("", 17, 300) == [""]
