"""资料类型 and 资料清单 a fresh installation starts with (facts 2.1 to 2.3).

What may not be demanded (负面清单 2025: 火化证明, 丧葬证明, 乘车票据 …) has no type here, so no rule can ask for it.
"""

from __future__ import annotations

from datetime import date

from lifeops.documents.models import ChecklistRule, DocType

FROM = date(2026, 1, 1)
TYPES = (
    ("CLAIM_FORM", "理赔申请书"), ("ID_APPLICANT", "申请人身份证件"), ("ID_INSURED", "被保险人身份证件"),
    ("DEATH_CERT", "死亡证明"), ("HOUSEHOLD_CANCEL", "户籍注销证明"), ("RELATION_PROOF", "关系证明"),
    ("DIAGNOSIS", "诊断证明"), ("DISCHARGE_RECORD", "出院小结"), ("INVOICE", "医疗费用发票"), ("BANK_CARD", "收款账户"),
    ("CONTRACT", "保险合同"), ("POWER_OF_ATTORNEY", "授权委托书"), ("ID_PROXY", "受托人身份证件"), ("APP_FORM", "投保单"),
    ("DISCLOSURE", "健康告知书"), ("SERVICING_FORM", "保全申请书"), ("CONSENT", "被保险人同意书"),
    ("SALES_TIP", "人身保险投保提示书"), ("EXCLUSION_NOTE", "免责条款说明书"), ("SUIT_FORM", "适当性评估问卷"),
    ("DEBIT_AUTH", "银行自动转账授权书"), ("AGENT_REPORT", "业务员报告书"), ("AV_FILE", "双录文件"),
    ("FILL_AUTH", "填写授权委托书"), ("ID_BENEFICIARY", "受益人身份证件"), ("PREMIUM_RECEIPT", "首期保险费发票"),
    ("EXPENSE_LIST", "费用清单"), ("SS_SETTLEMENT", "社保结算单"), ("ACCIDENT_PROOF", "意外事故证明"),
    ("INHERIT_PROOF", "继承权证明"), ("DECISION_MEMO", "解约请示"), ("MEDICAL_RECORD", "病历资料"), ("INCOME_PROOF", "收入证明"),
    ("FIN_QUESTIONNAIRE", "财务问卷"), ("OCCUPATION_FORM", "职业告知书"), ("EXAM_REPORT", "体检报告"),
    ("INV_REPORT", "调查报告"), ("TERMS_CHANGE", "承保条件变更确认书"), ("COVER", "影像封面"), ("OTHER", "其他"),
    ("LOAN_FORM", "保单借款申请书"), ("PAYMENT_PROOF", "交款凭证"), ("SURVIVAL_PROOF", "生存证明"),
    ("PAYEE_AUTH", "委托付款书"),
    ("ID_PAYEE", "收款人身份证件"), ("PAYEE_RELATION", "收款人关系证明"), ("ID_HEIR", "各继承人身份证件"),
    ("ID_HOLDER", "新投保人身份证件"),
)

#: paper, required, original required, usual pages, applicant kind ("" every), source
Papers = tuple[tuple[str, bool, bool, int, str, str], ...]

APPLICATION: Papers = (
    ("APP_FORM", True, True, 4, "", "保险法第13条"),
    ("ID_APPLICANT", True, False, 1, "", "客户尽职调查办法第12条"),
    ("ID_INSURED", True, False, 1, "", "客户尽职调查办法第12条"),
    ("DISCLOSURE", True, True, 2, "", "保险法第16条"),
    ("SALES_TIP", True, True, 1, "", "销售行为管理办法第29条"),
    ("EXCLUSION_NOTE", True, True, 1, "", "保险法第17条"),
    ("SUIT_FORM", True, False, 2, "", "适当性管理办法第35条"),
    ("RELATION_PROOF", False, False, 1, "", "保险法第31条"),
    ("RELATION_PROOF", True, False, 1, "guardian", "保险法第33条"),
    ("ID_BENEFICIARY", False, False, 1, "", "客户尽职调查办法第12条"),
    ("DEBIT_AUTH", False, False, 1, "", "服务规定第13条"),
    ("AGENT_REPORT", False, False, 1, "", "公司规定"),
    ("FILL_AUTH", True, True, 1, "proxy", "公司规定"),
)
SERVICING: Papers = (
    ("SERVICING_FORM", True, True, 2, "", "服务规定第19条"),
    ("ID_APPLICANT", True, False, 1, "", "公司规定"),
    ("POWER_OF_ATTORNEY", True, True, 1, "proxy", "公司规定"),
    ("ID_PROXY", True, False, 1, "proxy", "公司规定"),
    ("RELATION_PROOF", True, False, 1, "guardian", "公司规定"),
)
CLAIM: Papers = (
    ("CLAIM_FORM", True, True, 2, "", "保险法第22条"),
    ("ID_APPLICANT", True, False, 1, "", "保险法第22条"),
    ("BANK_CARD", True, False, 1, "", "公司规定"),
    # the original contract is not insisted on (小额医疗理赔指引)
    ("CONTRACT", False, False, 1, "", "公司规定"),
    ("POWER_OF_ATTORNEY", True, True, 1, "proxy", "公司规定"),
    ("ID_PROXY", True, False, 1, "proxy", "公司规定"),
    ("RELATION_PROOF", True, False, 1, "guardian", "公司规定"),
)
#: What the 经办人 of an organisation brings (客户尽职调查办法 24).
HANDLER: Papers = (
    ("POWER_OF_ATTORNEY", True, True, 1, "organisation", "客户尽职调查办法第24条"),
    ("ID_PROXY", True, False, 1, "organisation", "客户尽职调查办法第24条"),
)
#: Where another than the policyholder is paid.
THIRD: Papers = (
    ("PAYEE_AUTH", False, True, 1, "", "客户尽职调查办法第13条"),
    ("ID_PAYEE", False, False, 1, "", "客户尽职调查办法第14条"),
    ("PAYEE_RELATION", False, False, 1, "", "客户尽职调查办法第48条"),
)
#: Where heirs collect what waits for somebody who has died. Who they are is proved by the 继承权证明; an agreement of all of them needs
#: the kinship proved as well: a rule, S121.
HEIRS: Papers = (
    ("DEATH_CERT", True, False, 1, "heir", "保险法第42条"),
    ("INHERIT_PROOF", True, False, 2, "heir", "保险法第42条"),
    ("ID_HEIR", True, False, 2, "heir", "客户尽职调查办法第14条"),
    ("RELATION_PROOF", False, False, 1, "heir", "客户尽职调查办法第48条"),
    ("BANK_CARD", True, False, 1, "heir", "公司规定"),
)
ITEMS: tuple[tuple[str, str, Papers], ...] = (
    ("underwriting", "NB01", APPLICATION),
    ("underwriting", "NB02", APPLICATION),
    ("servicing", "", SERVICING),
    (
        "servicing",
        "PS01",
        (
            ("CONTRACT", True, True, 1, "", "保险法第15条"),
            ("BANK_CARD", True, False, 1, "", "公司规定"),
            ("PREMIUM_RECEIPT", False, False, 1, "", "公司规定"),
        ),
    ),
    (
        "servicing",
        "PS02",
        (("CONTRACT", True, True, 1, "", "保险法第47条"), ("BANK_CARD", True, False, 1, "", "公司规定")),
    ),
    ("servicing", "PS27", (("BANK_CARD", False, False, 1, "", "公司规定"),)),
    (
        "servicing",
        "PS33",
        (
            # the company asks itself: no form of a customer, no document
            ("SERVICING_FORM", False, False, 2, "", "公司规定"),
            ("ID_APPLICANT", False, False, 1, "", "公司规定"),
            ("DECISION_MEMO", True, True, 2, "", "保险法第37条"),
        ),
    ),
    (
        "servicing",
        "PS28",
        (("BANK_CARD", True, False, 1, "", "公司规定"), ("PAYMENT_PROOF", False, False, 1, "", "公司规定")),
    ),
    (
        "servicing",
        "PS03",
        (("CONTRACT", True, True, 1, "", "保险法第20条"), ("BANK_CARD", True, False, 1, "", "公司规定")),
    ),
    (
        "servicing",
        "PS07",
        (
            ("DISCLOSURE", True, True, 2, "", "保险法第37条"),
            ("OCCUPATION_FORM", True, False, 1, "", "公司规定"),
            ("CONSENT", False, False, 1, "", "保险法第37条"),
            ("MEDICAL_RECORD", False, False, 1, "", "公司规定"),
            ("INCOME_PROOF", False, False, 1, "", "公司规定"),
        ),
    ),
    (
        "servicing",
        "PS08",
        (("CONTRACT", True, True, 1, "", "保险法第20条"), ("CONSENT", False, False, 1, "", "公司规定")),
    ),
    (
        "servicing",
        "PS09",
        (
            ("LOAN_FORM", True, True, 2, "", "保监发〔2016〕76号"),
            # needed where the contract pays on death and the insured is another than the borrower: a rule, S64
            ("CONSENT", False, True, 1, "", "保险法第34条"),
            ("BANK_CARD", True, False, 1, "", "客户尽职调查办法第13条"),
            ("CONTRACT", True, True, 1, "", "公司规定"),
        ),
    ),
    (
        "servicing",
        "PS24",
        (
            ("BANK_CARD", True, False, 1, "", "公司规定"),
            # who comes himself proves it by coming (负面清单 2025)
            ("SURVIVAL_PROOF", True, True, 1, "proxy", "人身险负面清单（2025）"),
        ),
    ),
    (
        "servicing",
        "PS26",
        (
            ("CONTRACT", True, True, 1, "", "公司规定"),
            ("BANK_CARD", True, False, 1, "", "公司规定"),
            ("SURVIVAL_PROOF", True, True, 1, "proxy", "人身险负面清单（2025）"),
        ),
    ),
    ("servicing", "PS10", (("PAYMENT_PROOF", True, False, 1, "", "公司规定"),)),
    (
        "servicing",
        "PS12",
        (
            ("ID_HOLDER", True, False, 1, "", "客户尽职调查办法第26条"),
            ("CONSENT", True, True, 1, "", "保险法第34条"),
            ("RELATION_PROOF", True, False, 1, "", "保险法第31条"),
            ("DEATH_CERT", True, False, 1, "heir", "公司规定"),
            ("INHERIT_PROOF", True, False, 2, "heir", "公司规定"),
            ("ID_HEIR", True, False, 2, "heir", "公司规定"),
        ),
    ),
    (
        "servicing",
        "PS13",
        (
            ("CONSENT", True, True, 1, "", "保险法第41条"),
            # the insured needs nobody's consent but his own signature
            ("CONSENT", False, False, 1, "insured", "保险法第41条"),
            ("ID_BENEFICIARY", True, False, 1, "", "客户尽职调查办法第12条"),
            ("RELATION_PROOF", True, False, 1, "", "公司规定"),
        ),
    ),
    ("claims", "", CLAIM),
    (
        "claims",
        "CL01",
        (
            ("DEATH_CERT", True, False, 1, "", "保险法第22条"),
            ("HOUSEHOLD_CANCEL", True, False, 1, "", "保险法第22条"),
            ("RELATION_PROOF", True, False, 1, "", "保险法第22条"),
            ("INHERIT_PROOF", True, False, 1, "heir", "保险法第42条"),
            ("ACCIDENT_PROOF", False, False, 1, "", "保险法第22条"),
        ),
    ),
    (
        "claims",
        "CL05",
        (
            ("INVOICE", True, True, 1, "", "保险法第22条"),
            ("DISCHARGE_RECORD", True, False, 2, "", "保险法第22条"),
            ("DIAGNOSIS", True, False, 1, "", "保险法第22条"),
            ("EXPENSE_LIST", False, False, 2, "", "保险法第22条"),
            ("SS_SETTLEMENT", False, False, 1, "", "保险法第22条"),
        ),
    ),
    # what is asked of few stands last
    *((line, "", HANDLER) for line in ("underwriting", "servicing", "claims")),
    *(("servicing", item, HEIRS) for item in ("PS24", "PS26", "PS27", "PS28")),
    *(("servicing", item, THIRD) for item in ("PS01", "PS02", "PS03", "PS09", "PS27", "PS28")),
)


def load_defaults(day: date = FROM) -> None:
    """Write what is missing; rows that exist stay as people have made them."""
    for order, (code, name) in enumerate(TYPES, start=1):
        DocType.objects.get_or_create(code=code, defaults={"name": name, "order": order * 10})
    order = 0
    for line, item, papers in ITEMS:
        for doc_type, required, original, pages, kind, source in papers:
            order += 10
            ChecklistRule.objects.get_or_create(
                line=line,
                item=item,
                channel="",
                applicant_kind=kind,
                doc_type_id=doc_type,
                effective_from=day,
                defaults={
                    "required": required,
                    "original_required": original,
                    "pages": pages,
                    "source": source,
                    "order": order,
                },
            )
