"""`state_table`: print the state table, or write it to docs/states.md."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from lifeops.cases.table import as_markdown


class Command(BaseCommand):
    help = "显示状态表；--write 写入 docs/states.md"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        text = as_markdown()
        if options["write"]:
            (settings.BASE_DIR / "docs" / "states.md").write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text)
