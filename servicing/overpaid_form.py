"""Entry of PS28 溢缴退费: how much, why, and to whom it is paid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.fields import YuanField
from lifeops.cases.models import Case
from lifeops.policies.services.overpaid import overpaid
from servicing.heirs_form import OF_HEIRS, PROOF, HeirsForm
from servicing.overpaid import refused, told
from servicing.payee_form import PayeeForm


class OverpaidForm(HeirsForm, PayeeForm):
    """All there is, unless less is asked for."""

    asked = YuanField(label="退费金额（元）", least="0.01", max_digits=14)
    why_text = forms.CharField(
        label="退费原因", max_length=300, error_messages={"required": "请填写退费原因（客户尽职调查办法第13条）"}, help_text="如重复交费、多交、终止后到账"
    )
    kept = ("asked", "why_text", *PayeeForm.kept, *PROOF)
    field_order = ("asked", "why_text", *PayeeForm.field_order, *OF_HEIRS)
    cards = PayeeForm.cards | HeirsForm.cards

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and self.case.policy:
            self.fields["asked"].help_text = f"可退还 {told(overpaid(self.case.policy, timezone.localdate()))}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is not None and data.get("asked") and (words := refused(self.case.contract, data["asked"], timezone.localdate())):
            self.add_error("asked", words)
        return data

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return super().from_book(case) | {"asked": overpaid(case.contract, timezone.localdate()).total or None}
