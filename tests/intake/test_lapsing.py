"""补正期限 and 逾期撤件: a case that was sent back waits for so many days, is urged, and then the head closes it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases import escalation
from lifeops.cases.errors import Refused
from lifeops.cases.models import CaseEvent, Clock, ClockRule
from lifeops.cases.perform import perform
from lifeops.cases.routing import readers
from lifeops.cases.states import State
from lifeops.documents.papers import issue, offered, pdf_of
from lifeops.org.held import forget_all
from lifeops.policies.models import Policy
from lifeops.policies.services.life import run_policy_day
from tests.cast import hire
from tests.documents.letter_reading import printed
from tests.factories import accept, again, yearly_policy, years_ago

pytestmark = pytest.mark.django_db
GAPS = ["投保人身份证件", "保险合同"]


def sent_back(cast, *, days: int, item: str = "PS02", **fields):
    """A surrender sent back for papers so many days ago."""
    at = timezone.now() - timedelta(days=days)
    return again(accept(cast, item=item, now=at, gaps=GAPS, **fields))


def lapse(case, actor, **fields):
    return perform(case, "lapse", actor=actor, **({"reason": "三次电话未接"} | fields))


def test_the_head_closes_what_was_not_mended_in_thirty_days_and_the_policy_is_free(cast):
    case = sent_back(cast, days=31)
    assert case.policy.hold_case == case.number
    event = lapse(case, cast.head)
    held = again(case)
    assert (held.state, held.due_at is None, held.holder_party) == (State.WITHDRAWN, False, "branch")  # to be filed
    assert Policy.objects.get(pk=case.policy_id).hold_case == ""
    assert not case.policy.holds.filter(lifted_on__isnull=True).exists()
    last = timezone.localdate() - timedelta(days=1)
    assert (event.data["gaps"], event.data["correct_until"]) == (GAPS, last.isoformat())
    assert Clock.objects.get(case=case, rule__code="IN_CORRECT").stopped_at is not None
    assert [person.username for person in readers(event)] == ["issue"]  # who gives out the paper


def test_on_the_last_day_it_still_waits(cast):
    case = sent_back(cast, days=30)
    with pytest.raises(Refused, match=f"补正期限至 {timezone.localdate()}") as refused:
        lapse(case, cast.head)
    assert "受理岗收补正件" in refused.value.who
    assert again(case).state == State.RETURNED and Policy.objects.get(pk=case.policy_id).hold_case == case.number


def test_neither_the_counter_nor_the_head_of_another_unit_closes_it(cast):
    case = sent_back(cast, days=31)
    for person in (cast.clerk, cast.other_head, cast.ps_reviewer):
        with pytest.raises(Refused, match="需要本机构的机构主管、运营主管"):
            lapse(case, person)
    assert again(case).state == State.RETURNED
    lapse(case, cast.manager)


def test_what_came_in_time_is_no_longer_closed_and_a_second_return_waits_anew(cast):
    case = sent_back(cast, days=40)
    perform(case, "resubmit", actor=cast.clerk, received_on=timezone.localdate().isoformat())
    with pytest.raises(Refused):
        lapse(case, cast.head)
    perform(case, "return_for_correction", actor=cast.clerk, gaps=["收款账户"])
    with pytest.raises(Refused, match=f"补正期限至 {timezone.localdate() + timedelta(days=30)}"):
        lapse(case, cast.head)


def test_how_long_it_waits_is_a_rule(cast):
    ClockRule.objects.filter(code="IN_CORRECT").update(amount=10)
    forget_all()
    lapse(sent_back(cast, days=11), cast.head)
    with pytest.raises(Refused, match="补正期限至"):
        lapse(sent_back(cast, days=10), cast.head)


def test_without_a_rule_nothing_is_closed_and_what_was_sent_back_before_it_counts_from_then(cast):
    rule = ClockRule.objects.filter(code="IN_CORRECT")
    rule.update(effective_to="2026-01-01")
    forget_all()
    case = sent_back(cast, days=31)
    assert not case.clocks.filter(rule__code="IN_CORRECT").exists()
    with pytest.raises(Refused, match="没有生效的补正期限"):
        lapse(case, cast.head)
    rule.update(effective_to=None)
    forget_all()
    lapse(case, cast.head)


def test_the_counter_is_warned_then_the_head(cast):
    at = timezone.now() - timedelta(days=1)
    case = again(accept(cast, item="PS02", now=at, gaps=GAPS))
    clock = case.clocks.running().get(rule__code="IN_CORRECT")
    assert (clock.paused, timezone.localdate(clock.due_at)) == (False, timezone.localdate(at) + timedelta(days=31))
    hire("scan.z", "scan", cast.county)
    told = []
    for days in (22, 25, 32, 37):  # nothing yet, 80 %, over, a working day later
        moment = timezone.make_aware(datetime.combine(timezone.localdate(at) + timedelta(days=days), time(10)))
        before = set(CaseEvent.objects.values_list("pk", flat=True))
        escalation.escalate_due(moment, publish=False)
        found = CaseEvent.objects.filter(case=case, data__rule="IN_CORRECT").exclude(pk__in=before)
        told.append([(event.label, [user.username for user in readers(event)]) for event in found])
    assert told == [[], [("补正期限预警", ["clerk"])], [("补正期限超时", ["clerk"])], [("补正期限升级 1", ["head"])]]


def test_the_notice_names_the_last_day_and_what_follows_the_paper_what_did_not_come(cast):
    case = sent_back(cast, days=31)
    now, last = timezone.now(), timezone.localdate() - timedelta(days=1)
    notice = printed(pdf_of(issue(case=case, kind="correction_notice", actor=cast.clerk, now=now)))
    assert f"{last.year}年{last.month}月{last.day}日（含当日）前补正" in notice and "作撤件处理，不影响您重新申请" in notice
    assert "withdrawal_notice" not in dict(offered(case))
    lapse(case, cast.head)
    assert "withdrawal_notice" in dict(offered(case))
    paper = printed(pdf_of(issue(case=again(case), kind="withdrawal_notice", actor=cast.issue, now=now)))
    assert "逾期未补正" in paper and all(gap in paper for gap in GAPS)
    assert "三次电话未接" not in paper  # for the house


def test_the_day_run_makes_up_for_the_days_it_was_held(cast):
    policy = yearly_policy(cast)  # its third premium was due two hundred days ago
    assert policy.effective_on == years_ago(2, 200)
    case = sent_back(cast, days=31, policy=policy)
    run_policy_day(timezone.localdate())
    waiting = Policy.objects.get(pk=policy.pk)
    lapse(case, cast.head)
    run_policy_day(timezone.localdate())
    gone_on = Policy.objects.get(pk=policy.pk)
    assert waiting.next_event_on <= timezone.localdate() < gone_on.next_event_on


def test_the_page_offers_it_to_the_head_and_says_to_the_clerk_who_can(cast, as_user):
    case = sent_back(cast, days=31)
    page = as_user(cast.head).get(case.get_absolute_url()).content.decode()
    assert "逾期撤件" in page
    url = reverse("cases:step", args=[case.number, "lapse"])
    refused = as_user(cast.clerk).post(url, {"version": case.version, "reason": "x"})
    assert refused.status_code == 403 and "机构主管" in refused.content.decode()
    done = as_user(cast.head).post(url, {"version": case.version, "reason": "客户联系不上"})
    assert done.status_code == 302 and again(case).state == State.WITHDRAWN
