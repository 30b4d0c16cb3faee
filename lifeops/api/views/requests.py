"""问题件: issued on a case, worked by steps of their own."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api import present, stepping
from lifeops.api.base import Endpoint, body, key_of, page_of, read, version_of
from lifeops.api.documenting import CURSOR, PDF, STEP_BODY, query, says
from lifeops.api.shapes import request as shapes
from lifeops.api.shapes.papers import PrintBody
from lifeops.api.views.cases import issue_request
from lifeops.cases import models
from lifeops.cases.access import CASE_ROLES, get_request
from lifeops.cases.errors import Invalid
from lifeops.cases.states import RequestKind, RequestState
from lifeops.cases.views.request import TABS, of_tab
from lifeops.documents import papers
from lifeops.documents.answers import pdf
from lifeops.documents.papers import print_request
from lifeops.org.models import Role

TAG = "问题件"


class RequestsView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "requests_list", "可见问题件，新者在前", tag=TAG, gives={200: shapes.RequestPage},
        parameters=(
            query("tab", "待办：" + "、".join(f"{code} {label}" for code, label in TABS)), query("kind", "query、exam、investigation"),
            query("state", "状态代码"), CURSOR,
        ),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows = models.Request.objects.ways_of(request.user)
        tab, kind, state = (request.query_params.get(name, "") for name in ("tab", "kind", "state"))
        for name, value, known in (
            ("tab", tab, dict(TABS)), ("kind", kind, RequestKind.values), ("state", state, RequestState.values)
        ):  # fmt: skip
            if value and value not in known:
                raise Invalid({name: ["没有这个选项"]})
        rows = of_tab(rows, tab) if tab else rows
        rows = rows.filter(kind=kind) if kind else rows
        rows = rows.filter(state=state) if state else rows
        page, following = page_of(rows.dressed(lambda found: found.select_related("case", "branch", "handler", "issued_by")), request)
        return Response({"results": shapes.RequestRow(page, many=True).data, "next": following})


class CaseRequestsView(Endpoint):
    """下发问题件. Who may is decided by the step, as on the page."""

    access_roles = CASE_ROLES

    @says(
        "cases_requests_create", "下发问题件", tag=TAG, takes=STEP_BODY, gives={201: shapes.RequestDetail}, refuses=(404,),
        keyed=True,
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        item = get_request(request.user, issue_request(request, number))
        return Response(present.request_detail(item, request.user), status=201)


class RequestView(Endpoint):
    access_roles = CASE_ROLES

    @says("requests_retrieve", "一份问题件及可办步骤", tag=TAG, gives={200: shapes.RequestDetail}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        return Response(present.request_detail(get_request(request.user, number), request.user))


class RequestStepView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "requests_steps_create", "办理问题件的一个步骤", tag=TAG, takes=STEP_BODY, gives={200: shapes.RequestDetail},
        refuses=(404,), keyed=True,
    )  # fmt: skip
    def post(self, request: Request, number: str, name: str) -> Response:
        item = get_request(request.user, number)
        data = body(request)
        version = version_of(data)
        stepping.take_request_step(
            item, name, user=request.user, inputs=data, version=version, key=key_of(request)
        )
        return Response(present.request_detail(get_request(request.user, number), request.user))


class RequestLetterView(Endpoint):
    access_roles = CASE_ROLES

    @says("requests_letter", "查看函件（PDF），不计份数", tag=TAG, gives=PDF, refuses=(404,))
    def get(self, request: Request, number: str) -> HttpResponse:
        item = get_request(request.user, number)
        return pdf(papers.pdf_of_request(request=item, actor=request.user, now=timezone.now()), item.number)


class RequestPrintView(Endpoint):
    access_roles = (Role.QUERY, Role.INVESTIGATOR, Role.HEAD)

    @says(
        "requests_print", "打印函件：编号的 PDF，并办理打印步骤", tag=TAG, takes=PrintBody, gives=PDF, refuses=(404,)
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        item = get_request(request.user, number)
        reason = read(PrintBody, request)["reason"]
        return pdf(print_request(request=item, actor=request.user, now=timezone.now(), reason=reason), item.number)
