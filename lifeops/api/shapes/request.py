"""Shapes of 问题件."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from lifeops.api.shapes.common import Input, Person, Unit


class RequestRow(serializers.Serializer):
    number = serializers.CharField()
    case_number = serializers.CharField(source="case.number")
    version = serializers.IntegerField(help_text="办理时须带回")
    kind = serializers.CharField()
    kind_label = serializers.CharField(source="get_kind_display")
    state = serializers.CharField()
    state_label = serializers.CharField()
    cause = serializers.CharField()
    title = serializers.CharField()
    blocking = serializers.BooleanField()
    addressee = serializers.CharField()
    addressee_name = serializers.CharField()
    branch = Unit()
    handler = Person(allow_null=True)
    holder_party = serializers.CharField()
    issued_by = Person()
    issued_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    overdue = serializers.SerializerMethodField(help_text="过了回复期限仍未回复")
    urge_level = serializers.IntegerField(help_text="已催办次数")
    next_urge_at = serializers.DateTimeField(allow_null=True, help_text="下次催办的时间；不再催办为空")

    def get_overdue(self, item: Any) -> bool:
        return bool(item.is_overdue(timezone.localdate()))


class RequestPage(serializers.Serializer):
    results = RequestRow(many=True)
    next = serializers.CharField(allow_null=True)


class RequestItem(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    doc_type = serializers.CharField()


class Contact(serializers.Serializer):
    at = serializers.DateTimeField()
    by = Person()
    way = serializers.CharField(source="get_way_display")
    reached = serializers.BooleanField()
    note = serializers.CharField()


class RequestSegment(serializers.Serializer):
    seq = serializers.IntegerField()
    party = serializers.CharField()
    party_label = serializers.CharField(source="get_party_display")
    unit = Unit(source="branch", allow_null=True)
    since = serializers.DateTimeField()
    cause = serializers.CharField()


class RequestStep(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    allowed = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    who = serializers.CharField()
    inputs = Input(many=True)


class RequestParts(serializers.Serializer):
    contacts = Contact(many=True)
    custody = RequestSegment(many=True)
    steps = RequestStep(many=True)


class RequestFacts(RequestRow):
    items = RequestItem(many=True)
    legal_basis = serializers.CharField()
    note = serializers.CharField()
    extensions = serializers.IntegerField()
    print_count = serializers.IntegerField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    delivered_how = serializers.CharField()
    delivered_to = serializers.CharField()
    replied_at = serializers.DateTimeField(allow_null=True)
    reply = serializers.CharField()
    conclusion = serializers.CharField()
    second_signer = Person(allow_null=True, help_text="第二调查人")
    second_signed_at = serializers.DateTimeField(allow_null=True, help_text="第二调查人本人签署的时间")
    closed_at = serializers.DateTimeField(allow_null=True)


class RequestDetail(RequestFacts, RequestParts):
    """A letter or order with its life and the steps this person may take."""
