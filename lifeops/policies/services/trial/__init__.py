"""价值试算: what a policy would pay, cost or be worth on a day, by the same rules as when it is done; nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from lifeops.policies.models import Policy
from lifeops.policies.services.trial import amounts, benefits, changes, misstated
from lifeops.policies.services.trial.book import Book, Trial, TrialKind, book_on

KINDS: dict[str, Callable[..., Trial]] = {
    TrialKind.CASH_VALUE: amounts.cash_values, TrialKind.SURRENDER: amounts.surrender, TrialKind.UNEARNED: amounts.unearned,
    TrialKind.LOAN: amounts.loan, TrialKind.ADVANCE: amounts.advance, TrialKind.PAID_UP: changes.paid_up,
    TrialKind.PARTIAL: changes.partial, TrialKind.REINSTATEMENT: changes.reinstate, TrialKind.MISSTATEMENT: misstated.misstated,
    TrialKind.EFFECTIVE: benefits.effective, TrialKind.ACCUMULATION: benefits.accumulation, TrialKind.BONUS: benefits.bonus,
    TrialKind.DEATH: benefits.death, TrialKind.SURVIVAL: benefits.survival, TrialKind.MATURITY: benefits.maturity,
}  # fmt: skip


def try_value(*, policy: Policy, kind: str, day: date, today: date, **inputs: Any) -> Trial:
    """The amount of one kind on a day, with its lines. BookInvalid names the input at which it is refused: `kind` where the
    contract has no such thing, `day` where it has none then, else the field of that kind."""
    return KINDS[kind](book_on(policy, day, today), **inputs)


__all__ = ["KINDS", "Book", "Trial", "TrialKind", "try_value"]
