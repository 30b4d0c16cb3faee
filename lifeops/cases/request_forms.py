"""Inputs of the steps of a 问题件."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from lifeops.cases.fields import DayField
from lifeops.cases.forms import CaseForm
from lifeops.cases.models import ContactLog
from lifeops.cases.states import RequestKind
from lifeops.org.models import Posting, Role, User


class OfRequest(CaseForm):
    """A form that looks at the request instead of the case."""

    case: Any


class DeliverForm(OfRequest):
    how = forms.ChoiceField(
        label="送达方式", choices=[("面交", "面交"), ("邮寄", "邮寄"), ("代理人转交", "代理人转交"), ("电子", "电子")]
    )
    to = forms.CharField(label="签收人", max_length=60, error_messages={"required": "请填写签收人"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None and self.case.addressee == "customer":
            self.fields["to"].initial = self.case.addressee_name or self.case.case.subject_name


class ContactForm(forms.Form):
    way = forms.ChoiceField(label="方式", choices=ContactLog.Way.choices)
    reached = forms.BooleanField(label="联系上", required=False, initial=True)
    note = forms.CharField(label="内容", max_length=300, error_messages={"required": "请写明联系内容"})


class HandlerForm(OfRequest):
    handler = forms.ModelChoiceField(
        label="办理人",
        queryset=User.objects.none(),
        to_field_name="username",
        error_messages={"required": "请选择办理人", "invalid_choice": "该人员不在办理机构的问题件岗或调查岗"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            roles = (Role.INVESTIGATOR, Role.QUERY)
            self.fields["handler"].queryset = carriers(self.case.branch_path, *roles)  # type: ignore[attr-defined]


def ancestors(path: str) -> list[str]:
    """The path itself and those above it: "86/8611/" → ["86/", "86/8611/"]."""
    parts = path.strip("/").split("/")
    return ["/".join(parts[: i + 1]) + "/" for i in range(len(parts))]


def carriers(path: str, *roles: str) -> QuerySet[User]:
    """People who carry out requests of a unit now: those posted at it or above it."""
    posted = Posting.objects.in_force(timezone.localdate()).filter(
        role__in=roles or (Role.INVESTIGATOR, Role.QUERY, Role.HEAD), branch__path__in=ancestors(path)
    )
    return User.objects.filter(pk__in=posted.values("user"), is_active=True)


#: Of an investigation alone, and of a letter alone.
SIGNED, CLOSES = ("conclusion", "second_signer"), ("closing", "no_papers")


class ReplyForm(OfRequest):
    """登记回复. A letter is closed by it, with its papers; an investigation needs its conclusion and a second investigator's
    signature first (facts 5.3)."""

    reply = forms.CharField(
        label="回复内容", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请填写回复内容"},
    )
    conclusion = forms.ChoiceField(
        label="调查结论",
        required=False,
        choices=[("", "—"), ("属实", "属实"), ("不实", "不实"), ("无法核实", "无法核实")],
    )
    second_signer = forms.CharField(label="第二调查人", max_length=40, required=False, help_text="同事的姓名或工号，须由其本人签署")
    closing = forms.BooleanField(label="回复齐全，随即回销", required=False, initial=True)
    no_papers = forms.CharField(label="没有回复资料的原因", max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is None:
            return
        # a letter is answered in words and papers; only an investigation concludes and is signed by two
        letter = self.case.kind != RequestKind.INVESTIGATION
        self.fields["no_papers"].widget.attrs["data-when"] = "closing:on"
        for name in SIGNED if letter else CLOSES:
            self.fields[name].widget = forms.HiddenInput()
            self.fields[name].initial = None
        if letter and self.has_papers():
            self.fields["no_papers"].widget = forms.HiddenInput()

    def has_papers(self) -> bool:
        """Pages have come in answer to this letter."""
        return self.case is not None and self.case.documents.filter(pages__hidden=False).exists()

    def clean_second_signer(self) -> User | None:
        """A colleague of the unit by name or staff number: a name that nobody has signs nothing."""
        typed: list[str] = self.cleaned_data["second_signer"].split()
        if self.case is None or self.case.kind != RequestKind.INVESTIGATION:
            return None
        if not typed:
            raise forms.ValidationError("调查报告须由两人签署")
        names = {" ".join(typed), "".join(typed)}
        found = list(carriers(self.case.branch_path).filter(Q(staff_no__in=names) | Q(name__in=names))[:2])
        if not found:
            raise forms.ValidationError("办理机构没有这位调查人员，请填写同事的姓名或工号")
        if len(found) > 1:
            raise forms.ValidationError("有同名人员，请填写工号")
        if found[0] == self.actor:
            raise forms.ValidationError("第二调查人不能是您本人")
        return found[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.case is None:
            return data
        if self.case.kind == RequestKind.INVESTIGATION:
            data |= {"closing": False, "no_papers": ""}
            if not data.get("conclusion"):
                self.add_error("conclusion", "调查须给出结论")
        elif data.get("closing") and not data.get("no_papers") and not self.has_papers():
            self.add_error("no_papers", "这件函还没有回复影像：请先上传，或写明没有资料的原因")
        return data


class ExtendForm(OfRequest):
    due_on = DayField(label="延期至", error_messages={"required": "请选择新的期限"})
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "请写明延期理由"})

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if self.case is not None and day <= self.case.due_on:
            raise forms.ValidationError("新的期限须晚于原期限")
        if self.case is not None and self.case.extensions >= 2:
            raise forms.ValidationError("已延期两次，不能再延；请撤销或按现有资料作出结论")
        return day
