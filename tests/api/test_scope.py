"""Who sees what: other units, other lines, administrators; masks; lists that cost the same at any length."""

from __future__ import annotations

import pytest

from lifeops.cases.queues import take_next
from tests.api.calls import ROOT, accepted, step
from tests.factories import accept, again, claim_inputs, handed_over, make_policy

OF_A_CASE = ("", "findings/", "history/", "trail/", "documents/", "letters/", "payments/")


def test_a_case_of_another_unit_or_line_is_not_there(cast, api):
    case = handed_over(cast)
    for person in (cast.other_clerk, cast.underwriter):
        for part in OF_A_CASE:
            answer = api(person).get(f"{ROOT}/cases/{case.number}/{part}")
            assert (answer.status_code, part) == (404, part)
        assert step(api(person), case, "withdraw", version=1, reason="x").status_code == 404
        assert api(person).get(f"{ROOT}/cases/").json()["results"] == []
    for part in OF_A_CASE:
        assert api(cast.auditor).get(f"{ROOT}/cases/{case.number}/{part}").status_code == 200


def test_administrators_are_kept_from_cases(cast, api):
    case = accept(cast)
    for person in (cast.sysadmin, cast.secadmin):
        for address in ("cases/", f"cases/{case.number}/", f"policies/{case.policy.number}/", "requests/", "queues/"):
            assert api(person).get(f"{ROOT}/{address}").status_code == 403
        assert api(person).post(f"{ROOT}/search/", {"q": "测试"}, format="json").status_code == 403


def test_the_auditor_reads_everything_and_writes_nothing(cast, api):
    case = handed_over(cast)
    told = api(cast.auditor).get(f"{ROOT}/cases/{case.number}/").json()
    assert [row["name"] for row in told["steps"] if row["allowed"]] == []
    assert api(cast.auditor).post(f"{ROOT}/cases/{case.number}/letters/", {"kind": "receipt"}, format="json").status_code == 403
    assert step(api(cast.auditor), case, "withdraw", reason="x").status_code == 403


def test_numbers_are_masked_wherever_a_case_is_told(cast, api):
    policy = make_policy(cast.county, cast.clerk)
    case = handed_over(cast, policy=policy)
    taken = take_next(cast.cl_reviewer, "claims")
    step(api(cast.cl_reviewer), taken, "conclude", outcome="PAY", opinion="清楚")
    client = api(cast.head)
    secret = (policy.insured.id_number, policy.insured.phone, claim_inputs()["payee_account"])
    told = {
        "case": client.get(f"{ROOT}/cases/{case.number}/"),
        "history": client.get(f"{ROOT}/cases/{case.number}/history/"),
        "payments": client.get(f"{ROOT}/cases/{case.number}/payments/"),
        "policy": client.get(f"{ROOT}/policies/{policy.number}/"),
        "search": client.post(f"{ROOT}/search/", {"q": policy.insured.id_number}, format="json"),
    }
    for name, answer in told.items():
        assert answer.status_code == 200, name
        assert [number for number in secret if number in answer.content.decode()] == [], name
    assert told["payments"].json()[0]["account"] == "**** **** 7890"
    assert told["policy"].json()["insured"]["id_number"].endswith(policy.insured.id_number[-4:])
    assert told["search"].json()["parties"][0]["phone"].count("*") == 4
    record = {row["label"]: row["value"] for group in told["case"].json()["record"] for row in group["rows"]}
    assert record["账号"].endswith("7890") and "*" in record["账号"]


def test_a_policy_of_another_unit_is_opened_only_with_a_case_in_hand(cast, api):
    policy = make_policy(cast.other, cast.other_clerk)
    assert api(cast.clerk).get(f"{ROOT}/policies/{policy.number}/").status_code == 404
    assert api(cast.other_clerk).get(f"{ROOT}/policies/{policy.number}/").status_code == 200
    accept(cast, policy=policy)
    assert api(cast.clerk).get(f"{ROOT}/policies/{policy.number}/").status_code == 200


def test_a_policy_is_told_as_it_stood(cast, api):
    from datetime import timedelta

    from django.utils import timezone

    from lifeops.policies.services.locking import change_status

    policy = make_policy(cast.county, cast.clerk)
    today = timezone.localdate()
    change_status(policy, "terminated", on=today, cause="退保")
    client = api(cast.clerk)
    now = client.get(f"{ROOT}/policies/{policy.number}/").json()
    before = client.get(f"{ROOT}/policies/{policy.number}/", {"as_of": (today - timedelta(days=1)).isoformat()}).json()
    assert (now["status"], before["status"], before["status_now"]) == ("terminated", "in_force", "terminated")
    assert before["coverages"][0]["sum_assured"] == "300000.00"
    for wrong in ("2026-13-01", "soon", (today + timedelta(days=1)).isoformat(), "1900-01-01"):
        assert list(client.get(f"{ROOT}/policies/{policy.number}/", {"as_of": wrong}).json()["errors"]) == ["as_of"]
    assert client.get(f"{ROOT}/policies/NONE/").status_code == 404


# 列表 -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(cast):
    policies = [make_policy(cast.county, cast.clerk) for _ in range(3)]
    return [accept(cast, policy=policies[n % 3]) for n in range(7)]


def test_lists_go_on_by_key_and_count_nothing(cast, api, many, monkeypatch):
    monkeypatch.setattr("lifeops.org.paging.PAGE", 3)
    client, seen, cursor = api(cast.clerk), [], ""
    for _ in range(3):
        page = client.get(f"{ROOT}/cases/", {"cursor": cursor}).json()
        assert set(page) == {"results", "next"}
        seen += [row["number"] for row in page["results"]]
        cursor = page["next"]
    assert cursor is None and seen == [case.number for case in reversed(many)]
    wrong = client.get(f"{ROOT}/cases/", {"cursor": "x"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["cursor"])


def test_filters_are_those_of_the_page(cast, api, many):
    step(api(cast.clerk), many[0], "withdraw", reason="撤回")
    client = api(cast.clerk)

    def found(**chosen):
        return {row["number"] for row in client.get(f"{ROOT}/cases/", chosen).json()["results"]}

    everything = {case.number for case in many}
    assert found(state="withdrawn") == {many[0].number}
    assert found(line="claims", item="CL05", stage="before", branch="86/8601/") == everything - {many[0].number}
    assert found(q=many[2].number) == {many[2].number}
    assert found(line="servicing") == found(branch="86/8602/") == found(assignee="nobody") == set()


@pytest.mark.parametrize("address", ["cases/", "worklist/", "queues/claims/?tab=pool", "requests/"])
def test_a_longer_list_costs_no_more_queries(cast, api, address, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    person = {"worklist/": cast.clerk, "queues/claims/?tab=pool": cast.cl_reviewer}.get(address, cast.auditor)

    def add():
        if address == "worklist/":
            return accept(cast)
        case = handed_over(cast)
        if address == "requests/":
            step(api(cast.cl_reviewer), case, "take")
            asked = {"kind": "query", "addressee": "customer", "cause": "医疗资料", "contents": ["CQ02"], "due_days": 10}
            assert step(api(cast.cl_reviewer), case, "issue_request", **asked).status_code == 200
        return case

    def cost():
        client = api(type(person).objects.get(pk=person.pk))
        with CaptureQueriesContext(connection, ) as told:
            rows = client.get(f"{ROOT}/{address}").json()["results"]
        return len(rows), len(told)

    add()
    one, first = cost()
    add()
    add()
    three, second = cost()
    assert (one, three) == (1, 3)
    assert second <= first


def test_a_case_costs_the_same_however_long_its_life(cast, api):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    case = handed_over(cast)
    client = api(cast.cl_reviewer)

    def cost():
        with CaptureQueriesContext(connection) as told:
            assert client.get(f"{ROOT}/cases/{case.number}/").status_code == 200
        return len(told)

    cost()
    before = cost()
    for _ in range(3):
        step(client, case, "take")
        step(client, case, "hand_back", reason="换人")
    assert cost() <= before
    assert before <= 45
    assert again(case).state == "queued"


def test_accepted_elsewhere_stays_elsewhere(cast, api):
    here = accepted(api(cast.clerk), cast)
    policy = make_policy(cast.other, cast.other_clerk)
    from tests.api.calls import accept_body

    there = api(cast.other_clerk).post(f"{ROOT}/cases/", accept_body(policy), format="json").json()
    assert [row["number"] for row in api(cast.clerk).get(f"{ROOT}/cases/").json()["results"]] == [here["number"]]
    assert [row["number"] for row in api(cast.other_clerk).get(f"{ROOT}/cases/").json()["results"]] == [there["number"]]
    assert len(api(cast.manager).get(f"{ROOT}/cases/").json()["results"]) == 2
