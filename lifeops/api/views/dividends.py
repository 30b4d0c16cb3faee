"""红利公布: declared rates, entered by one person and approved by another."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, body, page_of, read
from lifeops.api.documenting import CURSOR, form_body, says
from lifeops.api.shapes import dividend as shapes
from lifeops.api.stepping import as_typed, at_fields, check_fields
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.views.common import second_person
from lifeops.cases.views.dividend import DividendForm, get_rate
from lifeops.policies.models import DIVIDEND_READERS, DividendRate
from lifeops.policies.services.declaring import may_enter
from lifeops.policies.services.dividends import decide

TAG = "保单"


class DividendsView(Endpoint):
    access_roles = DIVIDEND_READERS

    @says("dividends_list", "公布的红利率，新者在前", tag=TAG, gives={200: shapes.DividendPage}, parameters=(CURSOR,))
    def get(self, request: Request) -> Response:
        rows = DividendRate.objects.select_related("product", "version", "requested_by", "decided_by")
        page, following = page_of(rows, request)
        return Response({"results": shapes.DividendShape(page, many=True).data, "next": following})

    @says("dividends_create", "录入红利率，另一人批准后生效", tag=TAG, takes=form_body(DividendForm), gives={201: shapes.DividendShape})
    def post(self, request: Request) -> Response:
        if not may_enter(request.user):
            raise Refused(["红利率由总公司运营主管录入"], who="总公司运营主管")
        form = DividendForm(as_typed(body(request)))
        check_fields(form.fields, form.data)
        made = form.enter(request.user)
        if made is None:
            raise Invalid({name: list(map(str, words)) for name, words in form.errors.items()})
        return Response(shapes.DividendShape(made).data, status=201)


class DividendDecisionView(Endpoint):
    access_roles = DIVIDEND_READERS

    @says("dividends_decide", "批准或驳回，须为录入人以外的人", tag=TAG, takes=shapes.DecisionBody, gives={200: shapes.DividendShape}, refuses=(404,))
    def post(self, request: Request, pk: int) -> Response:
        row, given = get_rate(pk), read(shapes.DecisionBody, request)
        with second_person(), at_fields():
            found = decide(row=row, approve=given["approve"], remark=given["remark"], actor=request.user, now=timezone.now())
        return Response(shapes.DividendShape(found).data)
