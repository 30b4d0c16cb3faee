"""Bring a list in from a file; another person puts it in force on the page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lifeops.org.models import User
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.loading.faults import Faulty
from lifeops.screening.models import ListKind
from lifeops.screening.services.lists import enter
from lifeops.screening.services.reading import read_list

MOST_SHOWN = 50


class Command(BaseCommand):
    help = "录入名单（CSV 或 xlsx）：全部行检查通过才录入，另一人在“名单核查”批准后生效；--check 只检查"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", help="CSV 或 xlsx 文件")
        parser.add_argument("--check", action="store_true", help="只检查文件")
        parser.add_argument("--code", default="", help="名单代码，同一名单各版本相同")
        parser.add_argument("--source", default="", help="来源，如 公安部")
        parser.add_argument("--kind", choices=ListKind.values, default="")
        parser.add_argument("--from", dest="since", help="生效日，默认今天")
        parser.add_argument("--to", dest="until", help="失效日")
        parser.add_argument("--reason", default="", help="依据（文号）")
        parser.add_argument("--by", default="", help="录入人工号：总公司运营主管")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            content = path.read_bytes()
        except OSError:
            raise CommandError(f"无法打开文件：{path.name}") from None
        try:
            self._go(path.name, content, options)
        except Faulty as error:
            for fault in error.faults[:MOST_SHOWN]:
                self.stderr.write(str(fault))
            raise CommandError(f"共 {len(error.faults)} 处错误，没有录入") from None
        except BookInvalid as error:
            raise CommandError("；".join(str(words) for words in error.errors.values())) from None
        except BookRefused as error:
            raise CommandError("；".join(error.reasons)) from None

    def _go(self, name: str, content: bytes, options: dict[str, Any]) -> None:
        if options["check"]:
            self.stdout.write(f"{name}：{len(read_list(name, content, today=timezone.localdate()))} 人，没有错误")
            return
        if lacking := [f"--{key}" for key in ("code", "source", "kind", "reason", "by") if not options[key]]:
            raise CommandError(f"缺少 {'、'.join(lacking)}")
        actor = User.objects.filter(staff_no=options["by"], is_active=True).first()
        if actor is None:
            raise CommandError(f"没有工号 {options['by']} 的员工")
        made = enter(
            code=options["code"], source=options["source"], kind=options["kind"], reason=options["reason"], file_name=name, content=content,
            effective_from=_day(options["since"]) or timezone.localdate(), effective_to=_day(options["until"]), actor=actor, now=timezone.now(),
        )  # fmt: skip
        self.stdout.write(f"已录入 {made}：{made.entry_count} 人，待另一人批准")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"“{text}”不是日期，应为 2026-01-31") from None
