"""价值试算 on the policy page: choose what and when, see the amount with every line. Nothing is written."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lifeops.cases.access import CASE_ROLES, access
from lifeops.cases.value_form import ValueForm
from lifeops.cases.views.policy import get_policy
from lifeops.org.requests import UserRequest
from lifeops.policies.services.trial import TrialKind


@access(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def values(request: UserRequest, number: str) -> HttpResponse:
    """`?kind=` names what is asked for; a refusal stays on the page at its field, what was typed stays."""
    policy, now = get_policy(request.user, number), timezone.now()
    asked = request.GET.get("kind", "")
    kind = asked if asked in TrialKind.values else TrialKind.SURRENDER
    form = ValueForm(request.POST if request.method == "POST" else None, policy=policy, kind=kind, today=timezone.localdate(now))
    found = form.reckon() if request.method == "POST" else None
    context = {"policy": policy, "kinds": TrialKind.choices, "kind": kind, "label": TrialKind(kind).label, "form": form, "found": found, "now": now}
    return render(request, "policies/values.html", context, status=400 if form.errors else 200)
