"""保全: its items, outcomes, reasons and where its parts live."""

from __future__ import annotations

from lifeops.cases.registry import Item, Line, Outcome, Reason
from lifeops.org.models import Role

APPROVE = Outcome("APPROVE", "同意办理")
REFUSE = Outcome("REFUSE", "不予办理", positive=False, needs_reason=True)
OUTCOMES = (APPROVE, REFUSE)
#: 解除 is signed one grade higher (facts 5.6).
RESCIND_OUTCOMES = (Outcome("APPROVE", "同意解约", tier_up=True), REFUSE)
#: 有条件同意: only where the risk is looked at again, agreed to by the customer (facts 1.5).
CONDITIONAL = "CONDITIONAL"
BACK_OUTCOMES = (APPROVE, Outcome(CONDITIONAL, "有条件同意（加费）", needs_reason=True), REFUSE)
#: The one reason for which 复效 may be refused though all is paid (司法解释三第8条).
RISKIER = "P10"
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
    decision_form="servicing.decision_form.ServicingDecisionForm",
    rules="servicing.services.findings",
    summary="servicing.services.summary",
    effect="servicing.services.effect",
    persons="servicing.facts.persons",
    second_signature="servicing.services.second_signature",
    least_grade="servicing.services.least_grade",
    items=(
        Item("PS01", "犹豫期撤单", "servicing.forms.CancelForm", OUTCOMES, letters=LETTERS),
        Item("PS02", "退保", "servicing.forms.SurrenderForm", OUTCOMES, letters=LETTERS),
        Item("PS03", "减保", "servicing.contract_forms.PartForm", OUTCOMES, letters=LETTERS),
        Item("PS07", "复效", "servicing.contract_forms.ReinstateForm", BACK_OUTCOMES, letters=LETTERS),
        Item("PS08", "减额交清", "servicing.contract_forms.PaidUpForm", OUTCOMES, letters=LETTERS),
        # not the contract changes: the loan has an agreement, its repayment a receipt
        Item(
            "PS09", "保单贷款", "servicing.contract_forms.LoanForm", OUTCOMES,
            letters={"*": ("loan_agreement",), "-": ("ps_refusal",)},
        ),
        # by one signature only out of 暂收: `second_signature`
        Item(
            "PS10", "贷款还款", "servicing.contract_forms.RepayForm", OUTCOMES, one_signature=True,
            letters={"*": ("repayment_receipt",), "-": ("ps_refusal",)},
        ),
        Item("PS12", "投保人变更", "servicing.holder_form.HolderForm", OUTCOMES, letters=LETTERS),
        Item("PS13", "受益人变更", "servicing.forms.BeneficiaryForm", OUTCOMES, letters=LETTERS),
        Item("PS24", "生存金领取", "servicing.contract_forms.BenefitForm", OUTCOMES, letters={"*": ("payout_notice",), "-": ("ps_refusal",)}),
        Item("PS26", "满期金领取", "servicing.contract_forms.BenefitForm", OUTCOMES, letters=LETTERS),
        Item("PS27", "红利领取与方式变更", "servicing.dividend_form.DividendForm", OUTCOMES, letters=LETTERS),
        Item(
            "PS28", "溢缴退费", "servicing.overpaid_form.OverpaidForm", OUTCOMES, letters={"*": ("refund_notice",), "-": ("ps_refusal",)}
        ),
        # the company asks itself: refused, nobody outside is told
        Item(
            "PS33", "公司解约", "servicing.rescission_form.RescissionForm", RESCIND_OUTCOMES, by_company=True, letters={"*": ("rescission_notice",)}
        ),
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
        Reason(RISKIER, "被保险人的危险程度在中止期间显著增加"),
        Reason("P11", "未补交保险费及利息"),
        Reason("P12", "已超过申请复效的期限"),
        Reason("P13", "不符合条款约定的条件或限额"),
        Reason("P14", "有贷款或垫交未清偿"),
        Reason("P15", "被保险人未签署同意"),
        Reason("P16", "还款方式不符合规定或款项未到账"),
        Reason("P17", "没有已到期、尚未领取的保险金"),
        Reason("P18", "生存情况不能核实"),
        Reason("P19", "没有可以退还的款项"),
        Reason("P20", "复效期限未满或正在办理复效"),
    ),
    tabs=(("changes", "变更对照", "servicing/_tab_changes.html", "servicing.services.changes_tab"),),
)
