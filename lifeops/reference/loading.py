"""Lists out of files: every faulty row is named; a second loading of the same file changes nothing."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from lifeops.reference.lists import Faulty, ListSpec, Row
from lifeops.reference.models import Entry

LARGEST = 50 * 1024 * 1024
LONGEST_LINE = 5_000
BATCH = 2_000


class Unloadable(Exception):
    """The file as a whole cannot be read; str() is Chinese text."""


@dataclass
class Read:
    """Rows of a file as fields, and what is wrong with the others."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Loaded:
    """Counts of a loading."""

    added: int
    changed: int
    same: int
    retired: int = 0

    def __str__(self) -> str:
        retired = f"，停用随系统提供的 {self.retired} 条" if self.retired else ""
        return f"新增 {self.added} 条，更改 {self.changed} 条，未变 {self.same} 条{retired}"


def text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise Unloadable(f"文件超过 {LARGEST // 1024 // 1024} MB：{path.name}")
        return path.read_text(encoding="utf-8-sig")
    except OSError:
        raise Unloadable(f"无法打开文件：{path.name}") from None
    except UnicodeDecodeError:
        raise Unloadable(f"文件不是 UTF-8 编码：{path.name}") from None


def read_file(spec: ListSpec, path: Path) -> Read:
    """All rows of a file, judged. Raises Unloadable where it is not such a file at all."""
    reader = csv.DictReader(text_of(path).splitlines(), strict=True)
    try:
        lacking = set(spec.columns) - set(reader.fieldnames or ())
        if lacking:
            raise Unloadable(f"{path.name} 第 1 行：缺少列 {'、'.join(sorted(lacking))}")
        found = Read()
        seen: dict[str, int] = {}
        for raw in reader:
            number = reader.line_num
            try:
                given = spec.read(cells(raw))
                if given["code"] in seen:
                    raise Faulty(f"代码 {given['code']} 与第 {seen[given['code']]} 行重复")
            except Faulty as fault:
                found.faults.append(f"{path.name} 第 {number} 行：{fault}")
                continue
            seen[given["code"]] = number
            found.rows.append(given)
    except csv.Error as error:
        raise Unloadable(f"{path.name} 第 {reader.line_num} 行：表格格式错误（{error}）") from None
    if not found.rows and not found.faults:
        raise Unloadable(f"{path.name} 中没有数据")
    if spec.finish:
        spec.finish(found.rows)
    return found


def cells(raw: dict[Any, Any]) -> Row:
    if None in raw:
        raise Faulty("列数多于表头")
    if any(value is None for value in raw.values()):
        raise Faulty("列数少于表头")
    values = {key: value.strip() for key, value in raw.items()}
    if any("\x00" in value or len(value) > LONGEST_LINE for value in values.values()):
        raise Faulty("含有控制字符或内容过长")
    return values


@transaction.atomic
def store(spec: ListSpec, rows: list[dict[str, Any]], *, starter: bool = False) -> Loaded:
    """Add what is new and change what differs; rows of the start list that a file does not have are put out of use.
    The start list itself only adds."""
    model: type[Entry] = spec.model
    known = {row.code: row for row in model._default_manager.select_for_update()}
    new, changed = [], []
    for given in rows:
        old = known.get(given["code"])
        if old is None:
            new.append(made(model, given, starter))
        elif not starter and differs(old, given, spec):
            changed.append(old)
    model._default_manager.bulk_create(new, batch_size=BATCH)
    if changed:
        fields = ["name", "initials", "grams", "active", "starter", *model.facts]
        model._default_manager.bulk_update(changed, fields, batch_size=500)
    retired = 0
    if not starter:
        codes = {given["code"] for given in rows}
        gone = [row.pk for row in known.values() if row.starter and row.active and row.code not in codes]
        # divisions come in two files; provinces of the start list are in both
        retired = model._default_manager.filter(pk__in=gone).update(active=False)
    return Loaded(len(new), len(changed), len(rows) - len(new) - len(changed), retired)


def made(model: type[Entry], given: dict[str, Any], starter: bool) -> Entry:
    entry = model(**given, starter=starter)
    entry.derive()
    return entry


def differs(old: Entry, given: dict[str, Any], spec: ListSpec) -> bool:
    """Take over what a file says; True where that changed something."""
    beside = spec.beside if spec.beside and not old.starter and getattr(old, "current", False) else ()
    wanted = {name: given[name] for name in beside} if beside else given | {"active": True, "starter": False}
    if all(getattr(old, name) == value for name, value in wanted.items()):
        return False
    renamed = "name" in wanted and old.name != wanted["name"]
    for name, value in wanted.items():
        setattr(old, name, value)
    if renamed:
        old.derive()
    return True
