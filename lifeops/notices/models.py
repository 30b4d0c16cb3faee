"""通知: what a colleague has been told, once."""

from __future__ import annotations

from django.db import models

from lifeops.org.models import User


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> NoticeQuerySet:
        return self.filter(recipient=user)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """站内通知. (recipient, key) is unique: however often a task runs, a person is told once."""

    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices", verbose_name="收件人", db_index=False)
    key = models.CharField(max_length=80)
    title = models.CharField("标题", max_length=120)
    body = models.CharField("内容", max_length=400, blank=True)
    url = models.CharField(max_length=200, blank=True)
    case_number = models.CharField("受理号", max_length=40, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("已读", null=True, blank=True)
    mailed_at = models.DateTimeField("邮件送出", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
            models.Index(fields=["recipient", "-id"], name="notice_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["id"], name="notice_to_mail", condition=models.Q(mailed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.title
