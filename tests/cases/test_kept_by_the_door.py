"""What the kernel keeps that journeys alone would not miss: who is told, whose hands, whose limit, whose turn."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lifeops.cases import authority
from lifeops.cases.errors import Refused, Stale
from lifeops.cases.models import Case, Clock, Rank, Request
from lifeops.cases.needs import had_a_hand, stands_in_for
from lifeops.cases.perform import perform, record
from lifeops.cases.queues import pool, take_next
from lifeops.cases.requests import issue_request, perform_request
from lifeops.cases.routing import holders_of, readers
from lifeops.cases.states import State
from lifeops.org.models import Absence, AuthorityLimit, Posting, Role, User
from tests.cast import hire
from tests.factories import accept, again, handed_over

pytestmark = pytest.mark.django_db
NOW = timezone.now


def taken(cast, **fields):
    case = handed_over(cast, **fields)
    perform(case, "take", actor=cast.cl_reviewer)
    return again(case)


def waiting(cast, **fields):
    """A case that waits for its letter."""
    case = taken(cast)
    letter = issue_request(case=case, actor=cast.cl_reviewer, cause="医疗资料", extra="补充", due_days=10, blocking=True,
                           **({"kind": "query", "addressee": "customer"} | fields))
    return again(case), letter


def to_sign(cast):
    """A death claim that waits for its signature."""
    case = taken(cast, item="CL01")
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    return again(case)


def answered(cast, letter):
    for name, more in (("deliver", {"how": "面交", "to": "客户"}), ("answer", {"reply": "已补"}), ("close", {})):
        perform_request(letter, name, actor=cast.query, **more)


# 轨迹, 版本 -------------------------------------------------------------------------------------------------------


def test_a_case_is_in_its_state_since_it_came_there(cast):
    case, later = handed_over(cast), NOW() + timedelta(hours=2)
    perform(case, "take", actor=cast.cl_reviewer, now=later)
    assert again(case).state_since == later
    perform(case, "mark_complex", actor=cast.cl_reviewer, reason="须调查", now=later + timedelta(hours=1))
    assert again(case).state_since == later


def test_reason_and_opinion_stand_in_the_trail(cast):
    case = taken(cast)
    assert perform(case, "mark_complex", actor=cast.cl_reviewer, reason="须调查").reason == "须调查"
    assert perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚").reason == "事实清楚"


def test_what_is_added_to_a_case_is_a_change_the_signer_must_see_and_reading_is_none(cast):
    case = to_sign(cast)
    perform(case, "take", actor=cast.approver_high)
    seen = again(case).version
    record(again(case), "read.history", "查看既往", actor=cast.auditor, bump=False)
    assert again(case).version == seen
    record(again(case), "documents", "补扫", actor=cast.scan)
    with pytest.raises(Stale):
        perform(case, "approve", actor=cast.approver_high, version=seen)


def test_one_conclusion_stands_whatever_was_concluded_before(cast):
    case = to_sign(cast)
    perform(case, "take", actor=cast.approver_high)
    perform(case, "return_to_review", actor=cast.approver_high, reason="请补充依据")
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="已补充")
    model = type(case.current_decision())
    assert list(model.objects.filter(case_id=case.pk).order_by("pk").values_list("superseded", flat=True)) == [True, False]


# 谁该知道 ---------------------------------------------------------------------------------------------------------


def test_the_one_who_did_it_is_not_told_of_it(cast):
    _, letter = waiting(cast)
    other = perform_request(letter, "assign_handler", actor=cast.query, handler="investigator")
    assert readers(other) == [cast.investigator]
    assert readers(perform_request(letter, "assign_handler", actor=cast.query, handler="query")) == []


def test_the_nearest_who_still_work_there_are_told(cast):
    hire("province_head", Role.HEAD, cast.province, staff_no="PH1")
    assert holders_of([Role.HEAD], cast.county.path) == [cast.head]
    User.objects.filter(pk=cast.head.pk).update(is_active=False)
    assert [u.username for u in holders_of([Role.HEAD], cast.county.path)] == ["province_head"]
    Posting.objects.filter(user__username="province_head").update(ends_on=timezone.localdate() - timedelta(days=1))
    assert holders_of([Role.HEAD], cast.county.path) == []


# 持有, 时效 -------------------------------------------------------------------------------------------------------


def test_a_letter_pauses_the_clock_and_the_answer_sets_it_going(cast):
    case, letter = waiting(cast)
    clock = lambda: Clock.objects.get(case=case, rule__code="CL_DECIDE")  # noqa: E731
    review = Clock.objects.get(case=case, rule__code="CL_REVIEW")
    assert review.paused and not clock().paused  # in the branch's hands: the law's clock runs, headquarters' own does not
    perform_request(letter, "deliver", actor=cast.query, how="面交", to="客户")
    assert clock().paused
    perform_request(letter, "answer", actor=cast.query, reply="已补")
    assert not clock().paused
    answered_case = again(case)
    assert answered_case.due_at == min(c.due_at for c in answered_case.clocks.running())


def test_the_oldest_letter_says_who_has_the_case(cast):
    case, first = waiting(cast)
    issue_request(case=case, actor=cast.cl_reviewer, kind="query", addressee="branch", cause="账户资料", extra="补充", due_days=10, blocking=True)
    perform_request(first, "deliver", actor=cast.query, how="面交", to="客户")
    assert again(case).holder_party == "customer"


def test_a_letter_to_the_branch_stays_with_the_branch(cast):
    case, letter = waiting(cast, addressee="branch")
    perform_request(letter, "deliver", actor=cast.query, how="电子", to="机构")
    assert (again(case).holder_party, Request.objects.get().holder_party) == ("branch", "branch")


@pytest.mark.parametrize(("channel", "party"), [("agent", "agent"), ("counter", "customer")])
def test_gaps_go_back_to_who_brought_the_papers(cast, channel, party):
    case = accept(cast)
    Case.objects.filter(pk=case.pk).update(channel=channel)
    perform(case, "return_for_correction", actor=cast.clerk, gaps=["缺发票"], reason="缺发票")
    assert again(case).holder_party == party


def test_custody_names_each_person(cast):
    case = taken(cast)
    perform(case, "assign", actor=cast.manager, assignee="cl_reviewer2", reason="均衡")
    people = list(case.custody.filter(request=None, party="hq").order_by("seq").values_list("user_id", flat=True))
    assert people == [None, cast.cl_reviewer.pk, cast.cl_reviewer2.pk]


def test_a_stopped_clock_comes_to_no_level_any_more(cast):
    case = taken(cast)
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    stopped = Clock.objects.filter(case=case, stopped_at__isnull=False)
    assert stopped.exists() and not stopped.exclude(next_at=None).exists()


def test_the_clock_of_papers_that_came_earlier_starts_on_their_day(cast):
    day = timezone.localdate() - timedelta(days=3)
    case = handed_over(cast, submitted_on=day)
    started = timezone.localtime(Clock.objects.get(case=case, rule__code="CL_DECIDE").started_at)
    assert (started.date(), started.hour) == (day, 0)


# 代理, 挂起, 退回 -------------------------------------------------------------------------------------------------


def away(user, substitute, cast, *, days=(-1, 1)):
    begin, end = (NOW() + timedelta(days=n) for n in days)
    return Absence.objects.create(user=user, substitute=substitute, starts_at=begin, ends_at=end, created_by=cast.manager)


def test_who_is_stood_in_for_has_had_a_hand_and_neither_signs_nor_is_offered(cast):
    both = hire("both", Role.APPROVER, cast.hq, grade=4, staff_no="B1")
    Posting.objects.create(user=both, role=Role.CL_REVIEWER, branch=cast.hq, grade=1, starts_on=date(2020, 1, 1))
    case = handed_over(cast, item="CL01")
    perform(case, "assign", actor=cast.manager, assignee="both", reason="均衡")
    away(both, cast.cl_reviewer, cast)
    event = perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    assert event.acting_for == both
    assert had_a_hand(again(case), both)
    fresh = User.objects.get(pk=both.pk)
    assert take_next(fresh, "approval") is None
    with pytest.raises(Refused, match="参与过"):
        perform(case, "take", actor=fresh)
    with pytest.raises(Refused, match="参与过本案，不能批准"):
        perform(case, "assign", actor=cast.manager, assignee="both", reason="均衡")
    assert take_next(cast.approver_high, "approval") is not None


def test_an_absence_stands_for_its_days_only(cast):
    away(cast.cl_reviewer, cast.cl_reviewer2, cast, days=(-5, -1))
    assert not stands_in_for(User.objects.get(pk=cast.cl_reviewer2.pk), cast.cl_reviewer.pk)
    away(cast.cl_reviewer, cast.cl_reviewer2, cast)
    assert stands_in_for(User.objects.get(pk=cast.cl_reviewer2.pk), cast.cl_reviewer.pk)


def test_taking_a_case_for_review_is_a_hand_and_reading_it_is_none(cast):
    case = handed_over(cast)
    record(case, "read.history", "查看既往", actor=cast.approver, bump=False)
    assert not had_a_hand(again(case), cast.approver)
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "hand_back", actor=cast.cl_reviewer, reason="回避")
    assert had_a_hand(again(case), cast.cl_reviewer)


def test_a_suspended_case_is_not_gone_on_with_and_given_back_it_is_not_suspended(cast):
    case, until = taken(cast), (timezone.localdate() + timedelta(days=3)).isoformat()
    perform(case, "suspend", actor=cast.cl_reviewer, until=until, reason="等待判决")
    for step, more in (("conclude", {"outcome": "PAY", "opinion": "清楚"}), ("issue_request", {}), ("suspend", {"until": until, "reason": "x"})):
        with pytest.raises(Refused, match="挂起至"):
            perform(case, step, actor=cast.cl_reviewer, **more)
    perform(case, "hand_back", actor=cast.cl_reviewer, reason="调岗")
    assert again(case).suspended_until is None


def test_an_answered_case_is_first_in_the_queue_of_its_reviewer(cast):
    case, letter = waiting(cast)
    answered(cast, letter)
    woken = again(case)
    assert (woken.state, woken.assignee, woken.rank) == (State.IN_REVIEW, cast.cl_reviewer, Rank.RETURNED)


@pytest.mark.parametrize("gone", ["left", "away", "moved"])
def test_an_answered_case_of_somebody_who_is_gone_goes_to_the_pool(cast, gone):
    case, letter = waiting(cast)
    if gone == "left":
        User.objects.filter(pk=cast.cl_reviewer.pk).update(is_active=False)
    elif gone == "away":
        away(cast.cl_reviewer, None, cast)
    else:
        Posting.objects.filter(user=cast.cl_reviewer).update(ends_on=timezone.localdate() - timedelta(days=1))
    answered(cast, letter)
    assert (again(case).state, again(case).assignee) == (State.QUEUED, None)
    assert take_next(cast.cl_reviewer2, "claims").pk == case.pk


def test_what_was_handed_back_today_is_not_offered_again_today(cast):
    case = taken(cast)
    perform(case, "hand_back", actor=cast.cl_reviewer, reason="回避")
    assert take_next(cast.cl_reviewer, "claims") is None
    assert take_next(cast.cl_reviewer, "claims", now=NOW() + timedelta(days=1)).pk == case.pk


# 权限 -------------------------------------------------------------------------------------------------------------


def test_a_limit_reaches_to_its_last_cent_and_no_further(cast):
    case, today = to_sign(cast), timezone.localdate()
    outcome, cent = case.item_spec.outcome("PAY"), Decimal("0.01")
    mine = authority.own_limit(case, cast.cl_reviewer2, "PAY", today).max_amount
    routes = [authority.route(case, cast.cl_reviewer2, outcome, amount, today) for amount in (mine, mine + cent)]
    single = case.item_spec.one_signature or not outcome.always_second
    assert [r.alone for r in routes] == [single, False]
    limits = {r.grade: r.max_amount for r in AuthorityLimit.objects.in_force(today).filter(role=Role.APPROVER, line="claims", item="", outcome="")}
    lowest = min(limits)
    assert authority.lowest_signer(case, outcome, limits[lowest], today)[0] == lowest
    assert authority.lowest_signer(case, outcome, limits[lowest] + cent, today)[0] == lowest + 1
    # 通融 goes one grade up
    assert authority.lowest_signer(case, case.item_spec.outcome("EX_GRATIA"), limits[lowest], today)[0] == lowest + 1
    decision = case.current_decision()
    row = AuthorityLimit.objects.filter(role=Role.APPROVER, grade=4, line="claims")
    row.update(max_amount=decision.amount)
    assert authority.signing_limit(case, cast.approver_high, today) is not None
    row.update(max_amount=decision.amount - cent)
    assert authority.signing_limit(case, cast.approver_high, today) is None


def test_the_grade_asked_for_binds_whatever_the_limits_say(cast):
    case, today = to_sign(cast), timezone.localdate()
    AuthorityLimit.objects.filter(role=Role.APPROVER, line="claims").update(max_amount=Decimal("99999999"))
    Case.objects.filter(pk=case.pk).update(required_grade=3)
    low, high = (authority.signing_limit(again(case), who, today) for who in (cast.approver, cast.approver_high))
    assert low is None and high is not None
    assert not pool(cast.approver, "approval", NOW()).exists() and pool(cast.approver_high, "approval", NOW()).exists()
    assert take_next(cast.approver, "approval") is None


def test_the_newest_limit_in_force_decides(cast):
    case, today = to_sign(cast), timezone.localdate()
    old = AuthorityLimit.objects.get(role=Role.APPROVER, grade=4, line="claims", item="", outcome="")
    for day, amount in ((today, Decimal("1.00")), (today + timedelta(days=1), Decimal("99999999.00"))):
        AuthorityLimit.objects.create(role=Role.APPROVER, grade=4, line="claims", max_amount=amount, effective_from=day)
    assert old.effective_from < today
    assert authority.signing_limit(case, cast.approver_high, today) is None
    lowest = AuthorityLimit.objects.in_force(today).filter(role=Role.APPROVER, line="claims", item="", outcome="").order_by("grade")[0]
    pay, two = case.item_spec.outcome("PAY"), Decimal("2.00")
    assert authority.lowest_signer(case, pay, two, today)[0] == lowest.grade
    AuthorityLimit.objects.create(role=Role.APPROVER, grade=lowest.grade, line="claims", max_amount=1, effective_from=today)
    assert authority.lowest_signer(case, pay, two, today)[0] > lowest.grade


def test_who_had_it_in_review_is_neither_offered_it_to_sign_nor_shown_the_own_conclusion(cast):
    both = hire("both", Role.APPROVER, cast.hq, grade=4, staff_no="B1")
    Posting.objects.create(user=both, role=Role.CL_REVIEWER, branch=cast.hq, grade=1, starts_on=date(2020, 1, 1))
    case = handed_over(cast, item="CL01")
    perform(case, "take", actor=both)
    perform(case, "hand_back", actor=both, reason="回避")
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    assert take_next(both, "approval") is None
    Case.objects.filter(pk=case.pk).update(reviewer=both)
    assert not pool(both, "approval", NOW()).exists()
    assert pool(cast.approver_high, "approval", NOW()).exists()
