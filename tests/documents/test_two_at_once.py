"""Two people at the same moment: one document, and no copy number twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case, broken_links
from lifeops.documents.ingest import ingest
from lifeops.documents.models import Document, Letter, LetterCopy, Page
from lifeops.documents.papers import issue, print_letter
from tests.documents.files import jpeg, pdf, upload
from tests.factories import accept, again

pytestmark = pytest.mark.server


def together(*acts):
    """Run acts at the same moment, each on its own connection; results or exceptions in their order."""
    barrier = Barrier(len(acts))

    def run(act):
        try:
            barrier.wait(timeout=20)
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_the_same_file_from_two_people_comes_in_once(transactional_cast):
    cast = transactional_cast
    case = accept(cast)

    def bring(actor):
        return lambda: ingest(
            case=Case.objects.get(pk=case.pk), files=[upload("a.jpg", jpeg())], actor=actor, now=timezone.now()
        )

    results = together(bring(cast.scan), bring(cast.clerk))
    assert sorted(len(taken) for taken, _errors in results) == [0, 1]
    assert [str(e) for _taken, errors in results for e in errors] == ["a.jpg：本案已有内容相同的文件“a.jpg”，未重复入库"]
    assert Document.objects.count() == 1
    assert broken_links(again(case)) == []


def test_files_from_two_people_keep_an_order(transactional_cast):
    cast = transactional_cast
    case = accept(cast)

    def bring(actor, pages):
        return lambda: ingest(
            case=Case.objects.get(pk=case.pk), files=[upload("a.pdf", pdf(pages))], actor=actor, now=timezone.now()
        )

    together(bring(cast.scan, 2), bring(cast.clerk, 3))
    orders = list(Page.objects.of_case(case).values_list("order", flat=True))
    assert orders == [10, 20, 30, 40, 50]


def test_a_copy_number_is_given_once(transactional_cast):
    cast = transactional_cast
    case = accept(cast)
    letter = issue(case=case, kind="receipt", actor=cast.clerk, now=timezone.now())

    def copy(actor, reason=""):
        return lambda: print_letter(
            letter=Letter.objects.select_related("case").get(pk=letter.pk), actor=actor, now=timezone.now(), reason=reason
        )

    results = together(copy(cast.clerk), copy(cast.head))
    assert sum(isinstance(r, Invalid) for r in results) == 1
    together(copy(cast.clerk, "甲要"), copy(cast.head, "乙要"), copy(cast.entry, "丙要"))
    assert sorted(LetterCopy.objects.values_list("copy_no", flat=True)) == [1, 2, 3, 4]
    assert Letter.objects.get().copies == 4
