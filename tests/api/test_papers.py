"""Scans and letters by the interface."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lifeops.cases.queues import take_next
from lifeops.documents.models import Page
from tests.api.calls import ROOT, step
from tests.documents.files import jpeg, pdf, upload
from tests.factories import accept, again, handed_over


def send(client, case, files, **more):
    return client.post(f"{ROOT}/cases/{case.number}/documents/", {"files": files, **more}, format="multipart")


def test_good_files_are_taken_although_others_are_refused(cast, api):
    case = accept(cast)
    answer = send(api(cast.scan), case, [upload("甲.pdf", pdf(2)), upload("网页.jpg", b"<html>")], doc_type="INVOICE")
    assert answer.status_code == 201
    told = answer.json()
    assert [(d["name"], d["doc_type"], len(d["pages"])) for d in told["taken"]] == [("甲.pdf", "INVOICE", 2)]
    assert told["errors"][0]["name"] == "网页.jpg" and "网页" in told["errors"][0]["message"]
    assert told["version"] == again(case).version == case.version + 1


def test_nothing_taken_is_an_error_in_words(cast, api):
    case = accept(cast)
    client = api(cast.scan)
    assert send(client, case, []).json()["errors"] == {"files": ["请选择要上传的文件"]}
    assert "网页" in send(client, case, [upload("a.jpg", b"<html>")]).json()["errors"]["files"][0]
    assert list(send(client, case, [upload("a.jpg", jpeg())], doc_type="HORSE").json()["errors"]) == ["doc_type"]
    assert list(send(client, case, [upload("a.jpg", jpeg())], request="Q1").json()["errors"]) == ["request"]
    assert api(cast.scan).post(f"{ROOT}/cases/{case.number}/documents/", {}, format="json").status_code == 415
    assert not Page.objects.exists()


def test_who_may_bring_papers_in(cast, api):
    case = accept(cast)
    assert send(api(cast.other_scan), case, [upload("a.jpg", jpeg())]).status_code == 404
    refused = send(api(cast.issue), case, [upload("a.jpg", jpeg())])
    assert refused.status_code == 403 and "扫描" in refused.json()["reasons"][0]
    assert send(api(cast.scan), case, [upload("a.jpg", jpeg())]).status_code == 201


def test_a_request_too_large_is_turned_away_before_it_is_read(cast, api):
    case = accept(cast)
    answer = api(cast.scan).post(
        f"{ROOT}/cases/{case.number}/documents/", {"files": [upload("a.jpg", jpeg())]}, format="multipart",
        CONTENT_LENGTH=str(201 * 1024 * 1024),
    )  # fmt: skip
    assert (answer.status_code, "200 MB" in answer.json()["detail"]) == (413, True)


@pytest.fixture
def page(cast):
    from django.utils import timezone

    from lifeops.documents.ingest import ingest

    case = accept(cast)
    ingest(case=case, files=[upload("a.pdf", pdf(2))], actor=cast.scan, now=timezone.now())
    return Page.objects.of_case(case).first()


def test_pages_are_served_as_pictures_to_those_who_see_the_case(cast, api, page):
    number = page.document.case.number
    told = api(cast.clerk).get(f"{ROOT}/cases/{number}/documents/").json()
    shown = told["documents"][0]["pages"][0]
    for name in ("image", "thumb"):
        answer = api(cast.clerk).get(shown[name])
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert "Authorization" in answer["Vary"] and answer["Cache-Control"].startswith("private")
        assert api(cast.other_clerk).get(shown[name]).status_code == 404
        assert api().get(shown[name]).status_code == 401
    assert shown["image"] == reverse("api:page_image", args=[number, page.pk])


def test_a_page_is_found_under_its_own_case_only(cast, api, page):
    other = accept(cast)
    assert api(cast.clerk).get(f"{ROOT}/cases/{other.number}/documents/pages/{page.pk}/image/").status_code == 404
    assert api(cast.clerk).get(f"{ROOT}/cases/{other.number}/documents/pages/{10**25}/image/").status_code == 404


def test_pages_are_turned_classified_and_hidden(cast, api, page):
    url = f"{ROOT}/cases/{page.document.case.number}/documents/pages/{page.pk}/"
    done = api(cast.scan).patch(url, {"rotation": 90, "hidden": True, "doc_type": "INVOICE", "order": 2}, format="json")
    assert done.status_code == 200
    assert (done.data["rotation"], done.data["hidden"], done.data["doc_type"]) == (90, True, "INVOICE")
    assert api(cast.scan).patch(url, {"hidden": False, "doc_type": None}, format="json").data["doc_type"] is None
    assert list(api(cast.scan).patch(url, {"rotation": 45}, format="json").json()["errors"]) == ["rotation"]
    assert api(cast.cl_reviewer).patch(url, {"rotation": 90}, format="json").status_code == 403
    assert api(cast.other_scan).patch(url, {"rotation": 90}, format="json").status_code == 404


# 文书 -------------------------------------------------------------------------------------------------------------


def test_letters_are_issued_once_and_printed_copy_by_copy(cast, api):
    case = handed_over(cast)
    step(api(cast.cl_reviewer), take_next(cast.cl_reviewer, "claims"), "conclude", outcome="PAY", opinion="清楚")
    client, url = api(cast.issue), f"{ROOT}/cases/{case.number}/letters/"
    assert {row["kind"] for row in client.get(url).json()["offered"]} >= {"receipt", "claim_decision", "flow_sheet"}
    first = client.post(url, {"kind": "claim_decision"}, format="json")
    assert first.status_code == 201
    assert client.post(url, {"kind": "claim_decision"}, format="json").json()["number"] == first.json()["number"]
    assert list(client.post(url, {"kind": "love_letter"}, format="json").json()["errors"]) == ["kind"]
    assert list(client.post(url, {"kind": "clock_sheet", "clock": 1}, format="json").json()["errors"]) == ["clock"]

    printing = f"{ROOT}/letters/{first.json()['id']}/print/"
    copy = client.post(printing, {}, format="json")
    assert (copy.status_code, copy["Content-Type"]) == (200, "application/pdf")
    assert copy["Content-Disposition"] == f'inline; filename="{first.json()["number"]}-1.pdf"'
    assert list(client.post(printing, {}, format="json").json()["errors"]) == ["reason"]
    assert client.post(printing, {"reason": "客户遗失"}, format="json").status_code == 200
    told = client.get(url).json()["letters"][0]
    assert (told["copies"], [c["reason"] for c in told["prints"]]) == (2, ["", "客户遗失"])
    looked = api(cast.auditor).get(f"{ROOT}/letters/{first.json()['id']}/pdf/")
    assert looked.content.startswith(b"%PDF") and client.get(url).json()["letters"][0]["copies"] == 2


def test_letters_stay_within_reach_and_auditors_print_none(cast, api):
    case = accept(cast)
    letter = api(cast.clerk).post(f"{ROOT}/cases/{case.number}/letters/", {"kind": "receipt"}, format="json").json()
    for method, part in (("get", "pdf"), ("post", "print")):
        address = f"{ROOT}/letters/{letter['id']}/{part}/"
        assert getattr(api(cast.other_clerk), method)(address).status_code == 404
    assert api(cast.auditor).post(f"{ROOT}/letters/{letter['id']}/print/").status_code == 403
    assert api(cast.clerk).get(f"{ROOT}/letters/{10**18}/pdf/").status_code == 404
