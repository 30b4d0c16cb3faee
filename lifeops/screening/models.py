"""名单 and 命中: lists as data with their days, entered by one person and put in force by another; whom of a case or of the customers
they name (反洗钱法 40; 客户尽职调查办法 7, 25, 33, 39)."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from lifeops.org.models import Role, User
from lifeops.policies.crypto import EncryptedTextField
from lifeops.policies.identity import mask_id, normalise_id
from lifeops.policies.models import Declared, DeclaredState, IdType, Party
from lifeops.policies.models.blind import Blind, fill
from lifeops.policies.names import name_key

#: Who may look at lists and hits; those of head office but the auditor act.
READERS = (Role.MANAGER, Role.APPROVER, Role.AUDITOR)


class ListKind(models.TextChoices):
    """What a list is of. 政治公众人物: 特定自然人 of 办法 33, served with senior approval; the others are not served."""

    SANCTIONS = "sanctions", "制裁名单"
    TERROR = "terror", "恐怖活动名单"
    MAJOR = "major", "重大风险名单"
    COMPANY = "company", "公司黑名单"
    PEP = "pep", "政治公众人物"


class WatchListQuerySet(models.QuerySet["WatchList"]):
    def in_force(self, day: date) -> WatchListQuerySet:
        rows = self.filter(state=DeclaredState.APPLIED, effective_from__lte=day)
        return rows.filter(Q(effective_to__isnull=True) | Q(effective_to__gte=day))


class WatchList(Declared):
    """A version of a list: what `code` names, from a day to a day. A new version takes over from the one before. `scanned_to`: the
    entry up to which the customers in force have been held against it, `cases_to` the case up to which those in hand have."""

    called = "名单"

    code = models.CharField("名单代码", max_length=20)
    source = models.CharField("来源", max_length=60)
    kind = models.CharField("种类", max_length=12, choices=ListKind)
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    file_name = models.CharField("文件", max_length=120)
    entry_count = models.PositiveIntegerField("人数", default=0)
    reason = models.CharField("依据", max_length=100)
    scanned_to = models.BigIntegerField(default=0, editable=False)
    scanned_at = models.DateTimeField("存量筛查完成", null=True, blank=True, editable=False)
    #: Entries and cases that could not be gone through: tried again at each run.
    entries_left = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    #: The same of the cases in hand.
    cases_to = models.BigIntegerField(default=0, editable=False)
    cases_at = models.DateTimeField("在办案件筛查完成", null=True, blank=True, editable=False)
    cases_left = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)

    objects = WatchListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["code", "effective_from"], condition=~Q(state="refused"), name="watch_list_once_a_day"),
            models.CheckConstraint(condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")), name="watch_list_second_person"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")), name="watch_list_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}"

    @property
    def entries_waiting(self) -> int:
        """Of those in force: entries that could not be held against the customers and are tried again."""
        return len(self.entries_left)

    @property
    def cases_waiting(self) -> int:
        return len(self.cases_left)

    @property
    def is_pep(self) -> bool:
        return self.kind == ListKind.PEP


class WatchEntry(models.Model):
    """A person or organisation of a list. `keys`: present, former and foreign names as they are compared; the number is encrypted
    and found by its blind index, as that of a customer is."""

    watch_list = models.ForeignKey(WatchList, on_delete=models.CASCADE, related_name="entries", verbose_name="名单")
    row = models.PositiveIntegerField("行")
    name = models.CharField("姓名", max_length=60)
    also = ArrayField(models.CharField(max_length=60), verbose_name="曾用名、别名、外文名", default=list, blank=True)
    keys = ArrayField(models.CharField(max_length=60), default=list, editable=False)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType, blank=True)
    id_number = EncryptedTextField("证件号码", blank=True, default="")
    id_index = models.CharField(max_length=64, blank=True, editable=False)
    note = models.CharField("说明", max_length=100, blank=True)
    #: The same in every version of a list that names the same person: what was found out once holds on.
    mark = models.CharField(max_length=64, editable=False)
    blind = (Blind("id_index", "id_number", "party.id", normalise_id),)

    class Meta:
        verbose_name = verbose_name_plural = "名单人员"
        ordering = ["watch_list", "row"]
        indexes = [
            models.Index(fields=["id_index"], name="watch_entry_id", condition=~Q(id_index="")), GinIndex(fields=["keys"], name="watch_entry_keys"),
        ]  # fmt: skip
        constraints = [models.UniqueConstraint(fields=["watch_list", "row"], name="watch_entry_row_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def id_masked(self) -> str:
        return mask_id(self.id_number)

    def derive(self) -> None:
        """Columns that comparing needs, from the clear values."""
        self.id_number = normalise_id(self.id_number)
        self.keys = list(dict.fromkeys(key for key in map(name_key, (self.name, *self.also)) if key))
        said = "\x1f".join((self.watch_list.code, *sorted(self.keys), str(self.birth_date or "")))
        self.mark = hashlib.sha256(said.encode()).hexdigest()
        fill(self)


class Level(models.TextChoices):
    """How a person agrees with an entry, the closest first."""

    DOCUMENT = "document", "证件号码一致"
    BORN = "born", "姓名、出生日期一致"
    NAME = "name", "姓名一致"


class HitState(models.TextChoices):
    OPEN = "open", "待处理"
    CLEARED = "cleared", "已排除"
    CONFIRMED = "confirmed", "已确认"
    ENDED = "ended", "名单已失效"


#: What was found out, and not only run out.
JUDGED = (HitState.CLEARED, HitState.CONFIRMED)


class Hit(models.Model):
    """命中: a person of a case, or (`case_number` empty) a customer found when a list came into force, whom an entry may mean."""

    case_number = models.CharField("受理号", max_length=40, blank=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="watch_hits", verbose_name="客户")
    entry = models.ForeignKey(WatchEntry, on_delete=models.PROTECT, related_name="hits", verbose_name="名单人员")
    role = models.CharField("身份", max_length=20)
    name = models.CharField("姓名", max_length=60)
    #: The person, whether on file or not: without the number.
    person = models.CharField(max_length=64, editable=False)
    level = models.CharField("一致程度", max_length=10, choices=Level)
    found_at = models.DateTimeField("发现时间")
    state = models.CharField("处理", max_length=10, choices=HitState, default=HitState.OPEN)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    reason = models.CharField("处理理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "名单命中"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["-id"], name="watch_hit_open", condition=Q(state="open")),
            models.Index(fields=["person"], name="watch_hit_person"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["case_number", "entry", "person"], name="watch_hit_once"),
            models.CheckConstraint(
                condition=Q(state="open") | ~Q(reason="") & (Q(state="ended") | Q(decided_by__isnull=False)), name="watch_hit_decided_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.get_level_display()}"

    @property
    def number(self) -> str:
        """What a notice calls it: nothing of the person."""
        return f"名单命中 {self.pk}"


__all__: list[Any] = ["JUDGED", "READERS", "Hit", "HitState", "Level", "ListKind", "WatchEntry", "WatchList"]
