"""保全结论: reasons that fit the item, the amount as reckoned, the condition of a 复效."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifeops.cases.fields import DayField, YuanField
from lifeops.cases.forms import DecisionForm
from lifeops.policies.errors import BookRefused
from servicing.contract_rules import SILENT_DAYS
from servicing.desk import CONDITIONAL, RISKIER
from servicing.facts import amount_due
from servicing.services import blocked

#: Reasons that make sense for an item; P02, P03, P05, P06 and P09 do for all.
REASONS_OF = {
    "P01": ("PS01",), "P04": ("PS13",), "P07": ("PS13",), "P08": ("PS01", "PS02", "PS03", "PS09", "PS27", "PS28"), "P17": ("PS24", "PS26"), "P18": ("PS24", "PS26"), "P10": ("PS07",), "P11": ("PS07",),
    "P12": ("PS07",), "P13": ("PS03", "PS08", "PS09"), "P14": ("PS03", "PS08", "PS09"), "P15": ("PS07", "PS08", "PS09", "PS12"), "P16": ("PS10",), "P19": ("PS28",), "P20": ("PS33",),
}


class ServicingDecisionForm(DecisionForm):
    """保全结论: the amount is reckoned, never typed; nothing that a rule blocks can be agreed to."""

    amount = None
    extra = YuanField(label="每期加费（元）", required=False)
    agreed_on = DayField(label="客户签署同意日期", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        conditional = self.case is not None and any(o.code == CONDITIONAL for o in self.case.item_spec.outcomes)
        for name in ("extra", "agreed_on"):
            if conditional:
                self.ask_with(name, CONDITIONAL)
            else:
                del self.fields[name]
        if self.case is not None:
            field: Any = self.fields["reason_code"]
            field.choices = [c for c in field.choices if self.case.item in REASONS_OF.get(c[0], (self.case.item,))]

    def figure(self, outcome: Any, data: dict[str, Any]) -> None:
        record = self.its_case.record
        data["amount"], data["lines"] = Decimal("0.00"), []
        self._condition(outcome, data)
        if record is None:
            self.add_error("outcome", "尚未录入变更申请，不能作出结论")
        elif data.get("reason_code") == RISKIER and not outcome.positive and self._silent_too_long():
            words = "收到复效申请已超过三十日，视为同意恢复效力，不能再以危险程度增加拒绝（保险法司法解释（三）第8条）"
            self.add_error("reason_code", words)
        elif outcome.positive:
            data["reason_code"] = data["reason_code"] if outcome.needs_reason else ""
            if reasons := blocked(self.its_case, record, timezone.now()):
                self.add_error("outcome", f"规则未通过：{'；'.join(reasons)}。请改为不予办理，或待事项消除后办理")
                return
            try:
                due = amount_due(self.its_case, record)
            except BookRefused as error:
                self.add_error("outcome", str(error))
                return
            data["amount"], data["lines"] = due.amount, due.to_json()

    def _condition(self, outcome: Any, data: dict[str, Any]) -> None:
        """A loading is more than nothing and agreed to by the customer; other outcomes have none."""
        if outcome.code != CONDITIONAL:
            data["extra"], data["agreed_on"] = Decimal("0.00"), None
            return
        if not data.get("extra"):
            self.add_error("extra", "有条件同意须填写每期加费")
        signed = data.get("agreed_on")
        if signed is None:
            self.add_error("agreed_on", "加费须经客户书面同意，请填写签署日期")
        elif not self.its_case.submitted_on <= signed <= timezone.localdate():
            self.add_error("agreed_on", f"签署日期应在递交日 {self.its_case.submitted_on} 至今天之间")

    def _silent_too_long(self) -> bool:
        return (timezone.localdate() - self.its_case.submitted_on).days > SILENT_DAYS
