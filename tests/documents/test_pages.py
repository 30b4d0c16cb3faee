"""影像 and 文书 through the browser's requests: who sees which page, what the answers carry, what can be done without script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.errors import Refused
from lifeops.documents import views
from lifeops.documents.arranging import arrange_page
from lifeops.documents.ingest import ingest
from lifeops.documents.models import Document, Page
from lifeops.documents.papers import issue
from tests.documents.files import PAYLOAD, jpeg, pdf, png, tiff, upload
from tests.documents.test_papers import asked, decided
from tests.factories import accept, again, handed_over

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def case(cast):
    found = accept(cast)
    ingest(case=found, files=[upload("申请书.pdf", pdf(3))], actor=cast.scan, now=timezone.now(), doc_type="CLAIM_FORM")
    return found


def url(name, *args):
    return reverse(f"documents:{name}", args=args)


def first(case):
    return Page.objects.of_case(case).first()


def content(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("who", ["scan", "clerk", "issue", "archive", "cl_reviewer", "approver", "auditor", "manager"])
def test_those_who_see_the_case_see_its_pages(case, cast, as_user, who):
    client = as_user(getattr(cast, who))
    page = first(case)
    for name in ("page_image", "thumb"):
        response = client.get(url(name, page.pk))
        assert response.status_code == 200
        assert content(response)[:3] == b"\xff\xd8\xff"
    assert client.get(url("viewer", case.number)).status_code == 200
    assert client.get(url("manage", case.number)).status_code == 200
    assert client.get(url("letters", case.number)).status_code == 200


@pytest.mark.parametrize("who", ["other_scan", "other_head", "other_clerk", "underwriter", "ps_reviewer"])
def test_another_unit_or_line_gets_404_everywhere(case, cast, as_user, who):
    letter = issue(case=case, kind="receipt", actor=cast.clerk, now=timezone.now())
    client, page = as_user(getattr(cast, who)), first(case)
    for name, arg in (
        ("page_image", page.pk), ("thumb", page.pk), ("viewer", case.number), ("manage", case.number),
        ("letters", case.number), ("letter_pdf", letter.pk),
    ):  # fmt: skip
        assert client.get(url(name, arg)).status_code == 404, name
    if who.startswith("other"):
        assert client.post(url("letter_print", letter.pk)).status_code == 404
        assert letter.prints.count() == 0


def test_another_unit_brings_nothing_in_and_arranges_nothing(case, cast, as_user):
    client = as_user(cast.other_scan)
    assert client.post(url("upload", case.number), {"files": upload("a.jpg", jpeg())}).status_code == 404
    assert client.post(url("page_state", first(case).pk), {"rotation": "90"}).status_code == 404
    assert Document.objects.count() == 1


@pytest.mark.parametrize("who", ["sysadmin", "secadmin"])
def test_administrators_see_no_papers(case, cast, as_user, who):
    client = as_user(getattr(cast, who))
    for name, arg in (("page_image", first(case).pk), ("manage", case.number), ("letters", case.number)):
        assert client.get(url(name, arg)).status_code == 403


def test_nobody_sees_a_page_without_signing_in(case, client):
    response = client.get(url("page_image", first(case).pk))
    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_pictures_are_private_and_run_nothing(case, cast, as_user):
    response = as_user(cast.scan).get(url("page_image", first(case).pk))
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"].startswith("private")
    assert "sandbox" in response["Content-Security-Policy"]
    assert "Cookie" in response["Vary"]


def test_originals_are_reached_by_no_address(case, cast, as_user, settings):
    client, document = as_user(cast.scan), Document.objects.get()
    for address in (
        f"/media/{document.path}", f"/static/{document.path}", f"/{document.path}", f"/documents/{document.path}",
        f"/documents/pages/../{document.path}", f"/documents/pages/{document.pk}/original/", f"/var/media/{document.path}",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    original = (Path(settings.MEDIA_ROOT) / document.path).read_bytes()
    for page in Page.objects.all():
        assert original not in content(client.get(url("page_image", page.pk)))


@pytest.mark.parametrize("path", ["originals/{sha}", "pages/../originals/{sha}", "../../../etc/passwd", "/etc/passwd", "pages/x"])
def test_a_row_pointing_outside_the_pages_serves_nothing(case, cast, as_user, path):
    page, document = first(case), Document.objects.get()
    Page.objects.filter(pk=page.pk).update(path=path.format(sha=f"{document.sha256[:2]}/{document.sha256}"))
    assert as_user(cast.scan).get(url("page_image", page.pk)).status_code == 404


def test_a_missing_picture_is_404(case, cast, as_user, settings):
    page = first(case)
    (Path(settings.MEDIA_ROOT) / page.path).unlink()
    assert as_user(cast.scan).get(url("page_image", page.pk)).status_code == 404


def test_a_plain_form_brings_files_in_and_says_what_was_not_taken(case, cast, as_user):
    files = [upload("发票.jpg", jpeg()), upload("坏.jpg", b"<html>")]
    response = as_user(cast.scan).post(url("upload", case.number), {"files": files, "doc_type": "INVOICE"}, follow=True)
    text = response.content.decode()
    assert "已入库 1 个文件" in text
    assert "这是网页" in text
    assert Document.objects.get(name="发票.jpg").doc_type_id == "INVOICE"


def test_the_pages_script_is_answered_in_json(case, cast, as_user):
    response = as_user(cast.scan).post(
        url("upload", case.number), {"files": [upload("a.tif", tiff(2)), upload("b.gif", b"GIF89a")]}, **JSON
    )
    assert response.json()["taken"] == [{"name": "a.tif", "pages": 2}]
    assert "GIF" in response.json()["errors"][0]["message"]


def test_an_upload_without_files_or_with_a_wrong_type_says_so(case, cast, as_user):
    client = as_user(cast.scan)
    response = client.post(url("upload", case.number), {}, **JSON)
    assert (response.status_code, response.json()["errors"][0]["message"]) == (400, "请选择要上传的文件")
    response = client.post(url("upload", case.number), {"files": upload("a.jpg", jpeg()), "doc_type": "NO"}, **JSON)
    assert response.status_code == 400
    response = client.post(url("upload", case.number), {"files": upload("a.jpg", jpeg()), "request": "NO"}, **JSON)
    assert "问题件" in response.json()["errors"][0]["message"]


def test_an_upload_too_large_is_refused_before_it_is_read(case, cast, as_user, monkeypatch):
    monkeypatch.setattr(views, "MOST_BYTES", 10)
    response = as_user(cast.scan).post(url("upload", case.number), {"files": upload("a.jpg", jpeg())}, **JSON)
    assert response.status_code == 413
    assert "200 MB" in response.json()["errors"][0]["message"]


def test_an_upload_without_the_forms_token_is_refused(case, cast):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.scan, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(url("upload", case.number), {"files": upload("a.jpg", jpeg())})
    assert response.status_code == 403
    assert Document.objects.count() == 1


@pytest.mark.parametrize("who", ["cl_reviewer", "auditor", "issue"])
def test_other_posts_bring_nothing_in(case, cast, as_user, who):
    response = as_user(getattr(cast, who)).post(url("upload", case.number), {"files": upload("a.jpg", jpeg())})
    assert response.status_code == 403
    assert Document.objects.count() == 1


def test_a_reply_is_tied_to_its_request(cast, as_user):
    request = asked(cast)
    as_user(cast.query).post(
        url("upload", request.case.number), {"files": upload("病历.jpg", jpeg()), "request": request.number}
    )
    document = request.documents.get()
    assert (document.source, document.supplement) == ("reply", True)


def test_a_reply_for_another_case_is_not_taken(cast, as_user, case):
    request = asked(cast)
    as_user(cast.query).post(url("upload", case.number), {"files": upload("a.jpg", png()), "request": request.number})
    assert request.documents.count() == 0


def test_names_are_shown_as_text(case, cast, as_user):
    ingest(case=case, files=[upload("<script>alert(1)</script>.jpg", jpeg())], actor=cast.scan, now=timezone.now())
    text = as_user(cast.scan).get(url("manage", case.number)).content
    assert PAYLOAD not in text
    assert b"<script>alert" not in text


@pytest.mark.parametrize("name", ["viewer", "manage", "letters"])
def test_pages_carry_no_inline_script(case, cast, as_user, name):
    text = as_user(cast.scan).get(url(name, case.number)).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", text)
    assert not re.search(r"\son\w+=", text)
    assert "javascript:" not in text


def test_beside_a_case_the_viewer_is_a_fragment(case, cast, as_user):
    text = as_user(cast.cl_reviewer).get(url("viewer", case.number), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in text
    assert text.count("data-page=") == 3


def test_the_case_page_asks_for_the_viewer(case, cast, as_user):
    text = as_user(cast.scan).get(case.get_absolute_url()).content.decode()
    assert url("viewer", case.number) in text


def test_turning_typing_and_hiding_change_the_view_only(case, cast, as_user, settings):
    client, page = as_user(cast.scan), first(case)
    before = (Path(settings.MEDIA_ROOT) / page.path).read_bytes()
    version = again(case).version
    response = client.post(url("page_state", page.pk), {"rotation": "90", "doc_type": "INVOICE", "hidden": "1"}, **JSON)
    assert response.json() == {"rotation": 90, "hidden": True, "doc_type": "INVOICE", "order": 10}
    assert (Path(settings.MEDIA_ROOT) / page.path).read_bytes() == before
    assert again(case).version == version
    event = case.events.get(step="documents.arrange")
    assert event.data["rotation"] == 90
    assert client.get(url("viewer", case.number)).content.decode().count("data-page=") == 2


def test_nothing_changed_leaves_no_event(case, cast, as_user):
    as_user(cast.scan).post(url("page_state", first(case).pk), {"rotation": "0", "doc_type": "CLAIM_FORM"}, **JSON)
    assert not case.events.filter(step="documents.arrange").exists()


def test_pages_are_moved_to_a_position(case, cast, as_user):
    client = as_user(cast.scan)
    ids = list(Page.objects.of_case(case).values_list("pk", flat=True))
    client.post(url("page_state", ids[2]), {"order": "1"})
    assert list(Page.objects.of_case(case).values_list("pk", flat=True)) == [ids[2], ids[0], ids[1]]
    client.post(url("page_state", ids[2]), {"order": "99"})
    assert list(Page.objects.of_case(case).values_list("pk", flat=True)) == ids


@pytest.mark.parametrize(
    ("data", "words"),
    [({"rotation": "45"}, "旋转角度"), ({"doc_type": "NO"}, "没有这种资料类型"), ({"order": "x"}, "整数"), ({"order": "0"}, "")],
)
def test_wrong_values_are_named(case, cast, as_user, data, words):
    response = as_user(cast.scan).post(url("page_state", first(case).pk), data, **JSON)
    assert response.status_code == 400
    assert words in response.json()["error"]


def test_pages_handed_over_are_not_hidden_but_later_ones_are(cast, case, as_user):
    page = first(case)
    type(case).objects.filter(pk=case.pk).update(handed_over_at=timezone.now())
    with pytest.raises(Refused, match="不能隐藏"):
        arrange_page(page=page, data={"hidden": "1"}, actor=cast.scan, now=timezone.now())
    (later,), _errors = ingest(case=again(case), files=[upload("b.jpg", jpeg())], actor=cast.scan, now=timezone.now())
    assert arrange_page(page=later.pages.get(), data={"hidden": "1"}, actor=cast.scan, now=timezone.now()).hidden


def test_a_reviewer_does_not_arrange(case, cast, as_user):
    page = first(case)
    assert as_user(cast.cl_reviewer).post(url("page_state", page.pk), {"rotation": "90"}).status_code == 403
    assert Page.objects.get(pk=page.pk).rotation == 0


def test_expected_pages_stand_beside_scanned_ones(case, cast, as_user):
    text = as_user(cast.scan).get(url("manage", case.number)).content.decode()
    assert "页数核对" in text
    assert "理赔申请书" in text
    assert re.search(r"应扫 \d+ · 实扫 3", text)


def test_after_hand_over_the_page_says_supplement(cast, as_user):
    case = handed_over(cast)
    assert "补扫" in as_user(cast.scan).get(url("manage", case.number)).content.decode()


def test_a_letter_is_printed_from_its_page_and_reprinted_with_a_reason(case, cast, as_user):
    client = as_user(cast.clerk)
    client.post(url("letter_issue", case.number), {"kind": "receipt"})
    letter = case.letters.get()
    response = client.post(url("letter_print", letter.pk))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="{letter.number}-1.pdf"'
    assert response["Cache-Control"] == "private, no-store"
    assert response.content[:5] == b"%PDF-"
    response = client.post(url("letter_print", letter.pk))
    assert response.status_code == 400
    assert "请写明重印原因" in response.content.decode()
    assert client.post(url("letter_print", letter.pk), {"reason": "客户遗失"}).content[:5] == b"%PDF-"
    assert letter.prints.count() == 2


def test_looking_again_counts_nothing(case, cast, as_user):
    letter = issue(case=case, kind="receipt", actor=cast.clerk, now=timezone.now())
    assert as_user(cast.auditor).get(url("letter_pdf", letter.pk)).content[:5] == b"%PDF-"
    assert letter.prints.count() == 0


def test_an_auditor_prints_nothing(case, cast, as_user):
    letter = issue(case=case, kind="receipt", actor=cast.clerk, now=timezone.now())
    assert as_user(cast.auditor).post(url("letter_print", letter.pk)).status_code == 403
    assert as_user(cast.auditor).post(url("letter_issue", case.number), {"kind": "flow_sheet"}).status_code == 403


@pytest.mark.parametrize("kind", ["", "nonsense", "claim_decision", "query_letter", "box_label", "withdrawal_notice"])
def test_what_cannot_be_issued_says_why(case, cast, as_user, kind):
    response = as_user(cast.clerk).post(url("letter_issue", case.number), {"kind": kind})
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert not case.letters.exists()


def test_a_clock_is_explained_on_paper(cast, as_user):
    case = decided(cast)
    clock = case.clocks.first()
    as_user(cast.head).post(url("letter_issue", case.number), {"kind": "clock_sheet", "clock": clock.pk})
    assert case.letters.get().kind == "clock_sheet"


def test_a_request_letter_is_looked_at_and_printed(cast, as_user):
    request = asked(cast)
    client = as_user(cast.query)
    assert client.get(url("request_letter", request.number)).content[:5] == b"%PDF-"
    assert not request.letters.exists()
    assert client.post(url("request_print", request.number)).content[:5] == b"%PDF-"
    response = client.post(url("request_print", request.number), follow=True)
    assert "请写明重印原因" in response.content.decode()
    assert client.get(url("request_letter", request.number)).content[:5] == b"%PDF-"
    assert as_user(cast.other_query).get(url("request_letter", request.number)).status_code == 404


def test_the_viewer_asks_few_questions_of_the_database(case, cast, as_user, django_assert_max_num_queries):
    ingest(case=case, files=[upload("b.pdf", pdf(40))], actor=cast.scan, now=timezone.now())
    client = as_user(cast.scan)
    with django_assert_max_num_queries(12):
        client.get(url("viewer", case.number), HTTP_HX_REQUEST="true")
    with django_assert_max_num_queries(16):
        client.get(url("manage", case.number))
