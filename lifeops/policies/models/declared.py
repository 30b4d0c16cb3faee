"""What one person at head office enters for the whole company and another puts in force or refuses."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from lifeops.org.models import User


class DeclaredState(models.TextChoices):
    OPEN = "open", "待批准"
    APPLIED = "applied", "已生效"
    REFUSED = "refused", "已驳回"


class Declared(models.Model):
    """Who entered it and when, who decided on it and how. That they are two persons each table sees to by a constraint of its own."""

    #: What it is called where a decision is refused.
    called: ClassVar[str]

    state = models.CharField("状态", max_length=10, choices=DeclaredState, default=DeclaredState.OPEN)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="录入人")
    requested_at = models.DateTimeField("录入时间")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人")
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    remark = models.CharField("批准意见", max_length=100, blank=True)

    class Meta:
        abstract = True
