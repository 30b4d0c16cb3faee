"""Shapes of the reference lists."""

from __future__ import annotations

from rest_framework import serializers


class ReferenceRow(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    note = serializers.CharField(help_text="层级、职业类别等")
    value = serializers.CharField(help_text="选中后写入字段的文字")
    extra = serializers.DictField(child=serializers.CharField(), help_text="可带入其他字段的值，如 occupation_class")


class ReferenceFound(serializers.Serializer):
    results = ReferenceRow(many=True)
