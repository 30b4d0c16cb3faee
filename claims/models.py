"""案件在理赔: the proxy with its steps, the claim as keyed, the decision."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from claims.grounds import ENDING
from lifeops.cases.decisions import Decision
from lifeops.cases.models import Case
from lifeops.cases.review import ReviewSteps
from lifeops.policies.crypto import EncryptedTextField, seal, seal_fits
from lifeops.policies.identity import mask_account
from lifeops.policies.services.rescinding import last_day


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


class RefundTo(models.TextChoices):
    """退还的款项: paid, or left for the policyholder to collect."""

    ACCOUNT = "account", "付至收款账户"
    WAIT = "wait", "列为待领款项（收款人未提供账户）"


class ClaimDecision(Decision):
    """理赔结论. Of one that ends the contract: `known_on`, on which the company knew of the ground (保险法 16 ¶3), `serious`, that what
    was not disclosed had a serious influence on the event (¶5), and to whom the refund goes."""

    known_on = models.DateField("知道解除事由之日", null=True, blank=True)
    serious = models.BooleanField("未告知事项对事故有严重影响", default=False, db_default=False)
    refund_to = models.CharField("退还方式", max_length=10, choices=RefundTo, blank=True, default="", db_default="")
    refund_payee = models.CharField("退还收款人", max_length=60, blank=True, default="", db_default="")
    refund_relation = models.CharField("与死者的关系", max_length=20, blank=True, default="", db_default="")
    refund_bank = models.CharField("退还开户行", max_length=60, blank=True, default="", db_default="")
    refund_account = EncryptedTextField("退还账号", default="", blank=True, db_default="")

    class Meta(Decision.Meta):
        verbose_name = verbose_name_plural = "理赔结论"

    @property
    def ends(self) -> bool:
        """The contract ends without a benefit."""
        return self.outcome in ENDING

    def compute_seal(self) -> str:
        """Also over what belongs to the end of the contract, where it ends: other decisions keep their seal. Keyed, for the account is
        in it."""
        own = super().compute_seal()
        return seal(self._parts(own)) if self.ends else own

    def seal_holds(self) -> bool:
        return seal_fits(self.seal, self._parts(super().compute_seal())) if self.ends else super().seal_holds()

    def _parts(self, own: str) -> list[str]:
        return [own, str(self.known_on), str(self.serious), self.refund_to, self.refund_payee, self.refund_relation, self.refund_bank, self.refund_account]

    @property
    def particulars(self) -> list[tuple[str, str]]:
        """What else was concluded, masked."""
        if not self.ends:
            return []
        found = []
        if self.known_on:
            last = last_day(self.case.contract, self.known_on)
            found.append(("知道解除事由之日", f"{self.known_on}，最迟 {last} 解除"))
        if self.serious:
            found.append(("严重影响", "未告知事项对事故的发生有严重影响"))
        if self.refund_to == RefundTo.WAIT:
            found.append(("退还方式", "列为待领款项"))
        elif self.refund_payee:
            relation = f"（{self.refund_relation}）" if self.refund_relation else ""
            found.append(("退还收款人", f"{self.refund_payee}{relation}，{self.refund_bank}，{mask_account(self.refund_account)}"))
        return found
