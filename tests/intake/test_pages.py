"""The branch's pages over HTTP: counter, list, pre-check, entry beside the images, hand-over, settlement."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from intake import settling, stages
from intake.models import PrecheckRule, Settlement
from lifeops.cases.errors import Refused
from lifeops.cases.models import Case, Draft
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.org.held import forget_all
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Party, Policy
from tests.factories import PAPERS, accept, again, claim_inputs, fields_of, inputs_for, make_party, make_policy

pytestmark = pytest.mark.django_db


def counter_post(policy, item="CL05", **fields):
    data = {
        "item": item, "policy_number": policy.number, "channel": "counter", "applicant_kind": "insured",
        "applicant": policy.insured.pk, "applicant_name": policy.insured.name, "submitted_on": timezone.localdate().isoformat(),
        "key": "k-1", "action": "accept",
    }
    for code in PAPERS[item or "CL05"]:
        data |= {f"paper-{code}-received": "original", f"paper-{code}-pages": "2"}
    return data | fields


def test_clerk_finds_a_policy_by_number_by_name_and_by_phone_tail(cast, as_user):
    policy = make_policy(cast.county, cast.clerk, insured=make_party(name="欧阳测试"))
    client = as_user(cast.clerk)
    for text in (policy.number, "欧阳测试", "oycs", policy.insured.phone[-4:], policy.insured.id_number):
        answer = client.post(reverse("intake:find"), {"find": text})
        assert policy.number in answer.content.decode()
        assert policy.insured.id_number not in answer.content.decode()


def test_choosing_the_item_brings_its_checklist_and_the_usual_applicant(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    sent = {"item": "CL05", "policy_number": policy.number, "applicant_kind": "insured"}
    page = as_user(cast.clerk).post(reverse("intake:refresh"), sent).content.decode()
    for code in PAPERS["CL05"]:
        assert f"paper-{code}-received" in page
    assert f'"applicant": "{policy.insured.pk}"' in page


def test_acceptance_at_the_counter_ends_in_a_number_and_a_printed_receipt(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    client = as_user(cast.clerk)
    Draft.objects.create(user=cast.clerk, key="counter", data={"item": ["CL05"]})
    answer = client.post(reverse("intake:counter"), counter_post(policy))
    case = Case.objects.get()
    assert answer.url == reverse("intake:accepted", args=[case.number])
    assert (case.state, case.policy, case.applicant, case.branch) == ("received", policy, policy.insured, cast.county)
    assert case.checklist.filter(received="original", pages=2).count() == len(PAPERS["CL05"])
    assert not Draft.objects.filter(user=cast.clerk).exists()
    assert case.number in client.get(answer.url).content.decode()
    pdf = client.post(reverse("intake:handout", args=[case.number]), {"kind": "receipt"})
    assert pdf.content[:5] == b"%PDF-" and case.letters.get(kind="receipt").copies == 1


def test_second_print_of_the_receipt_asks_for_a_reason(cast, as_user):
    case = accept(cast)
    client, url = as_user(cast.clerk), reverse("intake:handout", args=[case.number])
    client.post(url, {"kind": "receipt"})
    assert client.post(url, {"kind": "receipt"}).status_code == 302
    assert case.letters.get(kind="receipt").copies == 1
    assert client.post(url, {"kind": "receipt", "reason": "卡纸"})["Content-Type"] == "application/pdf"


def test_missing_papers_are_refused_at_the_list_and_nothing_is_lost(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    answer = as_user(cast.clerk).post(
        reverse("intake:counter"), counter_post(policy, agent_code="A1", **{"paper-INVOICE-received": "none"})
    )
    page = answer.content.decode()
    assert answer.status_code == 400 and not Case.objects.exists()
    assert "必备资料未收" in page and 'value="A1"' in page and policy.number in page
    assert 'name="paper-CLAIM_FORM-received" value="original" checked' in page


def test_return_from_the_counter_tells_every_gap_in_one_notice(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    client = as_user(cast.clerk)
    answer = client.post(
        reverse("intake:counter"),
        counter_post(policy, action="return", extra_gaps="申请书第二页未签名", **{"paper-INVOICE-received": "none"}),
    )
    case = Case.objects.get()
    assert case.state == State.RETURNED
    assert len(case.corrections.get().gaps) == 2 and "申请书第二页未签名" in case.corrections.get().gaps
    assert "申请书第二页未签名" in client.get(answer.url).content.decode()
    pdf = client.post(reverse("intake:handout", args=[case.number]), {"kind": "correction_notice"})
    assert pdf.content[:5] == b"%PDF-"


def test_likely_duplicate_has_to_be_looked_at_first(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    first = accept(cast, policy=policy)
    client = as_user(cast.clerk)
    answer = client.post(reverse("intake:counter"), counter_post(policy))
    assert answer.status_code == 400 and first.number in answer.content.decode()
    assert client.post(reverse("intake:counter"), counter_post(policy, checked="on")).status_code == 302


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"policy_number": "NOSUCH1"}, "没有这张保单"),
        ({"applicant_name": "别人"}, "姓名与所选客户不一致"),
        ({"applicant": "", "applicant_id_number": "110101199001011234"}, "校验"),
        ({"submitted_on": "2999-01-01"}, "递交日不能晚于今天"),
        ({"submitted_on": "昨天"}, "日期格式为"),
        ({"item": ""}, "请选择业务项目"),
        ({"channel": "agent"}, "代理人渠道须填写代理人工号"),
        ({"paper-INVOICE-pages": "一页"}, "页数应为 1 至 999 的整数"),
        ({"paper-INVOICE-pages": "1000"}, "页数应为 1 至 999 的整数"),
    ],
)
def test_bad_input_at_the_counter_gets_words_at_the_field(cast, as_user, fields, words):
    policy = make_policy(cast.county, cast.clerk)
    answer = as_user(cast.clerk).post(reverse("intake:counter"), counter_post(policy, **fields))
    assert answer.status_code == 400 and words in answer.content.decode()
    assert not Case.objects.exists()


def test_customer_known_by_the_document_is_found_and_a_new_one_registered(cast, as_user):
    policy, known = make_policy(cast.county, cast.clerk), make_party()
    client = as_user(cast.clerk)
    fields = {"applicant": "", "applicant_name": known.name, "applicant_id_number": known.id_number, "key": "a"}
    client.post(reverse("intake:counter"), counter_post(policy, **fields))
    assert Case.objects.get().applicant == known
    card = compose_card(region="990101", birth_date=date(1970, 2, 3), sequence=777)
    fields = {"applicant": "", "applicant_name": "新客户", "applicant_id_number": card, "key": "b", "checked": "on"}
    client.post(reverse("intake:counter"), counter_post(policy, **fields))
    assert Party.objects.with_id(card).get().name == "新客户"


def test_document_of_somebody_else_is_refused_without_naming_that_person(cast, as_user):
    policy, known = make_policy(cast.county, cast.clerk), make_party(name="赵某某")
    fields = {"applicant": "", "applicant_name": "钱某", "applicant_id_number": known.id_number}
    answer = as_user(cast.clerk).post(reverse("intake:counter"), counter_post(policy, **fields))
    assert "证件号码已登记在" in answer.content.decode() and "赵某某" not in answer.content.decode()
    assert not Case.objects.exists()


def test_double_click_at_the_counter_makes_one_case(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    client = as_user(cast.clerk)
    one = client.post(reverse("intake:counter"), counter_post(policy))
    two = client.post(reverse("intake:counter"), counter_post(policy, checked="on"))
    assert one.url == two.url and Case.objects.count() == 1


def test_only_the_counter_may_accept(cast, as_user):
    for user in (cast.entry, cast.scan, cast.issue, cast.cl_reviewer, cast.manager):
        assert as_user(user).get(reverse("intake:counter")).status_code == 403


def test_precheck_page_shows_value_and_limit_and_keeps_the_reason(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    accept(cast, policy=policy)
    case = accept(cast, policy=policy)
    client, url = as_user(cast.clerk), reverse("intake:precheck", args=[case.number])
    page = client.get(url).content.decode()
    assert "同一保单另有在办案件" in page and "无在办案件" in page
    answer = client.post(url, {"version": case.version, "key": "a", "over-J05": "两次住院"})
    assert answer.status_code == 400 and "两次住院" in answer.content.decode()
    answer = client.post(url, {"version": case.version, "key": "b", "over-J05": "两次住院", "over-J07": "已核对"})
    assert answer.status_code == 302 and again(case).state == State.PRECHECKED
    assert case.findings.get(stage="precheck", code="J05").override_reason == "两次住院"


def test_precheck_by_another_branch_is_not_found_and_by_entry_refused(cast, as_user):
    case = accept(cast)
    url = reverse("intake:precheck", args=[case.number])
    assert as_user(cast.other_clerk).get(url).status_code == 404
    assert as_user(cast.entry).post(url, {"version": case.version}).status_code == 403


def test_late_papers_are_received_before_handover_with_a_trail(cast, as_user):
    case = accept(cast)
    client, url = as_user(cast.clerk), reverse("intake:papers", args=[case.number])
    client.post(url, {"version": case.version, "paper-INVOICE-received": "copy", "paper-INVOICE-pages": "3"})
    row = case.checklist.get(doc_type="INVOICE")
    assert (row.received, row.pages) == ("copy", 3)
    assert case.events.get(step="papers.receive").data["changes"][0]["after"] == "复印件 3 页"
    stale = client.post(url, {"version": case.version, "paper-INVOICE-received": "none", "paper-INVOICE-pages": ""})
    assert stale.status_code == 409
    assert as_user(cast.scan).post(url, {"version": 2}).status_code == 403


def prechecked(cast, **fields):
    case = accept(cast, **fields)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    return again(case)


def test_entry_is_saved_completed_and_goes_on_to_the_next_case(cast, as_user):
    case, following = prechecked(cast), prechecked(cast)
    client, url = as_user(cast.entry), reverse("intake:entry", args=[case.number])
    assert "出险日期" in client.get(url).content.decode()
    answer = client.post(url, fields_of(inputs_for(case)) | {"version": case.version, "key": "e1", "action": "complete"})
    assert answer.url == reverse("intake:entry", args=[following.number])
    assert again(case).record.hospital == "虚构医院" and again(case).entered_at


def test_what_stops_the_handover_is_said_at_the_entry_with_value_and_limit(cast, as_user):
    case = prechecked(cast, policy=make_policy(cast.county, cast.clerk, product="W30"))
    client, url = as_user(cast.entry), reverse("intake:entry", args=[case.number])
    sent = fields_of(claim_inputs())
    answer = client.post(url, sent | {"version": case.version, "key": "e1", "action": "complete"})
    assert answer.url == url and again(case).record and again(case).entered_at is None
    page = client.get(url).content.decode()
    assert "交接时会被阻断" in page and "保单没有对应责任：实际 没有对应责任，限值 须含对应责任" in page
    told = re.findall(r'name="told" value="([^"]+)"', page)
    # a further finding is told first, the same one again lets the entry pass
    for seen, done in (([], False), (told, True)):
        client.post(url, sent | {"version": again(case).version, "key": f"e{len(seen)}x", "action": "complete", "told": seen})
        assert bool(again(case).entered_at) is done


def test_what_is_done_is_not_offered_again_and_the_next_case_to_scan_opens(cast, as_user):
    case, coming = prechecked(cast), prechecked(cast)
    client, scan = as_user(cast.scan), reverse("documents:manage", args=[case.number])
    assert "扫描完成" in client.get(scan).content.decode()
    sent = {"version": case.version, "key": "s1", "reason": "测试件无影像"}
    answer = client.post(reverse("cases:step", args=[case.number, "complete_scan"]), sent)
    assert answer.url == reverse("documents:manage", args=[coming.number])
    page = client.get(scan).content.decode()
    assert "扫描完成 <kbd>" not in page and "step/complete_scan" not in page
    with pytest.raises(Refused, match="扫描已经完成"):
        perform(again(case), "complete_scan", actor=cast.scan, reason="再次")
    perform(coming, "complete_scan", actor=cast.scan, reason="测试件无影像")
    assert stages.onwards(cast.scan, again(coming), "complete_scan").endswith("?stage=scan")


def test_entry_with_mistakes_keeps_everything_and_says_what_is_wrong(cast, as_user):
    case = prechecked(cast)
    sent = fields_of(claim_inputs(hospital="")) | {"version": case.version, "key": "e1", "action": "save"}
    answer = as_user(cast.entry).post(reverse("intake:entry", args=[case.number]), sent)
    page = answer.content.decode()
    assert answer.status_code == 400 and "请填写医院" in page and 'value="12000.00"' in page
    assert again(case).record is None


def test_two_clerks_on_one_record_the_second_keeps_the_text_and_sees_the_difference(cast, as_user):
    case = prechecked(cast)
    url = reverse("intake:entry", args=[case.number])
    perform(case, "save_record", actor=cast.entry, **claim_inputs(hospital="第一医院"))
    sent = fields_of(claim_inputs(hospital="第二医院")) | {"version": case.version, "key": "e2", "action": "save"}
    answer = as_user(cast.entry).post(url, sent)
    page = answer.content.decode()
    assert answer.status_code == 409 and "第二医院" in page and "第一医院" in page and "保存录入" in page
    assert again(case).record.hospital == "第一医院"
    sent |= {"version": again(case).version, "key": "e3"}
    assert as_user(cast.entry).post(url, sent).status_code == 302
    assert again(case).record.hospital == "第二医院"


def test_entry_belongs_to_the_entry_post(cast, as_user):
    case = prechecked(cast)
    url = reverse("intake:entry", args=[case.number])
    refused = as_user(cast.clerk).post(url, fields_of(claim_inputs()) | {"version": case.version})
    assert refused.status_code == 403 and "虚构医院" in refused.content.decode()
    assert as_user(cast.other_clerk).get(url).status_code == 404


def test_whole_account_numbers_are_shown_to_the_entry_post_only(cast, as_user):
    case = prechecked(cast)
    perform(case, "save_record", actor=cast.entry, **claim_inputs(payee_account="9900007777777777"))
    url = reverse("intake:entry", args=[case.number])
    assert "9900007777777777" in as_user(cast.entry).get(url).content.decode()
    for user in (cast.clerk, cast.head, cast.manager, cast.auditor):
        assert "9900007777777777" not in as_user(user).get(url, follow=True).content.decode()


def captured(cast, **fields):
    case = prechecked(cast)
    perform(case, "save_record", actor=cast.entry, **inputs_for(case, **fields))
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    return again(case)


def test_list_shows_each_case_under_the_work_that_is_due_and_hands_over_many(cast, as_user, django_assert_max_num_queries):
    waits, ready = accept(cast), [captured(cast), captured(cast)]
    client = as_user(cast.clerk)
    assert waits.number in client.get(reverse("intake:worklist") + "?stage=precheck").content.decode()
    with django_assert_max_num_queries(16):
        page = client.get(reverse("intake:worklist") + "?stage=handover").content.decode()
    assert all(case.number in page for case in ready) and waits.number not in page
    answer = client.post(reverse("intake:hand_over"), {"case": [c.number for c in ready] + [waits.number]}, follow=True)
    assert {again(c).state for c in ready} == {State.QUEUED} and again(waits).state == State.RECEIVED
    assert f"{waits.number} 未交接" in answer.content.decode()


def test_list_of_another_branch_is_empty(cast, as_user):
    case = accept(cast)
    assert case.number not in as_user(cast.other_clerk).get(reverse("intake:worklist")).content.decode()
    as_user(cast.other_clerk).post(reverse("intake:hand_over"), {"case": [case.number]})
    assert again(case).state == State.RECEIVED


def test_day_balances_in_figures_and_is_signed_once(cast, as_user):
    first, second, third = accept(cast), accept(cast), captured(cast)
    perform(third, "hand_over", actor=cast.clerk, overrides={})
    perform(first, "return_for_correction", actor=cast.clerk, gaps=["发票"])
    perform(second, "withdraw", actor=cast.clerk, reason="客户要求")
    accept(cast)
    found = settling.figures(cast.county, timezone.localdate())
    assert (found.carried_in, found.accepted, found.handed_over, found.returned, found.withdrawn, found.pending) == (0, 4, 1, 1, 1, 1)
    assert found.difference == 0
    client = as_user(cast.clerk)
    assert client.post(reverse("intake:settlement"), {"unit": cast.county.code}).status_code == 302
    assert Settlement.objects.get().pending == 1
    assert client.post(reverse("intake:settlement"), {"unit": cast.county.code}).status_code == 403


def test_day_that_does_not_balance_needs_an_explanation(cast, as_user):
    day = timezone.localdate()
    accept(cast)
    Settlement.objects.create(
        branch=cast.county, day=day - timedelta(days=1), carried_in=3, accepted=0, handed_over=0, returned=0, pending=3,
        signed_by=cast.clerk, signed_at=timezone.now(),
    )
    client = as_user(cast.clerk)
    answer = client.post(reverse("intake:settlement"), {"unit": cast.county.code, "day": str(day)})
    assert answer.status_code == 400 and "差异 +3 件" in answer.content.decode()
    client.post(reverse("intake:settlement"), {"unit": cast.county.code, "day": str(day), "explanation": "系统上线前旧件"})
    assert Settlement.objects.get(day=day).difference == 3


def test_settlement_is_for_the_counter_and_the_head_of_the_unit(cast, as_user):
    assert as_user(cast.entry).get(reverse("intake:settlement")).status_code == 403
    assert as_user(cast.other_clerk).post(reverse("intake:settlement"), {"unit": cast.county.code}).status_code == 400
    assert not Settlement.objects.exists()


def test_a_policy_that_has_ended_or_is_suspended_is_told_of_at_the_counter(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    ended = timezone.localdate() - timedelta(days=30)

    def told(item, **fields):
        sent = {"item": item, "policy_number": policy.number, "submitted_on": timezone.localdate().isoformat()} | fields
        return as_user(cast.clerk).post(reverse("intake:refresh"), sent).content.decode()

    assert 'id="standing"' not in told("PS14")
    Policy.objects.filter(pk=policy.pk).update(status="terminated", ending="surrender", terminated_on=ended)
    assert f"保单已于 {ended} 终止（退保）：此项目不能办理" in told("PS13")
    assert f"保单已于 {ended} 终止（退保）：终止后一般不能再办理" in told("")
    assert "只有终止前发生的事故可以理赔" in told("CL05")
    assert "发生日在终止之前，可以受理" in told("CL05", occurred_on=(ended - timedelta(days=1)).isoformat())
    assert "只有终止前" in told("CL05", occurred_on=ended.isoformat())
    Policy.objects.filter(pk=policy.pk).update(status="lapsed", ending="", terminated_on=None)
    assert "保单效力中止：请核对后受理" in told("PS13") and "须先复效的项目不能办理" in told("") and "中止期间出险不承担保险责任" in told("CL05")


def test_the_counter_warns_of_a_state_as_the_precheck_will_find_it(cast, as_user):
    """What an item is there for is no reason to warn: a matured contract pays out, a suspended one is reinstated."""
    policy = make_policy(cast.county, cast.clerk)
    url = reverse("intake:refresh")

    def told(item):
        return as_user(cast.clerk).post(url, {"item": item, "policy_number": policy.number}).content.decode()

    assert "保单有效：此项目不能办理" in told("PS07") and "保单有效：此项目不能办理" in told("PS26")
    Policy.objects.filter(pk=policy.pk).update(status="lapsed")
    assert 'id="standing"' not in told("PS07") and "保单效力中止：此项目不能办理" in told("PS09")
    Policy.objects.filter(pk=policy.pk).update(status="terminated", ending="maturity", terminated_on=timezone.localdate())
    assert not [item for item in ("PS26", "PS14") if 'id="standing"' in told(item)]
    assert "终止（满期）：请核对后受理" in told("PS27")
    PrecheckRule.objects.filter(code="J03", line="servicing", item="PS13").delete()
    PrecheckRule.objects.filter(code="J03", line="servicing", item="").update(level="warn")
    forget_all()
    assert "此项目须写明理由方可办理" in told("PS13")


def test_a_telephone_is_checked_and_never_lost(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    client, url = as_user(cast.clerk), reverse("intake:counter")
    stranger = {"applicant": "", "applicant_name": "新客户", "applicant_phone": "13900001234"}
    answer = client.post(url, counter_post(policy, **stranger | {"applicant_phone": "1" * 20}))
    assert answer.status_code == 400 and "11 位手机号码" in answer.content.decode() and "1" * 20 in answer.content.decode()
    answer = client.post(url, counter_post(policy, **stranger))
    assert answer.status_code == 400 and "登记联系电话须同时填写证件号码" in answer.content.decode()
    assert not Case.objects.exists() and not Party.objects.filter(name="新客户").exists()
    card = compose_card(region="990101", birth_date=date(1970, 2, 3), sequence=779)
    client.post(url, counter_post(policy, **stranger, applicant_id_number=card))
    assert Party.objects.with_id(card).get().phone == "13900001234"
