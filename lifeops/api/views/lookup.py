"""参考数据 for other systems: the same lists the forms search."""

from __future__ import annotations

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint
from lifeops.api.documenting import query, says
from lifeops.api.shapes import reference as shapes
from lifeops.cases.access import CASE_ROLES
from lifeops.cases.lookups import answer
from lifeops.reference.searching import LISTS


class ReferenceView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "reference_retrieve", "参考数据查询：按代码、文字、拼音首字母，最多 20 条", tag="目录", gives={200: shapes.ReferenceFound},
        refuses=(404,), parameters=(query("q", "代码、文字或拼音首字母"),),
    )  # fmt: skip
    def get(self, request: Request, kind: str) -> Response:
        if kind not in LISTS:
            raise Http404("没有这个清单")
        return Response(shapes.ReferenceFound({"results": answer(kind, request.query_params.get("q", ""))}).data)
