"""录入: the item's form beside the images. Nothing typed is lost on conflict, error or an expired session."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from intake.models import IntakeCase
from intake.views.work import onwards
from lifeops.cases.access import CASE_ROLES, access, get_case, reads_in_full, steps_for
from lifeops.cases.errors import Invalid, NotDone, Refused, Stale
from lifeops.cases.findings import FindingSpec, evaluate_rules
from lifeops.cases.models import CaptureOrder, Case, Draft, Finding
from lifeops.cases.perform import perform
from lifeops.cases.registry import at_desk, resolve
from lifeops.cases.states import State
from lifeops.cases.views.common import bound, clock_views, new_key, raw_inputs, seen_version, with_errors
from lifeops.org.models import User
from lifeops.org.requests import UserRequest


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def entry(request: UserRequest, number: str) -> HttpResponse:
    """GET: the form as last saved. POST: save, and with action=complete finish the entry and go on to the next case."""
    case = get_case(request.user, number)
    # the form holds identities and accounts in full: others read the record masked, on the case's page
    if case.state != State.PRECHECKED or (request.method == "GET" and not reads_in_full(case, request.user)):
        return redirect(case.get_absolute_url())
    form_class = resolve(case.item_spec.form)
    if request.method == "GET":
        return show(request, case, blank(case, request.user))
    typed = raw_inputs(form_class, request.POST, request.FILES)
    try:
        event = perform(
            case, "save_record", actor=request.user, version=seen_version(request.POST),
            idempotency_key=request.POST.get("key", ""), **typed,
        )
    except Invalid as error:
        form = with_errors(bound(form_class, case, request.user, data=request.POST), error)
        return show(request, case, form, status=400)
    except Stale as error:
        # the page keeps what was typed and shows what has changed; sending it again is then a decision
        form = bound(form_class, get_case(request.user, number), request.user, data=request.POST)
        return show(request, get_case(request.user, number), form, status=409, stale=error)
    except Refused as error:
        return show(request, case, bound(form_class, case, request.user, data=request.POST), status=403, refused=error)
    Draft.objects.filter(user=request.user, key=draft_key(case)).delete()
    blocks = stops_of(evaluate_rules(get_case(request.user, number), timezone.now()))
    if request.POST.get("action") != "complete" or blocks - set(request.POST.getlist("told")):
        # what stops the hand-over is said here, where it can be mended; sent again as it is, the entry is complete
        messages.success(request, f"已保存：{case.number}")
        return redirect("intake:entry", number=case.number)
    if case.entered_at:
        messages.success(request, f"已更正录入：{case.number}")
        return onwards(request, "entry", case)
    try:
        perform(case, "complete_entry", actor=request.user, version=event.version)
    except NotDone as error:
        messages.warning(request, f"录入资料已保存，但还不能完成录入：{error}")
        return redirect("intake:entry", number=case.number)
    messages.success(request, f"录入完成：{case.number}")
    return onwards(request, "entry", case)


def blank(case: Case, user: User) -> forms.Form:
    """The form of 录入 as a person meets it: as last saved, else with what is known already."""
    form_class = resolve(case.item_spec.form)
    begin = getattr(form_class, "initial_for", None)
    return bound(form_class, case, user, initial=begin(case) if begin else {})


def stops_of(specs: list[FindingSpec]) -> set[str]:
    """What stands in the way of 交接, each rule with the value it found: another value is another finding."""
    return {f"{spec.code}:{spec.value}" for spec in specs if spec.level == Finding.Level.BLOCK}


def waits_for_scan(case: Case) -> bool:
    """Whether the entry cannot be finished yet because the papers are scanned first."""
    here = at_desk(case)
    return isinstance(here, IntakeCase) and here.scanned_at is None and here.capture_order() == CaptureOrder.SCAN_FIRST


def draft_key(case: Case) -> str:
    return f"entry:{case.number}"


def show(
    request: UserRequest,
    case: Case,
    form: forms.Form,
    *,
    status: int = 200,
    stale: Stale | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    now = timezone.now()
    steps = steps_for(case, request.user, hidden=True)
    save = next((s for s in steps if s.name == "save_record"), None)
    findings = evaluate_rules(case, now) if case.record and not form.is_bound else []
    context = {
        "case": case, "now": now, "clocks": clock_views(case), "form": form, "key": new_key(), "draft": draft_key(case),
        "stale": stale, "refused": refused, "save": save,
        "steps": [s for s in steps if s.name not in ("save_record", "complete_entry")],
        "findings": findings, "blocks": [f for f in findings if f.level == Finding.Level.BLOCK], "told": sorted(stops_of(findings)),
        "readonly": save is None or not save.allowed, "unscanned": waits_for_scan(case),
    }
    page = render(request, "intake/entry.html", context, status=status)
    # identities and accounts in full: gone from the screen, gone from the browser
    page["Cache-Control"] = "no-store, private"
    return page
