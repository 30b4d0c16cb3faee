"""资料清单: rules in force become a case's own list; what is missing, what pages there are against what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from lifeops.cases.models import Case
from lifeops.documents.models import ChecklistRow, ChecklistRule, DocType, Page, Received


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
    def is_gap(self) -> bool:
        return self.required and self.received == Received.NONE


def rules_for(*, line: str, item: str, channel: str, applicant_kind: str, day: date) -> list[ChecklistRule]:
    """Rules in force for an acceptance; the more special one wins where two speak of the same paper."""
    rows = ChecklistRule.objects.in_force(day).filter(
        line=line, item__in=["", item], channel__in=["", channel], applicant_kind__in=["", applicant_kind]
    )
    return most_special(list(rows.select_related("doc_type")))


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
        line=case.line, item=case.item, channel=case.channel, applicant_kind=case.applicant_kind, day=case.submitted_on
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
    for doc_type in DocType.objects.filter(code__in=told):
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
    return ChecklistRow.objects.bulk_create(rows)


def completeness(case: Case) -> list[PaperRow]:
    """The list against the pages that are there (hidden pages do not count)."""
    scanned = dict(
        Page.objects.filter(document__case_id=case.pk, hidden=False, doc_type__isnull=False)
        .values_list("doc_type")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return [
        PaperRow(
            doc_type=row.doc_type_id,
            label=row.label,
            required=row.required,
            original_required=row.original_required,
            received=row.received,
            expected=row.pages,
            scanned=scanned.get(row.doc_type_id, 0),
            filed=row.filed,
            row_id=row.pk,
        )
        for row in ChecklistRow.objects.filter(case_id=case.pk).order_by("order", "pk")
    ]


def papers_seen(case: Case) -> set[str]:
    """Kinds of papers that came with the case: received over the counter, or among its pages."""
    rows = ChecklistRow.objects.filter(case_id=case.pk).exclude(received=Received.NONE).values_list("doc_type", flat=True)
    pages = Page.objects.filter(document__case_id=case.pk, hidden=False, doc_type__isnull=False).values_list("doc_type", flat=True)
    return set(rows) | set(pages.distinct().order_by())


def gaps_of(rules: list[ChecklistRule], papers: list[dict[str, Any]]) -> list[str]:
    """Required papers that were not received: the content of the one complete notice."""
    told = {str(p["doc_type"]): p.get("received") for p in papers}
    return [r.doc_type.name for r in rules if r.required and told.get(r.doc_type_id) in (None, "", Received.NONE)]
