"""Rows of a CSV or of the first sheet of an xlsx: (line of the file, cells as text). Nothing of a workbook but its cells is read."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from xml.etree import ElementTree

from lifeops.policies.loading.faults import Fault, Faulty

MB = 1024 * 1024
LARGEST, UNPACKED, MOST_ROWS, MOST_CELL = 8 * MB, 64 * MB, 50_000, 1_000
NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: Day 0 of a workbook's serial days.
EPOCH = date(1899, 12, 30)
#: What reading raises of a workbook that is broken, locked by a password, or packed or written in a way unknown here.
BROKEN = (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, LookupError, ValueError, RuntimeError, OSError, EOFError)
Rows = Iterator[tuple[int, list[str]]]


def rows_of(name: str, content: bytes) -> Rows:
    """Faulty where the file as a whole is none of the two, or is too large."""
    if len(content) > LARGEST:
        raise Faulty([Fault(name, 0, f"文件超过 {LARGEST // MB} MB")])
    return _workbook(name, content) if content[:2] == b"PK" else _text(name, content)


def _text(name: str, content: bytes) -> Rows:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Faulty([Fault(name, 0, "不是 UTF-8 或 GB18030 编码的 CSV，也不是 xlsx")])
    if "\x00" in text:
        raise Faulty([Fault(name, 0, "不是文本文件")])
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error:
        raise Faulty([Fault(name, reader.line_num, "表格格式错误，请检查引号")]) from None


def _workbook(name: str, content: bytes) -> Rows:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise Faulty([Fault(name, 0, f"解压后超过 {UNPACKED // MB} MB")])
            names = packed.namelist()
            sheet = next((n for n in sorted(names) if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)), "")
            if not sheet:
                raise Faulty([Fault(name, 0, "不是 xlsx 工作簿")])
            shared = [_said(one) for one in _tree(packed.read("xl/sharedStrings.xml"))] if "xl/sharedStrings.xml" in names else []
            root = _tree(packed.read(sheet))
    except BROKEN:
        raise Faulty([Fault(name, 0, "工作簿已损坏或有密码，不能读取")]) from None
    for number, row in enumerate(root.iter(f"{NS}row"), start=1):
        cells: dict[int, str] = {}
        for cell in row.iter(f"{NS}c"):
            cells[_column(cell.get("r") or "", len(cells))] = _cell(cell, shared)
        line = _number(row.get("r"))
        yield line or number, [cells.get(n, "") for n in range(max(cells, default=-1) + 1)]


def _tree(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content, ElementTree.XMLParser(target=_Plain()))  # noqa: S314 - no entities, size bounded


class _Plain(ElementTree.TreeBuilder):
    """A workbook declares no entities; the parser asks, whatever the text is encoded in."""

    def doctype(self, *_: object) -> None:
        raise ValueError("doctype")


def _number(text: str | None) -> int | None:
    """A row or a place among the shared texts; None for what a workbook cannot count to."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,7}", text) else None


def _column(place: str, following: int) -> int:
    letters = re.match(r"[A-Z]{1,3}", place)
    if letters is None:
        return following
    number = 0
    for letter in letters.group():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _said(node: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in node.iter(f"{NS}t")).strip()


def _cell(cell: ElementTree.Element, shared: list[str]) -> str:
    kind, value = cell.get("t"), cell.findtext(f"{NS}v") or ""
    if kind == "inlineStr":
        return _said(cell)
    if kind == "s":
        place = _number(value)
        return shared[place] if place is not None and place < len(shared) else ""
    return value.strip()


def day_in(text: str) -> date | None:
    """A day as it is written, 1986-05-17, 1986/5/17, 19860517, or as a workbook's serial; None for anything else."""
    told = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", text) if len(text) > 5 else None
    if told:
        try:
            return date(*(int(part) for part in told.groups()))
        except ValueError:
            return None
    return EPOCH + timedelta(days=int(text)) if re.fullmatch(r"\d{3,5}", text) else None
