"""Entry of the items that end the contract, change its beneficiaries or a contact; what all entries share."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.fields import FiguresInput, YuanField
from lifeops.cases.models import Case
from lifeops.cases.rows import RowsField
from lifeops.org.models import User
from lifeops.policies.identity import (
    check_identity,
    normalise_id,
    normalise_phone,
    phone_error,
)
from lifeops.policies.models import IdType
from lifeops.policies.rules.benefits import shares_error
from lifeops.policies.rules.lines import plain
from lifeops.policies.services.servicing import MOST_WORK_COST
from servicing.consent_form import ConsentForm
from servicing.facts import CONTACT_FIELDS, beneficiary_key, current_beneficiaries
from servicing.heirs import OTHER
from servicing.models import ChangeRequest, NewBeneficiary, Why
from servicing.payee_form import ChangeForm, PayeeForm
from servicing.rules import KIN
from servicing.shares import read_share

RELATIONS = [(text, text) for text in (*KIN[1:], OTHER)]


class ExitForm(PayeeForm):
    """犹豫期撤单 and 退保: why, and where the money goes."""

    why = forms.ChoiceField(label="退保原因", choices=[("", "请选择"), *Why.choices], error_messages={"required": "请选择退保原因"})
    why_text = forms.CharField(label="原因说明", max_length=300, required=False)
    kept = ("why", "why_text", *PayeeForm.kept)
    field_order: tuple[str, ...] = ("why", "why_text", "payee_kind", *PayeeForm.kept)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("why") == Why.OTHER and not data.get("why_text", "").strip():
            self.add_error("why_text", "原因为“其他”时请说明")
        return data


class CancelForm(ExitForm):
    """PS01 犹豫期撤单."""

    work_cost = YuanField(
        label="工本费（元）", max_value=MOST_WORK_COST, max_digits=4, required=False, help_text="合同有约定时填写，不超过 10 元",
        error_messages=dict.fromkeys(("max_value", "max_digits", "max_whole_digits"), f"工本费不得超过 {MOST_WORK_COST:.2f} 元"),
    )
    kept = (*ExitForm.kept, "work_cost")

    def clean_work_cost(self) -> Decimal:
        return self.cleaned_data.get("work_cost") or Decimal("0.00")

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return super().from_book(case) | {"work_cost": Decimal("0.00")}


class SurrenderForm(ExitForm):
    """PS02 退保."""


class BeneficiaryForm(ConsentForm):
    """PS13 受益人变更: the whole new list; the old one stands in it to begin with."""

    statutory = forms.BooleanField(label="不指定受益人，按法定继承", required=False)
    beneficiaries = RowsField(
        label="变更后的全部受益人",
        columns={
            "name": "姓名", "relation": "是被保险人的", "id_type": "证件类型", "id_number": "证件号码",
            "birth_date": "出生日期", "order": "顺序", "share_pct": "份额%",
        },
        widths={"name": 12, "relation": 14, "id_type": 17, "id_number": 27, "birth_date": 15, "order": 6, "share_pct": 9},
        need=("name", "relation"), asks={"relation": "请选择与被保险人的关系"}, choices={"relation": RELATIONS, "id_type": IdType.choices},
        help_text="同一顺序的份额合计须为 100%，全部留空为均分；居民身份证可不填出生日期",
    )
    field_order = ("statutory", "beneficiaries", *ConsentForm.kept)
    law = "保险法第41条"
    cards = {"beneficiaries": "id_type"}

    def clean_beneficiaries(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        wrong: list[str] = []
        day = self.case.submitted_on if self.case is not None else timezone.localdate()
        for number, raw in enumerate(self.cleaned_data["beneficiaries"], start=1):
            row, errors = read_row(raw, day)
            wrong += [f"第 {number} 行：{words}" for words in errors]
            if any(row["id_number"] and row["id_number"] == other["id_number"] for other in rows):
                wrong.append(f"第 {number} 行：同一人不能重复指定")
            if row["id_number"] and self.case is not None and row["id_number"] == self.case.contract.insured.id_number:
                wrong.append(f"第 {number} 行：身故受益人不能是被保险人本人")
            rows.append(row)
        if not wrong and (error := shares_error((row["order"], row["share_pct"]) for row in rows)):
            wrong.append(error)
        if wrong:
            raise forms.ValidationError(wrong)
        return rows

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        rows = data.get("beneficiaries")
        if rows is not None:
            if data.get("statutory") and rows:
                self.add_error("statutory", "选择按法定继承时请清空受益人")
            elif not data.get("statutory") and not rows:
                self.add_error("beneficiaries", "请至少填写一名受益人，或选择按法定继承")
        if not self.errors and self.case is not None and rows is not None:
            before = sorted(map(beneficiary_key, current_beneficiaries(self.case.contract)))
            if before == sorted(map(beneficiary_key, rows)):
                self.add_error("statutory" if not rows else "beneficiaries", "与现受益人相同，没有变更")
        return data

    def save(self, case: Case, actor: User, now: datetime) -> ChangeRequest:
        record = super().save(case, actor, now)
        record.beneficiaries.all().delete()
        for row in self.cleaned_data["beneficiaries"]:
            NewBeneficiary.objects.create(request=record, **row)
        return record

    @classmethod
    def initial_for(cls, case: Case) -> dict[str, Any]:
        found, record = super().initial_for(case), case.record
        if record is not None:
            rows = list(record.beneficiaries.all())
            return found | {"beneficiaries": [as_row(row) for row in rows], "statutory": not rows}
        return found

    @classmethod
    def from_book(cls, case: Case) -> dict[str, Any]:
        return {"beneficiaries": [as_row(row) for row in current_beneficiaries(case.contract)], "statutory": False}


def read_row(raw: dict[str, str], day: date) -> tuple[dict[str, Any], list[str]]:
    """One beneficiary from what was typed, and what is wrong with it; sex and birth date come from the card."""
    errors: list[str] = []
    row: dict[str, Any] = {
        "name": raw["name"], "relation": raw["relation"], "id_type": raw["id_type"] or IdType.RESIDENT,
        "id_number": normalise_id(raw["id_number"]), "birth_date": None, "sex": "", "order": 1, "share_pct": None,
    }
    if len(row["name"]) > 60:
        errors.append("姓名不能超过 60 字")
    if raw["birth_date"]:
        try:
            row["birth_date"] = date.fromisoformat(raw["birth_date"])
        except ValueError:
            errors.append("出生日期格式为 年-月-日")
    if row["id_number"]:
        check = check_identity(id_type=row["id_type"], number=row["id_number"], on=day, birth_date=row["birth_date"])
        errors += check.errors.values()
        row |= {"birth_date": check.birth_date, "sex": check.sex}
    elif row["birth_date"] and row["birth_date"] > day:
        errors.append("出生日期晚于申请日")
    if raw["order"]:
        if not (raw["order"].isascii() and raw["order"].isdigit() and 1 <= int(raw["order"]) <= 9):
            errors.append("顺序应为 1 至 9 的整数")
        else:
            row["order"] = int(raw["order"])
    if raw["share_pct"]:
        row["share_pct"] = read_share(raw["share_pct"], errors)
    return row, errors


def as_row(row: Any) -> dict[str, str]:
    """A beneficiary as the table of the form shows it."""
    return {
        "name": row.name, "relation": row.relation, "id_type": row.id_type, "id_number": row.id_number,
        "birth_date": str(row.birth_date or ""), "order": str(row.order),
        "share_pct": "" if row.share_pct is None else plain(row.share_pct),
    }


class ContactForm(ChangeForm):
    """PS14 联系方式变更: whose, and the new values; what is left as it is or empty stays."""

    subject = forms.ChoiceField(
        label="变更对象", choices=[("policyholder", "投保人"), ("insured", "被保险人")],
        error_messages={"required": "请选择变更谁的联系方式", "invalid_choice": "请选择投保人或被保险人"},
    )
    phone = forms.CharField(label="联系电话", max_length=30, required=False)
    email = forms.EmailField(
        label="电子邮箱", max_length=254, required=False, error_messages={"invalid": "电子邮箱格式不正确"}
    )
    address = forms.CharField(
        label="联系地址", max_length=200, required=False, error_messages={"max_length": "联系地址不得超过 200 字"}
    )
    postcode = forms.RegexField(
        r"^[0-9]{6}$", label="邮编", required=False, widget=FiguresInput, error_messages={"invalid": "邮编应为 6 位数字"},
        help_text="留空或不改的项目保持原值",
    )
    #: Whose values stood in the form to begin with: they must not pass unseen to the other person.
    filled_for = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and self.case.contract:
            policy = self.case.contract
            named = [("policyholder", f"投保人 {policy.policyholder.name}")]
            if policy.insured_id != policy.policyholder_id:
                named.append(("insured", f"被保险人 {policy.insured.name}"))
            self.fields["subject"].choices = named  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        phone = normalise_phone(self.cleaned_data["phone"])
        if phone and phone_error(phone):
            raise forms.ValidationError(phone_error(phone))
        return phone

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is None or self.errors:
            return data
        chosen, filled = data["subject"], data.get("filled_for")
        if filled and filled != chosen:
            self.add_error("subject", "预填的是另一人的联系方式，请逐项改为变更对象本人的，核对后再次保存")
            # sent again it is a decision
            self.data = {**self.data.dict(), "filled_for": chosen} if hasattr(self.data, "dict") else self.data
            return data
        person = getattr(self.case.contract, chosen)
        data["person"] = person
        if not any(data[name] and data[name] != getattr(person, name) for name in CONTACT_FIELDS):
            raise forms.ValidationError("没有任何一项与现登记的联系方式不同")
        return data

    def save(self, case: Case, actor: User, now: datetime) -> ChangeRequest:
        """Only what differs is kept: a value left as it was must not undo a change made meanwhile."""
        person = self.cleaned_data["person"]
        values: dict[str, Any] = {
            name: "" if self.cleaned_data[name] == getattr(person, name) else self.cleaned_data[name]
            for name in CONTACT_FIELDS
        }
        record, _ = ChangeRequest.objects.update_or_create(case_id=case.pk, defaults=values | {"subject": person})
        return record

    @classmethod
    def initial_for(cls, case: Case) -> dict[str, Any]:
        if case.policy is None:
            return {}
        record, policy = case.record, case.policy
        for_insured = case.applicant_id == policy.insured_id or case.applicant_kind == "guardian"
        kind = "insured" if for_insured and policy.insured_id != policy.policyholder_id else "policyholder"
        if record is not None:
            kind = "policyholder" if record.subject_id == policy.policyholder_id else "insured"
        person = getattr(policy, kind)
        asked = {name: getattr(record, name) if record else "" for name in CONTACT_FIELDS}
        return {"subject": kind, "filled_for": kind} | {name: asked[name] or getattr(person, name) for name in CONTACT_FIELDS}
