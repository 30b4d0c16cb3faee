"""时效: rules as data with effective dates, and the clocks they start on a case."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from lifeops.cases.models.case import Case
from lifeops.cases.states import Holder, LineCode
from lifeops.org.models import LimitQuerySet


class Unit(models.TextChoices):
    """时效单位."""

    NATURAL_DAY = "ND", "自然日"
    WORKING_DAY = "WD", "工作日"
    WORKING_HOUR = "WH", "工作小时"


class ClockKind(models.TextChoices):
    STATUTORY = "statutory", "法定时效"
    INTERNAL = "internal", "内部目标"


class StartFrom(models.TextChoices):
    """What the period counts from when the starting step happens."""

    EVENT = "event", "步骤发生时"
    SUBMITTED = "submitted", "递交日"
    #: Only where the step says it.
    KNOWN = "known", "知道解除事由之日"


class ClockRule(models.Model):
    """时效规则 (facts 3.4). A changed rule is a new row from a day; clocks keep the row they were started by.

    `start_on` and `stop_on` name steps (`pass_precheck`), states entered (`state:approved`) or the way between two
    (`approved>released`), comma separated.
    """

    code = models.CharField("代码", max_length=30)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("性质", max_length=10, choices=ClockKind, default=ClockKind.STATUTORY)
    line = models.CharField("条线", max_length=20, choices=LineCode, blank=True, help_text="空为全部条线")
    items = ArrayField(
        models.CharField(max_length=10), verbose_name="业务项目", default=list, blank=True, help_text="空为全部项目"
    )
    start_on = models.CharField("起算步骤", max_length=200)
    start_from = models.CharField("起算时点", max_length=10, choices=StartFrom, default=StartFrom.EVENT)
    stop_on = models.CharField("停止步骤", max_length=200)
    amount = models.PositiveIntegerField("期限")
    unit = models.CharField("单位", max_length=2, choices=Unit)
    complex_amount = models.PositiveIntegerField("复杂案件期限", null=True, blank=True)
    complex_unit = models.CharField("复杂案件单位", max_length=2, choices=Unit, blank=True)
    pause_parties = ArrayField(
        models.CharField(max_length=10, choices=Holder),
        verbose_name="暂停计时的持有方",
        default=list,
        blank=True,
        help_text="案件由这些方持有时不计时",
    )
    warn_ratio = models.DecimalField("预警比例", max_digits=3, decimal_places=2, default=Decimal("0.80"))
    source = models.CharField("依据", max_length=100, blank=True)
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "时效规则"
        ordering = ["line", "code", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "line", "effective_from"], name="clock_rule_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="clock_rule_positive"),
            models.CheckConstraint(condition=Q(warn_ratio__gt=0, warn_ratio__lt=1), name="clock_rule_warn_ratio"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="clock_rule_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.amount} {self.get_unit_display()}）"

    def applies_to(self, case: Case, day: date) -> bool:
        return (
            (not self.line or self.line == case.line)
            and (not self.items or case.item in self.items)
            and self.effective_from <= day
            and (self.effective_to is None or self.effective_to >= day)
        )


class LadderStep(models.Model):
    """升级阶梯: after a breach, whom to tell next. `after` counts working days from the due time."""

    class Reader(models.TextChoices):
        HANDLER = "handler", "经办人"
        HEAD = "head", "机构主管/运营主管"
        TOP = "top", "机构负责人/总部运营主管"

    kind = models.CharField("性质", max_length=10, choices=ClockKind)
    level = models.PositiveSmallIntegerField("级", help_text="1 预警，2 到期，3 起为升级")
    after_workdays = models.PositiveSmallIntegerField("到期后工作日", default=0)
    readers = ArrayField(models.CharField(max_length=10, choices=Reader), verbose_name="通知")
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "升级阶梯"
        ordering = ["kind", "level"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "level", "effective_from"], name="ladder_once"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=9), name="ladder_level_1_to_9"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第 {self.level} 级"


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> ClockQuerySet:
        return self.filter(stopped_at__isnull=True)

    def due_for_a_level(self, now: datetime) -> ClockQuerySet:
        """Clocks whose next level has come: found by partial index, cost grows with what is due."""
        return self.filter(stopped_at__isnull=True, next_at__lte=now)


class Clock(models.Model):
    """时钟: a rule running on a case. Its times are a function of custody, calendar and rule (`cases.clocks`)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks", verbose_name="案件")
    rule = models.ForeignKey(ClockRule, on_delete=models.PROTECT, related_name="clocks", verbose_name="规则")
    started_at = models.DateTimeField("起算")
    due_at = models.DateTimeField("到期")
    legal_due_on = models.DateField("法定顺延日")
    warn_at = models.DateTimeField("预警")
    paused = models.BooleanField("暂停中", default=False)
    stopped_at = models.DateTimeField("停止", null=True, blank=True)
    level = models.PositiveSmallIntegerField("已到级别", default=0)
    next_at = models.DateTimeField("下一级", null=True, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "时钟"
        ordering = ["due_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "rule"], name="clock_runs_once", condition=Q(stopped_at__isnull=True)
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], name="clock_next", condition=Q(stopped_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule.name} {self.case}"

    @property
    def was_late(self) -> bool:
        return self.stopped_at is not None and self.stopped_at >= self.due_at

    def standing(self, now: datetime) -> dict[str, Any]:
        """What the clock part of a screen shows at `now`: level (ok, warn, over, paused, stopped, late)."""
        if self.stopped_at is not None:
            level = "late" if self.was_late else "stopped"
        elif self.paused:
            level = "paused"
        elif now >= self.due_at:
            level = "over"
        else:
            level = "warn" if now >= self.warn_at else "ok"
        return {"id": self.pk, "label": self.rule.name, "level": level, "due_at": self.due_at, "kind": self.rule.kind}
