"""算式: every amount comes with the lines it was reckoned by, for the screen and the letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def money(value: Decimal | int | str) -> Decimal:
    """Round once to 分, half up (convention C-09)."""
    return (value if isinstance(value, Decimal) else Decimal(value)).quantize(CENT, ROUND_HALF_UP)


def yuan(value: Decimal) -> str:
    """1234.5 → "1,234.50": amounts inside a formula text."""
    return f"{money(value):,.2f}"


def plain(value: Decimal) -> str:
    """A rate or ratio without trailing zeros: Decimal("0.900") → "0.9"."""
    return f"{value.normalize():f}"


#: Kinds of lines: principal and interest of loans; interest on premiums that were not paid in time.
DEBT, OVERDUE = "debt", "overdue"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a calculation. Lines with `counts` add up to the amount; the others explain. `kind` is what a part is known by to
    whoever has to take it out again; papers and decisions do not keep it."""

    label: str
    formula: str = ""
    value: Decimal = ZERO
    counts: bool = True
    kind: str = ""

    def to_json(self) -> dict[str, str | bool]:
        return {"label": self.label, "formula": self.formula, "value": f"{self.value:.2f}", "counts": self.counts}


@dataclass(frozen=True, kw_only=True)
class Calculation:
    """An amount in 元 and its lines; the counting lines sum to the amount exactly (C-09)."""

    amount: Decimal
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Calculation:
        kept = tuple(lines)
        return cls(amount=sum((line.value for line in kept if line.counts), ZERO), lines=kept)

    @property
    def sums(self) -> tuple[Line, ...]:
        """The lines that add up to the amount."""
        return tuple(line for line in self.lines if line.counts)

    def to_json(self) -> list[dict[str, str | bool]]:
        return [line.to_json() for line in self.lines]


def not_below_zero(lines: list[Line], label: str) -> Calculation:
    """Close the calculation at zero: what is deducted beyond the value is shown and written off on its own line."""
    total = sum((line.value for line in lines if line.counts), ZERO)
    if total < 0:
        lines = [*lines, Line(label=label, formula="结果以零为限", value=-total)]
    return Calculation.of(lines)
