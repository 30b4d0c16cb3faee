"""批单 of 减保, 复效 and 减额交清, 借款协议 and 还款凭证: their content."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lifeops.cases.models import Case
from lifeops.policies.models import Endorsement, PolicyLoan
from lifeops.policies.rules.lines import plain, yuan
from servicing import heirs
from servicing.contract import asked
from servicing.models import ChangeRequest, ConsentBy, ServicingDecision

LOAN_TERMS = (
    "借款利息按单利、每年 365 日计算，自借款之日起计至还款之日的前一日。",
    "到期未还的，利息并入本金，按合同约定续借一期。",
    "借款本息达到保险合同现金价值时，合同效力中止；中止期间发生保险事故的，本公司不承担保险责任。",
    "发生给付、退还款项时，先扣除未还的借款本息。",
    "可以随时偿还部分或全部借款，不得以信用卡还款。",
)
CLOSINGS = {
    "PS03": "自批单生效日起，保险责任、现金价值和以后各期保险费按减少后的保额计算，保险合同的其他内容不变。",
    "PS07": "自批单生效日起合同效力恢复。条款约定等待期自复效日起算的，重新起算；被保险人自复效之日起二年内自杀的，依保险法第四十四条处理。",
    "PS26": "保险合同已于保险期间届满时终止，款项付清后双方权利义务终结。",
    "PS08": "自批单生效日起不再交纳保险费，保险责任按减额后的保额继续，保险合同的其他内容不变。",
}
#: 金额的方向 of the items with money in their 批单.
DIRECTIONS = {"PS03": "应付金额", "PS07": "已收金额", "PS26": "应付金额"}


def contract_letter(kind: str, case: Case, decision: ServicingDecision) -> dict[str, Any]:
    if kind == "loan_agreement":
        return _agreement(case, decision)
    if kind == "payout_notice":
        return _payout(case, decision)
    return _receipt(case, decision) if kind == "repayment_receipt" else _endorsement(case, decision)


def consent_words(case: Case, record: ChangeRequest) -> str:
    if not record.consent_by:
        return "被保险人本人申请" if case.applicant_id == case.contract.insured_id else ""
    who = "被保险人的监护人" if record.consent_by == ConsentBy.GUARDIAN else "被保险人"
    return f"{who} {record.consent_on} 书面同意"


def sums_of(decision: ServicingDecision, *, counting: bool) -> list[dict[str, Any]]:
    rows = [row for row in decision.lines if row.get("counts", True) is counting]
    return [{"label": row["label"], "formula": row["formula"], "amount": Decimal(row["value"])} for row in rows]


def payee_words(case: Case, record: ChangeRequest) -> str:
    """To whom and where the money goes; where it is another than the policyholder, why and by whose approval."""
    if heirs.by_heirs(case):
        found = case.current_decision()
        return heirs.payee_words(case, record, found.amount if found is not None else Decimal("0.00"))
    account, decision = f"（{record.payee_bank}，{record.account_masked}）", case.current_decision()
    if not record.third_reason:
        return f"款项付至投保人{record.payee}{'单位' if case.contract.policyholder.is_organisation else '本人'}账户{account}。"
    signed = f"，由{decision.signed_by}批准" if decision is not None and decision.signed_by else ""
    return f"款项按投保人书面委托付至{record.payee}账户{account}。付给他人的原因：{record.third_words}{signed}。"


def _endorsement(case: Case, decision: ServicingDecision) -> dict[str, Any]:
    endorsement, record = Endorsement.objects.filter(case_number=case.number).latest("pk"), case.record
    words = [f"批单号 {endorsement.number}。"]
    if agreed := consent_words(case, record) if case.item not in ("PS03", "PS26") else "":
        words.append(f"{agreed}。")
    if case.item == "PS03" and decision.amount > 0:
        words.append(payee_words(case, record))
    if case.item == "PS26":
        words.append(payee_words(case, record) if heirs.by_heirs(case) else f"款项付至{record.payee}本人账户（{record.payee_bank}，{record.account_masked}）。")
    if case.item == "PS08":
        words += [f"{row['label']}：{row['formula']}，计 {yuan(Decimal(row['value']))} 元。" for row in decision.lines]
    if decision.extra:
        words.append(f"投保人于 {decision.agreed_on} 书面同意自下一期起每期加收保险费 {yuan(decision.extra)} 元。")
    data: dict[str, Any] = {
        "effective_on": endorsement.effective_on, "remark": "\n".join(words), "closing": CLOSINGS[case.item],
        "changes": [{"entry": c["label"], "before": c["before"], "after": c["after"]} for c in endorsement.changes],
    }
    if case.item in DIRECTIONS:
        data |= {"sums": sums_of(decision, counting=True), "total": decision.amount, "direction": DIRECTIONS[case.item]}
    return data


def _agreement(case: Case, decision: ServicingDecision) -> dict[str, Any]:
    record, loan = case.record, PolicyLoan.objects.filter(case_number=case.number).earliest("pk")
    return {
        "lent_on": loan.since, "due_on": loan.due_on, "amount": asked(record), "rate": f"{plain(loan.rate * 100)}%", "payee": record.payee,
        "bank": record.payee_bank, "account": record.payee_account, "consent": consent_words(case, record),
        "sums": sums_of(decision, counting=False), "terms": list(LOAN_TERMS),
        # the borrower signs that it went to another, and why
        "remark": payee_words(case, record) if record.third_reason else "",
    }  # fmt: skip


def _receipt(case: Case, decision: ServicingDecision) -> dict[str, Any]:
    record = case.record
    rest = next((row["after"] for row in record.comparison if row["label"] == "未还本息"), "")
    return {
        "payer": record.payer, "paid_how": record.get_paid_how_display(), "received_on": record.received_on, "reference": record.reference,
        "sums": sums_of(decision, counting=True), "total": decision.amount, "rest": rest,
        "remark": "多于应还本息的部分已转为溢交保费。" if any(row["label"] == "转为溢交保费" for row in decision.lines)
        else "" if rest == "0.00 元" else "未还部分自到账日起继续计息。",
    }  # fmt: skip


def _payout(case: Case, decision: ServicingDecision) -> dict[str, Any]:
    record = case.record
    told = {"sums": sums_of(decision, counting=True), "total": decision.amount}
    if heirs.by_heirs(case):
        return told | {"remark": payee_words(case, record)}
    return told | {
        "addressee": record.payee, "addressee_address": case.contract.insured.address, "bank": record.payee_bank, "account": record.payee_account,
    }  # fmt: skip
