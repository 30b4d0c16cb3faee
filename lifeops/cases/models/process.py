"""Process data of the desks that serve every line: the order of 录入 and 扫描, and 预审 findings."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from lifeops.cases.models.case import Case
from lifeops.cases.states import Channel, LineCode
from lifeops.org.models import LimitQuerySet, User


class CaptureOrder(models.TextChoices):
    ENTRY_FIRST = "entry_first", "先录入后扫描"
    SCAN_FIRST = "scan_first", "先扫描后录入"
    ANY = "any", "不分先后"


class ProcessRule(models.Model):
    """作业顺序: order of 录入 and 扫描 per line and channel, as data."""

    line = models.CharField("条线", max_length=20, choices=LineCode)
    channel = models.CharField("渠道", max_length=10, choices=Channel, blank=True, help_text="空为全部渠道")
    order = models.CharField("录入与扫描次序", max_length=20, choices=CaptureOrder, default=CaptureOrder.ANY)
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "作业顺序"
        constraints = [
            models.UniqueConstraint(fields=["line", "channel", "effective_from"], name="process_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_line_display()} {self.get_channel_display() or '全部渠道'}：{self.get_order_display()}"


class Finding(models.Model):
    """规则结果: what a rule found on a case, with the value and the limit it was held against.

    Kept per run; a warning that was overridden keeps who did so and why.
    """

    class Level(models.TextChoices):
        PASS = "pass", "通过"
        WARN = "warn", "提示"
        BLOCK = "block", "阻断"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="findings", verbose_name="案件")
    stage = models.CharField("环节", max_length=20)
    code = models.CharField("规则", max_length=20)
    level = models.CharField("级别", max_length=10, choices=Level)
    message = models.CharField("说明", max_length=200)
    value = models.CharField("实际", max_length=100, blank=True)
    limit = models.CharField("限值", max_length=100, blank=True)
    source = models.CharField("依据", max_length=60, blank=True)
    overridden_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="放行人"
    )
    override_reason = models.CharField("放行理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则结果"
        ordering = ["stage", "code"]
        constraints = [models.UniqueConstraint(fields=["case", "stage", "code"], name="finding_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.message}"

    @property
    def stands(self) -> bool:
        """True while it still holds the case back or warns."""
        return self.level == self.Level.BLOCK or (self.level == self.Level.WARN and not self.override_reason)
