"""样式页: every part of the screen in all its states, for whoever builds a page. Not served in production."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lifeops.cases.access import StepView, access
from lifeops.cases.fields import DayField
from lifeops.cases.states import RequestState, State
from lifeops.org.models import Role


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="姓名", max_length=20, help_text="与证件一致")
    day = DayField(label="日期")
    outcome = forms.ChoiceField(label="结论", choices=[("", "—"), ("a", "标准体承保"), ("b", "加费承保")])
    amount = forms.DecimalField(label="金额（元）", decimal_places=2)
    papers = forms.MultipleChoiceField(
        label="资料", choices=[("id", "身份证件"), ("form", "申请书")], widget=forms.CheckboxSelectMultiple
    )
    blocking = forms.BooleanField(label="回复前暂停审核", required=False)
    opinion = forms.CharField(label="意见", widget=forms.Textarea(attrs={"rows": 2}))


@dataclass(frozen=True)
class Said:
    """A message of Django's as the part draws it."""

    level_tag: str
    text: str

    def __str__(self) -> str:
        return self.text


def _clocks() -> list[dict[str, Any]]:
    now = timezone.now()
    rows = (
        ("ok", 60), ("warn", 5), ("over", -30), ("paused", 40), ("stopped", -10), ("late", -20),
    )  # fmt: skip
    return [
        {"id": number, "label": "核定时效", "level": level, "due_at": now + timedelta(hours=hours), "kind": "statutory"}
        for number, (level, hours) in enumerate(rows, 1)
    ]


def _steps() -> list[StepView]:
    return [
        StepView("take", "领取", True, [], key="enter", tone="primary"),
        StepView("approve", "同意", True, [], key="y", tone="success"),
        StepView("hand_back", "交回", True, [], form=SampleForm),
        StepView("withdraw", "撤件", True, [], tone="danger", form=SampleForm),
        StepView("return_for_correction", "退回补正", True, [], tone="warning", key="b", form=SampleForm),
        StepView("assign", "改派", False, ["需要运营主管"], who="运营主管"),
    ]


@access(*Role)
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """All parts on one page."""
    if settings.PRODUCTION:
        raise Http404
    now = timezone.now()
    wrong = SampleForm({"name": "", "amount": "一百", "papers": []})
    wrong.is_valid()
    context = {
        "now": now,
        "case": SimpleNamespace(number="CL-110101-2026-0000001-7"),
        "clocks": _clocks(),
        "states": State.choices,
        "request_states": RequestState.choices,
        "dues": [now + timedelta(days=3, hours=2), now + timedelta(hours=3), now - timedelta(days=1, hours=4), None],
        "steps": _steps(),
        "form": SampleForm(),
        "wrong": wrong,
        "lines": [
            {"label": "合理费用", "formula": "10,000.00 − 800.00", "value": Decimal("9200.00"), "counts": True},
            {"label": "赔付比例", "formula": "有社保 0.9", "value": Decimal("0.90"), "counts": False},
            {"label": "减：免赔额", "formula": "每年 500.00", "value": Decimal("-500.00"), "counts": True},
        ],
        "amount": Decimal("8700.00"),
        "reasons": ["您参与过本案，不能批准", "您可签 10 万元（2 级），本案 30 万元，需 4 级批准岗"],
        "undecided": SimpleNamespace(reasons=["自己录入的不能由自己批准"], who="同级的另一人"),
        "said": [Said(tone, "已办理：CL-110101-2026-0000001-7") for tone in ("success", "info", "warning", "error")],
        "marked": [
            SimpleNamespace(number=words, rank=rank, is_complex=True, suspended_until=until)
            for words, rank, until in (("回件", 0, None), ("加急", 1, None), ("挂起中", 2, now + timedelta(days=2)), ("挂起已满", 2, now - timedelta(days=1)))
        ],
    }
    return render(request, "ui/gallery.html", context)
