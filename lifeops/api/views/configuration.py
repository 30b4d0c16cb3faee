"""业务规则, 日历, 机构 and limits: read, added to, taken over from a day; history with every row."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.administration.registry import site
from lifeops.administration.site import ENTRANTS
from lifeops.administration.versions import Standing, of_age
from lifeops.api import configuring
from lifeops.api.base import Endpoint, body, page_of
from lifeops.api.configuring import KINDS, admin_for, history_of, inputs, row_of, told, write
from lifeops.api.documenting import CURSOR, query, says
from lifeops.api.shapes import configuration as shapes
from lifeops.cases.errors import Invalid

TAG = "运营管理"
OBJECT: dict[str, Any] = {"application/json": {"type": "object", "additionalProperties": True}}
STANDINGS = ("now", "soon", "over")
FILTERS = (
    query("standing", "now 生效中、soon 待生效、over 已失效"), query("q", "与页面的搜索框相同"), query("line", "条线代码"),
    query("kind", "种类代码"), query("year", "日历的年份"), CURSOR,
)  # fmt: skip
OF = query("of", "由此编号的版本接替：其最后一日为新版本生效日的前一日")


class ConfigKindsView(Endpoint):
    access_roles = ENTRANTS

    @says("configuration_list", "可查看的配置种类", tag=TAG, gives={200: shapes.ConfigKind(many=True)})
    def get(self, request: Request) -> Response:
        http = request._request
        admins = ((kind, site.admin_of(label)) for kind, label in KINDS.items())
        found = [
            {"kind": kind, "label": str(admin.opts.verbose_name), "may_add": admin.has_add_permission(http)}
            for kind, admin in admins
            if admin.has_view_permission(http)
        ]
        return Response(found)


class ConfigView(Endpoint):
    """Who may is asked of the admin class that the page has, kind by kind."""

    access_roles = ENTRANTS

    @says(
        "configuration_retrieve", "一种配置：现有各行，新者在前", tag=TAG, gives={200: shapes.ConfigPage}, refuses=(404,),
        parameters=FILTERS,
    )  # fmt: skip
    def get(self, request: Request, kind: str) -> Response:
        http, asked = request._request, request.query_params
        admin = admin_for(kind, http)
        rows = configuring.asked_for(admin, admin.get_queryset(http), asked)
        if standing := asked.get("standing", ""):
            if standing not in STANDINGS or Standing not in admin.get_list_filter(http):
                raise Invalid({"standing": ["没有这个选项"]})
            rows = of_age(rows, standing)
        if text := asked.get("q", ""):
            rows = admin.get_search_results(http, rows, text)[0]
        if isinstance(admin.model._meta.pk, models.CharField):
            page, following = list(rows), None
        else:
            page, following = page_of(rows, request)
        return Response(
            {
                "kind": kind, "label": str(admin.opts.verbose_name), "inputs": inputs(admin, http),
                "results": [told(admin, http, row) for row in page], "next": following,
            }
        )  # fmt: skip

    @says(
        "configuration_create", "新增一行；带 of 则由某日起接替现有版本，未给的字段同该版本", tag=TAG, takes=OBJECT,
        gives={201: shapes.ConfigDetail}, refuses=(404,), parameters=(OF,),
    )  # fmt: skip
    def post(self, request: Request, kind: str) -> Response:
        admin = admin_for(kind, request._request)
        return detail(request, admin, write(admin, request._request, None, body(request)), status=201)


def detail(request: Request, admin: Any, row: Any, status: int = 200) -> Response:
    http = request._request
    row = admin.model._default_manager.get(pk=row.pk)
    found = {**told(admin, http, row), "inputs": inputs(admin, http, row), "history": history_of(admin, http, row)}
    return Response(shapes.ConfigDetail(found).data, status=status)


class ConfigRowView(Endpoint):
    access_roles = ENTRANTS

    @says("configuration_row_retrieve", "一行配置与其变更历史", tag=TAG, gives={200: shapes.ConfigDetail}, refuses=(404,))
    def get(self, request: Request, kind: str, pk: str) -> Response:
        admin = admin_for(kind, request._request)
        return detail(request, admin, row_of(admin, pk))

    @says(
        "configuration_row_update", "改动：待生效的版本可改，生效中的只可定失效日；只送要改的字段与 change_reason", tag=TAG, takes=OBJECT,
        gives={200: shapes.ConfigDetail}, refuses=(404,),
    )  # fmt: skip
    def patch(self, request: Request, kind: str, pk: str) -> Response:
        admin = admin_for(kind, request._request)
        return detail(request, admin, write(admin, request._request, row_of(admin, pk), body(request)))
