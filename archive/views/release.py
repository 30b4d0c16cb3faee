"""发放: what waits to go out, one case with its papers, legs, receipt and originals."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from archive import handing, overview
from archive.forms import GiveBackForm, LegForm
from archive.models import Receipt
from archive.rules import legs_after
from archive.services import letters_due
from archive.views.common import checklist, filters, originals_here, pick, show_errors
from archive.views.payments import acts_for
from lifeops.cases.access import access, get_case, steps_for
from lifeops.cases.errors import Invalid, Refused, Stale
from lifeops.cases.models import Case
from lifeops.cases.paging import queue_page
from lifeops.cases.perform import perform
from lifeops.cases.states import LineCode, State
from lifeops.cases.views.common import bound, clock_views, conflict, new_key, raw_inputs, seen_version, with_errors
from lifeops.documents.answers import pdf
from lifeops.documents.papers import issue, print_letter
from lifeops.org.models import Role, User
from lifeops.org.requests import UserRequest

ROLES = (Role.ISSUE, Role.HEAD)


@access(*ROLES)
@require_GET
def release(request: UserRequest) -> HttpResponse:
    """发放 list: decided cases whose papers wait, those on the way, those whose receipt is awaited."""
    codes = [code for code, _ in overview.RELEASE_TABS]
    asked = request.GET.get("tab", "")
    tab = asked if asked in codes else "due"
    rows = overview.narrowed(overview.release_rows(request.user, tab, *ROLES), request.GET).for_queue()
    page, after = queue_page(rows.select_related("holder_branch", "policy"), request.GET.get("after", ""))
    context = {
        "rows": overview.describe(page), "next": after, "tab": tab, "now": timezone.now(),
        "filters": filters(request, "after"), "lines": LineCode.choices,
        "tabs": [(code, label, count(request.user, code)) for code, label in overview.RELEASE_TABS],
    }
    return render(request, "archive/release.html", context)


def count(user: User, tab: str, cap: int = 99) -> int:
    """How many cases a tab holds, capped."""
    return overview.release_rows(user, tab, *ROLES).order_by().values("pk")[: cap + 1].count()


def recipient(case: Case) -> str:
    """Who is usually given the papers: the applicant; where the company has asked itself the policyholder, or who is still to be found."""
    if not case.item_spec.by_company:
        return case.subject_name
    holder = case.contract.policyholder
    return "" if holder.died_on else holder.name


def page_of(case: Case, user: User, **more: Any) -> dict[str, Any]:
    """Context of one case's 发放 page; `more` brings a form that was refused."""
    rows = checklist(case)
    deliveries = list(case.deliveries.select_related("by").prefetch_related("legs__by"))
    last = list(deliveries[0].legs.all())[-1] if deliveries and deliveries[0].legs.all() else None
    steps = {s.name: s for s in steps_for(case, user)}
    receipt = Receipt.objects.filter(case=case).select_related("by").first()
    context = {
        "case": case, "now": timezone.now(), "clocks": clock_views(case), "key": new_key(),
        "decision": case.current_decision(), "papers": overview.papers_due([case])[case.pk],
        "may_print": user.holds(Role.ISSUE, path=case.branch_path), "deliveries": deliveries, "last": last, "receipt": receipt, "rows": rows,
        "release": steps.get("release"), "register": steps.get("register_receipt"),
        "awaits_receipt": receipt is None and any(d.expects_receipt for d in deliveries),
        "payments": [(p, acts_for(p, user)) for p in overview.payments_of([case])[case.number]],
        "leg_reasons": handing.leg_refusals(case, user), "back_reasons": handing.give_back_refusals(case, user),
        "files": user.holds(Role.ARCHIVE, Role.HEAD), "today": timezone.localdate().isoformat(),
    }
    if context["release"] and context["release"].allowed and "release_form" not in more:
        start = {"how": "hand", "to": recipient(case), "signed_on": timezone.localdate()}
        context["release_form"] = bound(case.form_for("release"), case, user, initial=start)
    if context["awaits_receipt"] and "receipt_form" not in more and context["register"] and context["register"].allowed:
        start = {"signed_on": deliveries[0].signed_on, "signer": recipient(case)}
        context["receipt_form"] = bound(case.form_for("register_receipt"), case, user, initial=start)
    if last and legs_after(last.kind) and case.state == State.RELEASED and not context["leg_reasons"]:
        context["leg_form"] = LegForm(last=last.kind, initial={"on": timezone.localdate()})
    if not context["back_reasons"] and (choices := originals_here(rows)):
        context["back_form"] = GiveBackForm(choices=choices, initial={"to": case.subject_name, "on": timezone.localdate()})
    if case.state == State.RELEASED and user.holds(Role.ISSUE):
        coming = overview.release_rows(user, "due", Role.ISSUE).for_queue().first()
        context["following"] = reverse("archive:release_case", args=[coming.number]) if coming else ""
    context |= more
    if "refused" in more:
        # a step that is not to be taken now has no form on the page
        for key, found in (("release_form", context["release"]), ("receipt_form", context["register"])):
            if not (found and found.allowed):
                context.pop(key, None)
    if "back_form" in context:
        pick(rows, context["back_form"])
    return context


@access(*ROLES)
@require_GET
def release_case(request: UserRequest, number: str) -> HttpResponse:
    """One case: papers due, hand-over, legs, receipt, originals, money."""
    case = get_case(request.user, number, desk="archive")
    return render(request, "archive/release_case.html", page_of(case, request.user))


@access(Role.ISSUE)
@require_POST
def paper(request: UserRequest, number: str) -> HttpResponse:
    """出具并打印 of a paper due: the next numbered copy in place. From the second on a reason is asked for."""
    case = get_case(request.user, number, desk="archive")
    kind, reason, now = request.POST.get("kind", ""), request.POST.get("reason", ""), timezone.now()
    try:
        if kind not in letters_due(case):
            raise Invalid({"kind": ["本案结论不出具此文书"]})
        letter = issue(case=case, kind=kind, actor=request.user, now=now)
        content = print_letter(letter=letter, actor=request.user, now=now, reason=reason)
    except Invalid as invalid:
        more = {"paper_failed": kind, "paper_reason": reason, "paper_errors": invalid.errors}
        return render(request, "archive/release_case.html", page_of(case, request.user, **more), status=400)
    return pdf(content, f"{letter.number}-{letter.copies}")


def take_step(request: UserRequest, number: str, name: str, form_key: str) -> HttpResponse:
    """A step of the case from its inline form; refused inputs stay on the page."""
    case = get_case(request.user, number, desk="archive")
    form_class = case.form_for(name)
    typed = raw_inputs(form_class, request.POST)
    try:
        event = perform(
            case, name, actor=request.user, version=seen_version(request.POST), idempotency_key=request.POST.get("key", ""), **typed
        )
    except Invalid as error:
        form = with_errors(bound(form_class, case, request.user, data=request.POST), error)
        return render(request, "archive/release_case.html", page_of(case, request.user, **{form_key: form}), status=400)
    except Refused as error:
        # what is missing stands on this very page: the papers to print, the receipt
        form = bound(form_class, case, request.user, data=request.POST)
        return render(request, "archive/release_case.html", page_of(case, request.user, refused=error, **{form_key: form}), status=403)
    except Stale as error:
        return conflict(request, error, typed, reverse("archive:release_case", args=[case.number]))
    messages.success(request, f"{event.label}：{case.number}")
    return redirect("archive:release_case", number=case.number)


@access(Role.ISSUE)
@require_POST
def hand_over(request: UserRequest, number: str) -> HttpResponse:
    """发放: 面交 or 邮寄."""
    return take_step(request, number, "release", "release_form")


@access(Role.ISSUE)
@require_POST
def receipt(request: UserRequest, number: str) -> HttpResponse:
    """登记回执."""
    return take_step(request, number, "register_receipt", "receipt_form")


@access(Role.ISSUE)
@require_POST
def leg(request: UserRequest, number: str) -> HttpResponse:
    """The next leg of a delivery: 接收, 客户签收, 退件, 重新寄出."""
    case = get_case(request.user, number, desk="archive")
    delivery = case.deliveries.order_by("-pk").first()
    last = handing.last_leg(delivery) if delivery else None
    form = LegForm(request.POST, last=last.kind if last else "")
    if form.is_valid():
        try:
            done = handing.add_leg(case=case, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Invalid as invalid:
            show_errors(form, invalid)
        else:
            messages.success(request, f"已登记{done.get_kind_display()}：{case.number}")
            return redirect("archive:release_case", number=case.number)
    return render(request, "archive/release_case.html", page_of(case, request.user, leg_form=form), status=400)


@access(Role.ISSUE, Role.ARCHIVE)
@require_POST
def give_back(request: UserRequest, number: str) -> HttpResponse:
    """退还原件, from the 发放 page or the 归档 page."""
    from archive.views import filing

    case = get_case(request.user, number, desk="archive")
    form = GiveBackForm(request.POST, choices=originals_here(checklist(case)))
    at_filing = request.POST.get("from") == "filing" and request.user.holds(*filing.ROLES)
    target = "archive:filing_case" if at_filing else "archive:release_case"
    if form.is_valid():
        try:
            handing.give_back(case=case, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Invalid as invalid:
            show_errors(form, invalid)
        else:
            messages.success(request, f"已登记退还原件：{case.number}")
            return redirect(target, number=case.number)
    page = filing.page_of if at_filing else page_of
    template = "archive/filing_case.html" if at_filing else "archive/release_case.html"
    return render(request, template, page(case, request.user, back_form=form), status=400)


