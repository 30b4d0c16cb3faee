"""付款: made from a sealed decision, released by a second person, settled or returned by the bank."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from lifeops.org.models import Branch, User
from lifeops.policies.crypto import same, seal
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Payment, PaymentState, Policy
from lifeops.policies.rules.lines import money
from lifeops.policies.services.locking import locked


def seal_of(payment: Payment) -> str:
    """The seal its content should have: number, case, amount, payee, bank, account."""
    return seal(
        [payment.number, payment.case_number, f"{payment.amount:.2f}", payment.payee, payment.bank, payment.account]
    )


@transaction.atomic
def create_payment(
    *, case_number: str, policy: Policy | None, branch: Branch, purpose: str, payee: str, bank: str, account: str,
    amount: Decimal, actor: User, now: datetime, replaces: Payment | None = None,
) -> Payment:
    """Write an instruction; amount in 元, more than zero, to the cent. The policy is locked: numbers follow each other."""
    if amount <= 0:
        raise BookRefused("付款金额须大于零")
    if amount != money(amount):
        raise BookRefused("付款金额应精确到分")
    if not payee.strip():
        raise BookRefused("收款人未登记，不能生成付款指令")
    if not account.strip():
        raise BookRefused(f"{payee}的收款账号未登记，不能生成付款指令")
    if policy is not None:
        locked(policy)
    serial = Payment.objects.filter(case_number=case_number).count() + 1
    payment = Payment(
        number=f"{case_number}-P{serial:02d}", case_number=case_number, policy=policy, branch=branch, purpose=purpose,
        payee=payee, bank=bank, account=account, amount=amount, created_by=actor, created_at=now, replaces=replaces,
    )
    payment.seal = seal_of(payment)
    payment.save()
    return payment


def _locked(payment: Payment, *states: str) -> Payment:
    found = Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.pk)
    if found.state not in states:
        raise BookRefused(f"付款指令现为“{found.get_state_display()}”，不能办理")
    return found


@transaction.atomic
def release_payment(*, payment: Payment, actor: User, now: datetime) -> Payment:
    """放行 by a second person; refused when anything sealed has changed."""
    found = _locked(payment, PaymentState.READY)
    if found.created_by_id == actor.pk:
        raise BookRefused("放行须由制单人以外的人办理")
    if not same(found.seal, seal_of(found)):
        raise BookRefused("付款内容与批准时不一致，禁止放行，请报安全管理岗")
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
    return found


@transaction.atomic
def return_payment(*, payment: Payment, reason: str, actor: User, now: datetime) -> Payment:
    """退票: the bank gave it back; a corrected instruction is made by `reissue_payment`."""
    if not reason.strip():
        raise BookRefused("请填写退票原因")
    found = _locked(payment, PaymentState.RELEASED)
    found.state, found.return_reason = PaymentState.RETURNED, reason
    found.save(update_fields=["state", "return_reason"])
    return found


@transaction.atomic
def reissue_payment(
    *, payment: Payment, payee: str, bank: str, account: str, actor: User, now: datetime
) -> Payment:
    """重新付款 after a return: a new instruction of the same amount to the same payee, again to be released by another
    person. Bank and account may be corrected; whom the money goes to was agreed to with the amount."""
    found = _locked(payment, PaymentState.RETURNED)
    payee = payee.strip()
    if payee != found.payee.strip():
        raise BookRefused(f"收款人须为批准的“{found.payee}”；更换收款人须重新审核")
    if Payment.objects.filter(replaces=found).exists():
        raise BookRefused("该退票已重新制单")
    return create_payment(
        case_number=found.case_number, policy=found.policy, branch=found.branch, purpose=found.purpose, payee=payee,
        bank=bank, account=account, amount=found.amount, actor=actor, now=now, replaces=found,
    )
