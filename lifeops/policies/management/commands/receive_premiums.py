"""`receive_premiums FILE`: premiums the bank has collected come into the book. The same file again changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lifeops.policies.rules.lines import yuan
from lifeops.policies.services.receipts import COLUMNS, Unreadable, book


class Command(BaseCommand):
    help = "保费入账：银行到账文件（CSV，UTF-8，列 policy_number、amount、received_on、reference），逐行入账；可重复执行"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=f"CSV 文件，列 {'、'.join(COLUMNS)}")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            done = book(options["file"], today=timezone.localdate(now), now=now)
        except Unreadable as error:
            raise CommandError(f"{options['file'].name}：{error}") from None
        for fault in done.faults:
            self.stderr.write(f"{options['file'].name} {fault}")
        self.stdout.write(f"入账 {done.rows} 笔 {yuan(done.amount)} 元，以前已入账 {done.before} 笔，未能入账 {len(done.faults)} 笔")
        if done.faults:
            raise CommandError(f"{len(done.faults)} 笔未能入账，请核对后重新提交")
