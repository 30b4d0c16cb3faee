"""溢缴退费 (PS28): what is the policyholder's and pays for nothing: 暂收 beyond the instalments that have fallen due, money that came
when the contract was over, and what its end has left to him."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, EventKind, PayableKind, Policy, PolicyStatus
from lifeops.policies.rules.life import PAYING
from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, yuan
from lifeops.policies.services.changing import arrears
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import post, waiting_by_kind
from lifeops.policies.services.locking import locked
from lifeops.policies.services.notices import refunded
from lifeops.policies.services.payments import take_over, unpaid
from lifeops.policies.services.premiums import touch


@dataclass(frozen=True, kw_only=True)
class Overpaid:
    """In 元. `suspense` is what waits as 暂收, `bound` the part of it that pays instalments due by the day, `left` what the end of the
    contract made payable to the policyholder; `open` what is due and not covered; `others` what waits and has an item of its own."""

    suspense: Decimal
    bound: Decimal
    left: Decimal
    open: Decimal
    others: Decimal

    @property
    def free(self) -> Decimal:
        return self.suspense - self.bound

    @property
    def total(self) -> Decimal:
        """What may be refunded."""
        return self.free + self.left


def overpaid(policy: Policy, day: date) -> Overpaid:
    """An instalment whose day has come is paid out of 暂收, whole ones only; that the day run has not been there yet, because a case
    holds the policy, makes no overpayment of it."""
    bound = missed = ZERO
    if policy.status in PAYING and policy.status != PolicyStatus.WAIVED:
        for _, amount in arrears(policy, day):
            if not missed and policy.suspense >= bound + amount:
                bound += amount
            else:
                missed += amount
    waits, room = waiting_by_kind(policy), max(ZERO, unpaid(policy, ""))
    left = min(waits.get(PayableKind.LEFT, ZERO), room)
    return Overpaid(suspense=policy.suspense, bound=bound, left=left, open=missed, others=room - left)


def refund_lines(policy: Policy, amount: Decimal, day: date) -> Calculation:
    """From where the amount is taken: what is payable first. BookRefused where there is not so much."""
    there = overpaid(policy, day)
    if amount != money(amount) or not 0 < amount <= there.total:
        raise BookRefused(f"可退还的款项为 {yuan(there.total)} 元")
    left = min(amount, there.left)
    held = f"未抵交保险费的款项 {yuan(there.suspense)} 元" + (f"，其中已到期的保险费 {yuan(there.bound)} 元不退" if there.bound else "")
    parts = (("合同终止余款", f"余额 {yuan(there.left)} 元", left), ("溢缴保险费", held, amount - left))
    return Calculation.of([Line(label=label, formula=told, value=part) for label, told, part in parts if part])


@transaction.atomic
def refund_overpaid(*, policy: Policy, case_number: str, amount: Decimal, day: date, actor: User, now: datetime) -> Calculation:
    """The amount becomes payable by the case, also after the contract has ended; the letter that tells of it is needless then."""
    found = locked(policy, case_number)
    told, there = refund_lines(found, amount, day), overpaid(found, day)
    left = min(amount, there.left)
    entries = take_over(
        found, case_number=case_number, amounts={PayableKind.LEFT: left} if left else {}, what="合同终止余款", on=day, key=f"taken:{case_number}"
    )
    entries.append(
        post(found, on=day, text="溢缴退费应付", case_number=case_number, lines={Account.SUSPENSE: amount - left, Account.PAYABLE: left - amount})
    )
    record(
        found, EventKind.PAYABLE, on=day, cause=Cause.of(case_number, actor), note=f"溢缴退费 {yuan(amount)} 元",
        data={"money": [entry for entry in entries if entry]},
    )
    touch(found, day)
    refunded(found, day)
    return told


__all__ = ["Overpaid", "overpaid", "refund_lines", "refund_overpaid"]
