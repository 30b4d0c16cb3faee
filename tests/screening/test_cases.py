"""名单核查 of cases: at the hand-over, at the conclusion and the signature, before money goes out."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.findings import evaluate_rules
from lifeops.cases.models import CaseEvent
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.screened import judge_anywhere, persons_of
from lifeops.cases.states import State
from lifeops.cases.tasks import screen_cases
from lifeops.notices.models import Notice
from lifeops.policies.identity import compose_card
from lifeops.policies.models import IdentityDocument, Payment
from lifeops.screening.models import Hit, WatchList
from tests.factories import again, handed_over, invented, make_party, make_policy
from tests.screening.listing import in_force, over, row, unreadable


def listed(case) -> dict[str, tuple[str, str]]:
    fresh = again(case)
    return {f.code: (f.level, f.value) for f in evaluate_rules(fresh, timezone.now()) if f.code in ("K01", "K02")}


def taken(case, who):
    perform(case, "take", actor=who)
    return again(case)


def pay(case, who, **inputs):
    return perform(again(case), "conclude", actor=who, **({"outcome": "PAY", "opinion": "事实清楚"} | inputs))


def judged(cast, case, verdict, who=None, reason="出生地、照片均不同"):
    hit = Hit.objects.get(case_number=case.number, state="open")
    judge_anywhere(hit=hit, verdict=verdict, reason=reason, actor=who or cast.manager, now=timezone.now())
    hit.refresh_from_db()
    return hit


def test_nobody_listed_passes_with_both_findings(cast):
    in_force(cast, "张测甲,,,,,")
    case = handed_over(cast)
    assert {code: level for code, (level, _) in listed(case).items()} == {"K01": "pass", "K02": "pass"}
    assert "无命中" in listed(case)["K01"][1]
    pay(taken(case, cast.cl_reviewer), cast.cl_reviewer)
    assert again(case).state == State.APPROVED


def test_a_document_on_a_list_stops_the_case_until_head_office_clears_it(cast):
    party = make_party()
    in_force(cast, row(party, name="别名"))
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    assert listed(case)["K01"][0] == "block" and "证件号码一致" in listed(case)["K01"][1]
    assert Notice.objects.filter(recipient=cast.manager, title="名单命中待处理").count() == 1
    case = taken(case, cast.cl_reviewer)
    with pytest.raises(Refused, match=r"名单核查：.*证件号码一致（制裁名单，待处理），不得办理"):
        pay(case, cast.cl_reviewer)
    hit = judged(cast, case, "cleared")
    assert (hit.state, hit.decided_by) == ("cleared", cast.manager)
    assert listed(case)["K01"][0] == "pass"
    pay(case, cast.cl_reviewer)
    assert again(case).state == State.APPROVED


def test_what_was_confirmed_stops_it_for_good_but_not_a_refusal(cast):
    party = make_party()
    in_force(cast, row(party))
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    judged(cast, case, "confirmed", reason="证件、照片一致")
    with pytest.raises(Refused, match="已确认"):
        pay(case, cast.cl_reviewer)
    pay(case, cast.cl_reviewer, outcome="REFUSE", reason_code="C01")
    assert again(case).state == State.PENDING_APPROVAL


@pytest.mark.parametrize(
    ("number", "born", "words"),
    [(False, True, "姓名、出生日期一致"), (False, False, "姓名一致"), (False, "1970-01-01", "")],
)
def test_a_name_warns_and_stops_nothing(cast, number, born, words):
    party = make_party()
    line = row(party, number=number, born=born is True)
    in_force(cast, line.replace(",,,,,", f",,,,{born},") if isinstance(born, str) else line)
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    level, value = listed(case)["K01"]
    assert (level, words in value) == (("warn", True) if words else ("pass", True))
    pay(case, cast.cl_reviewer)
    assert again(case).state == State.APPROVED


@pytest.mark.parametrize("also", ["测试旧名", "CE SHI JIU MING"])
def test_former_names_and_pinyin_are_compared(cast, also):
    party = make_party(name="测试旧名")
    in_force(cast, f"今名,{also},,,{party.birth_date},")
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    assert listed(case)["K01"][0] == "warn"


def test_everybody_of_a_case_is_screened(cast):
    """投保人 and 被保险人 keyed, the beneficiaries beside them; 收款人 and those of the policy in a claim."""
    proposal = handed_over(cast, item="NB01")
    assert {p.role for p in persons_of(proposal)} >= {"投保人", "被保险人", "受益人"}
    heir = {"name": "测试受益", "relation": "配偶", "id_number": compose_card(region="990101", birth_date=date(1988, 3, 9), sequence=400)}
    claim = handed_over(cast, item="CL01", policy=make_policy(cast.county, cast.clerk, product="T20", beneficiaries=[heir]), payee="测试受益", payee_relation="配偶")
    assert {(p.role, p.name) for p in persons_of(claim)} >= {("受益人", "测试受益"), ("收款人", "测试受益")}
    change = handed_over(cast, item="PS13")
    assert ("受益人", "测试配偶") in {(p.role, p.name) for p in persons_of(change)}
    in_force(cast, "测试受益,,,,,", "测试配偶,,,,,", code="T-2")
    screen_cases()
    assert set(Hit.objects.values_list("case_number", "role")) == {(claim.number, "受益人、收款人"), (change.number, "受益人")}


def test_who_is_keyed_but_not_on_file_is_found_by_the_document(cast):
    person = invented("holder", born=date(1986, 5, 17), sequence=301)
    in_force(cast, f"别名,,,{person['holder_id_number']},,")
    case = handed_over(cast, item="NB01", **person)
    taken(case, cast.underwriter)
    with pytest.raises(Refused, match="投保人、被保险人证件号码一致"):
        perform(again(case), "conclude", actor=cast.underwriter, outcome="STANDARD", opinion="资料齐全")


def test_the_handler_does_not_clear_and_whoever_is_not_of_head_office_neither(cast):
    party = make_party()
    in_force(cast, row(party))
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    for who, why in ((cast.cl_reviewer, "由总公司运营主管或批准岗处理"), (cast.head, "由总公司运营主管或批准岗处理"), (cast.auditor, "由总公司运营主管或批准岗处理")):
        with pytest.raises(Refused, match=why):
            judged(cast, case, "cleared", who)
    perform(again(case), "assign", actor=cast.manager, assignee="cl_reviewer2", reason="改派")
    type(case).objects.filter(pk=case.pk).update(reviewer=cast.manager)
    with pytest.raises(Refused, match="须由未经办本案的人处理"):
        judged(cast, case, "cleared")
    with pytest.raises(Invalid, match="请写明处理理由"):
        judged(cast, case, "cleared", cast.approver, reason=" ")
    assert judged(cast, case, "cleared", cast.approver).decided_by == cast.approver


def test_the_trail_tells_what_was_found_out_without_name_or_number(cast):
    party = make_party()
    in_force(cast, row(party))
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    judged(cast, case, "cleared")
    event = CaseEvent.objects.get(case=case.pk, step="judge_hit")
    assert event.actor == cast.manager and event.reason == "出生地、照片均不同"
    [change] = event.data["changes"]
    assert (change["before"], change["after"]) == ("待处理", "已排除") and "制裁名单（证件号码一致）" in change["label"]
    assert party.name not in str(event.data) and party.id_number not in str(event.data)
    assert again(case).events.get(step="hand_over").data["watch_hits"] == 1


def test_a_politically_exposed_person_asks_for_a_senior_signature_with_a_reason(cast):
    party = make_party()
    in_force(cast, row(party), kind="pep")
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    assert listed(case)["K02"][0] == "warn" and listed(case)["K01"][0] == "pass"
    with pytest.raises(Invalid, match="请写明办理理由") as refused:
        pay(case, cast.cl_reviewer, opinion="事实清楚")
    assert list(refused.value.errors) == ["served_reason"]
    event = pay(case, cast.cl_reviewer, served_reason="资金来源清楚")
    assert "须由 3 级以上批准岗批准" in event.data["route"] and again(case).required_grade == 3
    assert take_next(cast.approver, "approval") is None
    signing = take_next(cast.approver_high, "approval")
    with pytest.raises(Invalid, match="请写明办理理由"):
        perform(signing, "approve", actor=cast.approver_high, opinion="同意")
    perform(again(case), "approve", actor=cast.approver_high, served_reason="已核资金来源，同意")
    payment = Payment.objects.get(case_number=case.number)
    assert move_money(case=again(case), payment=payment, act="release", actor=cast.head, now=timezone.now()).state == "released"


def test_a_person_cleared_of_being_exposed_is_signed_for_as_anybody(cast):
    party = make_party()
    in_force(cast, row(party), kind="pep")
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    judged(cast, case, "cleared")
    pay(case, cast.cl_reviewer)
    assert again(case).state == State.APPROVED


def paid(cast, party):
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    pay(case, cast.cl_reviewer)
    return case, Payment.objects.get(case_number=case.number)


def test_no_money_goes_out_to_who_was_listed_after_the_decision(cast):
    party = make_party()
    case, payment = paid(cast, party)
    in_force(cast, row(party), kind="terror")
    release = {"case": again(case), "payment": payment, "act": "release", "actor": cast.head}
    with pytest.raises(Refused, match="本案有事项待总公司处理，款项暂不放行"):
        move_money(**release, now=timezone.now())
    assert Hit.objects.filter(case_number=case.number, state="open").count() == 1
    assert screen_cases() == 1 and WatchList.objects.get().cases_at is not None
    judged(cast, case, "cleared")
    assert move_money(**release, now=timezone.now()).state == "released"


def paper_of(cast, party, number):
    """A further document of a customer, known since today."""
    return IdentityDocument.objects.create(party=party, id_type="passport", number=number, since=timezone.localdate(), made_at=timezone.now(), made_by=cast.clerk)


@pytest.mark.parametrize("kind", ["terror", "pep"])
def test_what_stops_a_payment_is_told_to_head_office_though_no_list_is_new(cast, kind):
    """The list was gone through before the paper was known: only the release finds it."""
    party = make_party()
    case, payment = paid(cast, party)
    in_force(cast, "别名,,护照,E12345678,,", kind=kind)
    assert screen_cases() == 1 and not Hit.objects.exists()
    paper_of(cast, party, "E12345678")
    release = {"case": again(case), "payment": payment, "act": "release", "actor": cast.head}
    with pytest.raises(Refused, match="款项暂不放行"):
        move_money(**release, now=timezone.now())
    assert Payment.objects.get(pk=payment.pk).state == "ready" and not case.events.filter(step="payment.release").exists()
    assert Notice.objects.filter(recipient=cast.manager, title="名单命中待处理").count() == 1
    judged(cast, case, "cleared")
    assert move_money(**release, now=timezone.now()).state == "released"


def test_what_stops_a_conclusion_or_a_signature_can_be_cleared(cast):
    party = make_party()
    in_force(cast, "别名,,护照,E12345678,,", "别名乙,,护照,E87654321,,")
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    paper_of(cast, party, "E12345678")
    with pytest.raises(Refused, match="证件号码一致"):
        pay(case, cast.cl_reviewer)
    assert again(case).state == State.IN_REVIEW and again(case).current_decision() is None
    judged(cast, case, "cleared")
    pay(case, cast.cl_reviewer, outcome="EX_GRATIA", amount="3000.00", reason_code="C01")
    paper_of(cast, party, "E87654321")
    signing = take_next(cast.approver, "approval") or take_next(cast.approver_high, "approval")
    with pytest.raises(Refused, match="证件号码一致"):
        perform(signing, "approve", actor=signing.assignee, opinion="同意")
    assert again(case).state == State.PENDING_APPROVAL and judged(cast, case, "cleared").state == "cleared"


def test_money_for_who_became_exposed_since_needs_the_word_of_a_senior_approver(cast):
    party = make_party()
    case, payment = paid(cast, party)
    in_force(cast, row(party), kind="pep")
    screen_cases()
    release = {"case": again(case), "payment": payment, "act": "release", "actor": cast.head}
    with pytest.raises(Refused, match="付款前须由总公司 3 级以上批准岗确认"):
        move_money(**release, now=timezone.now())
    judged(cast, case, "confirmed", cast.approver_high, reason="已核资金用途，同意付款")
    assert move_money(**release, now=timezone.now()).state == "released"


def test_a_list_that_is_over_or_not_yet_in_force_counts_for_nothing(cast):
    party = make_party()
    made = in_force(cast, row(party))
    case = taken(handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party)), cast.cl_reviewer)
    assert listed(case)["K01"][0] == "block"
    over(made)
    assert listed(case)["K01"][0] == "pass"
    pay(case, cast.cl_reviewer)


def test_what_was_found_out_holds_on_for_the_same_person_and_entry(cast):
    party = make_party()
    in_force(cast, row(party))
    policy = make_policy(cast.county, cast.clerk, insured=party)
    first = handed_over(cast, policy=policy)
    judged(cast, first, "cleared")
    other = handed_over(cast, item="PS14", policy=policy)
    hit = Hit.objects.get(case_number=other.number)
    assert (hit.state, hit.decided_by) == ("cleared", cast.manager) and hit.reason == f"沿用{first.number}的处理：出生地、照片均不同"
    assert listed(other)["K01"][0] == "pass"


@pytest.mark.parametrize(("verdict", "after"), [("cleared", "open"), ("confirmed", "confirmed")])
def test_a_bare_name_that_was_cleared_clears_nobody_else_of_that_name(cast, verdict, after):
    """Of two 受益人 of whom nothing but the name is known nobody can say that they are one person."""
    in_force(cast, "测试受益人甲,,,,,")
    judged(cast, handed_over(cast, item="NB01"), verdict)
    other = handed_over(cast, item="NB01")
    assert Hit.objects.get(case_number=other.number).state == after


def test_a_smaller_agreement_that_was_cleared_does_not_clear_a_document(cast):
    party = make_party()
    made = in_force(cast, row(party, number=False))
    policy = make_policy(cast.county, cast.clerk, insured=party)
    judged(cast, handed_over(cast, policy=policy), "cleared")
    over(made)
    in_force(cast, row(party))
    case = handed_over(cast, item="PS14", policy=policy)
    assert listed(case)["K01"][0] == "block"


def test_a_case_that_cannot_be_screened_stops_no_other_is_told_and_is_tried_again(cast, as_user, caplog):
    parties = [make_party() for _ in range(3)]
    cases = [handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=p)) for p in parties]
    made = in_force(cast, *(row(p) for p in parties))
    was = unreadable(parties[1])
    assert screen_cases() == 3
    made.refresh_from_db()
    assert set(Hit.objects.values_list("case_number", flat=True)) == {cases[0].number, cases[2].number}
    assert (made.cases_left, made.cases_at is not None) == ([cases[1].pk], True)
    assert f"screening case={cases[1].pk}" in caplog.text and parties[1].name not in caplog.text
    assert screen_cases() == 0
    assert "T-1：1 件在办案件未能核查" in Notice.objects.get(title="名单核查有未完成的", recipient=cast.manager).body
    assert not Notice.objects.filter(title="名单核查有未完成的", recipient=cast.clerk).exists()
    assert "1 件在办案件未能核查，待重试" in as_user(cast.auditor).get(reverse("policies:watch_lists")).content.decode()
    unreadable(parties[1], again=was)
    screen_cases()
    made.refresh_from_db()
    assert made.cases_left == [] and Hit.objects.filter(case_number=cases[1].number).exists()


def test_a_case_that_was_closed_meanwhile_is_not_tried_again(cast):
    party = make_party()
    case = handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    made = in_force(cast, row(party))
    was = unreadable(party)
    screen_cases()
    unreadable(party, again=was)
    perform(again(case), "withdraw", actor=cast.head, reason="客户撤回")
    assert screen_cases() == 0
    made.refresh_from_db()
    assert made.cases_left == [] and not Hit.objects.exists()


def test_the_cases_of_a_new_list_are_found_by_an_index_that_leaves_out_the_shelf(cast):
    handed_over(cast)
    made = in_force(cast, "张测甲,,,,,")
    with CaptureQueriesContext(connection) as told:
        screen_cases()
    made.refresh_from_db()
    [asked] = [q["sql"] for q in told if "handed_over_at" in q["sql"] and '"cases_case"."id" >' in q["sql"] and q["sql"].startswith("SELECT")]
    # the very statement that was run; so few rows would be read without an index
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "case_to_screen" in plan and made.cases_at is not None
