"""影像整理: type, turn, order and hiding of pages. View state only; the picture and the original never change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction

from lifeops.cases.errors import Invalid, Refused, field_errors
from lifeops.cases.models import Case
from lifeops.cases.perform import lock, record
from lifeops.cases.states import BEFORE, State
from lifeops.documents.ingest import check_may_add
from lifeops.documents.models import DocType, Page
from lifeops.org.models import User

STEP = 10
#: Until a conclusion rests on it, a page brought in by mistake may be hidden.
UNCONCLUDED = (*BEFORE, State.QUEUED, State.IN_REVIEW, State.WAITING)


class PageForm(forms.Form):
    """What may be changed on a page; what is not sent stays."""

    rotation = forms.TypedChoiceField(
        label="旋转",
        choices=[(n, f"{n}°") for n in (0, 90, 180, 270)],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "旋转角度只能是 0、90、180、270"},
    )
    hidden = forms.TypedChoiceField(
        label="隐藏", choices=[("0", "显示"), ("1", "隐藏")], coerce=lambda v: v == "1", empty_value=None, required=False
    )
    doc_type = forms.ModelChoiceField(
        label="资料类型",
        queryset=DocType.objects.all(),
        required=False,
        error_messages={"invalid_choice": "没有这种资料类型"},
    )
    order = forms.IntegerField(
        label="位置", min_value=1, max_value=100_000, required=False, error_messages={"invalid": "位置须为整数"}
    )


def arrange_page(*, page: Page, data: Any, actor: User, now: datetime) -> Page:
    """Change how a page is shown. `data` holds some of rotation, hidden, doc_type, order (position from 1).

    Raises Invalid at the field, Refused where the person may not or where a page already handed over would vanish.
    """
    form = PageForm(data)
    if not form.is_valid():
        raise Invalid(field_errors(form))
    asked = {name: form.cleaned_data[name] for name in form.fields if name in data}
    with transaction.atomic():
        case = lock(page.document.case_id)
        check_may_add(case, actor)
        held = Page.objects.select_related("document", "doc_type").get(pk=page.pk)
        changes = _changes(case, held, asked)
        if changes:
            held.save(update_fields=["rotation", "hidden", "doc_type"])
        position = asked.get("order")
        if position is not None and _move(case, held, position):
            changes["order"] = position
        if changes:
            told = {"page": held.pk, "name": held.document.name, "index": held.index, **changes}
            record(case, "documents.arrange", "影像整理", actor=actor, now=now, data=told, bump=False)
    held.refresh_from_db()
    return held


def _changes(case: Case, page: Page, asked: dict[str, Any]) -> dict[str, Any]:
    """Apply turn, hiding and type to the row; returns what is different now."""
    changes: dict[str, Any] = {}
    if asked.get("rotation") is not None and asked["rotation"] != page.rotation:
        page.rotation = changes["rotation"] = asked["rotation"]
    if asked.get("hidden") is not None and asked["hidden"] != page.hidden:
        if asked["hidden"] and case.handed_over_at and not page.document.supplement:
            # what headquarters has been given to judge by does not disappear from its screen
            raise Refused(["已交接总部的影像不能隐藏"], who="请另行补扫，并说明以补扫件为准")
        if asked["hidden"] and case.state not in UNCONCLUDED:
            raise Refused(["审核已作出结论，影像不能隐藏"], who="请另行补扫，并说明以补扫件为准")
        page.hidden = changes["hidden"] = asked["hidden"]
    if "doc_type" in asked:
        code = asked["doc_type"].pk if asked["doc_type"] else None
        if code != page.doc_type_id:
            page.doc_type_id = changes["doc_type"] = code
    return changes


def _move(case: Case, page: Page, position: int) -> bool:
    """Put the page at a position and number the pages anew in steps."""
    pages = list(Page.objects.filter(document__case_id=case.pk).order_by("order", "pk"))
    before = [p.pk for p in pages]
    pages = [p for p in pages if p.pk != page.pk]
    pages.insert(min(position, len(pages) + 1) - 1, page)
    if [p.pk for p in pages] == before:
        return False
    changed = []
    for number, each in enumerate(pages, start=1):
        if each.order != number * STEP:
            each.order = number * STEP
            changed.append(each)
    Page.objects.bulk_update(changed, ["order"])
    return True
