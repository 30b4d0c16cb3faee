"""日结 of a unit: balance, explain, sign."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from intake import settling
from intake.models import Settlement
from lifeops.cases.access import access
from lifeops.cases.errors import Invalid
from lifeops.org.models import Branch, Role, User
from lifeops.org.requests import UserRequest, read_day

FIGURES = (
    ("carried_in", "上日待办", ""),
    ("accepted", "受理", "+"),
    ("came_back", "补正收回", "+"),
    ("handed_over", "交接总部", "−"),
    ("returned", "退回补正", "−"),
    ("withdrawn", "撤件", "−"),
    ("pending", "待办", "="),
)


def units_of(user: User) -> list[Branch]:
    """Units whose days a person may see: those with a counter among the ones covered, the own first."""
    found = Branch.objects.none()
    for path in user.paths(*settling.SIGNERS):
        found = found | Branch.objects.filter(path__startswith=path)
    return sorted(found.distinct()[:200], key=lambda b: (b.pk != user.branch_id, b.path))


@access(Role.INTAKE, Role.HEAD)
@require_http_methods(["GET", "POST"])
def settlement(request: UserRequest) -> HttpResponse:
    """GET: the figures of a day with the cases behind each. POST: sign."""
    units = units_of(request.user)
    sent = request.POST or request.GET
    named = next((u for u in units if u.code == sent.get("unit")), None if sent.get("unit") else units[0])
    told = read_day(sent.get("day")) if sent.get("day") else timezone.localdate()
    unit, day = named or units[0], told or timezone.localdate()
    error: Invalid | None = None
    if request.method == "POST":
        try:
            # a signature goes under the unit and the day that were named, never under those that stand in for them
            if named is None or told is None:
                raise Invalid({"day": ["请选择本人所辖机构和有效日期后再签章"]})
            settling.sign_day(
                branch=unit, day=day, explanation=request.POST.get("explanation", ""), actor=request.user, now=timezone.now()
            )
            messages.success(request, f"{unit.short_name} {day} 日结已签章")
            return redirect(f"{reverse('intake:settlement')}?unit={unit.code}&day={day}")
        except Invalid as invalid:
            error = invalid
    signed = Settlement.objects.filter(branch=unit, day=day).select_related("signed_by").first()
    found = signed or settling.figures(unit, day)
    figure = request.GET.get("figure", "")
    context = {
        "units": units, "unit": unit, "day": day, "signed": signed, "found": found, "error": error,
        "figures": [(name, label, sign, getattr(found, name)) for name, label, sign in FIGURES],
        "figure": next((row for row in FIGURES if row[0] == figure), None),
        "behind": settling.cases_behind(unit, day, figure, signed) if figure else [],
        # shown again as it was typed: the figures are those of today
        "no_day": request.GET.get("day", "")[:20] if told is None else "",
        "explanation": request.POST.get("explanation", ""),
        "past": Settlement.objects.filter(branch=unit).select_related("signed_by")[:14],
        "now": timezone.now(), "today": timezone.localdate(),
    }
    return render(request, "intake/settlement.html", context, status=400 if error else 200)
