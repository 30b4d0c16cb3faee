"""A share as it is typed into a table of people."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def read_share(text: str, errors: list[str]) -> Decimal | None:
    """Percent, more than nothing and at most a hundred; what is wrong with it goes to `errors`."""
    try:
        value = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        errors.append(f"份额“{text}”不是数字")
        return None
    if not value.is_finite() or not 0 < value <= 100 or value != round(value, 2):
        errors.append("份额应大于 0、不超过 100，最多两位小数")
        return None
    return value
