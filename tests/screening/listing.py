"""Lists for the tests: invented people of the region that does not exist, brought in by the manager and put in force by the approver."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from lifeops.org.held import forget_all
from lifeops.policies.models import Party
from lifeops.screening.models import WatchList
from lifeops.screening.services.lists import decide, enter

HEAD = "姓名,曾用名或外文名,证件类型,证件号码,出生日期,说明"


def row(party: Party, *, number: bool = True, born: bool = True, name: str = "") -> str:
    """A line of the file that names a customer."""
    return f"{name or party.name},,,{party.id_number if number else ''},{party.birth_date if born else ''},测试"


def csv_of(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


def given(cast: Any, *rows: str, kind: str = "sanctions", code: str = "T-1", content: bytes | None = None, **fields: Any) -> dict[str, Any]:
    told = {
        "code": code, "source": "虚构来源", "kind": kind, "effective_from": timezone.localdate(), "effective_to": None, "reason": "测试〔2026〕1号",
        "file_name": "list.csv", "content": content if content is not None else csv_of(*rows), "actor": cast.manager, "now": timezone.now(),
    }  # fmt: skip
    return told | fields


def in_force(cast: Any, *rows: str, **fields: Any) -> WatchList:
    made = enter(**given(cast, *rows, **fields))
    return decide(row=made, approve=True, remark="", actor=cast.approver, now=timezone.now())


def workbook(*rows: list[Any]) -> bytes:
    """A small xlsx: texts inline, numbers as numbers."""

    def cell(place: str, value: Any) -> str:
        if isinstance(value, str):
            return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{place}"><v>{value}</v></c>'

    lines = [
        f'<row r="{n}">{"".join(cell(f"{chr(65 + c)}{n}", value) for c, value in enumerate(cells) if value is not None)}</row>'
        for n, cells in enumerate(rows, start=1)
    ]
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return packed.getvalue()


def serial(day: date) -> int:
    """How a workbook keeps a day."""
    return (day - date(1899, 12, 30)).days


def over(made: WatchList) -> None:
    """The version was in force until yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    WatchList.objects.filter(pk=made.pk).update(effective_from=yesterday, effective_to=yesterday)
    forget_all()


def unreadable(party: Party, *, again: str = "") -> str:
    """The number of a customer as it lies in the database, spoilt (or as it was)."""
    # past the field, which would read it in clear and write nothing that cannot be read
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM policies_party WHERE id = %s", [party.pk])
        was = str(cursor.fetchone()[0])
        cursor.execute("UPDATE policies_party SET id_number = %s WHERE id = %s", [again or "unreadable", party.pk])
    return was
