"""工作日历: our own table, because the usual library knows nothing of years that are not announced yet."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords


class CalendarDay(models.Model):
    """A day of the State Council's calendar: working or not, 调休 make-up days included (C-02)."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("工作日")
    name = models.CharField("名称", max_length=40, blank=True)
    note = models.CharField("备注", max_length=200, blank=True, help_text="如通知文号、更改原因")
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {'工作日' if self.is_workday else '休息日'}"
