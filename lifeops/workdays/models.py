"""工作日历: our own table, because the usual library knows nothing of years that are not announced yet."""

from __future__ import annotations

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


class CalendarDay(models.Model):
    """A day of the State Council's calendar: working or not, 调休 make-up days included."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("工作日")
    name = models.CharField("名称", max_length=40, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {'工作日' if self.is_workday else '休息日'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        from lifeops.workdays.calendar import forget_calendar

        super().save(*args, **kwargs)
        forget_calendar()
