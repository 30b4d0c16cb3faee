"""价值试算: the inputs that each kind needs. The page and the interface read through it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from lifeops.cases.fields import DayField, NumberField, WholeField, YuanField
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Policy, Sex
from lifeops.policies.services.trial import Trial, TrialKind, try_value

CAUSES = [("illness", "疾病等非意外"), ("accident", "意外")]


def _years() -> WholeField:
    words = {"required": "请填写年数", "invalid": "年数应为整数", "min_value": "至少一年", "max_value": "最多六十年"}
    return WholeField(label="年数", min_value=1, max_value=60, error_messages=words)


def _rate(label: str) -> NumberField:
    words = {"required": f"请填写{label}", "invalid": f"{label}应为数字", "min_value": f"{label}不能为负", "max_value": f"{label}不能超过 20",
             "max_decimal_places": f"{label}最多四位小数", "max_digits": f"{label}过大", "max_whole_digits": f"{label}过大"}  # fmt: skip
    return NumberField(
        label=f"{label}（%）", min_value=Decimal(0), max_value=Decimal(20), max_digits=6, decimal_places=4, error_messages=words,
        help_text="假定的年利率",
    )  # fmt: skip


class ValueForm(forms.Form):
    """Built for one policy and one kind; `fields_of` says what a kind asks for beside the day."""

    def __init__(self, *args: Any, policy: Policy, kind: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy, self.kind, self.today = policy, kind, today
        self.fields["day"] = DayField(label="试算日", required=False, help_text="默认今天")
        self.fields |= self.fields_of(kind)

    def fields_of(self, kind: str) -> dict[str, forms.Field]:
        covers = [("", "主险"), *((str(c.pk), str(c)) for c in self.policy.coverages.select_related("version__product") if c.is_rider)]
        named: dict[str, dict[str, forms.Field]] = {
            TrialKind.LOAN: {
                "amount": YuanField(label="借款金额（元）", least="0.01", required=False, help_text="不填只算可贷金额"),
                "until": DayField(label="计息至", required=False, help_text="默认借款到期日"),
            },
            TrialKind.PARTIAL: {
                "cover": forms.ChoiceField(label="险种", choices=covers, required=False, error_messages={"invalid_choice": "没有这个险种"}),
                "given_up": YuanField(label="减少的保险金额（元）", least="0.01"),
            },
            TrialKind.REINSTATEMENT: {"fees": YuanField(label="其他费用（元）", required=False)},
            TrialKind.MISSTATEMENT: {
                "birth_date": DayField(label="真实出生日期"),
                "sex": forms.ChoiceField(
                    label="真实性别", choices=[("", "与登记相同"), *Sex.choices], required=False, error_messages={"invalid_choice": "没有这个性别"}
                ),
            },
            TrialKind.ACCUMULATION: {"years": _years(), "rate_pct": _rate("累积利率")},
            TrialKind.BONUS: {"years": _years(), "rate_pct": _rate("年度红利率")},
            TrialKind.DEATH: {
                "cause": forms.ChoiceField(label="身故原因", choices=CAUSES, required=False, error_messages={"invalid_choice": "没有这个原因"}),
                "others": YuanField(label="其他公司身故保险金（元）", required=False, help_text="被保险人未满十八周岁时填写"),
            },
        }  # fmt: skip
        return named.get(kind, {})

    def reckon(self) -> Trial | None:
        """The answer; None where an input is wrong or the book refuses, said at its field (`kind` at the top)."""
        if not self.is_valid():
            return None
        given = {name: value for name, value in self.cleaned_data.items() if name != "day" and value not in (None, "")}
        if "cause" in self.fields:
            given["accident"] = given.pop("cause", "illness") == "accident"
        if given.get("cover"):
            given["cover"] = int(given["cover"])
        try:
            return try_value(policy=self.policy, kind=self.kind, day=self.cleaned_data["day"] or self.today, today=self.today, **given)
        except BookInvalid as refused:
            for name, words in refused.errors.items():
                self.add_error(name if name in self.fields else None, words)
        except BookRefused as refused:
            for words in refused.reasons:
                self.add_error(None, words)
        return None
