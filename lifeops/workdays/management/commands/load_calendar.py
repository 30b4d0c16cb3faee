"""Load calendar days from a CSV file, or the announced years from the library."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from lifeops.workdays.calendar import forget_calendar
from lifeops.workdays.defaults import load_defaults
from lifeops.workdays.models import CalendarDay


def given(columns: Sequence[str]) -> list[str]:
    """Fields the file speaks of; a file without a column leaves what the table says."""
    return [field for field in ("is_workday", "name", "note") if field in columns]


class Command(BaseCommand):
    help = "装入工作日历：--csv 文件（列 date,is_workday，可有 weekday,name,note），不带文件则装入内置的已公布年份"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--csv", help="UTF-8 文件，每天一行；任何一行有误则整个文件不装入")
        parser.add_argument(
            "--fill", action="store_true", help="文件只列放假与调休日：所涉年份其余未列日期按周一至周五补齐"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["csv"]:
            self.stdout.write(f"新增 {load_defaults()} 天")
            return
        path = Path(options["csv"])
        rows, fields, errors = read_days(path)
        if errors:
            more = f"\n……共 {len(errors)} 处" if len(errors) > 20 else ""
            raise CommandError("文件未装入：\n" + "\n".join(errors[:20]) + more)
        rest = rest_of_years({row.day for row in rows}) if options["fill"] else []
        added, changed = store(rows, rest, fields, reason=f"装入文件 {path.name}"[:100])
        self.stdout.write(f"新增 {added} 天，更改 {changed} 天，未变 {len(rows) + len(rest) - added - changed} 天")


def read_days(path: Path) -> tuple[list[CalendarDay], list[str], list[str]]:
    """Rows of the file, the fields it gives and, per bad row, what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"无法打开文件：{path.name}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"文件不是 UTF-8 编码：{path.name}") from error
    reader = csv.DictReader(text.splitlines())
    lacking = {"date", "is_workday"} - set(reader.fieldnames or ())
    if lacking:
        return [], [], [f"第 1 行：缺少列 {'、'.join(sorted(lacking))}"]
    rows: list[CalendarDay] = []
    errors: list[str] = []
    seen: dict[date, int] = {}
    for row in reader:
        number = reader.line_num
        cells = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        try:
            day = date.fromisoformat(cells["date"])
        except ValueError:
            errors.append(f"第 {number} 行：日期“{cells['date']}”无法识别，应如 2026-01-01")
            continue
        wrong = faults(day, cells)
        if day in seen:
            wrong.append(f"日期 {day} 与第 {seen[day]} 行重复")
        errors += [f"第 {number} 行：{fault}" for fault in wrong]
        seen.setdefault(day, number)
        if not wrong:
            rows.append(
                CalendarDay(
                    day=day, is_workday=cells["is_workday"] == "1", name=cells.get("name", ""), note=cells.get("note", "")
                )
            )
    if not rows and not errors:
        errors.append("文件中没有日期")
    return rows, given(reader.fieldnames or ()), errors


def faults(day: date, cells: dict[str, str]) -> list[str]:
    """What is wrong with the other cells of a row."""
    found = []
    if cells["is_workday"] not in ("0", "1"):
        found.append(f"“是否工作日”应为 0 或 1，现为“{cells['is_workday']}”")
    if cells.get("weekday") and cells["weekday"] != str(day.isoweekday()):
        found.append(f"星期与日期不符，{day} 应为 {day.isoweekday()}")
    for name, label, longest in (("name", "名称", 40), ("note", "备注", 200)):
        if len(cells.get(name, "")) > longest:
            found.append(f"{label}超过 {longest} 个字")
    return found


def rest_of_years(named: set[date]) -> list[CalendarDay]:
    """The days of the named years that the file does not list, Monday–Friday working."""
    found = []
    for year in sorted({day.year for day in named}):
        day = date(year, 1, 1)
        while day.year == year:
            if day not in named:
                found.append(CalendarDay(day=day, is_workday=day.weekday() < 5))
            day += timedelta(days=1)
    return found


@transaction.atomic
def store(rows: list[CalendarDay], rest: list[CalendarDay], fields: list[str], *, reason: str) -> tuple[int, int]:
    """Add what is new, change where `rows` differ, with history; `rest` only fills gaps. Returns both counts."""
    known = {row.day: row for row in CalendarDay.objects.select_for_update()}
    new, changed = [row for row in rest if row.day not in known], []
    for row in rows:
        old = known.get(row.day)
        if old is None:
            new.append(row)
        elif any(getattr(old, field) != getattr(row, field) for field in fields):
            for field in fields:
                setattr(old, field, getattr(row, field))
            changed.append(old)
    bulk_create_with_history(new, CalendarDay, batch_size=1000, default_change_reason=reason)
    if changed:
        bulk_update_with_history(changed, CalendarDay, fields, batch_size=1000, default_change_reason=reason)
    forget_calendar()
    transaction.on_commit(forget_calendar)
    return len(new), len(changed)
