"""借阅: asked for, approved by a second person, handed out, overdue, brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive.models import Loan
from lifeops.cases.models import broken_links
from tests.archive.ways import approved, filed
from tests.cast import hire
from tests.documents.letter_reading import printed
from tests.factories import again

DUE = 7


def ask(client, case, person, **fields):
    data = {"borrower": person.staff_no, "purpose": "复核", "due_on": (timezone.localdate() + timedelta(days=DUE)).isoformat()}
    return client.post(reverse("archive:volume", args=[case.number]), data | fields)


def act(client, loan, name, **fields):
    return client.post(reverse("archive:loan_act", args=[loan.pk, name]), {"remark": ""} | fields)


def asked(cast, as_user, case=None):
    case = case or filed(cast)
    assert ask(as_user(cast.cl_reviewer), case, cast.cl_reviewer).status_code == 302
    return case, Loan.objects.get(volume__case=case)


def lent(cast, as_user):
    case, loan = asked(cast, as_user)
    assert act(as_user(cast.head), loan, "approve", remark="同意").status_code == 302
    assert act(as_user(cast.archive), loan, "lend").status_code == 302
    return case, loan


def state(loan):
    return Loan.objects.get(pk=loan.pk).state


def test_a_volume_goes_out_with_a_second_persons_consent_and_comes_back(cast, as_user):
    case, loan = lent(cast, as_user)
    where = as_user(cast.archive).get(reverse("archive:filing"), {"q": case.number}).content.decode()
    assert f"借出：{cast.cl_reviewer.name}" in where
    slip = as_user(cast.archive).get(reverse("archive:slip", args=[loan.pk]))
    assert cast.cl_reviewer.name in printed(slip.content) and cast.head.name in printed(slip.content)
    assert act(as_user(cast.archive), loan, "take_back", remark="页数相符").status_code == 302
    assert state(loan) == "back"
    steps = list(again(case).events.filter(step__startswith="loan.").order_by("seq").values_list("step", flat=True))
    assert steps == ["loan.ask", "loan.approve", "loan.lend", "loan.take_back"]
    assert broken_links(again(case)) == []
    assert ask(as_user(cast.cl_reviewer), case, cast.cl_reviewer).status_code == 302


def test_nothing_is_lent_before_the_approval(cast, as_user):
    _, loan = asked(cast, as_user)
    answer = act(as_user(cast.archive), loan, "lend")
    assert answer.status_code == 403 and "待批准" in answer.content.decode()
    assert state(loan) == "asked"


@pytest.mark.parametrize(("who", "status"), [("archive", 403), ("other_head", 404), ("clerk", 403), ("auditor", 403)])
def test_the_units_head_alone_approves(cast, as_user, who, status):
    _, loan = asked(cast, as_user)
    assert act(as_user(getattr(cast, who)), loan, "approve").status_code == status
    assert state(loan) == "asked"


def test_a_head_does_not_approve_what_the_head_asked_for_or_borrows(cast, as_user):
    case = filed(cast)
    ask(as_user(cast.head), case, cast.head)
    loan = Loan.objects.get()
    answer = act(as_user(cast.head), loan, "approve")
    assert answer.status_code == 403 and "以外的机构主管" in answer.content.decode()
    with pytest.raises(IntegrityError, match="loan_second_person_approves"), transaction.atomic():
        Loan.objects.filter(pk=loan.pk).update(decided_by=cast.head)
    second = hire("head2", "head", cast.county, staff_no="T9001")
    assert act(as_user(second), loan, "approve").status_code == 302


def test_a_refusal_gives_its_reason_and_frees_the_volume(cast, as_user):
    case, loan = asked(cast, as_user)
    silent = act(as_user(cast.head), loan, "refuse")
    assert silent.status_code == 400 and "请写明不同意的原因" in silent.content.decode()
    assert act(as_user(cast.head), loan, "refuse", remark="请先看影像").status_code == 302
    assert ask(as_user(cast.cl_reviewer), case, cast.cl_reviewer).status_code == 302


def test_one_volume_is_lent_to_one(cast, as_user):
    case, _ = asked(cast, as_user)
    answer = ask(as_user(cast.manager), case, cast.manager)
    assert answer.status_code == 403 and "待批准" in answer.content.decode()
    assert Loan.objects.count() == 1


def test_one_asks_for_oneself_and_the_archivist_for_a_colleague(cast, as_user):
    case = filed(cast)
    assert ask(as_user(cast.clerk), case, cast.manager).status_code == 403
    assert "没有这个工号" in ask(as_user(cast.archive), case, cast.manager, borrower="X9").content.decode()
    assert ask(as_user(cast.archive), case, cast.manager).status_code == 302
    assert as_user(cast.other_clerk).get(reverse("archive:volume", args=[case.number])).status_code == 404
    assert as_user(cast.sysadmin).get(reverse("archive:volume", args=[case.number])).status_code == 403


@pytest.mark.parametrize("days", [0, -1, 31])
def test_the_due_day_lies_ahead_and_not_too_far(cast, as_user, days):
    due = (timezone.localdate() + timedelta(days=days)).isoformat()
    answer = ask(as_user(cast.clerk), filed(cast), cast.clerk, due_on=due)
    assert answer.status_code == 400 and "最长 30 天" in answer.content.decode()


def test_a_case_not_filed_has_nothing_to_lend(cast, as_user):
    assert ask(as_user(cast.clerk), approved(cast), cast.clerk).status_code == 404


def test_what_is_not_back_by_the_day_is_overdue(cast, as_user):
    case, loan = lent(cast, as_user)
    late = reverse("archive:loans") + "?tab=overdue"
    assert case.number not in as_user(cast.archive).get(late).content.decode().split('<div class="box">')[1]
    with time_machine.travel(timezone.now() + timedelta(days=DUE + 1), tick=True):
        page = as_user(cast.archive).get(late).content.decode()
        assert loan.volume.number in page and "逾期" in page
        assert "逾期 1" in as_user(cast.archive).get(reverse("archive:filing")).content.decode().replace("</", " </")
        assert loan.volume.number not in as_user(cast.other_archive).get(late).content.decode()


@pytest.mark.parametrize("who", ["issue", "clerk", "cl_reviewer", "secadmin"])
def test_the_list_of_loans_is_for_archive_head_and_oversight(cast, as_user, who):
    assert as_user(getattr(cast, who)).get(reverse("archive:loans")).status_code == 403


def test_the_list_of_loans_costs_the_same_for_one_and_for_three(cast, as_user):
    asked(cast, as_user)
    address = reverse("archive:loans") + "?tab=asked"
    client = as_user(cast.head)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(2):
        asked(cast, as_user)
    client = as_user(cast.head)
    client.get(address)
    with CaptureQueriesContext(connection) as three:
        page = client.get(address).content.decode()
    assert page.count("借阅单") == 0 and page.count(">批准<") >= 3
    assert len(three) <= len(one) <= 12


def test_the_page_of_loans_opens_on_what_is_out_and_a_scanned_volume_brings_its_loan(cast, as_user):
    _, late = lent(cast, as_user)
    _, soon = lent(cast, as_user)
    Loan.objects.filter(pk=late.pk).update(due_on=timezone.localdate() + timedelta(days=1))
    client, url = as_user(cast.archive), reverse("archive:loans")
    page = client.get(url)
    assert [row["loan"] for row in page.context["rows"]] == [late, soon] and "申请借阅" in page.content.decode()
    assert {code: count for code, _, count in page.context["tabs"]}["lent"] == 2
    found = client.get(url, {"q": soon.volume.number.lower()})
    assert [row["loan"] for row in found.context["rows"]] == [soon] and "归还" in found.content.decode()
    assert list(as_user(cast.other_archive).get(url).context["rows"]) == []


def test_the_keeper_asks_for_a_colleague_from_the_list_and_what_is_wrong_stands_at_the_field(cast, as_user):
    case = filed(cast)
    client, url = as_user(cast.archive), reverse("archive:loans")
    good = {"number": f"{case.number}-V", "borrower": cast.cl_reviewer.staff_no, "purpose": "复核", "due_on": timezone.localdate() + timedelta(days=DUE)}
    for wrong, words in (
        ({"number": case.number[:10]}, "没有这一卷"), ({"number": ""}, "请扫描或填写卷号"), ({"borrower": "X9"}, "没有这个工号"),
        ({"due_on": "昨天"}, "日期格式为 年-月-日"), ({"due_on": timezone.localdate()}, "应还日须在今天之后"),
    ):  # fmt: skip
        answer = client.post(url, good | wrong)
        assert answer.status_code == 400 and words in answer.content.decode() and "复核" in answer.content.decode()
    assert not Loan.objects.exists()
    assert client.post(url, good).url == f"{url}?tab=asked"
    assert Loan.objects.get().borrower == cast.cl_reviewer
    assert "归还后方可再借" in client.post(url, good).content.decode() or "待批准" in client.post(url, good).content.decode()
    assert as_user(cast.auditor).post(url, good).status_code == 403
    assert as_user(cast.other_archive).post(url, good).status_code == 400
