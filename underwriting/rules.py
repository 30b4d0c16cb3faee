"""核保规则: pure findings over a proposal, each with the value found and the limit it was held against (facts 2.1, 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lifeops.cases.findings import FindingSpec
from lifeops.policies.rules.benefits import minors_cap
from lifeops.policies.rules.lines import plain, yuan

#: 近亲属 (民法典 1045) as beneficiaries state their relation to the insured.
CLOSE_FAMILY = frozenset({
    "配偶", "子女", "父母", "兄弟姐妹", "祖父母", "外祖父母", "孙子女", "外孙子女", "丈夫", "妻子", "儿子", "女儿", "父亲", "母亲",
})  # fmt: skip
#: 保险法 31 ¶1 (一) to (三): interest without anybody's consent.
FAMILY = frozenset({"self", "spouse", "child", "parent"})
EXAM_LABELS = {"EXAM_A": "A 类（身高体重、血压、尿）", "EXAM_B": "B 类（加血液、肝肾、心电图）", "EXAM_C": "C 类（加超声、胸片）"}
EXAM_LAST = "D 类（加肿瘤标志物、运动心电）"
NO_LIMIT = Decimal("Infinity")


@dataclass(frozen=True)
class LimitRow:
    """One row of 核保限额, in force on the day of the check; later rows of a code and age replace earlier ones."""

    code: str
    age_from: int
    age_to: int
    value: Decimal


@dataclass(frozen=True)
class Limits:
    """The limits in force; `at` gives None where no row covers the age."""

    rows: Sequence[LimitRow]

    def at(self, code: str, age: int) -> Decimal | None:
        return next((r.value for r in self.rows if r.code == code and r.age_from <= age <= r.age_to), None)


@dataclass(frozen=True, kw_only=True)
class ProposalFacts:
    """A proposal and what the book knows of its people, as the rules see them. Amounts in 元."""

    applied_on: date
    age: int
    #: None of an organisation.
    holder_age: int | None
    relation: str
    relation_label: str
    consented: bool
    parents_consented: bool
    beneficiaries: Sequence[Mapping[str, str]]
    sale_refusals: Sequence[str]
    premium_stated: Decimal
    premium_due: Decimal | None
    instalments_a_year: int
    single: bool
    sum_at_risk: Decimal
    in_force: Decimal
    pending: Decimal
    elsewhere: Decimal
    income: Decimal
    holder_income: Decimal
    height_cm: Decimal
    weight_kg: Decimal
    occupation_class: int
    yes: Sequence[str]
    limits: Limits
    #: Totals like `own_total`: of death or critical illness, what an examination is asked for; of what counts towards the minors'
    #: cap. None: as the total.
    illness: Decimal | None = None
    minor: Decimal | None = None
    exam_done: bool = False
    on_file_conflict: Sequence[str] = ()
    twins: Sequence[str] = ()
    recent: int = 0
    adverse: Sequence[str] = ()
    claims: int = 0
    died_on: date | None = field(default=None)
    #: 单位 as policyholder: whether the terms take one, and whether who acts for it has shown papers (客户尽职调查办法 24).
    takes_organisations: bool = True
    handler: str = ""
    handler_verified: bool = False

    @property
    def own_total(self) -> Decimal:
        """累计风险保额 in this company: policies in force, other proposals in hand, this one."""
        return self.in_force + self.pending + self.sum_at_risk

    @property
    def is_minor(self) -> bool:
        return self.age < 18


def underwriting_findings(f: ProposalFacts) -> list[FindingSpec]:
    """All findings, passes included."""
    return [rule(f) for rule in RULES]


def _product(f: ProposalFacts) -> FindingSpec:
    hit = bool(f.sale_refusals)
    words = "不符合险种投保规则" if hit else "符合险种投保规则"
    return FindingSpec("N01", "block" if hit else "pass", words, "；".join(f.sale_refusals)[:100] or "符合", "在售、年龄、保额、期间、职业")


def _premium(f: ProposalFacts) -> FindingSpec:
    if f.premium_due is None:
        return FindingSpec("N02", "block", "没有对应费率，不能核对保费", f"{yuan(f.premium_stated)} 元", "费率表")
    same = f.premium_stated == f.premium_due
    words = "所填保费与费率表一致" if same else "所填保费与费率表不符"
    return FindingSpec("N02", "pass" if same else "block", words, f"{yuan(f.premium_stated)} 元", f"每期应为 {yuan(f.premium_due)} 元")


def _minors_cap(f: ProposalFacts) -> FindingSpec:
    source, cap = "保监发〔2015〕90号第1条", minors_cap(f.age)
    if cap is None:
        return FindingSpec("N03", "pass", "被保险人已成年，不受未成年人身故限额约束", f"{f.age} 周岁", "未满 18 周岁适用", source)
    total = (f.own_total if f.minor is None else f.minor) + f.elsewhere
    words = "未成年人身故保额超过各公司合计限额" if total > cap else "未成年人身故保额在限额内"
    value = f"{yuan(total)} 元（含其他公司 {yuan(f.elsewhere)}）"
    return FindingSpec("N03", "block" if total > cap else "pass", words, value, f"{f.age} 周岁，{yuan(cap)} 元", source)


def _who_may_insure_minor(f: ProposalFacts) -> FindingSpec:
    source, limit = "保险法第33条、司法解释三第6条", "父母，或经父母同意的其他监护人"
    if not f.is_minor:
        return FindingSpec("N04", "pass", "被保险人已成年", f"{f.age} 周岁", limit, source)
    if f.relation == "child":
        return FindingSpec("N04", "pass", "父母为未成年子女投保", f.relation_label, limit, source)
    if f.parents_consented:
        return FindingSpec("N04", "warn", "父母以外的监护人投保，须核对监护关系和父母同意书", f.relation_label, limit, source)
    return FindingSpec("N04", "block", "父母以外的人不得为未成年人投保身故保险", f.relation_label, limit, source)


def _interest(f: ProposalFacts) -> FindingSpec:
    source, limit = "保险法第31条", "近亲属、劳动者，或被保险人同意"
    if f.relation in FAMILY or f.relation == "employee":
        return FindingSpec("N05", "pass", "投保人对被保险人有保险利益", f.relation_label, limit, source)
    if f.consented or (f.is_minor and f.parents_consented):
        return FindingSpec("N05", "warn", "保险利益来自被保险人同意或抚养关系，请核对关系证明", f.relation_label, limit, source)
    return FindingSpec("N05", "block", "投保人对被保险人没有保险利益", f.relation_label, limit, source)


def _consent(f: ProposalFacts) -> FindingSpec:
    source, limit = "保险法第34条", "被保险人同意并认可保险金额"
    if f.relation == "self" or (f.relation == "child" and f.is_minor):
        return FindingSpec("N06", "pass", "本人投保或父母为未成年子女投保，无须另行同意", f.relation_label, limit, source)
    given = f.consented or (f.is_minor and f.parents_consented)
    words = "被保险人已同意并认可保险金额" if given else "身故保险未经被保险人同意并认可保险金额"
    return FindingSpec("N06", "pass" if given else "block", words, "已同意" if given else "未同意", limit, source)


def _beneficiaries(f: ProposalFacts) -> FindingSpec:
    strange = [row["name"] for row in f.beneficiaries if row["relation"] not in CLOSE_FAMILY]
    if not strange:
        value = f"{len(f.beneficiaries)} 人" if f.beneficiaries else "法定"
        return FindingSpec("N07", "pass", "受益人为近亲属或法定", value, "近亲属", "保险法第39条")
    if f.relation == "employee":
        words = "用人单位投保，受益人只能是被保险人及其近亲属"
        return FindingSpec("N07", "block", words, "、".join(strange)[:100], "近亲属", "保险法第39条")
    return FindingSpec("N07", "warn", "受益人不是近亲属", "、".join(strange)[:100], "近亲属", "核保规则 A09")


def exam_needed(limits: Limits, age: int, total: Decimal) -> str:
    """体检 class by age and 累计风险保额 (facts 4.6); "" where none is needed."""
    bound = limits.at("EXAM_NONE", age)
    if bound is None or total <= bound:
        return ""
    for code, label in EXAM_LABELS.items():
        bound = limits.at(code, age)
        if bound is not None and total <= bound:
            return label
    return EXAM_LAST


def _accumulation(f: ProposalFacts) -> FindingSpec:
    bound = f.limits.at("EXAM_NONE", f.age)
    limit = f"{f.age} 周岁免体检 {yuan(bound)} 元" if bound is not None else "未设限额"
    total = f.own_total if f.illness is None else f.illness
    value, source = f"{yuan(total)} 元", "核保限额"
    needed = exam_needed(f.limits, f.age, total)
    if not needed:
        return FindingSpec("N08", "pass", "累计风险保额在免体检限额内", value, limit, source)
    if f.exam_done:
        return FindingSpec("N08", "pass", "累计风险保额超过免体检限额，体检已回销", value, limit, source)
    return FindingSpec("N08", "warn", f"累计风险保额超过免体检限额，须体检 {needed}", value, limit, source)


def _income_multiple(f: ProposalFacts) -> FindingSpec:
    total, source = f.own_total + f.elsewhere, "核保限额"
    if f.is_minor:
        return FindingSpec("N09", "pass", "未成年人按身故限额控制，不适用收入倍数", "—", "见未成年人限额", source)
    times = f.limits.at("INCOME_MULTIPLE", f.age)
    if f.income <= 0:
        most, basis = f.limits.at("NO_INCOME", f.age), "无收入"
    else:
        most, basis = (f.income * times if times is not None else None), f"年收入 {yuan(f.income)} × {plain(times or Decimal(0))}"
    if most is None or total <= most:
        limit = f"{basis}，{yuan(most)} 元" if most is not None else "未设限额"
        return FindingSpec("N09", "pass", "保额与收入相称", f"{yuan(total)} 元", limit, source)
    return FindingSpec("N09", "warn", "保额与收入不相称，须财务资料", f"{yuan(total)} 元", f"{basis}，{yuan(most)} 元", source)


def _premium_to_income(f: ProposalFacts) -> FindingSpec:
    due, income = f.premium_due or f.premium_stated, f.holder_income
    if f.holder_age is None:
        return FindingSpec("N10", "pass", "投保人为单位，不按个人收入核对保费", f"{yuan(due)} 元", "个人投保适用", "适当性管理办法第39条")
    if f.single:
        times = f.limits.at("SINGLE_MULTIPLE", f.holder_age)
        most, limit = (income * times if times is not None else NO_LIMIT), f"不超过年收入 {plain(times or Decimal(0))} 倍"
        yearly, what = due, "趸交保费"
    else:
        share = f.limits.at("PREMIUM_SHARE", f.holder_age)
        most = income * share / 100 if share is not None else NO_LIMIT
        yearly, what, limit = due * f.instalments_a_year, "年交保费", f"不超过年收入 {plain(share or Decimal(0))}%"
    hit = yearly > most
    words = f"{what}与投保人收入不相称，须投保声明" if hit else f"{what}与投保人收入相称"
    value = f"{yuan(yearly)} 元，年收入 {yuan(income)} 元"
    return FindingSpec("N10", "warn" if hit else "pass", words, value, limit, "适当性管理办法第39条")


def bmi_of(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """体质指数, one decimal."""
    metres = height_cm / 100
    return (weight_kg / (metres * metres)).quantize(Decimal("0.1"))


def _bmi(f: ProposalFacts) -> FindingSpec:
    low, high = f.limits.at("BMI_LOW", f.age), f.limits.at("BMI_HIGH", f.age)
    value = bmi_of(f.height_cm, f.weight_kg)
    if low is None or high is None:
        return FindingSpec("N11", "pass", "该年龄不按体质指数核保", plain(value), "成人适用", "核保限额")
    words = "体质指数偏低" if value < low else "体质指数偏高" if value > high else "体质指数正常"
    level = "pass" if low <= value <= high else "warn"
    return FindingSpec("N11", level, words, plain(value), f"{plain(low)} 至 {plain(high)}", "核保限额")


def _occupation(f: ProposalFacts) -> FindingSpec:
    if f.occupation_class == 0:
        return FindingSpec("N12", "block", "被保险人职业属于拒保职业", "拒保职业", "1 至 6 类", "职业分类表")
    bound = f.limits.at("OCCUPATION", f.age)
    hit = bound is not None and f.occupation_class >= bound
    words = "高风险职业，请核对职业告知" if hit else "职业类别可承保"
    limit = f"低于 {plain(bound)} 类" if bound is not None else "未设限额"
    return FindingSpec("N12", "warn" if hit else "pass", words, f"{f.occupation_class} 类", limit, "职业分类表")


def _health(f: ProposalFacts) -> FindingSpec:
    words = "健康告知有“是”" if f.yes else "健康告知均为“否”"
    value = f"第 {'、'.join(f.yes)} 项" if f.yes else "无"
    return FindingSpec("N13", "warn" if f.yes else "pass", words, value, "均为“否”", "保险法第16条")


def _duplicates(f: ProposalFacts) -> FindingSpec:
    words = "同一被保险人同一险种疑似重复投保" if f.twins else "未发现重复投保"
    return FindingSpec("N14", "warn" if f.twins else "pass", words, "、".join(f.twins)[:100] or "无", "无同险种在办案件或新保单", "销售行为管理办法第28条")


def _recent(f: ProposalFacts) -> FindingSpec:
    bound = f.limits.at("RECENT", f.age)
    hit = bound is not None and f.recent >= bound
    words = "六个月内投保较频繁" if hit else "六个月内投保次数正常"
    limit = f"少于 {plain(bound)} 件" if bound is not None else "未设限额"
    return FindingSpec("N15", "warn" if hit else "pass", words, f"另有 {f.recent} 件", limit, "核保规则 A10")


def _record(f: ProposalFacts) -> FindingSpec:
    found = [*f.adverse, *([f"理赔 {f.claims} 件"] if f.claims else [])]
    words = "被保险人既往有非标准结论或理赔" if found else "无非标准承保和理赔记录"
    return FindingSpec("N16", "warn" if found else "pass", words, "、".join(found)[:100] or "无", "无", "核保规则 A05")


def _on_file(f: ProposalFacts) -> FindingSpec:
    found = [*f.on_file_conflict, *([f"被保险人已于 {f.died_on} 身故"] if f.died_on else [])]
    words = "证件与客户资料不一致，请核对证件原件" if found else "证件与客户资料一致或为新客户"
    return FindingSpec("N17", "block" if found else "pass", words, "；".join(found)[:100] or "一致", "同一证件同一人", "客户尽职调查办法第12条")


def _holder(f: ProposalFacts) -> FindingSpec:
    if f.holder_age is None:
        words = "险种接受单位为投保人" if f.takes_organisations else "险种不接受单位为投保人"
        return FindingSpec("N18", "pass" if f.takes_organisations else "block", words, "单位", "险种条款规定的投保人")
    if f.holder_age < 18:
        return FindingSpec("N18", "block", "投保人须为成年人", f"{f.holder_age} 周岁", "满 18 周岁", "民法典第18条")
    bound = f.limits.at("HOLDER_AGE" if f.single else "HOLDER_AGE_REGULAR", f.holder_age)
    hit = bound is not None and f.holder_age > bound
    words = "投保人年龄较高，请核对投保意愿和交费能力" if hit else "投保人年龄合适"
    limit = f"不超过 {plain(bound)} 周岁" if bound is not None else "未设限额"
    return FindingSpec("N18", "warn" if hit else "pass", words, f"{f.holder_age} 周岁", limit, "核保规则 A03")


def _handler(f: ProposalFacts) -> FindingSpec:
    source, limit = "客户尽职调查办法第24条", "登记经办人，收到授权委托书和经办人证件"
    if f.holder_age is not None:
        return FindingSpec("N19", "pass", "投保人为个人", "—", "单位投保适用", source)
    if not f.handler:
        return FindingSpec("N19", "block", "单位投保没有登记经办人", "未登记", limit, source)
    words = "经办人授权和证件已收到" if f.handler_verified else "没有收到经办人的授权委托书和证件"
    return FindingSpec("N19", "pass" if f.handler_verified else "block", words, f.handler, limit, source)


RULES: tuple[Callable[[ProposalFacts], FindingSpec], ...] = (
    _product, _premium, _minors_cap, _who_may_insure_minor, _interest, _consent, _beneficiaries, _accumulation,
    _income_multiple, _premium_to_income, _bmi, _occupation, _health, _duplicates, _recent, _record, _on_file, _holder, _handler,
)


def blocked(findings: Sequence[FindingSpec]) -> list[str]:
    """Why the proposal cannot be accepted on any terms, in words."""
    return [f"{f.message}（{f.value}，{f.limit}）" for f in findings if f.level == "block"]
