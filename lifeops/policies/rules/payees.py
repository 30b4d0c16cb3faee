"""收款人与反洗钱核验: what must be known and signed before money goes out or in (facts 3.8). Amounts in 元. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lifeops.policies.rules.lines import yuan

#: 客户尽职调查办法 13: surrender, decrease, loan from here on.
REFUND_FROM = Decimal("10000.00")
#: 12 ¶2 and 14 ¶2: health and accident cover, premium or benefit from here on.
HEALTH_FROM = Decimal("50000.00")
#: 大额交易: cash on one day; a person's transfer at home and across the border (the bank reports transfers, LTR9).
CASH_REPORT, HOME_TRANSFER, FOREIGN_TRANSFER = Decimal("50000.00"), Decimal("500000.00"), Decimal("200000.00")
#: Kinds of payment that are the policyholder's as of right.
TO_THE_HOLDER = ("refund", "loan")
LIFE_KINDS = ("term_life", "whole_life", "endowment", "annuity")


@dataclass(frozen=True)
class Check:
    """What one rule found, in the order of the lines' findings: code, level (pass, warn, block), words, value, limit, source."""

    code: str
    level: str
    message: str
    value: str = ""
    limit: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class PayeeFacts:
    """A payment to be decided. `kind`: refund, loan, claim, benefit; `entitled`: who may receive it as of right (the
    policyholder for refunds and loans, insured or beneficiaries for claims)."""

    kind: str
    amount: Decimal
    payee: str
    account_holder: str = ""
    entitled: Sequence[str] = ()
    product_kinds: Sequence[str] = ()
    reason: str = ""
    relation: str = ""
    third_party_reason: str = ""
    senior_approval: bool = False
    identity_verified: bool = True
    beneficiary_id_kept: bool = True
    by_proxy: bool = False
    proxy_verified: bool = False
    beneficiary_is_pep: bool = False
    in_cash: bool = False
    abroad: bool = False


def payee_checks(f: PayeeFacts) -> list[Check]:
    return [_account(f), _third_party(f), _threshold(f), _report(f), *_proxy(f), *_pep(f)]


def _account(f: PayeeFacts) -> Check:
    holder = f.account_holder or f.payee
    same = holder == f.payee
    words = "账户户名与收款人一致" if same else "账户登记在他人名下，与收款人不一致"
    return Check("A01", "pass" if same else "block", words, holder, f.payee, "客户尽职调查办法第13条")


def _third_party(f: PayeeFacts) -> Check:
    limit = "、".join(f.entitled) or "有权领取人"
    if f.payee in f.entitled:
        return Check("A02", "pass", "付给有权领取人本人", f.payee, limit)
    if f.kind in ("refund", "loan"):
        source = "客户尽职调查办法第13条"
        if f.amount < REFUND_FROM and f.third_party_reason:
            return Check("A02", "warn", "付给他人，原因已登记", f.payee, limit, source)
        if f.third_party_reason and f.senior_approval:
            return Check("A02", "warn", "付给他人，原因已登记并经上级批准", f.payee, limit, source)
        missing = "登记原因" if not f.third_party_reason else "取得上级批准"
        return Check("A02", "block", f"不是付至投保人本人账户，须{missing}", f.payee, limit, source)
    source = "客户尽职调查办法第14条"
    if f.relation and f.third_party_reason:
        return Check("A02", "warn", "付给他人，关系与原因已登记，请留存实际领款人证件", f.payee, limit, source)
    return Check("A02", "block", "付给他人，须确认关系、登记原因并留存领款人证件", f.payee, limit, source)


def _threshold(f: PayeeFacts) -> Check:
    value = f"{yuan(f.amount)} 元"
    if f.kind in ("refund", "loan"):
        limit, source = f"{yuan(REFUND_FROM)} 元以上", "客户尽职调查办法第13条"
        if f.amount < REFUND_FROM:
            return Check("A03", "pass", "未达核验标准", value, limit, source)
        if not f.identity_verified or not f.reason:
            missing = "核验申请人身份" if not f.identity_verified else "登记原因"
            return Check("A03", "block", f"达到核验标准，须{missing}", value, limit, source)
        return Check("A03", "pass", "达到核验标准，身份已核验、原因已登记", value, limit, source)
    source = "客户尽职调查办法第14条"
    life = any(kind in LIFE_KINDS for kind in f.product_kinds)
    limit = "人寿保险一律核验" if life else f"{yuan(HEALTH_FROM)} 元以上"
    if not life and f.amount < HEALTH_FROM:
        return Check("A03", "pass", "未达核验标准", value, limit, source)
    if not f.identity_verified or not f.beneficiary_id_kept:
        return Check("A03", "block", "须核验被保险人、受益人身份并留存证件", value, limit, source)
    return Check("A03", "pass", "身份已核验，证件已留存", value, limit, source)


def _report(f: PayeeFacts) -> Check:
    value, source = f"{yuan(f.amount)} 元", "大额交易和可疑交易报告管理办法第5、8、9条"
    if f.in_cash and f.amount >= CASH_REPORT:
        return Check("A04", "warn", "达到大额现金标准，5 个工作日内报告", value, f"{yuan(CASH_REPORT)} 元以上", source)
    limit = FOREIGN_TRANSFER if f.abroad else HOME_TRANSFER
    if not f.in_cash and f.amount >= limit:
        return Check("A04", "warn", "达到大额转账标准，由开户银行报告", value, f"{yuan(limit)} 元以上", source)
    return Check("A04", "pass", "未达大额交易标准", value, f"{yuan(CASH_REPORT if f.in_cash else limit)} 元以上", source)


def _proxy(f: PayeeFacts) -> list[Check]:
    if not f.by_proxy:
        return []
    words = "代理关系与代理人身份已核验" if f.proxy_verified else "代理办理，须核验代理关系与代理人身份"
    return [Check("A05", "pass" if f.proxy_verified else "block", words, "代办", "核验代理关系", "客户尽职调查办法第24条")]


def _pep(f: PayeeFacts) -> list[Check]:
    if not f.beneficiary_is_pep:
        return []
    words = "受益人为特定自然人，已经上级批准" if f.senior_approval else "受益人为特定自然人，付款前须经上级批准并强化尽职调查"
    return [Check("A06", "warn" if f.senior_approval else "block", words, "特定自然人", "上级批准", "客户尽职调查办法第33条")]


def contract_checks(*, product_kinds: Sequence[str], premium: Decimal, in_cash: bool, identity_verified: bool) -> list[Check]:
    """Money in at a new contract (12): life cover always, health and accident from 50,000 元; cash from 50,000 元 is reported."""
    life = any(kind in LIFE_KINDS for kind in product_kinds)
    needed, value = life or premium >= HEALTH_FROM, f"{yuan(premium)} 元"
    limit = "人寿保险一律核验" if life else f"{yuan(HEALTH_FROM)} 元以上"
    if not needed:
        found = Check("A11", "pass", "未达核验标准", value, limit, "客户尽职调查办法第12条")
    elif identity_verified:
        found = Check("A11", "pass", "投保人、被保险人身份已核验", value, limit, "客户尽职调查办法第12条")
    else:
        found = Check("A11", "block", "须核验投保人、被保险人身份", value, limit, "客户尽职调查办法第12条")
    large = in_cash and premium >= CASH_REPORT
    words = "达到大额现金标准，5 个工作日内报告" if large else "未达大额现金标准"
    return [found, Check("A12", "warn" if large else "pass", words, value, f"{yuan(CASH_REPORT)} 元以上", "大额交易和可疑交易报告管理办法第5条")]


def third_party_refusal(*, kind: str, amount: Decimal, payee: str, holder: str, reason: str, approved: bool) -> str:
    """Why a refund or loan may not be paid to somebody else; "" where it may."""
    if kind not in TO_THE_HOLDER or payee == holder:
        return ""
    if not reason:
        return f"收款人不是投保人{holder}本人，须登记原因（客户尽职调查办法第13条）"
    if amount >= REFUND_FROM and not approved:
        return f"{yuan(REFUND_FROM)} 元以上付给他人，须经上级批准（客户尽职调查办法第13条）"
    return ""
