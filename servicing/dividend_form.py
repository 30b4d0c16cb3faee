"""Entry of PS27 红利领取与方式变更: the way from now on, an amount to be collected, or both."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from lifeops.cases.fields import AccountField, BankField, YuanField
from lifeops.policies.rules.lines import yuan
from lifeops.policies.services.dividend_choice import collectable, offered, option_of
from servicing.dividend import label, refused
from servicing.heirs import by_heirs
from servicing.heirs_form import OF_HEIRS, PROOF, HeirsForm
from servicing.payee_form import PayeeForm

ACCOUNT = {"payee": "请填写收款人", "payee_bank": "请填写开户行", "payee_account": "请填写账号"}


class DividendForm(HeirsForm, PayeeForm):
    """Without an amount nobody is paid, and no account is asked for."""

    dividend_option = forms.ChoiceField(label="红利领取方式", choices=[("", "不变更")], required=False, error_messages={"invalid_choice": "条款没有这种领取方式"})
    asked = YuanField(label="领取金额（元）", least="0.01", max_digits=14, required=False)
    why_text = forms.CharField(label="领取原因", max_length=300, required=False, help_text="领取一万元以上的须填写（客户尽职调查办法第13条）")
    payee = forms.CharField(label="收款人", max_length=60, required=False)
    payee_bank = BankField(label="开户行", required=False)
    payee_account = AccountField(label="账号", required=False)
    kept = ("dividend_option", "asked", "why_text", *PayeeForm.kept, *PROOF)
    field_order = ("dividend_option", "asked", "why_text", *PayeeForm.field_order, *OF_HEIRS)
    cards = PayeeForm.cards | HeirsForm.cards

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and self.case.policy:
            policy, field = self.case.policy, cast(forms.ChoiceField, self.fields["dividend_option"])
            now = option_of(policy, self.case.asked_on)
            field.choices = [("", f"不变更（现为{label(now)}）" if now else "不变更"), *(c for c in offered(policy) if c[0] != now)]
            there = collectable(policy)
            if by_heirs(self.case):
                # the contract is over: there is no way of taking to come
                del self.fields["dividend_option"]
                self.fields["asked"].required = True
            self.fields["asked"].help_text = f"可领取 {yuan(there.total)} 元：已到期 {yuan(there.due)}，累积 {yuan(there.accumulated)}{'' if by_heirs(self.case) else '；不领取的留空'}"

    def pays(self, data: dict[str, Any]) -> bool:
        return bool(data.get("asked"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data.setdefault("dividend_option", "")
        amount = data.get("asked")
        if amount:
            for name, words in ACCOUNT.items():
                if name in self.fields and not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
            if self.case is not None and (words := refused(self.case.contract, amount)):
                self.add_error("asked", words)
        elif not data.get("dividend_option") and not {"asked", "dividend_option"} & {*self.errors}:
            raise forms.ValidationError("请选择新的领取方式，或填写领取金额")
        return data
