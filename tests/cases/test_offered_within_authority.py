"""下一件 within authority: an approver is offered what the limits speak of; a reviewer concludes whatever his line brings."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.perform import perform
from lifeops.cases.queues import counts, pool, take_next
from lifeops.org.models import AuthorityLimit, Role, User
from tests.cast import hire
from tests.factories import again, handed_over, undone

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def to_sign(cast, item="CL01"):
    case = handed_over(cast, item=item)
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    assert again(case).state == "pending_approval"
    return again(case)


def offered(user):
    """Whether the pool holds anything for the person and 下一件 gives it; nothing stays taken."""
    user = User.objects.get(pk=user.pk)
    (row,) = counts(user, timezone.now())
    listed = pool(user, "approval", timezone.now()).exists()
    with undone():
        found = take_next(user, "approval")
    assert (row["pool"] > 0) == listed == (found is not None)
    return listed


def limits(grade=4, line="claims"):
    return AuthorityLimit.objects.filter(role=Role.APPROVER, grade=grade, line=line)


def test_a_grade_without_any_limit_is_offered_nothing_to_sign(cast):
    to_sign(cast)
    assert not offered(hire("highest", Role.APPROVER, cast.hq, grade=5, staff_no="G5"))
    assert offered(cast.approver_high)


def test_limits_for_some_items_bring_these_items_alone(cast):
    to_sign(cast, "CL01")
    limits().update(effective_to=TODAY - timedelta(days=1))
    assert not offered(cast.approver_high)
    row = {"role": Role.APPROVER, "grade": 4, "line": "claims", "max_amount": Decimal("9999999"), "effective_from": TODAY}
    AuthorityLimit.objects.create(**row, item="CL05")
    assert not offered(cast.approver_high)
    # what was kept of the question a moment ago does not outlive the limit
    AuthorityLimit.objects.create(**row, item="CL01")
    assert offered(cast.approver_high)


def test_a_limit_of_another_line_or_of_the_past_brings_nothing(cast):
    to_sign(cast)
    limits().update(effective_to=TODAY - timedelta(days=1))
    limits(line="servicing").update(effective_to=None)
    assert not offered(cast.approver_high)
    limits().update(effective_to=TODAY)
    assert offered(cast.approver_high)


def test_the_amount_is_in_the_grade_that_the_conclusion_asked_for(cast):
    case = to_sign(cast)
    assert case.required_grade > 2
    assert not offered(cast.approver)
    type(case).objects.filter(pk=case.pk).update(required_grade=2)
    assert offered(cast.approver)


def test_the_limits_are_one_question_more_and_reviewers_do_not_ask_it(cast):
    for who, desk, asked in ((cast.approver_high, "approval", 1), (cast.cl_reviewer, "claims", 0)):
        with CaptureQueriesContext(connection) as told:
            take_next(User.objects.get(pk=who.pk), desk)
        assert sum("org_authoritylimit" in row["sql"] for row in told) == asked


def test_a_reviewer_is_given_every_item_and_what_is_beyond_him_goes_to_a_signer(cast):
    AuthorityLimit.objects.filter(role=Role.CL_REVIEWER).update(item="CL05")
    case = handed_over(cast, item="CL01")
    assert take_next(cast.cl_reviewer, "claims").pk == case.pk
    perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    assert again(case).state == "pending_approval"


def test_whom_no_limit_lets_sign_neither_takes_by_number_nor_is_given_the_case(cast):
    case = to_sign(cast)
    highest = hire("highest", Role.APPROVER, cast.hq, grade=5, staff_no="G5")
    with pytest.raises(Refused, match="权限涵盖本项目"):
        perform(case, "take", actor=highest)
    perform(case, "take", actor=cast.approver_high)
    with pytest.raises(Invalid) as refused:
        perform(case, "assign", actor=cast.manager, assignee=highest.username, reason="休假")
    assert "assignee" in refused.value.errors and again(case).assignee == cast.approver_high
    AuthorityLimit.objects.create(
        role=Role.APPROVER, grade=5, line="claims", item="CL01", max_amount=Decimal("9999999"), effective_from=TODAY
    )
    perform(case, "assign", actor=cast.manager, assignee=highest.username, reason="休假")
    assert again(case).assignee == highest
