"""影像 and 文书: scans brought in and shown, letters issued, printed and looked at."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api import present
from lifeops.api.base import Endpoint, FileEndpoint, read, refuse_unfit
from lifeops.api.documenting import JPEG, PDF, says
from lifeops.api.errors import TooLarge
from lifeops.api.shapes import papers as shapes
from lifeops.cases.access import CASE_ROLES, get_case
from lifeops.cases.errors import Invalid
from lifeops.cases.models import Clock
from lifeops.documents import arranging, papers
from lifeops.documents.answers import pdf, picture
from lifeops.documents.ingest import ADDERS, ingest
from lifeops.documents.letter_views import get_letter
from lifeops.documents.models import Page, Source
from lifeops.documents.views import MOST_BYTES
from lifeops.org.models import User

TAG = "影像与文书"
UPLOAD: dict[str, Any] = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "files": {"type": "array", "items": {"type": "string", "format": "binary"}, "description": "一个或多个文件"},
            "doc_type": {"type": "string", "description": "资料类型，可空"},
            "request": {"type": "string", "description": "回复的问题件号，可空"},
        },
        "required": ["files"],
    }
}


class DocumentsView(FileEndpoint):
    """Who brings papers in is decided by the service, once the case is within reach."""

    access_roles = CASE_ROLES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # before anything of the body is read
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            raise TooLarge("一次上传超过 200 MB，请分批上传")
        super().initial(request, *args, **kwargs)

    @says("cases_documents_list", "资料清单与影像", tag=TAG, gives={200: shapes.Papers}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        return Response(present.papers(get_case(request.user, number)))

    @says(
        "cases_documents_create", "影像入库：可多个文件，逐个说明未入库的原因", tag=TAG, takes=UPLOAD,
        gives={201: shapes.Ingested}, refuses=(404, 413),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number)
        told = dict(request.POST.items())
        refuse_unfit(told)
        files, wanted = request.FILES.getlist("files"), told.get("request", "")
        if not files:
            raise Invalid({"files": ["请选择要上传的文件"]})
        letter = case.requests.filter(number=wanted).first() if wanted else None
        if wanted and letter is None:
            raise Invalid({"request": ["问题件不属于本案"]})
        taken, errors = ingest(
            case=case, files=files, actor=request.user, now=timezone.now(), doc_type=told.get("doc_type") or None,
            source=Source.REPLY if letter else Source.SCAN, request=letter,
        )  # fmt: skip
        if not taken:
            raise Invalid({"files": [str(error) for error in errors]})
        rows = present.documents_of(case).filter(pk__in=[d.pk for d in taken])
        found = {"version": get_case(request.user, number).version, "taken": rows, "errors": errors}
        return Response(shapes.Ingested(found, context={"number": case.number}).data, status=201)


def get_page(user: User, number: str, pk: int) -> Page:
    """A page of this case; 404 where the case is out of reach or the page belongs to another."""
    case = get_case(user, number)
    page = Page.objects.select_related("document", "doc_type").filter(pk=pk, document__case_id=case.pk).first()
    if page is None:
        raise Http404("没有这一页，或不在您的可见范围内")
    return page


class PageView(Endpoint):
    """整理 of a page: turn, hide, classify, move."""

    access_roles = ADDERS

    @says(
        "cases_documents_pages_update", "整理一页：旋转、隐藏、归类、排序", tag=TAG, takes=shapes.PageBody,
        gives={200: shapes.PageShape}, refuses=(404,),
    )  # fmt: skip
    def patch(self, request: Request, number: str, pk: int) -> Response:
        page = get_page(request.user, number, pk)
        told = read(shapes.PageBody, request)
        asked = {name: "" if value is None else value for name, value in told.items()}
        if "hidden" in asked:
            asked["hidden"] = "1" if asked["hidden"] else "0"
        done = arranging.arrange_page(page=page, data=asked, actor=request.user, now=timezone.now())
        return Response(shapes.PageShape(done, context={"number": number}).data)


class PageImageView(Endpoint):
    access_roles = CASE_ROLES

    @says("cases_documents_pages_image", "一页的图像", tag=TAG, gives=JPEG, refuses=(404,))
    def get(self, request: Request, number: str, pk: int) -> HttpResponseBase:
        return picture(get_page(request.user, number, pk).path)


class PageThumbView(Endpoint):
    access_roles = CASE_ROLES

    @says("cases_documents_pages_thumb", "一页的缩略图", tag=TAG, gives=JPEG, refuses=(404,))
    def get(self, request: Request, number: str, pk: int) -> HttpResponseBase:
        return picture(get_page(request.user, number, pk).thumb_path)


class LettersView(Endpoint):
    """Who issues is decided by the service, once the case is within reach."""

    access_roles = CASE_ROLES

    @says("cases_letters_list", "文书：已出具与可出具", tag=TAG, gives={200: shapes.Letters}, refuses=(404,))
    def get(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number)
        offered = [{"kind": kind, "title": title} for kind, title in papers.offered(case)]
        return Response(shapes.Letters({"letters": present.letters_of(case), "offered": offered}).data)

    @says(
        "cases_letters_create", "出具文书；内容未变时返回已出具的那份", tag=TAG, takes=shapes.LetterBody,
        gives={201: shapes.LetterShape}, refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        case = get_case(request.user, number)
        told = read(shapes.LetterBody, request)
        clock = Clock.objects.filter(case=case, pk=told["clock"]).first() if told["clock"] else None
        if told["clock"] and clock is None:
            raise Invalid({"clock": ["时钟不属于本案"]})
        letter = papers.issue(case=case, kind=told["kind"], actor=request.user, now=timezone.now(), clock=clock)
        return Response(shapes.LetterShape(letter).data, status=201)


class LetterPdfView(Endpoint):
    access_roles = CASE_ROLES

    @says("letters_pdf", "查看文书（PDF），不计份数", tag=TAG, gives=PDF, refuses=(404,))
    def get(self, request: Request, pk: int) -> HttpResponse:
        letter, _case = get_letter(request.user, pk)
        return pdf(papers.pdf_of(letter), letter.number)


class LetterPrintView(Endpoint):
    access_roles = papers.PRINTERS

    @says(
        "letters_print", "打印文书：下一份编号的 PDF，第二份起须写原因", tag=TAG, takes=shapes.PrintBody, gives=PDF, refuses=(404,)
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        letter, _case = get_letter(request.user, pk)
        reason = read(shapes.PrintBody, request)["reason"]
        content = papers.print_letter(letter=letter, actor=request.user, now=timezone.now(), reason=reason)
        return pdf(content, f"{letter.number}-{letter.copies}")
