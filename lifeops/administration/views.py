"""变更申请 and 请假 as plain pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lifeops.administration import absences
from lifeops.administration.forms import FORMS, AbsenceForm
from lifeops.administration.orders import OPS, decide, decision_refusals, hand_out, hand_out_refusals, op_for, propose
from lifeops.cases.access import access
from lifeops.cases.errors import Invalid, Refused
from lifeops.org.models import AuthorityLimit, ChangeOrder, Posting, Role, User
from lifeops.org.paging import page_by_key
from lifeops.org.requests import UserRequest, whole_number

KEEPERS = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)
State = ChangeOrder.State


def find_people(text: str) -> list[User]:
    """People by number, account or the beginning of the name; at most 20."""
    rows = User.objects.filter(Q(staff_no__iexact=text) | Q(username__iexact=text) | Q(name__startswith=text))
    return list(rows.select_related("branch").order_by("staff_no")[:20])


@access(*KEEPERS)
@require_http_methods(["GET", "POST"])
def changes(request: UserRequest) -> HttpResponse:
    """Orders waiting and decided; the box finds the person whose posts or account are to change."""
    found: list[User] | None = None
    text = request.POST.get("q", "").strip()
    if text:
        found = find_people(text)
        if len(found) == 1:
            return redirect("org:person", found[0].staff_no)
    tab = "done" if request.GET.get("tab") == "done" else "open"
    orders = ChangeOrder.objects.select_related("requested_by", "decided_by")
    orders = orders.filter(state=State.OPEN) if tab == "open" else orders.exclude(state=State.OPEN)
    page, following = page_by_key(orders, request.GET.get("before", ""))
    context = {
        "orders": page,
        "next": following,
        "query": f"tab={tab}",
        "tab": tab,
        "q": text,
        "found": found,
        "ops": [op for op in OPS.values() if op.code in ("limit", "open") and request.user.holds(*op.proposers)],
    }
    return render(request, "org/changes.html", context)


@access(*KEEPERS)
@require_GET
def person(request: UserRequest, staff_no: str) -> HttpResponse:
    """One person: account, postings by age, orders about the person; what may be asked for."""
    someone = get_object_or_404(User.objects.select_related("branch"), staff_no=staff_no)
    today = timezone.localdate()
    postings = list(someone.postings.select_related("branch").order_by("-starts_on", "role"))
    context = {
        "someone": someone,
        "postings": [{"row": p, "age": age_of(p, today)} for p in postings],
        "orders": orders_about(someone),
        "ops": [OPS[code] for code in ways_for(someone) if request.user.holds(*OPS[code].proposers)],
        "ends": request.user.holds(*OPS["end"].proposers),
    }
    return render(request, "org/person.html", context)


def orders_about(someone: User) -> Any:
    """The latest orders that concern a person."""
    return ChangeOrder.objects.filter(payload__user=someone.pk).select_related("requested_by", "decided_by")[:20]


def ways_for(someone: User) -> tuple[str, ...]:
    """What may be asked for of a person as the account stands."""
    return ("grant", *(("close", "reset") if someone.is_active else ("reopen",)))


def age_of(posting: Posting, today: Any) -> str:
    if posting.starts_on > today:
        return "待任"
    return "在任" if posting.ends_on is None or posting.ends_on >= today else "已离任"


@access(Role.SYSADMIN, Role.SECADMIN)
@require_http_methods(["GET", "POST"])
def new(request: UserRequest, op: str) -> HttpResponse:
    """Ask for a change: the form of its kind, with the person or posting the address names."""
    spec = op_for(op, request.user)
    if spec is None:
        raise Http404("没有这种变更")
    posting = someone = None
    if op == "end":
        posting = get_object_or_404(Posting.objects.select_related("user", "branch"), pk=whole_number(request.GET.get("posting")) or 0)
        someone = posting.user
    elif op not in ("limit", "open"):
        someone = get_object_or_404(User.objects.select_related("branch"), staff_no=request.GET.get("person", ""))
    first = {"starts_on": timezone.localdate() + timedelta(days=1), "effective_from": timezone.localdate() + timedelta(days=1)}
    if someone is not None and someone.branch:
        first["branch"] = someone.branch.code
    form = FORMS[op](request.POST or None, person=someone, posting=posting, initial=first)
    reasons: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            order = propose(op=op, **form.given(), actor=request.user, now=timezone.now())
        except Refused as error:
            reasons = error.reasons
        else:
            messages.success(request, "已提交，待另一位安全管理岗复核后生效")
            return redirect("org:change", order.pk)
    limits = AuthorityLimit.objects.in_force(timezone.localdate()) if op == "limit" else None
    context = {"spec": spec, "form": form, "someone": someone, "posting": posting, "reasons": reasons, "limits": limits}
    return render(request, "org/new.html", context, status=400 if form.errors else 403 if reasons else 200)


@access(*KEEPERS)
@require_http_methods(["GET", "POST"])
def change(request: UserRequest, pk: int) -> HttpResponse:
    """One order: what, why, who; the second person puts it in force or refuses it."""
    order = get_object_or_404(ChangeOrder.objects.select_related("requested_by", "decided_by"), pk=pk)
    reasons: list[str] = []
    remark = request.POST.get("remark", "").strip()
    if request.method == "POST":
        if len(remark) > 200:
            reasons = ["意见最多 200 字"]
        else:
            try:
                order, told = decide(
                    order=order, approve=request.POST.get("decision") == "approve", remark=remark, actor=request.user,
                    now=timezone.now(),
                )  # fmt: skip
            except Refused as error:
                reasons = error.reasons
                order.refresh_from_db()  # another may have decided meanwhile
            else:
                messages.success(request, f"已{'复核生效' if order.state == State.APPLIED else '驳回'}{told and f'：{told}'}")
                return redirect("org:change", pk)
    return change_page(request, order, reasons, remark)


def change_page(request: UserRequest, order: ChangeOrder, reasons: list[str], remark: str = "") -> HttpResponse:
    """`reasons`: why what was asked for was not done."""
    context = {
        "order": order,
        "label": OPS[order.payload["op"]].label if order.payload.get("op") in OPS else order.get_kind_display(),
        "about": User.objects.filter(pk=order.payload.get("user")).first() if order.payload.get("user") else None,
        "open": order.state == State.OPEN,
        "blocked": decision_refusals(order, request.user) if order.state == State.OPEN else [],
        "reasons": reasons,
        "remark": remark,
        "may_hand_out": not hand_out_refusals(order, request.user, timezone.now()),
    }
    return render(request, "org/change.html", context, status=403 if reasons else 200)


@access(Role.SYSADMIN)
@require_POST
def change_password(request: UserRequest, pk: int) -> HttpResponse:
    """取出初始密码. It goes into no cookie and no session: it stands on this one answer; looked at again, the page does not
    have it."""
    order = get_object_or_404(ChangeOrder.objects.select_related("requested_by", "decided_by"), pk=pk)
    try:
        told = hand_out(order=order, actor=request.user, now=timezone.now())
    except Refused as error:
        return change_page(request, order, error.reasons)
    page = render(request, "org/change.html", {"order": order, "label": OPS[order.payload["op"]].label, "told": told})
    page["Cache-Control"] = "no-store, private"
    return page


@access(*Role)
@require_http_methods(["GET", "POST"])
def absence_list(request: UserRequest) -> HttpResponse:
    """Running and coming absences; the form for the own one, or for one's people."""
    now = timezone.now()
    manages = request.user.holds(*absences.MANAGERS)
    form = AbsenceForm(request.POST or None, actor=request.user, manages=manages)
    if request.method == "POST" and form.is_valid():
        try:
            absences.register(**form.cleaned_data, actor=request.user, now=now)
        except Invalid as error:
            for name, words in error.errors.items():
                form.add_error(name if name in form.fields else None, words)
        except Refused as error:
            form.add_error("user" if "user" in form.fields else None, error.reasons)
        else:
            messages.success(request, "已登记请假")
            return redirect("org:absences")
    rows = list(absences.shown_to(request.user, now)[:100])
    context = {
        "form": form,
        "rows": [{"row": r, "mine": absences.may_manage(request.user, r.user), "running": r.starts_at <= now} for r in rows],
        "colleagues": absences.colleagues(request.user),
        "manages": manages,
    }
    return render(request, "org/absences.html", context, status=400 if form.errors else 200)


@access(*Role)
@require_POST
def absence_end(request: UserRequest, pk: int) -> HttpResponse:
    row = absences.shown_to(request.user, timezone.now()).filter(pk=pk).first()
    if row is None:
        raise Http404("没有这次请假，或已结束")
    messages.success(request, absences.end(absence=row, actor=request.user, now=timezone.now()))
    return redirect(reverse("org:absences"))
