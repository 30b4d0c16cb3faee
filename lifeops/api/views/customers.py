"""客户 over the interface: whole and masked; a look behind a mask with its reason."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, read
from lifeops.api.documenting import says
from lifeops.api.shapes import customer as shapes
from lifeops.cases.access import CASE_ROLES
from lifeops.cases.customer import whole
from lifeops.cases.errors import Invalid
from lifeops.cases.views.customer import get_party
from lifeops.policies.errors import BookInvalid
from lifeops.policies.services.revealing import REVEALERS, NoSuchValue, reveal

TAG = "客户"


class CustomerView(Endpoint):
    access_roles = CASE_ROLES

    @says("customers_retrieve", "客户全貌：保单、风险保额、证件与联系方式（已遮盖）、标记", tag=TAG, gives={200: shapes.CustomerShape}, refuses=(404,))
    def get(self, request: Request, pk: int) -> Response:
        party = get_party(request.user, pk)
        found = whole(party, request.user, timezone.now(), timezone.localdate())
        return Response(shapes.CustomerShape(told(found)).data)


def told(found: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "number": row["policy"].number, "status": row["policy"].status, "role": row["as"], "products": row["policy"].product_names,
            "sum_assured": row["sum"], "premium": row["premium"], "cash_value": row["value"], "loans": row["loans"],
            "within_reach": row["openable"],
        }
        for row in found["policies"]
    ]  # fmt: skip
    return {
        "id": found["party"].pk, "party": found["party"], "policies": rows, "more_policies": found["more_policies"],
        "sums_at_risk": [{"kind": label, "amount": amount} for label, amount in found["risks"]],
        "minors_headroom": found["headroom"], "flags": [words for _, words in found["flags"]],
        "particulars": [
            {"label": line["label"], "value": line["shown"], "note": line["note"], "reveal": line["what"]} for line in found["lines"]
        ],
        "cases": [case.number for case in found["cases"]],
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
            label, value = reveal(party=party, **given, actor=request.user, now=timezone.now(), through="api")
        except NoSuchValue:
            raise Http404("没有这项内容") from None
        except BookInvalid as error:
            raise Invalid({name: [words] for name, words in error.errors.items()}) from error
        response = Response(shapes.Revealed({"label": label, "value": value}).data)
        response["Cache-Control"] = "no-store"
        return response
