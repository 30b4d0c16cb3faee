"""Searching: every form a person types finds the customer and the policy, by index and within one's reach."""

from __future__ import annotations

import pytest
from django.db import connection

from lifeops.policies.models import Party, Policy
from lifeops.policies.search import LIMIT, find_parties, find_policies, ways
from tests.policies.conftest import person


@pytest.mark.parametrize(
    "text",
    ["张晓", "张晓明", "zhangxiao", "ZXM", "zx", "1234", "19900001234", "+86 199 0000 1234", "{id}", "{id_tail}", " 张晓明 "],
)
def test_customer_is_found_by_what_people_type(cast, insured, text):
    person("李四", sequence=200, phone="19900009999")
    typed = text.format(id=insured.id_number.lower(), id_tail=insured.id_number[-4:])
    assert find_parties(typed, cast.clerk) == [insured]


@pytest.mark.parametrize("text", ["晓明", "iaoming", "0000", "", "  ", "张晓明明", "%", "_", "张%"])
def test_middle_of_a_name_or_number_finds_nobody(cast, insured, text):
    assert find_parties(text, cast.clerk) == []


def test_landline_is_found_in_full(cast):
    found = person("王五", phone="021-55556666")
    assert find_parties("(021) 5555 6666", cast.clerk) == [found]


def test_passport_is_found_whatever_the_case(cast):
    found = person("安娜", id_type="passport", id_number="E12345678")
    assert find_parties("e12345678", cast.clerk) == [found]


def test_policy_is_found_by_number_prefix_and_by_its_people(cast, insured, issue):
    policy = issue()
    holder = person("李四", sequence=200)
    other = issue(policyholder=holder, relation="spouse")
    assert set(find_policies(policy.number[:8].lower(), cast.clerk)) == {policy, other}
    assert find_policies(policy.number, cast.clerk) == [policy]
    assert find_policies("张晓明", cast.clerk) == [other, policy]
    assert find_policies("lisi", cast.clerk) == [other]


def test_people_without_cases_find_nothing(cast, insured, issue):
    policy = issue()
    for user in (cast.sysadmin, cast.secadmin):
        assert find_parties("张晓明", user) == []
        assert find_policies(policy.number, user) == []
    assert find_policies(policy.number, cast.auditor) == [policy]


def test_answers_are_bounded(cast):
    for n in range(LIMIT + 3):
        person("赵六", sequence=2 * n + 1)
    assert len(find_parties("赵六", cast.clerk)) == LIMIT


@pytest.mark.server
@pytest.mark.parametrize("text", ["张晓", "zhang", "1234", "19900001234", "990101198605171219"])
def test_searches_use_an_index(cast, insured, text):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    found = ways(text)
    assert found
    for way in (way for rank in found for way in rank):
        plan = way.rows.order_by(*way.order)[:LIMIT].explain()
        assert "Index" in plan and "Seq Scan" not in plan


@pytest.mark.server
@pytest.mark.parametrize("text", ["张晓", "zhang", "1234"])
def test_twenty_of_many_are_read_in_the_order_of_an_index(cast, insured, text):
    """No sort of all who are called so: at a million customers twenty rows are read, not ten thousand."""
    people = [Party(name=f"张晓{n}" if n % 9 == 0 else f"客{n}", phone=f"1990000{n % 100 + 1200:04d}") for n in range(1500)]
    for party in people:
        party.reindex()
    Party.objects.bulk_create(people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE policies_party")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    for way in (way for rank in ways(text) for way in rank):
        plan = way.rows.order_by(*way.order)[:LIMIT].explain()
        assert "_order on policies_party" in plan and "Sort" not in plan, plan


def test_who_is_called_just_so_comes_first_and_the_newest_before(cast):
    longer = person("张晓明", sequence=1)
    first, second = person("张晓", sequence=3), person("张晓", sequence=5)
    other = person("张晓安", sequence=7)
    assert find_parties("张晓", cast.clerk) == [second, first, other, longer]
    assert find_parties("zx", cast.clerk) == [second, first, other, longer]
    assert find_parties("zhangxiao", cast.clerk) == [second, first, other, longer]


def test_a_full_page_of_one_name_leaves_no_room_for_longer_ones(cast):
    longer = person("赵六一", sequence=1)
    people = [person("赵六", sequence=2 * n + 3) for n in range(LIMIT + 2)]
    assert find_parties("赵六", cast.clerk) == people[:1:-1]
    assert find_parties("赵六一", cast.clerk) == [longer]


def test_a_tail_finds_documents_and_telephones_the_newest_first(cast):
    one = person("甲", sequence=121)
    two = person("乙", sequence=123, phone="19900001214")
    assert one.id_number.endswith("1214") and find_parties("1214", cast.clerk) == [two, one]


def test_policies_of_people_in_both_roles_come_once_the_newest_first(cast, insured, issue):
    own = issue()
    held = issue(insured=person("李四", sequence=200), policyholder=insured, relation="spouse")
    on = issue(insured=insured, policyholder=person("王五", sequence=202), relation="spouse")
    assert list(Policy.objects.of_people([insured.pk]).order_by("-pk")) == [on, held, own]
    assert find_policies("张晓明", cast.clerk) == find_policies("张晓明", cast.clerk, [insured]) == [on, held, own]
    assert find_policies("张晓明", cast.clerk, []) == []
    assert not Policy.objects.of_people([]).exists()


@pytest.mark.server
def test_policy_numbers_are_found_by_index(cast, insured, issue):
    issue()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "Index" in Policy.objects.filter(number__startswith="P86").explain()
