"""`run_policy_day [--day 2027-03-03]`: move policies by date. Twice, or after missed days, ends where daily runs would."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from lifeops.policies.services.life import run_policy_day


class Command(BaseCommand):
    help = "保单日终批处理：应收、宽限、垫交、中止、周年、红利、生存金、满期、贷款；可重复执行"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", help="办理至此日（含），缺省为今天")

    def handle(self, *args: Any, **options: Any) -> None:
        today, day = timezone.localdate(), None
        if options["day"]:
            try:
                day = parse_date(options["day"])
            except ValueError:
                day = None
            if day is None:
                raise CommandError("请填写有效日期，如 2027-03-03")
            if day > today:
                raise CommandError("不能晚于今天")
        run = run_policy_day(day or today)
        self.stdout.write(f"保单 {run.policies} 张，事项 {run.steps} 件，未能办理 {run.stuck} 张")
