"""Demonstration: rules, company, documented accounts, and claims in every state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from lifeops.demo.company import hire, make_units
from lifeops.demo.story import STAGES, Story
from lifeops.org.models import Branch

ROUNDS = 3


class Command(BaseCommand):
    help = "装入演示数据（仅空库；生产环境拒绝）"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--if-empty", action="store_true", help="库中已有机构时什么也不做")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不装入演示数据")
        if Branch.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("库中已有机构，演示数据只装入空库")
        self.stdout.write("· 首次启动：装入规则与演示数据 …")
        with transaction.atomic():
            call_command("load_defaults", stdout=self.stdout)
            story = Story(hire(make_units()))
            for number, stage in enumerate(STAGES * ROUNDS, start=1):
                story.claim(number, stage, timezone.now() - timedelta(days=2 + (number * 3) % 12, hours=10))
        self.stdout.write(f"· 演示案件 {len(STAGES) * ROUNDS} 件")
