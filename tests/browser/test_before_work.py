"""作业前 in a real browser: from the customer at the counter to the hand-over, hands on the keys."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.policies.services.particulars import record_death
from tests.cast import PASSWORD
from tests.documents.files import jpeg
from tests.factories import (
    accept,
    accept_proposal,
    again,
    make_party,
    make_policy,
    overrides_at_counter,
    proposal_inputs,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def captured(cast, **fields):
    """A proposal keyed and scanned."""
    case = accept_proposal(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, **proposal_inputs(**fields))
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    perform(case, "complete_entry", actor=cast.entry)
    return again(case)


def accepted_and_prechecked(clerk, policy):
    """受理 and 预审, hands on the keys."""
    clerk.goto("/intake/counter/")
    clerk.keyboard.type("oym", delay=15)
    clerk.wait_for_selector(f"#found >> text={policy.number}")
    clerk.keyboard.press("Enter")
    clerk.wait_for_selector(".policy-card")
    clerk.keyboard.type("CL05")
    clerk.wait_for_selector("tr[data-paper]")
    clerk.wait_for_selector("[data-chosen]:not([hidden])")
    assert clerk.input_value("#id_applicant_name") == "欧阳明"
    assert clerk.input_value("#id_applicant_kind") == "insured"
    clerk.evaluate("document.activeElement.blur()")
    clerk.keyboard.press("a")
    clerk.shot("counter")
    clerk.keyboard.press("Control+Enter")
    clerk.wait_for_selector("text=已受理")
    case = Case.objects.get()
    assert (case.state, case.applicant, case.item) == (State.RECEIVED, policy.insured, "CL05")
    clerk.shot("accepted")
    clerk.keyboard.press("y")
    clerk.wait_for_selector("#precheck")
    clerk.shot("precheck")
    clerk.fill("[name=over-J02]", "发票为电子票据") if clerk.locator("[name=over-J02]").count() else None
    with clerk.expect_navigation():
        clerk.keyboard.press("Control+Enter")
    assert again(case).state == State.PRECHECKED
    return case


def scanned(scanner, case, folder):
    """Every paper that was received, as many pages as were counted."""
    for row in case.checklist.filter(pages__gt=0):
        files = []
        for number in range(row.pages):
            path = folder / f"{row.doc_type_id}-{number}.jpg"
            path.write_bytes(jpeg(f"{row.doc_type_id}{number}"))
            files.append(str(path))
        scanner.goto(f"/documents/cases/{case.number}/manage/")
        scanner.select_option("#up-type", row.doc_type_id)
        with scanner.expect_navigation():
            scanner.set_input_files("input[name=files]", files)
    scanner.shot("scan")
    # the pages agree with what was received: there is nothing to ask
    with scanner.expect_navigation():
        scanner.keyboard.press("Control+Enter")
    assert again(case).scanned_at is not None


def entered(entry, case):
    """录入, left in the middle and taken up again from the draft."""
    entry.goto("/intake/worklist/?stage=entry")
    entry.keyboard.press("n")
    entry.wait_for_selector("#id_event_on")
    entry.fill("#id_event_on", str(case.submitted_on))
    entry.press("#id_event_on", "Enter")
    assert entry.evaluate("document.activeElement.id") == "id_cause"
    for name, value in {
        "payee": "欧阳明", "payee_bank": "虚构银行", "payee_account": "9900001234567890", "diagnosis": "肺炎", "hospital": "虚构医院",
        "admitted_on": str(case.submitted_on), "discharged_on": str(case.submitted_on), "social_insurance": "100.00",
    }.items():
        entry.fill(f"#id_{name}", value)
    entry.fill("[name=expenses-0-category]", "药品")
    entry.fill("[name=expenses-0-invoiced]", "1200.50")
    entry.keyboard.press("Control+s")
    entry.wait_for_selector("text=草稿已保存")
    entry.goto(f"/intake/{case.number}/entry/")
    entry.wait_for_selector("text=已恢复上次的草稿")
    assert entry.input_value("[name=expenses-0-invoiced]") == "1200.50"
    entry.select_option("#id_cause", "illness")
    entry.shot("entry")
    entry.keyboard.press("Control+Enter")
    entry.wait_for_selector("text=录入完成")
    assert again(case).state == State.CAPTURED


def handed_over_and_settled(clerk, case):
    """交接 with every warning answered, then 日结."""
    clerk.goto(f"/intake/{case.number}/handover/")
    for box in clerk.locator("input[name^=over-]").all():
        box.fill("已核对")
    clerk.shot("handover")
    clerk.keyboard.press("Control+Enter")
    clerk.wait_for_selector("text=已交接总部")
    assert again(case).state == State.QUEUED
    clerk.goto("/intake/settlement/")
    clerk.shot("settlement")


def test_clerk_takes_a_claim_from_the_counter_to_the_handover_by_keys(screens, transactional_cast, tmp_path):
    cast = transactional_cast
    policy = make_policy(cast.county, cast.clerk, insured=make_party(name="欧阳明"))
    clerk, scanner, entry = screens(), screens(), screens()
    clerk.sign_in(cast.clerk)
    case = accepted_and_prechecked(clerk, policy)
    scanner.sign_in(cast.scan)
    scanned(scanner, case, tmp_path)
    entry.sign_in(cast.entry)
    entered(entry, case)
    handed_over_and_settled(clerk, case)
    assert again(case).state == State.QUEUED


def test_what_was_typed_survives_a_session_that_ended_while_one_typed(screens, transactional_cast):
    cast = transactional_cast
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    entry = screens()
    entry.sign_in(cast.entry)
    entry.goto(f"/intake/{case.number}/entry/")
    entry.fill("#id_hospital", "虚构第一医院")
    Session.objects.all().delete()
    entry.keyboard.press("Control+Enter")
    entry.wait_for_selector("#toast >> text=登录已过期")
    assert entry.input_value("#id_hospital") == "虚构第一医院"
    other = entry.context.new_page()
    other.goto("/login/")
    other.fill("#id_username", cast.entry.username)
    other.fill("#id_password", PASSWORD)
    other.press("#id_password", "Enter")
    other.wait_for_selector(".rail")
    entry.keyboard.press("Control+Enter")
    entry.wait_for_selector("text=请填写")
    assert entry.input_value("#id_hospital") == "虚构第一医院"
    assert again(case).record is None


def test_one_tick_clears_the_list_and_a_refused_reason_takes_the_focus(screens, transactional_cast):
    """全选 follows its rows; the insured of the own life is not asked for; whoever is told of a mistake stands at it."""
    cast = transactional_cast
    cases = [captured(cast, yes={"5": "高血压，服药"}), captured(cast)]
    head = screens()
    head.sign_in(cast.head)
    head.goto("/intake/worklist/?stage=handover")
    ticked = "tbody input[type=checkbox]:checked"
    assert head.locator(ticked).count() == 2 and head.is_checked("[data-check-all]")
    head.uncheck("[data-check-all]")
    assert head.locator(ticked).count() == 0
    head.check(f"input[value='{cases[1].number}']")
    assert head.evaluate("document.querySelector('[data-check-all]').indeterminate")
    head.keyboard.press("g")
    head.wait_for_selector("text=已交接总部 1 件")
    assert [again(case).state for case in cases] == [State.CAPTURED, State.QUEUED]
    head.goto(f"/intake/{cases[0].number}/handover/")
    head.keyboard.press("Control+Enter")
    head.wait_for_selector("[name=over-N13].is-invalid")
    assert head.evaluate("document.activeElement.name") == "over-N13"


def test_the_insured_is_asked_for_only_where_he_is_another_person(screens, transactional_cast):
    cast = transactional_cast
    case = accept_proposal(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    entry = screens()
    entry.sign_in(cast.entry)
    entry.goto(f"/intake/{case.number}/entry/")
    name, consent = entry.locator("#id_insured_name"), entry.locator("#id_consented")
    assert name.is_visible()
    entry.select_option("#id_relation", "self")
    assert not name.is_visible() and not consent.is_visible() and entry.is_visible("[name=beneficiaries-0-name]")
    entry.select_option("#id_relation", "child")
    assert name.is_visible() and consent.is_visible()


def test_the_day_it_occurred_is_asked_for_claims_only(screens, transactional_cast):
    cast = transactional_cast
    policy = make_policy(cast.county, cast.clerk)
    clerk = screens()
    clerk.sign_in(cast.clerk)
    clerk.goto(f"/intake/counter/?policy={policy.number}")
    day = clerk.locator("#id_occurred_on")
    clerk.select_option("#id_item", "CL05")
    clerk.wait_for_selector("tr[data-paper] >> text=医疗费用发票")
    day.fill("2026-01-05")
    clerk.select_option("#id_item", "PS14")
    clerk.wait_for_selector("tr[data-paper] >> text=保全申请书")
    day.wait_for(state="hidden")
    assert day.is_disabled()
    clerk.select_option("#id_item", "CL05")
    day.wait_for(state="visible")
    assert day.input_value() == "2026-01-05"


def test_the_counter_asks_the_company_for_no_document_and_takes_the_dead_for_no_heir(screens, transactional_cast):
    cast = transactional_cast
    policy = make_policy(cast.county, cast.clerk)
    record_death(party=policy.policyholder, died_on=timezone.localdate(), evidence="police", actor=cast.clerk, now=timezone.now())
    clerk = screens()
    clerk.sign_in(cast.clerk)
    clerk.goto(f"/intake/counter/?policy={policy.number}")
    name, card = clerk.locator("#id_applicant_name"), clerk.locator("#id_applicant_id_number")
    clerk.select_option("#id_item", "PS28")
    clerk.wait_for_selector("[data-chosen]:not([hidden])")
    assert name.input_value() == policy.policyholder.name
    clerk.select_option("#id_applicant_kind", "heir")
    card.wait_for(state="visible")
    assert name.input_value() == clerk.input_value("[name=applicant]") == ""
    name.fill("来办的人")
    card.fill("12345")
    clerk.select_option("#id_item", "PS33")
    clerk.select_option("#id_applicant_kind", "company")
    clerk.wait_for_function("() => document.getElementById('id_applicant_name').value.includes('保险')")
    assert not card.is_visible() and card.is_disabled() and not name.is_editable()
    clerk.select_option("#id_applicant_kind", "policyholder")
    assert name.is_editable() and card.is_enabled() and "保险" not in name.input_value()


def test_what_is_missing_is_in_sight_in_a_narrow_window(screens, transactional_cast):
    cast = transactional_cast
    policy = make_policy(cast.county, cast.clerk)
    for _ in range(8):
        accept(cast, policy=make_policy(cast.county, cast.clerk))
    clerk = screens((1024, 768))
    clerk.sign_in(cast.clerk)
    clerk.goto(f"/intake/counter/?policy={policy.number}")
    clerk.select_option("#id_item", "PS02")
    clerk.wait_for_selector("[data-chosen]:not([hidden])")
    clerk.keyboard.press("Control+Enter")
    told = clerk.wait_for_selector(".papers .note.bad >> text=必备资料未收")
    clerk.wait_for_function("e => { const at = e.getBoundingClientRect(); return at.top > 0 && at.bottom < innerHeight; }", arg=told)
    # the checklist stands before what has been taken in today
    assert clerk.locator(".papers").bounding_box()["y"] < clerk.locator(".taken-today").bounding_box()["y"]
