"""回执: awaited where the item says so, its clock, the cooling-off period it starts, filing that waits for it."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from archive.models import Receipt
from claims.desk import LINE
from lifeops.cases import registry
from lifeops.cases.errors import Refused
from lifeops.cases.models import Clock, ClockRule
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.policies.models import Policy
from tests.archive.ways import guard, listed, paid, print_papers, released
from tests.factories import again, make_policy
from tests.underwriting.test_journey import conclude, proposed


@pytest.fixture
def with_receipts(db):
    """Medical claims whose papers the customer signs for, as a line declares it, with the rule of the receipt."""
    items = tuple(dataclasses.replace(item, receipt=item.code == "CL05") for item in LINE.items)
    registry.register_line(dataclasses.replace(LINE, items=items))
    rule = ClockRule.objects.get(code="AR_RECEIPT")
    rule.pk, rule.line = None, "claims"
    rule._state.adding = True
    rule.save()
    yield
    registry.register_line(LINE)


def issued(cast, case):
    """A policy issued by the case and not yet delivered."""
    policy = make_policy(cast.county, cast.clerk, product="T20")
    Policy.objects.filter(pk=policy.pk).update(issued_by_case=case.number, delivered_on=None, cooling_off_end=None)
    return policy


def register(client, case, **fields):
    data = {"signed_on": timezone.localdate().isoformat(), "signer": "测试客户"} | fields
    return client.post(reverse("archive:receipt", args=[case.number]), guard(case) | data)


def test_the_default_rule_runs_from_the_release_of_an_approved_application(db):
    rule = ClockRule.objects.get(code="AR_RECEIPT")
    assert (rule.line, rule.start_on, rule.amount, rule.unit) == ("underwriting", "approved>released", 10, "WD")


def test_a_receipt_stops_its_clock_and_starts_the_cooling_off_period(cast, as_user, with_receipts):
    case = released(cast)
    policy = issued(cast, case)
    clock = Clock.objects.get(case=case, rule__code="AR_RECEIPT")
    assert clock.stopped_at is None
    client = as_user(cast.issue)
    assert listed(client, reverse("archive:release") + "?tab=receipt", case)
    assert register(client, case).status_code == 302
    policy.refresh_from_db()
    assert policy.delivered_on == timezone.localdate()
    assert policy.cooling_off_end >= policy.delivered_on + timedelta(days=15)
    event = policy.events.filter(kind="delivered").latest("pk")
    assert (event.source, event.case_number, event.actor) == ("case", case.number, cast.issue)
    clock.refresh_from_db()
    assert clock.stopped_at is not None
    assert not listed(client, reverse("archive:release") + "?tab=receipt", case)
    event = again(case).events.get(step="register_receipt")
    assert event.data["policy"] == policy.number


def test_filing_waits_for_the_receipt(cast, as_user, with_receipts):
    case = released(cast)
    paid(cast, case)
    place = {"box": "B01", "shelf": "A3", "reason": "影像另存"}
    with pytest.raises(Refused, match="回执尚未登记"):
        perform(case, "file", actor=cast.archive, **place)
    page = as_user(cast.archive).get(reverse("archive:filing_case", args=[case.number])).content.decode()
    assert "保险合同回执尚未登记，不能归档" in page
    assert "回执未登记" in as_user(cast.archive).get(reverse("archive:filing")).content.decode()
    assert register(as_user(cast.issue), case).status_code == 302
    perform(case, "file", actor=cast.archive, **place)
    assert again(case).state == "archived"


def test_a_receipt_is_registered_once_and_never_changed(cast, as_user, with_receipts):
    case = released(cast)
    client = as_user(cast.issue)
    register(client, case)
    twice = register(client, case)
    assert twice.status_code == 403 and "回执已登记" in twice.content.decode()
    with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic():
        Receipt.objects.update(signed_on=date(2026, 1, 1))


def test_what_expects_no_receipt_takes_none(cast, as_user):
    case = released(cast)
    answer = register(as_user(cast.issue), case)
    assert answer.status_code == 403 and "没有待回的回执" in answer.content.decode()
    assert not Clock.objects.filter(case=case, rule__code="AR_RECEIPT").exists()


@pytest.mark.parametrize(("who", "status"), [("other_issue", 404), ("head", 403), ("archive", 403), ("auditor", 403)])
def test_receipts_are_registered_by_the_units_issue_desk(cast, as_user, with_receipts, who, status):
    case = released(cast)
    assert register(as_user(getattr(cast, who)), case).status_code == status
    assert not Receipt.objects.exists()


def test_a_day_that_differs_from_the_delivery_or_lies_ahead_is_questioned(cast, as_user, with_receipts):
    case = released(cast)
    client = as_user(cast.issue)
    ahead = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert "签收日不能晚于今天" in register(client, case, signed_on=ahead).content.decode()
    assert "请填写签收人" in register(client, case, signer="").content.decode()
    assert not Receipt.objects.exists()


def test_a_late_receipt_says_why(cast, as_user, with_receipts):
    case = released(cast)
    client = as_user(cast.issue)
    later = timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=40), datetime.min.time()))
    signed = timezone.localdate().isoformat()
    with time_machine.travel(later, tick=True):
        client = as_user(cast.issue)
        late = register(client, case, signed_on=signed)
        assert late.status_code == 400 and "请写明迟延原因" in late.content.decode()
        assert register(client, case, signed_on=signed, reason="客户外出").status_code == 302
    assert Receipt.objects.get(case=case).reason == "客户外出"
    assert Clock.objects.get(case=case, rule__code="AR_RECEIPT").was_late


def sold(cast):
    """An accepted proposal whose contract went out by mail."""
    case = proposed(cast)
    conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter)
    print_papers(cast, case, kind="contract")
    perform(case, "release", actor=cast.issue, how="mail", to="测试投保人", courier_number="SF300")
    return again(case)


def test_the_receipt_of_a_mailed_contract_is_its_last_leg(cast, as_user):
    case = sold(cast)
    clock = Clock.objects.get(case=case, rule__code="AR_RECEIPT")
    client = as_user(cast.issue)
    before = (timezone.localdate() - timedelta(days=1)).isoformat()
    early = register(client, case, signed_on=before)
    assert early.status_code == 400 and "签收日不能早于" in early.content.decode()
    assert register(client, case).status_code == 302
    delivery = case.deliveries.get()
    assert [leg.kind for leg in delivery.legs.all()] == ["sent", "signed"] and delivery.signed_on == timezone.localdate()
    clock.refresh_from_db()
    assert clock.stopped_at is not None
    case.policy.refresh_from_db()
    assert case.policy.delivered_on == timezone.localdate()


def test_a_receipt_of_a_contract_that_came_back_is_questioned(cast, as_user):
    case = sold(cast)
    client = as_user(cast.issue)
    leg = {"kind": "back", "on": timezone.localdate().isoformat(), "note": "查无此人"}
    assert client.post(reverse("archive:leg", args=[case.number]), leg).status_code == 302
    answer = register(client, case)
    assert answer.status_code == 403 and "邮件已退回" in answer.content.decode()
    assert not Receipt.objects.exists() and Clock.objects.get(case=case, rule__code="AR_RECEIPT").stopped_at is None


def test_a_declined_proposal_awaits_no_receipt(cast):
    case = proposed(cast)
    conclude(take_next(cast.underwriter, "underwriting"), cast.underwriter, outcome="DECLINE", reason_code="U01")
    if again(case).state == "pending_approval":
        perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    print_papers(cast, case, kind="nb_decline")
    perform(case, "release", actor=cast.issue, how="hand", to="客户", signed_on=timezone.localdate().isoformat())
    assert not case.deliveries.get().expects_receipt
    assert not Clock.objects.filter(case=case, rule__code="AR_RECEIPT").exists()
