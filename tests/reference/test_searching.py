"""What people type finds what they mean; hostile text finds nothing and breaks nothing."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from claims.forms import MedicalClaimForm
from lifeops.cases.lookups import LookupField
from lifeops.reference.models import Entry
from lifeops.reference.searching import search
from lifeops.reference.words import initials_of, plain
from tests.bench.measure import reads, statements

pytestmark = pytest.mark.django_db
#: Rows that one statement may look at among forty thousand.
MOST_ROWS = 5_000


def names(kind: str, text: str) -> list[str]:
    return [row.name for row in search(kind, text)]


@pytest.mark.parametrize(
    ("kind", "text", "first"),
    [
        ("icd10", "j18", "肺炎"), ("icd10", "Ｊ１８", "肺炎"), ("icd10", "肺炎", "肺炎"), ("icd10", "阑尾", "急性阑尾炎"),
        ("icd10", "fy", "肺炎"), ("icd10", "lwy", "急性阑尾炎"), ("icd10", "急性 心肌", "急性心肌梗死"), ("bank", "工行", "中国工商银行"),
        ("bank", "zsyh", "招商银行"), ("bank", "3085", "招商银行"), ("occupation", "hcsj", "货车司机"),
        ("occupation", "L013", "货车司机"), ("illness", "exzl", "恶性肿瘤——轻度"), ("division", "浙江", "浙江省"),
    ],
)  # fmt: skip
def test_code_words_and_initials_find(kind, text, first):
    assert names(kind, text)[0] == first


@pytest.mark.parametrize("text", ["", " ", "%", "_", "\\", "'; DROP TABLE x --", "\x00", "\ud800", "肺%", "龘龘龘", "a" * 500, "😀"])
def test_hostile_text_finds_nothing(text):
    assert search("icd10", text) == []


def test_initials():
    assert (initials_of("急性阑尾炎"), initials_of("2型糖尿病"), plain(" Ａ  b\x00c ")) == ("jxlwy", "2xtnb", "a b c")


def test_who_may_ask(cast, as_user):
    url = reverse("cases:lookup", args=["icd10"])
    rows = as_user(cast.entry).get(url, {"q": "阑尾"}).json()["results"]
    assert rows == [{"code": "K35", "name": "急性阑尾炎", "note": "类目", "value": "K35 急性阑尾炎", "extra": {}}]
    assert as_user(cast.entry).get(reverse("cases:lookup", args=["secrets"])).status_code == 404
    assert as_user(cast.sysadmin).get(url, {"q": "阑尾"}).status_code == 403
    rows = as_user(cast.entry).get("/api/v1/reference/occupation/", {"q": "货车"}).json()["results"]
    assert rows[0]["extra"] == {"occupation_class": "4"} and rows[0]["note"] == "4 类"
    assert as_user(cast.secadmin).get("/api/v1/reference/icd10/").status_code == 403


def test_a_bare_code_is_written_out_and_free_text_stays():
    field = LookupField(kind="icd10", max_length=100)
    assert field.clean("k35") == "K35 急性阑尾炎"
    assert field.clean("腰痛待查") == "腰痛待查"
    assert field.clean("Q99.9") == "Q99.9"
    widget = MedicalClaimForm().fields["diagnosis"].widget.render("diagnosis", "")
    assert 'data-lookup="icd10"' in widget


@pytest.mark.shared_data
def test_among_forty_thousand_codes_no_answer_reads_the_list(shared):
    """Whatever is typed, few rows are looked at; milliseconds are measured by `make bench`."""
    call_command("load_reference", str(shared / "data" / "icd10_zh.csv"), stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reference_diagnosis")
    for text in ("j18.9", "肺炎", "阑尾炎", "炎", "gxy", "x", "急性 心肌", "zxxgnbh", "a", "恶性肿瘤", "C34"):
        found: list[Entry] = []
        asked = statements(lambda text=text, found=found: found.extend(search("icd10", text)))
        assert len(found) <= 20 and len(asked) <= 5, text
        assert reads(asked, MOST_ROWS, may_stop=True) == [], text
    assert names("icd10", "高血压")[0].startswith("高血压")
