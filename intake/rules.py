"""预审规则: what the counter can check before anything is keyed. Pure: facts in, findings out (facts 2.1, 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from lifeops.cases.findings import FindingSpec


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
    statuses_allowed: frozenset[str] = frozenset()
    policy_held_by: str = ""
    open_cases: Sequence[str] = ()
    applicant_id_valid_to: date | None = None
    applicant_known: bool = True
    same_day_twin: str = ""
    agent_days: int = field(default=0)


def counter_findings(facts: CounterFacts) -> list[FindingSpec]:
    """All findings, passes included: the clerk sees what was checked, the value found and the limit."""
    return [
        _papers(facts),
        _originals(facts),
        _policy(facts),
        _hold(facts),
        _open_cases(facts),
        _identity(facts),
        _twin(facts),
        _agent_delay(facts),
    ]


def _papers(f: CounterFacts) -> FindingSpec:
    level = "block" if f.missing_required else "pass"
    words = "必备资料不全" if f.missing_required else "必备资料齐全"
    return FindingSpec("J01", level, words, "、".join(f.missing_required) or "齐全", "清单必备项全部收到", "服务规定第10、19条")


def _originals(f: CounterFacts) -> FindingSpec:
    level = "warn" if f.copies_for_originals else "pass"
    words = "应收原件的资料收了复印件" if f.copies_for_originals else "原件符合要求"
    return FindingSpec("J02", level, words, "、".join(f.copies_for_originals) or "符合", "须收原件", "")


def _policy(f: CounterFacts) -> FindingSpec:
    if not f.policy_needed:
        return FindingSpec("J03", "pass", "此项目不需要保单", "—", "—", "")
    if not f.policy_status:
        return FindingSpec("J03", "block", "未关联保单", "无", "须有保单", "")
    allowed = f.policy_status in f.statuses_allowed
    return FindingSpec(
        "J03",
        "pass" if allowed else "block",
        "保单状态可办理" if allowed else "保单状态不可办理此项目",
        f.policy_status_label,
        "见项目要求",
        "",
    )


def _hold(f: CounterFacts) -> FindingSpec:
    if f.policy_held_by:
        return FindingSpec("J04", "warn", "保单已挂起", f.policy_held_by, "未挂起", "")
    return FindingSpec("J04", "pass", "保单未挂起", "—", "未挂起", "")


def _open_cases(f: CounterFacts) -> FindingSpec:
    level = "warn" if f.open_cases else "pass"
    words = "同一保单另有在办案件" if f.open_cases else "没有冲突的在办案件"
    return FindingSpec("J05", level, words, "、".join(f.open_cases) or "无", "无在办案件", "")


def _identity(f: CounterFacts) -> FindingSpec:
    if not f.applicant_known:
        return FindingSpec("J06", "warn", "申请人证件未登记，须核对原件", "未登记", "证件在有效期内", "客户尽职调查办法第12条")
    if f.applicant_id_valid_to and f.applicant_id_valid_to < f.submitted_on:
        return FindingSpec(
            "J06", "warn", "申请人证件已过期", f.applicant_id_valid_to.isoformat(), f"不早于 {f.submitted_on}", "客户尽职调查办法第26条"
        )
    value = f.applicant_id_valid_to.isoformat() if f.applicant_id_valid_to else "长期"
    return FindingSpec("J06", "pass", "申请人证件在有效期内", value, f"不早于 {f.submitted_on}", "")


def _twin(f: CounterFacts) -> FindingSpec:
    if f.same_day_twin:
        return FindingSpec("J07", "warn", "疑似重复受理", f.same_day_twin, "同一客户同一项目未重复", "")
    return FindingSpec("J07", "pass", "未发现重复受理", "无", "同一客户同一项目未重复", "")


def _agent_delay(f: CounterFacts) -> FindingSpec:
    limit = 5
    if f.passed_on is None:
        return FindingSpec("J08", "pass", "客户直接递交", "—", f"转交至递交不超过 {limit} 天", "")
    days = (f.submitted_on - f.passed_on).days
    level = "warn" if days > limit else "pass"
    words = "代理人转交过久" if days > limit else "转交及时"
    return FindingSpec("J08", level, words, f"{days} 天", f"转交至递交不超过 {limit} 天", "")
