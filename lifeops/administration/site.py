"""运营管理: the admin site. Nothing is on it that was not put there by name; who may come follows from posts alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from csp.constants import UNSAFE_EVAL
from csp.decorators import csp_update
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from lifeops.cases.errors import Refused
from lifeops.cases.needs import labels
from lifeops.org.models import Role
from lifeops.org.requests import UserRequest

ENTRANTS = (Role.MANAGER, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)


@dataclass(frozen=True)
class Entry:
    """A line of the side bar: a model's list, or a page named by its address."""

    title: str
    icon: str
    model: str = ""
    page: str = ""
    roles: tuple[str, ...] = ENTRANTS


GROUPS = (
    ("", (Entry("总览", "dashboard", page="admin:index"), Entry("回到作业", "home", page="home"),
          Entry("看板", "monitoring", page="insight:board", roles=(Role.MANAGER, Role.AUDITOR)))),
    ("案件（只读）", (Entry("案件", "folder_open", "cases.case"), Entry("案件轨迹", "timeline", "cases.caseevent"),
                  Entry("持有记录", "swap_horiz", "cases.custodysegment"))),
    ("业务规则", (Entry("资料清单规则", "checklist", "documents.checklistrule"), Entry("资料类型", "description", "documents.doctype"),
              Entry("问题件内容库", "quiz", "cases.contentitem"), Entry("时效规则", "timer", "cases.clockrule"),
              Entry("升级阶梯", "stairs", "cases.ladderstep"), Entry("催办阶梯", "campaign", "cases.urgestep"),
              Entry("预审规则", "fact_check", "intake.precheckrule"), Entry("核保限额", "straighten", "underwriting.underwritinglimit"),
              Entry("作业顺序", "route", "cases.processrule"))),
    ("日历与险种", (Entry("工作日历", "calendar_month", "workdays.calendarday"), Entry("险种", "inventory_2", "policies.product"),
               Entry("险种版本", "layers", "policies.productversion"),
               Entry("险种装入", "upload_file", page="org:products", roles=(Role.MANAGER, Role.SYSADMIN, Role.AUDITOR)))),
    ("机构与人员", (Entry("变更申请", "rule", page="org:changes", roles=(Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)),
               Entry("机构", "account_tree", "org.branch"), Entry("员工", "badge", "org.user"),
               Entry("任岗", "work", "org.posting"), Entry("权限额度", "payments", "org.authoritylimit"),
               Entry("请假与代理", "event_busy", "org.absence"))),
)  # fmt: skip


class OperationsSite(UnfoldAdminSite):
    """`admin` in addresses. A model is reachable when registered here and its admin lets the person's posts in."""

    site_title = site_header = "运营管理"
    index_title = "总览"
    index_template = "administration/index.html"
    empty_value_display = "—"

    def has_permission(self, request: UserRequest) -> bool:
        return bool(request.user.is_authenticated and request.user.holds(*ENTRANTS))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Refuse with words; give the admin's pages the one freedom its scripts need (Alpine evaluates attributes)."""
        inner = csp_update({"script-src": [UNSAFE_EVAL]})(super().admin_view(view, cacheable))

        @wraps(view)
        def guarded(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Refused([f"运营管理供{labels(ENTRANTS)}使用"], who=labels(ENTRANTS))
            return inner(request, *args, **kwargs)

        guarded.access_roles = ENTRANTS  # type: ignore[attr-defined]
        # Django's own wrapper carries these; the middleware that asks for a sign-in looks for them
        guarded.login_required = getattr(inner, "login_required", True)  # type: ignore[attr-defined]
        return guarded

    @method_decorator(login_not_required)
    def login(self, request: UserRequest, extra_context: Any = None) -> HttpResponse:
        return redirect(f"{reverse('login')}?next={reverse('admin:index')}")

    @method_decorator(require_POST)
    def logout(self, request: UserRequest, extra_context: Any = None) -> HttpResponse:
        auth.logout(request)
        return redirect("login")

    def get_sidebar_list(self, request: UserRequest) -> list[dict[str, Any]]:
        """Groups and lines a person may open; what is not allowed is not shown."""
        found = []
        for title, entries in GROUPS:
            items = [self._item(entry, request) for entry in entries if self._shown(entry, request)]
            if items:
                found.append({"title": title, "items": items, "separator": False, "collapsible": False})
        return found

    def _shown(self, entry: Entry, request: UserRequest) -> bool:
        if entry.model:
            admin = self.admin_of(entry.model)
            return admin is not None and admin.has_view_permission(request)
        return request.user.holds(*entry.roles)

    def _item(self, entry: Entry, request: UserRequest) -> dict[str, Any]:
        name = f"admin:{entry.model.replace('.', '_')}_changelist" if entry.model else entry.page
        url = reverse(name)
        active = request.path == url if entry.page in ("admin:index", "home") else request.path.startswith(url)
        return {"title": entry.title, "icon": entry.icon, "link": url, "active": active, "has_permission": True}

    def admin_of(self, label: str) -> Any:
        return next((a for m, a in self._registry.items() if m._meta.label_lower == label), None)

    def index(self, request: UserRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from lifeops.administration.summary import summary

        return super().index(request, {**(extra_context or {}), **summary(request.user)})


site = OperationsSite(name="admin")
