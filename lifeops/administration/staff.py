"""机构与人员 on the admin site: to look at, with history. Postings and limits change by order of two persons (`org`)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from lifeops.administration.base import STAFF_READERS, Guarded, ReadOnly, ReadOnlyTraced
from lifeops.administration.site import site
from lifeops.org.models import Absence, AuthorityLimit, Branch, Posting, Role, User


@admin.register(Branch, site=site)
class BranchAdmin(Guarded):
    """System administrators keep the tree. Code and place never change: cases carry the path."""

    readers, writers = (*STAFF_READERS, Role.MANAGER), (Role.SYSADMIN,)
    list_display = ("code", "name", "short_name", "level", "parent", "active")
    list_filter = ("level", "active")
    list_select_related = ("parent",)
    search_fields = ("code", "name", "short_name")
    search_help_text = "机构代码或名称"
    ordering = ("path",)
    fields = ("code", "name", "short_name", "level", "parent", "active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "level", "parent") if obj is not None else ()


@admin.register(User, site=site)
class UserAdmin(ReadOnly):
    readers = (*STAFF_READERS, Role.MANAGER)
    list_display = ("staff_no", "name", "username", "branch", "posts", "is_active", "last_login")
    list_filter = ("is_active",)
    list_select_related = ("branch",)
    search_fields = ("staff_no", "name", "username")
    search_help_text = "工号、姓名或账号"
    ordering = ("staff_no",)
    fields = ("staff_no", "name", "username", "branch", "email", "posts", "is_active", "last_login", "date_joined")
    readonly_fields = ("posts",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("postings__branch")

    @admin.display(description="岗位")
    def posts(self, row: User) -> str:
        today = timezone.localdate()
        held = [p for p in row.postings.all() if p.starts_on <= today and (p.ends_on is None or p.ends_on >= today)]
        return "、".join(str(p) for p in held) or "—"


@admin.register(Posting, site=site)
class PostingAdmin(ReadOnlyTraced):
    readers = STAFF_READERS
    list_display = ("user", "role", "branch", "grade", "starts_on", "ends_on")
    list_filter = ("role",)
    list_select_related = ("user", "branch")
    search_fields = ("user__name", "user__staff_no", "branch__name")
    search_help_text = "姓名、工号或机构"


@admin.register(AuthorityLimit, site=site)
class AuthorityLimitAdmin(ReadOnlyTraced):
    readers = (*STAFF_READERS, Role.MANAGER)
    list_display = ("role", "grade", "line_shown", "item_shown", "outcome_shown", "most", "effective_from", "effective_to")
    list_filter = ("role",)
    fields = list_display
    readonly_fields = ("line_shown", "item_shown", "outcome_shown", "most")

    @admin.display(description="业务条线", ordering="line")
    def line_shown(self, row: AuthorityLimit) -> str:
        from lifeops.cases.states import LineCode

        return LineCode(row.line).label if row.line in LineCode.values else row.line


    @admin.display(description="业务项目", ordering="item")
    def item_shown(self, row: AuthorityLimit) -> str:
        return row.item or "全部"

    @admin.display(description="结论", ordering="outcome")
    def outcome_shown(self, row: AuthorityLimit) -> str:
        return row.outcome or "全部"

    @admin.display(description="金额上限（元）", ordering="max_amount")
    def most(self, row: AuthorityLimit) -> str:
        return f"{row.max_amount:,.2f}"


@admin.register(Absence, site=site)
class AbsenceAdmin(ReadOnly):
    readers = (*STAFF_READERS, Role.MANAGER)
    list_display = ("user", "substitute", "starts_at", "ends_at", "reason", "created_by")
    list_select_related = ("user", "substitute", "created_by")
    search_fields = ("user__name", "user__staff_no")
    search_help_text = "姓名或工号"
