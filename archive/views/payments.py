"""付款: instructions of the unit by state, and what the second person does with them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from archive.forms import MONEY_FORMS
from archive.overview import payments_at, returned_open
from archive.services import money_refusals, move_money
from archive.views.common import capped, filters, get_payment, show_errors
from lifeops.cases.access import access
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case
from lifeops.cases.views.common import came_from, go
from lifeops.org.models import Role, User
from lifeops.org.paging import page_by_key
from lifeops.org.requests import UserRequest
from lifeops.policies.models import Payment, PaymentState, Policy

ROLES = (Role.HEAD, Role.ISSUE, Role.AUDITOR, Role.MANAGER)
#: Acts that a state of a payment allows, with their words.
ACTS = {
    PaymentState.READY: (("release", "放行"),),
    PaymentState.RELEASED: (("settle", "登记到账"), ("return", "退票")),
    PaymentState.RETURNED: (("reissue", "重新制单"),),
}
#: Whoever has waited longest is paid first.
WAITING = (PaymentState.READY, PaymentState.RELEASED)
WORDS = {act: label for acts in ACTS.values() for act, label in acts}


def acts_for(payment: Payment, user: User, replaced: bool | None = None) -> list[dict[str, Any]]:
    """Acts the state of a payment allows, each with the reasons why this person may not; costs no query when
    `replaced` is told."""
    if payment.state == PaymentState.RETURNED:
        gone = Payment.objects.filter(replaces=payment).exists() if replaced is None else replaced
        if gone:
            return []
    return [
        {"act": act, "label": label, "reasons": money_refusals(payment, act, user)}
        for act, label in ACTS.get(PaymentState(payment.state), ())
    ]


@access(*ROLES)
@require_GET
def payments(request: UserRequest) -> HttpResponse:
    """Payment instructions of the person's units, one state at a time: what waits from the oldest on, the rest newest first."""
    state = request.GET.get("state", "")
    state = state if state in PaymentState.values else PaymentState.READY
    only_open = state == PaymentState.RETURNED and request.GET.get("open") == "1"
    rows = returned_open(request.user, *ROLES) if only_open else payments_at(request.user, state, *ROLES)
    if text := request.GET.get("q", "").strip().upper()[:60]:
        rows = narrowed_to(rows, text, waiting=state in WAITING or only_open)
    again = Payment.objects.filter(replaces=OuterRef("pk"))
    rows = rows.select_related("branch", "policy", "created_by", "released_by").annotate(replaced=Exists(again))
    page, following = page_by_key(rows, request.GET.get("before", ""), newest=not (state in WAITING or only_open))
    waits = {PaymentState.READY: payments_at(request.user, PaymentState.READY, *ROLES), PaymentState.RETURNED: returned_open(request.user, *ROLES)}
    seen = visible_numbers(request.user, [p.case_number for p in page])
    context = {
        "rows": [
            {"payment": p, "acts": acts_for(p, request.user, p.replaced), "linked": p.case_number in seen} for p in page
        ],
        "next": following, "state": state,
        "tabs": [(s.value, s.label, capped(waits[s]) if s in waits else None) for s in PaymentState if s != PaymentState.CANCELLED],
        "filters": filters(request, "before"), "now": timezone.now(),
    }
    return render(request, "archive/payments.html", context)


def narrowed_to(rows: Any, text: str, *, waiting: bool) -> Any:
    """By a piece of the number of the case or the policy among what waits; among all that ever was by its beginning, or by
    the whole number of the policy, which an index answers."""
    if waiting:
        return rows.filter(Q(number__contains=text) | Q(policy__number__contains=text))
    policy = Policy.objects.filter(number=text).first()
    return rows.filter(policy=policy) if policy else rows.filter(number__startswith=text)


def visible_numbers(user: User, numbers: list[str]) -> set[str]:
    return set(Case.objects.visible_to(user).filter(number__in=numbers).values_list("number", flat=True))


@access(Role.HEAD)
@require_http_methods(["GET", "POST"])
def payment_act(request: UserRequest, number: str, act: str) -> HttpResponse:
    """GET: the act as a dialog with what is paid to whom. POST: take it."""
    payment, case = get_payment(request.user, number)
    if act not in MONEY_FORMS:
        raise Http404
    back = came_from(request, "/archive/", reverse("archive:payments"))
    start = {"payee": payment.payee, "bank": payment.bank} if act == "reissue" else {}
    form = MONEY_FORMS[act](request.POST) if request.method == "POST" else MONEY_FORMS[act](initial=start)
    if request.method == "GET" and (reasons := money_refusals(payment, act, request.user)):
        raise Refused(reasons, who=Role.HEAD.label)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                done = move_money(
                    case=case, payment=payment, act=act, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except Invalid as invalid:
                show_errors(form, invalid)
            else:
                messages.success(request, f"{WORDS[act]}：{done.number}，{done.get_state_display()}")
                return go(request, back)
        status = 400
    context = {"payment": payment, "case": case, "act": act, "label": WORDS[act], "form": form, "back": back}
    return render(request, "archive/payment_act.html", context, status=status)


