"""Load lists people choose from: one file, or every file of a folder that is known by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from lifeops.reference.lists import SPECS, ListSpec
from lifeops.reference.loading import Unloadable, read_file, store

CALENDAR = "holidays.csv"
MOST_SHOWN = 20


class Command(BaseCommand):
    help = "装入参考数据：目录（按文件名识别）或单个文件（--list 指明清单）；有误的行逐行报告并跳过，--strict 时该文件不装入"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("path", help="目录，或一个 UTF-8 CSV 文件")
        parser.add_argument("--list", choices=sorted(SPECS), help="单个文件属于哪个清单（默认按文件名）")
        parser.add_argument("--strict", action="store_true", help="任何一行有误则整个文件不装入")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["path"])
        if path.is_dir():
            if options["list"]:
                raise CommandError("--list 用于单个文件")
            chosen = [(spec, path / spec.file) for spec in SPECS.values() if (path / spec.file).exists()]
            if not chosen and not (path / CALENDAR).exists():
                raise CommandError(f"目录中没有可识别的文件：{'、'.join(s.file for s in SPECS.values())}")
        else:
            spec = SPECS.get(options["list"] or "") or next((s for s in SPECS.values() if s.file == path.name), None)
            if spec is None:
                raise CommandError("不认识的文件名，请用 --list 指明清单")
            chosen = [(spec, path)]
        failed = [spec.label for spec, file in chosen if not self.load(spec, file, options["strict"])]
        if path.is_dir() and (path / CALENDAR).exists():
            self.stdout.write("工作日历：", ending="")
            call_command("load_calendar", csv=str(path / CALENDAR), stdout=self.stdout)
        if failed:
            raise CommandError(f"未装入：{'、'.join(failed)}")

    def load(self, spec: ListSpec, path: Path, strict: bool) -> bool:
        try:
            found = read_file(spec, path)
        except Unloadable as error:
            self.stderr.write(f"{spec.label}：{error}")
            return False
        for fault in found.faults[:MOST_SHOWN]:
            self.stderr.write(f"{spec.label}：{fault}")
        if len(found.faults) > MOST_SHOWN:
            self.stderr.write(f"{spec.label}：……共 {len(found.faults)} 处")
        if found.faults and (strict or not found.rows):
            return False
        skipped = f"，跳过 {len(found.faults)} 行" if found.faults else ""
        self.stdout.write(f"{spec.label}：{store(spec, found.rows)}{skipped}")
        return True
