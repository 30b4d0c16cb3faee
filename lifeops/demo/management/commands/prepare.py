"""The database before anything is served, in one process: migrations; demo data where it is empty; rules that are missing."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "迁移数据库；空库时装入演示数据，--no-demo 只装入初始规则、清单、日历与险种"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--no-demo", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if not options["no_demo"]:
            call_command("demo_data", if_empty=True, stdout=self.stdout)
        # also where there is data: what a newer version asks for is added, what people have made stays
        call_command("load_defaults", stdout=self.stdout)
