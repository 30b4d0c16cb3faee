"""Shapes of 作业后: the way of the papers, originals, volume and loans."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.common import Person, Unit


class PaperDueShape(serializers.Serializer):
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField(help_text="issue 待出具、print 待打印、done 已打印")
    words = serializers.CharField()


class LegShape(serializers.Serializer):
    kind = serializers.CharField()
    kind_label = serializers.CharField(source="get_kind_display")
    on = serializers.DateField()
    who = serializers.CharField()
    courier_number = serializers.CharField()
    note = serializers.CharField()
    by = Person()
    at = serializers.DateTimeField()


class DeliveryShape(serializers.Serializer):
    how = serializers.CharField()
    to = serializers.CharField()
    courier_number = serializers.CharField()
    sent_at = serializers.DateTimeField()
    signed_on = serializers.DateField(allow_null=True)
    expects_receipt = serializers.BooleanField()
    legs = LegShape(many=True, source="legs.all")


class ReceiptShape(serializers.Serializer):
    policy_number = serializers.CharField()
    signed_on = serializers.DateField()
    signer = serializers.CharField()
    reason = serializers.CharField()
    by = Person()
    at = serializers.DateTimeField()


class OriginalShape(serializers.Serializer):
    row = serializers.IntegerField(help_text="退还时用")
    label = serializers.CharField()


class PaperWay(serializers.Serializer):
    """Where the papers of a case are: due, on the way, signed for, still here."""

    version = serializers.IntegerField()
    papers = PaperDueShape(many=True)
    deliveries = DeliveryShape(many=True)
    receipt = ReceiptShape(allow_null=True)
    next_legs = serializers.ListField(child=serializers.CharField(), help_text="可登记的下一环节")
    originals = OriginalShape(many=True, help_text="可退还的原件")


class LoanShape(serializers.Serializer):
    id = serializers.IntegerField()
    volume = serializers.CharField(source="volume.number")
    case_number = serializers.CharField(source="volume.case.number")
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    borrower = Person()
    purpose = serializers.CharField()
    due_on = serializers.DateField()
    asked_by = Person()
    asked_at = serializers.DateTimeField()
    decided_by = Person(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    remark = serializers.CharField()
    lent_at = serializers.DateTimeField(allow_null=True)
    back_at = serializers.DateTimeField(allow_null=True)
    condition = serializers.CharField()


class LoanPage(serializers.Serializer):
    results = LoanShape(many=True)
    next = serializers.CharField(allow_null=True)


class VolumeShape(serializers.Serializer):
    number = serializers.CharField()
    case_number = serializers.CharField(source="case.number")
    branch = Unit()
    box = serializers.CharField()
    shelf = serializers.CharField()
    place = serializers.CharField()
    filed_by = Person()
    filed_at = serializers.DateTimeField()
    keep_until = serializers.DateField(allow_null=True, help_text="空为长期")
    keep_rule = serializers.CharField()
    gap_reason = serializers.CharField()


class VolumeDetail(VolumeShape):
    loans = LoanShape(many=True)


class VolumePage(serializers.Serializer):
    results = VolumeShape(many=True)
    next = serializers.CharField(allow_null=True)
