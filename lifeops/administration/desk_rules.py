"""Rules that the desks keep, on the admin site: 预审 of the counter, limits of 核保."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from intake.models import PrecheckRule
from lifeops.administration.rules import Named, Ruled, item_names
from lifeops.administration.site import site
from lifeops.administration.versions import VersionForm
from lifeops.cases.registry import lines
from lifeops.policies.models import PolicyStatus
from underwriting.models import UnderwritingLimit


def statuses(label: str, words: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=PolicyStatus.choices, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget(), help_text=words
    )


def in_words(codes: list[str]) -> str:
    return "、".join(PolicyStatus(code).label for code in codes) or "—"


class PrecheckForm(VersionForm):
    refused = statuses("不可办理的保单状态", "只用于 J03")
    review = statuses("须核对的保单状态", "只用于 J03：提示，写明理由可放行")

    def clean(self) -> dict[str, Any]:
        """What a rule does not look at is not kept with it."""
        data = super().clean()
        code, line = (data.get(name) or getattr(self.instance, name) for name in ("code", "line"))
        if code == PrecheckRule.Code.DELAY and data.get("limit", 0) is None:
            self.add_error("limit", "请填写转交至递交不超过的天数")
        elif code != PrecheckRule.Code.DELAY and data.get("limit") is not None:
            self.add_error("limit", "只有 J08 有限值")
        for name in ("refused", "review"):
            if data.get(name) and code != PrecheckRule.Code.STATUS:
                self.add_error(name, "只有 J03 看保单状态")
        if both := set(data.get("refused") or ()) & set(data.get("review") or ()):
            self.add_error("review", f"“{PolicyStatus(min(both)).label}”已列为不可办理")
        owner = next((spec.code for spec in lines() for item in spec.items if item.code == data.get("item")), line)
        if line and owner != line:
            self.add_error("item", "该条线没有这个业务项目")
        return data


@admin.register(PrecheckRule, site=site)
class PrecheckRuleAdmin(Named, Ruled):
    names, shown = {"item": item_names}, {"item": "item_name", "refused": "refused_shown", "review": "review_shown"}
    keys = ("code", "line", "item")
    base_form = PrecheckForm
    list_display = ("code", "line_shown", "item_name", "level", "limit", "refused_shown", "review_shown")
    list_filter = ("code", "line")

    @admin.display(description="条线", ordering="line")
    def line_shown(self, row: PrecheckRule) -> str:
        return str(row.get_line_display()) or "全部"

    @admin.display(description="不可办理的保单状态")
    def refused_shown(self, row: PrecheckRule) -> str:
        return in_words(row.refused)

    @admin.display(description="须核对的保单状态")
    def review_shown(self, row: PrecheckRule) -> str:
        return in_words(row.review)


class LimitForm(VersionForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (data.get("value") or 0) < 0:
            self.add_error("value", "限值不能小于 0")
        first, last = data.get("age_from"), data.get("age_to")
        if first is not None and last is not None and last < first:
            self.add_error("age_to", "年龄止不能小于年龄起")
        return data


@admin.register(UnderwritingLimit, site=site)
class UnderwritingLimitAdmin(Ruled):
    base_form = LimitForm
    keys = ("code", "age_from")
    list_display = ("code", "age_from", "age_to", "value")
    list_filter = ("code",)
