"""Entry of claims and the claims conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from claims.calculation import Known, denied, known_of, particulars_of, reckon
from claims.earlier import rescinded_by
from claims.ending import (
    Errors,
    ended_otherwise,
    least_grade,
    likely_payee,
    nobody_died,
    other_day,
    refund_due,
    refused_now,
    take_payee,
    unlawful,
)
from claims.grounds import ENDING, REFUNDING, RESCIND_REFUND, RESCINDING, ground_of, misfit
from claims.models import Cause, Claim, RefundTo
from claims.payees import refusals
from claims.supplement import EXAMINERS
from lifeops.cases.fields import AccountField, BankField, DayField, YuanField
from lifeops.cases.forms import CaseForm, DecisionForm
from lifeops.cases.lookups import LookupField
from lifeops.cases.models import Case
from lifeops.cases.rows import RowsField
from lifeops.org.models import User
from lifeops.org.statements import insert, update
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import PolicyStatus
from lifeops.policies.rules.lines import yuan
from lifeops.policies.services.rescinding import two_years_paid

COMMON = (
    "event_on", "cause", "description", "payee", "payee_relation", "payee_bank", "payee_account",
)
REFUND_FIELDS = ("refund_to", "refund_payee", "refund_relation", "refund_bank", "refund_account")
#: Of a conclusion by which the contract goes on.
NOT_ENDING: dict[str, Any] = {"known_on": None, "serious": False} | dict.fromkeys(REFUND_FIELDS, "")


class ClaimForm(CaseForm):
    """What every claim needs."""

    event_on = DayField(label="出险日期")
    cause = forms.ChoiceField(label="出险原因", choices=Cause.choices, error_messages={"required": "请选择出险原因"})
    description = forms.CharField(label="事故经过", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    payee = forms.CharField(label="领款人", max_length=60, error_messages={"required": "请填写领款人"})
    payee_relation = forms.CharField(label="与被保险人关系", max_length=20, required=False)
    payee_bank = BankField(label="开户行")
    payee_account = AccountField(label="账号")
    benefit = forms.ChoiceField(
        label="适用责任", required=False, help_text="属于条款所列特定事故，或应按另一项责任给付时选择",
        error_messages={"invalid_choice": "保单没有这项责任"},
    )
    extra_fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is None:
            return
        offered = particulars_of(self.case)
        self.fields["benefit"].choices = [("", "—"), *offered]  # type: ignore[attr-defined]
        if not offered:
            # most policies have none: the clerk is not asked
            del self.fields["benefit"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is not None and data.get("event_on") and data["event_on"] > self.case.submitted_on:
            self.add_error("event_on", f"出险日期不能晚于递交日 {self.case.submitted_on}")
        return data

    def save(self, case: Case, actor: User, now: datetime) -> Claim:
        values = {name: self.cleaned_data[name] for name in (*COMMON, *self.extra_fields)}
        values["benefit"] = self.cleaned_data.get("benefit", "")
        record = case.record  # the case is locked: nobody else writes it
        if record is None:
            record = Claim(case_id=case.pk, **values)
            insert(record)
        else:
            for name, value in values.items():
                setattr(record, name, value)
            update(record, list(values))
        return record

    @classmethod
    def initial_for(cls, case: Case) -> dict[str, Any]:
        record = Claim.objects.filter(case_id=case.pk).first()
        if record is None:
            insured = case.policy.insured if case.policy else None
            return {"payee": insured.name if insured and case.item == "CL05" else "", "event_on": case.occurred_on}
        return {name: getattr(record, name) for name in (*COMMON, "benefit", *cls.extra_fields)}


class DeathClaimForm(ClaimForm):
    """CL01 身故."""

    had_capacity = forms.BooleanField(label="事发时有民事行为能力", required=False, initial=True)
    paid_elsewhere_on_minor = YuanField(label="其他公司未成年人身故给付（元）", required=False)
    extra_fields = ("had_capacity", "paid_elsewhere_on_minor")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        on_file = self.case.policy.insured.died_on if self.case is not None and self.case.policy else None
        if on_file is not None and data.get("event_on") not in (None, on_file):
            # once handed over it cannot be put right any more
            self.add_error("event_on", f"被保险人已登记于 {on_file} 身故，出险日期应为该日，请核对死亡证明")
        return data

    def clean_paid_elsewhere_on_minor(self) -> Decimal:
        return self.cleaned_data["paid_elsewhere_on_minor"] or Decimal("0.00")


class MedicalClaimForm(ClaimForm):
    """CL05 住院医疗."""

    diagnosis = LookupField(kind="icd10", label="诊断", max_length=100, error_messages={"required": "请填写诊断"})
    hospital = forms.CharField(label="医院", max_length=100, error_messages={"required": "请填写医院"})
    admitted_on = DayField(label="入院日期")
    discharged_on = DayField(label="出院日期")
    expenses = RowsField(
        label="费用明细",
        columns={"category": "费用类别", "invoiced": "发票金额", "non_covered": "不属责任", "over_limit": "超限额"},
        money=("invoiced", "non_covered", "over_limit"), need=("category", "invoiced"), least=1,
    )
    social_insurance = YuanField(label="医保已支付（元）", required=False)
    other_paid = YuanField(label="其他途径已补偿（元）", required=False)
    ss_used = forms.BooleanField(label="已使用医保", required=False, initial=True)
    extra_fields = (
        "diagnosis", "hospital", "admitted_on", "discharged_on", "expenses", "social_insurance", "other_paid", "ss_used",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        admitted, discharged = data.get("admitted_on"), data.get("discharged_on")
        if admitted and discharged and discharged < admitted:
            self.add_error("discharged_on", "出院日期不能早于入院日期")
        for name in ("social_insurance", "other_paid"):
            if name not in self.errors:
                data[name] = data.get(name) or Decimal("0.00")
        for number, row in enumerate(data.get("expenses") or [], start=1):
            if Decimal(row["non_covered"]) + Decimal(row["over_limit"]) > Decimal(row["invoiced"]):
                self.add_error("expenses", f"第 {number} 行：不属责任与超限额之和大于发票金额")
        return data


class ReasonSelect(forms.Select):
    """Reasons, each with the outcomes it can be given for: the page offers those of the chosen one."""

    outcomes: Sequence[str] = ()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if value:
            fitting = (code for code in self.outcomes if code not in ENDING or ground_of(code, str(value)) is not None)
            option["attrs"]["data-with"] = f"outcome:{','.join(fitting)}"
        return option


class ClaimDecisionForm(DecisionForm):
    """理赔结论: the amount is what the calculation says, unless the outcome is a different one. What goes back when the contract ends is
    reckoned and never typed."""

    reason_code = forms.ChoiceField(label="理由码", required=False, widget=ReasonSelect)
    known_on = DayField(label="知道解除事由之日", required=False, help_text="自此三十日内、合同成立二年内解除；订立合同时已知道的不得解除（保险法第十六条）")
    serious = forms.BooleanField(label="未告知事项对事故的发生有严重影响", required=False)
    refund_to = forms.ChoiceField(label="退还方式", choices=RefundTo.choices, required=False, initial=RefundTo.ACCOUNT)
    refund_payee = forms.CharField(label="退还收款人", max_length=60, required=False)
    refund_relation = forms.CharField(label="与死者的关系", max_length=20, required=False, help_text="付给继承人时填写；其他继承人须书面同意由其领取")
    refund_bank = BankField(label="退还开户行", required=False)
    refund_account = AccountField(label="退还账号", required=False, help_text="收款人就是领款人的，留空即用申请书所列账户")

    #: Whether the sum has been reckoned: it is where nothing else is wrong.
    figured = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # a draft shows no number in full
        self.initial.pop("refund_account", None)
        self.ask_with("known_on", *RESCINDING)
        self.ask_with("serious", RESCIND_REFUND)
        self.ask_with("refund_to", *REFUNDING)
        for name in REFUND_FIELDS[1:]:
            self.fields[name].widget.attrs["data-when"] = f"refund_to:{RefundTo.ACCOUNT}"
        if self.case is not None:
            # what is shown beforehand is not looked for where the answer is there
            if not self.is_bound:
                self.initial["refund_payee"] = self.initial.get("refund_payee") or likely_payee(self.case)
            self.fields["reason_code"].widget.outcomes = [o.code for o in self.case.item_spec.outcomes]
            if nobody_died(self.case):
                del self.fields["refund_relation"]
            self._ask_amount(not self.is_bound and (record := self.its_case.record) is not None and bool(reckon(self.its_case, record).open))

    def _ask_amount(self, left_open: bool) -> None:
        """The amount is asked for where it is not the reckoned one, or where the terms leave a part of it to the examiner."""
        asking = [o.code for o in self.its_case.item_spec.outcomes if o.needs_amount]
        self.ask_with("amount", *asking, *(["PAY"] if left_open else []))

    def clean(self) -> dict[str, Any]:
        """The right to rescind and what it hangs on is told in one round with whatever else is missing."""
        data = super().clean()
        ground = ground_of(data.get("outcome", ""), data.get("reason_code", ""))
        if self.errors and not self.figured and ground is not None and self.its_case.record is not None:
            self._tell({name: words for name, words in unlawful(self.its_case, ground, data, timezone.localdate()).items() if name not in self.errors})
        return data

    def figure(self, outcome: Any, data: dict[str, Any]) -> None:
        self.figured = True
        case = self.its_case
        record = case.record
        if record is None:
            self.add_error("outcome", "尚未录入理赔申请，不能作出结论")
            return
        known = known_of(case, record)
        if outcome.code in ENDING:
            self._end(case, record, data, known)
            return
        data |= NOT_ENDING
        if words := misfit(
            outcome.code, data.get("reason_code", ""), item=case.item, two_years=lambda: two_years_paid(case.contract, record.event_on),
            ended=case.contract.status == PolicyStatus.TERMINATED, rescinded=rescinded_by(case) is not None,
        ):  # fmt: skip
            self.add_error("reason_code", words)
        if outcome.positive and (words := other_day(case, record) or ended_otherwise(case, record)):
            self.add_error("outcome", words)
        self._reckon(case, record, outcome, data, known)
        if data.get("amount") and not self.errors:
            for words in refusals(case, record, data["amount"], reason=data.get("opinion", ""), covers=known.all_covers):
                self.add_error("outcome", words)

    def _end(self, case: Case, record: Claim, data: dict[str, Any], known: Known) -> None:
        """The contract ends without a benefit: whether it may, what goes back and to whom."""
        today, ground = timezone.localdate(), ground_of(data["outcome"], data["reason_code"])
        self._tell(refused_now(case, record, data, known, today))
        if ground is None or {"outcome", "reason_code"} & self.errors.keys():
            return
        try:
            due = refund_due(case, record, ground, today, known)
        except BookRefused as error:
            self.add_error("outcome", str(error))
            return
        data["amount"], data["lines"] = due.amount, due.to_json()
        data["known_on"] = data.get("known_on") if ground.limited else None
        data.setdefault("refund_relation", "")
        data["serious"] = ground.serious and bool(data.get("serious"))
        self._tell(take_payee(case, record, ground, data))
        data["least_grade"] = least_grade(case, ground, due.amount) if data.get("refund_payee") else 0

    def _tell(self, errors: Errors) -> None:
        for name, words in errors.items():
            for one in words:
                self.add_error(name, one)

    def _reckon(self, case: Case, record: Claim, outcome: Any, data: dict[str, Any], known: Known) -> None:
        """Amount and lines; errors where the outcome does not fit what is due."""
        reckoned = reckon(case, record, known)
        due = reckoned.calculation
        given: Any = data.get("amount")
        data["lines"] = due.to_json()
        if outcome.code == "PAY":
            refused = denied(case, record, known)
            if refused:
                self.add_error("outcome", f"责任核定未通过（{'；'.join(refused)}），请改为拒付、部分给付或通融")
            elif reckoned.open:
                self._ask_amount(True)
                self._by_words(reckoned.open, due.amount, data)
                return
            elif due.amount <= 0:
                self.add_error("outcome", "应付金额为零，不能选择给付")
            elif given is not None and given != due.amount:
                self.add_error("amount", f"按条款应付 {yuan(due.amount)} 元；金额不同请选择部分给付或通融给付")
            data["amount"] = due.amount
        elif outcome.code == "PART":
            if not Decimal(0) < given < due.amount:
                self.add_error("amount", f"部分给付应大于零且小于应付的 {yuan(due.amount)} 元")
            data["lines"].append(_difference("减：不予给付部分", given - due.amount))
        elif outcome.code == "EX_GRATIA":
            if given <= due.amount:
                self.add_error("amount", f"通融给付应大于按条款应付的 {yuan(due.amount)} 元")
            data["lines"].append(_difference("加：通融给付部分", given - due.amount))
        else:
            data["amount"] = Decimal("0.00")
            data["lines"].append(_difference("减：拒付", -due.amount))

    def _by_words(self, left_open: Sequence[str], least: Decimal, data: dict[str, Any]) -> None:
        """Part of the benefit is told in words only: the examiner states the whole amount and stands for it."""
        given = data.get("amount")
        if given is None or given < least or given <= 0:
            self.add_error("amount", f"条款按文字核定（{'；'.join(left_open)}），请填写核定后的给付总额，不低于已理算的 {yuan(least)} 元")
            return
        data["lines"].append(_difference("按条款文字核定部分", given - least))


def _difference(label: str, value: Decimal) -> dict[str, Any]:
    return {"label": label, "formula": EXAMINERS, "value": f"{value:.2f}", "counts": True}
