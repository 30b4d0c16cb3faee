"""作业中 and 作业后 in a real browser: reviewer, query handler, approver, issue desk, archivist, each at the own screen."""

from __future__ import annotations

from datetime import date

import pytest

from lifeops.cases.states import RequestState, State
from lifeops.policies.models import Payment
from tests.documents.files import jpeg
from tests.factories import again, handed_over, make_policy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def dialog(screen, **fields):
    """Fill the open dialog and send it with the key."""
    screen.wait_for_selector("#ask[open]")
    for name, value in fields.items():
        box = screen.locator(f"#ask [name={name}]")
        if box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    with screen.expect_navigation():
        screen.keyboard.press("Control+Enter")


def press(screen, key):
    """A key that sends a form and opens the next page."""
    with screen.expect_navigation():
        screen.keyboard.press(key)


def test_reviewer_asks_branch_answers_reviewer_concludes_approver_signs_branch_hands_out_and_files(
    screens, transactional_cast, tmp_path
):
    cast = transactional_cast
    policy = make_policy(cast.county, cast.clerk, product="W30", effective_on=date(2026, 3, 2))
    case = handed_over(cast, item="CL01", policy=policy)

    reviewer = screens()
    reviewer.sign_in(cast.cl_reviewer2)
    reviewer.keyboard.press("n")
    reviewer.wait_for_selector(f"text={case.number}")
    reviewer.keyboard.press("i")
    reviewer.wait_for_selector("[name=contents][value=CI01]:visible")
    assert reviewer.input_value("#ask [name=kind]") == "investigation" and not reviewer.is_visible("[name=contents][value=CQ03]")
    reviewer.keyboard.press("Escape")
    reviewer.wait_for_selector("#ask:not([open])", state="attached")
    reviewer.keyboard.press("b")
    reviewer.wait_for_selector("#ask[open] h2:has-text('交回')")
    reviewer.keyboard.press("Escape")
    reviewer.wait_for_selector("#ask:not([open])", state="attached")
    reviewer.keyboard.press("q")
    reviewer.wait_for_selector("[name=cause]:visible")
    reviewer.select_option("[name=kind]", "query")
    assert not reviewer.is_visible("[name=contents][value=CI01]")  # texts of the chosen kind only
    reviewer.check("[name=contents][value=CQ03]")
    assert reviewer.input_value("[name=cause]") == "身故证明"
    reviewer.shot("request-form")
    press(reviewer, "Control+Enter")
    assert again(case).state == State.WAITING
    letter = case.requests.get()

    handler = screens()
    handler.sign_in(cast.query)
    handler.goto(f"/requests/{letter.number}/")
    handler.shot("request")
    with handler.context.expect_page() as opened:
        handler.click("button:has-text('打印')")
    opened.value.close()
    handler.goto(f"/requests/{letter.number}/")
    handler.click("text=登记送达")
    dialog(handler, how="面交", to="测试客户")
    handler.wait_for_selector("text=登记回复")
    path = tmp_path / "reply.jpg"
    path.write_bytes(jpeg("死亡证明"))
    with handler.expect_navigation():
        handler.keyboard.press("i")
    handler.select_option("#up-type", "DEATH_CERT")
    with handler.expect_navigation():
        handler.set_input_files("input[name=files]", str(path))
    handler.goto(f"/requests/{letter.number}/")
    handler.click("text=登记回复")
    dialog(handler, reply="客户补交死亡证明原件")
    handler.shot("request-answered")
    assert case.requests.get().state == RequestState.CLOSED
    assert again(case).state == State.IN_REVIEW and again(case).assignee_id == cast.cl_reviewer2.pk

    reviewer.goto(f"/cases/{case.number}/")
    reviewer.wait_for_selector("#id_outcome, [name=outcome]")
    reviewer.select_option("#id_outcome", "PAY")
    reviewer.fill("#id_opinion", "事实清楚，属于保险责任")
    reviewer.wait_for_selector("#preview .way")
    reviewer.shot("workbench")
    press(reviewer, "Control+Enter")
    assert again(case).state == State.PENDING_APPROVAL

    approver = screens()
    approver.sign_in(cast.approver_high)
    approver.keyboard.press("n")
    approver.wait_for_selector(f"text={case.number}")
    approver.shot("approval")
    approver.keyboard.press("y")
    dialog(approver, opinion="同意")
    assert again(case).state == State.APPROVED

    issuer = screens()
    issuer.sign_in(cast.issue)
    issuer.goto("/archive/release/")
    issuer.wait_for_selector(f"text={case.number}")
    issuer.shot("release")
    issuer.goto(f"/documents/cases/{case.number}/letters/")
    issuer.click("button:has-text('理赔决定通知书')")
    with issuer.context.expect_page() as opened:
        issuer.click("button:has-text('打印')")
    opened.value.close()
    issuer.goto(f"/cases/{case.number}/")
    issuer.keyboard.press("s")
    dialog(issuer, how="hand", to="测试客户", signed_on=str(date.today()))
    assert again(case).state == State.RELEASED

    head = screens()
    head.sign_in(cast.head)
    head.goto("/archive/payments/")
    head.shot("payments")
    head.click("td button:has-text('放行'), td a:has-text('放行')")
    dialog(head)
    head.goto("/archive/payments/?state=released")
    head.click("td button:has-text('到账'), td a:has-text('到账')")
    dialog(head, reference="B00000001")
    assert Payment.objects.get(case_number=case.number).state == "settled"

    archivist = screens()
    archivist.sign_in(cast.archive)
    archivist.goto("/archive/filing/")
    archivist.wait_for_selector(f"text={case.number}")
    archivist.shot("filing")
    archivist.goto(f"/archive/filing/{case.number}/")
    archivist.fill("[name=box]", "2026-07")
    archivist.fill("[name=shelf]", "A3")
    archivist.fill("[name=reason]", "测试件无影像")
    archivist.shot("filing-case")
    press(archivist, "Control+Enter")
    assert again(case).state == State.ARCHIVED
    archivist.goto("/archive/loans/")
    archivist.shot("loans")
