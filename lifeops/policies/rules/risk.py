"""风险保额 of one coverage: what its benefits would pay, by kind of risk (facts 1.2, 4.6; docs/products.md). Pure; amounts in 元.

A benefit that only gives back what was paid in (已交保险费, 现金价值) puts at risk what it pays beyond that. 等待期 is left out: it
passes. What the terms say in words only counts with the sum insured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from lifeops.policies.rules.events import Benefit, Event, event_of, needs_accident
from lifeops.policies.rules.formula import FormulaError
from lifeops.policies.rules.lines import ZERO, money
from lifeops.policies.rules.values import Definition, NotReckoned, benefit, covered


class RiskKind(StrEnum):
    """What a sum at risk counts towards. `ILLNESS`: death or critical illness, whichever pays more, what an examination is asked
    for; `MINOR`: what counts towards the cap on a minor's death (保监发〔2015〕90号)."""

    LIFE = "life"
    ACCIDENT = "accident"
    CRITICAL = "ci"
    DEATH = "death"
    ILLNESS = "illness"
    MINOR = "minor"


#: Those that pages tell.
LABELS = {RiskKind.LIFE: "寿险", RiskKind.ACCIDENT: "意外", RiskKind.CRITICAL: "重疾", RiskKind.DEATH: "身故给付"}
#: Kinds for which a product may declare a multiple of the sum insured (`risk_weights`).
DECLARED = (RiskKind.LIFE, RiskKind.ACCIDENT, RiskKind.CRITICAL, RiskKind.DEATH)
#: Words whose amount is the customer's own money.
OWN_MONEY = ("premiums_paid", "premium", "annual_premium", "cash_value", "cash_value_basic", "cash_value_bonus")
#: An advance of the death benefit is no critical illness cover.
ADVANCE = re.compile(r"TERMINAL|末期|生命关爱")
#: 保监发〔2015〕90号 2: these deaths do not count towards the cap.
NOT_CAPPED = re.compile(r"航空|自然灾害")
DEATHS = (Event.DEATH, Event.SPECIAL_DEATH)


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A coverage as its formulas see it: `values` as for its benefits; `items` sums by benefit, of products sold by benefit;
    `declared` multiples of its terms; `returned` what the customer would have anyway; `exempt` what stays outside the minors' cap
    (M-10)."""

    definition: Definition
    basic: Decimal
    values: Mapping[str, Decimal] = field(default_factory=dict)
    plan: str = ""
    items: Mapping[str, str] | None = None
    declared: Mapping[str, str] = field(default_factory=dict)
    returned: Decimal = ZERO
    exempt: Decimal = ZERO


def risk_sums(held: Exposure) -> dict[RiskKind, Decimal]:
    """风险保额 of each kind."""
    found = dict.fromkeys(RiskKind, ZERO)
    if held.definition.get("benefits"):
        found |= _by_benefits(held)
    stated = {RiskKind(kind): held.basic * Decimal(str(weight)) for kind, weight in held.declared.items() if kind in DECLARED}
    found |= stated
    if RiskKind.DEATH in stated:
        found[RiskKind.MINOR] = max(ZERO, stated[RiskKind.DEATH] - held.exempt)
    found[RiskKind.ILLNESS] = max(found[RiskKind.LIFE], found[RiskKind.CRITICAL])
    return {kind: money(amount) for kind, amount in found.items()}


def total(sums: Iterable[Mapping[RiskKind, Decimal]]) -> dict[RiskKind, Decimal]:
    """累计风险保额: the sums of several coverages, kind by kind."""
    found = dict.fromkeys(RiskKind, ZERO)
    for one in sums:
        for kind in RiskKind:
            found[kind] += one[kind]
    return found


def _by_benefits(held: Exposure) -> dict[RiskKind, Decimal]:
    mine = [b for b in held.definition["benefits"] if covered(held.definition, b["code"], held.plan) and (held.items is None or b["code"] in held.items)]
    disabled = [b for b in mine if event_of(b) == Event.DISABILITY]
    ill = [b for b in mine if event_of(b) == Event.ILLNESS and not ADVANCE.search(f"{b['code']} {b['name']}")]
    by_accident = [_at_risk(held, chosen, accident=True) for chosen in (_only_accident(c) for c in _deaths(mine)) if chosen]
    hurt = [_at_risk(held, [b], accident=True) for b in disabled if needs_accident(b)]
    unable = [_at_risk(held, [b]) for b in disabled if not needs_accident(b)]
    plain = next(_deaths(mine))
    capped = [c for c in _deaths(mine) if not any(NOT_CAPPED.search(str(b["name"])) for b in c)]
    return {
        RiskKind.LIFE: max([_at_risk(held, [b for b in plain if not needs_accident(b)]), *unable]),
        RiskKind.ACCIDENT: max([ZERO, *by_accident, *hurt]),
        RiskKind.CRITICAL: max([ZERO, *(_at_risk(held, [b]) for b in ill)]),
        RiskKind.DEATH: _at_risk(held, plain, accident=True),
        RiskKind.MINOR: max(_for_the_cap(held, chosen) for chosen in capped),
    }


def _deaths(mine: list[Benefit]) -> Iterator[list[Benefit]]:
    """What an accidental death may give: without a particular accident first, then each of those with what it leaves beside it."""
    general = [b for b in mine if event_of(b) == Event.DEATH]
    yield general
    for one in mine:
        if event_of(one) == Event.SPECIAL_DEATH:
            yield [*(b for b in general if b["code"] not in (one.get("replaces") or ())), one]


def _only_accident(chosen: list[Benefit]) -> list[Benefit]:
    return [b for b in chosen if needs_accident(b) or event_of(b) == Event.SPECIAL_DEATH]


def _pays(held: Exposure, one: Benefit, *, accident: bool, own_money: bool = True) -> Decimal:
    item = (held.items or {}).get(one["code"])
    own = Decimal(item) if item is not None else held.basic
    values = {**held.values, "accident": Decimal(accident), "in_waiting": Decimal(0), "payout_ratio": Decimal(1)}
    if item is not None:
        values |= {"sum_insured": own, "basic_sum_insured": own}
    if not own_money:
        values |= dict.fromkeys(OWN_MONEY, ZERO)
    try:
        return benefit(held.definition, one["code"], values, plan=held.plan).amount
    except (NotReckoned, FormulaError):
        return own


def _at_risk(held: Exposure, chosen: list[Benefit], *, accident: bool = False) -> Decimal:
    amount = ZERO
    for one in chosen:
        gross = _pays(held, one, accident=accident)
        only_back = not _pays(held, one, accident=accident, own_money=False)
        amount += max(ZERO, gross - held.returned) if only_back else gross
    return amount


def _for_the_cap(held: Exposure, chosen: list[Benefit]) -> Decimal:
    """Of a minor's death: what is exempt stays outside, as when it is paid (`benefits.cap_for_minor`)."""
    gross = sum((_pays(held, one, accident=True) for one in chosen), ZERO)
    return min(_at_risk(held, chosen, accident=True), max(ZERO, gross - held.exempt))


__all__ = ["DECLARED", "LABELS", "Exposure", "RiskKind", "risk_sums", "total"]
