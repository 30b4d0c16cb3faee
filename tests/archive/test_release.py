"""发放: the list, papers printed, hand-over, legs of a mail, originals given back; who may and who may not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from archive.models import Delivery, Leg
from lifeops.cases.models import broken_links
from lifeops.cases.states import State
from tests.archive.ways import approved, guard, listed, print_papers, released
from tests.factories import again
from tests.ui.test_pages import english

TODAY = timezone.localdate


def url(name, case, *more):
    return reverse(f"archive:{name}", args=[case.number, *more])


def hand_over(client, case, **fields):
    data = {"how": "hand", "to": "测试客户", "signed_on": TODAY().isoformat()} | fields
    return client.post(url("hand_over", case), guard(case) | data)


def test_the_list_says_what_is_still_to_print_and_what_is_paid(cast, as_user):
    case = approved(cast)
    page = as_user(cast.issue).get(reverse("archive:release")).content.decode()
    assert case.number in page and "理赔决定通知书 · 待出具" in page and "2,700.00" in page
    print_papers(cast, case)
    page = as_user(cast.issue).get(reverse("archive:release")).content.decode()
    assert "理赔决定通知书 · 已印 1 份" in page
    assert english(page) == []


def test_the_list_shows_the_units_own_cases_only(cast, as_user):
    case = approved(cast)
    assert case.number not in as_user(cast.other_issue).get(reverse("archive:release")).content.decode()
    assert as_user(cast.other_issue).get(url("release_case", case)).status_code == 404
    assert case.number in as_user(cast.head).get(reverse("archive:release")).content.decode()


@pytest.mark.parametrize("who", ["clerk", "archive", "cl_reviewer", "auditor", "sysadmin"])
def test_the_list_is_for_the_issue_desk_and_its_head(cast, as_user, who):
    assert as_user(getattr(cast, who)).get(reverse("archive:release")).status_code == 403


def test_the_list_costs_the_same_for_one_case_and_for_four(cast, as_user, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_user(cast.issue)
    print_papers(cast, approved(cast))
    client.get(reverse("archive:release"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("archive:release"))
    for _ in range(3):
        print_papers(cast, approved(cast))
    with CaptureQueriesContext(connection) as four:
        page = client.get(reverse("archive:release"))
    assert page.content.decode().count("已印 1 份") == 4
    assert len(four) <= len(one) <= 20


def test_papers_are_issued_and_printed_in_one_act_and_reprints_say_why(cast, as_user):
    case = approved(cast)
    client = as_user(cast.issue)
    first = client.post(url("paper", case), {"kind": "claim_decision"})
    assert first["Content-Type"] == "application/pdf"
    again_ = client.post(url("paper", case), {"kind": "claim_decision"})
    assert again_.status_code == 400 and "请写明重印原因" in again_.content.decode()
    third = client.post(url("paper", case), {"kind": "claim_decision", "reason": "打印机卡纸"})
    assert third["Content-Type"] == "application/pdf"
    page = client.get(url("release_case", case)).content.decode()
    assert "打印机卡纸" in page and "已印 2 份" in page


def test_papers_the_outcome_does_not_owe_are_refused(cast, as_user):
    case = approved(cast)
    answer = as_user(cast.issue).post(url("paper", case), {"kind": "claim_refusal"})
    assert answer.status_code == 400 and "本案结论不出具此文书" in answer.content.decode()


def test_the_head_reads_but_does_not_hand_over(cast, as_user):
    case = approved(cast)
    client = as_user(cast.head)
    assert "需要本机构的发放岗" in client.get(url("release_case", case)).content.decode()
    assert hand_over(client, case).status_code == 403
    assert again(case).state == State.APPROVED


def test_nothing_goes_out_unprinted(cast, as_user):
    case = approved(cast)
    answer = hand_over(as_user(cast.issue), case, to="代领的女儿")
    page = answer.content.decode()
    assert answer.status_code == 403 and "尚未打印" in page
    assert "出具并打印" in page and "代领的女儿" in page  # on the same page, what was typed still there
    print_papers(cast, case)
    assert hand_over(as_user(cast.issue), case).status_code == 302
    assert again(case).state == State.RELEASED
    delivery = Delivery.objects.get(case=case)
    assert [leg.kind for leg in delivery.legs.all()] == ["signed"] and not delivery.expects_receipt


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"how": "mail"}, "邮寄须登记快递单号"),
        ({"how": "mail", "courier_number": "SF1"}, "请留空"),
        ({"signed_on": ""}, "面交须登记客户签收日"),
        ({"signed_on": (timezone.localdate() + timedelta(days=1)).isoformat()}, "签收日不能晚于今天"),
        ({"signed_on": "2026-01-01"}, "签收日不能早于决定日"),
        ({"to": ""}, "请填写签收人"),
    ],
)
def test_a_hand_over_that_cannot_be_so_is_said_at_its_field(cast, as_user, fields, words):
    case = approved(cast)
    print_papers(cast, case)
    answer = hand_over(as_user(cast.issue), case, **fields)
    assert answer.status_code == 400 and words in answer.content.decode()
    assert again(case).state == State.APPROVED


def test_a_page_seen_before_another_change_is_a_conflict(cast, as_user):
    case = approved(cast)
    print_papers(cast, case)
    old = guard(case)
    from lifeops.cases.perform import record

    record(again(case), "note", "备注", actor=cast.head)
    data = {"how": "hand", "to": "x", "signed_on": TODAY().isoformat()}
    assert as_user(cast.issue).post(url("hand_over", case), old | data).status_code == 409


def leg(client, case, **fields):
    return client.post(url("leg", case), {"on": TODAY().isoformat()} | fields)


def test_a_mail_goes_leg_by_leg_and_comes_back_once(cast, as_user):
    case = released(cast, how="mail")
    client = as_user(cast.issue)
    assert listed(client, reverse("archive:release") + "?tab=way", case)
    assert leg(client, case, kind="arrived", who="乙网点").status_code == 302
    refused = leg(client, case, kind="back")
    assert refused.status_code == 400 and "请写明退件原因" in refused.content.decode()
    assert leg(client, case, kind="back", note="地址不详").status_code == 302
    refused = leg(client, case, kind="signed", who="客户")
    assert refused.status_code == 400 and "寄送已到下一环节" in refused.content.decode()
    assert "重新寄出须登记快递单号" in leg(client, case, kind="sent").content.decode()
    assert leg(client, case, kind="sent", courier_number="SF200").status_code == 302
    assert leg(client, case, kind="signed", who="客户本人").status_code == 302
    delivery = Delivery.objects.get(case=case)
    assert (delivery.courier_number, delivery.to, delivery.signed_on) == ("SF200", "客户本人", TODAY())
    assert [x.kind for x in delivery.legs.all()] == ["sent", "arrived", "back", "sent", "signed"]
    steps = set(again(case).events.values_list("step", flat=True))
    assert {"delivery.arrived", "delivery.back", "delivery.sent", "delivery.signed"} <= steps
    assert broken_links(again(case)) == []
    assert not listed(client, reverse("archive:release") + "?tab=way", case)


def test_legs_keep_their_order_in_time(cast, as_user):
    case = released(cast, how="mail")
    client = as_user(cast.issue)
    early = (TODAY() - timedelta(days=1)).isoformat()
    assert "不能早于上一环节" in leg(client, case, kind="signed", who="客户", on=early).content.decode()
    late = (TODAY() + timedelta(days=1)).isoformat()
    assert "不能晚于今天" in leg(client, case, kind="signed", who="客户", on=late).content.decode()
    assert Leg.objects.filter(delivery__case=case).count() == 1


@pytest.mark.parametrize(("who", "status"), [("other_issue", 404), ("head", 403), ("archive", 403), ("auditor", 403)])
def test_legs_are_registered_by_the_units_issue_desk(cast, as_user, who, status):
    case = released(cast, how="mail")
    assert leg(as_user(getattr(cast, who)), case, kind="signed", who="客户").status_code == status


def test_legs_only_grow(cast):
    case = released(cast, how="mail")
    row = Leg.objects.get(delivery__case=case)
    with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic():
        Leg.objects.filter(pk=row.pk).update(note="改")
    with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic():
        row.delete()


def give_back(client, case, rows, **fields):
    return client.post(url("give_back", case), {"rows": rows, "to": "测试客户", "on": TODAY().isoformat()} | fields)


def test_an_original_is_given_back_once_and_shown_where_it_went(cast, as_user):
    case = released(cast)
    client = as_user(cast.issue)
    row = case.checklist.get(doc_type="INVOICE")
    assert give_back(client, case, [row.pk]).status_code == 302
    row.refresh_from_db()
    assert row.given_back_to == "测试客户" and row.given_back_at is not None
    assert again(case).events.get(step="originals.give_back").data["originals"] == [row.label]
    twice = give_back(client, case, [row.pk])
    assert twice.status_code == 400 and "所选资料已退还" in twice.content.decode()
    page = as_user(cast.archive).get(reverse("archive:filing"), {"q": case.number}).content.decode()
    assert f"{row.label}已退 测试客户" in page


def test_a_copy_or_another_cases_paper_is_not_given_back(cast, as_user):
    case, other = released(cast), released(cast)
    row = case.checklist.get(doc_type="INVOICE")
    row.received = "copy"
    row.save()
    client = as_user(cast.issue)
    assert give_back(client, case, [row.pk]).status_code == 400
    assert give_back(client, case, [other.checklist.first().pk]).status_code == 400
    assert "请勾选退还的原件" in give_back(client, case, []).content.decode()


@pytest.mark.parametrize(("who", "status"), [("other_archive", 404), ("clerk", 403), ("head", 403), ("auditor", 403)])
def test_originals_are_given_back_by_issue_or_archive_desk(cast, as_user, who, status):
    case = released(cast)
    assert give_back(as_user(getattr(cast, who)), case, [case.checklist.first().pk]).status_code == status


def test_the_page_of_a_case_leads_on_to_where_it_is_worked_on(cast, as_user):
    case = approved(cast)
    detail = case.get_absolute_url()
    assert as_user(cast.issue).get(detail).context["work"] == (url("release_case", case), "发放页")
    assert as_user(cast.clerk).get(detail).context["work"] is None
    print_papers(cast, case)
    hand_over(as_user(cast.issue), case)
    assert as_user(cast.archive).get(detail).context["work"] == (url("filing_case", case), "归档页")


def test_money_beside_the_papers_shows_words_and_no_codes(cast, as_user):
    case = approved(cast)
    page = as_user(cast.head).get(url("release_case", case))
    button = re.search(r">放行(.*?)</a>", page.content.decode())
    assert button and button.group(1).strip() == ""


@pytest.mark.parametrize("stage", ["approved", "mail"])
def test_every_input_of_the_page_has_a_label_of_its_own(cast, as_user, stage):
    case = approved(cast) if stage == "approved" else released(cast, how="mail")
    page = as_user(cast.issue).get(reverse("archive:release_case", args=[case.number])).content.decode()
    ids = re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page)
    assert len(ids) > 4 and len(ids) == len(set(ids))
    step = as_user(cast.issue).get(reverse("cases:step", args=[case.number, "release" if stage == "approved" else "register_receipt"]))
    assert step.status_code in (200, 404) and not set(ids) & set(re.findall(r' id="([^"]+)"', step.content.decode())) - {"find"}
