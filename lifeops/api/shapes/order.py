"""Shapes of 变更申请 and of the people they are about."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lifeops.administration.orders import OPS
from lifeops.api.shapes.common import Person, Unit


class OrderShape(serializers.Serializer):
    id = serializers.IntegerField()
    op = serializers.SerializerMethodField(help_text="变更种类：" + "、".join(f"{op.code} {op.label}" for op in OPS.values()))
    label = serializers.SerializerMethodField()
    summary = serializers.CharField()
    reason = serializers.CharField()
    state = serializers.CharField(help_text="open、applied、refused")
    state_label = serializers.CharField(source="get_state_display")
    requested_by = Person()
    requested_at = serializers.DateTimeField()
    decided_by = Person(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    remark = serializers.CharField()
    handed_at = serializers.DateTimeField(allow_null=True, help_text="初始密码取出的时间")

    def get_op(self, row: Any) -> str:
        return str(row.payload.get("op", ""))

    def get_label(self, row: Any) -> str:
        spec = OPS.get(row.payload.get("op", ""))
        return spec.label if spec else str(row.get_kind_display())


class OrderDetail(OrderShape):
    refusals = serializers.ListField(child=serializers.CharField(), help_text="本人不能复核的理由；可复核或已复核为空")
    password_waits = serializers.BooleanField(help_text="本人可取出初始密码")


class OrderPage(serializers.Serializer):
    results = OrderShape(many=True)
    next = serializers.CharField(allow_null=True)


class DecideBody(serializers.Serializer):
    approve = serializers.BooleanField(help_text="true 同意并生效，false 驳回")
    remark = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="驳回须写明意见",
        error_messages={"max_length": "意见最多 200 字"},
    )


class PasswordTold(serializers.Serializer):
    detail = serializers.CharField(help_text="初始密码：只在此一次给出")


class FindBody(serializers.Serializer):
    q = serializers.CharField(max_length=40, help_text="工号、账号或姓名开头")


class StaffRow(serializers.Serializer):
    staff_no = serializers.CharField()
    name = serializers.CharField()
    username = serializers.CharField()
    branch = Unit(allow_null=True)
    is_active = serializers.BooleanField()
    last_login = serializers.DateTimeField(allow_null=True)


class StaffPosting(serializers.Serializer):
    id = serializers.IntegerField(source="row.pk", help_text="申请终止时的 posting")
    role = serializers.CharField(source="row.role")
    role_label = serializers.CharField(source="row.get_role_display")
    branch = Unit(source="row.branch")
    grade = serializers.IntegerField(source="row.grade")
    starts_on = serializers.DateField(source="row.starts_on")
    ends_on = serializers.DateField(source="row.ends_on", allow_null=True)
    standing = serializers.CharField(source="age", help_text="待任、在任、已离任")


class StaffDetail(StaffRow):
    postings = StaffPosting(many=True)
    orders = OrderShape(many=True, help_text="与此人有关的变更申请，新者在前，最多 20 项")
    ops = serializers.ListField(child=serializers.CharField(), help_text="本人可为其申请的变更")
