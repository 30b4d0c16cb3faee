"""What somebody tries with money that has been agreed to, and with volumes."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Refused
from lifeops.policies.models import Payment
from tests.archive.test_payments import act, payment_of
from tests.archive.ways import approved, filed
from tests.factories import again


def returned(cast):
    case = approved(cast)
    payment = payment_of(case)
    for name, more in (("release", {}), ("return", {"reason": "户名不符"})):
        move_money(case=again(case), payment=payment, act=name, actor=cast.head, now=timezone.now(), **more)
    return case, payment


@pytest.mark.parametrize("payee", ["沈国栋", "{own}甲", "{own} "])
def test_a_returned_payment_goes_to_the_payee_that_was_agreed_to(cast, payee):
    """The account may be corrected; another payee is another decision."""
    case, payment = returned(cast)
    payee = payee.format(own=payment.payee)
    fields = {"payee": payee, "bank": "乙银行", "account": "9900001234567891"}
    same = payee.strip() == payment.payee
    if same:
        made = move_money(case=again(case), payment=payment, act="reissue", actor=cast.head, now=timezone.now(), **fields)
        assert made.payee == payment.payee
        return
    with pytest.raises(Refused, match="收款人"):
        move_money(case=again(case), payment=payment, act="reissue", actor=cast.head, now=timezone.now(), **fields)
    assert Payment.objects.filter(case_number=case.number).count() == 1


@pytest.mark.parametrize("who", ["clerk", "issue", "other_head", "cl_reviewer", "approver", "manager", "auditor", "sysadmin"])
@pytest.mark.parametrize("name", ["release", "settle", "return", "reissue"])
def test_nobody_but_the_head_of_the_unit_moves_money(cast, as_user, who, name):
    payment = payment_of(approved(cast))
    answer = act(as_user(getattr(cast, who)), payment, name, reference="B1", reason="x", payee="测试客户", bank="x", account="99000012345")
    assert answer.status_code in (403, 404)
    payment.refresh_from_db()
    assert payment.state == "ready" and Payment.objects.count() == 1


def test_the_way_back_stays_in_the_house(cast, as_user):
    payment = payment_of(approved(cast))
    for back in ("//evil.example/archive/", "https://evil.example/", "/archive/\\evil", "javascript:alert(1)"):
        page = as_user(cast.head).get(reverse("archive:payment_act", args=[payment.number, "release"]), {"back": back}).content.decode()
        assert "evil" not in page.replace("/archive/\\evil", "") and "javascript:" not in page


@pytest.mark.parametrize("who", ["other_clerk", "other_head", "other_archive", "underwriter", "sysadmin"])
def test_a_volume_out_of_reach_is_nowhere(cast, as_user, who):
    case = filed(cast)
    client = as_user(getattr(cast, who))
    for name in ("volume", "label", "cover", "filing_case", "release_case"):
        assert client.get(reverse(f"archive:{name}", args=[case.number])).status_code in (403, 404), name
    data = {"borrower": getattr(cast, who).staff_no, "purpose": "x", "due_on": timezone.localdate().isoformat()}
    assert client.post(reverse("archive:volume", args=[case.number]), data).status_code in (403, 404)
