"""总览: what a person sees on entering the administration, by post."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from intake.models import PrecheckRule
from lifeops.cases.models import ClockRule, ContentItem, LadderStep, ProcessRule, UrgeStep
from lifeops.documents.models import ChecklistRule
from lifeops.insight import numbers
from lifeops.org.models import Branch, ChangeOrder, Role, User
from underwriting.models import UnderwritingLimit

VERSIONED = (ChecklistRule, ContentItem, ClockRule, LadderStep, UrgeStep, PrecheckRule, UnderwritingLimit, ProcessRule)
RECENT = 8


def summary(user: User) -> dict[str, Any]:
    """Work for managers and auditors, orders for those who decide them, recent changes of rules for all."""
    found: dict[str, Any] = {"today": timezone.localdate()}
    roots = user.paths(Role.MANAGER, Role.AUDITOR)
    if roots:
        found["work"] = work(roots[0])
    if user.holds(Role.SECADMIN, Role.SYSADMIN, Role.AUDITOR):
        found["orders"] = list(
            ChangeOrder.objects.filter(state=ChangeOrder.State.OPEN).select_related("requested_by")[:RECENT]
        )
    if user.holds(Role.MANAGER, Role.SYSADMIN, Role.AUDITOR):
        found["rules"] = recent_rules()
    return found


def work(path: str) -> dict[str, Any]:
    """The board in short, for the person's own unit."""
    now = timezone.now()
    matrix = numbers.matrix(path, "", now)
    rows = []
    start = 0
    for group in matrix.groups:
        cells = matrix.sums.cells[start : start + group["width"]] if matrix.sums else []
        start += group["width"]
        rows.append({"label": group["label"], "count": sum(c.count for c in cells)})
    total = matrix.sums.total.count if matrix.sums else 0
    day = numbers.flow(path, timezone.localdate(now), total)[-1]
    return {
        "unit": Branch.objects.get(path=path),
        "board": f"{reverse('insight:board')}?unit={path}",
        "stages": rows,
        "total": total,
        "day": day,
        "overdue": numbers.overdue(path, now),
    }


def recent_rules() -> list[dict[str, Any]]:
    """The latest changes of rules: what, who, why."""
    rows: list[dict[str, Any]] = []
    words = {"+": "新增", "~": "修改", "-": "删除"}
    for model in VERSIONED:
        for row in model.history.select_related("history_user").order_by("-history_date")[:RECENT]:
            if row.history_user_id:
                rows.append(
                    {
                        "at": row.history_date,
                        "kind": model._meta.verbose_name,
                        "what": str(row.instance),
                        "how": words[row.history_type],
                        "who": row.history_user.name,
                        "why": row.history_change_reason or "",
                        "url": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.id]),
                    }
                )
    return sorted(rows, key=lambda r: r["at"], reverse=True)[:RECENT]
