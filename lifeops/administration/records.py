"""案件, 轨迹 and 持有 on the admin site: to look at, within the person's reach; every change has its own door."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html

from lifeops.administration.base import OVERSEERS, BigTable
from lifeops.administration.site import site
from lifeops.cases.models import Case, CaseEvent, CustodySegment
from lifeops.cases.states import State
from lifeops.cases.timing import end_words
from lifeops.org.requests import UserRequest


class OfCases(BigTable):
    """Rows that belong to cases: those of the cases a person may see."""

    readers = OVERSEERS
    list_select_related: tuple[str, ...] = ("case",)
    search_help_text = "受理号"

    def get_queryset(self, request: UserRequest) -> Any:
        visible = Case.objects.visible_to(request.user)
        rows = super().get_queryset(request)
        return rows.filter(case__in=visible) if visible.query.where else rows

    @admin.display(description="受理号", ordering="case")
    def number(self, row: Any) -> str:
        return format_html('<a href="{}">{}</a>', row.case.get_absolute_url(), row.case.number)


@admin.register(Case, site=site)
class CaseAdmin(BigTable):
    readers = OVERSEERS
    list_display = ("number", "line", "item_label", "state_shown", "holder_party", "branch", "assignee", "due_shown", "accepted_at")
    list_filter = ("line", "state", "holder_party")
    list_select_related = ("branch", "assignee")
    search_fields = ("number__startswith",)
    search_help_text = "受理号（从头匹配）"
    fields = (
        "number", "line", "item_label", "channel", "branch", "state_shown", "version", "rank", "holder_party", "holder_branch",
        "assignee", "reviewer", "required_grade", "is_complex", "amount", "submitted_on", "accepted_at", "entered_at",
        "scanned_at", "handed_over_at", "decided_at", "archived_at", "state_since", "suspended_until", "due_shown", "created_by",
        "workbench",
    )  # fmt: skip
    readonly_fields = ("item_label", "state_shown", "due_shown", "workbench")

    def get_queryset(self, request: UserRequest) -> Any:
        return Case.objects.visible_to(request.user)

    @admin.display(description="状态", ordering="state")
    def state_shown(self, row: Case) -> str:
        return State(row.state).label

    @admin.display(description="业务项目", ordering="item")
    def item_label(self, row: Case) -> str:
        return f"{row.item} {row.item_label}"

    @admin.display(description="最近到期", ordering="due_at")
    def due_shown(self, row: Case) -> str:
        return end_words(row.due_at) if row.due_at else "—"

    @admin.display(description="工作台")
    def workbench(self, row: Case) -> str:
        return format_html('<a class="text-primary-600" href="{}">打开案件</a>', row.get_absolute_url())


@admin.register(CaseEvent, site=site)
class CaseEventAdmin(OfCases):
    list_display = ("at", "number", "seq", "label", "actor_shown", "acting_for", "from_shown", "to_shown")
    list_select_related = ("case", "actor", "acting_for")
    search_fields = ("case__number__exact",)
    fields = (
        "number", "seq", "label", "actor_shown", "acting_for", "branch", "from_shown", "to_shown", "version", "reason", "at",
        "hash_shown",
    )  # fmt: skip
    readonly_fields = ("number", "actor_shown", "from_shown", "to_shown", "hash_shown")

    @admin.display(description="操作人", ordering="actor")
    def actor_shown(self, row: CaseEvent) -> str:
        return str(row.actor) if row.actor else "系统"

    @admin.display(description="校验值")
    def hash_shown(self, row: CaseEvent) -> str:
        return row.hash

    @admin.display(description="原状态")
    def from_shown(self, row: CaseEvent) -> str:
        return row.from_label or "—"

    @admin.display(description="新状态")
    def to_shown(self, row: CaseEvent) -> str:
        return row.to_label if row.to_state in State.values else row.to_state


@admin.register(CustodySegment, site=site)
class CustodySegmentAdmin(OfCases):
    list_display = ("since", "number", "request", "seq", "party", "branch", "user", "cause")
    list_select_related = ("case", "request", "branch", "user")
    list_filter = ("party",)
    search_fields = ("case__number__exact",)
    fields = ("number", "request", "seq", "party", "branch", "user", "since", "cause")
    readonly_fields = ("number",)
