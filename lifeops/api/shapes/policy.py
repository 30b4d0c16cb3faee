"""Shapes of a policy, of customers and of the search box. Numbers of documents and telephones are masked."""

from __future__ import annotations

from rest_framework import serializers

from lifeops.api.shapes.case import CaseRow
from lifeops.api.shapes.common import Person, Unit, money


class PartyShape(serializers.Serializer):
    id = serializers.IntegerField(help_text="见 customers/{id}/")
    name = serializers.CharField()
    sex = serializers.CharField()
    birth_date = serializers.DateField(allow_null=True)
    id_type = serializers.CharField()
    id_number = serializers.CharField(source="id_masked", help_text="已遮盖")
    phone = serializers.CharField(source="phone_masked", help_text="已遮盖")


class CoverageShape(serializers.Serializer):
    product = serializers.CharField(source="version.product.code")
    name = serializers.CharField(source="version.product.name")
    is_rider = serializers.BooleanField()
    sum_assured = money()
    bonus_sum = money(help_text="累积红利保险金额：增额红利与交清增额")
    cover_term = serializers.CharField()
    pay_term = serializers.CharField()
    premium = money()
    extra = money()
    exclusion = serializers.CharField()
    effective_on = serializers.DateField()
    expires_on = serializers.DateField(allow_null=True, help_text="空为终身")
    active = serializers.BooleanField()


class BeneficiaryShape(serializers.Serializer):
    name = serializers.CharField()
    id_type = serializers.CharField()
    id_number = serializers.CharField(source="id_masked", help_text="已遮盖")
    relation = serializers.CharField()
    order = serializers.IntegerField()
    share_pct = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    effective_from = serializers.DateField()
    effective_to = serializers.DateField(allow_null=True)


class Change(serializers.Serializer):
    label = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class EndorsementShape(serializers.Serializer):
    number = serializers.CharField()
    title = serializers.CharField()
    case_number = serializers.CharField()
    effective_on = serializers.DateField()
    changes = serializers.ListField(child=serializers.DictField())


class SinceShape(serializers.Serializer):
    on = serializers.DateField()
    kind = serializers.CharField()
    label = serializers.CharField(source="get_kind_display")
    note = serializers.CharField()
    source = serializers.CharField(help_text="case 案件、job 日终批处理、desk 经办、correction 更正")
    case_number = serializers.CharField()


class UncollectedShape(serializers.Serializer):
    kind = serializers.CharField(help_text="survival 生存金、maturity 满期金、value 届满现金价值、dividend 到期红利、left 合同终止余款、supplement 待补付身故保险金、suspense 暂收款项")
    label = serializers.CharField()
    amount = money(help_text="元")
    whose = serializers.CharField(help_text="投保人、被保险人，或身故保险金的受益人")
    item = serializers.CharField(help_text="以什么项目领取")


class RecoverableShape(serializers.Serializer):
    amount = money(help_text="元")
    what = serializers.CharField(help_text="作为什么付出的")
    whose = serializers.CharField(help_text="应由谁返还")


class RecoveryShape(serializers.Serializer):
    """追回: what came in settles what is to come back, once a second person has approved it."""

    id = serializers.IntegerField()
    reference = serializers.CharField(help_text="收款流水号")
    amount = money(help_text="元")
    reason = serializers.CharField(help_text="由谁返还及依据")
    state = serializers.CharField(help_text="open 待批准、applied 已生效、refused 已驳回")
    requested_by = Person()
    requested_at = serializers.DateTimeField()
    decided_by = Person(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    remark = serializers.CharField()


class RecoveryPage(serializers.Serializer):
    results = RecoveryShape(many=True)
    next = serializers.CharField(allow_null=True)


class PolicyDetail(serializers.Serializer):
    number = serializers.CharField()
    as_of = serializers.DateField()
    status = serializers.CharField(help_text="该日的状态；空为未生效")
    status_label = serializers.CharField()
    status_now = serializers.CharField()
    hold_case = serializers.CharField(help_text="占用保单的案件")
    branch = Unit()
    policyholder = PartyShape()
    insured = PartyShape()
    relation = serializers.CharField()
    effective_on = serializers.DateField()
    established_on = serializers.DateField()
    delivered_on = serializers.DateField(allow_null=True)
    cooling_off_end = serializers.DateField(allow_null=True)
    paid_to = serializers.DateField(allow_null=True)
    pay_mode = serializers.CharField()
    dividend_option = serializers.CharField(help_text="该日的红利领取方式：accumulate 累积生息、cash 现金领取、offset 抵交保费、paid_up 交清增额；空为没有现金红利")
    coverages = CoverageShape(many=True)
    beneficiaries = BeneficiaryShape(many=True)
    endorsements = EndorsementShape(many=True)
    uncollected = UncollectedShape(many=True, help_text="至该日终待领的款项与暂收")
    recoverable = RecoverableShape(allow_null=True, help_text="至该日终待追回的款项")
    changed_since = SinceShape(many=True, help_text="该日之后的事件，旧者在前，至多 100 项")


class PolicyRow(serializers.Serializer):
    number = serializers.CharField()
    status = serializers.CharField()
    status_label = serializers.CharField(source="get_status_display")
    policyholder = serializers.CharField(source="policyholder.name")
    insured = serializers.CharField(source="insured.name")
    products = serializers.CharField(source="product_names")
    effective_on = serializers.DateField()


class SearchBody(serializers.Serializer):
    q = serializers.CharField(max_length=100, help_text="受理号、保单号、证件号或尾号、电话或尾号、姓名、拼音")


class FoundShape(serializers.Serializer):
    cases = CaseRow(many=True)
    policies = PolicyRow(many=True)
    parties = PartyShape(many=True)
    note = serializers.CharField(help_text="没有找到时：从所查内容能看出的原因，如受理号校验位不符")


class HistoryShape(serializers.Serializer):
    people = PartyShape(many=True)
    policies = PolicyRow(many=True)
    cases = CaseRow(many=True)
    policies_elsewhere = serializers.IntegerField(help_text="其他机构的保单，只计张数，至多 100")
    elsewhere = serializers.IntegerField(help_text="其他机构或条线的案件，只计件数，至多 100")


class HoldShape(serializers.Serializer):
    """挂起 of a policy."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    kind_label = serializers.CharField(source="get_kind_display")
    holder = serializers.CharField(help_text="挂起方（文号），或受理号")
    reason = serializers.CharField()
    placed_on = serializers.DateField()
    placed_by = Person(allow_null=True)
    lifted_on = serializers.DateField(allow_null=True)
    lift_reason = serializers.CharField()


class StatementShape(serializers.Serializer):
    """A letter of a policy without a case, as it was issued."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    kind = serializers.CharField(help_text="policy_statement 对账单；其余为保单通知")
    day = serializers.DateField()
    created_by = Person()
    created_at = serializers.DateTimeField()


class StatementPage(serializers.Serializer):
    results = StatementShape(many=True)
    next = serializers.CharField(allow_null=True)
