"""核保结论: the terms, the premium they come to, the sum at risk that is signed for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.fields import DayField, NumberField, WholeField
from lifeops.cases.forms import DecisionForm
from lifeops.cases.states import RequestKind, RequestState
from lifeops.policies.errors import RateMissing
from lifeops.policies.models.policy import PayMode
from lifeops.policies.rules.dates import add_months
from lifeops.policies.rules.lines import Line, yuan
from lifeops.policies.rules.premium import Loading
from underwriting.assessment import findings, premium_of, risk_lines
from underwriting.rules import blocked

#: 照会 with this cause carries the changed terms to the customer; a second one is "承保条件变更（二）".
TERMS_CAUSE = "承保条件变更"
RATIO = {"invalid": "请填写数字，最多两位小数", "min_value": "加费不能为负", "max_decimal_places": "最多两位小数"}
#: outcome → the fields that belong to it; the others must stay empty.
OWN_FIELDS: dict[str, tuple[str, ...]] = {
    "STANDARD": (),
    "LOADING": ("loading_ratio", "loading_per_mille", "agreed_on"),
    "EXCLUSION": ("exclusion", "loading_ratio", "loading_per_mille", "agreed_on"),
    "POSTPONE": ("postponed_until", "postponed_months", "conditions"),
    "DECLINE": (),
}
TERMS = tuple(dict.fromkeys(name for names in OWN_FIELDS.values() for name in names))


class UnderwritingDecisionForm(DecisionForm):
    """The amount is not typed: it is the sum at risk on the insured's life, which decides who may sign."""

    amount = None
    loading_ratio = NumberField(
        label="加费：标准保费的 %", required=False, min_value=0, max_value=500, max_digits=6, decimal_places=2,
        error_messages=RATIO | {"max_value": "加费不超过 500%%"},
    )
    loading_per_mille = NumberField(
        label="加费：保额的 ‰（每年）", required=False, min_value=0, max_value=100, max_digits=6, decimal_places=2,
        error_messages=RATIO | {"max_value": "加费不超过 100‰"},
    )
    exclusion = forms.CharField(label="除外内容", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    agreed_on = DayField(label="客户签署同意日期", required=False)
    postponed_until = DayField(label="延期至", required=False)
    postponed_months = WholeField(
        label="或延期（月）", required=False, min_value=1, max_value=36,
        error_messages={"invalid": "请填写整月数", "min_value": "至少 1 个月", "max_value": "最多 36 个月"},
    )
    conditions = forms.CharField(
        label="再次投保所需（每行一项）", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    field_order = ["outcome", *TERMS, "reason_code", "opinion"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TERMS:
            # a page shows the fields of the chosen outcome only
            owners = [code for code, names in OWN_FIELDS.items() if name in names]
            self.fields[name].widget.attrs["data-when"] = f"outcome:{','.join(owners)}"

    def figure(self, outcome: Any, data: dict[str, Any]) -> None:
        record = self.its_case.record
        if record is None:
            self.add_error("outcome", "尚未录入投保单，不能作出结论")
            return
        for name in ("loading_ratio", "loading_per_mille"):
            data[name] = data.get(name) or Decimal("0.00")
        self._only_own(outcome, data)
        if self.errors:
            return
        risk = risk_lines(record, self.its_case.number)
        data["amount"], data["lines"] = risk.amount, risk.to_json()
        if outcome.positive:
            self._accept(outcome.code, record, data)
        elif outcome.code == "POSTPONE":
            self._postpone(data)

    def _only_own(self, outcome: Any, data: dict[str, Any]) -> None:
        for name in TERMS:
            if name not in OWN_FIELDS[outcome.code] and data.get(name):
                self.add_error(name, f"结论“{outcome.label}”不填此项，请清空或改选结论")

    def _accept(self, code: str, record: Any, data: dict[str, Any]) -> None:
        reasons = blocked(findings(self.its_case, record, timezone.now()))
        if reasons:
            self.add_error("outcome", f"规则阻断，不能承保：{'；'.join(reasons)}")
            return
        loading = Loading(ratio=data["loading_ratio"] / 100, per_mille=data["loading_per_mille"])
        if code == "LOADING" and loading.is_none:
            self.add_error("loading_ratio", "加费承保须填写加费比例或千分比")
        if code == "EXCLUSION" and not data["exclusion"].strip():
            self.add_error("exclusion", "特约除外承保须写明除外内容")
        try:
            premium = premium_of(record, loading)
        except RateMissing as error:
            self.add_error("outcome", str(error))
            return
        if code != "STANDARD":
            self._agreed(data, f"每期保险费 {yuan(premium.total)} 元，其中加费 {yuan(premium.extra)} 元")
        data["premium"], data["extra"] = premium.standard, premium.extra
        mode = PayMode(record.pay_mode).label
        shown = [
            *premium.calculation.lines,
            Line(label=f"每期应交保险费（{mode}）", formula="标准保费 + 加费" if premium.extra else "", value=premium.total),
        ]
        data["lines"] = [row.to_json() | {"counts": False} for row in shown] + data["lines"]

    def _agreed(self, data: dict[str, Any], premium: str) -> None:
        """Changed terms bind only the customer who signed them (facts 4.3): a closed 照会 and the day of the signature."""
        day: date | None = data.get("agreed_on")
        asked = self.its_case.requests.filter(
            kind=RequestKind.QUERY, state=RequestState.CLOSED, cause__startswith=TERMS_CAUSE
        ).order_by("-pk").first()
        if asked is None:
            self.add_error("agreed_on", f"请先以事由“{TERMS_CAUSE}”下发照会（{premium}），客户签署同意并回销后再作此结论")
        elif day is None:
            self.add_error("agreed_on", "请填写客户签署同意的日期；客户不同意的请撤件")
        elif not timezone.localdate(asked.issued_at) <= day <= timezone.localdate():
            self.add_error("agreed_on", f"签署日期应在照会下发日 {timezone.localdate(asked.issued_at)} 至今天之间")

    def _postpone(self, data: dict[str, Any]) -> None:
        today, until, months = timezone.localdate(), data.get("postponed_until"), data.get("postponed_months")
        if until is None and months is None:
            self.add_error("postponed_until", "请填写延期至的日期或月数")
        elif until is not None and months is not None:
            self.add_error("postponed_months", "日期和月数只填一项")
        elif until is not None and until <= today:
            self.add_error("postponed_until", "延期至的日期须晚于今天")
        elif months is not None:
            data["postponed_until"] = add_months(today, months)
        if not data["conditions"].strip():
            self.add_error("conditions", "请写明再次投保所需的资料或条件")
