"""保全规则: pure rules over what is known of policy, applicant and change (facts 2.2, common pre-checks)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lifeops.cases.findings import FindingSpec
from lifeops.policies.rules.lines import yuan

COVERED = ("in_force", "grace", "apl", "paid_up", "waived")
#: Policy states in which an item may be done; PS14 changes a person, not a contract.
ALLOWED = {
    "PS01": ("in_force", "grace"),
    "PS02": (*COVERED, "lapsed"),
    "PS03": COVERED,
    "PS07": ("lapsed",),
    "PS08": ("in_force", "grace", "apl"),
    "PS09": COVERED,
    "PS10": (*COVERED, "lapsed"),
    "PS12": (*COVERED, "lapsed"),
    "PS13": (*COVERED, "lapsed"),
    # what fell due before the end is still to be had
    "PS24": (*COVERED, "lapsed", "terminated"),
    "PS26": ("terminated",),
    "PS27": (*COVERED, "lapsed", "terminated"),
    "PS28": (*COVERED, "lapsed", "terminated"),
    "PS33": ("lapsed",),
}
#: Items that the policyholder alone applies for, and on what that rests; 还款 is open to everybody (facts 2.2).
HOLDER_ONLY = {
    "PS01": "保险法第15条", "PS02": "保险法第15条", "PS03": "保险法第20条", "PS07": "保险法第37条", "PS08": "保险法第20条",
    "PS09": "保险合同关于保单贷款的约定", "PS12": "保险法第20条", "PS27": "保险合同关于红利的约定", "PS28": "民法典第985条",
}
ANYONE = ("PS10",)
#: Items that the company asks for itself.
BY_COMPANY = ("PS33",)
#: Items that are for whom the contract pays: the insured, at the end of a suspended one the policyholder.
ENTITLED = ("PS24", "PS26")
STATUS_WORDS = {
    "in_force": "有效", "grace": "宽限期", "apl": "自动垫交", "paid_up": "减额交清", "waived": "豁免中", "lapsed": "效力中止", "terminated": "终止",
}
#: 客户尽职调查办法 13: from this amount on identity and reason are verified, in 元.
VERIFY_FROM = Decimal("10000.00")
#: From so many days between application and registration on it is asked how the application came (days).
LATE_DAYS = 5
#: So many other customers with the same phone number ask for a look (facts R10).
SHARED_PHONE = 3
#: 近亲属 (民法典 1045): whom an employer's policy may name (保险法 39 ¶2).
KIN = ("本人", "配偶", "父母", "子女", "兄弟姐妹", "祖父母", "外祖父母", "孙子女", "外孙子女")
ACTS_FOR_OTHERS = ("proxy", "guardian")


@dataclass(frozen=True, kw_only=True)
class CommonFacts:
    """Policy and applicant as the rules see them."""

    item: str
    submitted_on: date
    status: str
    status_label: str
    held_by: str = ""
    open_claims: Sequence[str] = ()
    applicant: str = ""
    applicant_kind: str = ""
    applicant_kind_label: str = ""
    is_holder: bool = False
    is_insured: bool = False
    id_valid_to: date | None = None
    died_on: date | None = None
    died_label: str = "被保险人"
    #: On what day it is said to have been asked for, and on what day it was registered.
    asked_on: date | None = None
    accepted_on: date | None = None
    #: The applicant is the person whom the contract pays; of ENTITLED only.
    is_entitled: bool = False
    #: An heir applies: whether he is among those written down; None where none does. `died_on` is then of whom he inherits from.
    is_heir: bool | None = None
    #: The item waits for a claim in hand; the others are only warned of it.
    claim_first: bool = True


@dataclass(frozen=True, kw_only=True)
class ExitFacts:
    """犹豫期撤单 and 退保. `due` is what would be paid, None where it cannot be reckoned (`why_not`)."""

    item: str
    asked_on: date
    delivered_on: date | None
    cooling_off_end: date | None
    due: Decimal | None
    why_not: str = ""
    owed: Decimal = Decimal("0.00")
    work_cost: Decimal = Decimal("0.00")
    claimed: Decimal = Decimal("0.00")
    payee: str = ""
    holder: str = ""
    #: Another than the policyholder is paid: why (words of the list), and what is not there yet.
    third_reason: str = ""
    third_missing: Sequence[str] = ()
    contact_changed_on: date | None = None
    to_heirs: bool = False


@dataclass(frozen=True, kw_only=True)
class ConsentFacts:
    """Whether the insured, or the guardian of a minor, has signed."""

    asked_on: date
    by_insured: bool
    insured_age: int | None
    consent_by: str = ""
    consent_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class HeirFacts(ConsentFacts):
    """受益人变更. `wrong_shares` are words of `shares_error`, `unchanged` that nothing would change."""

    death_cover: bool = True
    wrong_shares: str = ""
    unchanged: bool = False
    without_id: Sequence[str] = ()
    not_kin: Sequence[str] = field(default=())
    employer: bool = False


@dataclass(frozen=True, kw_only=True)
class ContactFacts:
    """联系方式变更. `sharers`: other customers with the new number, counted up to a small bound."""

    subject: str
    subject_in_policy: bool
    own: bool
    applicant_kind: str
    phone: str = ""
    sharers: int = 0
    unchanged: bool = False


def common_findings(f: CommonFacts) -> list[FindingSpec]:
    return [_status(f), _hold(f), _claims(f), _applicant(f), _identity(f), _alive(f), _registered(f)]


def _status(f: CommonFacts) -> FindingSpec:
    if f.item not in ALLOWED:
        return FindingSpec("S01", "pass", "此项目不限保单状态", f.status_label, "不限")
    allowed = f.status in ALLOWED[f.item]
    words = "保单状态可办理" if allowed else "保单状态不能办理此项目"
    limit = "、".join(STATUS_WORDS[s] for s in ALLOWED[f.item])
    return FindingSpec("S01", "pass" if allowed else "block", words, f.status_label, limit)


def _hold(f: CommonFacts) -> FindingSpec:
    if f.held_by and f.item in ALLOWED:
        return FindingSpec("S02", "block", "保单被其他案件挂起，须待其办结", f.held_by, "未被其他案件挂起")
    return FindingSpec("S02", "pass", "保单未被其他案件挂起", f.held_by or "无", "未被其他案件挂起")


def _claims(f: CommonFacts) -> FindingSpec:
    if f.open_claims and f.item in ALLOWED:
        words = "保单有未决理赔，须待理赔办结" if f.claim_first else "保单有未决理赔，请核对对理赔的影响"
        return FindingSpec("S03", "block" if f.claim_first else "warn", words, "、".join(f.open_claims), "无未决理赔")
    return FindingSpec("S03", "pass", "没有未决理赔", "、".join(f.open_claims) or "无", "无未决理赔")


def _applicant(f: CommonFacts) -> FindingSpec:
    holder_only = f.item in HOLDER_ONLY
    limit = "投保人本人" if holder_only else "投保人或被保险人"
    source = (HOLDER_ONLY | {"PS13": "保险法第41条"}).get(f.item, "")
    value = f"{f.applicant}（{f.applicant_kind_label}）" if f.applicant else "未登记"
    if f.is_heir is not None:
        whose = "新投保人本人" if f.item == "PS12" else "所列继承人之一"
        words = f"申请人是{whose}" if f.is_heir else f"申请人不是{whose}"
        return FindingSpec("S04", "pass" if f.is_heir else "block", words, value, "继承人本人", "保险法第42条")
    if f.item in ENTITLED:
        return _entitled(f, value)
    if f.item in BY_COMPANY:
        ours = f.applicant_kind == "company"
        return FindingSpec("S04", "pass" if ours else "block", "本公司提出" if ours else "此项目由本公司提出", f.applicant_kind_label, "本公司", "保险法第37条")
    if f.item in ANYONE:
        return FindingSpec("S04", "pass", "任何人可以代为还款", value, "不限")
    if f.is_holder or (f.is_insured and not holder_only):
        return FindingSpec("S04", "pass", "申请人有权申请", value, limit, source)
    if f.applicant_kind in ACTS_FOR_OTHERS:
        return FindingSpec("S04", "warn", "他人代为申请，请核对授权或监护关系", value, limit, source)
    return FindingSpec("S04", "block", "申请人无权申请此项目", value, limit, source)


def _entitled(f: CommonFacts, value: str) -> FindingSpec:
    limit, source = "有权领取人本人", "保险合同关于保险金领取的约定"
    if f.is_entitled:
        return FindingSpec("S04", "pass", "申请人有权领取", value, limit, source)
    if f.applicant_kind in ACTS_FOR_OTHERS:
        return FindingSpec("S04", "warn", "他人代为申请，请核对授权或监护关系", value, limit, source)
    return FindingSpec("S04", "block", "申请人无权领取", value, limit, source)


def _identity(f: CommonFacts) -> FindingSpec:
    if f.applicant_kind == "company":
        return FindingSpec("S05", "pass", "本公司提出，没有申请人证件", "—", "—")
    expired = f.id_valid_to is not None and f.id_valid_to < f.submitted_on
    words = "申请人证件已过期" if expired else "申请人证件在有效期内"
    value = str(f.id_valid_to) if f.id_valid_to else "长期"
    return FindingSpec("S05", "warn" if expired else "pass", words, value, f"不早于 {f.submitted_on}", "客户尽职调查办法第26条")


def _alive(f: CommonFacts) -> FindingSpec:
    if f.is_heir is not None:
        words = f"{f.died_label}已登记身故" if f.died_on else f"未登记{f.died_label}身故，不能由继承人申请"
        return FindingSpec("S06", "pass" if f.died_on else "block", words, str(f.died_on or "—"), "已登记身故", "死亡证明")
    dead, level = f.died_on is not None, "warn" if f.item in (*ANYONE, *BY_COMPANY) else "block"
    words = f"{f.died_label}已身故" + ("，不能办理" if level == "block" else "，请提示申请理赔") if dead else f"未登记{f.died_label}身故"
    source = "保险法司法解释（三）第11条" if f.item == "PS13" else ""
    return FindingSpec("S06", level if dead else "pass", words, str(f.died_on or "—"), "未身故", source)


def _registered(f: CommonFacts) -> FindingSpec:
    """A day typed at the counter decides 犹豫期, 复效期限 and values: one long gone by is looked at."""
    days = (f.accepted_on - f.asked_on).days if f.accepted_on and f.asked_on else 0
    words = "申请日远早于受理登记日，请核对签收、转交的凭证" if days > LATE_DAYS else "申请日与受理登记日相近"
    value = f"{f.asked_on} 申请，{f.accepted_on} 受理登记" if f.accepted_on else "—"
    return FindingSpec("S07", "warn" if days > LATE_DAYS else "pass", words, value, f"相差不超过 {LATE_DAYS} 天", "公司规定")


def exit_findings(f: ExitFacts) -> list[FindingSpec]:
    found = [_cooling(f), _amount(f), _owed(f), _verify(f), _payee(f), _claimed(f), _contact_before(f)]
    return found + ([_work_cost(f)] if f.item == "PS01" else [])


def _cooling(f: ExitFacts) -> FindingSpec:
    end, value = f.cooling_off_end, f"{f.asked_on} 申请"
    if end is None:
        words = "未登记签收，犹豫期尚未起算"
        advice = "，请核对回执" if f.item == "PS01" else "，客户可全额撤单，请核对回执"
        return FindingSpec("S11", "warn", words + advice, "未登记签收", "须有签收回执", "犹豫期条款")
    limit = f"犹豫期 {f.delivered_on} 签收，至 {end}"
    inside = f.asked_on <= end
    if f.item == "PS01":
        words = "在犹豫期内，全额退还保险费" if inside else "犹豫期已满，请按退保办理"
        return FindingSpec("S11", "pass" if inside else "block", words, value, limit, "犹豫期条款")
    words = "在犹豫期内，应按犹豫期撤单全额退还" if inside else "犹豫期已满，按现金价值退还"
    return FindingSpec("S11", "block" if inside else "pass", words, value, limit, "保险法第47条")


def _amount(f: ExitFacts) -> FindingSpec:
    if f.due is None:
        return FindingSpec("S12", "block", "不能计算应退金额", f.why_not[:100], "须能计算")
    words = "有应退金额" if f.due else "没有应退金额，请确认客户知悉"
    return FindingSpec("S12", "pass" if f.due else "warn", words, f"{yuan(f.due)} 元", "大于零", "保险法第47条")


def _owed(f: ExitFacts) -> FindingSpec:
    words = "有借款或垫交未还，从应退金额中扣除" if f.owed else "没有借款或垫交"
    return FindingSpec("S13", "warn" if f.owed else "pass", words, f"本息 {yuan(f.owed)} 元", "无欠款或已扣除")


def _verify(f: ExitFacts) -> FindingSpec:
    reached = f.due is not None and f.due >= VERIFY_FROM
    words = "达到反洗钱核验标准：核验身份、登记原因、付至投保人本人账户，付给他人须经批准" if reached else "未达反洗钱核验标准"
    value = f"{yuan(f.due or Decimal(0))} 元"
    return FindingSpec("S14", "warn" if reached else "pass", words, value, f"{yuan(VERIFY_FROM)} 元", "客户尽职调查办法第13条")


def _payee(f: ExitFacts) -> FindingSpec:
    source = "客户尽职调查办法第13、14条"
    if f.payee == f.holder:
        return FindingSpec("S15", "pass", "收款人为投保人本人", f.payee, f.holder, source)
    if missing := f.third_missing or (() if f.third_reason else ("原因",)):
        words = f"收款人不是投保人本人，缺{'、'.join(missing)}"
        return FindingSpec("S15", "block", words, f.payee, f.holder, source)
    signed = "高级批准岗" if f.due is not None and f.due >= VERIFY_FROM else "另一人"
    return FindingSpec("S15", "warn", f"付给他人（{f.third_reason}），须由{signed}批准", f.payee, f.holder, source)


def _claimed(f: ExitFacts) -> FindingSpec:
    words = "保单已有赔付，请按条款核对能否退还" if f.claimed else "保单没有赔付"
    return FindingSpec("S16", "warn" if f.claimed else "pass", words, f"{yuan(f.claimed)} 元", "无赔付")


def _contact_before(f: ExitFacts) -> FindingSpec:
    recent = f.contact_changed_on
    words = "近 30 日内变更过联系方式或投保人，请回访确认本人意愿" if recent else "近 30 日内未变更联系方式、投保人"
    return FindingSpec("S17", "warn" if recent else "pass", words, str(recent or "无"), "30 日内无变更")


def money_out_findings(f: ExitFacts) -> list[FindingSpec]:
    """What is asked of every payment of the policyholder's money by which the contract does not end. Who the heirs are that are paid
    instead of him is looked at by rules of its own."""
    return [_verify(f), *([] if f.to_heirs else [_payee(f)]), _contact_before(f)]


def _work_cost(f: ExitFacts) -> FindingSpec:
    words = "扣除工本费，请核对合同约定" if f.work_cost else "不扣工本费"
    return FindingSpec("S18", "warn" if f.work_cost else "pass", words, f"{yuan(f.work_cost)} 元", "合同约定且不超过 10 元")


def heir_findings(f: HeirFacts) -> list[FindingSpec]:
    return [consent_finding(f, "S21", "保险法第41条"), _death_cover(f), _shares(f), _changed(f), _ids(f), _kin(f)]


def consent_finding(f: ConsentFacts, code: str, source: str) -> FindingSpec:
    """被保险人书面同意, given by the guardian of a minor; needless where the insured applies himself."""
    minor = f.insured_age is not None and f.insured_age < 18
    limit = "被保险人书面同意，不晚于申请日" if not minor else "被保险人未满 18 周岁，由监护人书面同意"
    if f.by_insured and not minor:
        return FindingSpec(code, "pass", "被保险人本人申请", "本人申请", limit, source)
    if f.consent_on is None:
        return FindingSpec(code, "block", "没有被保险人书面同意", "未登记", limit, source)
    value = f"{'监护人' if f.consent_by == 'guardian' else '被保险人本人'} {f.consent_on} 签署"
    if minor and f.consent_by != "guardian":
        return FindingSpec(code, "block", "被保险人未成年，须由监护人同意", value, limit, "保险法第39条")
    if f.consent_by == "guardian" and not minor:
        return FindingSpec(code, "warn", "由监护人代为同意，请核对监护关系", value, limit, "保险法第39条")
    return FindingSpec(code, "pass", f"已有{'监护人' if minor else '被保险人'}书面同意", value, limit, source)


def _death_cover(f: HeirFacts) -> FindingSpec:
    words = "保单有身故责任" if f.death_cover else "保单没有身故责任，指定受益人没有意义"
    return FindingSpec("S22", "pass" if f.death_cover else "warn", words, "有" if f.death_cover else "无", "有身故责任")


def _shares(f: HeirFacts) -> FindingSpec:
    words = f.wrong_shares or "各顺序受益份额合计为 100% 或均分"
    value = "不符" if f.wrong_shares else "相符"
    return FindingSpec("S23", "block" if f.wrong_shares else "pass", words, value, "每一顺序合计 100%", "保险法第40条")


def _changed(f: HeirFacts) -> FindingSpec:
    words = "变更后与现受益人相同" if f.unchanged else "与现受益人不同"
    return FindingSpec("S24", "block" if f.unchanged else "pass", words, "相同" if f.unchanged else "不同", "有变化")


def _ids(f: HeirFacts) -> FindingSpec:
    words = "受益人没有证件号码" if f.without_id else "受益人证件齐全"
    return FindingSpec("S25", "warn" if f.without_id else "pass", words, "、".join(f.without_id)[:100] or "齐全", "每人有证件", "客户尽职调查办法第14条")


def _kin(f: HeirFacts) -> FindingSpec:
    value = "、".join(f.not_kin)[:100] or "均为近亲属"
    if not f.not_kin:
        return FindingSpec("S26", "pass", "受益人为被保险人近亲属", value, "近亲属", "保险法第39条")
    if f.employer:
        words = "单位为劳动者投保的，只能指定被保险人及其近亲属"
        return FindingSpec("S26", "block", words, value, "被保险人及其近亲属", "保险法第39条")
    return FindingSpec("S26", "warn", "受益人不是被保险人近亲属，请核实关系与意愿", value, "近亲属", "保险法第39条")


def contact_findings(f: ContactFacts) -> list[FindingSpec]:
    return [_whose(f), _phone_shared(f), _contact_changed(f)]


def _whose(f: ContactFacts) -> FindingSpec:
    limit = "投保人或被保险人变更本人的联系方式"
    if not f.subject_in_policy:
        return FindingSpec("S31", "block", "变更对象不是本保单的投保人或被保险人", f.subject, limit)
    if f.own:
        return FindingSpec("S31", "pass", "变更本人的联系方式", f.subject, limit)
    if f.applicant_kind in ACTS_FOR_OTHERS:
        return FindingSpec("S31", "warn", "代他人变更联系方式，请与本人核实", f.subject, limit)
    return FindingSpec("S31", "block", "不能变更他人的联系方式", f.subject, limit)


def _phone_shared(f: ContactFacts) -> FindingSpec:
    limit = f"其他客户少于 {SHARED_PHONE} 人"
    if not f.phone:
        return FindingSpec("S32", "pass", "不变更电话", "—", limit)
    many = f.sharers >= SHARED_PHONE
    words = "该电话已被多名其他客户使用，请核实是否本人号码" if many else "该电话未被多名客户共用"
    value = f"{f.phone}，其他客户{f'不少于 {f.sharers}' if many else f' {f.sharers}'} 人"
    return FindingSpec("S32", "warn" if many else "pass", words, value, limit)


def _contact_changed(f: ContactFacts) -> FindingSpec:
    words = "与登记的联系方式相同" if f.unchanged else "与登记的联系方式不同"
    return FindingSpec("S33", "block" if f.unchanged else "pass", words, "相同" if f.unchanged else "不同", "有变化")
