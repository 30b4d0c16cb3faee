"""Shapes of 名单核查."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lifeops.screening.models import Hit, WatchEntry, WatchList
from lifeops.screening.services.hits import VERDICTS


class WatchListShape(serializers.ModelSerializer[Any]):
    state = serializers.CharField(help_text="open 待批准、applied 已生效、refused 已驳回")
    requested_by = serializers.CharField(source="requested_by.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)
    entries_waiting = serializers.IntegerField(help_text="未能与存量客户比对、待重试的名单人员数")
    cases_waiting = serializers.IntegerField(help_text="未能核查、待重试的在办案件数")

    class Meta:
        model = WatchList
        fields = [
            "id", "code", "source", "kind", "effective_from", "effective_to", "file_name", "entry_count", "reason", "state", "requested_by",
            "requested_at", "decided_by", "decided_at", "remark", "scanned_at", "entries_waiting", "cases_at", "cases_waiting",
        ]  # fmt: skip


class WatchListPage(serializers.Serializer):
    results = WatchListShape(many=True)
    next = serializers.CharField(allow_null=True)


class WatchEntryShape(serializers.ModelSerializer[Any]):
    id_number = serializers.CharField(source="id_masked", help_text="已遮盖")

    class Meta:
        model = WatchEntry
        fields = ["row", "name", "also", "id_type", "id_number", "birth_date", "note"]


class WatchEntryPage(serializers.Serializer):
    results = WatchEntryShape(many=True)
    next = serializers.CharField(allow_null=True)


class HitShape(serializers.ModelSerializer[Any]):
    state = serializers.CharField(help_text="open 待处理、cleared 已排除、confirmed 已确认、ended 未处理而名单已失效")
    customer = serializers.IntegerField(source="party_id", allow_null=True, help_text="客户编号；不在册的人为空")
    kind = serializers.CharField(source="entry.watch_list.kind")
    list_code = serializers.CharField(source="entry.watch_list.code")
    listed_row = serializers.IntegerField(source="entry.row")
    listed_name = serializers.CharField(source="entry.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)
    case_number = serializers.CharField(allow_blank=True, help_text="空为存量筛查")
    policies = serializers.ListField(child=serializers.CharField(), default=[], help_text="存量筛查中不在册的受益人：有效保单号，最多五张；只在清单中给出")

    class Meta:
        model = Hit
        fields = [
            "id", "case_number", "customer", "role", "name", "kind", "list_code", "listed_row", "listed_name", "level", "found_at", "state", "policies", "decided_by",
            "decided_at", "reason",
        ]  # fmt: skip


class HitPage(serializers.Serializer):
    results = HitShape(many=True)
    next = serializers.CharField(allow_null=True)


class VerdictBody(serializers.Serializer):
    verdict = serializers.ChoiceField(choices=[(str(k), v) for k, v in VERDICTS.items()], error_messages={"required": "请选择排除或确认", "invalid_choice": "请选择排除或确认"})
    reason = serializers.CharField(max_length=300, error_messages={"required": "请写明处理理由", "blank": "请写明处理理由", "max_length": "理由最多 300 字"})
