"""存量筛查: a list that comes into force is held against the customers in force, batch by batch, and marks their pages."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.screened import judge_anywhere
from lifeops.cases.tasks import screen_cases
from lifeops.notices.models import Notice
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Beneficiary, Policy
from lifeops.policies.services.particulars import relate
from lifeops.screening.models import Hit, WatchEntry
from lifeops.screening.services.customers import screen_next
from lifeops.screening.services.hits import open_hits
from lifeops.screening.tasks import screen_customers
from tests.cases.threads import together
from tests.factories import make_party, make_policy
from tests.screening.listing import in_force, over, row, unreadable
from tests.waiting import until, waits_for_a_lock


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


def heir(name: str, sequence: int = 0, **fields) -> dict:
    number = compose_card(region="990101", birth_date=date(1988, 3, 9), sequence=sequence) if sequence else ""
    return {"name": name, "relation": "配偶", "id_number": number, "birth_date": date(1988, 3, 9) if sequence else None} | fields


def test_who_is_only_a_beneficiary_is_found_by_the_document_by_the_name_and_how_it_is_spelt(cast, as_user, api):
    listed = [heir("测试受益甲", 402), heir("测试·受益乙", 404), heir("测试受益丙")]
    held = make_policy(cast.county, cast.clerk, beneficiaries=[one | {"order": n} for n, one in enumerate(listed, 1)])
    in_force(cast, f"别名,,,{listed[0]['id_number']},,", f"测试受益乙,,,,{date(1988, 3, 9)},", "Ceshi Shouyi Bing,,,,,", "测试受益甲,,,,1970-01-01,")
    assert screen_customers() == 4
    assert [(h.name, h.role, h.level, h.party) for h in Hit.objects.order_by("name")] == [
        ("测试·受益乙", "受益人", "born", None), ("测试受益丙", "受益人", "name", None), ("测试受益甲", "受益人", "document", None),
    ]  # fmt: skip
    url = reverse("policies:watch_hits")
    assert as_user(cast.manager).get(url).content.decode().count(f">{held.number}</a>") == 3
    assert {tuple(row["policies"]) for row in api(cast.manager).get("/api/v1/watch-hits/").json()["results"]} == {(held.number,)}
    assert as_user(cast.clerk).get(url).status_code == 403


def test_a_beneficiary_who_was_replaced_or_whose_policy_has_ended_is_not_found(cast):
    kept, ended = (make_policy(cast.county, cast.clerk, beneficiaries=[heir(name, n)]) for name, n in (("测试受益甲", 402), ("测试受益乙", 404)))
    Beneficiary.objects.filter(policy=kept).update(effective_to=timezone.localdate())
    Policy.objects.filter(pk=ended.pk).update(status="terminated", terminated_on=timezone.localdate(), termination="退保")
    in_force(cast, "测试受益甲,,,,,", "测试受益乙,,,,,")
    screen_customers()
    assert not Hit.objects.exists()


def test_a_beneficiary_who_is_on_file_is_found_as_the_customer(cast, as_user):
    party = make_party()
    make_policy(cast.county, cast.clerk, beneficiaries=[heir(party.name, id_number=party.id_number, birth_date=party.birth_date)])
    in_force(cast, row(party))
    screen_customers()
    assert Hit.objects.get().party == party and "制裁名单" in page(as_user(cast.cl_reviewer), party)


def test_who_acts_for_a_customer_is_found_and_other_relatives_are_not(cast):
    child, guardian, sibling = make_party(), make_party(), make_party()
    make_policy(cast.county, cast.clerk, insured=child)
    for other, kind in ((guardian, "guardian"), (sibling, "sibling")):
        relate(party=child, other=other, kind=kind, proof="document", actor=cast.head, now=timezone.now())
    in_force(cast, row(guardian), row(sibling))
    screen_customers()
    assert Hit.objects.get().party == guardian


def test_what_one_entry_trips_over_stops_no_other_is_told_and_is_tried_again(cast, as_user, caplog):
    parties = [make_party() for _ in range(3)]
    for party in parties:
        make_policy(cast.county, cast.clerk, insured=party)
    made = in_force(cast, *(row(p) for p in parties))
    was = unreadable(parties[1])
    assert screen_customers() == 3 and {h.party for h in Hit.objects.all()} == {parties[0], parties[2]}
    made.refresh_from_db()
    assert made.scanned_at is not None and made.entries_left == [WatchEntry.objects.get(row=3).pk]
    assert parties[1].name not in caplog.text and "screening entry=" in caplog.text
    screen_customers()
    assert "1 人未能与存量客户比对，待重试" in as_user(cast.manager).get(reverse("policies:watch_lists")).content.decode()
    told = Notice.objects.get(title="名单核查有未完成的", recipient=cast.manager)
    assert "T-1：1 件名单人员未能与存量客户比对" in told.body and parties[1].name not in told.body
    unreadable(parties[1], again=was)
    screen_customers()
    made.refresh_from_db()
    assert made.entries_left == [] and Hit.objects.count() == 3


def test_what_nobody_judged_before_its_list_was_over_waits_for_nobody(cast, as_user, api):
    held, other = make_party(), make_party()
    for party in (held, other):
        make_policy(cast.county, cast.clerk, insured=party)
    first, alone = in_force(cast, row(held)), in_force(cast, row(other), code="T-9")
    screen_customers()
    assert open_hits().count() == 2
    over(first), over(alone)
    in_force(cast, row(held))
    screen_customers()
    told = {(h.entry.watch_list_id, h.state): h.reason for h in Hit.objects.all()}
    assert "由后一版本重新核查" in told[first.pk, "ended"] and "没有后一版本" in told[alone.pk, "ended"]
    assert [h.party for h in open_hits()] == [held]
    assert "名单已失效：名单 T-9 本版到" in as_user(cast.auditor).get(reverse("policies:watch_hits"), {"tab": "done"}).content.decode()
    assert {row["state"] for row in api(cast.auditor).get("/api/v1/watch-hits/", {"tab": "done"}).json()["results"]} == {"ended"}


def test_what_ran_out_was_not_found_out(cast):
    held = make_party()
    make_policy(cast.county, cast.clerk, insured=held)
    made = in_force(cast, row(held))
    screen_customers()
    over(made)
    screen_customers()
    in_force(cast, row(held))
    screen_customers()
    assert [h.state for h in Hit.objects.order_by("pk")] == ["ended", "open"]


def test_who_is_named_by_the_policy_twice_is_found_once(cast):
    """Of 受益人 nothing but the name is known: called as the insured of the policy it is the insured, elsewhere it may be another."""
    own, other = make_party(), make_party()
    make_policy(cast.county, cast.clerk, insured=own, beneficiaries=[heir(own.name)])
    in_force(cast, row(own))
    screen_customers()
    assert [(h.party, h.role) for h in Hit.objects.all()] == [(own, "客户")]
    make_policy(cast.county, cast.clerk, insured=other, beneficiaries=[heir(own.name)])
    in_force(cast, row(own), code="T-2")
    screen_customers()
    assert [(h.party, h.role) for h in Hit.objects.filter(entry__watch_list__code="T-2").order_by("role")] == [(None, "受益人"), (own, "客户")]


@pytest.mark.django_db(transaction=True)
def test_a_run_that_meets_another_waits_for_it(transactional_cast):
    """Customers and cases are gone through at once when a list comes into force: neither takes the other's list for done."""
    cast = transactional_cast
    held = make_party()
    make_policy(cast.county, cast.clerk, insured=held)
    made = in_force(cast, row(held))
    type(made).objects.filter(pk=made.pk).update(scanned_to=0, scanned_at=None, cases_to=0, cases_at=None)
    begun = threading.Event()

    def work(number):
        if number:
            begun.wait(10)
            return screen_customers() if number == 1 else screen_cases()
        with transaction.atomic():
            type(made).objects.select_for_update().get(pk=made.pk)
            begun.set()
            assert until(lambda: waits_for_a_lock() == 2)
        return 0

    assert together(3, work) == [0, 1, 1]
    made.refresh_from_db()
    assert made.scanned_at is not None and made.cases_at is not None and Hit.objects.count() == 1
