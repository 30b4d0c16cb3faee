"""Compute every blind index and payment seal under the newest key; may be broken off and called again, while the system runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lifeops.policies.services import reindexing
from lifeops.policies.services.rotating import Unreadable


class Command(BaseCommand):
    help = "盲索引密钥轮换：各进程已用新密钥写入（新密钥在第一行，旧的在后）后运行；--check 为零后方可移除旧密钥"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--batch", type=int, default=reindexing.BATCH, help="每批行数")
        parser.add_argument("--batches", type=int, help="每表至多处理几批（余下的下次继续）")
        parser.add_argument("--again", action="store_true", help="从头再查一遍")
        parser.add_argument("--check", action="store_true", help="只统计未用新密钥的行，不作更改")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch"] <= 10_000:
            raise CommandError("每批行数应为 1 至 10000")
        if options["again"]:
            reindexing.again()
        total, left = 0, list[str]()
        given: dict[str, Any] = {"now": timezone.now(), "size": options["batch"], "most": options["batches"]}
        for model in [*reindexing.indexed(), None]:
            label = f"{model._meta.verbose_name}（{model._meta.db_table}）" if model else "付款封存（policies_payment）"
            try:
                if options["check"]:
                    number = reindexing.remaining(model) if model else reindexing.remaining_seals()
                else:
                    done = reindexing.reindex(model, **given) if model else reindexing.reseal(**given)
                    number, left = done.changed, left + done.left
            except Unreadable as error:
                raise CommandError(str(error)) from None
            total += number
            self.stdout.write(f"{label}：{'待轮换' if options['check'] else '已重算'} {number} 行")
        self.stdout.write(f"合计 {total} 行")
        if left:
            raise CommandError("\n".join(["以下各行未能换用新密钥，旧密钥不可移除：", *left]))
        if options["check"] and total:
            raise CommandError("仍有数据使用旧密钥，旧密钥不可移除")
