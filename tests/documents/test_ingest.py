"""影像入库: what is taken becomes plain pages, what is not is refused in words, and nothing hostile gets through."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from lifeops.cases.errors import Invalid, Refused
from lifeops.documents import storage
from lifeops.documents.checklists import completeness
from lifeops.documents.ingest import ingest
from lifeops.documents.models import Document, Page
from lifeops.documents.names import clean_name
from tests.documents.files import HOSTILE, PAYLOAD, jpeg, pdf, picture, png, saved, tiff, upload
from tests.factories import accept, again, handed_over, make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return accept(cast)


def take(case, actor, *files, **options):
    return ingest(case=case, files=list(files), actor=actor, now=timezone.now(), **options)


def written(settings) -> list[Path]:
    return [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_in_words_or_made_harmless(case, cast, settings, what):
    name, content, words = HOSTILE[what]
    documents, errors = take(case, cast.scan, upload(name, content()))
    pages = [p for p in written(settings) if "pages" in p.parts]
    if words:
        assert documents == []
        assert words in errors[0].message
        assert pages == []
        assert not Document.objects.exists()
        assert case.events.filter(step="documents.add").count() == 0
    else:
        assert errors == [] or documents == []
    for page in pages:
        data = page.read_bytes()
        assert Image.open(io.BytesIO(data), formats=("JPEG",)).size[0] > 0
        assert PAYLOAD not in data
    assert list((Path(settings.MEDIA_ROOT) / "incoming").iterdir()) == []


def test_a_good_file_is_taken_beside_a_bad_one(case, cast):
    documents, errors = take(case, cast.scan, upload("a.jpg", b""), upload("b.jpg", jpeg()))
    assert [d.name for d in documents] == ["b.jpg"]
    assert [str(e) for e in errors] == ["a.jpg：文件是空的（0 字节），请重新扫描"]


@pytest.mark.parametrize(
    ("data", "media_type", "count"),
    [(jpeg(), "image/jpeg", 1), (png(), "image/png", 1), (tiff(3), "image/tiff", 3), (pdf(5), "application/pdf", 5)],
)
def test_every_page_becomes_a_picture_and_a_thumbnail(case, cast, data, media_type, count):
    (document,), errors = take(case, cast.scan, upload("扫描.bin", data))
    assert errors == []
    assert document.media_type == media_type
    assert document.pages.count() == count
    for page in document.pages.all():
        with Image.open(storage.page_file(page.path)) as picture_, Image.open(storage.page_file(page.thumb_path)) as thumb:
            assert picture_.format == thumb.format == "JPEG"
            assert picture_.size == (page.width, page.height)
            assert max(thumb.size) <= 240


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_pictures_of_every_colour_kind_are_taken(case, cast, mode):
    image = Image.new(mode, (60, 80)) if mode == "I;16" else picture((60, 80), "RGB").convert(mode)
    (document,), _errors = take(case, cast.scan, upload("a.png", saved(image, "PNG")))
    assert document.pages.get().width == 60


def test_cmyk_photographs_are_taken(case, cast):
    (document,), _errors = take(case, cast.scan, upload("a.jpg", saved(picture().convert("CMYK"), "JPEG")))
    with Image.open(storage.page_file(document.pages.get().path)) as page:
        assert page.mode == "RGB"


def test_transparency_becomes_white_paper(case, cast):
    clear = saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")
    (document,), _errors = take(case, cast.scan, upload("a.png", clear))
    with Image.open(storage.page_file(document.pages.get().path)) as page:
        assert page.convert("L").getextrema()[0] > 250


def test_large_pictures_are_made_smaller_but_never_larger(case, cast):
    (document,), _errors = take(case, cast.scan, upload("a.jpg", saved(picture((3000, 1500)), "JPEG")))
    assert (document.pages.get().width, document.pages.get().height) == (2000, 1000)


def test_exif_turns_the_picture_and_is_gone(case, cast):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of somebody"
    (document,), _errors = take(case, cast.scan, upload("a.jpg", saved(picture((200, 100)), "JPEG", exif=exif)))
    page = document.pages.get()
    assert (page.width, page.height) == (100, 200)
    with Image.open(storage.page_file(page.path)) as kept:
        assert not kept.getexif()
    assert b"Camera" not in storage.page_file(page.path).read_bytes()


def test_the_original_is_kept_read_only_under_its_hash(case, cast, settings):
    data = jpeg()
    (document,), _errors = take(case, cast.scan, upload("a.jpg", data))
    original = Path(settings.MEDIA_ROOT) / document.path
    assert original.read_bytes() == data
    assert document.path == f"originals/{document.sha256[:2]}/{document.sha256}"
    assert stat.S_IMODE(original.stat().st_mode) == 0o440


def test_the_same_file_twice_in_one_case_is_told(case, cast):
    take(case, cast.scan, upload("a.jpg", jpeg()))
    documents, errors = take(case, cast.scan, upload("b.jpg", jpeg()))
    assert documents == []
    assert "内容相同的文件“a.jpg”" in errors[0].message
    documents, errors = take(case, cast.scan, upload("c.jpg", png()), upload("d.jpg", png()))
    assert (len(documents), len(errors)) == (1, 1)


def test_the_same_file_in_two_cases_is_kept_once(case, cast, settings):
    other = accept(cast)
    take(case, cast.scan, upload("a.jpg", jpeg()))
    documents, _errors = take(other, cast.scan, upload("a.jpg", jpeg()))
    assert len(documents) == 1
    assert len([p for p in written(settings) if "originals" in p.parts]) == 1


def test_files_over_40_mb_are_refused_although_the_size_was_not_told(case, cast, monkeypatch):
    monkeypatch.setattr(storage, "LARGEST", 1000)
    big = upload("a.jpg", jpeg() + b"\x00" * 2000)
    big.size = 10
    _documents, errors = take(case, cast.scan, big)
    assert "40 MB" in errors[0].message


def test_one_event_tells_what_came_in(case, cast):
    before = case.version
    take(case, cast.scan, upload("a.jpg", jpeg()), upload("b.pdf", pdf(3)))
    event = case.events.get(step="documents.add")
    assert event.data == {"names": ["a.jpg", "b.pdf"], "pages": 4, "supplement": False}
    assert event.actor == cast.scan
    assert again(case).version == before + 1


def test_pages_after_hand_over_are_marked_as_supplement(cast):
    case = handed_over(cast)
    (document,), _errors = take(case, cast.query, upload("a.jpg", jpeg()), source="reply")
    assert document.supplement
    assert document.source == "reply"


def test_pages_count_for_their_paper(case, cast):
    take(case, cast.scan, upload("a.pdf", pdf(2)), doc_type="INVOICE")
    row = next(r for r in completeness(case) if r.doc_type == "INVOICE")
    assert (row.expected, row.scanned) == (1, 2)


def test_pages_come_after_those_that_are_there(case, cast):
    take(case, cast.scan, upload("a.pdf", pdf(2)))
    take(case, cast.scan, upload("b.jpg", jpeg()))
    assert [p.document.name for p in Page.objects.of_case(case)] == ["a.pdf", "a.pdf", "b.jpg"]


@pytest.mark.parametrize("who", ["scan", "clerk", "entry", "query", "investigator", "head"])
def test_the_units_posts_bring_papers_in(case, cast, who):
    assert len(take(case, getattr(cast, who), upload("a.jpg", jpeg()))[0]) == 1


@pytest.mark.parametrize("who", ["cl_reviewer", "approver", "auditor", "issue", "other_scan", "sysadmin", "manager"])
def test_others_do_not(case, cast, who):
    with pytest.raises(Refused, match="受理机构"):
        take(case, getattr(cast, who), upload("a.jpg", jpeg()))


def test_an_unknown_type_or_source_is_invalid(case, cast):
    with pytest.raises(Invalid, match="没有这种资料类型"):
        take(case, cast.scan, upload("a.jpg", jpeg()), doc_type="CREMATION")
    with pytest.raises(Invalid, match="来源"):
        take(case, cast.scan, upload("a.jpg", jpeg()), source="mail")


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("../../../etc/passwd", "jpeg", "passwd.jpg"),
        ("..\\..\\windows\\system32\\a.jpg", "jpeg", "a.jpg"),
        ("/absolute/发票.jpg", "jpeg", "发票.jpg"),
        ("发票.php.jpg", "jpeg", "发票_php.jpg"),
        ("a.jpg.exe", "jpeg", "a_jpg_exe.jpg"),
        ("a\x00.php.png", "png", "a_php.png"),
        ("发票\u202egpj.exe", "png", "发票gpj_exe.png"),
        ("\u200b\ufeff.pdf", "pdf", "未命名.pdf"),
        ("", "pdf", "未命名.pdf"),
        ("...", "tiff", "未命名.tif"),
        ("a\r\nSet-Cookie: x.jpg", "jpeg", "aSet-Cookie_ x.jpg"),
        ('"><script>.jpg', "jpeg", "script.jpg"),
        ("CON.jpg", "jpeg", "CON.jpg"),
        ("a.JPEG", "jpeg", "a.jpg"),
        ("张三 身份证 正面.tiff", "tiff", "张三 身份证 正面.tif"),
        ("\ud800.jpg", "jpeg", "未命名.jpg"),
    ],
)  # fmt: skip
def test_names_are_made_safe_to_show(name, kind, shown):
    assert clean_name(name, kind) == shown


def test_names_are_cut_to_150_characters(case, cast):
    (document,), _errors = take(case, cast.scan, upload("长" * 400 + ".jpg", jpeg()))
    assert len(document.name) == 150
    assert document.name.endswith(".jpg")


def test_a_hanging_decoder_is_ended(case, cast, monkeypatch):
    monkeypatch.setattr(storage, "SLOWEST", 0.001)
    documents, errors = take(case, cast.scan, upload("a.jpg", jpeg()))
    assert documents == []
    assert "超出限额" in errors[0].message


@pytest.mark.shared_data
@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "09", "10", "11", "14", "15", "16", "17"])
def test_real_scans_give_the_pages_they_have(cast, shared, number):
    folder = shared / "scans" / f"case_{number}"
    truth = json.loads((folder / "truth.json").read_text())
    case = accept(cast, policy=make_policy(cast.county, cast.clerk))
    files = [upload(p.name, p.read_bytes()) for p in sorted(folder.iterdir()) if p.suffix != ".json"]
    documents, errors = take(case, cast.scan, *files)
    assert errors == []
    assert Page.objects.of_case(case).count() == truth["page_count"]
    assert len(documents) == len({page["file"] for page in truth["pages"]})
