"""款项追回 on the policy page: what came in and waits settles what was paid out after a death."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lifeops.cases.access import access
from lifeops.cases.fields import YuanField
from lifeops.cases.views.common import go
from lifeops.cases.views.hold import answer
from lifeops.cases.views.policy import get_policy
from lifeops.org.requests import UserRequest
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.services.recovering import SETTLERS, settle_recoverable


class RecoverForm(forms.Form):
    reference = forms.CharField(
        label="收款流水号", max_length=57, error_messages={"required": "请填写收款流水号"}, help_text="银行到账文件已入本保单暂收的一笔"
    )
    amount = YuanField(label="追回金额（元）", least="0.01", max_digits=14)
    reason = forms.CharField(label="由谁返还及依据", max_length=100, error_messages={"required": "请填写由谁返还及依据"})


@access(*SETTLERS)
@require_http_methods(["GET", "POST"])
def recover(request: UserRequest, number: str) -> HttpResponse:
    policy = get_policy(request.user, number)
    form = RecoverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            settle_recoverable(policy=policy, **form.cleaned_data, day=timezone.localdate(), actor=request.user)
        except BookInvalid as error:
            form.add_error(None, error.errors)
        except BookRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已登记追回")
            return go(request, reverse("policies:detail", args=[policy.number]))
    return answer(request, policy, form, "登记款项追回", reverse("policies:recover", args=[policy.number]))
