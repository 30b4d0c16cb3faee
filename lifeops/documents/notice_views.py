"""应发通知: the letters that policies ask for, by what is to be done next; printing of what is ticked, 登记发出."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lifeops.cases.access import access
from lifeops.cases.errors import Refused
from lifeops.cases.fields import DayField
from lifeops.cases.views.common import came_from, go
from lifeops.documents.answers import pdf
from lifeops.documents.packs import MOST
from lifeops.documents.policy_notices import print_notices
from lifeops.org.models import User
from lifeops.org.paging import page_by_day
from lifeops.org.requests import UserRequest, whole_number
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import NOTICE_READERS, NOTICE_SENDERS, PolicyNotice, SentHow
from lifeops.policies.models.life import PolicyNoticeQuerySet
from lifeops.policies.services.notices import send_notice, still_needed

TABS = (("due", "待发出"), ("late", "已逾期"), ("sent", "已发出"))
CAP = 100


def of_tab(user: User, tab: str) -> PolicyNoticeQuerySet:
    rows = PolicyNotice.objects.visible_to(user)
    if tab == "sent":
        return rows.filter(sent_on__isnull=False)
    rows = rows.waiting()
    return rows.filter(due_on__lt=timezone.localdate()) if tab == "late" else rows


def for_list(rows: PolicyNoticeQuerySet) -> PolicyNoticeQuerySet:
    """With policy, unit and policyholder to be named; their numbers stay encrypted."""
    related = rows.select_related("policy__policyholder", "branch", "sent_by").prefetch_related("letters")
    return related.defer("policy__policyholder__id_number", "policy__policyholder__phone")


def get_notice(user: User, pk: int) -> PolicyNotice:
    rows = PolicyNotice.objects.visible_to(user).select_related("policy__branch", "policy__policyholder", "policy__insured", "sent_by")
    found = rows.filter(pk=pk).first() if pk < 10**18 else None
    if found is None:
        raise Http404("没有这项通知，或不在您的可见范围内")
    return found


class SendForm(forms.Form):
    how = forms.ChoiceField(label="方式", choices=[("", "—"), *SentHow.choices], error_messages={"required": "请选择发出方式"})
    tracking = forms.RegexField(
        r"^[A-Za-z0-9-]*$", label="运单号", max_length=40, required=False, help_text="邮寄必填", error_messages={"invalid": "运单号为字母、数字和短横线"}
    )
    day = DayField(label="发出日", required=False, help_text="默认今天")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = timezone.localdate()
        data["day"] = data.get("day") or today
        if data["day"] > today:
            self.add_error("day", "不能晚于今天")
        if data.get("how") == SentHow.MAIL and data.get("tracking") == "":
            self.add_error("tracking", "邮寄须登记运单号")
        return data


@access(*NOTICE_READERS)
@require_GET
def notices(request: UserRequest) -> HttpResponse:
    """Nearest day first; what was sent newest first."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in dict(TABS) else "due"
    counted = [(code, label, of_tab(request.user, code).order_by().values("pk")[:CAP].count()) for code, label in TABS[:-1]]
    day = "sent_on" if tab == "sent" else "due_on"
    rows, following = page_by_day(for_list(of_tab(request.user, tab)), request.GET.get("after", ""), day, newest=tab == "sent")
    context = {
        "tabs": [*counted, (*TABS[-1], None)], "tab": tab, "rows": rows, "next": following, "today": timezone.localdate(),
        "may_send": request.user.holds(*NOTICE_SENDERS),
    }
    return render(request, "documents/policy_notices.html", context)


@access(*NOTICE_SENDERS)
@require_POST
def notices_print(request: UserRequest) -> HttpResponse:
    """批打 of the ticked letters as one file under a list of them."""
    chosen = [pk for pk in map(whole_number, request.POST.getlist("notice")[:MOST]) if pk is not None and pk < 10**18]
    rows = PolicyNotice.objects.visible_to(request.user).filter(pk__in=chosen).order_by("due_on", "pk")
    found = list(rows.select_related("policy__branch", "policy__policyholder", "policy__insured"))
    content, stayed = print_notices(notices=found, actor=request.user, now=timezone.now())
    for notice, reason in stayed:
        messages.warning(request, f"{notice.number} 未打印：{reason}")
    if not content:
        if not stayed:
            messages.warning(request, "没有可打印的通知，请先勾选")
        return redirect(reverse("documents:notices"))
    return pdf(content, f"notices-{timezone.localtime():%Y%m%d%H%M}")


@access(*NOTICE_SENDERS)
@require_http_methods(["GET", "POST"])
def notice_sent(request: UserRequest, pk: int) -> HttpResponse:
    """登记发出, from the tab of the list it was asked on. A notice that is done with has no form to open."""
    notice = get_notice(request.user, pk)
    if request.method == "GET":
        try:
            still_needed(notice)
        except BookRefused as error:
            raise Refused([str(error)]) from None
    back = came_from(request, reverse("documents:notices"), reverse("documents:notices"))
    form = SendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            send_notice(notice=notice, **form.cleaned_data, today=timezone.localdate(), actor=request.user)
        except BookRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{notice.get_kind_display()} {notice.number} 已登记发出")
            return go(request, back)
    context = {
        "policy": notice.policy, "form": form, "words": f"登记发出 {notice.get_kind_display()}", "back": back,
        "url": reverse("documents:notice_sent", args=[notice.pk]),
    }
    return render(request, "policies/hold.html", context, status=400 if form.errors else 200)
