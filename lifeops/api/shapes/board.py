"""Shapes of the board and of 改派 of many."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.case import Stayed
from lifeops.api.shapes.common import Choice, Unit


class CellShape(serializers.Serializer):
    count = serializers.IntegerField()
    since = serializers.DateTimeField(allow_null=True, help_text="等得最久的一件自何时起")


class MatrixRow(serializers.Serializer):
    label = serializers.CharField()
    cells = CellShape(many=True, help_text="与 states 同序")
    total = serializers.IntegerField()


class OverdueRow(serializers.Serializer):
    party = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField(help_text="最多示 1000")
    oldest = serializers.DateTimeField(allow_null=True)


class DayShape(serializers.Serializer):
    day = serializers.DateField()
    came_in = serializers.IntegerField()
    decided = serializers.IntegerField()
    went_out = serializers.IntegerField()
    stock = serializers.IntegerField()


class PersonLoad(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    count = serializers.IntegerField()
    review = serializers.IntegerField()
    approval = serializers.IntegerField()
    late = serializers.IntegerField()
    suspended = serializers.IntegerField()
    next_due = serializers.DateTimeField(allow_null=True)
    away = serializers.BooleanField()


class UnitRow(serializers.Serializer):
    name = serializers.CharField()
    path = serializers.CharField(allow_blank=True, help_text="空为本机构自身")
    stages = serializers.ListField(child=serializers.IntegerField(), help_text="作业前、作业中、作业后")
    total = serializers.IntegerField()


class Board(serializers.Serializer):
    unit = Unit()
    path = serializers.CharField()
    states = Choice(many=True)
    rows = MatrixRow(many=True)
    total = serializers.IntegerField()
    overdue = OverdueRow(many=True)
    days = DayShape(many=True)
    people = PersonLoad(many=True)
    units = UnitRow(many=True)


class SeenCase(serializers.Serializer):
    number = serializers.CharField(max_length=40)
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class ReassignBody(serializers.Serializer):
    assignee = serializers.CharField(max_length=150, help_text="用户名")
    reason = serializers.CharField(max_length=200)
    cases = SeenCase(many=True, min_length=1, max_length=100)


class Reassigned(serializers.Serializer):
    done = serializers.ListField(child=serializers.CharField())
    refused = Stayed(many=True)
