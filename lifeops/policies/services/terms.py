"""What a version's terms say about loans, survival benefits and maturity; the company's defaults where they are silent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lifeops.policies.models import Coverage, ProductVersion
from lifeops.policies.rules.dates import years_completed
from lifeops.policies.rules.lines import ZERO, money

#: Yearly rate of loans and 自动垫交, and their term, where the product does not say (facts M-05, M-06).
LOAN_RATE, LOAN_MONTHS = Decimal("0.0500"), 6
#: Most of the cash value that may be lent (人身保险公司保险条款 76).
LOAN_RATIO = Decimal("0.80")
LEAST_LOAN = Decimal("500.00")


def _number(version: ProductVersion, name: str, default: Decimal) -> Decimal:
    value = version.terms.get(name)
    return Decimal(str(value)) if isinstance(value, (str, int, float)) else default


def loan_rate(version: ProductVersion) -> Decimal:
    return _number(version, "loan_rate", LOAN_RATE)


def loan_ratio(version: ProductVersion) -> Decimal:
    return min(LOAN_RATIO, _number(version, "loan_ratio", LOAN_RATIO))


def survival_benefit(cover: Coverage, year: int) -> Decimal:
    """生存金 at the end of policy year `year` in 元. `terms["survival"]` holds rows {"from_year", "to_year", "every", "pct"}:
    `pct` of the sum assured in each `every`-th year of the range."""
    total = ZERO
    for row in _rows(cover.version, "survival"):
        start, end, every = int(row.get("from_year", 1)), row.get("to_year"), int(row.get("every", 1))
        if year >= start and (end is None or year <= int(end)) and (year - start) % every == 0:
            total += money(cover.sum_assured * Decimal(str(row["pct"])))
    return total


def maturity_benefit(cover: Coverage) -> Decimal:
    """满期金 in 元: `terms["maturity_pct"]` of the sum assured, nothing where the product has none."""
    return money(cover.sum_assured * _number(cover.version, "maturity_pct", ZERO))


def years_of(cover: Coverage) -> int | None:
    return years_completed(cover.effective_on, cover.expires_on) + 1 if cover.expires_on else None


def _rows(version: ProductVersion, name: str) -> list[dict[str, Any]]:
    rows = version.terms.get(name)
    return [r for r in rows if isinstance(r, dict) and "pct" in r] if isinstance(rows, list) else []
