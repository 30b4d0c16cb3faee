"""Samples: contract, endorsement and the letters that tell a decision."""

from __future__ import annotations

from typing import Any

from lifeops.documents.letters.samples.pending import BRANCH, BUYER, HEAD_OFFICE

DECEASED: dict[str, Any] = {
    "case_number": "86110105-CL-2026-000417-6",
    "addressee": "沈嘉禾",
    "addressee_address": "北京市朝阳区望和里 6 号楼 1204 室",
    "policy_number": "P861101052021000318",
    "product": "安岳长青终身寿险",
    "holder": "顾砚秋",
    "insured": "顾砚秋",
    "item": "身故给付",
    "event": "被保险人 2026 年 2 月 21 日因急性心肌梗死在西城和平医院身故",
    "event_on": "2026-02-21",
    "requested_on": "2026-03-05",
}
APPLICATION: dict[str, Any] = BUYER | {
    "case_number": "86110105-NB-2026-002310-8",
    "application_number": "T861101052026002310",
    "applied_on": "2026-03-02",
}

DECISIONS: dict[str, dict[str, Any]] = {
    "contract": BRANCH
    | {
        "number": "HT-86110105-2026-001877-2",
        "case_number": "86110105-NB-2026-002310-8",
        "issued_on": "2026-03-18",
        "addressee": "沈嘉禾",
        "policy_number": "P861101052026001877",
        "holder": {
            "name": "沈嘉禾",
            "sex": "女",
            "born_on": "1988-04-12",
            "identity": "110105198804120027",
            "phone": "138****0018",
            "address": "北京市朝阳区望和里 6 号楼 1204 室",
        },
        "insured": {"name": "沈嘉禾", "sex": "女", "born_on": "1988-04-12", "identity": "110105198804120027"},
        "established_on": "2026-03-18",
        "effective_on": "2026-03-19",
        "pay_mode": "年交",
        "covers": [
            {
                "name": "安岳长青终身寿险",
                "code": "WL2024A",
                "sum_assured": "500000.00",
                "cover_term": "终身",
                "pay_term": "20 年",
                "premium": "9850.00",
            },
            {
                "name": "安岳附加意外伤害保险",
                "code": "AD2023R",
                "role": "附加险",
                "sum_assured": "200000.00",
                "cover_term": "1 年",
                "pay_term": "1 年",
                "premium": "360.00",
            },
        ],
        "first_premium": "10210.00",
        "heirs": [
            {"order": 1, "name": "陆知远", "relation": "配偶", "identity": "110105198701150019", "share": "60%"},
            {"order": 1, "name": "陆沈一诺", "relation": "子女", "identity": "110105201609090022", "share": "40%"},
        ],
        "benefits": [
            {
                "title": "1. 身故保险金",
                "wording": "被保险人身故的，本公司按下列三者中的较大者给付身故保险金，本合同终止："
                "（一）被保险人身故时本合同的基本保险金额；（二）已交保险费的 120%；（三）身故时本合同的现金价值。",
            },
            {
                "title": "2. 全残保险金",
                "wording": "被保险人因意外伤害或疾病导致合同所列全残的，本公司按身故保险金的标准给付全残保险金，本合同终止。",
            },
        ],
        "exclusions": [
            {
                "title": "因下列情形之一导致被保险人身故或全残的，本公司不承担给付保险金的责任：",
                "wording": "（一）投保人对被保险人的故意杀害、故意伤害；\n"
                "（二）被保险人故意犯罪或者抗拒依法采取的刑事强制措施；\n"
                "（三）被保险人自本合同成立或者效力恢复之日起二年内自杀，但被保险人自杀时为无民事行为能力人的除外；\n"
                "（四）战争、军事冲突、暴乱或者武装叛乱；核爆炸、核辐射或者核污染。",
            },
            {
                "title": "发生上述情形时合同的处理",
                "wording": "发生第（一）项情形的，本合同终止，已交足二年以上保险费的，本公司按照合同约定向其他权利人退还现金价值；"
                "发生其他情形的，本合同终止，本公司退还现金价值。",
            },
        ],
        "special_terms": ["被保险人高血压病史按标准费率加收 25% 保险费，已计入每期保险费，投保人已书面同意。"],
        "dues": [
            {"period": f"第 {n} 期", "due_on": f"{2025 + n}-03-19", "amount": "10210.00" if n == 1 else "9850.00"}
            for n in range(1, 21)
        ],
        "cash_values": [{"year": n, "amount": f"{1180 * n + 96 * n * n}.00"} for n in range(1, 61)],
        "value_basis": "下表为主险各保单年度末的现金价值，年度中间的现金价值按经过日数直线计算。",
        "cooling_off_days": 15,
        "grace_days": 60,
        "agent": "周文博（A0113562）",
    },
    "endorsement": BRANCH
    | {
        "number": "PD-86110105-2026-000655-9",
        "case_number": "86110105-PS-2026-001190-3",
        "issued_on": "2026-03-12",
        "addressee": "沈嘉禾",
        "policy_number": "P861101052021000318",
        "product": "安岳长青终身寿险",
        "holder": "沈嘉禾",
        "insured": "沈嘉禾",
        "item": "受益人变更、减少保险金额",
        "applied_on": "2026-03-10",
        "effective_on": "2026-03-12",
        "changes": [
            {"entry": "身故受益人", "before": "沈国平（父亲）100%", "after": "陆知远（配偶）60%\n陆沈一诺（子女）40%"},
            {"entry": "基本保险金额", "before": "500,000.00 元", "after": "400,000.00 元"},
            {"entry": "每期保险费", "before": "9,850.00 元", "after": "7,880.00 元"},
        ],
        "sums": [
            {"label": "减少部分现金价值", "formula": "100,000 元保额对应现金价值，经过 5 年 129 日", "amount": "4312.66"},
            {"label": "欠交保险费", "formula": "无", "amount": "0.00"},
            {"label": "借款本息", "formula": "1,000.00 元本金及 10.05 元利息", "amount": "-1010.05"},
        ],
        "total": "3302.61",
        "direction": "应退还金额",
        "remark": "被保险人已书面同意变更受益人（保险法第四十一条）。",
    },
    "claim_decision": HEAD_OFFICE
    | DECEASED
    | {
        "number": "LP-8600-2026-000412-7",
        "issued_on": "2026-03-24",
        "decided_on": "2026-03-23",
        "outcome": "部分给付",
        "opinion": "经核实，被保险人在合同有效期内因疾病身故，属于保险责任。附加意外伤害保险因事故原因为疾病，不属于其保险责任。"
        "合同有未还借款和宽限期内欠交的保险费，依约从保险金中扣除。",
        "sums": [
            {"label": "身故保险金", "formula": "基本保险金额 350,000.00 元（大于已交保险费的 120% 和现金价值）", "amount": "350000.00"},
            {"label": "扣除欠交保险费", "formula": "2025 年 12 月 20 日应交，宽限期内出险", "amount": "-6895.00"},
            {"label": "扣除借款本金", "formula": "2025 年 6 月 3 日借款", "amount": "-20000.00"},
            {"label": "扣除借款利息", "formula": "20,000.00 × 5.2% × 263 ÷ 365", "amount": "-749.37"},
        ],
        "total": "322355.63",
        "payees": [
            {
                "name": "沈嘉禾",
                "relation": "配偶",
                "identity": "110105198804120027",
                "share": "60%",
                "bank": "中国工商银行北京望和支行",
                "account": "6222020200112233445",
                "amount": "193413.38",
            },
            {
                "name": "顾一诺",
                "relation": "子女",
                "identity": "110105201609090022",
                "share": "40%",
                "bank": "中国工商银行北京望和支行",
                "account": "6222020200112233999",
                "amount": "128942.25",
            },
        ],
        "clauses": [
            {
                "source": "安岳长青终身寿险条款",
                "article": "第 2.3 条",
                "wording": "被保险人身故的，本公司按基本保险金额、已交保险费的 120%、现金价值三者中的较大者给付身故保险金。",
            }
        ],
        "pay_by": "2026-04-02",
        "contract_effect": "身故保险金给付后，保险合同终止。",
    },
    "claim_refusal": HEAD_OFFICE
    | DECEASED
    | {
        "number": "JF-8600-2026-000031-2",
        "issued_on": "2026-03-24",
        "decided_on": "2026-03-23",
        "facts": "被保险人于 2024 年 8 月 6 日申请合同复效，健康告知第 5 项“是否患有或曾患有高血压、冠心病”回答“否”。\n"
        "经调查，被保险人 2021 年 3 月在西城和平医院确诊高血压 3 级、冠心病，此后持续用药，2023 年 11 月因不稳定型心绞痛住院 9 日。"
        "2026 年 2 月 21 日因急性心肌梗死身故。",
        "evidence": [
            "复效申请书及健康告知书（2024 年 8 月 6 日，被保险人签名）；",
            "西城和平医院住院病历（2023 年 11 月，病案号 0231187，共 34 页）；",
            "社会医疗保险门诊用药记录（2021 年 3 月至 2026 年 1 月）；",
            "调查报告 DC-8600-2026-000092-5（调查人韩立群、杜若飞）。",
        ],
        "clauses": [
            {
                "source": "安岳长青终身寿险条款",
                "article": "第 6.2 条　明确说明与如实告知",
                "wording": "投保人故意或者因重大过失未履行如实告知义务，足以影响本公司决定是否同意承保或者提高保险费率的，本公司有权解除合同。",
            }
        ],
        "articles": [
            "《中华人民共和国保险法》第十六条第二款、第五款：因重大过失未如实告知、对保险事故的发生有严重影响的，"
            "保险人对于合同解除前发生的保险事故，不承担给付保险金的责任，但应当退还保险费。",
            "《中华人民共和国保险法》第二十四条：对不属于保险责任的，应当自作出核定之日起三日内发出拒绝给付保险金通知书，并说明理由。",
        ],
        "reasons": [
            {
                "code": "R05",
                "title": "未如实告知，合同已依法解除",
                "detail": "未告知的高血压、冠心病足以影响本公司决定是否同意复效，并对本次事故的发生有严重影响。"
                "本公司于 2026 年 3 月 16 日知悉上述事实，并于法定期限内行使解除权。",
            }
        ],
        "contract_effect": "保险合同自解除通知送达之日起解除，本公司退还复效后已交的保险费。",
        "refund": "13790.00",
        "refund_label": "退还保险费",
    },
    "nb_decline": HEAD_OFFICE
    | APPLICATION
    | {
        "number": "JB-8600-2026-000077-0",
        "issued_on": "2026-03-20",
        "decided_on": "2026-03-19",
        "reasons": [
            {
                "code": "UW_DECLINE",
                "title": "被保险人健康状况超出可承保范围",
                "detail": "综合体检报告和补充病历，被保险人目前的风险程度超过本产品可以接受的范围，加费或特别约定均不能覆盖。",
            }
        ],
        "refund": "9850.00",
        "refund_by": "2026-03-27",
        "refund_to": "原交费账户 6222 **** **** 3445",
        "papers": [{"name": "既往住院病历", "form": "复印件", "pages": 12}, {"name": "收入证明", "pages": 1}],
    },
    "nb_postpone": HEAD_OFFICE
    | APPLICATION
    | {
        "number": "YQ-8600-2026-000120-8",
        "issued_on": "2026-03-20",
        "decided_on": "2026-03-19",
        "postponed_until": "2026-09-19",
        "reasons": [
            {
                "code": "UW_POSTPONE",
                "title": "甲状腺结节性质待明确",
                "detail": "超声提示甲状腺结节 TI-RADS 4a 类，需经随访或病理检查明确性质后方能评估。",
            }
        ],
        "conditions": ["六个月后的甲状腺超声复查报告；", "如已行穿刺或手术，请提供病理报告和出院小结。"],
        "refund": "9850.00",
        "refund_by": "2026-03-27",
        "refund_to": "原交费账户",
    },
    "ps_refusal": HEAD_OFFICE
    | {
        "number": "BY-8600-2026-000205-6",
        "case_number": "86110105-PS-2026-001203-1",
        "issued_on": "2026-03-13",
        "addressee": "沈嘉禾",
        "policy_number": "P861101052021000318",
        "product": "安岳长青终身寿险",
        "holder": "沈嘉禾",
        "insured": "顾砚秋",
        "item": "身故受益人变更",
        "applied_on": "2026-03-10",
        "decided_on": "2026-03-12",
        "reasons": [
            {
                "title": "未经被保险人书面同意",
                "detail": "投保人与被保险人不是同一人。投保人变更受益人须经被保险人同意，本次申请未附被保险人签名的同意书，"
                "经补正通知后仍未提供。",
            }
        ],
        "basis": ["《中华人民共和国保险法》第四十一条第二款：投保人变更受益人时须经被保险人同意。"],
        "advice": ["取得被保险人书面同意后，随时可以重新申请，原已提交的资料仍然有效；", "也可以由被保险人本人提出变更申请。"],
    },
    "withdrawal_notice": BRANCH
    | APPLICATION
    | {
        "number": "CJ-86110105-2026-000311-5",
        "issued_on": "2026-04-13",
        "decided_on": "2026-04-13",
        "item": "定期寿险投保",
        "withdrawn_by": "逾期未回复照会",
        "reasons": [
            {
                "title": "照会函 ZH-8600-2026-001208-3 逾期未回复",
                "detail": "照会函 3 月 10 日发出、3 月 12 日送达，回复期限 4 月 9 日。其间服务人员三次联系，您表示暂不继续投保。",
            }
        ],
        "refund": "9850.00",
        "refund_by": "2026-04-20",
        "refund_to": "原交费账户",
        "papers": [{"name": "投保单", "form": "原件", "pages": 6}],
        "again": "您随时可以重新投保。半年内重新投保的，已提交且仍有效的资料不必重复提供。",
    },
}
