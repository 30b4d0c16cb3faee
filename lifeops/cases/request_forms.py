"""Inputs of the steps of a 问题件."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.forms import CaseForm, DateInput
from lifeops.cases.models import ContactLog
from lifeops.cases.states import RequestKind
from lifeops.org.models import Posting, Role, User


class DeliverForm(forms.Form):
    how = forms.ChoiceField(
        label="送达方式", choices=[("面交", "面交"), ("邮寄", "邮寄"), ("代理人转交", "代理人转交"), ("电子", "电子")]
    )
    to = forms.CharField(label="签收人", max_length=60, error_messages={"required": "请填写签收人"})


class ContactForm(forms.Form):
    way = forms.ChoiceField(label="方式", choices=ContactLog.Way.choices)
    reached = forms.BooleanField(label="联系上", required=False, initial=True)
    note = forms.CharField(label="内容", max_length=300, error_messages={"required": "请写明联系内容"})


class OfRequest(CaseForm):
    """A form that looks at the request instead of the case."""

    case: Any


class HandlerForm(OfRequest):
    handler = forms.ModelChoiceField(
        label="办理人",
        queryset=User.objects.none(),
        to_field_name="username",
        error_messages={"required": "请选择办理人", "invalid_choice": "该人员不在办理机构的问题件岗或调查岗"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            roles = (Role.INVESTIGATOR, Role.QUERY)
            posted = Posting.objects.in_force(timezone.localdate()).filter(
                role__in=roles, branch__path__in=ancestors(self.case.branch_path)
            )
            self.fields["handler"].queryset = User.objects.filter(  # type: ignore[attr-defined]
                pk__in=posted.values("user"), is_active=True
            )


def ancestors(path: str) -> list[str]:
    """The path itself and those above it: "86/8611/" → ["86/", "86/8611/"]."""
    parts = path.strip("/").split("/")
    return ["/".join(parts[: i + 1]) + "/" for i in range(len(parts))]


class ReplyForm(OfRequest):
    """登记回复. An investigation also needs its conclusion and a second investigator's signature (facts 5.3)."""

    reply = forms.CharField(
        label="回复内容", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请填写回复内容"},
    )
    conclusion = forms.ChoiceField(
        label="调查结论",
        required=False,
        choices=[("", "—"), ("属实", "属实"), ("不实", "不实"), ("无法核实", "无法核实")],
    )
    second_signer = forms.CharField(label="第二调查人", max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is not None and self.case.kind == RequestKind.INVESTIGATION:
            if not data.get("conclusion"):
                self.add_error("conclusion", "调查须给出结论")
            signer = data.get("second_signer", "").strip()
            if not signer:
                self.add_error("second_signer", "调查报告须由两人签署")
            elif self.actor is not None and signer == self.actor.name:
                self.add_error("second_signer", "第二调查人不能是您本人")
        return data


class ExtendForm(OfRequest):
    due_on = forms.DateField(label="延期至", widget=DateInput(), error_messages={"required": "请选择新的期限"})
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "请写明延期理由"})

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if self.case is not None and day <= self.case.due_on:
            raise forms.ValidationError("新的期限须晚于原期限")
        if self.case is not None and self.case.extensions >= 2:
            raise forms.ValidationError("已延期两次，不能再延；请撤销或按现有资料作出结论")
        return day
