"""付款: made from a sealed decision, released by a second person, settled or returned by the bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from lifeops.org.models import User
from lifeops.org.statements import insert, joins, reach, read
from lifeops.policies.crypto import seal, seal_fits
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import normalise_id
from lifeops.policies.models import (
    Account,
    EventKind,
    HoldKind,
    PayableKind,
    Payment,
    PaymentKind,
    PaymentState,
    Policy,
)
from lifeops.policies.rules.lines import ZERO, money, yuan
from lifeops.policies.rules.payees import TO_THE_HOLDER, third_party_refusal
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.ledger import balance, post, waiting_by_kind
from lifeops.policies.services.locking import locked
from lifeops.policies.services.parties import account_holder


def sealed_parts(payment: Payment) -> list[str]:
    """What the seal is over: number, case, amount, payee, bank, account; where another than the entitled is paid, also why and
    by whose approval."""
    parts = [payment.number, payment.case_number, f"{payment.amount:.2f}", payment.payee, payment.bank, payment.account]
    return [*parts, payment.third_party_reason, str(payment.approved_by_id or "")] if payment.third_party_reason else parts


def seal_of(payment: Payment) -> str:
    """The seal its content should have."""
    return seal(sealed_parts(payment))


@joins
def create_payment(
    *, case_number: str, policy: Policy | None, branch_id: int, purpose: str, payee: str, bank: str, account: str,
    amount: Decimal, actor: User, now: datetime, replaces: Payment | None = None, kind: str = PaymentKind.OTHER,
    third_party_reason: str = "", approved_by: User | None = None, held: bool = False,
) -> Payment:
    """Write an instruction; amount in 元, more than zero, to the cent. The policy is locked (`held`: by the caller): numbers
    follow each other.

    What is paid stands in the policy's ledger as 应付 of the case; where the case has not put it there yet, it is put now.
    A refund or loan to somebody else needs `third_party_reason`, from 10,000 元 on also `approved_by` (facts 3.8).
    """
    if amount <= 0:
        raise BookRefused("付款金额须大于零")
    if amount != money(amount):
        raise BookRefused("付款金额应精确到分")
    if not payee.strip():
        raise BookRefused("收款人未登记，不能生成付款指令")
    if not account.strip():
        raise BookRefused(f"{payee}的收款账号未登记，不能生成付款指令")
    if policy is not None:
        policy = policy if held else locked(policy)
        holder = reach(policy, "policyholder").name if kind in TO_THE_HOLDER else ""
        wrong = third_party_refusal(
            kind=kind, amount=amount, payee=payee.strip(), holder=holder, reason=third_party_reason.strip(),
            approved=approved_by is not None and approved_by.pk != actor.pk,
        )
        if wrong:
            raise BookRefused(wrong)
    made = read(Payment, "case_number = %s", [case_number])
    if policy is not None:
        owe(policy, case_number=case_number, amount=amount, kind=kind, purpose=purpose, actor=actor, now=now, made=made)
    serial = len(made) + 1
    payment = Payment(
        number=f"{case_number}-P{serial:02d}", case_number=case_number, policy=policy, branch_id=branch_id, purpose=purpose,
        payee=payee, bank=bank, account=account, amount=amount, created_by=actor, created_at=now, replaces=replaces, kind=kind,
        third_party_reason=third_party_reason.strip(), approved_by=approved_by,
    )
    payment.seal = seal_of(payment)
    insert(payment)
    return payment


#: Against which account a payment is put into the ledger that no act of the book has put there.
EXPENSE = {
    PaymentKind.REFUND: Account.SURRENDER, PaymentKind.CLAIM: Account.BENEFIT, PaymentKind.BENEFIT: Account.BENEFIT,
    PaymentKind.LOAN: Account.LOAN, PaymentKind.OTHER: Account.BENEFIT,
}
#: What waits for the insured, and for the policyholder; by the kinds of payment that it leaves by.
OF_INSURED = (PayableKind.SURVIVAL, PayableKind.MATURITY)
OF_HOLDER = (PayableKind.VALUE, PayableKind.DIVIDEND, PayableKind.LEFT)
WHOSE = {PaymentKind.BENEFIT: (*OF_INSURED, PayableKind.VALUE, ""), PaymentKind.REFUND: (*OF_HOLDER, "")}
#: Holds under which nothing is paid out to the policyholder.
FROZEN = (HoldKind.COURT, HoldKind.POLICE, HoldKind.AML)
#: Payments that such a hold stops: what a claim pays is not the holder's to be frozen.
STOPPED = (*TO_THE_HOLDER, PaymentKind.BENEFIT)
UNDER_WAY = (PaymentState.READY, PaymentState.RELEASED)


def unpaid(policy: Policy, case_number: str | None = None, made: Sequence[Payment] | None = None) -> Decimal:
    """应付 that no instruction under way takes up, of one case or of the policy, in 元. `made`: the instructions of the case,
    where they have been read."""
    if case_number is not None:
        rows = read(Payment, "policy_id = %s AND case_number = %s", [policy.pk, case_number]) if made is None else made
        under_way = sum((p.amount for p in rows if p.policy_id == policy.pk and p.state in UNDER_WAY), ZERO)
    else:
        under_way = policy.payments.filter(state__in=UNDER_WAY).aggregate(total=Sum("amount"))["total"] or ZERO
    return -balance(policy, Account.PAYABLE, case_number=case_number) - under_way


def take_over(policy: Policy, *, case_number: str, amounts: Mapping[str, Decimal], what: str, on: date, key: str = "") -> list[dict[str, str]]:
    """What was payable and belonged to no case becomes payable by this one, each kind by an entry of its own. `key`: under what the
    ledger does it once."""
    text, total = f"{what}转由案件支付", sum(amounts.values(), ZERO)
    left = [
        post(policy, on=on, text=text, key=key and f"{key}:{kind}", kind=kind, lines={Account.PAYABLE: part, Account.OPENING: -part})
        for kind, part in amounts.items()
    ]
    taken = post(policy, on=on, text=text, case_number=case_number, lines={Account.PAYABLE: -total, Account.OPENING: total})
    return [entry for entry in (*left, taken) if entry]


def owe(
    policy: Policy, *, case_number: str, amount: Decimal, kind: str, purpose: str, actor: User, now: datetime,
    made: Sequence[Payment] | None = None,
) -> None:
    """See that the ledger owes what is to be paid. Survival benefits the day run made payable belong to no case yet: they
    are taken over by the case that pays them."""
    missing = amount - max(ZERO, unpaid(policy, case_number, made))
    if missing <= 0:
        return
    day, entries = timezone.localdate(now), list[dict[str, str]]()
    room, taken = max(ZERO, unpaid(policy, "")) if kind in WHOSE else ZERO, dict[str, Decimal]()
    for what, held in waiting_by_kind(policy).items() if room else ():
        if what in WHOSE[PaymentKind(kind)] and (part := min(missing, held, room)):
            taken[what], missing, room = part, missing - part, room - part
    if taken:
        entries += take_over(policy, case_number=case_number, amounts=taken, what=purpose, on=day)
    if missing:
        account = EXPENSE[PaymentKind(kind)]
        entries.append(
            post(policy, on=day, text=f"{purpose}应付", case_number=case_number,
                 lines={account: missing, Account.PAYABLE: -missing})
        )
    record(
        policy, EventKind.PAYABLE, on=day, cause=Cause.of(case_number, actor), note=f"{purpose}应付 {yuan(amount)} 元",
        data={"money": entries},
    )


def _locked(payment: Payment, *states: str) -> Payment:
    found = Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.pk)
    if found.state not in states:
        raise BookRefused(f"付款指令现为“{found.get_state_display()}”，不能办理")
    return found


@transaction.atomic
def release_payment(*, payment: Payment, actor: User, now: datetime) -> Payment:
    """放行 by a second person; refused when anything sealed has changed."""
    # the policy first, as whoever settles a death: that makes instructions void
    policy = locked(payment.policy) if payment.policy is not None else None
    found = _locked(payment, PaymentState.READY)
    if found.created_by_id == actor.pk:
        raise BookRefused("放行须由制单人以外的人办理")
    if not seal_fits(found.seal, sealed_parts(found)):
        raise BookRefused("付款内容与批准时不一致，禁止放行，请报安全管理岗")
    if found.approved_by_id == actor.pk:
        raise BookRefused("付给他人的批准人不得放行同一笔付款")
    if policy is not None:
        # a freeze that came after the decision: the holder's money stays until it is lifted
        frozen = policy.holds.filter(kind__in=FROZEN, lifted_on__isnull=True).first() if found.kind in STOPPED else None
        if frozen is not None:
            raise BookRefused(f"保单{frozen.get_kind_display()}中（{frozen.holder}），款项暂不放行，解除后办理")
        if unpaid(policy, found.case_number) < 0:
            raise BookRefused("本案付款超过保单账上的应付金额，禁止放行，请核对")
    found.state, found.released_by, found.released_at = PaymentState.RELEASED, actor, now
    found.save(update_fields=["state", "released_by", "released_at"])
    return found


@transaction.atomic
def settle_payment(*, payment: Payment, reference: str, actor: User, now: datetime) -> Payment:
    """支付成功: the bank's reference closes the instruction."""
    if not reference.strip():
        raise BookRefused("请填写银行流水号")
    found = _locked(payment, PaymentState.RELEASED)
    found.state, found.settled_at, found.bank_reference = PaymentState.SETTLED, now, reference
    found.save(update_fields=["state", "settled_at", "bank_reference"])
    if found.policy is not None:
        policy, day = locked(found.policy), timezone.localdate(now)
        entry = post(
            policy, on=day, text=f"{found.purpose}实付", case_number=found.case_number, payment_number=found.number,
            key=f"paid:{found.number}", lines={Account.PAYABLE: found.amount, Account.PAID: -found.amount},
        )
        record(
            policy, EventKind.MONEY_OUT, on=day, cause=Cause.of(found.case_number, actor),
            note=f"{found.purpose} {yuan(found.amount)} 元到账", data={"money": [entry]}, key=f"paid:{found.number}",
        )
        policy.premiums.filter(kind="refund", case_number=found.case_number, paid_on__isnull=True).update(paid_on=day)
    return found


@transaction.atomic
def return_payment(*, payment: Payment, reason: str, actor: User, now: datetime) -> Payment:
    """退票: the bank gave it back; a corrected instruction is made by `reissue_payment`, where it is still to be paid."""
    from lifeops.policies.services.benefits_after import returned_since

    if not reason.strip():
        raise BookRefused("请填写退票原因")
    found = _locked(payment, PaymentState.RELEASED)
    found.state, found.return_reason = PaymentState.RETURNED, reason
    found.save(update_fields=["state", "return_reason"])
    if found.policy is not None and found.kind == PaymentKind.BENEFIT:
        returned_since(locked(found.policy), found, on=timezone.localdate(now), why=Cause.of(found.case_number, actor))
    return found


@transaction.atomic
def reissue_payment(
    *, payment: Payment, payee: str, bank: str, account: str, actor: User, now: datetime, third_party_reason: str = "",
    approved_by: User | None = None,
) -> Payment:
    """重新付款 after a return: a new instruction of the same amount to the same payee, again to be released by another
    person. Bank and account may be corrected, to none that is on file in another's name; whom the money goes to was agreed to
    with the amount."""
    found = _locked(payment, PaymentState.RETURNED)
    payee = payee.strip()
    if payee != found.payee.strip():
        raise BookRefused(f"收款人须为批准的“{found.payee}”；更换收款人须重新审核")
    if (owner := account_holder(account, payee)) not in ("", payee):
        raise BookRefused(f"账户登记在{owner}名下，与收款人“{payee}”不一致（客户尽职调查办法第13条）")
    own = normalise_id(account)
    if other := next((p for p in Payment.objects.filter(case_number=found.case_number) if p.payee != payee and normalise_id(p.account) == own), None):
        raise BookRefused(f"账号与付给{other.payee}的相同，须付至“{payee}”本人账户")
    if Payment.objects.filter(replaces=found).exists():
        raise BookRefused("该退票已重新制单")
    if found.policy is not None and unpaid(locked(found.policy), found.case_number) < found.amount:
        raise BookRefused("退票后账上已没有这笔应付（已冲回或转回待领），不能按原指令重新付款")
    return create_payment(
        case_number=found.case_number, policy=found.policy, branch_id=found.branch_id, purpose=found.purpose, payee=payee,
        bank=bank, account=account, amount=found.amount, actor=actor, now=now, replaces=found, kind=found.kind,
        third_party_reason=third_party_reason or found.third_party_reason, approved_by=approved_by or found.approved_by,
    )
