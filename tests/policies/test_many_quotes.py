"""Many quotes at once tell what each tells alone, to the 分 and to the word, whatever was asked in the same batch before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import ProductVersion
from lifeops.policies.rules.premium import Loading
from lifeops.policies.services.quoting import Ask, Offer, offer, offers

pytestmark = pytest.mark.django_db

#: Sum and premium in 元, loading: within the limits, at them, beyond them, off the step, not above zero, the other way round, both.
AMOUNTS: list[dict[str, Any]] = [
    {"sum_assured": Decimal(amount)} for amount in ("50000", "300000.00", "10000", "123000", "1", "0.005", "0", "-1000", "300001", "999999999")
] + [
    {"premium": Decimal(amount)} for amount in ("1000", "12345.67", "0", "-5")
] + [
    {}, {"sum_assured": Decimal(300000), "premium": Decimal(321)}, {"sum_assured": Decimal(300000), "premium": Decimal(0)},
    {"sum_assured": Decimal(300000), "loading": Loading(ratio=Decimal("0.5"))},
    {"sum_assured": Decimal(300000), "loading": Loading(per_mille=Decimal(2))}, {"sum_assured": Decimal(300000), "loading": Loading()},
]  # fmt: skip


def told(ask: Ask) -> Any:
    try:
        return whole(offer(ask))
    except BookRefused as refused:
        return whole(refused)


def whole(answer: Offer | BookRefused) -> Any:
    """All that an answer says; amounts with the places they are written with."""
    if isinstance(answer, BookRefused):
        return type(answer), str(answer)
    return str(answer.sum_assured), str(answer.standard), str(answer.extra), str(answer.total), answer.rate, answer.factor, answer.calculation


@pytest.mark.parametrize("code", ["T20", "W30", "M10", "E20", "R10", "A60"])
def test_a_batch_says_what_each_question_is_told_alone(code):
    version = ProductVersion.objects.select_related("product").get(product__code=code)
    cells = version.rates.filter(kind="premium").order_by("cover_term", "pay_term", "key", "age", "sex")
    asks = []
    for cell in [cells[n] for n in range(0, cells.count(), max(1, cells.count() - 1))]:
        dims = {name: int(value) if value.isdigit() else value for name, value in (part.split("=") for part in cell.key.split(";") if part)}
        modes = ["single"] if cell.pay_term == "SINGLE" else [mode for mode in version.terms["pay_modes"] if mode != "single"]
        for mode in [*modes, "daily"]:
            asked = {"sex": cell.sex or "F", "age": cell.age, "cover_term": cell.cover_term, "pay_term": cell.pay_term, "pay_mode": mode}
            asks += [Ask(version=version, **asked, **dims, **amount) for amount in AMOUNTS]
    # once when nothing of the kind was asked before, and once when all of it was
    found = [whole(answer) for answer in offers([*asks, *reversed(asks)])]
    alone = [told(ask) for ask in asks]
    assert found == [*alone, *reversed(alone)]
    assert sum(isinstance(answer[0], str) for answer in alone) >= len(asks) // 8  # not refusals only
