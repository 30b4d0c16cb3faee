"""预审规则 are data: how grave, what limit, which states, from a day; J03 stops what can never be accepted and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from intake.defaults import load_defaults
from intake.models import PrecheckRule
from intake.services import precheck_specs
from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.registry import lines
from lifeops.org.held import forget_all
from lifeops.policies.models import PolicyStatus
from lifeops.policies.services.locking import change_status
from servicing.rules import ALLOWED
from tests.api.calls import ROOT
from tests.factories import LINES, accept, again, make_policy

TODAY = timezone.localdate()


def found(case, code, day=TODAY):
    now = timezone.now() + timedelta(days=(day - TODAY).days)
    return next((spec for spec in precheck_specs(again(case), now) if spec.code == code), None)


def level_of(item, status):
    """What J03 says of an item on a policy in a state; the row is not written."""
    case = Case(line=LINES[item[:2]], item=item)
    (rule,) = [row.setting() for row in PrecheckRule.for_case(case, TODAY) if row.code == "J03"]
    return rule.level if status in rule.refused else "warn" if status in rule.review else "pass"


@pytest.mark.django_db
def test_j03_stops_at_the_counter_what_servicing_would_never_do_and_nothing_else():
    items = [item.code for spec in lines() if spec.code == "servicing" for item in spec.items]
    for item in items:
        for status in PolicyStatus:
            never = item in ALLOWED and status not in ALLOWED[item]
            assert (level_of(item, status) == "block") == never, (item, status)
    assert [level_of("PS02", status) for status in ("in_force", "lapsed", "terminated")] == ["pass", "warn", "block"]
    assert {level_of("CL05", status) for status in ("lapsed", "terminated")} == {"warn"}
    assert level_of("PS14", "terminated") == level_of("CL01", "grace") == "pass"


@pytest.mark.parametrize(("item", "status", "level"), [("PS02", "terminated", "block"), ("PS02", "lapsed", "warn"), ("CL05", "terminated", "warn")])
def test_a_case_on_a_policy_that_has_ended_stays_at_the_counter(cast, item, status, level):
    policy = make_policy(cast.county, cast.clerk, product="M10" if item == "CL05" else "W30")
    case = accept(cast, item=item, policy=policy)
    change_status(policy, status, on=TODAY, cause="测试")
    spec = found(case, "J03")
    assert (spec.level, spec.value) == (level, PolicyStatus(status).label)
    with pytest.raises(Invalid) as refused:
        perform(case, "pass_precheck", actor=cast.clerk, overrides={"J03": "已核对"} if level == "block" else {})
    assert list(refused.value.errors) == ["override_J03"]
    if level == "warn":
        perform(case, "pass_precheck", actor=cast.clerk, overrides={"J03": "事故在终止之前"})
        assert again(case).state == "prechecked"


def handed_on(cast, days):
    """A claim that the agent passed on so many days before it was submitted."""
    return accept(cast, passed_on=TODAY - timedelta(days=days), occurred_on=TODAY - timedelta(days=30))


def test_the_days_of_the_agent_are_those_of_the_rule_in_force_on_the_day(cast):
    case = handed_on(cast, 6)
    assert (found(case, "J08").level, found(case, "J08").limit) == ("warn", "转交至递交不超过 5 天")
    tomorrow = TODAY + timedelta(days=1)
    PrecheckRule.objects.filter(code="J08").update(effective_to=TODAY)
    PrecheckRule.objects.create(code="J08", level="block", limit=3, effective_from=tomorrow)
    assert found(case, "J08").level == "warn"
    later = found(case, "J08", tomorrow)
    assert (later.level, later.limit) == ("block", "转交至递交不超过 3 天")
    assert found(handed_on(cast, 3), "J08", tomorrow).level == "pass"


def test_a_rule_that_has_ended_is_not_held_against_anybody(cast):
    case = handed_on(cast, 6)
    PrecheckRule.objects.filter(code="J08").update(effective_to=TODAY - timedelta(days=1))
    assert found(case, "J08") is None
    PrecheckRule.objects.filter(code="J03").update(effective_to=TODAY - timedelta(days=1))
    forget_all()
    assert found(case, "J03").level == "pass"
    Case.objects.filter(pk=case.pk).update(policy=None)
    assert (found(case, "J03").level, found(case, "J03").message) == ("block", "未关联保单")


def test_the_row_for_an_item_goes_before_that_for_its_line_and_for_all(cast):
    case = handed_on(cast, 6)
    PrecheckRule.objects.create(code="J08", line="claims", level="block", limit=2, effective_from=TODAY)
    assert found(case, "J08").limit.endswith("2 天")
    PrecheckRule.objects.create(code="J08", line="claims", item="CL05", level="warn", limit=9, effective_from=TODAY)
    PrecheckRule.objects.create(code="J08", line="servicing", level="block", limit=1, effective_from=TODAY)
    PrecheckRule.objects.create(code="J08", line="claims", item="CL01", level="block", limit=1, effective_from=TODAY)
    assert (found(case, "J08").level, found(case, "J08").limit) == ("pass", "转交至递交不超过 9 天")


def test_the_rules_are_read_in_one_query_and_held(cast, django_assert_num_queries):
    case = again(accept(cast))
    for count in (1, 0):
        with django_assert_num_queries(count):
            rules = PrecheckRule.for_case(case, TODAY)
        assert sorted(row.code for row in rules) == [f"J0{n}" for n in range(1, 9)]


def test_defaults_are_written_once_and_edited_rows_stay(cast):
    count = PrecheckRule.objects.count()
    PrecheckRule.objects.filter(code="J08").update(limit=7)
    load_defaults()
    assert (PrecheckRule.objects.count(), PrecheckRule.objects.get(code="J08").limit) == (count, 7)
    with pytest.raises(IntegrityError), transaction.atomic():
        PrecheckRule.objects.filter(code="J08").update(limit=None)


# 后台与接口 -------------------------------------------------------------------------------------------------------


def test_the_manager_makes_a_warning_a_block_from_a_day_with_its_reason(cast, as_user):
    old = PrecheckRule.objects.get(code="J02")
    client, start = as_user(cast.manager), TODAY + timedelta(days=2)
    sent = {"level": "block", "effective_from": start, "effective_to": "", "change_reason": "稽核要求"}
    url = f"{reverse('admin:intake_precheckrule_add')}?of={old.pk}"
    answer = client.post(url, sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    new = PrecheckRule.objects.get(code="J02", level="block")
    old.refresh_from_db()
    assert (new.effective_from, old.effective_to, old.level) == (start, start - timedelta(days=1), "warn")
    page = client.get(reverse("admin:intake_precheckrule_history", args=[new.pk])).content.decode()
    assert "稽核要求" in page and cast.manager.name in page


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ({"code": "J08"}, "limit"), ({"code": "J02", "limit": 3}, "limit"), ({"code": "J02", "refused": ["lapsed"]}, "refused"),
        ({"code": "J03", "refused": ["lapsed"], "review": ["lapsed"]}, "review"), ({"code": "J03", "refused": ["gone"]}, "refused"),
        ({"code": "J03", "line": "claims", "item": "PS02"}, "item"), ({"code": "J03", "level": "pass"}, "level"),
        ({"code": "J01"}, "effective_from"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(cast, api, told, at):
    body = {"line": "", "item": "", "level": "warn", "effective_from": TODAY.isoformat(), "change_reason": "x"} | told
    answer = api(cast.manager).post(f"{ROOT}/configuration/precheck/", body, format="json")
    # of a rule that is in force the days overlap as well
    assert answer.status_code == 400 and set(answer.json()["errors"]) - {"effective_from"} == {at} - {"effective_from"}


@pytest.mark.parametrize("who", ["clerk", "head", "sysadmin", "auditor", "secadmin"])
def test_nobody_but_the_manager_of_head_office_changes_a_rule(cast, as_user, api, who):
    person, rule = getattr(cast, who), PrecheckRule.objects.get(code="J08")
    told = {"effective_to": (TODAY + timedelta(days=9)).isoformat(), "change_reason": "x"}
    assert as_user(person).post(reverse("admin:intake_precheckrule_change", args=[rule.pk]), told).status_code == 403
    answer = api(person).patch(f"{ROOT}/configuration/precheck/{rule.pk}/", told, format="json")
    assert answer.status_code == 403
    rule.refresh_from_db()
    assert rule.effective_to is None
