"""Form fields that every desk uses, each with its messages: days, amounts of money, bank and account."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

from lifeops.cases.lookups import LookupField
from lifeops.org.text import half_width

DATE_WORDS = "日期格式为 年-月-日，如 2026-11-25"
DATE_ATTRS = {"data-date": "", "inputmode": "numeric", "maxlength": "11", "placeholder": "年-月-日", "autocomplete": "off"}


class DateInput(forms.DateInput):
    """A day as 2026-11-25 whatever the browser speaks; digits alone will do, ui/dates.js adds the calendar."""

    input_type = "text"

    def __init__(self, **kwargs: Any) -> None:
        attrs = DATE_ATTRS | (kwargs.pop("attrs", None) or {})
        super().__init__(format="%Y-%m-%d", attrs=attrs, **kwargs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return day_text(super().value_from_datadict(data, files, name))


def day_text(value: Any) -> Any:
    """20261125, 2026/11/25, 2026年11月25日 and ２０２６－１１－２５ are the same day as 2026-11-25; anything else is left as it is."""
    if not isinstance(value, str):
        return value
    text = re.sub(r"[./年月]", "-", half_width(value).strip().removesuffix("日"))
    if not re.fullmatch(r"[0-9]{8}|[0-9]{4} *- *[0-9]{1,2} *- *[0-9]{1,2}", text):
        return value
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if re.fullmatch(r"[0-9]{8}", text) else text


class NumeralInput(forms.TextInput):
    """A number as text: a number field of the browser empties what it cannot read, and then nobody sees what was typed.

    Full-width figures are figures, and 300,000 is 300000.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off"} | (attrs or {}))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return numeral(super().value_from_datadict(data, files, name))


def numeral(value: Any) -> Any:
    """A number as typed, in half-width and without the commas between thousands; anything else is left as it is."""
    if not isinstance(value, str):
        return value
    text = half_width(value).strip()
    return text.replace(",", "") if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", text) else text


class _OneFault(forms.Field):
    """A number that breaks several limits at once is told of the first only."""

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(error.error_list[:1]) from error


class NumberField(_OneFault, forms.DecimalField):
    """A decimal number, never lost on the page whatever was typed."""

    described_as = "decimal"
    widget = NumeralInput


class WholeField(_OneFault, forms.IntegerField):
    """A whole number, never lost on the page whatever was typed."""

    described_as = "integer"
    widget = NumeralInput


class DayField(forms.DateField):
    """A day. Empty though required: 请填写 and the label, unless `error_messages` says it in other words."""

    described_as = "date"
    widget = DateInput

    def __init__(self, *, label: str, error_messages: dict[str, str] | None = None, **kwargs: Any) -> None:
        said = {"required": f"请填写{label}", "invalid": DATE_WORDS}
        super().__init__(label=label, error_messages=said | (error_messages or {}), **kwargs)


class YuanField(NumberField):
    """An amount in 元, two decimals, never negative."""

    def __init__(
        self, *, label: str, least: str = "0.00", max_digits: int = 12, error_messages: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        said = {
            "required": f"请填写{label}", "invalid": f"{label}应为数字，最多两位小数", "max_decimal_places": "金额最多两位小数",
            "min_value": "金额不能为负" if least == "0.00" else "金额须大于零", "max_digits": "金额过大", "max_whole_digits": "金额过大",
        }  # fmt: skip
        super().__init__(
            label=label, min_value=Decimal(least), max_digits=max_digits, decimal_places=2,
            error_messages=said | (error_messages or {}), **kwargs,
        )  # fmt: skip


class BankField(LookupField):
    """The bank of an account, chosen from the list or typed."""

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        super().__init__(kind="bank", label=label, max_length=60, error_messages={"required": f"请填写{label}"}, **kwargs)


class FiguresInput(forms.TextInput):
    """Figures that are no number: an account, a postcode. In half-width, without the blanks and hyphens that group them."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off"} | (attrs or {}))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return re.sub(r"[\s-]+", "", half_width(value)) if isinstance(value, str) else value


class AccountField(forms.RegexField):
    """An account number: 8 to 30 digits."""

    described_as = "regex"
    widget = FiguresInput

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        said = {"required": f"请填写{label}", "invalid": "账号应为 8 至 30 位数字"}
        super().__init__(regex=r"^[0-9]{8,30}$", label=label, error_messages=said, **kwargs)
