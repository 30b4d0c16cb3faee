"""Rules S91 to S93 of PS27 红利领取与方式变更. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lifeops.cases.findings import FindingSpec
from lifeops.policies.rules.lines import yuan


@dataclass(frozen=True, kw_only=True)
class DividendFacts:
    """红利领取与方式变更: ways in words, "" for none; what is `there` to be collected, in 元."""

    before: str
    after: str
    changes: bool
    offered: Sequence[str]
    collected: Decimal
    there: Decimal


def dividend_findings(f: DividendFacts) -> list[FindingSpec]:
    return [_offered_ways(f), _something(f), _enough(f)]


def _offered_ways(f: DividendFacts) -> FindingSpec:
    limit = "、".join(f.offered) or "无"
    if not f.after:
        return FindingSpec("S91", "pass", "不变更红利领取方式", f.before or "—", limit)
    fits = f.after in f.offered
    return FindingSpec("S91", "pass" if fits else "block", "条款有此领取方式" if fits else "条款没有此领取方式", f.after, limit)


def _something(f: DividendFacts) -> FindingSpec:
    does = f.changes or f.collected > 0
    words = "变更领取方式或领取红利" if does else "领取方式与现有的相同，也不领取红利"
    return FindingSpec("S92", "pass" if does else "block", words, f.after or f.before or "—", "有变更或领取")


def _enough(f: DividendFacts) -> FindingSpec:
    words = "领取金额超过可领取的红利" if f.collected > f.there else "领取金额不超过可领取的红利"
    return FindingSpec("S93", "block" if f.collected > f.there else "pass", words, f"{yuan(f.collected)} 元", f"{yuan(f.there)} 元")
