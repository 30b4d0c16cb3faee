"""The counter: gaps in one notice, blocks and warnings, the order of work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from intake.services import accept_case, page_gaps
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import ProcessRule
from lifeops.cases.numbers import is_valid
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.documents.checklists import completeness
from tests.documents.files import jpeg
from tests.factories import PAPERS, accept, again, claim_inputs, make_policy


def test_accepted_case_has_a_number_with_check_digit_its_event_and_custody(cast):
    case = accept(cast)
    assert is_valid(case.number) and case.number.startswith("86010101-CL-")
    assert list(case.events.values_list("step", "seq")) == [("register", 1)]
    assert case.custody.get().party == "branch"
    assert {c.rule.code for c in case.clocks.select_related("rule")} == {"IN_HANDOVER"}


def test_missing_papers_block_the_precheck(cast):
    policy = make_policy(cast.county, cast.clerk)
    case = accept_case(
        branch=cast.county, actor=cast.clerk, line="claims", item="CL05", channel="counter", applicant_kind="insured",
        submitted_on=policy.effective_on, policy=policy, applicant=policy.insured,
        papers=[{"doc_type": "CLAIM_FORM", "received": "original", "pages": 2}],
    )
    with pytest.raises(Invalid, match="必备资料不全"):
        perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    assert again(case).state == State.RECEIVED


def test_copies_for_originals_pass_only_with_a_reason_that_is_kept(cast):
    policy = make_policy(cast.county, cast.clerk)
    papers = [{"doc_type": c, "received": "copy" if c == "INVOICE" else "original", "pages": 1} for c in PAPERS["CL05"]]
    case = accept_case(
        branch=cast.county, actor=cast.clerk, line="claims", item="CL05", channel="counter", applicant_kind="insured",
        submitted_on=policy.effective_on, policy=policy, applicant=policy.insured, papers=papers,
    )
    with pytest.raises(Invalid, match="放行理由"):
        perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    event = perform(case, "pass_precheck", actor=cast.clerk, overrides={"J02": "医保留存原件"})
    assert event.data["overrides"][0]["reason"] == "医保留存原件"


def test_all_gaps_go_out_in_one_notice_and_are_not_asked_again(cast):
    case = accept(cast, gaps=["发票", "诊断证明"])
    assert again(case).state == State.RETURNED
    assert case.corrections.get().gaps == ["发票", "诊断证明"]
    perform(case, "resubmit", actor=cast.clerk, received_on=str(case.submitted_on))
    with pytest.raises(Invalid, match="前次补正通知"):
        perform(case, "return_for_correction", actor=cast.clerk, gaps=["发票"])


def test_what_was_missing_came_no_earlier_than_it_was_asked_for(cast):
    case = accept(cast, gaps=["发票"])
    asked = timezone.localdate(again(case).state_since)
    with pytest.raises(Invalid, match=f"不能早于退回补正日 {asked}"):
        perform(case, "resubmit", actor=cast.clerk, received_on=str(asked - timedelta(days=1)))
    assert again(case).state == State.RETURNED
    perform(case, "resubmit", actor=cast.clerk, received_on=str(asked))
    assert again(case).state == State.RECEIVED


def test_order_of_entry_and_scan_is_data(cast):
    ProcessRule.objects.filter(line="claims").update(order="scan_first")
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    perform(case, "save_record", actor=cast.entry, **claim_inputs())
    with pytest.raises(Refused, match="先扫描后录入"):
        perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="无影像")
    perform(case, "complete_entry", actor=cast.entry)
    assert again(case).state == State.CAPTURED


def test_pages_that_do_not_match_need_a_reason(cast):
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    with pytest.raises(Invalid, match="实扫 0 页"):
        perform(case, "complete_scan", actor=cast.scan)


def test_pages_of_a_paper_that_was_not_received_need_a_reason(cast, as_user):
    case = accept(cast, item="PS14")
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    scanner = as_user(cast.scan)
    for row in completeness(case):
        if row.received != "none":
            scan_in(scanner, case, row.doc_type)
    assert page_gaps(case) == []
    case.checklist.filter(doc_type="ID_APPLICANT").update(received="none", pages=0)
    label = case.checklist.get(doc_type="ID_APPLICANT").label
    assert page_gaps(case) == [f"{label}未登记收件、实扫 1 页"]
    assert scanner.get(reverse("documents:manage", args=[case.number])).context["steps"][0].form is not None
    with pytest.raises(Invalid, match="未登记收件"):
        perform(case, "complete_scan", actor=cast.scan)


def scan_in(client, case, code):
    file = SimpleUploadedFile(f"{code}.jpg", jpeg(code), "image/jpeg")
    assert client.post(reverse("documents:upload", args=[case.number]), {"files": file, "doc_type": code}).status_code in (200, 302)


def test_same_customer_same_item_same_day_is_a_warning(cast):
    policy = make_policy(cast.county, cast.clerk)
    accept(cast, policy=policy)
    twin = accept(cast, policy=policy)
    with pytest.raises(Invalid, match="疑似重复受理"):
        perform(twin, "pass_precheck", actor=cast.clerk, overrides={})


def test_clerk_of_another_unit_may_not(cast):
    case = accept(cast)
    with pytest.raises(Refused, match="本机构的受理岗"):
        perform(case, "pass_precheck", actor=cast.other_clerk, overrides={})
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})


def test_nobody_else_takes_a_case_in(cast):
    policy = make_policy(cast.county, cast.clerk)
    common = {"branch": cast.county, "line": "claims", "item": "CL05", "channel": "counter", "applicant_kind": "insured",
              "submitted_on": policy.effective_on, "policy": policy, "applicant": policy.insured}
    for person in (cast.other_clerk, cast.entry, cast.cl_reviewer, cast.sysadmin):
        with pytest.raises(Refused, match="本机构的受理岗"):
            accept_case(actor=person, **common)
    assert accept_case(actor=cast.clerk, **common).state == State.RECEIVED
