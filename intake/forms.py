"""Inputs of the counter: acceptance, correction, pre-check, scanning and hand-over."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.fields import DayField
from lifeops.cases.forms import CaseForm
from lifeops.cases.registry import lines
from lifeops.cases.states import ApplicantKind, Channel
from lifeops.documents.models import DocType, Received
from lifeops.org.requests import whole_number
from lifeops.org.text import half_width
from lifeops.policies.identity import phone_error
from lifeops.policies.models import IdType


class LinesField(forms.CharField):
    """A text with one entry per line; also takes a list from the API."""

    widget = forms.Textarea(attrs={"rows": 5})

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        if isinstance(value, list | tuple):
            rows = [str(v) for v in value]
        else:
            rows = str(value or "").splitlines()
        return [row.strip() for row in rows if row.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"])

    def run_validators(self, value: Any) -> None:
        if sum(len(row) for row in value) > 4000:
            raise forms.ValidationError("内容过长，最多 4000 字")


class OverridesField(forms.Field):
    """Reasons by rule code: {"A01": "…"}; pages send it as JSON text."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> dict[str, str]:
        if not value:
            return {}
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise forms.ValidationError("放行理由无法识别") from error
        if not isinstance(value, dict):
            raise forms.ValidationError("放行理由无法识别")
        return {str(k)[:20]: str(v)[:200] for k, v in value.items()}


#: A firm is known by its code alone.
CODE_NEEDED = "申请人为单位，请填写统一社会信用代码"
#: Documents of people.
PERSONAL = [choice for choice in IdType.choices if choice[0] != IdType.USCC]


class AcceptForm(forms.Form):
    """受理登记. Cross-checks of dates; policy and applicant are looked up by the service."""

    line = forms.ChoiceField(label="条线", error_messages={"required": "请选择条线"})
    item = forms.ChoiceField(label="业务项目", error_messages={"required": "请选择业务项目"})
    channel = forms.ChoiceField(label="递交渠道", choices=Channel.choices, initial=Channel.COUNTER)
    applicant_kind = forms.ChoiceField(label="申请人身份", choices=ApplicantKind.choices)
    policy_number = forms.CharField(label="保单号", max_length=40, required=False)
    applicant_name = forms.CharField(label="申请人姓名", max_length=60, error_messages={"required": "请填写申请人姓名"})
    applicant_id_number = forms.CharField(label="申请人证件号码", max_length=30, required=False)
    applicant_phone = forms.CharField(label="联系电话", max_length=20, required=False)
    handler_name = forms.CharField(label="经办人姓名", max_length=60, required=False)
    handler_id_type = forms.ChoiceField(label="经办人证件类型", choices=PERSONAL, initial=IdType.RESIDENT, required=False)
    handler_id_number = forms.CharField(label="经办人证件号码", max_length=30, required=False)
    handler_id_valid_to = DayField(label="经办人证件有效期至", required=False)
    handler_phone = forms.CharField(label="经办人电话", max_length=20, required=False)
    agent_code = forms.CharField(label="代理人工号", max_length=20, required=False)
    occurred_on = DayField(label="发生日", required=False)
    passed_on = DayField(label="转交日", required=False)
    submitted_on = DayField(label="递交日")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [(spec.code, spec.label) for spec in lines()]  # type: ignore[attr-defined]
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            (item.code, f"{item.code} {item.name}") for spec in lines() for item in spec.items
        ]

    def clean_applicant_phone(self) -> str:
        phone: str = self.cleaned_data["applicant_phone"].strip()
        if phone and (words := phone_error(phone)):
            raise forms.ValidationError(words)
        return phone

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = timezone.localdate()
        occurred, passed, submitted = (data.get(n) for n in ("occurred_on", "passed_on", "submitted_on"))
        if submitted and submitted > today:
            self.add_error("submitted_on", "递交日不能晚于今天")
        if submitted and (today - submitted).days > 366:
            self.add_error("submitted_on", "递交日早于一年前，请核对")
        if passed and submitted and passed > submitted:
            self.add_error("passed_on", "转交日不能晚于递交日")
        if occurred and occurred > (passed or submitted or today):
            self.add_error("occurred_on", "发生日不能晚于转交日和递交日")
        spec = next((s for s in lines() if s.code == data.get("line")), None)
        if spec and data.get("item"):
            if data["item"] not in {i.code for i in spec.items}:
                self.add_error("item", f"该项目不属于{spec.label}")
            elif spec.item(data["item"]).needs_policy and not data.get("policy_number"):
                self.add_error("policy_number", "此项目须填写保单号")
        data["handler_id_type"] = data.get("handler_id_type") or IdType.RESIDENT
        if data.get("channel") == Channel.AGENT and not data.get("agent_code"):
            self.add_error("agent_code", "代理人渠道须填写代理人工号")
        return data


class PapersWidget(forms.Widget):
    """Reads `paper-<type>-received` and `paper-<type>-pages`; the page draws the rows itself."""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and not any(key.startswith("paper-") for key in data)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data[name] if name in data else self.rows(data)

    @staticmethod
    def rows(data: Any) -> list[dict[str, Any]]:
        """What was ticked on the page, right or wrong."""
        codes = dict.fromkeys(key.split("-")[1] for key in data if key.startswith("paper-") and key.count("-") == 2)
        return [
            {
                "doc_type": code,
                "received": data.get(f"paper-{code}-received", "none"),
                "pages": data.get(f"paper-{code}-pages", ""),
            }
            for code in codes
        ]


class PapersField(forms.Field):
    """What was received over the counter: rows {doc_type, received: original|copy|none, pages}."""

    widget = PapersWidget

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, str) and value.strip():
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise forms.ValidationError("资料清单无法识别") from error
        if not value:
            return []
        if not isinstance(value, list) or len(value) > 100 or not all(isinstance(row, dict) for row in value):
            raise forms.ValidationError("资料清单无法识别")
        labels = dict(DocType.objects.values_list("code", "name"))
        rows, wrong = [], []
        for raw in value:
            code, received, pages = str(raw.get("doc_type", "")), str(raw.get("received") or "none"), raw.get("pages")
            if code not in labels or received not in Received.values:
                raise forms.ValidationError("资料清单中有不认识的资料")
            text = half_width(str(pages if pages is not None else "")).strip()
            if received == Received.NONE:
                rows.append({"doc_type": code, "received": received, "pages": 0})
            elif not 1 <= (whole_number(text) or 0) <= 999:
                wrong.append(f"{labels[code]}：页数应为 1 至 999 的整数")
            else:
                rows.append({"doc_type": code, "received": received, "pages": int(text)})
        if wrong:
            raise forms.ValidationError(wrong)
        return rows


class CounterForm(AcceptForm):
    """受理台: the item says the line; the applicant is a customer chosen on the page, or written down."""

    applicant = forms.IntegerField(required=False, widget=forms.HiddenInput)
    applicant_id_type = forms.ChoiceField(label="证件类型", choices=IdType.choices, initial=IdType.RESIDENT, required=False)
    applicant_id_valid_to = DayField(label="证件有效期至", required=False)
    papers = PapersField(label="资料", required=False)
    extra_gaps = LinesField(label="其他缺项（每行一项）", required=False)
    checked = forms.BooleanField(label="已核对，不是重复受理", required=False)
    cards = {"applicant_id_number": "applicant_id_type", "handler_id_number": "handler_id_type"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["line"]
        self.fields["item"].choices = [("", "请选择业务项目")] + [  # type: ignore[attr-defined]
            (spec.label, [(item.code, f"{item.code} {item.name}") for item in spec.items]) for spec in lines()
        ]
        self.fields["extra_gaps"].widget.attrs["rows"] = 2
        for name in ("item", "channel", "applicant_kind", "policy_number", "applicant_id_type", "occurred_on", "submitted_on"):
            self.fields[name].widget.attrs["data-refresh"] = ""

    def clean(self) -> dict[str, Any]:
        code = self.cleaned_data.get("item")
        spec = next((s for s in lines() if code in {i.code for i in s.items}), None)
        self.cleaned_data["line"] = spec.code if spec else ""
        data = super().clean()
        if data.get("applicant_phone") and not data.get("applicant") and not data.get("applicant_id_number"):
            # the telephone is kept with the customer, and a customer is known by the document
            self.add_error("applicant_id_number", "登记联系电话须同时填写证件号码")
        data["applicant_id_type"] = data.get("applicant_id_type") or IdType.RESIDENT
        unnamed = not data.get("applicant_id_number") and "applicant_id_number" not in self.errors
        if data["applicant_id_type"] == IdType.USCC and not data.get("applicant") and unnamed:
            self.add_error("applicant_id_number", CODE_NEEDED)
        return data


class CorrectionForm(CaseForm):
    gaps = LinesField(label="缺项（每行一项，须一次列全）", error_messages={"required": "请列出全部缺项"})
    reason = forms.CharField(label="说明", max_length=300, required=False)

    def clean_gaps(self) -> list[str]:
        gaps: list[str] = self.cleaned_data["gaps"]
        if self.case is not None:
            told = {gap for notice in self.case.corrections.all() for gap in notice.gaps}
            twice = [gap for gap in gaps if gap in told]
            if twice:
                raise forms.ValidationError(f"“{twice[0]}”已在前次补正通知中告知，请催办而不是再次出具通知")
        return gaps


class ResubmitForm(CaseForm):
    """补正收件: what was missing came, on a day since it was asked for."""

    received_on = DayField(label="收到日")
    reason = forms.CharField(label="说明", max_length=300, required=False)

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("收到日不能晚于今天")
        asked = timezone.localdate(self.case.state_since) if self.case else day
        if day < asked:
            raise forms.ValidationError(f"收到日不能早于退回补正日 {asked}")
        return day


class PrecheckForm(forms.Form):
    overrides = OverridesField(label="放行理由", required=False)


class HandOverForm(forms.Form):
    overrides = OverridesField(label="放行理由", required=False)


class ScanDoneForm(CaseForm):
    """扫描完成: which papers lack pages stands beside the reason that is asked for."""

    reason = forms.CharField(label="页数不符的原因", max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and not self.is_bound:
            from intake.services import page_gaps

            self.fields["reason"].help_text = "；".join(page_gaps(self.case)) or "页数相符，不用填写"
