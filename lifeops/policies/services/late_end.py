"""A term that ended after a death reported late: the contract had ended by the death. 满期 or 届满 is put right before the claim is settled:
debts that the end took in are owed again, deposits it made payable and that nobody has collected stand where they stood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lifeops.policies.models import (
    Account,
    Ending,
    EventKind,
    EventSource,
    PayableKind,
    Policy,
    PolicyEvent,
    PolicyStatus,
    StatusChange,
)
from lifeops.policies.rules.life import MOVES
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.services.events import Cause, keep_covers, record
from lifeops.policies.services.ledger import post, waiting_by_kind
from lifeops.policies.services.locking import change_status
from lifeops.policies.services.payments import unpaid
from lifeops.policies.services.premiums import open_row

#: What belongs to the end of a term: 满期 and 保险期间届满.
ENDS = (Ending.MATURITY, Ending.EXPIRY)
#: What the end of a term pays; the first is the insured's, the other the policyholder's.
KINDS = {Ending.MATURITY: PayableKind.MATURITY, Ending.EXPIRY: PayableKind.VALUE}


@dataclass(frozen=True, kw_only=True)
class LateEnd:
    """In 元: `paid` what the end made payable, of `kind`; `suspense` and `dividends` of the deposits that nobody has collected. What was
    collected of them counts as dividends first. `debts` are the lines by which it took in debts."""

    event: PolicyEvent
    kind: str
    paid: Decimal
    suspense: Decimal
    dividends: Decimal
    debts: dict[str, Decimal]

    @property
    def loans(self) -> set[int]:
        return {int(pk) for pk in self.event.data.get("loans", {})}


def late_end(policy: Policy, day: date) -> LateEnd | None:
    """The end of the term of a contract that had ended by a death on `day`; None where it ended otherwise, or not after the day."""
    if policy.status != PolicyStatus.TERMINATED or policy.ending not in ENDS or policy.terminated_on is None or policy.terminated_on <= day:
        return None
    event = policy.events.filter(kind=EventKind.STATUS, data__ending=policy.ending).order_by("-pk").first()
    if event is None or len(event.data.get("money", [])) != 3:
        return None
    _, closed, deposits = ({code: Decimal(amount) for code, amount in entry.items()} for entry in event.data["money"])
    held, dividends = deposits.get(Account.SUSPENSE, ZERO), deposits.get(Account.DIVIDEND, ZERO)
    waits = min(waiting_by_kind(policy).get(PayableKind.LEFT, ZERO), max(ZERO, unpaid(policy, "")))
    there = min(waits, held + dividends)
    back = max(ZERO, there - held)
    return LateEnd(
        event=event, kind=KINDS[Ending(policy.ending)], paid=-closed.get(Account.PAYABLE, ZERO), suspense=there - back, dividends=back,
        debts={code: closed[code] for code in (Account.LOAN, Account.APL, Account.INTEREST) if code in closed},
    )


def undo_end(policy: Policy, day: date, *, on: date, why: Cause) -> None:
    """The contract of a locked policy stands again as before its end (更正), for the claim to end it by the death. What the end has paid
    is taken back with the survival benefits."""
    end = late_end(policy, day)
    if end is None:
        return
    since, put_right = end.event.on, Cause(source=EventSource.CORRECTION, case_number=why.case_number, actor=why.actor)
    before = StatusChange.objects.filter(policy=policy, since__lte=since).exclude(status=PolicyStatus.TERMINATED).order_by("-pk").first()
    covers = list(policy.coverages.filter(pk__in=end.event.data.get("coverages", {})))
    for cover in covers:
        cover.active = True
        cover.save(update_fields=["active"])
    loans = list(policy.loans.filter(pk__in=end.loans))
    policy.loans.filter(pk__in=end.loans).update(repaid_on=None)
    status = before.status if before is not None and ("terminated", before.status) in MOVES else PolicyStatus.IN_FORCE
    change_status(
        policy, status, on=since, cause=f"{day} 身故，更正终止", case_number=why.case_number, why=put_right,
        data={"coverages": keep_covers(covers, since=since, case_number=why.case_number), "loans": {str(x.pk): f"{x.principal:.2f}" for x in loans}},
    )
    row = open_row(policy)
    owed = row.amount if row is not None and row.due_on <= day and end.event.data["money"][0] else ZERO
    debts = {code: -amount for code, amount in end.debts.items()}
    deposits = {Account.PAYABLE: end.suspense + end.dividends, Account.SUSPENSE: -end.suspense, Account.DIVIDEND: -end.dividends}
    money = [
        post(policy, on=on, text="更正终止：欠款恢复", key="undo:end", case_number=why.case_number,
             lines={**debts, Account.BENEFIT: -sum(debts.values(), ZERO), Account.RECEIVABLE: owed, Account.PREMIUM: -owed}),
        post(policy, on=on, text="更正终止：溢交保费、红利恢复", key="undo:deposits", kind=PayableKind.LEFT, lines=deposits),
    ]  # fmt: skip
    record(policy, EventKind.PAYABLE, on=on, cause=put_right, note="更正终止，结清的欠款、溢交保费与红利恢复", data={"money": money})


__all__ = ["ENDS", "LateEnd", "late_end", "undo_end"]
