"""看板: one unit at a time, the person's own or one below it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from lifeops.cases.access import access
from lifeops.cases.models import Case
from lifeops.cases.states import LineCode, State
from lifeops.insight import numbers
from lifeops.insight.services import reassign
from lifeops.org.models import Branch, Posting, Role, User
from lifeops.org.requests import UserRequest, whole_number

READERS = (Role.HEAD, Role.MANAGER, Role.AUDITOR)
REVIEWERS = (Role.UNDERWRITER, Role.PS_REVIEWER, Role.CL_REVIEWER, Role.APPROVER)
BATCH = 100


def unit_asked(user: User, path: str) -> Branch:
    """The unit the board is for: the one asked for where the person may see it, else the person's widest. Else 404."""
    roots = user.paths(*READERS)
    wanted = path or roots[0]
    if not any(wanted.startswith(root) for root in roots):
        raise Http404("没有这个机构，或不在您的管理范围内")
    unit = Branch.objects.select_related("parent").filter(path=wanted).first()
    if unit is None:
        raise Http404("没有这个机构，或不在您的管理范围内")
    return unit


def line_asked(code: str) -> str:
    return code if code in LineCode.values else ""


def trail(user: User, unit: Branch) -> list[dict[str, Any]]:
    """The way from the person's own unit down to the one shown, for going back up; then the person's other units."""
    roots = user.paths(*READERS)
    codes = unit.path.rstrip("/").split("/")
    steps = ["/".join(codes[: i + 1]) + "/" for i in range(len(codes))]
    names = dict(Branch.objects.filter(path__in=[*steps, *roots]).values_list("path", "short_name"))
    own = [s for s in steps if any(s.startswith(root) for root in roots)]
    return [{"path": p, "name": names.get(p, p), "other": p not in own} for p in [*own, *(r for r in roots if r not in own)]]


@access(*READERS)
@require_GET
def board(request: UserRequest) -> HttpResponse:
    """节点 × 状态, 超期, 进出存, 在手, 机构 × 节点 of one unit."""
    now = timezone.now()
    unit = unit_asked(request.user, request.GET.get("unit", ""))
    line = line_asked(request.GET.get("line", ""))
    matrix = numbers.matrix(unit.path, line, now)
    days = numbers.flow(unit.path, timezone.localdate(now), matrix.sums.total.count if matrix.sums else 0, line)
    context = {
        "now": now,
        "unit": unit,
        "line": line,
        "lines": LineCode.choices,
        "trail": trail(request.user, unit),
        "matrix": matrix,
        "overdue": numbers.overdue(unit.path, now),
        "days": days[::-1],
        "chart": chart(days),
        "today": days[-1],
        "people": numbers.people(unit.path, now),
        "units": numbers.units(unit, line),
        "reassigns": request.user.holds(Role.MANAGER, path=unit.path),
    }
    return render(request, "insight/board.html", context)


def chart(days: list[numbers.Day]) -> dict[str, list[Any]]:
    """What the drawing needs, as plain lists."""
    return {
        "days": [f"{d.day:%m-%d}" for d in days],
        "in": [d.came_in for d in days],
        "decided": [d.decided for d in days],
        "out": [d.went_out for d in days],
        "stock": [d.stock for d in days],
    }


class ReassignForm(forms.Form):
    """改派: chosen cases of one person to another."""

    assignee = forms.ModelChoiceField(
        label="改派给",
        queryset=User.objects.none(),
        to_field_name="username",
        empty_label="请选择",
        error_messages={"required": "请选择接手人", "invalid_choice": "该人员不能经办案件，请重新选择"},
    )
    reason = forms.CharField(
        label="理由", max_length=200, error_messages={"required": "请写明改派理由", "max_length": "理由最多 200 字"}
    )

    def __init__(self, *args: Any, holder: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posted = Posting.objects.in_force(timezone.localdate()).filter(role__in=REVIEWERS)
        others = User.objects.filter(is_active=True, pk__in=posted.values("user")).exclude(pk=holder.pk)
        self.fields["assignee"].queryset = others.order_by("staff_no")  # type: ignore[attr-defined]


@access(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def person(request: UserRequest, username: str) -> HttpResponse:
    """在手 of one person within the unit; chosen cases go to another, refusals are listed case by case."""
    now = timezone.now()
    unit = unit_asked(request.user, request.GET.get("unit", ""))
    holder = User.objects.select_related("branch").filter(username=username).first()
    if holder is None:
        raise Http404("没有这位员工")
    rows = held_by(request.user, holder, unit)
    form = ReassignForm(request.POST if request.method == "POST" else None, holder=holder)
    chosen = request.POST.getlist("case")
    problem = ""
    refused: list[Any] = []
    if request.method == "POST":
        wanted = seen_versions(chosen)
        if not wanted:
            problem = "请勾选要改派的案件"
        if form.is_valid() and not problem:
            cases = list(rows.filter(number__in=wanted))
            done, refused = reassign(
                cases=cases,
                versions=wanted,
                assignee=form.cleaned_data["assignee"],
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=now,
            )
            if done:
                messages.success(request, f"已改派 {len(done)} 件给 {form.cleaned_data['assignee'].name}")
            if not refused:
                return redirect(f"{reverse('insight:person', args=[username])}?{urlencode({'unit': unit.path})}")
    page = list(rows[: BATCH + 1])
    context = {
        "now": now,
        "unit": unit,
        "holder": holder,
        "form": form,
        "cases": page[:BATCH],
        "more": len(page) > BATCH,
        "chosen": {value.split(":")[0] for value in chosen},
        "problem": problem,
        "refused": refused,
    }
    return render(request, "insight/person.html", context, status=400 if problem or form.errors else 200)


def held_by(user: User, holder: User, unit: Branch) -> Any:
    return (
        Case.objects.visible_to(user)
        .under(unit.path)
        .filter(assignee=holder, state__in=(State.IN_REVIEW, State.PENDING_APPROVAL))
        .select_related("branch", "assignee", "holder_branch", "policy")
        .order_by("rank", "due_at", "pk")
    )


def seen_versions(chosen: list[str]) -> dict[str, int]:
    """"number:version" of each ticked case → what the manager saw; anything else is left out."""
    found = {}
    for value in chosen[:BATCH]:
        number, _, version = value.partition(":")
        seen = whole_number(version)
        if seen is not None:
            found[number] = seen
    return found


