"""A contract that ended after a death reported late: it had ended by the death. 满期, 届满 or 退保 is put right before the claim is settled:
debts that the end took in are owed again, deposits it made payable and that nobody has collected stand where they stood. What a surrender
has paid out, deposits included, was paid for nothing and is to come back, so that all of its deposits stand again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import (
    Account,
    Ending,
    EventKind,
    EventSource,
    PayableKind,
    Payment,
    PaymentState,
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

#: Ends that a claim puts right → of what kind what they paid is, and as what it was paid. The first is the insured's, the others the
#: policyholder's. 犹豫期撤单 and 公司解约 stay for head office: whether they stand is a question of law.
ENDS = {
    Ending.MATURITY: (PayableKind.MATURITY, "满期金"), Ending.EXPIRY: (PayableKind.VALUE, "届满现金价值"),
    Ending.SURRENDER: (PayableKind.VALUE, "退保金"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LateEnd:
    """In 元: `paid` what the end made payable, of `kind` and as `what`, against `account`; by a case (`case_number`) where it was a surrender.
    `suspense` and `dividends` of the deposits that nobody has collected; what was collected of them counts as dividends first. `debts` are
    the lines by which it took in debts."""

    event: PolicyEvent
    kind: str
    what: str
    paid: Decimal
    suspense: Decimal
    dividends: Decimal
    debts: dict[str, Decimal]
    account: Account = Account.BENEFIT
    case_number: str = ""

    @property
    def loans(self) -> set[int]:
        return {int(pk) for pk in self.event.data.get("loans", {})}


def late_end(policy: Policy, day: date) -> LateEnd | None:
    """The end of a contract that had ended by a death on `day`; None where it ended by what no claim puts right, or not after the day."""
    if policy.status != PolicyStatus.TERMINATED or policy.ending not in ENDS or policy.terminated_on is None or policy.terminated_on <= day:
        return None
    event = policy.events.filter(kind=EventKind.STATUS, data__ending=policy.ending).order_by("-pk").first()
    by_case, money = policy.ending == Ending.SURRENDER, [] if event is None else event.data.get("money", [])
    if event is None or len(money) != (2 if by_case else 3):
        return None
    closed = {code: Decimal(amount) for code, amount in money[1].items()}
    kind, what = ENDS[Ending(policy.ending)]
    suspense, dividends = (closed.get(Account.SUSPENSE, ZERO), closed.get(Account.DIVIDEND, ZERO)) if by_case else _deposits(policy, money[2])
    return LateEnd(
        event=event, kind=kind, what=what, paid=-closed.get(Account.PAYABLE, ZERO), suspense=suspense, dividends=dividends,
        debts={code: closed[code] for code in (Account.LOAN, Account.APL, Account.INTEREST) if code in closed},
        account=Account.SURRENDER if by_case else Account.BENEFIT, case_number=event.case_number if by_case else "",
    )


def _deposits(policy: Policy, entry: dict[str, str]) -> tuple[Decimal, Decimal]:
    """(暂收, dividends) of what the end of a term made payable and nobody has collected."""
    held, dividends = Decimal(entry.get(Account.SUSPENSE, 0)), Decimal(entry.get(Account.DIVIDEND, 0))
    waits = min(waiting_by_kind(policy).get(PayableKind.LEFT, ZERO), max(ZERO, unpaid(policy, "")))
    there = min(waits, held + dividends)
    back = max(ZERO, there - held)
    return there - back, back


def on_its_way(policy: Policy, day: date) -> str:
    """Why the end cannot be put right yet: what it paid out may still arrive or come back; "" where that is known."""
    end = late_end(policy, day)
    if end is None or not end.case_number:
        return ""
    payment = policy.payments.filter(case_number=end.case_number, state=PaymentState.RELEASED).first()
    return f"{end.what}的付款指令 {payment.number} 已放行，尚在途，请待登记到账或退票后再办" if payment is not None else ""


def not_received(policy: Policy, end: LateEnd) -> Decimal:
    """What a surrender pays and has reached nobody, in 元: with instructions that no second person has let go."""
    ready = sum((p.amount for p in _ready(policy, end)), ZERO)
    return min(end.paid, max(ZERO, unpaid(policy, end.case_number)) + ready)


def _ready(policy: Policy, end: LateEnd) -> list[Payment]:
    return list(policy.payments.filter(case_number=end.case_number, state=PaymentState.READY)) if end.case_number else []


def _returned(policy: Policy, end: LateEnd) -> list[Payment]:
    waiting = policy.payments.filter(case_number=end.case_number, state=PaymentState.RETURNED, replaced_by__isnull=True)
    return list(waiting) if end.case_number else []


#: What becomes of such an instruction when the death is settled.
VOID = "被保险人在退保前身故，退保作废"


def undo_end(policy: Policy, day: date, *, on: date, why: Cause) -> None:
    """The contract of a locked policy stands again as before its end (更正), for the claim to end it by the death. What the end has paid
    is taken back with the survival benefits."""
    end = late_end(policy, day)
    if end is None:
        return
    if words := on_its_way(policy, day):
        raise BookRefused(words)
    for payment in [*_ready(policy, end), *_returned(policy, end)]:
        payment.state, payment.return_reason = PaymentState.CANCELLED, "；".join(filter(None, (payment.return_reason[:100], VOID)))
        payment.save(update_fields=["state", "return_reason"])
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
    held = end.suspense + end.dividends
    deposits = {Account.SUSPENSE: -end.suspense, Account.DIVIDEND: -end.dividends} | {end.account if end.case_number else Account.PAYABLE: held}
    money = [
        post(policy, on=on, text="更正终止：欠款恢复", key="undo:debts", case_number=why.case_number,
             lines={**debts, end.account: -sum(debts.values(), ZERO), Account.RECEIVABLE: owed, Account.PREMIUM: -owed}),
        post(policy, on=on, text="更正终止：溢交保费、红利恢复", key="undo:deposits", kind="" if end.case_number else PayableKind.LEFT, lines=deposits),
    ]  # fmt: skip
    record(policy, EventKind.PAYABLE, on=on, cause=put_right, note="更正终止，结清的欠款、溢交保费与红利恢复", data={"money": money})


__all__ = ["ENDS", "LateEnd", "late_end", "not_received", "on_its_way", "undo_end"]
