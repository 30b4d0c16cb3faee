"""保单账: double entry per policy. Debit is positive, credit negative; the lines of an entry add up to nothing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lifeops.policies.models.policy import Policy


class Account(models.TextChoices):
    """科目. Down to 待追回款 they are what a policy owes or is owed; the rest says why."""

    RECEIVABLE = "receivable", "应收保费"
    RECEIVED = "received", "实收"
    SUSPENSE = "suspense", "暂收"
    PAYABLE = "payable", "应付"
    PAID = "paid", "实付"
    LOAN = "loan", "保单贷款"
    APL = "apl", "自动垫交"
    DIVIDEND = "dividend", "累积红利"
    RECOVERABLE = "recoverable", "待追回款"
    PREMIUM = "premium", "保费收入"
    INTEREST = "interest", "利息收入"
    FEE = "fee", "工本费收入"
    SURRENDER = "surrender", "退保支出"
    BENEFIT = "benefit", "给付支出"
    BONUS = "bonus", "红利支出"
    OPENING = "opening", "期初"


class PayableKind(models.TextChoices):
    """应付种类: what it is that stands as 应付 until a case takes it over. The first two are the insured's, the last is of whom a
    death benefit is due to, the others are the policyholder's."""

    SURVIVAL = "survival", "生存金"
    MATURITY = "maturity", "满期金"
    VALUE = "value", "届满现金价值"
    DIVIDEND = "dividend", "到期红利"
    LEFT = "left", "合同终止余款"
    SUPPLEMENT = "supplement", "待补付身故保险金"


class LedgerEntry(models.Model):
    """凭证. Never changed, never deleted; a mistake is reversed by another entry."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="ledger", verbose_name="保单")
    on = models.DateField("记账日")
    text = models.CharField("摘要", max_length=60)
    case_number = models.CharField("案件", max_length=40, blank=True)
    payment_number = models.CharField("付款指令", max_length=50, blank=True)
    key = models.CharField(max_length=60, blank=True, editable=False, help_text="同一事项只记一次")
    kind = models.CharField(
        "应付种类", max_length=10, choices=PayableKind, blank=True, default="", db_default="", help_text="尚未归案件的应付是什么款项"
    )
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "保单凭证"
        ordering = ["policy", "on", "pk"]
        indexes = [models.Index(fields=["policy", "on", "id"], name="ledger_policy_on")]
        constraints = [models.UniqueConstraint(fields=["policy", "key"], condition=~Q(key=""), name="ledger_key_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.text}"


class LedgerLine(models.Model):
    """分录 in 元: debit > 0, credit < 0. A deferred trigger refuses an entry whose lines do not balance."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="lines", verbose_name="凭证")
    account = models.CharField("科目", max_length=12, choices=Account)
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "分录"
        ordering = ["entry", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_line_not_zero"),
            models.CheckConstraint(condition=Q(account__in=Account.values), name="ledger_account_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_account_display()} {self.amount}"
