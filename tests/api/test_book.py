"""What is written without a case, by the interface as on the pages: absences, holds, statements, particulars, duplicates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lifeops.documents.models import Statement
from lifeops.org.models import Absence
from lifeops.policies.models import Duplicate, Party, PolicyHold
from tests.api.calls import ROOT
from tests.factories import make_party, make_policy

pytestmark = pytest.mark.django_db


def post(client, address, **body):
    return client.post(f"{ROOT}/{address}", body, format="json")


# 请假 -------------------------------------------------------------------------------------------------------------


def test_an_absence_is_registered_listed_and_ended(cast, api):
    client, now = api(cast.cl_reviewer), timezone.now()
    away = {"starts_at": (now - timedelta(hours=1)).isoformat(), "ends_at": (now + timedelta(days=2)).isoformat()}
    wrong = post(client, "absences/", **away, substitute=cast.clerk.staff_no)
    assert wrong.status_code == 400 and "相同岗位" in wrong.json()["errors"]["substitute"][0]
    made = post(client, "absences/", **away, substitute=cast.cl_reviewer2.staff_no, reason="年假")
    assert made.status_code == 201, made.data
    assert (made.json()["user"]["staff_no"], made.json()["substitute"]["staff_no"]) == (cast.cl_reviewer.staff_no, cast.cl_reviewer2.staff_no)
    assert list(post(client, "absences/", **away).json()["errors"]) == ["starts_at"]
    listed = api(cast.cl_reviewer2).get(f"{ROOT}/absences/").json()
    assert [row["id"] for row in listed] == [made.json()["id"]]
    end = f"absences/{made.json()['id']}/end/"
    assert post(api(cast.clerk), end).status_code == 404
    assert post(api(cast.cl_reviewer2), end).status_code == 403
    assert post(client, end).json() == {"detail": "已提前结束请假"}
    assert Absence.objects.get().ends_at <= timezone.now() and post(client, end).status_code == 404


def test_a_head_registers_for_the_own_people_only(cast, api):
    now = timezone.now()
    away = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(days=2)).isoformat()}
    made = post(api(cast.head), "absences/", **away, user=cast.clerk.staff_no)
    assert (made.status_code, made.json()["user"]["staff_no"]) == (201, cast.clerk.staff_no)
    assert post(api(cast.head), "absences/", **away, user=cast.other_clerk.staff_no).status_code == 403
    assert list(post(api(cast.entry), "absences/", **away, user=cast.clerk.staff_no).json()["errors"]) == ["user"]
    assert post(api(cast.head), "absences/", **away).json()["user"]["staff_no"] == cast.head.staff_no


# 保单 -------------------------------------------------------------------------------------------------------------


def test_a_hold_is_placed_and_lifted_by_another(cast, api):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    address = f"policies/{policy.number}/holds/"
    good = {"kind": "court", "holder": "（2026）虚构执 1 号", "reason": "协助执行通知书"}
    assert post(api(cast.clerk), address, **good).status_code == 403
    assert post(api(cast.other_head), address, **good).status_code == 404
    assert set(post(api(cast.head), address, kind="court").json()["errors"]) == {"holder", "reason"}
    assert post(api(cast.head), address, **good, day="0001-01-01").json()["errors"] == {"day": [f"不能早于投保日 {policy.applied_on}"]}
    assert post(api(cast.head), address, **(good | {"reason": "\u200b\x01"})).status_code == 403
    made = post(api(cast.head), address, **good)
    assert (made.status_code, made.json()["kind_label"], made.json()["placed_on"]) == (201, "司法冻结", timezone.localdate().isoformat())
    assert [row["holder"] for row in api(cast.clerk).get(f"{ROOT}/{address}").json()] == [good["holder"]]
    lift = f"{address}{made.json()['id']}/lift/"
    own = post(api(cast.head), lift, reason="解除")
    assert own.status_code == 403 and "登记人以外的人" in own.json()["detail"]
    assert list(post(api(cast.ps_reviewer), lift).json()["errors"]) == ["reason"]
    assert post(api(cast.ps_reviewer), lift, reason="解除冻结裁定书").json()["lifted_on"] == timezone.localdate().isoformat()
    assert post(api(cast.ps_reviewer), lift, reason="再次").status_code == 404
    assert PolicyHold.objects.get().lifted_by == cast.ps_reviewer and api(cast.clerk).get(f"{ROOT}/{address}").json() == []


def test_a_statement_is_issued_as_a_pdf_and_kept(cast, api):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    answer = post(api(cast.clerk), f"policies/{policy.number}/statement/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf") and answer.content[:5] == b"%PDF-"
    assert Statement.objects.get().policy == policy
    assert post(api(cast.auditor), f"policies/{policy.number}/statement/").status_code == 403
    assert post(api(cast.other_clerk), f"policies/{policy.number}/statement/").status_code == 404


# 客户 -------------------------------------------------------------------------------------------------------------


def test_particulars_are_written_down_and_ended(cast, api):
    party = make_policy(cast.county, cast.clerk).insured
    client, address = api(cast.clerk), f"customers/{party.pk}/particulars/"
    wrong = post(client, f"{address}phone/", kind="mobile", number="12")
    assert wrong.status_code == 400 and list(wrong.json()["errors"]) == ["number"]
    made = post(client, f"{address}phone/", kind="mobile", number="19912345678", source="来电")
    assert made.status_code == 201, made.data
    assert "19912345678" not in made.content.decode()
    what = next(row["reveal"] for row in made.json()["particulars"] if row["reveal"].startswith("phone-"))
    assert post(client, f"{address}occupation/", name="L013 货车司机", occupation_class="5").status_code == 201
    assert party.partyoccupation_rows.get().code == "L013"
    assert post(client, f"{address}horse/", name="x").status_code == 404
    assert post(api(cast.other_clerk), f"{address}phone/", kind="mobile", number="19912345678").status_code == 404
    assert post(api(cast.auditor), f"{address}phone/", kind="mobile", number="19912345678").status_code == 403
    end = f"{address}{what.replace('-', '/')}/end/"
    assert post(client, end).status_code == 200 and party.phone_rows.get().until == timezone.localdate()


def test_duplicates_are_found_proposed_and_decided_by_another(cast, api):
    one = make_policy(cast.county, cast.clerk).insured
    two = make_party(name=one.name, birth_date=one.birth_date)
    make_policy(cast.county, cast.clerk, insured=two)
    client, address = api(cast.clerk), f"customers/{one.pk}/duplicates/"
    (found,) = client.get(f"{ROOT}/{address}").json()
    assert found["party"]["id"] == two.pk and "姓名、出生日期相同" in found["reasons"]
    assert list(post(client, address, other=one.pk).json()["errors"]) == ["other"]
    made = post(client, address, other=two.pk)
    assert made.status_code == 201, made.data
    assert client.get(f"{ROOT}/duplicates/").status_code == 403
    head = api(cast.head)
    (row,) = head.get(f"{ROOT}/duplicates/").json()
    assert row["id"] == made.json()["id"] and {row["left"]["id"], row["right"]["id"]} == {one.pk, two.pk}
    assert api(cast.other_head).get(f"{ROOT}/duplicates/").json() == []
    act = f"duplicates/{row['id']}/"
    assert post(api(cast.other_head), f"{act}left/", reason="x").status_code == 404
    assert list(post(head, f"{act}left/").json()["errors"]) == ["reason"]
    done = post(head, f"{act}left/", reason="证件原件核对为同一人")
    assert (done.status_code, done.json()["state"]) == (200, "merged")
    assert Party.objects.filter(pk=row["right"]["id"], merged_into=row["left"]["id"]).exists()
    assert [r["id"] for r in head.get(f"{ROOT}/duplicates/", {"state": "merged"}).json()] == [row["id"]]
    assert post(head, f"{act}undo/", reason="误合并").json()["state"] == "undoing"
    assert post(head, f"{act}undo_confirm/", reason="误合并").status_code == 403
    (asked,) = api(cast.manager).get(f"{ROOT}/duplicates/", {"state": "undoing"}).json()
    assert (asked["undo_asked_by"]["staff_no"], asked["undo_reason"]) == (cast.head.staff_no, "误合并")
    assert list(head.get(f"{ROOT}/duplicates/", {"state": "gone"}).json()["errors"]) == ["state"]
    assert post(api(cast.manager), f"{act}undo_refuse/", reason="证件一致").json()["state"] == "merged"
    post(head, f"{act}undo/", reason="误合并")
    assert post(api(cast.manager), f"{act}undo_confirm/", reason="不是同一人").json()["state"] == "undone"
    assert not Party.objects.filter(merged_into__isnull=False).exists() and Duplicate.objects.get().undone_by == cast.manager


# 对账单 -----------------------------------------------------------------------------------------------------------


def test_a_statement_is_looked_at_again_as_it_was_issued(cast, api):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    first = api(cast.clerk).post(f"{ROOT}/policies/{policy.number}/statement/")
    kept = Statement.objects.get()
    (row,) = api(cast.auditor).get(f"{ROOT}/policies/{policy.number}/statements/").json()["results"]
    assert (row["id"], row["number"], row["created_by"]["staff_no"]) == (kept.pk, kept.number, cast.clerk.staff_no)
    again = api(cast.auditor).get(f"{ROOT}/statements/{kept.pk}/pdf/")
    assert (again.status_code, again["Content-Type"], again.content) == (200, "application/pdf", first.content)
    for who, status in (("other_clerk", 404), ("sysadmin", 403)):
        for address in (f"policies/{policy.number}/statements/", f"statements/{kept.pk}/pdf/"):
            assert api(getattr(cast, who)).get(f"{ROOT}/{address}").status_code == status, (who, address)
    assert api(cast.clerk).get(f"{ROOT}/statements/{10**19}/pdf/").status_code == 404
