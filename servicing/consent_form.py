"""被保险人同意, as every entry that needs it asks for it."""

from __future__ import annotations

from typing import Any

from django import forms

from lifeops.cases.fields import DayField
from servicing.models import ConsentBy
from servicing.payee_form import ChangeForm

GUARDIAN = "被保险人未满 18 周岁的由监护人同意"


class ConsentForm(ChangeForm):
    """被保险人签署: needed unless the insured applies himself."""

    consent_by = forms.ChoiceField(
        label="同意人", choices=[("", "被保险人本人申请"), *ConsentBy.choices], required=False, help_text=GUARDIAN
    )
    consent_on = DayField(label="同意书签署日", required=False)
    kept: tuple[str, ...] = ("consent_by", "consent_on")
    law = "保险法第37条"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and self.case.policy and self.case.applicant_id != self.case.policy.insured_id:
            field: Any = self.fields["consent_by"]
            field.choices = [("", f"请选择（{self.law}：须经被保险人同意）"), *ConsentBy.choices]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._consent(data)
        return data

    def needed(self) -> bool:
        """Whether the insured must sign where he does not apply himself."""
        return True

    def _consent(self, data: dict[str, Any]) -> None:
        """Who and when together, not after the day of the papers."""
        by, on, case = data.get("consent_by"), data.get("consent_on"), self.case
        if case is None or "consent_on" in self.errors:
            return
        if by and not on:
            self.add_error("consent_on", "请填写同意书签署日")
        elif on and not by:
            self.add_error("consent_by", "请选择同意人")
        elif on and on > case.submitted_on:
            self.add_error("consent_on", f"同意书签署日不能晚于递交日 {case.submitted_on}")
        elif self.needed() and not by and case.applicant_id != case.contract.insured_id:
            self.add_error("consent_by", f"申请人不是被保险人，须有被保险人书面同意（{self.law}）")
