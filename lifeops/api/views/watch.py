"""名单核查: lists brought in and put in force, what they hit, what head office finds out of it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, FileEndpoint, page_of, read, refuse_unfit
from lifeops.api.documenting import CURSOR, query, says
from lifeops.api.errors import TooLarge
from lifeops.api.shapes import dividend as decisions
from lifeops.api.shapes import watch as shapes
from lifeops.api.stepping import at_fields
from lifeops.cases.errors import Invalid, Refused, field_errors
from lifeops.cases.screened import judge_anywhere
from lifeops.cases.views.common import second_person
from lifeops.cases.views.watch import ListForm, get_hit, get_list, hits_of, require_head_office
from lifeops.policies.services.declaring import may_enter
from lifeops.screening.models import READERS, ListKind, WatchList
from lifeops.screening.services.hits import policies_of
from lifeops.screening.services.lists import decide
from lifeops.screening.services.sheets import LARGEST

TAG = "名单核查"
TEXT = {"type": "string"}
UPLOAD: dict[str, Any] = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "code": {**TEXT, "description": "名单代码，同一名单各版本相同"}, "kind": {**TEXT, "enum": ListKind.values},
            "source": {**TEXT, "description": "来源"}, "reason": {**TEXT, "description": "依据（文号）"},
            "effective_from": {**TEXT, "format": "date"}, "effective_to": {**TEXT, "description": "失效日；不填：至下一版本"},
            "file": {**TEXT, "format": "binary", "description": "CSV 或 xlsx：姓名、曾用名或外文名、证件类型、证件号码、出生日期、说明"},
        },
        "required": ["code", "kind", "source", "reason", "effective_from", "file"],
    }
}


class HeadOffice(Endpoint):
    """Who is on a list is known to head office alone."""

    access_roles = READERS

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_head_office(request.user)


class WatchListsView(HeadOffice, FileEndpoint):
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # before anything of the body is read; form and boundaries beside the file
        if int(request.headers.get("Content-Length") or 0) > LARGEST + 100_000:
            raise TooLarge(f"文件超过 {LARGEST // 1024 // 1024} MB")
        super().initial(request, *args, **kwargs)

    @says("watch_lists_list", "名单各版本，新者在前", tag=TAG, gives={200: shapes.WatchListPage}, parameters=(CURSOR,))
    def get(self, request: Request) -> Response:
        page, following = page_of(WatchList.objects.select_related("requested_by", "decided_by"), request)
        return Response({"results": shapes.WatchListShape(page, many=True).data, "next": following})

    @says("watch_lists_create", "录入名单文件，另一人批准后生效；文件有错则逐行报出，不录入", tag=TAG, takes=UPLOAD, gives={201: shapes.WatchListShape}, refuses=(413,))
    def post(self, request: Request) -> Response:
        if not may_enter(request.user):
            raise Refused(["名单由总公司运营主管录入"], who="总公司运营主管")
        told = dict(request.POST.items())
        refuse_unfit(told)
        form = ListForm(told, request.FILES)
        made, faults = form.enter(request.user)
        if faults:
            raise Invalid({"file": [str(fault) for fault in faults]})
        if made is None:
            raise Invalid(field_errors(form))
        return Response(shapes.WatchListShape(made).data, status=201)


class WatchListView(HeadOffice):
    @says("watch_lists_entries", "名单的人员，按行；证件号码已遮盖", tag=TAG, gives={200: shapes.WatchEntryPage}, parameters=(CURSOR,), refuses=(404,))
    def get(self, request: Request, pk: int) -> Response:
        page, following = page_of(get_list(pk).entries.all(), request)
        return Response({"results": shapes.WatchEntryShape(page, many=True).data, "next": following})


class WatchListDecisionView(HeadOffice):
    @says("watch_lists_decide", "批准或驳回，须为录入人以外的人", tag=TAG, takes=decisions.DecisionBody, gives={200: shapes.WatchListShape}, refuses=(404,))
    def post(self, request: Request, pk: int) -> Response:
        row, given = get_list(pk), read(decisions.DecisionBody, request)
        with second_person(), at_fields():
            found = decide(row=row, approve=given["approve"], remark=given["remark"], actor=request.user, now=timezone.now())
        return Response(shapes.WatchListShape(found).data)


class WatchHitsView(HeadOffice):
    @says(
        "watch_hits_list", "名单命中", tag=TAG, gives={200: shapes.HitPage}, parameters=(query("tab", "open 待处理（默认）、done 已处理或名单已失效"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        page, following = page_of(hits_of("done" if request.query_params.get("tab") == "done" else "open"), request)
        policies = policies_of(page)
        for hit in page:
            hit.policies = policies.get(hit.pk, [])
        return Response({"results": shapes.HitShape(page, many=True).data, "next": following})


class WatchHitView(HeadOffice):
    @says("watch_hits_judge", "排除或确认；案件的命中记入案件轨迹", tag=TAG, takes=shapes.VerdictBody, gives={200: shapes.HitShape}, refuses=(404,))
    def post(self, request: Request, pk: int) -> Response:
        hit, given = get_hit(pk), read(shapes.VerdictBody, request)
        judge_anywhere(hit=hit, **given, actor=request.user, now=timezone.now())
        return Response(shapes.HitShape(get_hit(pk)).data)
