"""存量筛查: a list that comes into force is held against the customers in force, batch by batch, and marks their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.screened import judge_anywhere
from lifeops.policies.models import Policy
from lifeops.screening.models import Hit, WatchEntry
from lifeops.screening.services.screening import screen_next
from lifeops.screening.tasks import screen_customers
from tests.factories import make_party, make_policy
from tests.screening.listing import in_force, over, row


def page(client, party, **query) -> str:
    return client.get(reverse("policies:customer", args=[party.pk]), query).content.decode()


def test_customers_in_force_are_found_and_marked(cast, as_user):
    held, ended, stranger = make_party(), make_party(), make_party()
    make_policy(cast.county, cast.clerk, insured=held)
    over = make_policy(cast.county, cast.clerk, insured=ended)
    Policy.objects.filter(pk=over.pk).update(status="terminated", terminated_on=timezone.localdate(), termination="退保")
    made = in_force(cast, row(held), row(ended), row(stranger))
    assert "制裁名单" not in page(as_user(cast.cl_reviewer), held)
    assert screen_customers() == 3 and screen_customers() == 0
    made.refresh_from_db()
    hit = Hit.objects.get()
    assert (hit.party, hit.case_number, hit.level, made.scanned_at is not None) == (held, "", "document", True)
    assert "制裁名单：证件号码一致，待总公司处理" in page(as_user(cast.cl_reviewer), held)
    assert "制裁名单" not in page(as_user(cast.clerk), held)
    assert "制裁名单" not in page(as_user(cast.cl_reviewer), held, as_of=(timezone.localdate() - timedelta(days=1)).isoformat())
    judge_anywhere(hit=hit, verdict="confirmed", reason="一致", actor=cast.manager, now=timezone.now())
    assert "制裁名单：已确认" in page(as_user(cast.cl_reviewer), held)


def test_who_was_cleared_is_not_marked_also_by_the_next_version(cast, as_user):
    held = make_party()
    make_policy(cast.county, cast.clerk, insured=held)
    made = in_force(cast, row(held, number=False))
    screen_customers()
    judge_anywhere(hit=Hit.objects.get(), verdict="cleared", reason="同名", actor=cast.manager, now=timezone.now())
    assert "制裁名单" not in page(as_user(cast.cl_reviewer), held)
    over(made)
    in_force(cast, row(held, number=False), "另一人,,,,,")
    screen_customers()
    assert [h.state for h in Hit.objects.all()] == ["cleared", "cleared"] and "制裁名单" not in page(as_user(cast.cl_reviewer), held)


def test_it_goes_on_where_it_stopped(cast):
    parties = [make_party() for _ in range(5)]
    for party in parties:
        make_policy(cast.county, cast.clerk, insured=party)
    made = in_force(cast, *(row(p) for p in parties))
    assert screen_next(timezone.now(), 2) == 2
    made.refresh_from_db()
    assert (Hit.objects.count(), made.scanned_to, made.scanned_at) == (2, WatchEntry.objects.order_by("pk")[1].pk, None)
    assert [screen_next(timezone.now(), 2), screen_next(timezone.now(), 2), screen_next(timezone.now(), 2)] == [2, 1, 0]
    made.refresh_from_db()
    assert Hit.objects.count() == 5 and made.scanned_at is not None


def test_the_same_again_finds_nothing_new(cast):
    held = make_party()
    make_policy(cast.county, cast.clerk, insured=held)
    made = in_force(cast, row(held))
    screen_customers()
    type(made).objects.filter(pk=made.pk).update(scanned_to=0, scanned_at=None)
    assert screen_customers() == 1 and Hit.objects.count() == 1


@pytest.mark.parametrize("spelt", ["测试 存量", "ceshicunliang", "Ce Shi Cunliang"])
def test_spelling_does_not_hide_a_customer(cast, spelt):
    held = make_party(name="测试存量")
    make_policy(cast.county, cast.clerk, insured=held)
    in_force(cast, f"{spelt},,,,{held.birth_date},")
    screen_customers()
    assert Hit.objects.get().level == "born"


def test_a_further_document_is_found(cast):
    held = make_party()
    make_policy(cast.county, cast.clerk, insured=held)
    held.identitydocument_rows.create(id_type="passport", number="E12345678", since=timezone.localdate(), made_by=cast.head, made_at=timezone.now())
    in_force(cast, "别名,,护照,E12345678,,")
    screen_customers()
    assert Hit.objects.get().level == "document"


def test_customers_are_sought_by_type_and_number_as_their_index_is(cast):
    """By the number alone the database before version 18 would go through all customers for every few entries."""
    party = make_party()
    make_policy(cast.county, cast.clerk, insured=party)
    in_force(cast, row(party, name="别名"))
    with CaptureQueriesContext(connection) as told:
        screen_customers()
    assert Hit.objects.get().party == party
    sought = [q["sql"] for q in told if '"policies_party"."id_index" IN' in q["sql"]]
    assert sought and all('"policies_party"."id_type" IN' in sql for sql in sought)
