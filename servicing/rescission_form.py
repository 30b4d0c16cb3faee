"""Entry of PS33 公司解约: why the company asks for it."""

from __future__ import annotations

from typing import Any

from django import forms

from lifeops.cases.models import Case
from lifeops.documents.letters.schema import show_day
from servicing.payee_form import ChangeForm


class RescissionForm(ChangeForm):
    """The reason stands in the letter to the policyholder."""

    why_text = forms.CharField(
        label="解约理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="印在解除合同通知书上：中止日、复效通知与联系经过",
        error_messages={"required": "请填写解约理由"},
    )
    kept = ("why_text",)

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        lapsed = case.contract.lapsed_on
        return {"why_text": f"合同效力自 {show_day(lapsed)} 起中止，至今未办理复效。"} if lapsed else {}
