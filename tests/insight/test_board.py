"""看板: own units only, every number leads to exactly the cases it counts, the page costs the same at any size."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.models import Case, CaseEvent
from lifeops.cases.perform import perform
from lifeops.insight import counters, numbers
from lifeops.org.models import Posting, Role
from tests.factories import accept, again, handed_over
from tests.insight.test_counters import copies
from tests.ui.test_pages import english

BOARD = "/board/"


@pytest.fixture
def busy(cast):
    """Cases of the county in several places, and some of the other province's."""
    first = accept(cast)
    queued = handed_over(cast)
    held = handed_over(cast)
    perform(held, "take", actor=cast.cl_reviewer)
    copies(first, 4, branch_id=cast.other.pk, branch_path=cast.other.path, holder_branch_id=cast.other.pk)
    copies(first, 2, branch_id=cast.city.pk, branch_path=cast.city.path)
    Case.objects.filter(pk=queued.pk).update(due_at=timezone.now() - timedelta(days=2))
    Case.objects.filter(branch=cast.other).update(due_at=timezone.now() - timedelta(days=1))
    return {"first": first, "queued": queued, "held": held}


@pytest.mark.parametrize("who", ["head", "manager", "auditor"])
def test_managers_see_the_board_in_chinese(busy, cast, as_user, who):
    page = as_user(getattr(cast, who)).get(BOARD)
    assert page.status_code == 200
    assert english(page.content.decode()) == []


@pytest.mark.parametrize("who", ["clerk", "cl_reviewer", "approver", "sysadmin", "secadmin"])
def test_others_are_refused_with_words(cast, as_user, who):
    page = as_user(getattr(cast, who)).get(BOARD)
    assert page.status_code == 403
    assert "机构主管、运营主管、审计岗" in page.content.decode()


def test_nobody_without_signing_in(client, db):
    assert client.get(BOARD).status_code == 302


def test_a_head_sees_the_own_unit_alone(busy, cast, as_user):
    page = as_user(cast.head).get(BOARD)
    assert page.context["matrix"].sums.total.count == 3
    assert as_user(cast.head).get(BOARD, {"unit": cast.other.path}).status_code == 404
    assert as_user(cast.head).get(BOARD, {"unit": "86/"}).status_code == 404
    assert as_user(cast.manager).get(BOARD).context["matrix"].sums.total.count == 9
    below = as_user(cast.manager).get(BOARD, {"unit": cast.province.path})
    assert below.context["matrix"].sums.total.count == 5


def test_a_head_of_two_units_chooses_between_them(busy, cast, as_user):
    Posting.objects.create(user=cast.head, role=Role.HEAD, branch=cast.other, starts_on="2020-01-01")
    page = as_user(cast.head).get(BOARD, {"unit": cast.other.path})
    assert page.context["matrix"].sums.total.count == 4
    assert cast.county.path in {step["path"] for step in page.context["trail"]}


def links(html):
    return {unescape(url) for url in re.findall(r'href="(/cases/\?branch=[^"]+)"', html)}


@pytest.mark.parametrize("line", ["", "claims"])
@pytest.mark.parametrize(("who", "unit"), [("manager", ""), ("manager", "province"), ("head", ""), ("auditor", "")])
def test_every_number_opens_exactly_its_cases(busy, cast, as_user, who, unit, line):
    client = as_user(getattr(cast, who))
    asked = {"unit": getattr(cast, unit).path if unit else "", "line": line}
    context = client.get(BOARD, asked).context
    table = context["matrix"]
    wanted = {}
    for row in [*table.rows, table.sums]:
        wanted |= {cell.url: cell.count for cell in [*row.cells, row.total] if cell.count}
    wanted |= {row["url"]: row["count"] for row in [*context["overdue"], *context["people"]] if row["count"]}
    wanted |= {f"{row['url']}&overdue=1": row["late"] for row in context["people"]}
    for row in context["units"]:
        wanted |= {cell["url"]: cell["count"] for cell in row["cells"]} | {row["url"]: row["total"]}
    assert len(wanted) > 5 and links(client.get(BOARD, asked).content.decode()) <= set(wanted)
    for url, count in wanted.items():
        listed = client.get(url)
        assert len(listed.context["cases"]) == count, url


def test_oldest_is_since_when_the_first_came(busy, cast):
    moment = timezone.now() - timedelta(days=5)
    Case.objects.filter(pk=busy["first"].pk).update(state_since=moment)
    for line in ("", "claims"):
        row = numbers.matrix(cast.county.path, line, timezone.now()).rows[-1]
        assert row.cells[0].since == moment
    assert numbers.matrix(cast.other.path, "", timezone.now()).rows[-1].cells[0].since != moment


def test_overdue_is_told_by_who_holds_it(busy, cast):
    found = {row["party"]: row["count"] for row in numbers.overdue("86/", timezone.now())}
    assert found == {"branch": 4, "hq": 1, "customer": 0}
    assert {row["party"]: row["count"] for row in numbers.overdue(cast.county.path, timezone.now())}["branch"] == 0


def test_overdue_stops_counting_at_the_cap(busy, cast, monkeypatch, as_user):
    monkeypatch.setattr(numbers, "CAP", 2)
    assert {row["party"]: row["count"] for row in numbers.overdue("86/", timezone.now())}["branch"] == 3


def test_days_go_back_from_what_is_left(busy, cast):
    yesterday = timezone.now() - timedelta(days=1)
    Case.objects.filter(branch=cast.city).update(accepted_at=yesterday)
    days = numbers.flow(cast.province.path, timezone.localdate(), 5)
    assert [(d.came_in, d.stock) for d in days[-2:]] == [(2, 2), (3, 5)]
    assert days[-3].stock == 0 and len(days) == 30
    counters.fold()
    assert numbers.flow(cast.province.path, timezone.localdate(), 5) == days


def test_the_page_costs_the_same_at_any_size(busy, cast, as_user):
    client = as_user(cast.manager)

    def cost():
        with CaptureQueriesContext(connection) as found:
            client.get(BOARD)
        return len(found)

    before = cost()
    copies(busy["held"], 60)
    assert cost() == before <= 16


def test_the_board_never_counts_the_case_table(busy, cast):
    """Counters answer from their own tables; what is read of cases has a limit or is in hand."""
    with CaptureQueriesContext(connection) as found:
        numbers.matrix("86/", "", timezone.now())
        numbers.flow("86/", timezone.localdate(), 0)
        numbers.units(cast.hq, "")
    for query in found:
        sql = query["sql"]
        assert "cases_case" not in sql or "LIMIT 1" in sql


def person(cast, unit=None):
    return reverse("insight:person", args=["cl_reviewer"]) + (f"?unit={unit.path}" if unit else "")


def ticked(*cases):
    return [f"{c.number}:{again(c).version}" for c in cases]


def test_a_manager_moves_cases_to_another(busy, cast, as_user):
    held, client = busy["held"], as_user(cast.manager)
    page = client.post(person(cast), {"case": ticked(held), "assignee": "cl_reviewer2", "reason": "均衡工作量"}, follow=True)
    assert "已改派 1 件" in page.content.decode()
    assert again(held).assignee == cast.cl_reviewer2
    event = CaseEvent.objects.get(case=held, step="assign")
    assert (event.actor, event.reason) == (cast.manager, "均衡工作量")


def test_refusals_are_listed_case_by_case_and_hold_up_no_other(busy, cast, as_user):
    other = handed_over(cast)
    perform(other, "take", actor=cast.cl_reviewer)
    stale = f"{other.number}:{again(other).version}"
    perform(other, "mark_complex", actor=cast.cl_reviewer, reason="案情复杂")
    page = as_user(cast.manager).post(
        person(cast), {"case": [*ticked(busy["held"]), stale], "assignee": "cl_reviewer2", "reason": "均衡工作量"}
    )
    html = page.content.decode()
    assert "1 件未能改派" in html and other.number in html and "已有变化" in html
    assert again(busy["held"]).assignee == cast.cl_reviewer2
    assert again(other).assignee == cast.cl_reviewer


def test_a_person_without_the_skill_gets_no_case(busy, cast, as_user):
    page = as_user(cast.manager).post(
        person(cast), {"case": ticked(busy["held"]), "assignee": "underwriter", "reason": "均衡工作量"}
    )
    assert "不具备本案所需岗位" in page.content.decode()
    assert again(busy["held"]).assignee == cast.cl_reviewer


def test_what_is_missing_is_said_at_the_field(busy, cast, as_user):
    client = as_user(cast.manager)
    page = client.post(person(cast), {"case": ticked(busy["held"]), "assignee": "", "reason": "忙"})
    assert page.status_code == 400 and "请选择接手人" in page.content.decode()
    assert 'value="忙"' in page.content.decode() and "checked" in page.content.decode()
    page = client.post(person(cast), {"assignee": "cl_reviewer2", "reason": "忙"})
    assert page.status_code == 400 and "请勾选" in page.content.decode()


@pytest.mark.parametrize("who", ["head", "auditor", "cl_reviewer"])
def test_only_managers_move_cases(busy, cast, as_user, who):
    page = as_user(getattr(cast, who)).post(
        person(cast), {"case": ticked(busy["held"]), "assignee": "cl_reviewer2", "reason": "试"}
    )
    assert page.status_code == 403
    assert again(busy["held"]).assignee == cast.cl_reviewer
    assert "改派</a>" not in as_user(cast.auditor).get(BOARD).content.decode()
    assert "改派</a>" in as_user(cast.manager).get(BOARD).content.decode()


def test_a_case_of_another_unit_cannot_be_ticked(busy, cast, as_user):
    """A manager of one province, posting the number of a case of another: it is not in reach and stays."""
    Posting.objects.filter(user=cast.manager).update(branch=cast.other_province)
    page = as_user(cast.manager).post(
        person(cast), {"case": ticked(busy["held"]), "assignee": "cl_reviewer2", "reason": "试"}, follow=True
    )
    assert page.status_code == 200
    assert again(busy["held"]).assignee == cast.cl_reviewer
