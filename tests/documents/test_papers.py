"""文书: issued from what the case holds, numbered copy by copy, the same file every time."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Clock, Request
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.requests import issue_request, perform_request
from lifeops.cases.states import State
from lifeops.documents.builders import build
from lifeops.documents.letters import KINDS
from lifeops.documents.letters.samples import SAMPLES
from lifeops.documents.models import Letter, LetterCopy
from lifeops.documents.papers import issue, issue_letter, offered, pdf_of, print_letter, print_request
from lifeops.policies.rules.dates import age_on
from tests.documents.letter_reading import printed
from tests.factories import accept, again, handed_over, invented

pytestmark = pytest.mark.django_db


def give(case, kind, actor, **options):
    return issue(case=case, kind=kind, actor=actor, now=timezone.now(), **options)


def copy(letter, actor, reason=""):
    return print_letter(letter=letter, actor=actor, now=timezone.now(), reason=reason)


def decided(cast, **inputs):
    handed_over(cast)
    case = take_next(cast.cl_reviewer, "claims")
    perform(case, "conclude", actor=cast.cl_reviewer, opinion="事实清楚", **({"outcome": "PAY"} | inputs))
    return again(case)


def asked(cast, kind="query", **fields):
    handed_over(cast)
    case = take_next(cast.cl_reviewer, "claims")
    return issue_request(
        case=case, actor=cast.cl_reviewer, kind=kind, addressee=fields.pop("addressee", "customer"), cause="病历资料",
        extra="请提供完整住院病历", blocking=True, due_days=10, note="出院小结与诊断证明日期不一致", **fields,
    )


def test_a_receipt_says_what_was_taken_and_how_to_ask(cast):
    case = accept(cast)
    letter = give(case, "receipt", cast.clerk)
    text = printed(pdf_of(letter))
    assert letter.number == f"{case.number}-R01"
    for words in (case.number, "理赔申请书", "出院小结", "住院医疗理赔", cast.clerk.name, "客户服务热线"):
        assert words.replace(" ", "") in text
    assert case.applicant.id_number not in text
    assert case.applicant.id_number not in str(letter.data)


def test_a_letter_is_the_same_file_for_ever(cast, settings):
    letter = give(accept(cast), "receipt", cast.clerk)
    settings.COMPANY_NAME = "改名后的保险公司"
    again_ = Letter.objects.get(pk=letter.pk)
    assert hashlib.sha256(pdf_of(again_)).hexdigest() == letter.sha256


def test_the_same_words_are_issued_once(cast):
    case = accept(cast)
    assert give(case, "receipt", cast.clerk) == give(case, "receipt", cast.head)
    assert case.letters.count() == 1


def test_copies_are_numbered_and_reprints_say_why(cast):
    case = accept(cast)
    letter = give(case, "receipt", cast.clerk)
    assert "第1份" in printed_all(copy(letter, cast.clerk))
    with pytest.raises(Invalid, match="第 2 份") as refused:
        copy(letter, cast.clerk, "  ")
    assert "reason" in refused.value.errors
    second = printed_all(copy(letter, cast.head, "客户遗失"))
    assert "第2份（补打）" in second
    assert "客户遗失" in second
    assert list(LetterCopy.objects.values_list("copy_no", "reason", "by")) == [
        (1, "", cast.clerk.pk), (2, "客户遗失", cast.head.pk),
    ]
    assert [e.data["copy"] for e in case.events.filter(step="letters.print").order_by("seq")] == [1, 2]


def printed_all(pdf):
    import pypdfium2

    from tests.documents.letter_reading import squeezed

    return squeezed("".join(p.get_textpage().get_text_bounded() for p in pypdfium2.PdfDocument(pdf)))


def test_printing_does_not_make_a_signers_page_stale(cast):
    case = accept(cast)
    before = again(case).version
    copy(give(case, "receipt", cast.clerk), cast.clerk)
    assert again(case).version == before


def test_looking_at_a_letter_counts_no_copy(cast):
    letter = give(accept(cast), "receipt", cast.clerk)
    pdf_of(letter)
    assert Letter.objects.get(pk=letter.pk).copies == 0


def test_a_reason_longer_than_the_column_is_invalid(cast):
    letter = give(accept(cast), "receipt", cast.clerk)
    copy(letter, cast.clerk)
    with pytest.raises(Invalid, match="120"):
        copy(letter, cast.clerk, "因" * 121)


@pytest.mark.parametrize("who", ["auditor", "sysadmin", "secadmin", "other_clerk"])
def test_auditors_administrators_and_other_units_print_nothing(cast, who):
    case = accept(cast)
    letter = give(case, "receipt", cast.clerk)
    with pytest.raises(Refused):
        copy(letter, getattr(cast, who))
    with pytest.raises(Refused):
        give(case, "flow_sheet", getattr(cast, who))


def test_one_complete_notice_of_what_is_missing(cast):
    case = accept(cast, gaps=["医疗费用发票", "出院小结"])
    letter = give(case, "correction_notice", cast.clerk)
    text = printed(pdf_of(letter))
    for words in ("医疗费用发票", "出院小结", "第二十二条", "一次性"):
        assert words in text


def test_no_correction_notice_where_nothing_was_returned(cast):
    with pytest.raises(Invalid, match="没有退回补正"):
        give(accept(cast), "correction_notice", cast.clerk)


def test_a_withdrawal_is_confirmed_with_its_reason(cast):
    case = accept(cast)
    perform(case, "withdraw", actor=cast.clerk, reason="客户自愿撤回申请")
    text = printed(pdf_of(give(again(case), "withdrawal_notice", cast.clerk)))
    assert "客户自愿撤回申请" in text


def test_a_decision_letter_says_outcome_calculation_and_payee(cast):
    case = decided(cast)
    assert case.state == State.APPROVED
    letter = give(case, "claim_decision", cast.issue)
    text = printed(pdf_of(letter))
    for words in ("2,700.00", "贰仟柒佰元", case.policy.number):
        assert words in text
    assert "9900001234567890" not in text
    assert "9900001234567890" not in str(letter.data)


def test_a_refusal_letter_says_facts_article_and_how_to_appeal(cast):
    handed_over(cast)
    taken = take_next(cast.cl_reviewer2, "claims")
    perform(taken, "conclude", actor=cast.cl_reviewer2, outcome="REFUSE", reason_code="C02", opinion="事故发生在等待期内")
    case = again(taken)
    if case.state == State.PENDING_APPROVAL:
        with pytest.raises(Invalid, match="尚未批准"):
            give(case, "claim_refusal", cast.issue)
        perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    text = printed(pdf_of(give(again(case), "claim_refusal", cast.issue)))
    for words in ("事故发生在等待期内", "第二十四条", "如您有异议", "C02"):
        assert words in text


def test_no_decision_letter_before_the_signature_nor_of_the_other_kind(cast):
    with pytest.raises(Invalid, match="尚未批准"):
        give(accept(cast), "claim_decision", cast.clerk)
    with pytest.raises(Invalid, match="不出具此文书"):
        give(decided(cast), "claim_refusal", cast.issue)


def test_a_query_letter_asks_why_what_and_until_when(cast):
    request = asked(cast)
    pdf = print_request(request=request, actor=cast.query, now=timezone.now())
    text = printed(pdf)
    for words in ("请提供完整住院病历", "出院小结与诊断证明日期不一致", request.number, "第二十二条"):
        assert words in text
    # a customer reads the name of the business, not our code for it
    assert f"您提交的“{request.case.item_label}”申请" in text
    found = Request.objects.get(pk=request.pk)
    assert (found.state, found.print_count) == ("printed", 1)
    assert request.letters.get().number == request.number


def test_a_second_print_of_a_query_letter_needs_a_reason_and_changes_nothing_without(cast):
    request = asked(cast)
    print_request(request=request, actor=cast.query, now=timezone.now())
    with pytest.raises(Invalid, match="第 2 份"):
        print_request(request=Request.objects.get(pk=request.pk), actor=cast.query, now=timezone.now())
    assert Request.objects.get(pk=request.pk).print_count == 1
    print_request(request=Request.objects.get(pk=request.pk), actor=cast.query, now=timezone.now(), reason="打印模糊")
    assert Request.objects.get(pk=request.pk).print_count == 2
    assert request.letters.get().copies == 2


def test_a_delivered_letter_is_reprinted_with_its_reason(cast):
    request = asked(cast)
    perform_request(request, "deliver", actor=cast.query, how="面交", to="本人")
    found = Request.objects.get(pk=request.pk)
    print_request(request=found, actor=cast.query, now=timezone.now())
    assert Request.objects.get(pk=request.pk).state == "delivered"


def test_the_reviewer_does_not_print_for_the_branch(cast):
    request = asked(cast)
    with pytest.raises(Refused):
        print_request(request=request, actor=cast.cl_reviewer, now=timezone.now())
    assert not Letter.objects.exists()


@pytest.mark.parametrize(("kind", "letter"), [("exam", "exam_notice"), ("investigation", "investigation_order")])
def test_examinations_and_investigations_are_printed_from_the_request(cast, kind, letter):
    request = asked(cast, kind)
    issued = give(request.case, letter, cast.query, request=request)
    assert "请提供完整住院病历" in printed(pdf_of(issued))
    with pytest.raises(Invalid, match="对应的问题件"):
        give(request.case, "query_letter", cast.query, request=request)


@pytest.mark.parametrize("relation", ["self", "child"])
@pytest.mark.parametrize("kind", ["query", "exam", "investigation"])
def test_each_letter_of_a_proposal_is_printed_and_the_examination_names_the_insured(cast, relation, kind):
    child = invented("insured", born=date(2016, 3, 1), sequence=31) | {"relation": "child", "sum_assured": "100000"}
    handed_over(cast, item="NB02", **(child if relation == "child" else {}))
    case = take_next(cast.underwriter, "underwriting")
    request = issue_request(
        case=case, actor=cast.underwriter, kind=kind, addressee="customer", cause="健康状况", extra="胸部影像", blocking=True, due_days=10
    )
    person = case.record.insured
    text = printed_all(print_request(request=request, actor=cast.query, now=timezone.now()))
    assert "胸部影像" in text and again(case).requests.get().print_count == 1
    if kind == "exam":
        age = age_on(person.birth_date, timezone.localdate())
        assert person.name in text and f"{age}周岁" in text and person.sex_label in text and person.id_number not in text


def test_a_flow_sheet_tells_the_whole_way(cast):
    case = decided(cast)
    text = printed(pdf_of(give(case, "flow_sheet", cast.head)))
    for event in case.events.exclude(step="letters.issue"):
        assert event.label.replace(" ", "") in text


def test_a_clock_sheet_explains_each_clock(cast):
    case = decided(cast)
    for clock in Clock.objects.filter(case=case):
        text = printed(pdf_of(give(case, "clock_sheet", cast.head, clock=clock)))
        assert clock.rule.name in text
        assert f"{clock.rule.effective_from.year}年{clock.rule.effective_from.month}月" in text and f"{clock.rule.effective_from}" not in text
        assert f"{clock.rule.amount}" in text
    with pytest.raises(Invalid, match="时效"):
        give(accept(cast), "clock_sheet", cast.head, clock=clock)


def test_every_kind_can_be_issued_and_printed_twice(cast):
    case = accept(cast)
    for kind in KINDS:
        number = f"{case.number}-Z{list(KINDS).index(kind):02d}"
        letter = issue_letter(case=case, kind=kind, data=SAMPLES[kind], number=number, actor=cast.clerk, now=timezone.now())
        assert hashlib.sha256(pdf_of(Letter.objects.get(pk=letter.pk))).hexdigest() == letter.sha256
        copy(letter, cast.clerk)
        copy(letter, cast.clerk, "补打测试")
        assert letter.copies == 2


def test_wrong_inputs_are_named_and_nothing_is_kept(cast):
    case = accept(cast)
    with pytest.raises(Invalid) as refused:
        issue_letter(
            case=case, kind="claim_decision", data=SAMPLES["claim_decision"] | {"total": "1.005", "addressee": ""},
            number="X-1", actor=cast.clerk, now=timezone.now(),
        )
    assert {"total", "addressee"} <= refused.value.errors.keys()
    assert not Letter.objects.exists()


def test_a_number_is_used_once(cast):
    case = accept(cast)
    fields = {"case": case, "kind": "receipt", "data": SAMPLES["receipt"], "number": "N-0001", "actor": cast.clerk}
    issue_letter(**fields, now=timezone.now())
    with pytest.raises(Invalid, match="N-0001"):
        issue_letter(**fields, now=timezone.now())


def test_what_is_offered_follows_the_case(cast):
    case = accept(cast)
    assert [kind for kind, _title in offered(case)] == ["receipt", "flow_sheet"]
    assert "claim_decision" in [kind for kind, _title in offered(decided(cast))]


def test_kinds_that_no_case_writes_are_invalid(cast):
    for kind in ("box_label", "handover_list"):
        with pytest.raises(Invalid):
            build(kind, accept(cast), actor=cast.clerk, now=timezone.now())
