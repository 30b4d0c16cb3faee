"""Walks over HTTP, from the counter to the shelf: a firm takes out a policy; money of the policyholder goes to another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.states import State
from lifeops.policies.models import Payment, Policy
from lifeops.policies.services.parties import find_or_create_party
from tests.documents.letter_reading import printed, squeezed
from tests.factories import fields_of, invented, make_policy
from tests.journeys.desks import Journey, words
from tests.servicing.test_dividend_item import with_dividend
from tests.servicing.test_third_party import PAPERS, another
from tests.underwriting.test_organisation import HANDLED, NAME, code_of, inputs

pytestmark = pytest.mark.django_db
TABS = ("summary", "record", "documents", "rules", "timeline", "requests", "history", "changes")


def pages_of(journey: Journey, who: str) -> str:
    """All that a person reads of the case: its page and every tab it has."""
    client, case = journey.client(who), journey.case
    page = client.get(case.get_absolute_url())
    assert page.status_code == 200, (who, page.status_code)
    text = words_of(page)
    for tab in {t for t in TABS if f"/tabs/{t}/" in page.content.decode()}:
        answer = client.get(reverse("cases:tab", args=[case.number, tab]))
        assert answer.status_code == 200, (who, tab, answer.status_code)
        text += words_of(answer)
    return text


def words_of(answer: Any) -> str:
    import re

    return re.sub(r"\s+", " ", re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S))


def paper(journey: Journey, kind: str) -> str:
    letter = journey.case.letters.get(kind=kind)
    return printed(journey.client("issue").get(reverse("documents:letter_pdf", args=[letter.pk])).content)


# 单位投保 ------------------------------------------------------------------------------------------------------------


def of_a_firm(cast, item: str = "NB01") -> Journey:
    firm = find_or_create_party(name=NAME, id_type="uscc", id_number=code_of("91990100MA0TE5T01"), phone="01088886666")
    who = invented("handler", born=date(1990, 1, 1), sequence=411)
    counter = {
        "applicant": firm.pk, "applicant_name": NAME, "handler_name": "经办李", "handler_id_type": "resident",
        "handler_id_number": who["handler_id_number"], "handler_phone": "19900001234",
    }  # fmt: skip
    journey = Journey(cast, item, papers=HANDLED, counter=counter)
    journey.record = lambda: inputs(firm, item)
    return journey


def test_a_firm_takes_out_a_policy_from_the_counter_to_the_shelf(cast):
    journey = of_a_firm(cast)
    journey.to_headquarters()
    journey.take("underwriter", "underwriting")
    seen = pages_of(journey, "underwriter")
    assert NAME in seen and "经办李" in seen and "单位" in seen
    assert "None" not in seen and "周岁投保人" not in seen
    journey.step("underwriter", "conclude", outcome="STANDARD", opinion="标准体承保")
    if journey.case.state == State.PENDING_APPROVAL:
        journey.take("approver_high", "approval")
        seen = pages_of(journey, "approver_high")
        assert NAME in seen and "None" not in seen
        journey.step("approver_high", "approve", opinion="同意")
    journey.hand_out()
    contract = paper(journey, "contract")
    assert NAME in contract and "None" not in contract and "经办李" not in contract
    journey.file()
    policy = Policy.objects.get(issued_by_case=journey.number)
    for who in ("clerk", "ps_reviewer"):
        client = journey.client(who)
        for url in (reverse("policies:detail", args=[policy.number]), reverse("policies:customer", args=[policy.policyholder_id])):
            answer = client.get(url)
            assert answer.status_code == 200 and NAME in answer.content.decode() and ">None<" not in answer.content.decode()


@pytest.mark.parametrize(("outcome", "reason", "more"), [
    ("DECLINE", "U01", {}), ("POSTPONE", "U01", {"postponed_until": (timezone.localdate() + timezone.timedelta(days=90)).isoformat(), "conditions": "复查"}),
])  # fmt: skip
def test_a_firm_is_told_why_it_is_not_taken(cast, outcome, reason, more):
    journey = of_a_firm(cast)
    journey.to_headquarters()
    journey.conclude("underwriter2", outcome=outcome, reason_code=reason, **more)
    journey.sign()
    assert journey.case.state == State.DECLINED
    journey.hand_out()
    letter = paper(journey, "nb_decline" if outcome == "DECLINE" else "nb_postpone")
    assert NAME in letter and "None" not in letter
    journey.file()
    assert not Policy.objects.filter(issued_by_case=journey.number).exists()


# 付给他人 ------------------------------------------------------------------------------------------------------------

EXITS = {"PS02": {"why": "money"}, "PS09": {"asked": "12000.00", "why_text": "子女教育"}, "PS27": {"dividend_option": "", "asked": "1200.00", "why_text": ""}}
REVIEWER = "ps_reviewer2"


def to_another(cast, item: str, papers=PAPERS, **fields: Any) -> Journey:
    policy = with_dividend(cast) if item == "PS27" else make_policy(cast.county, cast.clerk, product="W30", sum_assured=1_000_000)
    third = {k: v for k, v in another().items() if k != "why"}
    return Journey(cast, item, policy=policy, papers=papers, keyed=third | EXITS[item] | fields)


@pytest.mark.parametrize("item", EXITS)
def test_money_goes_to_another_with_reason_papers_and_a_second_person(cast, item):
    journey = to_another(cast, item)
    journey.to_headquarters()
    journey.take(REVIEWER, "servicing")
    seen = pages_of(journey, REVIEWER)
    assert "测试配偶" in seen and "没有可用的银行账户" in seen and "配偶" in seen
    assert "9900001234567890" not in seen and "990102" not in seen  # masked, as everywhere
    journey.step(REVIEWER, "conclude", outcome="APPROVE", opinion="委托真实，已核对证件")
    case = journey.case
    amount = case.current_decision().amount
    assert case.state == State.PENDING_APPROVAL and case.required_grade >= (3 if amount >= 10_000 else 1)
    if amount >= 10_000:
        # the pool gives it to nobody below, and who reaches it by its address may not
        assert journey.client("approver").post(reverse("cases:next", args=["approval"])).url != case.get_absolute_url()
        journey.step("approver", "take", 403)
    journey.take("approver_high", "approval")
    seen = pages_of(journey, "approver_high")
    assert "测试配偶" in seen and "没有可用的银行账户" in seen
    journey.step("approver_high", "approve", opinion="同意付给配偶")
    payment = Payment.objects.get(case_number=journey.number)
    assert (payment.payee, payment.amount, payment.approved_by) == ("测试配偶", amount, cast.approver_high)
    journey.hand_out()
    told = paper(journey, "loan_agreement" if item == "PS09" else "endorsement")
    assert squeezed("书面委托付至测试配偶账户") in told and squeezed("付给他人的原因：投保人没有可用的银行账户") in told
    url = reverse("archive:payment_act", args=[payment.number, "release"])
    # who approved it, and who is not posted to it, sends no money
    assert journey.client("approver_high").post(url, {}).status_code == 403
    assert journey.client("clerk").post(url, {}).status_code == 403
    journey.pay()
    assert Payment.objects.get(pk=payment.pk).state == "settled"
    journey.file()
    assert journey.policy_now().hold_case == ""


@pytest.mark.parametrize("item", EXITS)
@pytest.mark.parametrize("missing", PAPERS)
def test_without_a_paper_it_stays_at_the_branch_and_says_which(cast, item, missing):
    journey = to_another(cast, item, papers=tuple(p for p in PAPERS if p != missing))
    for act in (journey.accept, journey.precheck, journey.scan, journey.enter):
        act()
    # what will be refused is told first; sent again with that in sight, the entry is complete
    entry = reverse("intake:entry", args=[journey.number])
    page = journey.client("entry").get(entry)
    assert "收款人不是投保人本人，缺" in words_of(page) and journey.case.state == State.PRECHECKED
    again = fields_of(journey.record() | journey.keyed) | {"action": "complete", "told": page.context["told"]}
    journey.post("entry", entry, journey.guard | again)
    url = reverse("intake:handover", args=[journey.number])
    answer = journey.client("clerk").post(url, journey.guard | journey.reasons("clerk", url))
    assert answer.status_code in (400, 403) and "收款人不是投保人本人，缺" in words_of(answer)
    assert journey.case.state == State.CAPTURED


@pytest.mark.parametrize("item", EXITS)
@pytest.mark.parametrize(("field", "value", "said"), [
    ("third_reason", "", "请选择付给他人的原因"), ("payee_relation", "", "请选择收款人与投保人的关系"), ("payee_id_number", "123", "18 位"),
    ("payee_kind", "own", "款项只付至投保人"), ("payee_account", "abc", ""), ("third_reason", "gift", ""),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(cast, item, field, value, said):
    journey = to_another(cast, item)
    for act in (journey.accept, journey.precheck, journey.scan):
        act()
    url = reverse("intake:entry", args=[journey.number])
    sent = fields_of(journey.record() | journey.keyed | {field: value})
    answer = journey.client("entry").post(url, journey.guard | sent | {"action": "complete"})
    assert answer.status_code == 400, words(answer)
    page = answer.content.decode()
    assert said in page and 'value="测试配偶"' in page and (not value or field in ("third_reason", "payee_kind") or f'value="{value}"' in page)
    assert journey.case.record is None and not Payment.objects.exists()


@pytest.mark.parametrize("item", EXITS)
def test_refused_it_pays_nobody_and_the_letter_says_so(cast, item):
    journey = to_another(cast, item)
    journey.to_headquarters()
    journey.conclude(REVIEWER, outcome="REFUSE", reason_code="P05")
    journey.sign()
    assert journey.case.state == State.DECLINED and not Payment.objects.filter(case_number=journey.number).exists()
    journey.hand_out()
    assert "测试配偶" not in paper(journey, "ps_refusal")
    journey.file()
    assert (journey.policy_now().status, journey.policy_now().hold_case) == ("in_force", "")


def test_the_approver_sends_it_back_and_the_reviewer_changes_the_conclusion(cast):
    journey = to_another(cast, "PS02")
    journey.to_headquarters()
    journey.conclude(REVIEWER, outcome="APPROVE")
    journey.take("approver_high", "approval")
    journey.step("approver_high", "disagree", reason="请核实委托书")
    assert journey.case.assignee == cast.ps_reviewer2 and not Payment.objects.exists()
    journey.step(REVIEWER, "conclude", outcome="REFUSE", reason_code="P05", opinion="委托不真实")
    journey.sign()
    assert journey.case.state == State.DECLINED and Decimal(journey.case.amount) == 0
