"""A text field beside which a list answers while people type. What is not in the list may be typed all the same."""

from __future__ import annotations

from typing import Any

from django import forms

from lifeops.reference.models import Entry, Occupation
from lifeops.reference.searching import CODE, named, search
from lifeops.reference.words import plain

#: Lists whose entries are written by name alone; the others are written with their code.
BY_NAME = {"bank"}


def written(kind: str, entry: Entry) -> str:
    """What choosing an entry writes into the field: "J18.900 肺炎", "中国工商银行"."""
    return entry.name if kind in BY_NAME else f"{entry.code} {entry.name}"


def answer(kind: str, text: str) -> list[dict[str, Any]]:
    """Entries as other systems and the script of the page get them."""
    return [
        {"code": e.code, "name": e.name, "note": e.note, "value": written(kind, e), "extra": e.extra}
        for e in search(kind, text)
    ]


def listed_occupation(text: str) -> Occupation | None:
    """The occupation of the list that a field names as "L013 货车司机"; None for free text."""
    code, _, name = text.partition(" ")
    found = Occupation.objects.filter(code=code, active=True).first() if name else None
    return found if found is not None and found.name == name.strip() else None


class LookupInput(forms.TextInput):
    """`data-lookup` names the list; `fills` maps facts of the chosen entry to other fields of the same form."""

    def __init__(self, kind: str, fills: dict[str, str] | None = None, attrs: dict[str, Any] | None = None) -> None:
        given = {
            "data-lookup": kind, "autocomplete": "off", "role": "combobox", "aria-autocomplete": "list",
            "aria-expanded": "false",
        }  # fmt: skip
        given |= {f"data-fill-{fact.replace('_', '-')}": name for fact, name in (fills or {}).items()}
        super().__init__(attrs=given | (attrs or {}))


class LookupField(forms.CharField):
    """Free text; a bare code of the list is written out with its name."""

    described_as = "char"

    def __init__(self, *, kind: str, fills: dict[str, str] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("widget", LookupInput(kind, fills))
        super().__init__(**kwargs)
        self.kind = kind

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if text and CODE.fullmatch(plain(text)):
            entry = named(self.kind, text)
            if entry is not None:
                return written(self.kind, entry)[: self.max_length]
        return text
