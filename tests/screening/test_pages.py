"""名单核查 on its pages and over the interface: known to head office alone, faults row by row, what was typed stays."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.errors import Stale
from lifeops.cases.perform import perform
from lifeops.cases.screened import judge_anywhere
from lifeops.documents.builders import build
from lifeops.org.models import Role
from lifeops.screening.models import Hit, WatchList
from lifeops.screening.services.lists import enter
from lifeops.screening.tasks import screen_customers
from tests.api.calls import ROOT
from tests.archive.ways import filed, released
from tests.cast import hire
from tests.factories import again, handed_over, make_party, make_policy
from tests.screening.listing import csv_of, given, in_force, row

LISTS, HITS = reverse("policies:watch_lists"), reverse("policies:watch_hits")


def sent(*rows, **fields):
    told = {
        "code": "T-1", "kind": "sanctions", "source": "虚构来源", "reason": "测试〔2026〕1号", "effective_from": timezone.localdate().isoformat(),
        "file": SimpleUploadedFile("list.csv", csv_of(*rows)),
    }  # fmt: skip
    return told | fields


def test_a_list_is_brought_in_looked_at_and_approved_on_the_pages(cast, as_user):
    party = make_party()
    answer = as_user(cast.manager).post(LISTS, sent(row(party)), follow=True)
    assert answer.status_code == 200 and "待另一人批准" in answer.content.decode()
    made = WatchList.objects.get()
    text = as_user(cast.approver).get(reverse("policies:watch_list", args=[made.pk])).content.decode()
    assert party.name in text and party.id_number not in text and party.id_masked in text
    act = reverse("policies:watch_list_act", args=[made.pk, "approve"])
    # whoever has looked at the people decides there, either way
    assert act in text and reverse("policies:watch_list_act", args=[made.pk, "refuse"]) in text
    own = as_user(cast.manager).post(act)
    assert own.status_code == 403 and "录入人与批准人须为两人" in own.content.decode() and "可以办理的是：总公司另一位运营主管或批准岗" in own.content.decode()
    for remark, words in (("长" * 101, "意见最多 100 字"), ("不\x00符", "控制字符"), (" ", "驳回须写明意见")):
        refused = as_user(cast.approver).post(reverse("policies:watch_list_act", args=[made.pk, "refuse"]), {"remark": remark})
        assert (refused.status_code, words in refused.content.decode()) == (400, True)
    assert f'value="{"长" * 101}"' in as_user(cast.approver).post(reverse("policies:watch_list_act", args=[made.pk, "refuse"]), {"remark": "长" * 101}).content.decode()
    assert as_user(cast.approver).post(act, follow=True).status_code == 200
    assert "生效中" in as_user(cast.auditor).get(LISTS).content.decode()


def test_what_another_decided_meanwhile_is_told_in_the_list_which_stays_where_it_is(cast, as_user):
    made = enter(**given(cast, "李测乙,,,,,"))
    refuse = reverse("policies:watch_list_act", args=[made.pk, "refuse"])
    assert as_user(cast.approver).post(refuse, {"remark": "来源不明"}).status_code == 302
    answer = as_user(cast.approver_high).post(refuse, {"remark": "同意"})
    text = answer.content.decode()
    assert answer.status_code == 403 and "该名单已驳回，不能再批准" in text and "可以办理的是" not in text
    # the list stands at another address than its own: the form for a new list leads there, and nothing is brought in by it
    assert "来源不明" in text and f'action="{LISTS}"' not in text  # of the manager alone
    assert f'action="{LISTS}"' in as_user(cast.manager).post(refuse, {"remark": "同意"}).content.decode()


def test_faults_are_told_with_their_rows_and_what_was_typed_stays(cast, as_user):
    answer = as_user(cast.manager).post(LISTS, sent(",,,,,x", "李测乙,,,,昨天,"))
    text = answer.content.decode()
    assert answer.status_code == 400 and "发现 2 处错误，未录入" in text and "姓名为空" in text and 'value="虚构来源"' in text
    wrong = as_user(cast.manager).post(LISTS, sent("李测乙,,,,,", code="名单", file=""))
    assert wrong.status_code == 400 and "名单代码为 2 至 20 位" in wrong.content.decode() and "请选择文件" in wrong.content.decode()
    assert not WatchList.objects.exists()


def test_lists_and_hits_are_known_to_head_office_alone(cast, as_user):
    branch_manager = hire("branch_manager", Role.MANAGER, cast.county)
    for who, code in ((cast.clerk, 403), (cast.cl_reviewer, 403), (branch_manager, 403), (cast.auditor, 200), (cast.approver, 200)):
        assert [as_user(who).get(url).status_code for url in (LISTS, HITS)] == [code, code]
    assert as_user(cast.approver).post(LISTS, sent("李测乙,,,,,")).status_code == 403


def test_a_hit_of_a_case_is_cleared_on_the_page(cast, as_user):
    party = make_party()
    in_force(cast, row(party))
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    hit = Hit.objects.get(case_number=case.number)
    text = as_user(cast.manager).get(HITS).content.decode()
    assert case.number in text and "证件号码一致" in text and party.id_number not in text
    url = reverse("policies:watch_hit", args=[hit.pk])
    wrong = as_user(cast.manager).post(url, {"verdict": "", "reason": "出生地不同"})
    assert wrong.status_code == 400 and 'value="出生地不同"' in wrong.content.decode() and "请选择排除或确认" in wrong.content.decode()
    long = as_user(cast.manager).post(url, {"verdict": "cleared", "reason": "长" * 301})
    assert long.status_code == 400 and f'value="{"长" * 301}"' in long.content.decode()
    assert as_user(cast.auditor).post(url, {"verdict": "cleared", "reason": "出生地不同"}).status_code == 403
    assert as_user(cast.manager).post(url, {"verdict": "cleared", "reason": "出生地不同"}, follow=True).status_code == 200
    hit.refresh_from_db()
    assert hit.state == "cleared" and "已排除：出生地不同" in as_user(cast.auditor).get(HITS, {"tab": "done"}).content.decode()
    assert as_user(cast.manager).post(url, {"verdict": "cleared", "reason": "再次"}).status_code == 403


def test_a_hit_that_nobody_judged_in_time_is_judged_when_the_case_is_on_its_shelf(cast, as_user):
    party = make_party()
    in_force(cast, row(party, number=False, born=False))
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    perform(case, "take", actor=cast.cl_reviewer)
    perform(again(case), "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    case = filed(cast, released(cast, case=again(case)))
    hit = Hit.objects.get(case_number=case.number)
    assert reverse("policies:watch_hit", args=[hit.pk]) in as_user(cast.manager).get(HITS).content.decode()
    assert as_user(cast.head).post(reverse("policies:watch_hit", args=[hit.pk]), {"verdict": "cleared", "reason": "出生地不同"}).status_code == 403
    assert as_user(cast.manager).post(reverse("policies:watch_hit", args=[hit.pk]), {"verdict": "cleared", "reason": "出生地不同"}, follow=True).status_code == 200
    hit.refresh_from_db()
    assert (hit.state, again(case).state) == ("cleared", "archived") and again(case).events.latest("seq").step == "judge_hit"


def test_what_another_has_judged_meanwhile_is_told_though_it_is_not_listed_any_more(cast, as_user):
    holder, insured = make_party(), make_party()
    in_force(cast, row(holder), row(insured))
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, policyholder=holder, insured=insured))
    hit = Hit.objects.get(case_number=case.number, party=insured)
    url = reverse("policies:watch_hit", args=[hit.pk])
    as_user(cast.approver).post(url, {"verdict": "cleared", "reason": "出生地不同"})
    answer = as_user(cast.manager).post(url, {"verdict": "confirmed", "reason": "同一人"})
    text = answer.content.decode()
    assert answer.status_code == 400 and "本案没有这项待处理的命中" in text
    # the answer stands at another address than the list, so its ways lead there
    assert f'href="{HITS}?tab=done"' in text and 'href="?' not in text
    hit.refresh_from_db()
    assert (hit.state, hit.decided_by) == ("cleared", cast.approver)


def test_the_reviewer_sees_the_finding_among_the_rules_and_not_the_list(cast, as_user):
    party = make_party()
    in_force(cast, row(party))
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    text = as_user(cast.cl_reviewer).get(reverse("cases:tab", args=[case.number, "rules"])).content.decode()
    assert "名单命中，未经总公司排除不得办理" in text and "制裁名单（证件号码一致，待处理）" in text


def test_the_counter_learns_nothing_of_lists_neither_from_the_rules_nor_from_the_trail(cast, as_user, api):
    party = make_party()
    in_force(cast, row(party))
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    judge_anywhere(hit=Hit.objects.get(case_number=case.number), verdict="cleared", reason="出生地不同", actor=cast.manager, now=timezone.now())
    away = hire("branch_manager", Role.MANAGER, cast.county)
    for who, knows in ((cast.cl_reviewer, True), (cast.auditor, True), (cast.clerk, False), (cast.head, False), (away, False)):
        pages = "".join(as_user(who).get(reverse("cases:tab", args=[case.number, tab])).content.decode() for tab in ("rules", "timeline"))
        told = api(who).get(f"{ROOT}/cases/{case.number}/findings/").json(), api(who).get(f"{ROOT}/cases/{case.number}/").json()["events"]
        for text in (pages, str(told)):
            assert ("名单命中" in text or "未命中名单" in text) == knows, (who, knows)


def test_the_counter_learns_nothing_from_a_conflict_and_nobody_from_the_printed_trail(cast, api):
    party = make_party()
    in_force(cast, row(party))
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    seen = case.version
    judge_anywhere(hit=Hit.objects.get(case_number=case.number), verdict="cleared", reason="出生地不同", actor=cast.manager, now=timezone.now())
    for who, knows in ((cast.cl_reviewer, True), (cast.clerk, False)):
        with pytest.raises(Stale) as stale:
            perform(again(case), "take", actor=who, version=seen)
        assert ("处理名单命中" in str(stale.value.differences)) == knows, who
    for who in (cast.clerk, cast.manager):
        printed = str(build("flow_sheet", again(case), actor=who, now=timezone.now()))
        assert "交接总部" in printed and "名单" not in printed and "出生地不同" not in printed


def test_the_trail_does_not_tell_the_counter_why_a_senior_signs(cast, as_user):
    party = make_party()
    in_force(cast, row(party), kind="pep")
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    perform(case, "take", actor=cast.cl_reviewer)
    perform(again(case), "conclude", actor=cast.cl_reviewer, outcome="PAY", served_reason="资金来源清楚")
    text = as_user(cast.clerk).get(reverse("cases:tab", args=[case.number, "timeline"])).content.decode()
    assert "将提交 3 级批准岗" in text and "政治公众人物" not in text


def test_the_interface_does_what_the_pages_do(cast, api):
    party = make_party()
    make_policy(cast.county, cast.clerk, insured=party)
    manager, approver = api(cast.manager), api(cast.approver)
    faulty = manager.post(f"{ROOT}/watch-lists/", sent(",,,,,x"), format="multipart")
    assert (faulty.status_code, faulty.json()["errors"]["file"]) == (400, ["list.csv 第 2 行：姓名为空"])
    made = manager.post(f"{ROOT}/watch-lists/", sent(row(party)), format="multipart")
    assert (made.status_code, made.json()["state"], made.json()["entry_count"]) == (201, "open", 1)
    one = f"{ROOT}/watch-lists/{made.json()['id']}/"
    assert approver.get(one).json()["results"][0]["id_number"] == party.id_masked
    assert manager.post(f"{one}decide/", {"approve": True}, format="json").status_code == 403
    assert approver.post(f"{one}decide/", {"approve": True}, format="json").json()["state"] == "applied"
    screen_customers()
    [hit] = manager.get(f"{ROOT}/watch-hits/").json()["results"]
    assert (hit["level"], hit["customer"], hit["case_number"], hit["kind"]) == ("document", party.pk, "", "sanctions")
    judge = f"{ROOT}/watch-hits/{hit['id']}/judge/"
    assert manager.post(judge, {"verdict": "cleared", "reason": ""}, format="json").status_code == 400
    assert manager.post(judge, {"verdict": "cleared", "reason": "照片不同"}, format="json").json()["state"] == "cleared"
    assert manager.get(f"{ROOT}/watch-hits/", {"tab": "done"}).json()["results"][0]["reason"] == "照片不同"
    assert api(cast.clerk).get(f"{ROOT}/watch-lists/").status_code == 403


def exposed(cast):
    """A case of a 政治公众人物 that a reviewer holds."""
    party = make_party()
    in_force(cast, row(party), kind="pep")
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    perform(case, "take", actor=cast.cl_reviewer)
    return again(case)


def sent_for(case, **told):
    return {"version": again(case).version, "key": told.pop("key", "k"), **told}


def test_why_an_exposed_person_is_served_is_known_to_head_office_alone(cast, as_user, api):
    case = exposed(cast)
    reasons = {"conclude": "资金来源清楚甲", "approve": "已核资金用途乙"}
    form = as_user(cast.cl_reviewer).get(case.get_absolute_url()).content.decode()
    assert "只有总公司看得到，不进轨迹和文书" in form
    url = reverse("cases:step", args=[case.number, "conclude"])
    told = sent_for(case, outcome="PAY", opinion="事实清楚")
    refused = as_user(cast.cl_reviewer).post(url, told)
    text = refused.content.decode()
    assert refused.status_code == 400 and "请写明办理理由" in text and "事实清楚" in text
    assert as_user(cast.cl_reviewer).post(url, told | {"key": "k2", "served_reason": reasons["conclude"]}).status_code == 302
    perform(again(case), "take", actor=cast.approver_high)
    perform(again(case), "approve", actor=cast.approver_high, opinion="同意", served_reason=reasons["approve"])
    decision = again(case).current_decision()
    assert (decision.served_reason, decision.approver_served_reason, decision.opinion) == (*reasons.values(), "事实清楚")
    away = hire("branch_manager", Role.MANAGER, cast.county)
    for who, knows in ((cast.cl_reviewer, True), (cast.manager, True), (cast.auditor, True), (cast.clerk, False), (cast.head, False), (away, False)):
        page = as_user(who).get(case.get_absolute_url()).content.decode()
        told_by_interface = api(who).get(f"{ROOT}/cases/{case.number}/").json()["decision"]
        for number, (field, words) in enumerate(zip(("served_reason", "approver_served_reason"), reasons.values(), strict=True)):
            assert (words in page) == knows and told_by_interface[field] == (words if knows else ""), (who, number)
    kept = str([(e.reason, e.data) for e in again(case).events.all()]) + "".join(
        str(build(kind, again(case), actor=cast.clerk, now=timezone.now())) for kind in ("flow_sheet", "claim_decision")
    )
    assert not any(words in kept for words in reasons.values())


def test_nobody_is_asked_why_an_ordinary_person_is_served(cast, as_user):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    assert "只有总公司看得到" not in as_user(cast.cl_reviewer).get(case.get_absolute_url()).content.decode()


def test_who_is_found_to_be_exposed_at_the_conclusion_is_asked_about_at_once(cast, as_user):
    """Nothing was found before: the refused conclusion leaves what it has found, and the page has the field."""
    party = make_party()
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    perform(case, "take", actor=cast.cl_reviewer)
    in_force(cast, row(party), kind="pep")
    answer = as_user(cast.cl_reviewer).post(reverse("cases:step", args=[case.number, "conclude"]), sent_for(case, outcome="PAY", opinion="事实清楚"))
    text = answer.content.decode()
    assert answer.status_code == 400 and '<textarea name="served_reason"' in text and "请写明办理理由" in text
    assert Hit.objects.filter(case_number=case.number).count() == 1 and again(case).current_decision() is None
