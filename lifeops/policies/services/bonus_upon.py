"""What a 红利保额 that comes late brings on anniversaries whose bonus has been credited: to the cent what it had brought in time. Each such
bonus is what it would be with it less what it is without, so that the order in which rates are approved does not matter. Read off the
events of the credits: `base`, the sum a bonus was reckoned on; `alone`, a bonus by itself; `upon`, by anniversary what came upon it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.policies.models import DividendBase, DividendRate, EventKind, Policy, PolicyEvent
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import ZERO, money

#: How the key of a bonus begins; its second part is the policy year.
WORD = "bonus"


def credited(policy: Policy, more: Sequence[PolicyEvent] = ()) -> list[PolicyEvent]:
    """Bonuses in the order of their credit; `more`: those that come after and are not written yet."""
    written = policy.events.filter(kind=EventKind.DIVIDEND, key__startswith=f"{WORD}:").order_by("pk")
    return [*written, *(event for event in more if event.key.startswith(f"{WORD}:"))]


def year_of(event: PolicyEvent) -> int:
    return int(event.key.split(":")[1])


def before(event: PolicyEvent, cover: str, year: int) -> Decimal:
    """A bonus as it shares in that of anniversary `year`: with what came upon it for the anniversaries before."""
    data = event.data
    alone = Decimal(data.get("alone", data.get("bonus", {})).get(cover, 0))
    return alone + sum((Decimal(part) for n, part in _upon(data, cover).items() if int(n) < year), ZERO)


def come_since(events: Sequence[PolicyEvent], cover: str, year: int, on: date) -> Decimal:
    """Bonuses of years before `year` that came after its anniversary and before its own bonus, which is reckoned on them as well."""
    return sum((before(event, cover, year) for event in events if event.on > on and year_of(event) < year), ZERO)


def upon(events: Sequence[PolicyEvent], cover: str, *, year: int, alone: Decimal, since: Sequence[int]) -> dict[str, str]:
    """What the late bonus of `year` brings on the anniversaries `since` that have their bonus, by anniversary, in 元."""
    rates = DividendRate.objects.in_bulk({event.data["dividend_rate"] for event in events}) if since else {}
    total, found = alone, dict[str, str]()
    for n in since:
        rate = next((rates[e.data["dividend_rate"]] for e in events if year_of(e) == n and cover in e.data.get("base", {})), None)
        if rate is None or rate.base != DividendBase.EFFECTIVE:
            continue
        there = _shared(events, cover, n)
        more = money((there + total) * rate.rate) - money(there * rate.rate)
        total += more
        found[str(n)] = f"{more:.2f}"
    return found


def _shared(events: Sequence[PolicyEvent], cover: str, year: int) -> Decimal:
    """The sum on which the bonus of an anniversary stands by now: on which it was reckoned, and what has come late since."""
    found: Decimal | None = None
    for event in events:
        if year_of(event) == year and cover in event.data.get("base", {}):
            found = Decimal(event.data["base"][cover])
        elif found is not None and str(year) in _upon(event.data, cover):
            found += before(event, cover, year)
    return found or ZERO


def until(policy: Policy, event: PolicyEvent, cover: str, day: date) -> Decimal:
    """What a credit added to the bonus sum of a coverage, without what came upon it for anniversaries after the day."""
    whole, alone = Decimal(event.data.get("bonus", {}).get(cover, 0)), event.data.get("alone", {}).get(cover)
    if not whole or alone is None:
        return whole
    parts = _upon(event.data, cover).items()
    return Decimal(alone) + sum((Decimal(part) for n, part in parts if anniversary(policy.effective_on, int(n)) <= day), ZERO)


def _upon(data: Mapping[str, Any], cover: str) -> Mapping[str, str]:
    return data.get("upon", {}).get(cover, {})


__all__ = ["WORD", "before", "come_since", "credited", "until", "upon", "year_of"]
