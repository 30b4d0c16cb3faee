"""医疗保险金 of a coverage for one bill: the catalogue's 医疗 by its terms, products as loaded by their bands or formulas, as the plan
and the sums agreed hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.policies.models import Coverage, ProductKind
from lifeops.policies.rules.dates import policy_year
from lifeops.policies.rules.events import Benefit, Event, benefits_on, needs_accident
from lifeops.policies.rules.formula import FormulaError
from lifeops.policies.rules.lines import ZERO, Calculation, Line, money
from lifeops.policies.rules.medical import Expense, MedicalTerms, Paid, Used, reimburse
from lifeops.policies.rules.values import NotReckoned, benefit, covered, medical_benefit
from lifeops.policies.services.benefits import Reckoned
from lifeops.policies.services.claiming import benefit_used, medical_used


@dataclass(frozen=True, kw_only=True)
class Bill:
    """Invoices of one event, what others paid of them, days in hospital. Amounts in 元."""

    event_on: date
    accident: bool
    expenses: Sequence[Expense] = ()
    social_insurance: Decimal = ZERO
    other: Decimal = ZERO
    ss_used: bool = False
    days: int = 0

    @property
    def eligible(self) -> Decimal:
        return sum((money(e.eligible) for e in self.expenses), ZERO)


@dataclass(frozen=True, kw_only=True)
class MedicalPart:
    """What one benefit of one coverage pays, and what it uses up. `before`: the cost of earlier claims it was reckoned on."""

    coverage: Coverage
    benefit: str
    year: int
    calculation: Calculation
    deductible: Decimal = ZERO
    cost: Decimal = ZERO
    before: Decimal | None = None
    compensates: bool = True


@dataclass(frozen=True, kw_only=True)
class MedicalDue:
    parts: tuple[MedicalPart, ...]
    reckoned: Reckoned

    @property
    def calculation(self) -> Calculation:
        return self.reckoned.calculation


def medical_benefits(cover: Coverage) -> list[Benefit]:
    """Benefits for a hospital stay that the coverage holds, by plan and by the sums agreed."""
    definition, items = cover.version.definition, cover.choices.get("items")
    return [
        b for b in benefits_on(definition, Event.MEDICAL)
        if covered(definition, b["code"], cover.plan) and (items is None or b["code"] in items)
    ]  # fmt: skip


def answers_for_medical(cover: Coverage, *, accident: bool = True) -> bool:
    """The coverage has a benefit for a stay in hospital, of this cause."""
    if cover.version.definition.get("benefits"):
        return any(accident or not needs_accident(b) for b in medical_benefits(cover))
    return cover.version.product.kind == ProductKind.MEDICAL


def alternatives(cover: Coverage) -> list[Benefit]:
    """Benefits of which one reimburses a bill, where there are several."""
    found = [b for b in medical_benefits(cover) if not _is_allowance(b)]
    return found if len(found) > 1 else []


def medical_of(
    cover: Coverage, bill: Bill, *, with_social_insurance: bool, particular: str = ""
) -> tuple[list[MedicalPart], list[str]]:
    """What the coverage pays of a bill, and what its terms leave to the examiner. Of several benefits that reimburse one pays:
    the one chosen (`particular`), else the first; allowances come beside it."""
    year = policy_year(cover.effective_on, bill.event_on)
    if not cover.version.definition.get("benefits"):
        return [_by_terms(cover, bill, year, with_social_insurance)], []
    parts: list[MedicalPart] = []
    left_open: list[str] = []
    able = [b for b in medical_benefits(cover) if bill.accident or not needs_accident(b)]
    reimbursing = [b for b in able if not _is_allowance(b)]
    chosen = next((b for b in reimbursing if b["code"] == particular), reimbursing[0] if reimbursing else None)
    for one in able:
        if one is not chosen and not _is_allowance(one):
            continue
        try:
            parts.append(_by_bands(cover, one, bill, year, with_social_insurance) if one.get("bands") else _by_formula(cover, one, bill, year))
        except (NotReckoned, FormulaError) as error:
            left_open.append(f"{cover.version.product.name}{one['name']}：{error}")
    return parts, left_open


def _is_allowance(one: Benefit) -> bool:
    return any("hospital_days" in formula for _, formula in one.get("cases") or ()) or "津贴" in one["name"] or "补贴" in one["name"]


def _by_terms(cover: Coverage, bill: Bill, year: int, with_social_insurance: bool) -> MedicalPart:
    terms, (deductible, paid) = cover.version.terms, medical_used(cover, year)
    found = reimburse(
        terms=MedicalTerms(
            annual_deductible=Decimal(terms["annual_deductible"]), ratio_with_ss=Decimal(terms["ratio_with_ss"]),
            ratio_without_ss=Decimal(terms["ratio_without_ss"]), annual_limit=Decimal(terms["annual_limit"]),
        ),
        expenses=bill.expenses, paid=Paid(social_insurance=bill.social_insurance, other=bill.other, ss_used=bill.ss_used),
        used=Used(deductible=deductible, annual=paid), had_ss_when_bought=with_social_insurance,
    )  # fmt: skip
    return MedicalPart(coverage=cover, benefit="", year=year, calculation=found.calculation, deductible=found.deductible_taken)


def _named(cover: Coverage, calculation: Calculation) -> Calculation:
    """The product's name before its lines: a claim may have several."""
    name = cover.version.product.name
    return Calculation.of(
        Line(label=f"{name} {line.label}" if n == 0 else line.label, formula=line.formula, value=line.value, counts=line.counts)
        for n, line in enumerate(calculation.lines)
    )


def _by_bands(cover: Coverage, one: Benefit, bill: Bill, year: int, with_social_insurance: bool) -> MedicalPart:
    before, paid = benefit_used(cover, year, one["code"])
    had = cover.choices.get("social_insurance")
    unused = (had == "Y" if had else with_social_insurance) and not bill.ss_used
    compensated = bill.social_insurance + bill.other
    found = medical_benefit(
        cover.version.definition, one["code"], cost=bill.eligible, compensated=compensated, before=before, paid=paid, plan=cover.plan,
        social_insurance_unused=unused and _lowers_without(cover),
    )  # fmt: skip
    return MedicalPart(
        coverage=cover, benefit=one["code"], year=year, calculation=_named(cover, found), cost=max(ZERO, bill.eligible - compensated),
        before=before,
    )  # fmt: skip


def _lowers_without(cover: Coverage) -> bool:
    """The terms pay less to whoever had social insurance and did not use it."""
    return "insured_with_social_insurance_but_not_used" in (cover.version.definition.get("indemnity_rules") or {})


def _by_formula(cover: Coverage, one: Benefit, bill: Bill, year: int) -> MedicalPart:
    choices: dict[str, Any] = cover.choices
    before, paid = benefit_used(cover, year, one["code"])
    item = (choices.get("items") or {}).get(one["code"])
    agreed = Decimal(item) if item is not None else cover.sum_assured
    values = {
        "covered_cost": bill.eligible, "other_compensation": bill.social_insurance + bill.other, "sum_insured": agreed,
        "basic_sum_insured": cover.sum_assured, "daily_allowance": agreed, "hospital_days": Decimal(bill.days),
        "deductible": Decimal(str(choices.get("deductible") or 0)), "payout_ratio": Decimal(str(choices.get("payout_ratio") or 1)),
    }  # fmt: skip
    found = benefit(cover.version.definition, one["code"], values, plan=cover.plan)
    room = max(ZERO, agreed - paid)
    if not _is_allowance(one) and found.amount > room:
        found = Calculation.of([*found.lines, Line(label="减：超过保险金额部分", formula=f"本期已给付 {paid:,.2f}", value=room - found.amount)])
    return MedicalPart(
        coverage=cover, benefit=one["code"], year=year, calculation=_named(cover, found), before=before, compensates=not _is_allowance(one),
        cost=max(ZERO, bill.eligible - values["other_compensation"]),
    )  # fmt: skip


__all__ = ["Bill", "MedicalDue", "MedicalPart", "alternatives", "answers_for_medical", "medical_benefits", "medical_of"]
