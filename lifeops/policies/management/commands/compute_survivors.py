"""Survivors of the public life table, as the catalogue reckons with: python manage.py compute_survivors TABLE.csv."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lifeops.policies.mortality import COLUMNS, SURVIVORS

RADIX = Decimal(10) ** 12


class Command(BaseCommand):
    help = "由公布的经验生命表（列 age、CL1…CL6 为年死亡率）计算生存人数，写入险种目录所用的数据文件"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("table", type=Path)
        parser.add_argument("--output", type=Path, default=SURVIVORS)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["table"].open(encoding="utf-8") as stream:
                rows = [{k: Decimal(v) for k, v in row.items()} for row in csv.DictReader(stream)]
        except (OSError, InvalidOperation, TypeError) as error:
            raise CommandError(f"不能读取生命表：{error}") from error
        if [int(r["age"]) for r in rows] != list(range(106)) or any(not 0 < r[c] <= 1 for r in rows for c in COLUMNS):
            raise CommandError("生命表应有 0 至 105 岁、各列死亡率在 0 与 1 之间")
        alive = dict.fromkeys(COLUMNS, RADIX)
        with options["output"].open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(",".join(("age", *COLUMNS)) + "\n")
            for row in rows:
                stream.write(",".join([str(int(row["age"])), *(str(round(alive[c])) for c in COLUMNS)]) + "\n")
                alive = {c: alive[c] * (1 - row[c]) for c in COLUMNS}
        self.stdout.write(f"已写入 {options['output'].name}，{len(rows)} 个年龄")
