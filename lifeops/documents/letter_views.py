"""文书 on screen: what has gone out, what may go out, printing with numbered copies, and looking again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lifeops.cases.access import CASE_ROLES, access, get_case, get_request, not_found_as
from lifeops.cases.errors import Invalid, NotDone, Refused
from lifeops.cases.models import Case, Clock, Request
from lifeops.cases.states import RequestState
from lifeops.documents import packs, papers
from lifeops.documents.answers import pdf
from lifeops.documents.models import Letter
from lifeops.org.models import Role, User
from lifeops.org.requests import UserRequest, whole_number

NO_LETTER = "没有这份文书，或不在您的可见范围内"


def context_of(case: Case, user: User, **more: Any) -> dict[str, Any]:
    rows = case.letters.select_related("created_by", "request").prefetch_related("prints__by").order_by("-pk")
    return {
        "case": case,
        "letters": rows,
        "offered": papers.offered(case),
        "clocks": Clock.objects.filter(case=case).select_related("rule").order_by("pk"),
        "may_print": papers.may_print(case, user),
        **more,
    }


@access(*CASE_ROLES)
@require_GET
def letters(request: UserRequest, number: str) -> HttpResponse:
    """Letters of a case with their copies, and those that may be issued now."""
    case = get_case(request.user, number)
    return render(request, "documents/letters.html", context_of(case, request.user))


@access(*papers.PRINTERS)
@require_POST
def letter_issue(request: UserRequest, number: str) -> HttpResponse:
    """出具 a letter of a kind that the case itself is enough for."""
    case = get_case(request.user, number)
    clock = Clock.objects.filter(case=case, pk=whole_number(request.POST.get("clock")) or 0).first()
    try:
        letter = papers.issue(
            case=case, kind=request.POST.get("kind", ""), actor=request.user, now=timezone.now(), clock=clock
        )
    except Invalid as invalid:
        return render(
            request, "documents/letters.html", context_of(case, request.user, errors=invalid.errors), status=400
        )
    messages.success(request, f"已出具{letter.title} {letter.number}")
    return redirect("documents:letters", number=case.number)


def get_letter(user: User, pk: int) -> tuple[Letter, Case]:
    letter = Letter.objects.select_related("case").filter(pk=pk).first()
    if letter is None:
        raise Http404(NO_LETTER)
    with not_found_as(NO_LETTER):
        case = get_case(user, letter.case.number)
    letter.case = case
    return letter, case


@access(*CASE_ROLES)
@require_GET
def letter_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Look at a letter as it was first printed; no copy is counted."""
    letter, _case = get_letter(request.user, pk)
    return pdf(papers.pdf_of(letter), letter.number)


@access(*papers.PRINTERS)
@require_POST
def letter_print(request: UserRequest, pk: int) -> HttpResponse:
    """打印: the next numbered copy. From the second on the reason is asked for at its field."""
    letter, case = get_letter(request.user, pk)
    reason = request.POST.get("reason", "")
    try:
        content = papers.print_letter(letter=letter, actor=request.user, now=timezone.now(), reason=reason)
    except Invalid as invalid:
        more = {"failed": letter.pk, "reason": reason, "errors": invalid.errors}
        return render(request, "documents/letters.html", context_of(case, request.user, **more), status=400)
    return pdf(content, f"{letter.number}-{letter.copies}")


@access(*CASE_ROLES)
@require_GET
def request_letter(request: UserRequest, number: str) -> HttpResponse:
    """The letter of a 问题件: as printed, or as it would be printed. Nothing is counted."""
    item = get_request(request.user, number)
    return pdf(papers.pdf_of_request(request=item, actor=request.user, now=timezone.now()), item.number)


@access(Role.QUERY, Role.INVESTIGATOR, Role.HEAD)
@require_POST
def request_print(request: UserRequest, number: str) -> HttpResponse:
    """打印 of a 问题件 by the branch: the numbered copy and the step of the request in one act."""
    item = get_request(request.user, number)
    try:
        content = papers.print_request(
            request=item, actor=request.user, now=timezone.now(), reason=request.POST.get("reason", "")
        )
    except Refused:
        raise
    except NotDone as refused:
        messages.error(request, str(refused))
        return redirect("cases:request", number=item.number)
    return pdf(content, item.number)


@access(Role.QUERY, Role.INVESTIGATOR, Role.HEAD)
@require_POST
def requests_print(request: UserRequest) -> HttpResponse:
    """批打 of the ticked 问题件 that wait for their first print: one file under a list of what is in it."""
    chosen = request.POST.getlist("request")[: packs.MOST]
    rows = Request.objects.visible_to(request.user).select_related("case__branch", "branch", "handler", "issued_by")
    items = list(rows.filter(number__in=chosen, state=RequestState.ISSUED))
    content, stayed = packs.print_requests(items=items, actor=request.user, now=timezone.now())
    for item, reason in stayed:
        messages.warning(request, f"{item.number} 未打印：{reason}")
    if not content:
        messages.warning(request, "没有可打印的函件，请先勾选；已打印过的在函件页补打" if not stayed else "所选函件都没有打印")
        return redirect(f"{reverse('cases:requests')}?tab=print")
    return pdf(content, f"batch-{timezone.localtime():%Y%m%d%H%M}")
