"""新契约: its items, outcomes, reasons and where its parts live."""

from lifeops.cases.registry import Item, Line, Outcome, Reason
from lifeops.org.models import Role

STANDARD = Outcome("STANDARD", "标准体承保", always_second=False)
#: 次标准体: changed terms are never one person's act (facts 4.8), and the customer has agreed to them (facts 4.3).
LOADING = Outcome("LOADING", "加费承保", needs_reason=True)
EXCLUSION = Outcome("EXCLUSION", "特约除外承保", needs_reason=True)
POSTPONE = Outcome("POSTPONE", "延期", positive=False, needs_reason=True)
DECLINE = Outcome("DECLINE", "拒保", positive=False, needs_reason=True)
OUTCOMES = (STANDARD, LOADING, EXCLUSION, POSTPONE, DECLINE)
LETTERS = {"*": ("contract",), "POSTPONE": ("nb_postpone",), "DECLINE": ("nb_decline",)}

#: Kind of product that an item proposes.
KINDS = {"NB01": "term_life", "NB02": "whole_life"}

LINE = Line(
    code="underwriting",
    label="新契约",
    prefix="NB",
    reviewer_role=Role.UNDERWRITER,
    proxy="underwriting.models.UnderwritingCase",
    record="underwriting.models.Proposal",
    decision="underwriting.models.UnderwritingDecision",
    decision_form="underwriting.decision_form.UnderwritingDecisionForm",
    rules="underwriting.services.findings",
    summary="underwriting.services.summary",
    effect="underwriting.services.effect",
    persons="underwriting.services.persons",
    amount_label="累计风险保额（元）",
    items=(
        Item("NB01", "定期寿险投保", "underwriting.forms.ProposalForm", OUTCOMES, needs_policy=False, letters=LETTERS, receipt=True),
        Item("NB02", "终身寿险投保", "underwriting.forms.ProposalForm", OUTCOMES, needs_policy=False, letters=LETTERS, receipt=True),
    ),
    reasons=(
        Reason("U01", "被保险人健康状况"),
        Reason("U02", "体检结果异常"),
        Reason("U03", "职业或运动风险"),
        Reason("U04", "财务状况与保额不相称"),
        Reason("U05", "保险利益或投保动机"),
        Reason("U06", "累计风险保额超过可承保限额"),
        Reason("U07", "告知与查明事实不符"),
        Reason("U08", "未按要求体检或补充资料"),
        Reason("U09", "既往承保或理赔情况"),
    ),
    tabs=(("risk", "累计风险", "underwriting/_tab_risk.html", "underwriting.services.risk_tab"),),
)
