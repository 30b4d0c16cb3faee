"""What a contract leaves when the company ends it: premiums back (保险法 16 ¶5), the cash value (32, 37, 43–45), and until when it
may be rescinded at all (16 ¶3). All net of debts; overpaid premium and dividends are the policyholder's besides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lifeops.policies.models import Coverage, Policy, PolicyStatus, PremiumEntry
from lifeops.policies.models.policy import PayMode
from lifeops.policies.rules.benefits import less_arrears
from lifeops.policies.rules.cash import debt_lines, surrender_payout, valued_on
from lifeops.policies.rules.dates import MONTHS, add_years, rescission_deadline
from lifeops.policies.rules.lines import ZERO, Calculation, Line, not_below_zero
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.claiming import Standing, paid_to_known
from lifeops.policies.services.credited_after import undone_lines
from lifeops.policies.services.earned_late import late_lines, with_bonus
from lifeops.policies.services.premiums import received
from lifeops.policies.services.servicing import debts_of, terminal_on_leaving, value_lines
from lifeops.policies.services.terms import sex_of
from lifeops.policies.services.values import table_of

#: 已交足二年以上保险费 (保险法 43, 45), in months.
ENOUGH_MONTHS = 24
#: How long 保险法 16 lets a contract be rescinded, in years from its establishment.
RESCINDED_WITHIN = 2


def last_day(policy: Policy, known_on: date | None = None) -> date:
    """The last day on which the contract may be rescinded, by its establishment alone where the company does not know yet."""
    if known_on is None:
        return add_years(policy.established_on, RESCINDED_WITHIN)
    return rescission_deadline(established_on=policy.established_on, known_on=known_on)


def paid_in(policy: Policy) -> list[PremiumEntry]:
    """保费账 of what the customer has paid, lent instalments and refunds included; waived ones cost him nothing."""
    return [row for row in received(policy) if row.settled_by != "waived"]


def premium_since(policy: Policy, day: date) -> PremiumEntry | None:
    """A premium taken after a day: whoever takes it knowing of the ground has given the right up (司法解释二 7)."""
    return next((p for p in paid_in(policy) if p.kind != "refund" and p.settled_by != "apl" and p.paid_on and p.paid_on > day), None)


def premiums_back(policy: Policy, day: date) -> Calculation:
    """All premium received, less what is owed with interest to a day."""
    rows = paid_in(policy)
    paid = [row for row in rows if row.kind != "refund"]
    told = f"{paid[0].due_on} 至 {paid[-1].due_on} 共 {len(paid)} 期" if paid else ""
    lines = [Line(label="退还已交保险费", formula=told, value=sum((row.amount for row in rows), ZERO))]
    return not_below_zero([*lines, *debt_lines(debts_of(policy, day), day)], "欠款超过退还金额部分")


def value_back(policy: Policy, day: date) -> Calculation:
    """The cash value of a day with the 终了红利 that surrender would pay, less debts. BookRefused where a table is missing."""
    covers = list(policy.coverages.filter(active=True).select_related("version__product"))
    values = [value_lines(c, table_of(c, sex_of(policy, c)), day, valued_on(policy.paid_to, day)) for c in covers]
    values.append(terminal_on_leaving(policy, covers, day, policy.status))
    return surrender_payout(values=values, day=day, debts=debts_of(policy, day))


def value_at_death(policy: Policy, died_on: date, stand: Standing, all_covers: Sequence[Coverage]) -> Calculation:
    """The same as the contract stood on the day of death, less what is owed of that day by now; dividends credited after it are
    taken off where they have left the contract. Survival benefits paid after it are the insured's to give back, not the
    policyholder's. `all_covers`: of the policy, ended ones too."""
    covers = with_bonus(answering(policy, died_on, all_covers), stand.late)
    until = valued_on(paid_to_known(policy, died_on), died_on)
    values = [value_lines(c, table_of(c, sex_of(policy, c)), died_on, until) for c in covers]
    values.append(terminal_on_leaving(policy, covers, died_on, stand.status))
    return less_arrears(
        benefit=Calculation.of([*late_lines(policy, stand.late, died_on), *(line for value in values for line in value.lines)]), event_on=died_on, debts=stand.owed.debts,
        reliefs=stand.owed.reliefs, undone=undone_lines(stand.undone),
    )  # fmt: skip


def two_years_paid(policy: Policy, day: date) -> bool:
    """已交足二年以上保险费 by a day; so is what was paid at once, and what has nothing left to pay. A waived instalment counts as paid."""
    rows = list(policy.premiums.exclude(kind="refund").filter(paid_on__lte=day, due_on__lte=day))
    if policy.pay_mode == PayMode.SINGLE or (policy.paid_to is None and policy.status != PolicyStatus.PAID_UP):
        return bool(rows)
    return len(rows) * MONTHS[policy.pay_mode] >= ENOUGH_MONTHS


__all__ = [
    "RESCINDED_WITHIN", "last_day", "paid_in", "premium_since", "premiums_back", "two_years_paid", "value_at_death", "value_back",
]
