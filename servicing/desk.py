"""保全: its items, outcomes, reasons and where its parts live."""

from __future__ import annotations

from lifeops.cases.registry import Item, Line, Outcome, Reason
from lifeops.org.models import Role

APPROVE = Outcome("APPROVE", "同意办理")
REFUSE = Outcome("REFUSE", "不予办理", positive=False, needs_reason=True)
OUTCOMES = (APPROVE, REFUSE)
#: 保险法 20, 41: what changes the contract is endorsed.
LETTERS = {"*": ("endorsement",), "-": ("ps_refusal",)}

LINE = Line(
    code="servicing",
    label="保全",
    prefix="PS",
    reviewer_role=Role.PS_REVIEWER,
    proxy="servicing.models.ServicingCase",
    record="servicing.models.ChangeRequest",
    decision="servicing.models.ServicingDecision",
    decision_form="servicing.forms.ServicingDecisionForm",
    rules="servicing.services.findings",
    summary="servicing.services.summary",
    effect="servicing.services.effect",
    items=(
        Item("PS01", "犹豫期撤单", "servicing.forms.CancelForm", OUTCOMES, letters=LETTERS),
        Item("PS02", "退保", "servicing.forms.SurrenderForm", OUTCOMES, letters=LETTERS),
        Item("PS13", "受益人变更", "servicing.forms.BeneficiaryForm", OUTCOMES, letters=LETTERS),
        # a person's contact is no part of the contract: no endorsement
        Item(
            "PS14", "联系方式变更", "servicing.forms.ContactForm", OUTCOMES, one_signature=True,
            letters={"-": ("ps_refusal",)},
        ),
    ),
    reasons=(
        Reason("P01", "已超过犹豫期"),
        Reason("P02", "保单状态不能办理"),
        Reason("P03", "申请人无权申请"),
        Reason("P04", "未经被保险人书面同意"),
        Reason("P05", "身份或签名不能核实"),
        Reason("P06", "有未决理赔或保单已挂起"),
        Reason("P07", "受益人指定不符合规定"),
        Reason("P08", "收款账户不是投保人本人账户"),
        Reason("P09", "资料不齐，经通知未补正"),
    ),
    tabs=(("changes", "变更对照", "servicing/_tab_changes.html", "servicing.services.changes_tab"),),
)
