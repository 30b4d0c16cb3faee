"""Rules a fresh installation starts with: clocks, ladders, content library, order of work. All of them editable data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.cases.models import ClockRule, ContentItem, LadderStep, ProcessRule, UrgeStep
from lifeops.cases.models.clock import ClockKind, StartFrom, Unit
from lifeops.cases.states import Holder, RequestKind

FROM = date(2026, 1, 1)

#: code, name, kind, line, start, start_from, stop, amount, unit, complex amount, complex unit, pausing parties, source
CLOCKS: tuple[tuple[Any, ...], ...] = (
    ("PS_ACCEPT", "保全受理", "statutory", "servicing", "register,resubmit", "submitted",
     "pass_precheck,state:returned,state:withdrawn", 2, "WD", None, "", [], "服务规定第19条"),
    ("PS_DONE", "保全办结", "statutory", "servicing", "state:approved", "event", "state:released", 5, "WD", None, "", [],
     "服务规定第20条"),
    ("PS_REINST_ANSWER", "复效答复", "statutory", "servicing", "register", "submitted",
     "state:approved,state:declined,state:withdrawn", 30, "ND", None, "", [], "司法解释三第8条"),
    ("CL_DECIDE", "理赔核定", "statutory", "claims", "pass_precheck", "submitted",
     "state:approved,state:declined,state:withdrawn", 5, "WD", 30, "ND", ["customer"], "保险法第23条"),
    ("CL_NOTIFY_REFUSE", "拒赔通知", "statutory", "claims", "state:declined", "event", "state:released", 3, "ND", None, "",
     [], "保险法第24条"),
    # the decision tells what is due and to whom: from then on the law counts ten days until the money is there
    ("CL_PAY", "理赔付款", "statutory", "claims", "state:approved", "event", "payment.settle,state:archived", 10, "ND", None, "", [],
     "保险法第23条"),
    # of conclusions that say since when the company knows; a conclusion that comes back is to say it again
    ("CL_RESCIND", "解除权", "statutory", "claims", "conclude", "known", "state:released,state:withdrawn,state:approved,disagree,return_to_review", 30,
     "ND", None, "", [], "保险法第16条第3款"),
    ("NB_ISSUE", "承保出单", "statutory", "underwriting", "pass_precheck", "submitted",
     "state:released,state:declined,state:withdrawn", 15, "WD", None, "", [], "服务规定第11条"),
    ("IN_HANDOVER", "受理至交接", "internal", "", "register,resubmit", "event", "hand_over,state:returned,state:withdrawn", 8, "WH",
     None, "", [], "内部目标"),
    # not paused by the customer, whose time it is; when it is over the head may close the case (逾期撤件)
    ("IN_CORRECT", "补正期限", "internal", "", "return_for_correction", "event", "resubmit,state:withdrawn", 30, "ND", None, "", [],
     "内部目标"),
    ("UW_REVIEW", "核保审核", "internal", "underwriting", "hand_over", "event",
     "state:approved,state:declined,state:withdrawn", 2, "WD", None, "", ["customer", "agent", "branch"], "内部目标"),
    ("PS_REVIEW", "保全审核", "internal", "servicing", "hand_over", "event",
     "state:approved,state:declined,state:withdrawn", 1, "WD", None, "", ["customer", "agent", "branch"], "内部目标"),
    ("CL_REVIEW", "理赔审核", "internal", "claims", "hand_over", "event",
     "state:approved,state:declined,state:withdrawn", 3, "WD", 20, "ND", ["customer", "agent", "branch"], "内部目标"),
    ("AR_RELEASE", "决定至发放", "internal", "", "state:approved,state:declined", "event", "state:released", 2, "WD", None, "", [],
     "内部目标"),
    ("AR_RECEIPT", "回执回销", "internal", "underwriting", "approved>released", "event", "register_receipt,state:archived", 10,
     "WD", None, "", [], "内部目标"),
    ("AR_FILE", "办结至归档", "internal", "", "state:released,state:withdrawn", "event", "state:archived", 10, "WD", None, "", [],
     "内部目标"),
)
#: Rules for some items only.
ITEMS_OF = {"PS_REINST_ANSWER": ["PS07"]}
LADDER = (
    ("statutory", 1, 0, ["handler"]), ("statutory", 2, 0, ["handler", "head"]),
    ("statutory", 3, 1, ["head", "top"]), ("statutory", 4, 3, ["top"]),
    ("internal", 1, 0, ["handler"]), ("internal", 2, 0, ["handler"]), ("internal", 3, 1, ["head"]),
)
URGES = (
    ("query", 1, 3, "电话联系客户并登记", False), ("query", 2, 6, "上门或书面催办", True),
    ("query", 3, 10, "期限已到：确认客户意愿，报机构主管", True),
    ("exam", 1, 3, "联系客户预约体检", False), ("exam", 2, 8, "催办体检并报机构主管", True),
    ("investigation", 1, 3, "报告调查进度", False), ("investigation", 2, 7, "督办：报机构主管", True),
)
#: code, line, kind, cause, title, text, doc_type, counts as error
CONTENT = (
    ("UQ01", "underwriting", "query", "健康告知", "补充健康告知", "请就健康告知书中答“是”的事项说明发病时间、诊断、治疗经过及现状。", "DISCLOSURE", False),
    ("UQ02", "underwriting", "query", "健康告知", "提供病历资料", "请提供门诊或住院病历、检查报告的复印件。", "MEDICAL_RECORD", False),
    ("UQ03", "underwriting", "query", "财务资料", "提供收入证明", "请提供近一年收入证明或纳税证明。", "INCOME_PROOF", False),
    ("UQ04", "underwriting", "query", "签名资料", "补签投保单", "投保单签名不全，请投保人、被保险人（或监护人）补签。", "APP_FORM", True),
    ("UQ05", "underwriting", "query", "职业告知", "补充职业告知", "请说明具体工作内容、工作场所及有无高处、水下、带电作业。", "OCCUPATION_FORM", False),
    ("UQ06", "underwriting", "query", "承保条件变更", "承保条件变更确认", "本公司拟按下列变更后的条件承保（加费金额或除外内容见补充内容）。同意的，请投保人、被保险人签名并注明日期后交回；不同意的，本次投保作撤件处理。", "TERMS_CHANGE", False),
    ("UE01", "underwriting", "exam", "普通体检", "普通体检", "请在收到通知之日起十个工作日内，持身份证件到定点医院体检：身高体重、血压、尿常规、血常规、心电图、肝肾功能、血糖血脂。", "EXAM_REPORT", False),
    ("UE02", "underwriting", "exam", "增项体检", "增项体检", "在普通体检项目外，加做胸部影像、腹部彩超。", "EXAM_REPORT", False),
    ("SQ01", "servicing", "query", "签名资料", "补签申请书", "保全申请书签名不全或与留存样式不符，请补签。", "SERVICING_FORM", True),
    ("SQ02", "servicing", "query", "身份资料", "提供有效证件", "所附证件已过期或不清晰，请提供有效身份证件。", "ID_APPLICANT", True),
    ("SQ03", "servicing", "query", "被保险人同意", "被保险人同意书", "受益人变更须被保险人书面同意（保险法第四十一条），请提供。", "CONSENT", True),
    ("SQ04", "servicing", "query", "账户资料", "提供收款账户", "请提供投保人本人的银行账户复印件。", "BANK_CARD", True),
    ("SQ05", "servicing", "query", "复效补交", "补交复效款项", "请补交复效应交的保险费及利息（金额见补充内容，按款项到账日计息），款项到账后本公司继续办理。", "PAYMENT_PROOF", False),
    ("SQ06", "servicing", "query", "健康告知", "提供病历资料", "请就健康告知书中答“是”的事项提供病历、检查报告的复印件。", "MEDICAL_RECORD", False),
    ("SQ07", "servicing", "query", "加费同意", "复效加费确认", "本公司拟加收保险费后同意复效（金额见补充内容）。同意的，请投保人、被保险人签名并注明日期后交回；不同意的，本次申请作撤件处理。", "TERMS_CHANGE", False),
    ("SE01", "servicing", "exam", "普通体检", "普通体检", "请在收到通知之日起十个工作日内，持身份证件到定点医院体检：身高体重、血压、尿常规、血常规、心电图、肝肾功能、血糖血脂。", "EXAM_REPORT", False),
    ("CQ01", "claims", "query", "医疗资料", "提供医疗费用发票原件", "请提供医疗费用发票原件或电子票据。", "INVOICE", False),
    ("CQ02", "claims", "query", "医疗资料", "提供出院小结", "请提供加盖医院印章的出院小结或住院病历。", "DISCHARGE_RECORD", False),
    ("CQ03", "claims", "query", "身故证明", "提供死亡证明", "请提供医疗机构、公安机关或人民法院出具的死亡证明。", "DEATH_CERT", False),
    ("CQ04", "claims", "query", "受益人资料", "提供受益人身份和关系证明", "请提供受益人有效身份证件及与被保险人的关系证明。", "RELATION_PROOF", False),
    ("CQ05", "claims", "query", "账户资料", "提供收款账户", "请提供领款人本人的银行账户复印件。", "BANK_CARD", True),
    ("CI01", "claims", "investigation", "事故核实", "核实事故经过", "走访事故发生地及处理机关，核实时间、地点、原因，取得书面材料。", "INV_REPORT", False),
    ("CI02", "claims", "investigation", "既往病史", "核实既往病史", "走访被保险人常住地两家以上医院及医保机构，查询投保前就诊记录。", "INV_REPORT", False),
    ("CI03", "claims", "investigation", "医院走访", "核实住院情况", "核实是否实际住院、住院天数、诊断与费用。", "INV_REPORT", False),
    ("UI01", "underwriting", "investigation", "契约调查", "契约生存调查", "面见被保险人，核实身份、健康、职业与财务状况。", "INV_REPORT", False),
)
ORDERS = (("underwriting", "", "scan_first"), ("servicing", "", "any"), ("claims", "", "any"), ("underwriting", "bank", "any"))


def load_defaults(day: date = FROM) -> None:
    """Write what is missing; rows that exist, edited or not, stay as they are."""
    for code, name, kind, line, start, start_from, stop, amount, unit, c_amount, c_unit, pause, source in CLOCKS:
        ClockRule.objects.get_or_create(
            code=code,
            line=line,
            effective_from=day,
            defaults={
                "name": name, "kind": ClockKind(kind), "items": ITEMS_OF.get(code, []), "start_on": start, "start_from": StartFrom(start_from),
                "stop_on": stop, "amount": amount, "unit": Unit(unit), "complex_amount": c_amount,
                "complex_unit": c_unit, "pause_parties": [Holder(p) for p in pause], "source": source,
                "warn_ratio": Decimal("0.80"),
            },
        )
    for kind, level, after, readers in LADDER:
        LadderStep.objects.get_or_create(
            kind=kind, level=level, effective_from=day, defaults={"after_workdays": after, "readers": readers}
        )
    for kind, level, after, text, to_head in URGES:
        UrgeStep.objects.get_or_create(
            kind=RequestKind(kind), level=level, effective_from=day,
            defaults={"after_workdays": after, "text": text, "to_head": to_head},
        )
    for code, line, kind, cause, title, text, doc_type, is_error in CONTENT:
        ContentItem.objects.get_or_create(
            code=code, effective_from=day,
            defaults={"line": line, "kind": RequestKind(kind), "cause": cause, "title": title, "text": text,
                      "doc_type": doc_type, "counts_as_error": is_error},
        )
    for line, channel, order in ORDERS:
        ProcessRule.objects.get_or_create(line=line, channel=channel, effective_from=day, defaults={"order": order})
