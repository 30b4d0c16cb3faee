"""A hospital claim from the counter to the shelf by the interface alone."""

from __future__ import annotations

import pytest
from django.utils import timezone

from lifeops.cases.models import Case, broken_links
from lifeops.policies.models import Payment
from tests.api.calls import ROOT, accepted, offered, step
from tests.cast import PASSWORD
from tests.documents.files import jpeg, pdf, upload
from tests.factories import claim_inputs


@pytest.fixture
def signed_in(api):
    """Clients that signed in by themselves: name and password for a token."""

    def sign_in(user):
        client = api()
        answer = client.post(
            f"{ROOT}/auth/token/", {"username": user.username, "password": PASSWORD}, format="json"
        )
        assert answer.status_code == 200
        client.credentials(HTTP_AUTHORIZATION=f"Token {answer.data['token']}")
        return client

    return sign_in


def test_a_claim_lives_by_the_interface_alone(cast, signed_in):
    clerk, entry, scan, reviewer, query, issue, head, archive = (
        signed_in(getattr(cast, name))
        for name in ("clerk", "entry", "scan", "cl_reviewer", "query", "issue", "head", "archive")
    )
    case = accepted(clerk, cast)
    number = case["number"]
    assert (case["state"], case["holder"]["unit"]["code"]) == ("received", cast.county.code)

    # 预审, 录入, 扫描, 交接
    case = step(clerk, case, "pass_precheck", version=case["version"], overrides={}).json()
    assert case["state"] == "prechecked"
    saved = entry.put(
        f"{ROOT}/cases/{number}/record/", {"version": case["version"], "record": claim_inputs(payee=case["subject_name"])}, format="json"
    )
    assert saved.status_code == 200, saved.data
    assert step(entry, number, "complete_entry").status_code == 200
    files = [upload("申请书.pdf", pdf(5)), upload("发票.jpg", jpeg("发票"))]
    added = scan.post(f"{ROOT}/cases/{number}/documents/", {"files": files, "doc_type": "INVOICE"}, format="multipart")
    assert added.status_code == 201, added.data
    pages = [page for document in added.json()["taken"] for page in document["pages"]]
    for page, kind in zip(pages, ("CLAIM_FORM", "ID_APPLICANT", "BANK_CARD", "DISCHARGE_RECORD", "DIAGNOSIS"), strict=False):
        put = scan.patch(f"{ROOT}/cases/{number}/documents/pages/{page['id']}/", {"doc_type": kind}, format="json")
        assert put.status_code == 200, put.data
    found = scan.get(f"{ROOT}/cases/{number}/documents/").json()
    assert all(row["expected"] == row["scanned"] for row in found["checklist"] if row["received"] != "none")
    assert step(scan, number, "complete_scan").json()["state"] == "captured"
    warned = [f["code"] for f in clerk.get(f"{ROOT}/cases/{number}/findings/").json()["findings"] if f["level"] == "warn"]
    handed = step(clerk, number, "hand_over", overrides=dict.fromkeys(warned, "已核对"))
    assert handed.json()["state"] == "queued", handed.data

    # 下一件, 照会, 结论
    case = reviewer.post(f"{ROOT}/queues/claims/next/", {}, format="json").json()
    assert (case["number"], case["holder"]["person"]["staff_no"]) == (number, cast.cl_reviewer.staff_no)
    letter = reviewer.post(
        f"{ROOT}/cases/{number}/requests/",
        {"version": case["version"], "kind": "query", "addressee": "customer", "cause": "医疗资料", "contents": ["CQ02"],
         "blocking": True, "due_days": 10},
        format="json",
    )
    assert letter.status_code == 201, letter.data
    asked = letter.json()
    printed = query.post(f"{ROOT}/requests/{asked['number']}/print/", {}, format="json")
    assert (printed.status_code, printed["Content-Type"]) == (200, "application/pdf")
    for name, inputs in (("deliver", {"how": "面交", "to": "客户"}), ("answer", {"reply": "已补出院小结"}), ("close", {})):
        asked = query.get(f"{ROOT}/requests/{asked['number']}/").json()
        taken = query.post(
            f"{ROOT}/requests/{asked['number']}/steps/{name}/", {"version": asked["version"], **inputs}, format="json"
        )
        assert taken.status_code == 200, taken.data
    case = reviewer.get(f"{ROOT}/cases/{number}/").json()
    assert case["state"] == "in_review" and offered(case)["conclude"]["allowed"]
    conclusion = {"outcome": "PAY", "opinion": "事实清楚"}
    seen = reviewer.post(f"{ROOT}/cases/{number}/preview/", conclusion, format="json").json()
    assert (seen["amount"], seen["alone"]) == ("2700.00", True)
    case = step(reviewer, case, "conclude", **conclusion).json()
    assert (case["state"], case["decision"]["amount"]) == ("approved", "2700.00")

    # 文书, 付款, 发放, 归档
    issued = issue.post(f"{ROOT}/cases/{number}/letters/", {"kind": "claim_decision"}, format="json")
    assert issued.status_code == 201, issued.data
    copy = issue.post(f"{ROOT}/letters/{issued.data['id']}/print/", {}, format="json")
    assert copy.content.startswith(b"%PDF")
    today = timezone.localdate().isoformat()
    released = step(issue, number, "release", how="hand", to="测试客户", signed_on=today)
    assert released.json()["state"] == "released", released.data
    payment = released.json()["payments"][0]
    for act, more in (("release", {}), ("settle", {"reference": "B001"})):
        moved = head.post(f"{ROOT}/cases/{number}/payments/{payment['number']}/{act}/", more, format="json")
        assert moved.status_code == 200, moved.data
    done = step(archive, number, "file", box="b01", shelf="a3")
    assert done.json()["state"] == "archived", done.data

    row = Case.objects.get(number=number)
    assert broken_links(row) == [] and row.volume.place == "甲支公司 · A3 架 · B01 盒"
    assert Payment.objects.get(case_number=number).state == "settled"
    assert archive.get(f"{ROOT}/cases/{number}/trail/").json() == {"whole": True, "broken": []}
