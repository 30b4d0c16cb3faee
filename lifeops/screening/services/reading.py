"""A list's file: every faulty row is named with its reason; with one fault nothing is taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from lifeops.org.text import visible
from lifeops.policies.identity import OLDEST, check_identity, mask_id, normalise_id
from lifeops.policies.loading.faults import Notes
from lifeops.policies.models import IdType
from lifeops.screening.services.sheets import MOST_CELL, MOST_ROWS, day_in, rows_of

#: Column of the file → whether a file must have it.
COLUMNS = {"姓名": True, "曾用名或外文名": False, "证件类型": False, "证件号码": False, "出生日期": False, "说明": False}
TYPES = {str(label): code for code, label in IdType.choices} | {"身份证": IdType.RESIDENT}
#: As long as a number that tells who somebody is; a day has less signs.
NUMBER = re.compile(r"(?=[A-Za-z]*\d)[0-9A-Za-z]{9,}")
BETWEEN = re.compile(r"[;；、/|]")
MOST_NAME, MOST_ALSO, MOST_NOTE = 60, 20, 100


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A row that is fine."""

    row: int
    name: str
    also: tuple[str, ...] = ()
    id_type: str = ""
    id_number: str = ""
    birth_date: date | None = None
    note: str = ""


def _shown(cell: str, most: int) -> str:
    """What stands in a cell, for a fault: a number that has slipped into another column stays behind the mask."""
    return NUMBER.sub(lambda found: mask_id(found.group()), cell)[:most]


@dataclass
class _Reader:
    file: str
    today: date
    notes: Notes = field(default_factory=Notes)
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)


def read_list(name: str, content: bytes, *, today: date) -> list[Listed]:
    """The people of a file. Faulty with every fault of every row."""
    reader, found = _Reader(name, today), list[Listed]()
    rows = rows_of(name, content)
    heading = next(rows, (1, []))
    columns = [visible(cell).strip() for cell in heading[1]]
    if lacking := [c for c, must in COLUMNS.items() if must and c not in columns]:
        reader.notes.fault(name, heading[0], f"缺少列 {'、'.join(lacking)}；表头应为 {'、'.join(COLUMNS)}")
    if unknown := [c for c in columns if c and c not in COLUMNS]:
        reader.notes.fault(name, heading[0], f"不认识的列 {_shown('、'.join(unknown), 60)}；表头应为 {'、'.join(COLUMNS)}")
    if twice := [c for c in COLUMNS if columns.count(c) > 1]:
        reader.notes.fault(name, heading[0], f"列 {'、'.join(twice)} 重复")
    reader.notes.stop_if_faulty()
    for row, cells in rows:
        if not any(cells):
            continue
        if len(found) >= MOST_ROWS:
            reader.notes.fault(name, row, f"超过 {MOST_ROWS} 行，请分为几个名单")
            break
        if len(cells) > len(columns):
            reader.notes.fault(name, row, "列数多于表头")
            continue
        if any(len(cell) > MOST_CELL or "\x00" in cell for cell in cells):
            reader.notes.fault(name, row, "内容过长或含有控制字符")
            continue
        if (one := _row(reader, row, dict(zip(columns, cells, strict=False)))) is not None:
            found.append(one)
    if not found and not reader.notes.faults:
        reader.notes.fault(name, 0, "没有数据")
    reader.notes.stop_if_faulty()
    return found


def _row(reader: _Reader, row: int, cells: dict[str, str]) -> Listed | None:
    before = len(reader.notes.faults)

    def wrong(reason: str) -> None:
        reader.notes.fault(reader.file, row, reason)

    told = {column: visible(cells.get(column, "")).strip() for column in COLUMNS}
    name, also = told["姓名"], tuple(dict.fromkeys(part.strip() for part in BETWEEN.split(told["曾用名或外文名"]) if part.strip()))
    if not name:
        wrong("姓名为空")
    if any(len(one) > MOST_NAME for one in (name, *also)):
        wrong(f"姓名最多 {MOST_NAME} 个字")
    if len(also) > MOST_ALSO:
        wrong(f"曾用名或外文名最多 {MOST_ALSO} 个")
    if len(told["说明"]) > MOST_NOTE:
        wrong(f"说明最多 {MOST_NOTE} 个字")
    born = day_in(told["出生日期"]) if told["出生日期"] else None
    if told["出生日期"] and (born is None or not OLDEST <= born <= reader.today):
        wrong(f"出生日期“{_shown(told['出生日期'], 20)}”应为 {OLDEST} 至今天的日期，如 1986-05-17")
    id_type, number, born = _document(reader, told, born, wrong)
    key = (number,) if number else (name, str(born or ""))
    if (first := reader.seen.setdefault(key, row)) != row:
        wrong(f"与第 {first} 行重复")
    if len(reader.notes.faults) > before:
        return None
    return Listed(row=row, name=name, also=also, id_type=id_type, id_number=number, birth_date=born, note=told["说明"])


def _document(reader: _Reader, told: dict[str, str], born: date | None, say: Callable[[str], None]) -> tuple[str, str, date | None]:
    """Type, number, and the birth date, which a card tells as well. A fault tells of the number without showing it."""
    number, kind = normalise_id(told["证件号码"]), told["证件类型"]
    if kind and kind not in TYPES:
        say(f"没有证件类型“{_shown(kind, 20)}”，可填 {'、'.join(TYPES)}")
        return "", number, born
    if not number:
        if kind:
            say("填了证件类型，证件号码为空")
        return "", "", born
    if re.fullmatch(r"\d+(?:\.\d+)?E\+?\d+", number):
        say("证件号码成了科学计数，请把该列设为文本后重新填写")
        return "", number, born
    id_type = TYPES.get(kind, IdType.RESIDENT)
    check = check_identity(id_type=id_type, number=number, on=reader.today, birth_date=born)
    for reason in check.errors.values():
        say(reason)
    return id_type, number, check.birth_date
