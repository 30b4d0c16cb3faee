"""Load a year's calendar from a CSV file (date, is_workday, name), or from the library."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from lifeops.workdays.calendar import forget_calendar
from lifeops.workdays.defaults import load_defaults
from lifeops.workdays.models import CalendarDay


class Command(BaseCommand):
    help = "装入工作日历：--csv 文件（列 date,is_workday,name），或内置的已公布年份"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--csv")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["csv"]:
            self.stdout.write(f"新增 {load_defaults()} 天")
            return
        rows, errors = read_days(Path(options["csv"]))
        if errors:
            raise CommandError("文件未装入：\n" + "\n".join(errors[:20]))
        with transaction.atomic():
            CalendarDay.objects.bulk_create(
                rows, batch_size=1000, update_conflicts=True, unique_fields=["day"], update_fields=["is_workday", "name"]
            )
        forget_calendar()
        self.stdout.write(f"装入 {len(rows)} 天")


def read_days(path: Path) -> tuple[list[CalendarDay], list[str]]:
    """Rows of the file and, per bad row, what is wrong with it."""
    rows: list[CalendarDay] = []
    errors: list[str] = []
    try:
        handle = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CommandError(f"无法打开文件：{path.name}") from error
    with handle:
        for number, row in enumerate(csv.DictReader(handle), start=2):
            try:
                day = date.fromisoformat((row.get("date") or "").strip())
            except ValueError:
                errors.append(f"第 {number} 行：日期“{row.get('date')}”无法识别")
                continue
            if (row.get("is_workday") or "").strip() not in ("0", "1"):
                errors.append(f"第 {number} 行：is_workday 应为 0 或 1")
                continue
            rows.append(CalendarDay(day=day, is_workday=row["is_workday"].strip() == "1", name=(row.get("name") or "")[:40]))
    return rows, errors
