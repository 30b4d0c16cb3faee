"""Shapes of a case: the row of a list, and everything the case page shows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lifeops.api.shapes.common import Group, Input, Pair, Person, Unit, money
from lifeops.api.shapes.papers import DocumentShape, LetterShape, PaperShape
from lifeops.api.shapes.request import RequestRow


class Holder(serializers.Serializer):
    """持有方: whose time runs, and who there."""

    party = serializers.CharField(source="holder_party")
    label = serializers.CharField(source="holder_label")
    unit = Unit(source="holder_branch", allow_null=True)
    person = Person(source="assignee", allow_null=True)


class CaseRow(serializers.Serializer):
    number = serializers.CharField()
    version = serializers.IntegerField(help_text="办理时须带回")
    line = serializers.CharField()
    line_label = serializers.CharField(source="get_line_display")
    item = serializers.CharField()
    item_label = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    stage = serializers.CharField(help_text="before 作业前、during 作业中、after 作业后、done 已结束")
    branch = Unit()
    holder = Holder(source="*")
    channel = serializers.CharField()
    agent = serializers.CharField(source="agent_code")
    applicant_kind = serializers.CharField()
    subject_name = serializers.CharField(help_text="客户")
    policy_number = serializers.CharField(source="policy.number", default="")
    amount = money()
    is_complex = serializers.BooleanField()
    rank = serializers.IntegerField(help_text="0 回件、1 加急、2 普通")
    occurred_on = serializers.DateField(allow_null=True)
    passed_on = serializers.DateField(allow_null=True)
    submitted_on = serializers.DateField()
    accepted_at = serializers.DateTimeField()
    state_since = serializers.DateTimeField()
    suspended_until = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="最近到期的时效")
    decided_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)


class CasePage(serializers.Serializer):
    results = CaseRow(many=True)
    next = serializers.CharField(allow_null=True, help_text="下一页的 cursor")


class StepShape(serializers.Serializer):
    """A step as this person sees it."""

    name = serializers.CharField()
    label = serializers.CharField()
    allowed = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    who = serializers.CharField(help_text="不能办理时：谁可以")
    inputs = Input(many=True)



class DecisionShape(serializers.Serializer):
    outcome = serializers.CharField()
    outcome_label = serializers.CharField()
    amount = money()
    reason_code = serializers.CharField()
    reason_label = serializers.CharField()
    opinion = serializers.CharField()
    served_reason = serializers.CharField(help_text="政治公众人物的办理理由；不是总公司的为空")
    lines = serializers.ListField(child=serializers.DictField(), help_text="计算过程，逐行")
    particulars = serializers.SerializerMethodField(help_text="结论的其他内容：label、value，号码已遮盖")
    made_by = Person()
    made_at = serializers.DateTimeField()
    single = serializers.BooleanField(help_text="单人签批")
    signed_by = Person(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    approver_opinion = serializers.CharField()
    approver_served_reason = serializers.CharField(help_text="批准人的办理理由；不是总公司的为空")

    def get_particulars(self, decision: Any) -> list[dict[str, str]]:
        return [{"label": label, "value": value} for label, value in decision.particulars]


class ClockShape(serializers.Serializer):
    id = serializers.IntegerField()
    label = serializers.CharField()
    kind = serializers.CharField(help_text="statutory 法定、internal 内部")
    level = serializers.CharField(help_text="ok、warn、over、paused、stopped、late")
    due_at = serializers.DateTimeField()


class SegmentShape(serializers.Serializer):
    seq = serializers.IntegerField()
    party = serializers.CharField()
    party_label = serializers.CharField(source="get_party_display")
    unit = Unit(source="branch", allow_null=True)
    person = Person(source="user", allow_null=True)
    since = serializers.DateTimeField()
    cause = serializers.CharField()


class EventShape(serializers.Serializer):
    seq = serializers.IntegerField()
    step = serializers.CharField()
    label = serializers.CharField()
    actor = Person(allow_null=True, help_text="空为系统")
    acting_for = Person(allow_null=True)
    branch = Unit(allow_null=True)
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    to_label = serializers.CharField()
    version = serializers.IntegerField()
    reason = serializers.CharField()
    kept = Pair(many=True, help_text="随步骤留下的事实")
    at = serializers.DateTimeField()


class PaymentShape(serializers.Serializer):
    """付款指令. The account shows its last four."""

    number = serializers.CharField()
    purpose = serializers.CharField()
    payee = serializers.CharField()
    bank = serializers.CharField()
    account = serializers.CharField(source="account_masked")
    amount = money()
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    created_by = Person()
    created_at = serializers.DateTimeField()
    released_by = Person(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    return_reason = serializers.CharField()
    third_party_reason = serializers.CharField(help_text="付给他人的原因；空为付给有权领取人")


class PaymentPage(serializers.Serializer):
    results = PaymentShape(many=True)
    next = serializers.CharField(allow_null=True)


class CaseParts(serializers.Serializer):
    handler = serializers.CharField(allow_blank=True, help_text="申请人为单位时的经办人")
    record = Group(many=True, allow_null=True, help_text="录入资料，证件号与账号已遮盖；未录入为空")
    decision = DecisionShape(allow_null=True)
    checklist = PaperShape(many=True)
    documents = DocumentShape(many=True)
    letters = LetterShape(many=True)
    payments = PaymentShape(many=True)
    requests = RequestRow(many=True)
    clocks = ClockShape(many=True)
    custody = SegmentShape(many=True)
    events = EventShape(many=True, help_text="新者在前，最多 200 条")
    steps = StepShape(many=True)


class CaseDetail(CaseRow, CaseParts):
    """Everything the case page shows, and the steps this person may take."""


class Paper(serializers.Serializer):
    """A row of what was received."""

    doc_type = serializers.CharField(max_length=40)
    received = serializers.ChoiceField(choices=[("original", "原件"), ("copy", "复印件"), ("none", "未收")])
    pages = serializers.IntegerField(min_value=0, max_value=999, required=False)


class Applicant(serializers.Serializer):
    """申请人. With a document number the person becomes a customer, or is found as one."""

    name = serializers.CharField(max_length=60)
    id_type = serializers.CharField(max_length=20, required=False, default="resident")
    id_number = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")
    id_valid_to = serializers.DateField(required=False, allow_null=True, default=None)
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")


class AcceptBody(serializers.Serializer):
    """受理. Whatever else a counter asks is checked by the counter's own form."""

    line = serializers.CharField(max_length=20, required=False, allow_blank=True, help_text="可空：由项目决定")
    item = serializers.CharField(max_length=10)
    channel = serializers.CharField(max_length=10, default="counter")
    applicant_kind = serializers.CharField(max_length=20, default="policyholder")
    agent = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    branch = serializers.CharField(max_length=12, required=False, allow_blank=True, default="", help_text="空为本机构")
    occurred_on = serializers.DateField(required=False, allow_null=True, default=None)
    passed_on = serializers.DateField(required=False, allow_null=True, default=None)
    submitted_on = serializers.DateField()
    policy_number = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    applicant = Applicant(required=False, allow_null=True, default=None, help_text="必填；本公司提出的（公司解约）不填")
    handler = Applicant(required=False, allow_null=True, default=None, help_text="申请人为单位时的经办人")
    papers = Paper(many=True, required=False, default=list, max_length=100)
    gaps = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=50,
        help_text="清单之外的缺项；给出即为退回补正",
    )
    returned = serializers.BooleanField(default=False, help_text="必备资料未收时：受理并一次性退回补正全部缺项")
    checked = serializers.BooleanField(default=False, help_text="已核对，不是重复受理")
    record = serializers.DictField(
        required=False, allow_null=True, default=None,
        help_text="录入资料：给出时受理、预审、录入一次办成，须同时具备录入岗；任一步不成则全部不成",
    )
    overrides = serializers.DictField(
        child=serializers.CharField(max_length=200), required=False, default=dict, help_text="预审提示的放行理由：规则 → 理由"
    )


class ReceiveBody(serializers.Serializer):
    """收件 after acceptance: what is there now."""

    version = serializers.IntegerField(min_value=0)
    papers = Paper(many=True, max_length=100)


class RecordBody(serializers.Serializer):
    version = serializers.IntegerField(min_value=0)
    record = serializers.DictField(help_text="业务项目的录入字段，见 catalogue")


class RecordShape(serializers.Serializer):
    version = serializers.IntegerField(help_text="保存时须带回")
    record = serializers.DictField(child=serializers.JSONField(allow_null=True), help_text="录入字段，与保存时的写法相同")


class HandOverBody(serializers.Serializer):
    cases = serializers.ListField(child=serializers.CharField(max_length=40), min_length=1, max_length=100)


class Stayed(serializers.Serializer):
    number = serializers.CharField()
    reason = serializers.CharField()


class HandedOver(serializers.Serializer):
    handed_over = serializers.ListField(child=serializers.CharField())
    stayed = Stayed(many=True)
