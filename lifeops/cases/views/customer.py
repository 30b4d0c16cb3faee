"""客户页: one customer whole; a look behind a mask; what is written down; duplicates proposed and decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lifeops.cases.access import CASE_ROLES, access
from lifeops.cases.customer import whole
from lifeops.cases.customer_day import read_day
from lifeops.cases.customer_forms import KINDS, MergeForm, RelationForm, RevealForm
from lifeops.cases.errors import Refused
from lifeops.cases.needs import labels
from lifeops.cases.reach import beyond_reach, openable_parties, within_reach
from lifeops.cases.views.common import go
from lifeops.org.models import User
from lifeops.org.requests import UserRequest, whole_number
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Duplicate, DuplicateState, Party
from lifeops.policies.services import merging, particulars
from lifeops.policies.services.particulars import WRITERS
from lifeops.policies.services.parties import region_warning
from lifeops.policies.services.revealing import CLASSES, REVEALERS, NoSuchValue, reveal, value_of

PAGE = 50
#: Said of a pair that is not there and of one out of reach alike.
NO_PAIR = "没有这项提议，或不在您的可见范围内"
ACTS = {
    "left": "合并，保留甲", "right": "合并，保留乙", "dismiss": "非同一人", "undo": "申请撤销合并", "undo_confirm": "确认撤销合并", "undo_refuse": "不撤销合并",
}  # fmt: skip
#: Of a merger: all that was the other's is the survivor's, who reaches him may do it.
UNDOING = {"undo": merging.ask_undo, "undo_confirm": merging.undo, "undo_refuse": merging.keep_merged}
#: Pairs that are listed: those that wait, and mergers that may be undone.
WAITING_OR_MERGED = (DuplicateState.OPEN, DuplicateState.UNDOING, DuplicateState.MERGED)


def get_party(user: User, pk: int) -> Party:
    party = Party.objects.visible_to(user).select_related("merged_into").filter(pk=pk).first() if pk < 10**18 else None
    if party is None or party.pk not in openable_parties([party], user):
        raise Http404("没有这位客户，或不在您的可见范围内")
    return party


def may_die(party: Party) -> bool:
    """Whether a death is still to be written down."""
    return party.died_on is None and not party.is_organisation


@access(*CASE_ROLES)
@require_GET
def customer(request: UserRequest, pk: int) -> HttpResponse:
    """`?as_of=` asks for a day gone by; a day that cannot be is said at its field and today is shown."""
    party = get_party(request.user, pk)
    today, asked = timezone.localdate(), request.GET.get("as_of", "").strip()
    day, error = read_day(asked, today)
    context = whole(party, request.user, timezone.now(), today, day)
    writes = context["is_today"] and request.user.holds(*WRITERS)
    context |= {
        "kinds": [(kind, words) for kind, (words, *_) in KINDS.items() if kind != "death" or may_die(party)] if writes else [],
        "may_propose": context["is_today"] and request.user.holds(*merging.PROPOSERS) and party.merged_into_id is None,
        "may_decide": request.user.holds(*merging.DECIDERS), "asked": asked, "error": error,
    }
    return render(request, "policies/customer.html", context, status=400 if error else 200)


@access(*REVEALERS)
@require_http_methods(["GET", "POST"])
def customer_reveal(request: UserRequest, pk: int, what: str) -> HttpResponse:
    """GET asks for the reason; POST shows the value, once, after the look has been written down."""
    party = get_party(request.user, pk)
    try:
        field_class, _ = value_of(party, what)
    except NoSuchValue:
        raise Http404("没有这项内容") from None
    found = CLASSES[field_class]
    if not request.user.holds(*found.roles):
        raise Refused([f"您的岗位不能查看完整{found.label}"], who=labels(found.roles))
    form = RevealForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"party": party, "what": what, "label": found.label, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            given = {"party": party, "what": what, "reason": form.cleaned_data["reason"]}
            context["label"], context["value"] = reveal(**given, actor=request.user, now=timezone.now())
        except BookInvalid as error:
            form.add_error("reason", error.errors["reason"])
        except BookRefused as error:
            raise Refused(error.reasons) from error
        except NoSuchValue:
            raise Http404("没有这项内容") from None
    response = render(request, "policies/customer_reveal.html", context, status=400 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@access(*WRITERS)
@require_http_methods(["GET", "POST"])
def customer_add(request: UserRequest, pk: int, kind: str) -> HttpResponse:
    """登记 a further document, telephone, address, account, occupation, relation or consent."""
    party = get_party(request.user, pk)
    if kind not in KINDS:
        raise Http404("没有这种登记")
    words, form_class, service, _ = KINDS[kind]
    more: dict[str, Any] = {"actor": request.user} if form_class is RelationForm else {}
    form = form_class(request.POST if request.method == "POST" else None, **more)
    if request.method == "POST" and form.is_valid():
        given = form.given() if hasattr(form, "given") else form.cleaned_data
        try:
            service(party=party, **given, actor=request.user, now=timezone.now())
        except BookInvalid as error:
            for name, message in error.errors.items():
                form.add_error(name if name in form.fields else None, message)
        except BookRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"已登记{words}")
            for name, kind_field in getattr(form, "cards", {}).items():
                if warned := region_warning(form.cleaned_data[kind_field], form.cleaned_data[name]):
                    messages.warning(request, warned)
            return go(request, reverse("policies:customer", args=[party.pk]))
    context = {"party": party, "kind": kind, "words": words, "form": form}
    return render(request, "policies/customer_add.html", context, status=400 if form.errors else 200)


@access(*WRITERS)
@require_POST
def customer_end(request: UserRequest, pk: int, kind: str, row: int) -> HttpResponse:
    """终止 a row: it holds no longer, and stays on file."""
    party = get_party(request.user, pk)
    model = KINDS[kind][3] if kind in KINDS else None
    found = model._default_manager.filter(party=party, pk=row).first() if model is not None and row < 10**18 else None
    if found is None:
        raise Http404("没有这项登记")
    try:
        particulars.end(row=found, actor=request.user, now=timezone.now())
        messages.success(request, "已终止")
    except BookRefused as error:
        messages.error(request, str(error))
    return go(request, reverse("policies:customer", args=[party.pk]))


@access(*merging.PROPOSERS)
@require_http_methods(["GET", "POST"])
def customer_duplicates(request: UserRequest, pk: int) -> HttpResponse:
    """查重: who may be the same person, with what speaks for it; POST proposes one of them."""
    party = get_party(request.user, pk)
    found = merging.candidates(party)
    error = ""
    if request.method == "POST":
        other = whole_number(request.POST.get("other"))
        chosen = next(((row, why) for row, why in found if row.pk == other), None)
        if chosen is None:
            error = "请从疑似重复的客户中选择"
        else:
            try:
                merging.propose(one=party, two=chosen[0], reasons=chosen[1], actor=request.user, now=timezone.now())
            except BookRefused as refused:
                error = str(refused)
            else:
                messages.success(request, "已提出合并，待另一人核定")
                return go(request, reverse("policies:customer", args=[party.pk]))
    context = {"party": party, "found": found, "error": error}
    return render(request, "policies/customer_duplicates.html", context, status=400 if error else 200)


@access(*merging.DECIDERS)
@require_GET
def duplicate_list(request: UserRequest) -> HttpResponse:
    """疑似重复: those that wait, those whose undoing was asked for, and those merged lately (which may be undone)."""
    rows = {state: list(duplicates_of(request.user, state)[:PAGE]) for state in WAITING_OR_MERGED}
    context = {
        "acts": list(ACTS.items())[:3], "waiting": rows[DuplicateState.OPEN], "undoing": rows[DuplicateState.UNDOING],
        "merged": rows[DuplicateState.MERGED],
    }  # fmt: skip
    return render(request, "policies/duplicates.html", context)


def duplicates_of(user: User, state: str) -> QuerySet[Duplicate]:
    """Pairs within reach, those that wait the longest waiting first."""
    rows = Duplicate.objects.select_related("left", "right", "proposed_by", "decided_by", "survivor", "undo_asked_by", "undone_by").filter(state=state)
    columns = ("left", "right") if state == DuplicateState.OPEN else ("survivor",)
    return within_reach(rows, user, *columns).order_by("-pk" if state == DuplicateState.MERGED else "pk")


@access(*merging.DECIDERS)
@require_http_methods(["GET", "POST"])
def duplicate_act(request: UserRequest, pk: int, act: str) -> HttpResponse:
    """核定: merge into one of the two, dismiss; ask for the undoing, decide on it. Customers must be within reach. Whoever may not is
    told so in the form, which keeps what was typed."""
    row = get_pair(request.user, pk, act)
    form, refused = MergeForm(request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():
        try:
            decide_on_pair(row, act, reason=form.cleaned_data["reason"], actor=request.user)
        except BookInvalid as error:
            form.add_error(None, str(error))
        except BookRefused as error:
            refused = error.reasons
        else:
            messages.success(request, f"已办理：{ACTS[act]}")
            return go(request, reverse("policies:duplicates"))
    if refused and request.headers.get("HX-Request"):
        # the dialog that asked is still there with what was typed
        return render(request, "parts/_refusal.html", {"reasons": refused, "who": labels(merging.DECIDERS)}, status=403)
    context = {
        "row": row, "act": act, "label": ACTS[act], "form": form, "pair": [("甲", row.left), ("乙", row.right)], "refused": refused,
        "who": labels(merging.DECIDERS), "undoing": act in UNDOING,
    }  # fmt: skip
    return render(request, "policies/duplicate_act.html", context, status=403 if refused else 400 if form.errors else 200)


def get_pair(user: User, pk: int, act: str) -> Duplicate:
    rows = Duplicate.objects.select_related("left", "right", "survivor", "proposed_by", "undo_asked_by")
    row = rows.filter(pk=pk).first() if pk < 10**18 else None
    if row is None or act not in ACTS:
        raise Http404(NO_PAIR)
    if beyond_reach([row.survivor] if act in UNDOING and row.survivor else [row.left, row.right], user):
        raise Http404(NO_PAIR)
    return row


def decide_on_pair(row: Duplicate, act: str, *, reason: str, actor: User) -> Duplicate:
    """BookRefused and BookInvalid as the book says them."""
    given: dict[str, Any] = {"duplicate": row, "actor": actor, "now": timezone.now(), "reason": reason}
    if act in UNDOING:
        return UNDOING[act](**given)
    if act == "dismiss":
        return merging.dismiss(**given)
    return merging.merge(**given, survivor=row.left if act == "left" else row.right)
