"""业务规则 over the interface: read by whom the page lets read, taken over from a day, never rewritten; refused to all others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lifeops.api.configuring import KINDS
from lifeops.cases.clocks import rules
from lifeops.cases.models import ClockRule, ContentItem, LadderStep
from lifeops.org.models import AuthorityLimit, Branch
from lifeops.workdays.calendar import get_calendar
from lifeops.workdays.models import CalendarDay
from tests.api.calls import ROOT
from tests.cast import hire

TODAY = timezone.localdate()
DAY = TODAY + timedelta(days=9)


def url(*parts):
    return "/".join((f"{ROOT}/configuration", *map(str, parts))) + "/"


@pytest.fixture
def clock(db):
    return ClockRule.objects.in_force(TODAY).filter(line="claims").order_by("pk").first()


def supersede(client, kind, row, **told):
    return client.post(f"{url(kind)}?of={row.pk}", {"change_reason": "年度调整"} | told, format="json")


def test_a_rule_is_taken_over_from_a_day_and_the_old_one_ends_the_day_before(cast, api, clock):
    client = api(cast.manager)
    listed = client.get(url("clock-rules"), {"standing": "now", "line": "claims", "q": clock.code}).json()
    assert [row["id"] for row in listed["results"]] == [str(clock.pk)] and listed["label"] == "时效规则"
    made = supersede(client, "clock-rules", clock, amount=clock.amount + 1, effective_from=DAY.isoformat())
    assert made.status_code == 201, made.json()
    new = ClockRule.objects.get(pk=made.json()["id"])
    clock.refresh_from_db()
    assert (new.effective_from, new.amount, clock.effective_to) == (DAY, clock.amount + 1, DAY - timedelta(days=1))
    assert (new.code, new.start_on, new.items, new.pause_parties) == (clock.code, clock.start_on, clock.items, clock.pause_parties)
    assert made.json()["standing"] == "待生效" and made.json()["history"][0]["reason"] == "年度调整"
    assert made.json()["history"][0]["by"]["staff_no"] == cast.manager.staff_no
    old = client.get(url("clock-rules", clock.pk)).json()
    assert "由" in old["history"][0]["reason"] and old["history"][0]["changes"][0]["new"] == (DAY - timedelta(days=1)).isoformat()
    assert [row.pk for row in rules() if row.code == clock.code and row.line == clock.line and row.effective_from == DAY] == [new.pk]


def test_a_version_to_come_is_mended_and_what_was_told_may_be_sent_back(cast, api, clock):
    client = api(cast.manager)
    made = supersede(client, "clock-rules", clock, effective_from=DAY.isoformat()).json()
    asked = {row["name"] for row in made["inputs"]}
    assert {"code", "line"} & asked == set() and "amount" in asked
    back = {name: value for name, value in made["values"].items() if name in asked} | {"change_reason": "核对"}
    same = client.patch(url("clock-rules", made["id"]), back, format="json")
    assert same.status_code == 200, same.json()
    assert same.json()["values"] == made["values"]
    later = client.patch(url("clock-rules", made["id"]), {"effective_from": (DAY + timedelta(days=2)).isoformat(), "change_reason": "推迟"}, format="json")
    assert later.status_code == 200
    clock.refresh_from_db()
    assert clock.effective_to == DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ({}, "change_reason"), ({"change_reason": "x", "effective_from": "2020-01-01"}, "effective_from"),
        ({"change_reason": "x", "amount": 0}, "amount"), ({"change_reason": "x", "amount": "bald"}, "amount"),
        ({"change_reason": "x", "code": "OTHER"}, "code"), ({"change_reason": "x", "colour": "red"}, "colour"),
        ({"change_reason": "x", "start_on": ["fly"]}, "start_on"), ({"change_reason": "x", "name": ["a"]}, "name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(cast, api, clock, told, at):
    count = ClockRule.objects.count()
    answer = api(cast.manager).post(f"{url('clock-rules')}?of={clock.pk}", told, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [at])
    clock.refresh_from_db()
    assert (ClockRule.objects.count(), clock.effective_to) == (count, None)


def test_what_is_in_force_is_ended_but_not_rewritten_and_what_is_over_stays(cast, api, clock):
    client, address = api(cast.manager), url("clock-rules", clock.pk)
    assert list(client.patch(address, {"amount": 1, "change_reason": "x"}, format="json").json()["errors"]) == ["amount"]
    ended = client.patch(address, {"effective_to": TODAY.isoformat(), "change_reason": "停用"}, format="json")
    assert ended.status_code == 200, ended.json()
    assert [row["name"] for row in ended.json()["inputs"]] == ["effective_to", "change_reason"]
    ClockRule.objects.filter(pk=clock.pk).update(effective_to=TODAY - timedelta(days=1))
    over = client.patch(address, {"effective_to": TODAY.isoformat(), "change_reason": "x"}, format="json")
    assert (over.status_code, over.json()["reasons"]) == (403, ["已成过去，不能再改"])
    assert list(supersede(client, "clock-rules", clock, effective_from=DAY.isoformat()).json()["errors"]) == ["of"]


def test_the_library_the_ladder_and_the_calendar_are_kept_too(cast, api):
    client = api(cast.manager)
    item = ContentItem.objects.in_force(TODAY).first()
    made = supersede(client, "content", item, text="请补交原件", effective_from=DAY.isoformat())
    assert made.status_code == 201, made.json()
    assert made.json()["values"]["text"] == "请补交原件"
    rung = LadderStep.objects.in_force(TODAY).first()
    assert supersede(client, "ladder", rung, readers=rung.readers, effective_from=DAY.isoformat()).status_code == 201
    before = get_calendar().is_workday(DAY)
    CalendarDay.objects.filter(day=DAY).delete()
    made = api(cast.sysadmin).post(url("calendar"), {"day": DAY.isoformat(), "is_workday": not before, "change_reason": "通知"}, format="json")
    assert made.status_code == 201, made.json()
    assert get_calendar().is_workday(DAY) is not before
    listed = client.get(url("calendar"), {"year": DAY.year, "is_workday": str(not before)}).json()["results"]
    assert made.json()["id"] in [row["id"] for row in listed]
    past, _ = CalendarDay.objects.get_or_create(day=TODAY - timedelta(days=1), defaults={"is_workday": True})
    refused = client.patch(url("calendar", past.pk), {"is_workday": False, "change_reason": "x"}, format="json")
    assert (refused.status_code, refused.json()["reasons"]) == (403, ["已成过去，不能再改"])


def test_limits_are_read_here_and_changed_by_two_persons(cast, api):
    limit = AuthorityLimit.objects.first()
    assert api(cast.secadmin).get(url("limits", limit.pk)).json()["values"]["max_amount"] == f"{limit.max_amount:.2f}"
    for who in ("manager", "secadmin", "sysadmin"):
        for answer in (
            api(getattr(cast, who)).patch(url("limits", limit.pk), {"max_amount": "1"}, format="json"),
            api(getattr(cast, who)).post(url("limits"), {"max_amount": "1"}, format="json"),
        ):
            assert (answer.status_code, answer.json()["reasons"]) == (403, ["权限额度不在此处改动，请提出变更申请（changes/）"])
    limit.refresh_from_db()
    assert limit.max_amount != 1


#: Kind → who reads, who writes at head office.
RULES, STAFF = {"manager", "sysadmin", "auditor"}, {"manager", "sysadmin", "secadmin", "auditor"}
WHO = {kind: (RULES, {"manager"}) for kind in KINDS} | {
    "calendar": (RULES, {"manager", "sysadmin"}), "limits": (STAFF, set()), "branches": (STAFF, {"sysadmin"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_who_reads_and_who_writes(cast, api, kind):
    readers, writers = WHO[kind]
    local = hire("manager.local", "manager", cast.province, staff_no="ML")
    people = {name: getattr(cast, name) for name in ("manager", "sysadmin", "secadmin", "auditor", "clerk", "head", "approver")} | {"local": local}
    for name, person in people.items():
        client = api(person)
        reads = name in readers or (name == "local" and "manager" in readers)
        found = client.get(url(kind))
        assert found.status_code == (200 if reads else 403), name
        assert (kind in [row["kind"] for row in client.get(url()).json()]) if reads else found.json()["who"], name
        assert bool(reads and found.json()["inputs"]) == (name in writers), name
        # an empty row is wrong at its fields for who may write, and refused to all others
        assert client.post(url(kind), {}, format="json").status_code == (400 if name in writers else 403), name
        if reads and found.json()["results"]:
            row = found.json()["results"][0]
            answer = client.patch(url(kind, row["id"]), {"colour": 1}, format="json").status_code
            assert answer == (400 if name in writers and row["may_change"] else 403), name


def test_what_is_not_there_is_not_there(cast, api):
    client = api(cast.manager)
    for address in (url("users"), url("clock-rules", 10**18), url("clock-rules", "x"), url("doc-types", "NONE")):
        assert client.get(address).status_code == 404, address
    for wrong in ({"standing": "x"}, {"year": "2026"}, {"cursor": "x"}):
        assert client.get(url("clock-rules"), wrong).status_code == 400, wrong
    assert api(cast.sysadmin).patch(url("branches", Branch.objects.get(code="86").pk), {"code": "99"}, format="json").json()["errors"] == {"code": ["没有这项输入"]}
