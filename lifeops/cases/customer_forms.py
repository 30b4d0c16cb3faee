"""What is written down of a customer, and what is asked before a masked value is shown or two customers become one."""

from __future__ import annotations

from typing import Any

from django import forms

from lifeops.cases.fields import DayField
from lifeops.cases.lookups import LookupField
from lifeops.org.models import User
from lifeops.policies.models import (
    Address,
    BankAccount,
    Consent,
    DeathProof,
    DeathRecord,
    IdType,
    Party,
    Phone,
    RelationKind,
    Relationship,
)
from lifeops.policies.models.particulars import IdentityDocument, Particular
from lifeops.policies.search import find_parties
from lifeops.policies.services import particulars
from lifeops.policies.services.revealing import LONGEST_REASON, SHORTEST_REASON

SOURCE: dict[str, Any] = {"label": "来源（受理号或说明）", "max_length": 60, "required": False}
CLASSES = [("", "—"), *((str(n), f"{n} 类") for n in range(1, 7)), ("0", "拒保")]


def choices_of(model: type[Particular], name: str) -> list[Any]:
    return list(getattr(model._meta.get_field(name), "choices", None) or [])


def said(label: str, **kwargs: Any) -> dict[str, Any]:
    return {"label": label, "error_messages": {"required": f"请填写{label}", "max_length": f"{label}过长"}, **kwargs}


class DocumentForm(forms.Form):
    id_type = forms.ChoiceField(label="证件类型", choices=IdType.choices, initial=IdType.PASSPORT)
    number = forms.CharField(**said("证件号码", max_length=40))
    valid_to = DayField(label="有效期至", required=False, help_text="长期有效不填")
    cards = {"number": "id_type"}
    source = forms.CharField(**SOURCE)


class PhoneForm(forms.Form):
    kind = forms.ChoiceField(label="种类", choices=choices_of(Phone, "kind"))
    number = forms.CharField(**said("号码", max_length=30))
    source = forms.CharField(**SOURCE)


class AddressForm(forms.Form):
    kind = forms.ChoiceField(label="种类", choices=choices_of(Address, "kind"))
    text = forms.CharField(**said("地址", max_length=200))
    postcode = forms.CharField(label="邮编", max_length=6, required=False)
    source = forms.CharField(**SOURCE)


class AccountForm(forms.Form):
    bank = LookupField(kind="bank", **said("开户行", max_length=60))
    number = forms.CharField(**said("账号", max_length=40))
    source = forms.CharField(**SOURCE)


class OccupationForm(forms.Form):
    name = LookupField(kind="occupation", fills={"occupation_class": "occupation_class"}, **said("职业", max_length=120))
    occupation_class = forms.TypedChoiceField(label="职业类别", choices=CLASSES, coerce=int, empty_value=None, required=False, help_text="由职业表带入；表外职业须选择")
    employer = forms.CharField(label="工作单位", max_length=100, required=False)
    source = forms.CharField(**SOURCE)

    def given(self) -> dict[str, Any]:
        """"L013 货车司机" is a code of the list with its name; anything else is free text."""
        data = dict(self.cleaned_data)
        code, _, rest = data["name"].partition(" ")
        listed = rest and code.isalnum() and code.isascii()
        return data | ({"code": code, "name": rest} if listed else {"code": ""})


class RelationForm(forms.Form):
    """The other is named by number, telephone or name, as in the search box."""

    other = forms.CharField(**said("关系人（证件号码、电话或姓名）", max_length=60))
    kind = forms.ChoiceField(label="关系人是本人的", choices=[("", "—"), *RelationKind.choices], error_messages={"required": "请选择关系"})
    proof = forms.ChoiceField(label="核实方式", choices=choices_of(Relationship, "proof"))
    source = forms.CharField(**SOURCE)

    def __init__(self, *args: Any, actor: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_other(self) -> Party:
        found = find_parties(self.cleaned_data["other"], self.actor) if self.actor else []
        if not found:
            raise forms.ValidationError("没有找到这位客户")
        if len(found) > 1:
            raise forms.ValidationError("有多位客户相符，请用证件号码指明")
        return found[0]


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(label="用途", choices=choices_of(Consent, "purpose"))
    version = forms.CharField(**said("告知书版本", max_length=20))
    how = forms.ChoiceField(label="形式", choices=choices_of(Consent, "how"))
    source = forms.CharField(**SOURCE)


class DeathForm(forms.Form):
    died_on = DayField(label="身故日期")
    evidence = forms.ChoiceField(label="依据", choices=[("", "—"), *DeathProof.choices], error_messages={"required": "请选择依据"})
    source = forms.CharField(**SOURCE)


class RevealForm(forms.Form):
    reason = forms.CharField(
        label="查看事由", max_length=LONGEST_REASON, min_length=SHORTEST_REASON,
        help_text="查看人、时间、内容和事由会留下记录",
        error_messages={"required": "请写明查看事由", "min_length": f"请写明查看事由（至少 {SHORTEST_REASON} 个字）", "max_length": f"查看事由不超过 {LONGEST_REASON} 字"},
    )


class MergeForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "请写明理由"})


#: kind → (words, form, service, model of the rows).
KINDS: dict[str, tuple[str, type[forms.Form], Any, type[Particular] | None]] = {
    "document": ("证件", DocumentForm, particulars.add_document, IdentityDocument),
    "phone": ("电话", PhoneForm, particulars.add_phone, Phone),
    "address": ("地址", AddressForm, particulars.add_address, Address),
    "account": ("银行账户", AccountForm, particulars.add_account, BankAccount),
    "occupation": ("职业", OccupationForm, particulars.set_occupation, None),
    "relation": ("关系", RelationForm, particulars.relate, Relationship),
    "consent": ("同意", ConsentForm, particulars.give_consent, Consent),
    "death": ("身故", DeathForm, particulars.record_death, DeathRecord),
}
