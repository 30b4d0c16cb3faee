"""What every page carries: the menu of a person's desks, name, posts and unit. Costs no query beyond the postings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from lifeops.cases.access import CASE_ROLES
from lifeops.org.models import Role
from lifeops.policies.models import DIVIDEND_READERS, NOTICE_READERS
from lifeops.screening.models import READERS as WATCH_READERS

CAPTURE = (Role.INTAKE, Role.ENTRY, Role.SCAN, Role.HEAD)
OVERSIGHT = (Role.MANAGER, Role.AUDITOR)
LETTERS = (Role.QUERY, Role.INVESTIGATOR, Role.HEAD, Role.UNDERWRITER, Role.PS_REVIEWER, Role.CL_REVIEWER, *OVERSIGHT)


@dataclass(frozen=True)
class Entry:
    """A line of the menu: who sees it and where it leads. `paths` mark it as the one being looked at."""

    label: str
    icon: str
    url: str
    roles: tuple[str, ...]
    args: tuple[str, ...] = ()
    group: str = ""


MENU = (
    Entry("首页", "home", "home", tuple(Role)),
    Entry("受理台", "clipboard-plus", "intake:counter", (Role.INTAKE,), group="作业前"),
    Entry("作业前清单", "list-check", "intake:worklist", CAPTURE, group="作业前"),
    Entry("日结", "calculator", "intake:settlement", (Role.INTAKE, Role.HEAD), group="作业前"),
    Entry("核保", "shield-check", "cases:queue", (Role.UNDERWRITER,), ("underwriting",), group="作业中"),
    Entry("保全", "file-pencil", "cases:queue", (Role.PS_REVIEWER,), ("servicing",), group="作业中"),
    Entry("理赔", "heart-handshake", "cases:queue", (Role.CL_REVIEWER,), ("claims",), group="作业中"),
    Entry("批准", "rubber-stamp", "cases:queue", (Role.APPROVER,), ("approval",), group="作业中"),
    Entry("问题件", "mail-question", "cases:requests", LETTERS, group="作业中"),
    Entry("发放", "send", "archive:release", (Role.ISSUE, Role.HEAD), group="作业后"),
    Entry("应发通知", "mail-forward", "documents:notices", NOTICE_READERS, group="作业后"),
    Entry("付款", "cash", "archive:payments", (Role.HEAD, Role.ISSUE, *OVERSIGHT), group="作业后"),
    Entry("归档", "archive", "archive:filing", (Role.ARCHIVE, Role.HEAD, *OVERSIGHT), group="作业后"),
    Entry("试算", "report-money", "policies:quote", CASE_ROLES, group="查询与管理"),
    Entry("案件查询", "search", "cases:list", CASE_ROLES, group="查询与管理"),
    Entry("红利公布", "coins", "policies:dividends", DIVIDEND_READERS, group="查询与管理"),
    Entry("名单核查", "list-search", "policies:watch_lists", WATCH_READERS, group="查询与管理"),
    Entry("客户合并", "users", "policies:duplicates", (Role.HEAD, Role.PS_REVIEWER, Role.MANAGER), group="查询与管理"),
    Entry("看板", "chart-bar", "insight:board", (Role.HEAD, *OVERSIGHT), group="查询与管理"),
    Entry("运营管理", "settings", "admin:index", (Role.SYSADMIN, Role.SECADMIN, *OVERSIGHT), group="查询与管理"),
    Entry("变更复核", "user-shield", "org:changes", (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR), group="查询与管理"),
    Entry("请假代理", "calendar-off", "org:absences", tuple(Role), group="查询与管理"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of `base.html`, worked out when a template asks for it: fragments and the page of a fault do not."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    """Pages of an app that is not there are left out of the menu."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"menu": [], "anonymous": True}
    return {
        "menu": menu(user, request.path),
        "name": user.name,
        "roles": "、".join(user.role_labels) or "暂无岗位",
        "unit": user.branch.short_name if user.branch else "",
        "searches": user.holds(*CASE_ROLES),
        "anonymous": False,
    }


def menu(user: Any, path: str) -> list[dict[str, Any]]:
    """Entries a person's posts allow; the longest address that the page lies under is the active one."""
    found: list[dict[str, Any]] = []
    for entry in MENU:
        if not user.holds(*entry.roles):
            continue
        try:
            url = reverse(entry.url, args=entry.args)
        except NoReverseMatch:
            continue
        starts = bool(found) and found[-1]["group"] != entry.group
        found.append(
            {"label": entry.label, "icon": entry.icon, "url": url, "group": entry.group, "starts": starts, "active": False}
        )
    # the list of cases is not above the case pages: those belong to whichever desk has the case
    alone = {reverse("home"), reverse("cases:list")}
    under = [row for row in found if path == row["url"] or (row["url"] not in alone and path.startswith(row["url"]))]
    if under:
        max(under, key=lambda row: len(row["url"]))["active"] = True
    return found
