"""Samples: papers that the company keeps."""

from __future__ import annotations

from typing import Any

from lifeops.documents.letters.samples.pending import BRANCH, HEAD_OFFICE

CASE = "86110105-CL-2026-000417-6"

INTERNAL: dict[str, dict[str, Any]] = {
    "handover_list": BRANCH
    | {
        "number": "JJ-86110105-2026-000089-7",
        "issued_on": "2026-03-25",
        "from_party": "朝阳支公司资料发放岗 郑好",
        "to_party": "代理人周文博（A0113562）",
        "handed_at": "2026-03-25T09:40:00+08:00",
        "papers": [
            {"number": "LP-8600-2026-000412-7", "title": "理赔决定通知书", "customer": "沈嘉禾", "pages": 2},
            {"number": "HT-86110105-2026-001877-2", "title": "保险合同", "customer": "沈嘉禾", "pages": 6, "note": "含送达回执"},
            {"number": "PD-86110105-2026-000655-9", "title": "批单", "customer": "沈嘉禾", "copies": 2, "pages": 1},
            {"number": "ZH-8600-2026-001208-3", "title": "照会函", "customer": "欧阳清和", "pages": 2, "note": "4 月 9 日前回复"},
        ],
        "remark": "回执请于 10 个工作日内交回。",
    },
    "archive_cover": BRANCH
    | {
        "number": "DA-86110105-2026-000417-1",
        "case_number": CASE,
        "issued_on": "2026-04-08",
        "title": "沈嘉禾申请顾砚秋身故给付（安岳长青终身寿险）",
        "line": "理赔",
        "year": 2026,
        "policy_number": "P861101052021000318",
        "customer": "顾砚秋",
        "closed_on": "2026-04-02",
        "retention": "合同终止后 10 年",
        "keep_until": "2036-04-02",
        "place": "朝阳库 03 架 2 层 盒 86110105-CL-2026-017",
        "entries": [
            {"name": "理赔决定通知书", "owner": "总公司", "dated": "2026-03-24", "first_page": 1, "last_page": 2},
            {"name": "签批记录", "owner": "总公司", "dated": "2026-03-23", "first_page": 3, "last_page": 3},
            {"name": "调查报告及附件", "owner": "韩立群等", "dated": "2026-03-19", "first_page": 4, "last_page": 41},
            {"name": "给付保险金申请书", "owner": "沈嘉禾", "dated": "2026-03-05", "first_page": 42, "last_page": 43},
            {"name": "居民死亡医学证明书", "owner": "和平医院", "dated": "2026-02-21", "first_page": 44, "last_page": 44, "note": "原件"},
            {"name": "身份及关系证明", "owner": "沈嘉禾", "first_page": 45, "last_page": 48},
            {"name": "保险合同", "dated": "2021-05-11", "first_page": 49, "last_page": 74, "note": "原件，已收回"},
        ],
        "condition": "卷内文件齐全，页次连续。第 44 页为原件，背面有医院骑缝章。影像 74 页与纸质一致。",
        "compiled_by": "苗青（档案岗）",
        "checked_by": "郑好",
    },
    "box_label": BRANCH
    | {
        "number": "86110105-CL-2026-017",
        "issued_on": "2026-04-30",
        "archive": "安岳人寿 朝阳支公司",
        "line": "理赔",
        "year": 2026,
        "retention": "合同终止后 10 年",
        "first_volume": "DA-86110105-2026-000402-5",
        "last_volume": "DA-86110105-2026-000431-9",
        "volume_count": 30,
        "place": "03 架 2 层",
    },
    "borrow_slip": BRANCH
    | {
        "number": "JY-86110105-2026-000014-3",
        "issued_on": "2026-05-11",
        "borrower": "方静",
        "borrower_no": "S860037",
        "borrower_unit": "总公司理赔部",
        "purpose": "客户对理赔扣减项目提出复核，需核对借款凭证原件。",
        "volumes": [
            {"number": "DA-86110105-2026-000417-1", "title": "沈嘉禾申请顾砚秋身故给付", "pages": 74},
            {"number": "DA-86110105-2025-002206-8", "title": "顾砚秋保单借款", "pages": 9, "form": "复印件"},
        ],
        "borrowed_on": "2026-05-11",
        "due_on": "2026-05-25",
        "approved_by": "罗维（分公司运营经理）",
        "rules": ["不得拆卷、涂改、折叠、转借；复制须另行批准。", "到期未还的，档案岗催还并报告批准人。"],
    },
    "clock_sheet": HEAD_OFFICE
    | {
        "number": "SX-8600-2026-000417-3",
        "case_number": CASE,
        "issued_on": "2026-03-23",
        "clock": "理赔核定（复杂案件）",
        "rule": "CL_DECIDE 第 3 版，2026 年 1 月 1 日起施行",
        "basis": [
            "《中华人民共和国保险法》第二十三条第一款：情形复杂的，应当在三十日内作出核定。",
            "《最高人民法院关于适用〈保险法〉若干问题的解释（二）》第十五条：补充资料的期间应当扣除。",
        ],
        "subject": "身故给付",
        "customer": "沈嘉禾",
        "started_at": "2026-03-05T10:26:00+08:00",
        "limit": "30 日（自然日）",
        "due_at": "2026-04-09T23:59:00+08:00",
        "spent": "13 日",
        "result": "在时限内，尚余 17 日",
        "as_of": "2026-03-23T16:10:00+08:00",
        "segments": [
            {
                "party": "机构",
                "unit": "朝阳支公司",
                "person": "林晓彤",
                "since": "2026-03-05T10:26:00+08:00",
                "until": "2026-03-06T15:02:00+08:00",
                "counted": True,
                "spent": "1 日",
                "why": "受理、预审",
            },
            {
                "party": "客户",
                "person": "沈嘉禾",
                "since": "2026-03-06T15:02:00+08:00",
                "until": "2026-03-11T09:15:00+08:00",
                "counted": False,
                "spent": "5 日",
                "why": "补正通知送达至资料收齐，依法扣除",
            },
            {
                "party": "机构",
                "unit": "朝阳支公司",
                "person": "林晓彤",
                "since": "2026-03-11T09:15:00+08:00",
                "until": "2026-03-12T11:30:00+08:00",
                "counted": True,
                "spent": "1 日",
                "why": "录入、扫描、交接",
            },
            {
                "party": "总部",
                "unit": "运营中心",
                "person": "方静",
                "since": "2026-03-12T11:30:00+08:00",
                "counted": True,
                "spent": "11 日",
                "why": "审核及调查，调查不停计",
            },
        ],
        "shares": [
            {"party": "机构", "spent": "2 日", "counted": "2 日"},
            {"party": "客户", "spent": "5 日", "counted": "0 日"},
            {"party": "总部", "spent": "11 日", "counted": "11 日"},
        ],
        "remark": "起算当日不计入；每段按跨过的日数计算，合计 13 日。",
    },
    "flow_sheet": BRANCH
    | {
        "number": "LZ-86110105-2026-000417-4",
        "case_number": CASE,
        "issued_on": "2026-04-02",
        "line": "理赔",
        "item": "CL01 身故给付",
        "customer": "沈嘉禾",
        "customer_identity": "110105198804120027",
        "policy_number": "P861101052021000318",
        "state": "已发放",
        "holder": "机构 · 朝阳支公司",
        "submitted_on": "2026-03-05",
        "happenings": [
            {"seq": n, "at": at, "step": step, "actor": actor, "unit": unit, "change": change, "reason": reason}
            for n, (at, step, actor, unit, change, reason) in enumerate(
                [
                    ("2026-03-05T10:26:00+08:00", "受理", "林晓彤", "朝阳支公司", "→ 已受理", "收讫 7 项 34 页"),
                    ("2026-03-06T15:02:00+08:00", "退回补正", "林晓彤", "朝阳支公司", "已受理 → 待补正", "补正通知 3 项"),
                    ("2026-03-11T09:15:00+08:00", "补正收件", "林晓彤", "朝阳支公司", "待补正 → 已受理", ""),
                    ("2026-03-12T11:30:00+08:00", "交接总部", "林晓彤", "朝阳支公司", "已录入扫描 → 待审核", "应扫 74 实扫 74"),
                    ("2026-03-12T13:40:00+08:00", "领取", "方静", "总公司理赔部", "待审核 → 审核中", ""),
                    ("2026-03-13T10:05:00+08:00", "发起调查", "方静", "总公司理赔部", "审核中 → 问题件处理中", "复效后两年内出险"),
                    ("2026-03-19T17:20:00+08:00", "调查回复", "韩立群", "朝阳支公司", "问题件处理中 → 审核中", "结论：属实"),
                    ("2026-03-23T16:10:00+08:00", "作出结论", "方静", "总公司理赔部", "审核中 → 待批准", "部分给付 322,355.63 元，超出一级权限"),
                    ("2026-03-23T17:45:00+08:00", "批准", "罗维", "总公司理赔部", "待批准 → 已批准", "同意"),
                    ("2026-04-02T09:30:00+08:00", "发放", "郑好", "朝阳支公司", "已批准 → 已发放", "客户本人领取"),
                ],
                start=1,
            )
        ],
        "seal": "9f2b6c1d7e0a4853b1c6d2e8f4a79035c8e1d4b7a2f60593e6c9d8b1a4f7203e",
        "printed_by": "郑好",
        "printed_at": "2026-04-02T10:00:00+08:00",
    },
}
