"""重复客户: proposed with reasons, merged by a second person, undone by two as well if it was wrong. And who looked behind a mask."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from lifeops.org.models import User
from lifeops.policies.models.party import Party


class DuplicateState(models.TextChoices):
    OPEN = "open", "待核"
    MERGED = "merged", "已合并"
    UNDOING = "undoing", "待撤销合并"
    DISMISSED = "dismissed", "非同一人"
    UNDONE = "undone", "已撤销合并"


class Duplicate(models.Model):
    """疑似重复: two rows that may be one person. `left` is the older one."""

    left = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", verbose_name="客户甲")
    right = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", verbose_name="客户乙")
    reasons = models.JSONField("依据", default=list)
    state = models.CharField("状态", max_length=10, choices=DuplicateState, default=DuplicateState.OPEN)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="提出人", help_text="空为夜间查重"
    )
    proposed_at = models.DateTimeField("提出时间")
    survivor = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="保留")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="核定人")
    decided_at = models.DateTimeField("核定时间", null=True)
    decision_reason = models.CharField("核定理由", max_length=200, blank=True)
    #: Rows that went over: [table, column, [keys]]; rows that were written for the survivor: [table, [keys]].
    moved = models.JSONField(default=list)
    written = models.JSONField(default=list)
    undo_asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="申请撤销人")
    undo_asked_at = models.DateTimeField("申请撤销时间", null=True)
    undo_reason = models.CharField("撤销理由", max_length=200, blank=True)
    #: Who decided on the undoing, whichever way (`state`).
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="撤销核定人")
    undone_at = models.DateTimeField("撤销核定时间", null=True)
    undo_remark = models.CharField("撤销核定理由", max_length=200, blank=True)
    #: Requests before this one that were not followed: [{asked_by, asked_at, reason, kept_by, kept_at, remark, taken_back}].
    undo_past = models.JSONField("先前的撤销申请", default=list, db_default=[], editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "疑似重复客户"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="duplicate_two_in_order"),
            models.CheckConstraint(
                condition=~Q(state__in=["merged", "undoing"]) | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="duplicate_second_person_merges",
            ),
            # those that one person had undone before two were asked for name nobody who asked
            models.CheckConstraint(
                condition=~Q(state="undone") | Q(undo_asked_by__isnull=True) | ~Q(undone_by=F("undo_asked_by")), name="duplicate_second_person_undoes"
            ),
            models.CheckConstraint(condition=~Q(state="undoing") | Q(undo_asked_by__isnull=False), name="duplicate_undoing_was_asked_for"),
            models.UniqueConstraint(fields=["left", "right"], condition=Q(state="open"), name="duplicate_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.left} / {self.right}"

    @property
    def proposer(self) -> str:
        return str(self.proposed_by) if self.proposed_by else "夜间查重"


class Reveal(models.Model):
    """查看完整信息: who looked at which value behind its mask, when and why. Only grows."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="reveals", verbose_name="客户")
    what = models.CharField("内容", max_length=30)
    label = models.CharField("名称", max_length=40)
    reason = models.CharField("事由", max_length=200)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="查看人")
    at = models.DateTimeField("时间")
    through = models.CharField("途径", max_length=4, choices=[("page", "页面"), ("api", "接口")])

    class Meta:
        verbose_name = verbose_name_plural = "查看记录"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["party", "-id"], name="reveal_of_party"), models.Index(fields=["actor", "at"], name="reveal_by")]

    def __str__(self) -> str:
        return f"{self.actor} {self.label}"
