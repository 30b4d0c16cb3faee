"""付款: by state and unit, moved by the second person, refused in words; no account number in clear."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.policies.models import Payment
from tests.archive.ways import approved
from tests.cast import hire
from tests.factories import again, handed_over
from tests.ui.test_pages import english

ACCOUNT = "9900001234567890"


def payment_of(case):
    return Payment.objects.filter(case_number=case.number).latest("pk")


def act(client, payment, name, **fields):
    return client.post(reverse("archive:payment_act", args=[payment.number, name]), fields)


def listed(client, state):
    return client.get(reverse("archive:payments"), {"state": state}).content.decode()


def test_money_moves_from_ready_to_settled_by_the_head(cast, as_user):
    payment = payment_of(approved(cast))
    client = as_user(cast.head)
    page = listed(client, "ready")
    assert payment.number in page and "2,700.00" in page and "**** **** 7890" in page and ACCOUNT not in page
    assert english(page) == []
    dialog = client.get(reverse("archive:payment_act", args=[payment.number, "release"])).content.decode()
    assert "放行后付款送银行" in dialog and ACCOUNT not in dialog
    assert act(client, payment, "release").status_code == 302
    assert payment.number in listed(client, "released") and payment.number not in listed(client, "ready").split("<table")[-1]
    silent = act(client, payment, "settle", reference=" ")
    assert silent.status_code == 400 and "请填写银行流水号" in silent.content.decode()
    assert act(client, payment, "settle", reference="B77").status_code == 302
    assert "B77" in listed(client, "settled")
    for text, found in ((payment.number[:20], True), (payment.policy.number, True), (payment.number[4:], False), (payment.policy.number[:-1], False)):
        page = client.get(reverse("archive:payments"), {"state": "settled", "q": text}).content.decode()
        assert ("B77" in page) == found, text


def test_a_returned_payment_is_made_again_and_released_by_another_person(cast, as_user):
    case = approved(cast)
    payment = payment_of(case)
    client = as_user(cast.head)
    act(client, payment, "release")
    assert "请填写退票原因" in act(client, payment, "return", reason="").content.decode()
    assert act(client, payment, "return", reason="户名不符").status_code == 302
    assert "户名不符" in listed(client, "returned")
    wrong = act(client, payment, "reissue", payee=payment.payee, bank="乙银行", account="12AB")
    assert wrong.status_code == 400 and "8 至 30 位数字" in wrong.content.decode()
    assert act(client, payment, "reissue", payee=payment.payee, bank="乙银行", account="9900 0012 3456 7891").status_code == 302
    fresh = payment_of(case)
    assert (fresh.replaces_id, fresh.amount, fresh.account) == (payment.pk, payment.amount, "9900001234567891")
    assert "已重新制单" in listed(client, "returned") and "重新制单</a>" not in listed(client, "returned")
    # what is still to be instructed anew stands in a list of its own, to which the home page leads
    only = client.get(reverse("archive:payments"), {"state": "returned", "open": "1"}).content.decode()
    assert payment.number not in only and "只看待重新制单" in only
    own = act(client, fresh, "release")
    assert own.status_code == 403 and "制单人以外" in own.content.decode()
    second = hire("head2", "head", cast.county, staff_no="T9001")
    assert act(as_user(second), fresh, "release").status_code == 302
    steps = set(again(case).events.values_list("step", flat=True))
    assert {"payment.release", "payment.return", "payment.reissue"} <= steps
    assert ACCOUNT not in str(list(again(case).events.values_list("data", "reason")))


def test_an_act_that_does_not_fit_the_state_is_refused_in_the_books_words(cast, as_user):
    payment = payment_of(approved(cast))
    answer = act(as_user(cast.head), payment, "settle", reference="B1")
    assert answer.status_code == 403 and "待放行" in answer.content.decode()
    assert as_user(cast.head).get(reverse("archive:payment_act", args=[payment.number, "burn"])).status_code == 404


def test_a_changed_payment_is_not_released(cast, as_user):
    payment = payment_of(approved(cast))
    Payment.objects.filter(pk=payment.pk).update(amount="99999.00")
    answer = act(as_user(cast.head), payment, "release")
    assert answer.status_code == 403 and "禁止放行" in answer.content.decode()


@pytest.mark.parametrize(("who", "status"), [("issue", 403), ("other_head", 404), ("auditor", 403), ("approver", 403)])
def test_the_units_head_alone_moves_money(cast, as_user, who, status):
    payment = payment_of(approved(cast))
    assert act(as_user(getattr(cast, who)), payment, "release").status_code == status
    assert payment_of(again_case(payment)).state == "ready"


def again_case(payment):
    from lifeops.cases.models import Case

    return Case.objects.get(number=payment.case_number)


@pytest.mark.parametrize("who", ["clerk", "archive", "cl_reviewer", "sysadmin"])
def test_the_list_is_for_head_issue_desk_and_oversight(cast, as_user, who):
    assert as_user(getattr(cast, who)).get(reverse("archive:payments")).status_code == 403


def test_another_units_payments_are_not_listed_and_the_refused_button_says_why(cast, as_user):
    payment = payment_of(approved(cast))
    assert payment.number not in listed(as_user(cast.other_head), "ready")
    page = listed(as_user(cast.issue), "ready")
    assert payment.number in page and "付款由受理机构的机构主管办理" in page


def test_one_is_sent_back_to_ones_own_pages_only(cast, as_user):
    payment = payment_of(approved(cast))
    answer = act(as_user(cast.head), payment, "release", back="https://example.invalid/archive/")
    assert answer["Location"] == reverse("archive:payments")


def test_the_list_costs_the_same_for_one_and_for_three(cast, as_user):
    client = as_user(cast.head)
    address = reverse("archive:payments")
    approved(cast)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(2):
        approved(cast)
    with CaptureQueriesContext(connection) as three:
        page = client.get(address).content.decode()
    assert page.count("2,700.00") >= 2 and len(three) <= len(one) <= 12


def test_the_law_counts_ten_days_from_the_decision_until_the_money_has_arrived(cast, as_user):
    """保险法23: a return of the bank does not end the days, the money's arrival does; a refused claim owes none."""
    case = approved(cast)
    clock = case.clocks.get(rule__code="CL_PAY")
    decided = timezone.localdate(again(case).decided_at)
    assert timezone.localdate(clock.started_at) == decided
    assert timezone.localdate(clock.due_at - timedelta(microseconds=1)) == decided + timedelta(days=10)
    client, payment = as_user(cast.head), payment_of(case)
    act(client, payment, "release")
    act(client, payment, "return", reason="户名不符")
    assert act(client, payment, "reissue", payee=payment.payee, bank="乙银行", account=ACCOUNT).status_code == 302
    clock.refresh_from_db()
    assert clock.stopped_at is None
    other = hire("head2", "head", cast.county)
    act(as_user(other), payment_of(case), "release")
    assert act(client, payment_of(case), "settle", reference="B78").status_code == 302
    clock.refresh_from_db()
    assert clock.stopped_at is not None and not case.clocks.filter(rule__code="CL_PAY", stopped_at=None).exists()
    refused = handed_over(cast)
    perform(refused, "take", actor=cast.cl_reviewer)
    perform(refused, "conclude", actor=cast.cl_reviewer, outcome="REFUSE", reason_code="C01", opinion="不属责任")
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert again(refused).state == "declined" and not refused.clocks.filter(rule__code="CL_PAY").exists()
