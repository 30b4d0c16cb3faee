"""Shapes of sign-in, person, catalogue, queues, notices, clocks and payments."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.case import CaseRow
from lifeops.api.shapes.common import Choice, Finding, Input, Person, Unit, money
from lifeops.cases.queues import LONGEST_REASON


class TokenBody(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, trim_whitespace=False, style={"input_type": "password"})


class PasswordBody(TokenBody):
    """`password` is the one that is good now."""

    new_password = serializers.CharField(max_length=128, trim_whitespace=False, style={"input_type": "password"})


class TokenShape(serializers.Serializer):
    token = serializers.CharField(help_text="放入 Authorization: Token …")


class PostingShape(serializers.Serializer):
    role = serializers.CharField()
    role_label = serializers.CharField(source="get_role_display")
    branch = Unit()
    grade = serializers.IntegerField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class Me(serializers.Serializer):
    username = serializers.CharField()
    staff_no = serializers.CharField()
    name = serializers.CharField()
    branch = Unit(allow_null=True)
    postings = PostingShape(many=True)
    roles = serializers.ListField(child=serializers.CharField())
    queues = serializers.ListField(child=serializers.CharField(), help_text="可取件的队列")


class OutcomeShape(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    positive = serializers.BooleanField()
    needs_amount = serializers.BooleanField()
    needs_reason = serializers.BooleanField()


class ReasonShape(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()


class CheckRow(serializers.Serializer):
    doc_type = serializers.CharField(source="doc_type_id")
    label = serializers.CharField(source="doc_type.name")
    required = serializers.BooleanField()
    original_required = serializers.BooleanField()
    pages = serializers.IntegerField()
    source = serializers.CharField(help_text="依据")


class ItemShape(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    needs_policy = serializers.BooleanField()
    one_signature = serializers.BooleanField()
    form = Input(many=True, help_text="录入资料的字段")
    outcomes = OutcomeShape(many=True)
    checklist = CheckRow(many=True)


class LineShape(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    prefix = serializers.CharField()
    reviewer_role = serializers.CharField()
    decision_form = Input(many=True)
    reasons = ReasonShape(many=True)
    items = ItemShape(many=True)


class Catalogue(serializers.Serializer):
    day = serializers.DateField()
    channels = Choice(many=True)
    applicant_kinds = Choice(many=True)
    states = Choice(many=True)
    doc_types = Choice(many=True)
    lines = LineShape(many=True)


class QueueRow(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    pool = serializers.IntegerField()
    mine = serializers.IntegerField()
    capped = serializers.BooleanField(help_text="超过上限，只示上限")


class BranchWork(serializers.Serializer):
    state = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField()
    late = serializers.IntegerField()


class Queues(serializers.Serializer):
    queues = QueueRow(many=True)
    branch = BranchWork(many=True)


class NextBody(serializers.Serializer):
    skip = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="先不办的在办案件"
    )
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True, default="", help_text="跳过须写明理由")


class NoticeShape(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField()
    url = serializers.CharField()
    case_number = serializers.CharField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NoticePage(serializers.Serializer):
    unread = serializers.IntegerField(help_text="未读，最多示 100")
    results = NoticeShape(many=True)
    next = serializers.CharField(allow_null=True)


class ReadBody(serializers.Serializer):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, allow_null=True, default=None,
        max_length=500, help_text="不给为全部",
    )


class Marked(serializers.Serializer):
    marked = serializers.IntegerField()


class ClockRow(serializers.Serializer):
    label = serializers.CharField()
    party = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    counted = serializers.CharField()
    paused = serializers.BooleanField()
    text = serializers.CharField()


class ClockSheet(serializers.Serializer):
    """Why the clock stands where it stands: the segments, what was counted of each."""

    id = serializers.IntegerField()
    label = serializers.CharField()
    kind = serializers.CharField()
    level = serializers.CharField()
    source = serializers.CharField()
    started_at = serializers.DateTimeField()
    stopped_at = serializers.DateTimeField(allow_null=True)
    warn_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    legal_due_on = serializers.DateField()
    limit = serializers.CharField()
    used = serializers.CharField()
    left = serializers.CharField()
    unit = serializers.CharField()
    rows = ClockRow(many=True)


class Findings(serializers.Serializer):
    findings = Finding(many=True)


class Trail(serializers.Serializer):
    whole = serializers.BooleanField(help_text="轨迹完整，未被改动")
    broken = serializers.ListField(child=serializers.IntegerField(), help_text="断处的序号")


class Preview(serializers.Serializer):
    outcome = serializers.CharField()
    amount = money()
    lines = serializers.ListField(child=serializers.DictField())
    alone = serializers.BooleanField(help_text="可单人签批")
    route = serializers.CharField(help_text="签批去向")


class StageRow(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField(help_text="最多示 1000")


class Worklist(serializers.Serializer):
    stage = serializers.CharField()
    stages = StageRow(many=True)
    results = CaseRow(many=True)
    next = serializers.CharField(allow_null=True)


class SettledCase(serializers.Serializer):
    number = serializers.CharField(source="case.number")
    item_label = serializers.CharField(source="case.item_label")
    subject_name = serializers.CharField(source="case.subject_name")
    submitted_on = serializers.DateField(source="case.submitted_on")
    stood = serializers.CharField(help_text="该日日终（已签章的为签章时）的状态")
    state = serializers.CharField(source="case.state", help_text="现在的状态")


class SettlementShape(serializers.Serializer):
    """日结: carried in + accepted + came back = handed over + returned + withdrawn + pending + difference."""

    branch = Unit()
    day = serializers.DateField()
    carried_in = serializers.IntegerField()
    accepted = serializers.IntegerField()
    came_back = serializers.IntegerField()
    handed_over = serializers.IntegerField()
    returned = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    pending = serializers.IntegerField()
    difference = serializers.IntegerField()
    explanation = serializers.CharField()
    signed_by = Person(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    cases = SettledCase(many=True, help_text="figure 所数的案件，最多 200 件；未问及为空")


class SettlementBody(serializers.Serializer):
    unit = serializers.CharField(max_length=12, required=False, allow_blank=True, default="", help_text="空为本机构")
    day = serializers.DateField()
    explanation = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class AbsenceShape(serializers.Serializer):
    """请假 with who acts meanwhile."""

    id = serializers.IntegerField()
    user = Person()
    substitute = Person(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField()
    created_by = Person()


class Told(serializers.Serializer):
    detail = serializers.CharField(help_text="办成了什么")
