"""保全规则 of the items by which the contract goes on: 减保 S41, 减额交清 S51, 贷款 S61, 复效 S71, 还款 S81 (facts 2.2). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lifeops.cases.findings import FindingSpec
from lifeops.policies.rules.lines import ZERO, yuan
from lifeops.policies.rules.payees import CASH_REPORT
from servicing.rules import LATE_DAYS, ConsentFacts, consent_finding

#: 司法解释三第8条: silence for so many days after the application arrived is agreement.
SILENT_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class TermsFacts:
    """What every one of 减保, 减额交清 and 贷款 asks of contract and terms. `article` as "条款 6.3"; `result` is what the reckoning
    came to in words, "" where `why_not` says that it came to nothing."""

    day: date
    offered: bool
    product: str
    article: str = ""
    cooling_off_end: date | None = None
    result: str = ""
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class PartFacts(TermsFacts):
    """减保: what is paid; an instalment that is open is paid first."""

    payable: Decimal = ZERO
    open_due: date | None = None


@dataclass(frozen=True, kw_only=True)
class PaidUpFacts(TermsFacts):
    """减额交清: riders that end; whether the insured has signed."""

    riders: str = ""
    consent: ConsentFacts


@dataclass(frozen=True, kw_only=True)
class LoanFacts(TermsFacts):
    """贷款: `owed` already; the insured's consent counts where there is death cover."""

    owed: Decimal = ZERO
    death_cover: bool = True
    consent: ConsentFacts


@dataclass(frozen=True, kw_only=True)
class BackFacts:
    """复效. `due` None where it cannot be reckoned; `deciding`: the conclusion or signature is at hand, money must be there."""

    day: date
    submitted_on: date
    asked_on: date
    lapsed_on: date | None = None
    apply_until: date | None = None
    due: Decimal | None = None
    why_not: str = ""
    received: Decimal = ZERO
    paid_on: date | None = None
    deciding: bool = False
    owed: Decimal = ZERO
    must_repay: bool = False
    with_debts: bool = False
    answered_yes: int = 0
    occupation_class: int | None = None
    class_before: int | None = None
    class_limit: int | None = None
    consent: ConsentFacts


@dataclass(frozen=True, kw_only=True)
class RepayFacts:
    """还款. `waiting` is what the policy has as 暂收; `booked_before` that the reference is in the ledger already,
    `booked_elsewhere` another policy for which it was keyed; `accepted_on` when the request was registered."""

    amount: Decimal
    owed: Decimal
    owed_since: date | None
    received_on: date
    today: date
    how: str
    how_label: str
    waiting: Decimal = ZERO
    booked_before: bool = False
    booked_elsewhere: str = ""
    accepted_on: date | None = None
    payer: str = ""
    holder: str = ""


def _offered(f: TermsFacts, code: str, what: str) -> FindingSpec:
    words = f"条款有{what}" if f.offered else f"条款没有{what}"
    return FindingSpec(code, "pass" if f.offered else "block", words, f.product[:100], f"条款约定可办理{what}", f.article)


def _after_cooling_off(f: TermsFacts, code: str) -> FindingSpec:
    end = f.cooling_off_end
    past = end is not None and f.day > end
    words = "犹豫期已满" if past else "犹豫期内可全额退还保险费，不能办理" if end else "未登记签收，犹豫期尚未起算，不能办理"
    return FindingSpec(code, "pass" if past else "block", words, f"{f.day}", f"晚于 {end}" if end else "须有签收回执", "犹豫期条款")


def _reckoned(f: TermsFacts, code: str, words: str, limit: str, source: str) -> FindingSpec:
    if f.why_not:
        return FindingSpec(code, "block", f.why_not[:200], "不能办理", limit, source)
    return FindingSpec(code, "pass", words, f.result[:100], limit, source)


def part_findings(f: PartFacts) -> list[FindingSpec]:
    open_words = "有到期未交的保费，请先交费" if f.open_due else "没有到期未交的保费"
    nothing = not f.why_not and not f.payable
    return [
        _offered(f, "S41", "部分退保"), _after_cooling_off(f, "S42"),
        _reckoned(f, "S43", "减少的保额符合条款", "不低于最低保额，不超过条款每年限额", f.article or "保险法第20条"),
        FindingSpec("S44", "block" if f.open_due else "pass", open_words, str(f.open_due or "无"), "无未交保费", "公司规定"),
        FindingSpec("S45", "warn" if nothing else "pass", "没有应付金额，请确认客户知悉" if nothing else "有应付金额",
                    f"{yuan(f.payable)} 元", "大于零", "保险合同关于部分退保的约定"),
    ]  # fmt: skip


def paid_up_findings(f: PaidUpFacts) -> list[FindingSpec]:
    return [
        _offered(f, "S51", "减额交清"), _after_cooling_off(f, "S52"),
        _reckoned(f, "S53", "现金价值可以换取减额后的保额", "现金价值大于零", f.article or "保险法第20条"),
        consent_finding(f.consent, "S54", "公司规定"),
        FindingSpec("S55", "warn" if f.riders else "pass", "附加险随之终止，请确认客户知悉" if f.riders else "没有附加险", f.riders[:100] or "无", "无附加险或已告知"),
    ]  # fmt: skip


def loan_findings(f: LoanFacts) -> list[FindingSpec]:
    consent = (
        consent_finding(f.consent, "S64", "保险法第34条") if f.death_cover
        else FindingSpec("S64", "pass", "没有身故责任，质押不须被保险人同意", "无身故责任", "有身故责任的须书面同意", "保险法第34条")
    )  # fmt: skip
    words = "已有贷款或垫交未还，可贷额度已扣除" if f.owed else "没有未还的贷款或垫交"
    return [
        _offered(f, "S61", "保单贷款"), _after_cooling_off(f, "S62"),
        _reckoned(f, "S63", "借款金额在可贷额度内", "不超过现金价值的 80% 减未还本息", "保监发〔2016〕76号"), consent,
        FindingSpec("S65", "warn" if f.owed else "pass", words, f"本息 {yuan(f.owed)} 元", "无欠款或已扣除"),
    ]  # fmt: skip


def back_findings(f: BackFacts) -> list[FindingSpec]:
    return [_window(f), consent_finding(f.consent, "S72", "保险法第37条"), _risk(f), _paid_in(f), _debts(f), _silence(f), _occupation(f)]


def _window(f: BackFacts) -> FindingSpec:
    if f.lapsed_on is None or f.apply_until is None:
        return FindingSpec("S71", "block", "保单没有中止，不需复效", "未中止", "效力中止", "保险法第37条")
    late = f.asked_on > f.apply_until
    words = "已超过申请复效的期限" if late else "在申请复效的期限内"
    return FindingSpec("S71", "block" if late else "pass", words, f"{f.asked_on} 申请", f"{f.lapsed_on} 中止，至 {f.apply_until}", "保险法第37条")


def _risk(f: BackFacts) -> FindingSpec:
    source, limit = "保险法司法解释（三）第8条", "危险程度在中止期间未显著增加"
    if f.answered_yes:
        words = "健康告知有答“是”的事项，请核定危险程度是否在中止期间显著增加"
        return FindingSpec("S73", "warn", words, f"{f.answered_yes} 项", limit, source)
    return FindingSpec("S73", "pass", "健康告知均为“否”", "0 项", limit, source)


def _paid_in(f: BackFacts) -> FindingSpec:
    source = "保险法第37条"
    if f.due is None:
        return FindingSpec("S74", "block", f.why_not[:200], "不能计算", "须能计算复效应交金额", source)
    value, limit = f"暂收 {yuan(f.received)} 元", f"应交 {yuan(f.due)} 元"
    if f.paid_on is not None:
        return FindingSpec("S74", "pass", f"款项已于 {f.paid_on} 收足", value, limit, source)
    words = "款项尚未收足，到账后方可同意复效"
    return FindingSpec("S74", "block" if f.deciding else "warn", words, value, limit, source)


def _debts(f: BackFacts) -> FindingSpec:
    source, value = "保险法第37条", f"本息 {yuan(f.owed)} 元"
    if f.must_repay and not f.with_debts:
        return FindingSpec("S75", "block", "贷款、垫交本息已达到现金价值，须一并偿还", value, "低于现金价值或一并偿还", source)
    words = "没有贷款或垫交" if not f.owed else "贷款、垫交一并偿还" if f.with_debts else "贷款、垫交未还，复效后继续计息"
    return FindingSpec("S75", "warn" if f.owed and not f.with_debts else "pass", words, value, "低于现金价值或一并偿还", source)


def _silence(f: BackFacts) -> FindingSpec:
    days = (f.day - f.submitted_on).days
    late = days > SILENT_DAYS
    words = "收到申请已超过三十日未明确拒绝，视为同意恢复效力" if late else "在明确答复的期限内"
    return FindingSpec("S76", "warn" if late else "pass", words, f"{days} 天", f"{SILENT_DAYS} 天", "保险法司法解释（三）第8条")


def _occupation(f: BackFacts) -> FindingSpec:
    now, before, limit = f.occupation_class, f.class_before, f.class_limit
    value = f"{now} 类" if now else "拒保职业"
    limits = f"不高于投保时 {before} 类、条款最高 {limit} 类"
    over = now == 0 or bool(now and ((limit is not None and now > limit) or (before is not None and now > before)))
    words = "职业类别高于投保时或条款限制，请核定危险程度" if over else "职业类别未升高"
    return FindingSpec("S77", "warn" if over else "pass", words, value, limits, "保险法司法解释（三）第8条")


def repay_findings(f: RepayFacts) -> list[FindingSpec]:
    return [_anything_owed(f), _when(f), _how(f), _booked(f), _cash(f), _payer(f)]


def _anything_owed(f: RepayFacts) -> FindingSpec:
    value, limit = f"还款 {yuan(f.amount)} 元", f"应还本息 {yuan(f.owed)} 元"
    if not f.owed:
        return FindingSpec("S81", "block", "保单没有未还的贷款或垫交", value, limit)
    if f.amount > f.owed:
        return FindingSpec("S81", "warn", "还款多于应还本息，多出部分转为溢交保费", value, limit)
    words = "还清全部本息" if f.amount == f.owed else "部分还款，先还利息后还本金"
    return FindingSpec("S81", "pass", words, value, limit)


def _when(f: RepayFacts) -> FindingSpec:
    limit = f"{f.owed_since or '计息起日'} 至 {f.today}"
    early = f.owed_since is not None and f.received_on < f.owed_since
    words = "到账日早于计息起日" if early else "到账日晚于今天" if f.received_on > f.today else "到账日在计息期内"
    if not early and f.accepted_on and (f.accepted_on - f.received_on).days > LATE_DAYS and f.how != "suspense":
        # less interest is owed for every day that it is said to have come earlier
        return FindingSpec("S82", "warn", "到账日远早于受理登记日，请核对银行回单", f"{f.received_on} 到账，{f.accepted_on} 受理登记", limit)
    return FindingSpec("S82", "block" if early or f.received_on > f.today else "pass", words, str(f.received_on), limit)


def _how(f: RepayFacts) -> FindingSpec:
    source, limit = "保监发〔2016〕76号", "不得以信用卡还款"
    if f.how == "credit":
        return FindingSpec("S83", "block", "不得以信用卡偿还保单贷款", f.how_label, limit, source)
    if f.how == "suspense" and f.amount > f.waiting:
        return FindingSpec("S83", "block", "暂收余额不足", f"暂收 {yuan(f.waiting)} 元", f"不少于 {yuan(f.amount)} 元", source)
    return FindingSpec("S83", "pass", "还款方式符合规定", f.how_label, limit, source)


def _booked(f: RepayFacts) -> FindingSpec:
    if f.booked_elsewhere and not f.booked_before:
        words = "该流水号已用于另一保单的还款，请核对是否同一笔款项、金额是否够付"
        return FindingSpec("S84", "warn", words, f.booked_elsewhere, "一笔款项只入账一次")
    words = "该流水号已入账，请核对" if f.booked_before else "该流水号未曾入账"
    return FindingSpec("S84", "block" if f.booked_before else "pass", words, "已入账" if f.booked_before else "未入账", "一笔款项只入账一次")


def _cash(f: RepayFacts) -> FindingSpec:
    large = f.how == "cash" and f.amount >= CASH_REPORT
    words = "达到大额现金标准，5 个工作日内报告" if large else "未达大额现金标准"
    return FindingSpec("S85", "warn" if large else "pass", words, f"{yuan(f.amount)} 元", f"现金 {yuan(CASH_REPORT)} 元以上", "大额交易和可疑交易报告管理办法第5条")


def _payer(f: RepayFacts) -> FindingSpec:
    own = f.payer == f.holder
    words = "投保人本人还款" if own else "他人代为还款，请核对交款人身份与关系"
    return FindingSpec("S86", "pass" if own else "warn", words, f.payer, f.holder, "客户尽职调查办法第13条")
