"""款项追回 on the policy page: what came in and waits settles what was paid out after a death,
once a second person has approved it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lifeops.cases.access import access
from lifeops.cases.fields import YuanField
from lifeops.cases.recovering import ask_and_tell, decide_and_tell
from lifeops.cases.views.common import ACTS, RemarkForm, go
from lifeops.cases.views.hold import answer
from lifeops.cases.views.policy import get_policy
from lifeops.org.requests import UserRequest
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Policy, Recovery
from lifeops.policies.rules.lines import yuan
from lifeops.policies.services.recovering import SETTLERS


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
            ask_and_tell(policy=policy, **form.cleaned_data, actor=request.user, now=timezone.now())
        except BookInvalid as error:
            form.add_error(None, error.errors)
        except BookRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已登记追回，待另一人批准")
            return go(request, reverse("policies:detail", args=[policy.number]))
    return answer(request, policy, form, "登记款项追回", reverse("policies:recover", args=[policy.number]))


def get_recovery(policy: Policy, pk: int) -> Recovery:
    row = policy.recoveries.select_related("policy__branch", "requested_by").filter(pk=pk).first() if pk < 10**18 else None
    if row is None:
        raise Http404("没有这笔追回")
    return row


@access(*SETTLERS)
@require_http_methods(["GET", "POST"])
def recover_act(request: UserRequest, number: str, pk: int, act: str) -> HttpResponse:
    """批准 or 驳回."""
    policy = get_policy(request.user, number)
    row = get_recovery(policy, pk)
    if act not in ACTS:
        raise Http404("没有这种办理")
    form, words = RemarkForm(request.POST if request.method == "POST" else None), "批准" if ACTS[act] else "驳回"
    if request.method == "POST" and form.is_valid():
        try:
            decide_and_tell(row=row, approve=ACTS[act], remark=form.cleaned_data["remark"], actor=request.user, now=timezone.now())
        except BookInvalid as error:
            form.add_error(None, error.errors)
        except BookRefused as error:
            form.add_error(None, error.reasons)
        else:
            messages.success(request, f"已{words}款项追回")
            return go(request, reverse("policies:detail", args=[policy.number]))
    told = f"追回 {yuan(row.amount)} 元，流水号 {row.reference}：{row.reason}。{row.requested_by.name} 登记"
    return answer(request, policy, form, f"{words}款项追回", reverse("policies:recover_act", args=[policy.number, row.pk, act]), words, told)
