"""受理台: find the customer or policy, tick the papers, 受理 or 退回补正, hand out the receipt."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from intake import counter
from intake.forms import CounterForm
from lifeops.cases.access import access, get_case
from lifeops.cases.errors import Invalid, KeyReused, NotDone
from lifeops.cases.models import Draft
from lifeops.cases.states import ApplicantKind
from lifeops.cases.views.common import new_key, with_errors
from lifeops.documents import papers
from lifeops.documents.answers import pdf
from lifeops.documents.models import Received
from lifeops.org.models import Branch, Role, User
from lifeops.org.requests import UserRequest, whole_number
from lifeops.policies.models import IdType, Party, Policy
from lifeops.policies.search import find_parties, find_policies
from lifeops.policies.services.parties import region_warning

#: The draft of the counter; of one opened for a policy with its number behind: neither takes the place of the other.
DRAFT = "counter"
MOST_DRAFTS = 5
RECEIVED = ((Received.ORIGINAL, "原件"), (Received.COPY, "复印件"), (Received.NONE, "未收"))


@access(Role.INTAKE)
@require_http_methods(["GET", "POST"])
def desk(request: UserRequest) -> HttpResponse:
    """GET: an empty form, or one begun for a policy. POST: accept or send back for correction."""
    if request.method == "POST":
        return take_in(request)
    policy = asked_for(request)
    initial = {"submitted_on": timezone.localdate(), "policy_number": policy.number if policy else ""}
    return show(request, CounterForm(initial=initial), policy=policy)


def take_in(request: UserRequest) -> HttpResponse:
    form = CounterForm(request.POST)
    policy = visible_policy(request.user, request.POST.get("policy_number", ""))
    valid = form.is_valid()
    applicant = chosen_applicant(request.user, form)
    tell_the_rest(request, form, policy, applicant)
    if valid:
        data = form.cleaned_data
        twins = counter.alike(user=request.user, item=data["item"], policy=policy, applicant=applicant)
        if twins and not data["checked"]:
            form.add_error("checked", f"与 {twins[0].number} 疑似重复，请核对后勾选")
    if form.errors:
        return show(request, form, policy=policy, status=400)
    try:
        case = counter.accept_at_counter(
            user=request.user, branch=unit_of(request), data=form.cleaned_data, policy=policy, applicant=applicant,
            papers=form.cleaned_data["papers"], returned=request.POST.get("action") == "return",
            extra_gaps=form.cleaned_data["extra_gaps"], idempotency_key=request.POST.get("key", ""),
        )
    except Invalid as error:
        return show(request, with_errors(form, error), policy=policy, status=400)
    except (KeyReused, NotDone) as error:
        form.add_error(None, str(error))
        return show(request, form, policy=policy, status=403)
    Draft.objects.filter(user=request.user, key=draft_key(request)).delete()
    for who, party in (("申请人", case.applicant), ("经办人", case.handler)):
        if party is not None and (words := region_warning(party.id_type, party.id_number)):
            messages.warning(request, f"{who}证件：{words}")
    return redirect("intake:accepted", number=case.number)


def tell_the_rest(request: UserRequest, form: CounterForm, policy: Policy | None, applicant: Party | None) -> None:
    """What else is wrong, told in the same round as the fields: the customer waits at the counter."""
    data = form.cleaned_data
    if data.get("policy_number") and policy is None:
        form.add_error("policy_number", "没有这张保单，请核对保单号")
    company = data.get("applicant_kind") == ApplicantKind.COMPANY
    if data.get("applicant_id_number") and not data.get("applicant") and not company:
        for name, words in counter.document_faults(data, data.get("submitted_on") or timezone.localdate()).items():
            if name not in form.errors:
                form.add_error(name, words)
    organisation = not company and counter.is_organisation(data, applicant)
    if organisation:
        for name, words in counter.handler_faults(data, data.get("submitted_on") or timezone.localdate()).items():
            form.add_error(name, words)
    if fault := counter.applicant_words(data.get("item", ""), data.get("applicant_kind", ""), applicant, policy):
        form.add_error("applicant_kind", fault)
    if all(data.get(name) for name in ("item", "channel", "applicant_kind", "submitted_on")) and "papers" in data:
        missing, returned = counter.missing_papers(data, data["papers"], organisation), request.POST.get("action") == "return"
        for name, words in counter.paper_faults(missing, [*missing, *(data.get("extra_gaps") or [])], returned=returned).items():
            form.add_error(name, words)


def chosen_applicant(user: User, form: CounterForm) -> Party | None:
    """The customer picked on the page; the name that stands in the form must be that customer's."""
    pk = form.cleaned_data.get("applicant")
    party = Party.objects.visible_to(user).filter(pk=pk).first() if pk else None
    if party is not None and party.name != form.cleaned_data.get("applicant_name", party.name).strip():
        form.add_error("applicant_name", "姓名与所选客户不一致；若是另一人，请清除所选客户后填写证件号码")
    return party


def visible_policy(user: User, number: str) -> Policy | None:
    number = number.strip().upper()
    if not number:
        return None
    rows = Policy.objects.visible_to(user).select_related("policyholder", "insured", "branch")
    return rows.prefetch_related("coverages__version__product").filter(number=number).first()


def asked_for(request: UserRequest) -> Policy | None:
    """The policy the counter was opened for, from its page or for another request on it."""
    return visible_policy(request.user, request.GET.get("policy", ""))


def draft_key(request: UserRequest) -> str:
    policy = asked_for(request)
    return f"{DRAFT}:{policy.number}" if policy else DRAFT


def other_drafts(user: User, key: str) -> list[dict[str, Any]]:
    """What the person has begun at the counter and not finished, besides the page that is open, the latest first."""
    rows = Draft.objects.filter(Q(key=DRAFT) | Q(key__startswith=f"{DRAFT}:"), user=user).exclude(key=key).order_by("-updated_at")
    found = []
    for row in rows[: 4 * MOST_DRAFTS]:
        told = {name: str(values[0]) if isinstance(values, list) and values else "" for name, values in row.data.items()}
        item = counter.item_of(told.get("item", ""))
        words = [item[1].name if item else "", told.get("policy_number", ""), told.get("applicant_name", "")]
        of = row.key.partition(":")[2]
        if any(text.strip() for text in (words[0], words[2], "" if of else words[1])):
            url = reverse("intake:counter") + (f"?{urlencode({'policy': of})}" if of else "")
            found.append({"key": row.key, "url": url, "told": " · ".join(text for text in words if text.strip()), "at": row.updated_at})
    return found[:MOST_DRAFTS]


def unit_of(request: UserRequest) -> Branch:
    """The unit whose counter this is: the one named, where the person works there, else the own."""
    units = counter.units_of(request.user)
    return next((unit for unit in units if unit.code == request.POST.get("unit")), units[0])


def show(request: UserRequest, form: CounterForm, *, policy: Policy | None, status: int = 200) -> HttpResponse:
    units, policy_asked, key = counter.units_of(request.user), asked_for(request), draft_key(request)
    context = {
        "form": form,
        "draft": key,
        "asked": policy_asked.number if policy_asked else "",
        "drafts": other_drafts(request.user, key),
        "key": request.POST.get("key") or new_key(),
        "units": units,
        "unit": request.POST.get("unit") or units[0].code,
        "today": counter.accepted_today(units, request.user, timezone.now()),
        **side(request, form, policy),
    }
    return render(request, "intake/counter.html", context, status=status)


@access(Role.INTAKE)
@require_POST
def refresh(request: UserRequest) -> HttpResponse:
    """The checklist, the policy card and warnings for what has been chosen so far; nothing is saved."""
    form = CounterForm(request.POST)
    form.is_valid()
    policy = visible_policy(request.user, request.POST.get("policy_number", ""))
    return render(request, "intake/_side.html", {"form": form, "fresh": True, **side(request, form, policy)})


def side(request: UserRequest, form: CounterForm, policy: Policy | None) -> dict[str, Any]:
    """What stands beside the form."""
    typed = request.POST
    item = typed.get("item", "")
    kind = typed.get("applicant_kind", "") or counter.usual_applicant(item)
    told = form.fields["papers"].widget.rows(typed)
    cleaned = getattr(form, "cleaned_data", None) or {}
    day = cleaned.get("submitted_on") or timezone.localdate()
    applicant = Party.objects.visible_to(request.user).filter(pk=whole_number(typed.get("applicant")) or 0).first()
    company = kind == ApplicantKind.COMPANY
    organisation = not company and (applicant.is_organisation if applicant else typed.get("applicant_id_type") == IdType.USCC)
    papers = counter.checklist(
        item=item, channel=typed.get("channel", ""), applicant_kind=kind, day=day, told=told, organisation=organisation
    )
    people = counter.people_of(policy) if policy else []
    return {
        "papers": papers,
        "received": RECEIVED,
        "usual": counter.usual_applicant(item),
        "occurs": not item or counter.is_claim(item),
        "policy": policy,
        "wanted": bool(typed.get("policy_number", "").strip()),
        "people": people,
        "kind_fault": counter.applicant_words(item, typed.get("applicant_kind", ""), applicant, policy),
        "standing": counter.standing(policy, item, cleaned.get("occurred_on")) if policy else "",
        "auto": counter.offered_applicant(people, kind) if item else None,
        "applicant": applicant,
        "organisation": organisation,
        "by_company": company,
        "twins": counter.alike(user=request.user, item=item, policy=policy, applicant=applicant) if item else [],
        "item_chosen": bool(item),
    }


@access(Role.INTAKE)
@require_POST
def find(request: UserRequest) -> HttpResponse:
    """Customers and policies for what was typed; in the body, because it may be an identity number."""
    text = request.POST.get("find", "").strip()
    context: dict[str, Any] = {"text": text, "policies": [], "parties": []}
    if len(text) >= 2:
        people = find_parties(text, request.user)
        context |= {"policies": find_policies(text, request.user, people)[:8], "parties": people[:8]}
    return render(request, "intake/_found.html", context)


@access(Role.INTAKE)
@require_GET
def accepted(request: UserRequest, number: str) -> HttpResponse:
    """After the counter: the number, the paper to hand out, the next customer."""
    case = get_case(request.user, number)
    kind = "correction_notice" if case.state == "returned" else "receipt"
    context = {
        "case": case,
        "kind": kind,
        "letter": case.letters.filter(kind=kind).order_by("-pk").first(),
        "notice": case.corrections.first() if hasattr(case, "corrections") else None,
        "now": timezone.now(),
    }
    return render(request, "intake/accepted.html", context)


@access(Role.INTAKE)
@require_POST
def handout(request: UserRequest, number: str) -> HttpResponse:
    """Print the receipt or the notice of gaps, as a numbered copy; a further copy asks for the reason."""
    case, now = get_case(request.user, number), timezone.now()
    kind = "correction_notice" if request.POST.get("kind") == "correction_notice" else "receipt"
    try:
        letter = papers.issue(case=case, kind=kind, actor=request.user, now=now)
        content = papers.print_letter(letter=letter, actor=request.user, now=now, reason=request.POST.get("reason", ""))
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("intake:accepted", number=case.number)
    return pdf(content, letter.number)
