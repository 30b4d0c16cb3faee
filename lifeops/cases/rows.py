"""A table as one form field: rows of named cells, as inputs on a page and as a list of objects in the API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lifeops.cases.fields import day_text
from lifeops.org.text import half_width

BLANK_ROWS = 2
#: Columns of figures, by the end of their names; amounts are named by the field.
FIGURES = ("_number", "_pct", "order")
Choices = Sequence[tuple[str, str]]


class RowsWidget(forms.Widget):
    """Inputs `name-0-column`; two blank rows follow those that are filled. Works without script."""

    def __init__(
        self, columns: dict[str, str], choices: dict[str, Choices] | None = None, widths: dict[str, int] | None = None
    ) -> None:
        super().__init__()
        self.columns, self.choices, self.widths = columns, choices or {}, widths or {}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and not any(key.startswith(f"{name}-") for key in data)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if name in data:
            return data[name]
        rows: list[dict[str, str]] = []
        number = 0
        while any(f"{name}-{number}-{column}" in data for column in self.columns) and number < 200:
            rows.append({column: str(data.get(f"{name}-{number}-{column}", "")).strip() for column in self.columns})
            number += 1
        return [row for row in rows if any(row.values())]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        filled = value if isinstance(value, list) else []
        rows = [*filled, *({} for _ in range(BLANK_ROWS))]
        head = format_html_join("", "<th>{}</th>", ((label,) for label in self.columns.values()))
        typed = [column for column in self.columns if column not in self.choices]
        first = f"{name}-0-{typed[0]}" if typed and (attrs or {}).get("autofocus") else ""
        body = format_html_join(
            "", "<tr>{}</tr>", ((self._cells(name, number, row, first),) for number, row in enumerate(rows))
        )
        # an attribute, not a style: the content policy allows no styles in the page
        cols = format_html_join("", '<col width="{}%">', ((self.widths[column],) for column in self.columns if self.widths))
        return format_html(
            '<table class="table table-sm rows{}" data-rows="{}"><colgroup>{}</colgroup><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
            " sized" if self.widths else "", name, cols, head, body,
        )

    def _cells(self, name: str, number: int, row: Any, first: str) -> SafeString:
        return format_html_join(
            "", "<td>{}</td>", ((self._cell(f"{name}-{number}-{column}", column, number, row, first),) for column in self.columns)
        )

    def _cell(self, name: str, column: str, number: int, row: Any, first: str) -> SafeString:
        """One input; the one named `first` takes the focus."""
        value = "" if row.get(column) is None else str(row[column])
        label = f"{self.columns[column]}第 {number + 1} 行"
        if column not in self.choices:
            # days typed in a table are written as everywhere, see ui/dates.js
            more = {"data-date": True, "maxlength": "11"} if column.endswith(("_on", "_date")) else {}
            return format_html(
                '<input class="form-control form-control-sm" name="{}" value="{}" aria-label="{}" autocomplete="off"{}>',
                name, value, label, flatatt(more | {"autofocus": name == first}),
            )
        # blank first: a row counts as filled only by what was typed into it; what is no choice stays in sight
        given = [("", "—"), *self.choices[column]]
        if value and value not in {v for v, _ in given}:
            given.append((value, value))
        options = format_html_join(
            "", '<option value="{}"{}>{}</option>', ((v, " selected" if v == value else "", text) for v, text in given)
        )
        return format_html('<select class="form-select form-select-sm" name="{}" aria-label="{}">{}</select>', name, label, options)


class RowsField(forms.Field):
    """List of dicts. `columns` maps names to labels; `money` and `need` name columns that are amounts or required,
    `choices` gives the values of those that are chosen, `widths` percentages where columns need unlike room, `asks` the words
    that ask for a needed column where 请填写 and its label are none."""

    def __init__(
        self, *, columns: dict[str, str], money: tuple[str, ...] = (), need: tuple[str, ...] = (), least: int = 0,
        choices: dict[str, Choices] | None = None, widths: dict[str, int] | None = None, asks: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("required", False)
        super().__init__(widget=RowsWidget(columns, choices, widths), **kwargs)
        self.columns, self.money, self.need, self.least = columns, money, need, least
        self.choices, self.asks = choices or {}, asks or {}

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, str) and value.strip():
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise forms.ValidationError("表格内容无法识别") from error
        if not value:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value) or len(value) > 200:
            raise forms.ValidationError("表格内容无法识别")
        rows, wrong = [], []
        for number, raw in enumerate(value, start=1):
            row: dict[str, Any] = {}
            for column, label in self.columns.items():
                text = self._text(column, raw.get(column))
                if column in self.need and not text:
                    wrong.append(f"第 {number} 行：{self.asks.get(column, f'请填写{label}')}")
                if column in self.choices and text and text not in {v for v, _ in self.choices[column]}:
                    wrong.append(f"第 {number} 行：{label}“{text}”不在可选范围内，请重新选择")
                row[column] = self._amount(text, number, label, wrong) if column in self.money else text
            rows.append(row)
        if wrong:
            raise forms.ValidationError(wrong)
        return rows

    def _text(self, column: str, value: Any) -> str:
        """A cell as it is kept: figures, shares and days in half-width, days written as everywhere."""
        text = str(value if value is not None else "").strip()[:200]
        if column.endswith(("_on", "_date")):
            return str(day_text(text))
        return half_width(text) if column in self.money or column.endswith(FIGURES) else text

    def _amount(self, text: str, number: int, label: str, wrong: list[str]) -> str:
        if not text:
            return "0.00"
        try:
            value = Decimal(text.replace(",", ""))
        except InvalidOperation:
            wrong.append(f"第 {number} 行：{label}“{text}”不是金额")
            return "0.00"
        if not value.is_finite() or value < 0 or value >= Decimal("1e10") or value != round(value, 2):
            wrong.append(f"第 {number} 行：{label}应为不小于零、最多两位小数的金额")
            return "0.00"
        return f"{value:.2f}"

    def validate(self, value: Any) -> None:
        if len(value) < self.least:
            raise forms.ValidationError(f"{self.label}至少填写 {self.least} 行")
