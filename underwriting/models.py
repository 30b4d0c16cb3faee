"""案件在核保: the proxy with its steps, the proposal as keyed, the decision, the limits as data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from lifeops.cases.decisions import Decision
from lifeops.cases.models import Case
from lifeops.cases.review import ReviewSteps
from lifeops.org.models import LimitQuerySet
from lifeops.policies.crypto import EncryptedJSONField, EncryptedTextField
from lifeops.policies.identity import mask_account, mask_address, mask_id, mask_phone, normalise_id, normalise_phone
from lifeops.policies.models import DividendOption, IdType, ProductVersion, Sex
from lifeops.policies.models.blind import Blind, fill
from lifeops.policies.models.policy import PayMode, Relation


class UnderwritingCase(ReviewSteps, Case):
    """案件在核保."""

    desk = "underwriting"

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "新契约案件"


class EncryptedRowsField(EncryptedTextField):
    """A list of rows that is clear in Python and encrypted in the database."""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(value or [], ensure_ascii=False))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return json.loads(super().from_db_value(value, expression, connection) or "[]")


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """投保人 or 被保险人 as written on the paper."""

    name: str
    sex: str
    birth_date: date | None
    id_type: str
    id_number: str
    id_valid_to: date | None
    phone: str
    address: str
    occupation: str
    occupation_class: int
    income: Decimal

    @property
    def is_organisation(self) -> bool:
        return self.id_type == IdType.USCC

    @property
    def sex_label(self) -> str:
        return Sex(self.sex).label if self.sex else "单位"

    @property
    def id_masked(self) -> str:
        return mask_id(self.id_number)

    @property
    def phone_masked(self) -> str:
        return mask_phone(self.phone)

    @property
    def address_masked(self) -> str:
        return mask_address(self.address)


PARTICULARS = tuple(Particulars.__dataclass_fields__)
OCCUPATION_CLASSES = [(0, "拒保职业"), *((n, f"{n} 类") for n in range(1, 7))]


class Proposal(models.Model):
    """投保单 as keyed. Amounts in 元. For 本人 both persons carry the same values. The policyholder may be a 单位, known by its
    统一社会信用代码, which has neither sex, birth date, occupation nor income; who acts for it is the 经办人 of the case.

    `beneficiaries` rows {name, relation, order, share_pct, id_number}; `health` rows {code, answer, note} against the
    questions of `questionnaire`.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name="案件")
    holder_name = models.CharField("投保人姓名", max_length=60)
    holder_sex = models.CharField("投保人性别", max_length=1, choices=Sex, blank=True)
    holder_birth_date = models.DateField("投保人出生日期", null=True, blank=True, help_text="单位为空")
    holder_id_type = models.CharField("投保人证件类型", max_length=20, choices=IdType, default=IdType.RESIDENT)
    holder_id_number = EncryptedTextField("投保人证件号码")
    holder_id_valid_to = models.DateField("投保人证件有效期至", null=True, blank=True)
    holder_phone = EncryptedTextField("投保人手机")
    holder_address = EncryptedTextField("投保人地址")
    holder_occupation = models.CharField("投保人职业", max_length=120, blank=True, default="")
    holder_occupation_class = models.PositiveSmallIntegerField("投保人职业类别", choices=OCCUPATION_CLASSES)
    holder_income = models.DecimalField("投保人年收入（元）", max_digits=14, decimal_places=2)
    relation = models.CharField("被保险人是投保人的", max_length=12, choices=Relation)
    insured_name = models.CharField("被保险人姓名", max_length=60)
    insured_sex = models.CharField("被保险人性别", max_length=1, choices=Sex)
    insured_birth_date = models.DateField("被保险人出生日期")
    insured_id_type = models.CharField("被保险人证件类型", max_length=20, choices=IdType, default=IdType.RESIDENT)
    insured_id_number = EncryptedTextField("被保险人证件号码")
    #: Made as on 客户: proposals of one person are found before the person is on file.
    insured_index = models.CharField(max_length=64, editable=False)
    insured_id_valid_to = models.DateField("被保险人证件有效期至", null=True, blank=True)
    insured_phone = EncryptedTextField("被保险人手机", blank=True, default="")
    insured_address = EncryptedTextField("被保险人地址", blank=True, default="")
    insured_occupation = models.CharField("被保险人职业", max_length=120, blank=True, default="")
    insured_occupation_class = models.PositiveSmallIntegerField("被保险人职业类别", choices=OCCUPATION_CLASSES)
    insured_income = models.DecimalField("被保险人年收入（元）", max_digits=14, decimal_places=2, default=0)
    consented = models.BooleanField("被保险人书面同意并认可保险金额", default=False)
    parents_consented = models.BooleanField("父母同意（其他监护人投保）", default=False)
    beneficiaries = EncryptedRowsField("身故受益人", default=list, blank=True)
    version = models.ForeignKey(ProductVersion, on_delete=models.PROTECT, related_name="+", verbose_name="险种版本")
    sum_assured = models.DecimalField("基本保险金额（元）", max_digits=14, decimal_places=2)
    cover_term = models.CharField("保险期间", max_length=12)
    pay_term = models.CharField("交费期间", max_length=12)
    pay_mode = models.CharField("交费方式", max_length=12, choices=PayMode)
    premium_stated = models.DecimalField("每期保险费（元）", max_digits=14, decimal_places=2)
    dividend_option = models.CharField("红利领取方式", max_length=10, choices=DividendOption, blank=True, default="", db_default="")
    account_bank = models.CharField("交费开户行", max_length=60)
    account_number = EncryptedTextField("交费账号")
    questionnaire = models.CharField("告知版本", max_length=12)
    health = EncryptedJSONField("健康告知", default=list)
    height_cm = models.DecimalField("身高（厘米）", max_digits=4, decimal_places=1)
    weight_kg = models.DecimalField("体重（公斤）", max_digits=4, decimal_places=1)
    other_death_cover = models.DecimalField("其他公司身故保额（元）", max_digits=14, decimal_places=2, default=0)
    agent_code = models.CharField("代理人工号", max_length=20, blank=True)
    applied_on = models.DateField("投保单签署日期")
    blind = (Blind("insured_index", "insured_id_number", "party.id", normalise_id),)

    class Meta:
        verbose_name = verbose_name_plural = "投保单"
        indexes = [models.Index(fields=["insured_index", "-case"], name="proposal_of_insured")]
        constraints = [
            models.CheckConstraint(
                condition=Q(sum_assured__gt=0, premium_stated__gt=0, height_cm__gt=0, weight_kg__gt=0),
                name="proposal_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(other_death_cover__gte=0, holder_income__gte=0, insured_income__gte=0),
                name="proposal_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(holder_id_type=IdType.USCC, relation__in=["employee", "other"]) | (~Q(holder_id_type=IdType.USCC) & Q(holder_birth_date__isnull=False)),
                name="proposal_holder_is_a_person_or_an_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        for who in ("holder", "insured"):
            setattr(self, f"{who}_id_number", normalise_id(getattr(self, f"{who}_id_number")))
            setattr(self, f"{who}_phone", normalise_phone(getattr(self, f"{who}_phone")))
        fill(self)
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "insured_index"}
        super().save(*args, **kwargs)

    @property
    def holder(self) -> Particulars:
        return Particulars(**{name: getattr(self, f"holder_{name}") for name in PARTICULARS})

    @property
    def insured(self) -> Particulars:
        return Particulars(**{name: getattr(self, f"insured_{name}") for name in PARTICULARS})

    @property
    def account_masked(self) -> str:
        return mask_account(self.account_number)


class UnderwritingDecision(Decision):
    """核保结论. `amount` is the sum at risk on the insured's life that is signed for; premiums are per instalment."""

    loading_ratio = models.DecimalField("加费（标准保费的 %）", max_digits=6, decimal_places=2, default=Decimal("0.00"))
    loading_per_mille = models.DecimalField("加费（保额的 ‰）", max_digits=6, decimal_places=2, default=Decimal("0.00"))
    premium = models.DecimalField("标准保费（元）", max_digits=14, decimal_places=2, default=Decimal("0.00"))
    extra = models.DecimalField("加费（元）", max_digits=14, decimal_places=2, default=Decimal("0.00"))
    exclusion = models.CharField("特别约定", max_length=300, blank=True)
    agreed_on = models.DateField("客户签署同意日期", null=True, blank=True)
    postponed_until = models.DateField("延期至", null=True, blank=True)
    conditions = models.TextField("再次投保所需", blank=True)

    class Meta(Decision.Meta):
        verbose_name = verbose_name_plural = "核保结论"

    def compute_seal(self) -> str:
        """Also over the terms: a loading, exclusion or date changed after the conclusion breaks the seal."""
        own = [
            super().compute_seal(), f"{self.loading_ratio:.2f}", f"{self.loading_per_mille:.2f}", f"{self.premium:.2f}",
            f"{self.extra:.2f}", self.exclusion, str(self.agreed_on), str(self.postponed_until), self.conditions,
        ]
        return hashlib.sha256("\x1e".join(own).encode()).hexdigest()


class UnderwritingLimit(models.Model):
    """核保限额: what findings hold a proposal against, by age of the insured, from a day (facts 4.2, 4.5, 4.6)."""

    class Code(models.TextChoices):
        EXAM_NONE = "EXAM_NONE", "免体检限额（元）"
        EXAM_A = "EXAM_A", "A 类体检限额（元）"
        EXAM_B = "EXAM_B", "B 类体检限额（元）"
        EXAM_C = "EXAM_C", "C 类体检限额（元）"
        INCOME_MULTIPLE = "INCOME_MULTIPLE", "身故保额对年收入倍数"
        NO_INCOME = "NO_INCOME", "无收入证明保额上限（元）"
        PREMIUM_SHARE = "PREMIUM_SHARE", "年交保费占年收入（%）"
        SINGLE_MULTIPLE = "SINGLE_MULTIPLE", "趸交保费对年收入倍数"
        BMI_LOW = "BMI_LOW", "体质指数下限"
        BMI_HIGH = "BMI_HIGH", "体质指数上限"
        HOLDER_AGE = "HOLDER_AGE", "投保人年龄上限（趸交）"
        HOLDER_AGE_REGULAR = "HOLDER_AGE_REGULAR", "投保人年龄上限（期交）"
        RECENT = "RECENT", "六个月内投保件数上限"
        OCCUPATION = "OCCUPATION", "提示职业类别（不低于）"

    code = models.CharField("限额", max_length=20, choices=Code)
    age_from = models.PositiveSmallIntegerField("年龄起", default=0)
    age_to = models.PositiveSmallIntegerField("年龄止", default=150)
    value = models.DecimalField("限值", max_digits=14, decimal_places=2)
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核保限额"
        ordering = ["code", "age_from", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "age_from", "effective_from"], name="underwriting_limit_once"),
            models.CheckConstraint(condition=Q(age_to__gte=F("age_from")), name="underwriting_limit_ages"),
            models.CheckConstraint(condition=Q(value__gte=0), name="underwriting_limit_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.age_from} 至 {self.age_to} 周岁 {self.value}"
