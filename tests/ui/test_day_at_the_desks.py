"""What the desks need many times a day: the next work at hand, lists that narrow, forms that ask only for what is needed."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from archive import overview
from archive.services import move_money
from intake.forms import ScanDoneForm
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.request_forms import DeliverForm, ReplyForm
from lifeops.cases.requests import issue_request, perform_request
from lifeops.cases.search import search
from lifeops.documents.ingest import ingest
from lifeops.policies.models import Payment
from lifeops.policies.rules import medical
from tests.archive.ways import approved, released
from tests.documents.files import jpeg, upload
from tests.factories import accept, again, handed_over


def tiles(client):
    return {row["label"]: row["count"] for row in client.get(reverse("home")).context["branch_work"]}


def asked(cast, kind="query"):
    perform(case := handed_over(cast), "take", actor=cast.cl_reviewer)
    return issue_request(case=again(case), actor=cast.cl_reviewer, kind=kind, cause="核实", extra="请补充", due_days=10, blocking=True)


def test_the_head_begins_with_the_money_that_waits_for_a_second_person(cast, as_user):
    client = as_user(cast.head)
    assert tiles(client)["付款待放行"] == 0 and "退票待重新制单" not in tiles(client)
    case = approved(cast)
    payment = Payment.objects.get(case_number=case.number)
    assert tiles(client)["付款待放行"] == 1
    for act, more in (("release", {}), ("return", {"reason": "户名不符"})):
        move_money(case=case, payment=payment, act=act, actor=cast.head, now=timezone.now(), **more)
        payment.refresh_from_db()
    assert (tiles(client)["付款待放行"], tiles(client)["退票待重新制单"]) == (0, 1)
    # money is not the work of the other posts
    assert not {"付款待放行", "退票待重新制单"} & set(tiles(as_user(cast.issue))) and tiles(as_user(cast.other_clerk))["待预审"] == 0


def test_the_most_urgent_cases_lead_to_the_page_of_the_work(cast, as_user):
    case = accept(cast)
    assert f'data-href="{reverse("intake:precheck", args=[case.number])}"' in as_user(cast.clerk).get(reverse("home")).content.decode()


def test_what_waits_longest_is_paid_first(cast, as_user):
    first, second = (Payment.objects.get(case_number=approved(cast).number).number for _ in range(2))
    page = as_user(cast.head).get(reverse("archive:payments")).content.decode()
    assert page.index(first) < page.index(second) and '<span class="n">2</span>' in page
    assert second not in as_user(cast.head).get(reverse("archive:payments"), {"q": first[-14:]}).content.decode()


def test_the_maker_of_a_payment_reads_who_else_may_release_it(cast, as_user):
    case = approved(cast)
    payment = Payment.objects.get(case_number=case.number)
    Payment.objects.filter(pk=payment.pk).update(created_by=cast.head)
    page = as_user(cast.head).get(reverse("archive:payments")).content.decode()
    assert "上级机构主管放行" in page and as_user(cast.head).post(reverse("archive:payment_act", args=[payment.number, "release"])).status_code in (400, 403)


def test_lists_after_the_decision_narrow_by_line_number_and_what_can_be_filed(cast, as_user):
    case, other = approved(cast), approved(cast)
    release = as_user(cast.issue).get(reverse("archive:release"), {"q": case.number[9:]})
    assert [row["case"] for row in release.context["rows"]] == [case]
    assert as_user(cast.issue).get(reverse("archive:release"), {"line": "servicing"}).context["rows"] == []
    out = released(cast, case=other)
    filing = as_user(cast.archive)
    assert [row["case"] for row in filing.get(reverse("archive:filing")).context["rows"]] == [out]
    assert filing.get(reverse("archive:filing"), {"free": "1"}).context["rows"] == []
    payment = Payment.objects.get(case_number=out.number)
    for act, more in (("release", {}), ("settle", {"reference": "B1"})):
        move_money(case=out, payment=payment, act=act, actor=cast.head, now=timezone.now(), **more)
        payment.refresh_from_db()
    assert [row["case"] for row in filing.get(reverse("archive:filing"), {"free": "1"}).context["rows"]] == [out]
    assert all(not row["stops"] for row in overview.filing_rows([again(out)]))
    assert as_user(cast.other_archive).get(reverse("archive:filing")).context["rows"] == []


def test_after_the_papers_and_after_the_shelf_the_next_case_is_one_key_away(cast, as_user):
    first, second = approved(cast), approved(cast)
    due = as_user(cast.issue)
    assert "following" not in due.get(reverse("archive:release_case", args=[first.number])).context
    released(cast, case=first)
    page = due.get(reverse("archive:release_case", args=[first.number]))
    assert page.context["following"] == reverse("archive:release_case", args=[second.number]) and "下一件 <kbd>N</kbd>" in page.content.decode()
    # the head reads the page, the papers are the desk's
    assert "following" not in as_user(cast.head).get(reverse("archive:release_case", args=[first.number])).context


def test_an_act_goes_back_to_the_list_it_was_taken_from_and_nowhere_else(cast, as_user):
    payment = Payment.objects.get(case_number=approved(cast).number)
    url, home = reverse("archive:payment_act", args=[payment.number, "release"]), f"{reverse('archive:payments')}?state=ready"
    assert as_user(cast.head).post(url, {"back": home}).url == home
    back = reverse("archive:payment_act", args=[payment.number, "return"])
    assert as_user(cast.head).post(back, {"reason": "户名不符", "back": "https://elsewhere.example/archive/"}).url == reverse("archive:payments")


def test_numbers_of_letters_payments_and_volumes_find_their_case(cast):
    case = asked(cast).case
    for part in ("", "-Q01", "-P01", "-V", "-b02"):
        assert search(case.number + part, cast.clerk).only == case
    assert search(f"{case.number}-V", cast.other_clerk).only is None


def test_a_letter_is_answered_in_words_and_an_investigation_by_conclusion_and_second_signature(cast):
    letter, order = asked(cast), asked(cast, "investigation")
    assert [f.name for f in ReplyForm(case=letter, actor=cast.query).visible_fields()] == ["reply", "closing", "no_papers"]
    assert {f.name for f in ReplyForm(case=order, actor=cast.investigator).visible_fields()} == {"reply", "conclusion", "second_signer"}
    assert not ReplyForm({"reply": "走访"}, case=order, actor=cast.investigator).is_valid()
    assert DeliverForm(case=letter, actor=cast.query).fields["to"].initial == letter.case.subject_name
    assert not DeliverForm(case=order, actor=cast.query).fields["to"].initial
    # words of one's own are listed under the cause, and an order to the unit bears no customer's name
    assert (letter.title, order.title, order.addressee, order.addressee_name) == ("核实", "核实", "branch", "")


def test_a_case_that_comes_back_answered_opens_with_the_answer(cast, as_user):
    letter = asked(cast)
    client = as_user(cast.cl_reviewer)
    assert client.get(letter.case.get_absolute_url()).context["tab"] == "summary"
    perform_request(letter, "answer", actor=cast.query, reply="已补充")
    perform_request(letter, "close", actor=cast.query)
    page = client.get(letter.case.get_absolute_url())
    assert page.context["tab"] == "requests" and "已补充" in page.content.decode() and "请补充" in page.content.decode()
    assert as_user(cast.manager).get(letter.case.get_absolute_url()).context["tab"] == "summary"


def test_the_counter_finds_the_receipts_of_the_day_again(cast, as_user):
    case, older = accept(cast), accept(cast)
    Case.objects.filter(pk=older.pk).update(accepted_at=timezone.now() - timedelta(days=1))
    assert as_user(cast.clerk).get(reverse("intake:counter")).context["today"] == [case]
    assert as_user(cast.other_clerk).get(reverse("intake:counter")).context["today"] == []


def test_pages_that_agree_are_finished_without_a_question_and_those_that_do_not_say_why(cast, as_user):
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    client, page = as_user(cast.scan), reverse("documents:manage", args=[case.number])
    assert client.get(page).context["steps"][0].form is ScanDoneForm
    assert "应扫" in ScanDoneForm(case=again(case), actor=cast.scan).fields["reason"].help_text
    for row in case.checklist.filter(pages__gt=0):
        files = [upload(f"{row.pk}-{n}.jpg", jpeg(f"{row.pk}-{n}")) for n in range(row.pages)]
        ingest(case=again(case), files=files, actor=cast.scan, now=timezone.now(), doc_type=row.doc_type_id)
    assert client.get(page).context["steps"][0].form is None
    assert client.post(reverse("cases:step", args=[case.number, "complete_scan"]), {"version": again(case).version, "key": "k1"}).status_code == 302
    assert again(case).scanned_at is not None


@pytest.mark.parametrize(("item", "shown"), [("CL05", {"outcome", "opinion"}), ("PS14", {"outcome", "opinion"})])
def test_a_conclusion_asks_only_for_what_its_outcome_needs(cast, as_user, item, shown):
    case = handed_over(cast, item=item)
    reviewer = cast.cl_reviewer if item == "CL05" else cast.ps_reviewer
    perform(case, "take", actor=reviewer)
    form = as_user(reviewer).get(case.get_absolute_url()).context["panel"]["form"]
    conditional = {f.name for f in form.visible_fields() if "data-when" in f.field.widget.attrs}
    assert {f.name for f in form.visible_fields()} - conditional == shown
    assert "PAY" not in form.fields["reason_code"].widget.attrs["data-when"]


def test_a_kind_of_expense_is_not_called_so_twice():
    terms = medical.MedicalTerms(annual_deductible=Decimal(0), ratio_with_ss=Decimal(1), ratio_without_ss=Decimal(1))
    expenses = [medical.Expense(category=kind, invoiced=Decimal(100)) for kind in ("手术费", "药品")]
    found = medical.reimburse(terms=terms, expenses=expenses, paid=medical.Paid(), used=medical.Used(), had_ss_when_bought=True)
    assert [line.label for line in found.calculation.lines][:2] == ["手术费", "药品费"]


def test_the_next_case_before_the_one_in_hand_is_given_for_a_reason_which_its_trail_keeps(cast, as_user):
    first, second = handed_over(cast), handed_over(cast)
    client, url = as_user(cast.cl_reviewer), reverse("cases:next", args=["claims"])
    assert client.post(url).url == first.get_absolute_url()
    page = client.get(first.get_absolute_url()).content.decode()
    assert f'href="{url}?skip={first.number}"' in page and "跳过" in page
    form = client.get(url, {"skip": first.number})
    assert form.status_code == 200 and "本案仍在您手上" in form.content.decode()
    silent = client.post(url, {"skip": first.number, "reason": "  "})
    assert silent.status_code == 400 and silent.content.decode().count("请写明理由") == 1
    # a reason is kept whole or not at all
    long = client.post(url, {"skip": first.number, "reason": "长" * 501})
    told = long.content.decode()
    assert long.status_code == 400 and len(re.findall("<li>.*?500", told)) == 1 and "长" * 501 in told
    assert not first.events.filter(step="skip").exists()
    strange = client.post(url, {"skip": second.number, "reason": "等待病历"})
    assert strange.status_code == 400 and "不是您在该队列的在办案件" in strange.content.decode() and "等待病历" in strange.content.decode()
    assert again(second).assignee_id is None and not first.events.filter(step="skip").exists()
    assert client.post(url, {"skip": first.number, "reason": "等待病历"}).url == second.get_absolute_url()
    event = first.events.get(step="skip")
    assert (event.reason, event.actor, again(first).assignee) == ("等待病历", cast.cl_reviewer, cast.cl_reviewer)


def test_who_signs_passes_over_a_case_in_the_same_way(cast, as_user):
    case = handed_over(cast, item="CL01")
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    client, url = as_user(cast.approver_high), reverse("cases:next", args=["approval"])
    client.post(url)
    assert f"{url}?skip={case.number}" in client.get(case.get_absolute_url()).content.decode()
    assert client.post(url, {"skip": case.number, "reason": "待核对"}).url == reverse("cases:queue", args=["approval"])
    # passing over is no hand in the case
    perform(case, "approve", actor=cast.approver_high)
    assert again(case).state == "approved"


def test_a_number_with_a_wrong_digit_is_told_to_be_mistyped(cast, as_user):
    case = accept(cast)
    digits = case.number
    swapped = digits[:-3] + digits[-1] + "-" + digits[-3]  # the serial's last and the check digit
    wrong = digits[:-1] + str((int(digits[-1]) + 3) % 10)
    client = as_user(cast.clerk)
    for typed in {wrong, swapped} - {digits}:
        assert "校验位不符" in client.post(reverse("cases:search"), {"q": typed.lower()}).content.decode()
    assert client.post(reverse("cases:search"), {"q": digits}).status_code == 302
    assert "校验位不符" not in client.post(reverse("cases:search"), {"q": digits[:15]}).content.decode()
