"""责任核定: pure rules over what is known of policy and event (facts 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lifeops.cases.findings import FindingSpec
from lifeops.policies.rules.dates import in_waiting_period, suicide_excluded


@dataclass(frozen=True, kw_only=True)
class EventFacts:
    """Event and cover as the rules see them."""

    event_on: date
    submitted_on: date
    cause: str
    cause_label: str
    status_label: str
    covered: bool
    in_grace: bool
    effective_on: date
    suicide_since: date
    suicide_years: int
    waiting_days: int
    waiting_from: date | None = None
    had_capacity: bool = True
    holds_cover: bool = True
    exclusion: str = ""
    drunk_excluded: bool = True


def liability_findings(f: EventFacts) -> list[FindingSpec]:
    """Validity, grace, waiting period, exclusions, suicide: each with the value found and the limit."""
    return [_order(f), _cover(f), _validity(f), _waiting(f), _suicide(f), _exclusion(f), _special(f)]


def _order(f: EventFacts) -> FindingSpec:
    late = f.event_on > f.submitted_on
    words = "出险日期晚于递交日" if late else "出险日期合理"
    return FindingSpec("L01", "block" if late else "pass", words, str(f.event_on), f"不晚于 {f.submitted_on}")


def _cover(f: EventFacts) -> FindingSpec:
    words = "保单有对应责任" if f.holds_cover else "保单没有对应责任"
    return FindingSpec("L02", "pass" if f.holds_cover else "block", words, words[2:], "须含对应责任")


def _validity(f: EventFacts) -> FindingSpec:
    if f.in_grace and f.covered:
        return FindingSpec("L03", "warn", "出险在宽限期内，给付时扣除欠交保费", f.status_label, "有效", "保险法第36条")
    words = "出险时合同有效" if f.covered else "出险时合同无效"
    return FindingSpec("L03", "pass" if f.covered else "warn", words, f.status_label, "有效或宽限期", "保险法第36条")


def _waiting(f: EventFacts) -> FindingSpec:
    since = f.waiting_from or f.effective_on
    inside = in_waiting_period(
        effective_on=since, day=f.event_on, waiting_days=f.waiting_days, accident=f.cause == "accident"
    )
    days = (f.event_on - since).days
    words = "在等待期内" if inside else "已过等待期或不适用"
    return FindingSpec("L04", "warn" if inside else "pass", words, f"{'复效' if since != f.effective_on else '生效'}后第 {days} 天", f"等待期 {f.waiting_days} 天", "健康保险管理办法第27条")


def _suicide(f: EventFacts) -> FindingSpec:
    hit = f.cause == "suicide" and suicide_excluded(
        since=f.suicide_since, died_on=f.event_on, years=f.suicide_years, had_capacity=f.had_capacity
    )
    words = "合同成立或复效二年内自杀，不承担责任" if hit else "不涉及自杀免责"
    return FindingSpec("L05", "warn" if hit else "pass", words, f.cause_label, f"自 {f.suicide_since} 起 {f.suicide_years} 年", "保险法第44条")


def _exclusion(f: EventFacts) -> FindingSpec:
    """故意犯罪 is excluded by the law, 酒后驾驶 where the terms say so."""
    hit = f.cause == "crime" or (f.cause == "drunk" and f.drunk_excluded)
    words = "属于责任免除" if hit else "条款没有免除酒后驾驶" if f.cause == "drunk" else "未发现责任免除"
    return FindingSpec("L06", "warn" if hit else "pass", words, f.cause_label, "非责任免除", "责任免除条款" if f.cause == "drunk" else "保险法第45条")


def _special(f: EventFacts) -> FindingSpec:
    words = "合同有特别约定除外，请核对" if f.exclusion else "无特别约定"
    return FindingSpec("L07", "warn" if f.exclusion else "pass", words, f.exclusion or "无", "核对是否与本次事故相关")


def rescission_finding(*, last: date, established_on: date, known_on: date | None, today: date) -> FindingSpec:
    """解除权 (保险法 16 ¶3): it never blocks the claim, only what may be concluded of it."""
    limit, source = f"成立之日（{established_on}）起二年、知道之日起三十日", "保险法第16条第3款"
    if known_on is None:
        words = "因未如实告知、年龄不符解除合同的，应在期限内；订立时已知道的不得解除" if today <= last else "合同成立已满二年，不得因未如实告知、年龄不符解除"
        return FindingSpec("L08", "pass", words, f"最迟 {last}", limit, source)
    level = "block" if today > last else "warn"
    words = "解除权已消灭，不得解除合同" if today > last else "解除合同通知书须在期限内送达投保人"
    return FindingSpec("L08", level, words, f"{known_on} 知道，最迟 {last}", limit, source)


#: Findings that, where they do not pass, leave nothing to pay as of right.
DECISIVE = ("L02", "L03", "L04", "L05", "L06")


def liability_denied(findings: list[FindingSpec]) -> list[str]:
    """The reasons why nothing is due; a grace period and, on death, a waiting period only change the amount."""
    return [f.message for f in findings if f.code in DECISIVE and f.level != "pass" and "扣除欠交保费" not in f.message]
