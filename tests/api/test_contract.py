"""The contract of the interface: shapes, codes and words that other systems rely on."""

from __future__ import annotations

import pytest

from lifeops.cases.models import Case, CaseEvent
from lifeops.cases.queues import take_next
from tests.api.calls import ROOT, accept_body, accepted, offered, step
from tests.cast import hire
from tests.factories import accept, again, claim_inputs, handed_over, make_policy


def test_a_stranger_is_asked_to_sign_in(api, db):
    answer = api().get(f"{ROOT}/me/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer.json()["detail"]


def test_me_tells_postings_roles_and_queues(cast, api):
    told = api(cast.approver).get(f"{ROOT}/me/").json()
    assert (told["staff_no"], told["branch"]["code"]) == (cast.approver.staff_no, "86")
    assert told["postings"][0] | {"starts_on": ""} == {
        "role": "approver", "role_label": "批准岗", "branch": {"code": "86", "name": "总公司"}, "grade": 2, "starts_on": "",
        "ends_on": None,
    }  # fmt: skip
    assert (told["roles"], told["queues"]) == (["approver"], ["approval"])
    assert api(cast.sysadmin).get(f"{ROOT}/me/").json()["queues"] == []


def test_catalogue_describes_what_acceptance_entry_and_decision_need(cast, api):
    told = api(cast.clerk).get(f"{ROOT}/catalogue/", {"applicant_kind": "insured"}).json()
    line = next(row for row in told["lines"] if row["code"] == "claims")
    item = next(row for row in line["items"] if row["code"] == "CL05")
    fields = {row["name"]: row for row in item["form"]}
    assert fields["payee_account"]["required"] and fields["cause"]["choices"][0] == {"value": "illness", "label": "疾病"}
    assert [c["name"] for c in fields["expenses"]["columns"]] == ["category", "invoiced", "non_covered", "over_limit"]
    assert {"code": "PAY", "label": "给付", "positive": True, "needs_amount": False, "needs_reason": False} in item["outcomes"]
    assert {row["doc_type"]: row["required"] for row in item["checklist"]}["INVOICE"] is True
    assert "C01" in {row["code"] for row in line["reasons"]}
    assert "outcome" in {row["name"] for row in line["decision_form"]}


def test_catalogue_keeps_the_administrators_out_and_names_wrong_choices(cast, api):
    refused = api(cast.sysadmin).get(f"{ROOT}/catalogue/")
    assert (refused.status_code, refused.json()["reasons"]) == (403, ["您的岗位不能使用此接口"])
    assert "受理岗" in refused.json()["who"]
    wrong = api(cast.clerk).get(f"{ROOT}/catalogue/", {"channel": "pigeon", "on": ""})
    assert (wrong.status_code, wrong.json()["errors"]) == (400, {"channel": ["没有这个选项"]})


def test_catalogue_costs_the_same_however_many_items(cast, api, django_assert_max_num_queries):
    client = api(cast.clerk)
    client.get(f"{ROOT}/me/")
    with django_assert_max_num_queries(4):
        assert client.get(f"{ROOT}/catalogue/").status_code == 200


# 受理 -------------------------------------------------------------------------------------------------------------


def test_accepted_case_carries_its_contract(cast, api):
    case = accepted(api(cast.clerk), cast)
    assert (case["line"], case["item"], case["state"], case["state_label"]) == ("claims", "CL05", "received", "已受理")
    assert case["holder"] | {"unit": case["holder"]["unit"]["code"]} == {
        "party": "branch", "label": "机构 · 甲支公司", "unit": "86010101", "person": None,
    }  # fmt: skip
    assert [event["step"] for event in case["events"]] == ["register"]
    assert [clock["kind"] for clock in case["clocks"]] == ["internal"]
    assert all(row["received"] == "original" for row in case["checklist"] if row["required"])
    steps = offered(case)
    assert steps["pass_precheck"]["allowed"] and steps["withdraw"]["inputs"][0]["name"] == "reason"
    assert set(steps["withdraw"]) == {"name", "label", "allowed", "reasons", "who", "inputs"}


def test_steps_are_told_with_the_reason_why_not(cast, api):
    case = accepted(api(cast.clerk), cast)
    told = offered(api(cast.entry).get(f"{ROOT}/cases/{case['number']}/").json())
    assert told["pass_precheck"] == {
        "name": "pass_precheck", "label": "预审通过", "allowed": False, "reasons": ["需要本机构的受理岗"], "who": "受理岗",
        "inputs": [{"name": "overrides", "label": "放行理由", "type": "overrides", "required": False}],
    }  # fmt: skip


def test_only_the_counter_of_the_unit_accepts(cast, api):
    policy = make_policy(cast.county, cast.clerk)
    refused = api(cast.entry).post(f"{ROOT}/cases/", accept_body(policy), format="json")
    assert (refused.status_code, refused.json()["who"]) == (403, "受理岗")
    elsewhere = api(cast.other_clerk).post(f"{ROOT}/cases/", accept_body(policy, branch="86010101"), format="json")
    assert (elsewhere.status_code, elsewhere.json()["reasons"]) == (403, ["需要本机构的受理岗"])
    assert not Case.objects.exists()


def test_a_clerk_of_two_counters_names_the_unit(cast, api):
    from datetime import date

    from lifeops.org.models import Posting, Role

    Posting.objects.create(user=cast.clerk, role=Role.INTAKE, branch=cast.city, starts_on=date(2020, 1, 1))
    policy = make_policy(cast.county, cast.clerk)
    client = api(cast.clerk)
    made = client.post(f"{ROOT}/cases/", accept_body(policy, branch="860101"), format="json").json()
    assert made["branch"]["code"] == "860101"
    made = client.post(f"{ROOT}/cases/", accept_body(policy, checked=True), format="json").json()
    assert made["branch"]["code"] == "86010101"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"item": "XX99"}, "item", "没有这个业务项目"),
        ({"line": "horses"}, "line", ""),
        ({"item": "PS13"}, "item", "该项目不属于理赔"),
        ({"policy_number": ""}, "policy_number", "此项目须填写保单号"),
        ({"policy_number": "NOWHERE1"}, "policy_number", "没有这张保单"),
        ({"channel": "agent"}, "agent", "代理人渠道须填写代理人工号"),
        ({"submitted_on": "2999-01-01"}, "submitted_on", "递交日不能晚于今天"),
        ({"submitted_on": "昨天"}, "submitted_on", "日期"),
        ({"passed_on": "2999-01-01"}, "passed_on", "转交日不能晚于递交日"),
        ({"applicant": {"name": "甲", "id_number": "110101199001011234"}}, "applicant.id_number", "校验位"),
        ({"applicant": {"name": ""}}, "applicant.name", ""),
        ({"applicant": {"name": "甲", "id_type": "horse", "id_number": "A123456"}}, "applicant.id_type", "没有这种证件类型"),
        ({"papers": [{"doc_type": "CLAIM_FORM", "received": "original", "pages": 1}]}, "papers", "必备资料未收"),
        ({"papers": [{"doc_type": "HORSE", "received": "original"}]}, "papers", "不认识的资料"),
        ({"branch": "99"}, "branch", "没有这个机构"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast, api, change, field, words):
    policy = make_policy(cast.county, cast.clerk)
    answer = api(cast.clerk).post(f"{ROOT}/cases/", accept_body(policy, **change), format="json")
    assert answer.status_code == 400
    assert words in "".join(answer.json()["errors"][field])
    assert not Case.objects.exists()


def test_the_same_document_under_another_name_is_refused_without_the_name_on_file(cast, api):
    policy = make_policy(cast.county, cast.clerk)
    body = accept_body(policy, applicant={"name": "另一人", "id_number": policy.insured.id_number})
    answer = api(cast.clerk).post(f"{ROOT}/cases/", body, format="json")
    assert answer.status_code == 400
    assert policy.insured.name not in str(answer.json()) and policy.insured.id_number not in str(answer.json())


def test_missing_papers_go_back_in_one_notice(cast, api):
    case = accepted(
        api(cast.clerk), cast, papers=[{"doc_type": "CLAIM_FORM", "received": "original"}], returned=True, gaps=["授权委托书"]
    )
    row = Case.objects.get(number=case["number"])
    assert case["state"] == "returned" and "授权委托书" in row.corrections.get().gaps
    assert len(row.corrections.get().gaps) > 1


def test_a_likely_duplicate_is_accepted_only_when_checked(cast, api):
    client, policy = api(cast.clerk), make_policy(cast.county, cast.clerk)
    first = client.post(f"{ROOT}/cases/", accept_body(policy), format="json").json()
    twin = client.post(f"{ROOT}/cases/", accept_body(policy), format="json")
    assert twin.status_code == 400 and first["number"] in twin.json()["errors"]["checked"][0]
    assert client.post(f"{ROOT}/cases/", accept_body(policy, checked=True), format="json").status_code == 201


def test_with_a_record_the_case_is_keyed_in_the_same_act_or_not_at_all(cast, api):
    from datetime import date

    from lifeops.org.models import Posting, Role

    policy = make_policy(cast.county, cast.clerk)
    body = accept_body(policy, record=claim_inputs())
    assert api(cast.clerk).post(f"{ROOT}/cases/", body, format="json").status_code == 403
    both = hire("both", Role.INTAKE, cast.county)
    Posting.objects.create(user=both, role=Role.ENTRY, branch=cast.county, starts_on=date(2020, 1, 1))
    wrong = api(both).post(f"{ROOT}/cases/", {**body, "record": claim_inputs(payee_account="12")}, format="json")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["record.payee_account"])
    assert not Case.objects.exists()
    made = api(both).post(f"{ROOT}/cases/", body, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "prechecked")
    assert made.json()["record"][0]["title"] == "事故"


def test_the_same_acceptance_under_one_key_is_one_case(cast, api):
    client, policy = api(cast.clerk), make_policy(cast.county, cast.clerk)
    body, key = accept_body(policy), {"Idempotency-Key": "counter-1"}
    first = client.post(f"{ROOT}/cases/", body, format="json", headers=key)
    again_ = client.post(f"{ROOT}/cases/", body, format="json", headers=key)
    assert (again_.status_code, again_.json()["number"]) == (201, first.json()["number"])
    assert Case.objects.count() == 1
    other = client.post(f"{ROOT}/cases/", body | {"agent": "A7"}, format="json", headers=key)
    assert (other.status_code, other.json()["detail"]) == (422, "该幂等键已用于另一项请求，请更换后重试")
    # keys are each person's own
    own = api(cast.other_clerk).post(f"{ROOT}/cases/", body | {"checked": True}, format="json", headers=key)
    assert own.json()["number"] != first.json()["number"]


@pytest.mark.parametrize("key", ["x" * 81, "with blank", "中文"])
def test_a_key_that_cannot_be_kept_is_refused(cast, api, key):
    policy = make_policy(cast.county, cast.clerk)
    answer = api(cast.clerk).post(
        f"{ROOT}/cases/", accept_body(policy), format="json", HTTP_IDEMPOTENCY_KEY=key.encode().decode("latin-1")
    )
    assert answer.status_code == 400 and "Idempotency-Key" in answer.json()["errors"]


# 步骤 -------------------------------------------------------------------------------------------------------------


def test_stale_version_is_told_the_present_one_and_the_differences(cast, api):
    case = handed_over(cast)
    client = api(cast.cl_reviewer)
    seen = client.post(f"{ROOT}/queues/claims/next/", {}, format="json").json()["version"]
    assert step(client, case, "mark_complex", version=seen, reason="需调查").status_code == 200
    answer = step(client, case, "conclude", version=seen, outcome="PAY", opinion="清楚")
    assert answer.status_code == 409
    told = answer.json()
    assert told["version"] == again(case).version
    assert [row["what"] for row in told["differences"]] == ["列为复杂案件"]
    assert again(case).state == "in_review"


@pytest.mark.parametrize("version", [None, "3", True, -1, 1.5])
def test_nobody_changes_what_has_not_been_looked_at(cast, api, version):
    case = accept(cast)
    body = {"reason": "客户撤回"} | ({} if version is None else {"version": version})
    answer = api(cast.clerk).post(f"{ROOT}/cases/{case.number}/steps/withdraw/", body, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["version"])


def test_missing_and_unknown_inputs_are_said_at_their_fields(cast, api):
    case = accept(cast)
    client = api(cast.clerk)
    assert step(client, case, "withdraw").json()["errors"] == {"reason": ["请写明理由"]}
    assert step(client, case, "withdraw", reason="x", reasn="y").json()["errors"] == {"reasn": ["没有这项输入"]}
    assert step(client, case, "withdraw", reason=["x"]).json()["errors"] == {"reason": ["理由应为单个值"]}
    assert step(client, case, "withdraw", reason="x", actor=1).json()["errors"] == {"actor": ["没有这项输入"]}
    assert again(case).state == "received"


def test_a_step_of_another_state_is_refused_and_an_unknown_one_is_not_there(cast, api):
    case = accept(cast)
    early = step(api(cast.issue), case, "release", how="hand", to="甲")
    assert (early.status_code, early.json()["reasons"]) == (403, ["案件处于“已受理”，现在不能办理此步骤"])
    assert step(api(cast.clerk), case, "fly").status_code == 404


def test_a_consequence_cannot_be_asked_for(cast, api):
    case = handed_over(cast)
    client = api(cast.cl_reviewer)
    client.post(f"{ROOT}/queues/claims/next/", {}, format="json")
    asked = {"kind": "query", "addressee": "customer", "cause": "医疗资料", "contents": ["CQ02"], "due_days": 10, "blocking": True}
    assert step(client, case, "issue_request", **asked).json()["state"] == "waiting"
    told = client.get(f"{ROOT}/cases/{case.number}/").json()
    assert "wake" not in offered(told)
    assert step(client, case, "wake").status_code == 403
    assert again(case).state == "waiting"


def test_refusal_names_reasons_and_who_can(cast, api):
    case = accept(cast)
    answer = step(api(cast.entry), case, "pass_precheck")
    assert answer.status_code == 403
    assert answer.json() == {"detail": "需要本机构的受理岗", "reasons": ["需要本机构的受理岗"], "who": "受理岗"}


def test_a_step_repeated_under_its_key_happens_once(cast, api):
    case = accept(cast)
    client, seen = api(cast.clerk), again(case).version
    first = step(client, case, "pass_precheck", version=seen, key="k1", overrides={})
    second = step(client, case, "pass_precheck", version=seen, key="k1", overrides={})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["version"] == second.json()["version"]
    assert CaseEvent.objects.filter(case=case, step="pass_precheck").count() == 1
    assert step(client, case, "pass_precheck", version=seen, key="k1", overrides={"J01": "x"}).status_code == 422
    assert step(client, case, "pass_precheck", version=seen, key="k2").status_code in (403, 409)


def test_choices_of_a_step_are_those_of_this_case(cast, api):
    handed_over(cast)
    told = offered(api(cast.cl_reviewer).post(f"{ROOT}/queues/claims/next/", {}, format="json").json())
    outcome = next(row for row in told["conclude"]["inputs"] if row["name"] == "outcome")
    assert {"value": "PAY", "label": "给付"} in outcome["choices"]
    contents = next(row for row in told["issue_request"]["inputs"] if row["name"] == "contents")
    assert "CQ02" in {choice["value"] for choice in contents["choices"]}
    # whom to assign to is told to who may assign
    assert "choices" not in next(row for row in told["assign"]["inputs"] if row["name"] == "assignee")


def test_the_manager_is_told_whom_a_case_may_go_to(cast, api):
    case = handed_over(cast)
    told = offered(api(cast.manager).get(f"{ROOT}/cases/{case.number}/").json())
    people = next(row for row in told["assign"]["inputs"] if row["name"] == "assignee")["choices"]
    assert {row["value"] for row in people} == {"cl_reviewer", "cl_reviewer2"}
    taken = step(api(cast.manager), case, "assign", assignee="cl_reviewer2", reason="均衡")
    assert taken.json()["holder"]["person"]["staff_no"] == cast.cl_reviewer2.staff_no


def test_record_is_saved_with_the_version_seen_by_entry_alone(cast, api):
    case = accept(cast)
    step(api(cast.clerk), case, "pass_precheck", overrides={})
    seen, url = again(case).version, f"{ROOT}/cases/{case.number}/record/"
    body = {"version": seen, "record": claim_inputs()}
    assert api(cast.scan).put(url, body, format="json").status_code == 403
    assert api(cast.other_entry).put(url, body, format="json").status_code == 404
    wrong = api(cast.entry).put(url, {"version": seen, "record": claim_inputs(discharged_on="2020-01-01", colour="red")}, format="json")
    assert wrong.json()["errors"] == {"colour": ["没有这项输入"]}
    wrong = api(cast.entry).put(url, {"version": seen, "record": claim_inputs(discharged_on="2020-01-01")}, format="json")
    assert list(wrong.json()["errors"]) == ["discharged_on"]
    assert api(cast.entry).put(url, {"version": seen}, format="json").status_code == 400
    saved = api(cast.entry).put(url, body, format="json")
    assert saved.status_code == 200 and saved.json()["version"] == seen + 1
    assert api(cast.entry).put(url, body, format="json").status_code == 409


def test_preview_calculates_and_saves_nothing(cast, api):
    case = handed_over(cast)
    taken = take_next(cast.cl_reviewer, "claims")
    seen = again(case).version
    told = api(cast.cl_reviewer).post(f"{ROOT}/cases/{case.number}/preview/", {"outcome": "PAY", "opinion": "清楚"}, format="json")
    assert told.json()["amount"] == "2700.00" and "您可直接签批" in told.json()["route"]
    assert told.json()["lines"]
    wrong = api(cast.cl_reviewer).post(f"{ROOT}/cases/{case.number}/preview/", {"outcome": "REFUSE"}, format="json")
    assert set(wrong.json()["errors"]) == {"reason_code", "opinion"}
    assert again(taken).version == seen and taken.current_decision() is None


def test_hand_over_of_many_tells_what_stayed(cast, api):
    accepted_ = accept(cast)
    told = api(cast.clerk).post(f"{ROOT}/hand-overs/", {"cases": [accepted_.number, "NO-1"]}, format="json").json()
    assert told["handed_over"] == []
    assert {row["number"] for row in told["stayed"]} == {accepted_.number, "NO-1"}
    assert api(cast.cl_reviewer).post(f"{ROOT}/hand-overs/", {"cases": ["X"]}, format="json").status_code == 403


def test_papers_received_later_change_the_list(cast, api):
    case = accept(cast)
    url = f"{ROOT}/cases/{case.number}/papers/"
    body = {"version": case.version, "papers": [{"doc_type": "INVOICE", "received": "copy", "pages": 3}]}
    assert api(cast.entry).put(url, body, format="json").status_code == 403
    assert api(cast.other_clerk).put(url, body, format="json").status_code == 404
    row = next(r for r in api(cast.clerk).put(url, body, format="json").json()["checklist"] if r["doc_type"] == "INVOICE")
    assert (row["received"], row["expected"]) == ("copy", 3)
    assert api(cast.clerk).put(url, body, format="json").status_code == 409


def test_other_kinds_of_requests_are_answered_in_words(cast, api):
    client = api(cast.clerk)
    broken = client.post(f"{ROOT}/cases/", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["detail"]) == (400, "请求内容不是有效的 JSON")
    assert client.post(f"{ROOT}/cases/", [1], format="json").json()["detail"] == "请求内容应为 JSON 对象"
    assert client.post(f"{ROOT}/cases/", "a=1", content_type="text/plain").status_code == 415
    assert client.delete(f"{ROOT}/cases/").status_code == 405
    assert client.get(f"{ROOT}/nothing/").status_code == 404
    bad = client.post(f"{ROOT}/search/", '{"q": "a\\u0000b"}', content_type="application/json")
    assert (bad.status_code, "控制字符" in bad.json()["detail"]) == (400, True)
    # read as a text it would be kept as "inf"
    endless = client.post(f"{ROOT}/search/", '{"q": 1e400}', content_type="application/json")
    assert (endless.status_code, "过大的数字" in endless.json()["detail"]) == (400, True)
    half = client.post(f"{ROOT}/search/", '{"q": "\\ud800"}', content_type="application/json")
    assert half.status_code == 400
    assert client.get(f"{ROOT}/cases/", {"q": "\x00"}).status_code == 400
    assert client.get(f"{ROOT}/cases/%00/").status_code == 400


