"""款项追回: that money which came in settles what was paid out and was not due, said by one person and approved by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from lifeops.policies.models.declared import Declared
from lifeops.policies.models.policy import Policy


class Recovery(Declared):
    """`amount` in 元 of the receipt `reference`. The book is as it was until it is approved."""

    called = "款项追回"

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="recoveries", verbose_name="保单")
    reference = models.CharField("收款流水号", max_length=57)
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)
    reason = models.CharField("由谁返还及依据", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "款项追回"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="recovery_of_something"),
            models.CheckConstraint(condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")), name="recovery_second_person"),
            models.CheckConstraint(condition=Q(state="open") | Q(decided_by__isnull=False), name="recovery_decided_by"),
            models.UniqueConstraint(fields=["policy"], condition=Q(state="open"), name="recovery_open_once"),
        ]

    def __str__(self) -> str:
        return f"追回 {self.reference}"
