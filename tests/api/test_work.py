"""Queues, letters of the branch, notices, settlement, board, money and shelf by the interface."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lifeops.cases import escalation
from lifeops.cases.models import Case, Request
from lifeops.notices.models import Notice
from lifeops.notices.services import notify
from lifeops.policies.models import Payment
from tests.api.calls import ROOT, step
from tests.factories import accept, again, handed_over, make_policy

QUERY = {
    "kind": "query", "addressee": "customer", "cause": "医疗资料", "contents": ["CQ02"], "blocking": True, "due_days": 10,
}  # fmt: skip


# 队列 -------------------------------------------------------------------------------------------------------------


def test_next_gives_the_case_or_nothing(cast, api):
    client, url = api(cast.cl_reviewer), f"{ROOT}/queues/claims/next/"
    empty = client.post(url, {}, format="json")
    assert (empty.status_code, empty.content) == (204, b"")
    case = handed_over(cast)
    taken = client.post(url, {}, format="json")
    assert (taken.status_code, taken.json()["number"], taken.json()["state"]) == (200, case.number, "in_review")
    assert api(cast.underwriter).post(url, {}, format="json").status_code == 404
    assert api(cast.clerk).post(url, {}, format="json").status_code == 403


def test_leaving_out_a_case_needs_a_reason_which_its_trail_keeps(cast, api):
    first, second = handed_over(cast), handed_over(cast)
    client, url = api(cast.cl_reviewer), f"{ROOT}/queues/claims/next/"
    assert client.post(url, {}, format="json").json()["number"] == first.number
    assert list(client.post(url, {"skip": first.number}, format="json").json()["errors"]) == ["reason"]
    assert list(client.post(url, {"skip": second.number, "reason": "x"}, format="json").json()["errors"]) == ["skip"]
    version = again(first).version
    other = client.post(url, {"skip": first.number.lower(), "reason": "等待病历"}, format="json")
    assert other.json()["number"] == second.number
    event = again(first).events.order_by("-seq").first()
    assert (event.step, event.reason, event.actor_id) == ("skip", "等待病历", cast.cl_reviewer.pk)
    assert (again(first).version, again(first).assignee_id) == (version, cast.cl_reviewer.pk)


def test_queues_are_listed_with_their_numbers(cast, api):
    case = handed_over(cast)
    told = api(cast.cl_reviewer).get(f"{ROOT}/queues/").json()
    assert told["queues"] == [{"code": "claims", "label": "理赔", "pool": 1, "mine": 0, "capped": False}]
    pool = api(cast.cl_reviewer).get(f"{ROOT}/queues/claims/", {"tab": "pool"}).json()
    assert [row["number"] for row in pool["results"]] == [case.number]
    assert api(cast.cl_reviewer).get(f"{ROOT}/queues/claims/").json() == {"results": [], "next": None}
    branch = {row["state"]: row["count"] for row in api(cast.head).get(f"{ROOT}/queues/").json()["branch"]}
    accept(cast)
    assert branch["received"] == 0
    branch = {row["state"]: row["count"] for row in api(cast.head).get(f"{ROOT}/queues/").json()["branch"]}
    assert branch["received"] == 1


# 问题件 -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def letter(cast, api):
    case = handed_over(cast)
    client = api(cast.cl_reviewer)
    seen = client.post(f"{ROOT}/queues/claims/next/", {}, format="json").json()["version"]
    answer = client.post(f"{ROOT}/cases/{case.number}/requests/", {"version": seen, **QUERY}, format="json")
    assert answer.status_code == 201, answer.data
    return answer.json()


def take(client, letter, name, key="", **inputs):
    version = client.get(f"{ROOT}/requests/{letter['number']}/").json().get("version", 0)
    headers = {"Idempotency-Key": key} if key else {}
    url = f"{ROOT}/requests/{letter['number']}/steps/{name}/"
    return client.post(url, {"version": version, **inputs}, format="json", headers=headers)


def test_a_letter_is_told_with_its_life_and_steps(cast, api, letter):
    told = api(cast.query).get(f"{ROOT}/requests/{letter['number']}/").json()
    assert (told["state"], told["holder_party"], told["items"][0]["code"]) == ("issued", "branch", "CQ02")
    steps = {row["name"]: row for row in told["steps"]}
    assert steps["deliver"]["allowed"] and {i["name"] for i in steps["deliver"]["inputs"]} == {"how", "to"}
    assert not steps["extend"]["allowed"] and steps["extend"]["reasons"]
    listed = api(cast.query).get(f"{ROOT}/requests/", {"tab": "print", "kind": "query"}).json()["results"]
    assert [row["number"] for row in listed] == [letter["number"]]
    assert api(cast.query).get(f"{ROOT}/requests/", {"tab": "closed"}).json()["results"] == []
    assert api(cast.query).get(f"{ROOT}/requests/", {"tab": "x"}).status_code == 400


def test_a_letter_says_how_often_it_was_urged_and_whether_its_day_is_past(cast, api, letter):
    def told():
        found = api(cast.query).get(f"{ROOT}/requests/").json()["results"][0]
        one = api(cast.query).get(f"{ROOT}/requests/{letter['number']}/").json()
        of_the_case = api(cast.query).get(f"{ROOT}/cases/{letter['case_number']}/").json()["requests"][0]
        told = [{name: row[name] for name in ("overdue", "urge_level", "next_urge_at")} for row in (found, one, of_the_case)]
        assert told[0] == told[1] == told[2]
        return told[0]

    first = told()
    item = Request.objects.get()
    assert (first["overdue"], first["urge_level"], parse_datetime(first["next_urge_at"])) == (False, 0, item.next_urge_at)
    escalation.urge_due(item.next_urge_at)
    Request.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    second = told()
    assert (second["overdue"], second["urge_level"]) == (True, 1) and second["next_urge_at"] > first["next_urge_at"]
    assert take(api(cast.query), letter, "answer", reply="已补").status_code == 200
    assert told() == {"overdue": False, "urge_level": 1, "next_urge_at": None}


def test_a_letter_of_another_unit_is_not_there(cast, api, letter):
    for part in ("", "letter/"):
        assert api(cast.other_query).get(f"{ROOT}/requests/{letter['number']}/{part}").status_code == 404
    assert take(api(cast.other_query), letter, "deliver", how="面交", to="甲").status_code == 404
    assert api(cast.other_query).post(f"{ROOT}/requests/{letter['number']}/print/").status_code == 404
    assert api(cast.scan).post(f"{ROOT}/requests/{letter['number']}/print/").status_code == 403


def test_steps_of_a_letter_answer_like_steps_of_a_case(cast, api, letter):
    client = api(cast.query)
    assert take(client, letter, "fly").status_code == 404
    assert list(take(client, letter, "deliver", how="面交").json()["errors"]) == ["to"]
    assert take(client, letter, "deliver", how="面交", to="甲", colour="red").json()["errors"] == {"colour": ["没有这项输入"]}
    refused = take(api(cast.scan), letter, "deliver", how="面交", to="甲")
    assert (refused.status_code, refused.json()["who"]) == (403, "问题件岗、调查岗、机构主管")
    assert take(client, letter, "close").status_code == 403
    seen = letter["version"]
    done = take(client, letter, "deliver", key="d1", how="面交", to="甲")
    assert (done.status_code, done.json()["state"]) == (200, "delivered")
    assert take(client, letter, "deliver", key="d1", how="面交", to="甲").status_code == 200
    assert take(client, letter, "deliver", key="d1", how="面交", to="乙").status_code == 422
    url = f"{ROOT}/requests/{letter['number']}/steps/answer/"
    stale = client.post(url, {"version": seen, "reply": "x"}, format="json")
    assert (stale.status_code, stale.json()["version"]) == (409, done.json()["version"])
    (row,) = stale.json()["differences"]
    assert (row["what"], row["who"], row["detail"]) == ("照会·登记送达", cast.query.name, "已送达") and row["at"]
    assert again(Case.objects.get(number=letter["case_number"])).events.filter(step="request.deliver").count() == 1


def test_only_the_reviewer_issues_and_one_cause_is_asked_once(cast, api, letter):
    number = letter["case_number"]
    version = Case.objects.get(number=number).version
    url = f"{ROOT}/cases/{number}/requests/"
    assert api(cast.cl_reviewer2).post(url, {"version": version, **QUERY}, format="json").status_code == 403
    twice = api(cast.cl_reviewer).post(url, {"version": version, **QUERY}, format="json")
    assert "一次性告知" in twice.json()["errors"]["cause"][0]


def test_a_letter_issued_twice_under_one_key_is_one_letter(cast, api):
    case = handed_over(cast)
    client = api(cast.cl_reviewer)
    seen = client.post(f"{ROOT}/queues/claims/next/", {}, format="json").json()["version"]
    url, key = f"{ROOT}/cases/{case.number}/requests/", {"Idempotency-Key": "q1"}
    first = client.post(url, {"version": seen, **QUERY}, format="json", headers=key)
    second = client.post(url, {"version": seen, **QUERY}, format="json", headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["number"] == second.json()["number"] and case.requests.count() == 1


def test_a_text_of_the_library_is_asked_once_while_its_letter_is_open(cast, api, letter):
    client, number = api(cast.cl_reviewer), letter["case_number"]

    def ask(**changes):
        seen = client.get(f"{ROOT}/cases/{number}/").json()["version"]
        return client.post(f"{ROOT}/cases/{number}/requests/", {"version": seen, **QUERY, "cause": "其他事由"} | changes, format="json")

    for chosen in (["CQ02"], ["CQ01", "CQ02"]):
        twice = ask(contents=chosen)
        assert (twice.status_code, list(twice.json()["errors"])) == (400, ["contents"])
        assert letter["number"] in twice.json()["errors"]["contents"][0] and "提供出院小结" in twice.json()["detail"]
    assert Request.objects.count() == 1
    assert ask(contents=["CQ05"], cause="账户资料", blocking=False).status_code == 201
    # settled, or taken back: another cause may come to the same paper
    assert take(client, letter, "cancel", reason="内容有误").status_code == 200
    assert ask(contents=["CQ02"]).status_code == 201


def test_printing_a_letter_is_the_copy_and_the_step_in_one(cast, api, letter):
    url = f"{ROOT}/requests/{letter['number']}/"
    looked = api(cast.auditor).get(f"{url}letter/")
    assert looked.content.startswith(b"%PDF") and api(cast.query).get(url).json()["print_count"] == 0
    assert api(cast.query).post(f"{url}print/", {}, format="json").content.startswith(b"%PDF")
    told = api(cast.query).get(url).json()
    assert (told["state"], told["print_count"]) == ("printed", 1)
    assert list(api(cast.query).post(f"{url}print/", {}, format="json").json()["errors"]) == ["reason"]


# 通知 -------------------------------------------------------------------------------------------------------------


def test_notices_are_each_persons_own(cast, api):
    for key in ("a", "b"):
        notify(users=[cast.clerk, cast.head], key=key, title=f"通知 {key}")
    client = api(cast.clerk)
    told = client.get(f"{ROOT}/notices/").json()
    assert (told["unread"], [row["title"] for row in told["results"]]) == (2, ["通知 b", "通知 a"])
    foreign = Notice.objects.filter(recipient=cast.head).first().pk
    marked = client.post(f"{ROOT}/notices/read/", {"ids": [told["results"][0]["id"], foreign]}, format="json")
    assert marked.json() == {"marked": 1}
    assert [row["title"] for row in client.get(f"{ROOT}/notices/", {"unread": 1}).json()["results"]] == ["通知 a"]
    assert client.post(f"{ROOT}/notices/read/", {}, format="json").json() == {"marked": 1}
    assert Notice.objects.filter(recipient=cast.head, read_at=None).count() == 2
    assert list(client.post(f"{ROOT}/notices/read/", {"ids": ["x"]}, format="json").json()["errors"]) == ["ids.0"]


# 作业前, 看板 -----------------------------------------------------------------------------------------------------


def test_the_worklist_is_that_of_the_post(cast, api):
    case = accept(cast)
    told = api(cast.clerk).get(f"{ROOT}/worklist/").json()
    assert (told["stage"], [row["number"] for row in told["results"]]) == ("precheck", [case.number])
    assert api(cast.entry).get(f"{ROOT}/worklist/").json()["stage"] == "entry"
    assert api(cast.other_clerk).get(f"{ROOT}/worklist/").json()["results"] == []
    assert api(cast.clerk).get(f"{ROOT}/worklist/", {"stage": "x"}).status_code == 400
    assert api(cast.cl_reviewer).get(f"{ROOT}/worklist/").status_code == 403


def test_a_day_is_signed_once_by_its_own_unit(cast, api):
    accept(cast)
    today, url = timezone.localdate().isoformat(), f"{ROOT}/settlements/"
    told = api(cast.head).get(url).json()
    assert (told["accepted"], told["pending"], told["difference"], told["signed_by"]) == (1, 1, 0, None)
    assert api(cast.other_head).post(url, {"unit": "86010101", "day": today}, format="json").status_code == 404
    assert api(cast.scan).post(url, {"day": today}, format="json").status_code == 403
    late = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert list(api(cast.head).post(url, {"day": late}, format="json").json()["errors"]) == ["day"]
    signed = api(cast.head).post(url, {"day": today}, format="json")
    assert (signed.status_code, signed.json()["signed_by"]["staff_no"]) == (201, cast.head.staff_no)
    assert api(cast.head).post(url, {"day": today}, format="json").json()["reasons"] == ["本日已签章"]


def test_the_board_is_that_of_the_unit_and_below(cast, api):
    accept(cast)
    told = api(cast.manager).get(f"{ROOT}/board/").json()
    assert (told["total"], told["unit"]["code"], told["units"][0]["stages"]) == (1, "86", [1, 0, 0])
    row = next(r for r in told["rows"] if r["label"] == "理赔")
    assert row["cells"][[s["value"] for s in told["states"]].index("received")]["count"] == 1
    assert api(cast.head).get(f"{ROOT}/board/").json()["path"] == cast.county.path
    assert api(cast.head).get(f"{ROOT}/board/", {"unit": "86/8602/"}).status_code == 404
    assert api(cast.clerk).get(f"{ROOT}/board/").status_code == 403


def test_many_are_reassigned_case_by_case(cast, api):
    case = handed_over(cast)
    taken = api(cast.cl_reviewer).post(f"{ROOT}/queues/claims/next/", {}, format="json").json()
    body = {
        "assignee": "cl_reviewer2", "reason": "均衡",
        "cases": [{"number": case.number, "version": taken["version"]}, {"number": "NO-1", "version": 1}],
    }  # fmt: skip
    assert api(cast.head).post(f"{ROOT}/reassignments/", body, format="json").status_code == 403
    told = api(cast.manager).post(f"{ROOT}/reassignments/", body, format="json").json()
    assert (told["done"], [row["number"] for row in told["refused"]]) == ([case.number], ["NO-1"])
    assert again(case).assignee_id == cast.cl_reviewer2.pk
    stale = api(cast.manager).post(f"{ROOT}/reassignments/", body, format="json").json()
    assert stale["done"] == [] and len(stale["refused"]) == 2
    assert list(api(cast.manager).post(f"{ROOT}/reassignments/", body | {"assignee": "x"}, format="json").json()["errors"]) == ["assignee"]


# 付款, 发放, 案卷 -------------------------------------------------------------------------------------------------


@pytest.fixture
def paid(cast, api):
    case = handed_over(cast)
    client = api(cast.cl_reviewer)
    client.post(f"{ROOT}/queues/claims/next/", {}, format="json")
    assert step(client, case, "conclude", outcome="PAY", opinion="清楚").json()["state"] == "approved"
    return again(case)


def act(client, case, name, key="", number="", **inputs):
    number = number or Payment.objects.filter(case_number=case.number).order_by("pk").last().number
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"{ROOT}/cases/{case.number}/payments/{number}/{name}/", inputs, format="json", headers=headers)


def test_money_is_moved_by_the_head_of_the_unit_alone(cast, api, paid):
    assert act(api(cast.issue), paid, "release").status_code == 403
    assert act(api(cast.other_head), paid, "release").status_code == 404
    head = api(cast.head)
    early = act(head, paid, "settle", reference="B1")
    assert (early.status_code, "待放行" in early.json()["detail"]) == (403, True)
    done = act(head, paid, "release", key="p1")
    assert done.json()["payments"][0]["state"] == "released"
    assert act(head, paid, "release", key="p1").status_code == 200
    assert act(head, paid, "settle", key="p1", reference="B1").status_code == 422
    assert act(head, paid, "release").status_code == 403
    assert again(paid).events.filter(step="payment.release").count() == 1
    assert list(act(head, paid, "return").json()["errors"]) == ["reason"]
    assert list(act(head, paid, "return", reason="x", colour="red").json()["errors"]) == ["colour"]
    assert act(head, paid, "return", reason="账号不符").status_code == 200
    wrong = act(head, paid, "reissue", payee=paid.record.payee, bank="虚构银行", account="12ab")
    assert list(wrong.json()["errors"]) == ["account"]
    made = act(head, paid, "reissue", payee=paid.record.payee, bank="虚构银行", account="9900009876543210")
    assert [p["state"] for p in made.json()["payments"]] == ["returned", "ready"]
    assert "9900009876543210" not in made.content.decode()
    # who made the new one does not release it
    assert "制单人以外" in act(head, paid, "release").json()["detail"]
    assert act(head, paid, "fly").status_code == 404
    assert act(head, paid, "release", number="P0").status_code == 404
    waiting = api(cast.head).get(f"{ROOT}/payments/").json()["results"]
    assert [row["state"] for row in waiting] == ["ready"]
    assert api(cast.other_head).get(f"{ROOT}/payments/").json()["results"] == []
    assert api(cast.clerk).get(f"{ROOT}/payments/").status_code == 403


def test_papers_go_out_come_back_and_the_volume_is_lent(cast, api, paid):
    issue, today = api(cast.issue), timezone.localdate().isoformat()
    url = f"{ROOT}/cases/{paid.number}"
    assert [row["number"] for row in issue.get(f"{ROOT}/releases/").json()["results"]] == [paid.number]
    assert [p["state"] for p in issue.get(f"{url}/delivery/").json()["papers"]] == ["issue"]
    letter = issue.post(f"{url}/letters/", {"kind": "claim_decision"}, format="json").json()
    issue.post(f"{ROOT}/letters/{letter['id']}/print/", {}, format="json")
    assert step(issue, paid, "release", how="mail", to="测试客户", courier_number="SF1").status_code == 200
    way = issue.get(f"{url}/delivery/").json()
    assert (way["deliveries"][0]["legs"][0]["kind"], "signed" in way["next_legs"]) == ("sent", True)
    wrong = issue.post(f"{url}/delivery/legs/", {"kind": "signed", "on": today}, format="json")
    assert list(wrong.json()["errors"]) == ["who"]
    assert api(cast.archive).post(f"{url}/delivery/legs/", {}, format="json").status_code == 403
    assert api(cast.other_issue).get(f"{url}/delivery/").status_code == 404
    signed = issue.post(f"{url}/delivery/legs/", {"kind": "signed", "on": today, "who": "测试客户"}, format="json")
    assert (signed.status_code, signed.json()["deliveries"][0]["signed_on"]) == (201, today)
    original = way["originals"][0]["row"]
    back = issue.post(f"{url}/originals/", {"rows": [original], "to": "测试客户", "on": today}, format="json")
    assert original not in [row["row"] for row in back.json()["originals"]]
    assert api(cast.scan).post(f"{url}/originals/", {}, format="json").status_code == 403

    head, archive = api(cast.head), api(cast.archive)
    act(head, paid, "release")
    act(head, paid, "settle", reference="B1")
    assert [row["number"] for row in archive.get(f"{ROOT}/filings/").json()["results"]] == [paid.number]
    assert archive.get(f"{url}/volume/").status_code == 404
    assert step(archive, paid, "file", box="b1", shelf="a1", reason="影像另存").json()["state"] == "archived"
    assert archive.get(f"{ROOT}/volumes/").json()["results"][0]["case_number"] == paid.number
    due = (timezone.localdate() + timedelta(days=7)).isoformat()
    ask = {"borrower": cast.auditor.staff_no, "purpose": "审计抽查", "due_on": due}
    assert list(api(cast.auditor).post(f"{url}/volume/loans/", ask | {"due_on": today}, format="json").json()["errors"]) == ["due_on"]
    asked = api(cast.auditor).post(f"{url}/volume/loans/", ask, format="json")
    assert asked.status_code == 201, asked.data
    loan = asked.json()["loans"][0]["id"]
    assert archive.post(f"{ROOT}/loans/{loan}/approve/", {}, format="json").status_code == 403
    for client, name, state in ((head, "approve", "approved"), (archive, "lend", "lent"), (archive, "take_back", "back")):
        done = client.post(f"{ROOT}/loans/{loan}/{name}/", {"remark": "完好"}, format="json")
        assert (done.status_code, done.json()["loans"][0]["state"]) == (200, state)
    assert [row["id"] for row in archive.get(f"{ROOT}/loans/", {"tab": "done"}).json()["results"]] == [loan]
    for pdf in (f"{url}/volume/label/", f"{url}/volume/cover/", f"{ROOT}/loans/{loan}/slip/"):
        assert archive.get(pdf).content.startswith(b"%PDF")
    assert api(cast.other_archive).post(f"{ROOT}/loans/{loan}/lend/", {}, format="json").status_code == 404


def test_the_clock_is_explained_segment_by_segment(cast, api):
    case = accept(cast)
    clock = api(cast.clerk).get(f"{ROOT}/cases/{case.number}/").json()["clocks"][0]
    sheet = api(cast.clerk).get(f"{ROOT}/cases/{case.number}/clocks/{clock['id']}/").json()
    assert (sheet["due_at"], sheet["level"]) == (clock["due_at"], "ok") and float(sheet["limit"]) > 0
    other = accept(cast)
    assert api(cast.clerk).get(f"{ROOT}/cases/{other.number}/clocks/{clock['id']}/").status_code == 404


def test_search_finds_what_the_box_finds(cast, api):
    policy = make_policy(cast.county, cast.clerk)
    case = accept(cast, policy=policy)
    client = api(cast.clerk)
    by_number = client.post(f"{ROOT}/search/", {"q": case.number}, format="json").json()
    assert [row["number"] for row in by_number["cases"]] == [case.number]
    by_name = client.post(f"{ROOT}/search/", {"q": policy.insured.name}, format="json").json()
    assert [row["number"] for row in by_name["policies"]] == [policy.number]
    assert (by_number["note"], by_name["note"]) == ("", "")
    mistyped = case.number[:-1] + str((int(case.number[-1]) + 1) % 10)
    told = client.post(f"{ROOT}/search/", {"q": mistyped}, format="json").json()
    assert told["cases"] == [] and "校验位不符" in told["note"]
    assert client.get(f"{ROOT}/search/", {"q": "x"}).status_code == 405
    assert list(client.post(f"{ROOT}/search/", {}, format="json").json()["errors"]) == ["q"]
