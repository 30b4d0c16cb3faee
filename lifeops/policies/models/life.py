"""保单生命: every change of a policy as an event with its cause, what coverages and contacts were on a day, 挂起, letters due."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lifeops.org.models import Branch, Role, User
from lifeops.policies.crypto import EncryptedTextField
from lifeops.policies.models.party import Party
from lifeops.policies.models.policy import Coverage, Policy

#: Who sees the letters due of their units; those of the issue desk and the heads send them.
NOTICE_SENDERS = (Role.ISSUE, Role.HEAD)
NOTICE_READERS = (*NOTICE_SENDERS, Role.MANAGER, Role.AUDITOR)


class EventKind(models.TextChoices):
    """保单事件."""

    ISSUED = "issued", "承保"
    TAKEN_OVER = "taken_over", "接管"
    DELIVERED = "delivered", "签收"
    STATUS = "status", "状态变更"
    PREMIUM_DUE = "premium_due", "保费应收"
    PREMIUM_PAID = "premium_paid", "保费实收"
    PREMIUM_WAIVED = "premium_waived", "保费豁免"
    PREMIUM_ADVANCED = "premium_advanced", "自动垫交"
    DUE_DROPPED = "due_dropped", "应收冲销"
    MONEY_IN = "money_in", "收到款项"
    MONEY_OUT = "money_out", "款项付出"
    ANNIVERSARY = "anniversary", "保单周年"
    SURVIVAL = "survival", "生存金应付"
    DIVIDEND = "dividend", "红利"
    DIVIDEND_UNDONE = "dividend_undone", "红利冲回"
    BENEFIT_UNDONE = "benefit_undone", "生存给付冲回"
    RECOVERED = "recovered", "款项追回"
    RIDER_ENDED = "rider_ended", "附加险期满"
    NOTICE_LATE = "notice_late", "通知逾期未发"
    NOTICE_SENT = "notice_sent", "通知已发"
    WINDOW_OVER = "window_over", "复效期满"
    LOAN = "loan", "保单贷款"
    LOAN_RENEWED = "loan_renewed", "贷款续期"
    LOAN_REPAID = "loan_repaid", "贷款还款"
    COVERAGE = "coverage", "险种变更"
    BENEFICIARIES = "beneficiaries", "受益人变更"
    CONTACT = "contact", "联系方式变更"
    CHOICE = "choice", "约定变更"
    HOLDER = "holder", "投保人变更"
    HELD = "held", "挂起"
    HOLD_LIFTED = "hold_lifted", "解除挂起"
    PAYABLE = "payable", "应付登记"
    STUCK = "stuck", "批处理未能办理"


class EventSource(models.TextChoices):
    """What caused a change."""

    CASE = "case", "案件"
    JOB = "job", "日终批处理"
    DESK = "desk", "经办"
    CORRECTION = "correction", "更正"


class PolicyEvent(models.Model):
    """保单事件. Only grows. `data` holds what the event set: {"status", "ending", "paid_to", "coverages", "beneficiaries",
    "money"}; folded in the order of writing, over the events that hold on a day, it gives the policy of that day."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="events", verbose_name="保单")
    kind = models.CharField("事件", max_length=20, choices=EventKind)
    on = models.DateField("生效日")
    source = models.CharField("原因", max_length=12, choices=EventSource)
    case_number = models.CharField("案件", max_length=40, blank=True)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办")
    note = models.CharField("说明", max_length=200, blank=True)
    data = models.JSONField("内容", default=dict)
    key = models.CharField(max_length=60, blank=True, editable=False, help_text="同一事件只登记一次")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "保单事件"
        ordering = ["policy", "pk"]
        indexes = [
            models.Index(fields=["policy", "on"], name="policy_event_on"),
            # whose contracts went over to another since a day
            models.Index(fields=["on"], condition=Q(kind="holder"), name="policy_event_holder"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["policy", "key"], condition=~Q(key=""), name="policy_event_once"),
            models.CheckConstraint(condition=Q(source__in=EventSource.values), name="policy_event_has_cause"),
            models.CheckConstraint(condition=~Q(source="case") | ~Q(case_number=""), name="policy_event_names_case"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"


class CoverageState(models.Model):
    """险种状态史: what a coverage was from a day on. What was written last about a day is what holds of it."""

    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="states", verbose_name="险种责任")
    since = models.DateField("起")
    sum_assured = models.DecimalField("基本保险金额（元）", max_digits=14, decimal_places=2)
    bonus_sum = models.DecimalField("累积红利保险金额（元）", max_digits=14, decimal_places=2, default=0, db_default=0)
    premium = models.DecimalField("标准保费（元）", max_digits=14, decimal_places=2)
    extra = models.DecimalField("加费（元）", max_digits=14, decimal_places=2)
    active = models.BooleanField("有效")
    case_number = models.CharField("案件", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "险种状态史"
        ordering = ["coverage", "pk"]

    def __str__(self) -> str:
        return f"{self.coverage_id} 自 {self.since}"


class PartyContact(models.Model):
    """联系方式史: how a person could be reached from a day on."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="contacts_held", verbose_name="客户")
    since = models.DateField("起", null=True, blank=True, help_text="空为建档时")
    phone = EncryptedTextField("电话", blank=True, default="")
    email = EncryptedTextField("电子邮箱", blank=True, default="")
    address = EncryptedTextField("联系地址", blank=True, default="")
    postcode = models.CharField("邮编", max_length=6, blank=True)
    case_number = models.CharField("案件", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "联系方式史"
        ordering = ["party", "pk"]

    def __str__(self) -> str:
        return f"{self.party_id} 自 {self.since}"


class HoldKind(models.TextChoices):
    """挂起种类 (facts 2.2)."""

    CASE = "case", "在办案件"
    COURT = "court", "司法冻结"
    POLICE = "police", "公安止付"
    PLEDGE = "pledge", "质押"
    LOSS = "loss", "保单挂失"
    AML = "aml", "反洗钱管控"
    DEBIT = "debit", "保费划扣在途"


class PolicyHold(models.Model):
    """挂起: who holds the policy and why. A case's hold stops the day run; the others stop only what they forbid."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="holds", verbose_name="保单")
    kind = models.CharField("种类", max_length=8, choices=HoldKind)
    holder = models.CharField("挂起方", max_length=60, help_text="受理号、法院或机关文号、质权人")
    reason = models.CharField("原因", max_length=200, blank=True)
    placed_on = models.DateField("起")
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人")
    lifted_on = models.DateField("解除日", null=True, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="解除人")
    lift_reason = models.CharField("解除原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "保单挂起"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "kind", "holder"], condition=Q(lifted_on__isnull=True), name="policy_hold_once"
            ),
            models.CheckConstraint(condition=~Q(holder=""), name="policy_hold_has_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.holder}"


class NoticeKind(models.TextChoices):
    LAPSE = "lapse", "效力中止通知"
    LOAN = "loan", "贷款超过现金价值通知"
    SURVIVAL = "survival", "生存金领取通知"
    MATURITY = "maturity", "满期通知"
    DIVIDEND = "dividend", "红利通知"
    REFUND = "refund", "退费领取通知"


#: Of a suspension; needless once it is over.
SUSPENSIONS = (NoticeKind.LAPSE, NoticeKind.LOAN)


class SentHow(models.TextChoices):
    """How a letter left the house."""

    MAIL = "mail", "邮寄"
    HAND = "hand", "面交"
    EMAIL = "email", "电子邮件"


class PolicyNoticeQuerySet(models.QuerySet["PolicyNotice"]):
    def visible_to(self, user: User) -> PolicyNoticeQuerySet:
        """Of policies kept at the units of the person's posts, and below."""
        return self.filter(branch__in=user.units(*NOTICE_READERS))

    def waiting(self) -> PolicyNoticeQuerySet:
        """Neither sent nor overtaken."""
        return self.filter(sent_on__isnull=True, dropped_on__isnull=True)


class PolicyNotice(models.Model):
    """应发通知: a letter the customer must have by a day (中止通知: 10 工作日, 基本服务规定 21)."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="notices_due", verbose_name="保单")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", verbose_name="机构", help_text="发出通知的机构")
    kind = models.CharField("种类", max_length=10, choices=NoticeKind)
    about = models.DateField("事项日")
    due_on = models.DateField("应发日")
    sent_on = models.DateField("发出日", null=True, blank=True)
    sent_how = models.CharField("发出方式", max_length=8, choices=SentHow, blank=True)
    tracking = models.CharField("运单号", max_length=40, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发出人")
    dropped_on = models.DateField("不再需要", null=True, blank=True, help_text="未发出而中止已经结束：复效、终止")
    late_noted = models.BooleanField("已记逾期", default=False)

    objects = PolicyNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保单应发通知"
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on", "id"], name="policy_notice_open", condition=Q(sent_on__isnull=True, dropped_on__isnull=True)),
            models.Index(
                fields=["branch", "due_on", "id"], name="policy_notice_open_at", condition=Q(sent_on__isnull=True, dropped_on__isnull=True)
            ),
            models.Index(fields=["sent_on", "id"], name="policy_notice_sent", condition=Q(sent_on__isnull=False)),
            models.Index(fields=["branch", "sent_on", "id"], name="policy_notice_sent_at", condition=Q(sent_on__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["policy", "kind", "about"], name="policy_notice_once")]

    @property
    def number(self) -> str:
        """文书编号 of its letter."""
        return f"{self.policy.number}-T{self.pk}"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.due_on}"


class PolicySnapshot(models.Model):
    """出险日保单: the policy of the day of the event as the case found it, kept with the case, never changed."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="snapshots", verbose_name="保单")
    case_number = models.CharField("案件", max_length=40)
    day = models.DateField("日期")
    content = models.JSONField("内容")
    taken_at = models.DateTimeField("留存时间")

    class Meta:
        verbose_name = verbose_name_plural = "出险日保单"
        constraints = [models.UniqueConstraint(fields=["case_number", "policy", "day"], name="policy_snapshot_once")]

    def __str__(self) -> str:
        return f"{self.case_number} {self.day}"
