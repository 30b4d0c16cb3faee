"""Money out: made by one person, released by another, as sealed, settled or returned once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Payment, Policy
from lifeops.policies.services.holds import lift_hold, place_hold
from lifeops.policies.services.payments import (
    create_payment,
    reissue_payment,
    release_payment,
    return_payment,
    settle_payment,
)
from tests.policies.conftest import NOW

ACCOUNT = "9900001234567890"


@pytest.fixture
def pay(cast, issue):
    policy = issue()

    def make(**fields) -> Payment:
        given = {
            "case_number": "86-PS-1", "policy": policy, "branch_id": cast.county.pk, "purpose": "退保金", "payee": "张晓明",
            "bank": "虚构银行", "account": ACCOUNT, "amount": Decimal("1234.56"), "actor": cast.ps_reviewer, "now": NOW,
        }
        return create_payment(**(given | fields))

    return make


def test_payment_goes_from_maker_to_releaser_to_the_bank(cast, pay):
    payment = pay()
    assert (payment.number, payment.state, payment.account_masked) == ("86-PS-1-P01", "ready", "**** **** 7890")
    released = release_payment(payment=payment, actor=cast.issue, now=NOW)
    assert (released.state, released.released_by, released.released_at) == ("released", cast.issue, NOW)
    settled = settle_payment(payment=payment, reference="B20260302001", actor=cast.issue, now=NOW)
    assert (settled.state, settled.bank_reference, settled.settled_at) == ("settled", "B20260302001", NOW)
    assert pay().number == "86-PS-1-P02"


def test_maker_never_releases(cast, pay):
    payment = pay()
    with pytest.raises(BookRefused, match="放行须由制单人以外的人办理"):
        release_payment(payment=payment, actor=cast.ps_reviewer, now=NOW)
    assert Payment.objects.get(pk=payment.pk).state == "ready"


@pytest.mark.parametrize("change", [{"amount": Decimal("9234.56")}, {"payee": "李四"}, {"account": "9900009999999999"},
                                    {"bank": "另一虚构银行"}, {"case_number": "86-PS-2"}])
def test_payment_changed_after_the_decision_is_not_released(cast, pay, change):
    payment = pay()
    Payment.objects.filter(pk=payment.pk).update(**change)
    with pytest.raises(BookRefused, match="与批准时不一致"):
        release_payment(payment=payment, actor=cast.issue, now=NOW)


def test_account_is_not_readable_in_the_database(pay):
    payment = pay()
    with connection.cursor() as cursor:
        cursor.execute("SELECT account FROM policies_payment WHERE id = %s", [payment.pk])
        stored = cursor.fetchone()[0]
    assert ACCOUNT not in stored and Payment.objects.get(pk=payment.pk).account == ACCOUNT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": Decimal(0)}, "大于零"), ({"amount": Decimal("-1")}, "大于零"), ({"amount": Decimal("0.001")}, "精确到分"),
        ({"account": " "}, "收款账号未登记"), ({"payee": ""}, "收款人未登记"),
    ],
)
def test_payment_that_cannot_be_paid_is_not_made(pay, change, reason):
    with pytest.raises(BookRefused, match=reason):
        pay(**change)
    assert not Payment.objects.exists()


def test_returned_payment_is_made_again_and_released_again(cast, pay):
    payment = pay()
    release_payment(payment=payment, actor=cast.issue, now=NOW)
    returned = return_payment(payment=payment, reason="账号户名不符", actor=cast.issue, now=NOW)
    assert (returned.state, returned.return_reason) == ("returned", "账号户名不符")
    corrected = {"payee": "张晓明", "bank": "虚构银行", "account": "9900001234567899", "now": NOW}
    again = reissue_payment(payment=payment, actor=cast.issue, **corrected)
    assert (again.replaces, again.amount, again.state, again.number) == (payment, payment.amount, "ready", "86-PS-1-P02")
    with pytest.raises(BookRefused, match="制单人以外"):
        release_payment(payment=again, actor=cast.issue, now=NOW)
    with pytest.raises(BookRefused, match="已重新制单"):
        reissue_payment(payment=payment, actor=cast.issue, **corrected)
    assert release_payment(payment=again, actor=cast.head, now=NOW).state == "released"


def test_each_act_has_its_state(cast, pay):
    payment, who = pay(), {"actor": cast.issue, "now": NOW}
    for act in (
        lambda: settle_payment(payment=payment, reference="B1", **who),
        lambda: return_payment(payment=payment, reason="户名不符", **who),
        lambda: reissue_payment(payment=payment, payee="张晓明", bank="虚构银行", account=ACCOUNT, **who),
    ):
        with pytest.raises(BookRefused, match="现为“待放行”"):
            act()
    release_payment(payment=payment, **who)
    with pytest.raises(BookRefused, match="现为“支付中”"):
        release_payment(payment=payment, **who)
    for blank in (lambda: settle_payment(payment=payment, reference=" ", **who),
                  lambda: return_payment(payment=payment, reason="", **who)):
        with pytest.raises(BookRefused, match="请填写"):
            blank()
    settle_payment(payment=payment, reference="B1", **who)
    with pytest.raises(BookRefused, match="现为“支付成功”"):
        return_payment(payment=payment, reason="户名不符", **who)


@pytest.mark.server
def test_database_refuses_release_by_the_maker(cast, pay):
    payment = pay()
    with pytest.raises(IntegrityError, match="payment_second_person_releases"):
        Payment.objects.filter(pk=payment.pk).update(state="released", released_by=cast.ps_reviewer)


@pytest.mark.server
@pytest.mark.parametrize(
    ("change", "name"),
    [({"amount": Decimal(0)}, "payment_positive"), ({"state": "gone"}, "payment_state_known"),
     ({"state": "settled", "released_by": None}, "payment_out_only_when_released")],
)
def test_database_refuses_what_no_payment_can_be(cast, pay, change, name):
    pay()
    with pytest.raises(IntegrityError, match=name):
        Payment.objects.update(**({"released_by": cast.issue} | change))


def test_ten_thousand_to_somebody_else_needs_a_second_person_who_does_not_release_it(cast, pay):
    """客户尽职调查办法第13条: reason from the first 分, approval from 10,000 元 on, by neither maker nor releaser."""
    other = {"kind": "refund", "payee": "李四", "third_party_reason": "本人账户已冻结", "amount": Decimal("10000.00")}
    for approver in (None, cast.ps_reviewer):
        with pytest.raises(BookRefused, match="须经上级批准"):
            pay(**other, approved_by=approver)
    assert not Payment.objects.exists()
    assert pay(**other | {"amount": Decimal("9999.99")}).approved_by is None
    payment = pay(**other, approved_by=cast.approver)
    with pytest.raises(BookRefused, match="批准人不得放行同一笔付款"):
        release_payment(payment=payment, actor=cast.approver, now=NOW)
    assert release_payment(payment=payment, actor=cast.issue, now=NOW).state == "released"


@pytest.mark.parametrize(("kind", "hold", "goes"), [
    ("refund", "court", False), ("refund", "police", False), ("loan", "aml", False), ("refund", "pledge", True), ("claim", "court", True),
])  # fmt: skip
def test_a_freeze_after_the_decision_keeps_the_holders_money_until_it_is_lifted(cast, pay, kind, hold, goes):
    payment = pay(kind=kind)
    policy = Policy.objects.get(pk=payment.policy_id)
    held = place_hold(policy=policy, kind=hold, holder="（2026）虚构执 9 号", reason="协助执行", day=NOW.date(), actor=cast.head)
    if not goes:
        with pytest.raises(BookRefused, match="款项暂不放行"):
            release_payment(payment=payment, actor=cast.issue, now=NOW)
        assert Payment.objects.get(pk=payment.pk).state == "ready"
        lift_hold(hold=held, reason="解除", day=NOW.date(), actor=cast.manager)
    assert release_payment(payment=payment, actor=cast.issue, now=NOW).state == "released"
