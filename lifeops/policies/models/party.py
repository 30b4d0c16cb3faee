"""客户: one row per person. Numbers are encrypted; they are found by blind indexes and shown masked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate

from lifeops.org.models import User
from lifeops.org.text import visible
from lifeops.policies.crypto import EncryptedTextField, blind_indexes
from lifeops.policies.identity import mask_id, mask_phone, normalise_id, normalise_phone
from lifeops.policies.models.blind import Blind, fill, tail, written_alone
from lifeops.policies.rules.dates import age_on


class Sex(models.TextChoices):
    MALE = "M", "男"
    FEMALE = "F", "女"


class IdType(models.TextChoices):
    """证件类型."""

    RESIDENT = "resident", "居民身份证"
    FOREIGN_RESIDENT = "foreign_resident", "外国人永久居留身份证"
    HMT_RESIDENT = "hmt_resident", "港澳台居民居住证"
    PASSPORT = "passport", "护照"
    HOUSEHOLD = "household", "户口簿"
    BIRTH = "birth", "出生医学证明"
    HM_PERMIT = "hm_permit", "港澳居民来往内地通行证"
    TW_PERMIT = "tw_permit", "台湾居民来往大陆通行证"
    USCC = "uscc", "统一社会信用代码"


class PartyKind(models.TextChoices):
    PERSON = "person", "个人"
    ORGANISATION = "organisation", "单位"


#: What two rows are compared by (`services.merging.candidates`).
TELLING_APART = frozenset({"kind", "name", "sex", "birth_date", "id_type", "id_number", "phone", "died_on", "merged_into"})


class PartyQuerySet(models.QuerySet["Party"]):
    def visible_to(self, user: User) -> PartyQuerySet:
        """Customers are company-wide for people who work on cases, masked on screen; others see none."""
        from lifeops.org.models import CASELESS_ROLES

        roles = {p.role for p in user.active_postings()}
        return self if roles - set(CASELESS_ROLES) else self.none()

    def with_id(self, number: str) -> PartyQuerySet:
        """Exact identity number, through the blind index: of the present document or of a further one. A customer that
        was merged into another is found as that other."""
        from lifeops.policies.models.particulars import further_holders

        indexes = blind_indexes("party.id", normalise_id(number))
        return self.filter(Q(id_index__in=indexes) | Q(pk__in=further_holders(indexes)), merged_into__isnull=True)

    def called(self, name: str, column: str = "name") -> PartyQuerySet:
        """Customers whose name (pinyin, initials) is just this; compared as the index of that column compares."""
        return self.alias(key=Collate(column, "C")).filter(key=name)

    def present(self) -> PartyQuerySet:
        """Without those that were merged into another."""
        return self.filter(merged_into__isnull=True)


class Party(models.Model):
    """客户 (投保人、被保险人、受益人、申请人 …). The columns hold the present particulars; further and former ones are in
    `particulars`."""

    kind = models.CharField("类别", max_length=12, choices=PartyKind, default=PartyKind.PERSON, db_default="person")
    name = models.CharField("姓名", max_length=60)
    pinyin = models.CharField("拼音", max_length=120, blank=True, editable=False)
    initials = models.CharField("拼音首字母", max_length=30, blank=True, editable=False)
    sex = models.CharField("性别", max_length=1, choices=Sex, blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType, default=IdType.RESIDENT)
    id_number = EncryptedTextField("证件号码", blank=True, default="")
    id_index = models.CharField(max_length=64, blank=True, editable=False)
    id_tail_index = models.CharField(max_length=64, blank=True, editable=False)
    id_valid_to = models.DateField("证件有效期至", null=True, blank=True, help_text="空为长期")
    phone = EncryptedTextField("电话", blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, editable=False)
    phone_tail_index = models.CharField(max_length=64, blank=True, editable=False)
    email = EncryptedTextField("电子邮箱", blank=True, default="")
    address = EncryptedTextField("联系地址", blank=True, default="")
    postcode = models.CharField("邮编", max_length=6, blank=True)
    occupation_code = models.CharField("职业代码", max_length=10, blank=True)
    occupation_class = models.PositiveSmallIntegerField("职业类别", default=1)
    has_social_insurance = models.BooleanField("有基本医疗保险", default=True)
    died_on = models.DateField("身故日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged", editable=False, verbose_name="已并入"
    )
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    #: New or changed in what tells people apart, and not yet compared with the others by the nightly run.
    to_compare = models.BooleanField("待查重", default=True, db_default=True, editable=False)

    blind = (
        Blind("id_index", "id_number", "party.id"), Blind("id_tail_index", "id_number", "party.id.tail", tail),
        Blind("phone_index", "phone", "party.phone"), Blind("phone_tail_index", "phone", "party.phone.tail", tail),
    )  # fmt: skip
    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "客户"
        ordering = ["-pk"]
        indexes = [
            # in the order in which a search takes them: who is called so, then whose name begins so, the newest first
            models.Index(Collate("name", "C"), models.F("id").desc(), name="party_name_order"),
            models.Index(Collate("pinyin", "C"), models.F("id").desc(), name="party_pinyin_order"),
            models.Index(Collate("initials", "C"), models.F("id").desc(), name="party_initials_order"),
            models.Index(fields=["id_tail_index", "-id"], name="party_id_tail_order", condition=~Q(id_tail_index="")),
            models.Index(fields=["phone_index"], name="party_phone", condition=~Q(phone_index="")),
            models.Index(fields=["phone_tail_index", "-id"], name="party_phone_tail_order", condition=~Q(phone_tail_index="")),
            # whom the night compares: of those who are called alike, those born on the same day
            models.Index(models.F("birth_date"), Collate("name", "C"), name="party_born_called", condition=Q(birth_date__isnull=False)),
            models.Index(fields=["id"], name="party_to_compare", condition=Q(to_compare=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_type", "id_index"], condition=~Q(id_index=""), name="party_identity_once"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")), name="party_not_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.reindex()
        fields = kwargs.get("update_fields")
        if fields is None or TELLING_APART & {*fields}:
            self.to_compare = True
        if fields is not None:
            kwargs["update_fields"] = {*fields, *self.derived(), "to_compare"}
        with written_alone(self, type(self).objects.all(), "party_identity_once"):
            super().save(*args, **kwargs)

    @staticmethod
    def derived() -> tuple[str, ...]:
        return ("pinyin", "initials", "id_index", "id_tail_index", "phone_index", "phone_tail_index")

    def reindex(self) -> None:
        """Columns that searching needs, from the clear values."""
        from lifeops.policies.names import initials_of, pinyin_of

        self.name = visible(self.name).strip()
        self.id_number, self.phone = normalise_id(self.id_number), normalise_phone(self.phone)
        self.pinyin, self.initials = pinyin_of(self.name), initials_of(self.name)
        fill(self)

    @property
    def is_organisation(self) -> bool:
        return self.kind == PartyKind.ORGANISATION

    @property
    def id_masked(self) -> str:
        return mask_id(self.id_number)

    @property
    def phone_masked(self) -> str:
        return mask_phone(self.phone)

    def age(self, on: date) -> int | None:
        """周岁 on a day, None when the birth date is unknown."""
        return age_on(self.birth_date, on) if self.birth_date else None
