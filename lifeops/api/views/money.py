"""付款: instructions of the units, released, settled, returned, reissued by the head of the unit."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from archive.forms import MONEY_FORMS
from archive.services import move_money
from archive.views.payments import ROLES
from lifeops.api import present
from lifeops.api.base import Endpoint, body, key_of, page_of
from lifeops.api.documenting import CURSOR, form_body, query, says
from lifeops.api.shapes import case as shapes
from lifeops.api.stepping import through
from lifeops.api.views.cases import tell
from lifeops.cases.access import CASE_ROLES, get_case
from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.cases.opening import once
from lifeops.org.models import Role
from lifeops.policies.models import Payment, PaymentState

TAG = "付款"


class PaymentListView(Endpoint):
    access_roles = ROLES

    @says(
        "payments_list", "本机构的付款指令，新者在前", tag=TAG, gives={200: shapes.PaymentPage},
        parameters=(query("state", "ready（默认）、released、settled、returned、cancelled"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state", "") or PaymentState.READY
        if state not in PaymentState.values:
            raise Invalid({"state": ["没有这个选项"]})
        rows = Payment.objects.filter(state=state, branch__in=request.user.units(*ROLES))
        page, following = page_of(rows.select_related("created_by", "released_by"), request)
        return Response({"results": shapes.PaymentShape(page, many=True).data, "next": following})


class PaymentsView(Endpoint):
    access_roles = CASE_ROLES

    @says("cases_payments_list", "本案的付款指令", tag=TAG, gives={200: shapes.PaymentShape(many=True)}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        rows = present.payments_of(get_case(request.user, number))
        return Response(shapes.PaymentShape(rows, many=True).data)


class PaymentActView(Endpoint):
    access_roles = (Role.HEAD,)

    @says(
        "cases_payments_act", "付款：release 放行、settle 到账、return 退票、reissue 重新制单", tag=TAG,
        takes=form_body(*MONEY_FORMS.values()), gives={200: shapes.CaseDetail}, refuses=(404,), keyed=True,
    )  # fmt: skip
    def post(self, request: Request, number: str, payment: str, act: str) -> Response:
        case = get_case(request.user, number)
        found = Payment.objects.filter(case_number=case.number, number=payment.strip().upper()).first()
        if found is None or act not in MONEY_FORMS:
            raise Http404("没有这笔付款，或没有这种办理")
        fields = through(MONEY_FORMS[act], body(request))

        def move() -> Case:
            move_money(case=case, payment=found, act=act, actor=request.user, now=timezone.now(), **fields)
            return Case.objects.get(pk=case.pk)

        content = {"content": [case.number, found.number, act, body(request)]}
        once(actor=request.user, key=key_of(request), name="api.payment", content=content, act=move)
        return tell(request, number)
