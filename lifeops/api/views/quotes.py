"""试算: premium for a sum, or the sum for a premium."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, read
from lifeops.api.documenting import says
from lifeops.api.shapes import quote as shapes
from lifeops.cases.access import CASE_ROLES
from lifeops.cases.errors import Invalid
from lifeops.cases.quote_form import QuoteForm, on_sale
from lifeops.policies.services.quoting import offer


class QuotesView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "quotes_create", "试算：保险金额求保费，或保费求保险金额；不提供的组合以 403 说明理由", tag="保单", takes=shapes.QuoteBody,
        gives={200: shapes.QuoteAnswer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        given = read(shapes.QuoteBody, request)
        day = given.get("day") or timezone.localdate()
        code = given.pop("product").strip().upper()
        version = next((v for v in on_sale(day) if v.product.code == code), None)
        if version is None:
            raise Invalid({"product": [f"没有险种 {code}，或其在 {day} 不在售"]})
        form = QuoteForm(_typed(given), version=version)
        if not form.is_valid():
            raise Invalid({name: list(map(str, words)) for name, words in form.errors.items()})
        unknown = sorted(set(given.get("items") or {}) - set(form.benefits))
        if unknown:
            raise Invalid({"items": [f"没有责任 {'、'.join(unknown)}"]})
        if given.get("per_mille") and "per_mille" not in form.fields:
            raise Invalid({"per_mille": ["按责任投保的险种没有统一的保险金额，不能按‰加费"]})
        found = offer(form.ask())
        told = {
            "product": code, "version": version.version, "age": found.ask.age, "sum_assured": found.sum_assured, "premium": found.total,
            "standard": found.standard, "extra": found.extra, "lines": found.calculation.lines,
        }  # fmt: skip
        return Response(shapes.QuoteAnswer(told).data)


def _typed(given: dict[str, Any]) -> dict[str, str]:
    """As a person would type it: the form says what is wrong with it."""
    flat = {k: v for k, v in given.items() if k not in ("items", "others")}
    for name, start in (("items", "item_"), ("others", "by_")):
        flat |= {f"{start}{k}": v for k, v in (given.get(name) or {}).items()}
    return {k: str(v) for k, v in flat.items() if v is not None}
