"""案件: list, acceptance, one case with its steps, and what the tabs of the case page show."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from intake.services import precheck_specs
from intake.views.capture import blank
from lifeops.api import accepting, present, stepping
from lifeops.api.base import Endpoint, body, key_of, page_of, read, version_of
from lifeops.api.documenting import CURSOR, STEP_BODY, query, says
from lifeops.api.shapes import case as shapes
from lifeops.api.shapes import desk, policy
from lifeops.cases import authority, clocks
from lifeops.cases.access import CASE_ROLES, get_case, reads_in_full
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case, Clock, broken_links
from lifeops.cases.opening import once
from lifeops.cases.registry import resolve
from lifeops.cases.screened import findings_for
from lifeops.cases.states import State
from lifeops.cases.views.case import history
from lifeops.cases.views.find import filtered
from lifeops.org.models import Role

TAG = "案件"
FILTERS = (
    query("line", "条线代码"), query("state", "状态代码"), query("item", "业务项目代码"), query("branch", "机构路径，如 86/8601/"),
    query("holder", "持有方：branch、hq、customer、agent、third"), query("assignee", "经办人用户名"),
    query("overdue", "1：只看超期未归档"), query("q", "受理号开头"), query("stage", "before、during、after、open、held"),
    query("own", "1：只看该机构自身，不含下级"),
)  # fmt: skip


class CasesView(Endpoint):
    access_roles = CASE_ROLES
    roles_by_method = {"POST": (Role.INTAKE,)}

    @says(
        "cases_list", "可见案件，新者在前；按键翻页，不计总数", tag=TAG, gives={200: shapes.CasePage},
        parameters=(*FILTERS, CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        now = timezone.now()
        rows = Case.objects.ways_of(request.user).each(lambda way: filtered(way, request.query_params, now))
        page, following = page_of(rows.dressed(lambda found: found.select_related(*present.LIST_NEEDS)), request)
        return Response({"results": shapes.CaseRow(page, many=True).data, "next": following})

    @says("cases_create", "受理", tag=TAG, takes=shapes.AcceptBody, gives={201: shapes.CaseDetail}, keyed=True)
    def post(self, request: Request) -> Response:
        data = read(shapes.AcceptBody, request)
        case = once(
            actor=request.user, key=key_of(request), name="api.accept", content={"content": body(request)},
            act=lambda: accepting.accept(data=data, actor=request.user),
        )  # fmt: skip
        return tell(request, case.number, status=201)


def tell(request: Request, number: str, status: int = 200) -> Response:
    """The case as it is now."""
    return Response(present.case_detail(get_case(request.user, number), request.user), status=status)


class CaseView(Endpoint):
    access_roles = CASE_ROLES

    @says("cases_retrieve", "一个案件及可办步骤", tag=TAG, gives={200: shapes.CaseDetail}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        return tell(request, number)


class RecordView(Endpoint):
    """录入资料 field by field: read in full where the page of 录入 shows it so; saved as the step decides."""

    access_roles = CASE_ROLES

    @says(
        "cases_record_retrieve", "录入资料全文（不遮盖）：只供录入岗在录入时读回、更正", tag=TAG, gives={200: shapes.RecordShape},
        refuses=(404,),
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number)
        if not reads_in_full(case, request.user):
            raise Refused(["录入资料全文只在录入时供本机构的录入岗读回；其他时候、其他人看案件中遮盖后的资料"], who=Role.ENTRY.label)
        form = blank(case, request.user)
        record = {name: present.as_sent(form[name].value()) for name in form.fields}
        response = Response(shapes.RecordShape({"version": case.version, "record": record}).data)
        response["Cache-Control"] = "no-store"
        return response

    @says(
        "cases_record_update", "保存录入资料", tag=TAG, takes=shapes.RecordBody, gives={200: shapes.CaseDetail},
        refuses=(404,), keyed=True,
    )  # fmt: skip
    def put(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number)
        data = body(request)
        version = version_of(data)
        record = data.pop("record", None)
        if not isinstance(record, dict) or data:
            raise Invalid({"record": ["请以 record 给出录入资料，并只带 version"]})
        stepping.take_step(
            case, "save_record", user=request.user, inputs=record, version=version, key=key_of(request)
        )
        return tell(request, number)


class StepView(Endpoint):
    """Any step of any desk; the door decides."""

    access_roles = CASE_ROLES

    @says(
        "cases_steps_create", "办理一个步骤：输入与 version 同在请求体", tag=TAG, takes=STEP_BODY,
        gives={200: shapes.CaseDetail}, refuses=(404,), keyed=True,
    )  # fmt: skip
    def post(self, request: Request, number: str, name: str) -> Response:
        case = get_case(request.user, number)
        data = body(request)
        version = version_of(data)
        stepping.take_step(case, name, user=request.user, inputs=data, version=version, key=key_of(request))
        return tell(request, number)


class PreviewView(Endpoint):
    """计算与去向 of a conclusion not yet submitted. Nothing is saved."""

    access_roles = CASE_ROLES

    @says(
        "cases_preview", "试算结论：金额、计算过程、签批去向；不保存", tag=TAG, refuses=(404,), gives={200: desk.Preview},
        takes={"application/json": {"type": "object", "additionalProperties": True}},
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number)
        more = {"case": case, "actor": request.user}
        data = stepping.through(resolve(case.line_spec.decision_form), body(request), **more)
        outcome = case.item_spec.outcome(data["outcome"])
        way = authority.route(case, request.user, outcome, data["amount"], timezone.localdate(), data.get("least_grade", 0))
        found = {
            "outcome": outcome.code, "amount": data["amount"], "lines": data.get("lines", []), "alone": way.alone,
            "route": way.text,
        }  # fmt: skip
        return Response(desk.Preview(found).data)


class FindingsView(Endpoint):
    """What the rules say now: the counter's before the pre-check, the line's afterwards. Nothing is stored."""

    access_roles = CASE_ROLES

    @says("cases_findings", "规则结果（现在）", tag=TAG, gives={200: desk.Findings}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        case, now = get_case(request.user, number), timezone.now()
        if case.state in (State.RECEIVED, State.RETURNED):
            found = precheck_specs(case, now)
        else:
            found = findings_for(case, request.user, now) if case.record else []
        return Response(desk.Findings({"findings": found}).data)


class HistoryView(Endpoint):
    """既往: people, policies and cases that reviewing this case needs; masked as on screen."""

    access_roles = CASE_ROLES

    @says("cases_history", "既往：客户、保单、其他案件", tag=TAG, gives={200: policy.HistoryShape}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        found = history(get_case(request.user, number), request.user)
        return Response(policy.HistoryShape(found).data)


class ClockView(Endpoint):
    access_roles = CASE_ROLES

    @says("cases_clocks_retrieve", "一个时钟的逐段计算", tag=TAG, gives={200: desk.ClockSheet}, refuses=(404,))
    def get(self, request: Request, number: str, pk: int) -> Response:
        case, now = get_case(request.user, number), timezone.now()
        clock = Clock.objects.select_related("rule").filter(case=case, pk=pk).first()
        if clock is None:
            raise Http404("没有这个时钟")
        sheet = clocks.reckon(clock, case, now)
        found: dict[str, Any] = {
            **clock.standing(now), "source": clock.rule.source, "started_at": clock.started_at, "stopped_at": clock.stopped_at,
            "warn_at": sheet.warn_at, "due_at": sheet.due_at, "legal_due_on": sheet.legal_due_on, "limit": sheet.limit,
            "used": sheet.used, "left": sheet.left, "unit": sheet.unit_words, "rows": sheet.rows,
        }  # fmt: skip
        return Response(desk.ClockSheet(found).data)


class TrailView(Endpoint):
    access_roles = CASE_ROLES

    @says("cases_trail_retrieve", "核验轨迹是否完整", tag=TAG, gives={200: desk.Trail}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        broken = broken_links(get_case(request.user, number))
        return Response({"whole": not broken, "broken": broken})


def issue_request(request: Request, number: str) -> str:
    """下发问题件 on a case; returns its number, also for a repetition."""
    case = get_case(request.user, number)
    data = body(request)
    version = version_of(data)
    event = stepping.take_step(
        case, "issue_request", user=request.user, inputs=data, version=version, key=key_of(request)
    )
    return str(event.data["request"])
