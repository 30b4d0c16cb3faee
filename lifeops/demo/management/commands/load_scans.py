"""`manage.py load_scans FOLDER`: scanned case files as new arrivals at the counters of the demonstration."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lifeops.demo.arrivals import SHIPPED, read_arrivals, register
from lifeops.org.models import Branch, Level, Posting, Role, User


class Command(BaseCommand):
    help = "把扫描件登记为机构柜面的新受理案件（只用于演示数据；可重复执行）"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", nargs="?", default=str(SHIPPED), help="含各案件目录（扫描件与 truth.json）的文件夹")
        parser.add_argument("--sorted", action="store_true", help="同时按 truth.json 定好各页类型；不加则留给扫描岗分类")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不装入演示扫描件")
        folder = Path(options["folder"])
        arrivals = read_arrivals(folder) if folder.is_dir() else []
        if not arrivals:
            raise CommandError(f"{folder} 下没有案件目录（每个目录须有 truth.json）")
        counters = cycle(self.counters())
        for arrival in arrivals:
            branch, clerk, scanner = next(counters)
            case = register(arrival, branch=branch, clerk=clerk, scanner=scanner, now=timezone.now(), sort=options["sorted"])
            if case is None:
                self.stdout.write(f"· {arrival.number} 已登记过")
                continue
            note = "" if arrival.in_catalogue else f"（目录尚无“{arrival.business}”，按 {case.item_label} 登记）"
            self.stdout.write(f"· {arrival.number} → {case.number} {branch.short_name} {case.item_label}{note}")

    def counters(self) -> list[tuple[Branch, User, User]]:
        """Counters with both a clerk and a scanner, the first of them every second time."""
        found = []
        today = timezone.localdate()
        for branch in Branch.objects.filter(level=Level.COUNTY).order_by("code"):
            posts = {p.role: p.user for p in Posting.objects.in_force(today).filter(branch=branch).select_related("user")}
            if Role.INTAKE in posts and Role.SCAN in posts:
                found.append((branch, posts[Role.INTAKE], posts[Role.SCAN]))
        if not found:
            raise CommandError("没有同时设受理岗和扫描岗的机构，请先装入演示数据")
        rest = [row for other in found[1:] for row in (found[0], other)]
        return rest or found
