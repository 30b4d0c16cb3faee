"""参考数据: lists kept by others that people choose from. Codes are the publisher's; nothing here is about a person."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from lifeops.reference.words import index_of, initials_of


class Entry(models.Model):
    """A row of a list, found by code, words and initials of its pinyin."""

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=200)
    initials = models.CharField("拼音首字母", max_length=120, blank=True, editable=False)
    grams = ArrayField(models.CharField(max_length=3), default=list, editable=False)
    active = models.BooleanField("可选", default=True)
    #: Rows of our own small start list give way to a loaded file.
    starter = models.BooleanField("随系统提供", default=False)

    class Meta:
        abstract = True
        ordering = ["code"]
        indexes = [
            models.Index(fields=["code"], name="%(class)s_code_like", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["name"], name="%(class)s_name_like", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["initials"], name="%(class)s_initials_like", opclasses=["varchar_pattern_ops"]),
            GinIndex(fields=["grams"], name="%(class)s_grams"),
        ]

    #: Fields besides code and name that a file gives.
    facts: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def derive(self) -> None:
        """Columns that searching needs."""
        self.initials = initials_of(self.name)
        self.grams = index_of(self.name, self.initials)

    @property
    def note(self) -> str:
        """What is shown beside the name where people choose."""
        return ""

    @property
    def extra(self) -> dict[str, Any]:
        """Values that other fields of a form take over."""
        return {}


class Diagnosis(Entry):
    """疾病诊断 (ICD-10 北京临床版 or another edition)."""

    kind = models.CharField(
        "层级", max_length=12, blank=True,
        choices=[("category3", "类目"), ("subcategory4", "亚目"), ("extension", "扩展"), ("morphology", "形态学")],
    )  # fmt: skip
    facts = ("kind",)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "疾病诊断"

    @property
    def note(self) -> str:
        return self.get_kind_display()


class Occupation(Entry):
    """职业, with the accident class of the list; 0: declined (facts 4.7)."""

    group = models.CharField("小类", max_length=60, blank=True)
    industry = models.CharField("行业", max_length=60, blank=True)
    accident_class = models.PositiveSmallIntegerField("职业类别")
    facts = ("group", "industry", "accident_class")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "职业"
        constraints = [
            models.CheckConstraint(condition=models.Q(accident_class__lte=6), name="occupation_class_known")
        ]

    @property
    def class_label(self) -> str:
        return f"{self.accident_class} 类" if self.accident_class else "拒保"

    @property
    def note(self) -> str:
        return f"{self.class_label} · {self.industry}" if self.industry else self.class_label

    @property
    def extra(self) -> dict[str, Any]:
        return {"occupation_class": str(self.accident_class)}


class Division(Entry):
    """行政区划, also those that no longer exist: identity numbers keep the code of the day of issue."""

    level = models.PositiveSmallIntegerField("级别", choices=[(1, "省级"), (2, "地级"), (3, "县级")])
    province = models.CharField("省级", max_length=40, blank=True)
    city = models.CharField("地级", max_length=40, blank=True)
    former_names = models.CharField("曾用名", max_length=120, blank=True)
    first_revision = models.CharField("最早版本", max_length=6, blank=True, help_text="年月")
    last_revision = models.CharField("最晚版本", max_length=6, blank=True, help_text="年月；空为现行")
    current = models.BooleanField("现行", default=True)
    facts = ("level", "province", "city", "former_names", "first_revision", "last_revision", "current")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "行政区划"

    @property
    def full_name(self) -> str:
        """浙江省杭州市西湖区: each level once."""
        parts = (self.province, self.city if self.city not in ("市辖区", "县") else "", self.name)
        return "".join(dict.fromkeys(p for p in parts if p))

    @property
    def note(self) -> str:
        return self.full_name if self.current else f"{self.full_name}（已撤销）"


class Bank(Entry):
    """银行, by CNAPS code."""

    class_code = models.CharField("行别", max_length=3, blank=True)
    city_code = models.CharField("地区", max_length=4, blank=True)
    facts = ("class_code", "city_code")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "银行"


class DisabilityItem(Entry):
    """伤残项目 of 人身保险伤残评定标准: grade 1 to 10 and the share of the sum assured it pays."""

    category = models.CharField("类", max_length=60, blank=True)
    section = models.CharField("节", max_length=80, blank=True)
    section_no = models.CharField("节号", max_length=8, blank=True)
    grade = models.PositiveSmallIntegerField("等级")
    ratio = models.DecimalField("给付比例", max_digits=3, decimal_places=2)
    facts = ("category", "section", "section_no", "grade", "ratio")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "伤残项目"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(grade__gte=1, grade__lte=10, ratio__gt=0, ratio__lte=1), name="disability_grade_known"
            )
        ]

    @property
    def note(self) -> str:
        return f"{self.grade} 级 · {self.ratio:.0%} · {self.section}"


class DisabilityGrade(Entry):
    """伤残等级: share of the sum assured per grade."""

    ratio = models.DecimalField("给付比例", max_digits=3, decimal_places=2)
    facts = ("ratio",)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "伤残等级"

    @property
    def note(self) -> str:
        return f"{self.ratio:.0%}"


class Illness(Entry):
    """重大疾病 of 重大疾病保险的疾病定义使用规范."""

    severity = models.CharField("程度", max_length=4, choices=[("重度", "重度"), ("轻度", "轻度")])
    facts = ("severity",)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "重大疾病"

    @property
    def note(self) -> str:
        return self.severity
