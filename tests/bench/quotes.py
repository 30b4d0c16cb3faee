"""Batch quoting against the bare look into the table: 10,000 quotes, the same questions, in the same run."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lifeops.policies.models import ProductVersion, Rate
from lifeops.policies.services.quoting import Ask, Offer, Tariff, offers

COUNT, TURNS = 10_000, 60


def asks() -> list[Ask]:
    version = ProductVersion.objects.select_related("product").get(product__code="T20")
    ways = itertools.cycle(itertools.product("MF", range(18, 41), ("10Y", "20Y", "30Y"), ("10Y",), range(50_000, 500_000, 50_000)))
    return [
        Ask(version=version, sex=sex, age=age, cover_term=cover, pay_term=pay, pay_mode="annual", sum_assured=Decimal(amount))
        for sex, age, cover, pay, amount in itertools.islice(ways, COUNT)
    ]


def seconds(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def quotes(report: Callable[..., None]) -> None:
    """Bare look: the table is read and each cell found in it; or each cell by a query of its own. The batch reads the table,
    finds each cell, holds the terms against the question, prices and rounds."""
    questions = asks()
    version = questions[0].version

    def bare() -> None:
        tariff = Tariff(version)
        for ask in questions:
            tariff.rate(ask)

    def by_query() -> None:
        for ask in questions[:500]:
            Rate.objects.filter(
                version=version, kind="premium", sex=ask.sex, age=ask.age, cover_term=ask.cover_term, pay_term=ask.pay_term, key=""
            ).values_list("values").get()

    # in turns, and the best of each: a hundredth of a second is soon lost to whatever else the machine does
    found: dict[str, list[float]] = {"bare": [], "query": [], "batch": []}
    for turn in range(TURNS):
        found["bare"].append(seconds(bare))
        found["batch"].append(seconds(lambda: offers(questions)))
        if turn < 3:
            found["query"].append(seconds(by_query) * COUNT / 500)
    ms = {name: round(min(values) * 1000, 1) for name, values in found.items()}
    assert all(isinstance(answer, Offer) for answer in offers(questions))
    per_query = ms["batch"] / ms["query"]
    report("10,000 quotes ÷ 10,000 cells by query each, time", per_query, "≤ 5", per_query <= 5, ms=ms)
    per_look = ms["batch"] / ms["bare"]
    report("10,000 quotes ÷ table read and 10,000 cells found, time", per_look, "≤ 5", per_look <= 5, ms=ms)
