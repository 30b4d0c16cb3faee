"""生存给付冲回 at a death that was reported late: survival benefits and 满期金 of days after the death were never due. What nobody has
collected is taken back. What was collected is owed back by the estate of whom it was paid to (民法典 985). It is taken off the death benefit
only where that falls to the same estate, nobody being named (保险法 42, 民法典 568); otherwise what the contract leaves to the same person is
set off, and the rest stands as 待追回款. Benefits collected before count as the oldest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from lifeops.policies.models import (
    Account,
    Coverage,
    EventKind,
    LedgerLine,
    NoticeKind,
    PayableKind,
    Payment,
    PaymentKind,
    PaymentState,
    Policy,
    PolicyEvent,
)
from lifeops.policies.rules.events import Event, benefits_on
from lifeops.policies.rules.lines import ZERO, Calculation, Line, yuan
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.late_end import late_end, not_received
from lifeops.policies.services.ledger import balance, post, waiting_by_kind
from lifeops.policies.services.payments import OF_HOLDER, OF_INSURED, unpaid

#: What a line of the calculation is known by that takes off the benefit what the same estate owes.
ESTATE = "estate"


@dataclass(frozen=True, kw_only=True)
class NotLived:
    """One benefit that fell due after the death, in 元, of which `taken` had been collected; `kind` says whose it was. What a surrender paid
    went by a case (`case_number`) and against an `account` of its own."""

    key: str
    what: str
    how: str
    kind: str
    amount: Decimal
    taken: Decimal
    case_number: str = ""
    account: Account = Account.BENEFIT

    @property
    def standing(self) -> Decimal:
        return self.amount - self.taken


@dataclass(frozen=True, kw_only=True)
class OwedBack:
    """What fell due after a death, newest first. `by_estate` in 元: what the estate of the insured owes of it, and may be taken off a
    benefit that falls to that estate (`to_estate`)."""

    rows: tuple[NotLived, ...] = ()
    by_estate: Decimal = ZERO
    to_estate: bool = False

    @property
    def taken(self) -> Decimal:
        return sum((row.taken for row in self.rows), ZERO)

    @property
    def most_off(self) -> Decimal:
        """Most that may be taken off the death benefit."""
        return self.by_estate if self.to_estate else ZERO


def may_pay_living(covers: Sequence[Coverage]) -> bool:
    """Whether the contract pays anything to who lives: others are not asked."""
    return any(c.version.terms.get("survival") or benefits_on(c.version.definition, Event.SURVIVAL) for c in covers)


def owed_back(policy: Policy, day: date) -> OwedBack:
    """After the claim has been paid, as it was taken back then."""
    kept = list(policy.events.filter(kind=EventKind.BENEFIT_UNDONE).order_by("pk"))
    rows = [_as_kept(event) for event in kept] if kept else _due_after(policy, day)
    if not rows:
        return OwedBack()
    both = policy.policyholder_id == policy.insured_id
    return OwedBack(
        rows=tuple(rows), by_estate=sum((row.taken for row in rows if both or row.kind in OF_INSURED), ZERO),
        to_estate=not policy.beneficiaries.filter(effective_from__lte=day).exclude(effective_to__lte=day).exists(),
    )


def _as_kept(event: PolicyEvent) -> NotLived:
    data = event.data
    return NotLived(
        key=data["undone"], what=data["what"], how=data["how"], kind=data["kind"], amount=Decimal(data["amount"]), taken=Decimal(data["taken"]),
        case_number=data.get("by_case", ""),
    )  # fmt: skip


#: What becomes of an instruction that nobody has let go when the death is settled.
VOID = "被保险人身故，未放行的款项转回待领"


def not_paid(policy: Policy) -> dict[str, tuple[Payment, dict[str, Decimal]]]:
    """What reached nobody, by case: 退票 that nobody has paid again and instructions that no second person has let go, with what it is by
    kind, in 元."""
    found = {}
    states = (PaymentState.RETURNED, PaymentState.READY)
    for payment in policy.payments.filter(state__in=states, kind=PaymentKind.BENEFIT, replaced_by__isnull=True):
        lines = LedgerLine.objects.filter(entry__policy=policy, entry__key__startswith=f"taken:{payment.case_number}:", account=Account.PAYABLE)
        parts = dict(lines.order_by().values_list("entry__kind").annotate(total=Sum("amount")))
        under_way = payment.amount if payment.state == PaymentState.READY else ZERO
        if parts and sum(parts.values()) == unpaid(policy, payment.case_number) + under_way:
            found[payment.case_number] = payment, parts
    return found


def _wait_again(policy: Policy, *, on: date, why: Cause, only: str = "") -> None:
    """What reached nobody, of all cases or of one, waits again by no case: the dead are not paid."""
    for number, (payment, parts) in not_paid(policy).items():
        if only not in ("", number):
            continue
        returned = payment.state == PaymentState.RETURNED
        what, text = ("退票", "退票转回待领") if returned else ("未放行的付款", "未放行款项转回待领")
        if not returned:
            payment.state, payment.return_reason = PaymentState.CANCELLED, VOID
            payment.save(update_fields=["state", "return_reason"])
        total = sum(parts.values(), ZERO)
        money = [post(policy, on=on, text=text, case_number=number, lines={Account.PAYABLE: total, Account.OPENING: -total})]
        money += [
            post(policy, on=on, text=text, key=f"back:{number}:{kind}", kind=kind, lines={Account.PAYABLE: -part, Account.OPENING: part})
            for kind, part in parts.items()
        ]
        record(policy, EventKind.PAYABLE, on=on, cause=why, note=f"案件 {number} 的{what} {yuan(total)} 元转回待领", data={"money": money})


def returned_since(policy: Policy, payment: Payment, *, on: date, why: Cause) -> None:
    """退票 of a benefit that counted as collected when the claim was settled: it reached nobody, so it waits for the heirs, less what was
    to come back of it."""
    if payment.kind == PaymentKind.BENEFIT and policy.events.filter(kind=EventKind.BENEFIT_UNDONE, recorded_at__gt=payment.created_at).exists():
        _wait_again(policy, on=on, why=why, only=payment.case_number)
        set_off(policy, on=on, why=why, mark=payment.number)


def _due_after(policy: Policy, day: date) -> list[NotLived]:
    waits, room, rows = waiting_by_kind(policy), max(ZERO, unpaid(policy, "")), list[NotLived]()
    for _, parts in not_paid(policy).values():
        waits = {kind: waits.get(kind, ZERO) + parts.get(kind, ZERO) for kind in {*waits, *parts}}
        room += sum(parts.values(), ZERO)
    if (end := late_end(policy, day)) is not None and end.paid:
        there = not_received(policy, end) if end.case_number else min(waits.get(end.kind, ZERO), room, end.paid)
        rows.append(
            NotLived(
                key="end", what=end.what, how=f"{end.event.on} 应付", kind=end.kind, amount=end.paid, taken=end.paid - there,
                case_number=end.case_number, account=end.account,
            )
        )
    left = min(waits.get(PayableKind.SURVIVAL, ZERO), room)
    for event in policy.events.filter(kind=EventKind.SURVIVAL, on__gt=day).order_by("-on", "-pk"):
        amount = -Decimal(event.data["money"][0][Account.PAYABLE])
        there = min(left, amount)
        left -= there
        year = event.key.rpartition(":")[2]
        rows.append(
            NotLived(key=event.key, what=f"第 {year} 年生存金", how=f"{event.on} 应付", kind=PayableKind.SURVIVAL, amount=amount, taken=amount - there)
        )
    return rows


def less_owed_back(due: Calculation, owed: OwedBack) -> Calculation:
    """The calculation of a death benefit with what is taken back: off it what the same estate owes, the rest told as 待追回款."""
    lines = [
        *due.lines, *(Line(label=f"身故后应付的{row.what}冲回", formula=row.how, value=row.amount, counts=False) for row in owed.rows)
    ]  # fmt: skip
    told = "、".join(f"{row.what} {yuan(row.taken)}" for row in owed.rows if row.taken)
    off, paid_as = min(owed.most_off, due.amount), "款项" if any(row.case_number for row in owed.rows) else "生存给付"
    if off:
        ground = f"{told}；未指定受益人，保险金为遗产（保险法第42条），与其应返还的相抵（民法典第568条）"
        lines.append(Line(label=f"减：身故后已领取的{paid_as}", formula=ground, value=-off, kind=ESTATE))
    if rest := owed.taken - off:
        ground = "超出保险金的部分" if owed.to_estate else "保险金归受益人，不从中扣除"
        lines.append(
            Line(label=f"身故后已领取的{paid_as}，待追回", formula=f"{told}；{ground}，先抵应付领款人的其他款项（民法典第985条）", value=rest, counts=False)
        )
    return Calculation.of(lines)


def taken_off_benefit(due: Calculation) -> Decimal:
    """What a calculation takes off the benefit for what its estate owes."""
    return -sum((line.value for line in due.lines if line.kind == ESTATE), ZERO)


def undo_benefits(policy: Policy, owed: OwedBack, day: date, *, on: date, why: Cause, off: Decimal) -> None:
    """Take back of a locked policy what was `owed` as it stood before its end was put right; `off` is what the death benefit has been
    reduced by. Letters that were to tell of it are not needed."""
    if owed.rows:
        _wait_again(policy, on=on, why=why)
    both, left = policy.policyholder_id == policy.insured_id, off
    for row in owed.rows:
        part = min(left, row.taken) if both or row.kind in OF_INSURED else ZERO
        left -= part
        lines = {Account.BENEFIT: part, Account.PAYABLE: row.standing, Account.RECOVERABLE: row.taken - part}
        lines[row.account] = lines.get(row.account, ZERO) - row.amount
        of_nobody = bool(row.standing) and not row.case_number
        entry = post(
            policy, on=on, text=f"身故后{row.what}冲回", key=f"undo:{row.key}", kind=row.kind if of_nobody else "", case_number=row.case_number,
            lines=lines,
        )  # fmt: skip
        told = f"，其中 {yuan(part)} 元从保险金中扣除" if part else ""
        told += f"，{yuan(row.taken - part)} 元待追回" if row.taken > part else ""
        data: dict[str, Any] = {
            "money": [entry], "undone": row.key, "what": row.what, "how": row.how, "kind": row.kind, "amount": f"{row.amount:.2f}",
            "taken": f"{row.taken:.2f}", "by_case": row.case_number,
        }  # fmt: skip
        note = f"被保险人于 {day} 身故，冲回其后应付的{row.what} {yuan(row.amount)} 元{told}"
        record(policy, EventKind.BENEFIT_UNDONE, on=on, cause=why, note=note, key=f"undo:{row.key}", data=data)
    policy.notices_due.waiting().filter(kind__in=(NoticeKind.SURVIVAL, NoticeKind.MATURITY), about__gt=day).update(dropped_on=on)


def set_off(policy: Policy, *, on: date, why: Cause, mark: str = "") -> None:
    """What stands as payable to whom has to give back is set off against it (民法典 568); `mark`: by what it is known that it was done
    once more."""
    owing = {row.kind: row for row in owed_back(policy, on).rows if row.taken}
    if not owing:
        return
    kinds: tuple[str, ...] = (*OF_INSURED, *OF_HOLDER)
    if policy.policyholder_id != policy.insured_id:
        kinds = OF_INSURED if set(owing) <= set(OF_INSURED) else OF_HOLDER if set(owing) <= set(OF_HOLDER) else ()
    left, waits, money, more = balance(policy, Account.RECOVERABLE), waiting_by_kind(policy), list[dict[str, str]](), mark and f":{mark}"
    for kind in kinds:
        if part := min(left, waits.get(kind, ZERO)):
            money.append(
                post(policy, on=on, text="应返还款项与应付款项相抵", key=f"setoff:{kind}{more}", kind=kind, lines={Account.PAYABLE: part, Account.RECOVERABLE: -part})
            )
            left -= part
    if money:
        note = f"应返还的生存给付与应付同一人的款项相抵 {yuan(sum((Decimal(m[Account.PAYABLE]) for m in money), ZERO))} 元"
        record(policy, EventKind.RECOVERED, on=on, cause=why, note=note, key=f"setoff{more}", data={"money": money})


__all__ = ["NotLived", "OwedBack", "less_owed_back", "may_pay_living", "owed_back", "returned_since", "set_off", "taken_off_benefit", "undo_benefits"]
