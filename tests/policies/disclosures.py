"""The reference disclosures, read by csv and json alone: what the loader and the quotes are held against."""

from __future__ import annotations

import csv
import functools
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management import call_command

from lifeops.policies.models import ProductVersion
from tests.conftest import SHARED

PRODUCTS = SHARED / "data" / "products"
CODES = ("P111002", "P123001", "P212014", "P214001", "P315061", "P411008", "P415011", "P611005")


def load(*codes: str) -> list[ProductVersion]:
    """Load these (all of them where none is named), on sale from 2026-01-01."""
    for path in [PRODUCTS / code for code in codes] or [PRODUCTS]:
        call_command("load_products", path, "--sale-from", "2026-01-01", stdout=io.StringIO())
    return [version_of(code) for code in codes]


def rows(code: str, name: str) -> Iterator[dict[str, str]]:
    with (PRODUCTS / code / name).open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def version_of(code: str) -> ProductVersion:
    return ProductVersion.objects.select_related("product").get(product__code=code)


@functools.cache
def examples(code: str) -> list[dict[str, Any]]:
    """Each worked example with its years: {"scenario": …, "years": {year: {item: value}}}."""
    told = json.loads((PRODUCTS / code / "illustrations.json").read_text(encoding="utf-8"))
    found = [{"scenario": one, "years": {}} for one in told["examples"]]
    for row in rows(code, "illustrations.csv"):
        years = found[int(row["example"]) - 1]["years"]
        years.setdefault(int(row["policy_year"]), {})[row["item"]] = Decimal(row["value"])
    return found


def folder(tmp: Path, code: str) -> Path:
    """A copy of one product's folder, to be damaged."""
    import shutil

    target = tmp / code
    shutil.copytree(PRODUCTS / code, target)
    for file in [target, *target.iterdir()]:
        file.chmod(0o755)
    return target
