"""Inputs of 发放 and 归档."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from archive.models import Delivery
from lifeops.cases.forms import CaseForm, DateInput


class ReleaseForm(CaseForm):
    how = forms.ChoiceField(label="方式", choices=Delivery.How.choices, error_messages={"required": "请选择方式"})
    to = forms.CharField(label="签收人", max_length=60, error_messages={"required": "请填写签收人"})
    courier_number = forms.CharField(label="快递单号", max_length=40, required=False)
    signed_on = forms.DateField(label="客户签收日", required=False, widget=DateInput())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("how") == "mail" and not data.get("courier_number"):
            self.add_error("courier_number", "邮寄须登记快递单号")
        if data.get("how") == "hand" and not data.get("signed_on") and "signed_on" not in self.errors:
            self.add_error("signed_on", "面交须登记客户签收日")
        day: date | None = data.get("signed_on")
        if day and day > timezone.localdate():
            self.add_error("signed_on", "签收日不能晚于今天")
        return data


class FileForm(CaseForm):
    box = forms.CharField(label="盒号", max_length=20, error_messages={"required": "请填写盒号"})
    shelf = forms.CharField(label="架号", max_length=20, error_messages={"required": "请填写架号"})
    reason = forms.CharField(label="资料不齐的原因", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        from archive.services import page_gaps, unpaid

        data = super().clean() or {}
        if self.case is not None:
            if open_money := unpaid(self.case):
                raise forms.ValidationError("；".join(open_money) + "。款项未结清，不能归档")
            gaps = page_gaps(self.case)
            if gaps and not data.get("reason", "").strip():
                self.add_error("reason", "；".join(gaps) + "。请补齐或写明原因")
        return data
