"""红利公布: the declared rates; one person enters, another approves, the day run credits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lifeops.cases.access import access
from lifeops.cases.errors import Refused
from lifeops.cases.fields import DayField, NumberField, WholeField
from lifeops.cases.views.common import Undecided, decide_on_page
from lifeops.org.paging import page_by_key
from lifeops.org.requests import UserRequest
from lifeops.org.text import half_width
from lifeops.policies.errors import BookInvalid
from lifeops.policies.identity import OLDEST
from lifeops.policies.models import (
    DIVIDEND_READERS,
    DeclaredState,
    DividendBase,
    DividendKind,
    DividendRate,
    Product,
    TerminalEnding,
)
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.declaring import decision_refusals, may_enter
from lifeops.policies.services.dividends import decide, declare

#: Years ahead that a rate may be declared for: a year typed wrongly would stand in the way of those declared later.
AHEAD = 10


#: Most that a rate other than of a terminal bonus may be, in %.
MOST_PCT = 20


def _year(label: str, help_text: str) -> WholeField:
    words = {"invalid": f"{label}应为整数", "min_value": f"{label}从 1 起", "max_value": f"{label}最多 120"}
    return WholeField(label=label, min_value=1, max_value=120, required=False, help_text=help_text, error_messages=words)


class DividendForm(forms.Form):
    """What a declaration says; the inputs that its kind has no use for may stay empty."""

    product = forms.CharField(label="险种代码", max_length=12, error_messages={"required": "请填写险种代码", "max_length": "险种代码最多 12 个字"})
    version = forms.CharField(label="险种版本", max_length=12, required=False, help_text="空为各版本", error_messages={"max_length": "险种版本最多 12 个字"})
    kind = forms.ChoiceField(label="种类", choices=DividendKind, error_messages={"required": "请选择种类", "invalid_choice": "没有这个种类"})
    base = forms.ChoiceField(
        label="基数", choices=[("", "—"), *DividendBase.choices], required=False, help_text="累积利率不填", error_messages={"invalid_choice": "没有这个基数"}
    )
    rate_pct = NumberField(
        label="年率（%）", min_value=Decimal(0), max_value=Decimal(100), max_digits=7, decimal_places=4,
        error_messages={"required": "请填写年率", "invalid": "年率应为数字", "min_value": "年率不能为负", "max_value": "年率不能超过 100",
                        "max_decimal_places": "年率最多四位小数", "max_digits": "年率过大", "max_whole_digits": "年率过大"},
    )  # fmt: skip
    ending = forms.ChoiceField(
        label="终了情形", choices=[("", "—"), *TerminalEnding.choices], required=False, help_text="终了红利率填写",
        error_messages={"invalid_choice": "没有这种情形"},
    )  # fmt: skip
    year_from = _year("保单年度起", "空为第 1 年")
    year_to = _year("保单年度止", "空为不限")
    by_years = forms.BooleanField(label="按年度数累计", required=False, help_text="终了红利率 × 自起年的年数")
    first_on = DayField(label="周年日起", help_text="终了红利为终了之日")
    last_on = DayField(label="周年日止")
    reason = forms.CharField(label="公布依据", max_length=100, error_messages={"required": "请填写公布依据", "max_length": "公布依据最多 100 字"})

    def clean_product(self) -> Product:
        code = half_width(self.cleaned_data["product"]).strip().upper()
        found = Product.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(f"没有险种 {code}")
        return found

    def clean_first_on(self) -> date:
        if self.cleaned_data["first_on"] < OLDEST:
            raise forms.ValidationError(f"早于 {OLDEST}，请核对")
        return self.cleaned_data["first_on"]

    def clean_last_on(self) -> date:
        end = add_years(timezone.localdate(), AHEAD)
        if self.cleaned_data["last_on"] > end:
            raise forms.ValidationError(f"不能晚于 {end}（{AHEAD} 年后），请核对")
        return self.cleaned_data["last_on"]

    @property
    def sections(self) -> list[tuple[str, list[Any]]]:
        parts = {
            "险种与红利率": ("product", "version", "kind", "base", "rate_pct", "reason"), "适用": ("first_on", "last_on", "year_from", "year_to", "ending", "by_years")
        }
        return [(title, [self[name] for name in names]) for title, names in parts.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        rate, kind, product = data.get("rate_pct"), data.get("kind"), data.get("product")
        if rate is not None and kind and kind != DividendKind.TERMINAL and rate > MOST_PCT:
            self.add_error("rate_pct", f"年率不能超过 {MOST_PCT}")
        if product and (asked := half_width(data.get("version", "")).strip()):
            data["version"] = product.versions.filter(version=asked).first()
            if data["version"] is None:
                self.add_error("version", f"{product.name}没有版本 {asked}，现有 {'、'.join(v.version for v in product.versions.all())}")
        else:
            data["version"] = None
        return data

    def enter(self, actor: Any) -> DividendRate | None:
        """Declared; None where an input is wrong, said at its field."""
        if not self.is_valid():
            return None
        given = dict(self.cleaned_data)
        rate, given["year_from"] = given.pop("rate_pct") / 100, given["year_from"] or 1
        try:
            return declare(**given, rate=rate, actor=actor, now=timezone.now())
        except BookInvalid as refused:
            for name, words in refused.errors.items():
                self.add_error(name, words)
        return None


@access(*DIVIDEND_READERS)
@require_http_methods(["GET", "POST"])
def dividends(request: UserRequest) -> HttpResponse:
    """What was declared, newest first, and the form for whoever may declare; what was typed stays with its mistakes."""
    form = DividendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_enter(request.user):
            raise Refused(["红利率由总公司运营主管录入"], who="总公司运营主管")
        if (made := form.enter(request.user)) is not None:
            messages.success(request, f"已录入{made}，待另一人批准")
            return redirect("policies:dividends")
    return rates_page(request, form)


def rates_page(request: UserRequest, form: DividendForm, wrong: Undecided | None = None) -> HttpResponse:
    """`wrong`: what could not be decided on, told at its row, or above where the row is not on the page."""
    rows = DividendRate.objects.select_related("product", "version", "requested_by", "decided_by")
    page, following = page_by_key(rows, request.GET.get("before", ""))
    for row in page:
        row.may_decide = not decision_refusals(row, request.user)
        row.wrong = wrong if wrong and wrong.pk == row.pk else None
    context = {
        "gone": wrong if wrong and wrong.pk not in [row.pk for row in page] else None,
        "rows": page, "next": following, "before": request.GET.get("before", ""), "form": form, "may_declare": may_enter(request.user),
        "open": DeclaredState.OPEN,
    }  # fmt: skip
    return render(request, "policies/dividends.html", context, status=wrong.status if wrong else 400 if form.errors else 200)


@access(*DIVIDEND_READERS)
@require_POST
def dividend_act(request: UserRequest, pk: int, act: str) -> HttpResponse:
    """批准 or 驳回 by another person."""
    row = get_rate(pk)
    if wrong := decide_on_page(request, act, decide, row):
        return rates_page(request, DividendForm(), wrong)
    messages.success(request, f"{row}已{'批准，由日终批处理记入保单' if act == 'approve' else '驳回'}")
    return redirect("policies:dividends")


def get_rate(pk: int) -> DividendRate:
    found = DividendRate.objects.select_related("product", "version").filter(pk=pk).first() if pk < 10**18 else None
    if found is None:
        raise Http404("没有这项红利公布")
    return found
