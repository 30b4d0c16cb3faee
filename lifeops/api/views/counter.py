"""作业前: what waits at the branch, papers received, hand-over of many, the day's settlement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from intake import settling, stages
from intake.models import Settlement
from intake.services import hand_over_many, receive_papers
from intake.views.settle import units_of
from lifeops.api.accepting import papers_of
from lifeops.api.base import Endpoint, queue_page_of, read
from lifeops.api.documenting import CURSOR, query, says
from lifeops.api.shapes import case as shapes
from lifeops.api.shapes import desk
from lifeops.api.views.cases import tell
from lifeops.api.views.people import day_of
from lifeops.cases.access import get_case
from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.cases.registry import at_desk
from lifeops.org.models import Branch, Role

TAG = "作业前"
UNSEEN = "没有这个案件，或不在您的可见范围内"


class WorklistView(Endpoint):
    access_roles = stages.CAPTURE

    @says(
        "worklist_retrieve", "作业前清单：按下一项工作分类，近期到期者在前", tag=TAG, gives={200: desk.Worklist},
        parameters=(query("stage", "precheck、entry、scan、handover、returned；默认按岗位"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = request.query_params.get("stage", "")
        if asked and asked not in {s.code for s in stages.STAGES}:
            raise Invalid({"stage": ["没有这个选项"]})
        which = stages.stage(asked) if asked else stages.first_stage(request.user)
        rows = stages.waiting(request.user, which).for_queue()
        rows = rows.select_related("branch", "holder_branch", "assignee", "policy")
        page, following = queue_page_of(rows, request)
        numbers = stages.counts(request.user)
        found = {
            "stage": which.code,
            "stages": [{"code": s.code, "label": s.label, "count": numbers[s.code]} for s in stages.STAGES],
            "results": page,
            "next": following,
        }
        return Response(desk.Worklist(found).data)


class PapersView(Endpoint):
    """收件 after acceptance, until the case leaves the branch."""

    access_roles = (Role.INTAKE,)

    @says(
        "cases_papers_update", "收件登记：更新资料清单", tag=TAG, takes=shapes.ReceiveBody, gives={200: shapes.CaseDetail},
        refuses=(404, 409),
    )  # fmt: skip
    def put(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number)
        told = read(shapes.ReceiveBody, request)
        receive_papers(
            case=case, papers=papers_of(told["papers"]), actor=request.user, now=timezone.now(), version=told["version"]
        )
        return tell(request, number)


class HandOverView(Endpoint):
    """交接 of a list: each case by itself."""

    access_roles = stages.CAPTURE

    @says(
        "hand_overs_create", "成批交接总部：逐件办理，不成者说明理由", tag=TAG, takes=shapes.HandOverBody,
        gives={200: shapes.HandedOver},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        numbers = list(dict.fromkeys(n.strip().upper() for n in read(shapes.HandOverBody, request)["cases"]))
        rows = Case.objects.visible_to(request.user).select_related("branch").filter(number__in=numbers)
        seen = {c.number: at_desk(c) for c in rows}
        unseen = [{"number": n, "reason": UNSEEN} for n in numbers if n not in seen]
        stayed = hand_over_many(cases=[seen[n] for n in numbers if n in seen], actor=request.user)
        rest = [{"number": case.number, "reason": reason} for case, reason in stayed]
        left = {row["number"] for row in (*unseen, *rest)}
        return Response({"handed_over": [n for n in numbers if n not in left], "stayed": [*unseen, *rest]})


class SettlementsView(Endpoint):
    """日结 of a unit's day: its figures, and the signature."""

    access_roles = settling.SIGNERS

    @says(
        "settlements_retrieve", "日结：一日的数字与签章", tag=TAG, gives={200: desk.SettlementShape}, refuses=(404,),
        parameters=(
            query("unit", "机构代码，默认本机构"), query("day", "日期（年-月-日），默认今天"),
            query("figure", "另给出该数字所数的案件：pending、" + "、".join(settling.MOVES)),
        ),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        unit = self.unit(request, request.query_params.get("unit", ""))
        day = day_of(request, "day")
        signed = Settlement.objects.filter(branch=unit, day=day).select_related("signed_by", "branch").first()
        figure = request.query_params.get("figure", "")
        if figure and figure != "pending" and figure not in settling.MOVES:
            raise Invalid({"figure": ["没有这个数字"]})
        behind = settling.cases_behind(unit, day, figure, signed) if figure else []
        return Response(self.told(signed or settling.figures(unit, day), behind))

    @says(
        "settlements_create", "日结签章；有差异须写明原因", tag=TAG, takes=desk.SettlementBody,
        gives={201: desk.SettlementShape}, refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        body = read(desk.SettlementBody, request)
        unit = self.unit(request, body["unit"])
        signed = settling.sign_day(
            branch=unit, day=body["day"], explanation=body["explanation"], actor=request.user, now=timezone.now()
        )
        return Response(self.told(signed), status=201)

    @staticmethod
    def unit(request: Request, code: str) -> Branch:
        units = units_of(request.user)
        found = next((u for u in units if u.code == code), None) if code else units[0]
        if found is None:
            raise Http404("没有这个机构，或不在您的可见范围内")
        return found

    @staticmethod
    def told(found: Any, cases: Sequence[Any] = ()) -> dict[str, Any]:
        signed = isinstance(found, Settlement)
        extra = {
            "signed_by": found.signed_by if signed else None,
            "signed_at": found.signed_at if signed else None,
            "explanation": found.explanation if signed else "",
            "cases": cases,
        }
        names = (
            "branch", "day", "carried_in", "accepted", "came_back", "handed_over", "returned", "withdrawn", "pending",
            "difference",
        )  # fmt: skip
        return dict(desk.SettlementShape({**{name: getattr(found, name) for name in names}, **extra}).data)
