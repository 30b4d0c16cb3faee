"""What a version's terms say about loans, reinstatement, waiting, survival benefits and maturity; the company's defaults where
they are silent. Products as loaded say it in `definition`, those of the catalogue in `terms`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.org.statements import read, read_with
from lifeops.policies.models import Coverage, CoverageState, Party, Policy, ProductKind, ProductVersion
from lifeops.policies.rules import participation
from lifeops.policies.rules.dates import REINSTATEMENT_YEARS, years_completed
from lifeops.policies.rules.events import Event, benefits_on, schedule_of
from lifeops.policies.rules.lines import ZERO, money
from lifeops.policies.rules.values import covered

#: Yearly rate of loans and 自动垫交, and their term, where the product does not say (facts M-05, M-06).
LOAN_RATE, LOAN_MONTHS = Decimal("0.0500"), 6
#: Most of the cash value that may be lent (人身保险公司保险条款 76).
LOAN_RATIO = Decimal("0.80")
LEAST_LOAN = Decimal("500.00")


def _number(version: ProductVersion, name: str, default: Decimal) -> Decimal:
    value = version.terms.get(name)
    return Decimal(str(value)) if isinstance(value, (str, int, float)) and value != "" else default


def _provision(version: ProductVersion, name: str) -> dict[str, Any] | None:
    """A provision of a product as loaded; None where its terms have none, or go by the main contract."""
    found = version.definition.get(name)
    return found if isinstance(found, dict) and not found.get("as") else None


class Covers(list[Coverage]):
    """Coverages of a policy as they were read; what their histories say of a day is read once for each day."""

    def __init__(self, rows: Iterable[Coverage]) -> None:
        super().__init__(rows)
        self._states: dict[date, list[CoverageState]] = {}

    def states_until(self, day: date) -> list[CoverageState]:
        if day not in self._states:
            self._states[day] = states_until(list(self), day)
        return self._states[day]


def states_until(covers: Sequence[Coverage], day: date) -> list[CoverageState]:
    """What coverages came to from their beginning to the day, in the order in which it was written."""
    if isinstance(covers, Covers):
        return covers.states_until(day)
    return read(CoverageState, "coverage_id = ANY(%s) AND since <= %s ORDER BY id", [[c.pk for c in covers], day])


def covers_with_products(policy: Policy) -> Covers:
    """All coverages of a policy with their versions and products, the main one first."""
    covers = read_with(Coverage, ("version", "version__product"), "t.policy_id = %s ORDER BY t.is_rider, t.id", [policy.pk])
    for cover in covers:
        cover.policy = policy
    return Covers(covers)


def life_of(policy: Policy, version: ProductVersion) -> Party:
    """The life a coverage is on: of 豁免 whoever pays the premiums. By its sex and age the tables are read."""
    return policy.policyholder if on_policyholder(version) else policy.insured


def sex_of(policy: Policy, cover: Coverage) -> str:
    """The sex by which a coverage was priced and is valued."""
    return life_of(policy, cover.version).sex


def has_no_value(version: ProductVersion) -> bool:
    """豁免 whose terms give nothing back on leaving: no table of cash values, no share of the premium, no word of a cash value. Where
    the terms promise one and the table was not loaded, the value is unknown, not nothing."""
    definition = version.definition
    promised = "cash value" in str((_provision(version, "surrender") or {}).get("pays", ""))
    tabled = bool(definition.get("tables", {}).get("cash_value")) or (definition.get("cash_value") or {}).get("expense") is not None
    return version.product.kind == ProductKind.WAIVER and not tabled and not promised


def on_policyholder(version: ProductVersion) -> bool:
    """The coverage is on the life of the policyholder: 豁免, unless its terms name the insured of the main contract."""
    who = version.definition.get("insured")
    told = str(who.get("who", "") if isinstance(who, dict) else who or "")
    return version.product.kind == ProductKind.WAIVER and not told.startswith("the insured")


# ── loans, reinstatement, waiting ──


def loan_rate(version: ProductVersion) -> Decimal:
    return _number(version, "loan_rate", LOAN_RATE)


def may_lend(version: ProductVersion) -> bool:
    """False where the product was loaded and its terms have no loan article."""
    return "policy_loan" not in version.definition or _provision(version, "policy_loan") is not None


def loan_ratio(version: ProductVersion) -> Decimal:
    """Most of the cash value that may be lent; the law's bound where the terms state no ratio, nothing without a loan article."""
    return min(LOAN_RATIO, _number(version, "loan_ratio", LOAN_RATIO)) if may_lend(version) else Decimal(0)


def loan_months(version: ProductVersion) -> int:
    stated = (_provision(version, "policy_loan") or {}).get("max_term_months")
    return min(LOAN_MONTHS, int(stated)) if stated else LOAN_MONTHS


def offers(version: ProductVersion, name: str) -> bool:
    """The terms have the provision (`reduced_paid_up`, `partial_surrender`); products written into the catalogue without
    articles have what the law and the house allow."""
    if name not in version.definition:
        return True
    found = _provision(version, name)
    return found is not None and found.get("allowed", True) is True


def article_of(version: ProductVersion, name: str) -> str:
    """"条款 6.3", or "" where the product does not say it by article."""
    found = str((_provision(version, name) or {}).get("article") or "")
    return f"条款 {found}" if found else ""


def yearly_share(version: ProductVersion) -> Decimal | None:
    """Most of the sum at inception that may be given up in a policy year; None where the terms set no bound."""
    told = re.search(r"(\d+(?:\.\d+)?)\s*%", str((_provision(version, "partial_surrender") or {}).get("max_per_policy_year") or ""))
    return Decimal(told.group(1)) / 100 if told else None


def reinstatement_rate(version: ProductVersion) -> Decimal:
    """Yearly interest on overdue premiums at 复效 (M-07): of the product, else that of its loans."""
    return _number(version, "reinstatement_rate", loan_rate(version))


def reinstatement_years(version: ProductVersion) -> int:
    stated = (_provision(version, "reinstatement") or {}).get("years")
    return int(stated) if stated else REINSTATEMENT_YEARS


def waiting_from(cover: Coverage, reinstated_on: date | None, day: date) -> date:
    """The day from which 等待期 runs: the start of the coverage, again the last 复效 before `day` where the terms say so."""
    waiting = version_waiting(cover.version)
    again = waiting is not None and "reinstatement" in str(waiting.get("from", ""))
    if again and reinstated_on is not None and cover.effective_on < reinstated_on <= day:
        return reinstated_on
    return cover.effective_on


def version_waiting(version: ProductVersion) -> dict[str, Any] | None:
    return _provision(version, "waiting_period")


def waiting_days(cover: Coverage) -> int:
    """等待期 in days; none for a renewal in time where the terms exempt it."""
    exempt = str((version_waiting(cover.version) or {}).get("exempt", ""))
    if "renewal" in exempt and str(cover.choices.get("purchase", "")).startswith("RENEW"):
        return 0
    return cover.version.waiting_days


# ── survival and maturity ──


def survival_codes(cover: Coverage, year: int, *, at_end: bool = False) -> list[str]:
    """Benefits of a product as loaded that fall due when `year` policy years are over. `at_end`: on the day the term ends."""
    found = []
    for one in benefits_on(cover.version.definition, Event.SURVIVAL):
        plan_holds = covered(cover.version.definition, one["code"], cover.plan)
        schedule = schedule_of(one, annuity_start_age=cover.start_age)
        if plan_holds and (schedule.at_end or not at_end) and schedule.due(entry_age=cover.entry_age, year=year, last_year=years_of(cover)):
            found.append(one["code"])
    return found


def maturity_codes(cover: Coverage) -> list[str]:
    definition = cover.version.definition
    return [b["code"] for b in benefits_on(definition, Event.MATURITY) if covered(definition, b["code"], cover.plan)]


def survival_by_terms(cover: Coverage, year: int) -> Decimal:
    """生存金 at the end of policy year `year` in 元. `terms["survival"]` holds rows {"from_year", "to_year", "every", "pct"}:
    `pct` of the sum assured in each `every`-th year of the range."""
    total = ZERO
    for row in _rows(cover.version, "survival"):
        start, end, every = int(row.get("from_year", 1)), row.get("to_year"), int(row.get("every", 1))
        if year >= start and (end is None or year <= int(end)) and (year - start) % every == 0:
            total += money(cover.sum_assured * Decimal(str(row["pct"])))
    return total


def maturity_by_terms(cover: Coverage) -> Decimal:
    """满期金 in 元: `terms["maturity_pct"]` of the sum assured, nothing where the product has none."""
    return money(cover.sum_assured * _number(cover.version, "maturity_pct", ZERO))


def years_of(cover: Coverage) -> int | None:
    return years_completed(cover.effective_on, cover.expires_on) + 1 if cover.expires_on else None


def options_for(version: ProductVersion) -> tuple[str, ...]:
    """红利领取方式 that a version offers; none where its terms share nothing in cash."""
    return participation.options(version.definition) if version.product.is_participating else ()


def _rows(version: ProductVersion, name: str) -> list[dict[str, Any]]:
    rows = version.terms.get(name)
    return [r for r in rows if isinstance(r, dict) and "pct" in r] if isinstance(rows, list) else []


__all__ = [
    "LEAST_LOAN", "LOAN_MONTHS", "LOAN_RATE", "LOAN_RATIO", "article_of", "has_no_value", "life_of", "loan_months", "loan_rate", "loan_ratio",
    "maturity_by_terms", "maturity_codes", "may_lend", "offers", "options_for", "reinstatement_rate", "reinstatement_years", "sex_of",
    "survival_by_terms", "survival_codes", "version_waiting", "waiting_days", "waiting_from", "yearly_share", "years_of",
]
