"""Prove that the board's counters equal a count of the cases."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lifeops.insight.counters import prove


class Command(BaseCommand):
    help = "核对看板计数与案件；--mend 同时更正"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--mend", action="store_true", help="更正不符之处")

    def handle(self, *args: Any, **options: Any) -> None:
        found = prove(repair=options["mend"])
        for table, rows in found.items():
            for row in rows:
                self.stdout.write(f"{table}: {row}")
        wrong = sum(len(rows) for rows in found.values())
        if wrong and not options["mend"]:
            raise CommandError(f"计数不符 {wrong} 处")
        self.stdout.write(f"已更正 {wrong} 处" if wrong else "计数与案件一致")
