"""Scanned case files arrive at the counters with their paper, so that a newcomer works on scans."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from lifeops.cases.models import Case
from lifeops.cases.states import State
from lifeops.demo.arrivals import SHIPPED, read_arrivals
from lifeops.documents.models import Page
from tests.conftest import SHARED

pytestmark = pytest.mark.django_db


def load(*args: str) -> str:
    out = io.StringIO()
    call_command("load_scans", *args, stdout=out)
    return out.getvalue()


def test_shipped_files_arrive_with_every_page_and_once(cast):
    arrivals = read_arrivals(SHIPPED)
    load("--sorted")
    assert Case.objects.count() == len(arrivals) == 5
    assert set(Case.objects.values_list("state", flat=True)) == {State.RECEIVED}
    assert Page.objects.count() == sum(len(a.pages) for a in arrivals)
    assert not Page.objects.filter(hidden=False, doc_type__isnull=True).exists()
    assert "已登记过" in load() and Case.objects.count() == 5


def test_pages_wait_for_the_scanner_unless_asked_to_sort(cast):
    load()
    assert not Page.objects.filter(doc_type__isnull=False).exists()


def test_a_folder_without_case_files_is_refused(cast, tmp_path):
    with pytest.raises(CommandError, match="没有案件目录"):
        load(str(tmp_path))


@pytest.mark.shared_data
def test_the_twelve_reference_files_arrive_as_their_truth_says(cast):
    load(str(SHARED / "scans"), "--sorted")
    arrivals = read_arrivals(SHARED / "scans")
    assert Case.objects.count() == len(arrivals) == 12
    assert Page.objects.count() == sum(a.truth["page_count"] for a in arrivals)
    assert sorted(Case.objects.values_list("item", flat=True)) == sorted(a.item for a in arrivals)
    assert Case.objects.get(policy__number="P990000001834").item == "CL05"
