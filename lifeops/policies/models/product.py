"""险种: what may be sold on which terms, with its rates. A changed term is a new version from a day."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords


class ProductKind(models.TextChoices):
    """险种类别 (facts 1.2)."""

    TERM_LIFE = "term_life", "定期寿险"
    WHOLE_LIFE = "whole_life", "终身寿险"
    ENDOWMENT = "endowment", "两全保险"
    ANNUITY = "annuity", "年金保险"
    CRITICAL = "critical", "重大疾病保险"
    MEDICAL = "medical", "医疗保险"
    ACCIDENT = "accident", "意外伤害保险"
    WAIVER = "waiver", "豁免保险费"


class Product(models.Model):
    """险种."""

    code = models.CharField("险种代码", max_length=12, unique=True)
    name = models.CharField("险种名称", max_length=60)
    kind = models.CharField("类别", max_length=20, choices=ProductKind)
    is_rider = models.BooleanField("附加险", default=False)
    is_participating = models.BooleanField("分红型", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "险种"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ProductVersion(models.Model):
    """险种版本: operating parameters in force from a day. Ages in completed years, sums and amounts in 元.

    `terms` holds lists (`pay_terms`, `cover_terms` as term codes such as "20Y", "TO_70", "WHOLE_LIFE"; `pay_modes`),
    `modal_factors` by pay mode, `risk_weights` by risk kind and, for medical products, the medical terms. `definition` is the
    whole product as loaded (benefits with formulas, exclusions, claim clocks, each with its article; the shape of its
    tables; factor tables; illnesses); `digest` tells whether a file says the same.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="versions", verbose_name="险种")
    version = models.CharField("版本", max_length=12)
    sale_from = models.DateField("起售日")
    sale_to = models.DateField("停售日", null=True, blank=True)
    min_age_days = models.PositiveIntegerField("最低投保年龄（天）", default=28)
    max_age = models.PositiveSmallIntegerField("最高投保年龄")
    min_sum = models.DecimalField("最低保额（元）", max_digits=14, decimal_places=2)
    max_sum = models.DecimalField("最高保额（元）", max_digits=14, decimal_places=2)
    sum_step = models.DecimalField("保额单位（元）", max_digits=14, decimal_places=2, default=1000)
    waiting_days = models.PositiveSmallIntegerField("等待期（天）", default=0)
    cooling_off_days = models.PositiveSmallIntegerField("犹豫期（天）", default=15)
    grace_days = models.PositiveSmallIntegerField("宽限期（天）", default=60)
    suicide_years = models.PositiveSmallIntegerField("自杀免责（年）", default=2)
    max_occupation_class = models.PositiveSmallIntegerField("最高职业类别", default=4)
    terms = models.JSONField("条款参数", default=dict)
    clause = models.TextField("条款摘要", blank=True)
    filing_number = models.CharField("备案号", max_length=60, blank=True)
    definition = models.JSONField("产品定义", default=dict, blank=True, editable=False)
    digest = models.CharField("内容摘要", max_length=64, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "险种版本"
        ordering = ["product", "-sale_from"]
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="product_version_once"),
            models.CheckConstraint(
                condition=Q(sale_to__isnull=True) | Q(sale_to__gte=F("sale_from")), name="product_sale_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(max_sum__gte=F("min_sum")), name="product_sum_range"),
        ]

    def __str__(self) -> str:
        return f"{self.product.name}（{self.version}）"

    def on_sale(self, day) -> bool:  # type: ignore[no-untyped-def]
        """True when the version may be proposed on `day`."""
        return self.sale_from <= day and (self.sale_to is None or day <= self.sale_to)


class RateKind(models.TextChoices):
    PREMIUM = "premium", "费率"
    CASH_VALUE = "cash_value", "现金价值"


class Rate(models.Model):
    """费率 or 现金价值 of one cell. What the value means (yearly premium per base of sum, or sum per base of premium) stands
    in `definition["tables"]` of the version; without it, per 1,000 元 of sum. Cash values at the end of years 1, 2, …

    `sex` "" where the table has none; a band holds for `age` to `age_to`; `key` names what else the table goes by, as
    "plan=1;social_insurance=Y".
    """

    version = models.ForeignKey(ProductVersion, on_delete=models.CASCADE, related_name="rates", verbose_name="险种版本")
    kind = models.CharField("种类", max_length=12, choices=RateKind)
    sex = models.CharField("性别", max_length=1, blank=True)
    age = models.PositiveSmallIntegerField("投保年龄")
    age_to = models.PositiveSmallIntegerField("投保年龄止")
    cover_term = models.CharField("保险期间", max_length=20)
    pay_term = models.CharField("交费期间", max_length=20)
    key = models.CharField("其他条件", max_length=120, blank=True)
    values = ArrayField(models.DecimalField(max_digits=12, decimal_places=4), verbose_name="数值")

    class Meta:
        verbose_name = verbose_name_plural = "费率表"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "sex", "age", "cover_term", "pay_term", "key"], name="rate_cell_once"
            ),
            models.CheckConstraint(condition=Q(age_to__gte=F("age")), name="rate_band_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.kind} {self.sex}{self.age}"
