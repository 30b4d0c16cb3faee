"""Inputs of 发放, 回执, 退还原件, 归档, 借阅 and 付款."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from archive.models import Delivery, Leg
from archive.rules import legs_after
from lifeops.cases.clocks import rules
from lifeops.cases.fields import AccountField, DateInput, DayField
from lifeops.cases.forms import CaseForm
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.org.text import half_width

PLACE = re.compile(r"[A-Z0-9]([A-Z0-9-]*[A-Z0-9])?")
RECEIPT_STEP = "register_receipt"


def not_in_future(form: forms.Form, field: str, words: str) -> None:
    day: date | None = form.cleaned_data.get(field)
    if day and day > timezone.localdate():
        form.add_error(field, words)


class ReleaseForm(CaseForm):
    how = forms.ChoiceField(label="方式", choices=Delivery.How.choices, error_messages={"required": "请选择方式"})
    to = forms.CharField(label="签收人", max_length=60, error_messages={"required": "请填写签收人"})
    courier_number = forms.CharField(
        label="快递单号", max_length=40, required=False, help_text="邮寄必填", widget=forms.TextInput(attrs={"data-when": "how:mail"})
    )
    signed_on = DayField(
        label="客户签收日", required=False, help_text="面交必填；邮寄在签收后登记", widget=DateInput(attrs={"data-when": "how:hand"})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("how") == "mail" and not data.get("courier_number"):
            self.add_error("courier_number", "邮寄须登记快递单号")
        if data.get("how") == "mail" and data.get("signed_on"):
            self.add_error("signed_on", "邮寄件的签收日在“客户签收”环节登记，请留空")
        if data.get("how") == "hand" and not data.get("signed_on") and "signed_on" not in self.errors:
            self.add_error("signed_on", "面交须登记客户签收日")
        day: date | None = data.get("signed_on")
        if day and day > timezone.localdate():
            self.add_error("signed_on", "签收日不能晚于今天")
        elif day and self.case is not None and self.case.decided_at and day < timezone.localdate(self.case.decided_at):
            self.add_error("signed_on", f"签收日不能早于决定日（{timezone.localdate(self.case.decided_at)}）")
        return data


class LegForm(forms.Form):
    """下一环节 of a delivery; `last` is the kind of the last leg."""

    kind = forms.ChoiceField(label="环节", error_messages={"required": "请选择环节", "invalid_choice": "寄送已到下一环节，请刷新"})
    on = DayField(label="日期")
    who = forms.CharField(label="接收方或签收人", max_length=60, required=False)
    courier_number = forms.CharField(label="快递单号", max_length=40, required=False, help_text="重新寄出时填写")
    note = forms.CharField(label="说明", max_length=120, required=False, help_text="退件须写明原因")

    def __init__(self, *args: Any, last: str = "", **kwargs: Any) -> None:
        # other forms stand on the same page: the labels must find their own inputs
        super().__init__(*args, **{"auto_id": "leg_%s"} | kwargs)
        self.fields["kind"].choices = [(k, Leg.Kind(k).label) for k in legs_after(last)]  # type: ignore[attr-defined]


class ReceiptForm(CaseForm):
    signed_on = DayField(label="客户签收日", error_messages={"required": "请填写回执上的签收日"})
    signer = forms.CharField(label="签收人", max_length=60, error_messages={"required": "请填写签收人"})
    reason = forms.CharField(label="说明", max_length=200, required=False, help_text="超过回执期限，或与送达记录不一致时填写")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        not_in_future(self, "signed_on", "签收日不能晚于今天")
        day: date | None = data.get("signed_on")
        if self.case is None or day is None or "signed_on" in self.errors:
            return data
        decided = timezone.localdate(self.case.decided_at) if self.case.decided_at else self.case.submitted_on
        if day < decided:
            self.add_error("signed_on", f"签收日不能早于决定日（{decided}）")
        if not data.get("reason", "").strip():
            known = self.case.deliveries.order_by("-pk").values_list("signed_on", flat=True).first()
            if known and known != day:
                self.add_error("reason", f"送达登记的签收日为 {known}，与回执不一致，请说明")
            elif receipt_late(self.case):
                self.add_error("reason", "已超过回执期限，请写明迟延原因")
        return data


def receipt_late(case: Case) -> bool:
    """True when the clock of the receipt has run out."""
    codes = {rule.code for rule in rules() if RECEIPT_STEP in rule.stop_on}
    running = case.clocks.running().filter(rule__code__in=codes, due_at__lt=timezone.now())
    return bool(codes) and running.exists()


class GiveBackForm(forms.Form):
    rows = forms.TypedMultipleChoiceField(
        label="退还的原件", coerce=int, widget=forms.CheckboxSelectMultiple, error_messages={
            "required": "请勾选退还的原件", "invalid_choice": "所选资料已退还，或收到的不是原件"
        },
    )
    to = forms.CharField(label="领取人", max_length=60, error_messages={"required": "请填写领取人"})
    on = DayField(label="退还日期", error_messages={"required": "请填写日期"})

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "back_%s"} | kwargs)
        self.fields["rows"].choices = choices  # type: ignore[attr-defined]


class FileForm(CaseForm):
    """归档. `filed` are the papers that lie in the volume; where it is left out altogether, all that were received do."""

    filed = forms.TypedMultipleChoiceField(label="已入卷的资料", coerce=int, required=False, widget=forms.CheckboxSelectMultiple)
    box = forms.CharField(label="盒号", max_length=20, error_messages={"required": "请填写盒号"})
    shelf = forms.CharField(label="架号", max_length=20, error_messages={"required": "请填写架号"})
    reason = forms.CharField(label="资料不齐的原因", max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from lifeops.documents.models import ChecklistRow, Received

        super().__init__(*args, **kwargs)
        if self.case is not None:
            rows = ChecklistRow.objects.filter(case_id=self.case.pk, given_back_at__isnull=True).exclude(received=Received.NONE)
            self.fields["filed"].choices = [  # type: ignore[attr-defined]
                (r.pk, f"{r.label} {r.get_received_display()} {r.pages} 页") for r in rows.order_by("order", "pk")
            ]
            self.fields["filed"].initial = self.all_here()

    def all_here(self) -> list[int]:
        return [pk for pk, _ in self.fields["filed"].choices]  # type: ignore[attr-defined]

    def place(self, name: str) -> str:
        value = " ".join(half_width(self.cleaned_data[name]).split()).upper()
        if not PLACE.fullmatch(value):
            raise forms.ValidationError("只能使用字母、数字和中间的连字符")
        return value

    def clean_box(self) -> str:
        return self.place("box")

    def clean_shelf(self) -> str:
        return self.place("shelf")

    def clean(self) -> dict[str, Any]:
        from archive.services import page_gaps, unpaid

        data = super().clean() or {}
        if self.case is not None:
            if "filed" not in self.data:
                data["filed"] = self.all_here()
            if open_money := unpaid(self.case):
                raise forms.ValidationError("；".join(open_money) + "。款项未结清，不能归档")
            gaps = page_gaps(self.case, set(data.get("filed") or []))
            if gaps and not data.get("reason", "").strip():
                self.add_error("reason", "；".join(gaps) + "。请补齐或写明原因")
        return data


class LoanForm(forms.Form):
    borrower = forms.CharField(label="借阅人工号", max_length=20, error_messages={"required": "请填写借阅人工号"})
    purpose = forms.CharField(label="事由", max_length=200, error_messages={"required": "请写明借阅事由"})
    due_on = DayField(label="应还日")

    def clean_borrower(self) -> User:
        found = User.objects.filter(staff_no__iexact=self.cleaned_data["borrower"].strip(), is_active=True).first()
        if found is None:
            raise forms.ValidationError("没有这个工号")
        return found


class VolumeLoanForm(LoanForm):
    """The same from the list of loans: the volume is scanned or typed."""

    number = forms.CharField(
        label="卷号或受理号", max_length=40, error_messages={"required": "请扫描或填写卷号"},
        widget=forms.TextInput(attrs={"data-scan": "", "autocomplete": "off"}),
    )
    field_order = ("number", "borrower", "purpose", "due_on")

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper().removesuffix("-V")


class RemarkForm(forms.Form):
    """Opinion on a loan, or the state in which a volume came back."""

    remark = forms.CharField(label="说明", max_length=200, required=False)


class ConfirmForm(forms.Form):
    """放行 takes no input: what is sealed is what is paid."""


class SettleForm(forms.Form):
    reference = forms.CharField(label="银行流水号", max_length=60, error_messages={"required": "请填写银行流水号"})


class ReturnForm(forms.Form):
    reason = forms.CharField(label="退票原因", max_length=120, error_messages={"required": "请填写退票原因"})


class ReissueForm(forms.Form):
    payee = forms.CharField(label="收款人", max_length=60, error_messages={"required": "请填写收款人"})
    bank = forms.CharField(label="开户行", max_length=60, error_messages={"required": "请填写开户行"})
    account = AccountField(label="账号")


MONEY_FORMS: dict[str, type[forms.Form]] = {
    "release": ConfirmForm, "settle": SettleForm, "return": ReturnForm, "reissue": ReissueForm,
}
