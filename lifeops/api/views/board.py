"""看板: numbers of a unit and what lies under it, and 改派 of many."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, read
from lifeops.api.documenting import query, says
from lifeops.api.shapes import board as shapes
from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.cases.states import LineCode
from lifeops.insight import numbers
from lifeops.insight.services import reassign
from lifeops.insight.views import READERS, unit_asked
from lifeops.org.models import Role, User

TAG = "看板"


class BoardView(Endpoint):
    access_roles = READERS

    @says(
        "board_retrieve", "看板：节点与状态、超期、进出存、在手、下级机构", tag=TAG, gives={200: shapes.Board}, refuses=(404,),
        parameters=(query("unit", "机构路径，如 86/8601/；默认本机构"), query("line", "条线代码；给出则按业务项目")),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        now = timezone.now()
        unit = unit_asked(request.user, request.query_params.get("unit", ""))
        line = request.query_params.get("line", "")
        if line and line not in LineCode.values:
            raise Invalid({"line": ["没有这个条线"]})
        table = numbers.matrix(unit.path, line, now)
        total = table.sums.total.count if table.sums else 0
        found = {
            "unit": unit,
            "path": unit.path,
            "states": [{"value": s.value, "label": s.label} for s in table.states],
            "rows": [row_of(row) for row in table.rows],
            "total": total,
            "overdue": numbers.overdue(unit.path, now),
            "days": numbers.flow(unit.path, timezone.localdate(now), total, line),
            "people": numbers.people(unit.path, now),
            "units": [
                {"name": row["label"], "path": row["path"], "total": row["total"], "stages": [c["count"] for c in row["cells"]]}
                for row in numbers.units(unit, line)
            ],
        }
        return Response(shapes.Board(found).data)


def row_of(row: numbers.Row) -> dict[str, Any]:
    return {
        "label": row.label, "cells": [{"count": c.count, "since": c.since} for c in row.cells], "total": row.total.count,
    }  # fmt: skip


class ReassignmentsView(Endpoint):
    """改派 of many: each case by itself through its step, so that one refusal holds up no other."""

    access_roles = (Role.MANAGER,)

    @says(
        "reassignments_create", "成批改派：逐件办理，不成者说明理由", tag=TAG, takes=shapes.ReassignBody,
        gives={200: shapes.Reassigned},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        told = read(shapes.ReassignBody, request)
        to = User.objects.filter(username=told["assignee"], is_active=True).first()
        if to is None:
            raise Invalid({"assignee": ["没有这位员工，或已停用"]})
        wanted = {row["number"].strip().upper(): row["version"] for row in told["cases"]}
        cases = list(Case.objects.visible_to(request.user).filter(number__in=wanted).order_by("rank", "due_at", "pk"))
        done, refused = reassign(
            cases=cases, versions=wanted, assignee=to, reason=told["reason"], actor=request.user, now=timezone.now()
        )
        seen = {case.number for case in cases}
        unseen = [{"number": n, "reason": "没有这个案件，或不在您的可见范围内"} for n in wanted if n not in seen]
        rest = [{"number": row["number"], "reason": row["why"]} for row in refused]
        return Response({"done": done, "refused": [*unseen, *rest]})
