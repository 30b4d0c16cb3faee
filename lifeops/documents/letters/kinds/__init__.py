"""The kinds of letters: code, Chinese title, inputs, template. Templates are `templates/letters/<code>.typ`."""


from __future__ import annotations

from dataclasses import dataclass

from lifeops.documents.letters.kinds.base import Letter
from lifeops.documents.letters.kinds.contract import Contract, Endorsement
from lifeops.documents.letters.kinds.decisions import (
    ClaimDecision,
    ClaimRefusal,
    RescissionNotice,
    ServicingRefusal,
    UnderwritingDecline,
    UnderwritingPostponement,
    WithdrawalNotice,
)
from lifeops.documents.letters.kinds.internal import (
    ArchiveCover,
    BorrowSlip,
    BoxLabel,
    ClockSheet,
    FlowSheet,
    HandoverList,
)
from lifeops.documents.letters.kinds.lending import LoanAgreement, PayoutNotice, RefundNotice, RepaymentReceipt
from lifeops.documents.letters.kinds.notice import DividendNotice, PolicyNoticeLetter
from lifeops.documents.letters.kinds.pending import (
    CorrectionNotice,
    ExamNotice,
    InvestigationOrder,
    QueryLetter,
    Receipt,
)
from lifeops.documents.letters.kinds.statement import PolicyStatement


@dataclass(frozen=True)
class LetterKind:
    """A kind of paper. `catalogue` is its code in the catalogue of papers (D01 …), empty for working papers."""

    code: str
    title: str
    inputs: type[Letter]
    catalogue: str = ""

    @property
    def template(self) -> str:
        return f"{self.code}.typ"


KINDS: dict[str, LetterKind] = {
    kind.code: kind
    for kind in (
        LetterKind("receipt", "受理回执", Receipt, "D01"),
        LetterKind("correction_notice", "补正通知书", CorrectionNotice, "D02"),
        LetterKind("query_letter", "照会函", QueryLetter, "D03"),
        LetterKind("exam_notice", "体检通知书", ExamNotice, "D04"),
        LetterKind("investigation_order", "调查任务书", InvestigationOrder, "D05"),
        LetterKind("contract", "保险合同", Contract, "D08"),
        LetterKind("endorsement", "批单", Endorsement, "D09"),
        LetterKind("claim_decision", "理赔决定通知书", ClaimDecision, "D15"),
        LetterKind("claim_refusal", "拒绝给付通知书", ClaimRefusal, "D16"),
        LetterKind("rescission_notice", "解除合同通知书", RescissionNotice, "D13"),
        LetterKind("nb_decline", "拒保通知书", UnderwritingDecline, "D07"),
        LetterKind("nb_postpone", "延期承保通知书", UnderwritingPostponement, "D07"),
        LetterKind("ps_refusal", "不予办理通知书", ServicingRefusal),
        LetterKind("loan_agreement", "保单借款协议", LoanAgreement),
        LetterKind("payout_notice", "领取通知书", PayoutNotice, "D18"),
        LetterKind("refund_notice", "退费通知书", RefundNotice),
        LetterKind("repayment_receipt", "还款凭证", RepaymentReceipt),
        LetterKind("withdrawal_notice", "撤件通知书", WithdrawalNotice, "D07"),
        LetterKind("policy_notice", "保单通知书", PolicyNoticeLetter, "D11"),
        LetterKind("dividend_notice", "红利通知书", DividendNotice, "D22"),
        LetterKind("policy_statement", "保单对账单", PolicyStatement),
        LetterKind("handover_list", "发放交接清单", HandoverList, "D23"),
        LetterKind("archive_cover", "业务档案卷", ArchiveCover, "D23"),
        LetterKind("box_label", "档案盒标签", BoxLabel, "D23"),
        LetterKind("borrow_slip", "档案借阅单", BorrowSlip, "D23"),
        LetterKind("clock_sheet", "时效说明", ClockSheet),
        LetterKind("flow_sheet", "案件流转单", FlowSheet),
    )
}
