"""预审规则: what the counter can check before anything is keyed. Pure: facts and rules in, findings out (facts 2.1, 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lifeops.cases.findings import FindingSpec


@dataclass(frozen=True)
class Setting:
    """A rule as it stands on the day: how grave what it finds is, and its limit where it has one."""

    level: str
    limit: int = 0
    #: J03: policy states in which the item can never be accepted, and those in which it is to be looked at.
    refused: frozenset[str] = frozenset()
    review: frozenset[str] = frozenset()
    accepted_words: str = "不限"


@dataclass(frozen=True)
class CounterFacts:
    """What is known at the counter about one case."""

    submitted_on: date
    passed_on: date | None = None
    occurred_on: date | None = None
    missing_required: Sequence[str] = ()
    copies_for_originals: Sequence[str] = ()
    policy_needed: bool = False
    policy_status: str = ""
    policy_status_label: str = ""
    policy_held_by: str = ""
    open_cases: Sequence[str] = ()
    applicant_id_valid_to: date | None = None
    applicant_known: bool = True
    by_company: bool = False
    same_day_twin: str = ""


def counter_findings(facts: CounterFacts, rules: Mapping[str, Setting]) -> list[FindingSpec]:
    """All findings of the rules in force, passes included: the clerk sees what was checked, the value found and the limit."""
    return [check(facts, rules.get(code, OFF)) for code, check in CHECKS.items() if code in rules or code == "J03"]


def _papers(f: CounterFacts, rule: Setting) -> FindingSpec:
    level = rule.level if f.missing_required else "pass"
    words = "必备资料不全" if f.missing_required else "必备资料齐全"
    return FindingSpec("J01", level, words, "、".join(f.missing_required) or "齐全", "清单必备项全部收到", "服务规定第10、19条")


def _originals(f: CounterFacts, rule: Setting) -> FindingSpec:
    level = rule.level if f.copies_for_originals else "pass"
    words = "应收原件的资料收了复印件" if f.copies_for_originals else "原件符合要求"
    return FindingSpec("J02", level, words, "、".join(f.copies_for_originals) or "符合", "须收原件", "")


def _policy(f: CounterFacts, rule: Setting) -> FindingSpec:
    """A policy that the item needs and that is not there blocks whatever the rule says: there is nothing to work on."""
    if not f.policy_needed:
        return FindingSpec("J03", "pass", "此项目不需要保单", "—", "—", "")
    if not f.policy_status:
        return FindingSpec("J03", "block", "未关联保单", "无", "须有保单", "")
    level, words = "pass", "保单状态可办理"
    if f.policy_status in rule.refused:
        level, words = rule.level, "保单状态不可办理此项目"
    elif f.policy_status in rule.review:
        level, words = "warn", "保单状态须核对后办理"
    return FindingSpec("J03", level, words, f.policy_status_label, rule.accepted_words, "")


def _hold(f: CounterFacts, rule: Setting) -> FindingSpec:
    if f.policy_held_by:
        return FindingSpec("J04", rule.level, "保单已挂起", f.policy_held_by, "未挂起", "")
    return FindingSpec("J04", "pass", "保单未挂起", "—", "未挂起", "")


def _open_cases(f: CounterFacts, rule: Setting) -> FindingSpec:
    level = rule.level if f.open_cases else "pass"
    words = "同一保单另有在办案件" if f.open_cases else "没有冲突的在办案件"
    return FindingSpec("J05", level, words, "、".join(f.open_cases) or "无", "无在办案件", "")


def _identity(f: CounterFacts, rule: Setting) -> FindingSpec:
    if f.by_company:
        return FindingSpec("J06", "pass", "本公司提出，没有申请人证件", "—", "—", "")
    if not f.applicant_known:
        return FindingSpec("J06", rule.level, "申请人证件未登记，须核对原件", "未登记", "证件在有效期内", "客户尽职调查办法第12条")
    if f.applicant_id_valid_to and f.applicant_id_valid_to < f.submitted_on:
        return FindingSpec(
            "J06", rule.level, "申请人证件已过期", f.applicant_id_valid_to.isoformat(), f"不早于 {f.submitted_on}", "客户尽职调查办法第26条"
        )
    value = f.applicant_id_valid_to.isoformat() if f.applicant_id_valid_to else "长期"
    return FindingSpec("J06", "pass", "申请人证件在有效期内", value, f"不早于 {f.submitted_on}", "")


def _twin(f: CounterFacts, rule: Setting) -> FindingSpec:
    if f.same_day_twin:
        return FindingSpec("J07", rule.level, "疑似重复受理", f.same_day_twin, "同一客户同一项目未重复", "")
    return FindingSpec("J07", "pass", "未发现重复受理", "无", "同一客户同一项目未重复", "")


def _agent_delay(f: CounterFacts, rule: Setting) -> FindingSpec:
    limit = f"转交至递交不超过 {rule.limit} 天"
    if f.passed_on is None:
        return FindingSpec("J08", "pass", "客户直接递交", "—", limit, "")
    days = (f.submitted_on - f.passed_on).days
    late = days > rule.limit
    return FindingSpec("J08", rule.level if late else "pass", "代理人转交过久" if late else "转交及时", f"{days} 天", limit, "")


OFF = Setting("pass")
CHECKS: dict[str, Callable[[CounterFacts, Setting], FindingSpec]] = {
    "J01": _papers, "J02": _originals, "J03": _policy, "J04": _hold, "J05": _open_cases, "J06": _identity, "J07": _twin,
    "J08": _agent_delay,
}  # fmt: skip
