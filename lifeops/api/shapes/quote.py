"""Shapes of 试算: what is asked for, and the answer with its lines."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.common import money


class QuoteBody(serializers.Serializer):
    """Only what the product goes by is looked at; the amount is asked for one way or the other."""

    product = serializers.CharField(max_length=12, help_text="险种代码")
    sex = serializers.ChoiceField(choices=["M", "F"])
    birth_date = serializers.DateField(required=False, allow_null=True)
    age = serializers.IntegerField(required=False, allow_null=True, help_text="投保年龄；与 birth_date 填一个")
    day = serializers.DateField(required=False, allow_null=True, help_text="投保日，默认今天；按该日在售的版本")
    cover_term = serializers.CharField(required=False, allow_blank=True, max_length=20, help_text="如 20Y、TO_70、WHOLE_LIFE")
    pay_term = serializers.CharField(required=False, allow_blank=True, max_length=20, help_text="如 SINGLE、10Y")
    pay_mode = serializers.CharField(required=False, allow_blank=True, max_length=12, help_text="如 annual、monthly")
    sum_assured = money(required=False, allow_null=True, help_text="保险金额（元）；与 premium 填一个")
    premium = money(required=False, allow_null=True, help_text="每期保费（元）")
    plan = serializers.CharField(required=False, allow_blank=True, max_length=12)
    social_insurance = serializers.CharField(required=False, allow_blank=True, max_length=1, help_text="Y、N")
    purchase = serializers.CharField(required=False, allow_blank=True, max_length=30, help_text="如 FIRST、RENEW_WITHIN_15D，按费率表所列")
    annuity_start_age = serializers.IntegerField(required=False, allow_null=True)
    occupation_class = serializers.IntegerField(required=False, allow_null=True, help_text="1 至 6，默认 1")
    em_percent = money(required=False, allow_null=True, help_text="加费 EM（%）")
    per_mille = serializers.DecimalField(max_digits=10, decimal_places=4, required=False, allow_null=True, help_text="定额加费（‰）")
    items = serializers.DictField(child=money(), required=False, help_text="按责任投保的险种：责任代码 → 保险金额（元）")
    days = serializers.IntegerField(required=False, allow_null=True, help_text="保险期间天数")
    deductible = money(required=False, allow_null=True)
    payout_ratio = serializers.DecimalField(max_digits=5, decimal_places=4, required=False, allow_null=True, help_text="如 0.9")
    others = serializers.DictField(
        child=serializers.CharField(max_length=30), required=False, help_text="只此险种有的系数：费率表的 key → 取值"
    )


class QuoteLine(serializers.Serializer):
    label = serializers.CharField()
    formula = serializers.CharField()
    value = money()
    counts = serializers.BooleanField(help_text="计入合计的行；其余为说明")


class QuoteAnswer(serializers.Serializer):
    product = serializers.CharField()
    version = serializers.CharField()
    age = serializers.IntegerField()
    sum_assured = money()
    premium = money(help_text="每期应交（标准保费 + 加费）")
    standard = money()
    extra = money()
    lines = QuoteLine(many=True)
