"""变更申请 over the interface: asked by one, decided by another, refused to everybody else, as on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from lifeops.org.models import AuthorityLimit, ChangeOrder, Posting, Role, User
from tests.api.calls import ROOT
from tests.cast import hire

DAY = (timezone.localdate() + timedelta(days=3)).isoformat()
GRANT = {"op": "grant", "person": "T0001", "role": "entry", "branch": "86010101", "grade": 2, "starts_on": DAY, "reason": "人手不足"}
LIMIT = {"op": "limit", "role": "cl_reviewer", "grade": 1, "line": "claims", "max_amount": "88000.00", "effective_from": DAY, "reason": "年度调整"}
OPEN = {"op": "open", "name": "新员工", "staff_no": "N001", "username": "new.person", "branch": "86010101", "reason": "入职"}


def ask(client, told, **changes):
    return client.post(f"{ROOT}/changes/", told | changes, format="json")


def decide(client, order, **told):
    return client.post(f"{ROOT}/changes/{order['id']}/decide/", {"approve": True} | told, format="json")


def test_a_posting_is_asked_by_one_and_begins_when_another_agrees(cast, api):
    made = ask(api(cast.secadmin), GRANT)
    assert made.status_code == 201, made.json()
    order = made.json()
    assert (order["op"], order["state"], order["refusals"]) == ("grant", "open", ["申请人与复核人须为两人"])
    refused = decide(api(cast.secadmin), order)
    assert (refused.status_code, refused.json()["reasons"]) == (403, ["申请人与复核人须为两人"])
    assert [row["id"] for row in api(cast.secadmin2).get(f"{ROOT}/changes/").json()["results"]] == [order["id"]]
    done = decide(api(cast.secadmin2), order)
    assert (done.status_code, done.json()["state"], done.json()["decided_by"]["staff_no"]) == (200, "applied", cast.secadmin2.staff_no)
    row = Posting.objects.get(user=cast.clerk, role="entry")
    assert (row.grade, row.starts_on.isoformat(), row.branch) == (2, DAY, cast.county)
    assert decide(api(cast.secadmin2), order).status_code == 403
    assert api(cast.auditor).get(f"{ROOT}/changes/", {"tab": "done"}).json()["results"][0]["id"] == order["id"]
    told = api(cast.auditor).get(f"{ROOT}/people/T0001/").json()
    (coming,) = [p for p in told["postings"] if p["role"] == "entry"]
    assert (coming["standing"], coming["id"], told["orders"][0]["id"]) == ("待任", row.pk, order["id"])
    end = ask(api(cast.secadmin), {"op": "end", "posting": row.pk, "ends_on": DAY, "reason": "轮岗"})
    assert decide(api(cast.secadmin2), end.json()).status_code == 200
    assert Posting.objects.get(pk=row.pk).ends_on.isoformat() == DAY


def test_a_limit_is_changed_by_two(cast, api):
    order = ask(api(cast.secadmin), LIMIT).json()
    assert not AuthorityLimit.objects.filter(max_amount="88000.00").exists()
    assert decide(api(cast.secadmin2), order, approve=False).json()["reasons"] == ["驳回须写明意见"]
    assert decide(api(cast.secadmin2), order, approve=False, remark="过高").json()["state"] == "refused"
    assert not AuthorityLimit.objects.filter(max_amount="88000.00").exists()
    again = ask(api(cast.secadmin), LIMIT).json()
    assert decide(api(cast.secadmin2), again).status_code == 200
    assert AuthorityLimit.objects.get(max_amount="88000.00").effective_from.isoformat() == DAY


def test_a_first_password_is_told_once_to_the_one_who_asked(cast, api):
    order = ask(api(cast.sysadmin), OPEN).json()
    assert decide(api(cast.secadmin), order).json()["password_waits"] is False
    url = f"{ROOT}/changes/{order['id']}/password/"
    assert api(cast.secadmin).post(url).status_code == 403
    other = hire("sysadmin.two", Role.SYSADMIN, cast.hq, staff_no="S2")
    assert api(other).post(url).json()["reasons"] == ["初始密码只由申请人取出"]
    assert api(cast.sysadmin).get(f"{ROOT}/changes/{order['id']}/").json()["password_waits"] is True
    told = api(cast.sysadmin).post(url)
    assert (told.status_code, told["Cache-Control"]) == (200, "no-store")
    password = told.json()["detail"].split("初始密码：")[1].split("，")[0]
    person = User.objects.get(username="new.person")
    assert person.check_password(password) and person.password_due is not None
    assert api(cast.sysadmin).post(url).status_code == 403
    assert authenticate(username="new.person", password="wrong") is None


@pytest.mark.parametrize(
    ("told", "changes", "at"),
    [
        (GRANT, {"op": "fly"}, "op"), (GRANT, {"op": None}, "op"), (GRANT, {"person": "none"}, "person"), (GRANT, {"person": 5}, "person"),
        (GRANT, {"branch": "x"}, "branch"), (GRANT, {"reason": ""}, "reason"), (GRANT, {"grade": 9}, "grade"),
        (GRANT, {"max_amount": "1"}, "max_amount"), (LIMIT, {"item": "NB01"}, "item"), ({"op": "end", "ends_on": DAY}, {}, "posting"),
        ({"op": "end", "ends_on": DAY}, {"posting": 10**17, "reason": "x"}, "posting"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_asked(cast, api, told, changes, at):
    answer = ask(api(cast.secadmin), told, **changes)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [at])
    assert not ChangeOrder.objects.exists()


def test_everybody_else_is_refused(cast, api):
    order = ask(api(cast.secadmin), GRANT).json()
    count = ChangeOrder.objects.count()
    for who in ("clerk", "head", "cl_reviewer", "manager", "auditor"):
        client = api(getattr(cast, who))
        assert ask(client, GRANT, person="T0002").status_code == 403, who
        assert decide(client, order).status_code == 403, who
        for address in ("changes/", f"changes/{order['id']}/", "people/T0001/"):
            assert client.get(f"{ROOT}/{address}").status_code == (200 if who == "auditor" else 403), (who, address)
    # each kind has its own who asks: the account is the system's, the post the security's
    refused = ask(api(cast.sysadmin), GRANT)
    assert (refused.status_code, refused.json()["who"]) == (403, "安全管理岗")
    assert ask(api(cast.secadmin), OPEN).status_code == 403
    assert ask(api(cast.secadmin), GRANT, person=cast.secadmin.staff_no).json()["reasons"][0] == "不得申请与本人有关的变更"
    local = hire("sec_local", Role.SECADMIN, cast.other_province, staff_no="X1")
    assert ask(api(local), GRANT, person="T0002").status_code == decide(api(local), order).status_code == 403
    assert (ChangeOrder.objects.count(), ChangeOrder.objects.get().state) == (count, "open")
    assert api(cast.secadmin).get(f"{ROOT}/changes/999/").status_code == 404
    assert api(cast.secadmin).get(f"{ROOT}/people/none/").status_code == 404


def test_people_are_found_by_number_account_and_name(cast, api):
    for text in (cast.clerk.staff_no.lower(), "clerk", cast.clerk.name[:3]):
        rows = api(cast.sysadmin).post(f"{ROOT}/people/", {"q": text}, format="json").json()
        assert cast.clerk.staff_no in [row["staff_no"] for row in rows]
    assert api(cast.manager).post(f"{ROOT}/people/", {"q": "clerk"}, format="json").status_code == 403
