"""业务规则 over the wire: the same admin classes as on the page say who may, what is asked, what is refused, and save it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest

from lifeops.administration.registry import site
from lifeops.administration.versions import VersionAdmin
from lifeops.api.present import as_sent
from lifeops.api.stepping import as_typed, check_fields, inputs_of
from lifeops.cases.errors import Invalid, Refused, field_errors
from lifeops.cases.needs import labels
from lifeops.org.locks import Lock, hold
from lifeops.org.requests import whole_number

#: Word in the address → model on the admin site.
KINDS = {
    "clock-rules": "cases.clockrule", "content": "cases.contentitem", "ladder": "cases.ladderstep", "urging": "cases.urgestep",
    "precheck": "intake.precheckrule", "underwriting-limits": "underwriting.underwritinglimit",
    "capture-order": "cases.processrule", "checklists": "documents.checklistrule", "doc-types": "documents.doctype",
    "calendar": "workdays.calendarday", "limits": "org.authoritylimit", "branches": "org.branch",
}  # fmt: skip
MOST_HISTORY = 50


def admin_for(kind: str, http: HttpRequest) -> Any:
    """The admin class of a kind, where the person may look; 404 for a kind that there is not."""
    admin = site.admin_of(KINDS.get(kind, ""))
    if admin is None:
        raise Http404("没有这种配置")
    if not admin.has_view_permission(http):
        readers = (*admin.readers, *admin.writers)
        raise Refused([f"{admin.opts.verbose_name}供{labels(readers)}查看"], who=labels(readers))
    return admin


def row_of(admin: Any, pk: str) -> Any:
    key: Any = pk if isinstance(admin.model._meta.pk, models.CharField) else whole_number(pk)
    found = admin.model._default_manager.filter(pk=key).first() if key is not None else None
    if found is None:
        raise Http404(f"没有这项{admin.opts.verbose_name}")
    return found


def asked_for(admin: Any, rows: Any, asked: Any) -> Any:
    """The filters of the page's list: its own, 状态 of versions, the box, the year of days."""
    for name in (name for name in admin.list_filter if isinstance(name, str)):
        if value := asked.get(name, ""):
            try:
                rows = rows.filter(**{name: value})
            except (ValueError, ValidationError):
                raise Invalid({name: ["没有这个选项"]}) from None
    if year := asked.get("year", ""):
        if not admin.date_hierarchy or whole_number(year) is None or not 1900 < int(year) < 2200:
            raise Invalid({"year": ["没有这一年"]})
        rows = rows.filter(**{f"{admin.date_hierarchy}__year": int(year)})
    return rows


def told(admin: Any, http: HttpRequest, row: Any) -> dict[str, Any]:
    fields = [f for f in admin.model._meta.fields if f.editable]
    return {
        "id": str(row.pk), "title": str(row), "standing": admin.standing(row) if isinstance(admin, VersionAdmin) else "",
        "may_change": admin.has_change_permission(http, row), "values": {f.name: as_sent(f.value_from_object(row)) for f in fields},
    }  # fmt: skip


def history_of(admin: Any, http: HttpRequest, row: Any) -> list[dict[str, Any]]:
    """What was changed, by whom and why, the newest first."""
    if not hasattr(row, "history"):
        return []
    rows = list(row.history.select_related("history_user").order_by("-history_date", "-history_id")[:MOST_HISTORY])
    admin.set_history_delta_changes(http, rows)
    words = {"+": "新增", "~": "修改", "-": "删除"}
    return [
        {
            "at": past.history_date, "by": past.history_user, "how": words[past.history_type], "reason": past.history_change_reason or "",
            "changes": [{name: str(change[name]) for name in ("field", "old", "new")} for change in getattr(past, "history_delta_changes", [])],
        }
        for past in rows
    ]  # fmt: skip


def blank_form(admin: Any, http: HttpRequest, row: Any) -> Any:
    """The page's form as it opens: for a row, for a new one, or for one that takes over from another (`?of=`)."""
    kind = admin.get_form(http, row, change=row is not None)
    first = admin.get_changeform_initial_data(http) if row is None and isinstance(admin, VersionAdmin) else {}
    return kind(instance=row, initial=first)


def inputs(admin: Any, http: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
    """What may be sent; nothing to who may not write."""
    if not (admin.has_add_permission(http) if row is None else admin.has_change_permission(http, row)):
        return []
    form = blank_form(admin, http, row)
    return [found for found in inputs_of(form, people=True) if not form.fields[found["name"]].disabled]


def write(admin: Any, http: HttpRequest, row: Any, given: dict[str, Any]) -> Any:
    """Add, take over from a row, or change one: whatever is not sent stays as the page would show it."""
    with transaction.atomic():
        hold(Lock.RULES)  # two people at once must not both find the days free
        require(admin, http, row)
        blank = blank_form(admin, http, row)
        open_to = {name: field for name, field in blank.fields.items() if not field.disabled}
        lists = {f.name for f in admin.model._meta.fields if not isinstance(f, models.CharField | models.TextField)}
        sent = {name: as_taken(open_to.get(name), value, name in lists) for name, value in as_typed(given).items()}
        check_fields(open_to, sent)
        form = type(blank)({name: blank[name].value() for name in blank.fields} | sent, instance=row)
        if not form.is_valid():
            raise Invalid(field_errors(form))
        saved = admin.save_form(http, form, change=row is not None)
        admin.save_model(http, saved, form, row is not None)
        message = admin.construct_change_message(http, form, [], row is None)
        (admin.log_addition if row is None else admin.log_change)(http, saved, message)
    return saved


def require(admin: Any, http: HttpRequest, row: Any) -> None:
    """Refuse whom the page would refuse, with words; a row that has had its time is nobody's to change."""
    if not admin.writers:
        raise Refused([f"{admin.opts.verbose_name}不在此处改动，请提出变更申请（changes/）"])
    wanted = http.GET.get("of", "")
    if row is not None:
        may = admin.has_change_permission(http, row)
    else:
        may = admin.has_add_permission(http)
        if may and wanted and (not isinstance(admin, VersionAdmin) or admin.predecessor_of(http, None) is None):
            raise Invalid({"of": ["没有这一版本，或已不在生效"]})
    if not may and admin.writes(http):
        raise Refused(["已成过去，不能再改"])
    if not may:
        raise Refused([f"{admin.opts.verbose_name}由总公司{labels(admin.writers)}维护"], who=f"总公司{labels(admin.writers)}")


def as_taken(field: forms.Field | None, value: Any, is_list: bool) -> Any:
    """A list for a field that reads commas, commas for a field that takes a list: what was told may be sent again."""
    if isinstance(field, forms.MultipleChoiceField) and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if is_list and isinstance(field, forms.CharField) and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    return value
