"""What every admin of ours shares: posts decide, nobody unless named, nothing is deleted."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from django.shortcuts import redirect
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from lifeops.org.models import Role


class Guarded(ModelAdmin):
    """`readers` may look, `writers` may add and change where posted at head office: rules hold for the whole company."""

    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    actions = None
    show_facets = ShowFacets.NEVER
    compressed_fields = True
    list_filter_submit = False
    list_per_page = 50
    list_fullwidth = True
    warn_unsaved_form = True
    change_form_show_cancel_button = True

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """An address asks only what the page's own filters ask. Django lets it ask about every column of the model, and
        each answer tells a little: of a password's hash, a character."""
        own = {name if isinstance(name, str) else getattr(name, "parameter_name", "") for name in self.get_list_filter(request)}
        days = {self.date_hierarchy} if self.date_hierarchy else set()
        return lookup.split("__")[0] in own | days and super().lookup_allowed(lookup, value, request)

    def writes(self, request: HttpRequest) -> bool:
        return request.user.holds_at_head_office(*self.writers)  # type: ignore[union-attr]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.holds(*self.readers, *self.writers)  # type: ignore[union-attr]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.writes(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.writes(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """One way to save: each row has a reason of its own."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


class InWords(HistoricalRecordContextHelper):
    """Old and new values as people read them: choices by label, yes and no, dashes for nothing."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        field = self.model._meta.get_field(change.field)
        base = getattr(field, "base_field", field)
        labels = dict(base.flatchoices or [])
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "、".join(str(labels.get(v, v)) for v in value) or "—"
        return labels.get(value, value) if value not in (None, "") else "—"


class Traced(Guarded, SimpleHistoryAdmin):
    """With the history of every row; what was is looked at, never put back by a click."""

    object_history_list_template = "administration/history_list.html"

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> InWords:
        return InWords(self.model, historical_record)

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None) -> Any:
        """The list says all there is to say; old rows are not opened as forms."""
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", object_id)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_view_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_change_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_history_or_change_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)


class ReadOnly(Guarded):
    """Rows made elsewhere, through their own door."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyTraced(Traced):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ByKey(ChangeList):
    """Newest first, whatever the address asks for: another order would sort the whole table for a page of it."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[str]:
        return list(self.model_admin.ordering)


class BigTable(ReadOnly):
    """A table of millions: pages are cut off by key order and never counted."""

    paginator = InfinitePaginator
    ordering = ("-pk",)
    sortable_by = ()
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ByKey


OVERSEERS = (Role.MANAGER, Role.AUDITOR)
RULE_READERS = (Role.MANAGER, Role.SYSADMIN, Role.AUDITOR)
STAFF_READERS = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)
