"""Typed, validated inputs of printed letters: one declaration per field reads, checks and formats it.

A letter kind is a frozen dataclass whose fields are made by `text`, `money`, `day`, … Each field carries its Chinese
label and knows how to read a raw value (from a form, JSON or a model) and how to show it on paper, so that templates
format nothing and a wrong value is refused in words a clerk understands, before anything is printed.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from lifeops.documents.letters.glyphs import clean

T = TypeVar("T")
CHINA = ZoneInfo("Asia/Shanghai")
LARGEST_AMOUNT = Decimal("999999999999.99")
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,39}")


class LetterInvalid(ValueError):
    """The data of a letter are not fit to print. `errors` maps a path ("lines.2.amount") to a Chinese sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__("；".join(errors.values()))


class Unfit(Exception):
    """One value cannot be read; the message follows the field's label."""


@dataclass(frozen=True)
class Spec:
    """How one field is called, read and shown."""

    label: str
    read: Callable[[Any, str, dict[str, str]], Any]
    show: Callable[[Any], Any]


def _field(label: str, read: Callable[[Any], Any], show: Callable[[Any], Any], default: Any) -> Any:
    spec = Spec(label, lambda raw, _path, _errors: read(raw), show)
    return dataclasses.field(metadata={"spec": spec}, default=default)


def text(
    label: str, *, limit: int = 120, pattern: re.Pattern[str] | None = None, default: Any = dataclasses.MISSING
) -> Any:
    """One line of text."""

    def read(raw: Any) -> str:
        value = " ".join(_string(raw).split())
        if len(value) > limit:
            raise Unfit(f"不能超过 {limit} 字")
        if pattern and not pattern.fullmatch(value):
            raise Unfit("格式不正确")
        return value

    return _field(label, read, str, default)


def prose(label: str, *, limit: int = 10_000, default: Any = dataclasses.MISSING) -> Any:
    """Text of several paragraphs; line breaks are kept."""

    def read(raw: Any) -> str:
        value = "\n".join(line.rstrip() for line in _string(raw).strip().splitlines())
        if len(value) > limit:
            raise Unfit(f"不能超过 {limit} 字")
        return value

    return _field(label, read, str, default)


def identity(label: str, *, default: Any = "") -> Any:
    """证件号码: always printed masked, whatever is handed in."""
    return _field(label, lambda raw: masked(_string(raw), head=3, tail=4), str, default)


def account(label: str, *, default: Any = dataclasses.MISSING) -> Any:
    """银行账号: always printed masked, whatever is handed in."""
    return _field(label, lambda raw: masked(_string(raw), head=4, tail=4), str, default)


def money(label: str, *, negative: bool = False, default: Any = dataclasses.MISSING) -> Any:
    """Yuan, at most two places; floats are refused because they have lost the truth already."""

    def read(raw: Any) -> Decimal:
        if isinstance(raw, bool | float):
            raise Unfit("须为十进制金额，不可为浮点数")
        try:
            value = Decimal(raw)
            rounded = value.quantize(Decimal("0.01"))
        except (InvalidOperation, TypeError, ValueError):
            raise Unfit("不是有效金额") from None
        if value != rounded:
            raise Unfit("最多两位小数")
        if abs(rounded) > LARGEST_AMOUNT or (rounded < 0 and not negative):
            raise Unfit("超出允许范围")
        return rounded

    return _field(label, read, lambda value: f"{value:,.2f}", default)


def count(label: str, *, least: int = 0, default: Any = dataclasses.MISSING) -> Any:
    """A whole number: pages, days, years, order."""

    def read(raw: Any) -> int:
        if isinstance(raw, bool | float) or not str(raw).lstrip("-").isascii() or not str(raw).lstrip("-").isdigit():
            raise Unfit("须为整数")
        if int(raw) < least:
            raise Unfit(f"不能小于 {least}")
        return int(raw)

    return _field(label, read, str, default)


def day(label: str, *, default: Any = dataclasses.MISSING) -> Any:
    """A date, or its ISO text."""

    def read(raw: Any) -> date:
        if isinstance(raw, datetime):
            raise Unfit("须为日期，不含时间")
        if isinstance(raw, date):
            return raw
        try:
            return date.fromisoformat(_string(raw))
        except ValueError:
            raise Unfit("不是有效日期") from None

    return _field(label, read, show_day, default)


def moment(label: str, *, ends: bool = False, default: Any = dataclasses.MISSING) -> Any:
    """An aware time, or its ISO text; shown in China time. With `ends` midnight is 24:00 of the day that ends."""

    def read(raw: Any) -> datetime:
        try:
            value = raw if isinstance(raw, datetime) else datetime.fromisoformat(_string(raw))
        except ValueError:
            raise Unfit("不是有效时间") from None
        if value.tzinfo is None:
            raise Unfit("须带时区")
        return value

    return _field(label, read, show_end if ends else show_moment, default)


def flag(label: str, *, default: Any = dataclasses.MISSING) -> Any:
    """Yes or no."""

    def read(raw: Any) -> bool:
        if not isinstance(raw, bool):
            raise Unfit("须为是或否")
        return raw

    return _field(label, read, bool, default)


def lines(label: str, *, least: int = 0, limit: int = 2_000, most: int = 200) -> Any:
    """A list of sentences. With `least` 0 the list may be left out."""

    def read(raw: Any, path: str, errors: dict[str, str]) -> tuple[str, ...]:
        values = tuple(filter(None, (_string(each).strip() for each in _listed(raw, least, most))))
        if len(values) < least:
            raise Unfit(f"至少要有 {least} 条")
        if any(len(value) > limit for value in values):
            raise Unfit(f"每条不能超过 {limit} 字")
        return values

    default = dataclasses.MISSING if least else ()
    return dataclasses.field(metadata={"spec": Spec(label, read, list)}, default=default)


def rows(label: str, kind: type, *, least: int = 0, most: int = 2_000) -> Any:
    """A list of records of another dataclass. With `least` 0 the list may be left out."""

    def read(raw: Any, path: str, errors: dict[str, str]) -> tuple[Any, ...]:
        values = _listed(raw, least, most)
        return tuple(_read(kind, each, f"{path}.{n}.", errors) for n, each in enumerate(values, start=1))

    default = dataclasses.MISSING if least else ()
    spec = Spec(label, read, lambda values: [shown(value) for value in values])
    return dataclasses.field(metadata={"spec": spec}, default=default)


def part(label: str, kind: type) -> Any:
    """One required record of another dataclass."""
    spec = Spec(label, lambda raw, path, errors: _read(kind, raw, f"{path}.", errors), lambda value: shown(value))
    return dataclasses.field(metadata={"spec": spec})


def read(kind: type[T], data: Any) -> T:
    """Build `kind` from a mapping (or from an instance, checked again). Raises `LetterInvalid` with every error."""
    errors: dict[str, str] = {}
    value = _read(kind, data, "", errors)
    if not errors:
        errors.update(problems_of(value))
    if errors:
        raise LetterInvalid(errors)
    return value


def problems_of(value: Any) -> Iterable[tuple[str, str]]:
    """What is wrong between the fields of a record that are each right alone."""
    check = getattr(value, "problems", None)
    return check() if check else ()


def shown(value: Any) -> dict[str, Any]:
    """A record as the strings that go on paper, with what the record computes in `extras`."""
    result: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        raw = getattr(value, field.name)
        result[field.name] = "" if raw is None else field.metadata["spec"].show(raw) if raw != "" else ""
    extras = getattr(value, "extras", None)
    return result | (extras() if extras else {})


def show_day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def show_moment(value: datetime) -> str:
    local = value.astimezone(CHINA)
    return f"{show_day(local.date())} {local:%H:%M}"


def show_end(value: datetime) -> str:
    local = value.astimezone(CHINA)
    return f"{show_day(local.date() - timedelta(days=1))} 24:00" if local.time() == time.min else show_moment(value)


def masked(value: str, *, head: int, tail: int) -> str:
    """Keep `head` and `tail` characters and star the rest; a short value keeps only its last character."""
    value = "".join(value.split())
    if "*" in value:
        return value
    if len(value) <= head + tail:
        return "*" * (len(value) - 1) + value[-1:]
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]


def _read(kind: type[Any], data: Any, prefix: str, errors: dict[str, str]) -> Any:
    if isinstance(data, kind):
        data = {field.name: getattr(data, field.name) for field in dataclasses.fields(data)}
    if not isinstance(data, Mapping):
        errors[prefix.rstrip(".")] = "内容须为一组字段"
        return None
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name in data.keys() - fields.keys():
        errors[f"{prefix}{name}"] = f"未知字段“{clean(str(name))}”"
    values: dict[str, Any] = {}
    before = len(errors)
    for name, field in fields.items():
        spec: Spec = field.metadata["spec"]
        raw = data.get(name)
        if raw is None or (isinstance(raw, str) and not clean(raw).strip()) or (raw == () and field.default == ()):
            if field.default is dataclasses.MISSING:
                errors[f"{prefix}{name}"] = f"{spec.label}不能为空"
            else:
                values[name] = field.default
            continue
        try:
            values[name] = spec.read(raw, f"{prefix}{name}", errors)
        except Unfit as unfit:
            errors[f"{prefix}{name}"] = f"{spec.label}{unfit}"
    return kind(**values) if len(errors) == before else None


def _string(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Unfit("须为文字")
    return clean(raw)


def _listed(raw: Any, least: int, most: int) -> list[Any]:
    if not isinstance(raw, list | tuple):
        raise Unfit("须为列表")
    if len(raw) < least:
        raise Unfit(f"至少要有 {least} 条")
    if len(raw) > most:
        raise Unfit(f"不能超过 {most} 条")
    return list(raw)
