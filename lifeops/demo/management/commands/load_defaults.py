"""Rules, lists, calendar and products a fresh installation starts with. Safe to run again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.module_loading import import_string

PARTS = (
    "lifeops.workdays.defaults.load_defaults",
    "lifeops.reference.defaults.load_defaults",
    "lifeops.org.defaults.load_defaults",
    "lifeops.cases.defaults.load_defaults",
    "lifeops.documents.defaults.load_defaults",
    "lifeops.policies.catalogue.load_defaults",
    "intake.defaults.load_defaults",
    "underwriting.defaults.load_defaults",
)


class Command(BaseCommand):
    help = "装入初始规则、清单、日历与险种（可重复执行）"

    def handle(self, *args: Any, **options: Any) -> None:
        for dotted in PARTS:
            with transaction.atomic():
                import_string(dotted)()
        self.stdout.write("初始数据已装入")
