"""Shapes of 红利公布."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lifeops.policies.models import DividendRate


class DividendShape(serializers.ModelSerializer[Any]):
    product = serializers.CharField(source="product.code")
    version = serializers.CharField(source="version.version", allow_null=True, default=None, help_text="空为各版本")
    requested_by = serializers.CharField(source="requested_by.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)
    rate_pct = serializers.CharField(help_text="年率（%）")

    class Meta:
        model = DividendRate
        fields = [
            "id", "product", "version", "kind", "ending", "base", "rate_pct", "first_on", "last_on", "year_from", "year_to", "by_years", "reason", "state", "requested_by", "requested_at",
            "decided_by", "decided_on", "remark",
        ]  # fmt: skip


class DividendPage(serializers.Serializer):
    results = DividendShape(many=True)
    next = serializers.CharField(allow_null=True)


class DecisionBody(serializers.Serializer):
    approve = serializers.BooleanField(error_messages={"required": "请说明是否批准", "invalid": "应为 true 或 false"})
    remark = serializers.CharField(required=False, allow_blank=True, max_length=100, default="", help_text="驳回须写明")
