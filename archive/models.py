"""案件在作业后: papers go out, money is released by a second person, the volume goes to its shelf."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q

from lifeops.cases.models import Case, CaseQuerySet
from lifeops.cases.needs import Needs, posted
from lifeops.cases.states import State
from lifeops.cases.stepping import step
from lifeops.org.models import Branch, Role, User


class ArchiveCase(Case):
    """案件在作业后."""

    desk = "archive"
    objects = CaseQuerySet.as_manager()

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "作业后案件"

    @step("发放", source=[State.APPROVED, State.DECLINED], target=State.RELEASED, needs=Needs(posted(Role.ISSUE)),
          form="archive.forms.ReleaseForm", key="s", tone="primary")
    def release(self, *, actor: User, now: datetime, how: str, to: str, courier_number: str = "", signed_on: date | None = None) -> None:
        from archive.services import release_papers

        self.note(papers=release_papers(case=self, actor=actor, now=now, how=how, to=to, courier_number=courier_number, signed_on=signed_on))

    @step("归档", source=[State.RELEASED, State.WITHDRAWN], target=State.ARCHIVED, needs=Needs(posted(Role.ARCHIVE)),
          form="archive.forms.FileForm", key="ctrl+enter", tone="primary")
    def file(self, *, actor: User, now: datetime, box: str, shelf: str, reason: str = "", **fields: Any) -> None:
        from archive.services import file_volume

        volume = file_volume(case=self, actor=actor, now=now, box=box, shelf=shelf, reason=reason)
        self.archived_at = now
        self.note(volume=volume.number, place=volume.place)


class Delivery(models.Model):
    """发放: how the papers of a case went to the customer, leg by leg."""

    class How(models.TextChoices):
        HAND = "hand", "面交"
        MAIL = "mail", "邮寄"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deliveries", verbose_name="案件")
    how = models.CharField("方式", max_length=10, choices=How)
    to = models.CharField("签收人", max_length=60)
    courier_number = models.CharField("快递单号", max_length=40, blank=True)
    sent_at = models.DateTimeField("寄出")
    signed_on = models.DateField("客户签收日", null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="经办人")

    class Meta:
        verbose_name = verbose_name_plural = "发放记录"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(how="mail") | ~Q(courier_number=""), name="delivery_mail_has_number")
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.to}"


class Volume(models.Model):
    """案卷: where the original is, in one line."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="volume", verbose_name="案件")
    number = models.CharField("卷号", max_length=40, unique=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", verbose_name="保管机构")
    box = models.CharField("盒号", max_length=20)
    shelf = models.CharField("架号", max_length=20)
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="归档人")
    filed_at = models.DateTimeField("归档时间")
    keep_until = models.DateField("保管至", null=True, blank=True, help_text="空为永久")
    gap_reason = models.CharField("不齐原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "案卷"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["branch", "box"], name="volume_box")]

    def __str__(self) -> str:
        return self.number

    @property
    def place(self) -> str:
        return f"{self.branch.short_name} · {self.shelf} 架 · {self.box} 盒"
