"""What people type: full-width figures are figures, nothing typed is lost, one word per fault."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.fields import AccountField, DayField, NumberField, YuanField
from lifeops.cases.rows import RowsField
from lifeops.org.text import half_width
from lifeops.policies.identity import compose_card
from tests.factories import PAPERS, make_policy

QUOTE = "/policies/quote/?product=T20"
T20 = {"sex": "M", "age": "39", "cover_term": "20Y", "pay_term": "20Y", "pay_mode": "annual", "sum_assured": "300000"}


def wide(text: object) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in str(text))


class Typed(forms.Form):
    day = DayField(label="日期")
    amount = YuanField(label="金额")
    number = NumberField(label="数", max_value=Decimal(99), max_digits=4, decimal_places=1, required=False)
    account = AccountField(label="账号")
    rows = RowsField(columns={"name": "姓名", "birth_date": "出生日期", "share_pct": "份额", "sum": "金额"}, money=("sum",))


GIVEN = {
    "day": "２０２６－１１－２５", "amount": "１２，３４５．６０", "number": "３．５", "account": "６２２２ ００００ １２３４ ５６７８",
    "rows-0-name": "欧阳（测试）", "rows-0-birth_date": "２０１０／０２／０３", "rows-0-share_pct": "５０", "rows-0-sum": "１００",
}  # fmt: skip


def test_full_width_figures_are_figures():
    form = Typed(GIVEN)
    assert form.is_valid(), form.errors
    data = form.cleaned_data
    assert (data["day"], data["amount"], data["number"]) == (date(2026, 11, 25), Decimal("12345.60"), Decimal("3.5"))
    assert data["account"] == "6222000012345678"
    assert data["rows"] == [{"name": "欧阳（测试）", "birth_date": "2010-02-03", "share_pct": "50", "sum": "100.00"}]
    assert half_width("Ａ１　中文") == "A1 中文"


def test_a_cell_that_is_no_choice_stays_in_sight_and_the_first_cell_takes_the_focus():
    field = RowsField(columns={"name": "姓名", "relation": "是被保险人的"}, need=("relation",), choices={"relation": [("父母", "父母")]},
                      asks={"relation": "请选择与被保险人的关系"})  # fmt: skip
    shown = field.widget.render("heirs", [{"name": "方晓云", "relation": "母亲"}], {"autofocus": True})
    assert '<option value="母亲" selected>母亲</option>' in shown and shown.count("autofocus") == 1
    with pytest.raises(forms.ValidationError, match="“母亲”不在可选范围内，请重新选择"):
        field.clean([{"name": "方晓云", "relation": "母亲"}])
    with pytest.raises(forms.ValidationError, match="第 1 行：请选择与被保险人的关系"):
        field.clean([{"name": "方晓云", "relation": ""}])


def test_what_is_not_found_is_told_in_the_words_of_its_view(cast, as_user):
    policy = make_policy(cast.other_head.branch, cast.other_clerk)
    client = as_user(cast.clerk)
    answer = client.get(reverse("policies:detail", args=[policy.number]))
    assert answer.status_code == 404 and "没有这张保单，或不在您的可见范围内" in answer.content.decode()
    assert "没有这个页面" in client.get("/nowhere/").content.decode()
    assert client.get("/api/v1/nowhere/").json()["detail"] == "没有这个页面，或不在您的可见范围内"


@pytest.mark.parametrize("typed", ["很多", "3e", "12.3.4", "1,00"])
def test_what_is_no_number_is_refused_and_stands_there_again(typed):
    form = Typed(GIVEN | {"amount": typed, "number": typed})
    assert form.errors["amount"] == ["金额应为数字，最多两位小数"] and f'value="{typed}"' in str(form["amount"])
    # a number field of the browser would show nothing for it
    assert 'type="number"' not in str(form["number"])


def test_a_number_out_of_every_bound_is_told_of_once():
    assert [len(Typed(GIVEN | {name: "1e308"}).errors[name]) for name in ("amount", "number")] == [1, 1]


def test_the_quote_takes_full_width_figures_and_shows_what_was_wrong(cast, as_user):
    client = as_user(cast.clerk)
    plain = client.post(QUOTE, T20)
    wide = client.post(QUOTE, T20 | {"age": "３９", "sum_assured": "３００，０００"})
    assert plain.status_code == wide.status_code == 200
    assert plain.context["found"].total == wide.context["found"].total
    refused = client.post(QUOTE, T20 | {"sex": "", "age": "３９", "sum_assured": "三十万", "premium": "1e308"})
    words = refused.content.decode()
    assert refused.status_code == 400 and 'value="39"' in words and 'value="三十万"' in words
    assert refused.context["form"].errors["premium"] == ["每期保费（元）不能大于 999999999999"]


def test_the_interface_names_what_is_missing(cast, client):
    client.force_login(cast.clerk, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/api/v1/quotes/", {}, content_type="application/json")
    told = answer.json()
    assert answer.status_code == 400 and set(told["errors"]) == {"product", "sex"}
    assert "product：" in told["detail"] and "sex：" in told["detail"]


def test_the_counter_says_everything_in_one_round(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    card = compose_card(region="990101", birth_date=date(1990, 1, 1), sequence=11)
    sent = {
        "item": "PS14", "policy_number": "BQ0000000000", "channel": "counter", "applicant_kind": "policyholder", "applicant_name": "",
        "applicant_id_number": card[:-1] + ("1" if card[-1] != "1" else "2"), "submitted_on": wide(timezone.localdate()), "action": "accept", "key": "k",
    }  # fmt: skip
    form = as_user(cast.clerk).post(reverse("intake:counter"), sent).context["form"]
    assert set(form.errors) == {"applicant_name", "applicant_id_number", "policy_number", "papers"}
    right = sent | {"policy_number": policy.number, "applicant": policy.policyholder.pk, "applicant_name": policy.policyholder.name,
                    "applicant_id_number": ""}  # fmt: skip
    right |= {f"paper-{code}-{part}": value for code in PAPERS["PS14"] for part, value in (("received", "original"), ("pages", "１２"))}
    assert as_user(cast.clerk).post(reverse("intake:counter"), right).status_code == 302
