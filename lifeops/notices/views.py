"""通知: inbox and the bell."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from lifeops.notices.models import Notice
from lifeops.notices.services import mark_read
from lifeops.org.paging import page_by_key
from lifeops.org.requests import UserRequest, whole_number

CAP = 99


def for_everybody(view):  # type: ignore[no-untyped-def]
    """The inbox is each person's own: any role may come, and sees only what is addressed to that person."""
    from lifeops.org.models import Role

    view.access_roles = tuple(Role)
    return view


@for_everybody
@require_GET
def inbox(request: UserRequest) -> HttpResponse:
    rows = Notice.objects.visible_to(request.user)
    unread = request.GET.get("unread") == "1"
    if unread:
        rows = rows.unread()
    page, following = page_by_key(rows, request.GET.get("before", ""))
    context = {
        "notices": page,
        "next": following,
        "unread": unread,
    }
    return render(request, "notices/inbox.html", context)


@for_everybody
@require_GET
def badge(request: UserRequest) -> HttpResponse:
    """Unread count for the bell, capped."""
    count = Notice.objects.visible_to(request.user).unread().values("pk")[: CAP + 1].count()
    return render(request, "notices/_badge.html", {"count": count, "cap": CAP})


@for_everybody
@require_POST
def read(request: UserRequest) -> HttpResponse:
    """Mark notices as read; with `open` go to what the notice is about."""
    told = request.POST.getlist("id")
    ids = [number for number in map(whole_number, told) if number is not None]
    mark_read(request.user, ids if told else None)
    target = request.POST.get("open", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return redirect("notices:inbox")
