"""Shapes of a customer. Numbers are masked but for the one that is asked for with a reason."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.common import Person, money
from lifeops.api.shapes.policy import PartyShape


class CustomerPolicy(serializers.Serializer):
    number = serializers.CharField()
    status = serializers.CharField()
    role = serializers.CharField(help_text="投保人、被保险人")
    products = serializers.CharField()
    beneficiaries = serializers.CharField(help_text="身故受益人，第一顺序；不在您的范围内为空")
    paid_to = serializers.DateField(allow_null=True, help_text="下期应交日；空为已交清")
    sum_assured = money()
    premium = money(help_text="每期")
    cash_value = money(allow_null=True, help_text="当日，未扣借款；无法计算、已终止或不在您的范围内为空")
    loans = money(allow_null=True, help_text="未还借款本金")
    within_reach = serializers.BooleanField(help_text="可否打开该保单")


class RiskShape(serializers.Serializer):
    kind = serializers.CharField()
    amount = money()


class ParticularShape(serializers.Serializer):
    label = serializers.CharField()
    value = serializers.CharField(help_text="已遮盖")
    note = serializers.CharField()
    reveal = serializers.CharField(help_text="查看完整内容时的 what；空为不可查看")
    row = serializers.CharField(help_text="终止此项登记的“种类/id”；空为不可终止")


class HeirShape(serializers.Serializer):
    number = serializers.CharField()
    relation = serializers.CharField(help_text="是被保险人的")
    order = serializers.IntegerField()
    share_pct = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    within_reach = serializers.BooleanField()


class ChangeShape(serializers.Serializer):
    on = serializers.DateField()
    what = serializers.CharField()
    about = serializers.CharField(help_text="保单号、受理号或来源")


class CustomerShape(serializers.Serializer):
    id = serializers.IntegerField()
    as_of = serializers.DateField()
    party = PartyShape()
    policies = CustomerPolicy(many=True)
    more_policies = serializers.BooleanField(help_text="只列最近 200 张")
    sums_at_risk = RiskShape(many=True)
    minors_headroom = money(allow_null=True, help_text="未成年人身故限额余额；成年人为空")
    flags = serializers.ListField(child=serializers.CharField())
    particulars = ParticularShape(many=True)
    cases = serializers.ListField(child=serializers.CharField(), help_text="可见的案件，近者在前，至多 50 件")
    beneficiary_of = HeirShape(many=True, help_text="以其证件号码作为身故受益人的保单")
    changed_since = ChangeShape(many=True, help_text="该日之后的变化，至多 100 项；今日为空")


class RevealBody(serializers.Serializer):
    what = serializers.RegexField(r"^[a-z0-9_-]{1,30}$", help_text="particulars 的 reveal")
    reason = serializers.CharField(max_length=200, help_text="查看事由，至少 4 个字")


class Revealed(serializers.Serializer):
    label = serializers.CharField()
    value = serializers.CharField()


class Candidate(serializers.Serializer):
    """A customer who may be the same person."""

    party = PartyShape()
    reasons = serializers.ListField(child=serializers.CharField())


class ProposeBody(serializers.Serializer):
    other = serializers.IntegerField(min_value=1, help_text="查重所列客户的 id")


class DuplicateShape(serializers.Serializer):
    id = serializers.IntegerField()
    left = PartyShape()
    right = PartyShape()
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    reasons = serializers.ListField(child=serializers.CharField())
    proposed_by = Person(allow_null=True, help_text="空为系统")
    undo_asked_by = Person(allow_null=True, help_text="申请撤销合并的人")
    undo_reason = serializers.CharField()
