"""身故给付: minors' cap, arrears, split among beneficiaries (facts 3.9, 5.7, M-10, M-11, M-12). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lifeops.policies.rules.cash import Debt, debt_lines
from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, not_below_zero, plain, yuan


def minors_cap(age: int) -> Decimal | None:
    """Most that all insurers together may pay on a minor's death (MIN90); None from 18 on."""
    if age < 10:
        return Decimal("200000.00")
    return Decimal("500000.00") if age < 18 else None


def minors_headroom(*, age: int, others: Decimal) -> Decimal | None:
    """Death cover that may still be added on a minor, given `others` elsewhere; None: no cap at this age."""
    cap = minors_cap(age)
    return None if cap is None else max(ZERO, cap - others)


def cap_for_minor(*, benefit: Calculation, exempt: Decimal, exempt_label: str, others: Decimal, age: int) -> Calculation:
    """Death benefit under the cap (M-10): the exempt part (premiums paid or cash value, as the product says) stays
    outside, the rest is cut to what other insurers leave. `others` are death benefits elsewhere that count."""
    cap = minors_cap(age)
    if cap is None:
        return benefit
    free = min(max(ZERO, exempt), benefit.amount)
    rest = benefit.amount - free
    allowed = min(rest, max(ZERO, cap - others))
    if allowed == rest:
        return benefit
    formula = (
        f"身故时 {age} 周岁，各公司合计限额 {yuan(cap)}，其他有效合同 {yuan(others)}；"
        f"{exempt_label} {yuan(free)} 不计入；可给付 {yuan(free)} + {yuan(allowed)}"
    )
    return Calculation.of([*benefit.lines, Line(label="减：超过未成年人限额部分", formula=formula, value=allowed - rest)])


def death_benefit(
    *, sum_assured: Decimal, premiums_paid: Decimal, in_waiting: bool, name: str = "身故保险金"
) -> Calculation:
    """Benefit of one death coverage: the sum assured; illness within the waiting period returns the premiums paid."""
    if in_waiting:
        line = Line(label=name, formula="等待期内非意外身故，给付已交保险费", value=money(premiums_paid))
    else:
        line = Line(label=name, formula="基本保险金额", value=money(sum_assured))
    return Calculation.of([line])


def less_arrears(
    *, benefit: Calculation, arrears: Decimal = ZERO, debts: Sequence[Debt] = (), event_on: date, reliefs: Sequence[Line] = (),
    undone: Sequence[Line] = (),
) -> Calculation:
    """What is paid of a benefit (M-11): less the premium open in 宽限期 and loans with interest to the event day; `reliefs`: what of
    the loans is not owed; `undone`: dividends credited after the event that have left the contract."""
    lines = list(benefit.lines)
    if arrears:
        lines.append(Line(label="减：宽限期内欠交保费", formula="保险法第三十六条", value=-money(arrears)))
    return not_below_zero([*lines, *debt_lines(debts, event_on), *reliefs, *undone], "扣减超过保险金部分")


@dataclass(frozen=True, kw_only=True)
class Share:
    """A beneficiary at the time of the event. `pct` None: no share stated. Not `entitled`: died before, gave up, lost
    the right, or identity changed."""

    key: str
    name: str
    order: int = 1
    pct: Decimal | None = None
    entitled: bool = True


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one beneficiary receives, and why that much."""

    key: str
    name: str
    amount: Decimal
    formula: str


@dataclass(frozen=True, kw_only=True)
class Split:
    """Parts sum to the amount, unless nobody is left: then all of it is `estate` (保险法 42)."""

    parts: tuple[Part, ...]
    estate: Decimal = ZERO


def shares_error(shares: Iterable[tuple[int, Decimal | None]]) -> str:
    """Chinese message when shares within an order are partly stated or do not make 100 %; "" when they are fine."""
    by_order: dict[int, list[Decimal | None]] = {}
    for order, pct in shares:
        by_order.setdefault(order, []).append(pct)
    for order, stated in sorted(by_order.items()):
        given = [pct for pct in stated if pct is not None]
        if given and len(given) != len(stated):
            return f"第 {order} 顺序的受益份额须全部填写或全部留空（留空为均分）"
        if given and sum(given) != 100:
            return f"第 {order} 顺序的受益份额合计为 {plain(sum(given, Decimal(0)))}%，应为 100%"
    return ""


def split_benefit(amount: Decimal, shares: Sequence[Share]) -> Split:
    """Split a benefit (facts 5.7, M-12): the first order with anyone entitled takes all, by proportion of the stated
    shares of those who are left, else equally. Parts are rounded; the last one receives the remainder."""
    entitled = [s for s in shares if s.entitled]
    if not entitled:
        return Split(parts=(), estate=money(amount))
    first = min(s.order for s in entitled)
    takers = [s for s in entitled if s.order == first]
    stated = all(s.pct is not None for s in takers) and sum((s.pct or ZERO for s in takers), ZERO) > 0
    weights = [s.pct if stated and s.pct is not None else Decimal(1) for s in takers]
    total, left, parts = sum(weights, Decimal(0)), money(amount), []
    for index, (taker, weight) in enumerate(zip(takers, weights, strict=True)):
        last = index == len(takers) - 1
        # never more than what is left: with very small sums rounding up could overdraw
        value = left if last else min(left, money(amount * weight / total))
        how = f"{plain(weight)}/{plain(total)}" if stated else f"均分 1/{len(takers)}"
        parts.append(Part(key=taker.key, name=taker.name, amount=value, formula=f"{yuan(amount)} × {how}"))
        left -= value
    return Split(parts=tuple(parts))
