"""累计风险保额: what stands at risk on one life. The customer's page, the rules of underwriting and the interface all ask here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.utils import timezone

from lifeops.policies.models import Coverage, CoverageState, Party, Policy, PremiumEntry, ProductVersion
from lifeops.policies.rules.cash import BONUS_VALUE
from lifeops.policies.rules.dates import term_years
from lifeops.policies.rules.life import COVERED
from lifeops.policies.rules.lines import ZERO, Calculation
from lifeops.policies.rules.risk import Exposure, RiskKind, risk_sums, total
from lifeops.policies.rules.values import amounts
from lifeops.policies.services.benefits import part_of_premiums, pays_cash_value, values_with
from lifeops.policies.services.overview import Valued, cover_values


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A coverage that is asked for: one instalment and the sum in 元."""

    version: ProductVersion
    entry_age: int
    sum_assured: Decimal
    premium: Decimal
    pay_term: str


def sums_at_risk(insured: Party, *, exclude_case: str = "") -> dict[RiskKind, Decimal]:
    """累计风险保额 of one life over its policies in force today, in 元 (facts 1.2, 4.6); without the policy that `exclude_case` issued."""
    policies = Policy.objects.filter(insured=insured, status__in=COVERED).select_related("insured", "policyholder")
    if exclude_case:
        policies = policies.exclude(issued_by_case=exclude_case)
    held = list(policies.prefetch_related("coverages__version__product", "coverages__usage"))
    return risk_on([Valued(policy=p, covers=list(p.coverages.all()), paid_to=p.paid_to) for p in held], timezone.localdate())


def risk_on(rows: Sequence[Valued], day: date) -> dict[RiskKind, Decimal]:
    """The same of policies that have been read, as they stood on a day; in as many queries for two hundred as for one. They come
    with people, all coverages and their versions loaded."""
    values, paid = cover_values(rows, day), premiums_by_cover([r.policy for r in rows], day)
    return total(
        risk_sums(_exposure(row.policy, cover, day, paid[cover.pk], values[cover.pk]))
        for row in rows for cover in row.covers if cover.active
    )  # fmt: skip


def premiums_by_cover(policies: Sequence[Policy], day: date) -> dict[int, Decimal]:
    """已交保险费 up to a day per coverage, as `premiums_paid_for` says."""
    entries = PremiumEntry.objects.filter(policy__in=[p.pk for p in policies], paid_on__lte=day).order_by("policy_id", "pk")
    received = {pk: list(group) for pk, group in groupby(entries, key=lambda r: r.policy_id)}
    several = [p.pk for p in policies if len(p.coverages.all()) > 1]
    states = list(CoverageState.objects.filter(coverage__policy__in=several).order_by("pk")) if several else []
    return {
        c.pk: part_of_premiums(c, list(p.coverages.all()), received.get(p.pk, []), [s for s in states if s.coverage_id in {x.pk for x in p.coverages.all()}])
        for p in policies for c in p.coverages.all()
    }  # fmt: skip


def risk_of_proposal(asked: Proposed) -> dict[RiskKind, Decimal]:
    """风险保额 of what is proposed, the first instalment paid. Nothing is exempt from the minors' cap yet but what only gives back
    that instalment."""
    definition = asked.version.definition
    values = amounts(
        definition, basic=asked.sum_assured, entry_age=asked.entry_age, premiums_paid=asked.premium,
        pay_years=term_years(asked.pay_term, asked.entry_age) or 1,
    )  # fmt: skip
    values |= dict.fromkeys(("benefits_paid", "cash_value_basic", "cash_value_bonus", "annuity_started", "annuity_paid_basic"), ZERO)
    return risk_sums(
        Exposure(
            definition=definition, basic=asked.sum_assured, values=values | {"premium": asked.premium},
            declared=declared(asked.version), returned=asked.premium,
        )
    )  # fmt: skip


def declared(version: ProductVersion) -> Mapping[str, str]:
    """Multiples of the sum insured by kind: what product.json declares (`risk_weights`); those of its kind for a product whose
    benefits are not kept."""
    if version.definition.get("benefits") and not version.definition.get("risk_declared"):
        return {}
    return version.terms.get("risk_weights") or {}


def _exposure(policy: Policy, cover: Coverage, day: date, paid: Decimal, known: Calculation | None) -> Exposure:
    # a value nobody knows makes no benefit smaller than what else its formula takes
    worth = ZERO if known is None else known.amount
    bonus = ZERO if known is None else sum((line.value for line in known.lines if line.label == BONUS_VALUE), ZERO)
    values = values_with(policy, cover, max(day, cover.effective_on), paid=paid, value=worth, bonus_value=bonus)
    return Exposure(
        definition=cover.version.definition, basic=cover.sum_assured, values=values, plan=cover.plan,
        items=cover.choices.get("items"), declared=declared(cover.version), returned=max(paid, worth - bonus) + bonus,
        exempt=max(paid, worth) if pays_cash_value(cover) else paid,
    )  # fmt: skip


__all__ = ["Proposed", "premiums_by_cover", "risk_of_proposal", "risk_on", "sums_at_risk"]
