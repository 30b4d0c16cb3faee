"""Lists of cases and letters: what a person sees comes by posts, by own part and by own order, each by its own index; the rest
of the company is not walked through."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.models import Case, Request
from lifeops.cases.perform import perform
from lifeops.cases.queues import counts
from lifeops.cases.requests import issue_request
from lifeops.notices.models import Notice
from lifeops.org import paging
from lifeops.org.models import Absence, Posting
from tests.bench.measure import reads, statements
from tests.cases.company import company
from tests.factories import accept, again, handed_over

pytestmark = pytest.mark.django_db
PEOPLE = ("clerk", "head", "other_clerk", "query", "investigator", "cl_reviewer", "ps_reviewer", "approver", "manager", "auditor", "sysadmin")


def letter_of(cast, **fields):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    given = {"kind": "query", "addressee": "customer", "cause": "医疗资料", "extra": "补充", "due_days": 10, "blocking": True}
    return issue_request(case=again(case), actor=cast.cl_reviewer, **(given | fields))


@pytest.fixture
def rows(cast):
    """Cases of two lines, letters on some; one that the head of another unit had a part in, one given to somebody there."""
    accept(cast)
    accept(cast, item="PS02")
    perform(accept(cast), "withdraw", actor=cast.clerk, reason="客户撤回")
    letter_of(cast)
    Posting.objects.create(user=cast.other_clerk, role="intake", branch=cast.county, grade=1, starts_on="2026-01-01", ends_on=None)
    theirs = type(cast.other_clerk).objects.get(pk=cast.other_clerk.pk)
    perform(accept(cast), "withdraw", actor=theirs, reason="客户撤回")
    Posting.objects.filter(user=theirs, branch=cast.county).delete()
    far = letter_of(cast, kind="investigation", cause="核实")
    Request.objects.filter(pk=far.pk).update(branch=cast.other, handler=cast.other_clerk)
    return type(theirs).objects.get(pk=theirs.pk)


@pytest.mark.parametrize("model", [Case, Request])
def test_the_ways_together_are_what_the_person_sees(cast, rows, model):
    for name in PEOPLE:
        person = type(rows).objects.get(username=name)
        seen = {row.pk for row in model.objects.visible_to(person)}
        assert {row.pk for row in model.objects.ways_of(person).order_by("pk")[:50]} == seen, name
        assert model.objects.ways_of(person).capped(50) == len(seen) and model.objects.ways_of(person).capped(1) == min(1, len(seen))
    # by own part, and by order: the unit of neither
    assert Case.objects.ways_of(rows).capped(9) == 1 and Request.objects.ways_of(rows).capped(9) == 1


def test_pages_of_several_ways_are_walked_in_order_and_each_row_once(cast, rows, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 2)
    seen, mark = [], ""
    while True:
        page, mark = paging.page_by_key(Case.objects.ways_of(cast.clerk), mark)
        seen += [case.pk for case in page]
        if not mark:
            break
    assert seen == sorted(seen, reverse=True) == list(Case.objects.visible_to(cast.clerk).order_by("-pk").values_list("pk", flat=True))


def test_lists_of_a_unit_do_not_walk_through_the_company(cast, as_user):
    letter = letter_of(cast)
    company(letter.case, letter, cast.other)
    listed, letters = reverse("cases:list"), reverse("cases:requests")
    asked = [listed, f"{listed}?state=received", f"{listed}?stage=open", f"{listed}?overdue=1", letter.get_absolute_url(), "/"]
    asked += [f"{letters}?tab={tab}&kind=" for tab in ("open", "closed", "overdue")] + ["/api/v1/cases/?state=received", "/api/v1/requests/?tab=closed"]
    for who in ("clerk", "query", "head"):
        client = as_user(getattr(cast, who))
        for url in asked:
            told = statements(lambda client=client, url=url: client.get(url))
            found = [(sql, why) for sql, why in reads(told, 300) if "cases_case" in why or "cases_request" in why]
            assert found == [], (who, url, found)


def test_the_inbox_and_who_is_away_do_not_walk_through_what_was(cast, as_user):
    now, ago = timezone.now(), timezone.now() - timezone.timedelta(days=400)
    others = [person for person in cast.people.values() if person != cast.clerk]
    made = [Notice(recipient=others[n % len(others)], key=f"k{n}", title="旧事", created_at=now, read_at=now) for n in range(6_000)]
    Notice.objects.bulk_create([*made, Notice(recipient=cast.clerk, key="k", title="新事", read_at=now)])
    Absence.objects.bulk_create(
        Absence(user=others[n % len(others)], starts_at=ago, ends_at=ago + timezone.timedelta(days=1), created_by=cast.manager) for n in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notices_notice, org_absence")  # the plans are those of tables this large
    for who, url in (("clerk", reverse("notices:inbox")), ("manager", reverse("insight:board")), ("manager", reverse("org:absences"))):
        told = statements(lambda who=who, url=url: as_user(getattr(cast, who)).get(url))
        assert [why for _, why in reads(told, 300) if "notices_notice" in why or "org_absence" in why] == [], url


def test_a_badge_stops_counting_where_it_is_full(cast):
    told = statements(lambda: counts(cast.cl_reviewer, timezone.now()) + counts(cast.approver, timezone.now()))
    capped = [sql for sql in told if "LIMIT 1000" in sql]
    # in order only where an index has the order, so that nothing is sorted before it stops
    ordered = [sql for sql in capped if "ORDER BY" in sql]
    assert len(capped) == 4 and len(ordered) == 1 and "\"line\" = 'claims' AND" in ordered[0] and "'queued'" in ordered[0]
    assert ordered[0].count("ORDER BY") == 1 and '"rank" ASC, "cases_case"."due_at" ASC' in ordered[0]


def test_a_letter_out_of_reach_is_still_not_there(cast, as_user):
    letter = letter_of(cast)
    assert as_user(cast.other_head).get(letter.get_absolute_url()).status_code == 404
    Request.objects.filter(pk=letter.pk).update(branch=cast.other, handler=cast.other_head)
    assert as_user(cast.other_head).get(letter.get_absolute_url()).status_code == 200
