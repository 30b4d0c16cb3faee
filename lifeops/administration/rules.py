"""业务规则, 日历 and 险种 on the admin site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from lifeops.administration import product_words
from lifeops.administration.base import RULE_READERS, ReadOnly, ReadOnlyTraced, Traced
from lifeops.administration.occasions import choices, in_words
from lifeops.administration.site import site
from lifeops.administration.versions import VersionAdmin, VersionForm
from lifeops.cases.models import ClockRule, ContentItem, LadderStep, ProcessRule, UrgeStep
from lifeops.cases.registry import lines
from lifeops.cases.states import Holder
from lifeops.documents.models import ChecklistRule, DocType
from lifeops.org.models import Role
from lifeops.policies.models import Product, ProductVersion
from lifeops.workdays.calendar import forget_calendar
from lifeops.workdays.models import CalendarDay


class Ruled(VersionAdmin):
    readers, writers = RULE_READERS, (Role.MANAGER,)


def item_names() -> dict[str, str]:
    """Code → code and name of every 业务项目."""
    return {item.code: f"{item.code} {item.name}" for spec in lines() for item in spec.items}


def doc_names() -> dict[str, str]:
    return dict(DocType.objects.values_list("code", "name"))


class Named:
    """Columns that keep a code are chosen and read by name."""

    #: Field → its codes and names.
    names: dict[str, Callable[[], dict[str, str]]] = {}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name not in self.names:
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        return forms.ChoiceField(
            label=db_field.verbose_name, required=not db_field.blank, help_text=db_field.help_text,
            choices=[("", "—"), *self.names[db_field.name]().items()], widget=UnfoldAdminSelectWidget(),
        )  # fmt: skip

    @admin.display(description="业务项目", ordering="item")
    def item_name(self, row: Any) -> str:
        return item_names().get(row.item, row.item) or "全部"

    @admin.display(description="应回资料")
    def doc_name(self, row: Any) -> str:
        return doc_names().get(row.doc_type, row.doc_type) or "—"


def codes(label: str) -> forms.Field:
    """A list of codes typed with commas; blank is every one."""
    return forms.CharField(
        label=label, required=False, widget=UnfoldAdminTextInputWidget(), help_text="以逗号分隔，空为全部"
    )


def when(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, widget=UnfoldAdminSelect2MultipleWidget(), error_messages={"required": "请至少选择一项"}
    )


OCCASIONS = ("start_on", "stop_on")


class ClockForm(VersionForm):
    items = codes("业务项目")
    start_on = when("起算步骤")
    stop_on = when("停止步骤")
    pause_parties = forms.MultipleChoiceField(
        label="暂停计时的持有方", choices=Holder.choices, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="案件由这些方持有时不计时",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.initial.get("items"), list):
            self.initial["items"] = ",".join(self.initial["items"])
        for name in OCCASIONS:
            if name in self.fields:
                text = self.initial.get(name) or ""
                self.initial[name] = [part.strip() for part in text.split(",") if part.strip()]
                self.fields[name].choices = choices(text)  # type: ignore[attr-defined]

    def clean_start_on(self) -> str:
        return self._joined("start_on")

    def clean_stop_on(self) -> str:
        return self._joined("stop_on")

    def _joined(self, name: str) -> str:
        text = ",".join(self.cleaned_data[name])
        if len(text) > 200:
            raise forms.ValidationError("所选过多，请减少")
        return text

    def clean_items(self) -> list[str]:
        text = self.cleaned_data["items"].replace("，", ",").replace("、", ",")
        found = [part.strip().upper() for part in text.split(",") if part.strip()]
        if any(len(code) > 10 for code in found):
            raise forms.ValidationError("业务项目代码最多 10 个字符")
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if bool(data.get("complex_amount")) != bool(data.get("complex_unit")):
            self.add_error("complex_unit", "复杂案件的期限与单位须同时填写")
        ratio = data.get("warn_ratio")
        if ratio is not None and not 0 < ratio < 1:
            self.add_error("warn_ratio", "预警比例须大于 0 且小于 1")
        if data.get("amount") == 0:
            self.add_error("amount", "期限须大于 0")
        return data


class LadderForm(VersionForm):
    readers = forms.MultipleChoiceField(
        label="通知", choices=LadderStep.Reader.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        error_messages={"required": "请选择通知对象"},
    )  # fmt: skip

    def clean_level(self) -> int:
        level = self.cleaned_data["level"]
        if not 1 <= level <= 9:
            raise forms.ValidationError("级须为 1 至 9")
        return level


@admin.register(ChecklistRule, site=site)
class ChecklistRuleAdmin(Named, Ruled):
    names, shown = {"item": item_names}, {"item": "item_name"}
    keys = ("line", "item", "channel", "applicant_kind", "doc_type")
    list_display = ("doc_type", "line", "item_name", "channel", "applicant_kind", "required", "original_required", "order")
    list_filter = ("line", "channel", "applicant_kind")
    list_select_related = ("doc_type",)
    search_fields = ("item", "doc_type__name", "doc_type__code", "source")
    search_help_text = "业务项目、资料名称或依据"


@admin.register(ContentItem, site=site)
class ContentItemAdmin(Named, Ruled):
    names, shown = {"doc_type": doc_names}, {"doc_type": "doc_name"}
    keys = ("code",)
    list_display = ("code", "title", "line", "kind", "cause", "counts_as_error")
    list_filter = ("line", "kind")
    search_fields = ("code", "title", "cause", "text")
    search_help_text = "代码、标题、事由或内容"


@admin.register(ClockRule, site=site)
class ClockRuleAdmin(Ruled):
    keys = ("code", "line")
    base_form = ClockForm
    list_display = ("name", "code", "kind", "line", "period", "source")
    list_filter = ("line", "kind")
    search_fields = ("code", "name", "source")
    search_help_text = "代码、名称或依据"
    shown = {"start_on": "start_shown", "stop_on": "stop_shown", "items": "items_shown", "pause_parties": "pause_shown"}

    @admin.display(description="起算步骤")
    def start_shown(self, row: ClockRule) -> str:
        return in_words(row.start_on)

    @admin.display(description="停止步骤")
    def stop_shown(self, row: ClockRule) -> str:
        return in_words(row.stop_on)

    @admin.display(description="业务项目")
    def items_shown(self, row: ClockRule) -> str:
        return "、".join(row.items) or "全部"

    @admin.display(description="暂停计时的持有方")
    def pause_shown(self, row: ClockRule) -> str:
        return "、".join(Holder(code).label for code in row.pause_parties) or "不暂停"

    @admin.display(description="期限")
    def period(self, row: ClockRule) -> str:
        more = f"，复杂 {row.complex_amount} {row.get_complex_unit_display()}" if row.complex_amount else ""
        return f"{row.amount} {row.get_unit_display()}{more}"


@admin.register(LadderStep, site=site)
class LadderStepAdmin(Ruled):
    keys = ("kind", "level")
    base_form = LadderForm
    list_display = ("kind", "level", "after_workdays", "told")
    list_filter = ("kind",)
    shown = {"readers": "told"}

    @admin.display(description="通知")
    def told(self, row: LadderStep) -> str:
        return "、".join(LadderStep.Reader(code).label for code in row.readers)


@admin.register(UrgeStep, site=site)
class UrgeStepAdmin(Ruled):
    keys = ("kind", "level")
    list_display = ("kind", "level", "after_workdays", "text", "to_head")
    list_filter = ("kind",)


@admin.register(ProcessRule, site=site)
class ProcessRuleAdmin(Ruled):
    keys = ("line", "channel")
    list_display = ("line", "channel_shown", "order")
    list_filter = ("line",)

    @admin.display(description="渠道")
    def channel_shown(self, row: ProcessRule) -> str:
        return row.get_channel_display() or "全部渠道"


class ReasonForm(forms.ModelForm):
    change_reason = forms.CharField(
        label="变更事由", max_length=100, widget=UnfoldAdminTextInputWidget(), help_text="记入变更历史",
        error_messages={"required": "请写明变更事由", "max_length": "变更事由最多 100 字"},
    )  # fmt: skip


class Reasoned(Traced):
    """Rows without days of their own: edited in place, with a reason in the history."""

    fixed: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = [f.name for f in self.model._meta.fields if f.editable and f.name != "id"]
        writable = self.has_change_permission(request, obj)
        return [*names, *(["change_reason"] if writable else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fixed if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if self.has_change_permission(request, obj):
            kwargs["form"] = ReasonForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data["change_reason"]
        super().save_model(request, obj, form, change)


@admin.register(DocType, site=site)
class DocTypeAdmin(Reasoned):
    readers, writers, fixed = RULE_READERS, (Role.MANAGER,), ("code",)
    list_display = ("name", "code", "order")
    search_fields = ("code", "name")
    search_help_text = "代码或名称"


@admin.register(CalendarDay, site=site)
class CalendarDayAdmin(Reasoned):
    """Days gone by stay: deadlines were reckoned with them."""

    readers, writers, fixed = RULE_READERS, (Role.MANAGER, Role.SYSADMIN), ("day",)
    list_display = ("day", "weekday", "is_workday", "name", "note")
    list_filter = ("is_workday",)
    date_hierarchy = "day"
    search_fields = ("name", "note")
    search_help_text = "名称或备注"

    @admin.display(description="星期")
    def weekday(self, row: CalendarDay) -> str:
        return "周" + "一二三四五六日"[row.day.weekday()]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.day >= timezone.localdate())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_calendar()


#: Terms of a product version in words.
TERMS = {
    "cover_terms": "保险期间", "pay_terms": "交费期间", "pay_modes": "交费方式", "modal_factors": "交费方式系数",
    "risk_weights": "风险保额系数", "annual_deductible": "年免赔额（元）", "ratio_with_ss": "有社保给付比例",
    "ratio_without_ss": "无社保给付比例", "annual_limit": "年度限额（元）", "single": "趸交", "annual": "年交", "semiannual": "半年交",
    "quarterly": "季交", "monthly": "月交", "life": "寿险", "death": "身故", "accident": "意外", "SINGLE": "趸交",
    "WHOLE_LIFE": "终身", "loan_ratio": "保单贷款不超过现金价值的比例", "unit_premium": "保费单位（元）", "dim_values": "可选条件", "annuity_start_age": "领取年龄",
    "plan": "计划", "social_insurance": "社会医疗保险", "purchase": "投保方式", "occupation_class": "职业类别", "FIRST": "首次投保",
    "RENEW_WITHIN_15D": "满期后 15 日内续保", "Y": "有", "N": "无", "survival": "生存金", "TO_ANNUITY_START": "至领取日", "critical": "重疾",
    "maturity": "满期金", "medical": "医疗", "ci": "重疾", "growth_rate": "保额年递增", "combinations": "保险期间与交费期间的组合",
}  # fmt: skip
#: Said by `dim_values`, or by the benefits.
UNSEEN = ("annuity_start_ages", "plans")


def term_text(value: Any) -> str:
    """20Y → 20 年, TO_70 → 至 70 岁; lists and tables of them joined."""
    if isinstance(value, list):
        return "、".join(" / ".join(term_text(part) for part in v) if isinstance(v, list) else term_text(v) for v in value)
    if isinstance(value, dict):
        return "、".join(f"{term_text(k)} {term_text(v)}" for k, v in value.items())
    text = str(value)
    if text in TERMS:
        return TERMS[text]
    if text.endswith("Y") and text[:-1].isdigit():
        return f"{text[:-1]} 年"
    return f"至 {text[3:]} 岁" if text.startswith("TO_") else text


@admin.register(Product, site=site)
class ProductAdmin(ReadOnly):
    readers = RULE_READERS
    list_display = ("code", "name", "kind")
    search_fields = ("code", "name")
    search_help_text = "险种代码或名称"


@admin.register(ProductVersion, site=site)
class ProductVersionAdmin(ReadOnlyTraced):
    readers = RULE_READERS
    list_display = ("product", "version", "filing_number", "sale_from", "sale_to", "ages_shown", "sums_shown", "waiting_days")
    list_select_related = ("product",)
    list_filter = ("product",)
    fields = readonly_fields = (
        "product", "version", "filing_number", "sale_from", "sale_to", "ages_shown", "sums_shown", "max_occupation_class", "waiting_days",
        "cooling_off_days", "grace_days", "suicide_years", "terms_shown", "benefits_shown", "exclusions_shown", "clocks_shown",
        "illnesses_shown", "tables_shown", "clause",
    )  # fmt: skip

    ages_shown = admin.display(description="投保年龄")(lambda self, row: product_words.ages(row))
    sums_shown = admin.display(description="保额")(lambda self, row: product_words.sums(row))
    benefits_shown = admin.display(description="保险责任")(lambda self, row: product_words.benefits(row))
    exclusions_shown = admin.display(description="责任免除")(lambda self, row: product_words.exclusions(row))
    clocks_shown = admin.display(description="理赔时限")(lambda self, row: product_words.clocks(row))
    illnesses_shown = admin.display(description="病种")(lambda self, row: product_words.illnesses(row))
    tables_shown = admin.display(description="费率与现金价值")(lambda self, row: product_words.tables(row))

    @admin.display(description="条款参数")
    def terms_shown(self, row: ProductVersion) -> str:
        shown = [name for name, value in row.terms.items() if value and name not in UNSEEN]
        return product_words.rows(f"{TERMS.get(name, name)}：{term_text(row.terms[name])}" for name in sorted(shown, key=[*TERMS, *shown].index))
