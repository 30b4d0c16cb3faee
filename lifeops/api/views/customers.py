"""客户 over the interface: whole and masked; a look behind a mask with its reason."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, read
from lifeops.api.documenting import query, says
from lifeops.api.shapes import customer as shapes
from lifeops.api.stepping import at_fields
from lifeops.cases.access import CASE_ROLES
from lifeops.cases.customer import whole
from lifeops.cases.customer_day import read_day
from lifeops.cases.errors import Invalid
from lifeops.cases.views.customer import get_party
from lifeops.policies.services.revealing import REVEALERS, NoSuchValue, reveal

TAG = "客户"


class CustomerView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "customers_retrieve", "客户全貌，或在某日的样子：保单、风险保额、证件与联系方式（已遮盖）、标记、此后的变化", tag=TAG,
        gives={200: shapes.CustomerShape}, refuses=(404,), parameters=(query("as_of", "日期（年-月-日），默认今天"),),
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        party, today = get_party(request.user, pk), timezone.localdate()
        day, wrong = read_day(request.query_params.get("as_of", "").strip(), today)
        if wrong:
            raise Invalid({"as_of": [wrong]})
        found = whole(party, request.user, timezone.now(), today, day)
        return Response(shapes.CustomerShape(told(found)).data)


def row_of(row: tuple[str, Any] | None) -> str:
    """By what the interface ends a row, "death/12"; "" for what changes by a 保全 only."""
    return f"{row[0]}/{row[1].pk}" if row else ""


def told(found: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "number": row["policy"].number, "status": row["status"], "role": row["as"], "products": row["products"], "beneficiaries": row["heirs"],
            "paid_to": row["paid_to"], "sum_assured": row["sum"], "premium": row["premium"], "cash_value": row["value"], "loans": row["loans"],
            "within_reach": row["openable"],
        }
        for row in found["policies"]
    ]  # fmt: skip
    return {
        "id": found["party"].pk, "as_of": found["day"], "party": found["party"], "policies": rows, "more_policies": found["more_policies"],
        "sums_at_risk": [{"kind": label, "amount": amount} for label, amount in found["risks"]],
        "minors_headroom": found["headroom"], "flags": [words for _, words in found["flags"]],
        "particulars": [
            {"label": line["label"], "value": line["shown"], "note": line["note"], "reveal": line["what"], "row": row_of(line["row"])}
            for line in found["lines"]
        ],
        "cases": [case.number for case in found["cases"]],
        "beneficiary_of": [
            {"number": row["policy"].number, "relation": row["row"].relation, "order": row["row"].order, "share_pct": row["row"].share_pct,
             "within_reach": row["openable"]}
            for row in found["heir_of"]
        ],
        "changed_since": [{name: row[name] for name in ("on", "what", "about")} for row in found["changed_since"]],
    }  # fmt: skip


class CustomerRevealView(Endpoint):
    """POST: what is asked for is in the body, and the value in no address."""

    access_roles = REVEALERS

    @says(
        "customers_reveal", "查看一项完整信息：须写明事由，留下记录", tag=TAG, takes=shapes.RevealBody, gives={200: shapes.Revealed},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        party = get_party(request.user, pk)
        given = read(shapes.RevealBody, request)
        try:
            with at_fields():
                label, value = reveal(party=party, **given, actor=request.user, now=timezone.now(), through="api")
        except NoSuchValue:
            raise Http404("没有这项内容") from None
        response = Response(shapes.Revealed({"label": label, "value": value}).data)
        response["Cache-Control"] = "no-store"
        return response
