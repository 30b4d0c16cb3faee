"""应发通知: what a policy's life asks to be told to the customer is listed, printed, sent in time and written down."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from lifeops.documents.models import Statement
from lifeops.documents.policy_notices import print_notices
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy, PolicyNotice
from lifeops.policies.services.changing import reinstate
from lifeops.policies.services.issuing import issue_policy
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.notices import send_notice
from lifeops.policies.services.premiums import receive_premium
from lifeops.workdays.calendar import get_calendar
from tests.documents.letter_reading import printed, squeezed
from tests.policies.conftest import NOW, cover, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def lapsed(cast):
    """A policy whose second premium was never paid, some weeks after it lapsed; the notice that is due."""
    with time_machine.travel("2025-06-20T10:00:00+08:00", tick=False):
        yield lapse(cast)


def lapse(cast):
    life = person(phone="19900001234", address="样本市样本区通知路 1 号")
    policy = issue_policy(
        case_number="", branch=cast.county, agent_code="A001", policyholder=life, insured=life, relation="self", applied_on=date(2024, 3, 1),
        effective_on=date(2024, 3, 3), pay_mode="annual", coverages=[cover("T20", life)], beneficiaries=[], actor=cast.underwriter, now=NOW,
    )
    run_policy_day(date(2025, 6, 20))
    return PolicyNotice.objects.select_related("policy").get(policy=policy, kind="lapse")


@pytest.mark.django_db(transaction=True)
def test_the_form_of_sending_opens_where_no_transaction_is_open_yet(transactional_cast, as_user):
    """Tests as a rule run within one; the server does not when a page is only looked at."""
    with time_machine.travel("2025-06-20T10:00:00+08:00", tick=False):
        notice = lapse(transactional_cast)
        assert as_user(transactional_cast.issue).get(reverse("documents:notice_sent", args=[notice.pk])).status_code == 200


def send(notice, actor, **given):
    today = timezone.localdate()
    return send_notice(**{"notice": notice, "how": "mail", "tracking": "EMS1", "day": today, "today": today, "actor": actor} | given)


def print_of(client, *notices):
    return client.post(reverse("documents:notices_print"), {"notice": [n.pk for n in notices]})


def test_a_lapse_is_told_within_ten_working_days(lapsed):
    assert lapsed.policy.status == "lapsed" and lapsed.about == lapsed.policy.lapsed_on
    assert lapsed.due_on == get_calendar().add_workdays(lapsed.about, 10)


def test_the_letter_says_since_when_what_follows_and_how_to_revive(lapsed, cast, as_user):
    answer = print_of(as_user(cast.issue), lapsed)
    assert answer["Content-Type"] == "application/pdf"
    text, policy = printed(answer.content), lapsed.policy
    due = sum(c.premium + c.extra for c in policy.coverages.all())
    for words in (
        "发放交接清单", "保险合同效力中止通知书", lapsed.number, policy.number, policy.policyholder.name, f"{due:,.2f}", "第三十六条", "第二十一条",
        "不承担给付保险金的责任", "恢复合同效力", f"自{lapsed.about.year}年{lapsed.about.month}月{lapsed.about.day}日起中止",
    ):  # fmt: skip
        assert squeezed(words) in text, words
    kept = Statement.objects.get(notice=lapsed)
    assert (kept.kind, kept.created_by, kept.number) == ("policy_notice", cast.issue, lapsed.number)


def test_printed_again_it_is_the_same_paper(lapsed, cast, as_user):
    client = as_user(cast.issue)
    print_of(client, lapsed)
    Policy.objects.filter(pk=lapsed.policy_id).update(suspense=1)
    print_of(client, lapsed)
    kept = Statement.objects.get(notice=lapsed)
    assert squeezed(lapsed.policy.number) in printed(client.get(reverse("documents:statement_pdf", args=[kept.pk])).content)


def test_what_is_sent_leaves_the_list_and_stands_in_the_events(lapsed, cast, as_user):
    client = as_user(cast.issue)
    print_of(client, lapsed)
    page = client.get(reverse("documents:notices")).content.decode()
    assert lapsed.policy.number in page and lapsed.number in page
    url = reverse("documents:notice_sent", args=[lapsed.pk])
    assert client.post(url, {"how": "mail", "tracking": "EMS123"}).status_code == 302
    found = PolicyNotice.objects.get(pk=lapsed.pk)
    today = timezone.localdate()
    assert (found.sent_on, found.sent_how, found.tracking, found.sent_by) == (today, "mail", "EMS123", cast.issue)
    event = found.policy.events.get(kind="notice_sent")
    assert (event.on, event.actor) == (today, cast.issue) and "EMS123" in event.note
    assert "没有待发的通知" in client.get(reverse("documents:notices")).content.decode()
    assert "EMS123" in client.get(reverse("documents:notices"), {"tab": "sent"}).content.decode()
    again = client.post(url, {"how": "hand"})
    assert again.status_code == 400 and "已于" in again.content.decode()
    assert "应发通知" in client.get(reverse("policies:detail", args=[found.policy.number])).content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"how": "pigeon"}, "请选择发出方式"), ({"tracking": " "}, "邮寄须登记运单号"), ({"day": timezone.localdate() + timedelta(days=4000)}, "至今天之间"),
        ({"day": date(2025, 6, 19)}, "须在打印日 2025-06-20 至今天之间"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(lapsed, cast, as_user, given, words):
    print_of(as_user(cast.issue), lapsed)
    with pytest.raises(BookRefused, match=words):
        send(lapsed, cast.issue, **given)
    assert PolicyNotice.objects.get(pk=lapsed.pk).sent_on is None


def test_a_letter_of_a_notice_that_went_meanwhile_is_not_made(lapsed, cast, as_user):
    """Another registers the premium that came in time, between the look and the print."""
    seen = PolicyNotice.objects.select_related("policy__branch").get(pk=lapsed.pk)
    PolicyNotice.objects.filter(pk=lapsed.pk).delete()
    content, stayed = print_notices(notices=[seen], actor=cast.issue, now=timezone.now())
    assert content == b"" and [reason for _, reason in stayed] == ["保单已不在中止状态，此通知不再需要"] and not Statement.objects.exists()


def test_a_notice_that_is_done_with_has_no_form_and_the_list_is_the_one_it_was_sent_from(lapsed, cast, as_user):
    client = as_user(cast.issue)
    print_of(client, lapsed)
    url, late = reverse("documents:notice_sent", args=[lapsed.pk]), reverse("documents:notices") + "?tab=late"
    form = client.get(url, {"back": late})
    assert form.status_code == 200 and f'name="back" value="{late}"' in form.content.decode()
    wrong = client.post(url, {"how": "mail", "tracking": "顺丰 1", "back": late}).content.decode()
    assert wrong.count("运单号为字母、数字和短横线") == 1 and "邮寄须登记运单号" not in wrong and late in wrong
    assert client.post(url, {"how": "mail", "tracking": "SF-1", "back": "https://x.example/"}).url == reverse("documents:notices")
    again = client.get(url)
    assert again.status_code == 403 and "已于" in again.content.decode()


def test_the_policy_page_leads_those_who_send_to_the_list(lapsed, cast, as_user):
    url = reverse("policies:detail", args=[lapsed.policy.number])
    assert "打印与登记" in as_user(cast.issue).get(url).content.decode()
    assert "打印与登记" not in as_user(cast.cl_reviewer).get(url).content.decode()



def test_the_lists_walk_the_notices_of_the_unit_alone(lapsed, cast):
    from lifeops.documents.notice_views import of_tab

    for tab, index in (("due", "policy_notice_open_at"), ("sent", "policy_notice_sent_at")):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            day = "sent_on" if tab == "sent" else "due_on"
            text, values = of_tab(cast.issue, tab).order_by(day, "pk")[:50].query.sql_with_params()
            cursor.execute(f"EXPLAIN {text}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert index in plan and "policies_policy " not in plan, plan


def test_nothing_is_sent_that_was_not_printed(lapsed, cast):
    with pytest.raises(BookRefused, match="请先打印"):
        send(lapsed, cast.issue)


@pytest.mark.parametrize(("who", "listed", "sends"), [
    ("issue", 200, 200), ("head", 200, 200), ("manager", 200, 403), ("auditor", 200, 403), ("clerk", 403, 403), ("cl_reviewer", 403, 403), ("sysadmin", 403, 403),
])  # fmt: skip
def test_who_sees_and_who_sends(lapsed, cast, as_user, who, listed, sends):
    client = as_user(getattr(cast, who))
    assert client.get(reverse("documents:notices")).status_code == listed
    assert print_of(client, lapsed).status_code == sends
    assert client.get(reverse("documents:notice_sent", args=[lapsed.pk])).status_code == sends
    if sends == 403:
        with pytest.raises(BookRefused, match="发放岗、机构主管"):
            send(lapsed, getattr(cast, who))


def test_of_another_unit_there_is_nothing(lapsed, cast, as_user):
    client = as_user(cast.other_issue)
    assert "没有待发的通知" in client.get(reverse("documents:notices")).content.decode()
    answer = print_of(client, lapsed)
    assert answer.status_code == 302 and "没有可打印的通知" in str(next(iter(get_messages(answer.wsgi_request))))
    assert client.post(reverse("documents:notice_sent", args=[lapsed.pk]), {"how": "hand"}).status_code == 404
    assert not Statement.objects.exists()


def test_a_late_one_is_counted_where_the_day_begins(lapsed, cast, as_user):
    assert lapsed.due_on < timezone.localdate()
    page = as_user(cast.issue).get("/").content.decode()
    assert "应发通知" in page and "超期 1" in page
    assert "应发通知" not in as_user(cast.clerk).get("/").content.decode()
    assert lapsed.policy.number in as_user(cast.issue).get(reverse("documents:notices"), {"tab": "late"}).content.decode()


def test_a_premium_that_came_in_time_after_all_takes_the_notice_away_and_leaves_the_paper(lapsed, cast, as_user):
    print_of(as_user(cast.issue), lapsed)
    policy = Policy.objects.get(pk=lapsed.policy_id)
    due = sum(c.premium + c.extra for c in policy.coverages.all())
    receive_premium(policy=policy, amount=due, received_on=lapsed.about - timedelta(days=3), reference="B1", actor=cast.head, now=timezone.now())
    assert Policy.objects.get(pk=policy.pk).status == "in_force" and not PolicyNotice.objects.filter(pk=lapsed.pk).exists()
    assert Statement.objects.get().notice is None
    with pytest.raises(BookRefused, match="不再需要"):
        send(lapsed, cast.issue)


def test_who_has_revived_the_contract_is_not_told_that_it_is_suspended(lapsed, cast, as_user):
    policy, today = Policy.objects.get(pk=lapsed.policy_id), timezone.localdate()
    client = as_user(cast.issue)
    print_of(client, lapsed)
    reinstate(
        policy=policy, case_number="PS-1", day=today, applied_on=today, interest=Decimal(10), received=Decimal(5000), reference="B2",
        actor=cast.ps_reviewer, now=timezone.now(),
    )
    row = PolicyNotice.objects.get(pk=lapsed.pk)
    assert (row.sent_on, row.dropped_on) == (None, today)  # that none was sent in time stands in the events
    assert policy.events.filter(kind="notice_late").exists()
    assert "不再需要" in client.get(reverse("policies:detail", args=[policy.number])).content.decode()
    assert "没有待发的通知" in client.get(reverse("documents:notices")).content.decode()
    with pytest.raises(BookRefused, match="不在中止状态"):
        send(lapsed, cast.issue)
    Statement.objects.filter(notice=lapsed).delete()
    assert print_of(client, lapsed).status_code == 302 and not Statement.objects.exists()


def test_the_interface_lists_prints_and_sends(lapsed, cast):
    client = APIClient()
    client.force_authenticate(cast.issue)
    root = "/api/v1/policy-notices/"
    (row,) = client.get(root).json()["results"]
    assert (row["number"], row["policy_number"], row["printed"], row["sent_on"]) == (lapsed.number, lapsed.policy.number, False, None)
    refused = client.post(f"{root}{lapsed.pk}/sent/", {"how": "hand"}, format="json")
    assert refused.status_code == 403 and refused.json()["reasons"] == ["请先打印通知书，再登记发出"]
    assert client.post(f"{root}{lapsed.pk}/print/")["Content-Type"] == "application/pdf"
    assert "tracking" in client.post(f"{root}{lapsed.pk}/sent/", {"how": "mail"}, format="json").json()["errors"]
    sent = client.post(f"{root}{lapsed.pk}/sent/", {"how": "hand"}, format="json")
    assert sent.status_code == 200 and sent.json()["sent_on"] == timezone.localdate().isoformat()
    assert client.get(root).json()["results"] == [] and len(client.get(root, {"tab": "sent"}).json()["results"]) == 1
    other = APIClient()
    other.force_authenticate(cast.clerk)
    assert other.get(root).status_code == 403
