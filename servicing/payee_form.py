"""What every entry of a change shares, and to whom money goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.access import reads_in_full
from lifeops.cases.fields import AccountField, BankField
from lifeops.cases.forms import CaseForm
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.identity import (
    check_identity,
    masked,
    normalise_id,
)
from lifeops.policies.models import IdType
from servicing.models import ChangeRequest, PayeeRelation, ThirdReason


class ChangeForm(CaseForm):
    """What every request shares: it is kept on one record per case."""

    kept: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is None or self.actor is None or not reads_in_full(self.case, self.actor):
            self.initial = masked(self.initial)

    def save(self, case: Case, actor: User, now: datetime) -> ChangeRequest:
        values = {name: self.cleaned_data[name] for name in self.kept}
        record, _ = ChangeRequest.objects.update_or_create(case_id=case.pk, defaults=values)
        return record

    @classmethod
    def initial_for(cls, case: Case) -> dict[str, Any]:
        """What was keyed before, else what the book says."""
        record = case.record
        if record is not None:
            return {name: getattr(record, name) for name in cls.kept}
        return cls.from_book(case) if case.policy else {}

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return {}


OWN, THIRD = "own", "third"
#: Asked where another than the policyholder is paid: field → what is said when it is empty.
OF_THIRD = {
    "third_reason": "请选择付给他人的原因", "third_text": "", "payee_relation": "请选择收款人与投保人的关系",
    "payee_id_type": "请选择收款人证件类型", "payee_id_number": "请填写收款人证件号码",
}  # fmt: skip


class AccountForm(ChangeForm):
    """To whom and where money is paid."""

    payee = forms.CharField(label="收款人", max_length=60, error_messages={"required": "请填写收款人"})
    payee_bank = BankField(label="开户行")
    payee_account = AccountField(label="账号")
    kept: tuple[str, ...] = ("payee", "payee_bank", "payee_account")


class PayeeForm(AccountForm):
    """What is paid out goes to the policyholder's own account, or for a reason and by approval to another's (客户尽职调查办法
    13, 14)."""

    payee_kind = forms.ChoiceField(
        label="付给", choices=[(OWN, "投保人本人"), (THIRD, "他人（须有委托付款书，经批准）")], required=False, initial=OWN,
        help_text="不得付给代理人或经其账户转付（销售行为管理办法第32条）",
    )
    third_reason = forms.ChoiceField(label="付给他人的原因", choices=[("", "请选择"), *ThirdReason.choices], required=False)
    third_text = forms.CharField(label="说明", max_length=100, required=False)
    payee_relation = forms.ChoiceField(label="收款人是投保人的", choices=[("", "请选择"), *PayeeRelation.choices], required=False)
    payee_id_type = forms.ChoiceField(label="收款人证件类型", choices=[("", "请选择"), *IdType.choices], required=False)
    payee_id_number = forms.CharField(label="收款人证件号码", max_length=30, required=False)
    kept: tuple[str, ...] = (*AccountForm.kept, *OF_THIRD)
    cards = {"payee_id_number": "payee_id_type"}
    field_order: tuple[str, ...] = ("payee_kind", *kept)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in OF_THIRD:
            self.fields[name].widget.attrs["data-when"] = f"payee_kind:{THIRD}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        holder = self.case.contract.policyholder.name if self.case is not None and self.case.policy else ""
        payee = (data.get("payee") or "").strip()
        if data.get("payee_kind") == THIRD:
            self._third(data, payee, holder)
        else:
            data |= dict.fromkeys(OF_THIRD, "")
            if holder and payee and payee != holder:
                self.add_error("payee", f"款项只付至投保人 {holder} 本人账户（客户尽职调查办法第13条）；付给他人的，先在“付给”中选择他人")
        data["payee"] = payee
        return data

    def _third(self, data: dict[str, Any], payee: str, holder: str) -> None:
        if payee and payee == holder:
            self.add_error("payee", f"{holder} 是投保人本人，“付给”请选择投保人本人")
        for name, words in OF_THIRD.items():
            if words and not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        if data.get("third_reason") == ThirdReason.OTHER and not (data.get("third_text") or "").strip():
            self.add_error("third_text", "原因为“其他”时请说明")
        if data.get("payee_id_type") and data.get("payee_id_number"):
            data["payee_id_number"] = normalise_id(data["payee_id_number"])
            day = self.case.submitted_on if self.case is not None else timezone.localdate()
            for words in check_identity(id_type=data["payee_id_type"], number=data["payee_id_number"], on=day).errors.values():
                self.add_error("payee_id_number", words)

    @classmethod
    def initial_for(cls, case: Case) -> dict[str, Any]:
        found = super().initial_for(case)
        return found | {"payee_kind": THIRD if found.get("third_reason") else OWN}

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return {"payee": case.contract.policyholder.name}
