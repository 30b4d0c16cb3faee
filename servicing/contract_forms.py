"""Entry of 减保, 复效, 减额交清, 贷款 and 还款. What the reckoning refuses is said at its field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.fields import DayField, YuanField
from lifeops.cases.health import VERSION, HealthField
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Coverage, LedgerEntry
from lifeops.policies.rules.lines import yuan
from lifeops.policies.services.collecting import entitled, waiting
from lifeops.policies.services.lending import open_loans, owed_at
from lifeops.policies.services.premiums import last_came_in, receipt_key, repayment_key
from lifeops.policies.services.reinstating import due_for_reinstatement
from lifeops.policies.services.trial import TrialKind, try_value
from servicing import benefit
from servicing.consent_form import ConsentForm
from servicing.contract import effective_day, pays_on_death
from servicing.forms import ExitForm
from servicing.heirs import by_heirs
from servicing.heirs_form import OF_HEIRS, PROOF, HeirsForm
from servicing.models import ChangeRequest, PaidHow, Why
from servicing.payee_form import AccountForm, ChangeForm, PayeeForm

CLASSES = [("", "请选择"), *((str(n), f"{n} 类") for n in range(1, 7)), ("0", "拒保职业")]


class CoverField(forms.ModelChoiceField):
    """A coverage held, with its sum."""

    def label_from_instance(self, obj: Coverage) -> str:
        return f"{obj.version.product.name}（保额 {yuan(obj.sum_assured)} 元）"


class PartForm(ExitForm):
    """PS03 减保: how much of which coverage is given up."""

    cover = CoverField(
        label="险种", queryset=Coverage.objects.none(), empty_label="请选择险种",
        error_messages={"required": "请选择险种", "invalid_choice": "该险种不在本保单的保险期间内"},
    )
    asked = YuanField(
        label="减少的保额（元）", least="0.01", max_digits=14, help_text="应付金额按减少部分的现金价值计算；减少后不得低于条款的最低保额"
    )
    why = forms.ChoiceField(label="减保原因", choices=[("", "请选择"), *Why.choices], error_messages={"required": "请选择减保原因"})
    kept = ("cover", "asked", *ExitForm.kept)
    field_order = ("cover", "asked", *ExitForm.field_order)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and self.case.policy:
            field: Any = self.fields["cover"]
            field.queryset = self.case.policy.coverages.filter(active=True).select_related("version__product").order_by("is_rider", "pk")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is not None and data.get("asked") and data.get("cover"):
            errors = refusals(self.case, TrialKind.PARTIAL, given_up=data["asked"], cover=data["cover"].pk)
            if "given_up" in errors:
                self.add_error("asked", errors["given_up"])
        return data

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return super().from_book(case) | {"cover": case.contract.coverages.filter(active=True, is_rider=False).first()}


def refusals(case: Case, kind: str, **inputs: Any) -> dict[str, str]:
    """What a trial on the day of the papers says against the inputs, by field."""
    try:
        try_value(policy=case.contract, kind=kind, day=effective_day(case, case.record), today=timezone.localdate(), **inputs)
    except BookInvalid as invalid:
        return invalid.errors
    return {}


def _to_pay(case: Case) -> str:
    """What 复效 asks for today, with and without debts, and what has come in: to tell the customer."""
    try:
        state = due_for_reinstatement(case.contract, timezone.localdate(), with_debts=False)
        whole = due_for_reinstatement(case.contract, timezone.localdate(), with_debts=True)
    except BookRefused as refused:
        return str(refused)
    debts = f"，一并偿还共 {yuan(whole.due.amount)} 元" if state.owed else "，没有贷款或垫交"
    return f"今日应交 {yuan(state.due.amount)} 元{debts}；暂收 {yuan(state.received)} 元"


class ReinstateForm(ConsentForm):
    """PS07 复效: health and occupation as declared, what happens to debts. The money comes by the bank's file and waits as 暂收."""

    health = HealthField(label="健康告知")
    occupation_class = forms.TypedChoiceField(
        label="被保险人职业类别", choices=CLASSES, coerce=int, empty_value=None, error_messages={"required": "请选择职业类别"}
    )
    with_debts = forms.BooleanField(label="贷款、垫交本息一并偿还", required=False)
    kept = (*ConsentForm.kept, "health", "occupation_class", "with_debts")
    field_order = ("consent_by", "consent_on", "with_debts", "occupation_class", "health")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and self.case.policy:
            self.fields["with_debts"].help_text = _to_pay(self.case)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is not None and not data.get("with_debts"):
            try:
                state = due_for_reinstatement(self.case.contract, timezone.localdate(), with_debts=False)
            except BookRefused:
                return data
            if state.must_repay:
                self.add_error("with_debts", f"贷款、垫交本息 {yuan(state.owed)} 元已达到现金价值，须一并偿还")
        return data

    def save(self, case: Case, actor: User, now: datetime) -> ChangeRequest:
        record = super().save(case, actor, now)
        record.questionnaire = VERSION
        record.save(update_fields=["questionnaire"])
        return record

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return {"occupation_class": case.contract.insured.occupation_class}


class PaidUpForm(ConsentForm):
    """PS08 减额交清: nothing is asked but the insured's signature; the sum is reckoned."""

    law = "合同约定"


class LoanForm(ConsentForm, PayeeForm):
    """PS09 保单贷款: how much and for what, to the policyholder's own account; the insured's consent where there is death cover."""

    asked = YuanField(label="借款金额（元）", least="0.01", max_digits=14)
    why_text = forms.CharField(label="借款用途", max_length=300, error_messages={"required": "请填写借款用途（客户尽职调查办法第13条）"})
    kept = ("asked", "why_text", *PayeeForm.kept, *ConsentForm.kept)
    field_order = ("asked", "why_text", *PayeeForm.field_order, *ConsentForm.kept)
    law = "保险法第34条"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and self.case.policy:
            self.fields["asked"].help_text = self._room(self.case)

    def needed(self) -> bool:
        """Where the contract pays on death (保险法 34 ¶2)."""
        return self.case is not None and pays_on_death(self.case.contract)

    @staticmethod
    def _room(case: Case) -> str:
        try:
            found = try_value(policy=case.contract, kind=TrialKind.LOAN, day=timezone.localdate(), today=timezone.localdate())
        except BookRefused as refused:
            return str(refused)
        return f"今日可贷 {yuan(found.amount)} 元"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is not None and data.get("asked"):
            today = timezone.localdate()
            try:
                try_value(policy=self.case.contract, kind=TrialKind.LOAN, day=today, today=today, amount=data["asked"])
            except BookInvalid as invalid:
                if words := invalid.errors.get("amount"):
                    self.add_error("asked", words)
        return data


class BenefitForm(HeirsForm, AccountForm):
    """PS24 生存金领取, PS26 满期金领取: all that waits, to the own account of whom the contract pays."""

    kept = (*AccountForm.kept, *PROOF)
    field_order = (*AccountForm.kept, *OF_HEIRS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = ""
        if self.case is not None and self.case.policy:
            there = f"现可领取 {yuan(waiting(self.case.policy, ended=benefit.is_end(self.case)).amount)} 元"
        if by_heirs(self.case):
            self.fields["heir_proof"].help_text = there
        else:
            self.fields["payee"].help_text = "；".join(filter(None, ("只能是有权领取人本人", there)))

    def clean_payee(self) -> str:
        payee: str = self.cleaned_data["payee"].strip()
        own = self._entitled(self.case) if self.case is not None else ""
        if own and payee != own:
            raise forms.ValidationError(f"款项只付至有权领取人 {own} 本人账户（客户尽职调查办法第14条）")
        return payee

    @staticmethod
    def _entitled(case: Case) -> str:
        return entitled(case.contract, ended=benefit.is_end(case)).name if case.policy else ""

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return {"payee": cls._entitled(case)}


class RepayForm(ChangeForm):
    """PS10 贷款还款: who paid, how, when and by what reference of the bank."""

    asked = YuanField(label="还款金额（元）", least="0.01", max_digits=14)
    paid_how = forms.ChoiceField(
        label="还款方式", choices=[("", "请选择"), *PaidHow.choices], error_messages={"required": "请选择还款方式"}
    )
    payer = forms.CharField(label="交款人", max_length=60, error_messages={"required": "请填写交款人"}, help_text="可以由他人代为还款")
    received_on = DayField(label="到账日", required=False, help_text="利息计至到账日的前一日")
    reference = forms.CharField(label="收款流水号", max_length=57, required=False)
    kept = ("asked", "paid_how", "payer", "received_on", "reference")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # money that waits in the book has come in before
        for name in ("received_on", "reference"):
            self.fields[name].widget.attrs["data-when"] = "paid_how:" + ",".join(["", PaidHow.TRANSFER, PaidHow.DEBIT, PaidHow.CASH])
        if self.case is not None and self.case.policy:
            owed = owed_at(open_loans(self.case.policy), timezone.localdate())
            self.fields["asked"].help_text = f"今日应还本息 {yuan(owed)} 元，暂收余额 {yuan(self.case.policy.suspense)} 元"

    def clean_paid_how(self) -> str:
        how: str = self.cleaned_data["paid_how"]
        if how == PaidHow.CREDIT:
            raise forms.ValidationError("不得以信用卡偿还保单贷款（保监发〔2016〕76号）")
        return how

    def clean_reference(self) -> str:
        return " ".join(self.cleaned_data["reference"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is None or not data.get("paid_how"):
            return data
        policy = self.case.contract
        if data["paid_how"] == PaidHow.SUSPENSE:
            # asked for before the money was there, it is repaid on the day it was
            data["received_on"], data["reference"] = max(self.case.submitted_on, last_came_in(policy) or self.case.submitted_on), ""
            if data.get("asked") and data["asked"] > policy.suspense:
                self.add_error("asked", f"暂收余额为 {yuan(policy.suspense)} 元，不足抵还")
            return data
        self._money(data)
        return data

    def _money(self, data: dict[str, Any]) -> None:
        """Money that came in has a day and a reference, and came in once."""
        policy, day, reference = self.its_case.contract, data.get("received_on"), data.get("reference")
        since = max((loan.since for loan in open_loans(policy)), default=None)
        if not day:
            if "received_on" not in self.errors:
                self.add_error("received_on", "请填写到账日")
        elif day > timezone.localdate():
            self.add_error("received_on", "到账日不能晚于今天")
        elif since and day < since:
            self.add_error("received_on", f"到账日不能早于计息起日 {since}")
        if not reference:
            if "reference" not in self.errors:
                self.add_error("reference", "请填写收款流水号")
        elif LedgerEntry.objects.filter(policy=policy, key__in=[receipt_key(reference), repayment_key(reference)]).exists():
            self.add_error("reference", f"流水号 {reference} 已入账，已到账的款项请选择“{PaidHow.SUSPENSE.label}”")

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return {"payer": case.subject_name or case.contract.policyholder.name}
