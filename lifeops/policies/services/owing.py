"""欠款 at a death, when the claim is paid: what is still open by then, interest to the day of death (M-11). What was charged for the
time after it falls away: interest beyond the day, premium advanced for it. What the customer has repaid since is not owed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lifeops.org.statements import read
from lifeops.policies.models import Account, EventKind, Policy, PolicyEvent, PolicyLoan, PremiumEntry
from lifeops.policies.rules.cash import Debt, interest
from lifeops.policies.rules.lines import ZERO, Line
from lifeops.policies.services.late_end import late_end
from lifeops.policies.services.locking import DEATHS, Closed


@dataclass(frozen=True, kw_only=True)
class Owed:
    """`debts`: loans still open. Of what has been charged since `day`, the day of death: interest beyond it, and premiums lent
    by 自动垫交, all of them and those of due days from the death on."""

    day: date
    debts: tuple[Debt, ...] = ()
    interest_since: Decimal = ZERO
    advanced: Decimal = ZERO
    advanced_after: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        """What is owed in 元; below zero where more was repaid than was owed on the day."""
        charged = sum((debt.principal + interest(debt, self.day) for debt in self.debts), ZERO)
        return charged - self.interest_since - self.advanced

    @property
    def due(self) -> Decimal:
        """What the benefit is reduced by."""
        return max(ZERO, self.balance)

    @property
    def over(self) -> Decimal:
        """What goes back to the policyholder."""
        return max(ZERO, -self.balance)

    @property
    def reliefs(self) -> list[Line]:
        """What falls away of the debts, as lines after them; never more than they come to."""
        left, lines = self.balance + self.interest_since + self.advanced, []
        for label, formula, amount in (
            ("加：身故后已计的贷款利息", f"利息计至 {self.day} 的前一日", self.interest_since),
            ("加：身故后垫交的保费", "身故后不再垫交", self.advanced),
        ):
            if part := min(left, amount):
                lines.append(Line(label=label, formula=formula, value=part))
                left -= part
        return lines


def owed_at_death(policy: Policy, day: date, loans: Sequence[PolicyLoan], premiums: Sequence[PremiumEntry]) -> Owed:
    """`loans`: those that were open on the day or are later, `premiums`: those received, as the book says by now. Loans that a paid
    claim has closed count as open, so that what was concluded can be read again; so do those that the end of a term after the day
    has taken in."""
    closed = _closed_by_claim(policy) if policy.termination in DEATHS else _closed_by_end(policy, day)
    still = [loan for loan in loans if loan.repaid_on is None or loan.pk in closed]
    ended = [(debt_of(loan), loan.repaid_on) for loan in loans if loan.repaid_on is not None and loan.pk not in closed]
    advanced = [p for p in premiums if p.settled_by == "apl" and p.paid_on and p.paid_on > day]
    return Owed(
        day=day, debts=tuple(debt_of(loan) for loan in still),
        interest_since=sum((interest(debt, until) - interest(debt, day) for debt, until in ended), ZERO),
        advanced=sum((p.amount for p in advanced), ZERO),
        advanced_after=sum((p.amount for p in advanced if p.due_on >= day), ZERO),
    )


def debt_of(loan: PolicyLoan) -> Debt:
    return Debt(label=loan.get_kind_display(), principal=loan.principal, rate=loan.rate, since=loan.since)


def loans_since(policy: Policy, day: date) -> list[PolicyLoan]:
    """Loans that were open on a day, also when they were repaid later, and later ones."""
    return read(PolicyLoan, "policy_id = %s AND (repaid_on IS NULL OR repaid_on > %s) ORDER BY since, id", [policy.pk, day])


def _closed_by_claim(policy: Policy) -> set[int]:
    told = read(PolicyEvent, "policy_id = %s AND kind = %s", [policy.pk, EventKind.PAYABLE])
    return {int(pk) for event in told for pk in event.data.get("loans", {})}


def _closed_by_end(policy: Policy, day: date) -> set[int]:
    end = late_end(policy, day)
    return end.loans if end else set()


def close_at_death(policy: Policy, day: date, *, closed_on: date) -> tuple[Closed, Decimal]:
    """All open loans of a locked policy are settled as `Owed` says; (lines of the ledger, what goes back)."""
    loans = loans_since(policy, day)
    later = any(loan.since > day for loan in loans)
    owed = owed_at_death(policy, day, loans, read(PremiumEntry, "policy_id = %s AND paid_on > %s", [policy.pk, day]) if later else ())
    lines: dict[str, Decimal] = {Account.INTEREST: owed.interest_since, Account.PREMIUM: owed.advanced_after}
    still = [loan for loan in loans if loan.repaid_on is None]
    for loan in still:
        account = Account.APL if loan.kind == "apl" else Account.LOAN
        lines[account] = lines.get(account, ZERO) - loan.principal
        lines[Account.INTEREST] -= interest(debt_of(loan), day)
    policy.loans.filter(pk__in=[loan.pk for loan in still]).update(repaid_on=closed_on)
    return Closed(lines=lines, loans={str(loan.pk): "0" for loan in still}), owed.over
