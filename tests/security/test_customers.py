"""Customers: who writes, who merges, who looks, each also where no page stands before the service."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from lifeops.org.models import Role
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Duplicate, Phone, Reveal
from lifeops.policies.services import holds, merging, particulars
from lifeops.policies.services.revealing import MOST_PER_HOUR, reveal
from tests.cases.threads import together
from tests.cast import hire
from tests.factories import make_party, make_policy

SAYS_NOTHING = ("auditor", "sysadmin", "secadmin", "archive", "issue", "scan")


@pytest.fixture
def pair(cast):
    """One of the county's, one of the other province's, proposed by a clerk there."""
    one, two = make_party(name="重名客户"), make_party(name="重名客户")
    make_policy(cast.county, cast.clerk, insured=one)
    make_policy(cast.other, cast.other_clerk, insured=two)
    return merging.propose(one=one, two=two, actor=cast.other_clerk, now=timezone.now())


def ours(cast):
    one, two = make_party(name="本地重名"), make_party(name="本地重名")
    for who in (one, two):
        make_policy(cast.county, cast.clerk, insured=who)
    return merging.propose(one=one, two=two, actor=cast.clerk, now=timezone.now())


# 合并 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [*SAYS_NOTHING, "entry", "cl_reviewer", "underwriter"])
def test_only_those_who_may_decide_decide_whatever_door_they_come_by(cast, who):
    row, actor, now = ours(cast), getattr(cast, who), timezone.now()
    for act in (merging.dismiss, lambda **given: merging.merge(**given, survivor=row.left)):
        with pytest.raises(BookRefused, match="由机构主管、保全审核岗或运营主管核定"):
            act(duplicate=row, actor=actor, now=now, reason="同一人")
    merging.merge(duplicate=row, survivor=row.left, actor=cast.head, now=now, reason="证件一致")
    with pytest.raises(BookRefused, match="撤销合并由"):
        merging.ask_undo(duplicate=row, actor=actor, now=now, reason="误")
    merging.ask_undo(duplicate=row, actor=cast.head, now=now, reason="误")
    for act in (merging.undo, merging.keep_merged):
        with pytest.raises(BookRefused, match="撤销合并由"):
            act(duplicate=row, actor=actor, now=now, reason="误")


def test_an_auditor_proposes_nothing(cast):
    with pytest.raises(BookRefused, match="不能提出合并"):
        merging.propose(one=make_party(), two=make_party(), actor=cast.auditor, now=timezone.now())


def test_a_head_decides_only_where_both_are_within_reach(cast, pair, as_user):
    client = as_user(cast.head)
    assert "重名客户" not in client.get(reverse("policies:duplicates")).content.decode()
    for act in ("left", "right", "dismiss"):
        url = reverse("policies:duplicate_act", args=[pair.pk, act])
        assert client.get(url).status_code == 404
        assert client.post(url, {"reason": "同一人"}).status_code == 404
    assert Duplicate.objects.get(pk=pair.pk).state == "open"
    assert "重名客户" in as_user(cast.manager).get(reverse("policies:duplicates")).content.decode()


def test_a_customer_without_policies_is_nobodys_and_one_elsewhere_is_theirs(cast, as_user):
    mine, new = make_party(name="本地重名"), make_party(name="本地重名")
    make_policy(cast.county, cast.clerk, insured=mine)
    row = merging.propose(one=mine, two=new, actor=cast.clerk, now=timezone.now())
    client = as_user(cast.head)
    assert "本地重名" in client.get(reverse("policies:duplicates")).content.decode()
    assert client.get(reverse("policies:duplicate_act", args=[row.pk, "left"])).status_code == 200
    make_policy(cast.other, cast.other_clerk, insured=new)
    assert "本地重名" not in client.get(reverse("policies:duplicates")).content.decode()
    assert client.get(reverse("policies:duplicate_act", args=[row.pk, "left"])).status_code == 404


def test_a_head_sees_decides_and_undoes_those_of_the_own_units(cast, as_user):
    row = ours(cast)
    client = as_user(cast.head)
    assert "本地重名" in client.get(reverse("policies:duplicates")).content.decode()
    assert client.post(reverse("policies:duplicate_act", args=[row.pk, "left"]), {"reason": "证件一致"}).status_code == 302
    assert "撤销合并" in client.get(reverse("policies:duplicates")).content.decode()
    assert client.post(reverse("policies:duplicate_act", args=[row.pk, "undo"]), {"reason": "误合并"}).status_code == 302
    second = hire("second_head", Role.HEAD, cast.county)
    for who, code in ((cast.head, 403), (cast.other_head, 404), (cast.clerk, 403), (second, 302)):
        assert as_user(who).post(reverse("policies:duplicate_act", args=[row.pk, "undo_confirm"]), {"reason": "误合并"}).status_code == code, who
    assert Duplicate.objects.get(pk=row.pk).state == "undone"


# 登记 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", SAYS_NOTHING)
def test_who_does_not_write_about_customers_writes_nothing(cast, who):
    party, by = make_party(), {"actor": getattr(cast, who), "now": timezone.now()}
    row = particulars.add_phone(party=party, number="19900008888", actor=cast.clerk, now=timezone.now())
    for act in (
        lambda: particulars.add_phone(party=party, number="19900007777", **by),
        lambda: particulars.add_account(party=party, bank="虚构银行", number="9900001234567", **by),
        lambda: particulars.end(row=row, **by),
    ):
        with pytest.raises(BookRefused, match="客户资料由"):
            act()


def test_who_ended_a_row_is_kept_and_it_ends_once(cast):
    now = timezone.now()
    row = particulars.add_phone(party=make_party(), number="19900008888", actor=cast.clerk, now=now)
    stale = Phone.objects.get(pk=row.pk)
    particulars.end(row=row, actor=cast.head, now=now)
    kept = Phone.objects.get(pk=row.pk)
    assert (kept.ended_by, kept.ended_at, kept.until) == (cast.head, now, timezone.localdate(now))
    with pytest.raises(BookRefused, match="已终止"):
        particulars.end(row=stale, actor=cast.clerk, now=now)
    assert Phone.objects.get(pk=row.pk).ended_by == cast.head


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_what_is_sent_twice_is_written_once(transactional_cast):
    cast, party = transactional_cast, make_party()
    calls = [
        lambda by: particulars.add_phone(party=party, number="19900008888", **by),
        lambda by: particulars.add_account(party=party, bank="虚构银行", number="9900001234567", **by),
        lambda by: particulars.add_address(party=party, text="样本市样本路 9 号", **by),
        lambda by: particulars.give_consent(party=party, purpose="share", version="V1", how="paper", **by),
    ]
    for call in calls:
        found = together(4, lambda n, call=call: call({"actor": cast.clerk, "now": timezone.now()}))
        assert all(isinstance(f, BookInvalid) for f in found if isinstance(f, Exception)), found
    assert (party.phone_rows.count(), party.bankaccount_rows.count(), party.address_rows.count()) == (1, 1, 1)
    assert party.consent_rows.filter(until__isnull=True).count() == 1


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_looks_side_by_side_do_not_pass_the_limit(transactional_cast):
    cast, party, now = transactional_cast, make_party(), timezone.now()
    Reveal.objects.bulk_create(
        Reveal(party=party, what="phone", label="电话", reason="核对", actor=cast.clerk, at=now, through="page")
        for _ in range(MOST_PER_HOUR - 1)
    )
    together(5, lambda n: reveal(party=party, what="phone", reason="核对身份", actor=cast.clerk, now=now))
    assert Reveal.objects.filter(actor=cast.clerk).count() == MOST_PER_HOUR
    connection.close()


# 挂起 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["clerk", "other_head", "auditor", "underwriter", "sysadmin"])
def test_a_hold_is_registered_and_lifted_by_those_of_the_policy(cast, who):
    policy = make_policy(cast.county, cast.clerk)
    given = {"policy": policy, "kind": "court", "holder": "虚构法院 1 号", "reason": "冻结", "day": date.today()}
    with pytest.raises(BookRefused, match="挂起由保单所属机构"):
        holds.place_hold(**given, actor=getattr(cast, who))
    hold = holds.place_hold(**given, actor=cast.head)
    with pytest.raises(BookRefused, match="挂起由保单所属机构"):
        holds.lift_hold(hold=hold, reason="解除", day=date.today(), actor=getattr(cast, who))


def test_who_registered_a_hold_does_not_lift_it(cast):
    policy = make_policy(cast.county, cast.clerk)
    hold = holds.place_hold(policy=policy, kind="court", holder="虚构法院 2 号", reason="冻结", day=date.today(), actor=cast.head)
    with pytest.raises(BookRefused, match="登记人以外的人"):
        holds.lift_hold(hold=hold, reason="解除", day=date.today(), actor=cast.head)
    assert holds.lift_hold(hold=hold, reason="解除冻结文书", day=date.today(), actor=cast.ps_reviewer).lifted_by == cast.ps_reviewer
