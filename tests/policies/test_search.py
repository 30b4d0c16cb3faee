"""Searching: every form a person types finds the customer and the policy, by index and within one's reach."""

from __future__ import annotations

import pytest
from django.db import connection

from lifeops.policies.models import Party, Policy
from lifeops.policies.search import LIMIT, find_parties, find_policies, party_query
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
    plan = Party.objects.filter(party_query(text)).explain()
    assert "Index" in plan and "Seq Scan" not in plan


@pytest.mark.server
def test_policy_numbers_are_found_by_index(cast, insured, issue):
    issue()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "Index" in Policy.objects.filter(number__startswith="P86").explain()
