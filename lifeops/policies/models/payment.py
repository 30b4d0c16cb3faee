"""付款指令: from the sealed decision to the bank's answer. Made by one person, released by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from lifeops.org.models import Branch, User
from lifeops.policies.crypto import EncryptedTextField
from lifeops.policies.identity import mask_account
from lifeops.policies.models.policy import Policy


class PaymentState(models.TextChoices):
    """付款状态 (facts 1.4)."""

    READY = "ready", "待放行"
    RELEASED = "released", "支付中"
    SETTLED = "settled", "支付成功"
    RETURNED = "returned", "退票"
    CANCELLED = "cancelled", "已作废"


class PaymentKind(models.TextChoices):
    """What a payment is for; the rules of 客户尽职调查 differ by it (facts 3.8)."""

    REFUND = "refund", "退费"
    LOAN = "loan", "贷款"
    CLAIM = "claim", "理赔"
    BENEFIT = "benefit", "生存给付"
    OTHER = "other", "其他"


class Payment(models.Model):
    """付款指令. `seal` covers case, amount, payee and account: what was decided is what is paid."""

    number = models.CharField("指令号", max_length=50, unique=True)
    case_number = models.CharField("案件", max_length=40, db_index=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, related_name="payments", verbose_name="保单")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", verbose_name="机构")
    purpose = models.CharField("用途", max_length=40)
    kind = models.CharField("类别", max_length=8, choices=PaymentKind, default=PaymentKind.OTHER)
    third_party_reason = models.CharField("付给他人的原因", max_length=200, blank=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="付给他人的批准人"
    )
    payee = models.CharField("收款人", max_length=60)
    bank = models.CharField("开户行", max_length=60, blank=True)
    account = EncryptedTextField("账号", blank=True, default="")
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)
    state = models.CharField("状态", max_length=10, choices=PaymentState, default=PaymentState.READY)
    seal = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="经办")
    created_at = models.DateTimeField("生成时间")
    released_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="放行人"
    )
    released_at = models.DateTimeField("放行时间", null=True, blank=True)
    settled_at = models.DateTimeField("到账时间", null=True, blank=True)
    bank_reference = models.CharField("银行流水", max_length=60, blank=True)
    return_reason = models.CharField("退票原因", max_length=120, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="替代"
    )

    class Meta:
        verbose_name = verbose_name_plural = "付款指令"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("created_by")),
                name="payment_second_person_releases",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="payment_third_party_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ready", "cancelled"]) | Q(released_by__isnull=False),
                name="payment_out_only_when_released",
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "id"], name="payment_ready", condition=Q(state="ready")),
            models.Index(fields=["state", "branch", "-id"], name="payment_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.amount:,.2f} 元"

    @property
    def account_masked(self) -> str:
        return mask_account(self.account)
