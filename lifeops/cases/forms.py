"""Inputs of the steps that all lines share. A step's form is also its description in the API."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.fields import DayField, WholeField, YuanField
from lifeops.cases.models import Case
from lifeops.cases.states import RequestKind
from lifeops.org.models import Posting, Role, User, covered


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明理由"},
    )


class CaseForm(forms.Form):
    """A step form that looks at the case it is for."""

    knows_case = True

    def __init__(self, *args: Any, case: Case | None = None, actor: User | None = None, **kwargs: Any) -> None:
        self.case, self.actor = case, actor
        super().__init__(*args, **kwargs)

    @property
    def its_case(self) -> Case:
        """The case, in what runs only where there is one; a form that describes itself to the API has none."""
        if self.case is None:
            raise ValueError("form without a case")
        return self.case


def served_reason_field() -> forms.CharField:
    """Why a 政治公众人物 is served."""
    return forms.CharField(
        label="办理理由", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="当事人为政治公众人物时填写；只有总公司看得到，不进轨迹和文书",
    )  # fmt: skip


def ask_for_served_reason(form: CaseForm) -> None:
    """A page asks only where there is somebody of whom it is to be said."""
    from lifeops.cases.screened import needs_senior

    if form.case is not None and not needs_senior(form.case):
        form.fields["served_reason"].widget = forms.HiddenInput()


class OpinionForm(CaseForm):
    opinion = forms.CharField(label="批准意见", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    served_reason = served_reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_served_reason(self)


class SuspendForm(forms.Form):
    until = DayField(label="挂起至", error_messages={"required": "请选择恢复办理的日期"})
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "请写明挂起理由"})

    def clean_until(self) -> datetime:
        day: date = self.cleaned_data["until"]
        if day <= timezone.localdate():
            raise forms.ValidationError("挂起日期须晚于今天")
        if (day - timezone.localdate()).days > 60:
            raise forms.ValidationError("一次挂起不超过 60 天；挂起不暂停法定时效")
        return timezone.make_aware(datetime.combine(day, time.min))


class AssignForm(CaseForm):
    assignee = forms.ModelChoiceField(
        label="改派给", queryset=User.objects.none(), to_field_name="username", error_messages={"required": "请选择人员"}
    )
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "请写明改派理由"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        field.error_messages["invalid_choice"] = "该人员不具备本案所需岗位"
        if self.case is not None:
            field.queryset = candidates(self.case)  # type: ignore[attr-defined]


def candidates(case: Case) -> Any:
    """People who could hold the case where it waits now."""
    from lifeops.cases.states import State

    role = Role.APPROVER if case.state == State.PENDING_APPROVAL else case.line_spec.reviewer_role
    day = timezone.localdate()
    posted = Posting.objects.in_force(day).filter(role=role)
    if role == Role.APPROVER:
        grades = {grade for grade, line, item in covered(role=role, day=day) if line == case.line and item in ("", case.item)}
        posted = posted.filter(grade__gte=case.required_grade, grade__in=grades)
    return User.objects.filter(is_active=True, pk__in=posted.values("user")).order_by("staff_no")


class DecisionForm(CaseForm):
    """审核结论. Lines add fields and override `figure` to compute the amount and its lines."""

    outcome = forms.ChoiceField(label="结论", error_messages={"required": "请选择结论"})
    #: None in the form of a line that reckons it: Django then leaves the field out.
    amount: YuanField | None = YuanField(label="金额（元）", required=False, max_digits=14)
    reason_code = forms.ChoiceField(label="理由码", required=False)
    opinion = forms.CharField(label="审核意见", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    served_reason = served_reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            item = self.case.item_spec
            # nothing chosen beforehand: one keystroke too many on a case just opened must not decide it
            self.fields["outcome"].choices = [("", "请选择结论")] + [  # type: ignore[attr-defined]
                (o.code, o.label) for o in item.outcomes
            ]
            self.fields["outcome"].widget.attrs["data-key"] = "c"
            self.fields["reason_code"].choices = [("", "—")] + [  # type: ignore[attr-defined]
                (r.code, f"{r.code} {r.label}") for r in self.case.line_spec.reasons
            ]
            ask_for_served_reason(self)
            # a page asks only for what the chosen outcome needs: the sum and the way it goes stay in sight
            self.ask_with("reason_code", *(o.code for o in item.outcomes if o.needs_reason))

    def ask_with(self, name: str, *outcomes: str) -> None:
        """Show a field on the page with these outcomes only."""
        self.fields[name].widget.attrs["data-when"] = f"outcome:{','.join(outcomes)}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("outcome") or self.case is None:
            return data
        outcome = self.case.item_spec.outcome(data["outcome"])
        if outcome.needs_reason and not data.get("reason_code"):
            self.add_error("reason_code", f"结论“{outcome.label}”须选择理由码")
        if outcome.needs_reason and not data.get("opinion", "").strip():
            self.add_error("opinion", f"结论“{outcome.label}”须写明事实与依据")
        if outcome.needs_amount and data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", f"结论“{outcome.label}”须填写金额")
        if not self.errors:
            self.figure(outcome, data)
        return data

    def figure(self, outcome: Any, data: dict[str, Any]) -> None:
        """Set `data["amount"]` and `data["lines"]`; add errors where the outcome does not fit the facts."""
        data["amount"] = data.get("amount") or Decimal("0.00")
        data.setdefault("lines", [])


class LibraryWidget(forms.CheckboxSelectMultiple):
    """Texts of the library, each with its kind and cause: the page shows those of the chosen kind."""

    rows: dict[str, Any] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        row = self.rows.get(str(value))
        if row is not None:
            option["attrs"] |= {"data-when": f"kind:{row.kind}", "data-cause": row.cause}
        return option


class RequestForm(CaseForm):
    """下发问题件: one complete letter per cause (保险法第22条)."""

    kind = forms.ChoiceField(label="种类", choices=RequestKind.choices, error_messages={"required": "请选择种类"})
    addressee = forms.ChoiceField(
        label="发给", choices=[("customer", "客户"), ("agent", "代理人"), ("branch", "机构")], initial="customer", required=False,
        widget=forms.Select(attrs={"data-when": "kind:query,exam"}),
    )
    cause = forms.CharField(label="事由", max_length=40, error_messages={"required": "请填写事由"})
    contents = forms.MultipleChoiceField(label="内容（内容库）", required=False, widget=LibraryWidget)
    extra = forms.CharField(
        label="补充内容（每行一项）", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    blocking = forms.BooleanField(label="回复前暂停审核", required=False, initial=True)
    due_days = WholeField(
        label="回复期限（工作日）",
        min_value=1,
        max_value=60,
        initial=10,
        error_messages={"required": "请填写期限", "min_value": "至少 1 个工作日", "max_value": "最多 60 个工作日"},
    )
    note = forms.CharField(label="说明", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from lifeops.cases.models import ContentItem

        super().__init__(*args, **kwargs)
        if self.case is None:
            return
        rows = ContentItem.objects.in_force(timezone.localdate()).filter(line__in=["", self.case.line])
        self.library = {row.code: row for row in rows}
        self.fields["contents"].choices = [(r.code, r.title) for r in rows]  # type: ignore[attr-defined]
        self.fields["contents"].widget.rows = self.library

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [self.library[c] for c in dict.fromkeys(data.get("contents", []))] if self.case is not None else []
        wrong = [row.title for row in chosen if row.kind != data.get("kind")]
        if wrong:
            self.add_error("contents", f"“{wrong[0]}”不属于所选种类")
        self._refuse_twice(chosen)
        items = [{"code": r.code, "title": r.title, "text": r.text, "doc_type": r.doc_type} for r in chosen]
        items += [
            {"code": "", "title": "补充", "text": line.strip(), "doc_type": ""}
            for line in data.get("extra", "").splitlines()
            if line.strip()
        ]
        if not items:
            self.add_error("contents", "请至少选择一项内容或填写补充内容")
        if self.case is not None and data.get("kind") and data.get("cause"):
            twice = self.case.requests.filter(kind=data["kind"], cause=data["cause"]).exclude(state="cancelled").first()
            if twice:
                self.add_error("cause", f"同一事由已发过 {twice.number}，须一次性告知，不得分次索取（保险法第22条）")
        # an investigation is the unit's; a page does not ask whom it goes to
        data["addressee"] = data.get("addressee") or ("branch" if data.get("kind") == RequestKind.INVESTIGATION else "customer")
        data["items"] = items
        return data

    def _refuse_twice(self, chosen: list[Any]) -> None:
        """What is asked already, under whatever cause, is not asked again before it is answered and settled."""
        if self.case is None or not chosen:
            return
        asked = {row["code"]: number for number, items in self.case.requests.open().values_list("number", "items") for row in items}
        for row in chosen:
            if row.code in asked:
                self.add_error("contents", f"“{row.title}”已在 {asked[row.code]} 中索取，尚未办结，不得重复索取（保险法第22条）")
