"""Entry of PS12 投保人变更: who is to be policyholder, what the insured is of him, that the insured agrees, by what an heir succeeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from lifeops.cases.errors import book_words
from lifeops.cases.fields import DayField
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.identity import check_identity, normalise_id, normalise_phone, phone_error
from lifeops.policies.models import IdType, Party
from lifeops.policies.models.policy import Relation
from lifeops.policies.services.holder import refused_holder
from lifeops.policies.services.parties import find_or_create_party, holder_of
from servicing.consent_form import ConsentForm
from servicing.heirs import succeeds
from servicing.heirs_form import PROOF, ProofForm
from servicing.models import ChangeRequest

PERSONAL = [choice for choice in IdType.choices if choice[0] != IdType.USCC]


class HolderForm(ConsentForm, ProofForm):
    """A person already on file is found by the document; what is on file of him is not changed here."""

    holder_name = forms.CharField(label="新投保人姓名", max_length=60, error_messages={"required": "请填写新投保人姓名"})
    holder_id_type = forms.ChoiceField(label="证件类型", choices=PERSONAL, initial=IdType.RESIDENT)
    holder_id_number = forms.CharField(label="证件号码", max_length=30, error_messages={"required": "请填写证件号码"})
    holder_id_valid_to = DayField(label="证件有效期至", required=False, help_text="长期有效不填")
    holder_birth_date = DayField(label="出生日期", required=False, help_text="居民身份证可不填")
    holder_phone = forms.CharField(label="联系电话", max_length=30, required=False)
    holder_address = forms.CharField(label="联系地址", max_length=200, required=False)
    new_relation = forms.ChoiceField(
        label="被保险人是新投保人的", choices=[("", "请选择"), *Relation.choices], error_messages={"required": "请选择被保险人与新投保人的关系"}
    )
    kept = (*ConsentForm.kept, "new_relation", *PROOF)
    field_order = (
        "holder_name", "holder_id_type", "holder_id_number", "holder_id_valid_to", "holder_birth_date", "holder_phone", "holder_address", "new_relation",
        *ConsentForm.kept, *PROOF,
    )  # fmt: skip
    law = "保险法第34条"
    cards = {"holder_id_number": "holder_id_type"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and not succeeds(self.case):
            for name in PROOF:
                del self.fields[name]

    def clean_holder_id_number(self) -> str:
        return normalise_id(self.cleaned_data["holder_id_number"])

    def clean_holder_phone(self) -> str:
        phone = normalise_phone(self.cleaned_data["holder_phone"])
        if phone and (words := phone_error(phone)):
            raise forms.ValidationError(words)
        return phone

    def clean(self) -> dict[str, Any]:
        self._person(self.cleaned_data)
        data = super().clean() or {}
        if not succeeds(self.case):
            return data | dict.fromkeys(PROOF, "")
        self.ask_proof(data)
        return data

    def _person(self, data: dict[str, Any]) -> None:
        """The document by itself, against who is on file under it, and whether that person can be policyholder."""
        number, case = data.get("holder_id_number"), self.case
        if case is None or not number or not data.get("holder_id_type"):
            return
        check = check_identity(
            id_type=data["holder_id_type"], number=number, on=case.submitted_on, birth_date=data.get("holder_birth_date"),
            valid_to=data.get("holder_id_valid_to"),
        )
        names = {"birth_date": "holder_birth_date", "id_valid_to": "holder_id_valid_to"}
        for name, words in check.errors.items():
            self.add_error(names.get(name, "holder_id_number"), words)
        data["holder_birth_date"] = check.birth_date or data.get("holder_birth_date")
        data["holder_sex"] = check.sex
        known = holder_of(data["holder_id_type"], number)
        if known is not None and data.get("holder_name") and known.name != data["holder_name"].strip():
            self.add_error("holder_name", f"证件号码已登记在“{known.name[:1]}**”名下，请核对姓名与证件")
        if succeeds(case) and case.applicant_id is not None and (known is None or known.pk != case.applicant_id):
            self.add_error("holder_id_number", f"由继承人申请的，新投保人应为申请人 {case.subject_name} 本人")
        new = known or Party(name=data.get("holder_name", ""), birth_date=data["holder_birth_date"])
        if not self.errors and (words := refused_holder(case.contract, new, case.asked_on)):
            self.add_error("holder_name", words)
        same = known is not None and known.pk == case.contract.insured_id
        if data.get("new_relation") and same != (data["new_relation"] == Relation.SELF):
            self.add_error("new_relation", "新投保人即被保险人，请选择“本人”" if same else "新投保人不是被保险人，不能选择“本人”")

    def needed(self) -> bool:
        """Who becomes policyholder of the contract on his own life signs as such."""
        return self.cleaned_data.get("new_relation") != Relation.SELF

    def save(self, case: Case, actor: User, now: datetime) -> ChangeRequest:
        record, data = super().save(case, actor, now), self.cleaned_data
        with book_words():
            record.subject = find_or_create_party(
                name=data["holder_name"], id_type=data["holder_id_type"], id_number=data["holder_id_number"], birth_date=data["holder_birth_date"],
                sex=data.get("holder_sex", ""), phone=data["holder_phone"], address=data["holder_address"].strip(), id_valid_to=data["holder_id_valid_to"],
            )
        record.save(update_fields=["subject"])
        return record

    @classmethod
    def initial_for(cls, case: Case) -> dict[str, Any]:
        found, record = super().initial_for(case), case.record
        new = record.subject if record is not None else case.applicant if succeeds(case) else None
        return found | (_of(new) if new is not None else {})


def _of(party: Party) -> dict[str, Any]:
    names = ("name", "id_type", "id_number", "id_valid_to", "birth_date", "phone", "address")
    return {f"holder_{name}": getattr(party, name) for name in names}


