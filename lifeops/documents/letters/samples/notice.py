"""Samples: a policy has lapsed; a policy year brought dividends."""

from __future__ import annotations

from typing import Any

from lifeops.documents.letters.samples.pending import BRANCH

NOTICE: dict[str, dict[str, Any]] = {
    "policy_notice": BRANCH
    | {
        "number": "P861101052021000318-T12",
        "issued_on": "2026-05-20",
        "addressee": "顾砚秋",
        "addressee_address": "北京市朝阳区望和里 6 号楼 1204 室",
        "heading": "保险合同效力中止通知书",
        "policy_number": "P861101052021000318",
        "product": "安岳长青终身寿险",
        "holder": "顾砚秋",
        "insured": "顾砚秋",
        "about": "2026-05-18",
        "opening": "您的保险合同应于 2026年3月18日 交纳的保险费在宽限期内未收到，合同效力自 2026年5月18日 起中止。",
        "facts": [{"label": "应交日", "value": "2026年3月18日"}, {"label": "可复效至", "value": "2028年5月18日"}],
        "sum_label": "当期应交保险费",
        "sum": "9850.00",
        "effects": ["中止期间发生的保险事故，本公司不承担保险责任。"],
        "ways": ["自中止之日起二年内申请恢复效力（复效），补交保险费及利息。"],
        "basis": ["《中华人民共和国保险法》第三十六条、第三十七条"],
    },
    "dividend_notice": BRANCH
    | {
        "number": "P861101052021000318-T15",
        "issued_on": "2026-03-20",
        "addressee": "顾砚秋",
        "addressee_address": "北京市朝阳区望和里 6 号楼 1204 室",
        "policy_number": "P861101052021000318",
        "product": "安岳长青终身寿险（分红型）",
        "holder": "顾砚秋",
        "insured": "顾砚秋",
        "about": "2026-03-18",
        "year": 5,
        "option": "交清增额",
        "opening": "您的保险合同于 2026年3月18日 满 5 个保单年度。该年度的红利已按本公司公布的红利率派发，情况如下。",
        "cash": [
            {"what": "第 5 年度 累积红利利息", "how": "2,713.50 × 2.5%", "taken": "计入累积红利", "amount": "67.84"},
            {"what": "第 5 年度 安岳长青终身寿险（分红型） 红利", "how": "基本保险金额 300,000.00 × 0.8%", "taken": "交清增额", "amount": "2400.00"},
        ],
        "total": "2467.84",
        "grown": [
            {
                "what": "第 5 年度 安岳长青终身寿险（分红型）", "how": "红利交清增额", "added": "5120.00", "bonus_sum": "9840.00",
                "effective": "309840.00",
            }
        ],
        "as_of": "2026-03-18",
        "balances": [
            {"label": "累积红利（含利息）", "amount": "2781.34"},
            {"label": "现金价值（未扣欠款）", "amount": "58210.20"},
            {"label": "其中：红利保险金额的现金价值", "amount": "4612.08"},
        ],
        "notes": ["红利分配取决于本公司分红保险业务的实际经营状况，是不保证的；以往年度的红利水平不代表今后。"],
        "ways": ["申请领取已到期或累积的红利，或变更红利领取方式；变更自下一保单周年日起适用。"],
    },
}  # fmt: skip
