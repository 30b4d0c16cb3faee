"""理赔: its items, outcomes, reasons and where its parts live."""

from claims.grounds import REFUND_CV, RESCIND_NO_REFUND, RESCIND_REFUND, RESCINDING
from lifeops.cases.registry import Item, Line, Outcome, Reason
from lifeops.org.models import Role

PAY = Outcome("PAY", "给付", always_second=False)
PART = Outcome("PART", "部分给付", needs_amount=True, needs_reason=True)
EX_GRATIA = Outcome("EX_GRATIA", "通融给付", needs_amount=True, needs_reason=True, tier_up=True)
REFUSE = Outcome("REFUSE", "拒付", positive=False, needs_reason=True, tier_up=True)
#: No benefit either, and the contract ends: what each rests on is in `claims.grounds`.
RESCIND = tuple(
    Outcome(code, label, positive=False, needs_reason=True, tier_up=True)
    for code, label in ((RESCIND_REFUND, "解除合同退费"), (RESCIND_NO_REFUND, "解除合同不退费"))
)
VALUE = Outcome(REFUND_CV, "退还现金价值", positive=False, needs_reason=True, tier_up=True)
OUTCOMES = (PAY, PART, EX_GRATIA, REFUSE, *RESCIND)
#: 保险法 24: the claimant is refused; 16, 27, 32: the policyholder is told that the contract is rescinded.
LETTERS = {"*": ("claim_decision",), "-": ("claim_refusal",)} | dict.fromkeys(RESCINDING, ("rescission_notice", "claim_refusal"))

LINE = Line(
    code="claims",
    label="理赔",
    prefix="CL",
    reviewer_role=Role.CL_REVIEWER,
    proxy="claims.models.ClaimCase",
    record="claims.models.Claim",
    decision="claims.models.ClaimDecision",
    decision_form="claims.forms.ClaimDecisionForm",
    rules="claims.services.findings",
    summary="claims.services.summary",
    effect="claims.services.effect",
    persons="claims.payees.persons",
    same_event="claims.services.same_event",
    second_signature="claims.payees.second_signature",
    items=(
        Item("CL01", "身故理赔", "claims.forms.DeathClaimForm", (*OUTCOMES, VALUE), letters=LETTERS),
        Item("CL05", "住院医疗理赔", "claims.forms.MedicalClaimForm", OUTCOMES, letters=LETTERS),
    ),
    reasons=(
        Reason("C01", "事故不在保险期间内"),
        Reason("C02", "等待期内发生"),
        Reason("C03", "责任免除事项"),
        Reason("C04", "合同成立二年内自杀"),
        Reason("C05", "因重大过失未如实告知"),
        Reason("C06", "费用不属于保险责任"),
        Reason("C07", "部分费用已由他方补偿"),
        Reason("C08", "证明资料不足以认定"),
        Reason("C09", "客户服务考虑"),
        Reason("C10", "故意不如实告知"),
        Reason("C11", "真实年龄不符合约定的年龄限制"),
        Reason("C12", "未发生保险事故，谎称发生"),
        Reason("C13", "投保人、被保险人故意制造保险事故"),
        Reason("C14", "被保险人故意犯罪或抗拒刑事强制措施"),
        Reason("C15", "投保人故意造成被保险人死亡"),
    ),
)
