"""Shapes of 业务规则 and other rows that the administration keeps."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.common import Input, Person


class ConfigRow(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    standing = serializers.CharField(help_text="待生效、生效中、已失效；没有生效日的为空")
    may_change = serializers.BooleanField()
    values = serializers.DictField(child=serializers.JSONField(allow_null=True))


class ConfigPage(serializers.Serializer):
    kind = serializers.CharField()
    label = serializers.CharField()
    inputs = Input(many=True, help_text="新增时可填的字段；无权新增为空")
    results = ConfigRow(many=True)
    next = serializers.CharField(allow_null=True)


class ConfigKind(serializers.Serializer):
    kind = serializers.CharField()
    label = serializers.CharField()
    may_add = serializers.BooleanField()


class FieldChange(serializers.Serializer):
    field = serializers.CharField()
    old = serializers.CharField()
    new = serializers.CharField()


class PastRow(serializers.Serializer):
    at = serializers.DateTimeField()
    by = Person(allow_null=True, help_text="空为系统")
    how = serializers.CharField(help_text="新增、修改、删除")
    reason = serializers.CharField()
    changes = FieldChange(many=True)


class ConfigDetail(ConfigRow):
    inputs = Input(many=True, help_text="现在可改的字段；无权改动为空")
    history = PastRow(many=True, help_text="新者在前，最多 50 项")
