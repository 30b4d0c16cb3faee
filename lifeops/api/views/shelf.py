"""作业后: what goes out and comes back, volumes and where the originals are."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from archive import handing, lending, overview, printing
from archive.forms import GiveBackForm, LegForm, LoanForm, RemarkForm
from archive.models import Loan, Receipt, Volume
from archive.rules import legs_after
from archive.views import filing, loans, release
from archive.views.common import checklist, originals_here
from lifeops.api.base import Endpoint, body, page_of, queue_page_of
from lifeops.api.documenting import CURSOR, PDF, form_body, query, says
from lifeops.api.shapes import shelf as shapes
from lifeops.api.shapes.case import CasePage, CaseRow
from lifeops.api.stepping import through
from lifeops.cases.access import CASE_ROLES, get_case
from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.documents.answers import pdf
from lifeops.org.models import Role, User

TAG = "作业后"


def chosen(request: Request, name: str, known: Any, default: str) -> str:
    value = request.query_params.get(name, "") or default
    if value not in known:
        raise Invalid({name: ["没有这个选项"]})
    return value


class ReleasesView(Endpoint):
    access_roles = release.ROLES

    @says(
        "releases_list", "发放清单，近期到期者在前", tag=TAG, gives={200: CasePage},
        parameters=(query("tab", "due 待发放（默认）、way 寄送中、receipt 待回执"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        tab = chosen(request, "tab", dict(overview.RELEASE_TABS), "due")
        return cases_page(overview.release_rows(request.user, tab, *release.ROLES), request)


class FilingsView(Endpoint):
    access_roles = filing.ROLES

    @says("filings_list", "待归档案件，近期到期者在前", tag=TAG, gives={200: CasePage}, parameters=(CURSOR,))
    def get(self, request: Request) -> Response:
        rows = Case.objects.visible_to(request.user).filter(overview.at_units(request.user, *filing.ROLES))
        return cases_page(rows.filter(state__in=overview.TO_FILE), request)


def cases_page(rows: Any, request: Request) -> Response:
    listed = rows.for_queue().select_related("branch", "assignee", "holder_branch", "policy")
    page, following = queue_page_of(listed, request)
    return Response({"results": CaseRow(page, many=True).data, "next": following})


class PaperWayView(Endpoint):
    access_roles = release.ROLES

    @says("cases_delivery_retrieve", "资料去向：待发、寄送、回执、原件", tag=TAG, gives={200: shapes.PaperWay}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        return Response(way_of(get_case(request.user, number, desk="archive")))


def way_of(case: Case) -> dict[str, Any]:
    deliveries = list(case.deliveries.select_related("by").prefetch_related("legs__by"))
    legs = list(deliveries[0].legs.all()) if deliveries else []
    found = {
        "version": case.version,
        "papers": overview.papers_due([case])[case.pk],
        "deliveries": deliveries,
        "receipt": Receipt.objects.filter(case=case).select_related("by").first(),
        "next_legs": legs_after(legs[-1].kind) if legs else [],
        "originals": [{"row": pk, "label": label} for pk, label in originals_here(checklist(case))],
    }
    return dict(shapes.PaperWay(found).data)


class LegsView(Endpoint):
    access_roles = (Role.ISSUE,)

    @says(
        "cases_delivery_legs_create", "登记寄送的下一环节", tag=TAG, takes=form_body(LegForm), gives={201: shapes.PaperWay},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number, desk="archive")
        delivery = case.deliveries.order_by("-pk").first()
        last = handing.last_leg(delivery) if delivery else None
        fields = through(LegForm, body(request), last=last.kind if last else "")
        handing.add_leg(case=case, actor=request.user, now=timezone.now(), **fields)
        return Response(way_of(get_case(request.user, number, desk="archive")), status=201)


class OriginalsView(Endpoint):
    access_roles = (Role.ISSUE, Role.ARCHIVE)

    @says(
        "cases_originals_give_back", "退还原件", tag=TAG, takes=form_body(GiveBackForm), gives={200: shapes.PaperWay},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number, desk="archive")
        fields = through(GiveBackForm, body(request), choices=originals_here(checklist(case)))
        handing.give_back(case=case, actor=request.user, now=timezone.now(), **fields)
        return Response(way_of(get_case(request.user, number, desk="archive")))


class VolumesView(Endpoint):
    access_roles = filing.ROLES

    @says("volumes_list", "本机构的案卷，新者在前", tag=TAG, gives={200: shapes.VolumePage}, parameters=(CURSOR,))
    def get(self, request: Request) -> Response:
        scope = overview.at_branches(request.user, "branch__path", *filing.ROLES)
        page, following = page_of(Volume.objects.filter(scope).select_related("case", "branch", "filed_by"), request)
        return Response({"results": shapes.VolumeShape(page, many=True).data, "next": following})


class VolumeView(Endpoint):
    access_roles = CASE_ROLES

    @says("cases_volume_retrieve", "案卷：在哪里、谁借过", tag=TAG, gives={200: shapes.VolumeDetail}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        return Response(volume_of(request.user, number))


def volume_of(user: User, number: str) -> dict[str, Any]:
    found = filing.get_volume(user, number)
    rows = found.loans.select_related("borrower", "asked_by", "decided_by").order_by("-pk")[:50]
    for loan in rows:
        loan.volume = found
    told = dict(shapes.VolumeShape(found).data)
    return {**told, "loans": shapes.LoanShape(rows, many=True).data}


class VolumeLoansView(Endpoint):
    """申请借阅: for oneself; for a colleague by the archive."""

    access_roles = CASE_ROLES

    @says(
        "cases_volume_loans_create", "申请借阅案卷", tag=TAG, takes=form_body(LoanForm), gives={201: shapes.VolumeDetail},
        refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        found = filing.get_volume(request.user, number)
        fields = through(LoanForm, body(request))
        lending.ask(case=found.case, actor=request.user, now=timezone.now(), **fields)
        return Response(volume_of(request.user, number), status=201)


class VolumeLabelView(Endpoint):
    access_roles = filing.ROLES

    @says("cases_volume_label", "盒签（PDF）", tag=TAG, gives=PDF, refuses=(404,))
    def get(self, request: Request, number: str) -> HttpResponse:
        volume = filing.get_volume(request.user, number)
        return pdf(printing.box_label(volume), f"{volume.branch.code}-{volume.box}")


class VolumeCoverView(Endpoint):
    access_roles = filing.ROLES

    @says("cases_volume_cover", "卷封面与卷内目录（PDF）", tag=TAG, gives=PDF, refuses=(404,))
    def get(self, request: Request, number: str) -> HttpResponse:
        volume = filing.get_volume(request.user, number)
        return pdf(printing.cover(volume), volume.number)


class LoansView(Endpoint):
    access_roles = filing.ROLES

    @says(
        "loans_list", "借阅，新者在前", tag=TAG, gives={200: shapes.LoanPage},
        parameters=(query("tab", "asked、approved、lent（默认）、overdue、done"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        tab = chosen(request, "tab", dict(loans.TABS), "lent")
        rows = Loan.objects.filter(overview.at_branches(request.user, "volume__branch__path", *filing.ROLES))
        if tab == "overdue":
            rows = rows.overdue(timezone.localdate())
        elif tab == "done":
            rows = rows.filter(state__in=[Loan.State.BACK, Loan.State.REFUSED])
        else:
            rows = rows.filter(state=tab)
        page, following = page_of(rows.select_related("volume__case", "borrower", "asked_by", "decided_by"), request)
        return Response({"results": shapes.LoanShape(page, many=True).data, "next": following})


class LoanActView(Endpoint):
    access_roles = (Role.HEAD, Role.ARCHIVE)

    @says(
        "loans_act", "借阅：approve 批准、refuse 不同意、lend 借出、take_back 归还", tag=TAG, takes=form_body(RemarkForm),
        gives={200: shapes.VolumeDetail}, refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, pk: int, act: str) -> Response:
        if act not in lending.ACTS:
            raise Http404(loans.NO_LOAN)
        loan, found = loans.get_loan(request.user, pk)
        fields = through(RemarkForm, body(request))
        lending.act_on(case=found.case, loan=loan, act=act, actor=request.user, now=timezone.now(), **fields)
        return Response(volume_of(request.user, found.case.number))


class LoanSlipView(Endpoint):
    access_roles = filing.ROLES

    @says("loans_slip", "借阅单（PDF）", tag=TAG, gives=PDF, refuses=(404,))
    def get(self, request: Request, pk: int) -> HttpResponse:
        loan = loans.approved_loan(request.user, pk)
        return pdf(printing.borrow_slip(loan), printing.slip_number(loan))
