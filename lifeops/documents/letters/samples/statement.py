"""Sample: the statement of a policy."""

from __future__ import annotations

from typing import Any

from lifeops.documents.letters.samples.pending import BRANCH

STATEMENT: dict[str, dict[str, Any]] = {
    "policy_statement": BRANCH
    | {
        "number": "P861101052021000318-S001",
        "issued_on": "2026-03-20",
        "addressee": "顾砚秋",
        "addressee_address": "北京市朝阳区望和里 6 号楼 1204 室",
        "policy_number": "P861101052021000318",
        "as_of": "2026-03-20",
        "status": "有效",
        "effective_on": "2021-03-18",
        "pay_mode": "年交",
        "paid_to": "2027年3月18日",
        "dividend_option": "交清增额",
        "holder": {
            "name": "顾砚秋", "sex": "男", "born_on": "1984-06-02", "identity": "990105198406020017", "phone": "199****2210",
            "address": "北京市朝阳区望和里 6 号楼 1204 室",
        },
        "insured": {"name": "顾砚秋", "sex": "男", "born_on": "1984-06-02", "identity": "990105198406020017", "phone": "199****2210"},
        "covers": [
            {
                "name": "安岳长青终身寿险", "code": "W30", "sum_assured": "300000.00", "bonus_sum": "2713.50", "cover_term": "终身", "pay_term": "10 年",
                "premium": "9850.00",
            }
        ],
        "heirs": [{"order": 1, "name": "沈嘉禾", "relation": "配偶", "identity": "990105198511080027", "share": "100%"}],
        "value_lines": [
            {"label": "安岳长青终身寿险现金价值（第 6 保单年度）", "formula": "第 5 年末 96.10，第 6 年末 121.40（每 1000 元保额）", "amount": "28871.58"},
            {"label": "累积红利保险金额的现金价值", "formula": "红利保额按趸交的现金价值表", "amount": "1520.40"},
            {"label": "减：保单贷款本金", "amount": "-10000.00"},
            {"label": "减：保单贷款利息", "formula": "10,000.00 × 5% × 90 天 ÷ 365", "amount": "-123.29"},
        ],
        "value": "20268.69",
        "loans": [{"kind": "保单贷款", "since": "2025-12-20", "rate": "5.00%", "principal": "10000.00"}],
        "premiums": [
            {"on": "2026-03-18", "what": "续期", "note": "2026年3月18日收取", "amount": "9850.00"},
            {"on": "2025-03-18", "what": "续期", "note": "2025年3月20日收取", "amount": "9850.00"},
        ],
        "payments": [{"on": "2025-12-20", "what": "保单贷款", "note": "支付成功", "amount": "10000.00"}],
    }
}  # fmt: skip
