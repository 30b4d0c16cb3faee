"""试算: the inputs that a product needs for a quote, and nothing else. The page and the interface read through it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from lifeops.cases.fields import DayField, NumberField, WholeField
from lifeops.policies.models import ProductVersion
from lifeops.policies.models.policy import PayMode
from lifeops.policies.rules.dates import age_on, term_label
from lifeops.policies.rules.premium import Loading
from lifeops.policies.rules.tables import FACTOR_NAMES, FactorTable
from lifeops.policies.services.quoting import Ask
from lifeops.policies.services.terms import on_policyholder

PURCHASES = {"FIRST": "首次投保", "RENEW": "续保", "RENEW_WITHIN_15D": "期满后 15 日内续保"}
CHOICE_WORDS = {"Y": "有", "N": "无", "M": "男", "F": "女"} | PURCHASES
#: Choices of a factor table that have fields of their own.
OWN_FIELDS = ("term_days", "social_insurance", "deductible", "payout_ratio", "age", "sex", "occupation_class")


def on_sale(day: date) -> list[ProductVersion]:
    """The version of each product that may be proposed on a day, by code."""
    rows = ProductVersion.objects.filter(sale_from__lte=day).filter(Q(sale_to__isnull=True) | Q(sale_to__gte=day))
    found: dict[str, ProductVersion] = {}
    for version in rows.select_related("product").order_by("product__code", "-sale_from", "-pk"):
        found.setdefault(version.product.code, version)
    return list(found.values())


def _number(label: str, *, required: bool = False, low: str = "0", high: str = "999999999999", places: int = 2, **kwargs: Any) -> NumberField:
    # Django puts values into some of these messages: a percent sign would be read as a place for one
    shown = label.partition("（")[0] if "%" in label else label
    words = {"invalid": f"{shown}应为数字", "required": f"请填写{label}", "max_decimal_places": f"{shown}最多 {places} 位小数",
             "min_value": f"{shown}不能小于 {low}", "max_value": f"{shown}不能大于 {high}", "max_digits": f"{shown}过大",
             "max_whole_digits": f"{shown}过大"}  # fmt: skip
    return NumberField(
        label=label, required=required, min_value=Decimal(low), max_value=Decimal(high), max_digits=14, decimal_places=places,
        error_messages=words, **kwargs,
    )  # fmt: skip


def _whole(label: str, low: int, high: int, *, required: bool = False) -> WholeField:
    words = {"invalid": f"{label}应为整数", "required": f"请填写{label}", "min_value": f"{label}不能小于 {low}", "max_value": f"{label}不能大于 {high}"}
    return WholeField(label=label, required=required, min_value=low, max_value=high, error_messages=words)


def _choice(label: str, options: list[tuple[str, str]], *, required: bool = True) -> forms.ChoiceField:
    shown = options if len(options) == 1 and required else [("", "—"), *options]
    words = {"required": f"请选择{label}", "invalid_choice": f"没有这个{label}"}
    return forms.ChoiceField(label=label, choices=shown, required=required, error_messages=words)


class QuoteForm(forms.Form):
    """Built for one version: terms, plans and amounts are those it has."""

    def __init__(self, *args: Any, version: ProductVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        definition, terms = version.definition, version.terms
        self.dims = definition.get("tables", {}).get("premium", {}).get("dims", [])
        self.benefits = FactorTable(definition.get("factors") or []).benefits()
        # 豁免 is priced by the life of whoever pays
        who = "投保人" if on_policyholder(version) else ""
        fields: dict[str, forms.Field] = {
            "sex": _choice(f"{who}性别", [("M", "男"), ("F", "女")]),
            "birth_date": DayField(label=f"{who}出生日期", required=False),
            "age": _whole("投保年龄", 0, 105),
            "day": DayField(label="投保日", required=False),
        }  # fmt: skip
        if self.benefits:
            fields |= self._factor_fields()
        else:
            fields |= {
                "cover_term": _choice("保险期间", [(t, term_label(t)) for t in terms["cover_terms"]]),
                "pay_term": _choice("交费期间", [(t, term_label(t)) for t in terms["pay_terms"]]),
                "pay_mode": _choice("交费方式", [(m, PayMode(m).label) for m in terms["pay_modes"]]),
                "sum_assured": _number("保险金额（元）"), "premium": _number("每期保费（元）"),
            }  # fmt: skip
        fields |= self._dim_fields()
        fields["occupation_class"] = _whole("职业类别", 1, 6)
        fields["em_percent"] = _number("加费 EM（%）", high="500")
        if not self.benefits:
            # priced by benefit there is no one sum that a flat extra could go by
            fields["per_mille"] = _number("定额加费（‰）", high="1000", places=4)
        self.fields = fields

    def _dim_fields(self) -> dict[str, forms.Field]:
        terms = self.version.terms
        found: dict[str, forms.Field] = {}
        if "plan" in self.dims:
            plans = terms.get("plans") or {}
            found["plan"] = _choice("计划", [(p, f"计划 {p}" if p.isascii() else p) for p in plans])
        if "social_insurance" in self.dims:
            found["social_insurance"] = _choice("社会医疗保险", [("Y", "有"), ("N", "无")])
        if "purchase" in self.dims:
            offered = (terms.get("dim_values") or {}).get("purchase") or ["FIRST", "RENEW_WITHIN_15D"]
            found["purchase"] = _choice("投保方式", [(p, PURCHASES.get(p, p)) for p in offered])
        if "annuity_start_age" in self.dims:
            found["annuity_start_age"] = _choice("领取年龄", [(str(a), f"{a} 岁") for a in terms.get("annuity_start_ages", [])])
        return found

    def _factor_fields(self) -> dict[str, forms.Field]:
        table = FactorTable(self.version.definition["factors"])
        names = {b["code"]: b["name"] for b in self.version.definition["benefits"]}
        found: dict[str, forms.Field] = {f"item_{code}": _number(f"{names[code]}（元）") for code in self.benefits}
        keys = {key for code in self.benefits for key in table.keys(code)}
        if "term_days" in keys:
            found["days"] = _whole("保险期间天数", 1, 366)
        if "social_insurance" in keys:
            found["social_insurance"] = _choice("社会医疗保险", [("Y", "有"), ("N", "无")], required=False)
        if "deductible" in keys:
            found["deductible"] = _number("免赔额（元）")
        if "payout_ratio" in keys:
            found["payout_ratio"] = _number("给付比例", high="1", places=4)
        for key in sorted(keys - set(OWN_FIELDS)):
            found[f"by_{key}"] = self._by(table, key)
        return found

    def _by(self, table: FactorTable, key: str) -> forms.Field:
        """A choice that only this product's table has: a number within its bands, or one of its values."""
        rows = table.rows_of("", key)
        label = str((self.version.definition.get("factor_names") or {}).get(key) or FACTOR_NAMES.get(key, key))
        if any(r["to"] for r in rows):
            return _number(label, places=4)
        return _choice(label, [(v, CHOICE_WORDS.get(v, v)) for v in dict.fromkeys(r["from"] for r in rows)], required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get("day") or timezone.localdate()
        if data.get("birth_date"):
            data["age"] = age_on(data["birth_date"], day)
            low = self.version.min_age_days
            if data["age"] < 0 or (low < 365 and (day - data["birth_date"]).days < low):
                self.add_error("birth_date", f"投保时须出生满 {low} 天")
        elif data.get("age") is None and "age" not in self.errors and "birth_date" not in self.errors:
            self.add_error("birth_date", "请填写出生日期或投保年龄")
        data["day"] = day
        return data

    def ask(self) -> Ask:
        """The question, once the form is valid."""
        data = self.cleaned_data
        ratio, per_mille = data.get("em_percent") or Decimal(0), data.get("per_mille") or Decimal(0)
        start = data.get("annuity_start_age")
        common: dict[str, Any] = {
            "loading": Loading(ratio=ratio / 100, per_mille=per_mille) if ratio or per_mille else None,
            "version": self.version, "sex": data["sex"], "age": data["age"], "day": data["day"],
            "occupation_class": data.get("occupation_class") or 1, "social_insurance": data.get("social_insurance") or "",
        }  # fmt: skip
        if self.benefits:
            items = {code: data[f"item_{code}"] for code in self.benefits if data.get(f"item_{code}")}
            others = {name[3:]: value for name, value in data.items() if name.startswith("by_") and value not in (None, "")}
            return Ask(
                **common, items=items, days=data.get("days"), deductible=data.get("deductible"), payout_ratio=data.get("payout_ratio"),
                others=others,
            )
        return Ask(
            **common, cover_term=data["cover_term"], pay_term=data["pay_term"], pay_mode=data["pay_mode"],
            sum_assured=data.get("sum_assured"), premium=data.get("premium"), plan=data.get("plan") or "",
            purchase=data.get("purchase") or "", annuity_start_age=int(start) if start else None,
        )  # fmt: skip
