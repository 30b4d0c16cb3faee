"""Shapes of 应发通知."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.common import Person, Unit


class PolicyNoticeShape(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField()
    kind = serializers.CharField()
    kind_label = serializers.CharField(source="get_kind_display")
    policy_number = serializers.CharField(source="policy.number")
    policyholder = serializers.CharField(source="policy.policyholder.name")
    unit = Unit(source="branch")
    about = serializers.DateField(help_text="事项日")
    due_on = serializers.DateField(help_text="应发日")
    printed = serializers.SerializerMethodField()
    sent_on = serializers.DateField(allow_null=True)
    sent_how = serializers.CharField()
    tracking = serializers.CharField()
    sent_by = Person(allow_null=True)
    dropped_on = serializers.DateField(allow_null=True, help_text="不再需要：中止已结束，或所通知的红利已冲回")
    statements = serializers.SerializerMethodField(help_text="已打印的通知书，statements/{id}/pdf/ 查看")

    def get_printed(self, notice: object) -> bool:
        return bool(notice.letters.all())  # type: ignore[attr-defined]

    def get_statements(self, notice: object) -> list[int]:
        return [letter.pk for letter in notice.letters.all()]  # type: ignore[attr-defined]


class PolicyNoticePage(serializers.Serializer):
    results = PolicyNoticeShape(many=True)
    next = serializers.CharField(allow_blank=True)
