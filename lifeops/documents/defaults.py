"""资料类型 and 资料清单 a fresh installation starts with (facts 2.1 to 2.3)."""

from __future__ import annotations

from datetime import date

from lifeops.documents.models import ChecklistRule, DocType

FROM = date(2026, 1, 1)
TYPES = (
    ("CLAIM_FORM", "理赔申请书"), ("ID_APPLICANT", "申请人身份证件"), ("ID_INSURED", "被保险人身份证件"),
    ("DEATH_CERT", "死亡证明"), ("HOUSEHOLD_CANCEL", "户籍注销证明"), ("RELATION_PROOF", "关系证明"),
    ("DIAGNOSIS", "诊断证明"), ("DISCHARGE_RECORD", "出院小结"), ("INVOICE", "医疗费用发票"), ("BANK_CARD", "收款账户"),
    ("CONTRACT", "保险合同"), ("POWER_OF_ATTORNEY", "授权委托书"), ("ID_PROXY", "受托人身份证件"), ("APP_FORM", "投保单"),
    ("DISCLOSURE", "健康告知书"), ("SERVICING_FORM", "保全申请书"), ("CONSENT", "被保险人同意书"), ("OTHER", "其他"),
)
#: line, item, applicant kind, paper, required, original required, pages
RULES = (
    ("claims", "", "", "CLAIM_FORM", True, True, 2), ("claims", "", "", "ID_APPLICANT", True, False, 1),
    ("claims", "", "", "BANK_CARD", True, False, 1), ("claims", "", "", "CONTRACT", False, False, 1),
    ("claims", "CL01", "", "DEATH_CERT", True, False, 1), ("claims", "CL01", "", "HOUSEHOLD_CANCEL", True, False, 1),
    ("claims", "CL01", "", "RELATION_PROOF", True, False, 1), ("claims", "CL05", "", "INVOICE", True, True, 1),
    ("claims", "CL05", "", "DISCHARGE_RECORD", True, False, 2), ("claims", "CL05", "", "DIAGNOSIS", True, False, 1),
    ("claims", "", "proxy", "POWER_OF_ATTORNEY", True, True, 1), ("claims", "", "proxy", "ID_PROXY", True, False, 1),
)


def load_defaults(day: date = FROM) -> None:
    """Write what is missing; rows that exist stay."""
    for order, (code, name) in enumerate(TYPES, start=1):
        DocType.objects.get_or_create(code=code, defaults={"name": name, "order": order * 10})
    for order, (line, item, kind, doc_type, required, original, pages) in enumerate(RULES, start=1):
        ChecklistRule.objects.get_or_create(
            line=line, item=item, channel="", applicant_kind=kind, doc_type_id=doc_type, effective_from=day,
            defaults={"required": required, "original_required": original, "pages": pages, "order": order * 10},
        )
