"""红利领取 and 红利领取方式变更 (PS27): the way in which the next cash dividends are taken, and what may be taken of those there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Coverage, DividendOption, EventKind, PayableKind, Policy
from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, yuan
from lifeops.policies.services.crediting import option_on, options_of
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import balance, post, waiting_by_kind
from lifeops.policies.services.locking import locked, still_there
from lifeops.policies.services.payments import take_over, unpaid
from lifeops.policies.services.premiums import touch
from lifeops.policies.services.terms import covers_with_products


@dataclass(frozen=True, kw_only=True)
class Collectable:
    """What may be collected, in 元: dividends that fell due in cash, and those left to accumulate with their interest."""

    due: Decimal
    accumulated: Decimal

    @property
    def total(self) -> Decimal:
        return self.due + self.accumulated


def collectable(policy: Policy) -> Collectable:
    due = waiting_by_kind(policy).get(PayableKind.DIVIDEND, ZERO)
    return Collectable(due=max(ZERO, min(due, unpaid(policy, ""))), accumulated=max(ZERO, -balance(policy, Account.DIVIDEND)))


def collected_lines(policy: Policy, amount: Decimal) -> Calculation:
    """From where the amount is taken: what is due first, it bears no interest. BookRefused where there is not so much."""
    there = collectable(policy)
    if amount != money(amount) or not 0 < amount <= there.total:
        raise BookRefused(f"可领取的红利为 {yuan(there.total)} 元")
    due = min(amount, there.due)
    parts = (("领取已到期红利", due, there.due), ("领取累积红利", amount - due, there.accumulated))
    return Calculation.of([Line(label=label, formula=f"余额 {yuan(held)} 元", value=part) for label, part, held in parts if part])


def option_of(policy: Policy, day: date) -> str:
    """红利领取方式 in force on a day; "" for a policy that shares in nothing in cash."""
    covers = [c for c in covers_with_products(policy) if c.active]
    return option_on(policy, covers, day) if options_of(covers) else ""


def offered(policy: Policy) -> list[tuple[str, str]]:
    """(code, label) of what the terms of the policy offer."""
    covers: list[Coverage] = [c for c in covers_with_products(policy) if c.active]
    return [(code, str(DividendOption(code).label)) for code in options_of(covers)]


@transaction.atomic
def choose_option(*, policy: Policy, case_number: str, option: str, day: date, actor: User) -> Policy:
    """红利领取方式变更, for the anniversaries from `day` on; what was credited before stays where it is."""
    found = locked(policy, case_number)
    still_there(found)
    before = option_of(found, day)
    if option not in dict(offered(found)):
        raise BookRefused("保单的条款没有这种红利领取方式")
    if option == before:
        raise BookRefused("与现有的红利领取方式相同")
    found.dividend_option = option
    found.save(update_fields=["dividend_option"])
    words = [str(DividendOption(code).label) for code in (before, option)]
    record(
        found, EventKind.CHOICE, on=day, cause=Cause.of(case_number, actor), note=f"红利领取方式由{words[0]}变更为{words[1]}",
        data={"dividend_option": option, "dividend_option_before": before},
    )
    return found


@transaction.atomic
def collect(*, policy: Policy, case_number: str, amount: Decimal, actor: User, day: date, now: datetime) -> Calculation:
    """红利领取: the amount becomes payable by the case, to the policyholder. What goes out before an anniversary bears no interest on it.
    A contract that has ended owes what was due before."""
    found = locked(policy, case_number)
    told, there = collected_lines(found, amount), collectable(found)
    due = min(amount, there.due)
    entries = [
        *take_over(found, case_number=case_number, amounts={PayableKind.DIVIDEND: due}, what="已到期红利", on=day, key=f"taken:{case_number}"),
        post(
            found, on=day, text="累积红利领取", case_number=case_number, key=f"collect:{case_number}",
            lines={Account.DIVIDEND: amount - due, Account.PAYABLE: due - amount},
        ),
    ]  # fmt: skip
    record(
        found, EventKind.PAYABLE, on=day, cause=Cause.of(case_number, actor), note=f"红利领取 {yuan(amount)} 元",
        data={"money": [entry for entry in entries if entry]},
    )
    touch(found, day)
    return told


__all__ = ["Collectable", "choose_option", "collect", "collectable", "collected_lines", "offered", "option_of"]
