"""What is written into the book without a case: holds and statements of a policy, particulars and duplicates of customers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, body, page_of, read
from lifeops.api.documenting import CURSOR, PDF, form_body, query, says
from lifeops.api.shapes import customer as shapes
from lifeops.api.shapes import policy as policy_shapes
from lifeops.api.shapes.dividend import DecisionBody
from lifeops.api.stepping import at_fields, through
from lifeops.cases.access import CASE_ROLES
from lifeops.cases.customer_forms import KINDS, MergeForm, RelationForm
from lifeops.cases.errors import Invalid
from lifeops.cases.recovering import ask_and_tell, decide_and_tell
from lifeops.cases.views.customer import PAGE, WAITING_OR_MERGED, decide_on_pair, duplicates_of, get_pair, get_party
from lifeops.cases.views.hold import HoldForm, LiftForm
from lifeops.cases.views.policy import HOLDERS, get_policy
from lifeops.cases.views.recover import RecoverForm, get_recovery
from lifeops.documents.answers import pdf
from lifeops.documents.papers import PRINTERS
from lifeops.documents.statement_views import get_statement
from lifeops.documents.statements import issue_statement, pdf_of
from lifeops.policies.models import DuplicateState, HoldKind
from lifeops.policies.services import merging, particulars
from lifeops.policies.services.holds import lift_hold, place_hold
from lifeops.policies.services.particulars import WRITERS
from lifeops.policies.services.recovering import SETTLERS

BOOK, PEOPLE = "保单", "客户"
#: Keys beyond those of any row.
MOST = 10**18


class HoldsView(Endpoint):
    """Who places one is decided by the book, once the policy is within reach."""

    access_roles = CASE_ROLES

    @says("policies_holds_list", "保单现有的挂起", tag=BOOK, gives={200: policy_shapes.HoldShape(many=True)}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        rows = get_policy(request.user, number).holds.filter(lifted_on__isnull=True).select_related("placed_by").order_by("pk")
        return Response(policy_shapes.HoldShape(rows, many=True).data)

    @says(
        "policies_holds_create", "登记挂起：司法冻结、质押、挂失等", tag=BOOK, takes=form_body(HoldForm), gives={201: policy_shapes.HoldShape},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        policy = get_policy(request.user, number)
        given = through(HoldForm, body(request))
        with at_fields():
            made = place_hold(policy=policy, **given, actor=request.user)
        return Response(policy_shapes.HoldShape(made).data, status=201)


class HoldLiftView(Endpoint):
    access_roles = HOLDERS

    @says(
        "policies_holds_lift", "解除挂起：登记人以外的人", tag=BOOK, takes=form_body(LiftForm), gives={200: policy_shapes.HoldShape},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str, pk: int) -> Response:
        rows = get_policy(request.user, number).holds.exclude(kind=HoldKind.CASE).filter(lifted_on__isnull=True)
        row = rows.filter(pk=pk).first() if pk < MOST else None
        if row is None:
            raise Http404("没有这项挂起，或已解除")
        return Response(policy_shapes.HoldShape(lift_hold(hold=row, **through(LiftForm, body(request)), actor=request.user)).data)


class RecoveryView(Endpoint):
    access_roles = SETTLERS

    @says(
        "policies_recoveries_list", "保单登记过的款项追回，新者在前", tag=BOOK, gives={200: policy_shapes.RecoveryPage}, refuses=(404,),
        parameters=(CURSOR,),
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        rows = get_policy(request.user, number).recoveries.select_related("requested_by", "decided_by")
        page, following = page_of(rows, request)
        return Response({"results": policy_shapes.RecoveryShape(page, many=True).data, "next": following})

    @says(
        "policies_recover", "登记款项追回：以已入暂收的一笔到账抵还，另一人批准后入账", tag=BOOK, takes=form_body(RecoverForm),
        gives={201: policy_shapes.RecoveryShape}, refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        policy = get_policy(request.user, number)
        given = through(RecoverForm, body(request))
        with at_fields():
            made = ask_and_tell(policy=policy, **given, actor=request.user, now=timezone.now())
        return Response(policy_shapes.RecoveryShape(made).data, status=201)


class RecoveryDecisionView(Endpoint):
    access_roles = SETTLERS

    @says(
        "policies_recover_decide", "批准或驳回款项追回，须为登记人以外的人", tag=BOOK, takes=DecisionBody, gives={200: policy_shapes.RecoveryShape},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str, pk: int) -> Response:
        row, given = get_recovery(get_policy(request.user, number), pk), read(DecisionBody, request)
        with at_fields():
            found = decide_and_tell(row=row, **given, actor=request.user, now=timezone.now())
        return Response(policy_shapes.RecoveryShape(found).data)


class StatementView(Endpoint):
    access_roles = PRINTERS

    @says("policies_statement", "出具今日的保单对账单（PDF）", tag=BOOK, gives=PDF, refuses=(404,))
    def post(self, request: Request, number: str) -> HttpResponse:
        made, content = issue_statement(policy=get_policy(request.user, number), actor=request.user, now=timezone.now())
        return pdf(content, made.number)


class StatementsView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "policies_statements_list", "保单已出具的对账单与通知，新者在前", tag=BOOK, gives={200: policy_shapes.StatementPage}, refuses=(404,),
        parameters=(CURSOR,),
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        rows = get_policy(request.user, number).statements.select_related("created_by")
        page, following = page_of(rows, request)
        return Response({"results": policy_shapes.StatementShape(page, many=True).data, "next": following})


class StatementPdfView(Endpoint):
    access_roles = CASE_ROLES

    @says("statements_pdf", "查看已出具的对账单或通知（PDF），与出具时相同", tag=BOOK, gives=PDF, refuses=(404,))
    def get(self, request: Request, pk: int) -> HttpResponse:
        found = get_statement(request.user, pk)
        return pdf(pdf_of(found), found.number)


class ParticularsView(Endpoint):
    access_roles = WRITERS

    @says(
        "customers_particulars_create", f"登记客户资料：{'、'.join(f'{kind} {words}' for kind, (words, *_) in KINDS.items())}", tag=PEOPLE,
        takes=form_body(*(form for _, form, *_ in KINDS.values())), gives={201: shapes.CustomerShape}, refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, pk: int, kind: str) -> Response:
        party = get_party(request.user, pk)
        if kind not in KINDS:
            raise Http404("没有这种登记")
        _, form_class, service, _ = KINDS[kind]
        more: dict[str, Any] = {"actor": request.user} if form_class is RelationForm else {}
        fields = through(form_class, body(request), **more)
        with at_fields():
            service(party=party, **fields, actor=request.user, now=timezone.now())
        return tell(request, pk, status=201)


def tell(request: Request, pk: int, status: int = 200) -> Response:
    """The customer as he is now."""
    from lifeops.api.views.customers import told
    from lifeops.cases.customer import whole

    today = timezone.localdate()
    found = whole(get_party(request.user, pk), request.user, timezone.now(), today, today)
    return Response(shapes.CustomerShape(told(found)).data, status=status)


class ParticularEndView(Endpoint):
    access_roles = WRITERS

    @says("customers_particulars_end", "终止一项登记：不再使用，仍留存", tag=PEOPLE, gives={200: shapes.CustomerShape}, refuses=(404,))
    def post(self, request: Request, pk: int, kind: str, row: int) -> Response:
        party = get_party(request.user, pk)
        model = KINDS[kind][3] if kind in KINDS else None
        found = model._default_manager.filter(party=party, pk=row).first() if model is not None and row < MOST else None
        if found is None:
            raise Http404("没有这项登记")
        particulars.end(row=found, actor=request.user, now=timezone.now())
        return tell(request, pk)


class CandidatesView(Endpoint):
    access_roles = merging.PROPOSERS

    @says("customers_duplicates_list", "查重：可能是同一人的客户与依据", tag=PEOPLE, gives={200: shapes.Candidate(many=True)}, refuses=(404,))
    def get(self, request: Request, pk: int) -> Response:
        found = merging.candidates(get_party(request.user, pk))
        return Response(shapes.Candidate([{"party": row, "reasons": why} for row, why in found], many=True).data)

    @says(
        "customers_duplicates_create", "提出合并，待另一人核定", tag=PEOPLE, takes=shapes.ProposeBody, gives={201: shapes.DuplicateShape},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        party, other = get_party(request.user, pk), read(shapes.ProposeBody, request)["other"]
        chosen = next(((row, why) for row, why in merging.candidates(party) if row.pk == other), None)
        if chosen is None:
            raise Invalid({"other": ["请从疑似重复的客户中选择"]})
        made = merging.propose(one=party, two=chosen[0], reasons=chosen[1], actor=request.user, now=timezone.now())
        return Response(shapes.DuplicateShape(made).data, status=201)


class DuplicatesView(Endpoint):
    access_roles = merging.DECIDERS

    @says(
        "duplicates_list", "合并提议：待核定、待核定的撤销申请、已合并", tag=PEOPLE, gives={200: shapes.DuplicateShape(many=True)},
        parameters=(query("state", "open 待核定（默认）、undoing 待撤销合并、merged 已合并", enum=[str(state) for state in WAITING_OR_MERGED]),),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state") or DuplicateState.OPEN
        if state not in WAITING_OR_MERGED:
            raise Invalid({"state": ["没有这个状态"]})
        return Response(shapes.DuplicateShape(duplicates_of(request.user, state)[:PAGE], many=True).data)


class DuplicateActView(Endpoint):
    access_roles = merging.DECIDERS

    @says(
        "duplicates_act",
        "核定：left、right 合并并保留该方，dismiss 非同一人；已合并的：undo 申请撤销，另一人 undo_confirm 撤销，undo_refuse 不撤销",
        tag=PEOPLE, takes=form_body(MergeForm), gives={200: shapes.DuplicateShape}, refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, pk: int, act: str) -> Response:
        row = get_pair(request.user, pk, act)
        given = through(MergeForm, body(request))
        with at_fields():
            done = decide_on_pair(row, act, reason=given["reason"], actor=request.user)
        return Response(shapes.DuplicateShape(done).data)
