"""付款: released, settled, returned, reissued by the head of the unit."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from archive.services import MONEY, move_money
from lifeops.api import present
from lifeops.api.base import Endpoint, body, key_of, once, read
from lifeops.api.documenting import says
from lifeops.api.shapes import case as shapes
from lifeops.api.shapes.desk import PaymentBody
from lifeops.cases.access import CASE_ROLES, get_case
from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.org.models import Role
from lifeops.policies.models import Payment

TAG = "付款"
#: What each act needs, and how it is asked for.
NEEDS: dict[str, dict[str, str]] = {
    "release": {},
    "settle": {"reference": "请填写银行流水号"},
    "return": {"reason": "请填写退票原因"},
    "reissue": {"payee": "请填写收款人", "bank": "请填写开户行", "account": "请填写账号"},
}


class PaymentsView(Endpoint):
    access_roles = CASE_ROLES

    @says("cases_payments_list", "本案的付款指令", tag=TAG, gives={200: shapes.PaymentShape(many=True)}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        rows = present.payments_of(get_case(request.user, number))
        return Response(shapes.PaymentShape(rows, many=True).data)


class PaymentActView(Endpoint):
    access_roles = (Role.HEAD,)

    @says(
        "cases_payments_act", "付款：release 放行、settle 到账、return 退票、reissue 重新制单", tag=TAG, takes=PaymentBody,
        gives={200: shapes.CaseDetail}, refuses=(404,), keyed=True,
    )  # fmt: skip
    def post(self, request: Request, number: str, payment: str, act: str) -> Response:
        case = get_case(request.user, number)
        found = Payment.objects.filter(case_number=case.number, number=payment.strip().upper()).first()
        if found is None or act not in MONEY:
            raise Http404("没有这笔付款，或没有这种办理")
        told = read(PaymentBody, request)
        missing = {name: [words] for name, words in NEEDS[act].items() if not told.get(name, "").strip()}
        if missing:
            raise Invalid(missing)
        fields = {name: told[name] for name in NEEDS[act]}

        def move() -> Case:
            move_money(case=case, payment=found, act=act, actor=request.user, now=timezone.now(), **fields)
            return Case.objects.get(pk=case.pk)

        content: list[Any] = [case.number, found.number, act, body(request)]
        once(actor=request.user, key=key_of(request), name="payment", content=content, act=move)
        return Response(present.case_detail(get_case(request.user, number), request.user))
