"""夜间查重: who is new or has changed is compared once; likely pairs are proposed; what people decided stays decided."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Duplicate, Party
from lifeops.policies.services import merging
from lifeops.policies.services.comparing import propose_duplicates
from lifeops.policies.services.merging import candidates
from lifeops.policies.tasks import compare_customers
from lifeops.settings import CELERY_BEAT_SCHEDULE
from tests.bench.measure import reads, statements
from tests.policies.conftest import person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 18, 40, tzinfo=UTC)


def strangers(many: int, start: int = 0) -> list[Party]:
    return [person(f"生客{n}", born=date(1970, 1, 1 + n % 28), sequence=2 * n + 1) for n in range(start, start + many)]


@pytest.fixture
def two(cast):
    """The same man under his card and under his passport."""
    return person(phone="19900001234"), person(id_type="passport", id_number="E12345678", phone="19900001234")


def waiting() -> int:
    return Party.objects.filter(to_compare=True).count()


def test_a_likely_pair_is_proposed_once_by_the_night(two):
    found = propose_duplicates(NOW)
    row = Duplicate.objects.get()
    assert (found.customers, found.proposed, waiting()) == (2, 1, 0)
    assert (row.left, row.right, row.reasons) == (*two, ["姓名、出生日期相同", "电话相同"])
    assert (row.proposed_by, row.proposer, row.proposed_at, row.state) == (None, "夜间查重", NOW, "open")
    again = propose_duplicates(NOW)
    assert (again.customers, again.proposed, Duplicate.objects.count()) == (0, 0, 1)


def test_only_what_tells_people_apart_makes_a_customer_wait_again(two):
    propose_duplicates(NOW)
    one = Party.objects.get(pk=two[0].pk)
    one.address, one.email = "样本市样本路 1 号", "a@example.com"
    one.save(update_fields=["address", "email"])
    assert waiting() == 0
    for change in ({"phone": "19900009999"}, {"name": "张小明"}, {"id_number": "E7654321", "id_type": "passport"}):
        Party.objects.update(to_compare=False)
        for name, value in change.items():
            setattr(one, name, value)
        one.save(update_fields=list(change))
        assert list(Party.objects.filter(to_compare=True)) == [one], change


def test_a_customer_who_becomes_like_another_is_found_though_the_other_is_old(cast):
    one = person(phone="19900001234")
    other = person("张小明", id_type="passport", id_number="E12345678")
    assert propose_duplicates(NOW).proposed == 0
    other.name = one.name
    other.save(update_fields=["name"])
    assert propose_duplicates(NOW).proposed == 1


@pytest.mark.parametrize("decided", ["dismissed", "merged", "undone"])
def test_what_was_decided_is_not_asked_again(cast, two, decided):
    propose_duplicates(NOW)
    given = {"duplicate": Duplicate.objects.get(), "actor": cast.head, "now": NOW, "reason": "证件经核对"}
    if decided == "dismissed":
        merging.dismiss(**given)
    else:
        merging.merge(**given, survivor=two[0])
    if decided == "undone":
        merging.ask_undo(**given)
        merging.undo(**given | {"actor": cast.manager})
    Party.objects.update(to_compare=True)
    assert propose_duplicates(NOW).proposed == 0
    assert Duplicate.objects.get().state == decided


def test_one_telephone_of_a_family_is_no_proposal(cast):
    person("张一", sequence=1, phone="19900001234")
    person("张二", sequence=3, phone="19900001234")
    assert propose_duplicates(NOW).proposed == 0
    person("张一", born=date(1986, 5, 17), sequence=5, phone="19900001234")
    assert propose_duplicates(NOW).proposed == 1


def test_of_many_alike_three_are_proposed(cast):
    for n in range(6):
        person(sequence=2 * n + 1)
    Party.objects.exclude(pk=Party.objects.order_by("pk")[:1].get().pk).update(to_compare=False)
    assert propose_duplicates(NOW).proposed == 3


def test_a_run_is_bounded_and_the_rest_waits(cast):
    strangers(7)
    assert propose_duplicates(NOW, most=5, batch=2).customers == 5 and waiting() == 2
    assert propose_duplicates(NOW, most=5, batch=2).customers == 2 and waiting() == 0


def test_the_run_asks_about_the_changed_and_not_about_all(cast):
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            propose_duplicates(NOW)
        return len(seen)

    strangers(1)
    few = cost()
    strangers(40, start=1)
    Party.objects.update(to_compare=False)
    strangers(1, start=41)
    assert cost() == few
    assert cost() <= 5  # nobody waits
    Party.objects.bulk_create(Party(name=f"客户{n}", birth_date=date(1970, 1, 1), sex="M", to_compare=False) for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE policies_party")
        cursor.execute("EXPLAIN SELECT id FROM policies_party WHERE to_compare ORDER BY id LIMIT 100")
        assert "party_to_compare" in "".join(row[0] for row in cursor.fetchall())


def test_of_a_common_name_only_those_born_that_day_are_read(cast):
    born = date(1960, 1, 1)
    Party.objects.bulk_create(Party(name="王伟", birth_date=born + timedelta(days=n), sex="M") for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE policies_party")
    one = person("王伟", born=born + timedelta(days=700))
    found: list[Party] = []
    asked = statements(lambda: found.extend(party for party, _ in candidates(one)))
    assert [p.birth_date for p in found] == [one.birth_date] and reads(asked, 20) == []


def test_it_runs_by_night_and_a_person_decides(cast, as_user, two):
    assert CELERY_BEAT_SCHEDULE["compare-customers"]["task"] == compare_customers.name
    compare_customers()
    row = Duplicate.objects.get()
    text = as_user(cast.manager).get(reverse("policies:duplicates")).content.decode()
    assert "夜间查重" in text and two[0].name in text
    with pytest.raises(BookRefused, match="已核定"):
        merging.dismiss(duplicate=merging.dismiss(duplicate=row, actor=cast.head, now=NOW, reason="父子"), actor=cast.head, now=NOW, reason="x")
    assert Duplicate.objects.get().decided_by == cast.head
