"""Sample: a policy has lapsed."""

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
    }
}
