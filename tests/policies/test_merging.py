"""Two rows that are one person: proposed with reasons, merged by a second person, and back again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Duplicate, Party
from lifeops.policies.search import find_parties
from lifeops.policies.services import merging, particulars
from lifeops.policies.services.holder import change_policyholder
from lifeops.policies.services.parties import find_or_create_party
from tests.factories import accept, make_policy
from tests.policies.conftest import person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def two(cast):
    """The same man under his card and under his passport, with a policy each."""
    one = person(phone="19900001234", address="样本市样本路 1 号")
    same = person(id_type="passport", id_number="E12345678", phone="19900001234", address="样本市样本路 2 号")
    return one, same


def proposed(cast, two) -> Duplicate:
    return merging.propose(one=two[1], two=two[0], actor=cast.clerk, now=NOW)


def test_candidates_say_what_speaks_for_them(cast, two):
    one, same = two
    stranger = person("李四", sequence=3, phone="19900001234")
    found = merging.candidates(one)
    assert found[0] == (same, ["姓名、出生日期相同", "电话相同"])
    assert (stranger, ["电话相同"]) in found
    assert (one, ["姓名、出生日期相同"]) not in found
    woman = person(sequence=2, phone="")
    assert woman not in [p for p, _ in merging.candidates(one)]  # another sex is no duplicate


def test_a_number_shared_by_many_is_no_sign(cast):
    people = [person(f"客户{n}", born=date(1980, 1, n + 1), sequence=2 * n + 1, phone="19900001234") for n in range(7)]
    assert merging.candidates(people[0]) == []


def test_nobody_decides_on_the_own_proposal_and_nothing_changes_before(cast, two):
    row = proposed(cast, two)
    given = {"duplicate": row, "survivor": two[0], "now": NOW, "reason": "证件经核对为同一人"}
    with pytest.raises(BookRefused, match="另一人"):
        merging.merge(actor=cast.clerk, **given)
    with pytest.raises(BookRefused, match="另一人"):
        merging.dismiss(duplicate=row, actor=cast.clerk, now=NOW, reason="不同人")
    with pytest.raises(BookRefused, match="已提出"):
        proposed(cast, two)
    assert not Party.objects.filter(merged_into__isnull=False).exists()
    with pytest.raises(IntegrityError, match="duplicate_second_person_merges"):
        Duplicate.objects.filter(pk=row.pk).update(state="merged", decided_by=cast.clerk)


def test_merging_moves_everything_and_undoing_brings_it_back(cast, two):
    one, same = two
    policy = make_policy(cast.county, cast.clerk, insured=same)
    case = accept(cast, policy=policy)
    phone = particulars.add_phone(party=same, number="19900005678", actor=cast.clerk, now=NOW)
    row = merging.merge(duplicate=proposed(cast, two), survivor=one, actor=cast.head, now=NOW, reason="证件经核对为同一人")
    policy.refresh_from_db()
    phone.refresh_from_db()
    assert (policy.insured, policy.policyholder, phone.party, Case.objects.get(pk=case.pk).applicant) == (one, one, one, one)
    # he is found under either document, and nothing new is made for the other one
    assert find_or_create_party(name=one.name, id_type="passport", id_number="E12345678", birth_date=one.birth_date) == one
    assert find_parties("E12345678", cast.clerk) == [one] == find_parties("张晓明", cast.clerk)
    later = make_policy(cast.county, cast.clerk, insured=one)
    undone(cast, row)
    for found in (policy, phone, later):
        found.refresh_from_db()
    assert (policy.insured, phone.party, Case.objects.get(pk=case.pk).applicant, later.insured) == (same, same, same, one)
    assert not one.identitydocument_rows.exists() and not one.address_rows.exists()
    assert find_parties("E12345678", cast.clerk) == [same]
    for act in (merging.ask_undo, merging.undo, merging.keep_merged):
        with pytest.raises(BookRefused):
            act(duplicate=row, actor=cast.manager, now=NOW, reason="再撤")


def undone(cast, row):
    """Asked for by one, confirmed by another."""
    merging.ask_undo(duplicate=row, actor=cast.head, now=NOW, reason="误合并")
    return merging.undo(duplicate=row, actor=cast.manager, now=NOW, reason="证件照片不是同一人")


def test_who_merged_does_not_undo_it_alone(cast, two):
    row = merging.merge(duplicate=proposed(cast, two), survivor=two[0], actor=cast.head, now=NOW, reason="同一人")
    given = {"duplicate": row, "now": NOW}
    with pytest.raises(BookRefused, match="没有待核定的撤销申请"):
        merging.undo(**given, actor=cast.manager, reason="误合并")
    with pytest.raises(BookInvalid, match="请写明理由"):
        merging.ask_undo(**given, actor=cast.head, reason=" ")
    asked = merging.ask_undo(**given, actor=cast.head, reason="误合并")
    assert (asked.state, asked.undo_asked_by) == ("undoing", cast.head) and Party.objects.get(pk=two[1].pk).merged_into == two[0]
    with pytest.raises(BookRefused, match="不能核定自己的申请，须由另一人核定"):
        merging.undo(**given, actor=cast.head, reason="误合并")
    with pytest.raises(BookInvalid, match="请写明理由"):
        merging.undo(**given, actor=cast.manager, reason=" ")
    with pytest.raises(IntegrityError, match="duplicate_second_person_undoes"), transaction.atomic():
        Duplicate.objects.filter(pk=row.pk).update(state="undone", undone_by=cast.head)
    done = merging.undo(**given, actor=cast.manager, reason="证件照片不是同一人")
    assert (done.state, done.undone_by, done.undo_reason, done.undo_remark) == ("undone", cast.manager, "误合并", "证件照片不是同一人")
    assert Party.objects.get(pk=two[1].pk).merged_into is None


def test_what_has_gone_to_somebody_else_since_does_not_come_back(cast, two):
    one, same = two
    policy, third = make_policy(cast.county, cast.clerk, product="W30", policyholder=same, insured=person("李四", sequence=3), relation="child"), person("王五", sequence=5)
    row = merging.merge(duplicate=proposed(cast, two), survivor=one, actor=cast.head, now=NOW, reason="同一人")
    policy.refresh_from_db()
    change_policyholder(policy=policy, case_number="PS-1", new=third, relation="child", day=timezone.localdate(), actor=cast.clerk, now=timezone.now())
    undone(cast, row)
    policy.refresh_from_db()
    assert policy.policyholder == third


def test_a_merger_stands_where_another_sees_no_ground_or_who_asked_takes_it_back(cast, two):
    row = merging.merge(duplicate=proposed(cast, two), survivor=two[0], actor=cast.head, now=NOW, reason="同一人")
    for who in (cast.manager, cast.head):
        merging.ask_undo(duplicate=row, actor=cast.head, now=NOW, reason="误合并")
        kept = merging.keep_merged(duplicate=row, actor=who, now=NOW, reason="证件一致")
        assert (kept.state, kept.undone_by, kept.undo_remark) == ("merged", who, "证件一致")
    asked = merging.ask_undo(duplicate=row, actor=cast.manager, now=NOW, reason="又误")
    assert [(p["asked_by"], p["kept_by"], p["reason"], p["remark"], p["taken_back"]) for p in asked.undo_past] == [
        (str(cast.head), str(cast.manager), "误合并", "证件一致", False), (str(cast.head), str(cast.head), "误合并", "证件一致", True)
    ]
    merging.keep_merged(duplicate=row, actor=cast.head, now=NOW, reason="证件一致")
    assert Party.objects.get(pk=two[1].pk).merged_into == two[0]


def test_a_relationship_between_the_two_does_not_become_one_with_himself(cast, two):
    one, same = two
    particulars.relate(party=one, other=same, kind="sibling", proof="declaration", actor=cast.clerk, now=NOW)
    merging.merge(duplicate=proposed(cast, two), survivor=one, actor=cast.head, now=NOW, reason="同一人")
    assert [(r.party_id, r.other_id) for r in one.relationship_rows.all()] == [(one.pk, same.pk)]


def test_of_two_of_whom_one_has_died_the_dead_one_is_kept(cast, two):
    """Kept the other way, what belongs to the dead would belong to somebody who lives."""
    one, same = two
    row = proposed(cast, two)
    particulars.record_death(party=same, died_on=date(2026, 3, 1), evidence="police", actor=cast.clerk, now=NOW)
    with pytest.raises(BookInvalid, match="已登记于 2026-03-01 身故，请保留该方"):
        merging.merge(duplicate=row, survivor=one, actor=cast.head, now=NOW, reason="同一人")
    assert Party.objects.get(pk=same.pk).merged_into is None
    merging.merge(duplicate=row, survivor=same, actor=cast.head, now=NOW, reason="同一人")
    assert Party.objects.get(pk=one.pk).merged_into == same


def test_those_who_cannot_be_one_person_are_not_merged(cast, two):
    one, same = two
    row = proposed(cast, two)
    Party.objects.filter(pk=same.pk).update(birth_date=date(1990, 1, 1))
    with pytest.raises(BookRefused, match="出生日期不同"):
        merging.merge(duplicate=row, survivor=one, actor=cast.head, now=NOW, reason="同一人")
    with pytest.raises(BookRefused, match="自己"):
        merging.propose(one=one, two=one, actor=cast.clerk, now=NOW)
    with pytest.raises(BookInvalid, match="两者之一"):
        merging.merge(duplicate=row, survivor=person("李四", sequence=3), actor=cast.head, now=NOW, reason="同一人")


def test_a_chain_is_undone_from_its_end(cast, two):
    one, same = two
    third = person(sequence=123, phone="19900001234")
    first = merging.merge(duplicate=proposed(cast, two), survivor=one, actor=cast.head, now=NOW, reason="同一人")
    second = merging.propose(one=one, two=third, actor=cast.clerk, now=NOW)
    with pytest.raises(BookRefused, match="已并入"):
        merging.propose(one=same, two=third, actor=cast.clerk, now=NOW)
    merging.merge(duplicate=second, survivor=third, actor=cast.head, now=NOW, reason="同一人")
    assert find_parties("E12345678", cast.clerk) == [third]
    with pytest.raises(BookRefused, match="先撤销后一次"):
        merging.ask_undo(duplicate=first, actor=cast.manager, now=NOW, reason="误")
    undone(cast, second)
    undone(cast, first)
    assert find_parties("E12345678", cast.clerk) == [same]


def test_every_column_that_names_a_customer_is_known(cast):
    """A new table that points to customers is moved by itself; this list only says what is moved today."""
    names = {f"{model._meta.label}.{name}" for model, name in merging.pointers()}
    assert {"policies.Policy.insured", "policies.Policy.policyholder", "cases.Case.applicant", "policies.Phone.party"} <= names
