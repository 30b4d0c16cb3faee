"""资料清单: rules in force become a case's own list; what is missing, what pages there are against what came."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lifeops.cases.models import Case
from lifeops.documents.models import ChecklistRow, ChecklistRule, DocType, Page, Received
from lifeops.org.held import Held
from lifeops.org.statements import Question, insert_many

_rules = Held(ChecklistRule, "doc_type")


@dataclass(frozen=True)
class PaperRow:
    """One row of the list: what is due, what was received, pages expected and scanned."""

    doc_type: str
    label: str
    required: bool
    original_required: bool
    received: str
    expected: int
    scanned: int
    filed: bool = False
    row_id: int = 0

    @property
    def received_label(self) -> str:
        return Received(self.received).label

    @property
    def agrees(self) -> bool:
        """As many pages scanned as came over the counter; none of a paper that did not come."""
        return self.scanned == (0 if self.received == Received.NONE else self.expected)

    @property
    def is_gap(self) -> bool:
        return self.required and self.received == Received.NONE


def rules_for(*, line: str, item: str, channel: str, applicant_kind: str, day: date, organisation: bool = False) -> list[ChecklistRule]:
    """Rules in force for an acceptance; the more special one wins where two speak of the same paper. For an `organisation`
    also what its 经办人 brings."""
    kinds = ("", applicant_kind, "organisation" if organisation else "")
    return most_special([
        rule for rule in _rules.on(day)
        if rule.line == line and rule.item in ("", item) and rule.channel in ("", channel) and rule.applicant_kind in kinds
    ])  # fmt: skip


def most_special(rows: list[ChecklistRule]) -> list[ChecklistRule]:
    """One rule per paper, in the order of the list."""
    best: dict[str, ChecklistRule] = {}
    for row in rows:
        held = best.get(row.doc_type_id)
        if held is None or _special(row) > _special(held):
            best[row.doc_type_id] = row
    return sorted(best.values(), key=lambda r: (r.order, r.pk))


def _special(row: ChecklistRule) -> tuple[Any, ...]:
    return (bool(row.item), bool(row.applicant_kind), bool(row.channel), row.effective_from)


def snapshot_checklist(case: Case, papers: list[dict[str, Any]]) -> list[ChecklistRow]:
    """Write the case's list from the rules of its submission day; `papers` say what was received.

    Papers that no rule asks for are kept too: what was taken over the counter must be accounted for.
    """
    told = {str(p["doc_type"]): p for p in papers}
    rules = rules_for(
        line=case.line, item=case.item, channel=case.channel, applicant_kind=case.applicant_kind, day=case.submitted_on,
        organisation=case.handler_id is not None,
    )
    rows = []
    for rule in rules:
        paper = told.pop(rule.doc_type_id, {})
        received = paper.get("received") or Received.NONE
        rows.append(
            ChecklistRow(
                case_id=case.pk,
                doc_type=rule.doc_type,
                label=rule.doc_type.name,
                required=rule.required,
                original_required=rule.original_required,
                received=received,
                pages=int(paper.get("pages") or rule.pages) if received != Received.NONE else 0,
                order=rule.order,
            )
        )
    for doc_type in DocType.objects.filter(code__in=told) if told else ():
        paper = told[doc_type.code]
        if paper.get("received") in (Received.ORIGINAL, Received.COPY):
            rows.append(
                ChecklistRow(
                    case_id=case.pk,
                    doc_type=doc_type,
                    label=doc_type.name,
                    required=False,
                    received=paper["received"],
                    pages=int(paper.get("pages") or 1),
                    order=900,
                )
            )
    insert_many(rows)
    return rows


def _scanned(case: Any) -> Coalesce:
    """The number of pages of a row's kind in its case; hidden ones do not count."""
    pages = Page.objects.filter(document__case_id=case, hidden=False, doc_type=OuterRef("doc_type"))
    return Coalesce(Subquery(pages.order_by().values("doc_type").annotate(n=Count("pk")).values("n")), 0)


@Question(int)
def _rows(case: int) -> QuerySet[Any]:
    """The list, each row with the number of its pages."""
    return ChecklistRow.objects.filter(case_id=case).order_by("order", "pk").values_list(
        "doc_type", "label", "required", "original_required", "received", "pages", _scanned(case), "filed", "pk"
    )  # fmt: skip


@Question(int)
def _seen(case: int) -> QuerySet[Any]:
    rows = ChecklistRow.objects.filter(case_id=case).exclude(received=Received.NONE).order_by().values_list("doc_type")
    pages = Page.objects.filter(document__case_id=case, hidden=False, doc_type__isnull=False).order_by().values_list("doc_type")
    return rows.union(pages)


def completeness(case: Case) -> list[PaperRow]:
    """The list against the pages that are there (hidden pages do not count)."""
    return [PaperRow(*row) for row in _rows.tuples(case.pk)]


def uneven(ids: Collection[int]) -> set[int]:
    """Those of the cases in which a paper that is due never came, or has not the pages it came with."""
    rows = ChecklistRow.objects.filter(case_id__in=ids).annotate(scanned=_scanned(OuterRef("case_id")))
    missing, short = Q(required=True, received=Received.NONE), ~Q(received=Received.NONE) & ~Q(pages=F("scanned"))
    return set(rows.filter(missing | short).order_by().values_list("case_id", flat=True))


def papers_seen(case: Case) -> set[str]:
    """Kinds of papers that came with the case: received over the counter, or among its pages."""
    return set(case.once("papers", lambda: _seen.flat(case.pk)))


def gaps_of(rules: list[ChecklistRule], papers: list[dict[str, Any]]) -> list[str]:
    """Required papers that were not received: the content of the one complete notice."""
    told = {str(p["doc_type"]): p.get("received") for p in papers}
    return [r.doc_type.name for r in rules if r.required and told.get(r.doc_type_id) in (None, "", Received.NONE)]
