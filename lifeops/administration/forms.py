"""What is asked for in a change order, and in an absence. People and units are named by number, as on paper."""

from __future__ import annotations

import re
from abc import abstractmethod
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases import registry
from lifeops.cases.fields import DATE_ATTRS, DayField, WholeField, YuanField, day_text
from lifeops.cases.states import LineCode
from lifeops.org.models import Branch, Posting, Role, User, amount_text
from lifeops.org.text import half_width

REASON = {"required": "请写明事由", "max_length": "事由最多 200 字"}


class OrderForm(forms.Form):
    """`payload()` is what is kept, `summary()` what people read."""

    reason = forms.CharField(label="事由", max_length=200, error_messages=REASON)

    def __init__(self, *args: Any, person: User | None = None, posting: Posting | None = None, **kwargs: Any) -> None:
        self.person, self.posting = person, posting
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def payload(self) -> dict[str, Any]:
        return {"user": self.person.pk} if self.person else {}

    @abstractmethod
    def summary(self) -> str:
        """The order in one sentence, for the person who decides it."""

    def given(self) -> dict[str, Any]:
        """What `propose` takes."""
        return {"payload": self.payload(), "summary": self.summary(), "reason": self.cleaned_data["reason"]}


def find_branch(code: str) -> Branch:
    found = Branch.objects.filter(code=code.strip(), active=True).first()
    if found is None:
        raise forms.ValidationError("没有这个机构代码，或机构已停业")
    return found


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


class GrantForm(OrderForm):
    role = forms.ChoiceField(label="岗位", choices=[("", "请选择"), *Role.choices], error_messages={"required": "请选择岗位"})
    branch = forms.CharField(label="机构代码", max_length=12, error_messages={"required": "请填写机构代码"})
    grade = WholeField(
        label="级别", min_value=1, max_value=5, initial=1, help_text="1 至 5，数字大者权限高",
        error_messages={"required": "请填写级别", "min_value": "级别为 1 至 5", "max_value": "级别为 1 至 5"},
    )  # fmt: skip
    starts_on = DayField(label="任岗日", error_messages={"required": "请选择任岗日"})
    ends_on = DayField(label="离岗日", required=False, help_text="空为长期")

    def clean_branch(self) -> Branch:
        return find_branch(self.cleaned_data["branch"])

    def payload(self) -> dict[str, Any]:
        d = self.cleaned_data
        return super().payload() | {
            "role": d["role"], "branch": d["branch"].pk, "grade": d["grade"], "starts_on": iso(d["starts_on"]),
            "ends_on": iso(d["ends_on"]),
        }  # fmt: skip

    def summary(self) -> str:
        d = self.cleaned_data
        until = f"至 {d['ends_on']}" if d["ends_on"] else "起"
        return f"{self.person} 任 {d['branch']} {Role(d['role']).label} {d['grade']} 级，{d['starts_on']} {until}"


class EndForm(OrderForm):
    ends_on = DayField(label="离岗日", error_messages={"required": "请选择离岗日"})

    def payload(self) -> dict[str, Any]:
        return super().payload() | {"posting": self.posting.pk, "ends_on": iso(self.cleaned_data["ends_on"])}  # type: ignore[union-attr]

    def summary(self) -> str:
        return f"{self.person} 于 {self.cleaned_data['ends_on']} 离任 {self.posting}"


class LimitForm(OrderForm):
    role = forms.ChoiceField(label="岗位", error_messages={"required": "请选择岗位"})
    grade = WholeField(
        label="级别", min_value=1, max_value=5,
        error_messages={"required": "请填写级别", "min_value": "级别为 1 至 5", "max_value": "级别为 1 至 5"},
    )  # fmt: skip
    line = forms.ChoiceField(label="业务条线", choices=[("", "请选择"), *LineCode.choices], error_messages={"required": "请选择条线"})
    item = forms.CharField(label="业务项目", max_length=10, required=False, help_text="项目代码，空为全部")
    outcome = forms.CharField(label="结论", max_length=20, required=False, help_text="结论代码，空为全部")
    max_amount = YuanField(label="金额上限（元）", max_digits=14)
    effective_from = DayField(label="生效日", error_messages={"required": "请选择生效日"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signers = (Role.UNDERWRITER, Role.PS_REVIEWER, Role.CL_REVIEWER, Role.APPROVER)
        self.fields["role"].choices = [("", "请选择"), *((r.value, r.label) for r in signers)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        spec = next((s for s in registry.lines() if s.code == data.get("line")), None)
        item = data.get("item", "").strip().upper()
        data["item"] = item
        known = {i.code: i for i in spec.items} if spec else {}
        if item and spec and item not in known:
            self.add_error("item", "该条线没有这个业务项目")
        outcomes = {o.code for i in known.values() for o in i.outcomes if not item or i.code == item}
        if data.get("outcome") and spec and data["outcome"] not in outcomes:
            self.add_error("outcome", "没有这个结论代码")
        return data

    def payload(self) -> dict[str, Any]:
        d = self.cleaned_data
        return {k: d[k] for k in ("role", "grade", "line", "item", "outcome")} | {
            "max_amount": str(d["max_amount"]),
            "effective_from": iso(d["effective_from"]),
        }

    def summary(self) -> str:
        d = self.cleaned_data
        scope = " ".join(part for part in (LineCode(d["line"]).label, d["item"], d["outcome"]) if part)
        return f"{Role(d['role']).label} {d['grade']} 级 {scope} ≤ {amount_text(d['max_amount'])}，{d['effective_from']} 起"


class OpenForm(OrderForm):
    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": "请填写姓名"})
    staff_no = forms.CharField(label="工号", max_length=20, error_messages={"required": "请填写工号"})
    username = forms.RegexField(
        r"^[a-z][a-z0-9._-]{2,29}$", label="账号", help_text="小写字母开头，3 至 30 位字母、数字、点、横线",
        error_messages={"required": "请填写账号", "invalid": "账号须以小写字母开头，3 至 30 位字母、数字、点、横线"},
    )  # fmt: skip
    branch = forms.CharField(label="机构代码", max_length=12, error_messages={"required": "请填写机构代码"})
    email = forms.EmailField(label="邮箱", required=False, error_messages={"invalid": "邮箱格式不正确"})

    def clean_branch(self) -> Branch:
        return find_branch(self.cleaned_data["branch"])

    def payload(self) -> dict[str, Any]:
        d = self.cleaned_data
        return {k: d[k] for k in ("name", "staff_no", "username", "email")} | {"branch": d["branch"].pk}

    def summary(self) -> str:
        d = self.cleaned_data
        return f"为{d['name']}（工号 {d['staff_no']}，{d['branch']}）开立账号 {d['username']}"


class CloseForm(OrderForm):
    def summary(self) -> str:
        return f"停用 {self.person} 的账号"


class ReopenForm(OrderForm):
    def summary(self) -> str:
        return f"启用 {self.person} 的账号"


class ResetForm(OrderForm):
    def summary(self) -> str:
        return f"重置 {self.person} 的密码"


FORMS: dict[str, type[OrderForm]] = {
    "grant": GrantForm, "end": EndForm, "limit": LimitForm, "open": OpenForm, "close": CloseForm, "reopen": ReopenForm,
    "reset": ResetForm,
}  # fmt: skip


class MomentInput(forms.DateTimeInput):
    input_type = "text"

    def __init__(self, **kwargs: Any) -> None:
        attrs = DATE_ATTRS | {"data-date": "time", "maxlength": "16", "placeholder": "年-月-日 时:分"}
        super().__init__(format="%Y-%m-%d %H:%M", attrs=attrs, **kwargs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        if not isinstance(value, str):
            return value
        day, between, clock = re.split(r"(日\s*|\s+|T|$)", half_width(value).strip(), maxsplit=1)
        return f"{day_text(day)}{between if between in ('', 'T') else ' '}{clock}"


def find_person(number: str) -> User:
    found = User.objects.select_related("branch").filter(staff_no=number.strip(), is_active=True).first()
    if found is None:
        raise forms.ValidationError("没有这个工号，或账号已停用")
    return found


MOMENT_WORDS = "时间格式为 年-月-日 时:分，如 2026-11-25 09:00"
#: How long ago an absence may have begun, and how far ahead it may end: a year typed wrongly is no absence.
LATE, LONGEST = timedelta(days=366), timedelta(days=5 * 366)


class AbsenceForm(forms.Form):
    """`mine` leaves out whose absence it is: a person registers the own; heads and managers also those of their people."""

    user = forms.CharField(label="请假人工号", max_length=20, error_messages={"required": "请填写请假人工号"})
    starts_at = forms.DateTimeField(label="开始", widget=MomentInput(), error_messages={"required": "请选择开始时间", "invalid": MOMENT_WORDS})
    ends_at = forms.DateTimeField(label="结束", widget=MomentInput(), error_messages={"required": "请选择结束时间", "invalid": MOMENT_WORDS})
    substitute = forms.CharField(label="代理人工号", max_length=20, required=False, help_text="空为无代理：回件进入公共池")
    reason = forms.CharField(label="事由", max_length=100, required=False)

    def __init__(self, *args: Any, actor: User, manages: bool, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)
        self.fields["substitute"].widget.attrs["list"] = "colleagues"
        if manages:
            self.fields["user"].initial = actor.staff_no
            self.fields["user"].widget.attrs["list"] = "colleagues"
        else:
            del self.fields["user"]

    def clean_user(self) -> User:
        return find_person(self.cleaned_data["user"])

    def clean_substitute(self) -> User | None:
        number = self.cleaned_data["substitute"]
        return find_person(number) if number.strip() else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data.setdefault("user", self.actor)
        first, last, now = data.get("starts_at"), data.get("ends_at"), timezone.now()
        if first and first < now - LATE:
            self.add_error("starts_at", "开始不能早于一年前，请核对年份")
        if last and last - now > LONGEST:
            self.add_error("ends_at", "结束不能晚于五年以后，请核对年份")
        elif first and last and last <= first:
            self.add_error("ends_at", "结束须晚于开始")
        elif last and last <= now:
            self.add_error("ends_at", "结束须晚于现在")
        return data
