"""挂起 on the policy page: a freeze, stop, pledge or report of loss is registered with holder and reason, and lifted with one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lifeops.cases.access import access
from lifeops.cases.fields import DayField
from lifeops.cases.views.common import go
from lifeops.cases.views.policy import HOLDERS, get_policy
from lifeops.org.requests import UserRequest
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import HoldKind
from lifeops.policies.services.holds import lift_hold, place_hold

#: A case holds by itself and lets go by itself.
KINDS = [("", "—"), *((value, label) for value, label in HoldKind.choices if value != HoldKind.CASE)]


class DayForm(forms.Form):
    day = DayField(label="自", help_text="文书载明的日期，默认今天", required=False)

    def clean_day(self) -> Any:
        day, today = self.cleaned_data["day"] or timezone.localdate(), timezone.localdate()
        if day > today:
            raise forms.ValidationError("不能晚于今天")
        return day


class HoldForm(DayForm):
    kind = forms.ChoiceField(label="种类", choices=KINDS, error_messages={"required": "请选择挂起种类"})
    holder = forms.CharField(label="挂起方（文号）", max_length=60, error_messages={"required": "请填写挂起方（文号）"})
    reason = forms.CharField(label="原因", max_length=200, error_messages={"required": "请填写原因"})
    field_order = ("kind", "holder", "reason", "day")


class LiftForm(DayForm):
    reason = forms.CharField(label="解除原因", max_length=200, error_messages={"required": "请填写解除原因"})
    field_order = ("reason", "day")


@access(*HOLDERS)
@require_http_methods(["GET", "POST"])
def place(request: UserRequest, number: str) -> HttpResponse:
    policy = get_policy(request.user, number)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            place_hold(policy=policy, **form.cleaned_data, actor=request.user)
        except BookInvalid as error:
            form.add_error(None, error.errors)
        except BookRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已登记挂起")
            return go(request, reverse("policies:detail", args=[policy.number]))
    return answer(request, policy, form, "登记挂起", reverse("policies:hold", args=[policy.number]))


@access(*HOLDERS)
@require_http_methods(["GET", "POST"])
def lift(request: UserRequest, number: str, pk: int) -> HttpResponse:
    policy = get_policy(request.user, number)
    row = policy.holds.exclude(kind=HoldKind.CASE).filter(pk=pk, lifted_on__isnull=True).first() if pk < 10**18 else None
    if row is None:
        raise Http404("没有这项挂起，或已解除")
    form = LiftForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            lift_hold(hold=row, **form.cleaned_data, actor=request.user)
        except BookRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已解除挂起")
            return go(request, reverse("policies:detail", args=[policy.number]))
    return answer(request, policy, form, f"解除{row.get_kind_display()} {row.holder}", reverse("policies:lift", args=[policy.number, row.pk]))


def answer(request: UserRequest, policy: Any, form: forms.Form, words: str, url: str, does: str = "登记", told: str = "") -> HttpResponse:
    """`told`: what is being decided on, above the form."""
    context = {"policy": policy, "form": form, "words": words, "url": url, "does": does, "told": told}
    return render(request, "policies/hold.html", context, status=400 if form.errors else 200)
