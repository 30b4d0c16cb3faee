"""案件在理赔: the proxy with its steps, the claim as keyed, the decision."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from lifeops.cases.decisions import Decision
from lifeops.cases.models import Case
from lifeops.cases.review import ReviewSteps
from lifeops.policies.crypto import EncryptedTextField
from lifeops.policies.identity import mask_account


class ClaimCase(ReviewSteps, Case):
    """案件在理赔."""

    desk = "claims"

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "理赔案件"


class Cause(models.TextChoices):
    """出险原因."""

    ILLNESS = "illness", "疾病"
    ACCIDENT = "accident", "意外伤害"
    SUICIDE = "suicide", "自杀"
    CRIME = "crime", "故意犯罪"
    DRUNK = "drunk", "酒后驾驶"


class Claim(models.Model):
    """理赔申请 as keyed. Amounts in 元; `expenses` rows {category, invoiced, non_covered, over_limit}."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name="案件")
    event_on = models.DateField("出险日期")
    cause = models.CharField("出险原因", max_length=10, choices=Cause)
    description = models.TextField("事故经过", blank=True)
    diagnosis = models.CharField("诊断", max_length=100, blank=True)
    hospital = models.CharField("医院", max_length=100, blank=True)
    admitted_on = models.DateField("入院日期", null=True, blank=True)
    discharged_on = models.DateField("出院日期", null=True, blank=True)
    benefit = models.CharField("适用责任", max_length=30, blank=True, db_default="", help_text="条款对特定事故另有责任，或有几项责任时选择")
    had_capacity = models.BooleanField("事发时有民事行为能力", default=True)
    paid_elsewhere_on_minor = models.DecimalField("其他公司未成年人身故给付（元）", max_digits=14, decimal_places=2, default=0)
    expenses = models.JSONField("费用", default=list)
    social_insurance = models.DecimalField("医保已支付（元）", max_digits=14, decimal_places=2, default=0)
    other_paid = models.DecimalField("其他途径已补偿（元）", max_digits=14, decimal_places=2, default=0)
    ss_used = models.BooleanField("已使用医保", default=True)
    payee = models.CharField("领款人", max_length=60)
    payee_relation = models.CharField("与被保险人关系", max_length=20, blank=True)
    payee_bank = models.CharField("开户行", max_length=60)
    payee_account = EncryptedTextField("账号", default="", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "理赔申请"
        constraints = [
            models.CheckConstraint(
                condition=Q(discharged_on__isnull=True) | Q(discharged_on__gte=F("admitted_on")),
                name="claim_discharged_after_admitted",
            ),
            models.CheckConstraint(
                condition=Q(social_insurance__gte=0, other_paid__gte=0, paid_elsewhere_on_minor__gte=0),
                name="claim_amounts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}"

    @property
    def account_masked(self) -> str:
        return mask_account(self.payee_account)


class ClaimDecision(Decision):
    """理赔结论."""

    class Meta(Decision.Meta):
        verbose_name = verbose_name_plural = "理赔结论"
