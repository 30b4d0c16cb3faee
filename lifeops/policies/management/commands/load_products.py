"""险种装入: python manage.py load_products PATH. Checks everything first; a fault anywhere and nothing is loaded."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lifeops.policies.loading.faults import Faulty
from lifeops.policies.loading.store import compare, load, read_all

OUTCOMES = {"new": "新险种", "version": "新版本", "same": "未变"}


class Command(BaseCommand):
    help = "装入险种：一个产品文件夹，或其上一级；内容不变的不重复装入，改变的成为新版本"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="产品文件夹（product.json、rates.csv …），或含若干产品文件夹的文件夹")
        parser.add_argument("--sale-from", type=date.fromisoformat, help="起售日 YYYY-MM-DD，默认为今天或现版本之后")
        parser.add_argument("--check", action="store_true", help="只检查，不装入")
        parser.add_argument("--hints", action="store_true", help="同时列出提示")

    def handle(self, *args: Any, **options: Any) -> None:
        today, sale_from = timezone.localdate(), options["sale_from"]
        try:
            found = read_all(options["path"])
            if options["check"]:
                found = [compare(b, today=today, sale_from=sale_from) for b in found]
            else:
                found = load(found, today=today, sale_from=sale_from)
        except Faulty as error:
            for fault in error.faults:
                self.stderr.write(str(fault))
            raise CommandError(f"发现 {len(error.faults)} 处错误，未装入任何险种") from None
        for bundle in found:
            counts = "、".join(f"{name} {n}" for name, n in bundle.counts.items() if n)
            changes = f"（变化：{'、'.join(bundle.changes)}）" if bundle.changes else ""
            self.stdout.write(f"{OUTCOMES[bundle.outcome]} {bundle.code} {bundle.terms['name']} 版本 {bundle.version}：{counts}{changes}")
            for hint in bundle.hints if options["hints"] else []:
                self.stdout.write(f"  提示 {hint}")
