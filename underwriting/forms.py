"""录入 of a proposal, in the order of the paper."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.access import reads_in_full
from lifeops.cases.fields import AccountField, BankField, DayField, NumberField, YuanField
from lifeops.cases.forms import CaseForm
from lifeops.cases.health import VERSION, HealthField
from lifeops.cases.lookups import LookupField, listed_occupation
from lifeops.cases.models import Case
from lifeops.cases.rows import RowsField
from lifeops.org.models import User
from lifeops.policies.identity import (
    check_identity,
    is_mobile,
    masked,
    normalise_id,
    phone_error,
)
from lifeops.policies.models import DividendOption, IdType, ProductVersion, Sex
from lifeops.policies.models.policy import PayMode, Relation
from lifeops.policies.rules.benefits import shares_error
from lifeops.policies.rules.dates import term_label
from lifeops.policies.services.parties import check_party_fields
from lifeops.policies.services.terms import options_for
from underwriting.desk import KINDS
from underwriting.models import OCCUPATION_CLASSES, PARTICULARS, Proposal

COVER_TERMS = ("10Y", "20Y", "30Y", "TO_70", "WHOLE_LIFE")
PAY_TERMS = ("SINGLE", "10Y", "20Y")
BLANK: list[tuple[Any, str]] = [("", "—")]
#: What an organisation does not have, and what is kept instead.
NOT_OF_ORGANISATIONS: dict[str, Any] = {"sex": "", "birth_date": None, "occupation": "", "occupation_class": 1, "income": Decimal("0.00")}
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("投保人", tuple(f"holder_{name}" for name in PARTICULARS)),
    ("被保险人（与投保人为同一人时免填）", ("relation", *(f"insured_{name}" for name in PARTICULARS), "consented", "parents_consented")),
    ("身故受益人（不填为法定）", ("beneficiaries",)),
    ("投保事项", ("product", "sum_assured", "cover_term", "pay_term", "pay_mode", "premium_stated", "dividend_option", "account_bank", "account_number")),
    ("健康告知", ("height_cm", "weight_kg", "health")),
    ("其他", ("other_death_cover", "agent_code", "applied_on")),
)


def _persons() -> dict[str, forms.Field]:
    """Fields of 投保人 and 被保险人; those of the insured are asked for only where he is another person."""
    found: dict[str, forms.Field] = {}
    for prefix, who in (("holder", "投保人"), ("insured", "被保险人")):
        must = prefix == "holder"
        if not must:
            found["relation"] = forms.ChoiceField(
                label="被保险人是投保人的", choices=BLANK + Relation.choices, error_messages={"required": "请选择关系"}
            )
        found |= {
            f"{prefix}_name": forms.CharField(
                label="姓名或单位名称" if must else "姓名", max_length=60, required=must, error_messages={"required": f"请填写{who}姓名"}
            ),
            f"{prefix}_sex": forms.ChoiceField(
                label="性别", choices=BLANK + Sex.choices, required=must, error_messages={"required": f"请选择{who}性别"}
            ),
            f"{prefix}_birth_date": DayField(label="出生日期", required=must, error_messages={"required": f"请填写{who}出生日期"}),
            f"{prefix}_id_type": forms.ChoiceField(label="证件类型", choices=IdType.choices, initial=IdType.RESIDENT, required=must),
            f"{prefix}_id_number": forms.CharField(
                label="证件号码", max_length=30, required=must, error_messages={"required": f"请填写{who}证件号码"}
            ),
            f"{prefix}_id_valid_to": DayField(label="证件有效期至", required=False, help_text="长期有效不填"),
            f"{prefix}_phone": forms.CharField(
                label="手机", max_length=20, required=must, help_text="单位可填固定电话" if must else "", error_messages={"required": f"请填写{who}手机"}
            ),
            f"{prefix}_address": forms.CharField(
                label="联系地址", max_length=200, required=must, error_messages={"required": f"请填写{who}联系地址"}
            ),
            f"{prefix}_occupation": LookupField(
                kind="occupation", fills={"occupation_class": f"{prefix}_occupation_class"}, label="职业", max_length=120, required=False,
                help_text="可按代码、文字或拼音首字母查职业表",
            ),
            f"{prefix}_occupation_class": forms.TypedChoiceField(
                label="职业类别", choices=BLANK + OCCUPATION_CLASSES, coerce=int, empty_value=None, required=must,
                error_messages={"required": f"请选择{who}职业类别"},
            ),
            f"{prefix}_income": YuanField(label="年收入（元）", required=must, error_messages={"required": f"请填写{who}年收入，没有填 0"}),
        }
    return found


Persons: Any = type("Persons", (CaseForm,), {"__module__": __name__, **_persons()})


class ProposalForm(Persons):
    """NB01, NB02. What is against the product's terms or the law is a finding, not an entry error: the paper is keyed
    as it stands."""

    consented = forms.BooleanField(label="被保险人书面同意并认可保险金额", required=False)
    parents_consented = forms.BooleanField(label="父母书面同意（其他监护人为未成年人投保）", required=False)
    beneficiaries = RowsField(
        label="身故受益人", columns={"name": "姓名", "relation": "是被保险人的", "order": "顺序", "share_pct": "份额（%）", "id_number": "证件号码"},
        widths={"name": 20, "relation": 20, "order": 10, "share_pct": 14, "id_number": 36}, need=("name", "relation"),
        asks={"relation": "请填写与被保险人的关系"},
    )
    product = forms.ChoiceField(label="险种", error_messages={"required": "请选择险种", "invalid_choice": "该险种不属于本业务项目"})
    sum_assured = YuanField(label="基本保险金额（元）", least="0.01")
    cover_term = forms.ChoiceField(
        label="保险期间", choices=[(t, term_label(t)) for t in COVER_TERMS],
        error_messages={"required": "请选择保险期间", "invalid_choice": "险种没有此保险期间"},
    )
    pay_term = forms.ChoiceField(
        label="交费期间", choices=[(t, term_label(t)) for t in PAY_TERMS],
        error_messages={"required": "请选择交费期间", "invalid_choice": "险种没有此交费期间"},
    )
    pay_mode = forms.ChoiceField(label="交费方式", choices=BLANK + PayMode.choices, error_messages={"required": "请选择交费方式"})
    premium_stated = YuanField(label="每期保险费（元）", least="0.01", error_messages={"required": "请填写投保单所列每期保险费"})
    dividend_option = forms.ChoiceField(
        label="红利领取方式", choices=BLANK + DividendOption.choices, required=False, help_text="分红险种按投保单所选填写",
        error_messages={"invalid_choice": "没有这种红利领取方式"},
    )
    account_bank = BankField(label="交费开户行")
    account_number = AccountField(label="交费账号")
    height_cm = NumberField(
        label="身高（厘米）", min_value=30, max_value=250, max_digits=4, decimal_places=1,
        error_messages={"required": "请填写身高", "min_value": "身高应在 30 至 250 厘米之间", "max_value": "身高应在 30 至 250 厘米之间",
                        "invalid": "身高应为数字", "max_decimal_places": "身高最多一位小数", "max_digits": "身高最多一位小数"},
    )
    weight_kg = NumberField(
        label="体重（公斤）", min_value=1, max_value=400, max_digits=4, decimal_places=1,
        error_messages={"required": "请填写体重", "min_value": "体重应在 1 至 400 公斤之间", "max_value": "体重应在 1 至 400 公斤之间",
                        "invalid": "体重应为数字", "max_decimal_places": "体重最多一位小数", "max_digits": "体重最多一位小数"},
    )
    health = HealthField(label="询问事项")
    other_death_cover = YuanField(label="其他公司有效身故保额（元）", error_messages={"required": "请填写其他公司身故保额，没有填 0"})
    agent_code = forms.CharField(label="代理人工号", max_length=20, required=False)
    applied_on = DayField(label="投保单签署日期")

    cards = {"holder_id_number": "holder_id_type", "insured_id_number": "insured_id_type", "beneficiaries": "id_type"}
    initial: dict[str, Any]
    field_order = [name for _, names in SECTIONS for name in names]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is None:
            return
        self.versions = list(
            ProductVersion.objects.filter(product__kind=KINDS[self.case.item]).select_related("product").order_by("product__code", "-sale_from")
        )
        codes = {v.product.code: v.product.name for v in self.versions}
        self.fields["product"].choices = [(code, f"{code} {name}") for code, name in codes.items()]
        for name, key in (("cover_term", "cover_terms"), ("pay_term", "pay_terms")):
            offered = list(dict.fromkeys(t for v in self.versions for t in v.terms[key]))
            # one offer is the answer; of several none is chosen for the clerk
            self.fields[name].choices = (BLANK if len(offered) > 1 else []) + [(t, term_label(t)) for t in offered]
        sharing = [v.product.code for v in self.versions if options_for(v)]
        offered = list(dict.fromkeys(option for v in self.versions for option in options_for(v)))
        self.fields["dividend_option"].choices = BLANK + [(code, DividendOption(code).label) for code in offered]
        self.fields["dividend_option"].widget.attrs["data-when"] = f"product:{','.join(dict.fromkeys(sharing)) or '-'}"
        # on the own life the insured is not asked for again: a page leaves his fields out
        others = ",".join(["", *(value for value in Relation.values if value != Relation.SELF)])
        for name in (*(f"insured_{name}" for name in PARTICULARS), "consented", "parents_consented"):
            self.fields[name].widget.attrs["data-when"] = f"relation:{others}"
        people = ",".join(value for value in IdType.values if value != IdType.USCC)
        for name in NOT_OF_ORGANISATIONS:
            self.fields[f"holder_{name}"].widget.attrs["data-when"] = f"holder_id_type:{people}"
            if self.is_bound and self.data.get("holder_id_type") == IdType.USCC:
                self.fields[f"holder_{name}"].required = False
        if not self.is_bound:
            initial: dict[str, Any] = dict(self.initial or self.initial_for(self.case))
            self.initial = initial if self.actor is not None and reads_in_full(self.case, self.actor) else masked(initial)

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under the headings of the paper."""
        return [(title, [self[name] for name in names]) for title, names in SECTIONS]

    def clean_beneficiaries(self) -> list[dict[str, Any]]:
        rows, wrong = self.cleaned_data["beneficiaries"], []
        day = self.case.submitted_on if self.case is not None else timezone.localdate()
        shares: list[tuple[int, Decimal | None]] = []
        for number, row in enumerate(rows, start=1):
            row["order"] = row["order"] or "1"
            if not re.fullmatch(r"[1-9]", row["order"]):
                wrong.append(f"第 {number} 行：顺序应为 1 至 9")
            if row["share_pct"] and not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", row["share_pct"]):
                wrong.append(f"第 {number} 行：份额应为数字，最多两位小数")
            elif row["share_pct"] and not 0 < Decimal(row["share_pct"]) <= 100:
                wrong.append(f"第 {number} 行：份额应大于 0 且不超过 100")
            if row["relation"] in ("本人", "被保险人"):
                wrong.append(f"第 {number} 行：身故受益人不能是被保险人本人")
            row["id_number"] = normalise_id(row["id_number"])
            if len(row["id_number"]) == 18:
                wrong += [
                    f"第 {number} 行：{m}" for m in check_identity(id_type="resident", number=row["id_number"], on=day).errors.values()
                ]
        if not wrong:
            shares = [(int(r["order"]), Decimal(r["share_pct"]) if r["share_pct"] else None) for r in rows]
            wrong = [error] if (error := shares_error(shares)) else []
        if wrong:
            raise forms.ValidationError(wrong)
        return rows

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is None:
            return data
        signed, submitted = data.get("applied_on"), self.case.submitted_on
        if signed and signed > submitted:
            self.add_error("applied_on", f"签署日期不能晚于递交日 {submitted}")
        elif signed and (submitted - signed).days > 60:
            self.add_error("applied_on", "投保单签署超过 60 天，请重新填写投保单")
        if data.get("holder_id_type") == IdType.USCC:
            self._organisation(data)
        self._check_person("holder", data, signed or submitted)
        if data.get("relation") == Relation.SELF:
            self._same_person(data)
        elif data.get("relation"):
            self._other_person(data)
            self._check_person("insured", data, signed or submitted)
        if data.get("product"):
            data["version"] = self._version(data["product"], signed or submitted)
            self._dividend(data)
        return data

    def _dividend(self, data: dict[str, Any]) -> None:
        """红利领取方式: one of those the version offers; nothing to choose where its terms share nothing in cash."""
        if "dividend_option" in self.errors:
            return
        version, chosen, offered = data["version"], data.get("dividend_option") or "", options_for(data["version"])
        if chosen and not offered:
            self.add_error("dividend_option", f"{version.product.name}没有现金红利，不填红利领取方式")
        elif offered and not chosen:
            self.add_error("dividend_option", "分红险种请选择红利领取方式")
        elif chosen and chosen not in offered:
            names = "、".join(str(DividendOption(code).label) for code in offered)
            self.add_error("dividend_option", f"{version.product.name}的条款没有这种红利领取方式，可选：{names}")

    def _check_person(self, prefix: str, data: dict[str, Any], day: Any) -> None:
        if not data.get(f"{prefix}_id_number"):
            return
        errors = check_party_fields(
            id_type=data.get(f"{prefix}_id_type") or IdType.RESIDENT, id_number=data[f"{prefix}_id_number"], on=day,
            birth_date=data.get(f"{prefix}_birth_date"), sex=data.get(f"{prefix}_sex") or "",
            id_valid_to=data.get(f"{prefix}_id_valid_to"),
        )
        for name, message in errors.items():
            if f"{prefix}_{name}" not in self.errors:
                self.add_error(f"{prefix}_{name}", message)
        stated, listed = data.get(f"{prefix}_occupation_class"), listed_occupation(data.get(f"{prefix}_occupation") or "")
        if listed is not None and stated is not None and stated != listed.accident_class:
            self.add_error(f"{prefix}_occupation_class", f"职业表中“{listed.name}”为 {listed.class_label}")
        phone = data.get(f"{prefix}_phone")
        if prefix == "holder" and data.get("holder_id_type") == IdType.USCC:
            if phone and phone_error(phone):
                self.add_error("holder_phone", phone_error(phone))
        elif phone and not is_mobile(phone):
            self.add_error(f"{prefix}_phone", "手机应为 11 位手机号码")

    def _organisation(self, data: dict[str, Any]) -> None:
        """单位 as policyholder: it insures its people, or others with their consent (保险法 31)."""
        for name, value in NOT_OF_ORGANISATIONS.items():
            data[f"holder_{name}"] = value
            self.errors.pop(f"holder_{name}", None)
        if data.get("relation") and data["relation"] not in (Relation.EMPLOYEE, Relation.OTHER):
            self.add_error("relation", "投保人为单位，被保险人应为其劳动者或其他")
            data["relation"] = ""
        if data.get("insured_id_type") == IdType.USCC:
            self.add_error("insured_id_type", "被保险人是个人，请用个人证件")

    def _same_person(self, data: dict[str, Any]) -> None:
        """本人: the insured is the policyholder; anything else keyed for him contradicts the relation."""
        for name in PARTICULARS:
            held, given = data.get(f"holder_{name}"), data.get(f"insured_{name}")
            if name in ("name", "id_number") and given and held and normalise_id(str(given)) != normalise_id(str(held)):
                self.add_error(f"insured_{name}", "关系为本人，被保险人应与投保人一致或不填")
            data[f"insured_{name}"] = held

    def _other_person(self, data: dict[str, Any]) -> None:
        for name, words in (
            ("name", "请填写被保险人姓名"), ("sex", "请选择被保险人性别"), ("birth_date", "请填写被保险人出生日期"),
            ("id_number", "请填写被保险人证件号码"), ("occupation_class", "请选择被保险人职业类别"),
        ):
            if data.get(f"insured_{name}") in (None, "") and f"insured_{name}" not in self.errors:
                self.add_error(f"insured_{name}", words)
        data["insured_id_type"] = data.get("insured_id_type") or IdType.RESIDENT
        data["insured_income"] = data.get("insured_income") or Decimal("0.00")
        held, given = data.get("holder_id_number"), data.get("insured_id_number")
        if held and given and normalise_id(held) == normalise_id(given):
            self.add_error("relation", "投保人与被保险人证件相同，关系应为本人")

    def _version(self, code: str, day: Any) -> ProductVersion:
        """The version on sale on the day of signing; the latest where none is (a finding blocks it then)."""
        mine = [v for v in self.versions if v.product.code == code]
        return next((v for v in mine if v.on_sale(day)), mine[0])

    def save(self, case: Case, actor: User, now: datetime) -> Proposal:
        given = self.cleaned_data
        names = [n for n in self.field_order if n != "product"]
        values = {name: given[name] for name in names} | {"version": given["version"], "questionnaire": VERSION}
        record, _ = Proposal.objects.update_or_create(case_id=case.pk, defaults=values)
        return record

    @classmethod
    def initial_for(cls, case: Case) -> dict[str, Any]:
        """The proposal as saved; before the first save what the counter knows: the applicant, the agent."""
        record = Proposal.objects.filter(case_id=case.pk).select_related("version__product").first()
        if record is not None:
            found = {name: getattr(record, name) for name in cls.field_order if name != "product"}
            found["product"] = record.version.product.code
            if record.relation == Relation.SELF:
                found |= {f"insured_{name}": None for name in PARTICULARS}
            return found
        found = {"agent_code": case.agent_code, "holder_id_type": IdType.RESIDENT, "insured_id_type": IdType.RESIDENT}
        party, prefix = case.applicant, "insured" if case.applicant_kind == "insured" else "holder"
        if party is not None:
            known = {name: getattr(party, name) for name in PARTICULARS if name not in ("income", "occupation", "occupation_class")}
            found |= {f"{prefix}_{name}": value for name, value in known.items() if value}
            if party.is_organisation:
                found["relation"] = Relation.EMPLOYEE
        return found
