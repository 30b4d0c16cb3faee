"""影像 on screen: the viewer beside a case, the page for bringing scans in and arranging them, and the pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from lifeops.cases.access import CASE_ROLES, StepView, access, get_case, not_found_as, steps_for
from lifeops.cases.errors import Invalid, NotDone, Refused
from lifeops.cases.models import Case
from lifeops.cases.views.common import new_key
from lifeops.documents import arranging, storage
from lifeops.documents.answers import picture
from lifeops.documents.checklists import completeness
from lifeops.documents.ingest import ADDERS, ingest, may_add, refusals
from lifeops.documents.models import DocType, Page, Source
from lifeops.documents.rendering import MOST_PAGES
from lifeops.org.models import User
from lifeops.org.requests import UserRequest

COVER = "COVER"
NO_PAGE = "没有这一页，或不在您的可见范围内"

#: One request carries at most this much; the page sends files one by one, a plain form all at once.
MOST_BYTES = 200 * 1024 * 1024

def wants_json(request: UserRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


@access(*CASE_ROLES)
@require_GET
def viewer(request: UserRequest, number: str) -> HttpResponse:
    """The pages of a case: large, with thumbnails. A fragment beside the case, or a window of its own."""
    case = get_case(request.user, number)
    pages = list(Page.objects.of_case(case).shown())
    context = {
        "case": case,
        "pages": pages,
        # the cover says nothing that the page around does not: begin with the first real paper
        "first": next((p for p in pages if not p.doc_type or p.doc_type.code != COVER), pages[0]) if pages else None,
        "may_arrange": may_add(case, request.user),
    }
    template = "documents/_viewer.html" if request.headers.get("HX-Request") else "documents/viewer.html"
    return render(request, template, context)


@access(*CASE_ROLES)
@require_GET
def manage(request: UserRequest, number: str) -> HttpResponse:
    """扫描台 of one case: bring in, classify, turn, order, hide; pages expected against pages scanned."""
    case = get_case(request.user, number)
    return render(request, "documents/manage.html", manage_context(case, request.user, request.GET.get("request", "")))


def manage_context(case: Case, user: User, request_number: str = "") -> dict[str, Any]:
    pages = list(Page.objects.of_case(case))
    rows = completeness(case)
    own = {row.doc_type for row in rows}
    types = list(DocType.objects.all())
    return {
        "case": case,
        "pages": pages,
        "rows": rows,
        "own_types": [t for t in types if t.code in own],
        "other_types": [t for t in types if t.code not in own],
        "unsorted": sum(1 for page in pages if not page.hidden and page.doc_type_id is None),
        "shown_count": sum(1 for page in pages if not page.hidden),
        "expected_count": sum(row.expected for row in rows),
        "may_arrange": may_add(case, user),
        "reasons": refusals(case, user),
        "requests": case.requests.open().order_by("-pk"),
        "request_number": request_number,
        "steps": finishing(case, user, agree=all(row.agrees for row in rows)),
        "key": new_key(),
        "most_mb": storage.LARGEST // (1024 * 1024),
        "most_pages": MOST_PAGES,
    }


def finishing(case: Case, user: User, *, agree: bool) -> list[StepView]:
    """扫描完成, where the person may take it; where the pages agree with what was received there is nothing to explain."""
    steps = [step for step in steps_for(case, user) if step.name == "complete_scan" and step.allowed]
    return [replace(step, form=None) for step in steps] if agree else steps


@access(*ADDERS)
@require_POST
@csrf_exempt  # the token is checked by _upload, once the size is known to be bearable
def upload(request: UserRequest, number: str) -> HttpResponse:
    """Take files into a case. Answers JSON to the page's script, a redirect with messages to a plain form."""
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        reasons = ["一次上传超过 200 MB，请分批上传"]
        if wants_json(request):
            return JsonResponse({"taken": [], "errors": [{"name": "", "message": reasons[0]}]}, status=413)
        return render(request, "400.html", {"reasons": reasons}, status=413)
    return _upload(request, number)


@csrf_protect
def _upload(request: UserRequest, number: str) -> HttpResponse:
    case = get_case(request.user, number)
    files = request.FILES.getlist("files")
    wanted = request.POST.get("request", "")
    letter = case.requests.filter(number=wanted).first() if wanted else None
    try:
        if not files:
            raise Invalid({"files": ["请选择要上传的文件"]})
        if wanted and letter is None:
            raise Invalid({"request": ["问题件不属于本案"]})
        taken, errors = ingest(
            case=case,
            files=files,
            actor=request.user,
            now=timezone.now(),
            doc_type=request.POST.get("doc_type") or None,
            source=Source.REPLY if letter else Source.SCAN,
            request=letter,
        )
    except NotDone as refused:
        if not wants_json(request):
            if isinstance(refused, Refused):
                raise
            messages.error(request, str(refused))
            return redirect("documents:manage", number=case.number)
        status = 403 if isinstance(refused, Refused) else 400
        return JsonResponse({"taken": [], "errors": [{"name": "", "message": str(refused)}]}, status=status)
    if wants_json(request):
        return JsonResponse(
            {
                "taken": [{"name": d.name, "pages": d.pages.count()} for d in taken],
                "errors": [{"name": e.name, "message": e.message} for e in errors],
            }
        )
    if taken:
        messages.success(request, f"已入库 {len(taken)} 个文件")
    for error in errors:
        messages.error(request, str(error))
    return redirect("documents:manage", number=case.number)


def get_page(user: User, pk: int) -> Page:
    """The page, if its case is within the person's reach; 404 otherwise."""
    page = Page.objects.select_related("document__case", "doc_type").filter(pk=pk).first()
    if page is None:
        raise Http404(NO_PAGE)
    with not_found_as(NO_PAGE):
        get_case(user, page.document.case.number)
    return page


@access(*CASE_ROLES)
@require_GET
def page_image(request: UserRequest, pk: int) -> HttpResponseBase:
    """The re-encoded picture of a page."""
    return picture(get_page(request.user, pk).path)


@access(*CASE_ROLES)
@require_GET
def thumb(request: UserRequest, pk: int) -> HttpResponseBase:
    """The thumbnail of a page."""
    return picture(get_page(request.user, pk).thumb_path)


@access(*ADDERS)
@require_POST
def page_state(request: UserRequest, pk: int) -> HttpResponse:
    """Turn, hide, classify or move a page."""
    page = get_page(request.user, pk)
    back = f"{reverse('documents:manage', args=[page.document.case.number])}#page-{pk}"
    try:
        page = arranging.arrange_page(page=page, data=request.POST, actor=request.user, now=timezone.now())
    except NotDone as refused:
        if wants_json(request):
            return JsonResponse({"error": str(refused)}, status=403 if isinstance(refused, Refused) else 400)
        messages.error(request, str(refused))
        return redirect(back)
    if wants_json(request):
        found = {"rotation": page.rotation, "hidden": page.hidden, "doc_type": page.doc_type_id or "", "order": page.order}
        return JsonResponse(found)
    return redirect(back)
