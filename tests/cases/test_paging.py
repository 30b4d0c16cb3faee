"""Lists in pages: walking from page to page shows every row once, in the list's order."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lifeops.cases.perform import perform
from lifeops.cases.requests import issue_request
from lifeops.org import paging
from tests.factories import again, handed_over

pytestmark = pytest.mark.django_db


def walked(client, url: str, rows: str, param: str) -> list[int]:
    """Keys of all rows, page after page."""
    seen, mark = [], ""
    while True:
        page = client.get(url, {param: mark} if mark else {}).context
        seen += [row.pk for row in page[rows]]
        mark = page["next"]
        if not mark:
            return seen
        assert len(page[rows]) == paging.PAGE and len(seen) < 50


@pytest.fixture
def short_pages(monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 2)


def test_the_list_of_cases_goes_from_new_to_old(cast, as_user, short_pages):
    keys = [handed_over(cast).pk for _ in range(5)]
    assert walked(as_user(cast.clerk), reverse("cases:list"), "cases", "before") == keys[::-1]


def test_a_queue_is_walked_in_the_order_in_which_it_gives_cases_out(cast, as_user, short_pages):
    keys = [handed_over(cast).pk for _ in range(5)]
    last = again(handed_over(cast))
    type(last).objects.filter(pk=keys[0]).update(due_at=None)
    assert walked(as_user(cast.cl_reviewer), reverse("cases:queue", args=["claims"]), "cases", "after") == [
        *keys[1:], last.pk, keys[0]
    ]


def test_letters_of_a_branch_are_walked_from_the_earliest_due_day(cast, as_user, short_pages):
    made = []
    for days in (9, 3, 9, 5, 3):
        case = handed_over(cast)
        perform(case, "take", actor=cast.cl_reviewer)
        made.append(issue_request(
            case=again(case), actor=cast.cl_reviewer, kind="investigation", addressee="branch", cause="核实", extra="走访",
            due_days=days,
        ))
    wanted = [made[at].pk for at in (1, 4, 3, 0, 2)]
    assert walked(as_user(cast.head), reverse("cases:requests"), "requests", "after") == wanted
