"""What waits for a person: queues and 下一件, notices; and looking up policies and customers."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api import present
from lifeops.api.base import Endpoint, page_of, queue_page_of, read
from lifeops.api.documenting import CURSOR, query, says
from lifeops.api.shapes import case as shapes
from lifeops.api.shapes import desk, policy
from lifeops.api.shapes.desk import NextBody
from lifeops.api.views.cases import tell
from lifeops.cases.access import CASE_ROLES
from lifeops.cases.errors import Invalid
from lifeops.cases.queues import counts, mine, pass_over, pool, take_next
from lifeops.cases.search import search
from lifeops.cases.views.home import branch_work
from lifeops.cases.views.policy import get_policy, read_day
from lifeops.cases.views.queue import REVIEWERS, desk_label, require_desk
from lifeops.notices.models import Notice
from lifeops.notices.services import mark_read
from lifeops.org.models import Role

TAG = "待办"
MOST_UNREAD = 100


class QueuesView(Endpoint):
    access_roles = CASE_ROLES

    @says("queues_list", "我的队列与本机构待办的件数", tag=TAG, gives={200: desk.Queues})
    def get(self, request: Request) -> Response:
        now = timezone.now()
        queues = [{**row, "label": desk_label(row["code"])} for row in counts(request.user, now)]
        return Response(desk.Queues({"queues": queues, "branch": branch_work(request.user, now)}).data)


class QueueView(Endpoint):
    access_roles = REVIEWERS

    @says(
        "queues_retrieve", "队列：按下一件的次序", tag=TAG, gives={200: shapes.CasePage}, refuses=(404,),
        parameters=(query("tab", "mine 我的任务（默认）、pool 公共池"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request, desk: str) -> Response:
        code, now = require_desk(request.user, desk), timezone.now()
        listed = pool if request.query_params.get("tab") == "pool" else mine
        rows = listed(request.user, code, now).for_queue().select_related("holder_branch", "policy")
        page, following = queue_page_of(rows, request)
        return Response({"results": shapes.CaseRow(page, many=True).data, "next": following})


class NextView(Endpoint):
    """下一件. Leaving out a case that one holds needs a reason, which its trail keeps."""

    access_roles = REVIEWERS

    @says(
        "queues_next", "取下一件；没有则 204", tag=TAG, takes=NextBody, gives={200: shapes.CaseDetail, 204: None},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, desk: str) -> Response:
        code, now = require_desk(request.user, desk), timezone.now()
        told = read(NextBody, request)
        skipped = pass_over(request.user, code, told["skip"], reason=told["reason"], now=now) if told["skip"] else None
        case = take_next(request.user, code, now=now, skip=skipped)
        return tell(request, case.number) if case else Response(status=204)


class NoticesView(Endpoint):
    access_roles = tuple(Role)

    @says(
        "notices_list", "我的通知，新者在前", tag=TAG, gives={200: desk.NoticePage},
        parameters=(query("unread", "1：只看未读"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows = Notice.objects.visible_to(request.user)
        unread = rows.unread().values("pk")[:MOST_UNREAD].count()
        if request.query_params.get("unread") == "1":
            rows = rows.unread()
        page, following = page_of(rows, request)
        found = {"unread": unread, "results": desk.NoticeShape(page, many=True).data, "next": following}
        return Response(found)


class NoticesReadView(Endpoint):
    access_roles = tuple(Role)

    @says("notices_read", "标为已读", tag=TAG, takes=desk.ReadBody, gives={200: desk.Marked})
    def post(self, request: Request) -> Response:
        return Response({"marked": mark_read(request.user, read(desk.ReadBody, request)["ids"])})


class PolicyView(Endpoint):
    """A policy of the person's units, or of a case within reach; others are 404, as on the page."""

    access_roles = CASE_ROLES

    @says(
        "policies_retrieve", "保单在某日的样子", tag="保单", gives={200: policy.PolicyDetail}, refuses=(404,),
        parameters=(query("as_of", "日期（年-月-日），默认今天"),),
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        found = get_policy(request.user, number)
        asked = request.query_params.get("as_of", "").strip()
        day, wrong = read_day(asked, found, timezone.localdate())
        if wrong:
            raise Invalid({"as_of": [wrong]})
        return Response(policy.PolicyDetail(present.policy_detail(found, day)).data)


class SearchView(Endpoint):
    """The search box. POST: what is typed may be an identity number and belongs into no address."""

    access_roles = CASE_ROLES

    @says(
        "search_create", "查找案件、保单、客户；每类最多 20 条", tag="保单", takes=policy.SearchBody, gives={200: policy.FoundShape}
    )
    def post(self, request: Request) -> Response:
        found = search(read(policy.SearchBody, request)["q"], request.user)
        return Response(
            policy.FoundShape({"cases": found.cases, "policies": found.policies, "parties": found.parties, "note": found.note}).data
        )
