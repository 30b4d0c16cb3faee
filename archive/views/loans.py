"""借阅: volumes asked for, out, overdue; one volume with its loans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from archive import lending, overview, printing
from archive.forms import LoanForm, RemarkForm, VolumeLoanForm
from archive.models import Loan, Volume
from archive.views.common import capped, show_errors
from archive.views.filing import ROLES, get_volume
from lifeops.cases.access import CASE_ROLES, access, not_found_as
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case
from lifeops.cases.views.common import came_from, go
from lifeops.documents.answers import pdf
from lifeops.org.models import Role, User
from lifeops.org.paging import page_by_day, page_by_key
from lifeops.org.requests import UserRequest

TABS = (("lent", "在外"), ("overdue", "逾期"), ("asked", "待批准"), ("approved", "待借出"), ("done", "已结"))
KEEPERS = (Role.ARCHIVE, Role.HEAD)
NO_LOAN, NOT_LENT = "没有这笔借阅，或不在您的可见范围内", "没有已批准的借阅"
#: 应还日 offered to begin with.
USUAL_DAYS = 14
#: Buttons: act → words, tone.
BUTTONS = {
    "approve": ("批准", "success"), "refuse": ("不同意", "danger"), "lend": ("借出", "primary"), "take_back": ("归还", "primary"),
}


@access(*ROLES)
@require_http_methods(["GET", "POST"])
def loans(request: UserRequest) -> HttpResponse:
    """GET: volumes that are out, the nearest day first, the other loans a tab each; `q` finds one volume. POST: 申请借阅."""
    user = request.user
    form = VolumeLoanForm(request.POST or None, initial={"due_on": timezone.localdate() + timedelta(days=USUAL_DAYS)})
    if request.method == "POST":
        if not user.holds(*KEEPERS):
            raise Refused(["在此代人申请由档案岗、机构主管办理；为本人申请请到案卷页"], who=Role.ARCHIVE.label)
        if form.is_valid() and (found := asked_for(form, user)):
            messages.success(request, f"已申请借阅：{found.number}，待机构主管批准")
            return redirect(f"{reverse('archive:loans')}?tab=asked")
    shown = {"form": form if user.holds(*KEEPERS) else None}
    return render(request, "archive/loans.html", list_of_loans(request) | shown, status=400 if form.errors else 200)


def asked_for(form: VolumeLoanForm, user: User) -> Volume | None:
    """The volume after 申请借阅; None with the reason in the form where it cannot be lent."""
    wanted = dict(form.cleaned_data)
    case = Case.objects.visible_to(user).select_related("branch").filter(number=wanted.pop("number"), volume__isnull=False).first()
    if case is None:
        form.add_error("number", "没有这一卷，或不在您的可见范围内；须填完整的卷号")
        return None
    try:
        return lending.ask(case=case, actor=user, now=timezone.now(), **wanted).volume
    except Invalid as invalid:
        show_errors(form, invalid)
    except Refused as refused:
        form.add_error("number", "；".join(refused.reasons))
    return None


def list_of_loans(request: UserRequest) -> dict[str, Any]:
    """One tab of the loans at the person's units, each tab with its number."""
    day, tab, q = timezone.localdate(), request.GET.get("tab", ""), request.GET.get("q", "").strip().upper()
    own = Loan.objects.filter(overview.at_branches(request.user, "volume__branch__path", *ROLES))
    tabs = {
        "lent": own.filter(state=Loan.State.LENT), "overdue": own.overdue(day), "asked": own.filter(state=Loan.State.ASKED),
        "approved": own.filter(state=Loan.State.APPROVED), "done": own.filter(state__in=[Loan.State.BACK, Loan.State.REFUSED]),
    }  # fmt: skip
    tab = tab if tab in tabs else "lent"
    rows = own.open().filter(volume__number=q if q.endswith("-V") else f"{q}-V") if q else tabs[tab]
    rows = rows.select_related("volume__branch", "volume__case", "borrower__branch", "asked_by", "decided_by")
    if tab == "done":
        page, following = page_by_key(rows, request.GET.get("before", ""))
    else:
        page, following = page_by_day(rows, request.GET.get("before", ""), "due_on", newest=False)
    return {
        "rows": [{"loan": loan, "overdue": loan.is_overdue(day), "acts": buttons(loan, request.user)} for loan in page],
        "next": following, "tab": "" if q else tab, "q": q, "day": day,
        "tabs": [(code, label, capped(tabs[code]) if code != "done" else None) for code, label in TABS],
    }


def buttons(loan: Loan, user: User) -> list[dict[str, Any]]:
    """Acts on a loan as this person sees them; no query."""
    path = loan.volume.case.branch_path
    return [
        {"act": act, "label": BUTTONS[act][0], "tone": BUTTONS[act][1], "reasons": lending.refusals(loan, act, user, path)}
        for act in lending.acts_of(loan)
    ]


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def volume(request: UserRequest, number: str) -> HttpResponse:
    """GET: one volume, where it is and who has had it. POST: 申请借阅."""
    found = get_volume(request.user, number)
    if request.method == "GET":
        return render(request, "archive/volume.html", volume_page(found, request.user))
    form = LoanForm(request.POST)
    if form.is_valid():
        try:
            lending.ask(case=found.case, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Invalid as invalid:
            show_errors(form, invalid)
        else:
            messages.success(request, f"已申请借阅：{found.number}，待机构主管批准")
            return redirect("archive:volume", number=found.case.number)
    return render(request, "archive/volume.html", volume_page(found, request.user, form=form), status=400)


def volume_page(found: Volume, user: User, **more: Any) -> dict[str, Any]:
    """Context of a volume's page."""
    rows = list(
        found.loans.select_related("borrower__branch", "asked_by", "decided_by", "lent_by", "back_by").order_by("-pk")[:50]
    )
    for loan in rows:
        loan.volume = found
    day = timezone.localdate()
    held = next((loan for loan in rows if loan.state in Loan.OPEN), None)
    context: dict[str, Any] = {
        "volume": found, "case": found.case, "held": held, "keeps": user.holds(*ROLES),
        "rows": [{"loan": loan, "overdue": loan.is_overdue(day), "acts": buttons(loan, user)} for loan in rows],
    }
    if user.holds(Role.ARCHIVE):
        coming = overview.free_to_file(overview.to_file(user, Role.ARCHIVE)).for_queue().first()
        context["following"] = reverse("archive:filing_case", args=[coming.number]) if coming else ""
    if held is None:
        context["form"] = LoanForm(initial={"borrower": user.staff_no, "due_on": day + timedelta(days=USUAL_DAYS)})
    return context | more


def get_loan(user: User, pk: int) -> tuple[Loan, Volume]:
    """A loan of a volume within reach, else 404."""
    loan = Loan.objects.select_related("volume__case", "borrower", "asked_by").filter(pk=pk).first()
    if loan is None:
        raise Http404(NO_LOAN)
    with not_found_as(NO_LOAN):
        return loan, get_volume(user, loan.volume.case.number)


@access(*KEEPERS)
@require_http_methods(["GET", "POST"])
def loan_act(request: UserRequest, pk: int, act: str) -> HttpResponse:
    """GET: the act as a dialog. POST: 批准, 不同意, 借出, 归还."""
    if act not in lending.ACTS:
        raise Http404
    loan, found = get_loan(request.user, pk)
    if request.method == "GET" and (reasons := lending.refusals(loan, act, request.user, found.case.branch_path)):
        raise Refused(reasons, who=lending.ACTS[act][2].label)
    back = came_from(request, "/archive/", found.get_absolute_url())
    form = RemarkForm(request.POST) if request.method == "POST" else RemarkForm()
    form.fields["remark"].label = {"take_back": "归还时情况（页数、破损）", "lend": "借出时情况"}.get(act, "批准意见")
    if request.method == "POST" and form.is_valid():
        try:
            done = lending.act_on(
                case=found.case, loan=loan, act=act, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except Invalid as invalid:
            show_errors(form, invalid)
        else:
            messages.success(request, f"已{BUTTONS[act][0]}：{found.number}，{done.borrower}，应还 {done.due_on}")
            return go(request, back)
    context = {"loan": loan, "volume": found, "act": act, "label": BUTTONS[act][0], "tone": BUTTONS[act][1], "form": form, "back": back}
    return render(request, "archive/loan_act.html", context, status=400 if request.method == "POST" else 200)


@access(*ROLES)
@require_GET
def slip(request: UserRequest, pk: int) -> HttpResponse:
    """借阅单 of a loan that has been approved."""
    loan = approved_loan(request.user, pk)
    return pdf(printing.borrow_slip(loan), printing.slip_number(loan))


def approved_loan(user: User, pk: int) -> Loan:
    """A loan whose 借阅单 may be printed, of a volume within reach, else 404."""
    loan = Loan.objects.select_related("volume__case", "borrower__branch", "decided_by").filter(pk=pk).first()
    if loan is None or loan.decided_by is None or loan.state == Loan.State.REFUSED:
        raise Http404(NOT_LENT)
    with not_found_as(NOT_LENT):
        loan.volume = get_volume(user, loan.volume.case.number)
    return loan


