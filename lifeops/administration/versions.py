"""版本: rules with a first and a last day. What was in force is not rewritten; a new row takes over from a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.admin import SimpleListFilter
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from lifeops.administration.base import Traced
from lifeops.org.locks import Lock, hold
from lifeops.org.requests import whole_number


class Standing(SimpleListFilter):
    """生效中 is what people look for first."""

    title, parameter_name = "状态", "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "生效中"), ("soon", "待生效"), ("over", "已失效")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return of_age(queryset, self.value() or "")


def of_age(rows: Any, standing: str) -> Any:
    """Rows of one of the three ages; all of them for anything else."""
    today = timezone.localdate()
    if standing == "now":
        return rows.in_force(today)
    if standing == "soon":
        return rows.filter(effective_from__gt=today)
    return rows.filter(effective_to__lt=today) if standing == "over" else rows


class VersionForm(forms.ModelForm):
    """Days that do not overlap those of another row with the same keys; a reason that stays in the history."""

    keys: tuple[str, ...] = ()
    predecessor: Any = None

    change_reason = forms.CharField(
        label="变更事由", max_length=100, widget=UnfoldAdminTextInputWidget(), help_text="记入变更历史",
        error_messages={"required": "请写明变更事由", "max_length": "变更事由最多 100 字"},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = timezone.localdate()
        first, last = data.get("effective_from") or self.instance.effective_from, data.get("effective_to")
        if "effective_from" in self.changed_data and first and first < today:
            self.add_error("effective_from", "生效日不得早于今天，已发生的业务不受新规则影响")
        if "effective_to" in self.changed_data and last and last < today:
            self.add_error("effective_to", "失效日不得早于今天")
        if first and last and last < first:
            self.add_error("effective_to", "失效日不得早于生效日")
        if first and self.predecessor is not None and first <= self.predecessor.effective_from:
            self.add_error("effective_from", f"须晚于被替代版本的生效日 {self.predecessor.effective_from}")
        if first and not self.errors:
            self._refuse_overlap(first, last)
        return data

    def _refuse_overlap(self, first: date, last: date | None) -> None:
        model = self._meta.model
        same = {key: self.cleaned_data.get(key, getattr(self.instance, key, None)) for key in self.keys}
        others = model._default_manager.filter(**same).exclude(pk=self.instance.pk)
        if self.predecessor is not None:
            others = others.exclude(pk=self.predecessor.pk)
        others = others.filter(Q(effective_to__isnull=True) | Q(effective_to__gte=first))
        if last:
            others = others.filter(effective_from__lte=last)
        clash = others.order_by("effective_from").first()
        if clash is not None:
            until = f"至 {clash.effective_to}" if clash.effective_to else "起"
            self.add_error("effective_from", f"与 {clash.effective_from} {until}的版本日期重叠，请从该版本“另立新版本”或改动日期")


class VersionAdmin(Traced):
    """Three ages of a row: to come (editable), in force (may be ended), over (as it was)."""

    keys: tuple[str, ...] = ()
    base_form: type[VersionForm] = VersionForm
    actions_detail = ["supersede"]
    #: Fields that are read in words: name → method.
    shown: dict[str, str] = {}

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [*super().get_list_display(request), "effective_from", "effective_to", "standing"]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), Standing]

    @display(description="状态", label={"生效中": "success", "待生效": "info", "已失效": "default"})
    def standing(self, row: Any) -> str:
        today = timezone.localdate()
        if row.effective_from > today:
            return "待生效"
        return "生效中" if row.effective_to is None or row.effective_to >= today else "已失效"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or self.standing(obj) != "已失效")

    def has_supersede_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not self.writes(request):
            return False
        row = self.model._default_manager.filter(pk=whole_number(str(object_id))).first() if object_id else None
        return row is None or self.standing(row) == "生效中"

    @action(description="另立新版本", icon="library_add", permissions=["supersede"])
    def supersede(self, request: HttpRequest, object_id: str) -> HttpResponse:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_add"
        return redirect(f"{reverse(name)}?of={object_id}")

    def predecessor_of(self, request: HttpRequest, obj: Any) -> Any:
        """The row that a new one takes over from, as the address says; only one in force can be taken over from."""
        wanted = whole_number(request.GET.get("of"))
        if obj is not None or wanted is None:
            return None
        row = self.model._default_manager.filter(pk=wanted).first()
        return row if row is not None and self.standing(row) == "生效中" else None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        if self.standing(obj) == "待生效" and self.has_change_permission(request, obj):
            return list(self.keys)
        return [self.shown.get(f, f) for f in self.named_fields() if f != "effective_to"]

    def named_fields(self) -> list[str]:
        return [f.name for f in self.model._meta.fields if f.editable and not f.primary_key]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        writable = obj is None or self.has_change_permission(request, obj)
        fixed = self.get_readonly_fields(request, obj)
        names = [self.shown[f] if self.shown.get(f) in fixed else f for f in self.named_fields()]
        return [*names, *(["change_reason"] if writable else [])]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        writable = obj is None or self.has_change_permission(request, obj)
        kwargs.setdefault("form", self.base_form if writable else forms.ModelForm)
        form = super().get_form(request, obj, change=change, **kwargs)
        # a form's own fields stay in it whatever is asked for: what is only read here is not asked for
        shown = self.get_fields(request, obj)
        form.base_fields = {name: field for name, field in form.base_fields.items() if name in shown}
        form.keys, form.predecessor = self.keys, self.predecessor_of(request, obj)
        if form.predecessor is not None:
            for key in self.keys:
                # a disabled field takes its first value, whatever is sent
                form.base_fields[key].disabled = True
                form.base_fields[key].initial = self.model._meta.get_field(key).value_from_object(form.predecessor)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        row = self.predecessor_of(request, None)
        tomorrow = timezone.localdate() + timedelta(days=1)
        if row is None:
            return {"effective_from": tomorrow}
        values = {f.name: f.value_from_object(row) for f in self.model._meta.fields if f.editable}
        return values | {"effective_from": tomorrow, "effective_to": None}

    def _changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            hold(Lock.RULES)  # two people at once must not both find the days free
        return super()._changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        reason = form.cleaned_data["change_reason"]
        before = form.initial.get("effective_from") if change and "effective_from" in form.changed_data else None
        obj._change_reason = reason
        super().save_model(request, obj, form, change)
        earlier = form.predecessor
        if before:
            same = {key: getattr(obj, key) for key in self.keys}
            earlier = self.model._default_manager.filter(**same, effective_to=before - timedelta(days=1)).first()
        if earlier is not None:
            earlier.effective_to = obj.effective_from - timedelta(days=1)
            earlier._change_reason = f"由 {obj.effective_from} 起的新版本接替：{reason}"[:100]
            earlier.save(update_fields=["effective_to"])

