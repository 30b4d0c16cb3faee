"""Samples: the agreement of a policy loan, the receipt of its repayment, the notices of what is paid out."""

from __future__ import annotations

from typing import Any

from lifeops.documents.letters.samples.pending import BRANCH

CONTRACT: dict[str, Any] = {
    "addressee": "沈嘉禾",
    "policy_number": "P861101052021000318",
    "product": "安岳长青终身寿险",
    "holder": "沈嘉禾",
    "insured": "沈嘉禾",
}

LENDING: dict[str, dict[str, Any]] = {
    "loan_agreement": BRANCH
    | CONTRACT
    | {
        "number": "86110105-PS-2026-001201-4-L01",
        "case_number": "86110105-PS-2026-001201-4",
        "issued_on": "2026-03-12",
        "item": "保单贷款",
        "applied_on": "2026-03-10",
        "lent_on": "2026-03-12",
        "due_on": "2026-09-12",
        "amount": "20000.00",
        "rate": "5%",
        "payee": "沈嘉禾",
        "bank": "中国工商银行北京望和支行",
        "account": "6222020200112233445",
        "consent": "被保险人本人申请",
        "remark": "",
        "sums": [
            {"label": "现金价值", "formula": "第 5 年末 102.3，第 6 年末 124.6", "amount": "43126.60"},
            {"label": "可贷上限", "formula": "43,126.60 × 80%", "amount": "34501.28"},
        ],
        "terms": [
            "借款利息按单利、每年 365 日计算，自付款之日起计至还款之日的前一日。",
            "到期未还的，利息并入本金，按届时的利率续借一期。",
            "借款本息达到保险合同现金价值时，合同效力中止；中止期间发生保险事故的，本公司不承担保险责任。",
            "可以随时偿还部分或全部借款，不得以信用卡还款。",
        ],
    },
    "payout_notice": BRANCH
    | CONTRACT
    | {
        "number": "86110105-PS-2026-001512-6-N01",
        "case_number": "86110105-PS-2026-001512-6",
        "issued_on": "2026-09-03",
        "item": "生存金领取",
        "applied_on": "2026-09-01",
        "sums": [
            {"label": "第 5 年生存金应付", "formula": "2026-08-20 起可以领取", "amount": "3000.00"},
            {"label": "第 6 年生存金应付", "formula": "2026-08-30 起可以领取", "amount": "3000.00"},
        ],
        "total": "6000.00",
        "bank": "中国工商银行北京望和支行",
        "account": "6222020200112233445",
    },
    "refund_notice": BRANCH
    | CONTRACT
    | {
        "number": "86110105-PS-2026-001688-2-G01",
        "case_number": "86110105-PS-2026-001688-2",
        "issued_on": "2026-10-15",
        "item": "溢缴退费",
        "applied_on": "2026-10-13",
        "reason": "银行重复扣款，多交一期保险费",
        "sums": [{"label": "溢缴保险费", "formula": "暂收 5,600.00 元", "amount": "5600.00"}],
        "total": "5600.00",
        "remark": "款项付至投保人沈嘉禾本人账户（中国工商银行北京望和支行，6222 **** **** 3445）。",
    },
    "repayment_receipt": BRANCH
    | CONTRACT
    | {
        "number": "86110105-PS-2026-001377-8-K01",
        "case_number": "86110105-PS-2026-001377-8",
        "issued_on": "2026-08-20",
        "item": "贷款还款",
        "applied_on": "2026-08-20",
        "payer": "沈嘉禾",
        "paid_how": "银行转账",
        "received_on": "2026-08-19",
        "reference": "B20260819000377",
        "sums": [
            {"label": "保单贷款利息", "formula": "20,000.00 × 5% × 160 天 ÷ 365", "amount": "438.36"},
            {"label": "保单贷款本金", "formula": "自 2026-03-12 计息的本金 20,000.00", "amount": "9561.64"},
        ],
        "total": "10000.00",
        "rest": "10,438.36 元",
        "remark": "未还部分自到账日起继续计息。",
    },
}
