"""Shapes of 险种装入."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class VersionRow(serializers.Serializer):
    code = serializers.CharField(source="product.code")
    name = serializers.CharField(source="product.name")
    version = serializers.CharField()
    filing_number = serializers.CharField()
    sale_from = serializers.DateField()
    sale_to = serializers.DateField(allow_null=True)


class ProductLoaded(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField(source="terms.name")
    outcome = serializers.CharField(help_text="new 新险种、version 新版本、same 与现版本相同")
    version = serializers.CharField()
    sale_from = serializers.DateField(allow_null=True)
    counts = serializers.SerializerMethodField(help_text="费率、现金价值、责任、疾病的行数")
    changes = serializers.ListField(child=serializers.CharField(), help_text="与现版本的不同")
    hints = serializers.SerializerMethodField(help_text="不妨碍装入的提示")

    def get_counts(self, bundle: Any) -> dict[str, int]:
        return dict(bundle.counts)

    def get_hints(self, bundle: Any) -> list[str]:
        return [str(hint) for hint in bundle.hints]


class ProductPreview(ProductLoaded):
    token = serializers.CharField(help_text="20 分钟内由同一人以此确认装入")


class ConfirmBody(serializers.Serializer):
    token = serializers.RegexField(r"^[\w-]{10,40}$", help_text="预览给出的 token", error_messages={"invalid": "不是预览给出的 token"})
