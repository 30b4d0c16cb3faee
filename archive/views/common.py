"""What the pages of 作业后 share: rows of checklists, forms shown again with the door's messages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.utils import timezone

from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.cases.registry import at_desk
from lifeops.documents.checklists import completeness
from lifeops.documents.models import ChecklistRow
from lifeops.org.models import User
from lifeops.org.requests import UserRequest, whole_number
from lifeops.policies.models import Payment


def checklist(case: Case) -> list[dict[str, Any]]:
    """资料清单 as 归档 sees it: expected, scanned, filed, given back."""
    more = {row.pk: row for row in ChecklistRow.objects.filter(case_id=case.pk)}
    return [{"paper": row, "row": more[row.row_id]} for row in completeness(case)]


def originals_here(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Originals that may still be given back."""
    return [
        (r["row"].pk, f"{r['row'].label}（{r['row'].pages} 页）")
        for r in rows
        if r["row"].received == "original" and not r["row"].given_back_at and not r["row"].filed
    ]


def bind(rows: list[dict[str, Any]], form: forms.Form) -> None:
    """The same for the papers to be bound into the volume: all of them to begin with."""
    may = {pk for pk, _ in form.fields["filed"].choices}  # type: ignore[attr-defined]
    asked = {whole_number(v) for v in form.data.getlist("filed")} if form.is_bound else may  # type: ignore[attr-defined]
    for row in rows:
        row["bind"], row["bound"] = row["row"].pk in may, row["row"].pk in asked


def pick(rows: list[dict[str, Any]], form: forms.Form) -> None:
    """Mark the rows that may be ticked in the table, and those that were when the form came back."""
    may = {pk for pk, _ in form.fields["rows"].choices}  # type: ignore[attr-defined]
    asked = set(form.data.getlist("rows")) if form.is_bound else set()  # type: ignore[attr-defined]
    for row in rows:
        row["pick"], row["picked"] = row["row"].pk in may, str(row["row"].pk) in asked


def show_errors(form: forms.Form, error: Invalid) -> forms.Form:
    """Put messages of a service at the fields of a form that itself was valid."""
    form.is_valid()
    for name, messages in error.errors.items():
        for message in messages:
            if message not in form.errors.get(name if name in form.fields else "__all__", []):
                form.add_error(name if name in form.fields else None, message)
    return form


def get_payment(user: User, number: str) -> tuple[Payment, Case]:
    """A payment of a case within reach, else 404."""
    payment = (
        Payment.objects.select_related("branch", "created_by", "released_by").filter(number=number.strip().upper()).first()
    )
    case = None
    if payment is not None:
        visible = Case.objects.visible_to(user).select_related("branch", "assignee", "holder_branch")
        case = visible.filter(number=payment.case_number).first()
    if payment is None or case is None:
        raise Http404("没有这笔付款，或不在您的可见范围内")
    return payment, at_desk(case)


def filters(request: UserRequest, page: str) -> dict[str, Any]:
    """What a list is narrowed by, and the same as an address without the place of the page."""
    query = request.GET.copy()
    query.pop(page, None)
    return {"chosen": request.GET, "query": query.urlencode()}


def capped(rows: Any, cap: int = 99) -> int:
    """How many rows wait, at most one more than `cap`."""
    return int(rows.order_by().values("pk")[: cap + 1].count())


def today() -> Any:
    return timezone.localdate()
