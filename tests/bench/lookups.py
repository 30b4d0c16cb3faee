"""Search-as-you-type over the forty thousand codes of ICD-10: what the server needs for each answer, as people type."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from statistics import median

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from lifeops.reference.models import Diagnosis
from tests.bench.measure import at, times
from tests.cast import Cast
from tests.conftest import SHARED

#: Typed letter by letter: a code, names, initials, words; and what is hardest, one sign that very many names hold.
TYPED = ("j18.900", "急性阑尾炎", "恶性肿瘤", "jxlwy", "gxy", "急性 心肌", "炎", "x", "a", "zxxgnbh")
TURNS = 15


def lookups(cast: Cast, report: Callable[..., None]) -> None:
    source = SHARED / "data" / "icd10_zh.csv"
    if not source.exists():
        return
    call_command("load_reference", str(source), stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE reference_diagnosis")
    client = Client()
    client.force_login(cast.entry, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("cases:lookup", args=["icd10"])
    texts = sorted({text[: n + 1] for text in TYPED for n in range(len(text))})
    took: dict[str, float] = {}
    for text in texts:
        acts = times([lambda text=text: client.get(url, {"q": text})] * TURNS)
        took[text] = median(acts)
    slowest = max(took, key=lambda text: took[text])
    report(
        f"search as you type over {Diagnosis.objects.count():,} codes: slowest of {len(texts)} texts, ms", took[slowest], "≤ 50",
        took[slowest] <= 50, slowest=slowest, ms={"median": round(median(took.values()), 1), "p95": round(at(list(took.values()), 0.95), 1)},
    )
