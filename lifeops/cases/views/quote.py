"""试算页: choose a product, fill in what it asks for, see premium or sum with every line, and what the benefits come to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lifeops.cases.access import CASE_ROLES, access
from lifeops.cases.quote_form import QuoteForm, on_sale
from lifeops.policies.errors import BookRefused
from lifeops.policies.rules.values import amounts, in_clauses, reckoned
from lifeops.policies.services.quoting import Offer, offer, pay_years


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def quote(request: HttpRequest) -> HttpResponse:
    """`?product=` names the product; a refusal stays on the page with its reasons, what was typed stays."""
    versions = on_sale(timezone.localdate())
    code = request.GET.get("product", "")
    version = next((v for v in versions if v.product.code == code), versions[0] if versions and not code else None)
    form = QuoteForm(request.POST or None, version=version) if version else None
    found: Offer | None = None
    reasons: list[str] = ["没有这个险种，或今天不在售"] if code and version is None else []
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            found = offer(form.ask())
        except BookRefused as refused:
            reasons = refused.reasons
    context = {"versions": versions, "version": version, "form": form, "found": found, "reasons": reasons, **_shown(found)}
    if version is not None and found is None:
        context["clauses"] = in_clauses(version.definition)
        context["periods"] = [("等待期", version.waiting_days), ("犹豫期", version.cooling_off_days), ("宽限期", version.grace_days)]
    failed = bool(reasons) or bool(form is not None and form.errors)
    return render(request, "policies/quote.html", context, status=400 if failed else 200)


def _shown(found: Offer | None) -> dict[str, Any]:
    """Lines of the premium, and the benefits in the first policy year by their formulas."""
    if found is None:
        return {}
    calculation, definition = found.calculation, found.ask.version.definition
    shown: dict[str, Any] = {"lines": calculation.lines, "amount": calculation.amount, "benefits": []}
    if found.rate is not None and found.rate.measure != "flat":
        values = amounts(
            definition, basic=found.sum_assured, entry_age=found.ask.age, pay_years=pay_years(found.ask), premiums_paid=found.total
        )
        names = {b["code"]: b for b in definition.get("benefits", [])}
        shown["benefits"] = [
            {"name": names[code]["name"], "article": names[code]["article"], "line": told.lines[0], "amount": told.amount}
            for code, told in reckoned(definition, values, plan=found.ask.plan).items()
            if told.amount
        ]
    return shown
