"""应发通知: letters that policies ask for, their print, and 登记发出."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, body
from lifeops.api.documenting import CURSOR, PDF, form_body, query, says
from lifeops.api.shapes import notice as shapes
from lifeops.api.stepping import through
from lifeops.cases.access import CASE_ROLES
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.needs import labels
from lifeops.cases.views.policy import get_policy
from lifeops.documents.answers import pdf
from lifeops.documents.notice_views import TABS, SendForm, for_list, get_notice, of_tab
from lifeops.documents.policy_notices import print_notice
from lifeops.org.paging import page_by_day
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import NOTICE_READERS, NOTICE_SENDERS, PolicyNotice
from lifeops.policies.services.notices import send_notice

TAG = "保单"


class PolicyNoticesView(Endpoint):
    access_roles = NOTICE_READERS

    @says(
        "policy_notices_list", "本机构保单的应发通知，应发日近者在前；已发出的新者在前", tag=TAG, gives={200: shapes.PolicyNoticePage},
        parameters=(query("tab", "due 待发出（默认）、late 已逾期、sent 已发出"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        tab = request.query_params.get("tab", "") or "due"
        if tab not in dict(TABS):
            raise Invalid({"tab": ["没有这个选项"]})
        rows, cursor, sent = for_list(of_tab(request.user, tab)), request.query_params.get("cursor", ""), tab == "sent"
        page, following = page_by_day(rows, cursor, "sent_on" if sent else "due_on", newest=sent)
        return Response({"results": shapes.PolicyNoticeShape(page, many=True).data, "next": following})


class NoticesOfPolicyView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "policies_notices_list", "一张保单的应发通知：待发、已发、不再需要的，应发日新者在前", tag=TAG, gives={200: shapes.PolicyNoticePage},
        refuses=(404,), parameters=(CURSOR,),
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        rows = for_list(PolicyNotice.objects.filter(policy=get_policy(request.user, number)))
        page, following = page_by_day(rows, request.query_params.get("cursor", ""), "due_on", newest=True)
        return Response({"results": shapes.PolicyNoticeShape(page, many=True).data, "next": following})


class PolicyNoticePrintView(Endpoint):
    access_roles = NOTICE_SENDERS

    @says("policy_notices_print", "打印通知书；再打印是同一份", tag=TAG, gives=PDF, refuses=(404,))
    def post(self, request: Request, pk: int) -> HttpResponse:
        notice = get_notice(request.user, pk)
        try:
            content = print_notice(notice=notice, actor=request.user, now=timezone.now())
        except BookRefused as refused:
            raise Refused([str(refused)], who=labels(NOTICE_SENDERS)) from None
        return pdf(content, notice.number)


class PolicyNoticeSentView(Endpoint):
    access_roles = NOTICE_SENDERS

    @says(
        "policy_notices_sent", "登记发出", tag=TAG, takes=form_body(SendForm), gives={200: shapes.PolicyNoticeShape}, refuses=(404,)
    )
    def post(self, request: Request, pk: int) -> Response:
        notice = get_notice(request.user, pk)
        fields: dict[str, Any] = through(SendForm, body(request))
        try:
            sent = send_notice(notice=notice, **fields, today=timezone.localdate(), actor=request.user)
        except BookRefused as refused:
            raise Refused([str(refused)], who=labels(NOTICE_SENDERS)) from None
        return Response(shapes.PolicyNoticeShape(get_notice(request.user, sent.pk)).data)
