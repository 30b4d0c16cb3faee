"""看板计数: what the case table would answer if it were counted, kept by triggers of the case table itself.

A change of a case appends rows of difference (`TallyDelta`, `FlowDelta`): nobody waits for anybody, and a rollback takes
its differences with it. A task folds them into `Tally` and `Flow`. The truth at any moment is folded rows + differences.
"""

from __future__ import annotations

from django.db import models

from lifeops.cases.states import Holder, LineCode, State
from lifeops.org.models import Branch


class TallyKey(models.Model):
    """Where a case stands, as far as boards ask."""

    state = models.CharField("状态", max_length=20, choices=State)
    line = models.CharField("条线", max_length=20, choices=LineCode)
    item = models.CharField("业务项目", max_length=10)
    # the case row has already proven the unit; a second check per difference would only cost
    branch = models.ForeignKey(
        Branch, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name="机构"
    )
    holder_party = models.CharField("持有方", max_length=10, choices=Holder)
    number = models.BigIntegerField("件数")

    class Meta:
        abstract = True


class Tally(TallyKey):
    """存量: cases per state, line, item, unit and holder, without what still lies in `TallyDelta`."""

    class Meta:
        verbose_name = verbose_name_plural = "案件存量"
        constraints = [
            models.UniqueConstraint(fields=["branch", "state", "line", "item", "holder_party"], name="tally_once")
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.state} {self.number}"


class TallyDelta(TallyKey):
    """Differences not folded yet."""

    class Meta:
        verbose_name = verbose_name_plural = "案件存量变动"

    def __str__(self) -> str:
        return f"{self.line} {self.state} {self.number:+d}"


class FlowKey(models.Model):
    """What happened on a day: came in (受理), decided (决定，含撤件), went out (归档). Days of Asia/Shanghai."""

    day = models.DateField("日期")
    line = models.CharField("条线", max_length=20, choices=LineCode)
    branch = models.ForeignKey(
        Branch, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name="机构"
    )
    came_in = models.BigIntegerField("进")
    decided = models.BigIntegerField("决定")
    went_out = models.BigIntegerField("出")

    class Meta:
        abstract = True


class Flow(FlowKey):
    """日流量 per line, unit and day, without what still lies in `FlowDelta`."""

    class Meta:
        verbose_name = verbose_name_plural = "日流量"
        constraints = [models.UniqueConstraint(fields=["day", "branch", "line"], name="flow_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.line} +{self.came_in} −{self.went_out}"


class FlowDelta(FlowKey):
    """Differences not folded yet."""

    class Meta:
        verbose_name = verbose_name_plural = "日流量变动"

    def __str__(self) -> str:
        return f"{self.day} {self.line} {self.came_in:+d} {self.went_out:+d}"
