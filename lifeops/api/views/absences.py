"""请假与代理: the own, or those of one's people."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.administration import absences
from lifeops.administration.forms import AbsenceForm
from lifeops.api.base import Endpoint, body
from lifeops.api.documenting import form_body, says
from lifeops.api.shapes import desk
from lifeops.api.stepping import through
from lifeops.org.models import Role

TAG = "待办"
MOST = 100


class AbsencesView(Endpoint):
    access_roles = tuple(Role)

    @says("absences_list", "现有与将来的请假：本人的、由本人代理的、所辖人员的", tag=TAG, gives={200: desk.AbsenceShape(many=True)})
    def get(self, request: Request) -> Response:
        rows = absences.shown_to(request.user, timezone.now())[:MOST]
        return Response(desk.AbsenceShape(rows, many=True).data)

    @says(
        "absences_create", "登记请假；所辖人员的由机构主管、运营主管带 user（工号）登记", tag=TAG, takes=form_body(AbsenceForm),
        gives={201: desk.AbsenceShape},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        told = body(request)
        manages = request.user.holds(*absences.MANAGERS)
        if manages:
            told.setdefault("user", request.user.staff_no)
        fields = through(AbsenceForm, told, actor=request.user, manages=manages)
        made = absences.register(**fields, actor=request.user, now=timezone.now())
        return Response(desk.AbsenceShape(made).data, status=201)


class AbsenceEndView(Endpoint):
    access_roles = tuple(Role)

    @says("absences_end", "提前结束；尚未开始的撤销", tag=TAG, gives={200: desk.Told}, refuses=(404,))
    def post(self, request: Request, pk: int) -> Response:
        now = timezone.now()
        row = absences.shown_to(request.user, now).filter(pk=pk).first() if pk < 10**18 else None
        if row is None:
            raise Http404("没有这次请假，或已结束")
        return Response({"detail": absences.end(absence=row, actor=request.user, now=now)})
