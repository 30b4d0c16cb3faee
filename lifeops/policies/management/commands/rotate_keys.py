"""Encrypt everything under the newest field key; may be broken off and called again, while the system runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lifeops.policies.services import rotating


class Command(BaseCommand):
    help = "密钥轮换：新密钥放在 FIELD_KEYS 最前并重启各进程后运行；完成并 --check 为零后方可移除旧密钥"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--batch", type=int, default=rotating.BATCH, help="每批行数")
        parser.add_argument("--batches", type=int, help="每表至多处理几批（余下的下次继续）")
        parser.add_argument("--again", action="store_true", help="从头再查一遍（轮换期间仍有旧进程写入时）")
        parser.add_argument("--check", action="store_true", help="只统计未用新密钥加密的值，不作更改")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch"] <= 10_000:
            raise CommandError("每批行数应为 1 至 10000")
        if options["again"]:
            rotating.again()
        total = 0
        for table in rotating.tables():
            try:
                if options["check"]:
                    number = rotating.remaining(table)
                else:
                    number = rotating.rotate(table, now=timezone.now(), size=options["batch"], most=options["batches"])
            except rotating.Unreadable as error:
                raise CommandError(str(error)) from None
            total += number
            self.stdout.write(f"{table.label}（{table.name}）：{'待轮换' if options['check'] else '已重新加密'} {number} 个值")
        self.stdout.write(f"合计 {total} 个值")
        if options["check"] and total:
            raise CommandError("仍有数据使用旧密钥，旧密钥不可移除")
