"""红利公布: the rates a participating product credits, entered by one person and put in force by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from lifeops.org.models import Role, User
from lifeops.policies.models.product import Product

#: Who may look at what was declared; those of head office but the auditor act.
DIVIDEND_READERS = (Role.MANAGER, Role.APPROVER, Role.AUDITOR)


class DividendKind(models.TextChoices):
    CASH = "cash", "现金红利率"
    INTEREST = "interest", "累积利率"


class DividendBase(models.TextChoices):
    """What a cash dividend is a share of (M-13: declared rate × base)."""

    BASIC = "basic", "基本保险金额"
    VALUE = "value", "周年日现金价值"


class DividendState(models.TextChoices):
    OPEN = "open", "待批准"
    APPLIED = "applied", "已生效"
    REFUSED = "refused", "已驳回"


class DividendRate(models.Model):
    """A yearly rate for the policy anniversaries from `first_on` to `last_on`, both included. `spread` is False while policies
    whose anniversary has gone by are still to be looked at again by the day run, `spread_to` the last one that was."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="dividend_rates", verbose_name="险种")
    kind = models.CharField("种类", max_length=10, choices=DividendKind)
    base = models.CharField("基数", max_length=10, choices=DividendBase, blank=True)
    rate = models.DecimalField("年率", max_digits=8, decimal_places=6)
    first_on = models.DateField("周年日起")
    last_on = models.DateField("周年日止")
    reason = models.CharField("公布依据", max_length=100)
    state = models.CharField("状态", max_length=10, choices=DividendState, default=DividendState.OPEN)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="录入人")
    requested_at = models.DateTimeField("录入时间")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人")
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    decided_on = models.DateField("生效日", null=True, blank=True, help_text="批准之日；此前的周年日于此日补记")
    remark = models.CharField("批准意见", max_length=100, blank=True)
    spread = models.BooleanField("已通知保单", default=False)
    spread_to = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "红利公布"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["product", "first_on"], name="dividend_in_force", condition=Q(state="applied"))]
        constraints = [
            models.CheckConstraint(condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")), name="dividend_second_person"),
            models.CheckConstraint(condition=~Q(state="applied") | Q(decided_on__isnull=False, decided_by__isnull=False), name="dividend_applied_by"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=1), name="dividend_rate_in_range"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="dividend_ends_after_start"),
            models.CheckConstraint(condition=Q(kind="interest", base="") | Q(kind="cash") & ~Q(base=""), name="dividend_base_of_cash"),
        ]

    @property
    def rate_pct(self) -> str:
        """3.5 for a rate of 0.035."""
        return f"{(self.rate * 100).normalize():f}"

    def __str__(self) -> str:
        return f"{self.product} {self.get_kind_display()}"
