"""Shapes of 价值试算: what is asked of a policy, and the answer with its lines."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.common import money
from lifeops.api.shapes.quote import QuoteLine
from lifeops.policies.services.trial import TrialKind


class ValueBody(serializers.Serializer):
    """Only what the kind goes by is looked at."""

    kind = serializers.ChoiceField(
        choices=TrialKind.choices, error_messages={"required": "请选择试算的内容", "invalid_choice": "没有这种试算"}
    )
    day = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=20, help_text="试算日（年-月-日），默认今天")
    amount = serializers.CharField(required=False, allow_null=True, max_length=30, help_text="loan：借款金额（元），不填只算可贷金额")
    until = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=20, help_text="loan：计息至，默认借款到期日")
    cover = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=20, help_text="partial：附加险的险种行号，默认主险")
    given_up = serializers.CharField(required=False, allow_null=True, max_length=30, help_text="partial：减少的保险金额（元）")
    fees = serializers.CharField(required=False, allow_null=True, max_length=30, help_text="reinstatement：其他费用（元）")
    birth_date = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=20, help_text="misstatement：真实出生日期")
    sex = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=1, help_text="misstatement：真实性别 M、F，默认与登记相同")
    years = serializers.CharField(required=False, allow_null=True, max_length=10, help_text="accumulation、bonus：年数，1 至 60")
    rate_pct = serializers.CharField(required=False, allow_null=True, max_length=20, help_text="accumulation、bonus：假定的年利率（%）")
    cause = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=10, help_text="death：illness（默认）、accident")
    others = serializers.CharField(required=False, allow_null=True, max_length=30, help_text="death：其他公司的身故保险金（元），未成年人适用")


class ValueAnswer(serializers.Serializer):
    kind = serializers.CharField()
    day = serializers.DateField()
    title = serializers.CharField(help_text="金额是什么")
    amount = money(help_text="误告调整：正为应补交，负为应退还")
    lines = QuoteLine(many=True)
    notes = serializers.ListField(child=serializers.CharField())
