"""`manage.py letter_samples DIR`: one PDF of every kind of letter, to look at after a change of template."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lifeops.documents.letters import KINDS, render_letter
from lifeops.documents.letters.samples import SAMPLES


class Command(BaseCommand):
    help = "为每种文书生成一份样张（PDF），用于检查版式。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="样张存放目录")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for code, kind in KINDS.items():
            began = time.perf_counter()
            pdf = render_letter(code, SAMPLES[code])
            (folder / f"{code}.pdf").write_bytes(pdf)
            spent = time.perf_counter() - began
            self.stdout.write(f"{kind.title}　{code}.pdf　{len(pdf) // 1024} kB　{spent:.2f} 秒")
