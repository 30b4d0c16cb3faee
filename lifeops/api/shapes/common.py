"""Shapes of errors and of what many answers share."""

from __future__ import annotations

from rest_framework import serializers


class Problem(serializers.Serializer):
    detail = serializers.CharField(help_text="中文说明")


class FieldErrors(Problem):
    errors = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="字段 → 说明；__all__ 为整体"
    )


class Refusal(Problem):
    reasons = serializers.ListField(child=serializers.CharField(), required=False, help_text="不能办理的理由")
    who = serializers.CharField(required=False, help_text="谁可以办理")


class Difference(serializers.Serializer):
    what = serializers.CharField()
    who = serializers.CharField()
    at = serializers.CharField()
    detail = serializers.CharField()
    changes = serializers.CharField(required=False)


class Conflict(Problem):
    version = serializers.IntegerField(required=False, help_text="现在的版本")
    differences = Difference(many=True, required=False)


class Unit(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField(source="short_name")


class Person(serializers.Serializer):
    staff_no = serializers.CharField()
    name = serializers.CharField()


class Choice(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()


class Column(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    choices = Choice(many=True, required=False)


class Input(serializers.Serializer):
    """One input of a form."""

    name = serializers.CharField()
    label = serializers.CharField()
    type = serializers.CharField()
    required = serializers.BooleanField()
    choices = Choice(many=True, required=False)
    columns = Column(many=True, required=False, help_text="表格字段的列")


class Pair(serializers.Serializer):
    label = serializers.CharField()
    value = serializers.CharField()


class Group(serializers.Serializer):
    title = serializers.CharField()
    rows = Pair(many=True)


class Finding(serializers.Serializer):
    """规则结果: what a rule found, and the limit it was held against."""

    code = serializers.CharField()
    level = serializers.CharField(help_text="pass、warn、block")
    message = serializers.CharField()
    value = serializers.CharField()
    limit = serializers.CharField()
    source = serializers.CharField()


def money(**kwargs: object) -> serializers.DecimalField:
    """An amount in 元, as text with two places."""
    return serializers.DecimalField(max_digits=14, decimal_places=2, **kwargs)


def groups(found: list[tuple[str, list[tuple[str, str]]]]) -> list[dict[str, object]]:
    """A line's summary as title and rows."""
    return [
        {"title": title, "rows": [{"label": label, "value": str(value)} for label, value in rows]} for title, rows in found
    ]
